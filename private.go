package amana

import (
	"fmt"
	"log/slog"
)

const withheld = "[withheld]"

// Private holds words that could identify or endanger a person: a name, a
// place, the text of an account. It prints as "[withheld]" everywhere, so a
// stray %v, log line or panic cannot disclose it. [Private.Reveal] is the only
// way to the words; search for its callers to see who reads them.
//
// The words sit behind a pointer because fmt reads the unexported fields of an
// enclosing struct by reflection, without asking Format. Compare with
// [Private.Equal]: == compares pointers.
type Private struct{ words *string }

// Conceal takes words into keeping.
func Conceal(words string) Private {
	if words == "" {
		return Private{}
	}
	return Private{&words}
}

// Reveal returns the words. Only packages that docs/map.txt names may call it.
func (p Private) Reveal() string {
	if p.words == nil {
		return ""
	}
	return *p.words
}

// IsEmpty reports whether there are no words.
func (p Private) IsEmpty() bool { return p.words == nil }

// Equal reports whether both hold the same words.
func (p Private) Equal(q Private) bool { return p.Reveal() == q.Reveal() }

// Format implements [fmt.Formatter]: every verb prints "[withheld]".
func (Private) Format(f fmt.State, _ rune) { fmt.Fprint(f, withheld) }

// LogValue implements [slog.LogValuer].
func (Private) LogValue() slog.Value { return slog.StringValue(withheld) }

// MarshalText keeps encoders that ask for text from seeing the words.
func (Private) MarshalText() ([]byte, error) { return []byte(withheld), nil }
