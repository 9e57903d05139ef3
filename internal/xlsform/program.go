package xlsform

import (
	"errors"
	"slices"
	"strings"

	"amana/internal/xlsform/expression"
)

// program is a form made ready for evaluation: its questions in the order of the
// form, and the order in which they are worked out.
type program struct {
	questions []*question
	byName    map[string]int // "name", and "list/name" in a repeat
	lists     []int          // the repeats
	steps     []step
}

// question is one item of the form.
type question struct {
	id     int
	item   *Item
	parent int    // the group or repeat around it, -1 for none
	list   int    // the repeat it stands in, -1 for none
	name   string // "name", or "list/name" in a repeat
	// words is the question to which this is the "other", -1 for none.
	words int
}

// step works out one thing of one question, in every item of its repeat.
type step struct {
	question int
	value    bool // its value, else its relevance
}

// compile gathers the questions, binds their expressions and orders them. Where
// something was refused before, it still says what else is wrong.
func (r *reader) compile() *program {
	p := &program{byName: map[string]int{}}
	r.gather(p, r.form.Items, -1, -1)
	for _, c := range r.cells {
		r.bind(p, c)
	}
	r.form.Walk(func(item *Item, _ string) { r.checkWords(p, item) })
	if r.fatal {
		return nil
	}
	r.order(p)
	return p
}

func (r *reader) gather(p *program, items []*Item, parent, list int) {
	for _, item := range items {
		id := r.enter(p, &question{item: item, parent: parent, list: list, words: -1})
		switch {
		case item.Type == TypeRepeat:
			p.lists = append(p.lists, id)
			r.gather(p, item.Items, id, id)
		case item.Type == TypeGroup:
			r.gather(p, item.Items, id, list)
		case item.OrOther:
			words := &Item{Type: TypeText, Name: item.Name + "_" + other, Bind: item.Bind, Row: item.Row}
			r.enter(p, &question{item: words, parent: parent, list: list, words: id})
		}
	}
}

// other is the choice that or_other adds, and the end of the name of its words.
const other = "other"

// enter gives a question its number and its name, which nothing else may have.
func (r *reader) enter(p *program, q *question) int {
	q.id, q.name = len(p.questions), q.item.Name
	if q.list >= 0 {
		q.name = p.questions[q.list].item.Name + "/" + q.name
	}
	if was, twice := p.byName[q.name]; twice {
		r.note(Problem{
			Sheet: r.book.titles[sheetSurvey], Row: q.item.Row, Column: "name", Key: "xlsform.name.twice",
			Args: []any{"name", q.item.Name, "row", p.questions[was].item.Row}, Fatal: true,
		})
	}
	p.byName[q.name] = q.id
	p.questions = append(p.questions, q)
	return q.id
}

func (r *reader) refuseExpression(n int, column string, err error) {
	at, ok := errors.AsType[*expression.Error](err)
	if !ok || at.Key == saidBefore {
		return
	}
	r.note(Problem{
		Sheet: r.book.titles[sheetSurvey], Row: n, Column: column, Key: at.Key,
		Args: append([]any{"at", at.At}, at.Args...), Fatal: true,
	})
}

// bind says what the names of an expression mean where it stands.
func (r *reader) bind(p *program, c cell) {
	q := p.of(c.item)
	if c.expr.UsesPosition() && q.list < 0 && q.item.Type != TypeRepeat {
		r.refuseExpression(c.item.Row, c.column, &expression.Error{At: 1, Key: "xlsform.expression.position"})
	}
	err := c.expr.Bind(func(ref expression.Reference) (expression.Binding, string) {
		if ref.FromChoice {
			return r.bindColumn(c, ref.Steps[0])
		}
		return r.resolve(p, q, ref)
	})
	if err != nil {
		r.refuseExpression(c.item.Row, c.column, err)
	}
}

func (p *program) of(item *Item) *question {
	for _, q := range p.questions {
		if q.item == item {
			return q
		}
	}
	return nil
}

// bindColumn binds a bare name: in a choice filter it is a column of the choices.
func (r *reader) bindColumn(c cell, name string) (expression.Binding, string) {
	if c.filter == "" {
		return expression.Binding{}, "xlsform.reference.bare"
	}
	for _, choice := range r.form.Lists[c.filter] {
		if _, there := choice.Columns[name]; there || name == "name" || name == "label" {
			return expression.Binding{Kind: expression.OfChoice}, ""
		}
	}
	return expression.Binding{}, "xlsform.reference.column"
}

// resolve binds a reference where question q stands.
func (r *reader) resolve(p *program, q *question, ref expression.Reference) (expression.Binding, string) {
	to, key := q, ""
	switch {
	case ref.Name != "":
		to, key = r.named(p, q, ref.Name)
	case !ref.IsSelf():
		to, key = p.walk(q, ref)
	}
	if key != "" {
		return expression.Binding{}, key
	}
	if to.item.Type == TypeGroup {
		return expression.Binding{}, "xlsform.reference.group"
	}
	if ref.Label && to.item.List == "" {
		return expression.Binding{}, "xlsform.reference.choices"
	}
	b := expression.Binding{Kind: expression.One, ID: to.id}
	if to.item.Type == TypeRepeat || to.list >= 0 && to.list != q.list {
		b.Kind = expression.Many
	}
	if ref.InRepeat != "" {
		if to.list < 0 || p.questions[to.list].item.Name != ref.InRepeat {
			return expression.Binding{}, "xlsform.reference.repeat"
		}
		b.Kind = expression.Many
	}
	return b, ""
}

// named finds ${name}: in the same repeat, else outside of repeats, else in the
// one repeat that has it.
func (r *reader) named(p *program, from *question, name string) (*question, string) {
	lists := []int{-1}
	if from.list >= 0 {
		lists = []int{from.list, -1}
	}
	for _, list := range lists {
		if id, ok := p.byName[p.nameIn(list, name)]; ok {
			return p.questions[id], ""
		}
	}
	var found *question
	for _, list := range p.lists {
		if id, ok := p.byName[p.nameIn(list, name)]; ok {
			if found != nil {
				return nil, "xlsform.reference.ambiguous"
			}
			found = p.questions[id]
		}
	}
	switch {
	case found != nil:
		return found, ""
	case r.refused[name]:
		return nil, saidBefore
	case r.left[name]:
		return nil, "xlsform.reference.left"
	}
	return nil, "xlsform.reference.unknown"
}

// saidBefore is the key of what follows from a problem that was reported already.
const saidBefore = "-"

func (p *program) nameIn(list int, name string) string {
	if list < 0 {
		return name
	}
	return p.questions[list].item.Name + "/" + name
}

// walk follows a path: up through what holds the question, then down by names. The
// first name of an absolute path is that of the form.
func (p *program) walk(from *question, ref expression.Reference) (*question, string) {
	at, steps := from.id, ref.Steps
	if ref.Root {
		at = -1
		if len(steps) < 2 {
			return nil, "xlsform.reference.unknown"
		}
		steps = steps[1:]
	}
	for range ref.Up {
		if at < 0 {
			return nil, "xlsform.reference.unknown"
		}
		at = p.questions[at].parent
	}
	for _, name := range steps {
		i := slices.IndexFunc(p.questions, func(q *question) bool { return q.parent == at && q.item.Name == name })
		if i < 0 {
			return nil, "xlsform.reference.unknown"
		}
		at = i
	}
	if at < 0 {
		return nil, "xlsform.reference.unknown"
	}
	return p.questions[at], ""
}

// checkWords finds ${name} in what is shown of an item.
func (r *reader) checkWords(p *program, item *Item) {
	q := p.of(item)
	for column, texts := range map[string]Texts{
		"label": item.Label, "hint": item.Hint, "guidance_hint": item.Guidance,
		"constraint_message": item.ConstraintMessage, "required_message": item.RequiredMessage,
	} {
		for _, text := range texts {
			eachReference(text, func(name string) string {
				to, key := r.named(p, q, name)
				if key == "" && (to.item.Type == TypeGroup || to.item.Type == TypeRepeat || to.list >= 0 && to.list != q.list) {
					key = "xlsform.reference.group"
				}
				if key != "" && key != saidBefore {
					r.note(Problem{
						Sheet: r.book.titles[sheetSurvey], Row: item.Row, Column: column, Key: key,
						Args: []any{"at", 1, "name", "${" + name + "}"}, Fatal: true,
					})
				}
				return ""
			})
		}
	}
}

// eachReference returns the text with what stands for each ${name} in it.
func eachReference(text string, value func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		b.WriteString(value(strings.TrimSpace(name)))
		text = after
	}
}
