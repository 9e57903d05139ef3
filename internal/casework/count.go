package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"amana"
	"amana/internal/record"
	"amana/internal/stats"
	"amana/internal/vault"
)

// Counting says what to count.
type Counting struct {
	First, Last string // ISO months
	Basis       stats.Basis
	Group       stats.Grouping
	ByArea      bool
	// Only keeps incidents with these choices; "" is all.
	Sex, Age, Type, Area, Displacement string
}

// Figures are counted: exact, and for those who may read the cases. See package
// disclose for what may leave the team.
type Figures struct {
	Counting   Counting
	Counts     stats.Counts
	Book       *stats.Book
	Indicators []stats.Indicator
	Incidents  int      // that the member can read
	Teams      []Team   // whose incidents they are
	Areas      []string // of the organisation's list
}

// tally keeps rows of codes until something of them changes.
type tally struct {
	mu    sync.Mutex // guards all below
	key   tallyKey
	facts stats.Facts
	cases []amana.RecordID // of the incidents, in their order
	book  *stats.Book
	owned map[string]int // open cases by who has them
}

// talliedKinds are the kinds of record that rows are made of.
var talliedKinds = [...]amana.Kind{amana.KindIncident, amana.KindReferral, amana.KindCase, amana.KindFeedback}

// tallyKey is what rows depend on: while it is equal, they are what they would be.
type tallyKey struct {
	lists [len(talliedKinds)]vault.ListState
	areas string // the version of the organisation's list
}

// Figures counts what this member can read, and nothing else: another member of other
// teams gets other figures. Lists say what is counted; a release reads and verifies
// every record again. Kinds: ErrInvalid, ErrLocked.
func (d *Desk) Figures(ctx context.Context, c Counting) (Figures, error) {
	t, err := d.tallied()
	if err != nil {
		return Figures{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	q, err := c.question(t.book)
	if err != nil {
		return Figures{}, err
	}
	facts := t.facts
	facts.Staff = d.staff(t.owned)
	if facts.Directory, err = d.freshness(ctx); err != nil {
		return Figures{}, err
	}
	return Figures{
		Counting: c, Counts: stats.Add(t.facts.Incidents, t.book, q), Book: t.book, Indicators: stats.Indicators(facts, q),
		Incidents: len(t.facts.Incidents), Teams: d.countedTeams(), Areas: names(d.Areas()),
	}, nil
}

// CountedCases returns the cases behind a figure, each once. They are cases that this
// member can open. Kind: ErrInvalid.
func (d *Desk) CountedCases(_ context.Context, c Counting, table string, row, period int) ([]CaseRow, error) {
	t, err := d.tallied()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	q, err := c.question(t.book)
	if err != nil {
		return nil, err
	}
	var ids []amana.RecordID
	for _, i := range stats.Pick(t.facts.Incidents, t.book, q, table, row, period) {
		ids = append(ids, t.cases[i])
	}
	return d.rowsOf(ids)
}

// mostBehind bounds how many cases are listed behind a figure.
const mostBehind = 100

func (d *Desk) rowsOf(ids []amana.RecordID) ([]CaseRow, error) {
	var list []CaseRow
	seen := map[amana.RecordID]bool{}
	for _, id := range ids {
		if seen[id] || len(list) >= mostBehind {
			continue
		}
		seen[id] = true
		f, err := d.session.Peek(id)
		if err != nil {
			return nil, err
		}
		c := record.CaseOf(&f.Case.Record)
		list = append(list, CaseRow{ID: id, Code: c.Code, Status: c.Status, Risk: c.Risk, Opened: record.When(f.Case.Opened)})
	}
	return list, nil
}

func (c Counting) question(b *stats.Book) (stats.Question, error) {
	bad := fmt.Errorf("casework: counting: %w", amana.ErrInvalid)
	span, err := stats.SpanOf(c.First, c.Last)
	if err != nil || c.Basis != stats.ByReport && c.Basis != stats.ByIncident || !slices.Contains(stats.Groupings(), c.Group) {
		return stats.Question{}, bad
	}
	q := stats.Question{Span: span, Basis: c.Basis, Group: c.Group, ByArea: c.ByArea}
	for l, only := range map[stats.List]struct {
		id   string
		into *stats.Code
	}{
		stats.Sex: {c.Sex, &q.Filter.Sex}, stats.Age: {c.Age, &q.Filter.Age}, stats.Type: {c.Type, &q.Filter.Type},
		stats.Area: {c.Area, &q.Filter.Area}, stats.Displacement: {c.Displacement, &q.Filter.Displacement},
	} {
		if only.id == "" {
			continue
		}
		at := slices.Index(b.IDs(l), only.id)
		if at < 0 {
			return q, bad
		}
		*only.into = stats.Code(at + 1)
	}
	return q, nil
}

// countedTeams are the member's teams that keep cases.
func (d *Desk) countedTeams() []Team {
	return slices.DeleteFunc(d.Me().Teams, func(t Team) bool { return t.Compartment != amana.Care && t.Compartment != amana.Statistics })
}

// tallied returns the rows as they stand.
func (d *Desk) tallied() (*tally, error) {
	if err := d.session.Arriving(); err != nil {
		return nil, err
	}
	t := &d.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	var key tallyKey
	for i, kind := range talliedKinds {
		var err error
		if key.lists[i], err = d.session.ListedState(kind); err != nil {
			return nil, err
		}
	}
	doc, _ := d.Adopted(areasDocument)
	if key.areas = doc.Version; t.book != nil && t.key == key {
		return t, nil
	}
	return t, t.read(d, key)
}

// read goes once over what lists have. Of what clients said it takes whole lots only, so
// that looking twice tells nobody's answer.
func (t *tally) read(d *Desk, key tallyKey) error {
	c := d.coder()
	facts, cases := stats.Facts{}, []amana.RecordID(nil)
	owned := map[string]int{}
	care := map[amana.RecordID]Values{} // what incidents are coded by of their cases
	err := d.session.Listed(amana.KindCase, func(l vault.Listed) error {
		care[l.ID] = survivorOf(l.Values)
		if movedOn(l.Values) {
			return nil
		}
		facts.Cases = append(facts.Cases, c.care(l))
		if l.Values["status"].Reveal() == statusOpen {
			owned[l.Values["owned_by"].Reveal()]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.session.Listed(amana.KindIncident, func(l vault.Listed) error {
		if movedOn(l.Values) || l.Case.IsZero() || l.Case == l.ID { // what stands alone is somebody's claim, and nobody's care
			return nil
		}
		facts.Incidents, cases = append(facts.Incidents, c.incident(l.Values, care[l.Case])), append(cases, l.Case)
		return nil
	}); err != nil {
		return err
	}
	if err := d.session.Listed(amana.KindReferral, func(l vault.Listed) error {
		facts.Referrals = append(facts.Referrals, referralRow(l.Values))
		return nil
	}); err != nil {
		return err
	}
	if facts.Feedback, err = d.feedbackRows(); err != nil {
		return err
	}
	t.facts, t.cases, t.book, t.key, t.owned = facts, cases, c.book, key, owned
	return nil
}

func (d *Desk) coder() *coder {
	c := &coder{book: &stats.Book{}, areas: map[string]string{}}
	for _, a := range d.Areas() {
		c.areas[foldArea(a.Name)] = a.Name
		for _, other := range a.Others {
			c.areas[foldArea(other)] = a.Name
		}
		c.book.Code(stats.Area, a.Name)
	}
	return c
}

// Area is an area of the organisation's list. Only those on the list are counted
// apart: what somebody typed is no area by itself.
type Area struct {
	Name   string   `json:"name"`
	Region string   `json:"region,omitempty"`
	Others []string `json:"others,omitempty"` // ways to write it
}

// areasDocument is the name of the list of areas that the organisation adopted.
const areasDocument = "figures/areas"

// Areas returns the areas that are counted apart, in their order.
func (d *Desk) Areas() []Area {
	doc, there := d.Adopted(areasDocument)
	var list []Area
	if !there || json.Unmarshal(doc.Content, &list) != nil {
		return nil
	}
	return list
}

// mostAreas bounds the list of areas.
const mostAreas = 400

// SetAreas makes a list of areas the organisation's. It is for administrators. Kinds:
// FieldErrors, ErrRefused.
func (d *Desk) SetAreas(ctx context.Context, list []Area) error {
	seen := map[string]bool{}
	for _, a := range list {
		for _, name := range append([]string{a.Name}, a.Others...) {
			if seen[foldArea(name)] || record.CheckLine(name) != "" || a.Region != "" && record.CheckLine(a.Region) != "" {
				return FieldErrors{"areas": "figures.areas.wrong"}
			}
			seen[foldArea(name)] = true
		}
	}
	if len(list) > mostAreas {
		return FieldErrors{"areas": "figures.areas.many"}
	}
	content, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("casework: areas: %w", err)
	}
	return d.Adopt(ctx, areasDocument, d.office.now().Format("2006-01-02T15:04:05.000"), content)
}

func names(list []Area) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}
