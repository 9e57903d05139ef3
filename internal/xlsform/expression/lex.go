package expression

import (
	"strings"
	"unicode"
)

type tokenKind uint8

const (
	tokenEnd      tokenKind = iota
	tokenNumber             // 12, 1.5, .5
	tokenLiteral            // 'words', without its quotes
	tokenName               // a function or a step
	tokenOperator           // and, or, div, mod
	tokenQuestion           // ${name}, without its braces
	tokenSign               // ( ) [ ] , . .. / // @ | + - * = != < <= > >= :: $
)

type token struct {
	kind tokenKind
	text string
	at   int // character, from 1
}

// quotes that a word processor makes of straight ones.
var straight = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`)

func lex(source string) ([]token, error) {
	l := lexer{src: []rune(straight.Replace(source))}
	if len(l.src) > longest {
		return nil, &Error{At: longest, Key: "xlsform.expression.long", Args: []any{"n", longest}}
	}
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.tokens = append(l.tokens, t)
		if t.kind == tokenEnd {
			return l.tokens, nil
		}
	}
}

type lexer struct {
	src    []rune
	pos    int
	tokens []token
}

func (l *lexer) peek(ahead int) rune {
	if l.pos+ahead < len(l.src) {
		return l.src[l.pos+ahead]
	}
	return 0
}

func (l *lexer) next() (token, error) {
	for l.pos < len(l.src) && unicode.IsSpace(l.src[l.pos]) {
		l.pos++
	}
	t := token{at: l.pos + 1}
	if l.pos == len(l.src) {
		return t, nil
	}
	switch c := l.peek(0); {
	case isDigit(c), c == '.' && isDigit(l.peek(1)):
		t.kind, t.text = tokenNumber, l.number()
	case c == '\'' || c == '"':
		end := indexRune(l.src, l.pos+1, c)
		if end < 0 {
			return t, &Error{At: t.at, Key: "xlsform.expression.quote"}
		}
		t.kind, t.text = tokenLiteral, string(l.src[l.pos+1:end])
		l.pos = end + 1
	case c == '$' && l.peek(1) == '{':
		end := indexRune(l.src, l.pos+2, '}')
		if end < 0 {
			return t, &Error{At: t.at, Key: "xlsform.expression.brace"}
		}
		t.kind, t.text = tokenQuestion, strings.TrimSpace(string(l.src[l.pos+2:end]))
		l.pos = end + 1
	case isNameStart(c):
		t.kind, t.text = l.word()
	default:
		t.kind, t.text = tokenSign, l.sign()
		if t.text == "" {
			return t, &Error{At: t.at, Key: "xlsform.expression.sign", Args: []any{"sign", string(c)}}
		}
	}
	return t, nil
}

func (l *lexer) number() string {
	start, point := l.pos, false
	for l.pos < len(l.src) && (isDigit(l.src[l.pos]) || l.src[l.pos] == '.' && !point) {
		point = point || l.src[l.pos] == '.'
		l.pos++
	}
	return string(l.src[start:l.pos])
}

// word reads a name. After a value only an operator can stand, so that "1and1" and
// "2mod2" are read as they are meant.
func (l *lexer) word() (tokenKind, string) {
	if l.afterValue() {
		for _, op := range operatorWords {
			if strings.HasPrefix(string(l.src[l.pos:min(l.pos+len(op), len(l.src))]), op) {
				l.pos += len(op)
				return tokenOperator, op
			}
		}
	}
	start := l.pos
	for l.pos < len(l.src) && isNamePart(l.src[l.pos]) {
		if l.src[l.pos] == ':' && !isNameStart(l.peek(1)) {
			break
		}
		l.pos++
	}
	return tokenName, string(l.src[start:l.pos])
}

var operatorWords = []string{"and", "or", "div", "mod"}

// afterValue reports whether what was read last ends a value.
func (l *lexer) afterValue() bool {
	if len(l.tokens) == 0 {
		return false
	}
	switch last := l.tokens[len(l.tokens)-1]; last.kind {
	case tokenNumber, tokenLiteral, tokenQuestion, tokenName:
		return true
	case tokenSign:
		return last.text == ")" || last.text == "]" || last.text == "." || last.text == ".."
	case tokenEnd, tokenOperator:
	}
	return false
}

// sign reads the longest sign, or "".
func (l *lexer) sign() string {
	two := string(l.src[l.pos:min(l.pos+2, len(l.src))])
	switch two {
	case "!=", "<=", ">=", "..", "//", "::":
		l.pos += 2
		return two
	}
	if c := l.src[l.pos]; strings.ContainsRune("()[],./@|+-*=<>", c) {
		l.pos++
		return string(c)
	}
	return ""
}

func indexRune(s []rune, from int, c rune) int {
	for i := from; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return -1
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' }

func isNameStart(c rune) bool { return c == '_' || unicode.IsLetter(c) }

func isNamePart(c rune) bool {
	return isNameStart(c) || isDigit(c) || c == '-' || c == '.' || c == ':' || unicode.Is(unicode.Mn, c)
}
