package form

import (
	"maps"
	"slices"

	"amana/internal/xlsform"
)

// Difference is what changes for those who ask and answer when one version of a
// form takes the place of another.
type Difference struct {
	Added  []*Field   // questions that were not asked
	Gone   []*Field   // questions that are no longer asked; what was recorded stays
	Worded []Wording  // questions in other words
	Ruled  []*Field   // asked in other cases, or checked by another rule
	Lists  []Offering // choices that are new or gone
	// Retyped questions would mean something else than what is recorded: a form with
	// any of these cannot take the place of the other.
	Retyped []*Field
}

// Wording is a question in the words before and after.
type Wording struct {
	Field         *Field
	Before, After xlsform.Texts
}

// Offering is what changes in the choices of a question.
type Offering struct {
	Field     *Field
	New, Gone []xlsform.Choice
}

// IsNone reports whether nothing changes.
func (d *Difference) IsNone() bool {
	return len(d.Added)+len(d.Gone)+len(d.Worded)+len(d.Ruled)+len(d.Lists)+len(d.Retyped) == 0
}

// Compare says what changes when now takes the place of old. Where there is no old
// form, all that is asked is new.
func Compare(old, now *Form) *Difference {
	d := &Difference{}
	for _, f := range now.fields {
		was := old.asked(f.Name)
		switch {
		case f.Retired:
		case was == nil:
			d.Added = append(d.Added, f)
		default:
			d.compare(was, f)
		}
	}
	if old == nil {
		return d
	}
	for _, f := range old.fields {
		if after, there := now.byName[f.Name]; !f.Retired && (!there || after.Retired) {
			d.Gone = append(d.Gone, f)
		}
	}
	return d
}

// asked returns a field that the form asks, or nil.
func (f *Form) asked(name string) *Field {
	if f == nil || f.byName[name] == nil || f.byName[name].Retired {
		return nil
	}
	return f.byName[name]
}

func (d *Difference) compare(was, now *Field) {
	if was.Type != now.Type || was.Calculated != now.Calculated {
		d.Retyped = append(d.Retyped, now)
		return
	}
	a, b := was.Item, now.Item
	if !maps.Equal(a.Label, b.Label) || !maps.Equal(a.Hint, b.Hint) || !maps.Equal(a.Guidance, b.Guidance) ||
		!maps.Equal(a.ConstraintMessage, b.ConstraintMessage) || !maps.Equal(a.RequiredMessage, b.RequiredMessage) {
		d.Worded = append(d.Worded, Wording{Field: now, Before: a.Label, After: b.Label})
	}
	if rules(a) != rules(b) {
		d.Ruled = append(d.Ruled, now)
	}
	before, after := was.choices(), now.choices()
	o := Offering{Field: now, New: without(after, before), Gone: without(before, after)}
	if len(o.New)+len(o.Gone) > 0 {
		d.Lists = append(d.Lists, o)
	}
}

func rules(i *xlsform.Item) [6]string {
	return [6]string{
		i.Relevant.String(), i.Constraint.String(), i.Required.String(), i.Calculation.String(), i.ChoiceFilter.String(), i.Default.String(),
	}
}

func (f *Field) choices() []xlsform.Choice { return f.Form.Lists[f.Item.List] }

// without returns the choices whose names are not among others.
func without(list, others []xlsform.Choice) []xlsform.Choice {
	var rest []xlsform.Choice
	for _, c := range list {
		if !slices.ContainsFunc(others, func(o xlsform.Choice) bool { return o.Name == c.Name }) {
			rest = append(rest, c)
		}
	}
	return rest
}

// Workbook returns the workbook of a form of the project.
func Workbook(id string) ([]byte, bool) {
	raw, err := workbooks.ReadFile("workbooks/" + id + ".xlsx")
	return raw, err == nil
}
