package form

import (
	"cmp"
	"embed"
	"io/fs"
	"path"
	"slices"
	"sync"

	"amana"
	"amana/internal/xlsform"
)

//go:embed workbooks
var workbooks embed.FS

// Set is the forms that an organisation works with. It never changes.
type Set struct {
	forms   []*Form
	byKind  map[amana.Kind]map[string]*Field
	options map[string]map[string]xlsform.Texts // by list and id
}

// Builtin returns the forms of the project. They are read once, when first asked
// for. A workbook that cannot be read is a fault of ours.
func Builtin() *Set { return builtin() }

var builtin = sync.OnceValue(func() *Set {
	s, problems := Read(workbooks, "workbooks")
	for _, p := range problems {
		if p.Fatal {
			panic("form: internal error: " + p.Sheet + ": " + p.Key)
		}
	}
	return s
})

// Read reads every workbook of a folder as a form of the project.
func Read(files fs.FS, dir string) (*Set, []xlsform.Problem) {
	var forms []*Form
	var all []xlsform.Problem
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return newSet(nil), []xlsform.Problem{{Key: "form.unread", Fatal: true}}
	}
	for _, e := range entries {
		if path.Ext(e.Name()) != ".xlsx" {
			continue
		}
		content, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if err != nil {
			all = append(all, xlsform.Problem{Key: "form.unread", Fatal: true})
			continue
		}
		x, problems := xlsform.Read(content)
		for _, p := range problems {
			p.Sheet = e.Name() + " " + p.Sheet
			all = append(all, p)
		}
		if x != nil {
			forms = append(forms, newForm(x, true))
		}
	}
	return newSet(forms), all
}

// newSet puts forms in order. Of two fields of one name and kind, the first form's
// is the one that is known.
func newSet(forms []*Form) *Set {
	forms = slices.Clone(forms)
	slices.SortStableFunc(forms, func(a, b *Form) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.ID, b.ID))
	})
	s := &Set{forms: forms, byKind: map[amana.Kind]map[string]*Field{}, options: map[string]map[string]xlsform.Texts{}}
	for _, f := range forms {
		s.name(f)
		known := s.byKind[f.Kind]
		if known == nil {
			known = map[string]*Field{}
			s.byKind[f.Kind] = known
		}
		for _, field := range f.fields {
			if old := known[field.Name]; old == nil || old.Retired && !field.Retired {
				known[field.Name] = field
			}
		}
	}
	return s
}

// name keeps what the choices of a form are called. Of two lists of one name that
// differ, the project's is the one that is known by its name alone.
func (s *Set) name(f *Form) {
	for list, choices := range f.Lists {
		known := s.options[list]
		if known == nil {
			known = map[string]xlsform.Texts{}
			s.options[list] = known
		}
		for _, c := range choices {
			if _, there := known[c.Name]; !there || f.BuiltIn {
				known[c.Name] = c.Label
			}
		}
	}
}

// Option returns what a choice of a list is called.
func (s *Set) Option(list, id string) (xlsform.Texts, bool) {
	label, known := s.options[list][id]
	return label, known
}

// place puts those without a place of their own last.
func place(f *Form) int {
	if f.Place == 0 {
		return 1 << 30
	}
	return f.Place
}

// Forms returns every form, in order.
func (s *Set) Forms() []*Form { return s.forms }

// Form returns a form by its id.
func (s *Set) Form(id string) (*Form, bool) {
	for _, f := range s.forms {
		if f.ID == id {
			return f, true
		}
	}
	return nil, false
}

// For returns the forms that write to records of a kind, in order.
func (s *Set) For(kind amana.Kind) []*Form {
	var list []*Form
	for _, f := range s.forms {
		if f.Kind == kind {
			list = append(list, f)
		}
	}
	return list
}

// Intake returns the forms that stand on the page of a new case, in order.
func (s *Set) Intake() []*Form {
	var list []*Form
	for _, f := range s.forms {
		if f.Intake > 0 {
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b *Form) int { return cmp.Compare(a.Intake, b.Intake) })
	return list
}

// Field returns a field of a kind by its name: "age", and "list/field" or
// "list/<item>/field" in a repeat. Fields that no form asks are record's.
func (s *Set) Field(kind amana.Kind, name string) (*Field, bool) {
	f, ok := s.byKind[kind][schemaName(name)]
	return f, ok
}

// WithRepeat returns the form of a kind that has a repeat of this name.
func (s *Set) WithRepeat(kind amana.Kind, list string) (*Form, bool) {
	for _, f := range s.For(kind) {
		if slices.Contains(f.Repeats(), list) {
			return f, true
		}
	}
	return nil, false
}
