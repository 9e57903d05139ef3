package record

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"amana"
	"amana/internal/event"
)

// Fault says why a value was refused, as the key of a message. It never holds
// any of the value. The empty Fault is none.
type Fault string

// The faults.
const (
	FaultRequired Fault = "invalid.required"
	FaultText     Fault = "invalid.text" // control characters, or not text at all
	FaultTooLong  Fault = "invalid.too_long"
	FaultNumber   Fault = "invalid.number"
	FaultDate     Fault = "invalid.date"
	FaultFuture   Fault = "invalid.date.future"
	FaultOption   Fault = "invalid.option"
	FaultPhone    Fault = "invalid.phone"
	FaultDecimal  Fault = "invalid.decimal"
	FaultTime     Fault = "invalid.time"
	FaultMoment   Fault = "invalid.moment"
	FaultField    Fault = "invalid.field"  // there is no such field
	FaultAnswer   Fault = "invalid.answer" // "declined" and the like, where they cannot be said
)

// Limits on numbers and phone numbers.
const (
	largestNumber = 1_000_000 // where the field has no limit of its own
	shortestPhone = 3
	longestPhone  = 20
)

// Validate says what is wrong with a value for a field, before it is recorded.
// Field is a whole name or, in a list, "list/field". The zero Value is
// FaultRequired: what may be left out is not asked about, and what was emptied is
// removed.
func Validate(kind amana.Kind, field string, v event.Value, now time.Time) Fault {
	f, known := FieldOf(kind, field)
	if !known {
		return FaultField
	}
	return f.Check(v, Options(f.Options), now)
}

// Check says what is wrong with a value for a field that a form describes, whether
// this package knows the field or not. Among are the ids to choose from.
func (f Field) Check(v event.Value, among []string, now time.Time) Fault {
	fault := f.among(v, among)
	if fault == "" && f.Past && v.Type() == event.TypeText && isFuture(v.Reveal(), now) {
		return FaultFuture
	}
	return fault
}

// check says what is wrong with a value whenever it was recorded.
func (f Field) check(v event.Value) Fault { return f.among(v, Options(f.Options)) }

func (f Field) among(v event.Value, ids []string) Fault {
	switch v.Type() {
	case event.None:
		return FaultRequired
	case event.TypeAnswer:
		if a, _ := v.Answer(); !f.Sensitive || a < event.Declined || a > event.NotAsked {
			return FaultAnswer
		}
		return ""
	case event.TypeText, event.TypeInt, event.TypeBool, event.TypeDecimal, event.TypeList:
	}
	switch f.Type {
	case Line, Words:
		return f.checkWords(v)
	case Number:
		return f.checkNumber(v)
	case Date:
		if v.Type() != event.TypeText || !IsDate(v.Reveal()) {
			return FaultDate
		}
	case YesNo:
		if v.Type() != event.TypeBool {
			return FaultOption
		}
	case Choice:
		if v.Type() != event.TypeText || !slices.Contains(ids, v.Reveal()) {
			return FaultOption
		}
	case Choices:
		return checkChoices(v, ids)
	case Phone, Decimal, Time, Moment:
		return f.checkForm(v)
	default:
		return FaultField
	}
	return ""
}

// checkForm checks the types that are known by how they are written.
func (f Field) checkForm(v event.Value) Fault {
	s := v.Reveal()
	switch {
	case f.Type == Decimal:
		if d, ok := v.Decimal(); !ok || math.IsNaN(d) || math.IsInf(d, 0) {
			return FaultDecimal
		}
	case f.Type == Phone && !isPhone(s):
		return FaultPhone
	case f.Type == Time && !isTime(s):
		return FaultTime
	case f.Type == Moment && !isMoment(s):
		return FaultMoment
	}
	return ""
}

func (f Field) checkWords(v event.Value) Fault {
	if v.Type() != event.TypeText {
		return FaultText
	}
	if f.Type == Line {
		return CheckLine(v.Reveal())
	}
	return checkText(v.Reveal(), LongestWords, "\n\t")
}

// CheckLine says what is wrong with one line of words: a name, a title.
func CheckLine(line string) Fault { return checkText(line, LongestLine, "") }

// checkText refuses what would not be seen as it was written: control characters
// except those allowed, and those that turn the direction of what follows.
func checkText(s string, longest int, allowed string) Fault {
	if !utf8.ValidString(s) {
		return FaultText
	}
	if utf8.RuneCountInString(s) > longest {
		return FaultTooLong
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) && !strings.ContainsRune(allowed, r) || turns(r) {
			return FaultText
		}
	}
	if strings.TrimSpace(s) == "" {
		return FaultRequired
	}
	return ""
}

// turns reports whether r is a bidirectional embedding, override or isolate: no
// keyboard makes them, and they can make a line read as what it is not. The
// marks that keyboards for right-to-left scripts make are welcome.
func turns(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\uFEFF'
}

func (f Field) checkNumber(v event.Value) Fault {
	n, ok := v.Int()
	largest := f.Largest
	if largest == 0 {
		largest = largestNumber
	}
	if !ok || n < 0 || n > largest {
		return FaultNumber
	}
	return ""
}

func checkChoices(v event.Value, ids []string) Fault {
	if v.Type() != event.TypeList {
		return FaultOption
	}
	chosen := v.RevealList()
	if len(chosen) > len(ids) {
		return FaultOption
	}
	for i, c := range chosen {
		if !slices.Contains(ids, c) || slices.Contains(chosen[:i], c) {
			return FaultOption
		}
	}
	return ""
}

func isPhone(s string) bool {
	s = strings.TrimPrefix(s, "+")
	if len(s) < shortestPhone || len(s) > longestPhone {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// Ways in which an answer is given, and by whom.
var (
	givenBy = []string{
		"self", "self_with_guardian", "guardian", "guardian_with_assent", "trusted_adult", "trusted_adult_with_assent",
		"supervisor", "supervisor_with_assent",
	}
	givenAs = []string{"spoken", "thumbprint", "signed"}
)

// CheckConsent says what is wrong with an answer before it is recorded, by the
// names of its parts. Who gave it, how, and in which language may be left out.
func CheckConsent(c event.Consented) map[string]Fault {
	faults := map[string]Fault{}
	note := func(part string, fault Fault) {
		if fault != "" {
			faults[part] = fault
		}
	}
	if !slices.Contains(amana.Purposes(), c.Purpose) {
		note("purpose", FaultOption)
	}
	if width(c.Decision) == width("") {
		note("decision", FaultOption)
	}
	if c.Until != "" && !IsDate(c.Until) {
		note("until", FaultDate)
	}
	if !c.Recipient.IsEmpty() {
		note("recipient", CheckLine(c.Recipient.Reveal()))
	}
	if !c.Conditions.IsEmpty() {
		note("conditions", checkText(c.Conditions.Reveal(), LongestWords, "\n\t"))
	}
	for _, choice := range []struct {
		part, chosen string
		among        []string
	}{{"given_by", c.GivenBy, givenBy}, {"how", c.How, givenAs}, {"language", c.Language, Options("language")}} {
		if choice.chosen != "" && !slices.Contains(choice.among, choice.chosen) {
			note(choice.part, FaultOption)
		}
	}
	return faults
}
