package disclose

import (
	"fmt"
	"slices"
	"strings"

	"amana"
)

// Limits on rows about single incidents: standards.md section 6.
const (
	LeastAlike  = 5    // rows that share what could be known of somebody
	HighestRisk = 0.03 // of being found again, on average over the rows
)

// Micro is one incident for others to work with: what could be known of her from
// elsewhere, in classes, and what it is about. There are no words in it and no ids.
type Micro struct {
	// What could be known of her from elsewhere.
	Area         string `json:"area,omitempty"`
	Month        string `json:"month,omitempty"` // or a longer time
	Age          string `json:"age,omitempty"`
	Sex          string `json:"sex,omitempty"`
	Displacement string `json:"displacement,omitempty"`
	// What it is about.
	Type string `json:"type"`
}

func (m *Micro) key() string {
	return strings.Join([]string{m.Area, m.Month, m.Age, m.Sex, m.Displacement}, "\x1f")
}

// Risk says how easily somebody could be found again in rows. Nobody outside is
// assumed to hide her: every row is taken for all the people of its class.
type Risk struct {
	Rows, Classes int
	Below2        int     // rows that nobody shares
	Below3        int     // rows in classes of fewer than three
	Below5        int     // of fewer than five
	Fewest        int     // rows of the smallest class
	Alike         int     // classes in which all rows are of one type: whoever is in, is known
	Global        float64 // classes per row: how often, on average, a row is found again
}

// RiskOf measures rows.
func RiskOf(rows []Micro) Risk {
	r := Risk{Rows: len(rows)}
	size, types := map[string]int{}, map[string]map[string]bool{}
	for i := range rows {
		k := rows[i].key()
		size[k]++
		if types[k] == nil {
			types[k] = map[string]bool{}
		}
		types[k][rows[i].Type] = true
	}
	r.Classes = len(size)
	for k, n := range size {
		if r.Fewest == 0 || n < r.Fewest {
			r.Fewest = n
		}
		for limit, into := range map[int]*int{2: &r.Below2, 3: &r.Below3, 5: &r.Below5} {
			if n < limit {
				*into += n
			}
		}
		if len(types[k]) == 1 {
			r.Alike++
		}
	}
	if r.Rows > 0 {
		r.Global = float64(r.Classes) / float64(r.Rows)
	}
	return r
}

// SafeRows are rows that may be handed to a partner, with the report on their risk.
// Only [ClearRows] makes it.
type SafeRows struct {
	rows []Micro
	risk Risk
}

// Rows returns the rows, in an order that says nothing.
func (s SafeRows) Rows() []Micro { return slices.Clone(s.rows) }

// Risk returns the report that goes with the rows.
func (s SafeRows) Risk() Risk { return s.risk }

// CheckRows says whether rows may be handed to an audience: everybody in them has at
// least four others alike, and at least as many as the threshold of the policy asks, and
// the risk is under three in a hundred. They are never for the public. Kind: ErrRefused,
// with the report.
func CheckRows(to Audience, p Policy, rows []Micro) (Risk, error) {
	risk := RiskOf(rows)
	if to == Public || risk.Rows == 0 || risk.Fewest < max(LeastAlike, p.Threshold) || risk.Global >= HighestRisk {
		return risk, fmt.Errorf("disclose: rows about single incidents: %w", amana.ErrRefused)
	}
	return risk, nil
}

// RowTables are the tables that rows come to when they are added up. A release of rows
// shows them whole, so that whatever is released later is held against what the rows say.
func RowTables(columns []string) []string {
	list := []string{"total", "type"}
	for _, c := range RowColumns() {
		if slices.Contains(columns, c) {
			list = append(list, c)
		}
	}
	return list
}

// RowColumns are what rows may say of somebody beside the area, the time and the type.
func RowColumns() []string { return []string{"sex", "age", "displacement"} }

func (m *Micro) column(table string) string {
	switch table {
	case "type":
		return m.Type
	case "sex":
		return m.Sex
	case "age":
		return m.Age
	case "displacement":
		return m.Displacement
	}
	return "incidents"
}

// ClearRows lets the rows of a release through that was cleared: they are held to
// [CheckRows], and to being what its tables say, all of which has to be shown. Kind:
// ErrRefused, with the report.
func ClearRows(s Safe, rows []Micro) (SafeRows, Risk, error) {
	r := s.release
	risk, err := CheckRows(r.Audience, r.Policy, rows)
	if err == nil {
		err = r.addUpTo(rows)
	}
	if err != nil {
		return SafeRows{}, risk, err
	}
	out := slices.Clone(rows)
	slices.SortFunc(out, func(a, b Micro) int {
		return strings.Compare(a.key()+a.Type, b.key()+b.Type)
	})
	return SafeRows{out, risk}, risk, nil
}

// addUpTo refuses rows that do not come to the tables of a release, cell by cell.
func (r *Release) addUpTo(rows []Micro) error {
	if len(r.Tables) < 2 || r.Table("total") == nil || r.Table("type") == nil {
		return fmt.Errorf("disclose: release %s: not the tables of its rows: %w", r.ID, amana.ErrRefused)
	}
	count := map[[4]string]int{}
	for i := range rows {
		m := &rows[i]
		for _, t := range r.Tables {
			count[[4]string{t.ID, m.column(t.ID), "", m.Month}]++
			if m.Area != "" {
				count[[4]string{t.ID, m.column(t.ID), m.Area, m.Month}]++
			}
		}
	}
	for t := range r.Tables {
		table := &r.Tables[t]
		if !slices.Contains(RowTables(RowColumns()), table.ID) {
			continue // it is there for a row that it shares with one of them
		}
		for i, n := range table.Cells {
			period, area, row := r.Periods[i%len(r.Periods)], r.Areas[i/len(r.Periods)%len(r.Areas)], table.Rows[i/(len(r.Periods)*len(r.Areas))]
			if n != count[[4]string{table.ID, row, area.ID, period}] {
				return fmt.Errorf("disclose: release %s: its rows are not what table %s says: %w", r.ID, table.ID, amana.ErrRefused)
			}
		}
	}
	return nil
}
