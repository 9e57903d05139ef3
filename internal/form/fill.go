package form

import (
	"maps"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/xlsform"
)

// Page says which part of a form is on a page: all of it, or one item of a repeat,
// whose questions have their plain names there.
type Page struct{ List, Item string }

// Input is the name of the control for the field at path.
func (p Page) Input(path string) string {
	if p.List == "" {
		return path
	}
	return strings.TrimPrefix(path, p.List+"/"+p.Item+"/")
}

// Filling is a form as somebody filled it in.
type Filling struct {
	Form    *Form
	Answers xlsform.Answers     // of what was on the page; zero where it was left empty
	Faults  Faults              // what could not be read
	Removed []string            // items taken away: "list/item"
	Items   map[string][]string // those of each repeat that stood on the page
}

// Faults are what is wrong with a filling, in the order of its form. As an error it
// is of kind ErrInvalid.
type Faults []xlsform.Fault

// Error implements error. It names fields, never values.
func (f Faults) Error() string { return "form: answers not valid" }

// Unwrap makes errors.Is(err, amana.ErrInvalid) true.
func (f Faults) Unwrap() error { return amana.ErrInvalid }

// What the controls beside a question's own are called, after its name.
const (
	answerSuffix = "_answer" // what is said in place of a value
	keptSuffix   = "_kept"   // what a control showed that could not be read back
	goneName     = "gone"    // items that were taken away
)

// mostItems bounds the items of one repeat on a page.
const mostItems = 200

// Read reads what a page of the form sent. What it did not send at all is left as
// it stands.
func (f *Form) Read(posted map[string][]string, p Page) Filling {
	fl := Filling{Form: f, Answers: xlsform.Answers{}, Items: map[string][]string{}}
	for _, list := range f.Repeats() {
		fl.Items[list] = postedItems(posted, list)
		if list == p.List {
			fl.Items[list] = []string{p.Item}
		}
	}
	for _, field := range f.fields {
		if field.Calculated || field.Retired || field.Item.ReadOnly {
			continue
		}
		list, name, inList := strings.Cut(field.Name, "/")
		switch {
		case p.List != "" && list == p.List:
			fl.read(field, list+"/"+p.Item+"/"+name, p, posted)
		case p.List != "":
		case inList:
			for _, item := range fl.Items[list] {
				fl.read(field, list+"/"+item+"/"+name, p, posted)
			}
		default:
			fl.read(field, field.Name, p, posted)
		}
	}
	for _, gone := range posted[goneName] {
		list, item, _ := strings.Cut(gone, "/")
		if slices.Contains(f.Repeats(), list) && isItem(item) {
			fl.Removed = append(fl.Removed, gone)
		}
	}
	return fl
}

// postedItems returns the items of a repeat that stand on a page.
func postedItems(posted map[string][]string, list string) []string {
	var items []string
	for _, item := range posted[list] {
		if isItem(item) && !slices.Contains(items, item) && len(items) < mostItems {
			items = append(items, item)
		}
	}
	return items
}

// isItem reports whether s can be the id of an item.
func isItem(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
}

func (fl *Filling) read(field *Field, path string, p Page, posted map[string][]string) {
	input := p.Input(path)
	values, there := posted[input]
	said := first(posted[input+answerSuffix])
	if !there && said == "" {
		return
	}
	if kept, was := posted[input+keptSuffix]; was && said == "" && slices.Equal(clean(kept), clean(values)) {
		return
	}
	v, fault := field.parse(clean(values), said)
	if fault != "" {
		fl.Faults = append(fl.Faults, xlsform.Fault{Path: path, Key: string(fault)})
		return
	}
	fl.Answers[path] = v
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// clean leaves out the empty ones, and spaces around the others.
func clean(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// faultBoth is a value and an answer in its place.
const faultBoth record.Fault = "invalid.both"

// parse makes a value of what was sent for a field.
func (f *Field) parse(values []string, said string) (event.Value, record.Fault) {
	if a, is := f.answer(said); is {
		if len(values) > 0 {
			return event.Value{}, faultBoth
		}
		return event.Say(a), ""
	}
	if len(values) == 0 {
		return event.Value{}, ""
	}
	switch f.Type { //nolint:exhaustive // the others are one line of words
	case record.Choices:
		return f.chosen(values), ""
	case record.Choice, record.YesNo:
		if a, is := f.answer(values[0]); is && !slices.Contains(f.IDs(), values[0]) {
			return event.Say(a), ""
		}
	case record.Date:
		return record.Parse(f.Field, ISODate(values[0]))
	case record.Moment:
		day, at, _ := strings.Cut(values[0], " ")
		return record.Parse(f.Field, ISODate(day)+" "+at)
	}
	return record.Parse(f.Field, values[0])
}

// answer reads what is said in place of a value: "declined", or "~declined" where a
// list has a choice of that name.
func (f *Field) answer(s string) (event.Answer, bool) {
	at := slices.Index(answerIDs, strings.TrimPrefix(s, "~"))
	return event.Declined + event.Answer(at), at >= 0 && f.Sensitive
}

var answerIDs = []string{"declined", "does_not_know", "not_asked"}

// AnswerIDs are the names of the answers that stand in place of a value, in forms
// and in messages.
func AnswerIDs() []string { return slices.Clone(answerIDs) }

// AnswerID is the name of an answer, or "" of one of a newer program.
func AnswerID(a event.Answer) string {
	if a < event.Declined || a > event.NotAsked {
		return ""
	}
	return answerIDs[a-event.Declined]
}

// InPlace is what a control sends for an answer in place of a choice.
func (f *Field) InPlace(id string) string {
	if slices.Contains(f.IDs(), id) {
		return "~" + id
	}
	return id
}

// chosen returns the choices in the order of the list, each once.
func (f *Field) chosen(values []string) event.Value {
	ids := f.IDs()
	place := func(id string) int {
		if at := slices.Index(ids, id); at >= 0 {
			return at
		}
		return len(ids)
	}
	values = slices.Clone(values)
	slices.SortStableFunc(values, func(a, b string) int { return place(a) - place(b) })
	return event.List(slices.Compact(values)...)
}

// Paths are the fields that were on the page, in order, so that the same form gives
// the same facts.
func (fl *Filling) Paths() []string { return slices.Sorted(maps.Keys(fl.Answers)) }

// CalculatedPaths are the fields that are worked out, item by item in repeats.
func (f *Form) CalculatedPaths(st *xlsform.State) []string {
	var paths []string
	for _, field := range f.fields {
		if !field.Calculated || field.Retired || field.Item.Calculation == nil {
			continue
		}
		list, name, inList := strings.Cut(field.Name, "/")
		if !inList {
			paths = append(paths, field.Name)
			continue
		}
		for _, item := range st.Items(list) {
			paths = append(paths, list+"/"+item+"/"+name)
		}
	}
	return paths
}

// State is what the form asks and holds once the filling is laid over what was
// recorded before.
func (fl *Filling) State(before xlsform.Answers, env xlsform.Env) *xlsform.State {
	now := maps.Clone(before)
	if now == nil {
		now = xlsform.Answers{}
	}
	for _, gone := range fl.Removed {
		maps.DeleteFunc(now, func(path string, _ event.Value) bool { return strings.HasPrefix(path, gone+"/") })
	}
	maps.Copy(now, fl.Answers)
	for list, items := range fl.Items {
		for _, item := range items {
			fl.Form.seed(now, list+"/"+item+"/")
		}
	}
	return fl.Form.Evaluate(now, env)
}

// seed makes an item of a repeat be there, even if nothing is said in it yet.
func (f *Form) seed(a xlsform.Answers, prefix string) {
	list, _, _ := strings.Cut(prefix, "/")
	for _, field := range f.fields {
		if name, found := strings.CutPrefix(field.Name, list+"/"); found {
			if _, there := a[prefix+name]; !there {
				a[prefix+name] = event.Value{}
			}
		}
	}
}

// Check says what is wrong with the answers that changed: type, choice, constraint,
// and what is required. Nobody is forced to answer a sensitive question.
func (fl *Filling) Check(st *xlsform.State, now time.Time, changed func(path string) bool) Faults {
	var all Faults
	add := func(f xlsform.Fault) {
		if !slices.ContainsFunc(all, func(o xlsform.Fault) bool { return o.Path == f.Path }) {
			all = append(all, f)
		}
	}
	for _, f := range fl.Faults {
		if st.Relevant(f.Path) {
			add(f)
		}
	}
	for path, v := range fl.Answers {
		field, known := fl.Form.Field(path)
		if !known || v.IsZero() || !changed(path) || !st.Relevant(path) {
			continue
		}
		if fault := field.Check(v, field.offered(st, path), now); fault != "" {
			add(xlsform.Fault{Path: path, Key: string(fault)})
		}
	}
	for _, f := range st.Faults() {
		field, known := fl.Form.Field(f.Path)
		empty := st.Value(f.Path).IsZero()
		if known && (empty && !field.Sensitive || !empty && changed(f.Path)) {
			add(f)
		}
	}
	slices.SortFunc(all, fl.Form.inOrder)
	return all
}

// inOrder compares faults by where they stand in the form.
func (f *Form) inOrder(a, b xlsform.Fault) int {
	at := func(path string) int {
		name := schemaName(path)
		return slices.IndexFunc(f.fields, func(o *Field) bool { return o.Name == name })
	}
	if d := at(a.Path) - at(b.Path); d != 0 {
		return d
	}
	return strings.Compare(a.Path, b.Path)
}

// offered are the ids to choose from, after the form's filter.
func (f *Field) offered(st *xlsform.State, path string) []string {
	if f.Item.ChoiceFilter == nil {
		return f.IDs()
	}
	var ids []string
	for _, c := range st.Choices(path) {
		ids = append(ids, c.Name)
	}
	if f.Item.OrOther {
		ids = append(ids, other)
	}
	return ids
}
