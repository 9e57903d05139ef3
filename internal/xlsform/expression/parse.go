package expression

import "strings"

// Parse reads an expression. What is not understood or not supported is an
// [*Error] that says where.
func Parse(source string) (*Expr, error) {
	tokens, err := lex(source)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, expr: &Expr{source: source}}
	root := p.or()
	if p.peek().kind != tokenEnd {
		p.unexpected()
	}
	if p.err != nil {
		return nil, p.err
	}
	p.expr.root = root
	return p.expr, nil
}

// parser keeps the first error; once there is one, everything reads as the end.
type parser struct {
	tokens []token
	pos    int
	depth  int
	expr   *Expr
	err    *Error
}

func (p *parser) peek() token {
	if p.err != nil {
		return token{}
	}
	return p.tokens[p.pos]
}

func (p *parser) take() token {
	t := p.peek()
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

func (p *parser) fail(at int, key string, args ...any) node {
	if p.err == nil {
		p.err = &Error{At: at, Key: key, Args: args}
	}
	return literalNode{}
}

func (p *parser) unexpected() node {
	t := p.peek()
	if t.kind == tokenEnd {
		return p.fail(p.tokens[len(p.tokens)-1].at, "xlsform.expression.end")
	}
	return p.fail(t.at, "xlsform.expression.unexpected", "text", t.text)
}

func (p *parser) is(kind tokenKind, text string) bool {
	t := p.peek()
	return t.kind == kind && t.text == text
}

func (p *parser) accept(kind tokenKind, text string) bool {
	if p.is(kind, text) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(sign string) {
	if !p.accept(tokenSign, sign) {
		p.unexpected()
	}
}

func (p *parser) or() node {
	left := p.and()
	for p.accept(tokenOperator, "or") {
		left = orNode{left, p.and()}
	}
	return left
}

func (p *parser) and() node {
	left := p.equality()
	for p.accept(tokenOperator, "and") {
		left = andNode{left, p.equality()}
	}
	return left
}

func (p *parser) equality() node {
	return p.binary((*parser).relation, tokenSign, "=", "!=")
}

func (p *parser) relation() node {
	return p.binary((*parser).sum, tokenSign, "<", "<=", ">", ">=")
}

func (p *parser) sum() node {
	return p.binary((*parser).product, tokenSign, "+", "-")
}

func (p *parser) product() node {
	left := p.negation()
	for {
		t := p.peek()
		times := t.kind == tokenSign && t.text == "*"
		if !times && (t.kind != tokenOperator || t.text != "div" && t.text != "mod") {
			return left
		}
		p.pos++
		left = binaryNode{operators[t.text], left, p.negation()}
	}
}

func (p *parser) binary(next func(*parser) node, kind tokenKind, signs ...string) node {
	left := next(p)
	for {
		t := p.peek()
		found := false
		for _, s := range signs {
			found = found || t.kind == kind && t.text == s
		}
		if !found {
			return left
		}
		p.pos++
		left = binaryNode{operators[t.text], left, next(p)}
	}
}

func (p *parser) negation() node {
	minus := 0
	for p.accept(tokenSign, "-") {
		minus++
	}
	n := p.union()
	if minus > 0 {
		n = negateNode{n, minus%2 == 1}
	}
	return n
}

func (p *parser) union() node {
	n := p.value()
	if p.is(tokenSign, "|") {
		return p.fail(p.peek().at, "xlsform.expression.union")
	}
	if p.is(tokenSign, "[") {
		return p.fail(p.peek().at, "xlsform.expression.predicate")
	}
	return n
}

func (p *parser) value() node {
	if p.depth++; p.depth > deepest {
		return p.fail(p.peek().at, "xlsform.expression.deep", "n", deepest)
	}
	defer func() { p.depth-- }()
	t := p.peek()
	switch t.kind {
	case tokenNumber:
		p.pos++
		return literalNode{NumberValue(textNumber(t.text))}
	case tokenLiteral:
		p.pos++
		if strings.Contains(t.text, "${") {
			return p.fail(t.at, "xlsform.expression.quoted")
		}
		return literalNode{TextValue(t.text)}
	case tokenName:
		if after := p.tokens[p.pos+1]; after.kind == tokenSign && after.text == "(" && t.text != "current" {
			return p.call()
		}
		return p.path()
	case tokenQuestion:
		return p.path()
	case tokenSign:
		switch t.text {
		case "(":
			p.pos++
			n := p.or()
			p.expect(")")
			return n
		case ".", "..", "/":
			return p.path()
		}
	case tokenEnd, tokenOperator:
	}
	return p.unexpected()
}

// path reads a reference to a question: ${name}, ., ../name, /data/name, name,
// current()/../name.
func (p *parser) path() *pathNode {
	start := p.peek()
	n := &pathNode{at: start.at}
	switch {
	case start.kind == tokenQuestion:
		p.pos++
		n.ref.Name = start.text
		if strings.HasPrefix(start.text, "last-saved#") {
			p.fail(start.at, "xlsform.expression.last_saved")
		}
		if start.text == "" {
			p.fail(start.at, "xlsform.expression.reference", "name", "${}")
		}
		if p.is(tokenSign, "/") {
			p.unexpected()
		}
	case start.kind == tokenName && start.text == "current":
		p.pos++
		p.expect("(")
		p.expect(")")
		if p.accept(tokenSign, "/") {
			p.steps(n)
		}
	case p.accept(tokenSign, "/"):
		n.ref.Root = true
		p.steps(n)
	default:
		n.ref.FromChoice = start.kind == tokenName
		p.steps(n)
	}
	if len(n.ref.Steps) != 1 || n.ref.Up > 0 {
		n.ref.FromChoice = false
	}
	p.expr.paths = append(p.expr.paths, n)
	return n
}

func (p *parser) steps(n *pathNode) {
	for {
		t := p.take()
		switch {
		case t.kind == tokenName:
			n.ref.Steps = append(n.ref.Steps, t.text)
		case t.kind == tokenSign && t.text == ".." && len(n.ref.Steps) == 0 && !n.ref.Root:
			n.ref.Up++
		case t.kind == tokenSign && t.text == "." && len(n.ref.Steps) == 0:
		default:
			p.pos = max(p.pos-1, 0)
			p.fail(t.at, "xlsform.expression.path")
			return
		}
		if !p.accept(tokenSign, "/") {
			return
		}
	}
}
