package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/seal"
)

// The header is the one file that is read without a key. It holds what a
// passphrase needs: salt, cost, and slots. Slots are all of one length and filled
// up with noise to a multiple of sixteen, so that nobody can count members.
type header struct {
	Format int       `cbor:"1,keyasint"`
	Salt   [16]byte  `cbor:"2,keyasint"`
	Cost   seal.Cost `cbor:"3,keyasint"`
	Slots  [][]byte  `cbor:"4,keyasint"`
}

const (
	headerName   = "vault"
	headerMagic  = "amana vault 1\n"
	headerFormat = 1
	slotGroup    = 16
	slotPlain    = 160
	slotSize     = slotPlain + seal.SlotOverhead
	mostSlots    = 1024
)

// slot is what a passphrase opens.
type slot struct {
	_         struct{} `cbor:",toarray"`
	Org       amana.OrgID
	Member    amana.MemberID
	Identity  []byte
	DeviceKey []byte
}

var errNoVault = fmt.Errorf("vault: no vault in this folder: %w", amana.ErrNotFound)

func readHeader(dir string) (header, error) {
	raw, err := os.ReadFile(filepath.Join(dir, headerName))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return header{}, errNoVault
	case err != nil:
		return header{}, storage("read header", err)
	}
	return parseHeader(raw)
}

// parseHeader refuses a header that is damaged, hostile or newer.
func parseHeader(raw []byte) (header, error) {
	damaged := fmt.Errorf("vault: header: %w", amana.ErrTampered)
	rest, ok := bytes.CutPrefix(raw, []byte(headerMagic))
	if !ok || len(rest) < len(seal.Hash{}) || len(rest) > 1<<20 {
		return header{}, damaged
	}
	content, sum := rest[:len(rest)-32], seal.Hash(rest[len(rest)-32:])
	if seal.Digest("amana/1/header", content) != sum {
		return header{}, damaged
	}
	var h header
	if err := cbor.Unmarshal(content, &h); err != nil {
		return header{}, damaged
	}
	if h.Format != headerFormat {
		return header{}, fmt.Errorf("vault: header of format %d: %w", h.Format, amana.ErrNewer)
	}
	if len(h.Slots) > mostSlots {
		return header{}, damaged
	}
	return h, h.Cost.Check()
}

func (h header) encode() []byte {
	content := mustEncode(h)
	sum := seal.Digest("amana/1/header", content)
	return append(append([]byte(headerMagic), content...), sum[:]...)
}

func (h header) write(dir string) error {
	return writeFile(filepath.Join(dir, headerName), h.encode())
}

// sealSlot makes a slot for a member.
func sealSlot(k seal.SlotKey, s slot) []byte {
	plain := mustEncode(s)
	if len(plain) > slotPlain {
		panic("vault: internal error: slot too long")
	}
	return k.SealSlot(append(plain, make([]byte, slotPlain-len(plain))...))
}

// openSlot returns the slot that the key opens.
func (h header) openSlot(k seal.SlotKey) (slot, error) {
	for i, sealed := range h.Slots {
		plain, err := k.OpenSlot(sealed)
		if errors.Is(err, amana.ErrPassphrase) {
			continue
		}
		if err != nil {
			return slot{}, fmt.Errorf("vault: slot %d: %w", i, err)
		}
		var s slot
		if _, err := cbor.UnmarshalFirst(plain, &s); err != nil {
			return slot{}, fmt.Errorf("vault: slot %d: %w", i, amana.ErrTampered)
		}
		return s, nil
	}
	return slot{}, fmt.Errorf("vault: %w", amana.ErrPassphrase)
}

// put returns the header with a slot in the place of another, and noise in the place
// of every other old one: it takes the place of noise where there is no old one, and
// noise comes where fresh is empty. Everything else stays byte
// for byte, so that two copies of the header tell noise from slots as little as
// one. real are the slots in use.
func (h header) put(old [][]byte, fresh []byte, real [][]byte) header {
	h.Slots = slices.Clone(h.Slots)
	at := -1
	for _, one := range old {
		if i := h.find(one); i >= 0 {
			h.Slots[i] = noise(slotSize)
			at = i
		}
	}
	if at < 0 && len(fresh) == 0 {
		return h
	}
	if at < 0 {
		at = h.spare(real)
	}
	if at < 0 {
		at = len(h.Slots) + int(noise(1)[0])%slotGroup
		for range slotGroup {
			h.Slots = append(h.Slots, noise(slotSize))
		}
	}
	if len(fresh) > 0 {
		h.Slots[at] = fresh
	}
	return h
}

func (h header) find(slot []byte) int {
	return slices.IndexFunc(h.Slots, func(s []byte) bool { return len(slot) > 0 && bytes.Equal(s, slot) })
}

// spare picks one of the places of noise, by chance.
func (h header) spare(real [][]byte) int {
	var free []int
	for i, s := range h.Slots {
		if !slices.ContainsFunc(real, func(r []byte) bool { return bytes.Equal(r, s) }) {
			free = append(free, i)
		}
	}
	if len(free) == 0 {
		return -1
	}
	r := noise(2)
	return free[(int(r[0])<<8|int(r[1]))%len(free)]
}
