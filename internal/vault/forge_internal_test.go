package vault

import (
	"context"

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
