package expression

import (
	"regexp"
	"strings"
)

// function is one that takes its arguments as they come. Those that look at how an
// argument is written are read by [parser.call].
type function struct {
	least, most int // arguments; most < 0 for no limit
	eval        func(c *Context, args []node) Value
}

func functionOf(name string) (function, bool) {
	for _, table := range []map[string]function{textFunctions, numberFunctions, logicFunctions, dateFunctions} {
		if f, ok := table[name]; ok {
			return f, true
		}
	}
	return function{}, false
}

func (p *parser) call() node {
	name := p.take()
	p.expect("(")
	switch name.text {
	case "position":
		return p.position(name)
	case "indexed-repeat":
		return p.indexedRepeat(name)
	case "once":
		return p.once(name)
	case "jr:choice-name":
		return p.choiceName()
	case "regex":
		return p.regex(name)
	}
	f, known := functionOf(name.text)
	if !known {
		return p.fail(name.at, whyNot(name.text), "name", name.text)
	}
	args := p.arguments()
	if len(args) < f.least || f.most >= 0 && len(args) > f.most {
		return p.wrongCount(name)
	}
	return callNode{f.eval, args}
}

// whyNot is the key of why a function is refused.
func whyNot(function string) string {
	switch function {
	case "pulldata", "instance", "search", "lookup":
		return "xlsform.expression.elsewhere"
	case "area", "distance", "geofence", "intersects":
		return "xlsform.expression.place"
	}
	return "xlsform.expression.function"
}

func (p *parser) wrongCount(name token) node {
	return p.fail(name.at, "xlsform.expression.arguments", "name", name.text)
}

// arguments reads what stands between the parentheses, the last one with it.
func (p *parser) arguments() []node {
	var args []node
	if p.accept(tokenSign, ")") {
		return args
	}
	for {
		args = append(args, p.or())
		if !p.accept(tokenSign, ",") {
			break
		}
	}
	p.expect(")")
	return args
}

// position reads position(..), the number of the item of the repeat.
func (p *parser) position(name token) node {
	if !p.is(tokenSign, "..") {
		return p.fail(name.at, "xlsform.expression.position")
	}
	for p.accept(tokenSign, "..") {
		p.accept(tokenSign, "/")
	}
	p.expect(")")
	p.expr.position = true
	return callNode{fn: func(c *Context, _ []node) Value { return NumberValue(float64(c.Position)) }}
}

// indexedRepeat reads indexed-repeat(${question}, ${repeat}, number).
func (p *parser) indexedRepeat(name token) node {
	before := len(p.expr.paths)
	args := p.arguments()
	if len(args) != 3 {
		return p.wrongCount(name)
	}
	question, okQuestion := args[0].(*pathNode)
	repeat, okRepeat := args[1].(*pathNode)
	if !okQuestion || !okRepeat || p.expr.paths[before] != question {
		return p.fail(name.at, "xlsform.expression.arguments", "name", name.text)
	}
	question.ref.InRepeat = repeat.ref.last()
	return callNode{func(c *Context, args []node) Value {
		i := args[1].eval(c).Number()
		all := args[0].eval(c).many
		if !(i >= 1 && i < float64(len(all)+1)) {
			return Value{}
		}
		return all[int(i)-1]
	}, []node{question, args[2]}}
}

func (r Reference) last() string {
	if len(r.Steps) > 0 {
		return r.Steps[len(r.Steps)-1]
	}
	return r.Name
}

// once reads once(value): what the question holds already, else the value.
func (p *parser) once(name token) node {
	args := p.arguments()
	if len(args) != 1 {
		return p.wrongCount(name)
	}
	self := &pathNode{at: name.at, before: true}
	p.expr.paths = append(p.expr.paths, self)
	return callNode{coalesce, []node{self, args[0]}}
}

// choiceName reads jr:choice-name(value, '${question}').
func (p *parser) choiceName() node {
	value := p.or()
	p.expect(",")
	t := p.take()
	p.expect(")")
	if p.err != nil {
		return literalNode{}
	}
	inner, err := Parse(t.text)
	if t.kind != tokenLiteral || err != nil {
		return p.fail(t.at, "xlsform.expression.choice_name")
	}
	question, ok := inner.root.(*pathNode)
	if !ok {
		return p.fail(t.at, "xlsform.expression.choice_name")
	}
	question.at = t.at
	question.ref.Label = true
	p.expr.paths = append(p.expr.paths, question)
	return callNode{func(c *Context, args []node) Value {
		return TextValue(c.Source.ChoiceName(question.bound.ID, args[0].eval(c).Text()))
	}, []node{value}}
}

// longestPattern bounds what reading a pattern costs; matching takes time in
// proportion to the text.
const longestPattern = 1000

// regex reads regex(value, 'pattern'). The pattern is a literal, so that one which
// cannot be matched is refused when the form is read.
func (p *parser) regex(name token) node {
	value := p.or()
	p.expect(",")
	t := p.take()
	p.expect(")")
	if p.err != nil {
		return literalNode{}
	}
	if t.kind != tokenLiteral {
		return p.fail(name.at, "xlsform.expression.pattern_literal")
	}
	if len(t.text) > longestPattern {
		return p.fail(t.at, "xlsform.expression.pattern")
	}
	pattern, err := regexp.Compile(`^(?:` + t.text + `)$`)
	if err != nil || strings.Contains(t.text, "${") {
		return p.fail(t.at, "xlsform.expression.pattern")
	}
	return callNode{func(c *Context, args []node) Value {
		return BoolValue(pattern.MatchString(args[0].eval(c).Text()))
	}, []node{value}}
}
