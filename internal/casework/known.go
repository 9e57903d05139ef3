package casework

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"amana"
	"amana/internal/record"
	"amana/internal/view"
)

// Known is what somebody says of themselves before a case is opened: whoever was
// here before is not asked everything again.
type Known struct {
	Code, Name, Phone amana.Private
}

// IsEmpty reports whether nothing was said.
func (k Known) IsEmpty() bool { return k.Code.IsEmpty() && k.Name.IsEmpty() && k.Phone.IsEmpty() }

// Match is a case that may be of the same person, and by what.
type Match struct {
	CaseRow
	Code, Phone, Name bool // the same code or number, or all words of the name
	Nearly            bool // some words of the name
}

// weight puts the surest first.
func (m Match) weight() int {
	return 8*one(m.Code) + 4*one(m.Phone) + 2*one(m.Name) + one(m.Nearly)
}

const (
	mostMatches = 20 // cases that are shown
	mostWords   = 6  // of a name that are asked for one by one
	leastWord   = 3  // letters of such a word
)

// FindKnown looks for cases that may be of the same person, in all spellings, as
// far as this member's keys open them, the surest first. It records nothing.
func (d *Desk) FindKnown(_ context.Context, k Known) ([]Match, error) {
	found := map[amana.RecordID]*Match{}
	look := func(words string, mark func(*Match)) error {
		if strings.TrimSpace(words) == "" {
			return nil
		}
		rows, err := d.session.Cases(amana.Conceal(words), view.Filter{Sort: view.ByFound, Limit: mostMatches})
		if err != nil {
			return err
		}
		for _, row := range d.rows(rows) {
			if found[row.ID] == nil {
				found[row.ID] = &Match{CaseRow: row}
			}
			mark(found[row.ID])
		}
		return nil
	}
	code := k.Code.Reveal()
	if whole, right := record.CheckCode(code); right {
		code = whole
	}
	err := look(code, func(m *Match) { m.Code = true })
	if err == nil {
		err = look(k.Phone.Reveal(), func(m *Match) { m.Phone = true })
	}
	if err == nil {
		err = look(k.Name.Reveal(), func(m *Match) { m.Name = true })
	}
	words := strings.Fields(k.Name.Reveal())
	for i, w := range words {
		if err != nil || len(words) == 1 || i == mostWords {
			break
		}
		if utf8.RuneCountInString(w) >= leastWord {
			err = look(w, func(m *Match) { m.Nearly = true })
		}
	}
	if err != nil {
		return nil, err
	}
	list := make([]Match, 0, len(found))
	for _, m := range found {
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b Match) int {
		return cmp.Or(b.weight()-a.weight(), b.Updated.Compare(a.Updated), strings.Compare(a.ID.String(), b.ID.String()))
	})
	return list[:min(len(list), mostMatches)], nil
}
