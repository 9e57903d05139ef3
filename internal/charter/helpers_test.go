package charter_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/seal"
)

// canary is a word that must not get into an error.
const canary = "Zainabou-la-secrète"

// The people and things of the tests.
var (
	rootKey = verifyKey(200)
	office  = amana.DeviceID{1}

	nobody = amana.MemberID{} // the root key
	admin  = amana.MemberID{1}
	mariam = amana.MemberID{2} // caseworker
	ruth   = amana.MemberID{3} // supervisor
	ana    = amana.MemberID{4} // analyst
	joseph = amana.MemberID{5} // caseworker, in no team at first

	everybody amana.TeamID
	care      = amana.TeamID{1}
	other     = amana.TeamID{2}
)

func verifyKey(b byte) seal.VerifyKey {
	return seal.VerifyKey(bytes.Repeat([]byte{b}, seal.VerifyKeySize))
}

func boxKey(b byte) seal.BoxKey { return seal.BoxKey(bytes.Repeat([]byte{b}, seal.BoxKeySize)) }

func commitment(b byte) seal.Hash { return seal.Hash(bytes.Repeat([]byte{b}, 32)) }

func founded() event.Founded {
	return event.Founded{
		Name: "Clinique", Languages: []string{"fr", "en"}, Root: rootKey, Recovery: boxKey(200), Threshold: 2, Shares: 3,
	}
}

func added(id amana.MemberID, roles ...amana.Role) event.MemberAdded {
	return event.MemberAdded{Member: id, Name: "Someone", Roles: roles, Verify: verifyKey(id[0]), Box: boxKey(id[0])}
}

func formed(id amana.TeamID) event.TeamFormed {
	return event.TeamFormed{Team: id, Name: "A team", Compartment: amana.Care}
}

func joined(t amana.TeamID, m amana.MemberID) event.TeamJoined {
	return event.TeamJoined{Team: t, Member: m}
}

func opened(t amana.TeamID, epoch uint64, to ...amana.MemberID) event.EpochOpened {
	return event.EpochOpened{Team: t, Epoch: epoch, Commitment: commitment(byte(16*epoch) + t[0]), To: to}
}

func granted(t amana.TeamID, epoch uint64, to ...amana.MemberID) event.KeysGranted {
	return event.KeysGranted{Team: t, Epoch: epoch, To: to}
}

// book is a charter and the time of its last entry.
type book struct {
	*charter.Charter
	now uint64
}

func (b *book) entry(author amana.MemberID, facts ...event.Fact) charter.Entry {
	b.now += 10
	return charter.Entry{Time: b.now, Author: author, Device: office, Seq: b.now, Facts: facts}
}

func (b *book) try(author amana.MemberID, facts ...event.Fact) error {
	return b.Apply(b.entry(author, facts...))
}

func (b *book) must(t testing.TB, author amana.MemberID, facts ...event.Fact) {
	t.Helper()
	if err := b.try(author, facts...); err != nil {
		t.Fatal(err)
	}
}

// working is an organisation at work: four of its five members are in the team
// care, of which all hold the keys of its first epoch; the team other is empty.
func working(t testing.TB) *book {
	t.Helper()
	b := &book{Charter: charter.New()}
	b.must(t, nobody, founded(), added(admin, amana.RoleAdministrator), event.DeviceAdded{
		Device: office, Name: "office", Verify: verifyKey(100),
	}, opened(everybody, 1, admin))
	b.must(t, admin,
		added(mariam, amana.RoleCaseworker), added(ruth, amana.RoleSupervisor), added(ana, amana.RoleAnalyst),
		added(joseph, amana.RoleCaseworker), granted(everybody, 1, mariam, ruth, ana, joseph),
		formed(care), formed(other), joined(care, admin), joined(care, mariam), joined(care, ruth), joined(care, ana),
		opened(care, 1, admin, mariam, ruth, ana))
	return b
}

func wantKind(t testing.TB, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("err = %v, want %v", err, kind)
	}
	if err != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "Zainabou") {
		t.Fatal("an error holds a value")
	}
}

func wantIDs(t testing.TB, what string, got []amana.MemberID, want ...amana.MemberID) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
