package vault

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/keyring"
	"amana/internal/seal"
	"amana/internal/view"
)

// Change is what a save says of one record.
type Change struct {
	Record amana.RecordID
	// Begin is set for a record that does not exist yet.
	Begin *Begin
	// Seen is the version of the record that the author had before them when they
	// decided, or 0 for what stands now.
	Seen  uint64
	Facts []event.Fact
}

// Begin says what a new record is, and for whom.
type Begin struct {
	Kind  amana.Kind
	Case  amana.RecordID
	Teams []amana.TeamID // all of which the member must be in
}

func cores() int { return runtime.GOMAXPROCS(0) }

// Save writes changes to one or more records, all or none, and returns when they
// are durable. Lists and records that are looked at afterwards have them. Kinds: ErrRefused where the charter does
// not allow it, ErrNotFound where the member cannot read the record, ErrStorage,
// ErrLocked.
func (s *Session) Save(ctx context.Context, changes ...Change) error {
	return s.save(ctx, false, changes...)
}

// save writes changes; opening is set where they only record an opening, which
// any member may whose keys open the record.
func (s *Session) save(ctx context.Context, opening bool, changes ...Change) error {
	x := s.index.Load()
	err := s.trySave(ctx, opening, changes)
	if s.mended(ctx, x, err) { // it failed before anything was written
		err = s.trySave(ctx, opening, changes)
	}
	return err
}

func (s *Session) trySave(ctx context.Context, opening bool, changes []Change) error {
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	s.open.changing.RLock()
	defer s.open.changing.RUnlock()
	w := newSave(s.ring)
	c, err := s.Charter()
	if err != nil {
		return err
	}
	w.epoch = c.Epoch(keyring.Organisation)
	for _, ch := range changes {
		d, err := s.draft(c, ch, opening)
		if err != nil {
			return err
		}
		w.drafts = append(w.drafts, d)
	}
	done, err := s.open.saves.put(ctx, w)
	if err != nil {
		return err
	}
	x := s.index.Load()
	if opening {
		x.opened(done.at)
	}
	x.saved(done.at)
	return nil
}

// SaveMany writes many saves in one go, each of them whole or not at all. It is
// for importing and for measuring: the view is not told, so [Session.Rebuild], or
// the next look at a list, has the work. A save may go on with a record that an
// earlier one of the same call begins.
func (s *Session) SaveMany(ctx context.Context, saves ...[]Change) error {
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	s.open.changing.RLock()
	defer s.open.changing.RUnlock()
	c, err := s.Charter()
	if err != nil {
		return err
	}
	list := make([]*save, len(saves))
	begun := map[amana.RecordID]keyring.Draft{}
	for i, changes := range saves {
		list[i] = newSave(s.ring)
		list[i].epoch = c.Epoch(keyring.Organisation)
		for _, ch := range changes {
			d, err := s.draftAmong(c, ch, begun)
			if err != nil {
				return err
			}
			list[i].drafts = append(list[i].drafts, d)
		}
	}
	return s.open.saves.putAll(ctx, list)
}

// draftAmong is draft for a record that may have been begun a moment ago.
func (s *Session) draftAmong(c *charter.Charter, ch Change, begun map[amana.RecordID]keyring.Draft) (keyring.Draft, error) {
	first, fresh := begun[ch.Record]
	if !fresh {
		d, err := s.draft(c, ch, false)
		if ch.Begin != nil {
			begun[ch.Record] = keyring.Draft{Record: d.Record, Key: d.Key}
		}
		return d, err
	}
	var err error
	first.Body, err = pack(event.Body{Facts: ch.Facts})
	return first, err
}

func (s *Session) draft(c *charter.Charter, ch Change, opening bool) (keyring.Draft, error) {
	d := keyring.Draft{Record: ch.Record}
	body := event.Body{Facts: ch.Facts}
	var err error
	if ch.Begin != nil {
		err = s.begin(c, ch.Begin, ch.Facts, &d)
		body.Facts = append([]event.Fact{event.Begun{Kind: ch.Begin.Kind, Case: ch.Begin.Case}}, ch.Facts...)
	} else {
		body.Seen, err = s.goOn(c, ch, &d, opening)
	}
	if err != nil {
		return d, err
	}
	d.Body, err = pack(body)
	return d, err
}

func pack(b event.Body) ([]byte, error) {
	raw, err := event.Encode(b)
	if err != nil {
		return nil, err
	}
	return dictionary.Compress(nil, raw), nil
}

// begin gives a new record its key, wrapped for its teams.
func (s *Session) begin(c *charter.Charter, b *Begin, facts []event.Fact, d *keyring.Draft) error {
	if len(b.Teams) != 1 || b.Teams[0] != keyring.Organisation {
		if slices.Contains(b.Teams, keyring.Organisation) {
			return fmt.Errorf("vault: a record for everyone and for a team: %w", amana.ErrInvalid)
		}
	} else if !b.Kind.Open() {
		return fmt.Errorf("vault: a record of kind %s for everyone: %w", b.Kind, amana.ErrRefused)
	}
	allowed := allowance(c, false, b.Kind, facts)
	if err := allowed(s.ring.Member(), b.Teams, s.open.clock.Now()); err != nil {
		return err
	}
	return s.newKey(c, b.Teams, d)
}

// newKey makes a record key and wraps it under the teams' current keys.
func (s *Session) newKey(c *charter.Charter, teams []amana.TeamID, d *keyring.Draft) error {
	d.Key = seal.NewRecordKey()
	for _, team := range teams {
		te := journal.TeamEpoch{Team: team, Epoch: c.Epoch(team)}
		if !s.ring.Holds(te.Team, te.Epoch) {
			return fmt.Errorf("vault: team %s: its keys were not handed on yet: %w", team, amana.ErrRefused)
		}
		d.Teams = append(d.Teams, te)
	}
	return nil
}

// goOn takes up the key of a record that exists, or gives it the next one where a
// team's epoch has turned since: who left cannot read what is written now.
func (s *Session) goOn(c *charter.Charter, ch Change, d *keyring.Draft, opening bool) (seen uint64, err error) {
	r, err := s.index.Load().find(ch.Record)
	if err != nil {
		return 0, err
	}
	it, e, err := s.keyOf(c, r)
	if err != nil {
		return 0, err
	}
	teams := teamsOf(e)
	turned := false
	for _, te := range e.Teams {
		turned = turned || c.Epoch(te.Team) > te.Epoch
	}
	allowed := allowance(c, opening, "", ch.Facts)
	if err := allowed(s.ring.Member(), teams, s.open.clock.Now()); err != nil {
		return 0, err
	}
	if turned {
		if err := s.newKey(c, teams, d); err != nil {
			return 0, err
		}
		d.Later = true
	} else {
		if d.Key, err = s.ring.RecordKey(e, it); err != nil {
			return 0, err
		}
		d.Later = e.Generation != seal.Generation{}
	}
	return s.seen(ch, r)
}

// keyOf returns the entry that brought a record's newest key. A record stays with
// the teams that it began with: an entry that would bring it the key of another
// team, or whose author is in none of its teams, brings nothing. Else whoever knows
// a record's ID could have what is written next sealed for themselves.
func (s *Session) keyOf(c *charter.Charter, r view.Record) (it journal.Item, e journal.Entry, err error) {
	at, err := s.index.Load().view.Entries(r.RID)
	if err != nil {
		return it, e, err
	}
	if len(at) == 0 || at[0] == r.KeyPos {
		return s.entryAt(journal.Pos(r.KeyPos))
	}
	_, first, err := s.entryAt(journal.Pos(at[0]))
	if err != nil {
		return it, e, err
	}
	teams := teamsOf(first)
	for _, p := range slices.Backward(at) {
		if p > r.KeyPos {
			continue
		}
		if it, e, err = s.entryAt(journal.Pos(p)); err != nil {
			return it, e, err
		}
		if p == at[0] {
			break
		}
		if len(e.Teams) == 0 || !slices.Equal(teamsOf(e), teams) {
			continue
		}
		author, err := verifyAuthor(c, s.open.org, e, it)
		if err == nil && c.MayRead(author, teams, e.Time) == nil {
			break
		}
	}
	return it, e, nil
}

// seen is what the entry says its author had before them: nothing where that is
// simply all that stands here, so that most entries say nothing.
func (s *Session) seen(ch Change, r view.Record) (uint64, error) {
	if ch.Seen == 0 && !r.Foreign {
		return 0, nil
	}
	if err := s.index.Load().follow(); err != nil {
		return 0, err
	}
	newest, err := s.newest(r)
	if err != nil || ch.Seen == 0 {
		return newest, err
	}
	if ch.Seen >= newest && !r.Foreign {
		return 0, nil
	}
	return ch.Seen, nil
}

// newest is the time of a record's newest entry.
func (s *Session) newest(r view.Record) (t uint64, err error) {
	at, err := s.index.Load().view.Entries(r.RID)
	if err != nil {
		return 0, err
	}
	for _, p := range at {
		_, e, err := s.entryAt(journal.Pos(p))
		if err != nil {
			return 0, err
		}
		t = max(t, e.Time)
	}
	return t, nil
}

func (s *Session) entryAt(p journal.Pos) (journal.Item, journal.Entry, error) {
	it, err := s.open.log.Read(p)
	if err != nil {
		return it, journal.Entry{}, err
	}
	e, err := s.open.openEntry(s.ring, it)
	return it, e, err
}
