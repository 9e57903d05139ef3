package vault

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/charter"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/seal"
)

// A start is what a new device works with while its history is on the way: the charter,
// and what is urgent of the cases that its members can read, each case whole or not at
// all. The device that lets it in makes it and signs it; each entry has its author's
// signature too. It is a loan: nothing of it is in the journal, nothing leaves or is
// counted by it, and when the chains have come as far as it says they reach, each entry
// has to be found in them. See format §13.5.

// starterFile keeps the start of this device until the history has come.
const starterFile = "start"

// starter is what the file holds and the answer to a request brings. A section of which
// a record was erased is empty.
type starter struct {
	_         struct{} `cbor:",toarray"`
	Signed    []byte   // starterBody
	Signature seal.Signature
	Sections  []section
	Fill      []byte // so that its length tells little of what is in it
}

const starterLabel = "amana/1/start signature"

type starterBody struct {
	Org      amana.OrgID          `cbor:"1,keyasint"`
	From     amana.DeviceID       `cbor:"2,keyasint"` // who made it
	To       amana.DeviceID       `cbor:"3,keyasint"` // for whom
	When     int64                `cbor:"4,keyasint"` // milliseconds since 1970
	Heads    []journal.SignedHead `cbor:"5,keyasint"` // how far every chain reached: what is to come
	Charter  []loosePart          `cbor:"6,keyasint"`
	Covers   []amana.TeamID       `cbor:"7,keyasint,omitempty"` // the teams whose cases its maker could read
	Sections []seal.Hash          `cbor:"8,keyasint,omitempty"` // digests of the sections, in order
	Later    int                  `cbor:"9,keyasint,omitempty"` // open cases that had no room
}

// loosePart is an item of the charter, with the boxes of the device's members alone.
type loosePart struct {
	_     struct{} `cbor:",toarray"`
	Chain uint     // which of Heads
	Seq   uint64
	Flags byte
	Epoch uint64
	Nonce []byte
	Entry []byte
	Body  []byte
	Wraps seal.Hash // of all wraps
	Size  uint      // bytes of all wraps
	At    []uint    // where in them each part lies
	Parts [][]byte
}

// section is what the members of one team can read, sealed under the team's key.
type section struct {
	_      struct{} `cbor:",toarray"`
	Key    journal.TeamEpoch
	Nonce  []byte
	Sealed []byte // sectionPlain
}

// sectionPlain is a section, opened. Facts and Index are compressed.
type sectionPlain struct {
	_     struct{} `cbor:",toarray"`
	Fixed []byte   // of each item its nonce and its signature
	Index []byte   // sectionIndex
	Facts []byte   // bodies, one after the other
}

type sectionIndex struct {
	_       struct{} `cbor:",toarray"`
	Epoch   uint64   // of the organisation, where an item does not say another
	Authors []journal.Author
	Groups  []sectionGroup
}

// sectionGroup is a case, or a record that stands alone.
type sectionGroup struct {
	_       struct{} `cbor:",toarray"`
	ID      amana.RecordID
	Records []sectionRecord
}

// sectionRecord is a record with every entry that it had. Seen lists those that only
// note that somebody opened it: they are left to the history.
type sectionRecord struct {
	_     struct{} `cbor:",toarray"`
	ID    amana.RecordID
	Keys  [][]byte
	Items []sectionItem
	Seen  []placeInChain
}

type placeInChain struct {
	_     struct{} `cbor:",toarray"`
	Chain uint     // which of Heads
	Seq   uint64
}

type sectionItem struct {
	_      struct{} `cbor:",toarray"`
	Chain  uint
	Seq    int64  // since the item before in the section
	Millis int64  // of its time, since that
	Count  uint16 // the rest of its time
	Author uint
	Size   uint // bytes of its body among Facts
	More   *sectionMore
}

// sectionMore is what few items have.
type sectionMore struct {
	Wall  int64               `cbor:"1,keyasint,omitempty"`
	Teams []journal.TeamEpoch `cbor:"2,keyasint,omitempty"` // those for whom it brings the key
	Key   uint                `cbor:"3,keyasint,omitempty"` // which of the record's keys sealed it
	Later bool                `cbor:"4,keyasint,omitempty"` // it says so, as one that is not the first
	Epoch uint64              `cbor:"5,keyasint,omitempty"`
	Wire  []byte              `cbor:"6,keyasint,omitempty"` // as it is (§3.5), where it cannot be made again
	By    uint                `cbor:"7,keyasint,omitempty"` // how its body was compressed: see packedBy
}

// packedBy are the ways in which bodies were compressed, by number; in the last the body
// among Facts is compressed already. Frozen: add, never renumber.
const (
	byCompress = iota
	byQuick
	byNothing
)

func packedBy(by uint, body []byte) []byte {
	switch by {
	case byCompress:
		return dictionary.Compress(nil, body)
	case byQuick:
		return dictionary.CompressQuick(nil, body)
	default:
		return body
	}
}

const fixedSize = seal.NonceSize + len(seal.Signature{})

// largestSection bounds what a part of a section may grow to when it is decompressed.
const largestSection = 4 << 20

// place is what a section is bound to: no place of an entry begins so.
func (b *starterBody) place() []byte {
	return slices.Concat([]byte("start section\x00"), b.Org[:], b.From[:], b.To[:])
}

// open reads a start that says of itself that it is of this organisation and for this device.
func (s *starter) open(org amana.OrgID, device amana.DeviceID) (*starterBody, error) {
	var b starterBody
	if err := cbor.Unmarshal(s.Signed, &b); err != nil || b.Org != org {
		return nil, fmt.Errorf("vault: start: %w", amana.ErrTampered)
	}
	if b.To != device {
		return nil, fmt.Errorf("vault: this start is for another device: %w", amana.ErrInvalid)
	}
	chains := uint(len(b.Heads))
	for i := range b.Charter {
		if p := &b.Charter[i]; p.Chain >= chains || len(p.Nonce) != seal.NonceSize || len(p.At) != len(p.Parts) || p.Size > largestSection {
			return nil, fmt.Errorf("vault: start: charter: %w", amana.ErrTampered)
		}
	}
	if len(s.Sections) != len(b.Sections) {
		return nil, fmt.Errorf("vault: start: sections: %w", amana.ErrTampered)
	}
	for i, sec := range s.Sections {
		if len(sec.Sealed) > 0 && (len(sec.Nonce) != seal.NonceSize || sec.digest() != b.Sections[i]) {
			return nil, fmt.Errorf("vault: start: section: %w", amana.ErrTampered)
		}
	}
	return &b, nil
}

func (sec section) digest() seal.Hash { return seal.Digest("amana/1/start section", mustEncode(sec)) }

// verify reports whether a device of the charter that is in use made it, and every chain
// that it says is to come is one that its device signed. Kinds: ErrTampered; ErrRefused
// for a device that was revoked.
func (s *starter) verify(c *charter.Charter, b *starterBody) error {
	from, known := c.Device(b.From)
	if !known {
		return fmt.Errorf("vault: start: made by device %s, which nobody announced: %w", b.From, amana.ErrTampered)
	}
	if err := from.VerifyKey.Verify(starterLabel, s.Signed, s.Signature); err != nil {
		return fmt.Errorf("vault: start: %w", err)
	}
	for _, h := range b.Heads {
		d, known := c.Device(h.Device)
		if !known {
			return fmt.Errorf("vault: start: a chain of device %s, which nobody announced: %w", h.Device, amana.ErrTampered)
		}
		if err := h.Verify(d.VerifyKey, b.Org); err != nil {
			return err
		}
	}
	if from.Revoked != 0 {
		return fmt.Errorf("vault: start: device %s that made it was revoked: %w", b.From, amana.ErrRefused)
	}
	return nil
}

// item makes the item again that a part of the charter is of.
func (p *loosePart) item(b *starterBody) (journal.Item, error) {
	it := journal.Item{
		Device: b.Heads[p.Chain].Device, Seq: p.Seq, Flags: p.Flags, Epoch: p.Epoch,
		Nonce: [seal.NonceSize]byte(p.Nonce), Entry: p.Entry, Body: p.Body, Last: true,
	}
	wraps := make([]byte, p.Size)
	for i, at := range p.At {
		if uint64(at)+uint64(len(p.Parts[i])) > uint64(len(wraps)) {
			return it, fmt.Errorf("vault: start: charter: %w", amana.ErrTampered)
		}
		copy(wraps[at:], p.Parts[i])
	}
	it.Wraps = wraps
	if err := it.Check(); err != nil {
		return it, err
	}
	return it.InPart(wraps, p.Wraps), nil
}

// looseFrom is where the places of items begin that are not in the journal: a file that
// no journal gets to. They are in memory, and in no note that is kept.
const looseFrom = journal.Pos(0x7ffffffe) << 32

// loose are the items of a start, while it is in force.
type loose struct {
	file starter
	body *starterBody

	over    atomic.Bool // the history has come: nothing is hidden any more
	refused atomic.Bool // its cases are not shown: see [Session.Start]
	changed atomic.Bool // what is shown of it is less than it was

	mu     sync.RWMutex // guards what follows
	items  map[journal.Pos]journal.Item
	places map[itemAt]journal.Pos
	opened map[int]sectionOpened   // by number of the section
	newer  map[amana.RecordID]bool // groups of which the history has more than the start
}

// sectionOpened is what one section came to.
type sectionOpened struct {
	groups  map[amana.RecordID][]journal.Pos
	records map[amana.RecordID][]itemAt       // every entry that it says there is
	of      map[amana.RecordID]amana.RecordID // to which group each record belongs
	failed  int                               // groups with an entry that could not be made again, or does not verify
}

func newLoose(file starter, b *starterBody) (*loose, error) {
	l := &loose{
		file: file, body: b, items: map[journal.Pos]journal.Item{}, places: map[itemAt]journal.Pos{}, opened: map[int]sectionOpened{}, newer: map[amana.RecordID]bool{},
	}
	for i := range b.Charter {
		it, err := b.Charter[i].item(b)
		if err != nil {
			return nil, err
		}
		l.items[looseFrom+journal.Pos(i)] = it
		l.places[itemAt{it.Device, it.Seq}] = looseFrom + journal.Pos(i)
	}
	return l, nil
}

// charter returns the places of the charter's items.
func (l *loose) charter() []journal.Pos {
	at := make([]journal.Pos, len(l.body.Charter))
	for i := range at {
		at[i] = looseFrom + journal.Pos(i)
	}
	return at
}

// sectionFrom is where the places of a section's items begin.
func sectionFrom(n int) journal.Pos { return looseFrom + journal.Pos(n+1)<<24 }

// has reports whether an item is one of the start: it is read there, and not a second
// time where it comes in.
func (l *loose) has(it journal.Item) bool {
	if l == nil {
		return false
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, there := l.places[itemAt{it.Device, it.Seq}]
	return there
}

// read returns the item at a place, of the journal or of the start.
func (o *opened) read(p journal.Pos) (journal.Item, error) {
	if p < looseFrom {
		return o.log.Read(p)
	}
	if l := o.loose; l != nil {
		l.mu.RLock()
		defer l.mu.RUnlock()
		if it, there := l.items[p]; there {
			return it, nil
		}
	}
	return journal.Item{}, fmt.Errorf("vault: start: place %d: %w", p-looseFrom, amana.ErrNotFound)
}

// starting reports whether the history is still on its way.
func (o *opened) starting() bool { return o.loose != nil && !o.loose.over.Load() }

// hides reports whether an item is not shown yet: the chains of others are shown when
// they have all come as far as the start says they reach, so that no record is ever
// shown without an entry that came after, a consent without its end.
func (o *opened) hides(it journal.Item) bool { return o.starting() && it.Device != o.device }

// shownOf returns the places of a start's items that one member's keys open, in order.
func (l *loose) shownOf(open []int) (at []journal.Pos) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, n := range open {
		for id, places := range l.opened[n].groups {
			if !l.newer[id] {
				at = append(at, places...)
			}
		}
	}
	slices.Sort(at)
	return at
}
