package event

import (
	"fmt"
	"log/slog"
	"math"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"amana"
)

// Answer is said in place of a value. Each is a value of its own: none of them
// is an empty field.
type Answer uint8

// The answers. Frozen in the format: add, never renumber.
const (
	Declined    Answer = 1 // she declined to say
	DoesNotKnow Answer = 2 // she does not know
	NotAsked    Answer = 3 // nobody asked her
)

// Type tells what a [Value] holds.
type Type uint8

// The types of value.
const (
	None Type = iota
	TypeText
	TypeInt
	TypeBool
	TypeDecimal
	TypeList
	TypeAnswer
)

// Value is the value of one field. What it holds can identify a person, so it
// prints as "[withheld]". The zero Value is "nothing is recorded".
//
// Dates and times are text in ISO 8601, as exact as they are known: "2026",
// "2026-03", "2026-03-09", "2026-03-09T14:30". Choices are text: the option's id.
type Value struct { //nolint:recvcheck // only being read changes one
	kind Type
	num  int64 // of TypeInt, TypeBool (0 or 1), TypeAnswer; bits of TypeDecimal
	text *string
	list *[]string
}

// Text returns a value of words, or of one choice. Empty words are no value.
func Text(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{kind: TypeText, text: &s}
}

// Int returns a whole number.
func Int(n int64) Value { return Value{kind: TypeInt, num: n} }

// Bool returns a yes or a no.
func Bool(yes bool) Value {
	if yes {
		return Value{kind: TypeBool, num: 1}
	}
	return Value{kind: TypeBool}
}

// Decimal returns a number with a fraction.
func Decimal(f float64) Value { return Value{kind: TypeDecimal, num: int64(math.Float64bits(f))} }

// List returns several choices. No choice is no value.
func List(choices ...string) Value {
	if len(choices) == 0 {
		return Value{}
	}
	c := slices.Clone(choices)
	return Value{kind: TypeList, list: &c}
}

// Say returns an answer in place of a value.
func Say(a Answer) Value { return Value{kind: TypeAnswer, num: int64(a)} }

// Type returns what the value holds.
func (v Value) Type() Type { return v.kind }

// IsZero reports whether nothing is recorded.
func (v Value) IsZero() bool { return v.kind == None }

// Reveal returns the words of a text, or "". See [amana.Private.Reveal].
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// RevealList returns the choices of a list, or the one choice of a text.
func (v Value) RevealList() []string {
	switch {
	case v.list != nil:
		return slices.Clone(*v.list)
	case v.text != nil:
		return []string{*v.text}
	}
	return nil
}

// Int returns a whole number, and whether there is one.
func (v Value) Int() (int64, bool) { return v.num, v.kind == TypeInt }

// Bool returns a yes or no, and whether there is one.
func (v Value) Bool() (yes, ok bool) { return v.num == 1, v.kind == TypeBool }

// Decimal returns a number, and whether there is one.
func (v Value) Decimal() (float64, bool) {
	switch v.kind {
	case TypeDecimal:
		return math.Float64frombits(uint64(v.num)), true
	case TypeInt:
		return float64(v.num), true
	case None, TypeText, TypeBool, TypeList, TypeAnswer:
	}
	return 0, false
}

// Answer returns what was said in place of a value, and whether anything was.
func (v Value) Answer() (Answer, bool) { return Answer(v.num), v.kind == TypeAnswer }

// Equal reports whether both hold the same.
func (v Value) Equal(w Value) bool {
	return v.kind == w.kind && v.num == w.num && v.Reveal() == w.Reveal() &&
		slices.Equal(v.RevealList(), w.RevealList())
}

// Format implements [fmt.Formatter]: every verb prints "[withheld]".
func (Value) Format(f fmt.State, _ rune) { fmt.Fprint(f, amana.Private{}) }

// LogValue implements [slog.LogValuer].
func (Value) LogValue() slog.Value { return amana.Private{}.LogValue() }

// MarshalCBOR writes text, integers, booleans and decimals as themselves, a list
// as an array of text, an answer as an array of one integer. See format §5.
func (v Value) MarshalCBOR() ([]byte, error) { return v.append(nil), nil }

// UnmarshalCBOR reads what MarshalCBOR wrote; anything else is ErrInvalid.
func (v *Value) UnmarshalCBOR(b []byte) error {
	r := newReader(b)
	got := r.value()
	if r.failed || r.left() > 0 {
		return fmt.Errorf("event: value: %w", amana.ErrInvalid)
	}
	*v = got
	return nil
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		MaxNestedLevels:  16,
		MaxArrayElements: mostItems,
		IntDec:           cbor.IntDecConvertNone,
		UTF8:             cbor.UTF8RejectInvalid,
	}.DecMode())
)

func must[T any](t T, err error) T {
	if err != nil {
		panic("event: internal error: " + err.Error())
	}
	return t
}
