package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
)

// asked is a new device that waits for its answer.
type asked struct {
	*office
	r   vault.PairRequest
	way []byte
}

func (c *clinic) ask(t testing.TB) *asked {
	t.Helper()
	o := &office{dir: filepath.Join(t.TempDir(), "second"), now: c.now}
	raw, err := vault.RequestPairing(o.dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := vault.ParseRequest(raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if o.v != nil {
			o.v.LockAll()
		}
	})
	return &asked{office: o, r: r}
}

func (a *asked) join(t testing.TB, answer []byte, words string) *vault.Session {
	t.Helper()
	v, s, err := vault.Join(context.Background(), a.dir, bytes.NewReader(answer), []byte(words), a.clock)
	if err != nil {
		t.Fatal(err)
	}
	a.v = v
	ready(t, s)
	return s
}

// again ends the program on the new device and unlocks it, after what was done meanwhile.
func (a *asked) again(t testing.TB, words string, meanwhile ...func()) *vault.Session {
	t.Helper()
	if err := a.v.LockAll(); err != nil {
		t.Fatal(err)
	}
	for _, do := range meanwhile {
		do()
	}
	var err error
	if a.v, err = vault.Open(a.dir, a.clock); err != nil {
		t.Fatal(err)
	}
	if a.way == nil { // a passphrase is stretched once
		if a.way, err = vault.WayIn(a.v, words); err != nil {
			t.Fatal(err)
		}
	}
	s, err := a.v.EnterBy(context.Background(), a.way)
	if err != nil {
		t.Fatal(err)
	}
	ready(t, s)
	return s
}

// start writes a start for a new device, as the administrator does.
func (c *clinic) start(t testing.TB, a *asked, members ...amana.MemberID) ([]byte, vault.Started) {
	t.Helper()
	var answer bytes.Buffer
	done, err := c.admin.PairStart(context.Background(), a.r, "field", members, &answer)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Bytes(), done
}

// consented adds a consent to a case, given and, where it says so, withdrawn.
func consented(t testing.TB, s *vault.Session, of amana.RecordID, team amana.TeamID, withdrawn bool) amana.RecordID {
	t.Helper()
	id := amana.RecordID(seal.Random16())
	say := func(begin *vault.Begin, d amana.Decision) {
		fact := event.Consented{Purpose: amana.PurposeContact, Decision: d, GivenBy: "self", How: "spoken"}
		if err := s.Save(context.Background(), vault.Change{Record: id, Begin: begin, Facts: []event.Fact{fact}}); err != nil {
			t.Fatal(err)
		}
	}
	say(&vault.Begin{Kind: amana.KindConsent, Case: of, Teams: []amana.TeamID{team}}, amana.Granted)
	if withdrawn {
		say(nil, amana.Withdrawn)
	}
	return id
}

// answerOf is what stands of the consents of a case, or "" where the case is not shown.
func answerOf(t testing.TB, s *vault.Session, id amana.RecordID) amana.Decision {
	t.Helper()
	f, err := s.Peek(id)
	if errors.Is(err, amana.ErrNotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	if f.Case.Tampered+f.Case.Unread > 0 {
		t.Errorf("the case has %d entries that fail and %d unread", f.Case.Tampered, f.Case.Unread)
	}
	for _, r := range f.Records {
		for _, c := range r.Consents() {
			return c.Decision
		}
	}
	return amana.NotAsked
}

func shown(t testing.TB, s *vault.Session) []view.Case {
	t.Helper()
	rows, err := s.Cases(amana.Private{}, view.Filter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func startOf(t testing.TB, s *vault.Session) vault.Start {
	t.Helper()
	st, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// A new device works within its start: the cases are whole, with what was withdrawn;
// it writes; what leaves, what counts and the charter wait. When the history has come,
// it is as any device.
func TestStart_thenTheHistory(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	worker := c.asWorker(t, 0)
	first := c.open(t, worker, c.teams[0], "Exemple", "orchard")
	consented(t, worker, first, c.teams[0], true)
	if _, err := worker.Read(ctx, first); err != nil { // an opening, that the start leaves out
		t.Fatal(err)
	}
	c.open(t, c.asWorker(t, 1), c.teams[1], "Autrui", "not theirs")
	a := c.ask(t)
	answer, done := c.start(t, a, c.worker[0])
	if done.Cases != 1 || done.Later != 0 || len(done.Without) != 0 {
		t.Fatalf("made: %+v", done)
	}
	s := a.join(t, answer, workerWords+"0")
	st := startOf(t, s)
	if !st.Arriving || st.Cases != 1 || st.Why != "" || st.Failed != 0 || st.Here != 0 || st.Awaited == 0 || st.From != c.admin.Device() {
		t.Fatalf("%+v", st)
	}
	if got := answerOf(t, s, first); got != amana.Withdrawn {
		t.Errorf("her answer is %q", got)
	}
	if rows := search(t, s, "orchard"); len(rows) != 1 || rows[0].Name.Reveal() != "Exemple" {
		t.Errorf("found %d cases", len(rows))
	}
	if err := s.Save(ctx, vault.Change{Record: first, Facts: []event.Fact{event.Set{Field: "age", Value: event.Int(31)}}}); err != nil {
		t.Fatal(err)
	}
	own := c.open(t, s, c.teams[0], "Nouvelle", "river")
	waits := map[string]error{
		"a release":       s.Save(ctx, vault.Change{Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: amana.KindRelease, Teams: c.teams[:1]}, Facts: []event.Fact{event.Set{Field: "x", Value: event.Int(1)}}}),
		"figures":         s.Save(ctx, vault.Change{Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: amana.KindFigures, Teams: c.teams[:1]}, Facts: []event.Fact{event.Set{Field: "x", Value: event.Int(1)}}}),
		"words that left": s.Save(ctx, vault.Change{Record: first, Facts: []event.Fact{event.Released{Purpose: amana.PurposeReferral}}}),
		"erasing":         s.EraseCase(ctx, "asked", own),
		"a backup":        s.Backup(ctx, &bytes.Buffer{}),
	}
	for what, err := range waits {
		if !errors.Is(err, vault.ErrArriving) {
			t.Errorf("%s: %v", what, err)
		}
	}
	s = a.again(t, workerWords+"0")
	if n := len(shown(t, s)); n != 2 || answerOf(t, s, first) != amana.Withdrawn {
		t.Fatalf("%d cases after an unlocking", n)
	}
	if in := carry(t, c.admin, s); in.Refused+in.Waiting > 0 {
		t.Fatalf("%+v", in)
	}
	ready(t, s)
	if st := startOf(t, s); st.Arriving || st.Wrong != 0 {
		t.Errorf("%+v", st)
	}
	for range 2 {
		f, err := s.Peek(first)
		if err != nil {
			t.Fatal(err)
		}
		if cell, _ := f.Case.Field("age"); answerOf(t, s, first) != amana.Withdrawn || cell.Value.IsZero() {
			t.Error("the case is not what it was")
		}
		if n := len(shown(t, s)); n != 2 {
			t.Errorf("%d cases", n)
		}
		verified(t, s)
		s = a.again(t, workerWords+"0")
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if in := carry(t, s, c.admin); in.Refused+in.Waiting > 0 || in.Taken == 0 {
		t.Errorf("%+v", in)
	}
	if got := eventually(t, worker, "river"); got != 1 {
		t.Errorf("%d cases came back", got)
	}
	if err := s.EraseCase(ctx, "asked", own); err != nil {
		t.Error(err)
	}
}

// A start that leaves out the end of a consent, or passes it off as something else, is
// found: the case is not shown any more as soon as what was left out comes, and what the
// maker signed is kept.
func TestStart_aWithheldWithdrawalIsFound(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	worker := c.asWorker(t, 0)
	id := c.open(t, worker, c.teams[0], "Exemple", "orchard")
	consent := consented(t, worker, id, c.teams[0], true)
	for _, passedOff := range []bool{false, true} {
		a := c.ask(t)
		answer, err := c.admin.LyingStart(ctx, a.r, a.r.Device, c.worker[:1], vault.Withhold(consent, passedOff))
		if err != nil {
			t.Fatal(err)
		}
		s := a.join(t, answer, workerWords+"0")
		if got := answerOf(t, s, id); got != amana.Granted {
			t.Fatalf("the lie is not told: %q", got)
		}
		carry(t, c.admin, s)
		ready(t, s)
		if st := startOf(t, s); st.Arriving || st.Wrong != 1 {
			t.Errorf("passed off %v: %+v", passedOff, st)
		}
		if got := answerOf(t, s, id); got != amana.Withdrawn {
			t.Errorf("her answer is %q", got)
		}
		if n, why, err := s.Quarantined(); err != nil || n != 1 || why == "" {
			t.Errorf("kept: %d, %v", n, err)
		}
	}
}

// What was written after a start was made, and comes before all of the history is here,
// takes the case from view: nobody goes by a consent that has ended. So does a crash in
// between nothing to it.
func TestStart_newerWordsHideTheCase(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	_, field := c.second(t, workerWords+"0", c.worker[0]) // another device, that goes on
	withdrawn := c.open(t, field, c.teams[0], "Exemple", "orchard")
	consent := consented(t, field, withdrawn, c.teams[0], false)
	refused := c.open(t, field, c.teams[0], "Autre", "river")
	same := c.open(t, field, c.teams[0], "Tiers", "valley")
	carry(t, field, c.admin)
	c.asWorker(t, 0)
	a := c.ask(t)
	answer, done := c.start(t, a, c.worker[0])
	if done.Cases != 3 {
		t.Fatalf("%+v", done)
	}
	if err := field.Save(ctx, vault.Change{Record: consent, Facts: []event.Fact{event.Consented{Purpose: amana.PurposeContact, Decision: amana.Withdrawn}}}); err != nil {
		t.Fatal(err)
	}
	consented(t, field, refused, c.teams[0], true)
	if _, err := field.Read(ctx, same); err != nil { // nothing but an opening
		t.Fatal(err)
	}
	s := a.join(t, answer, workerWords+"0")
	if n := len(shown(t, s)); n != 3 || answerOf(t, s, withdrawn) != amana.Granted {
		t.Fatalf("%d cases", n)
	}
	have := s.Have()
	have[c.admin.Device()] = 1 << 40 // the first device's chain does not come yet
	if _, err := s.Import(ctx, batches(t, field, have)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		st := startOf(t, s)
		if rows := shown(t, s); !st.Arriving || st.Newer != 2 || len(rows) != 1 || rows[0].ID != same {
			t.Errorf("%+v, %d cases", st, len(rows))
		}
		if got := answerOf(t, s, withdrawn); got != "" {
			t.Errorf("the case is shown, with the answer %q", got)
		}
		s = a.again(t, workerWords+"0")
	}
	carry(t, c.admin, s)
	ready(t, s)
	if st := startOf(t, s); st.Arriving || st.Wrong != 0 || len(shown(t, s)) != 3 || answerOf(t, s, withdrawn) != amana.Withdrawn {
		t.Errorf("%+v", st)
	}
}

// Without a start's cases, nothing of the history is shown before all of it is here; and
// what came before the program was killed need not come again.
func TestStart_historyInPieces(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	worker := c.asWorker(t, 0)
	id := c.open(t, worker, c.teams[0], "Exemple", "orchard")
	consented(t, worker, id, c.teams[0], true)
	if err := worker.Lock(); err != nil {
		t.Fatal(err)
	}
	a := c.ask(t)
	answer, done := c.start(t, a, c.worker[0])
	if done.Cases != 0 || len(done.Without) != 1 {
		t.Fatalf("%+v", done)
	}
	s := a.join(t, answer, workerWords+"0")
	if st := startOf(t, s); !st.Arriving || st.Why != vault.StartNone {
		t.Errorf("%+v", st)
	}
	kept, err := os.ReadFile(filepath.Join(a.dir, "start"))
	if err != nil {
		t.Fatal(err)
	}
	pieces := 0
	for startOf(t, s).Arriving {
		if pieces++; pieces > 100 {
			t.Fatal("it never comes to its end")
		}
		if n := len(shown(t, s)); n != 0 {
			t.Errorf("%d cases after %d pieces", n, pieces-1)
		}
		one := batches(t, c.admin, s.Have()) // the first batch alone
		b, more, err := one()
		if err != nil || !more {
			t.Fatal("nothing more comes")
		}
		if half := uint64(len(b.Items)) / 2; pieces == 1 {
			b = c.admin.Signed(b, half)
		}
		if _, err := s.Import(ctx, each([]journal.Batch{b})); err != nil {
			t.Fatal(err)
		}
		s = a.again(t, workerWords+"0")
	}
	if pieces < 2 || answerOf(t, s, id) != amana.Withdrawn {
		t.Errorf("after %d pieces her answer is %q", pieces, answerOf(t, s, id))
	}
	s = a.again(t, workerWords+"0", func() { // killed before the start was removed
		if err := os.WriteFile(filepath.Join(a.dir, "start"), kept, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if st := startOf(t, s); st.Arriving || st.Wrong != 0 || answerOf(t, s, id) != amana.Withdrawn {
		t.Errorf("%+v", st)
	}
	verified(t, s)
}

// A start is for one device, as it was signed, by a device in use.
func TestStart_refused(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	worker := c.asWorker(t, 0)
	id := c.open(t, worker, c.teams[0], "Exemple", "orchard")
	other := c.open(t, worker, c.teams[0], "Autre", "river")
	a := c.ask(t)
	elsewhere, err := c.admin.LyingStart(ctx, a.r, amana.DeviceID(seal.Random16()), c.worker[:1], vault.Honest)
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := c.start(t, a, c.worker[0])
	b := c.ask(t)
	for what, one := range map[string]struct {
		a      *asked
		answer []byte
		kind   error
	}{
		"made for another device":   {a, elsewhere, amana.ErrInvalid},
		"sealed for another device": {b, whole, amana.ErrInvalid},
		"cut short":                 {a, whole[:len(whole)-100], amana.ErrTampered},
		"changed":                   {a, append(slices.Clone(whole[:len(whole)-9]), make([]byte, 9)...), amana.ErrTampered},
	} {
		if _, _, err := vault.Join(ctx, one.a.dir, bytes.NewReader(one.answer), []byte(workerWords+"0"), c.clock); !errors.Is(err, one.kind) {
			t.Errorf("%s: %v", what, err)
		}
	}
	forged, err := c.admin.LyingStart(ctx, a.r, a.r.Device, c.worker[:1], vault.Reword(id, "orchard", "orchids"))
	if err != nil {
		t.Fatal(err)
	}
	s := a.join(t, forged, workerWords+"0")
	if st := startOf(t, s); st.Failed != 1 || st.Cases != 1 || answerOf(t, s, id) != "" || answerOf(t, s, other) == "" {
		t.Errorf("of two cases, one with words that its author did not sign: %+v", st)
	}
}

// When it comes out that the device which made a start was revoked, its cases are not
// shown any more.
func TestStart_ofARevokedDevice(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	worker := c.asWorker(t, 0)
	c.open(t, worker, c.teams[0], "Exemple", "orchard")
	other, err := c.admin.AddMember(ctx, vault.NewMember{Name: "Second", Roles: []amana.Role{amana.RoleAdministrator}, Passphrase: []byte("second admin words kept")})
	if err != nil {
		t.Fatal(err)
	}
	a := c.ask(t)
	_, there := c.second(t, "second admin words kept", other)
	answer, done := c.start(t, a, c.worker[0])
	if done.Cases != 1 {
		t.Fatalf("%+v", done)
	}
	if err := there.RevokeDevice(ctx, c.admin.Device()); err != nil {
		t.Fatal(err)
	}
	s := a.join(t, answer, workerWords+"0")
	if n := len(shown(t, s)); n != 1 {
		t.Fatalf("%d cases", n)
	}
	have := s.Have()
	have[c.admin.Device()] = 1 << 40
	if in, err := s.Import(ctx, batches(t, there, have)); err != nil || in.Taken == 0 {
		t.Fatal(in, err)
	}
	for range 2 {
		if st := startOf(t, s); !st.Arriving || st.Why != vault.StartRevoked || len(shown(t, s)) != 0 {
			t.Errorf("%+v, %d cases", st, len(shown(t, s)))
		}
		s = a.again(t, workerWords+"0")
	}
}

// What was erased is in no start, and goes out of one that was made before.
func TestStart_erased(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	worker := c.asWorker(t, 0)
	gone := c.open(t, worker, c.teams[0], "Exemple", "orchard")
	later := c.open(t, worker, c.teams[0], "Autre", "river")
	if err := c.admin.JoinTeam(ctx, c.teams[0], c.admin.Member()); err != nil {
		t.Fatal(err)
	}
	if _, err := worker.HandOn(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.admin.EraseCase(ctx, "asked", gone); err != nil {
		t.Fatal(err)
	}
	ready(t, worker)
	_, there := c.second(t, adminWords, c.admin.Member())
	a := c.ask(t)
	answer, done := c.start(t, a, c.worker[0])
	if done.Cases != 1 {
		t.Fatalf("%+v", done)
	}
	s := a.join(t, answer, workerWords+"0")
	if answerOf(t, s, gone) != "" || answerOf(t, s, later) == "" {
		t.Error("not the case that is there")
	}
	before, err := os.Stat(filepath.Join(a.dir, "start"))
	if err != nil {
		t.Fatal(err)
	}
	if err := there.EraseCase(ctx, "asked", later); err != nil {
		t.Fatal(err)
	}
	have := s.Have()
	have[c.admin.Device()] = 1 << 40
	if in, err := s.Import(ctx, batches(t, there, have)); err != nil || in.Taken == 0 {
		t.Fatal(in, err)
	}
	after, err := os.Stat(filepath.Join(a.dir, "start"))
	if err != nil || after.Size() >= before.Size() {
		t.Errorf("the start has what it had: %d bytes, then %d: %v", before.Size(), after.Size(), err)
	}
	if answerOf(t, s, later) != "" {
		t.Error("the erased case is shown")
	}
	s = a.again(t, workerWords+"0")
	if answerOf(t, s, later) != "" || !startOf(t, s).Arriving {
		t.Error("the erased case is shown after an unlocking")
	}
	carry(t, c.admin, s)
	ready(t, s)
	if st := startOf(t, s); st.Arriving || st.Wrong != 0 || len(shown(t, s)) != 0 {
		t.Errorf("%+v", st)
	}
}

// However many cases there are, a start crosses the slowest line in a minute: what is
// urgent first, then the newest.
func TestStart_isBounded(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	worker := c.asWorker(t, 0)
	words := make([]byte, 300)
	var saves [][]vault.Change
	var ids []amana.RecordID
	for n := range 400 {
		for i := range words { // as hard to compress as words get
			words[i] = 'a' + byte((i*i*(n+7)+i*31+n)%26)
		}
		id := amana.RecordID(seal.Random16())
		ids = append(ids, id)
		facts := []event.Fact{event.Set{Field: "status", Value: event.Text("open")}, event.Set{Field: "assessment_main_concerns", Value: event.Text(string(words))}}
		if n == 0 { // the oldest: it was yesterday, when the start is made
			facts = append(facts, event.Set{Field: "assault_date", Value: event.Text("2026-03-30")})
		}
		saves = append(saves, []vault.Change{{Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: c.teams[:1]}, Facts: facts}})
	}
	if err := worker.SaveMany(ctx, saves...); err != nil {
		t.Fatal(err)
	}
	if err := worker.CatchUp(); err != nil {
		t.Fatal(err)
	}
	c.now = time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)
	a := c.ask(t)
	answer, done := c.start(t, a, c.worker[0])
	if len(answer) > 72_000 || done.Cases < 20 || done.Cases+done.Later != 400 {
		t.Fatalf("%d bytes, %+v", len(answer), done)
	}
	s := a.join(t, answer, workerWords+"0")
	st := startOf(t, s)
	if st.Cases != done.Cases || st.Later != done.Later {
		t.Errorf("%+v, made %+v", st, done)
	}
	for n, want := range map[int]bool{0: true, 1: false, 399: true} {
		if got := answerOf(t, s, ids[n]) != ""; got != want {
			t.Errorf("case %d is there: %v", n, got)
		}
	}
}
