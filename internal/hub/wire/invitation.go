package wire

import (
	"encoding/base64"
	"fmt"
	"strings"

	"amana"
	"amana/internal/seal"
)

// Address is where a hub is, and the keys by which a device knows it.
type Address struct {
	_    struct{} `cbor:",toarray"`
	Host string   // and port
	Key  seal.VerifyKey
	Note seal.VerifyKey
}

// Invitation lets one organisation begin at a hub. It is used once.
type Invitation struct {
	Address
	Token [16]byte
}

const invitationBegins = "amana-hub:"

// String writes the invitation as one word, to be handed over by a way that nobody
// else reads.
func (i Invitation) String() string {
	b := append([]byte(nil), i.Token[:]...)
	b = append(b, i.Key[:]...)
	b = append(b, i.Note[:]...)
	return invitationBegins + i.Host + "/" + base64.RawURLEncoding.EncodeToString(b)
}

// ParseInvitation reads one. ErrInvalid if it is none.
func ParseInvitation(word string) (Invitation, error) {
	bad := fmt.Errorf("wire: this is not the invitation of a hub: %w", amana.ErrInvalid)
	rest, ok := strings.CutPrefix(strings.TrimSpace(word), invitationBegins)
	host, keys, found := strings.Cut(rest, "/")
	if !ok || !found {
		return Invitation{}, bad
	}
	if i := strings.LastIndexByte(host, ':'); i <= 0 || i == len(host)-1 {
		return Invitation{}, bad
	}
	raw, err := base64.RawURLEncoding.DecodeString(keys)
	if err != nil || len(raw) != 16+2*seal.VerifyKeySize {
		return Invitation{}, bad
	}
	i := Invitation{Address: Address{Host: host}, Token: [16]byte(raw[:16])}
	i.Key, i.Note = seal.VerifyKey(raw[16:48]), seal.VerifyKey(raw[48:])
	return i, nil
}
