package wire

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/seal"
)

// Checkpoint is the state of a log, as a C2SP checkpoint has it: origin, size and root
// in a signed note.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   tlog.Hash
}

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// noteSigner signs notes for a hub.
type noteSigner struct {
	hash uint32
	sign func([]byte) []byte
}

func (s noteSigner) Name() string                    { return keyName }
func (s noteSigner) KeyHash() uint32                 { return s.hash }
func (s noteSigner) Sign(msg []byte) ([]byte, error) { return s.sign(msg), nil }

// givenSignature is one that was made before.
func givenSignature(signature []byte) func([]byte) []byte {
	return func([]byte) []byte { return signature }
}

// keyName is the name of every hub's key in notes: which hub it is, the key says.
const keyName = "amana-hub"

func verifierOf(key seal.VerifyKey) (note.Verifier, error) {
	text, err := note.NewEd25519VerifierKey(keyName, key[:])
	if err != nil {
		return nil, fmt.Errorf("wire: note key: %w", amana.ErrInvalid)
	}
	v, err := note.NewVerifier(text)
	if err != nil {
		return nil, fmt.Errorf("wire: note key: %w", amana.ErrInvalid)
	}
	return v, nil
}

// Sign returns the checkpoint as a note signed by the hub.
func (c Checkpoint) Sign(k seal.HubKey) ([]byte, error) { return c.note(k.NoteKey(), k.SignNote) }

// Signature is only the hub's signature in that note; see [Pushed].
func (c Checkpoint) Signature(k seal.HubKey) []byte { return k.SignNote([]byte(c.text())) }

func (c Checkpoint) note(key seal.VerifyKey, sign func([]byte) []byte) ([]byte, error) {
	v, err := verifierOf(key)
	if err != nil {
		return nil, err
	}
	raw, err := note.Sign(&note.Note{Text: c.text()}, noteSigner{v.KeyHash(), sign})
	if err != nil {
		return nil, fmt.Errorf("wire: checkpoint: %w", amana.ErrInvalid)
	}
	return raw, nil
}

// ReadCheckpoint verifies a checkpoint by the hub's note key. A longer one than
// LargestCheckpoint is none: the form lets anybody sign beside the hub, and devices carry
// checkpoints in entries that stay. Kinds: ErrTampered.
func ReadCheckpoint(raw []byte, key seal.VerifyKey, origin string) (Checkpoint, error) {
	bad := fmt.Errorf("wire: checkpoint: %w", amana.ErrTampered)
	if len(raw) > LargestCheckpoint {
		return Checkpoint{}, bad
	}
	v, err := verifierOf(key)
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := note.Open(raw, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, bad
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		return Checkpoint{}, bad
	}
	size, err := strconv.ParseUint(lines[1], 10, 62)
	if err != nil {
		return Checkpoint{}, bad
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, bad
	}
	c := Checkpoint{Origin: origin, Size: size, Root: tlog.Hash(root)}
	if c.text() != n.Text {
		return Checkpoint{}, bad
	}
	return c, nil
}
