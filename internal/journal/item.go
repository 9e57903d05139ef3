package journal

import (
	"encoding/binary"
	"fmt"

	"amana"
	"amana/internal/seal"
)

// Flags of an item. Frozen: add, never renumber.
const (
	// BringsOrgKeys: the wraps bring boxes with keys of the whole organisation, for
	// members who cannot open the entry before they have opened their box.
	BringsOrgKeys byte = 1 << 0
	// Erased: in place of wraps and body stand their hashes.
	Erased byte = 1 << 1
	// more: another item of the same save follows. Only on disk.
	more byte = 1 << 2

	chained = BringsOrgKeys // the flags that the chain covers
)

// Item is one entry as it lies and travels: sealed.
type Item struct {
	Device amana.DeviceID
	Seq    uint64 // place in the device's chain, from 1
	Flags  byte
	Epoch  uint64 // of the organisation's key that sealed Entry
	Nonce  [seal.NonceSize]byte
	Entry  []byte // sealed under the organisation's key
	Wraps  []byte // or their hash, if Erased
	Body   []byte // sealed under the record's key; or its hash, if Erased
	// Last is false where another item of the same save follows: they are kept
	// together or not at all.
	Last bool
	// whole is the hash of all wraps where Wraps is only a part of them; see [Item.InPart].
	whole *seal.Hash
}

// InPart returns the item with wraps of which only a part is what they were: whole is
// the hash of all of them, to which signature and chain commit. Such an item can be
// opened and verified; it is neither kept in a log nor handed on.
func (it Item) InPart(wraps []byte, whole seal.Hash) Item {
	it.Wraps, it.whole = wraps, &whole
	return it
}

// Sizes that no honest item exceeds.
const (
	largestEntry = 1 << 16
	largestWraps = 1 << 22
	largestBody  = 1 << 24
	smallestBody = 32 // so that a hash fits where a body was
)

// WrapsHash commits to the wraps; it stays when they are erased.
func (it Item) WrapsHash() seal.Hash {
	if it.whole != nil {
		return *it.whole
	}
	if it.Flags&Erased != 0 && len(it.Wraps) == len(seal.Hash{}) {
		return seal.Hash(it.Wraps)
	}
	return seal.Digest("amana/1/wraps", it.Wraps)
}

// BodyHash commits to the sealed body; it stays when it is erased. It is a hash
// of ciphertext under a key that is gone by then: it can't confirm a guess.
func (it Item) BodyHash() seal.Hash {
	if it.Flags&Erased != 0 {
		return seal.Hash(it.Body)
	}
	return seal.Digest("amana/1/sealed body", it.Body)
}

// Next is the head of the device's chain after this item, where prev was the
// head before it.
func (it Item) Next(org amana.OrgID, prev seal.Hash) seal.Hash {
	w, b := it.WrapsHash(), it.BodyHash()
	return seal.Digest("amana/1/frame", it.place(org), prev[:], it.Nonce[:], it.Entry, w[:], b[:])
}

// place names the item's place and visible fields, for chain and bindings.
func (it Item) place(org amana.OrgID) []byte {
	p := make([]byte, 0, 64)
	p = append(p, org[:]...)
	p = append(p, it.Device[:]...)
	p = binary.BigEndian.AppendUint64(p, it.Seq)
	p = append(p, it.Flags&chained)
	return binary.AppendUvarint(p, it.Epoch)
}

// EntryPlace is what the sealed entry is bound to.
func (it Item) EntryPlace(org amana.OrgID) []byte { return it.place(org) }

// BodyPlace is what the sealed body is bound to.
func (it Item) BodyPlace(org amana.OrgID, record amana.RecordID) []byte {
	return append(it.place(org), record[:]...)
}

// AppendWire appends the item as it travels in a stream of one device's items:
// what a reader can count (device, number) is not sent.
func (it Item) AppendWire(b []byte) []byte { return it.appendContent(b, it.Flags&^more) }

func (it Item) appendContent(b []byte, flags byte) []byte {
	b = append(b, flags)
	b = binary.AppendUvarint(b, it.Epoch)
	b = append(b, it.Nonce[:]...)
	for _, part := range [][]byte{it.Entry, it.Wraps, it.Body} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

// Check refuses an item that no honest device makes.
func (it Item) Check() error {
	hash := len(seal.Hash{})
	switch {
	case it.whole != nil:
		return fmt.Errorf("journal: item %d: in part: %w", it.Seq, amana.ErrInvalid)
	case len(it.Entry) > largestEntry, len(it.Wraps) > largestWraps, len(it.Body) > largestBody:
		return fmt.Errorf("journal: item %d: too large: %w", it.Seq, amana.ErrInvalid)
	case len(it.Body) < smallestBody, len(it.Entry) < seal.TagSize, it.Seq == 0, len(it.Wraps) > 0 && len(it.Wraps) < hash:
		return fmt.Errorf("journal: item %d: too small: %w", it.Seq, amana.ErrInvalid)
	case it.Flags&Erased != 0 && (len(it.Body) != hash || len(it.Wraps) != 0 && len(it.Wraps) != hash):
		return fmt.Errorf("journal: item %d: erased, with content: %w", it.Seq, amana.ErrInvalid)
	case it.Flags&^(BringsOrgKeys|Erased|more) != 0:
		return fmt.Errorf("journal: item %d: flags: %w", it.Seq, amana.ErrNewer)
	}
	return nil
}

// reader takes an item apart. It never reads past its bytes.
type reader struct {
	b    []byte
	at   int
	fail error
}

var errShort = fmt.Errorf("journal: ends in the middle of an item: %w", amana.ErrTampered)

func (r *reader) take(n int) []byte {
	if r.fail != nil || n < 0 || n > len(r.b)-r.at {
		r.fail = errShort
		return nil
	}
	p := r.b[r.at : r.at+n : r.at+n]
	r.at += n
	return p
}

func (r *reader) uvarint() uint64 {
	if r.fail != nil {
		return 0
	}
	v, n := binary.Uvarint(r.b[r.at:])
	if n <= 0 {
		r.fail = errShort
		if n < 0 {
			r.fail = fmt.Errorf("journal: number too large: %w", amana.ErrTampered)
		}
		return 0
	}
	r.at += n
	return v
}

func (r *reader) part(largest int) []byte {
	n := r.uvarint()
	if r.fail == nil && n > uint64(largest) {
		r.fail = fmt.Errorf("journal: length %d: %w", n, amana.ErrTampered)
		return nil
	}
	return r.take(int(n))
}

func (r *reader) content(it *Item) {
	if f := r.take(1); f != nil {
		it.Flags = f[0]
	}
	it.Epoch = r.uvarint()
	if n := r.take(seal.NonceSize); n != nil {
		it.Nonce = [seal.NonceSize]byte(n)
	}
	it.Entry = r.part(largestEntry)
	it.Wraps = r.part(largestWraps)
	it.Body = r.part(largestBody)
}

// ReadWire reads one item of a device's stream. device and seq are what the
// reader counted. It returns how many bytes it took.
func ReadWire(b []byte, device amana.DeviceID, seq uint64) (Item, int, error) {
	r := reader{b: b}
	it := Item{Device: device, Seq: seq, Last: true}
	r.content(&it)
	if r.fail != nil {
		return Item{}, 0, r.fail
	}
	return it, r.at, it.Check()
}

// Blank returns the item as it is after its record was erased: hashes in place of
// wraps and body. Its chain is the same.
func (it Item) Blank() Item {
	if it.Flags&Erased != 0 {
		return it
	}
	w, b := it.WrapsHash(), it.BodyHash()
	it.Flags |= Erased
	it.Body = b[:]
	if len(it.Wraps) > 0 {
		it.Wraps = w[:]
	}
	return it
}
