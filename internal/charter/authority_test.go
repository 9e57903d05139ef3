package charter_test

import (
	"testing"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/seal"
)

func TestApply_whoMayStateWhat(t *testing.T) {
	newcomer := amana.MemberID{9}
	// Who of admin, mariam (caseworker in care), ruth (supervisor in care), joseph
	// (in no team), the root key, somebody unknown.
	everyone := []amana.MemberID{admin, mariam, ruth, joseph, nobody, {77}}
	tests := []struct {
		name string
		fact event.Fact
		may  [6]bool
	}{
		{"add a member", added(newcomer), [6]bool{true, false, false, false, true, false}},
		{"change a member", event.MemberChanged{Member: mariam, Name: "M"}, [6]bool{true, false, false, false, true, false}},
		{"give a member keys", event.MemberRekeyed{Member: mariam, Verify: verifyKey(50), Box: boxKey(50)}, [6]bool{false, false, false, false, true, false}},
		{"end a membership", event.MemberLeft{Member: ana}, [6]bool{true, false, false, false, true, false}},
		{"form a team", formed(amana.TeamID{9}), [6]bool{true, false, false, false, true, false}},
		{"let somebody join", joined(care, joseph), [6]bool{true, false, false, false, true, false}},
		{"take somebody off", event.TeamLeft{Team: care, Member: ana}, [6]bool{true, false, false, false, true, false}},
		{"bring a device", event.DeviceAdded{Device: amana.DeviceID{9}, Name: "field", Verify: verifyKey(60)}, [6]bool{true, false, false, false, true, false}},
		{"end a device", event.DeviceRevoked{Device: office}, [6]bool{true, false, false, false, true, false}},
		{"name custodians", event.CustodiansNamed{Names: []string{"A"}}, [6]bool{true, false, false, false, true, false}},
		{"set a rule", event.RuleSet{Rule: "idle_minutes", Value: "5"}, [6]bool{true, false, false, false, true, false}},
		{"open an epoch", opened(care, 2, admin, mariam, ruth, ana), [6]bool{true, true, true, false, true, false}},
		{"open an epoch of the organisation", opened(everybody, 2, admin, mariam, ruth, ana, joseph), [6]bool{true, false, false, false, true, false}},
		{"grant keys", granted(care, 1, mariam), [6]bool{true, true, true, false, true, false}},
		{"erase", event.Erased{Record: amana.RecordID{1}, Reason: "asked"}, [6]bool{true, false, true, false, false, false}},
		{"say what a newer amana knows", event.Unknown{Code: 99}, [6]bool{true, true, true, true, true, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, who := range everyone {
				err := working(t).try(who, tt.fact)
				if tt.may[i] && err != nil {
					t.Errorf("member %s: %v", who, err)
				}
				if !tt.may[i] {
					wantKind(t, err, amana.ErrRefused)
				}
			}
		})
	}
}

// Who left can do nothing more, whatever they were.
func TestApply_whoLeftCanDoNothing(t *testing.T) {
	second := amana.MemberID{9}
	facts := []event.Fact{
		added(amana.MemberID{10}),
		event.MemberLeft{Member: mariam},
		opened(care, 2, mariam, ruth, ana), granted(care, 1, mariam),
		event.Erased{Record: amana.RecordID{1}, Reason: "asked"},
		event.Unknown{Code: 99},
		event.RuleSet{Rule: "a"},
		event.MemberChanged{Member: admin, Name: "back again", Roles: []amana.Role{amana.RoleAdministrator}},
	}
	for _, f := range facts {
		b := working(t)
		b.must(t, admin, added(second, amana.RoleAdministrator))
		b.must(t, admin, event.MemberLeft{Member: admin})
		wantKind(t, b.try(admin, f), amana.ErrRefused)
	}
	b := working(t)
	b.must(t, admin, added(second, amana.RoleAdministrator))
	wantKind(t, b.try(admin, event.MemberLeft{Member: admin}, event.RuleSet{Rule: "a"}), amana.ErrRefused)
	if _, left := b.Rules()["a"]; left || !mustMember(t, b.Charter, admin).Has(amana.RoleAdministrator) {
		t.Error("half of a refused entry was taken")
	}
}

func mustMember(t testing.TB, c *charter.Charter, id amana.MemberID) charter.Member {
	t.Helper()
	m, ok := c.Member(id)
	if !ok {
		t.Fatalf("no member %s", id)
	}
	return m
}

func TestApply_keepsAnAdministrator(t *testing.T) {
	b := working(t)
	wantKind(t, b.try(admin, event.MemberLeft{Member: admin}), amana.ErrRefused)
	wantKind(t, b.try(nobody, event.MemberLeft{Member: admin}), amana.ErrRefused)
	wantKind(t, b.try(admin, event.MemberChanged{Member: admin, Name: "A", Roles: []amana.Role{amana.RoleSupervisor}}), amana.ErrRefused)
	b.must(t, admin, event.MemberChanged{Member: ruth, Name: "R", Roles: []amana.Role{amana.RoleSupervisor, amana.RoleAdministrator}})
	b.must(t, ruth, event.MemberLeft{Member: admin})
	wantKind(t, b.try(ruth, event.MemberLeft{Member: ruth}), amana.ErrRefused)
}

// A member who was recovered signs with new keys, and is given the teams' again.
func TestApply_rekeyed(t *testing.T) {
	b := working(t)
	before := b.now
	b.must(t, nobody, event.MemberRekeyed{Member: mariam, Verify: verifyKey(50), Box: boxKey(50)})
	wantIDs(t, "pending", b.Pending(care), mariam)
	wantIDs(t, "pending in the organisation", b.Pending(everybody), mariam)
	wantKind(t, b.try(mariam, granted(care, 1, ana)), amana.ErrRefused)
	if keys := b.KeysOf(mariam); len(keys) != 2 || keys[1] != verifyKey(50) {
		t.Errorf("%d keys", len(keys))
	}
	then, _ := b.MemberAt(mariam, before)
	now, _ := b.MemberAt(mariam, b.now)
	if then.VerifyKey != verifyKey(2) || then.BoxKey != boxKey(2) || now.VerifyKey != verifyKey(50) || now.BoxKey != boxKey(50) {
		t.Error("not the keys of the time")
	}
	wantKind(t, b.try(nobody, event.MemberRekeyed{Member: ruth, Verify: verifyKey(2), Box: boxKey(2)}), amana.ErrInvalid)
	b.must(t, ruth, granted(care, 1, mariam))
	wantIDs(t, "pending after", b.Pending(care))
}

func TestApply_founding(t *testing.T) {
	with := func(change func(*event.Founded)) event.Founded {
		f := founded()
		change(&f)
		return f
	}
	tests := []struct {
		name   string
		author amana.MemberID
		facts  []event.Fact
		want   error
	}{
		{"founded", nobody, []event.Fact{founded()}, nil},
		{"begun and founded", nobody, []event.Fact{event.Begun{Kind: amana.KindCharter}, founded()}, nil},
		{"nothing", nobody, nil, amana.ErrInvalid},
		{"begun alone", nobody, []event.Fact{event.Begun{Kind: amana.KindCharter}}, amana.ErrInvalid},
		{"begun as something else", nobody, []event.Fact{event.Begun{Kind: amana.KindCase}, founded()}, amana.ErrInvalid},
		{"a member before it", nobody, []event.Fact{added(admin), founded()}, amana.ErrInvalid},
		{"by a member", admin, []event.Fact{founded()}, amana.ErrRefused},
		{"twice", nobody, []event.Fact{founded(), founded()}, amana.ErrInvalid},
		{"another organisation", nobody, []event.Fact{with(func(f *event.Founded) { f.Root = verifyKey(201) })}, amana.ErrRefused},
		{"no root key", nobody, []event.Fact{with(func(f *event.Founded) { f.Root = seal.VerifyKey{} })}, amana.ErrRefused},
		{"no recovery key", nobody, []event.Fact{with(func(f *event.Founded) { f.Recovery = seal.BoxKey{} })}, amana.ErrInvalid},
		{"more needed than there are", nobody, []event.Fact{with(func(f *event.Founded) { f.Threshold = 4 })}, amana.ErrInvalid},
		{"none needed", nobody, []event.Fact{with(func(f *event.Founded) { f.Threshold = 0 })}, amana.ErrInvalid},
		{"fewer than none", nobody, []event.Fact{with(func(f *event.Founded) { f.Threshold, f.Shares = -2, -1 })}, amana.ErrInvalid},
		{"too many shares", nobody, []event.Fact{with(func(f *event.Founded) { f.Shares = 256 })}, amana.ErrInvalid},
		{"no name", nobody, []event.Fact{with(func(f *event.Founded) { f.Name = " " })}, amana.ErrInvalid},
		{"a name with controls", nobody, []event.Fact{with(func(f *event.Founded) { f.Name = canary + "\x00" })}, amana.ErrInvalid},
		{"a language with controls", nobody, []event.Fact{with(func(f *event.Founded) { f.Languages = []string{canary + "\x00"} })}, amana.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := &book{Charter: charter.NewFor(charter.OrgIDOf(rootKey))}
			err := b.try(tt.author, tt.facts...)
			wantKind(t, err, tt.want)
			if b.Founded() != (tt.want == nil) {
				t.Errorf("founded: %v", b.Founded())
			}
		})
	}
}

func TestMayWrite(t *testing.T) {
	b := working(t)
	start := b.now
	b.must(t, admin, event.MemberChanged{Member: ana, Name: "A", Roles: []amana.Role{amana.RoleAnalyst, amana.RoleDocumenter}})
	promoted := b.now
	b.must(t, admin, event.TeamLeft{Team: care, Member: mariam})
	off := b.now
	b.must(t, admin, joined(care, mariam))
	back := b.now
	b.must(t, admin, event.MemberLeft{Member: ruth})
	gone := b.now
	b.must(t, admin, joined(other, joseph))

	tests := []struct {
		name        string
		who         amana.MemberID
		teams       []amana.TeamID
		time        uint64
		write, read error
	}{
		{"a caseworker in the team", mariam, []amana.TeamID{care}, start, nil, nil},
		{"a supervisor in the team", ruth, []amana.TeamID{care}, start, nil, nil},
		{"in one of two teams", mariam, []amana.TeamID{other, care}, start, nil, nil},
		{"a caseworker in no team", joseph, []amana.TeamID{care}, start, amana.ErrRefused, amana.ErrRefused},
		{"a record of no team", mariam, nil, start, amana.ErrRefused, amana.ErrRefused},
		{"a team that is none", mariam, []amana.TeamID{{99}}, start, amana.ErrRefused, amana.ErrRefused},
		{"an administrator in the team", admin, []amana.TeamID{care}, start, amana.ErrRefused, nil},
		{"an analyst in the team", ana, []amana.TeamID{care}, start, amana.ErrRefused, nil},
		{"an analyst before a role that writes", ana, []amana.TeamID{care}, promoted - 1, amana.ErrRefused, nil},
		{"an analyst with a role that writes", ana, []amana.TeamID{care}, promoted, nil, nil},
		{"the moment before leaving the team", mariam, []amana.TeamID{care}, off - 1, nil, nil},
		{"the moment of leaving the team", mariam, []amana.TeamID{care}, off, amana.ErrRefused, amana.ErrRefused},
		{"back in the team", mariam, []amana.TeamID{care}, back, nil, nil},
		{"the moment before leaving", ruth, []amana.TeamID{care}, gone - 1, nil, nil},
		{"the moment of leaving", ruth, []amana.TeamID{care}, gone, amana.ErrRefused, amana.ErrRefused},
		{"before joining", mariam, []amana.TeamID{care}, 1, amana.ErrRefused, amana.ErrRefused},
		{"the root key", nobody, []amana.TeamID{care}, start, amana.ErrRefused, amana.ErrRefused},
		{"nobody known", amana.MemberID{77}, []amana.TeamID{care}, start, amana.ErrRefused, amana.ErrRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantKind(t, b.MayWrite(tt.who, tt.teams, tt.time), tt.write)
			wantKind(t, b.MayRead(tt.who, tt.teams, tt.time), tt.read)
		})
	}
}

// Who counts and who releases may write to what is about nobody, and to nothing else;
// who may write may do that too, and who only runs the place may not.
func TestMayCount(t *testing.T) {
	b := working(t)
	start := b.now
	b.must(t, admin, event.MemberChanged{Member: joseph, Name: "J", Roles: []amana.Role{amana.RoleReleaseOfficer}}, joined(care, joseph))
	officer := b.now
	b.must(t, admin, event.TeamLeft{Team: care, Member: ana})
	off := b.now
	for _, tt := range []struct {
		name         string
		who          amana.MemberID
		time         uint64
		count, write error
	}{
		{"an analyst in the team", ana, start, nil, amana.ErrRefused},
		{"a release officer in the team", joseph, officer, nil, amana.ErrRefused},
		{"a release officer before they were one", joseph, start, amana.ErrRefused, amana.ErrRefused},
		{"a caseworker in the team", mariam, start, nil, nil},
		{"an administrator in the team", admin, start, amana.ErrRefused, amana.ErrRefused},
		{"an analyst who left the team", ana, off, amana.ErrRefused, amana.ErrRefused},
		{"nobody known", amana.MemberID{77}, start, amana.ErrRefused, amana.ErrRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantKind(t, b.MayCount(tt.who, []amana.TeamID{care}, tt.time), tt.count)
			wantKind(t, b.MayWrite(tt.who, []amana.TeamID{care}, tt.time), tt.write)
		})
	}
}

// A rule is asked as it was: what was done by it stays done.
func TestRuleAt(t *testing.T) {
	b := working(t)
	before := b.now
	b.must(t, admin, event.RuleSet{Rule: "a", Value: "yes"})
	on := b.now
	b.must(t, admin, event.RuleSet{Rule: "a", Value: ""})
	for time, want := range map[uint64]string{before: "", on: "yes", b.now - 1: "yes", b.now: ""} {
		if got := b.RuleAt("a", time); got != want {
			t.Errorf("at %d: %q, want %q", time, got, want)
		}
	}
	if got := b.RuleAt("none", on); got != "" {
		t.Errorf("a rule that nobody set: %q", got)
	}
}
