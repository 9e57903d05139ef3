package vault

import (
	"errors"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/keyring"
	"amana/internal/seal"
	"amana/internal/spelling"
)

// The charter is the record whose ID is the organisation's. Every member reads
// it, checks every signature in it, and takes the team keys it hands on.

// charterRecord is the ID of the charter's record.
func charterRecord(org amana.OrgID) amana.RecordID { return amana.RecordID(org) }

// charterFile remembers where charter entries lie, so that a member whose view is
// not there yet need not read the whole journal first.
const charterFile = "charter"

type charterPlaces struct {
	_    struct{} `cbor:",toarray"`
	At   []journal.Pos
	Upto journal.Pos
}

// findCharter lists the charter's places, once for the vault: from the note where
// there is one that fits, and by opening the entries after it. It also gathers
// the organisation's keys that the ring lacks.
func (o *opened) findCharter(dir string, ring *keyring.Ring) error {
	var known charterPlaces
	if err := openSealedFile(dir, o.key, charterFile, &known); err != nil && !errors.Is(err, amana.ErrTampered) {
		return err
	}
	err := o.findCharterFrom(known, ring)
	if err != nil && known.Upto != 0 { // a note about another journal than this one
		err = o.findCharterFrom(charterPlaces{}, ring)
	}
	if err != nil {
		return err
	}
	return o.noteCharter(dir)
}

func (o *opened) findCharterFrom(known charterPlaces, ring *keyring.Ring) error {
	if o.starting() { // what is in the start is read there
		known.At = slices.Concat(o.loose.charter(), known.At)
	}
	if err := o.gatherKeys(ring, known); err != nil {
		return err
	}
	o.charter = known.At
	return o.log.Each(known.Upto, func(p journal.Pos, it journal.Item) error {
		e, err := ring.OpenEntry(it)
		if err != nil {
			return nil //nolint:nilerr // an entry that cannot be opened is counted where it is indexed
		}
		o.saw(it, e)
		if e.Record == charterRecord(o.org) && !o.loose.has(it) {
			o.charter = append(o.charter, p)
		}
		return nil
	})
}

// gatherKeys opens the boxes with keys of the organisation that are for this
// member: a member who joined late finds the keys to all that came before in an
// entry that came after.
func (o *opened) gatherKeys(ring *keyring.Ring, known charterPlaces) error {
	for _, p := range known.At {
		it, err := o.read(p)
		if err != nil {
			return err
		}
		if !ring.Holds(keyring.Organisation, it.Epoch) {
			ring.TryBoxes(it)
		}
	}
	return o.log.Each(known.Upto, func(_ journal.Pos, it journal.Item) error {
		if !ring.Holds(keyring.Organisation, it.Epoch) {
			ring.TryBoxes(it)
		}
		return nil
	})
}

func (o *opened) openEntry(ring *keyring.Ring, it journal.Item) (journal.Entry, error) {
	e, err := ring.OpenEntry(it)
	if err != nil && ring.TryBoxes(it) { // its epoch's key, or another key of the same epoch
		e, err = ring.OpenEntry(it)
	}
	return e, err
}

// noteCharter remembers the places. It is a hint: a failure costs time later.
func (o *opened) noteCharter(dir string) error {
	if o.loose != nil { // its places are of this run of the program alone
		return nil
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	err := sealedFile(dir, o.key, charterFile, charterPlaces{At: o.charter, Upto: o.log.End()})
	if errors.Is(err, amana.ErrStorage) {
		return nil
	}
	return err
}

// saw moves the clock past an entry: without question past those of this device,
// past others' as far as that is sound.
func (o *opened) saw(it journal.Item, e journal.Entry) {
	if it.Device == o.device {
		o.clock.Saw(e.Time)
		return
	}
	o.clock.Heard(e.Time)
}

func (o *opened) addCharter(at ...journal.Pos) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.charter = append(o.charter, at...)
}

func verifyAuthor(c *charter.Charter, org amana.OrgID, e journal.Entry, it journal.Item) (amana.MemberID, error) {
	id, ok := c.AuthorByShort(e.Author)
	if !ok {
		return amana.MemberID{}, fmt.Errorf("vault: item %d of device %s: of no member: %w", it.Seq, it.Device, amana.ErrTampered)
	}
	var err error
	for _, key := range c.KeysOf(id) { // the newest last; a member may have been given new ones
		if err = verifyEntry(key, org, e, it); err == nil {
			return id, nil
		}
	}
	return amana.MemberID{}, err
}

func verifyEntry(k seal.VerifyKey, org amana.OrgID, e journal.Entry, it journal.Item) error {
	if err := k.Verify(journal.SignatureLabel, e.SignedMessage(org, it), e.Signature); err != nil {
		return fmt.Errorf("vault: item %d of device %s: %w", it.Seq, it.Device, err)
	}
	return nil
}

// largestFacts bounds what a body may grow to when it is decompressed.
const largestFacts = event.LargestBody

// room is memory that one goroutine uses again for one record after the other.
type room struct {
	reader      *journal.Reader
	at          []journal.Pos
	found       []foundEntry
	packed, raw []byte // of a body
	words       []byte // of a case
	distinct    spelling.Distinct
}

func (s *Session) newRoom() *room { return &room{reader: s.open.log.NewReader()} }

// openBody opens and decodes a body with the key of its generation.
func openBody(r *keyring.Ring, e journal.Entry, it journal.Item, keys map[seal.Generation]seal.RecordKey, first seal.Generation) (event.Body, error) {
	return new(room).openBody(r, e, it, keys, first)
}

func (m *room) openBody(r *keyring.Ring, e journal.Entry, it journal.Item, keys map[seal.Generation]seal.RecordKey, first seal.Generation) (event.Body, error) {
	generation := e.Generation
	if generation == (seal.Generation{}) {
		generation = first
	}
	k, ok := keys[generation]
	if !ok {
		return event.Body{}, fmt.Errorf("vault: item %d of device %s: %w", it.Seq, it.Device, keyring.ErrNoKey)
	}
	raw, err := m.unpackBody(r, e, it, k)
	if err != nil {
		return event.Body{}, err
	}
	return event.Decode(raw)
}

// unpackBody opens a body, until the room is used again.
func (m *room) unpackBody(r *keyring.Ring, e journal.Entry, it journal.Item, k seal.RecordKey) ([]byte, error) {
	packed, err := r.OpenBodyTo(m.packed[:0], e, it, k)
	if err != nil {
		return nil, err
	}
	m.packed = packed
	raw, err := dictionary.Decompress(m.raw[:0], packed, largestFacts)
	if err != nil {
		return nil, err
	}
	m.raw = raw
	return raw, nil
}
