package exchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"amana"
)

// Leave is the field of a column that is left out. A column without a field is kept
// as it is, beside the record's own fields.
const Leave = "-"

// Mapping says what becomes of a table's columns. It can be kept and used again.
type Mapping struct {
	Kind      amana.Kind `json:"kind"` // what a row is: incident or case
	Header    int        `json:"header,omitempty"`
	Encoding  Encoding   `json:"encoding,omitempty"`
	Delimiter string     `json:"delimiter,omitempty"`
	Columns   []Column   `json:"columns"`
}

// Column is what becomes of one column.
type Column struct {
	Header string            `json:"header"`
	Field  string            `json:"field,omitempty"`
	Dates  Order             `json:"dates,omitempty"`  // where the column itself does not tell
	Values map[string]string `json:"values,omitempty"` // what is written, and the choice that is meant
}

// ParseMapping reads a mapping that was kept. Anything else is an [amana.ErrInvalid].
func ParseMapping(b []byte) (Mapping, error) {
	var m Mapping
	if len(b) > longestRow || json.Unmarshal(b, &m) != nil {
		return m, fmt.Errorf("exchange: mapping: %w", amana.ErrInvalid)
	}
	return m, m.Check()
}

// Check says whether a mapping can be used.
func (m Mapping) Check() error {
	if m.Kind != amana.KindIncident && m.Kind != amana.KindCase || len(m.Columns) > mostColumns {
		return fmt.Errorf("exchange: mapping: kind or columns: %w", amana.ErrInvalid)
	}
	if m.Delimiter != "" && !slices.Contains(Delimiters(), m.Delimiter) {
		return fmt.Errorf("exchange: mapping: delimiter: %w", amana.ErrInvalid)
	}
	if _, ok := decoder(m.Encoding); m.Encoding != "" && !ok {
		return fmt.Errorf("exchange: mapping: encoding: %w", amana.ErrInvalid)
	}
	known := targetsByName(m.Kind)
	used := map[string]bool{}
	for i, c := range m.Columns {
		if c.Field == "" || c.Field == Leave {
			continue
		}
		if _, ok := known[c.Field]; !ok || used[c.Field] {
			return fmt.Errorf("exchange: mapping: column %d: no such field, or twice: %w", i+1, amana.ErrInvalid)
		}
		used[c.Field] = true
		if c.Dates != Undecided && c.Dates != DayFirst && c.Dates != MonthFirst {
			return fmt.Errorf("exchange: mapping: column %d: order of dates: %w", i+1, amana.ErrInvalid)
		}
	}
	return nil
}

func targetsByName(kind amana.Kind) map[string]Target {
	byName := map[string]Target{}
	for _, t := range Targets(kind) {
		byName[t.Name] = t
	}
	return byName
}

// propose finds a field for each header: by name, then by likeness. In the sheet of
// the Incident Recorder a header that says nothing stands for the column at its place.
func propose(headers []string, targets []spelt) (columns []Column, recognised int) {
	columns = make([]Column, len(headers))
	taken := map[string]bool{}
	give := func(i int, t Target) {
		columns[i].Field, taken[t.Name] = t.Name, true
		recognised++
	}
	for i, h := range headers {
		columns[i].Header = h
		name := fold(h)
		for _, t := range targets {
			if !taken[t.Name] && slices.Contains(t.names, name) {
				give(i, t.Target)
				break
			}
		}
	}
	for i, h := range headers {
		if columns[i].Field != "" {
			continue
		}
		if t, ok := nearest(h, targets, taken); ok {
			give(i, t)
		}
	}
	return columns, recognised
}

// inRecorder counts columns that the Incident Recorder has.
func inRecorder(columns []Column) (n int) {
	for _, t := range recorder {
		if slices.ContainsFunc(columns, func(c Column) bool { return c.Field == t.Name }) {
			n++
		}
	}
	return n
}

// ofIncident reports whether any column says something that only an incident has.
func ofIncident(columns []Column) bool {
	return slices.ContainsFunc(columns, func(c Column) bool {
		return slices.Contains([]string{"incidentid_ir", "incident_date", "date_of_first_report", "gbv_sexual_violence_type"}, c.Field)
	})
}

// byPosition fills in, in a sheet of 42 columns, those that no header told.
func byPosition(columns []Column) {
	taken := map[string]bool{}
	for _, c := range columns {
		taken[c.Field] = true
	}
	for i := range columns {
		if i < len(recorder) && columns[i].Field == "" && !taken[recorder[i].Name] {
			columns[i].Field = recorder[i].Name
		}
	}
}

// spelt are the spellings of a field's name that headers are compared with.
type spelt struct {
	Target
	names []string
	words [][]string
}

func spell(targets []Target) []spelt {
	list := make([]spelt, len(targets))
	for i, t := range targets {
		list[i].Target = t
		for _, n := range append([]string{t.Name, t.fr}, t.names...) {
			if n = fold(n); n != "" {
				list[i].names = append(list[i].names, n)
				list[i].words = append(list[i].words, strings.Fields(n))
			}
		}
	}
	return list
}

// nearest returns the one field whose name has most words in common with a header,
// where more than half of both are.
func nearest(header string, targets []spelt, taken map[string]bool) (best Target, found bool) {
	words := strings.Fields(fold(header))
	most, again := 0.55, false
	for _, t := range targets {
		if taken[t.Name] {
			continue
		}
		for _, n := range t.words {
			switch like := likeness(words, n); {
			case like > most:
				best, most, found, again = t.Target, like, true, false
			case like == most && found && t.Name != best.Name:
				again = true
			}
		}
	}
	return best, found && !again
}

func likeness(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	same := 0
	for _, w := range a {
		if slices.Contains(b, w) {
			same++
		}
	}
	return 2 * float64(same) / float64(len(a)+len(b))
}
