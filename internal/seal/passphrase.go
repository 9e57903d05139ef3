package seal

import (
	"fmt"
	"sync"

	"golang.org/x/crypto/argon2"

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

const largestMemoryKiB = 4 << 20 // a header that asks for more is an attack

// Check refuses a cost that is too low to protect, or too high to be meant.
func (c Cost) Check() error {
	switch {
	case c.MemoryKiB < SmallestCost.MemoryKiB:
		return fmt.Errorf("seal: passphrase cost: under 64 MiB of memory: %w", amana.ErrInvalid)
	case c.MemoryKiB > largestMemoryKiB, c.Passes < 1, c.Passes > 64, c.Threads < 1, c.Threads > 64:
		return fmt.Errorf("seal: passphrase cost: out of bounds: %w", amana.ErrInvalid)
	}
	return nil
}

// SlotKey is what a passphrase stretches to. It opens the slots of one vault.
type SlotKey struct{ secret }

// stretching allows one at a time: each takes hundreds of megabytes.
var stretching sync.Mutex

// Stretch turns a passphrase into the key of its slot. It takes a second or more
// and the memory that cost names.
func Stretch(passphrase []byte, salt [16]byte, cost Cost) (SlotKey, error) {
	if err := cost.Check(); err != nil {
		return SlotKey{}, err
	}
	stretching.Lock()
	defer stretching.Unlock()
	s, err := secretFrom(argon2.IDKey(passphrase, salt[:], cost.Passes, cost.MemoryKiB, cost.Threads, KeySize))
	return SlotKey{s}, err
}

// SealSlot seals what the passphrase protects.
func (k SlotKey) SealSlot(plain []byte) []byte {
	n := NewNonce()
	return k.derive("amana/1/slot").aead().Seal(n[:], n[:], plain, nil)
}

// OpenSlot opens a slot, or returns ErrPassphrase.
func (k SlotKey) OpenSlot(sealed []byte) ([]byte, error) {
	if len(sealed) < NonceSize+TagSize {
		return nil, fmt.Errorf("seal: slot too short: %w", amana.ErrTampered)
	}
	plain, err := k.derive("amana/1/slot").aead().Open(nil, sealed[:NonceSize], sealed[NonceSize:], nil)
	if err != nil {
		return nil, fmt.Errorf("seal: slot: %w", amana.ErrPassphrase)
	}
	return plain, nil
}
