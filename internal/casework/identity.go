package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amana"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/vault"
)

// unwritten is a record of which nobody has said anything yet: every field stands
// there, empty. Where a case has no identity record, a change to the record zero
// begins one.
func unwritten(set *form.Set, kind amana.Kind) *Part {
	p, seen := &Part{Kind: kind}, map[string]bool{}
	put := func(f record.Field) {
		if !seen[f.Name] && !strings.Contains(f.Name, "/") {
			seen[f.Name] = true
			p.Cells = append(p.Cells, Cell{Field: f, Name: f.Name})
		}
	}
	for _, f := range set.For(kind) {
		for _, field := range f.Fields() {
			put(field.Field)
		}
	}
	for _, f := range record.Fields(kind) {
		put(f)
	}
	return p
}

// holdsIdentity reports whether a member is in a team that holds identities.
func holdsIdentity(t Team, m amana.MemberID) bool {
	return t.Identities && slices.Contains(t.Members, m)
}

// beginIdentity writes the first that is said of who the person is. ErrConflict
// if somebody did so meanwhile, ErrRefused if the team works without names.
func (d *Desk) beginIdentity(ctx context.Context, caseID amana.RecordID, values Values) error {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	for i := range f.Records {
		if f.Records[i].Kind == amana.KindIdentity {
			return fmt.Errorf("casework: identity of case %s: %w", caseID, amana.ErrConflict)
		}
	}
	if len(f.Case.Teams) == 0 || !holdsIdentity(teamOf(d.charter(), f.Case.Teams[0]), d.session.Member()) {
		return fmt.Errorf("casework: identity of case %s: %w", caseID, amana.ErrRefused)
	}
	bad := FieldErrors{}
	d.check(bad, amana.KindIdentity, values)
	if len(bad) > 0 {
		return bad
	}
	facts := sets(values)
	if len(facts) == 0 {
		return nil
	}
	return d.session.Save(ctx, vault.Change{
		Record: d.session.NewRecord(amana.KindIdentity),
		Begin:  &vault.Begin{Kind: amana.KindIdentity, Case: caseID, Teams: f.Case.Teams}, Facts: facts,
	})
}
