package casework

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/release"
	"amana/internal/vault"
)

// LargestImport is the most bytes that a file may have that is brought in.
const LargestImport = 512 << 20

// ImportPhase says how far the bringing in of a file is.
type ImportPhase string

// The phases. A file that is read waits for a plan; one that was tried, for answers
// and to be taken in.
const (
	ImportReading ImportPhase = "reading"
	ImportRead    ImportPhase = "read"
	ImportTrying  ImportPhase = "trying"
	ImportTried   ImportPhase = "tried"
	ImportTaking  ImportPhase = "taking"
	ImportTaken   ImportPhase = "taken"
	ImportStopped ImportPhase = "stopped" // by the member, by locking, or by an error
)

// Busy reports whether something is being done to the file right now.
func (p ImportPhase) Busy() bool {
	return p == ImportReading || p == ImportTrying || p == ImportTaking
}

// ImportPlan says how a file is taken in.
type ImportPlan struct {
	Team   amana.TeamID
	Source string // what the source is called here: its ids are its own
	// Mapping is of a table's columns. The Incident Recorder's and JSON need none.
	Mapping exchange.Mapping
	Status  string // of cases that the file itself says nothing of: open or closed
	Update  bool   // where the source says something else now, take it; else leave what is here
	Rest    Same   // for whatever may be here already and nobody decided
}

// Same is a person's answer about a row that may be here already.
type Same string

// The answers. Whatever is not decided is decided later: the row stays out, and the
// next reading of the file asks again.
const (
	Later        Same = "later"
	Different    Same = "different"
	SamePerson   Same = "person"   // the incident goes to her case
	SameIncident Same = "incident" // it is here: nothing is brought but that it is the same
)

// Doubt is a row that may be here already.
type Doubt struct {
	Line     int
	Sheet    string
	Code     amana.Private // the source's of the survivor
	Name     amana.Private
	Values   Values // what the row says, as far as it is compared
	Case     amana.RecordID
	CaseCode string // of what it may be, "" where that is another row
	OtherRow int    // the other row, where both are in the file
	Incident bool   // it may be the same incident, not only the same person
	Reasons  []string
	Answer   Same
}

// ProblemCount is how many rows have a problem.
type ProblemCount struct {
	Key     string
	Refused bool
	Rows    int
}

// ImportReport is what taking a file in would do, or did. Each row is counted once
// among New, Here, Changed, Refused and Later.
type ImportReport struct {
	Rows      int
	New       int
	Here      int // as it was brought before
	Changed   int // the source says something else than when it was brought
	Refused   int
	Later     int // may be here already, and nobody decided
	Cases     int // that are begun
	Incidents int
	Names     int // records of who somebody is
	Consents  int
	Kept      int // values that are no field here, or could not be read, and are kept as they were
	Ignored   int // that the source works out by itself
	Counts    []ProblemCount
	Problems  []exchange.Problem // the first ones
	Doubts    []Doubt            // the first ones
}

// mostShown bounds how many problems and doubts a report holds: memory does not grow
// with the file. Doubts beyond it are decided as the plan says.
const mostShown = 500

// ImportState is how the bringing in stands.
type ImportState struct {
	Phase  ImportPhase
	File   *exchange.File // nil until it is read
	Plan   ImportPlan
	Done   int // rows
	Total  int
	Report ImportReport // of the trial, or of the taking in
	Wrong  string       // message key of why it stopped
}

// bringing is a file that is brought in at a desk, one at a time.
type bringing struct {
	desk *Desk
	file *vault.Spool

	mu      sync.Mutex // guards what follows
	state   ImportState
	answers map[int]Same
	cancel  context.CancelFunc
	busy    sync.WaitGroup
}

// workbench is the place of a desk where a file lies that is worked on.
type workbench struct {
	mu  sync.Mutex // guards what follows
	now *bringing
	out *vault.Spool // a workbook that is ready to leave

	dossier *vault.Spool // a dossier that is
	cleared release.Cleared
}

// BringFile takes in a file to look at, in place of any before it, and begins to read
// it. It lies in the vault's folder meanwhile, sealed under a key that is only in
// memory. Kinds: ErrInvalid as [exchange.ErrLimit] where it is too large, ErrRefused
// for who may write nowhere, ErrConflict while one is being taken in, ErrStorage.
func (d *Desk) BringFile(ctx context.Context, r io.Reader) error {
	if len(d.ImportTeams()) == 0 {
		return fmt.Errorf("casework: import: no team to write for: %w", amana.ErrRefused)
	}
	if st, there := d.ImportState(); there && st.Phase == ImportTaking {
		return fmt.Errorf("casework: import: one is being taken in: %w", amana.ErrConflict)
	}
	d.DropImport()
	sp, err := d.session.Spool()
	if err != nil {
		return err
	}
	n, err := io.Copy(sp, io.LimitReader(r, LargestImport+1))
	if err == nil && n > LargestImport {
		err = fmt.Errorf("casework: import: %w", exchange.ErrLimit)
	}
	if err == nil {
		err = sp.Done()
	}
	if err != nil {
		return errors.Join(err, sp.Close())
	}
	b := &bringing{desk: d, file: sp, answers: map[int]Same{}}
	d.bench.mu.Lock()
	d.bench.now = b
	d.bench.mu.Unlock()
	b.start(ctx, ImportReading, b.read)
	return nil
}

// ImportTeams are the teams for which this member may bring records.
func (d *Desk) ImportTeams() []Team {
	me := d.Me()
	return slices.DeleteFunc(me.Teams, func(t Team) bool {
		return t.Compartment == amana.Statistics || !d.worksIn([]amana.TeamID{t.ID}, me.ID)
	})
}

func (d *Desk) bringing() *bringing {
	d.bench.mu.Lock()
	defer d.bench.mu.Unlock()
	return d.bench.now
}

// ImportState returns how the bringing in stands, if there is one.
func (d *Desk) ImportState() (ImportState, bool) {
	b := d.bringing()
	if b == nil {
		return ImportState{}, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	st := b.state
	st.Report.Doubts = slices.Clone(st.Report.Doubts)
	for i := range st.Report.Doubts {
		st.Report.Doubts[i].Answer = b.answers[st.Report.Doubts[i].Line]
	}
	return st, true
}

// DropImport stops what is being done and takes the file away. What was brought
// stays.
func (d *Desk) DropImport() {
	d.bench.mu.Lock()
	b := d.bench.now
	d.bench.now = nil
	d.bench.mu.Unlock()
	if b != nil {
		b.stop()
		_ = b.file.Close() // nobody has its key
	}
}

// StopImport stops what is being done to the file, which stays.
func (d *Desk) StopImport() {
	if b := d.bringing(); b != nil {
		b.stop()
	}
}

// AwaitImport waits until nothing is done to the file any more.
func (d *Desk) AwaitImport() {
	if b := d.bringing(); b != nil {
		b.busy.Wait()
	}
}

// TryImport says how the file is to be taken in, and begins to go through it without
// writing anything. Kinds: FieldErrors, ErrInvalid for a mapping that cannot be used,
// ErrNotFound without a file, ErrConflict while something is done to it.
func (d *Desk) TryImport(ctx context.Context, p ImportPlan) error {
	b := d.bringing()
	if b == nil {
		return fmt.Errorf("casework: import: no file: %w", amana.ErrNotFound)
	}
	if p.Source == "" {
		p.Source = b.source()
	}
	if err := d.checkPlan(p); err != nil {
		return err
	}
	b.mu.Lock()
	if b.state.Phase.Busy() || b.state.File == nil {
		b.mu.Unlock()
		return fmt.Errorf("casework: import: busy: %w", amana.ErrConflict)
	}
	if len(p.Mapping.Columns) == 0 {
		p.Mapping = b.state.File.Proposed
	}
	b.state.Plan = p
	b.answers = map[int]Same{}
	b.mu.Unlock()
	b.start(ctx, ImportTrying, func(ctx context.Context) error { return b.pass(ctx, true) })
	return nil
}

func (d *Desk) checkPlan(p ImportPlan) error {
	bad := FieldErrors{}
	teams := d.ImportTeams()
	if !slices.ContainsFunc(teams, func(t Team) bool { return t.ID == p.Team }) {
		bad["team"] = "invalid.required"
	}
	if fault := recordLine(p.Source); fault != "" {
		bad["source"] = fault
	}
	if p.Status != statusOpen && p.Status != statusClosed {
		bad["status"] = "invalid.required"
	}
	if len(bad) > 0 {
		return bad
	}
	if len(p.Mapping.Columns) > 0 {
		return p.Mapping.Check()
	}
	return nil
}

// DecideImport answers, by their lines, about rows that may be here already.
func (d *Desk) DecideImport(answers map[int]Same) error {
	b := d.bringing()
	if b == nil {
		return fmt.Errorf("casework: import: no file: %w", amana.ErrNotFound)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state.Phase != ImportTried {
		return fmt.Errorf("casework: import: not tried: %w", amana.ErrConflict)
	}
	maps.Copy(b.answers, answers)
	return nil
}

// TakeImport takes the file in as it was tried. rest is for whatever may be here
// already and was not decided: [Later] or [Different]. Kinds: ErrNotFound, ErrConflict
// where it was not tried; ErrRefused.
func (d *Desk) TakeImport(ctx context.Context, rest Same) error {
	b := d.bringing()
	if b == nil {
		return fmt.Errorf("casework: import: no file: %w", amana.ErrNotFound)
	}
	b.mu.Lock()
	tried := b.state.Phase == ImportTried
	b.state.Plan.Rest = rest
	b.mu.Unlock()
	if !tried {
		return fmt.Errorf("casework: import: not tried: %w", amana.ErrConflict)
	}
	b.start(ctx, ImportTaking, func(ctx context.Context) error { return b.pass(ctx, false) })
	return nil
}

// source is what a source is called that nobody gave a name.
func (b *bringing) source() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state.File == nil {
		return ""
	}
	return string(b.state.File.Format)
}

// after are the phases that follow when all went well.
var after = map[ImportPhase]ImportPhase{ImportReading: ImportRead, ImportTrying: ImportTried, ImportTaking: ImportTaken}

// start begins a phase in the background. It goes on when the request is over.
func (b *bringing) start(ctx context.Context, phase ImportPhase, do func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.mu.Lock()
	b.cancel = cancel
	b.state.Phase, b.state.Done, b.state.Wrong = phase, 0, ""
	if phase != ImportTaking { // the trial's doubts stand until there is something else to show
		b.state.Report = ImportReport{}
	}
	b.mu.Unlock()
	b.busy.Go(func() {
		defer cancel()
		err := do(ctx)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.state.Phase = after[phase]
		if err != nil {
			b.state.Phase, b.state.Wrong = ImportStopped, wrongWith(ctx, err)
		}
	})
}

func (b *bringing) stop() {
	b.mu.Lock()
	cancel := b.cancel
	b.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	b.busy.Wait()
}

// wrongWith is the key of why an import stopped.
func wrongWith(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return "import.stopped.you"
	case errors.Is(err, amana.ErrLocked):
		return "import.stopped.locked"
	case errors.Is(err, amana.ErrStorage):
		return "import.stopped.storage"
	case errors.Is(err, exchange.ErrLimit):
		return "import.stopped.limit"
	case errors.Is(err, amana.ErrInvalid):
		return "import.stopped.file"
	case errors.Is(err, amana.ErrRefused):
		return "import.stopped.refused"
	}
	return "import.stopped.other"
}

func (b *bringing) read(ctx context.Context) error {
	f, err := exchange.Open(ctx, b.file, b.file.Size())
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.File, b.state.Total = f, f.Records
	return nil
}

// AgainImport reads a text file with other letters, or with cells that are separated
// by something else.
func (d *Desk) AgainImport(ctx context.Context, e exchange.Encoding, delimiter string) error {
	b := d.bringing()
	if b == nil {
		return fmt.Errorf("casework: import: no file: %w", amana.ErrNotFound)
	}
	st, _ := d.ImportState()
	if st.File == nil || st.Phase.Busy() {
		return fmt.Errorf("casework: import: busy: %w", amana.ErrConflict)
	}
	return st.File.Again(ctx, e, delimiter)
}

// pass goes through the file, writing nothing where it is a trial.
func (b *bringing) pass(ctx context.Context, trial bool) error {
	b.mu.Lock()
	f, plan, answers := b.state.File, b.state.Plan, b.answers
	b.mu.Unlock()
	in, err := newIntaking(ctx, b.desk, plan, trial)
	if err != nil {
		return err
	}
	in.answers = answers
	in.progress = func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.state.Done = in.report.Rows
		if !trial || b.state.Phase == ImportTrying {
			b.state.Report = in.report
		}
	}
	if !trial {
		if err := in.begin(string(f.Format), f.Records); err != nil {
			return err
		}
	}
	err = f.Rows(ctx, plan.Mapping, in.row)
	if exchange.IsBroken(err) { // what stands before can be read
		err = nil
	}
	if end := in.end(); err == nil {
		err = end
	}
	in.progress()
	return err
}

func momentText(t time.Time) event.Value { return event.Text(t.Format("2006-01-02T15:04")) }
