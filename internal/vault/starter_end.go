package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
)

// endedFile keeps what came of a start.
const endedFile = "started"

// endedStart is kept when the history has come.
type endedStart struct {
	_     struct{} `cbor:",toarray"`
	From  amana.DeviceID
	Made  int64
	Wrong int // records of which the start said what the history does not
	// Left has the sections that nobody who was unlocked then could open: they are held
	// against the history when somebody unlocks who can.
	Left starter
}

// startLoose fills a new view from the start and from what was written on this device:
// little enough to be done at once.
func (x *indexer) startLoose(run context.Context) error {
	if err := x.anew(); err != nil {
		return err
	}
	if err := x.view.SetMeta(metaStart, whole); err != nil {
		return err
	}
	s := x.s
	var err error
	if x.starting, err = s.openStart(); err != nil {
		return err
	}
	if err := s.lookForNewer(); err != nil {
		return err
	}
	var lot []foundItem
	for _, p := range s.open.loose.shownOf(x.starting) {
		it, err := s.open.read(p)
		if err != nil {
			return err
		}
		lot = append(lot, foundItem{p, it})
	}
	end := s.open.log.End()
	err = s.open.log.Each(0, func(p journal.Pos, it journal.Item) error {
		if !s.open.hides(it) && p < end {
			lot = append(lot, foundItem{p, it})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := x.put(s.lookAll(lot), end, itemsAndLists); err != nil {
		return err
	}
	x.searchable.Store(true)
	x.past()
	x.idle.Go(func() { x.keepUp(run) })
	return nil
}

// lookForNewer goes through what came of the history already.
func (s *Session) lookForNewer() error {
	err := s.open.log.Each(0, func(_ journal.Pos, it journal.Item) error {
		if s.open.hides(it) {
			if e, err := s.open.openEntry(s.ring, it); err == nil {
				s.noteNewer(it, e)
			}
		}
		return nil
	})
	s.open.loose.changed.Store(false) // the view is filled with what is left
	return err
}

// noteNewer looks whether an item that came of the history is of a case that is shown, and
// is not in the start: something was written since, or withheld. Such a case is not shown
// any more until all of it is here: what came may be the end of a consent.
func (s *Session) noteNewer(it journal.Item, e journal.Entry) {
	l := s.open.loose
	if !s.open.starting() || it.Device == s.open.device || e.Record == charterRecord(s.open.org) {
		return
	}
	group, told := l.groupOf(e.Record, itemAt{it.Device, it.Seq})
	if told {
		return
	}
	if group.IsZero() && e.Begins(s.open.org) {
		var f indexed
		s.lookFirst(new(room), &f, e, it)
		group, _ = l.groupOf(f.Case, itemAt{})
	}
	if group.IsZero() || s.notesOpening(group, it, e) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.newer[group] = true
	l.changed.Store(true)
}

// groupOf returns the group of a record, zero where the start has none, and whether the
// start says that the record has an entry at a place.
func (l *loose) groupOf(record amana.RecordID, at itemAt) (group amana.RecordID, told bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, o := range l.opened {
		if g, there := o.of[record]; there {
			return g, slices.Contains(o.records[record], at)
		}
	}
	return group, false
}

// notesOpening reports whether an entry of a record of the start notes nothing but that
// somebody opened it.
func (s *Session) notesOpening(group amana.RecordID, it journal.Item, e journal.Entry) bool {
	if len(e.Teams) > 0 {
		return false
	}
	l := s.open.loose
	var found []foundEntry
	l.mu.RLock()
	for _, o := range l.opened {
		for _, p := range o.groups[group] {
			if one, err := s.open.openEntry(s.ring, l.items[p]); err == nil && one.Record == e.Record {
				found = append(found, foundEntry{l.items[p], one})
			}
		}
	}
	l.mu.RUnlock()
	k := s.keysOf(found)
	body, err := openBody(s.ring, e, it, k.keys, k.first)
	return err == nil && onlyOpened(body)
}

// leaveStart throws a view away that was filled from a start, once the history is here.
func (x *indexer) leaveStart() error {
	was, err := x.view.Meta(metaStart)
	if err != nil || len(was) == 0 || x.s.open.starting() {
		return err
	}
	return x.anew()
}

// takeUpStart goes on with a start where the program was ended: with its end, if the
// history had come; or with what is left to be held against it. The session is not in
// use yet.
func (s *Session) takeUpStart() error {
	if s.open.starting() {
		if !s.open.historyHere() {
			return nil
		}
		return s.endStart()
	}
	var done endedStart
	if err := openSealedFile(s.vault.dir, s.open.key, endedFile, &done); err != nil || len(done.Left.Signed) == 0 {
		return err
	}
	b, err := done.Left.open(s.open.org, s.open.device)
	if err != nil {
		return err
	}
	l, err := newLoose(done.Left, b)
	if err != nil {
		return err
	}
	return s.checkStart(l, done)
}

// historyHere reports whether every chain came as far as the start says it reached.
func (o *opened) historyHere() bool {
	for _, h := range o.loose.body.Heads {
		if o.log.Head(h.Device).Seq < h.Seq {
			return false
		}
	}
	return true
}

// followStart does what follows for a start from what came in. Nothing may be held.
func (s *Session) followStart(ctx context.Context) error {
	if !s.open.starting() {
		return nil
	}
	c, err := s.Charter()
	if err != nil {
		return err
	}
	l := s.open.loose
	changed := l.changed.Swap(false)
	if err := l.file.verify(c, l.body); err != nil && !l.refused.Swap(true) {
		changed = true
	}
	if s.open.historyHere() {
		done, err := s.hold()
		if err != nil {
			return err
		}
		err = s.endStart()
		done()
		if err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	return s.renewViews(ctx)
}

// renewViews builds the views of everybody who is unlocked anew.
func (s *Session) renewViews(ctx context.Context) error {
	s.vault.mu.Lock()
	var all []*Session
	for _, p := range s.open.places {
		all = append(all, p.Session)
	}
	s.vault.mu.Unlock()
	var errs []error
	for _, one := range all {
		if err := one.Rebuild(context.WithoutCancel(ctx)); err != nil && !errors.Is(err, amana.ErrLocked) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// endStart holds the start against the history, keeps what came of it, and from then on
// the history is what is shown. What a crash leaves undone, the next unlocking does.
func (s *Session) endStart() error {
	l := s.open.loose
	if l.over.Load() {
		return nil
	}
	if err := s.checkStart(l, endedStart{From: l.body.From, Made: l.body.When}); err != nil {
		return err
	}
	s.open.charterInLog()
	l.over.Store(true)
	if err := os.Remove(filepath.Join(s.vault.dir, starterFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return storage("remove "+starterFile, err)
	}
	return nil
}

// charterInLog has the charter read where it lies in the journal from now on.
func (o *opened) charterInLog() {
	o.exchange.Lock()
	defer o.exchange.Unlock()
	if o.follow() != nil {
		return // it is read from memory; the next unlocking finds it
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, p := range o.charter {
		it, known := o.loose.items[p]
		if at := o.handed.places[it.Device]; known && it.Seq <= uint64(len(at)) {
			o.charter[i] = at[it.Seq-1]
		}
	}
}

// checkStart holds against the history what this member's keys open of a start, and keeps
// the result. What contradicts it is kept as proof, with the signature of who made it.
func (s *Session) checkStart(l *loose, done endedStart) error {
	c, err := s.read()
	if err != nil {
		return err
	}
	s.openSections(c, l)
	wrong, err := s.contradictions(l)
	if err != nil {
		return err
	}
	if wrong > 0 {
		if err := s.quarantineStart(l); err != nil {
			return err
		}
	}
	left := starter{Signed: l.file.Signed, Signature: l.file.Signature, Sections: make([]section, len(l.file.Sections))}
	some := false
	for n, sec := range l.file.Sections {
		if _, known := l.opened[n]; !known && len(sec.Sealed) > 0 {
			left.Sections[n], some = sec, true
		}
	}
	done.Wrong += wrong
	if done.Left = (starter{}); some {
		done.Left = left
	}
	return sealedFile(s.vault.dir, s.open.key, endedFile, done)
}

// contradictions counts the records of which a start said what the history does not:
// another entry, one more, or one less.
func (s *Session) contradictions(l *loose) (int, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	h := holding{s: s, l: l, heads: map[amana.DeviceID]journal.SignedHead{}, said: l.said(s.open.org), facts: s.factsOfCharter(), wrong: map[amana.RecordID]bool{}, chain: map[amana.RecordID][]foundEntry{}}
	for _, head := range l.body.Heads {
		h.heads[head.Device] = head
	}
	err := s.open.log.Scan(0, h.item)
	for id, places := range h.said {
		for _, found := range places {
			if !found {
				h.wrong[id] = true // it was made up
			}
		}
	}
	for id, found := range h.chain {
		if !h.onlyNotes(found) {
			h.wrong[id] = true // something was passed off as somebody's opening the record
		}
	}
	return len(h.wrong), err
}

// said lists every place of which the start says that a record has an entry there.
func (l *loose) said(org amana.OrgID) map[amana.RecordID]map[itemAt]bool {
	said := map[amana.RecordID]map[itemAt]bool{charterRecord(org): {}}
	for i := range l.body.Charter {
		p := &l.body.Charter[i]
		said[charterRecord(org)][itemAt{l.body.Heads[p.Chain].Device, p.Seq}] = false
	}
	for _, sec := range l.opened {
		for id, all := range sec.records {
			said[id] = map[itemAt]bool{}
			for _, at := range all {
				said[id][at] = false
			}
		}
	}
	return said
}

// holding is a start while it is held against the history.
type holding struct {
	s     *Session
	l     *loose
	heads map[amana.DeviceID]journal.SignedHead
	said  map[amana.RecordID]map[itemAt]bool // and whether it was found
	facts map[journal.Pos][]event.Fact       // of the charter
	wrong map[amana.RecordID]bool
	chain map[amana.RecordID][]foundEntry // entries of those records, as the history has them
}

func (h *holding) item(f journal.Found) error {
	head, it := h.heads[f.Item.Device], f.Item
	if it.Seq == head.Seq && f.Head != head.Hash {
		h.wrong[amana.RecordID(head.Device)] = true
	}
	if it.Seq > head.Seq {
		return nil
	}
	e, err := h.s.open.openEntry(h.s.ring, it)
	if err != nil {
		return nil //nolint:nilerr // not this member's: nothing of the start is of it
	}
	places, of := h.said[e.Record]
	if !of {
		return nil
	}
	at := itemAt{it.Device, it.Seq}
	if _, told := places[at]; !told && e.Record == charterRecord(h.s.open.org) && onlyWitnesses(h.facts[f.Pos]) {
		return nil
	} else if !told {
		h.wrong[e.Record] = true // it was withheld
		return nil
	}
	places[at] = true
	if p, there := h.l.places[at]; there && !sameItem(h.l.items[p], it) {
		h.wrong[e.Record] = true
	}
	if e.Record != charterRecord(h.s.open.org) {
		it.Entry, it.Wraps, it.Body = slices.Clone(it.Entry), slices.Clone(it.Wraps), slices.Clone(it.Body)
		h.chain[e.Record] = append(h.chain[e.Record], foundEntry{it, e})
	}
	return nil
}

// onlyNotes reports whether every entry of a record that the start left out notes nothing
// but that somebody opened it. Of one that is erased by now nobody can tell.
func (h *holding) onlyNotes(found []foundEntry) bool {
	k := h.s.keysOf(found)
	for _, f := range found {
		_, there := h.l.places[itemAt{f.item.Device, f.item.Seq}]
		if there || f.item.Flags&journal.Erased != 0 {
			continue
		}
		if body, err := openBody(h.s.ring, f.entry, f.item, k.keys, k.first); err != nil || !onlyOpened(body) {
			return false
		}
	}
	return true
}

// quarantineStart keeps a start that contradicts the history, and says so.
func (s *Session) quarantineStart(l *loose) error {
	var list []refusedItem
	if err := openSealedFile(s.vault.dir, s.open.key, quarantineFile, &list); err != nil {
		return err
	}
	why := fmt.Errorf("vault: the start that device %s made says what the history does not: %w", l.body.From, amana.ErrTampered)
	list = append(list, refusedItem{Device: l.body.From, Seq: 0, Reason: why.Error(), Wire: mustEncode(l.file)})
	return sealedFile(s.vault.dir, s.open.key, quarantineFile, list)
}

// forgetInStart destroys what a start has of records that were ordered erased: with the
// whole section where it is one of them, or where nobody who is unlocked can tell.
func (s *Session) forgetInStart(records []amana.RecordID) error {
	var done endedStart
	if err := openSealedFile(s.vault.dir, s.open.key, endedFile, &done); err != nil {
		return err
	}
	if len(done.Left.Signed) > 0 {
		done.Left = starter{}
		if err := sealedFile(s.vault.dir, s.open.key, endedFile, done); err != nil {
			return err
		}
	}
	if !s.open.starting() {
		return nil
	}
	if !s.open.loose.forget(records) {
		return nil
	}
	return sealedFile(s.vault.dir, s.open.key, starterFile, s.open.loose.file)
}

// forget takes out what may hold one of some records, and reports whether there was any.
func (l *loose) forget(records []amana.RecordID) (any bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, sec := range l.file.Sections {
		o, known := l.opened[n]
		holds := !known || o.failed > 0
		for _, id := range records {
			_, there := o.records[id]
			holds = holds || there
		}
		if len(sec.Sealed) == 0 || !holds {
			continue
		}
		any = true
		l.file.Sections[n] = section{}
		for _, places := range o.groups {
			for _, p := range places {
				delete(l.places, itemAt{l.items[p].Device, l.items[p].Seq})
				delete(l.items, p)
			}
		}
		delete(l.opened, n)
	}
	return any
}
