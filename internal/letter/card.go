package letter

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/release"
	"amana/internal/seal"
)

// PostID names a post box. It is random and says nothing.
type PostID [16]byte

// IsZero reports whether it names none.
func (id PostID) IsZero() bool { return id == PostID{} }

// Card is what an organisation gives to partners: where its letters go, and by
// whose signature theirs are known.
type Card struct {
	_      struct{} `cbor:",toarray"`
	Org    amana.OrgID
	Name   string // of the organisation, as it calls itself
	Post   PostID
	Verify seal.VerifyKey
	Box    seal.BoxKey
}

const (
	cardMagic = "amana/card/1\n"
	// LargestCard bounds the file of a card, in bytes.
	LargestCard = 2 << 10
	longestName = 200 // letters of a name, in bytes
)

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		UTF8: cbor.UTF8RejectInvalid, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic("letter: internal error: " + err.Error())
	}
	return v
}

// Is reports whether the card is of a recipient, by the name for which somebody gave
// their consent.
func (c Card) Is(recipient amana.Private) bool {
	name := release.Plain(amana.Conceal(c.Name))
	return name != "" && name == release.Plain(recipient)
}

// Bytes writes the card as a file.
func (c Card) Bytes() []byte { return append([]byte(cardMagic), must(encoding.Marshal(c))...) }

// ReadCard reads the file of a card. Kind: ErrInvalid.
func ReadCard(file []byte) (Card, error) {
	var c Card
	if len(file) > LargestCard || !IsCard(file) {
		return c, fmt.Errorf("letter: not a card: %w", amana.ErrInvalid)
	}
	if err := decode(file[len(cardMagic):], &c); err != nil {
		return Card{}, fmt.Errorf("letter: card: %w", err)
	}
	if c.Org.IsZero() || c.Post.IsZero() || c.Name == "" || len(c.Name) > longestName {
		return Card{}, fmt.Errorf("letter: card: of nobody: %w", amana.ErrInvalid)
	}
	return c, nil
}

// IsCard reports whether a file says that it is a card.
func IsCard(file []byte) bool { return hasMagic(file, cardMagic) }

func hasMagic(file []byte, magic string) bool {
	return len(file) >= len(magic) && string(file[:len(magic)]) == magic
}

// decode reads one value that is encoded in the only way. Kind: ErrInvalid.
func decode(raw []byte, into any) error {
	if err := decoding.Unmarshal(raw, into); err != nil {
		return amana.ErrInvalid
	}
	if again, err := encoding.Marshal(into); err != nil || string(again) != string(raw) {
		return amana.ErrInvalid
	}
	return nil
}

// fingerprintSize is how many bytes two people compare: 96 bits, more than anybody
// can look for a second card with (DESIGN section 3).
const fingerprintSize = 12

// Fingerprint returns the words by which two people make sure that they have the
// same card: six, and two to check them by.
func (c Card) Fingerprint() []string {
	h := seal.Digest("amana/1/card", c.Bytes())
	return seal.EncodeWords(h[:fingerprintSize])
}
