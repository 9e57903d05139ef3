package exchange

import (
	"strconv"
	"strings"

	"amana/internal/event"
	"amana/internal/record"
)

// yes and no in the forms that they arrive in.
var yesNo = map[string]bool{
	"true": true, "yes": true, "y": true, "oui": true, "o": true, "1": true, "vrai": true, "on": true, "x": true, "نعم": true,
	"false": false, "no": false, "n": false, "non": false, "0": false, "faux": false, "off": false, "لا": false,
}

func readYesNo(s string) (event.Value, bool) {
	yes, ok := yesNo[fold(s)]
	return event.Bool(yes), ok
}

// readNumber takes a whole number of any size that a count or an age can have; a
// workbook may write it with a fraction of nothing.
func readNumber(s string) (event.Value, bool) {
	s = strings.TrimSpace(s)
	if whole, fraction, ok := strings.Cut(s, "."); ok && strings.Trim(fraction, "0") == "" {
		s = whole
	}
	v, fault := record.Parse(record.Field{Type: record.Number}, s)
	if _, isInt := v.Int(); fault != "" || !isInt {
		return event.Value{}, false
	}
	return v, true
}

// readWords takes text as a form would: composed, without what nobody sees.
func readWords(kind record.FieldType, s string) (event.Value, bool) {
	v, fault := record.Parse(record.Field{Type: kind}, s)
	if fault != "" {
		return event.Value{}, false
	}
	return v, true
}

// readChoice takes one choice of a list, by its id, an older id, or what is shown
// for it. A local list takes any line.
func readChoice(list, s string) (event.Value, bool) {
	if _, fixed := spoken[list]; fixed {
		id, ok := choose(list, s)
		return event.Text(id), ok
	}
	ids := record.Options(list)
	if len(ids) == 0 {
		return readWords(record.Line, s)
	}
	for _, id := range ids {
		if fold(id) == fold(s) {
			return event.Text(id), true
		}
	}
	return event.Value{}, false
}

// readChoices takes one choice or several, joined by " & ". One is a text, so that
// the same answer is the same value wherever it comes from.
func readChoices(list, s string) (event.Value, bool) {
	if v, ok := readChoice(list, s); ok {
		return v, true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '&' || r == ';' || r == '\n' || r == '|' })
	if len(parts) < 2 || len(parts) > mostChoices {
		return event.Value{}, false
	}
	ids := make([]string, 0, len(parts))
	for _, p := range parts {
		v, ok := readChoice(list, p)
		if !ok || v.IsZero() {
			return event.Value{}, false
		}
		ids = append(ids, v.RevealList()...)
	}
	return event.List(ids...), true
}

// mostChoices bounds how many choices one cell can name.
const mostChoices = 64

// answers in place of a value, in the forms that they arrive in.
var answers = map[string]event.Answer{
	"declined": event.Declined, "declined to say": event.Declined, "refuse de repondre": event.Declined,
	"does not know": event.DoesNotKnow, "ne sait pas": event.DoesNotKnow,
	"not asked": event.NotAsked, "pas demande": event.NotAsked,
}

func readAnswer(s string) (event.Value, bool) {
	a, ok := answers[fold(s)]
	return event.Say(a), ok
}

func itoa(n int) string { return strconv.Itoa(n) }
