package casework

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"amana"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/xlsform"
)

// FormChange is a form of a case as somebody filled it in.
type FormChange struct {
	// Record is what the form writes to; zero begins a record of its kind.
	Record amana.RecordID
	// Version is that of the record when the page was made, 0 for what stands now.
	Version uint64
	Filling form.Filling
	// Reporting is the version of the notice on mandatory reporting that was read
	// before, or "".
	Reporting string
}

// formCache keeps the set of forms until the organisation adopts another document.
type formCache struct {
	mu  sync.Mutex // guards all below
	key string
	set *form.Set
}

// formDocuments begins the names of the forms that an organisation adopted.
const formDocuments = "form/"

// Forms returns the forms that hold now: the project's, with what the organisation
// adopted laid over them.
func (d *Desk) Forms() *form.Set {
	docs := d.charter().AdoptedUnder(formDocuments)
	var key strings.Builder
	for _, doc := range docs {
		fmt.Fprintf(&key, "%s %s %d\n", doc.Name, doc.Version, doc.Time)
	}
	c := &d.office.forms
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set == nil || c.key != key.String() {
		c.key, c.set = key.String(), form.Builtin()
		for _, doc := range docs {
			c.set, _ = c.set.With(doc.Content) // what cannot be laid over it was refused before
		}
	}
	return c.set
}

// env is what a form may know beside its answers.
func (d *Desk) env() xlsform.Env { return formEnv(d.office) }

func formEnv(o *Office) xlsform.Env { return xlsform.Env{Now: o.now(), Random: seal.Random16} }

// SaveForm saves a form of a case, and returns the record that it wrote to. Only
// what differs from the version that the page showed is written; answers to
// questions that are not asked any more are taken away. Kinds: [form.Faults],
// ErrRefused, ErrConflict, ErrStorage.
func (d *Desk) SaveForm(ctx context.Context, caseID amana.RecordID, ch FormChange) (amana.RecordID, error) {
	file, err := d.session.Peek(caseID)
	if err != nil {
		return amana.RecordID{}, err
	}
	kind := ch.Filling.Form.Kind
	id, o := formTarget(&file, kind, ch.Record)
	if o == nil && !ch.Record.IsZero() && id.IsZero() {
		return id, fmt.Errorf("casework: record %s of case %s: %w", ch.Record, caseID, amana.ErrNotFound)
	}
	facts, consents, err := d.formFacts(o, ch)
	if err == nil {
		err = d.minorOf(&file.Case.Record).forMinor(file.Case.Value, consents, ch.Filling.Answers)
	}
	if err != nil || len(facts) == 0 {
		return id, err
	}
	if err := d.guardFilling(file, kind, id, facts); err != nil {
		return id, err
	}
	change := vault.Change{Record: id, Seen: ch.Version, Facts: facts}
	if o == nil {
		if err := d.mayBegin(&file, kind); err != nil {
			return id, err
		}
		id = d.session.NewRecord(kind)
		change = vault.Change{Record: id, Begin: &vault.Begin{Kind: kind, Case: caseID, Teams: file.Case.Teams}, Facts: facts}
	}
	changes := []vault.Change{change}
	if told := d.toldOf(file, ch.Reporting); told != nil {
		consents = append(consents, told)
	}
	if len(consents) > 0 {
		changes = append(changes, d.consentChange(&file, consents...))
	}
	return id, d.session.Save(ctx, changes...)
}

// formTarget finds the record of a case that a form writes to.
func formTarget(file *vault.CaseFile, kind amana.Kind, want amana.RecordID) (amana.RecordID, *vault.Opened) {
	if kind == amana.KindCase {
		if !want.IsZero() && want != file.Case.ID {
			return amana.RecordID{}, nil
		}
		return file.Case.ID, &file.Case
	}
	for i := range file.Records {
		if o := &file.Records[i]; o.Kind == kind && o.ID == want {
			return o.ID, o
		}
	}
	return amana.RecordID{}, nil
}

// mayBegin says why a record of a kind cannot begin in a case.
func (d *Desk) mayBegin(file *vault.CaseFile, kind amana.Kind) error {
	if kind != amana.KindIdentity {
		return nil
	}
	for i := range file.Records {
		if file.Records[i].Kind == amana.KindIdentity {
			return fmt.Errorf("casework: identity of case %s: %w", file.Case.ID, amana.ErrConflict)
		}
	}
	if len(file.Case.Teams) == 0 || !holdsIdentity(teamOf(d.charter(), file.Case.Teams[0]), d.session.Member()) {
		return fmt.Errorf("casework: identity of case %s: %w", file.Case.ID, amana.ErrRefused)
	}
	return nil
}

// formFacts are what a filling changes in a record, nil for one that is yet to
// begin, and the consents that follow from it.
func (d *Desk) formFacts(o *vault.Opened, ch FormChange) ([]event.Fact, []event.Fact, error) {
	fl := ch.Filling
	base := recorded(o, fl, ch.Version)
	st := fl.State(base, d.env())
	faults := fl.Check(st, d.office.now(), func(path string) bool { return !fl.Answers[path].Equal(base[path]) })
	faults = append(faults, d.tooEarly(fl, st)...)
	if len(faults) > 0 {
		return nil, nil, faults
	}
	facts := formChanges(fl, st, base)
	if len(facts) == 0 {
		return nil, nil, nil
	}
	version := event.Text(fl.Form.Version)
	if fl.Form.Version != "" && (o == nil || !o.Value(fl.Form.VersionField()).Equal(version)) {
		facts = append(facts, event.Set{Field: fl.Form.VersionField(), Value: version})
	}
	var consents []event.Fact
	if fl.Form.ID == referralConsents {
		consents = consentsByService(base, st)
	}
	return facts, consents, nil
}

// formChanges are the facts by which what was recorded becomes what the form holds.
func formChanges(fl form.Filling, st *xlsform.State, base xlsform.Answers) []event.Fact {
	var facts []event.Fact
	write := func(path string, v event.Value) {
		switch before := base[path]; {
		case v.Equal(before):
		case v.IsZero():
			facts = append(facts, event.Removed{Field: path})
		default:
			facts = append(facts, event.Set{Field: path, Value: v})
		}
	}
	for _, gone := range fl.Removed {
		facts = append(facts, event.Removed{Field: gone})
	}
	for _, path := range fl.Paths() {
		if st.Relevant(path) {
			write(path, fl.Answers[path])
		} else {
			write(path, event.Value{})
		}
	}
	for _, path := range st.Dropped() {
		if _, posted := fl.Answers[path]; !posted {
			write(path, event.Value{})
		}
	}
	for _, path := range fl.Form.CalculatedPaths(st) {
		write(path, st.Value(path))
	}
	return facts
}

// recorded is what a record held of a form's fields at a version.
func recorded(o *vault.Opened, fl form.Filling, version uint64) xlsform.Answers {
	base := xlsform.Answers{}
	if o == nil {
		return base
	}
	take := func(path string) {
		if v := valueAt(o, path, version); !v.IsZero() {
			base[path] = v
		}
	}
	for _, f := range fl.Form.Fields() {
		list, field, inList := strings.Cut(f.Name, "/")
		if !inList {
			take(f.Name)
			continue
		}
		for _, item := range o.Items(list) {
			take(list + "/" + item + "/" + field)
		}
	}
	for path := range fl.Answers {
		if strings.Contains(path, "/") {
			take(path)
		}
	}
	return base
}

// valueAt is what a field held at a version; 0 is now.
func valueAt(o *vault.Opened, path string, version uint64) event.Value {
	c, there := o.Field(path)
	if version == 0 || there && c.Time <= version && len(c.Rivals) == 0 {
		return c.Value
	}
	var v event.Value
	for _, p := range o.History(path) {
		if p.Time <= version {
			v = p.Value
		}
	}
	return v
}

// fieldOf describes a field of a kind as the forms have it, or else as package
// record does.
func fieldOf(set *form.Set, kind amana.Kind, name string) (record.Field, bool) {
	if f, known := set.Field(kind, name); known {
		return f.Field, true
	}
	return record.FieldOf(kind, name)
}

// validate says what is wrong with a value for a field that a form asks, or that
// package record knows.
func (d *Desk) validate(kind amana.Kind, name string, v event.Value) record.Fault {
	if f, known := d.Forms().Field(kind, name); known {
		return f.Check(v, f.IDs(), d.office.now())
	}
	return record.Validate(kind, name, v, d.office.now())
}
