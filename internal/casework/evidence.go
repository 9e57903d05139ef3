package casework

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// softwareName is what statements of custody say wrote them.
const softwareName = "amana"

// EvidenceFields are the fields that a person fills in, of a file and of a thing.
func EvidenceFields() []string {
	return []string{"title", "description", "collected_on", "collected_at", "source", "evidence_language", "packaging", "seal_number", "kept_at"}
}

// CustodyEvents are those that a person may record of an item; the others record
// themselves.
func CustodyEvents() []string {
	return []string{"transferred", "analysed", "sealed", "opened", "returned", "destroyed"}
}

// CustodyWords are the words that stand beside an event.
func CustodyWords() []string { return evidence.Words() }

// NewEvidence is an item to be taken in.
type NewEvidence struct {
	Case     amana.RecordID
	Incident amana.RecordID // of the case, or zero
	Event    string         // collected or received
	FileName amana.Private
	Values   Values // of [EvidenceFields]
	Words    map[string]amana.Private
}

// Evidence is one item.
type Evidence struct {
	ID       amana.RecordID
	Begun    time.Time
	Title    amana.Private
	Values   Values
	Incident amana.RecordID
	Parent   amana.RecordID // zero but for a working copy
	Copies   []amana.RecordID
	HasFile  bool
	Here     bool // the file is on this device
	Size     int64
	Sum      string
	Media    evidence.Media
	C2PA     bool // a manifest was found in the file; nothing is said of whether it is genuine
	Custody  []CustodyLine
	Broken   bool // its custody does not verify
	Tampered int
}

// CustodyLine is one statement.
type CustodyLine struct {
	Event string
	When  time.Time
	By    amana.MemberID
	Words []evidence.Word
	Copy  amana.RecordID
}

// TakeEvidence takes an item in: a file, as r gives it, or a thing where r is nil.
// The record, its first statement of custody and the file are durable when it
// returns. Kinds: FieldErrors, ErrNotFound, ErrRefused, ErrStorage, and what r fails
// with.
func (d *Desk) TakeEvidence(ctx context.Context, in NewEvidence, r io.Reader) (amana.RecordID, error) {
	if bad := d.checkEvidence(in); len(bad) > 0 {
		return amana.RecordID{}, bad
	}
	holder, err := d.session.PeekHead(in.Case)
	if err != nil {
		return amana.RecordID{}, err
	}
	if holder.Kind != amana.KindCase && !slices.Contains(ClaimKinds(), holder.Kind) {
		return amana.RecordID{}, fmt.Errorf("casework: record %s: keeps no evidence: %w", in.Case, amana.ErrNotFound)
	}
	values := Values{}
	for _, name := range EvidenceFields() {
		values[name] = in.Values[name]
	}
	if !in.Incident.IsZero() {
		values["incident"] = event.Text(in.Incident.String())
	}
	first := statementOf{event: evidence.Event(in.Event), words: in.Words}
	if r == nil {
		id := d.session.NewRecord(amana.KindEvidence)
		change, err := d.beginEvidence(&holder, id, values, nil, first)
		if err != nil {
			return id, err
		}
		return id, d.session.Save(ctx, change)
	}
	values["file_name"] = event.Text(fileName(in.FileName))
	return d.session.TakeIn(ctx, in.Case, r, func(b evidence.Blob) ([]vault.Change, error) {
		d.describe(b, values)
		change, err := d.beginEvidence(&holder, b.Record, values, &b, first)
		return []vault.Change{change}, err
	})
}

// describe notes what the file itself tells.
func (d *Desk) describe(b evidence.Blob, values Values) {
	r, done, err := d.session.OpenBlob(b)
	if err != nil {
		return // it was written a moment ago; whoever opens it will hear of it
	}
	defer done() //nolint:errcheck // it was only read
	values["media_type"] = event.Text(evidence.ReadMedia(r).Type)
	if evidence.HasC2PA(r, r.Size()) {
		values["content_credentials"] = event.Bool(true)
	}
}

// fileName is a name as it came, made one line of letters that say what they are.
func fileName(p amana.Private) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == '/' || r == '\\' {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(p.Reveal(), "_"))
	if letters := []rune(name); len(letters) > record.LongestLine {
		name = string(letters[len(letters)-record.LongestLine:])
	}
	return strings.TrimSpace(name)
}

func (d *Desk) checkEvidence(in NewEvidence) FieldErrors {
	bad := FieldErrors{}
	if in.Event != string(evidence.Collected) && in.Event != string(evidence.Received) {
		bad["event"] = "invalid.option"
	}
	if in.Values["title"].IsZero() {
		bad["title"] = string(record.FaultRequired)
	}
	for _, name := range EvidenceFields() {
		if in.Values[name].IsZero() {
			continue
		}
		field, _ := record.FieldOf(amana.KindEvidence, name)
		if fault := field.Check(in.Values[name], nil, d.office.now()); fault != "" {
			bad[name] = string(fault)
		}
	}
	checkWords(in.Words, bad)
	return bad
}

func checkWords(words map[string]amana.Private, bad FieldErrors) {
	for name, w := range words {
		if !slices.Contains(evidence.Words(), name) {
			bad[name] = "invalid.option"
		} else if fault := record.CheckLine(w.Reveal()); fault != "" {
			bad["word_"+name] = string(fault)
		}
	}
}

// statementOf is what a statement of custody is made of.
type statementOf struct {
	event    evidence.Event
	words    map[string]amana.Private
	content  string // of the file, where there is one
	copy     amana.RecordID
	previous []seal.Hash
}

// beginEvidence makes the record of an item, with its file and its first statement.
func (d *Desk) beginEvidence(holder *vault.Opened, id amana.RecordID, values Values, b *evidence.Blob, first statementOf) (vault.Change, error) {
	facts := sets(values)
	if b != nil {
		facts = append(facts, vault.TakenFact(*b))
		first.content = b.Content().String()
	}
	said, err := d.statement(id, first)
	return vault.Change{
		Record: id, Begin: &vault.Begin{Kind: amana.KindEvidence, Case: holder.ID, Teams: holder.Teams}, Facts: append(facts, said),
	}, err
}

// statement makes and signs a statement of custody.
func (d *Desk) statement(id amana.RecordID, of statementOf) (event.Custody, error) {
	me := d.Me()
	s := evidence.Statement{
		Item: id.String(), Event: of.event, Clock: "device", By: me.ID.String(), Software: softwareName, After: of.content,
		Words: map[string]string{},
	}.AtTime(d.office.now())
	if len(me.Roles) > 0 {
		s.Role = string(me.Roles[0])
	}
	if len(of.previous) > 0 {
		s.Before = of.content
	}
	if !of.copy.IsZero() {
		s.Copy = of.copy.String()
	}
	for _, p := range of.previous {
		s.Previous = append(s.Previous, p.String())
	}
	var fact event.Custody
	for _, name := range evidence.Words() {
		text := of.words[name]
		if text.IsEmpty() {
			continue
		}
		w := evidence.Word{Name: name, Salt: seal.Random32(), Text: text}
		s.Words[name] = w.Commitment(amana.Private.Reveal).String()
		fact.Words = append(fact.Words, event.CustodyWord{Name: name, Salt: w.Salt, Text: text})
	}
	fact.Statement = s.Encode()
	var err error
	fact.Signature, err = d.session.SignStatement(evidence.SignatureLabel, fact.Statement)
	return fact, err
}

// next is a statement that follows those of an item.
func (d *Desk) next(o *vault.Opened, of statementOf) (event.Custody, error) {
	_, heads, err := d.session.CheckCustody(o.ID, signedOf(o))
	if err != nil {
		return event.Custody{}, err
	}
	if t, ok := o.Taken(); ok {
		of.content = vault.BlobOf(o.ID, t).Content().String()
	}
	of.previous = heads
	return d.statement(o.ID, of)
}

func signedOf(o *vault.Opened) []evidence.Signed {
	var list []evidence.Signed
	for _, c := range o.Custody() {
		list = append(list, evidence.Signed{Raw: c.Statement, Signature: c.Signature})
	}
	return list
}

// EvidenceOf returns the items of a case, the last one taken in first. The case was
// opened before; this records nothing.
func (d *Desk) EvidenceOf(_ context.Context, caseID amana.RecordID) ([]Evidence, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return nil, err
	}
	var list []Evidence
	for i := range f.Records {
		if f.Records[i].Kind == amana.KindEvidence {
			list = append(list, d.evidence(&f.Records[i]))
		}
	}
	for i := range list {
		for _, other := range list {
			if other.Parent == list[i].ID {
				list[i].Copies = append(list[i].Copies, other.ID)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Evidence) int { return b.Begun.Compare(a.Begun) })
	return list, nil
}

// ReadEvidence returns one item of a case. Kind: ErrNotFound.
func (d *Desk) ReadEvidence(ctx context.Context, caseID, id amana.RecordID) (Evidence, error) {
	list, err := d.EvidenceOf(ctx, caseID)
	if err != nil {
		return Evidence{}, err
	}
	for _, e := range list {
		if e.ID == id {
			return e, nil
		}
	}
	return Evidence{}, fmt.Errorf("casework: evidence %s: %w", id, amana.ErrNotFound)
}

func (d *Desk) evidence(o *vault.Opened) Evidence {
	v := valuesOf(*o)
	e := Evidence{
		ID: o.ID, Begun: record.When(o.Opened), Title: amana.Conceal(v["title"].Reveal()), Values: v, Tampered: o.Tampered + o.Unread,
	}
	e.C2PA, _ = v["content_credentials"].Bool()
	e.Incident, e.Parent = idIn(v["incident"]), idIn(v["derived_from"])
	if t, ok := o.Taken(); ok {
		e.HasFile, e.Size, e.Sum = true, int64(t.Size), t.Sum.String()
		if r, done, err := d.session.OpenBlob(vault.BlobOf(o.ID, t)); err == nil {
			e.Here, e.Media = true, evidence.ReadMedia(r)
			done() //nolint:errcheck // it was only read
		}
	}
	links, _, err := d.session.CheckCustody(o.ID, signedOf(o))
	e.Broken = err != nil
	for i, c := range o.Custody() {
		line := CustodyLine{By: c.By, When: record.When(c.Time)}
		if i < len(links) {
			line.Event, line.Copy = string(links[i].Event), idIn(event.Text(links[i].Copy))
		}
		for _, w := range c.Words {
			line.Words = append(line.Words, evidence.Word{Name: w.Name, Salt: w.Salt, Text: w.Text})
		}
		e.Custody = append(e.Custody, line)
	}
	return e
}

func idIn(v event.Value) amana.RecordID {
	id, err := amana.ParseID[amana.Record](v.Reveal())
	if err != nil {
		return amana.RecordID{}
	}
	return id
}

func (d *Desk) openedEvidence(caseID, id amana.RecordID) (vault.CaseFile, *vault.Opened, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return f, nil, err
	}
	for i := range f.Records {
		if o := &f.Records[i]; o.ID == id && o.Kind == amana.KindEvidence {
			return f, o, nil
		}
	}
	return f, nil, fmt.Errorf("casework: evidence %s: %w", id, amana.ErrNotFound)
}

// AddCustody records something that was done with an item. Kinds: FieldErrors,
// ErrNotFound, ErrRefused, ErrTampered where its custody does not verify.
func (d *Desk) AddCustody(ctx context.Context, caseID, id amana.RecordID, what string, words map[string]amana.Private) error {
	bad := FieldErrors{}
	if !slices.Contains(CustodyEvents(), what) {
		bad["event"] = "invalid.option"
	}
	if words[evidence.WordReason].IsEmpty() {
		bad["word_reason"] = string(record.FaultRequired)
	}
	if checkWords(words, bad); len(bad) > 0 {
		return bad
	}
	_, o, err := d.openedEvidence(caseID, id)
	if err != nil {
		return err
	}
	said, err := d.next(o, statementOf{event: evidence.Event(what), words: words})
	if err != nil {
		return err
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{said}})
}

// viewedAgain is how long one viewing lasts: a player asks for many parts of a file.
const viewedAgain = 10 * time.Minute

// EvidenceFile is a file that is open. It is opened in memory, part by part.
type EvidenceFile struct {
	*evidence.Reader
	Media evidence.Media
	Close func() error
}

// ViewEvidence opens the file of an item to be looked at, and records that it was,
// durably, before anything is shown. Who may read and not write is on record by the
// opening of the case. Kinds: ErrNotFound, ErrTampered.
func (d *Desk) ViewEvidence(ctx context.Context, caseID, id amana.RecordID) (*EvidenceFile, error) {
	_, o, err := d.openedEvidence(caseID, id)
	if err != nil {
		return nil, err
	}
	t, ok := o.Taken()
	if !ok {
		return nil, fmt.Errorf("casework: evidence %s: has no file: %w", id, amana.ErrNotFound)
	}
	if d.firstLook(id) {
		said, err := d.next(o, statementOf{event: evidence.Viewed})
		if err == nil {
			err = d.session.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{said}})
		}
		if err != nil && !errors.Is(err, amana.ErrRefused) {
			d.unlook(id) // whoever breaks off here is on record the next time
			return nil, err
		}
	}
	r, done, err := d.session.OpenBlob(vault.BlobOf(id, t))
	if err != nil {
		return nil, err
	}
	return &EvidenceFile{Reader: r, Media: evidence.ReadMedia(r), Close: done}, nil
}

// firstLook notes a viewing, and reports whether there was none a moment ago.
func (d *Desk) firstLook(id amana.RecordID) bool {
	d.viewed.mu.Lock()
	defer d.viewed.mu.Unlock()
	now := d.office.now()
	if last, seen := d.viewed.at[id]; seen && !now.Before(last) && now.Sub(last) < viewedAgain {
		return false
	}
	if d.viewed.at == nil {
		d.viewed.at = map[amana.RecordID]time.Time{}
	}
	d.viewed.at[id] = now
	return true
}

// unlook takes back a viewing that could not be written down.
func (d *Desk) unlook(id amana.RecordID) {
	d.viewed.mu.Lock()
	defer d.viewed.mu.Unlock()
	delete(d.viewed.at, id)
}

// SetEvidenceIncident says which incident of the case an item is about; none where it
// is zero. Kinds: ErrNotFound, ErrRefused.
func (d *Desk) SetEvidenceIncident(ctx context.Context, caseID, id, incident amana.RecordID) error {
	f, o, err := d.openedEvidence(caseID, id)
	if err != nil {
		return err
	}
	text := ""
	if !incident.IsZero() {
		known := slices.ContainsFunc(f.Records, func(r vault.Opened) bool { return r.ID == incident && r.Kind == amana.KindIncident })
		if !known {
			return fmt.Errorf("casework: incident %s: %w", incident, amana.ErrNotFound)
		}
		text = incident.String()
	}
	facts := changed(o, Change{Values: Values{"incident": event.Text(text)}})
	if len(facts) == 0 {
		return nil
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: facts})
}
