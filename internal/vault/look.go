package vault

import (
	"errors"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
	"amana/internal/view"
)

// indexed is what an item says to the view of one member.
type indexed struct {
	view.Item
	time uint64
	// unreadable: it should open and does not. The page says so.
	unreadable bool
	// shut are the keys that would open it, where the member does not hold them now.
	shut []journal.TeamEpoch
	// onlyOpened: it records that somebody opened the record, and nothing else.
	onlyOpened bool
}

// foundItem is an item that was read from the journal.
type foundItem struct {
	pos  journal.Pos
	item journal.Item
}

// lookAll looks at a lot of items on all cores.
func (s *Session) lookAll(lot []foundItem) []indexed { return s.lookAllIn(new(suite), lot) }

func (s *Session) lookAllIn(u *suite, lot []foundItem) []indexed {
	found := make([]indexed, len(lot))
	u.rooms(s, len(lot), func(m *room, i int) { found[i] = s.look(m, lot[i].pos, lot[i].item) })
	return found
}

// look opens an item as far as the view needs: the entry; and the body where it
// begins a record, or may only record an opening.
func (s *Session) look(m *room, p journal.Pos, it journal.Item) indexed {
	e, err := s.open.openEntry(s.ring, it)
	if err != nil {
		return indexed{unreadable: !errors.Is(err, keyring.ErrNoKey), shut: []journal.TeamEpoch{{Team: keyring.Organisation, Epoch: it.Epoch}}}
	}
	s.open.saw(it, e)
	f := indexed{time: e.Time, Item: view.Item{
		Record: e.Record, Pos: int64(p), BringsKey: len(e.Teams) > 0, Foreign: it.Device != s.open.device,
	}}
	if e.Record == charterRecord(s.open.org) || it.Flags&journal.Erased != 0 {
		f.onlyOpened = true
		f.BringsKey = f.BringsKey && it.Flags&journal.Erased == 0
		return f
	}
	switch {
	case len(e.Teams) == 0 || e.Generation != (seal.Generation{}):
	case !e.Begins(s.open.org):
		f.BringsKey = false // a changed program would begin somebody else's record
	default:
		s.lookFirst(m, &f, e, it)
	}
	return f
}

// lookFirst opens the first entry of a record and reads what the record is.
func (s *Session) lookFirst(m *room, f *indexed, e journal.Entry, it journal.Item) {
	k, err := s.ring.RecordKey(e, it)
	if err != nil {
		f.unreadable, f.shut = !errors.Is(err, keyring.ErrNoKey), e.Teams
		return
	}
	raw, err := m.unpackBody(s.ring, e, it, k)
	if err != nil {
		f.unreadable = true
		return
	}
	b, begins, err := event.Beginning(raw)
	switch {
	case err != nil:
		f.unreadable = true
	case !begins:
		f.Kind = amana.Kind("unknown")
	case fitsName(e.Record, b.Kind):
		f.Kind, f.Case = b.Kind, b.Case
	default:
		f.BringsKey = false // it begins nothing
	}
}
