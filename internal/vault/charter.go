package vault

import (
	"errors"
	"fmt"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/keyring"
	"amana/internal/seal"
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

// charterReader follows the charter for one member.
type charterReader struct {
	open     *opened
	ring     *keyring.Ring
	taken    int // of opened.charter
	keys     map[seal.Generation]seal.RecordKey
	first    seal.Generation // generation of the key the charter began with
	root     seal.VerifyKey
	refused  []error
	recovery bool // the ring is the recovery key's
	// sealing is the key for what is written next.
	sealing charterKey
}

func newCharterReader(o *opened, r *keyring.Ring) *charterReader {
	return &charterReader{open: o, ring: r, keys: map[seal.Generation]seal.RecordKey{}}
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
	if err := o.gatherKeys(ring, known); err != nil {
		return err
	}
	o.charter = known.At
	return o.log.Each(known.Upto, func(p journal.Pos, it journal.Item) error {
		e, err := ring.OpenEntry(it)
		if err != nil {
			return nil //nolint:nilerr // an entry that cannot be opened is counted where it is indexed
		}
		o.clock.Saw(e.Time)
		if e.Record == charterRecord(o.org) {
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
		it, err := o.log.Read(p)
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
	if errors.Is(err, keyring.ErrNoKey) && ring.TryBoxes(it) {
		e, err = ring.OpenEntry(it)
	}
	return e, err
}

// noteCharter remembers the places. It is a hint: a failure costs time later.
func (o *opened) noteCharter(dir string) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	err := sealedFile(dir, o.key, charterFile, charterPlaces{At: o.charter, Upto: o.log.End()})
	if errors.Is(err, amana.ErrStorage) {
		return nil
	}
	return err
}

func (o *opened) addCharter(at ...journal.Pos) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.charter = append(o.charter, at...)
}

// freshen reads what the charter says since the last time.
func (s *Session) freshen() error {
	s.open.mu.RLock()
	places := s.open.charter
	s.open.mu.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.charter.Load()
	if now == nil {
		return s.locked()
	}
	if s.rules.taken >= len(places) {
		return nil
	}
	next := now.Clone()
	err := s.readOn(next, places)
	if !s.charter.CompareAndSwap(now, next) { // locked meanwhile: it must not come back
		return s.locked()
	}
	return err
}

// readOn applies what is new of the charter. Callers hold mu.
func (s *Session) readOn(c *charter.Charter, places []journal.Pos) error {
	for ; s.rules.taken < len(places); s.rules.taken++ {
		it, err := s.open.log.Read(places[s.rules.taken])
		if err == nil {
			err = s.rules.take(c, it)
		}
		switch {
		case err == nil:
		case errors.Is(err, keyring.ErrNoKey):
			return fmt.Errorf("vault: member %s is not among those who hold the organisation's keys: %w", s.ring.Member(), amana.ErrRefused)
		case s.rules.taken == 0 || !s.rules.passOver(err):
			return fmt.Errorf("vault: charter entry %d of device %s: %w", it.Seq, it.Device, err)
		}
	}
	return nil
}

// passOver reports whether a charter entry can be left out: one that its author
// was not allowed, or that makes no sense, changes nothing for anybody, and must
// not lock everybody out. It is counted, and [Session.Verify] names it.
func (cr *charterReader) passOver(err error) bool {
	if errors.Is(err, amana.ErrRefused) || errors.Is(err, amana.ErrInvalid) || errors.Is(err, amana.ErrConflict) {
		cr.refused = append(cr.refused, err)
		return true
	}
	return false
}

// take opens one charter entry, checks who signed it, applies it and takes the
// member's boxes from it.
func (cr *charterReader) take(c *charter.Charter, it journal.Item) error {
	e, err := cr.open.openEntry(cr.ring, it)
	if err != nil {
		return err
	}
	next := cr.sealing // counts only if the entry does
	if len(e.Teams) > 0 {
		k, err := cr.ring.RecordKey(e, it)
		if err != nil {
			return err
		}
		g := k.Generation()
		if len(cr.keys) == 0 {
			cr.first = g
		}
		cr.keys[g] = k
		next = charterKey{key: k, epoch: it.Epoch, later: g != cr.first}
	}
	body, err := openBody(cr.ring, e, it, cr.keys, cr.first)
	if err != nil {
		return err
	}
	if len(body.Facts) == 0 {
		return fmt.Errorf("vault: an empty entry: %w", amana.ErrInvalid)
	}
	if _, ok := body.Facts[0].(event.Begun); ok {
		body.Facts = body.Facts[1:]
	}
	author, err := cr.check(c, e, it, body.Facts)
	if err != nil {
		return err
	}
	entry := charter.Entry{Time: e.Time, Author: author, Device: it.Device, Seq: it.Seq, Facts: body.Facts}
	if err := c.Apply(entry); err != nil {
		return err
	}
	cr.sealing = next
	_, boxes, err := e.RecordWraps(it)
	if err != nil {
		return err
	}
	if err := cr.ring.Take(body.Facts, boxes, cr.recovery); err != nil {
		return err
	}
	confirmGrants(c, cr.ring, body.Facts)
	return nil
}

// confirmGrants holds keys that somebody handed on against what was announced. A
// wrong one is dropped: the member waits for the right one, and no charter entry
// of somebody else can lock them out.
func confirmGrants(c *charter.Charter, r *keyring.Ring, facts []event.Fact) {
	for _, f := range facts {
		g, ok := f.(event.KeysGranted)
		if !ok {
			continue
		}
		for epoch := uint64(1); epoch <= g.Epoch; epoch++ {
			if commitment, known := c.Commitment(g.Team, epoch); known {
				r.Confirm(g.Team, epoch, commitment) //nolint:errcheck // see above
			}
		}
	}
}

// check verifies the signature by the author's key, or by the organisation's
// root key, which is known from the first entry and bound to its ID.
func (cr *charterReader) check(c *charter.Charter, e journal.Entry, it journal.Item, facts []event.Fact) (amana.MemberID, error) {
	if (e.Author == journal.Author{}) {
		for _, f := range facts {
			if founded, ok := f.(event.Founded); ok && charter.OrgIDOf(founded.Root) == cr.open.org {
				cr.root = founded.Root
			}
		}
		return amana.MemberID{}, verifyEntry(cr.root, cr.open.org, e, it)
	}
	return verifyAuthor(c, cr.open.org, e, it)
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

// openBody opens and decodes a body with the key of its generation.
func openBody(r *keyring.Ring, e journal.Entry, it journal.Item, keys map[seal.Generation]seal.RecordKey, first seal.Generation) (event.Body, error) {
	generation := e.Generation
	if generation == (seal.Generation{}) {
		generation = first
	}
	k, ok := keys[generation]
	if !ok {
		return event.Body{}, fmt.Errorf("vault: item %d of device %s: %w", it.Seq, it.Device, keyring.ErrNoKey)
	}
	packed, err := r.OpenBody(e, it, k)
	if err != nil {
		return event.Body{}, err
	}
	raw, err := dictionary.Decompress(nil, packed, largestFacts)
	if err != nil {
		return event.Body{}, err
	}
	return event.Decode(raw)
}
