package seal

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"runtime/debug"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"amana"
)

// Cost is what one guess of a passphrase costs (Argon2id, RFC 9106).
type Cost struct {
	MemoryKiB uint32 `cbor:"1,keyasint" json:"memory_kib"`
	Passes    uint32 `cbor:"2,keyasint" json:"passes"`
	Threads   uint8  `cbor:"3,keyasint" json:"threads"`
}

// The costs in use.
var (
	DefaultCost = Cost{MemoryKiB: 256 << 10, Passes: 3, Threads: 4}
	// SmallestCost is for small machines and the demo.
	SmallestCost = Cost{MemoryKiB: 64 << 10, Passes: 3, Threads: 4}
)

// largestCost bounds what a header that somebody else wrote can make a machine
// of 4 GB do before its passphrase is even known to be wrong.
var largestCost = Cost{MemoryKiB: 1 << 20, Passes: 16, Threads: 16}

// Check refuses a cost that is too low to protect, or too high to be meant.
func (c Cost) Check() error {
	switch {
	case c.MemoryKiB < SmallestCost.MemoryKiB:
		return fmt.Errorf("seal: passphrase cost: under 64 MiB of memory: %w", amana.ErrInvalid)
	case c.Passes < SmallestCost.Passes:
		return fmt.Errorf("seal: passphrase cost: under 3 passes: %w", amana.ErrInvalid)
	case c.MemoryKiB > largestCost.MemoryKiB, c.Passes > largestCost.Passes,
		c.Threads < 1, c.Threads > largestCost.Threads:
		return fmt.Errorf("seal: passphrase cost: out of bounds: %w", amana.ErrInvalid)
	}
	return nil
}

// SlotKey is what a passphrase stretches to. It opens the slots of one vault.
type SlotKey struct{ secret }

// stretching allows one at a time: each takes hundreds of megabytes.
var stretching sync.Mutex

// Stretch turns a passphrase into the key of its slot. It takes a second or more
// and the memory that cost names. The same words typed on another keyboard give
// the same key: see [canonical].
func Stretch(passphrase []byte, salt [16]byte, cost Cost) (SlotKey, error) {
	if err := cost.Check(); err != nil {
		return SlotKey{}, err
	}
	stretching.Lock()
	defer stretching.Unlock()
	defer debug.FreeOSMemory() // a small machine needs it for other things now
	typed := canonical(passphrase)
	defer clear(typed)
	s, err := secretFrom(argon2.IDKey(typed, salt[:], cost.Passes, cost.MemoryKiB, cost.Threads, KeySize))
	return SlotKey{s}, err
}

// canonical returns a copy in the one spelling that is stretched: every space
// becomes U+0020, then Unicode NFC (the OpaqueString profile of RFC 8265,
// section 4.2). One system types é as one code point, another as two; French
// keyboards slip in no-break spaces. What is not UTF-8 stays as it is.
func canonical(passphrase []byte) []byte {
	if !utf8.Valid(passphrase) {
		return bytes.Clone(passphrase)
	}
	spaced := bytes.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, passphrase)
	defer clear(spaced)
	return norm.NFC.Append(nil, spaced...)
}

// SlotOverhead is what a slot adds to its plaintext, in bytes.
const SlotOverhead = NonceSize + KeySize + TagSize

// SealSlot seals what the passphrase protects. Without its key a slot looks like
// noise. It holds a commitment to its key: whoever could plant a slot that opens
// under many passphrases would learn from one attempt whether the member's is
// among them (Len, Grubbs, Ristenpart, "Partitioning Oracle Attacks", USENIX
// Security 2021). The nonce is in it, so that two slots of one passphrase don't
// show it.
func (k SlotKey) SealSlot(plain []byte) []byte {
	n := NewNonce()
	sealed := append(n[:], k.commitment(n[:])...)
	return k.derive("amana/1/slot").aead().Seal(sealed, n[:], plain, nil)
}

// OpenSlot opens a slot. It returns ErrPassphrase if the slot is for another
// passphrase, and ErrTampered if it is for this one and damaged.
func (k SlotKey) OpenSlot(sealed []byte) ([]byte, error) {
	if len(sealed) < SlotOverhead {
		return nil, fmt.Errorf("seal: slot too short: %w", amana.ErrTampered)
	}
	nonce, commitment, box := sealed[:NonceSize], sealed[NonceSize:][:KeySize], sealed[NonceSize+KeySize:]
	if subtle.ConstantTimeCompare(commitment, k.commitment(nonce)) != 1 {
		return nil, fmt.Errorf("seal: slot: %w", amana.ErrPassphrase)
	}
	return k.derive("amana/1/slot").open(nonce, box, "slot")
}

func (k SlotKey) commitment(nonce []byte) []byte {
	return k.derive("amana/1/slot commitment", nonce).bytes()
}
