package mse

import (
	"fmt"
	"math/bits"
)

// Warning is something that a reader of an estimate must know. Key names it for
// translation; Lists are those it is about.
type Warning struct {
	Key   string   `json:"key"`
	Text  string   `json:"text"` // in English
	Lists []string `json:"lists,omitempty"`
	// Numbers are those in Text, in their order.
	Numbers []float64 `json:"numbers,omitempty"`
}

// The sizes at which something is said.
const (
	smallList = 10   // people on a list
	mostOnOne = 0.85 // share of people on one list only
)

// Prepare returns the table without lists that say nothing: those that nobody is
// on, that everybody is on, and the second of two on which the same people are.
// Errors: [ErrTooFewLists], [ErrDisconnected].
func Prepare(t Table) (Table, []Warning, error) {
	var warnings []Warning
	for j := 0; j < len(t.Lists); {
		key, text := "", ""
		switch n := t.Size(j); {
		case n == 0:
			key, text = "list.empty", "nobody is on this list; it was left out"
		case n == t.Observed():
			key, text = "list.everyone", "everybody is on this list; it was left out"
		case t.twin(j):
			key, text = "list.twin", "the same people are on another list; it was left out"
		default:
			j++
			continue
		}
		warnings = append(warnings, Warning{Key: key, Text: text, Lists: []string{t.Lists[j]}})
		t = t.Without(j)
	}
	if len(t.Lists) < 3 {
		return t, warnings, ErrTooFewLists
	}
	if groups := t.islands(); len(groups) > 1 {
		return t, warnings, fmt.Errorf("%d groups: %w", len(groups), ErrDisconnected)
	}
	return t, append(warnings, t.doubts()...), nil
}

// twin reports whether an earlier list has exactly the people of list j.
func (t Table) twin(j int) bool {
	for i := range j {
		same := true
		for _, c := range t.Cells {
			same = same && c.Pattern>>i&1 == c.Pattern>>j&1
		}
		if same {
			return true
		}
	}
	return false
}

// islands returns the groups of lists that are linked by people on two of them.
func (t Table) islands() (groups []Pattern) {
	left := Pattern(1)<<len(t.Lists) - 1
	for left != 0 {
		group := Pattern(1) << bits.TrailingZeros32(uint32(left))
		for grown := true; grown; {
			grown = false
			for _, c := range t.Cells {
				if c.Pattern&group != 0 && c.Pattern&^group != 0 {
					group |= c.Pattern
					grown = true
				}
			}
		}
		groups = append(groups, group)
		left &^= group
	}
	return groups
}

// doubts are warnings about lists and overlaps that every estimator shares.
func (t Table) doubts() (warnings []Warning) {
	if t.OnNone > 0 {
		warnings = append(warnings, Warning{
			Key: "table.none", Text: fmt.Sprintf("%d are said to be on no list; they were not counted", t.OnNone), Numbers: []float64{float64(t.OnNone)},
		})
	}
	for j, name := range t.Lists {
		if t.Size(j) < smallList {
			warnings = append(warnings, Warning{
				Key: "list.small", Text: fmt.Sprintf("fewer than %d people are on this list", smallList), Lists: []string{name},
			})
		}
	}
	for i := range t.Lists {
		for j := range i {
			if t.shared(1<<i|1<<j) == 0 {
				warnings = append(warnings, Warning{
					Key: "overlap.none", Text: "these two lists share nobody", Lists: []string{t.Lists[j], t.Lists[i]},
				})
			}
		}
	}
	if f := t.onExactly(); float64(f[1]) > mostOnOne*float64(t.Observed()) {
		warnings = append(warnings, Warning{
			Key: "overlap.thin", Text: "most people are on one list only: estimators will differ by factors; compare them side by side",
		})
	}
	return warnings
}
