package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/journal"
)

// Items of other devices come in batches; see [journal.Batch]. What is checked on the
// way in is the chain: that it goes on where it ended here, without a gap, to the head
// that its device signed. Who wrote an entry and whether they were allowed it is judged
// by every reader, when it is read: so an entry that does not count spoils nothing that
// comes after it, and every device ends with the same chains. See format §9.2.

// Imported says what came of batches that came in.
type Imported struct {
	Taken   int // items
	Known   int // items that were here already
	Erased  int // items that came with content that was ordered erased, and are kept without
	Waiting int // items before which others are missing, or of a device nobody announced yet
	Refused int // items that do not verify, or contradict what is here

	Files       int // of evidence, that came in a bundle
	FilesKnown  int // that were here already
	FilesPassed int // of records that the member cannot read, or that are erased
	FilesBad    int // that are not what was taken in
}

// Add adds up.
func (i *Imported) Add(j Imported) {
	i.Taken += j.Taken
	i.Known += j.Known
	i.Erased += j.Erased
	i.Waiting += j.Waiting
	i.Refused += j.Refused
	i.Files += j.Files
	i.FilesKnown += j.FilesKnown
	i.FilesPassed += j.FilesPassed
	i.FilesBad += j.FilesBad
}

// mostHeld and mostHeldBytes bound the batches that wait in memory for others while
// more come; what is beyond has to come again.
const (
	mostHeld      = 4096
	mostHeldBytes = 64 << 20
)

// importer takes batches in.
type importer struct {
	s    *Session
	held []journal.Batch
	size int // bytes of what is held
	done Imported
}

// Import takes batches in, each whole or not at all and durably, and returns when
// next returns false. Erasures that came with them are carried out, and lists follow.
// Kinds: ErrStorage, ErrLocked; what is wrong with a batch is no error but is counted,
// and kept for the page that says so.
func (s *Session) Import(ctx context.Context, next func() (journal.Batch, bool, error)) (Imported, error) {
	in := &importer{s: s}
	err := in.run(ctx, next)
	if in.done.Taken > 0 {
		err = errors.Join(err, s.settleImport(ctx))
	}
	return in.done, err
}

// run takes batches in as they come. While one is on its way the session is not held:
// whoever sends slowly keeps nobody from locking.
func (in *importer) run(ctx context.Context, next func() (journal.Batch, bool, error)) error {
	if err := in.s.Refuses(); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, more, err := next()
		if err != nil {
			return err
		}
		if !more {
			return in.unlocked(in.retry)
		}
		if err := in.unlocked(func() error { return in.take(b) }); err != nil {
			return err
		}
	}
}

// unlocked does something for which the member's keys are needed.
func (in *importer) unlocked(do func() error) error {
	release, err := in.s.hold()
	if err != nil {
		return err
	}
	defer release()
	return do()
}

// take takes one batch, or holds it until what it needs has come.
func (in *importer) take(b journal.Batch) error {
	done, err := in.s.takeBatch(b)
	if n := sizeOf(b); errors.Is(err, errWaits) && len(in.held) < mostHeld && in.size+n <= mostHeldBytes {
		in.held, in.size = append(in.held, b), in.size+n
		return nil
	}
	if errors.Is(err, errWaits) {
		done.Waiting = len(b.Items)
	} else if err != nil {
		return err
	}
	in.done.Add(done)
	return nil
}

// sizeOf is how many bytes a batch takes.
func sizeOf(b journal.Batch) (n int) {
	for _, it := range b.Items {
		n += len(it.Entry) + len(it.Wraps) + len(it.Body)
	}
	return n
}

// retry takes what was held, for as long as any of it can be taken.
func (in *importer) retry() error {
	for progress := true; progress && len(in.held) > 0; {
		progress = false
		held := in.held
		in.held, in.size = nil, 0
		for _, b := range held {
			before := len(in.held)
			if err := in.take(b); err != nil {
				return err
			}
			progress = progress || len(in.held) == before
		}
	}
	for _, b := range in.held {
		in.done.Waiting += len(b.Items)
	}
	return nil
}

// errWaits: something that comes before is not here yet.
var errWaits = fmt.Errorf("vault: waits for what comes before: %w", amana.ErrNotFound)

// takeBatch takes one batch in. One import at a time: taking is what it waits for.
func (s *Session) takeBatch(b journal.Batch) (done Imported, err error) {
	s.open.taking.Lock()
	defer s.open.taking.Unlock()
	if len(b.Items) == 0 {
		return done, nil
	}
	if b.Head.Device == s.open.device { // nobody else writes this chain: it is a copy, or a lie
		return s.takeOwn(b)
	}
	if err := s.vouched(b.Head); errors.Is(err, errWaits) {
		return done, err
	} else if err != nil {
		done.Refused = len(b.Items)
		return done, s.quarantine(journal.SignedHead{}, b, err)
	}
	head := s.open.log.Head(b.Head.Device)
	switch {
	case b.First > head.Seq+1:
		s.tryKeys(b.Items) // what comes before it may need them
		return done, errWaits
	case b.Last() <= head.Seq:
		done.Known = len(b.Items)
		return done, s.compare(b, &done)
	}
	fresh := b.Items[head.Seq+1-b.First:]
	done.Known = len(b.Items) - len(fresh)
	hash := head.Hash
	for _, it := range fresh {
		if err := it.Check(); err != nil {
			done.Refused = len(fresh)
			return done, s.quarantine(journal.SignedHead{}, b, err)
		}
		hash = it.Next(s.open.org, hash)
	}
	if hash != b.Head.Hash {
		done.Refused = len(fresh)
		return done, s.contradicts(b)
	}
	return done, s.append(b, fresh, &done)
}

// vouched verifies a signed head by the charter's key for its device.
func (s *Session) vouched(h journal.SignedHead) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	d, known := c.Device(h.Device)
	if !known {
		return errWaits
	}
	return h.Verify(d.VerifyKey, s.open.org)
}

// append writes items that were checked, without the content of what was ordered
// erased.
func (s *Session) append(b journal.Batch, fresh []journal.Item, done *Imported) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	gone := c.Erased()
	items := make([]journal.Item, len(fresh))
	var rules []int
	for i, it := range fresh {
		it.Last = true
		e, err := s.open.openEntry(s.ring, it)
		if err == nil {
			s.open.saw(it, e)
			s.noteNewer(it, e)
			if e.Record == charterRecord(s.open.org) {
				rules = append(rules, i)
			} else if it, err = obeyed(it, e, gone, done); err != nil {
				return err
			}
		} else if it.Flags&journal.Erased != 0 {
			// For its key: until it opens nobody can say whether there is an order.
			s.tryKeys(fresh[i:])
			if _, err := s.open.openEntry(s.ring, it); err != nil {
				return errWaits
			}
			return s.append(b, fresh, done)
		}
		items[i] = it
	}
	at, err := s.open.log.Append(items, s.open.clock.Now())
	if err != nil {
		return err
	}
	done.Taken = len(items)
	if err := s.open.noteHead(s.vault.dir, b.Head); err != nil {
		return err
	}
	places := make([]journal.Pos, 0, len(rules))
	for _, i := range rules {
		if !s.open.loose.has(items[i]) { // it is read there
			places = append(places, at[i])
		}
	}
	if len(places) == 0 {
		return nil
	}
	s.open.addCharter(places...)
	return s.freshen()
}

// obeyed returns an item without content, where its record was ordered erased.
func obeyed(it journal.Item, e journal.Entry, gone map[amana.RecordID]charter.Tombstone, done *Imported) (journal.Item, error) {
	_, ordered := gone[e.Record]
	switch {
	case ordered && it.Flags&journal.Erased == 0:
		done.Erased++
		return it.Blank(), nil
	case !ordered && it.Flags&journal.Erased != 0:
		return it, errWaits // for the order: without one somebody withholds the content
	}
	return it, nil
}

// tryKeys looks for keys of the organisation in items that were vouched for.
func (s *Session) tryKeys(items []journal.Item) {
	for _, it := range items {
		s.ring.TryBoxes(it)
	}
}

// settleImport carries out what came in: erasures, and what this member's views and
// those of others who are unlocked here lack.
func (s *Session) settleImport(ctx context.Context) error {
	if err := s.findMissed(); err != nil {
		return err
	}
	v := s.vault
	v.mu.Lock()
	err := v.obeyErasures(ctx, s)
	var views []*indexer
	if v.open != nil {
		for _, p := range v.open.places {
			if x := p.index.Load(); x != nil {
				views = append(views, x)
			}
		}
	}
	v.mu.Unlock()
	for _, x := range views {
		x.nudge()
	}
	return errors.Join(err, s.followStart(ctx), s.open.noteCharter(s.vault.dir))
}

// lookedUpTo is how far the journal was searched for entries of the charter, and from
// where on there is something that did not open.
type lookedUpTo struct {
	end    journal.Pos
	missed journal.Pos // of the first that did not open, or end
	keys   int         // that were held then
}

// findMissed looks at what came in, and where new keys came with it, once more at what
// came before the key that opens it: for entries of the charter, and for content that
// was ordered erased.
func (s *Session) findMissed() error {
	done, err := s.hold()
	if err != nil {
		return err
	}
	defer done()
	for {
		again, err := s.lookForMissed()
		if err != nil || !again {
			return err
		}
	}
}

// lookForMissed reports whether it found entries of the charter, which may have
// brought more keys.
func (s *Session) lookForMissed() (bool, error) {
	c, err := s.Charter()
	if err != nil {
		return false, err
	}
	gone := c.Erased()
	s.open.mu.RLock()
	known, looked := slices.Clone(s.open.charter), s.open.looked
	s.open.mu.RUnlock()
	slices.Sort(known)
	now := lookedUpTo{end: s.open.log.End(), keys: s.ring.Count()}
	now.missed = now.end
	from := looked.end
	if now.keys != looked.keys {
		from = looked.missed
	} else {
		now.missed = min(now.missed, looked.missed)
	}
	var missed, blank []journal.Pos
	err = s.open.log.Each(from, func(p journal.Pos, it journal.Item) error {
		e, err := s.open.openEntry(s.ring, it)
		_, there := slices.BinarySearch(known, p)
		switch {
		case err != nil:
			now.missed = min(now.missed, p)
		case e.Record == charterRecord(s.open.org) && (there || s.open.loose.has(it)):
		case e.Record == charterRecord(s.open.org):
			missed = append(missed, p)
		case it.Flags&journal.Erased == 0:
			if _, ordered := gone[e.Record]; ordered {
				blank = append(blank, p)
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	s.open.mu.Lock()
	s.open.looked = now
	s.open.charter = append(slices.Clip(s.open.charter), missed...)
	s.open.mu.Unlock()
	if len(blank) > 0 {
		if err := s.open.log.Erase(blank); err != nil {
			return false, err
		}
	}
	if len(missed) == 0 {
		return false, nil
	}
	return true, s.freshen()
}
