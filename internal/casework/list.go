package casework

import (
	"context"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/task"
	"amana/internal/view"
)

// mostCounted bounds how far a list is counted: beyond it pages say "more than".
const mostCounted = 10_000

// mostFound bounds how far what a search found is counted: who finds more than
// that adds a word.
const mostFound = 500

// Cases returns a page of the list of cases.
func (d *Desk) Cases(_ context.Context, q Query) (CaseList, error) {
	f := d.filter(q)
	f.Limit, f.Offset = PageSize, q.Page*PageSize
	rows, err := d.session.Cases(q.Search, f)
	if err != nil {
		return CaseList{}, err
	}
	most := mostCounted
	if !q.Search.IsEmpty() {
		most = mostFound
	}
	n, err := d.session.Count(q.Search, f, most+1)
	if err != nil {
		return CaseList{}, err
	}
	return CaseList{
		Rows: d.rows(rows), Page: q.Page, Total: min(n, most), More: n > most,
		Building: !d.session.Progress().Searchable,
	}, nil
}

func (d *Desk) filter(q Query) view.Filter {
	f := view.Filter{Status: q.Status, Team: q.Team, Risk: riskFilter(q.Risk), Sort: sortings[q.Sort]}
	if q.Due {
		f.Status, f.Due = statusOpen, d.today()
	}
	f.Flagged, f.Waiting, f.Child, f.Backwards = q.Flagged, q.Waiting, q.Child, q.Down
	if q.Urgent {
		table, _ := d.Windows()
		f.Status, f.Since = statusOpen, hoursSince(table, d.surely())
	}
	if !q.Owner.IsZero() {
		f.Owner = q.Owner.String()
	}
	if q.Mine {
		f.Author = d.session.Member()
	}
	return f
}

var sortings = map[Sorting]view.Sorting{
	ByUpdated: view.ByUpdated, ByOpened: view.ByOpened, ByFollowUp: view.ByFollowUp, ByRisk: view.ByRisk, ByCode: view.ByCode,
	ByOwner: view.ByOwner, ByTeam: view.ByTeam, ByDue: view.ByDue,
}

var riskLevels = []string{"high", "medium", "low", ""}

func riskFilter(level string) int {
	for i, l := range riskLevels {
		if l == level && l != "" {
			return i + 1
		}
	}
	return 0
}

func (d *Desk) today() string { return d.office.now().Format(time.DateOnly) }

func (d *Desk) rows(found []view.Case) []CaseRow {
	c := d.charter()
	today := d.today()
	rows := make([]CaseRow, 0, len(found))
	for _, v := range found {
		rows = append(rows, d.row(c, v, today))
	}
	return rows
}

func (d *Desk) row(c *charter.Charter, v view.Case, today string) CaseRow {
	team, _ := c.Team(v.Team)
	owner, err := amana.ParseID[amana.Member](v.Owner)
	if err != nil {
		owner = amana.MemberID{} // nobody, or nobody whom this version can name
	}
	if d.veiled() && owner != d.session.Member() {
		v.Name, v.HasName = amana.Private{}, false
	}
	return CaseRow{
		ID: v.ID, Code: v.Code, Name: v.Name, HasName: v.HasName, Team: team.Name, Status: v.Status,
		Risk: riskLevels[v.Risk], Told: v.Told, Age: readValue(v.Age), Sex: readValue(v.Sex),
		Opened: record.When(v.Opened), Updated: record.When(v.Updated),
		FollowUp: v.FollowUp, Due: v.Due, Overdue: v.FollowUp != "" && v.FollowUp < today, Conflict: v.Conflict,
		Owner: owner, Flags: v.Flags, Waiting: v.Waiting, Child: v.Child, Assault: record.Assault(v.Assault), Windows: v.Windows,
	}
}

func readValue(raw []byte) event.Value {
	var v event.Value
	if err := v.UnmarshalCBOR(raw); err != nil {
		return event.Value{}
	}
	return v
}

// mostToday is how many cases each part of the day's page shows.
const mostToday = 25

// Today returns the day's page: what is overdue, due, of high risk, and recent.
func (d *Desk) Today(_ context.Context) (Today, error) {
	var t Today
	today := d.today()
	due, err := d.session.Cases(amana.Private{}, view.Filter{Status: statusOpen, Planned: today, Sort: view.ByFollowUp, Limit: 2 * mostToday})
	if err != nil {
		return t, err
	}
	for _, row := range d.reached(due) {
		if row.Overdue {
			t.Overdue = append(t.Overdue, row)
		} else {
			t.Due = append(t.Due, row)
		}
	}
	for _, part := range []struct {
		into   *[]CaseRow
		filter view.Filter
	}{
		{&t.HighRisk, view.Filter{Status: statusOpen, Risk: 1, Sort: view.ByUpdated, Limit: mostToday}},
		{&t.Recent, view.Filter{Sort: view.ByUpdated, Limit: 10}},
	} {
		rows, err := d.session.Cases(amana.Private{}, part.filter)
		if err != nil {
			return t, err
		}
		*part.into = d.rows(rows)
	}
	if t.Open, err = d.session.Count(amana.Private{}, view.Filter{Status: statusOpen}, mostCounted); err != nil {
		return t, err
	}
	t.Conflicts, err = d.session.Count(amana.Private{}, view.Filter{Conflict: true}, mostCounted)
	return t, err
}

// reached are rows that say of whom it is known that nobody is to reach them: a day's
// list on paper leaves them out.
func (d *Desk) reached(found []view.Case) []CaseRow {
	rows := d.rows(found)
	for i, v := range found {
		rows[i].NoContact = d.glance(v).reach == task.ReachNever
	}
	return rows
}
