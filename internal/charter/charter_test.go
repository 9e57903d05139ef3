package charter_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/seal"
)

func TestApply_refusesWhatMakesNoSense(t *testing.T) {
	twin := mariam
	twin[15] = 1 // begins as mariam's
	tests := []struct {
		name string
		fact event.Fact
	}{
		{"a member who is there", added(mariam)},
		{"an ID that begins as another", event.MemberAdded{Member: twin, Name: "T", Verify: verifyKey(51), Box: boxKey(51)}},
		{"an ID that begins as the root's", event.MemberAdded{Member: amana.MemberID{15: 1}, Name: "T", Verify: verifyKey(51), Box: boxKey(51)}},
		{"a member with another's key", event.MemberAdded{Member: amana.MemberID{9}, Name: "T", Verify: verifyKey(2), Box: boxKey(51)}},
		{"a member with the root key", event.MemberAdded{Member: amana.MemberID{9}, Name: "T", Verify: rootKey, Box: boxKey(51)}},
		{"a member with a device's key", event.MemberAdded{Member: amana.MemberID{9}, Name: "T", Verify: verifyKey(100), Box: boxKey(51)}},
		{"a member without keys", event.MemberAdded{Member: amana.MemberID{9}, Name: "T"}},
		{"a member without a name", event.MemberAdded{Member: amana.MemberID{9}, Verify: verifyKey(51), Box: boxKey(51)}},
		{"a name with controls", event.MemberChanged{Member: mariam, Name: canary + "\x1b"}},
		{"a role twice", event.MemberChanged{Member: mariam, Name: "M", Roles: []amana.Role{"analyst", "analyst"}}},
		{"a role that is words", event.MemberChanged{Member: mariam, Name: "M", Roles: []amana.Role{canary}}},
		{"a change of nobody", event.MemberChanged{Member: amana.MemberID{9}, Name: "M"}},
		{"new keys for nobody", event.MemberRekeyed{Member: amana.MemberID{9}, Verify: verifyKey(51), Box: boxKey(51)}},
		{"new keys that are old", event.MemberRekeyed{Member: mariam, Verify: verifyKey(2), Box: boxKey(2)}},
		{"nobody leaves", event.MemberLeft{Member: amana.MemberID{9}}},
		{"a team that is there", formed(care)},
		{"a team that is the organisation", formed(everybody)},
		{"a team in no compartment", event.TeamFormed{Team: amana.TeamID{9}, Name: "T"}},
		{"a team without a name", event.TeamFormed{Team: amana.TeamID{9}, Compartment: amana.Care}},
		{"joining no team", joined(amana.TeamID{9}, mariam)},
		{"joining the organisation", joined(everybody, joseph)},
		{"joining twice", joined(care, mariam)},
		{"nobody joins", joined(care, amana.MemberID{9})},
		{"leaving a team one is not in", event.TeamLeft{Team: care, Member: joseph}},
		{"leaving the organisation as a team", event.TeamLeft{Team: everybody, Member: joseph}},
		{"a device that is there", event.DeviceAdded{Device: office, Name: "D", Verify: verifyKey(60)}},
		{"a device with another's key", event.DeviceAdded{Device: amana.DeviceID{9}, Name: "D", Verify: verifyKey(100)}},
		{"a device without an ID", event.DeviceAdded{Name: "D", Verify: verifyKey(60)}},
		{"a device without a name", event.DeviceAdded{Device: amana.DeviceID{9}, Verify: verifyKey(60)}},
		{"the end of no device", event.DeviceRevoked{Device: amana.DeviceID{9}}},
		{"a custodian with controls", event.CustodiansNamed{Names: []string{"A", canary + "\n"}}},
		{"custodians without end", event.CustodiansNamed{Names: slices.Repeat([]string{"A"}, 256)}},
		{"a rule without a name", event.RuleSet{Value: canary}},
		{"a rule named by words", event.RuleSet{Rule: canary, Value: "1"}},
		{"a rule with controls", event.RuleSet{Rule: "a", Value: canary + "\x00"}},
		{"an epoch of no team", opened(amana.TeamID{9}, 1)},
		{"an epoch again", opened(care, 1, admin, mariam, ruth, ana)},
		{"an epoch left out", opened(care, 3, admin, mariam, ruth, ana)},
		{"an epoch without one of the team", opened(care, 2, admin, mariam, ruth)},
		{"an epoch with one not of the team", opened(care, 2, admin, mariam, ruth, joseph)},
		{"an epoch with one more", opened(care, 2, admin, mariam, ruth, ana, joseph)},
		{"an epoch with one twice", opened(care, 2, admin, mariam, ruth, ruth)},
		{"an epoch without a key", event.EpochOpened{Team: care, Epoch: 2, To: []amana.MemberID{admin, mariam, ruth, ana}}},
		{"an epoch with the key before", event.EpochOpened{Team: care, Epoch: 2, Commitment: opened(care, 1).Commitment, To: []amana.MemberID{admin, mariam, ruth, ana}}},
		{"keys of epoch 0", granted(care, 0, mariam)},
		{"keys to nobody", granted(care, 1)},
		{"keys to one not of the team", granted(care, 1, joseph)},
		{"keys to one twice", granted(care, 1, mariam, mariam)},
		{"an erasure of nothing", event.Erased{Reason: "asked"}},
		{"an erasure for no reason", event.Erased{Record: amana.RecordID{1}}},
		{"an erasure for a reason in words", event.Erased{Record: amana.RecordID{1}, Reason: canary}},
		{"founded again", founded()},
		{"begun again", event.Begun{Kind: amana.KindCharter}},
		{"a field", event.Set{Field: canary, Value: event.Text(canary)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := working(t)
			before := tell(b.Charter)
			// All or nothing: what comes before it in its entry does not count either.
			author := admin
			if _, ok := tt.fact.(event.MemberRekeyed); ok {
				author = nobody // only the root key may
			}
			wantKind(t, b.try(author, event.RuleSet{Rule: "before", Value: "1"}, tt.fact), amana.ErrInvalid)
			if got := tell(b.Charter); got != before {
				t.Errorf("a refused entry left something:\n%s\n%s", before, got)
			}
		})
	}
}

func TestApply_refusesKeysNobodyCouldGrant(t *testing.T) {
	b := working(t)
	wantKind(t, b.try(nobody, granted(care, 2, mariam)), amana.ErrInvalid)
	wantKind(t, b.try(admin, granted(care, 2, mariam)), amana.ErrRefused)
}

// tell is all that a charter says.
func tell(c *charter.Charter) string {
	text := fmt.Sprintln(c.Org(), c.Name(), c.Languages(), c.Rules(), c.Unknown(), c.Devices(), c.Erased())
	for _, m := range c.Members() {
		m.BoxKey = seal.BoxKey{m.BoxKey[0]}
		text += fmt.Sprintln(m, c.TeamsOf(m.ID), c.KeysOf(m.ID))
	}
	names, needed, of := c.Custodians()
	text += fmt.Sprintln(names, needed, of)
	whole, _ := c.Team(everybody)
	for _, t := range append(c.Teams(), whole) {
		last, _ := c.Commitment(t.ID, c.Epoch(t.ID))
		text += fmt.Sprintln(t, c.Epoch(t.ID), last, c.Pending(t.ID), c.NeedsTurn(t.ID))
	}
	return text
}

func TestApply_isInOrder(t *testing.T) {
	b := working(t)
	e := b.entry(admin, event.RuleSet{Rule: "a"})
	if err := b.Apply(e); err != nil {
		t.Fatal(err)
	}
	wantKind(t, b.Apply(e), amana.ErrConflict)
	e.Time--
	wantKind(t, b.Apply(e), amana.ErrConflict)
}

// A device that was lost says nothing more, whoever speaks through it.
func TestApply_revokedDevice(t *testing.T) {
	b := working(t)
	b.must(t, admin, event.DeviceRevoked{Device: office})
	wantKind(t, b.try(admin, event.RuleSet{Rule: "a"}), amana.ErrRefused)
	e := b.entry(admin, event.RuleSet{Rule: "a"}, event.DeviceAdded{Device: amana.DeviceID{2}, Name: "new", Verify: verifyKey(60)})
	e.Device = amana.DeviceID{2}
	if err := b.Apply(e); err != nil {
		t.Fatal(err)
	}
	if d, ok := b.Device(office); !ok || d.Revoked == 0 || d.Added == 0 || len(b.Devices()) != 2 {
		t.Error("devices")
	}
}

func TestEpochs(t *testing.T) {
	b := working(t)
	if b.Epoch(care) != 1 || b.Epoch(other) != 0 || b.Epoch(everybody) != 1 || b.NeedsTurn(care) {
		t.Fatal("at first")
	}
	if _, ok := b.Commitment(care, 2); ok {
		t.Error("a commitment to what is not there")
	}
	if h, ok := b.Commitment(care, 1); !ok || h != opened(care, 1).Commitment {
		t.Error("commitment")
	}

	b.must(t, admin, joined(care, joseph))
	wantIDs(t, "pending", b.Pending(care), joseph)
	wantKind(t, b.try(joseph, granted(care, 1, joseph)), amana.ErrRefused)

	// One who has no keys leaves: no turn. One who has: turn, for the team and, who
	// leaves for good, for the organisation.
	b.must(t, admin, event.TeamLeft{Team: care, Member: joseph})
	if b.NeedsTurn(care) {
		t.Error("needs a turn for one who never had keys")
	}
	b.must(t, admin, joined(care, joseph), event.TeamLeft{Team: care, Member: ana})
	if !b.NeedsTurn(care) || b.NeedsTurn(everybody) {
		t.Error("needs no turn after one who had keys left the team")
	}
	b.must(t, admin, event.MemberLeft{Member: ana})
	if !b.NeedsTurn(everybody) {
		t.Error("needs no turn after one left the organisation")
	}

	// The next epoch gives everybody its key, and joseph still none of those before.
	b.must(t, mariam, opened(care, 2, joseph, ruth, mariam, admin))
	if b.NeedsTurn(care) {
		t.Error("still needs a turn")
	}
	wantIDs(t, "pending at epoch 2", b.Pending(care), joseph)
	b.must(t, ruth, granted(care, 1, joseph))
	wantIDs(t, "pending after keys to 1", b.Pending(care))
	b.must(t, joseph, granted(care, 2, mariam))
	b.must(t, joseph, opened(care, 3, joseph, ruth, mariam, admin))
	wantIDs(t, "pending at epoch 3", b.Pending(care))
}

// A team whose first key nobody was given starts with the first that somebody was.
func TestEpochs_ofAnEmptyTeam(t *testing.T) {
	b := working(t)
	b.must(t, admin, opened(other, 1))
	b.must(t, admin, joined(other, joseph))
	wantIDs(t, "pending", b.Pending(other), joseph)
	b.must(t, admin, opened(other, 2, joseph))
	wantIDs(t, "pending at epoch 2", b.Pending(other))
	b.must(t, admin, joined(other, mariam))
	b.must(t, joseph, granted(other, 2, mariam))
	wantIDs(t, "pending after all", b.Pending(other))
}

func TestQueries(t *testing.T) {
	b := working(t)
	if b.Org() != charter.OrgIDOf(rootKey) || b.Name() != "Clinique" || b.RootKey() != rootKey || b.RecoveryKey() != boxKey(200) {
		t.Error("organisation")
	}
	if got := b.Languages(); !slices.Equal(got, []string{"fr", "en"}) {
		t.Errorf("languages %v", got)
	}
	b.must(t, admin, event.RuleSet{Rule: "languages", Value: "fr, ar"}, event.CustodiansNamed{Names: []string{"A", "B"}})
	if got := b.Languages(); !slices.Equal(got, []string{"fr", "ar"}) {
		t.Errorf("languages by rule %v", got)
	}
	if names, needed, of := b.Custodians(); len(names) != 2 || needed != 2 || of != 3 {
		t.Errorf("custodians %v, %d of %d", names, needed, of)
	}
	for short, want := range map[[4]byte]amana.MemberID{{2}: mariam, {}: nobody} {
		if got, ok := b.AuthorByShort(short); !ok || got != want {
			t.Errorf("author %x: %s, %v", short, got, ok)
		}
	}
	if _, ok := b.AuthorByShort([4]byte{99}); ok {
		t.Error("an author who is none")
	}
	if _, ok := charter.New().AuthorByShort([4]byte{}); ok {
		t.Error("the root key of nothing")
	}
	if teams := b.TeamsOf(mariam); len(teams) != 1 || teams[0] != care {
		t.Errorf("teams of mariam %v", teams)
	}
	team, ok := b.Team(care)
	if !ok || team.Name != "A team" || len(team.Members) != 4 || len(b.Teams()) != 2 {
		t.Error("teams")
	}
	b.must(t, admin, event.MemberLeft{Member: mariam})
	if len(b.TeamsOf(mariam)) != 0 || len(b.Members()) != 5 || mustMember(t, b.Charter, mariam).Left != b.now {
		t.Error("after mariam left")
	}
	if _, was := b.MemberAt(mariam, b.now); was {
		t.Error("a member after leaving")
	}
	wantKind(t, b.try(admin, added(mariam)), amana.ErrInvalid) // an ID is used once
}

func TestErased_theFirstOrderStands(t *testing.T) {
	b := working(t)
	record := amana.RecordID{7}
	b.must(t, ruth, event.Erased{Record: record, Reason: "asked"}, event.Erased{Record: amana.RecordID{8}, Reason: "of_a_newer_amana"})
	first := b.now
	b.must(t, admin, event.Erased{Record: record, Reason: "safety"})
	erased := b.Erased()
	if want := (charter.Tombstone{Record: record, Time: first, Author: ruth, Reason: "asked"}); len(erased) != 2 || erased[record] != want {
		t.Errorf("erased %v", erased)
	}
}

// What is drawn from a charter stays as it was while entries come in.
func TestClone_staysAsItIs(t *testing.T) {
	b := working(t)
	clones := []*charter.Charter{}
	said := []string{}
	var wg sync.WaitGroup
	for i := range byte(20) {
		c := b.Clone()
		clones, said = append(clones, c), append(said, tell(c))
		wg.Go(func() { tell(c) }) // while the next is applied; for the race detector
		b.must(t, admin, added(amana.MemberID{20 + i}, amana.RoleCaseworker), joined(other, amana.MemberID{20 + i}),
			event.Erased{Record: amana.RecordID{1 + i}, Reason: "asked"})
	}
	wg.Wait()
	for i, c := range clones {
		if tell(c) != said[i] {
			t.Fatalf("clone %d changed", i)
		}
	}
	// A clone goes its own way.
	mine := &book{Charter: clones[5], now: b.now}
	mine.must(t, admin, event.Erased{Record: amana.RecordID{99}, Reason: "safety"}, formed(amana.TeamID{9}))
	if len(b.Erased()) != 20 || len(mine.Erased()) != 6 || tell(clones[6]) != said[6] {
		t.Error("a clone's entries show elsewhere")
	}
}

// The same entries make the same charter, however they are shared out among
// devices, if they are put in order.
func TestOrder_makesItTheSameEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []charter.Entry
		for i := range rapid.IntRange(1, 30).Draw(t, "entries") {
			entries = append(entries, charter.Entry{
				Time: rapid.Uint64Range(1, 10).Draw(t, "time"), Device: amana.DeviceID{byte(i)}, Seq: 1,
				Author: amana.MemberID{byte(rapid.IntRange(0, 3).Draw(t, "author"))},
				Facts:  rapid.SliceOfN(someFact(), 1, 3).Draw(t, "facts"),
			})
		}
		first := charter.Entry{Device: office, Facts: []event.Fact{founded(), added(admin, amana.RoleAdministrator), formed(care)}}
		fold := func(entries []charter.Entry) string {
			entries = slices.Clone(entries)
			slices.SortFunc(entries, charter.Order)
			c := charter.New()
			if err := c.Apply(first); err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				before := tell(c)
				if err := c.Apply(e); err != nil && tell(c) != before {
					t.Fatalf("a refused entry left something")
				}
			}
			return tell(c)
		}
		if fold(entries) != fold(rapid.Permutation(entries).Draw(t, "order")) {
			t.Fatalf("another order, another charter")
		}
	})
}

func someFact() *rapid.Generator[event.Fact] {
	return rapid.Custom(func(t *rapid.T) event.Fact {
		id := amana.MemberID{byte(rapid.IntRange(1, 4).Draw(t, "member"))}
		return rapid.SampledFrom([]event.Fact{
			added(id, amana.RoleCaseworker), added(id, amana.RoleAdministrator),
			event.MemberLeft{Member: id},
			event.MemberChanged{Member: id, Name: "X", Roles: []amana.Role{amana.RoleAdministrator}},
			joined(care, id),
			event.TeamLeft{Team: care, Member: id},
			opened(care, 1), opened(care, 1, id), granted(care, 1, id),
			event.Erased{Record: amana.RecordID(id), Reason: "asked"},
		}).Draw(t, "fact")
	})
}

func TestOrgIDOf_isFrozen(t *testing.T) {
	if got, want := charter.OrgIDOf(rootKey).String(), "trgnbkg2zbw47nkk57mh5z69kc"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkApply(b *testing.B) {
	c := working(b)
	for i := range byte(60) {
		c.must(b, admin, added(amana.MemberID{120 + i}, amana.RoleCaseworker), joined(other, amana.MemberID{120 + i}))
	}
	b.ReportAllocs()
	for b.Loop() {
		c.must(b, ruth, event.Erased{Record: amana.RecordID{1}, Reason: "asked"})
	}
}
