package web

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/i18n"
	"amana/internal/record"
	"amana/internal/xlsform"
)

// asking prepares one form for a page: with what was typed, if it comes back, and
// with what is recorded otherwise.
type asking struct {
	lang   i18n.Language
	form   *forms.Form
	page   forms.Page
	typed  form // empty unless it comes back
	before xlsform.Answers
	state  *xlsform.State
	items  map[string][]string // of each repeat, in the order in which they stand
	again  string              // where the buttons of repeats send the page
	open   bool                // no part is shut
	empty  bool                // for paper: everything is asked
	date   string              // how a date is written
}

// comesBack reports whether what was typed is shown.
func (a *asking) comesBack() bool { return len(a.typed.Values) > 0 }

// nodes returns the form as it stands on the page.
func (a *asking) nodes() []nodeView {
	if a.page.List == "" {
		return a.below(a.form.Items, "", true)
	}
	var found []nodeView
	a.form.Walk(func(item *xlsform.Item, _ string) {
		if item.Type == xlsform.TypeRepeat && item.Name == a.page.List {
			found = a.below(item.Items, a.page.List+"/"+a.page.Item+"/", false)
		}
	})
	return found
}

func (a *asking) below(items []*xlsform.Item, prefix string, top bool) []nodeView {
	nodes := make([]nodeView, 0, len(items))
	for _, item := range items {
		path := prefix + item.Name
		switch {
		case item.Type == xlsform.TypeGroup:
			if g := a.group(item, prefix, top); len(g.Nodes) > 0 {
				nodes = append(nodes, nodeView{Group: g})
			}
		case item.Type == xlsform.TypeRepeat:
			nodes = append(nodes, nodeView{Repeat: a.repeat(item)})
		case item.Type == xlsform.TypeNote:
			nodes = append(nodes, nodeView{Note: &noteView{
				Path: a.page.Input(path), Text: a.text(item.Label), Hint: a.text(item.Hint), Off: a.off(path),
			}})
		case item.Type.Asks():
			nodes = append(nodes, a.questions(item, path)...)
		}
	}
	return nodes
}

// questions are the one of an item, and the one for the words of "other".
func (a *asking) questions(item *xlsform.Item, path string) []nodeView {
	f, known := a.form.Field(path)
	if !known || a.follows(f) {
		return nil
	}
	nodes := []nodeView{{Question: a.question(f, path)}}
	if words, more := a.form.Field(path + "_other"); more && words.Item.Row == item.Row && item.OrOther {
		q := a.question(words, path+"_other")
		q.Label = wording{Text: a.lang.T("ask.other", "question", a.text(item.Label).Text)}
		nodes = append(nodes, nodeView{Question: q})
	}
	return nodes
}

// follows reports whether a field follows from a consent, which is asked apart.
func (a *asking) follows(f *forms.Field) bool { return f.Calculated && f.Item.Calculation == nil }

func (a *asking) text(t xlsform.Texts) wording { return textOf(a.lang, a.form.Form, t) }

func (a *asking) off(path string) bool { return !a.empty && !a.state.Relevant(path) }

// longGroup is from how many questions a section is shut until somebody opens it.
const longGroup = 14

func (a *asking) group(item *xlsform.Item, prefix string, top bool) *groupView {
	path := prefix + item.Name
	g := &groupView{
		Path: "group-" + a.page.Input(path), Label: a.text(item.Label), Hint: a.text(item.Hint), Top: top, Off: a.off(path),
		Nodes: a.below(item.Items, prefix, false),
	}
	asked, said, wrong := count(g.Nodes)
	g.Fold = g.Label.Text != "" && !a.open && (strings.Contains(item.Appearance, "closed") || top && asked > longGroup)
	g.Open = said || wrong
	return g
}

// count says how many questions there are, whether anything is said in them, and
// whether something is wrong.
func count(nodes []nodeView) (asked int, said, wrong bool) {
	for _, n := range nodes {
		switch {
		case n.Question != nil:
			asked++
			said, wrong = said || n.Question.answered(), wrong || n.Question.Error != ""
		case n.Group != nil:
			more, s, w := count(n.Group.Nodes)
			asked, said, wrong = asked+more, said || s, wrong || w
		case n.Repeat != nil:
			said = said || len(n.Repeat.Items) > 0
		}
	}
	return asked, said, wrong
}

func (a *asking) repeat(item *xlsform.Item) *repeatView {
	r := &repeatView{
		Name: item.Name, Label: a.text(item.Label), Hint: a.text(item.Hint), Off: a.off(item.Name),
		Again: a.again, Fixed: item.RepeatCount != nil || a.empty,
	}
	for i, id := range a.items[item.Name] {
		path := item.Name + "/" + id
		one := itemAsked{
			Path: path, ID: id, Number: i + 1, Label: r.Label, Again: a.again, Fixed: r.Fixed,
			Nodes: a.below(item.Items, path+"/", false),
		}
		_, _, wrong := count(one.Nodes)
		last := i == len(a.items[item.Name])-1 // what was just added
		one.Fold, one.Open = i+1 < len(a.items[item.Name]) || i > 0, wrong || last && a.comesBack()
		one.Fold = one.Fold && !a.open && !a.empty
		r.Items = append(r.Items, one)
	}
	return r
}

func (a *asking) question(f *forms.Field, path string) *questionView {
	name := a.page.Input(path)
	q := &questionView{
		Path: name, Name: name, Control: controlOf(f), Label: a.text(f.Item.Label), Hint: a.text(f.Item.Hint),
		Error: a.typed.message(a.lang, name), Off: a.off(path), Must: !f.Sensitive && !a.empty && a.state.Required(path),
	}
	if f.Sensitive {
		q.Why = a.text(f.Item.Guidance)
	}
	switch f.Type { //nolint:exhaustive // the others are written as anybody writes them
	case record.Date:
		q.More = a.date
	case record.Time:
		q.More = a.lang.T("ask.time.hint")
	case record.Moment:
		q.More = a.lang.T("ask.moment.hint")
	}
	if f.Calculated || f.Item.ReadOnly {
		return a.shown(q, f, path)
	}
	now := a.control(f, path, name)
	if now.Kept {
		kept := strings.Join(now.Values, " ")
		q.Kept = &kept
	}
	a.fill(q, f, path, now)
	return q
}

// control is what stands in the controls of a question.
func (a *asking) control(f *forms.Field, path, name string) forms.Control {
	if a.comesBack() {
		_, kept := a.typed.Values[name+"_kept"]
		return forms.Control{Values: a.typed.All(name), Answer: a.typed.Get(name + "_answer"), Kept: kept}
	}
	return f.Written(a.before[path])
}

// fill puts the choices and what stands in them.
func (a *asking) fill(q *questionView, f *forms.Field, path string, now forms.Control) {
	on := func(id string) bool { return slices.Contains(now.Values, id) }
	if len(now.Values) > 0 && q.Control != "radios" && q.Control != "boxes" {
		q.Value = now.Values[0]
	}
	switch q.Control {
	case "radios", "select", "boxes":
		q.Options = a.options(f, path, now.Values, on)
	case "tick":
		q.Options = []optionView{{"true", q.Label, on("true")}}
		q.Value = ""
	}
	if f.Item.ChoiceFilter != nil {
		q.Sum = sumOf(q)
	}
	if !f.Sensitive {
		q.Blank = len(now.Values) == 0 || now.Values[0] == ""
		return
	}
	for _, id := range forms.AnswerIDs() {
		o := optionView{Value: id, Text: wording{Text: a.lang.T("answer." + id)}}
		in := f.InPlace(id)
		switch q.Control {
		case "radios":
			o.Value, o.On = in, on(in)
		case "select":
			o.On = now.Answer == id || on(in)
			if on(in) {
				q.Value = ""
			}
		default:
			o.On = now.Answer == id
		}
		q.Apart = append(q.Apart, o)
	}
	q.Blank = !q.answered()
}

// options are the choices that are offered, and what is recorded besides.
func (a *asking) options(f *forms.Field, path string, values []string, on func(string) bool) []optionView {
	list := f.Form.Lists[f.Item.List]
	if f.Item.ChoiceFilter != nil && !a.empty {
		list = a.state.Choices(path)
	}
	all := make([]optionView, 0, len(list)+1)
	for _, c := range list {
		all = append(all, optionView{c.Name, a.text(c.Label), on(c.Name)})
	}
	if f.Item.OrOther && !slices.ContainsFunc(list, func(c xlsform.Choice) bool { return c.Name == "other" }) {
		all = append(all, optionView{"other", wording{Text: a.lang.T("ask.other.choice")}, on("other")})
	}
	for _, v := range values { // of a newer program, or not offered any more
		known := slices.ContainsFunc(all, func(o optionView) bool { return o.Value == v })
		if v != "" && !known && !slices.Contains(forms.AnswerIDs(), strings.TrimPrefix(v, "~")) {
			all = append(all, optionView{v, wording{Text: v}, true})
		}
	}
	return all
}

// shown is a question that is worked out, or only to be read.
func (a *asking) shown(q *questionView, f *forms.Field, path string) *questionView {
	v := a.state.Value(path)
	if v.IsZero() && !f.Calculated {
		v = a.before[path]
	}
	q.Control, q.More = "shown", ""
	q.Value, _ = shower{lang: a.lang}.answer(f, v)
	if v.IsZero() {
		q.Value = ""
	}
	q.Sum = sumOf(q)
	return q
}

// sumOf tells one state of a question from another. It hides nothing.
func sumOf(q *questionView) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%q", q.Value)
	for _, o := range q.Options {
		fmt.Fprintf(h, "%q", o.Value)
	}
	return fmt.Sprintf("%08x", h.Sum32())
}

// itemsOf are the items of each repeat of a form: those that stood on the page, or
// those that are recorded, the oldest first.
func itemsOf(f *forms.Form, typed form, part *casework.Part) map[string][]string {
	items := map[string][]string{}
	for _, list := range f.Repeats() {
		if len(typed.Values) > 0 {
			items[list] = f.Read(typed.Values, forms.Page{}).Items[list]
			continue
		}
		for _, it := range slices.Backward(part.Lists[list]) {
			items[list] = append(items[list], it.ID)
		}
	}
	return items
}

// recordedIn are the values of a part of a case file, by path.
func recordedIn(part *casework.Part) xlsform.Answers {
	all := xlsform.Answers{}
	take := func(cells []casework.Cell) {
		for _, c := range cells {
			if !c.Value.IsZero() {
				all[c.Name] = c.Value
			}
		}
	}
	take(part.Cells)
	for _, list := range part.Lists {
		for _, it := range list {
			take(it.Cells)
		}
	}
	return all
}
