package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// NewMember is a member to be added on this device.
type NewMember struct {
	Name       string
	Roles      []amana.Role
	Teams      []amana.TeamID
	Passphrase []byte
}

// AddMember brings a member, who can unlock this device with the passphrase from
// now on. Keys of teams that whoever adds them does not hold are handed on by the
// next member of the team who unlocks; see [Session.HandOn].
func (s *Session) AddMember(ctx context.Context, n NewMember) (amana.MemberID, error) {
	id := seal.NewIdentity()
	member, err := s.freshMember()
	if err != nil {
		return member, err
	}
	sealed, err := s.slotFor(member, id, n.Passphrase)
	if err != nil {
		return member, err
	}
	c, err := s.Charter()
	if err != nil {
		return member, err
	}
	box := []seal.BoxKey{id.BoxKey()}
	to := []amana.MemberID{member}
	epoch := c.Epoch(keyring.Organisation)
	boxes, err := s.ring.Grant(keyring.Organisation, epoch, box)
	if err != nil {
		return member, err
	}
	list := []amendment{{
		facts: []event.Fact{
			event.MemberAdded{Member: member, Name: n.Name, Roles: n.Roles, Verify: id.VerifyKey(), Box: id.BoxKey()},
			event.KeysGranted{Team: keyring.Organisation, Epoch: epoch, To: to},
			event.WaysGiven{Device: s.open.device, Members: to},
		},
		boxes:   boxes,
		orgKeys: true,
	}}
	for _, team := range n.Teams {
		list = append(list, s.joining(c, team, member, box)...)
	}
	if err := s.amend(ctx, seal.Identity{}, list...); err != nil {
		return member, err
	}
	return member, s.changeSlot(member, sealed)
}

// joining is what it takes to bring a member into a team, with its keys if this
// member holds them.
func (s *Session) joining(c *charter.Charter, team amana.TeamID, member amana.MemberID, box []seal.BoxKey) []amendment {
	list := []amendment{{facts: []event.Fact{event.TeamJoined{Team: team, Member: member}}}}
	epoch := c.Epoch(team)
	if epoch == 0 {
		return list
	}
	if boxes, err := s.ring.Grant(team, epoch, box); err == nil {
		list = append(list, amendment{
			facts: []event.Fact{event.KeysGranted{Team: team, Epoch: epoch, To: []amana.MemberID{member}}},
			boxes: boxes,
		})
	}
	return list
}

// freshMember returns an ID whose short form is nobody's.
func (s *Session) freshMember() (amana.MemberID, error) {
	c, err := s.Charter()
	if err != nil {
		return amana.MemberID{}, err
	}
	for {
		id := amana.MemberID(seal.Random16())
		short := [4]byte(id[:4])
		if _, taken := c.AuthorByShort(short); !taken && short != [4]byte{} {
			return id, nil
		}
	}
}

// slotFor stretches a passphrase and seals a slot. ErrInvalid if the passphrase
// opens a slot already: two members must not share one. The words of the error
// must not say so, since that would give another's passphrase away.
func (s *Session) slotFor(m amana.MemberID, id seal.Identity, passphrase []byte) ([]byte, error) {
	s.vault.mu.Lock()
	h := s.vault.header
	s.vault.mu.Unlock()
	k, err := seal.Stretch(passphrase, h.Salt, h.Cost)
	if err != nil {
		return nil, err
	}
	if _, err := h.openSlot(k); !errors.Is(err, amana.ErrPassphrase) {
		return nil, fmt.Errorf("vault: this passphrase cannot be used, choose another: %w", amana.ErrInvalid)
	}
	return sealSlot(k, slot{
		Org: s.open.org, Member: m, Identity: id.Export(), DeviceKey: s.open.key.Export(),
	}), nil
}

func (s *Session) changeSlot(m amana.MemberID, sealed []byte) error {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	return s.vault.putSlot(s.open, m, sealed)
}

// ChangePassphrase gives the member a new passphrase on this device. Kinds:
// ErrPassphrase or ErrWait for the old one, ErrInvalid for a new one that cannot
// be used.
func (s *Session) ChangePassphrase(_ context.Context, old, fresh []byte) error {
	var sl slot
	err := s.vault.guard.try(func() (err error) {
		sl, err = s.vault.slotBy(old)
		if err == nil && sl.Member != s.ring.Member() {
			err = fmt.Errorf("vault: %w", amana.ErrPassphrase)
		}
		return err
	})
	if err != nil {
		return err
	}
	id, err := seal.ImportIdentity(sl.Identity)
	if err != nil {
		return err
	}
	sealed, err := s.slotFor(sl.Member, id, fresh)
	if err != nil {
		return err
	}
	return s.changeSlot(sl.Member, sealed)
}

// ChangeMember changes a member's name and roles.
func (s *Session) ChangeMember(ctx context.Context, id amana.MemberID, name string, roles []amana.Role) error {
	return s.amend(ctx, seal.Identity{}, amendment{facts: []event.Fact{
		event.MemberChanged{Member: id, Name: name, Roles: roles},
	}})
}

// RemoveMember ends a membership: the organisation's and every team's epoch turn,
// so that what is written from now on is sealed against the member's keys, and
// the member's slot on this device goes.
func (s *Session) RemoveMember(ctx context.Context, id amana.MemberID) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	teams := c.TeamsOf(id)
	after := c.Clone()
	left := []event.Fact{event.MemberLeft{Member: id}}
	if err := s.allowed(c, seal.Identity{}, []amendment{{facts: left}}); err != nil {
		return err
	}
	if err := after.Apply(s.proposed(left)); err != nil {
		return err
	}
	first, err := s.turn(after, keyring.Organisation)
	if err != nil {
		return err
	}
	first.facts = append(left, first.facts...)
	list := []amendment{first}
	for _, team := range teams {
		t, err := s.turn(after, team)
		if err != nil {
			return err
		}
		list = append(list, t)
	}
	// The way in goes first: a crash in between leaves a member who cannot unlock
	// and is to be removed once more, not one who left and can.
	slots, err := s.vault.slotsOf(s.open, id)
	if err != nil {
		return err
	}
	if err := s.changeSlot(id, nil); err != nil {
		return err
	}
	if err := s.amend(ctx, seal.Identity{}, list...); err != nil {
		if len(slots) > 0 {
			err = errors.Join(err, s.changeSlot(id, slots[len(slots)-1]))
		}
		return err
	}
	return s.vault.expel(s.open, id)
}

// proposed is an entry by this member as it would come next.
func (s *Session) proposed(facts []event.Fact) charter.Entry {
	return charter.Entry{
		Time: max(s.open.clock.Now(), s.latest()+1), Author: s.ring.Member(), Device: s.open.device,
		Seq: s.open.log.Head(s.open.device).Seq + 1, Facts: facts,
	}
}

// latest is the time of the charter's last entry, as it was read last.
func (s *Session) latest() uint64 {
	c, err := s.read()
	if err != nil {
		return 0
	}
	return c.Latest()
}

// expel ends the sessions of a member who left and removes the member's view.
func (v *Vault) expel(o *opened, m amana.MemberID) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var err error
	if p := o.places[m]; p != nil {
		delete(o.places, m)
		err = p.leave()
	}
	v.removeViewsOf(o, m)
	return err
}

// FormTeam forms a team with these first members and opens its first epoch.
func (s *Session) FormTeam(ctx context.Context, t event.TeamFormed, members ...amana.MemberID) (amana.TeamID, error) {
	t.Team = amana.TeamID(seal.Random16())
	facts := []event.Fact{t}
	for _, m := range members {
		facts = append(facts, event.TeamJoined{Team: t.Team, Member: m})
	}
	c, err := s.Charter()
	if err != nil {
		return t.Team, err
	}
	c = c.Clone()
	if err := c.Apply(s.proposed(facts)); err != nil {
		return t.Team, err
	}
	epoch, err := s.turn(c, t.Team)
	if err != nil {
		return t.Team, err
	}
	return t.Team, s.amend(ctx, seal.Identity{}, amendment{facts: facts}, epoch)
}

// JoinTeam brings a member into a team.
func (s *Session) JoinTeam(ctx context.Context, team amana.TeamID, member amana.MemberID) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	box, err := boxKeys(c, []amana.MemberID{member}, false)
	if err != nil {
		return err
	}
	return s.amend(ctx, seal.Identity{}, s.joining(c, team, member, box)...)
}

// LeaveTeam takes a member off a team, whose epoch turns.
func (s *Session) LeaveTeam(ctx context.Context, team amana.TeamID, member amana.MemberID) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	left := []event.Fact{event.TeamLeft{Team: team, Member: member}}
	c = c.Clone()
	if err := c.Apply(s.proposed(left)); err != nil {
		return err
	}
	epoch, err := s.turn(c, team)
	if err != nil {
		return err
	}
	return s.amend(ctx, seal.Identity{}, amendment{facts: left}, epoch)
}

// SetRule changes a rule of the organisation.
func (s *Session) SetRule(ctx context.Context, rule, value string) error {
	return s.amend(ctx, seal.Identity{}, amendment{facts: []event.Fact{event.RuleSet{Rule: rule, Value: value}}})
}

// Adopt makes a document the organisation's own, in place of the one of its name;
// without content there is none any more. Kinds: ErrRefused, ErrInvalid, ErrStorage.
func (s *Session) Adopt(ctx context.Context, name, version string, content []byte) error {
	return s.amend(ctx, seal.Identity{}, amendment{facts: []event.Fact{
		event.Adopted{Name: name, Version: version, Content: content},
	}})
}

// HandOn gives members who joined a team its keys, where this member holds them
// and nobody did yet. It is called after unlocking; it reports whether it gave
// any.
func (s *Session) HandOn(ctx context.Context) (bool, error) {
	c, err := s.Charter()
	if err != nil {
		return false, err
	}
	var list []amendment
	for _, t := range c.Teams() {
		pending := c.Pending(t.ID)
		epoch := c.Epoch(t.ID)
		if len(pending) == 0 || epoch == 0 || slices.Contains(pending, s.ring.Member()) {
			continue
		}
		keys, err := boxKeys(c, pending, false)
		if err != nil {
			return false, err
		}
		boxes, err := s.ring.Grant(t.ID, epoch, keys)
		if errors.Is(err, keyring.ErrNoKey) {
			continue
		}
		if err != nil {
			return false, err
		}
		list = append(list, amendment{
			facts: []event.Fact{event.KeysGranted{Team: t.ID, Epoch: epoch, To: pending}},
			boxes: boxes,
		})
	}
	if len(list) == 0 {
		return false, nil
	}
	return true, s.amend(ctx, seal.Identity{}, list...)
}
