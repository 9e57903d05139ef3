package seal

import (
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"
	"log/slog"

	"amana"
)

// Sizes of public things, in bytes.
const (
	VerifyKeySize = ed25519.PublicKeySize
	BoxKeySize    = 1216
	SignatureSize = ed25519.SignatureSize
	BoxOverhead   = 1120 + TagSize
)

// VerifyKey checks the signatures of one signer.
type VerifyKey [VerifyKeySize]byte

// BoxKey is the public half to which boxes are sealed.
type BoxKey [BoxKeySize]byte

// Signature is an Ed25519 signature.
type Signature [SignatureSize]byte

// Identity is the private half of a member: it signs, and opens boxes sealed to
// the member.
type Identity struct{ keys hidden[identityKeys] }

type identityKeys struct {
	seed secret // both private keys are derived from it
	sign ed25519.PrivateKey
	box  hpke.PrivateKey
}

// Format implements [fmt.Formatter]: an identity never prints.
func (Identity) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[key]") }

// LogValue implements [slog.LogValuer].
func (Identity) LogValue() slog.Value { return slog.StringValue("[key]") }

// NewIdentity makes the keys of a new member.
func NewIdentity() Identity { return identityFrom(newSecret()) }

func identityFrom(seed secret) Identity {
	box, err := hpke.MLKEM768X25519().NewPrivateKey(seed.derive("amana/1/box key").bytes())
	if err != nil {
		panic("seal: internal error: " + err.Error())
	}
	return Identity{hide(&identityKeys{
		seed: seed,
		sign: ed25519.NewKeyFromSeed(seed.derive("amana/1/signing key").bytes()),
		box:  box,
	})}
}

// IsZero reports whether there are no keys.
func (id Identity) IsZero() bool { return id.keys.IsZero() }

// VerifyKey returns the public half of the signing key.
func (id Identity) VerifyKey() VerifyKey {
	return VerifyKey(id.keys.get().sign.Public().(ed25519.PublicKey))
}

// BoxKey returns the public half of the box key.
func (id Identity) BoxKey() BoxKey { return BoxKey(id.keys.get().box.PublicKey().Bytes()) }

// Sign signs a message of the kind that label names.
func (id Identity) Sign(label string, message []byte) Signature {
	h := Digest(label, message)
	return Signature(ed25519.Sign(id.keys.get().sign, h[:]))
}

// Verify reports ErrTampered unless the signer signed this message under this
// label.
func (k VerifyKey) Verify(label string, message []byte, sig Signature) error {
	h := Digest(label, message)
	if !ed25519.Verify(k[:], h[:], sig[:]) {
		return fmt.Errorf("seal: signature: %w", amana.ErrTampered)
	}
	return nil
}

// Seal puts a plaintext in a box that only the holder of the private half
// opens. context says what the box is for and is bound to it.
func (k BoxKey) Seal(context, plain []byte) ([]byte, error) {
	pub, err := hpke.MLKEM768X25519().NewPublicKey(k[:])
	if err != nil {
		return nil, fmt.Errorf("seal: box key: %w", amana.ErrInvalid)
	}
	sealed, err := hpke.Seal(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), boxInfo(context), plain)
	if err != nil {
		return nil, fmt.Errorf("seal: box key: %w", amana.ErrInvalid)
	}
	return sealed, nil
}

// Open opens a box, or returns ErrTampered if it is for someone else, for
// another context, or damaged.
func (id Identity) Open(context, box []byte) ([]byte, error) {
	plain, err := hpke.Open(id.keys.get().box, hpke.HKDFSHA256(), hpke.AES256GCM(), boxInfo(context), box)
	if err != nil {
		return nil, fmt.Errorf("seal: box: %w", amana.ErrTampered)
	}
	return plain, nil
}

func boxInfo(context []byte) []byte {
	return append([]byte("amana/1/box\x00"), context...)
}

// ViewKey returns the raw key of this member's view of one vault, for the
// store's encryption. It changes with salt, so a rebuilt view has a new key.
func (id Identity) ViewKey(salt [16]byte) [KeySize]byte {
	return id.keys.get().seed.derive("amana/1/view", salt[:]).get().key
}

// Export returns the seed: of a member's to be sealed in a slot, of a post box's in
// the record of the team that holds it, and nowhere else.
func (id Identity) Export() []byte { return append([]byte(nil), id.keys.get().seed.bytes()...) }

// ImportIdentity reads a seed that came out of a slot.
func ImportIdentity(seed []byte) (Identity, error) {
	s, err := secretFrom(seed)
	if err != nil {
		return Identity{}, err
	}
	return identityFrom(s), nil
}
