package vault

import (
	"context"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// RevokeDevice ends a device that was lost: what it signs from now on counts for
// nothing, and every team's key turns, so that what is written next is sealed under
// keys that it does not have. What it holds it may still show to whoever forces a
// passphrase out of a member.
func (s *Session) RevokeDevice(ctx context.Context, d amana.DeviceID) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	facts := []event.Fact{event.DeviceRevoked{Device: d}}
	after := c.Clone()
	if err := after.Apply(s.proposed(facts)); err != nil {
		return err
	}
	first, err := s.turn(after, keyring.Organisation)
	if err != nil {
		return err
	}
	first.facts = append(facts, first.facts...)
	list := []amendment{first}
	for _, t := range after.Teams() {
		if len(t.Members) == 0 {
			continue
		}
		next, err := s.turn(after, t.ID)
		if err != nil {
			return err
		}
		list = append(list, next)
	}
	return s.amend(ctx, seal.Identity{}, list...)
}

// turnPending opens the next key of every team that somebody left who holds the
// current one, as may happen where two devices changed it at the same time. It
// reports whether there was any.
func (s *Session) turnPending(ctx context.Context) (bool, error) {
	c, err := s.Charter()
	if err != nil {
		return false, err
	}
	var list []amendment
	teams := []amana.TeamID{keyring.Organisation}
	for _, t := range c.Teams() {
		teams = append(teams, t.ID)
	}
	for _, team := range teams {
		if !c.NeedsTurn(team) || !s.mayTurn(c, team) {
			continue
		}
		next, err := s.turn(c, team)
		if err != nil {
			return false, err
		}
		list = append(list, next)
	}
	if len(list) == 0 {
		return false, nil
	}
	return true, s.amend(ctx, seal.Identity{}, list...)
}

// mayTurn reports whether this member may open a team's next epoch.
func (s *Session) mayTurn(c *charter.Charter, team amana.TeamID) bool {
	m, ok := c.Member(s.ring.Member())
	if !ok || m.Left != 0 {
		return false
	}
	in := team != keyring.Organisation && slices.Contains(c.TeamsOf(m.ID), team)
	return m.Has(amana.RoleAdministrator) || in
}
