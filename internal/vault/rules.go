package vault

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// The charter's entries come from several devices, in any order: they are sorted,
// and each is judged by the charter as those before it left it. One that does not
// open, is not signed as it should be, or was not allowed its author counts for
// nothing, on every device alike. It is named by [Session.Verify]. See format §8.3.

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

	waiting []*charterEntry // whose body's key did not come yet
	entries []*charterEntry // opened, in order
	merged  int             // of entries, into the charter as it was read last
	whole   bool            // the chains were found whole; see passOver
}

// charterEntry is an entry of the charter that was opened.
type charterEntry struct {
	at       journal.Pos
	entry    journal.Entry
	device   amana.DeviceID
	seq      uint64
	epoch    uint64
	facts    []event.Fact
	key      seal.RecordKey // that it brings, or zero
	verified seal.VerifyKey // the key by which its signature was verified
	counted  []bool         // as its boxes were taken last
}

func newCharterReader(o *opened, r *keyring.Ring) *charterReader {
	return &charterReader{open: o, ring: r, keys: map[seal.Generation]seal.RecordKey{}}
}

// inOrder is the order in which entries are applied: [charter.Order]. Authors are
// compared by the beginning of their IDs, which is unlike any other's.
func inOrder(a, b *charterEntry) int {
	return cmp.Or(
		cmp.Compare(a.entry.Time, b.entry.Time),
		bytes.Compare(a.entry.Author[:], b.entry.Author[:]),
		bytes.Compare(a.device[:], b.device[:]),
		cmp.Compare(a.seq, b.seq),
	)
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
	next, err := s.rules.follow(now, places)
	if !s.charter.CompareAndSwap(now, next) { // locked meanwhile: it must not come back
		return s.locked()
	}
	return err
}

// follow takes in what is new of the charter, and returns it.
func (cr *charterReader) follow(now *charter.Charter, places []journal.Pos) (*charter.Charter, error) {
	var fresh []*charterEntry
	for ; cr.taken < len(places); cr.taken++ {
		e, err := cr.look(places[cr.taken])
		switch {
		case err == nil:
			cr.waiting = append(cr.waiting, e)
		case errors.Is(err, keyring.ErrNoKey):
			return now, fmt.Errorf("vault: member %s is not among those who hold the organisation's keys: %w", cr.ring.Member(), amana.ErrRefused)
		default:
			if err := cr.passOver(err); err != nil {
				return now, err
			}
		}
	}
	fresh, err := cr.openWaiting()
	if err != nil {
		return now, err
	}
	slices.SortFunc(fresh, inOrder)
	anew := len(fresh) > 0 && len(cr.entries) > 0 && inOrder(cr.entries[len(cr.entries)-1], fresh[0]) > 0
	cr.entries = append(cr.entries, fresh...)
	next := now.Clone()
	if anew || !now.Founded() {
		slices.SortFunc(cr.entries, inOrder)
		cr.entries = slices.CompactFunc(cr.entries, func(a, b *charterEntry) bool { return inOrder(a, b) == 0 })
		next, cr.merged, cr.sealing = charter.NewFor(cr.open.org), 0, charterKey{}
	}
	for ; cr.merged < len(cr.entries); cr.merged++ {
		if err := cr.merge(next, cr.entries[cr.merged]); err != nil {
			if err := cr.passOver(err); err != nil {
				return now, err
			}
		}
	}
	cr.arrange(next)
	if !next.Founded() {
		return now, fmt.Errorf("vault: the charter does not begin with a founding: %w", amana.ErrTampered)
	}
	return next, nil
}

// look opens the layer of a charter entry that every member may read, and takes the
// key that it brings.
func (cr *charterReader) look(at journal.Pos) (*charterEntry, error) {
	it, err := cr.open.read(at)
	if err != nil {
		return nil, err
	}
	e, err := cr.open.openEntry(cr.ring, it)
	if err != nil {
		return nil, err
	}
	cr.open.saw(it, e)
	c := &charterEntry{at: at, entry: e, device: it.Device, seq: it.Seq, epoch: it.Epoch}
	if len(e.Teams) > 0 {
		if c.key, err = cr.ring.RecordKey(e, it); err != nil {
			return nil, fmt.Errorf("vault: charter entry %d of device %s: its key: %w", it.Seq, it.Device, orTampered(err))
		}
		cr.keys[c.key.Generation()] = c.key
	}
	return c, nil
}

// orTampered is for what should open, since the entry around it did.
func orTampered(err error) error {
	if errors.Is(err, keyring.ErrNoKey) {
		return amana.ErrTampered
	}
	return err
}

// openWaiting opens the bodies whose keys are there now.
func (cr *charterReader) openWaiting() (ready []*charterEntry, err error) {
	for progress := true; progress; {
		progress = false
		var still []*charterEntry
		for _, e := range cr.waiting {
			err := cr.openOne(e)
			switch {
			case err == nil:
				ready, progress = append(ready, e), true
			case errors.Is(err, keyring.ErrNoKey):
				still = append(still, e)
			default:
				if err := cr.passOver(err); err != nil {
					return nil, err
				}
			}
		}
		cr.waiting = still
	}
	return ready, nil
}

func (cr *charterReader) openOne(e *charterEntry) error {
	it, err := cr.open.read(e.at)
	if err != nil {
		return err
	}
	first := cr.first
	if !e.key.IsZero() && e.entry.Generation == (seal.Generation{}) {
		first = e.key.Generation()
	}
	body, err := openBody(cr.ring, e.entry, it, cr.keys, first)
	if err != nil {
		return err
	}
	if len(body.Facts) == 0 {
		return fmt.Errorf("vault: charter entry %d of device %s: empty: %w", e.seq, e.device, amana.ErrInvalid)
	}
	e.facts = body.Facts
	cr.founding(e, it, first)
	return nil
}

// founding takes root key and first key from the entry with which it all began: the
// organisation's ID says which root key that is.
func (cr *charterReader) founding(e *charterEntry, it journal.Item, key seal.Generation) {
	if cr.root != (seal.VerifyKey{}) || e.entry.Author != (journal.Author{}) {
		return
	}
	for _, f := range e.facts {
		founded, ok := f.(event.Founded)
		if ok && charter.OrgIDOf(founded.Root) == cr.open.org && verifyEntry(founded.Root, cr.open.org, e.entry, it) == nil {
			cr.root, cr.first, e.verified = founded.Root, key, founded.Root
		}
	}
}

// passOver leaves a charter entry out, which counts for nothing then. One that does
// not verify is left out only where the chains are whole: then it was written so,
// and every device leaves it out; else somebody changed it here, and it could have
// been the end of a membership.
func (cr *charterReader) passOver(err error) error {
	if errors.Is(err, amana.ErrStorage) || errors.Is(err, amana.ErrLocked) {
		return err
	}
	if errors.Is(err, amana.ErrTampered) && !cr.whole {
		if bad := cr.open.wholeChains(); bad != nil {
			return fmt.Errorf("%w (and %w)", err, bad)
		}
		cr.whole = true
	}
	cr.refused = append(cr.refused, err)
	return nil
}

// wholeChains computes every chain from its beginning, and compares its end.
func (o *opened) wholeChains() error {
	ends := o.log.Heads()
	last := map[amana.DeviceID]journal.Head{}
	err := o.log.Scan(0, func(f journal.Found) error {
		last[f.Item.Device] = journal.Head{Seq: f.Item.Seq, Hash: f.Head}
		return nil
	})
	if err != nil {
		return err
	}
	for d, want := range ends {
		if got := last[d]; got.Seq <= want.Seq && got != want {
			return fmt.Errorf("vault: chain of device %s does not end where it should: %w", d, amana.ErrTampered)
		}
	}
	return nil
}

// merge judges one entry, and takes the member's boxes from it if it counts.
func (cr *charterReader) merge(c *charter.Charter, e *charterEntry) error {
	author, err := cr.author(c, e)
	if err != nil {
		return err
	}
	facts := e.facts
	if _, ok := facts[0].(event.Begun); ok {
		facts = facts[1:]
	}
	counted, err := c.Merge(charter.Entry{Time: e.entry.Time, Author: author, Device: e.device, Seq: e.seq, Facts: facts})
	if err != nil {
		return err
	}
	if err := cr.takeBoxes(e, facts, counted); err != nil {
		return err
	}
	if !e.key.IsZero() && e.entry.Teams[0].Team == keyring.Organisation && !opensRival(c, facts) {
		g := e.key.Generation()
		cr.sealing = charterKey{key: e.key, epoch: e.entry.Teams[0].Epoch, later: g != cr.first}
	}
	return nil
}

// opensRival reports whether facts open an epoch of the organisation that another
// entry had opened already: nothing more is to be sealed under what comes with it.
func opensRival(c *charter.Charter, facts []event.Fact) bool {
	for _, f := range facts {
		if o, ok := f.(event.EpochOpened); ok && o.Team == keyring.Organisation {
			own, _ := c.Commitment(o.Team, o.Epoch)
			return own != o.Commitment
		}
	}
	return false
}

// author verifies who signed an entry.
func (cr *charterReader) author(c *charter.Charter, e *charterEntry) (id amana.MemberID, err error) {
	keys := []seal.VerifyKey{cr.root}
	if e.entry.Author != (journal.Author{}) {
		var ok bool
		if id, ok = c.AuthorByShort(e.entry.Author); !ok {
			return id, fmt.Errorf("vault: charter entry %d of device %s: of no member: %w", e.seq, e.device, amana.ErrRefused)
		}
		keys = c.KeysOf(id)
	}
	if e.verified != (seal.VerifyKey{}) && slices.Contains(keys, e.verified) {
		return id, nil
	}
	it, err := cr.open.read(e.at)
	if err != nil {
		return id, err
	}
	for _, k := range keys {
		if err = verifyEntry(k, cr.open.org, e.entry, it); err == nil {
			e.verified = k
			return id, nil
		}
	}
	return id, err
}

// takeBoxes opens the member's boxes in an entry, where it brings any that count.
func (cr *charterReader) takeBoxes(e *charterEntry, facts []event.Fact, counted []bool) error {
	if slices.Equal(e.counted, counted) {
		return nil
	}
	it, err := cr.open.read(e.at)
	if err != nil {
		return err
	}
	_, boxes, err := e.entry.RecordWraps(it)
	if err != nil {
		return err
	}
	e.counted = counted
	return cr.ring.Take(facts, counted, boxes, cr.recovery)
}

// arrange holds the keys in the ring against what was announced: a wrong one is
// dropped, so that nobody can lock anybody out by it; of two that were opened at the
// same time, the first in order is the one that seals.
func (cr *charterReader) arrange(c *charter.Charter) {
	teams := []amana.TeamID{keyring.Organisation}
	for _, t := range c.Teams() {
		teams = append(teams, t.ID)
	}
	for _, team := range teams {
		for epoch := uint64(1); epoch <= c.Epoch(team); epoch++ {
			if own, ok := c.Commitment(team, epoch); ok {
				cr.ring.Arrange(team, epoch, own, c.Rivals(team, epoch))
			}
		}
	}
	// What is written next is sealed under a key that all hold; see charterDraft.
	if cr.sealing.epoch > 0 && !cr.ring.Holds(keyring.Organisation, cr.sealing.epoch) {
		cr.sealing = charterKey{later: true}
	}
}

// sealingEpoch is the organisation's epoch under which this member seals entries: the
// current one, or where its key was not handed on yet, the last one held.
func (s *Session) sealingEpoch(c *charter.Charter) uint64 {
	now := c.Epoch(keyring.Organisation)
	for epoch := now; epoch > 0; epoch-- {
		if s.ring.Holds(keyring.Organisation, epoch) {
			return epoch
		}
	}
	return now
}
