package vault_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
)

// clinic is an organisation with an administrator and two care teams of one
// caseworker each.
type clinic struct {
	dir    string
	now    time.Time
	v      *vault.Vault
	admin  *vault.Session
	shares []seal.Share
	teams  [2]amana.TeamID
	worker [2]amana.MemberID
}

const (
	adminWords  = "lusab babad gutih tugad"
	workerWords = "gutuk bisog mudof sakat "
)

func (c *clinic) clock() time.Time { return c.now }

func newClinic(t testing.TB) *clinic {
	t.Helper()
	c := &clinic{dir: filepath.Join(t.TempDir(), "vault"), now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	ctx := context.Background()
	var err error
	c.v, c.admin, c.shares, err = vault.Found(ctx, c.dir, vault.New{
		Name: "Clinic", Languages: []string{"fr"}, Administrator: "Admin",
		Roles: []amana.Role{amana.RoleAdministrator}, Passphrase: []byte(adminWords),
		Custodians: []string{"A", "B", "C"}, Threshold: 2, Cost: seal.SmallestCost, Now: c.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.v.LockAll() })
	for i := range c.teams {
		name := string(rune('0' + i))
		if c.worker[i], err = c.admin.AddMember(ctx, vault.NewMember{
			Name: "Worker " + name, Roles: []amana.Role{amana.RoleCaseworker, amana.RoleSupervisor}, Passphrase: []byte(workerWords + name),
		}); err != nil {
			t.Fatal(err)
		}
		if c.teams[i], err = c.admin.FormTeam(ctx, event.TeamFormed{Name: "Team " + name, Compartment: amana.Care, Identities: true}, c.worker[i]); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *clinic) unlock(t testing.TB, words string) *vault.Session {
	t.Helper()
	s, err := c.v.Unlock(context.Background(), []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); !s.Progress().Searchable; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) || s.Progress().Failed != nil {
			t.Fatalf("the view is not built: %+v", s.Progress())
		}
	}
	return s
}

func (c *clinic) asWorker(t testing.TB, i int) *vault.Session {
	return c.unlock(t, workerWords+string(rune('0'+i)))
}

// open writes a case with an identity for a team.
func (c *clinic) open(t testing.TB, s *vault.Session, team amana.TeamID, name, words string) amana.RecordID {
	t.Helper()
	id, identity := amana.RecordID(seal.Random16()), amana.RecordID(seal.Random16())
	err := s.Save(context.Background(),
		vault.Change{Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{team}}, Facts: []event.Fact{
			event.Set{Field: "survivor_code_no", Value: event.Text("K7MX-Q9TR-5")},
			event.Set{Field: "assessment_main_concerns", Value: event.Text(words)},
		}},
		vault.Change{Record: identity, Begin: &vault.Begin{Kind: amana.KindIdentity, Case: id, Teams: []amana.TeamID{team}}, Facts: []event.Fact{
			event.Set{Field: "name", Value: event.Text(name)},
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func search(t testing.TB, s *vault.Session, words string) []view.Case {
	t.Helper()
	rows, err := s.Cases(amana.Conceal(words), view.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestVault_mainJob(t *testing.T) {
	c := newClinic(t)
	w := c.asWorker(t, 0)
	id := c.open(t, w, c.teams[0], "Fatoumata Exemple", "She asks for shelter near the orchard.")
	for _, words := range []string{"Fatimata", "orchard", "shelter exemple", "k7mxq9tr5"} {
		if rows := search(t, w, words); len(rows) != 1 || rows[0].ID != id || rows[0].Name.Reveal() != "Fatoumata Exemple" {
			t.Fatalf("search %q: %d rows", words, len(rows))
		}
	}
	f, err := w.Read(context.Background(), id)
	if err != nil || len(f.Records) != 1 || f.Case.Tampered+f.Case.Unread != 0 {
		t.Fatalf("read: %v, %+v", err, f)
	}
	if n := len(f.Case.Readings()); n != 1 {
		t.Fatalf("openings on record: %d, want 1", n)
	}
	if err := w.Lock(); err != nil {
		t.Fatal(err)
	}
	if err := c.admin.Lock(); err != nil {
		t.Fatal(err)
	}
	w = c.asWorker(t, 0)
	if rows := search(t, w, "orchard"); len(rows) != 1 {
		t.Fatal("lost after locking")
	}
	checks, err := w.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range append(checks, vault.VerifyFiles(c.dir)...) {
		if !ch.OK {
			t.Errorf("%s: %s", ch.Name, ch.Detail)
		}
	}
}

func TestVault_teamsDoNotSeeEachOther(t *testing.T) {
	c := newClinic(t)
	w0, w1 := c.asWorker(t, 0), c.asWorker(t, 1)
	id := c.open(t, w0, c.teams[0], "Fatoumata Exemple", "orchard")
	for name, s := range map[string]*vault.Session{"other team": w1, "administrator": c.admin} {
		if rows := search(t, s, "orchard"); len(rows) != 0 {
			t.Errorf("%s finds it", name)
		}
		if _, err := s.Read(context.Background(), id); !errors.Is(err, amana.ErrNotFound) {
			t.Errorf("%s: Read = %v", name, err)
		}
		err := s.Save(context.Background(), vault.Change{Record: id, Facts: []event.Fact{event.Set{Field: "age", Value: event.Int(3)}}})
		if !errors.Is(err, amana.ErrNotFound) {
			t.Errorf("%s: Save = %v", name, err)
		}
	}
}

func TestVault_whatIsWrittenAfterAMemberLeftIsSealedAgainstThem(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	w0 := c.asWorker(t, 0)
	if err := c.admin.JoinTeam(ctx, c.teams[0], c.worker[1]); err != nil {
		t.Fatal(err)
	}
	if gave, err := w0.HandOn(ctx); err != nil || !gave {
		t.Fatalf("HandOn = %v, %v", gave, err)
	}
	id := c.open(t, w0, c.teams[0], "Fatoumata Exemple", "orchard")
	w1 := c.asWorker(t, 1)
	if len(search(t, w1, "orchard")) != 1 {
		t.Fatal("a member who joined cannot read")
	}
	if err := c.admin.RemoveMember(ctx, c.worker[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := w1.Read(ctx, id); !errors.Is(err, amana.ErrLocked) {
		t.Fatalf("the session of who left: %v", err)
	}
	if _, err := c.v.Unlock(ctx, []byte(workerWords+"1")); !errors.Is(err, amana.ErrPassphrase) {
		t.Fatalf("unlock of who left: %v", err)
	}
	err := w0.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{event.Set{Field: "age", Value: event.Int(31)}}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := w0.Read(ctx, id)
	if err != nil || f.Case.Tampered+f.Case.Unread != 0 {
		t.Fatalf("read after the turn: %v %+v", err, f.Case)
	}
	if n, _ := f.Case.Value("age").Int(); n != 31 {
		t.Fatalf("age = %d", n)
	}
}

func TestVault_erasing(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	w := c.asWorker(t, 0)
	id := c.open(t, w, c.teams[0], "Fatoumata Exemple", "orchard")
	kept := c.open(t, w, c.teams[0], "Awa Exemple", "river")
	f, _ := w.Peek(id)
	if err := w.Erase(ctx, "asked", id, f.Records[0].ID); err != nil {
		t.Fatal(err)
	}
	for !w.Progress().Searchable {
		time.Sleep(time.Millisecond)
	}
	if len(search(t, w, "orchard")) != 0 || len(search(t, w, "river")) != 1 {
		t.Fatal("lists after erasing")
	}
	if _, err := w.Read(ctx, id); !errors.Is(err, amana.ErrNotFound) {
		t.Fatalf("Read = %v", err)
	}
	if _, err := w.Read(ctx, kept); err != nil {
		t.Fatal(err)
	}
	checks, err := w.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range append(checks, vault.VerifyFiles(c.dir)...) {
		if !ch.OK {
			t.Errorf("%s: %s", ch.Name, ch.Detail)
		}
	}
	if e, err := w.Erased(); err != nil || e[id].Reason != "asked" || e[id].Author != c.worker[0] {
		t.Fatalf("tombstone: %v %v", e, err)
	}
}

func TestVault_wrongPassphrasesSlowDown(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	for range 3 {
		if _, err := c.v.Unlock(ctx, []byte("wrong")); !errors.Is(err, amana.ErrPassphrase) {
			t.Fatal(err)
		}
	}
	var wait *vault.WaitError
	if _, err := c.v.Unlock(ctx, []byte(adminWords)); !errors.As(err, &wait) || wait.For <= 0 {
		t.Fatalf("fourth try: %v", err)
	}
	c.now = c.now.Add(2 * time.Second)
	if _, err := c.v.Unlock(ctx, []byte(adminWords)); err != nil {
		t.Fatal(err)
	}
}

func TestBackup_restoresWithAPassphraseOrShares(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	w := c.asWorker(t, 0)
	c.open(t, w, c.teams[0], "Fatoumata Exemple", "orchard")
	pr := filepath.Join(t.TempDir(), "backup")
	backupTo(t, w, pr)
	for name, restore := range map[string]func(dir string) (vault.Restored, error){
		"passphrase": func(dir string) (vault.Restored, error) {
			return vault.RestoreWithPassphrase(ctx, dir, reader(t, pr), []byte(adminWords), c.clock)
		},
		"shares": func(dir string) (vault.Restored, error) {
			return vault.RestoreWithShares(ctx, dir, reader(t, pr), c.shares[1:], c.clock)
		},
	} {
		dir := filepath.Join(t.TempDir(), name)
		got, err := restore(dir)
		if err != nil || got.Quarantined != 0 || got.Items < 5 {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		v, err := vault.Open(dir, c.clock)
		if err != nil {
			t.Fatal(err)
		}
		other := &clinic{v: v}
		w := other.asWorker(t, 0)
		rows := search(t, w, "orchard")
		if len(rows) != 1 {
			t.Fatalf("%s: %d rows", name, len(rows))
		}
		err = w.Save(ctx, vault.Change{Record: rows[0].ID, Facts: []event.Fact{event.Set{Field: "assessment_main_concerns", Value: event.Text("river")}}})
		if err != nil {
			t.Fatal(err)
		}
		f, err := w.Read(ctx, rows[0].ID)
		if err != nil || f.Case.Conflicts() != 0 {
			t.Fatalf("%s: a new device that saw all: %v, %d conflicts", name, err, f.Case.Conflicts())
		}
		v.LockAll()
	}
	if _, err := vault.RestoreWithPassphrase(ctx, filepath.Join(t.TempDir(), "no"), reader(t, pr), []byte("wrong"), c.clock); !errors.Is(err, amana.ErrPassphrase) {
		t.Fatalf("wrong passphrase: %v", err)
	}
}

func TestRecover_givesAMemberNewKeys(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	w := c.asWorker(t, 0)
	id := c.open(t, w, c.teams[0], "Fatoumata Exemple", "orchard")
	c.v.LockAll()
	if _, err := vault.Recover(ctx, c.dir, c.shares[:1], "Worker 0", []byte("new words here now"), c.clock); !errors.Is(err, amana.ErrInvalid) {
		t.Fatalf("one share of two: %v", err)
	}
	if _, err := vault.Recover(ctx, c.dir, c.shares[:2], "Worker 0", []byte("new words here now"), c.clock); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(c.dir, c.clock)
	if err != nil {
		t.Fatal(err)
	}
	c.v = v
	w = c.unlock(t, "new words here now")
	f, err := w.Read(ctx, id)
	if err != nil || f.Case.Tampered+f.Case.Unread != 0 {
		t.Fatalf("%v %+v", err, f.Case)
	}
	if _, err := v.Unlock(ctx, []byte(workerWords+"0")); !errors.Is(err, amana.ErrPassphrase) {
		t.Fatalf("the old passphrase: %v", err)
	}
}
