package vault

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Erase destroys records for good: an order in the charter first, then wraps and
// bodies in the journal, then every view on this device, which is built anew
// without them. What was printed, released or backed up before stays what it is.
// The order is obeyed again at each unlocking until it is carried out, so a crash
// in between loses nothing of it. What left is never erased: of a record of the ledger,
// ErrRefused.
func (s *Session) Erase(ctx context.Context, reason string, records ...amana.RecordID) error {
	if err := s.mayReadAll(records); err != nil {
		return err
	}
	facts := make([]event.Fact, 0, len(records))
	for _, id := range records {
		if _, ledger := amana.IsNamed(id); ledger {
			return fmt.Errorf("vault: record %s: of the ledger, which is not erased: %w", id, amana.ErrRefused)
		}
		facts = append(facts, event.Erased{Record: id, Reason: reason})
	}
	if err := s.amend(ctx, seal.Identity{}, amendment{facts: facts}); err != nil {
		return err
	}
	v := s.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.obeyErasures(ctx, s)
}

func (s *Session) mayReadAll(records []amana.RecordID) error {
	done, err := s.hold()
	if err != nil {
		return err
	}
	defer done()
	for _, id := range records {
		if _, err := s.index.Load().find(id); err != nil {
			return err
		}
	}
	return nil
}

// Contested says what becomes of records of a case that somebody else began too. A
// member with a changed program can name another team's record as one of a case of
// theirs, so that it would be erased with it; and could hinder an erasure by beginning
// its records again. So a person decides.
type Contested uint8

// What can become of them.
const (
	AskContested   Contested = iota // nothing is erased, with [ErrContested], where there is one
	KeepContested                   // they stay, the others are erased
	EraseContested                  // they are erased too
)

// ErrContested is of kind ErrConflict.
var ErrContested = fmt.Errorf("vault: a record of the case was begun by somebody else too: decide whether it goes: %w", amana.ErrConflict)

// EraseCase erases a case and every record that belongs to it, or a record that stands
// alone; see [Session.Erase]. Kinds: those of Erase, [ErrContested].
func (s *Session) EraseCase(ctx context.Context, reason string, id amana.RecordID) error {
	return s.EraseCaseWith(ctx, reason, id, AskContested)
}

// EraseCaseWith is EraseCase by what a person decided of contested records.
func (s *Session) EraseCaseWith(ctx context.Context, reason string, id amana.RecordID, c Contested) error {
	ids, contested, err := s.recordsOf(id)
	switch {
	case err != nil:
		return err
	case len(contested) > 0 && c == AskContested:
		return ErrContested
	case c == EraseContested:
		ids = append(ids, contested...)
	}
	if len(ids) == 0 {
		return nil
	}
	return s.Erase(ctx, reason, ids...)
}

// recordsOf returns a case and every record that belongs to it, and apart from them those
// that somebody else began too. Lists alone do not say whose a record is: each is opened.
func (s *Session) recordsOf(id amana.RecordID) (ids, contested []amana.RecordID, err error) {
	done, err := s.hold()
	if err != nil {
		return nil, nil, err
	}
	defer done()
	x := s.index.Load()
	r, err := x.find(id)
	if err != nil {
		return nil, nil, err
	}
	if err := x.follow(); err != nil {
		return nil, nil, err
	}
	if err := s.freshen(); err != nil {
		return nil, nil, err
	}
	f, err := x.view.File(r.OfCase)
	if err != nil {
		return nil, nil, err
	}
	for _, one := range f.Records {
		if s.openRecord(s.newRoom(), one).Contested {
			contested = append(contested, one.ID)
		} else {
			ids = append(ids, one.ID)
		}
	}
	return ids, contested, nil
}

// finishErasures carries out orders that a crash, or an absence, left behind.
// Callers hold Vault.mu; the session's view is open, and nobody uses it yet. A
// disk that is full does not lock anybody out: the next unlocking tries again.
func (v *Vault) finishErasures(ctx context.Context, s *Session, x *indexer) error {
	pending, _, err := v.pendingErasures(s)
	if err != nil || len(pending) == 0 || s.open.log.Refuses() != nil {
		return err
	}
	if err := x.view.Close(); err != nil {
		return err
	}
	x.view = nil
	if err := v.carryOut(ctx, s, pending); err != nil && !errors.Is(err, amana.ErrStorage) {
		return err
	}
	return x.openView()
}

// pendingErasures returns what the charter orders and this device has not done.
func (v *Vault) pendingErasures(s *Session) (pending []amana.RecordID, done []amana.RecordID, err error) {
	if err := openSealedFile(v.dir, s.open.key, erasedFile, &done); err != nil {
		return nil, nil, err
	}
	c, err := s.Charter()
	if err != nil {
		return nil, nil, err
	}
	for id := range c.Erased() {
		if !slices.Contains(done, id) {
			pending = append(pending, id)
		}
	}
	return pending, done, nil
}

// obeyErasures carries orders out that were just given.
func (v *Vault) obeyErasures(ctx context.Context, s *Session) error {
	pending, _, err := v.pendingErasures(s)
	if err != nil || len(pending) == 0 {
		return err
	}
	return v.carryOut(ctx, s, pending)
}

// carryOut erases records while members work: their views are closed, thrown away
// and built anew. Whose view cannot be opened again is locked.
func (v *Vault) carryOut(ctx context.Context, s *Session, pending []amana.RecordID) error {
	var errs []error
	for _, p := range s.open.places {
		p.use.Lock()
		defer p.use.Unlock()
		errs = append(errs, p.index.Load().close())
	}
	errs = append(errs, v.eraseRecords(s, pending))
	for m, p := range s.open.places {
		index, err := openIndex(ctx, p.Session)
		if err != nil {
			errs = append(errs, err)
			delete(s.open.places, m)
			p.drop()
			continue
		}
		p.index.Store(index)
	}
	return errors.Join(errs...)
}

// eraseRecords takes the records' content out of the journal and removes every
// view on this device. Callers hold Vault.mu.
func (v *Vault) eraseRecords(s *Session, records []amana.RecordID) error {
	at, err := s.itemsOf(records)
	if err != nil {
		return err
	}
	if err := s.open.log.Erase(at); err != nil {
		return err
	}
	for _, id := range records {
		if err := s.open.blobs.Erase(id); err != nil {
			return err
		}
	}
	if err := s.forgetInStart(records); err != nil {
		return err
	}
	views, err := filepath.Glob(filepath.Join(v.dir, viewsDir, "*.db"))
	if err != nil {
		return storage("views", err)
	}
	for _, path := range views {
		removeView(path)
	}
	_, done, err := v.pendingErasures(s)
	if err != nil {
		return err
	}
	return sealedFile(v.dir, s.open.key, erasedFile, append(done, records...))
}

// itemsOf finds every item of some records, by reading the whole journal: an
// order must reach also what no view lists.
func (s *Session) itemsOf(records []amana.RecordID) (at []journal.Pos, err error) {
	err = s.open.log.Each(0, func(p journal.Pos, it journal.Item) error {
		e, err := s.open.openEntry(s.ring, it)
		if err != nil {
			return nil //nolint:nilerr // what this member cannot open, the next one's device does
		}
		if slices.Contains(records, e.Record) {
			at = append(at, p)
		}
		return nil
	})
	return at, err
}

// removeViewsOf removes one member's views.
func (v *Vault) removeViewsOf(o *opened, m amana.MemberID) {
	views, err := filepath.Glob(filepath.Join(v.dir, viewsDir, o.viewName(m)+"-*.db"))
	if err != nil {
		return
	}
	for _, path := range views {
		removeView(path)
	}
}
