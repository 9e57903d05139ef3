package vault

import (
	"context"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// amendment is one entry of the charter: facts, and the boxes that some of them
// announce, in the order of the facts.
type amendment struct {
	facts   []event.Fact
	boxes   []byte
	orgKeys bool // the boxes hold keys of the whole organisation
	// opened is the key of an epoch that the facts open, where this member is to
	// hold it. It is in the member's ring once it is in the charter, not before.
	opened map[journal.TeamEpoch]seal.TeamKey
}

// amend writes charter entries, all or none, signed by root where it is given,
// else by the member.
func (s *Session) amend(ctx context.Context, root seal.Identity, list ...amendment) error {
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	if err := s.Arriving(); err != nil {
		return err
	}
	s.open.changing.Lock()
	defer s.open.changing.Unlock()
	w := newSave(s.ring)
	for _, a := range list {
		if len(a.opened) > 0 {
			w.ring = w.ring.With(a.opened)
		}
	}
	c, err := s.Charter()
	if err != nil {
		return err
	}
	if err := s.allowed(c, root, list); err != nil {
		return err
	}
	w.epoch = max(1, s.sealingEpoch(c))
	key := s.sealing()
	for _, a := range list {
		w.epoch = max(w.epoch, openedEpoch(a.facts))
		d, err := s.charterDraft(a, w.epoch, &key)
		if err != nil {
			return err
		}
		d.Root, d.After = root, c.Ruled()
		w.drafts = append(w.drafts, d)
	}
	done, err := s.open.saves.put(ctx, w)
	if err != nil {
		return err
	}
	s.open.addCharter(done.at...)
	if err := s.freshen(); err != nil {
		return err
	}
	return s.open.noteCharter(s.vault.dir)
}

// allowed tries the amendments on a copy of the charter, so that nothing is
// written that every reader would refuse.
func (s *Session) allowed(c *charter.Charter, root seal.Identity, list []amendment) error {
	try := c.Clone()
	author := s.ring.Member()
	if !root.IsZero() {
		author = amana.MemberID{}
	}
	head := s.open.log.Head(s.open.device)
	for i, a := range list {
		e := charter.Entry{
			Time: max(s.open.clock.Now(), c.Latest()+1), Author: author, Device: s.open.device,
			Seq: head.Seq + 1 + uint64(i), Facts: a.facts,
		}
		if err := try.Apply(e); err != nil {
			return err
		}
	}
	return nil
}

// openedEpoch is the epoch of the organisation that facts open, or 0.
func openedEpoch(facts []event.Fact) uint64 {
	for _, f := range facts {
		if e, ok := f.(event.EpochOpened); ok && e.Team == keyring.Organisation {
			return e.Epoch
		}
	}
	return 0
}

// charterKey is the key that the charter's next entry is sealed under.
type charterKey struct {
	key   seal.RecordKey
	epoch uint64 // of the organisation, under whose key it is wrapped
	later bool   // it is not the one the charter began with
}

func (s *Session) sealing() charterKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules.sealing
}

// charterDraft seals an amendment for every member: under the charter's key, or
// under a next one where the organisation's epoch turned.
func (s *Session) charterDraft(a amendment, epoch uint64, k *charterKey) (keyring.Draft, error) {
	d := keyring.Draft{Record: charterRecord(s.open.org), Boxes: a.boxes, OrgKeys: a.orgKeys}
	facts := a.facts
	if k.key.IsZero() || k.epoch < epoch {
		founding := k.key.IsZero() && !k.later
		if founding {
			facts = append([]event.Fact{event.Begun{Kind: amana.KindCharter}}, facts...)
		}
		*k = charterKey{key: seal.NewRecordKey(), epoch: epoch, later: !founding}
		d.Teams = []journal.TeamEpoch{{Team: keyring.Organisation, Epoch: epoch}}
	}
	d.Key, d.Later = k.key, k.later
	var err error
	d.Body, err = pack(event.Body{Facts: facts})
	return d, err
}

// boxKeys returns the public keys of members, and last the recovery key's.
func boxKeys(c *charter.Charter, to []amana.MemberID, recovery bool) ([]seal.BoxKey, error) {
	keys := make([]seal.BoxKey, 0, len(to)+1)
	for _, id := range to {
		m, ok := c.Member(id)
		if !ok {
			return nil, fmt.Errorf("vault: member %s: %w", id, amana.ErrNotFound)
		}
		keys = append(keys, m.BoxKey)
	}
	if recovery {
		keys = append(keys, c.RecoveryKey())
	}
	return keys, nil
}

// turn opens the next epoch of a team, for those who are in it by c.
func (s *Session) turn(c *charter.Charter, team amana.TeamID) (amendment, error) {
	to := membersOf(c, team)
	keys, err := boxKeys(c, to, true)
	if err != nil {
		return amendment{}, err
	}
	epoch := c.Epoch(team) + 1
	k, boxes, err := keyring.OpenEpoch(s.open.org, team, epoch, keys)
	if err != nil {
		return amendment{}, err
	}
	opened := map[journal.TeamEpoch]seal.TeamKey{}
	if slices.Contains(to, s.ring.Member()) {
		opened[journal.TeamEpoch{Team: team, Epoch: epoch}] = k
	}
	return amendment{
		opened:  opened,
		facts:   []event.Fact{event.EpochOpened{Team: team, Epoch: epoch, Commitment: k.Commitment(), To: to}},
		boxes:   boxes,
		orgKeys: team == keyring.Organisation,
	}, nil
}

// membersOf returns who is in a team, or in the organisation.
func membersOf(c *charter.Charter, team amana.TeamID) []amana.MemberID {
	if team != keyring.Organisation {
		t, _ := c.Team(team)
		return t.Members
	}
	var all []amana.MemberID
	for _, m := range c.Members() {
		if m.Left == 0 {
			all = append(all, m.ID)
		}
	}
	return all
}
