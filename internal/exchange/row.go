package exchange

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"

	"amana"
	"amana/internal/event"
)

// Values are values by the names of fields.
type Values map[string]event.Value

// Row is one thing that a file holds: an incident, a case, a referral.
type Row struct {
	Sheet string
	Line  int
	Kind  amana.Kind
	// ID is the source's own id, Case its id of the case that the row belongs to and
	// Code its code of the survivor; "" where it has none.
	ID, Case, Code string
	Values         Values // of the record, with what is kept beside its fields
	Identity       Values // who it is about
	// Reporting is the answer to sharing what does not identify her, where there is one.
	Reporting event.Value
	Problems  []Problem
	Refused   bool // one of the problems keeps it out
	// Ignored counts what the source works out by itself, and does not have to be kept.
	Ignored int
}

// Problem is one thing about a row that a person should know. It holds nothing of
// what is written there.
type Problem struct {
	Sheet   string
	Line    int
	Column  string // a column's letter, or the key of a JSON record
	Field   string // that it was for
	Key     string // message key
	Refused bool   // the row is not brought
}

// Reasons for which a value was not made of what is written, or something else is to
// be known. The row comes, and what was written is kept with it.
const (
	problemChoice   = "import.problem.choice"   // no choice of the list
	problemDate     = "import.problem.date"     // no date
	problemOrder    = "import.problem.order"    // day or month first: nobody said
	problemNumber   = "import.problem.number"   // no whole number
	problemYesNo    = "import.problem.yesno"    // neither yes nor no
	problemWords    = "import.problem.words"    // too long, or no text
	problemPhone    = "import.problem.phone"    // no phone number
	problemFormula  = "import.problem.formula"  // worked out by a formula
	problemIdentity = "import.problem.identity" // who it is, for a team that works without
	problemKnown    = "import.problem.known"    // who it is, of somebody who is here
)

func (r *Row) problem(column, field, key string) {
	r.Problems = append(r.Problems, Problem{Sheet: r.Sheet, Line: r.Line, Column: column, Field: field, Key: key})
}

func (r *Row) refuse(column, key string) {
	r.Refused = true
	r.Problems = append(r.Problems, Problem{Sheet: r.Sheet, Line: r.Line, Column: column, Key: key, Refused: true})
}

// NotAllowed notes that a value was left out because the team may not hold it.
func (r *Row) NotAllowed(field string) { r.problem("", field, problemIdentity) }

// Repeats refuses a row whose id stood in the file before, with something else.
func (r *Row) Repeats() { r.refuse("", reasonRepeats) }

// Bytes returns what the row says, in one spelling: two rows that say the same have
// the same.
func (r *Row) Bytes() []byte {
	b := []byte(r.Kind)
	add := func(s string) { b = append(append(b, strconv.Itoa(len(s))+":"...), s...) }
	add(r.ID)
	add(r.Case)
	add(r.Code)
	for _, values := range []Values{r.Values, r.Identity} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			add(name)
			enc, err := values[name].MarshalCBOR()
			if err != nil {
				continue
			}
			b = append(b, enc...)
		}
	}
	return b
}

// survivors are the fields of a case that an incident repeats: what an incident calls
// them, and the case.
var survivors = map[string]string{
	"age": "age", "date_of_birth": "date_of_birth", "sex": "sex", "estimated": "estimated", "ethnicity": "gbv_ethnicity",
	"country_of_origin": "country_of_origin", "nationality": "gbv_nationality", "religion": "gbv_religion",
	"maritial_status": "maritial_status", "displacement_status": "gbv_displacement_status",
	"disability_type": "gbv_disability_type", "unaccompanied_separated_status": "unaccompanied_separated_status",
}

// Survivor returns what a row says of her, under the names of a case.
func (r *Row) Survivor() Values {
	if r.Kind == amana.KindCase {
		return r.Values
	}
	v := Values{}
	for from, to := range survivors {
		if value := r.Values[from]; !value.IsZero() {
			v[to] = value
		}
	}
	return v
}

// sum is a short mark of a name that was cut, so that two of them stay two.
func sum(s string) string {
	h := fnv.New64a()
	h.Write([]byte(s))
	return strconv.FormatUint(h.Sum64()|1<<63, 16)
}

// NotBrought refuses a row of a kind that is not taken in.
func (r *Row) NotBrought() { r.refuse("", reasonKind) }

// KnownPerson notes that who the person is was left out, since her case is here with
// another name, or with whatever is known here.
func (r *Row) KnownPerson() { r.problem("", "name", problemKnown) }

// NotValid moves a value that no form would take aside, as it was, and notes why.
func (r *Row) NotValid(kind amana.Kind, field, key string) {
	values := r.Values
	if kind == amana.KindIdentity {
		values = r.Identity
	}
	values[keptAs(raw, field)] = values[field]
	delete(values, field)
	r.problem("", field, key)
}
