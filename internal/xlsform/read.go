package xlsform

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"amana/internal/xlsform/expression"
)

// mostProblems bounds a report: who has so many mends the first ones first.
const mostProblems = 200

// Read reads a workbook and checks it. The form is nil where any of the problems
// is fatal; the others say what is left out, or could be better.
func Read(workbook []byte) (*Form, []Problem) {
	book, err := openBook(workbook, sheetSurvey, sheetChoices, sheetSettings)
	if refused, ok := errors.AsType[*refusal](err); ok {
		return nil, []Problem{refused.problem}
	}
	if err != nil {
		return nil, []Problem{{Key: "xlsform.file.not", Fatal: true}}
	}
	r := &reader{book: book, left: map[string]bool{}, refused: map[string]bool{}}
	r.form = &Form{Lists: map[string][]Choice{}, Settings: map[string]string{}}
	r.readSettings(workbook)
	r.readChoices()
	r.readSurvey()
	r.readLanguages()
	r.form.program = r.compile()
	r.reportSheets()
	r.sortProblems()
	if r.fatal {
		return nil, r.problems
	}
	return r.form, r.problems
}

// reader reads one workbook and notes its problems.
type reader struct {
	book     *book
	form     *Form
	problems []Problem
	fatal    bool
	left     map[string]bool // names of questions that were left out
	refused  map[string]bool // names of questions of a type that was refused
	cells    []cell          // of expressions, to be bound
}

// cell is an expression where it stands.
type cell struct {
	expr   *expression.Expr
	item   *Item
	column string // its heading
	filter string // the list, of a choice filter
}

func (r *reader) note(p Problem) {
	r.fatal = r.fatal || p.Fatal
	if len(r.problems) < mostProblems {
		r.problems = append(r.problems, p)
	}
}

// refuse notes what makes the form unusable.
func (r *reader) refuse(at row, column, key string, args ...any) {
	r.note(Problem{Sheet: r.book.titles[at.table.sheet], Row: at.n, Column: column, Key: key, Args: args, Fatal: true})
}

// warn notes what is left out or could be better.
func (r *reader) warn(at row, column, key string, args ...any) {
	r.note(Problem{Sheet: r.book.titles[at.table.sheet], Row: at.n, Column: column, Key: key, Args: args})
}

// sortProblems puts them in the order of the workbook, and what is fatal first
// where they are at the same place.
func (r *reader) sortProblems() {
	rank := map[string]int{sheetSettings: 1, sheetSurvey: 2, sheetChoices: 3}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if d := rank[strings.ToLower(a.Sheet)] - rank[strings.ToLower(b.Sheet)]; d != 0 {
			return d
		}
		return a.Row - b.Row
	})
}

// settings that are read, and those that say how ODK sends and keeps a form: they
// mean nothing here.
var (
	knownSettings = []string{"form_title", "form_id", "version", "default_language"}
	idleSettings  = []string{
		"style", "submission_url", "auto_send", "auto_delete", "instance_xmlns", "namespaces", "omit_instanceid", "sms_keyword",
		"sms_separator", "clean_text_values", "xml_root_element", "name", "notes",
	}
)

func (r *reader) readSettings(workbook []byte) {
	sheet := tabulate(sheetSettings, r.book.sheets[sheetSettings])
	at := row{table: sheet, n: 1}
	if len(sheet.rows) > 0 {
		at = sheet.rows[0]
	}
	f := r.form
	f.ID, f.Version, f.Title = at.text("form_id"), at.text("version"), at.texts("form_title", "")
	f.Default, _ = languageTag(at.text("default_language"))
	for i, h := range sheet.headings {
		if i >= len(at.cells) || at.cells[i] == "" {
			continue
		}
		switch {
		case slices.Contains(knownSettings, h.name), slices.Contains(idleSettings, h.name):
		case strings.HasPrefix(h.name, "amana_"):
			f.Settings[h.name] = at.cells[i]
		default:
			r.warn(at, h.title, "xlsform.settings.left")
		}
	}
	if !isName(f.ID) {
		r.note(Problem{Sheet: sheetSettings, Row: at.n, Column: "form_id", Key: "xlsform.settings.form_id", Fatal: true})
	}
	if f.Version == "" {
		sum := fnv.New32a()
		sum.Write(workbook) // never fails
		f.Version = fmt.Sprintf("%08x", sum.Sum32())
		r.note(Problem{Sheet: sheetSettings, Row: at.n, Column: "version", Key: "xlsform.settings.version", Args: []any{"version", f.Version}})
	}
	if len(f.Version) > longestName {
		r.refuse(at, "version", "xlsform.name.long", "n", longestName)
	}
}

func (r *reader) readChoices() {
	sheet := tabulate(sheetChoices, r.book.sheets[sheetChoices])
	for i, h := range sheet.headings {
		if h.name == "" && slices.ContainsFunc(sheet.rows, func(at row) bool { return i < len(at.cells) && at.cells[i] != "" }) {
			r.warn(row{table: sheet, n: 1}, columnLetter(i), "xlsform.column.unnamed")
		}
	}
	for _, at := range sheet.rows {
		r.readChoice(at)
	}
}

func (r *reader) readChoice(at row) {
	list, listColumn := at.cell("list_name")
	name, nameColumn := at.cell("name")
	switch {
	case list == "" && name == "":
		return // a remark, or a line between two lists
	case list == "":
		r.refuse(at, or(listColumn.title, "list_name"), "xlsform.choice.list")
		return
	case !isChoice(name):
		r.form.Lists[list] = append(r.form.Lists[list], nil...) // the list is there
		r.refuse(at, or(nameColumn.title, "name"), "xlsform.choice.name", "name", name)
		return
	}
	for _, c := range r.form.Lists[list] {
		if c.Name == name {
			r.refuse(at, nameColumn.title, "xlsform.choice.twice", "name", name, "row", c.Row)
			return
		}
	}
	c := Choice{Name: name, Label: at.texts("label", ""), Media: at.media(), Columns: map[string]string{}, Row: at.n}
	if len(c.Label) == 0 && len(c.Media) == 0 {
		r.refuse(at, "label", "xlsform.label.empty", "name", name)
	}
	for i, h := range at.table.headings {
		if h.name != "" && h.part == "" && h.language == "" && h.name != "list_name" && h.name != "label" && i < len(at.cells) {
			c.Columns[h.title] = at.cells[i]
		}
	}
	r.form.Lists[list] = append(r.form.Lists[list], c)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// columnLetter names a column without a heading as spreadsheets do.
func columnLetter(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// reportSheets says which sheets were not read.
func (r *reader) reportSheets() {
	for _, title := range r.book.others {
		switch name := strings.ToLower(title); name {
		case "external_choices", "entities", "osm":
			r.note(Problem{Sheet: title, Key: "xlsform.sheet.unsupported", Fatal: true})
		default:
			r.note(Problem{Sheet: title, Key: "xlsform.sheet.left"})
		}
	}
}

// readLanguages finds the languages of the form's words, and the words that are
// missing in one of them.
func (r *reader) readLanguages() {
	f := r.form
	found := map[string]bool{}
	collect := func(t Texts) {
		for tag := range t {
			found[tag] = true
		}
	}
	f.Walk(func(item *Item, _ string) { collect(item.Label) })
	for _, list := range f.Lists {
		for _, c := range list {
			collect(c.Label)
		}
	}
	collect(f.Title)
	delete(found, "")
	f.Languages = slices.Sorted(maps.Keys(found))
	if !found[f.Default] {
		f.Default = ""
		if len(f.Languages) > 0 {
			f.Default = f.Languages[0]
		}
	}
	if i := slices.Index(f.Languages, f.Default); i > 0 {
		f.Languages = slices.Insert(slices.Delete(f.Languages, i, i+1), 0, f.Default)
	}
	f.Walk(func(item *Item, _ string) { r.checkLanguages(sheetSurvey, item.Row, item.Label) })
	for _, name := range slices.Sorted(maps.Keys(f.Lists)) {
		for _, c := range f.Lists[name] {
			r.checkLanguages(sheetChoices, c.Row, c.Label)
		}
	}
}

// checkLanguages warns of a text that is there in some languages only.
func (r *reader) checkLanguages(sheet string, n int, t Texts) {
	if len(t) == 0 || t[""] != "" {
		return
	}
	for _, tag := range r.form.Languages {
		if t[tag] == "" {
			r.note(Problem{Sheet: r.book.titles[sheet], Row: n, Column: "label::" + tag, Key: "xlsform.label.language", Args: []any{"language", tag}})
		}
	}
}
