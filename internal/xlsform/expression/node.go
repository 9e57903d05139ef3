package expression

import (
	"math"
	"time"
)

// Source gives the values of questions, by the ids that they were bound with.
type Source interface {
	// Value returns the value of a question where the evaluation stands.
	Value(id int) Value
	// All returns the values of a question in every item of its repeat. The caller
	// does not change them.
	All(id int) []Value
	// ChoiceName returns the label of the choice of a question by its name.
	ChoiceName(id int, choice string) string
	// Column returns a column of the choice that a filter looks at.
	Column(name string) string
}

// Context is what an evaluation may know.
type Context struct {
	Source   Source
	Position int // of the item of the repeat where the evaluation stands, from 1
	Now      time.Time
	Language string
	Random   func() [16]byte // nil: uuid() and random() are empty
}

// Eval evaluates a bound expression.
func (e *Expr) Eval(c *Context) Value { return e.root.eval(c) }

type node interface{ eval(c *Context) Value }

type (
	literalNode struct{ value Value }
	pathNode    struct {
		ref    Reference
		at     int
		bound  Binding
		before bool // read only to ask how it was answered before
	}
	orNode     struct{ left, right node }
	andNode    struct{ left, right node }
	negateNode struct {
		of  node
		odd bool
	}
	binaryNode struct {
		op          func(a, b Value) Value
		left, right node
	}
	callNode struct {
		fn   func(c *Context, args []node) Value
		args []node
	}
)

func (n literalNode) eval(*Context) Value { return n.value }

func (n *pathNode) eval(c *Context) Value {
	switch n.bound.Kind {
	case One:
		return c.Source.Value(n.bound.ID)
	case Many:
		return Value{kind: kindMany, many: c.Source.All(n.bound.ID)}
	case OfChoice:
		return TextValue(c.Source.Column(n.ref.Steps[0]))
	}
	return Value{}
}

func (n orNode) eval(c *Context) Value {
	return BoolValue(n.left.eval(c).Bool() || n.right.eval(c).Bool())
}

func (n andNode) eval(c *Context) Value {
	return BoolValue(n.left.eval(c).Bool() && n.right.eval(c).Bool())
}

func (n negateNode) eval(c *Context) Value {
	f := n.of.eval(c).Number()
	if n.odd {
		f = -f
	}
	return NumberValue(f)
}

func (n binaryNode) eval(c *Context) Value { return n.op(n.left.eval(c), n.right.eval(c)) }

func (n callNode) eval(c *Context) Value { return n.fn(c, n.args) }

var operators = map[string]func(a, b Value) Value{
	"=":   func(a, b Value) Value { return BoolValue(equal(a, b)) },
	"!=":  func(a, b Value) Value { return BoolValue(differ(a, b)) },
	"<":   func(a, b Value) Value { return BoolValue(less(a, b)) },
	"<=":  func(a, b Value) Value { return BoolValue(lessOrEqual(a, b)) },
	">":   func(a, b Value) Value { return BoolValue(less(b, a)) },
	">=":  func(a, b Value) Value { return BoolValue(lessOrEqual(b, a)) },
	"+":   func(a, b Value) Value { return NumberValue(a.Number() + b.Number()) },
	"-":   func(a, b Value) Value { return NumberValue(a.Number() - b.Number()) },
	"*":   func(a, b Value) Value { return NumberValue(a.Number() * b.Number()) },
	"div": func(a, b Value) Value { return NumberValue(a.Number() / b.Number()) },
	"mod": func(a, b Value) Value { return NumberValue(math.Mod(a.Number(), b.Number())) },
}
