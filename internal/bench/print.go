package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// WriteJSON writes a report as one JSON object.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("bench: write: %w", err)
	}
	return nil
}

// WriteTable writes a report for people.
func (r Report) WriteTable(w io.Writer) error {
	fmt.Fprintln(w, r.Machine)
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\twhat\tmeasured\treference\tratio\tgoal")
	for _, f := range r.Figures {
		mark := "no"
		if f.OK {
			mark = "ok"
		}
		reference, ratio := "", ""
		if f.ReferenceValue != nil {
			reference = fmt.Sprintf("%s %s", number(*f.ReferenceValue), f.Reference)
		}
		if f.Ratio != nil {
			ratio = strconv.FormatFloat(*f.Ratio, 'f', 2, 64)
		}
		fmt.Fprintf(t, "%s\t%s\t%s %s\t%s\t%s\t%s\n", mark, f.Name, number(f.Value), f.Unit, reference, ratio, f.Goal)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("bench: write: %w", err)
	}
	return nil
}

// number writes three or four digits that count.
func number(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}
