package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"amana"
	"amana/internal/disclose"
	"amana/internal/stats"
)

// figuresRows is the field with the rows about single incidents of a release that has
// any: codes and classes, as they would leave, and nothing else.
const figuresRows = "rows"

// RowsPlan is rows about single incidents as they would leave.
type RowsPlan struct {
	Rows []disclose.Micro
	Risk disclose.Risk
	Why  string // message key of why they may not; "" where they may
}

// planRows makes the rows of a plan, and says whether they may leave: by how easily
// somebody is found again in them, and by the tables that they come to, of which
// nothing may have to be withheld.
func (d *Desk) planRows(p *FiguresPlan, rows []stats.Incident, b *stats.Book, q disclose.Request) {
	m := &RowsPlan{}
	p.Rows = m
	set := map[string]string{}
	for _, a := range q.Areas {
		for _, id := range append([]string{a.ID}, a.Members...) {
			set[id] = a.ID
		}
	}
	for i := range rows {
		in := &rows[i]
		month := in.Reported.Month()
		at := slices.IndexFunc(q.Periods, func(s stats.Span) bool { return month >= s.First && month <= s.Last })
		if at < 0 || !in.Included() {
			continue
		}
		one := disclose.Micro{Area: set[b.ID(stats.Area, in.Area)], Month: q.Periods[at].String(), Type: b.ID(stats.Type, in.Type)}
		for _, c := range p.Request.Columns {
			switch c {
			case "sex":
				one.Sex = b.ID(stats.Sex, in.Sex)
			case "age":
				one.Age = b.ID(stats.Age, in.Age)
			case "displacement":
				one.Displacement = b.ID(stats.Displacement, in.Displacement)
			}
		}
		m.Rows = append(m.Rows, one)
	}
	var err error
	if m.Risk, err = disclose.CheckRows(q.Audience, q.Policy, m.Rows); err != nil {
		m.Why = "figures.rows.risk"
	}
	for _, t := range p.Plan.Tallies {
		if t.TooFew+t.WithThem+t.TooFine > 0 && slices.Contains(q.Tables, t.Table) {
			m.Why = "figures.rows.held"
		}
	}
	if len(p.Plan.Refusals) > 0 {
		m.Why = "figures.rows.refused"
	}
}

// SafeRows returns the rows of a release as they may leave. Kinds: ErrNotFound for a
// release without, ErrRefused while it was not released.
func (d *Desk) SafeRows(ctx context.Context, id amana.RecordID) (disclose.SafeRows, error) {
	safe, err := d.SafeFigures(ctx, id)
	if err != nil {
		return disclose.SafeRows{}, err
	}
	one, err := d.readRelease(ctx, id)
	if err != nil {
		return disclose.SafeRows{}, err
	}
	if len(one.Rows) == 0 {
		return disclose.SafeRows{}, fmt.Errorf("casework: release %s: no rows: %w", id, amana.ErrNotFound)
	}
	rows, _, err := disclose.ClearRows(safe, one.Rows)
	return rows, err
}

// rowsText writes rows down for their record.
func rowsText(rows []disclose.Micro) (string, error) {
	raw, err := json.Marshal(rows)
	if err != nil {
		return "", fmt.Errorf("casework: rows: %w", amana.ErrInvalid)
	}
	return string(raw), nil
}

func readRows(text string) (rows []disclose.Micro) {
	if text == "" || json.Unmarshal([]byte(text), &rows) != nil {
		return nil
	}
	return rows
}
