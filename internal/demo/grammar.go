package demo

import (
	"fmt"
	"strconv"
	"strings"
)

// grammar holds what can be said: sections of phrases by name.
//
//	[name]        begins a section; each line below it is one way to say it
//	{name}        something said by that section
//	{a|b}         one of these; each may hold more of the same
//	{number 2 9}  a number between the two
//	<she/he>      the first of a woman or girl, the second of a man or boy
//	! phrase      stands alone: no other sentence of the section goes with it
//	~             a space that the finishing of sentences leaves alone
type grammar map[string][]phrase

type phrase []part

// part is words as they are, a choice between phrases, or a slot to be filled.
type part struct {
	words   string
	male    string // in place of words, of a man or boy
	sexed   bool
	alone   bool // on the first part of a phrase
	slot    string
	from    int
	to      int
	choices []phrase
}

// parseGrammar reads one file of words. The files are our own: what can't be read is
// a bug of ours, found by the first test that runs.
func parseGrammar(text string) grammar {
	g, section := grammar{}, ""
	for n, line := range strings.Split(text, "\n") {
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			words, alone := strings.CutPrefix(line, "! ")
			p := &parser{rest: words}
			said := p.phrase()
			if p.rest != "" || section == "" || len(said) == 0 {
				panic(fmt.Sprintf("demo: internal error: words, line %d", n+1))
			}
			said[0].alone = alone
			g[section] = append(g[section], said)
		}
	}
	return g
}

type parser struct{ rest string }

// phrase reads up to a "|" or "}" that belongs to whoever asked.
func (p *parser) phrase() phrase {
	var out phrase
	for p.rest != "" {
		switch p.rest[0] {
		case '|', '}':
			return out
		case '{':
			out = append(out, p.braces())
		case '<':
			out = append(out, p.sexed())
		default:
			n := strings.IndexAny(p.rest, "{<|}")
			if n < 0 {
				n = len(p.rest)
			}
			out = append(out, part{words: p.rest[:n]})
			p.rest = p.rest[n:]
		}
	}
	return out
}

func (p *parser) braces() part {
	var choices []phrase
	for p.rest != "" && p.rest[0] != '}' {
		p.rest = p.rest[1:] // "{" or "|"
		choices = append(choices, p.phrase())
	}
	p.rest = strings.TrimPrefix(p.rest, "}")
	if len(choices) != 1 {
		return part{choices: choices}
	}
	words := strings.Fields(choices[0][0].words)
	if len(words) == 1 {
		return part{slot: words[0]}
	}
	from, err := strconv.Atoi(words[1])
	to, err2 := strconv.Atoi(words[2])
	if err != nil || err2 != nil {
		panic("demo: internal error: words: slot " + words[0])
	}
	return part{slot: words[0], from: from, to: to}
}

func (p *parser) sexed() part {
	pair, rest, found := strings.Cut(p.rest[1:], ">")
	female, male, both := strings.Cut(pair, "/")
	if !found || !both {
		panic("demo: internal error: words: <" + pair)
	}
	p.rest = rest
	return part{words: female, male: male, sexed: true}
}
