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
	Area, Month, Age, Sex, Displacement string // what could be known
	Type                                string
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

// ClearRows lets rows through in which everybody has at least four others alike and
// the risk is under three in a hundred. They are never for the public. Kind:
// ErrRefused, with the report.
func ClearRows(to Audience, rows []Micro) (SafeRows, Risk, error) {
	risk := RiskOf(rows)
	if to == Public || risk.Rows == 0 || risk.Below5 > 0 || risk.Global >= HighestRisk {
		return SafeRows{}, risk, fmt.Errorf("disclose: rows about single incidents: %w", amana.ErrRefused)
	}
	out := slices.Clone(rows)
	slices.SortFunc(out, func(a, b Micro) int {
		return strings.Compare(a.key()+a.Type, b.key()+b.Type)
	})
	return SafeRows{out, risk}, risk, nil
}
