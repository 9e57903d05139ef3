package gbv

import (
	"strings"

	"amana/internal/event"
)

// YesNo reads a yes or no as it may have arrived: as one, or as text. Nothing
// else is known: not an empty field, not "declined", not "unknown".
func YesNo(v event.Value) (yes, known bool) {
	if yes, known = v.Bool(); known {
		return yes, true
	}
	if n, isInt := v.Int(); isInt {
		return n == 1, n == 0 || n == 1
	}
	return sayYesNo(v.Reveal())
}

func sayYesNo(text string) (yes, known bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "y", "1", "oui", "o", "vrai", "نعم":
		return true, true
	case "false", "no", "n", "0", "non", "faux", "لا":
		return false, true
	}
	return false, false
}

// TypedYesNo is the value of a yes-or-no field on its way in: one that arrived as
// text becomes a yes or no; "unknown" and the like become answers; what is neither
// stays as it is, and ok is false.
func TypedYesNo(v event.Value) (typed event.Value, ok bool) {
	if yes, known := YesNo(v); known {
		return event.Bool(yes), true
	}
	if _, said := v.Answer(); said || v.IsZero() {
		return v, true
	}
	switch fold(v.Reveal()) {
	case "unknown", "doesnotknow", "dontknow", "inconnu":
		return event.Say(event.DoesNotKnow), true
	case "declined", "refused", "prefersnottosay":
		return event.Say(event.Declined), true
	case "notasked", "unknownnotapplicable", "notapplicable", "na":
		return event.Say(event.NotAsked), true
	}
	return v, false
}
