package casework

import (
	"context"
	"fmt"
	"slices"

	"amana"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// unwritten is the identity of a case whose team holds identities, but where
// nobody has said anything yet: there is no record of it. A change to the record
// zero begins one.
func unwritten() *Part {
	p := &Part{}
	for _, f := range record.Fields(amana.KindIdentity) {
		p.Cells = append(p.Cells, Cell{Field: f, Name: f.Name})
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
		Record: amana.RecordID(seal.Random16()),
		Begin:  &vault.Begin{Kind: amana.KindIdentity, Case: caseID, Teams: f.Case.Teams}, Facts: facts,
	})
}
