package i18n

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/bidi"
)

// message is one message: a single form, or one for each plural.
type message struct {
	forms map[plural.Form]pattern
}

// pattern is text with arguments.
type pattern []part

// part is text, or the name of an argument.
type part struct {
	text string
	arg  bool
}

// plurals are the names of the plural forms in the files.
var plurals = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two,
	"few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func parseMessage(raw json.RawMessage) (message, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		p, err := parsePattern(text)
		return message{map[plural.Form]pattern{plural.Other: p}}, err
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		return message{}, errors.New("neither text nor plural forms")
	}
	m := message{map[plural.Form]pattern{}}
	for name, text := range texts {
		form, known := plurals[name]
		if !known {
			return message{}, fmt.Errorf("no plural form is called %q", name)
		}
		p, err := parsePattern(text)
		if err != nil {
			return message{}, err
		}
		m.forms[form] = p
	}
	if m.forms[plural.Other] == nil {
		return message{}, errors.New("no form \"other\"")
	}
	return m, nil
}

func parsePattern(text string) (pattern, error) {
	if text == "" {
		return nil, errors.New("empty")
	}
	var p pattern
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return nil, errors.New("a brace that closes nothing")
		}
		if before != "" {
			p = append(p, part{text: before})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !isName(name) {
			return nil, errors.New("an argument without a name or an end")
		}
		p = append(p, part{text: name, arg: true})
		text = after
	}
	return p, nil
}

func isName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return s != ""
}

// form chooses the form for a number.
func (m message) form(n int, in language.Tag) pattern {
	if len(m.forms) > 1 {
		if n < 0 {
			n = -n
		}
		if p := m.forms[plural.Cardinal.MatchPlural(in, n%10_000_000, 0, 0, 0, 0)]; p != nil {
			return p
		}
	}
	return m.forms[plural.Other]
}

// isolate keeps words of the other direction from changing the order of what
// stands around them.
func isolate(words, dir string) string {
	for _, r := range words {
		if !unicode.IsLetter(r) {
			continue
		}
		p, _ := bidi.LookupRune(r)
		rtl := p.Class() == bidi.R || p.Class() == bidi.AL
		if rtl != (dir == "rtl") {
			return "\u2068" + words + "\u2069"
		}
	}
	return words
}
