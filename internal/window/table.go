// Package window is the clock of care: the hours within which a treatment works,
// as a table that an organisation edits, and what of it is still
// open for somebody at a moment.
//
// It knows no person, no record and no dose. It asks no clock: the moment is
// handed in. What it cannot know, it counts as open.
package window

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind says how much haste a window asks for.
type Kind string

// The kinds.
const (
	Now     Kind = "now"     // before anything else, before any form
	Urgent  Kind = "urgent"  // works only within its hours
	Offered Kind = "offered" // the earlier the better, and offered at every contact
)

// Kinds returns the kinds in the order of haste.
func Kinds() []Kind { return []Kind{Now, Urgent, Offered} }

// The windows that this program ships and that other parts speak of by name. An
// organisation may change their hours, take them out and add its own.
const (
	Safety                 = "safety"
	PEP                    = "pep"
	EmergencyContraception = "emergency_contraception"
	STI                    = "sti"
	HepatitisB             = "hepatitis_b"
	Tetanus                = "tetanus"
	Pregnancy              = "pregnancy"
	MentalHealth           = "mental_health"
	Forensic               = "forensic"
	MedicoLegal            = "medico_legal"
)

// Hints say whom a window is for, as keys: they are shown, never decided by.
const (
	ForEveryone    = "everyone"
	ForPregnancy   = "could_be_pregnant"
	ForExposed     = "exposed"
	ForWounds      = "wounds"
	ForVaccination = "not_vaccinated"
	ForConsenting  = "consenting" // only if she wants it, never a condition of care
)

// Hints returns the hints.
func Hints() []string {
	return []string{ForEveryone, ForExposed, ForPregnancy, ForWounds, ForVaccination, ForConsenting}
}

// Window is one treatment and its hours.
type Window struct {
	ID    string `json:"id"`
	Kind  Kind   `json:"kind"`
	Hours int    `json:"hours,omitempty"` // 0 is no limit
	For   string `json:"for,omitempty"`   // one of [Hints]
	// Name says it in the organisation's own words, by language; where it is
	// missing, the program has words of its own for the windows it ships.
	Name   map[string]string `json:"name,omitempty"`
	Source string            `json:"source,omitempty"` // where the hours come from
}

// Table is what an organisation goes by.
type Table struct {
	Windows []Window `json:"windows"`
}

// sixMonths is the time during which guidance still offers what is not urgent.
const sixMonths = 183 * 24

// Default is the table that is shipped. Its hours are those of the public
// guidance; nobody validated it for any country.
func Default() Table {
	const (
		who  = "WHO"
		un   = "WHO/UNFPA/UNICEF"
		msf  = "MSF"
		none = ""
	)
	return Table{Windows: []Window{
		{ID: Safety, Kind: Now, For: ForEveryone, Source: none},
		{ID: PEP, Kind: Urgent, Hours: 72, For: ForExposed, Source: who},
		{ID: EmergencyContraception, Kind: Urgent, Hours: 120, For: ForPregnancy, Source: who},
		{ID: STI, Kind: Offered, Hours: sixMonths, For: ForExposed, Source: msf},
		{ID: HepatitisB, Kind: Offered, Hours: sixMonths, For: ForVaccination, Source: msf},
		{ID: Tetanus, Kind: Offered, Hours: sixMonths, For: ForWounds, Source: msf},
		{ID: Pregnancy, Kind: Offered, For: ForPregnancy, Source: none},
		{ID: MentalHealth, Kind: Offered, For: ForEveryone, Source: un},
		{ID: Forensic, Kind: Offered, Hours: 120, For: ForConsenting, Source: none},
		{ID: MedicoLegal, Kind: Offered, For: ForConsenting, Source: none},
	}}
}

// Of returns the window with this ID.
func (t Table) Of(id string) (Window, bool) {
	i := slices.IndexFunc(t.Windows, func(w Window) bool { return w.ID == id })
	if i < 0 {
		return Window{}, false
	}
	return t.Windows[i], true
}

// ErrTable says that what was given is no table that can be gone by.
var ErrTable = errors.New("not a table of windows")

// Limits on a table.
const (
	mostBytes   = 64 << 10
	mostWindows = 60
	longest     = 200 // letters of a name
	mostHours   = 24 * 366 * 2
)

// Parse reads a table as [Table.Encode] writes it. What it does not know it
// refuses: hours that nobody understood are worse than none.
func Parse(b []byte) (Table, error) {
	var t Table
	if len(b) > mostBytes {
		return t, fmt.Errorf("window: %d bytes: %w", len(b), ErrTable)
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Table{}, fmt.Errorf("window: %w", ErrTable) // the text may be the organisation's own
	}
	if d.More() {
		return Table{}, fmt.Errorf("window: more than one table: %w", ErrTable)
	}
	if err := t.Check(); err != nil {
		return Table{}, err
	}
	return t, nil
}

// Encode writes the table, the same table always as the same bytes.
func (t Table) Encode() []byte {
	b, err := json.Marshal(t)
	if err != nil { // strings, numbers and maps of strings
		panic("window: internal error: " + err.Error())
	}
	return b
}

// Check says what is wrong with a table: the first row that cannot be gone by.
func (t Table) Check() error {
	if len(t.Windows) == 0 || len(t.Windows) > mostWindows {
		return fmt.Errorf("window: %d rows: %w", len(t.Windows), ErrTable)
	}
	seen := map[string]bool{}
	for i, w := range t.Windows {
		if !isID(w.ID) || seen[w.ID] || !w.good() {
			return fmt.Errorf("window: row %d: %w", i+1, ErrTable)
		}
		seen[w.ID] = true
	}
	return nil
}

func (w Window) good() bool {
	for _, name := range slices.Collect(maps.Values(w.Name)) {
		if len([]rune(name)) > longest {
			return false
		}
	}
	return slices.Contains(Kinds(), w.Kind) && w.Hours >= 0 && w.Hours <= mostHours &&
		(w.Kind != Urgent || w.Hours > 0) && (w.Kind != Now || w.Hours == 0) &&
		(w.For == "" || slices.Contains(Hints(), w.For)) && len([]rune(w.Source)) <= longest
}

// isID reports whether s can name a window: it becomes part of a field's name.
func isID(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
