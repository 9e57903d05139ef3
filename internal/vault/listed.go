package vault

import (
	"context"
	"errors"
	"fmt"

	"amana"
	"amana/internal/event"
	"amana/internal/view"
)

// Listed is one record of a kind other than identity and consent, as lists have it:
// folded, not verified. Opening it verifies. Of a case it has what figures are made of.
type Listed struct {
	ID       amana.RecordID
	Case     amana.RecordID // the case it belongs to, or itself
	Kind     amana.Kind
	Team     amana.TeamID   // zero for what is everyone's
	Author   amana.MemberID // who began it
	Opened   uint64
	Updated  uint64
	Conflict bool
	Values   map[string]event.Value // every field, those of lists as "list/item/field"
}

// listedAtOnce bounds how long lists are held, and what is in memory.
const listedAtOnce = 512

// Listed calls fn for every record of a kind that the member can read, the last
// changed first. What is saved meanwhile may be among them or not. Kinds: those
// of fn, ErrLocked, ErrStorage.
func (s *Session) Listed(kind amana.Kind, fn func(Listed) error) error {
	after := view.Listed{}
	for {
		list, err := s.listedAfter(kind, after)
		if err != nil || len(list) == 0 {
			return err
		}
		ready := make([]Listed, len(list))
		parallel(len(list), func(i int) { ready[i] = listed(list[i]) })
		for _, l := range ready {
			if err := fn(l); err != nil {
				return err
			}
		}
		after = list[len(list)-1]
	}
}

func (s *Session) listedAfter(kind amana.Kind, after view.Listed) ([]view.Listed, error) {
	x := s.index.Load()
	list, err := s.tryListed(kind, after)
	if s.mended(context.Background(), x, err) {
		list, err = s.tryListed(kind, after)
	}
	return list, err
}

func (s *Session) tryListed(kind amana.Kind, after view.Listed) ([]view.Listed, error) {
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	x := s.index.Load()
	if err := x.follow(); err != nil {
		return nil, err
	}
	c, err := s.read()
	if err != nil {
		return nil, err
	}
	return x.view.Listed(kind, after, c.TeamsLeft(s.ring.Member()), listedAtOnce)
}

// ListState stands for what [Session.Listed] tells of a kind: while it is equal, so is
// that. It says nothing else.
type ListState struct {
	view view.State
	left string // the teams that the member left
}

// ListedState returns what lists have of a kind, as a [ListState]. It is for whoever
// keeps what they made of them. Kinds: ErrLocked, ErrStorage.
func (s *Session) ListedState(kind amana.Kind) (ListState, error) {
	done, err := s.hold()
	if err != nil {
		return ListState{}, err
	}
	defer done()
	x := s.index.Load()
	if err := x.follow(); err != nil {
		return ListState{}, err
	}
	c, err := s.read()
	if err != nil {
		return ListState{}, err
	}
	state := ListState{view: x.view.ListedState(kind)}
	for _, team := range c.TeamsLeft(s.ring.Member()) {
		state.left += string(team[:])
	}
	return state, nil
}

// Rebegun returns the records that somebody began as a kind, and somebody as something
// else: what [Session.Listed] says of their kind, or that it does not list them, may be
// the doing of a changed program. Opening one verifies. Kinds: ErrLocked, ErrStorage.
func (s *Session) Rebegun(kind amana.Kind) ([]amana.RecordID, error) {
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	x := s.index.Load()
	if err := x.follow(); err != nil {
		return nil, err
	}
	return x.view.Rebegun(kind)
}

// Known reports whether there is anything of a record on this device, also of one that the
// member cannot read. Kinds: ErrLocked, ErrStorage.
func (s *Session) Known(id amana.RecordID) (bool, error) {
	done, err := s.hold()
	if err != nil {
		return false, err
	}
	defer done()
	x := s.index.Load()
	if _, err := x.find(id); err == nil || !errors.Is(err, amana.ErrNotFound) {
		return err == nil, err
	}
	_, known, err := x.view.Find(id)
	return known, err
}

// Entries says how many entries lists know of a record: while there are as many, it is
// as it was. It is for whoever keeps what they made of one. Kinds: ErrNotFound, ErrLocked.
func (s *Session) Entries(id amana.RecordID) (int, error) {
	done, err := s.hold()
	if err != nil {
		return 0, err
	}
	defer done()
	x := s.index.Load()
	r, err := x.find(id)
	if err != nil {
		return 0, err
	}
	at, err := x.view.Entries(r.RID)
	return len(at), err
}

func listed(l view.Listed) Listed {
	out := Listed{
		ID: l.ID, Case: l.Case, Kind: l.Kind, Team: l.Team, Author: l.Author, Opened: l.Opened, Updated: l.Updated,
		Conflict: l.Conflict,
	}
	body, err := event.Decode(l.Body)
	if err != nil { // lists still show that it is there
		return out
	}
	out.Values = make(map[string]event.Value, len(body.Facts))
	for _, f := range body.Facts {
		if set, ok := f.(event.Set); ok {
			out.Values[set.Field] = set.Value
		}
	}
	return out
}

// OpenRecord is [Session.ReadRecord] for what is not everyone's: the opening is
// recorded first, durably. Kinds: those of ReadRecord, ErrStorage.
func (s *Session) OpenRecord(ctx context.Context, id amana.RecordID) (Opened, error) {
	o, err := s.ReadRecord(ctx, id)
	if err != nil || s.open.log.Refuses() != nil {
		return o, err
	}
	if err := s.recordOpening(ctx, id); err != nil {
		return Opened{}, err
	}
	return s.ReadRecord(ctx, id)
}

// ReadRecord opens one record that belongs to no case: every entry of it is taken
// from the journal again and verified. Kinds: ErrNotFound, also for what is not
// the member's to see and for what belongs to a case.
func (s *Session) ReadRecord(_ context.Context, id amana.RecordID) (Opened, error) {
	f, err := s.Peek(id)
	if err != nil {
		return Opened{}, err
	}
	if f.Case.ID != id || f.Case.Kind == amana.KindCase {
		return Opened{}, fmt.Errorf("vault: record %s: does not stand alone: %w", id, amana.ErrNotFound)
	}
	return f.Case, nil
}

// Origins calls fn for every case that was brought from elsewhere. Kinds: those of
// fn, ErrLocked, ErrStorage.
func (s *Session) Origins(fn func(view.Origin) error) error {
	for after := int64(0); ; {
		list, last, err := s.originsAfter(after)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, o := range list {
			if err := fn(o); err != nil {
				return err
			}
		}
		after = last
	}
}

func (s *Session) originsAfter(after int64) ([]view.Origin, int64, error) {
	done, err := s.hold()
	if err != nil {
		return nil, 0, err
	}
	defer done()
	x := s.index.Load()
	if err := x.follow(); err != nil {
		return nil, 0, err
	}
	return x.view.Origins(after, listedAtOnce)
}

// CatchUp takes what was written by [Session.SaveMany] into lists and search, in
// large lots. Kinds: ErrLocked, ErrStorage.
func (s *Session) CatchUp() error {
	done, err := s.hold()
	if err != nil {
		return err
	}
	defer done()
	return s.index.Load().followBy(listedAtOnce, itemsAndLists)
}
