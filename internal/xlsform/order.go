package xlsform

import (
	"slices"
	"strings"

	"amana/internal/xlsform/expression"
)

// order finds an order in which every question is worked out after what it depends
// on, and refuses circles. A step of relevance is numbered 2n, of a value 2n+1.
func (r *reader) order(p *program) {
	o := &ordering{reader: r, program: p, state: make([]visit, 2*len(p.questions))}
	for n := range o.state {
		o.visit(n)
	}
}

type visit uint8

const (
	unseen visit = iota
	begun
	done
)

type ordering struct {
	*reader
	program *program
	state   []visit
	way     []int // the steps that led here
}

func (o *ordering) visit(n int) {
	switch o.state[n] {
	case done:
		return
	case begun:
		o.circle(n)
		return
	case unseen:
	}
	o.state[n] = begun
	o.way = append(o.way, n)
	for _, before := range o.needs(n) {
		o.visit(before)
	}
	o.way = o.way[:len(o.way)-1]
	o.state[n] = done
	o.program.steps = append(o.program.steps, step{question: n / 2, value: n%2 == 1})
}

// needs returns the steps that come before step n.
func (o *ordering) needs(n int) []int {
	q := o.program.questions[n/2]
	var steps []int
	reads := func(e *expression.Expr) {
		for _, id := range e.Uses() {
			steps = append(steps, 2*id+1)
		}
	}
	if n%2 == 1 {
		steps = append(steps, n-1)
		reads(q.item.Calculation)
		return steps
	}
	if q.parent >= 0 {
		steps = append(steps, 2*q.parent)
	}
	if q.words >= 0 {
		steps = append(steps, 2*q.words+1)
	}
	reads(q.item.Relevant)
	return steps
}

// circle reports that step n depends on itself, with the way around.
func (o *ordering) circle(n int) {
	var names []string
	for _, s := range append(o.way[slices.Index(o.way, n):], n) {
		if name := o.program.questions[s/2].name; len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	if len(names) == 1 {
		names = append(names, names[0])
	}
	column := "relevant"
	if n%2 == 1 {
		column = "calculation"
	}
	o.note(Problem{
		Sheet: o.book.titles[sheetSurvey], Row: o.program.questions[n/2].item.Row, Column: column,
		Key: "xlsform.circle", Args: []any{"names", strings.Join(names, " → ")}, Fatal: true,
	})
}
