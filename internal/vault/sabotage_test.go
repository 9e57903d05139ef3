package vault_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
)

// A job is a part of a test that runs in a process of its own, because it is
// killed, or because it changes what the whole process may do.
type job struct {
	Name    string
	Dir     string
	House   plan
	Seed    uint64
	Erasing bool
}

const jobVariable = "AMANA_TEST_JOB"

func TestMain(m *testing.M) {
	if raw := os.Getenv(jobVariable); raw != "" {
		var j job
		if err := json.Unmarshal([]byte(raw), &j); err != nil {
			fmt.Println("failed:", err)
			os.Exit(2)
		}
		if err := jobs[j.Name](j); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if built := builtDir.Load(); built != nil && os.Getenv(houseVariable) == "" {
		os.RemoveAll(*built)
	}
	os.Exit(code)
}

var jobs = map[string]func(job) error{
	"write":  writeUntilKilled,
	"canary": useWithCanary,
	"again":  useAgain,
}

// command returns the program that runs a job.
func command(t testing.TB, j job) *exec.Cmd {
	t.Helper()
	raw, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), jobVariable+"="+string(raw))
	cmd.Stderr = os.Stderr
	return cmd
}

// missing ends a test that this machine cannot run. See STYLE.md: a test that is
// left out says so, and fails where everything is required.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("AMANA_REQUIRE") == "all" {
		t.Fatalf("needs %s, and AMANA_REQUIRE=all", what)
	}
	t.Skipf("needs %s", what)
}

// plan is what the members of a house know by heart.
type plan struct {
	Ways  map[string][]byte // admin, w0, w1
	Who   map[string]amana.MemberID
	Teams [2]amana.TeamID
}

// house is a copy of a clinic that was founded once for all tests: an
// administrator, and two care teams of one caseworker each (w0, w1). Members
// enter it without stretching their passphrase.
type house struct {
	plan
	dir string
	now *atomic.Int64 // milliseconds since 1970
	v   *vault.Vault
}

var morning = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

var (
	builtDir atomic.Pointer[string]
	template = sync.OnceValues(buildTemplate)
)

// houseVariable names a folder in which another process built the template.
const houseVariable = "AMANA_TEST_HOUSE"

const planFile = "plan.json"

func buildTemplate() (p plan, err error) {
	if dir := os.Getenv(houseVariable); dir != "" {
		raw, err := os.ReadFile(filepath.Join(dir, planFile))
		if err != nil {
			return p, err
		}
		builtDir.Store(&dir)
		return p, json.Unmarshal(raw, &p)
	}
	dir, err := os.MkdirTemp("", "house")
	if err != nil {
		return plan{}, err
	}
	builtDir.Store(&dir)
	p = plan{Ways: map[string][]byte{}, Who: map[string]amana.MemberID{}}
	ctx := context.Background()
	v, admin, _, err := vault.Found(ctx, filepath.Join(dir, "vault"), vault.New{
		Name: "Clinic", Languages: []string{"fr"}, Administrator: "Admin",
		Roles: []amana.Role{amana.RoleAdministrator}, Passphrase: []byte(adminWords),
		Custodians: []string{"A", "B", "C"}, Threshold: 2, Cost: seal.SmallestCost, Now: func() time.Time { return morning },
	})
	if err != nil {
		return p, err
	}
	p.Who["admin"] = admin.Member()
	if p.Ways["admin"], err = vault.WayIn(v, adminWords); err != nil {
		return p, err
	}
	for i, name := range []string{"w0", "w1"} {
		words := workerWords + name
		if p.Who[name], err = admin.AddMember(ctx, vault.NewMember{
			Name: name, Roles: []amana.Role{amana.RoleCaseworker, amana.RoleSupervisor}, Passphrase: []byte(words),
		}); err != nil {
			return p, err
		}
		formed := event.TeamFormed{Name: "Team " + name, Compartment: amana.Care, Identities: true}
		if p.Teams[i], err = admin.FormTeam(ctx, formed, p.Who[name]); err != nil {
			return p, err
		}
		if p.Ways[name], err = vault.WayIn(v, words); err != nil {
			return p, err
		}
	}
	if err := v.LockAll(); err != nil {
		return p, err
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return p, err
	}
	return p, os.WriteFile(filepath.Join(dir, planFile), raw, 0o600)
}

func newHouse(t testing.TB) *house {
	t.Helper()
	p, err := template()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{plan: p, dir: filepath.Join(t.TempDir(), "vault"), now: &atomic.Int64{}}
	h.now.Store(morning.UnixMilli())
	copyDir(t, filepath.Join(*builtDir.Load(), "vault"), h.dir)
	h.reopen(t)
	return h
}

// at returns the same house in another folder, as it lies there.
func (h *house) at(t testing.TB, dir string) *house {
	t.Helper()
	other := &house{plan: h.plan, dir: dir, now: &atomic.Int64{}}
	other.now.Store(h.now.Load())
	other.reopen(t)
	return other
}

// copied returns a copy of the house as its files lie there now: what a thief
// takes, or what a crash leaves.
func (h *house) copied(t testing.TB) *house {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	copyDir(t, h.dir, dir)
	return h.at(t, dir)
}

// reopen opens the folder as the program does when it starts.
func (h *house) reopen(t testing.TB) {
	t.Helper()
	if h.v != nil {
		h.v.LockAll()
	}
	v, err := vault.Open(h.dir, h.clock)
	if err != nil {
		t.Fatal(err)
	}
	h.v = v
	t.Cleanup(func() { v.LockAll() })
}

func (h *house) clock() time.Time { return time.UnixMilli(h.now.Load()).UTC() }

func (h *house) pass(d time.Duration) { h.now.Add(d.Milliseconds()) }

// enter unlocks for a member and waits until the view is built.
func (h *house) enter(t testing.TB, who string) *vault.Session {
	t.Helper()
	s, err := h.v.EnterBy(context.Background(), h.Ways[who])
	if err != nil {
		t.Fatalf("%s enters: %v", who, err)
	}
	built(t, s)
	return s
}

func built(t testing.TB, s *vault.Session) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !s.Progress().Searchable; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) || s.Progress().Failed != nil {
			t.Fatalf("the view is not built: %+v", s.Progress())
		}
	}
}

func copyDir(t testing.TB, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// newCase is a case of three records, in one save.
type newCase struct{ Case, Identity, Consent amana.RecordID }

func (n newCase) all() []amana.RecordID { return []amana.RecordID{n.Case, n.Identity, n.Consent} }

func openCase(s *vault.Session, team amana.TeamID, name, words string) (newCase, error) {
	n := newCase{amana.RecordID(seal.Random16()), amana.RecordID(seal.Random16()), amana.RecordID(seal.Random16())}
	begin := func(kind amana.Kind, of amana.RecordID) *vault.Begin {
		return &vault.Begin{Kind: kind, Case: of, Teams: []amana.TeamID{team}}
	}
	return n, s.Save(context.Background(),
		vault.Change{Record: n.Case, Begin: begin(amana.KindCase, amana.RecordID{}), Facts: []event.Fact{
			event.Set{Field: "survivor_code_no", Value: event.Text("K7MX-Q9TR-5")},
			event.Set{Field: "status", Value: event.Text("open")},
			event.Set{Field: "assessment_main_concerns", Value: event.Text(words)},
		}},
		vault.Change{Record: n.Identity, Begin: begin(amana.KindIdentity, n.Case), Facts: []event.Fact{
			event.Set{Field: "name", Value: event.Text(name)},
		}},
		vault.Change{Record: n.Consent, Begin: begin(amana.KindConsent, n.Case), Facts: []event.Fact{
			event.Consented{Purpose: amana.PurposeCare, Decision: amana.Granted},
		}},
	)
}

func mustOpenCase(t testing.TB, s *vault.Session, team amana.TeamID, name, words string) newCase {
	t.Helper()
	n, err := openCase(s, team, name, words)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func addNote(s *vault.Session, id amana.RecordID, words string) error {
	return s.Save(context.Background(), vault.Change{Record: id, Facts: []event.Fact{
		event.Set{Field: "note/" + fmt.Sprintf("%x", seal.Random16())[:10] + "/text", Value: event.Text(words)},
	}})
}

// notesOf returns the words of a case's notes, unordered.
func notesOf(f vault.CaseFile) (words []string) {
	for _, item := range f.Case.Items("note") {
		for _, c := range f.Case.ItemCells("note", item) {
			words = append(words, c.Value.Reveal())
		}
	}
	return words
}

// allCases returns every row that the member's lists hold.
func allCases(t testing.TB, s *vault.Session) []view.Case {
	t.Helper()
	rows, err := s.Cases(amana.Private{}, view.Filter{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// problems returns what a journal's verification finds, as words.
func problems(checks []vault.Check) (found []string) {
	for _, c := range checks {
		if !c.OK {
			found = append(found, c.Name+": "+c.Detail)
		}
	}
	return found
}

// mustVerify checks the folder without a key and the journal with the member's.
func (h *house) mustVerify(t testing.TB, s *vault.Session) {
	t.Helper()
	checks, err := s.Verify(context.Background())
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	for _, p := range append(problems(checks), problems(vault.VerifyFiles(h.dir))...) {
		t.Errorf("verify: %s", p)
	}
}

// noiseWords is what no compression makes smaller.
func noiseWords() (b []byte) {
	for range 100 {
		r := seal.Random16()
		b = append(b, r[:]...)
	}
	return b
}
