// Package expression reads and evaluates the expressions of XLSForm: the part of
// XPath 1.0 and of the ODK XForms functions that forms of the field use. What it
// does not know it refuses when an expression is read, by name and place.
//
// It knows no form and no record: package xlsform binds names to questions.
//
// Where it differs from XPath 1.0, forms of the field want it so: dates compare
// and count as days, a boolean compares with the words "true" and "false" as they
// read, coalesce passes over NaN, and `1and1` is `1 and 1`.
package expression

import "fmt"

// Limits on an expression: what is beyond is refused when it is read.
const (
	longest = 8_000 // characters
	deepest = 64    // parentheses and calls within each other
)

// Expr is an expression that was read. Once bound it can be evaluated any number
// of times, by any number of goroutines.
type Expr struct {
	source   string
	root     node
	paths    []*pathNode
	position bool
}

// String returns the expression as it was written.
func (e *Expr) String() string {
	if e == nil {
		return ""
	}
	return e.source
}

// Literal returns an expression that is the text itself.
func Literal(text string) *Expr { return &Expr{source: text, root: literalNode{TextValue(text)}} }

// Error says why an expression is refused: the key of a message with its
// arguments, names and values in turn.
type Error struct {
	At   int // the character at which it was noticed, from 1
	Key  string
	Args []any
}

// Error names the place and the key.
func (e *Error) Error() string { return fmt.Sprintf("expression: character %d: %s", e.At, e.Key) }

// Reference is how an expression names a question: as ${name}, or by a path.
type Reference struct {
	Name  string   // of ${name}
	Up    int      // the steps ".." of a relative path
	Steps []string // the names that follow
	Root  bool     // an absolute path: "/data/group/name"
	// FromChoice is a bare name: in a choice filter, a column of the choices.
	FromChoice bool
	// InRepeat is the repeat in whose items indexed-repeat() looks: the binding is
	// to [Many] wherever the expression stands.
	InRepeat string
	// Label is whether only the labels of its choices are asked for.
	Label bool
}

// IsSelf reports whether it is ".", the question itself.
func (r Reference) IsSelf() bool {
	return r.Name == "" && r.Up == 0 && len(r.Steps) == 0 && !r.Root
}

// String writes the reference as forms do.
func (r Reference) String() string {
	if r.Name != "" {
		return "${" + r.Name + "}"
	}
	text := ""
	if r.Root {
		text = "/"
	}
	for i := range r.Up {
		if i > 0 {
			text += "/"
		}
		text += ".."
	}
	for i, step := range r.Steps {
		if i > 0 || r.Up > 0 {
			text += "/"
		}
		text += step
	}
	if text == "" {
		return "."
	}
	return text
}

// Binding is what a reference means.
type Binding struct {
	Kind Kind
	ID   int // as the [Source] of an evaluation knows it
}

// Kind says how a bound reference is read.
type Kind uint8

// The kinds of binding.
const (
	One      Kind = iota + 1 // one value: Source.Value
	Many                     // the values in all items of a repeat: Source.All
	OfChoice                 // a column of the choice that a filter looks at
)

// Bind says what each reference of the expression means. It is called once,
// before the first evaluation. Resolve returns the key of a message where there is
// no such question, or "".
func (e *Expr) Bind(resolve func(Reference) (Binding, string)) error {
	for _, p := range e.paths {
		b, key := resolve(p.ref)
		if key != "" {
			return &Error{At: p.at, Key: key, Args: []any{"name", p.ref.String()}}
		}
		p.bound = b
	}
	return nil
}

// Uses returns the ids of what a bound expression reads, columns of choices aside.
// Those that it reads only to ask how it was answered before, by once(), are left
// out: they make no circle.
func (e *Expr) Uses() []int {
	if e == nil {
		return nil
	}
	var ids []int
	for _, p := range e.paths {
		if p.bound.Kind != OfChoice && !p.before && !p.ref.Label {
			ids = append(ids, p.bound.ID)
		}
	}
	return ids
}

// UsesPosition reports whether the expression asks for the number of the item of a
// repeat, and so stands in one.
func (e *Expr) UsesPosition() bool { return e != nil && e.position }
