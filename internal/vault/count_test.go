package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
)

// takesIn adds a member of one role to the first team. The worker who is returned has
// given them its keys.
func (c *clinic) takesIn(t *testing.T, words string, role amana.Role) (owner *vault.Session) {
	t.Helper()
	id, err := c.admin.AddMember(t.Context(), vault.NewMember{Name: "Member", Roles: []amana.Role{role}, Passphrase: []byte(words)})
	if err == nil {
		err = c.admin.JoinTeam(t.Context(), c.teams[0], id)
	}
	if err != nil {
		t.Fatal(err)
	}
	owner = c.asWorker(t, 0)
	if _, err := owner.HandOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return owner
}

// An analyst writes what is about nobody, and nothing else: neither by this program nor,
// for whoever reads, by a changed one.
func TestVault_analystsWriteWhatIsAboutNobodyOnly(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	owner := c.takesIn(t, "analyst words for the test", amana.RoleAnalyst)
	file := c.open(t, owner, c.teams[0], "Exemple", "orchard")
	s := c.unlock(t, "analyst words for the test")
	team, everyone := c.teams[:1], []amana.TeamID{{}}
	field := event.Set{Field: "content", Value: event.Text("figures")}
	begin := func(kind amana.Kind, of amana.RecordID, teams []amana.TeamID) vault.Change {
		return vault.Change{Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: kind, Case: of, Teams: teams}, Facts: []event.Fact{field}}
	}
	figures, estimate := begin(amana.KindFigures, amana.RecordID{}, everyone), begin(amana.KindEstimate, amana.RecordID{}, team)
	granted := event.Consented{Purpose: amana.PurposeStatistics, Decision: amana.Granted}
	for _, try := range []struct {
		what string
		ch   vault.Change
		want error
	}{
		{"figures", figures, nil},
		{"more of them", vault.Change{Record: figures.Record, Facts: []event.Fact{field}}, nil},
		{"an estimate", estimate, nil},
		{"what left", begin(amana.KindExchange, amana.RecordID{}, team), nil},
		{"a consent on figures", vault.Change{Record: figures.Record, Facts: []event.Fact{granted}}, amana.ErrRefused},
		{"figures of a case", begin(amana.KindFigures, file, team), amana.ErrRefused},
		{"figures that begin a case", vault.Change{Record: figures.Record, Facts: []event.Fact{event.Begun{Kind: amana.KindCase}, field}}, amana.ErrRefused},
		{"a case", begin(amana.KindCase, amana.RecordID{}, team), amana.ErrRefused},
		{"an identity", begin(amana.KindIdentity, file, team), amana.ErrRefused},
		{"an incident", begin(amana.KindIncident, file, team), amana.ErrRefused},
		{"a service", begin(amana.KindService, amana.RecordID{}, everyone), amana.ErrRefused},
		{"an entry of the ledger of releases", begin(amana.KindRelease, amana.RecordID{}, team), amana.ErrRefused},
		{"words on a case", vault.Change{Record: file, Facts: []event.Fact{field}}, amana.ErrRefused},
		{"a beginning on a case", vault.Change{Record: file, Facts: []event.Fact{event.Begun{Kind: amana.KindFigures}, field}}, amana.ErrRefused},
	} {
		t.Run(try.what, func(t *testing.T) {
			if err := s.Save(ctx, try.ch); !errors.Is(err, try.want) {
				t.Errorf("%v, want %v", err, try.want)
			}
			if try.want == nil || try.ch.Record == figures.Record {
				return
			}
			// The same with a changed program is in the journal, and counts for nothing.
			before, _ := owner.Peek(file)
			if err := s.ForgeInto(ctx, try.ch.Record, try.ch.Begin, try.ch.Facts...); err != nil {
				t.Fatal(err)
			}
			after, err := owner.Peek(file)
			if err != nil || after.Case.Kind != amana.KindCase || after.Case.Value("content").Reveal() != "" || after.Case.Version != before.Case.Version {
				t.Errorf("the case: %v, kind %s, %q", err, after.Case.Kind, after.Case.Value("content").Reveal())
			}
			if try.ch.Begin == nil {
				if got, want := after.Case.Tampered, before.Case.Tampered+1; got != want {
					t.Errorf("%d entries are reported, want %d", got, want)
				}
				return
			}
			if o, err := owner.Peek(try.ch.Record); err == nil && o.Case.ID == try.ch.Record && o.Case.Kind != "" {
				t.Errorf("it is read as a %s", o.Case.Kind)
			}
		})
	}
	if o, err := owner.ReadRecord(ctx, estimate.Record); err != nil || o.Tampered != 0 || o.Value("content").Reveal() != "figures" {
		t.Errorf("the estimate: %v, %d tampered, %q", err, o.Tampered, o.Value("content").Reveal())
	}
	if o, err := owner.ReadRecord(ctx, figures.Record); err != nil || o.Kind != amana.KindFigures || o.Tampered != 0 {
		t.Errorf("the figures: %v, a %s, %d tampered", err, o.Kind, o.Tampered)
	}
}

// Nobody who may not begin a case puts another beginning in its place by setting their
// clock back; and of figures that were begun twice it is said.
func TestVault_aBeginningPutBeforeAnother(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	c.takesIn(t, "member words for the test a", amana.RoleAnalyst)
	owner := c.takesIn(t, "member words for the test b", amana.RoleAdministrator)
	c.now = c.now.Add(time.Hour)
	file := c.open(t, owner, c.teams[0], "Exemple", "orchard")
	figures := amana.RecordID(seal.Random16())
	content := event.Set{Field: "content", Value: event.Text("figures")}
	if err := owner.Save(ctx, vault.Change{Record: figures, Begin: &vault.Begin{Kind: amana.KindFigures, Teams: []amana.TeamID{{}}}, Facts: []event.Fact{content}}); err != nil {
		t.Fatal(err)
	}
	before := func() time.Time { return c.now.Add(-time.Minute) }
	other := event.Set{Field: "content", Value: event.Text("others")}
	for i, analyst := range []bool{true, false} {
		s := c.unlock(t, "member words for the test "+string(rune('a'+i)))
		if err := s.ForgeFirst(ctx, file, c.teams[0], before, event.Begun{Kind: amana.KindFigures}, other); err != nil {
			t.Fatal(err)
		}
		f, err := owner.Peek(file)
		if err != nil || f.Case.Kind != amana.KindCase || f.Case.Unread != 0 || f.Case.Tampered == 0 {
			t.Fatalf("the case: %v, a %s, %d unread, %d tampered", err, f.Case.Kind, f.Case.Unread, f.Case.Tampered)
		}
		if !analyst {
			continue
		}
		if err := s.ForgeFirst(ctx, figures, amana.TeamID{}, before, event.Begun{Kind: amana.KindFigures}, other); err != nil {
			t.Fatal(err)
		}
		o, err := owner.ReadRecord(ctx, figures)
		if err != nil || o.Value("content").Reveal() != "figures" || !o.Damaged {
			t.Errorf("the figures: %v, %q, damaged %t", err, o.Value("content").Reveal(), o.Damaged)
		}
	}
}
