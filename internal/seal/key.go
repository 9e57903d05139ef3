package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math"

	"amana"
)

// KeySize is the length of every symmetric key, in bytes.
const KeySize = 32

// TagSize is what authenticated encryption adds to a plaintext, in bytes.
const TagSize = 16

// NonceSize is the length of the random nonce an entry brings, in bytes.
const NonceSize = 12

// secret is 32 bytes that must not print.
type secret struct{ hidden[[KeySize]byte] }

// keep makes a secret of 32 bytes, without a copy.
func keep(b []byte) secret { return secret{hide((*[KeySize]byte)(b))} }

func (s secret) bytes() []byte { return s.get()[:] }

// Format implements [fmt.Formatter]: every verb prints "[key]".
func (secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[key]") }

// LogValue implements [slog.LogValuer].
func (secret) LogValue() slog.Value { return slog.StringValue("[key]") }

func newSecret() secret {
	var b [KeySize]byte
	rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	return keep(b[:])
}

func secretFrom(b []byte) (secret, error) {
	if len(b) != KeySize {
		return secret{}, fmt.Errorf("seal: key of %d bytes: %w", len(b), amana.ErrInvalid)
	}
	return keep(append([]byte(nil), b...)), nil
}

// derive returns the subkey for one use: HKDF-Expand with the label and the
// context, each preceded by its length so that no two pairs read the same. What
// is too long for its length field is our own mistake, never cut short.
func (s secret) derive(label string, context ...[]byte) secret {
	if len(label) > math.MaxUint8 {
		panic("seal: internal error: label too long")
	}
	info := []byte{byte(len(label))}
	info = append(info, label...)
	for _, c := range context {
		if len(c) > math.MaxUint16 {
			panic("seal: internal error: context too long")
		}
		info = append(info, byte(len(c)>>8), byte(len(c)))
		info = append(info, c...)
	}
	b, err := hkdf.Expand(sha256.New, s.bytes(), string(info), KeySize)
	if err != nil {
		panic("seal: internal error: " + err.Error())
	}
	return keep(b)
}

func (s secret) aead() cipher.AEAD {
	block, err := aes.NewCipher(s.bytes())
	if err != nil {
		panic("seal: internal error: " + err.Error())
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic("seal: internal error: " + err.Error())
	}
	return a
}

func (s secret) open(nonce, sealed []byte, what string) ([]byte, error) {
	plain, err := s.aead().Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("seal: %s: %w", what, amana.ErrTampered)
	}
	return plain, nil
}

var zeroNonce [NonceSize]byte

// Random16 returns 128 fresh random bits, for IDs.
func Random16() (b [16]byte) {
	rand.Read(b[:])
	return b
}

// NewNonce returns a fresh random nonce.
func NewNonce() (n [NonceSize]byte) {
	rand.Read(n[:])
	return n
}
