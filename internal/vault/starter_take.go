package vault

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// loadStart takes up the start of this device, where there is one.
func (o *opened) loadStart(dir string) error {
	var file starter
	if err := openSealedFile(dir, o.key, starterFile, &file); err != nil || len(file.Signed) == 0 {
		return err
	}
	b, err := file.open(o.org, o.device)
	if err != nil {
		return err
	}
	o.loose, err = newLoose(file, b)
	return err
}

// openStart opens the sections that are for this member, and makes their items again. A
// group of which one entry is not as its author signed it is not shown at all.
func (s *Session) openStart() (open []int, err error) {
	l := s.open.loose
	if !s.open.starting() {
		return nil, nil
	}
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	if err := l.file.verify(c, l.body); err != nil {
		l.refused.Store(true)
		return nil, nil //nolint:nilerr // its cases are not shown, and the page says why: [Session.Start]
	}
	if !within(c.TeamsOf(s.ring.Member()), l.body.Covers) {
		return nil, nil
	}
	return s.openSections(c, l), nil
}

// openSections opens what this member's keys open. What cannot be read is not shown: what
// it should have been comes with the history.
func (s *Session) openSections(c *charter.Charter, l *loose) (open []int) {
	for n, sec := range l.file.Sections {
		if len(sec.Sealed) == 0 {
			continue
		}
		plain, err := s.openSection(l, sec)
		if errors.Is(err, keyring.ErrNoKey) {
			continue
		}
		if err == nil {
			err = s.takeSection(c, l, n, plain)
		}
		if err != nil {
			l.mu.Lock()
			l.opened[n] = sectionOpened{failed: max(1, len(plain.index.Groups))}
			l.mu.Unlock()
		}
		open = append(open, n)
	}
	return open
}

// opening is a section while it is read.
type opening struct {
	fixed []byte
	index sectionIndex
	facts []byte
	// of the item before
	seq    uint64
	millis int64
}

func (s *Session) openSection(l *loose, sec section) (o opening, err error) {
	bad := fmt.Errorf("vault: start: section: %w", amana.ErrTampered)
	raw, err := s.ring.OpenFor(sec.Key, l.body.place(), [seal.NonceSize]byte(sec.Nonce), sec.Sealed)
	if err != nil {
		return o, err
	}
	var plain sectionPlain
	if err := cbor.Unmarshal(raw, &plain); err != nil {
		return o, bad
	}
	index, err := dictionary.Decompress(nil, plain.Index, largestSection)
	if err != nil {
		return o, err
	}
	if err := cbor.Unmarshal(index, &o.index); err != nil {
		return o, bad
	}
	o.fixed = plain.Fixed
	o.facts, err = dictionary.Decompress(nil, plain.Facts, largestSection)
	return o, err
}

// takeSection makes the items of a section again, and keeps those of the groups that
// are whole.
func (s *Session) takeSection(c *charter.Charter, l *loose, n int, o opening) error {
	l.mu.RLock()
	_, known := l.opened[n]
	l.mu.RUnlock()
	if known {
		return nil
	}
	out := sectionOpened{groups: map[amana.RecordID][]journal.Pos{}, records: map[amana.RecordID][]itemAt{}, of: map[amana.RecordID]amana.RecordID{}}
	items := map[journal.Pos]journal.Item{}
	next := sectionFrom(n)
	for _, g := range o.index.Groups {
		var places []journal.Pos
		records := map[amana.RecordID][]itemAt{}
		whole := true
		for _, r := range g.Records {
			found, all, err := s.again(l.body.Heads, &o, r)
			if err != nil {
				return err
			}
			records[r.ID] = all
			_, gone := c.Erased()[r.ID]
			whole = whole && !gone && s.holds(found)
			for _, one := range found {
				items[next] = one.item
				places = append(places, next)
				next++
			}
		}
		if whole {
			out.groups[g.ID] = places
			maps.Copy(out.records, records)
			for id := range records {
				out.of[id] = g.ID
			}
			continue
		}
		out.failed++
		for _, p := range places {
			delete(items, p)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opened[n] = out
	for p, it := range items {
		l.items[p] = it
		l.places[itemAt{it.Device, it.Seq}] = p
	}
	return nil
}

// again makes the items of a record again, and returns every place that it says it has.
// What o has of them is taken off.
func (s *Session) again(heads []journal.SignedHead, o *opening, r sectionRecord) (found []foundEntry, all []itemAt, err error) {
	bad := fmt.Errorf("vault: start: record %s: %w", r.ID, amana.ErrTampered)
	keys := make([]seal.RecordKey, len(r.Keys))
	for i, raw := range r.Keys {
		if keys[i], err = seal.ImportRecordKey(raw); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range r.Seen {
		if p.Chain >= uint(len(heads)) {
			return nil, nil, bad
		}
		all = append(all, itemAt{heads[p.Chain].Device, p.Seq})
	}
	for _, i := range r.Items {
		if i.Chain >= uint(len(heads)) || i.Size > uint(len(o.facts)) || len(o.fixed) < fixedSize {
			return nil, nil, bad
		}
		o.seq += uint64(i.Seq)
		at := itemAt{heads[i.Chain].Device, o.seq}
		one, ok := s.againOne(o, r.ID, keys, at, i)
		if !ok {
			return nil, nil, bad
		}
		found, all = append(found, one), append(all, at)
	}
	return found, all, nil
}

// againOne makes one item again. It reports false where what it is made of is not there.
func (s *Session) againOne(o *opening, record amana.RecordID, keys []seal.RecordKey, at itemAt, i sectionItem) (f foundEntry, ok bool) {
	more := i.More
	if more == nil {
		more = &sectionMore{}
	}
	fixed, plain := o.fixed[:fixedSize], o.facts[:i.Size]
	o.fixed, o.facts = o.fixed[fixedSize:], o.facts[i.Size:]
	if len(more.Wire) > 0 {
		it, took, err := journal.ReadWire(more.Wire, at.device, at.seq)
		if err != nil || took != len(more.Wire) {
			return f, false
		}
		e, err := s.open.openEntry(s.ring, it)
		return foundEntry{it, e}, err == nil && e.Record == record
	}
	if more.Key >= uint(len(keys)) || i.Author >= uint(len(o.index.Authors)) {
		return f, false
	}
	o.millis += i.Millis
	it := journal.Item{Device: at.device, Seq: at.seq, Epoch: o.index.Epoch, Nonce: [seal.NonceSize]byte(fixed[:seal.NonceSize])}
	if more.Epoch != 0 {
		it.Epoch = more.Epoch
	}
	e := journal.Entry{
		Time: uint64(o.millis)<<16 | uint64(i.Count), Author: o.index.Authors[i.Author], Record: record, Wall: more.Wall,
		Teams: more.Teams, Signature: seal.Signature(fixed[seal.NonceSize:]),
	}
	key := keys[more.Key]
	if len(e.Teams) > 0 {
		e.Commitment = key.Commitment()
	}
	if more.Later {
		e.Generation = key.Generation()
	}
	it, err := s.ring.Again(it, e, key, packedBy(more.By, plain))
	return foundEntry{it, e}, err == nil
}

// holds reports whether every entry of a record opens, is by who it says, and was allowed
// its author.
func (s *Session) holds(found []foundEntry) bool {
	k := s.keysOf(found)
	if k.begun < 0 || k.rivals != 0 {
		return false
	}
	for _, f := range found {
		body, err := openBody(s.ring, f.entry, f.item, k.keys, k.first)
		if err != nil || !k.fits(f) {
			return false
		}
		if _, _, err := s.verify(f.entry, f.item, body, k.teams); err != nil {
			return false
		}
	}
	return true
}

// Start says how it stands with a device that works with a start.
type Start struct {
	// Arriving is set while the history is on its way.
	Arriving bool
	From     amana.DeviceID // whose device made the start
	Made     int64          // milliseconds since 1970, by that device's clock
	Cases    int            // that are shown
	Later    int            // open cases that come with the history
	Failed   int            // cases that are not shown: an entry of them does not verify
	Newer    int            // cases that are not shown any more: the history has newer words of them
	Here     uint64         // items of the history that are here
	Awaited  uint64
	// Why is set where no cases are shown: one of the words below.
	Why string
	// Wrong are what the start said and the history does not: of how many records.
	Wrong int
}

// Why a start shows no cases. Frozen: they are keys of messages.
const (
	StartRevoked = "revoked" // the device that made it was revoked, or its signature fails
	StartOthers  = "others"  // its maker is not in every team of this member
	StartNone    = "none"    // it was made without any
)

// Start says how it stands with the start of this device. Kinds: ErrLocked, ErrStorage.
func (s *Session) Start() (st Start, err error) {
	c, err := s.Charter()
	if err != nil {
		return st, err
	}
	if !s.open.starting() {
		var done endedStart
		err := openSealedFile(s.vault.dir, s.open.key, endedFile, &done)
		st.From, st.Made, st.Wrong = done.From, done.Made, done.Wrong
		return st, err
	}
	l := s.open.loose
	st = Start{Arriving: true, From: l.body.From, Made: l.body.When, Later: l.body.Later}
	for _, h := range l.body.Heads {
		st.Awaited += h.Seq
		st.Here += min(s.open.log.Head(h.Device).Seq, h.Seq)
	}
	x := s.index.Load()
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, n := range x.starting {
		st.Failed += l.opened[n].failed
		for id := range l.opened[n].groups {
			if l.newer[id] {
				st.Newer++
				continue
			}
			if r, there, err := x.view.Find(id); err == nil && there && r.Kind == amana.KindCase {
				st.Cases++
			}
		}
	}
	switch {
	case l.refused.Load():
		st.Why, st.Cases = StartRevoked, 0
	case len(l.body.Sections) == 0 || !slices.ContainsFunc(l.file.Sections, func(sec section) bool { return len(sec.Sealed) > 0 }):
		st.Why = StartNone
	case !within(c.TeamsOf(s.ring.Member()), l.body.Covers):
		st.Why = StartOthers
	}
	return st, nil
}

// ErrArriving: this device works with a start; what was asked for waits until the history
// has come.
var ErrArriving = fmt.Errorf("vault: the history of this device is still arriving: %w", amana.ErrConflict)

// Arriving returns ErrArriving while the history is on its way.
func (s *Session) Arriving() error {
	if s.open.starting() {
		return ErrArriving
	}
	return nil
}

// ArrivingOf returns ErrArriving for a case that is shown from a start: nothing of it leaves
// before the history has come. What was begun on this device is whole.
func (s *Session) ArrivingOf(id amana.RecordID) error {
	if !s.open.starting() {
		return nil
	}
	if group, _ := s.open.loose.groupOf(id, itemAt{}); group.IsZero() {
		return nil
	}
	return ErrArriving
}

// waits reports whether a change has to wait for the history: what leaves, what is
// counted for others, and what changes the organisation.
func (o *opened) waits(kind amana.Kind, facts []event.Fact) error {
	if !o.starting() {
		return nil
	}
	switch kind { //nolint:exhaustive // the others are the work itself
	case amana.KindRelease, amana.KindFigures, amana.KindEstimate, amana.KindExchange, amana.KindTimestamp, amana.KindPost, amana.KindCharter:
		return ErrArriving
	}
	for _, f := range facts {
		if _, left := f.(event.Released); left {
			return ErrArriving
		}
	}
	return nil
}
