// Package child says who has to agree when the person is a child: a caregiver,
// the child, or somebody in the caregiver's place. The bands are a table that the
// organisation edits; the one that comes with the program is not validated for any
// country.
//
// It decides about consent to documentation and sharing. Care itself waits for
// nobody's signature, and nothing here can block it.
package child

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"amana"
)

// Adult is the age from which nobody is a child, whatever a table says.
const Adult = 18

// Agrees says whose agreement a band asks for.
type Agrees string

// The ways in which agreement is given.
const (
	Caregiver    Agrees = "caregiver"        // the caregiver's; the child is told in words it understands
	Assent       Agrees = "assent_caregiver" // the caregiver's, and the child's own yes
	Own          Agrees = "own_caregiver"    // the child's own; the caregiver's too if the child wishes
	OwnAlone     Agrees = "own"              // the person's own
	longestTable        = 20
	oldest              = 130
)

// Ways returns every way, from the youngest to the adult.
func Ways() []Agrees { return []Agrees{Caregiver, Assent, Own, OwnAlone} }

// Band is a span of ages, both ends in it.
type Band struct {
	From, To int
	Agrees   Agrees
}

// Table is the bands in order, from birth on, without a gap.
type Table []Band

// Default is the table that comes with the program.
func Default() Table {
	return Table{{0, 5, Caregiver}, {6, 11, Assent}, {12, 14, Assent}, {15, 17, Own}, {Adult, oldest, OwnAlone}}
}

// Of returns the band of an age.
func (t Table) Of(age int) Band {
	for _, b := range t {
		if age >= b.From && age <= b.To {
			return b
		}
	}
	return Band{Adult, oldest, OwnAlone}
}

// check says what is wrong with a table. Kind: ErrInvalid.
func (t Table) check() error {
	if len(t) == 0 || len(t) > longestTable {
		return fmt.Errorf("child: table of %d bands: %w", len(t), amana.ErrInvalid)
	}
	next := 0
	for i, b := range t {
		wrong := b.From != next || b.To < b.From || b.To > oldest || !slices.Contains(Ways(), b.Agrees)
		adult := b.To >= Adult && (b.From < Adult || b.Agrees != OwnAlone)
		if wrong || adult || b.From < Adult && b.Agrees == OwnAlone {
			return fmt.Errorf("child: band %d: %w", i+1, amana.ErrInvalid)
		}
		next = b.To + 1
	}
	if next <= Adult {
		return fmt.Errorf("child: table ends at %d: %w", next-1, amana.ErrInvalid)
	}
	return nil
}

// row is a band as the document has it: words, as in any table that is edited.
type row struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Agrees string `json:"agrees"`
}

// Write returns the table as the document "table/children".
func (t Table) Write() []byte {
	rows := make([]row, len(t))
	for i, b := range t {
		rows[i] = row{strconv.Itoa(b.From), strconv.Itoa(b.To), string(b.Agrees)}
	}
	text, err := json.MarshalIndent(rows, "", " ")
	if err != nil {
		panic("child: internal error: " + err.Error())
	}
	return text
}

// Read reads the document "table/children". Kind: ErrInvalid.
func Read(document []byte) (Table, error) {
	var rows []row
	if err := json.Unmarshal(document, &rows); err != nil {
		return nil, fmt.Errorf("child: table: %w", amana.ErrInvalid)
	}
	t := make(Table, 0, len(rows))
	for i, r := range rows {
		from, err1 := strconv.Atoi(r.From)
		to, err2 := strconv.Atoi(r.To)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("child: band %d: %w", i+1, amana.ErrInvalid)
		}
		t = append(t, Band{from, to, Agrees(r.Agrees)})
	}
	return t, t.check()
}
