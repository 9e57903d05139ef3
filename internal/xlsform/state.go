package xlsform

import (
	"maps"
	"slices"
	"strings"
	"time"

	"amana/internal/event"
	"amana/internal/xlsform/expression"
)

// Answers are what is recorded, by the path of the field: "age", and in a repeat
// "list/<item>/field". Groups add nothing to a path. An item of a repeat is there
// when any of its fields is, be it the zero value.
type Answers map[string]event.Value

// Env is what an evaluation may know beside the answers.
type Env struct {
	Now      time.Time // in the person's own time zone
	Language string
	// Random makes what uuid() and random() return; nil makes them return nothing.
	Random func() [16]byte
	// Order is the order of the items of a repeat, by its name. Items that it leaves
	// out follow in the order of their ids.
	Order map[string][]string
}

// State is a form with answers: what is asked now, and what holds.
type State struct {
	form     *Form
	answers  Answers
	env      Env
	items    map[string][]string
	slots    []slot
	first    []int // of a question: its first slot
	context  expression.Context
	item     int // where the evaluation stands: the number of the item
	question *question
	choice   *Choice
	room     int // how many bytes may still be calculated
}

// mostCalculated is how many bytes all calculations of a form may come to: more than any
// form of the field asks for, in all its items.
const mostCalculated = 16 << 20

// slot is a question in one item of its repeat, or alone.
type slot struct {
	relevant bool
	value    expression.Value
	recorded event.Value // or calculated
}

// Evaluate works out relevance, calculations, required questions and constraints.
// What is not relevant has no value, and nothing that looks at it sees one.
func (f *Form) Evaluate(a Answers, env Env) *State {
	s := &State{form: f, answers: a, env: env, items: map[string][]string{}, room: mostCalculated}
	s.context = expression.Context{Source: (*source)(s), Now: env.Now, Language: env.Language, Random: env.Random}
	if f.program == nil {
		return s
	}
	s.findItems()
	s.place()
	for _, step := range f.program.steps {
		q := f.program.questions[step.question]
		for i := range s.count(q) {
			s.stand(q, i)
			if step.value {
				s.workOut(q, i)
			} else {
				s.slots[s.first[q.id]+i].relevant = s.isRelevant(q, i)
			}
		}
	}
	return s
}

// findItems lists the items of each repeat.
func (s *State) findItems() {
	p := s.form.program
	found := map[string]map[string]bool{}
	for _, id := range p.lists {
		found[p.questions[id].item.Name] = map[string]bool{}
	}
	for path := range s.answers {
		list, rest, _ := strings.Cut(path, "/")
		item, _, ok := strings.Cut(rest, "/")
		if items := found[list]; ok && items != nil {
			items[item] = true
		}
	}
	for list, items := range found {
		var order []string
		for _, item := range s.env.Order[list] {
			if !slices.Contains(order, item) {
				order = append(order, item)
			}
			delete(items, item)
		}
		s.items[list] = append(order, slices.Sorted(maps.Keys(items))...)
	}
}

// place gives each question its slots and fills in what is recorded.
func (s *State) place() {
	p := s.form.program
	s.first = make([]int, len(p.questions))
	total := 0
	for _, q := range p.questions {
		s.first[q.id] = total
		total += s.count(q)
	}
	s.slots = make([]slot, total)
	for _, q := range p.questions {
		if q.list < 0 {
			s.record(q, 0, s.answers[q.name])
			continue
		}
		list := p.questions[q.list].item.Name
		for i, item := range s.items[list] {
			s.record(q, i, s.answers[list+"/"+item+"/"+q.item.Name])
		}
	}
}

func (s *State) record(q *question, i int, v event.Value) {
	if !v.IsZero() {
		at := &s.slots[s.first[q.id]+i]
		at.recorded, at.value = v, s.form.read(q.item, v)
	}
}

// count is the number of slots of a question.
func (s *State) count(q *question) int {
	if q.list < 0 {
		return 1
	}
	return len(s.items[s.form.program.questions[q.list].item.Name])
}

func (s *State) stand(q *question, i int) {
	s.question, s.item, s.context.Position = q, i, i+1
}

// at is the slot of a question where the evaluation stands.
func (s *State) at(q *question) *slot {
	if q.list < 0 {
		return &s.slots[s.first[q.id]]
	}
	return &s.slots[s.first[q.id]+s.item]
}

func (s *State) isRelevant(q *question, i int) bool {
	p := s.form.program
	if q.parent >= 0 {
		parent := p.questions[q.parent]
		around := s.first[parent.id]
		if parent.list >= 0 {
			around += i
		}
		if !s.slots[around].relevant {
			return false
		}
	}
	if q.words >= 0 {
		said := s.at(p.questions[q.words]).value.Text()
		return slices.Contains(strings.Fields(said), other)
	}
	return q.item.Relevant == nil || q.item.Relevant.Eval(&s.context).Bool()
}

// workOut gives a question its value: nothing where it is not relevant, what is
// calculated, or what was answered.
func (s *State) workOut(q *question, i int) {
	at := &s.slots[s.first[q.id]+i]
	switch {
	case !at.relevant:
		at.value, at.recorded = expression.Value{}, event.Value{}
	case q.item.Calculation != nil:
		v := q.item.Calculation.Eval(&s.context)
		if n := len(v.Text()); n > expression.MostText || n > s.room {
			v = expression.Value{} // see MostText
		} else {
			s.room -= n
		}
		at.recorded = q.item.write(v)
		at.value = s.form.read(q.item, at.recorded)
	}
}
