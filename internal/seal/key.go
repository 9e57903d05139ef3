package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash"
	"log/slog"
	"math"
	"sync/atomic"

	"amana"
)

// KeySize is the length of every symmetric key, in bytes.
const KeySize = 32

// TagSize is what authenticated encryption adds to a plaintext, in bytes.
const TagSize = 16

// NonceSize is the length of the random nonce an entry brings, in bytes.
const NonceSize = 12

// secret is 32 bytes that must not print.
type secret struct{ hidden[kept] }

// kept is what a secret holds: the bytes, and HMAC under them once something was
// derived, so that the next need not begin with the key again. Whoever derives takes
// it out and puts it back; who finds none makes another.
type kept struct {
	key [KeySize]byte
	mac atomic.Pointer[expander]
}

// expander is HMAC-SHA-256 under one key, and room for what goes into it and comes out.
type expander struct {
	mac  hash.Hash
	info []byte
	sub  [KeySize]byte
}

// keep makes a secret of 32 bytes.
func keep(b []byte) secret { return secret{hide(&kept{key: [KeySize]byte(b)})} }

func (s secret) bytes() []byte { return s.get().key[:] }

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
	return keep(b), nil
}

// derive returns the subkey for one use: HKDF-Expand with the label and the
// context, each preceded by its length so that no two pairs read the same. What
// is too long for its length field is our own mistake, never cut short.
func (s secret) derive(label string, context ...[]byte) (sub secret) {
	s.expand(label, context, func(key []byte) { sub = keep(key) })
	return sub
}

// aeadFor returns the cipher under what derive returns.
func (s secret) aeadFor(label string, context ...[]byte) (a cipher.AEAD) {
	s.expand(label, context, func(key []byte) { a = aeadOf(key) })
	return a
}

// expand has use see a subkey, of which nothing is left afterwards. HKDF-Expand to
// the length of the hash is HMAC of info and the number 1 (RFC 5869 section 2.3).
func (s secret) expand(label string, context [][]byte, use func(key []byte)) {
	if len(label) > math.MaxUint8 {
		panic("seal: internal error: label too long")
	}
	k := s.get()
	e := k.mac.Swap(nil)
	if e == nil {
		e = &expander{mac: hmac.New(sha256.New, k.key[:])}
	} else {
		e.mac.Reset()
	}
	e.info = append(e.info[:0], byte(len(label)))
	e.info = append(e.info, label...)
	for _, c := range context {
		if len(c) > math.MaxUint16 {
			panic("seal: internal error: context too long")
		}
		e.info = append(e.info, byte(len(c)>>8), byte(len(c)))
		e.info = append(e.info, c...)
	}
	e.info = append(e.info, 1)
	e.mac.Write(e.info)
	use(e.mac.Sum(e.sub[:0]))
	clear(e.sub[:])
	k.mac.Store(e)
}

func (s secret) aead() cipher.AEAD { return aeadOf(s.bytes()) }

func aeadOf(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
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
	return openTo(nil, s.aead(), nonce, sealed, what)
}

func openTo(dst []byte, a cipher.AEAD, nonce, sealed []byte, what string) ([]byte, error) {
	plain, err := a.Open(dst, nonce, sealed, nil)
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
