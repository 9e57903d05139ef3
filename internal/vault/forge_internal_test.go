package vault

import (
	"context"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// Forge writes what a changed program could: an entry of this member that brings
// a record of any team a key of the member's own team.
func (s *Session) Forge(ctx context.Context, record amana.RecordID, team amana.TeamID, facts ...event.Fact) (seal.RecordKey, error) {
	c, err := s.Charter()
	if err != nil {
		return seal.RecordKey{}, err
	}
	body, err := pack(event.Body{Facts: facts})
	if err != nil {
		return seal.RecordKey{}, err
	}
	w := newSave(s.ring)
	w.epoch = c.Epoch(keyring.Organisation)
	d := keyring.Draft{
		Record: record, Key: seal.NewRecordKey(), Body: body,
		Teams: []journal.TeamEpoch{{Team: team, Epoch: c.Epoch(team)}},
	}
	w.drafts = append(w.drafts, d)
	_, err = s.open.saves.put(ctx, w)
	return d.Key, err
}

// Opens reports whether any item of a record opens with a key.
func (s *Session) Opens(record amana.RecordID, k seal.RecordKey) (n int) {
	items, _ := s.ItemsOf(record)
	for _, it := range items {
		e, err := s.open.openEntry(s.ring, it)
		if err != nil {
			continue
		}
		if _, err := s.ring.OpenBody(e, it, k); err == nil {
			n++
		}
	}
	return n
}

// ForgeAs writes an entry that says it is another member's.
func (s *Session) ForgeAs(ctx context.Context, as amana.MemberID) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	ring := keyring.New(s.open.org, as, seal.NewIdentity())
	if err := ring.Restore(s.ring.Keep()); err != nil {
		return err
	}
	body, err := pack(event.Body{Facts: []event.Fact{event.Opened{}}})
	if err != nil {
		return err
	}
	w := newSave(ring)
	w.epoch = c.Epoch(keyring.Organisation)
	w.drafts = append(w.drafts, keyring.Draft{Record: amana.RecordID(seal.Random16()), Key: seal.NewRecordKey(), Body: body})
	_, err = s.open.saves.put(ctx, w)
	return err
}

// CharterJunk writes an entry of the charter at a time of the caller's choice, signed
// by nobody's key if forged.
func (s *Session) CharterJunk(ctx context.Context, forged bool, after uint64, facts ...event.Fact) error {
	ring := s.ring
	if forged {
		ring = keyring.New(s.open.org, s.ring.Member(), seal.NewIdentity())
		if err := ring.Restore(s.ring.Keep()); err != nil {
			return err
		}
	}
	c, err := s.Charter()
	if err != nil {
		return err
	}
	body, err := pack(event.Body{Facts: facts})
	if err != nil {
		return err
	}
	w := newSave(ring)
	w.epoch = c.Epoch(keyring.Organisation)
	k := s.sealing()
	w.drafts = append(w.drafts, keyring.Draft{Record: charterRecord(s.open.org), Key: k.key, Later: k.later, Body: body, After: after})
	done, err := s.open.saves.put(ctx, w)
	if err != nil {
		return err
	}
	s.open.addCharter(done.at...)
	return s.freshen()
}

// ForgeInto writes what a changed program could: facts under a record's own key, though
// the charter does not allow this member any. With begin it is a new record's.
func (s *Session) ForgeInto(ctx context.Context, record amana.RecordID, begin *Begin, facts ...event.Fact) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	d := keyring.Draft{Record: record}
	if begin != nil {
		facts = append([]event.Fact{event.Begun{Kind: begin.Kind, Case: begin.Case}}, facts...)
		key := s.names.keys[record].key
		if key.IsZero() {
			key = seal.NewRecordKey()
		}
		err = s.wrapKey(c, key, begin.Teams, &d)
	} else {
		r, e := s.index.Load().find(record)
		if e != nil {
			return e
		}
		k, e := s.currentKey(c, r)
		d.Key, d.Later, err = k.key, k.entry.Generation != seal.Generation{}, e
	}
	if err != nil {
		return err
	}
	if d.Body, err = pack(event.Body{Facts: facts}); err != nil {
		return err
	}
	w := newSave(s.ring)
	w.epoch = c.Epoch(keyring.Organisation)
	w.drafts = append(w.drafts, d)
	done, err := s.open.saves.put(ctx, w)
	if err == nil {
		s.index.Load().saved(done.at)
	}
	return err
}

// ForgeFirst writes an entry that begins a record of a team again, at a time before any
// other, as a changed program could.
func (s *Session) ForgeFirst(ctx context.Context, record amana.RecordID, team amana.TeamID, clock func() time.Time, facts ...event.Fact) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	now := s.open.clock
	s.open.clock = journal.NewClock(clock)
	defer func() { s.open.clock = now }()
	d := keyring.Draft{Record: record, Teams: []journal.TeamEpoch{{Team: team, Epoch: c.Epoch(team)}}, Key: seal.NewRecordKey()}
	if d.Body, err = pack(event.Body{Facts: facts}); err != nil {
		return err
	}
	w := newSave(s.ring)
	w.epoch = c.Epoch(keyring.Organisation)
	w.drafts = append(w.drafts, d)
	done, err := s.open.saves.put(ctx, w)
	if err == nil {
		s.index.Load().saved(done.at)
	}
	return err
}

// ForgeAgain writes an entry that begins this member's own record a second time, with
// its own key, as their changed program could.
func (s *Session) ForgeAgain(ctx context.Context, record amana.RecordID, team amana.TeamID, facts ...event.Fact) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	r, err := s.index.Load().find(record)
	if err != nil {
		return err
	}
	k, err := s.currentKey(c, r)
	if err != nil {
		return err
	}
	d := keyring.Draft{Record: record, Teams: []journal.TeamEpoch{{Team: team, Epoch: c.Epoch(team)}}, Key: k.key}
	if d.Body, err = pack(event.Body{Facts: facts}); err != nil {
		return err
	}
	w := newSave(s.ring)
	w.epoch = c.Epoch(keyring.Organisation)
	w.drafts = append(w.drafts, d)
	done, err := s.open.saves.put(ctx, w)
	if err == nil {
		s.index.Load().saved(done.at)
	}
	return err
}
