package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/disclose"
	"amana/internal/event"
	"amana/internal/stats"
	"amana/internal/vault"
)

// Releasing says which figures somebody wants to show, and to whom.
type Releasing struct {
	To     disclose.Audience `json:"to"`
	First  string            `json:"first"` // ISO months
	Last   string            `json:"last"`
	Group  stats.Grouping    `json:"group"`
	Areas  AreaDetail        `json:"areas"`
	Tables []string          `json:"tables,omitempty"`
	Text   string            `json:"text,omitempty"` // of a report, with placeholders
	// Rows asks for rows about single incidents, with these columns beside the area, the
	// time and the type: those of [disclose.RowColumns].
	Rows    bool     `json:"rows,omitempty"`
	Columns []string `json:"columns,omitempty"`
}

// AreaDetail says by which areas figures are shown.
type AreaDetail string

// The details.
const (
	NoAreas   AreaDetail = ""
	ByAreas   AreaDetail = "areas"
	ByRegions AreaDetail = "regions"
)

// FiguresPlan is a release as it would be, to be looked at before it is put forward.
type FiguresPlan struct {
	Request Releasing
	Plan    *disclose.Plan
	Unread  int // incidents that could not be verified, and are not counted
	Left    stats.Left
	Counted int
	Rows    *RowsPlan // where they were asked for
	scope   string
	known   []string // the releases that it was held against
}

// FiguresRelease is figures that were put forward, and how they stand.
type FiguresRelease struct {
	ID        amana.RecordID
	Request   Releasing
	Release   disclose.Release
	Agreement disclose.Agreement
	Approvals []disclose.Approval
	Missing   []string
	By        amana.MemberID
	On        time.Time
	Done      time.Time // zero while it is only put forward
	Refused   bool      // a party said no
	Mine      bool      // this member may answer for the organisation
	Rows      []disclose.Micro
}

// The fields of a record of kind [amana.KindFigures].
const (
	figuresContent = "content" // the release, as package disclose writes it
	figuresRequest = "request"
	figuresScope   = "scope" // whose incidents: ids of teams
	figuresKnown   = "known" // the releases it was held against
	figuresUnder   = "agreement"
	figuresState   = "state"    // "" while it is put forward, then "released" or "dropped"
	figuresAnswers = "approval" // items: party, answer
	released       = "released"
)

// mayPropose says who may put figures forward: analysts, beside those who show them.
func (d *Desk) mayPropose() error {
	if err := d.session.Arriving(); err != nil {
		return err
	}
	if me := d.Me(); me.Has(amana.RoleAnalyst) || mayShow(me.Roles) {
		return nil
	}
	return refusal("figures.release.role")
}

// mayShow says who may show figures: supervisors, release officers and
// administrators. Who may write it down is the charter's to say.
func (d *Desk) mayShow() error {
	if mayShow(d.Me().Roles) {
		return nil
	}
	return refusal("figures.release.role")
}

func mayShow(roles []amana.Role) bool {
	return slices.ContainsFunc(roles, func(r amana.Role) bool {
		return r == amana.RoleSupervisor || r == amana.RoleReleaseOfficer || r == amana.RoleAdministrator
	})
}

// FiguresAgreement returns the agreement under which figures are shown: the one that
// the organisation adopted, or its own with the defaults.
func (d *Desk) FiguresAgreement() disclose.Agreement {
	if doc, there := d.Adopted(agreementDocument); there {
		if a, err := disclose.ReadAgreement(doc.Content); err == nil {
			return a
		}
	}
	a := disclose.Agreement{ID: "own", Parties: []string{d.Organisation().Name}, Day: 5, From: "2000-01-01", Policies: map[disclose.Audience]disclose.Policy{}}
	for _, to := range disclose.Audiences() {
		a.Policies[to] = disclose.DefaultPolicy(to)
	}
	return a
}

const agreementDocument = "figures/agreement"

// SetFiguresAgreement adopts an agreement. What was released stays in the ledger. It is
// for administrators. Kinds: ErrInvalid, ErrRefused.
func (d *Desk) SetFiguresAgreement(ctx context.Context, a disclose.Agreement) error {
	a.ID = d.surely().UTC().Format("20060102T150405.000")
	if err := a.Check(); err != nil {
		return err
	}
	content, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("casework: agreement: %w", err)
	}
	return d.Adopt(ctx, agreementDocument, a.ID, content)
}

// PlanFigures works out what of a request may be shown, against everything that was
// released before. It reads and verifies every record that it counts. Kinds:
// ErrInvalid, ErrRefused.
func (d *Desk) PlanFigures(ctx context.Context, r Releasing) (*FiguresPlan, error) {
	if err := d.mayPropose(); err != nil {
		return nil, err
	}
	span, err := stats.SpanOf(r.First, r.Last)
	if err != nil || !slices.Contains(stats.Groupings(), r.Group) || !slices.Contains(disclose.Audiences(), r.To) {
		return nil, fmt.Errorf("casework: release: %w", amana.ErrInvalid)
	}
	a := d.FiguresAgreement()
	if r.Rows {
		r.Tables = disclose.RowTables(r.Columns)
	}
	p := &FiguresPlan{Request: r}
	ledger, err := d.ledger(ctx)
	if err != nil {
		return nil, err
	}
	var rows []stats.Incident
	c := d.coder()
	if rows, err = d.verifiedRows(ctx, c, p); err != nil {
		return nil, err
	}
	q := disclose.Request{
		ID: d.session.NewRecord(amana.KindFigures).String(), Made: d.today(), Audience: r.To, Policy: a.Policies[r.To], Agreement: a.ID, Basis: stats.ByReport,
		Periods: span.Periods(r.Group), Areas: d.areaSets(r.Areas), Tables: r.Tables,
	}
	var earlier []disclose.Release
	p.known = ledger.known()
	for i, l := range slices.Concat(ledger.left, ledger.doubtful) {
		if l.scope == sumScope {
			continue // of several organisations, held to the rule by itself
		}
		if l.scope != p.scope {
			if overlap(l.Release, span) {
				return nil, refusal("figures.release.scope")
			}
			continue
		}
		if i < len(ledger.left) {
			earlier = append(earlier, l.Release)
		} else {
			q.Doubtful = append(q.Doubtful, l.Release)
		}
	}
	counts := stats.Add(rows, c.book, stats.Question{Span: disclose.Cover(q, earlier), Basis: q.Basis, Group: stats.Month, ByArea: true})
	asked := stats.Add(rows, c.book, stats.Question{Span: span, Basis: q.Basis})
	p.Left, p.Counted = asked.Left, asked.Included
	p.Plan, err = disclose.Prepare(counts, c.book.IDs(stats.Area), q, earlier)
	if err == nil && r.Rows {
		d.planRows(p, rows, c.book, q)
	}
	return p, err
}

func overlap(r disclose.Release, s stats.Span) bool {
	return slices.ContainsFunc(r.Periods, func(p string) bool {
		o, err := stats.ParseSpan(p)
		return err != nil || o.First <= s.Last && s.First <= o.Last
	})
}

func (d *Desk) areaSets(detail AreaDetail) []disclose.AreaSet {
	var sets []disclose.AreaSet
	for _, a := range d.Areas() {
		switch {
		case detail == ByAreas:
			sets = append(sets, disclose.AreaSet{ID: a.Name})
		case detail == ByRegions && a.Region != "":
			at := slices.IndexFunc(sets, func(s disclose.AreaSet) bool { return s.ID == a.Region })
			if at < 0 {
				at, sets = len(sets), append(sets, disclose.AreaSet{ID: a.Region})
			}
			sets[at].Members = append(sets[at].Members, a.Name)
		}
	}
	return sets
}

// verifiedRows reads every incident again from the journal, with the consents of its
// case: the narrower of what the incident and her consent say holds.
func (d *Desk) verifiedRows(ctx context.Context, c *coder, p *FiguresPlan) ([]stats.Incident, error) {
	var cases []amana.RecordID
	seen := map[amana.RecordID]bool{}
	if err := d.session.Listed(amana.KindIncident, func(l vault.Listed) error {
		if !seen[l.Case] {
			seen[l.Case], cases = true, append(cases, l.Case)
		}
		return ctx.Err()
	}); err != nil {
		return nil, err
	}
	var rows []stats.Incident
	teams := map[string]bool{}
	for _, id := range cases {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("casework: release: %w", err)
		}
		f, err := d.session.Peek(id)
		if err != nil {
			return nil, err
		}
		for _, t := range f.Case.Teams {
			teams[t.String()] = true
		}
		rows = append(rows, d.rowsOfCase(c, &f, p)...)
	}
	for _, t := range d.countedTeams() {
		teams[t.ID.String()] = true
	}
	list := make([]string, 0, len(teams))
	for id := range teams {
		list = append(list, id)
	}
	slices.Sort(list)
	p.scope = strings.Join(list, " ")
	return rows, nil
}

// rowsOfCase codes the incidents of one case that could be verified.
func (d *Desk) rowsOfCase(c *coder, f *vault.CaseFile, p *FiguresPlan) (rows []stats.Incident) {
	refused, survivor := d.refusesCounting(f), valuesOf(f.Case)
	for i := range f.Records {
		o := &f.Records[i]
		switch {
		case o.Kind != amana.KindIncident, movedOn(valuesOf(*o)):
		case o.Tampered+o.Unread > 0:
			p.Unread++
		default:
			in := c.incident(valuesOf(*o), survivor)
			if refused {
				in.Consent = stats.No
			}
			rows = append(rows, in)
		}
	}
	return rows
}

// refusesCounting reports whether any answer that stands keeps her out of figures.
func (d *Desk) refusesCounting(f *vault.CaseFile) bool {
	for i := range f.Records {
		for _, c := range f.Records[i].Consents() {
			if c.Purpose != amana.PurposeStatistics {
				continue
			}
			if c.Decision == amana.Refused || c.Decision == amana.Withdrawn || c.Decision == amana.Granted && !c.Holds(d.surely()) {
				return true
			}
		}
	}
	return false
}

// ProposeFigures puts a plan forward. It is kept, with the words of its report, and
// shown to nobody outside until it is released. Kinds: ErrRefused, ErrStorage.
func (d *Desk) ProposeFigures(ctx context.Context, p *FiguresPlan) (amana.RecordID, error) {
	if err := d.mayPropose(); err != nil {
		return amana.RecordID{}, err
	}
	if len(p.Plan.Refusals) > 0 || p.Plan.Shown() == 0 {
		return amana.RecordID{}, refusal("figures.release.refused")
	}
	if p.Rows != nil && p.Rows.Why != "" {
		return amana.RecordID{}, refusal(p.Rows.Why)
	}
	return d.propose(ctx, p, p.Plan.Preview())
}

func (d *Desk) propose(ctx context.Context, p *FiguresPlan, r disclose.Release) (amana.RecordID, error) {
	id, err := amana.ParseID[amana.Record](r.ID)
	if err != nil {
		return id, fmt.Errorf("casework: release: %w", amana.ErrInvalid)
	}
	content, err := r.Encode()
	if err != nil {
		return id, fmt.Errorf("casework: release: %w", err)
	}
	request, err := json.Marshal(p.Request)
	if err != nil {
		return id, fmt.Errorf("casework: release: %w", err)
	}
	agreement, err := json.Marshal(d.FiguresAgreement())
	if err != nil {
		return id, fmt.Errorf("casework: release: %w", err)
	}
	said := Values{
		figuresContent: event.Text(string(content)), figuresRequest: event.Text(string(request)), figuresScope: event.Text(p.scope),
		figuresKnown: event.Text(strings.Join(p.known, " ")), figuresUnder: event.Text(string(agreement)),
	}
	if p.Rows != nil {
		text, err := rowsText(p.Rows.Rows)
		if err != nil {
			return id, err
		}
		said[figuresRows] = event.Text(text)
	}
	return id, d.session.Save(ctx, vault.Change{
		Record: id, Begin: &vault.Begin{Kind: amana.KindFigures, Teams: []amana.TeamID{{}}}, Facts: sets(said),
	})
}

// AnswerFigures records what a party says to a release. For this organisation somebody
// else answers than who put it forward; of other parties it is written down who heard
// it from them. Kinds: ErrRefused, ErrConflict once it was released, ErrInvalid for
// somebody who is no party.
func (d *Desk) AnswerFigures(ctx context.Context, id amana.RecordID, party string, yes bool) error {
	one, err := d.readRelease(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case d.mayShow() != nil:
		return d.mayShow()
	case !one.Done.IsZero():
		return fmt.Errorf("casework: release %s: %w", id, amana.ErrConflict)
	case !slices.Contains(one.Agreement.Parties, party):
		return fmt.Errorf("casework: release %s: no party: %w", id, amana.ErrInvalid)
	case party == one.Agreement.Parties[0] && !one.Mine:
		return refusal("figures.release.own")
	}
	answer := "no"
	if yes {
		answer = "yes"
	}
	name := figuresAnswers + "/" + newItem() + "/"
	return d.session.Save(ctx, vault.Change{Record: id, Facts: sets(Values{name + "party": event.Text(party), name + "answer": event.Text(answer)})})
}

// FinishFigures releases what everybody who has to agreed to. From then on it is in the
// ledger for good. Kinds: ErrRefused where approvals are missing, or where something
// else was released since it was put forward: then it has to be worked out again.
func (d *Desk) FinishFigures(ctx context.Context, id amana.RecordID) error {
	if err := d.mayShow(); err != nil {
		return err
	}
	one, err := d.readRelease(ctx, id)
	if err != nil {
		return err
	}
	if !one.Done.IsZero() {
		return fmt.Errorf("casework: release %s: %w", id, amana.ErrConflict)
	}
	if _, err := disclose.ClearRelease(one.Release, one.Agreement, one.Approvals); err != nil {
		return refusal("figures.release.missing")
	}
	ledger, err := d.ledger(ctx)
	if err != nil {
		return err
	}
	if one.Agreement.ID != d.FiguresAgreement().ID {
		return refusal("figures.release.since")
	}
	held := strings.Fields(one.known)
	if slices.ContainsFunc(ledger.known(), func(key string) bool { return !slices.Contains(held, key) }) {
		return refusal("figures.release.since")
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: sets(Values{figuresState: event.Text(released)})})
}

// SafeFigures returns the figures of a release as they may leave. Kinds: ErrNotFound,
// ErrRefused while it was not released.
func (d *Desk) SafeFigures(ctx context.Context, id amana.RecordID) (disclose.Safe, error) {
	one, err := d.readRelease(ctx, id)
	if err != nil {
		return disclose.Safe{}, err
	}
	if one.Done.IsZero() {
		return disclose.Safe{}, refusal("figures.release.missing")
	}
	return disclose.ClearRelease(one.Release, one.Agreement, one.Approvals)
}
