package vault

import (
	"context"
	"errors"
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
	w.epoch = s.sealingEpoch(c)
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
	s.names.used(changes)
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
		list[i].epoch = s.sealingEpoch(c)
		for _, ch := range changes {
			d, err := s.draftAmong(c, ch, begun)
			if err != nil {
				return err
			}
			list[i].drafts = append(list[i].drafts, d)
		}
	}
	if err := s.open.saves.putAll(ctx, list); err != nil {
		return err
	}
	for _, changes := range saves {
		s.names.used(changes)
	}
	return nil
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
		if err = s.open.waits(ch.Begin.Kind, ch.Facts); err != nil {
			return d, err
		}
		err = s.begin(c, ch.Begin, ch.Facts, &d)
		body.Facts = append([]event.Fact{event.Begun{Kind: ch.Begin.Kind, Case: ch.Begin.Case}}, ch.Facts...)
	} else {
		err = s.goOn(c, ch, &d, &body, opening)
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
	allowed := allowance(c, false, b.Kind, b, facts)
	if err := allowed(s.ring.Member(), b.Teams, s.open.clock.Now()); err != nil {
		return err
	}
	key, err := s.firstKey(d.Record, b.Kind)
	if err != nil {
		return err
	}
	return s.wrapKey(c, key, b.Teams, d)
}

// wrapKey wraps a record key under the teams' current keys.
func (s *Session) wrapKey(c *charter.Charter, key seal.RecordKey, teams []amana.TeamID, d *keyring.Draft) error {
	d.Key = key
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
func (s *Session) goOn(c *charter.Charter, ch Change, d *keyring.Draft, body *event.Body, opening bool) error {
	r, err := s.index.Load().find(ch.Record)
	if err == nil {
		err = s.open.waits(r.Kind, ch.Facts)
	}
	if err != nil {
		return err
	}
	k, err := s.currentKey(c, r)
	if err != nil {
		return err
	}
	turned := false
	for _, te := range k.entry.Teams {
		turned = turned || c.Epoch(te.Team) > te.Epoch
	}
	allowed := allowance(c, opening, r.Kind, nil, ch.Facts)
	if err := allowed(s.ring.Member(), k.teams, s.open.clock.Now()); err != nil {
		return err
	}
	if turned {
		if err := s.wrapKey(c, seal.NewRecordKey(), k.teams, d); err != nil {
			return err
		}
		d.Later = true
	} else {
		d.Key = k.key
		d.Later = k.entry.Generation != seal.Generation{}
	}
	return s.see(ch, r, d, body)
}

// currentKey is the key that a record is written under, and the entry that brought it.
type currentKey struct {
	key   seal.RecordKey
	entry journal.Entry
	teams []amana.TeamID
}

// currentKey finds it. A record that one device began and wrote alone, under one key,
// needs no search.
func (s *Session) currentKey(c *charter.Charter, r view.Record) (k currentKey, err error) {
	if !r.Foreign {
		at, err := s.index.Load().view.Entries(r.RID)
		if err != nil {
			return k, err
		}
		if len(at) == 0 || at[0] == r.KeyPos {
			it, e, err := s.entryAt(journal.Pos(r.KeyPos))
			if err != nil {
				return k, err
			}
			k.entry, k.teams = e, teamsOf(e)
			k.key, err = s.ring.RecordKey(e, it)
			return k, err
		}
	}
	found, err := s.entriesOf(r)
	if err != nil {
		return k, err
	}
	keys := s.keysOf(found)
	if keys.begun < 0 {
		return k, fmt.Errorf("vault: record %s: %w", r.ID, amana.ErrNotFound)
	}
	newest := found[s.newest(c, found, keys)]
	k.entry, k.teams = newest.entry, keys.teams
	k.key, err = s.ring.RecordKey(newest.entry, newest.item)
	return k, err
}

// entriesOf opens the entry of every item of a record.
func (s *Session) entriesOf(r view.Record) ([]foundEntry, error) {
	at, err := s.index.Load().view.Entries(r.RID)
	if err != nil {
		return nil, err
	}
	found := make([]foundEntry, 0, len(at))
	for _, p := range at {
		it, e, err := s.entryAt(journal.Pos(p))
		switch {
		case errors.Is(err, amana.ErrStorage):
			return nil, err
		case err == nil:
			found = append(found, foundEntry{it, e})
		}
	}
	return found, nil
}

func (s *Session) entryAt(p journal.Pos) (journal.Item, journal.Entry, error) {
	it, err := s.open.read(p)
	if err != nil {
		return it, journal.Entry{}, err
	}
	e, err := s.open.openEntry(s.ring, it)
	return it, e, err
}
