package vault_test

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/keyring"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
)

// opened are the records of which something opens.
func opened(l vault.Loot, but amana.RecordID) map[amana.RecordID]bool {
	set := map[amana.RecordID]bool{}
	for id, n := range l.Bodies {
		if n > 0 && id != but {
			set[id] = true
		}
	}
	return set
}

// exposedOf is what is said of one member, and the sum of one kind of counts: records are
// of one team in this house, and no record is for everybody.
func exposedOf(t *testing.T, s *vault.Session, d amana.DeviceID, m amana.MemberID) (e vault.Exposed, had, most, after int) {
	t.Helper()
	list, err := s.ExposedOn(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(e vault.Exposed) bool { return e.Member == m })
	if i < 0 {
		t.Fatalf("nothing is said of member %s: %+v", m, list)
	}
	for _, one := range list[i].Teams {
		had, most, after = had+one.Had.Sum(), most+one.Most.Sum(), after+one.After.Sum()
	}
	return list[i], had, most, after
}

func openTeams(e vault.Exposed) (list []amana.TeamID) {
	for _, t := range e.Teams {
		if t.Open() {
			list = append(list, t.Team)
		}
	}
	return list
}

// lossHouse is a clinic with an administrator and two workers, each with a team of their
// own, on one device; the first worker has another.
type lossHouse struct {
	dir    string
	v      *vault.Vault
	shares []seal.Share
	words  map[string]string
	ways   map[string][]byte // as they are
	who    map[string]amana.MemberID
	teams  [2]amana.TeamID
	way    []byte // the first worker's, with the keys of before

	field    *vault.Vault
	fieldDir string
	fieldWay []byte
	device   amana.DeviceID
}

func noonToday() time.Time { return morning }

func newLossHouse(t *testing.T) *lossHouse {
	t.Helper()
	ctx := t.Context()
	h := &lossHouse{
		dir: filepath.Join(t.TempDir(), "vault"), fieldDir: filepath.Join(t.TempDir(), "field"), who: map[string]amana.MemberID{}, ways: map[string][]byte{},
		words: map[string]string{"admin": adminWords, "w0": workerWords + "w0", "w1": workerWords + "w1"},
	}
	v, admin, shares, err := vault.Found(ctx, h.dir, vault.New{
		Name: "Clinic", Administrator: "Admin", Roles: []amana.Role{amana.RoleAdministrator}, Passphrase: []byte(adminWords),
		Custodians: []string{"A", "B", "C"}, Threshold: 2, Cost: seal.SmallestCost, Now: noonToday,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.v, h.shares = v, shares
	t.Cleanup(func() { _ = h.v.LockAll() })
	for i, name := range []string{"w0", "w1"} {
		if h.who[name], err = admin.AddMember(ctx, vault.NewMember{
			Name: name, Roles: []amana.Role{amana.RoleCaseworker, amana.RoleSupervisor}, Passphrase: []byte(h.words[name]),
		}); err != nil {
			t.Fatal(err)
		}
		if h.teams[i], err = admin.FormTeam(ctx, event.TeamFormed{Name: "Team " + name, Compartment: amana.Care, Identities: true}, h.who[name]); err != nil {
			t.Fatal(err)
		}
	}
	if h.way, err = vault.WayIn(v, h.words["w0"]); err != nil {
		t.Fatal(err)
	}
	h.write(t, "w0", 2)
	h.write(t, "w1", 3)
	h.field, _ = vaulttest.Pair(t, h.enter(t, "admin"), h.fieldDir, h.words["w0"], noonToday, h.who["w0"])
	if h.fieldWay, err = vault.WayIn(h.field, h.words["w0"]); err != nil {
		t.Fatal(err)
	}
	s := h.afield(t)
	h.device = s.Device()
	if _, err := openCase(s, h.teams[0], "Fatoumata Exemple", "orchard"); err != nil {
		t.Fatal(err)
	}
	carry(t, s, h.enter(t, "admin")) // its last word
	return h
}

func (h *lossHouse) enter(t *testing.T, who string) *vault.Session {
	t.Helper()
	var err error
	if h.ways[who] == nil {
		if h.ways[who], err = vault.WayIn(h.v, h.words[who]); err != nil {
			t.Fatal(err)
		}
	}
	s, err := h.v.EnterBy(t.Context(), h.ways[who])
	if err != nil {
		t.Fatalf("%s enters: %v", who, err)
	}
	built(t, s)
	return s
}

func (h *lossHouse) afield(t *testing.T) *vault.Session {
	t.Helper()
	s, err := h.field.EnterBy(t.Context(), h.fieldWay)
	if err != nil {
		t.Fatal(err)
	}
	built(t, s)
	return s
}

// write has somebody open cases of their team on the first device.
func (h *lossHouse) write(t *testing.T, who string, n int) {
	t.Helper()
	s, team := h.enter(t, who), h.teams[0]
	if who == "w1" {
		team = h.teams[1]
	}
	for range n {
		mustOpenCase(t, s, team, "Fatoumata Exemple", "orchard")
	}
}

// opens are the records that a thief opens of a folder with the first worker's keys of
// before.
func (h *lossHouse) opens(t *testing.T, dir string, way []byte) map[amana.RecordID]bool {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy")
	copyDir(t, dir, copied)
	return opened(vault.Plunder(t, copied, way, h.teams[:]...), amana.RecordID(vault.OrgOf(way)))
}

// onDevice is what opens on the lost device itself.
func (h *lossHouse) onDevice(t *testing.T) map[amana.RecordID]bool {
	t.Helper()
	return h.opens(t, h.fieldDir, h.fieldWay)
}

// everything is what opens of all that was ever written, brought to the thief by whoever
// has it.
func (h *lossHouse) everything(t *testing.T) map[amana.RecordID]bool {
	t.Helper()
	return h.opens(t, h.dir, h.way)
}

func (h *lossHouse) said(t *testing.T) (e vault.Exposed, had, most, after int) {
	t.Helper()
	return exposedOf(t, h.enter(t, "admin"), h.device, h.who["w0"])
}

// What is said of a lost device is what its thief reads, with the passphrase of one who
// unlocked it: all that lies there, all that it could have fetched before it was ended,
// and all that is written after, which somebody brings to the thief behind everybody's
// back, until that member has new keys. Not a record more, not one less.
func TestExposed_isWhatAThiefReads(t *testing.T) {
	h := newLossHouse(t)
	ctx := t.Context()
	_, had, most, _ := h.said(t)
	if got := h.onDevice(t); len(got) != had || had != most || had == 0 {
		t.Errorf("on the device %d records open, said were %d, at the most %d", len(got), had, most)
	}

	// It is out of reach; others write; then it is ended.
	h.write(t, "w0", 4)
	h.write(t, "w1", 1)
	if err := h.enter(t, "admin").RevokeDevice(ctx, h.device); err != nil {
		t.Fatal(err)
	}
	_, had, most, after := h.said(t)
	if got := h.onDevice(t); len(got) != had || after != 0 {
		t.Errorf("on the device %d records open, said are %d; written since it was ended: %d", len(got), had, after)
	}
	if got := h.everything(t); len(got) != most || most <= had {
		t.Errorf("of all up to its end %d records open, said are %d", len(got), most)
	}

	// What is written after is sealed to the same member.
	h.write(t, "w0", 2)
	h.write(t, "w1", 2)
	e, _, most, after := h.said(t)
	if got := h.everything(t); len(got) != most+after || after == 0 {
		t.Errorf("of everything %d records open, said are %d and %d since", len(got), most, after)
	}
	if want := []amana.TeamID{keyring.Organisation, h.teams[0]}; !slices.Equal(openTeams(e), want) {
		t.Errorf("still open are %v, want %v", openTeams(e), want)
	}

	// New keys by the custodians end that, from when the keys turn.
	h.renew(t)
	before := h.everything(t)
	h.write(t, "w0", 3)
	h.write(t, "w1", 1)
	e, _, most, after = h.said(t)
	if got := h.everything(t); !maps.Equal(got, before) || len(got) != most+after || len(openTeams(e)) != 0 {
		t.Errorf("with new keys %d records open, %d before, said are %d and %d since; open %v", len(got), len(before), most, after, openTeams(e))
	}
	c, err := h.enter(t, "admin").Charter()
	if err != nil {
		t.Fatal(err)
	}
	for _, team := range e.Teams {
		if team.Keys+1 != c.Epoch(team.Team) || team.Since == 0 {
			t.Errorf("team %s: keys up to %d of %d", team.Team, team.Keys, c.Epoch(team.Team))
		}
	}
}

// renew has the custodians give the first worker new keys, and others unlock.
func (h *lossHouse) renew(t *testing.T) {
	t.Helper()
	if err := h.v.LockAll(); err != nil {
		t.Fatal(err)
	}
	h.words["w0"] += " of today"
	delete(h.ways, "w0")
	if _, err := vault.Recover(t.Context(), h.dir, h.shares[:2], "w0", []byte(h.words["w0"]), noonToday); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.v, err = vault.Open(h.dir, noonToday); err != nil {
		t.Fatal(err)
	}
	for _, one := range []string{"admin", "w0"} { // the organisation's key by an administrator, the team's by one of it
		if err := h.enter(t, one).Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// Who is taken out reads nothing that is written after, at once.
func TestExposed_whoIsTakenOut(t *testing.T) {
	h := newLossHouse(t)
	admin := h.enter(t, "admin")
	if err := admin.JoinTeam(t.Context(), h.teams[0], h.who["w1"]); err != nil {
		t.Fatal(err)
	}
	if _, err := h.enter(t, "w0").HandOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := admin.RevokeDevice(t.Context(), h.device); err != nil {
		t.Fatal(err)
	}
	if err := admin.RemoveMember(t.Context(), h.who["w0"]); err != nil {
		t.Fatal(err)
	}
	mustOpenCase(t, h.enter(t, "w1"), h.teams[0], "Awa Exemple", "written after")
	e, _, most, after := h.said(t)
	if got := h.everything(t); len(got) != most+after || after != 0 || len(openTeams(e)) != 0 {
		t.Errorf("%d records open, said are %d and %d since; open %v", len(got), most, after, openTeams(e))
	}
}
