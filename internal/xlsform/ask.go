package xlsform

import (
	"slices"
	"strings"

	"amana/internal/event"
)

// find returns the question at a path and the number of its item, -1 where there
// is none.
func (s *State) find(path string) (*question, int) {
	p := s.form.program
	if p == nil {
		return nil, -1
	}
	if id, ok := p.byName[path]; ok && p.questions[id].list < 0 {
		return p.questions[id], 0
	}
	list, rest, _ := strings.Cut(path, "/")
	item, field, ok := strings.Cut(rest, "/")
	if !ok {
		return nil, -1
	}
	id, ok := p.byName[list+"/"+field]
	if !ok {
		return nil, -1
	}
	return p.questions[id], slices.Index(s.items[list], item)
}

func (s *State) slotAt(path string) (*question, *slot) {
	q, i := s.find(path)
	if q == nil || i < 0 {
		return q, nil
	}
	s.stand(q, i)
	return q, &s.slots[s.first[q.id]+i]
}

// Relevant reports whether the item at path is asked (or, of a group or a repeat,
// shown). What the form does not have is not.
func (s *State) Relevant(path string) bool {
	_, at := s.slotAt(path)
	return at != nil && at.relevant
}

// Value returns the answer at path, or what was calculated; the zero Value where
// it is not relevant.
func (s *State) Value(path string) event.Value {
	_, at := s.slotAt(path)
	if at == nil {
		return event.Value{}
	}
	return at.recorded
}

// Items returns the ids of the items of a repeat, in their order.
func (s *State) Items(list string) []string { return slices.Clone(s.items[list]) }

// Wanted returns how many items of a repeat the form asks for, and whether it says
// so. Items beyond that stay what they are.
func (s *State) Wanted(list string) (n int, says bool) {
	q, at := s.slotAt(list)
	if at == nil || q.item.RepeatCount == nil || !at.relevant {
		return 0, false
	}
	f := q.item.RepeatCount.Eval(&s.context).Number()
	if !(f > 0) {
		return 0, true
	}
	return int(min(f, mostItems)), true
}

// mostItems bounds the items that a form can ask for.
const mostItems = 100

// Choices returns the choices that are offered at path, in order.
func (s *State) Choices(path string) []Choice {
	q, at := s.slotAt(path)
	if at == nil {
		return nil
	}
	return s.choices(q)
}

// choices are those of the question where the evaluation stands.
func (s *State) choices(q *question) []Choice {
	all := s.form.Lists[q.item.List]
	if q.item.ChoiceFilter == nil && !q.item.OrOther {
		return all
	}
	offered := make([]Choice, 0, len(all)+1)
	for i := range all {
		if s.offers(q, &all[i]) {
			offered = append(offered, all[i])
		}
	}
	if q.item.OrOther && !slices.ContainsFunc(offered, func(c Choice) bool { return c.Name == other }) {
		offered = append(offered, Choice{Name: other, Label: Texts{"en": "Other", "fr": "Autre", "ar": "غير ذلك"}})
	}
	return offered
}

func (s *State) offers(q *question, c *Choice) bool {
	if q.item.ChoiceFilter == nil {
		return true
	}
	s.choice = c
	defer func() { s.choice = nil }()
	return q.item.ChoiceFilter.Eval(&s.context).Bool()
}

// Required reports whether the question at path must have an answer. "Declined",
// "does not know" and "not asked" are answers.
func (s *State) Required(path string) bool {
	q, at := s.slotAt(path)
	return at != nil && s.required(q, at)
}

func (s *State) required(q *question, at *slot) bool {
	return at.relevant && q.item.Type.Asks() && q.item.Required != nil && q.item.Required.Eval(&s.context).Bool()
}

// Fill returns a text of the item at path with the answers that it mentions as
// ${name} put in.
func (s *State) Fill(path, text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	from, at := s.slotAt(path)
	if at == nil {
		return text
	}
	return eachReference(text, func(name string) string {
		p := s.form.program
		for _, list := range []int{from.list, -1} {
			if id, ok := p.byName[p.nameIn(list, name)]; ok {
				return (*source)(s).Value(id).Text()
			}
		}
		return ""
	})
}

// Dropped returns the paths that have an answer and are not relevant, in the order
// of the form.
func (s *State) Dropped() []string {
	var paths []string
	s.each(func(_ *question, path string, at *slot) {
		if !at.relevant && !s.answers[path].IsZero() {
			paths = append(paths, path)
		}
	})
	return paths
}

// each visits what can hold a value, in the order of the form, item by item.
func (s *State) each(visit func(q *question, path string, at *slot)) {
	if s.form.program == nil {
		return
	}
	for _, q := range s.form.program.questions {
		if q.item.Type == TypeGroup || q.item.Type == TypeRepeat || q.item.Type == TypeNote {
			continue
		}
		for i := range s.count(q) {
			s.stand(q, i)
			visit(q, s.path(q, i), &s.slots[s.first[q.id]+i])
		}
	}
}

func (s *State) path(q *question, i int) string {
	if q.list < 0 {
		return q.name
	}
	list := s.form.program.questions[q.list].item.Name
	return list + "/" + s.items[list][i] + "/" + q.item.Name
}

// Paths returns the path of everything that can hold a value, in the order of the
// form, item by item.
func (s *State) Paths() []string {
	var paths []string
	s.each(func(_ *question, path string, _ *slot) { paths = append(paths, path) })
	return paths
}
