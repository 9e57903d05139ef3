package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amana"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// AddMember brings a member and returns a passphrase made for them, to be handed
// over in person; it is kept nowhere. Kinds: FieldErrors, ErrRefused.
func (d *Desk) AddMember(ctx context.Context, n NewMember) (amana.MemberID, string, error) {
	words := seal.SuggestPassphrase()
	id, err := d.AddMemberWith(ctx, n, []byte(words))
	return id, words, err
}

// AddMemberWith is AddMember with a passphrase that was made elsewhere.
func (d *Desk) AddMemberWith(ctx context.Context, n NewMember, passphrase []byte) (amana.MemberID, error) {
	bad := FieldErrors{}
	if strings.TrimSpace(n.Name) == "" {
		bad["name"] = string(record.FaultRequired)
	} else if fault := record.CheckLine(n.Name); fault != "" {
		bad["name"] = string(fault)
	}
	checkRoles(bad, n.Roles)
	for _, m := range d.charter().Members() {
		if m.Left == 0 && strings.EqualFold(m.Name, strings.TrimSpace(n.Name)) {
			bad["name"] = "invalid.name.taken"
		}
	}
	if len(bad) > 0 {
		return amana.MemberID{}, bad
	}
	return d.session.AddMember(ctx, vault.NewMember{
		Name: strings.TrimSpace(n.Name), Roles: n.Roles, Teams: n.Teams, Passphrase: passphrase,
	})
}

func checkRoles(bad FieldErrors, roles []amana.Role) {
	if len(roles) == 0 {
		bad["roles"] = string(record.FaultRequired)
	}
	for _, r := range roles {
		if !slices.Contains(amana.Roles(), r) {
			bad["roles"] = string(record.FaultOption)
		}
	}
}

// ChangeRoles changes what a member does. The last administrator stays one.
func (d *Desk) ChangeRoles(ctx context.Context, id amana.MemberID, roles []amana.Role) error {
	bad := FieldErrors{}
	checkRoles(bad, roles)
	if len(bad) > 0 {
		return bad
	}
	m, ok := d.charter().Member(id)
	if !ok {
		return fmt.Errorf("casework: member %s: %w", id, amana.ErrNotFound)
	}
	return d.session.ChangeMember(ctx, id, m.Name, roles)
}

// RemoveMember ends a membership. What is written from now on is sealed against
// the member's keys; what they could read until now they may have copied.
func (d *Desk) RemoveMember(ctx context.Context, id amana.MemberID) error {
	return d.session.RemoveMember(ctx, id)
}

// FormTeam forms a team.
func (d *Desk) FormTeam(ctx context.Context, t NewTeam) (amana.TeamID, error) {
	bad := FieldErrors{}
	if strings.TrimSpace(t.Name) == "" {
		bad["name"] = string(record.FaultRequired)
	} else if fault := record.CheckLine(t.Name); fault != "" {
		bad["name"] = string(fault)
	}
	if !slices.Contains([]amana.Compartment{amana.Care, amana.Statistics, amana.Accountability}, t.Compartment) {
		bad["compartment"] = string(record.FaultOption)
	}
	if len(bad) > 0 {
		return amana.TeamID{}, bad
	}
	var first []amana.MemberID
	if t.Join {
		first = append(first, d.session.Member())
	}
	return d.session.FormTeam(ctx, teamFact(t), first...)
}

// JoinTeam brings a member into a team. Where this member does not hold the
// team's keys, the next of the team who unlocks hands them on.
func (d *Desk) JoinTeam(ctx context.Context, team amana.TeamID, member amana.MemberID) error {
	return d.session.JoinTeam(ctx, team, member)
}

// LeaveTeam takes a member off a team, whose next key they will not have.
func (d *Desk) LeaveTeam(ctx context.Context, team amana.TeamID, member amana.MemberID) error {
	return d.session.LeaveTeam(ctx, team, member)
}

// ChangePassphrase changes the member's own passphrase on this device. Kinds:
// ErrPassphrase and ErrWait for the old one, FieldErrors for the new.
func (d *Desk) ChangePassphrase(ctx context.Context, old, fresh []byte) error {
	if seal.Strength(string(fresh)) < seal.MinimumStrength {
		return FieldErrors{"passphrase": "invalid.passphrase.weak"}
	}
	return d.session.ChangePassphrase(ctx, old, fresh)
}

// The rules an organisation can set.
const (
	RuleIdleMinutes = "idle_minutes"
	RuleLanguages   = "languages" // tags, separated by commas
)

// SetRule changes a rule of the organisation. Kinds: FieldErrors, ErrRefused.
func (d *Desk) SetRule(ctx context.Context, rule, value string) error {
	if rule == ruleDemo {
		return fmt.Errorf("casework: rule %s: %w", rule, amana.ErrRefused)
	}
	if fault := record.CheckLine(value); value != "" && fault != "" {
		return FieldErrors{rule: string(fault)}
	}
	return d.session.SetRule(ctx, rule, value)
}
