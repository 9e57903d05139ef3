package form

import (
	"maps"
	"slices"
	"strings"

	"amana"
	"amana/internal/record"
	"amana/internal/xlsform"
)

// With returns the set with an organisation's workbook laid over it. A workbook
// with the id of a form of the project replaces its words and adds questions; what
// it leaves out is no longer asked and stays known. A workbook with an id of its
// own is a form of its own. Where a problem is fatal the set is as it was.
func (s *Set) With(workbook []byte) (*Set, []xlsform.Problem) {
	x, problems := xlsform.Read(workbook)
	if x == nil {
		return s, problems
	}
	f := newForm(x, false)
	check := &adoption{set: s, form: f}
	old, known := s.Form(f.ID)
	if known {
		check.over(old)
	}
	check.own(old)
	problems = append(problems, check.problems...)
	if slices.ContainsFunc(problems, func(p xlsform.Problem) bool { return p.Fatal }) {
		return s, problems
	}
	forms := slices.DeleteFunc(slices.Clone(s.forms), func(o *Form) bool { return o.ID == f.ID })
	return newSet(append(forms, f)), problems
}

// adoption lays one form over a set.
type adoption struct {
	set      *Set
	form     *Form
	problems []xlsform.Problem
}

func (a *adoption) refuse(row int, column, key string, args ...any) {
	a.problems = append(a.problems, xlsform.Problem{Sheet: "survey", Row: row, Column: column, Key: key, Args: args, Fatal: true})
}

// over lays the form over the one of the project that it replaces.
func (a *adoption) over(old *Form) {
	f := a.form
	f.BuiltIn = old.BuiltIn
	if f.Kind != old.Kind {
		a.problems = append(a.problems, xlsform.Problem{
			Sheet: "settings", Row: 2, Column: "amana_record", Key: "form.problem.kind", Args: []any{"kind", string(old.Kind)}, Fatal: true,
		})
		return
	}
	if f.Place == 0 {
		f.Place = old.Place
	}
	if _, said := f.Settings["amana_intake"]; !said {
		f.Intake = old.Intake
	}
	if len(f.Title) == 0 {
		f.Title = old.Title
	}
	for _, was := range old.fields {
		now := f.byName[was.Name]
		if now == nil {
			gone := *was
			gone.Retired = true
			f.fields, f.byName[was.Name] = append(f.fields, &gone), &gone
			continue
		}
		a.same(was, now)
		inherit(was, now)
	}
}

// same refuses a field that would mean something else than before.
func (a *adoption) same(was, now *Field) {
	if was.Type != now.Type || was.Calculated != now.Calculated {
		a.refuse(now.Item.Row, "type", "form.problem.type", "field", was.Name)
		return
	}
	if was.Type != record.Choice && was.Type != record.Choices {
		return
	}
	before, after := was.IDs(), now.IDs()
	for _, id := range before {
		if !slices.Contains(after, id) && !local(was) {
			a.refuse(now.Item.Row, "type", "form.problem.option.gone", "field", was.Name, "option", id)
		}
	}
	for _, id := range after {
		if !slices.Contains(before, id) && !local(was) {
			a.refuse(now.Item.Row, "type", "form.problem.option.new", "field", was.Name, "option", id)
		}
	}
}

// local reports whether the list is the organisation's to fill: the communities,
// languages and practices of the place.
func local(f *Field) bool { return f.Item.Bind["amana:local"] == "yes" }

// inherit keeps what a form of the project says of a field where the workbook laid
// over it is silent: why it is asked, and that nobody has to answer.
func inherit(was, now *Field) {
	if len(now.Item.Guidance) == 0 {
		now.Item.Guidance = was.Item.Guidance
	}
	bind := maps.Clone(was.Item.Bind)
	if bind == nil {
		bind = map[string]string{}
	}
	for name, value := range now.Item.Bind {
		if was.Item.Bind[name] == "" {
			bind[name] = value
		}
	}
	now.Item.Bind = bind
	now.Sensitive = was.Sensitive || now.Sensitive
	if now.Sensitive {
		bind["amana:sensitive"] = "yes"
	}
	now.Matters, now.Past, now.Largest = was.Matters, was.Past, was.Largest
}

// own checks the questions that the form adds.
func (a *adoption) own(old *Form) {
	for _, f := range a.form.fields {
		if old != nil && old.byName[f.Name] != nil {
			continue
		}
		plain := strings.TrimSuffix(f.Name, answerSuffix)
		_, taken := a.set.Field(a.form.Kind, f.Name)
		_, ours := record.FieldOf(a.form.Kind, f.Name)
		_, identity := a.set.Field(amana.KindIdentity, f.Name)
		switch {
		case taken && !a.agrees(f):
			a.refuse(f.Item.Row, "type", "form.problem.type", "field", f.Name)
		case ours && !taken:
			a.refuse(f.Item.Row, "name", "form.problem.reserved", "field", f.Name)
		case identity && a.form.Kind != amana.KindIdentity:
			a.refuse(f.Item.Row, "name", "form.problem.identity", "field", f.Name)
		case plain != f.Name && a.form.byName[plain] != nil:
			a.refuse(f.Item.Row, "name", "form.problem.reserved", "field", f.Name)
		}
	}
}

// agrees reports whether a field that another form has too is the same in both.
func (a *adoption) agrees(f *Field) bool {
	o, _ := a.set.Field(a.form.Kind, f.Name)
	return o.Type == f.Type && o.Calculated == f.Calculated &&
		(o.Options == "" || local(o) || slices.Equal(slices.Sorted(slices.Values(o.IDs())), slices.Sorted(slices.Values(f.IDs()))))
}
