package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/child"
	"amana/internal/i18n"
	"amana/internal/window"
)

// editRow is one row of a table on the page where it is changed. Names of its
// controls end in the row's number.
type editRow struct {
	N        int
	Of       string // what the row is about, for those who hear the page
	ID       string
	Name     input
	Hours    input
	Kind     drop
	For      drop
	From, To input
	Agrees   drop
	Words    input
	Last     bool // the empty one, to add to
}

// mostRows bounds how many rows a page sends.
const mostRows = 60

// noticeLanguages are those in which a notice can be written.
var noticeLanguages = []string{"fr", "en", "ar"}

// tableFacts writes a table in words.
func (v *visit) tableFacts(t casework.Table) ([]factView, error) {
	switch t.Name {
	case casework.WindowTable:
		return v.windowFacts(t.Content)
	case casework.AgeTable:
		return v.ageFacts(t.Content)
	case casework.TaskTable:
		return v.taskFacts(t.Content)
	}
	notice, err := casework.ReadNotice(t.Content)
	if err != nil {
		return nil, err
	}
	var rows []factView
	if t.Name == casework.ConsentTable && len(notice.Words) == 0 {
		parts, _ := v.consentText()
		return []factView{{Name: v.lang.T("tables.consent.own"), Text: strings.Join(parts, "\n\n")}}, nil
	}
	for _, tag := range noticeLanguages {
		if words := notice.Words[tag]; words != "" {
			rows = append(rows, factView{Name: joinDots(notice.Country, v.lang.T("tables.notice.words."+tag)), Text: words})
		}
	}
	return rows, nil
}

func (v *visit) windowFacts(content []byte) ([]factView, error) {
	table, err := window.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("web: table of windows: %w", amana.ErrInvalid)
	}
	sh := v.shower(nil)
	var rows []factView
	for _, w := range table.Windows {
		row := factView{Name: sh.treatment(w), Text: v.lang.T("tables.hours.none"), More: v.lang.T("tables.kind." + string(w.Kind))}
		if w.Hours > 0 {
			row.Text = v.lang.T("windows.hours", "n", w.Hours)
		}
		if w.For != "" {
			row.More += v.lang.T("cases.comma") + v.lang.T("windows.for."+w.For)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (v *visit) ageFacts(content []byte) ([]factView, error) {
	table, err := child.Read(content)
	if err != nil {
		return nil, fmt.Errorf("web: table of ages: %w", amana.ErrInvalid)
	}
	var rows []factView
	for _, b := range table {
		name := v.lang.T("tables.child.row", "from", b.From, "to", b.To)
		if b.From >= child.Adult {
			name = v.lang.T("tables.child.from_on", "from", b.From)
		}
		rows = append(rows, factView{Name: name, Text: v.lang.T("tables.agrees." + string(b.Agrees))})
	}
	return rows, nil
}

// tableForm is a table as its form holds it before anybody typed.
func (v *visit) tableForm(t casework.Table) (form, error) {
	f := newForm()
	set := func(name string, i int, value string) { f.Values.Set(name+"_"+strconv.Itoa(i), value) }
	switch t.Name {
	case casework.WindowTable:
		table, err := window.Parse(t.Content)
		if err != nil {
			return f, fmt.Errorf("web: table of windows: %w", amana.ErrInvalid)
		}
		sh := v.shower(nil)
		for i, w := range table.Windows {
			set("id", i, w.ID)
			set("name", i, sh.treatment(w))
			set("kind", i, string(w.Kind))
			set("for", i, w.For)
			if w.Hours > 0 {
				set("hours", i, strconv.Itoa(w.Hours))
			}
		}
	case casework.AgeTable:
		table, err := child.Read(t.Content)
		if err != nil {
			return f, fmt.Errorf("web: table of ages: %w", amana.ErrInvalid)
		}
		for i, b := range table {
			set("from", i, strconv.Itoa(b.From))
			set("to", i, strconv.Itoa(b.To))
			set("agrees", i, string(b.Agrees))
		}
	case casework.NoticeTable, casework.ConsentTable:
		notice, err := casework.ReadNotice(t.Content)
		if err != nil {
			return f, err
		}
		f.Values = url.Values{"country": {notice.Country}}
		for _, tag := range noticeLanguages {
			f.Values.Set("words_"+tag, notice.Words[tag])
		}
	case casework.TaskTable:
		return taskForm(t.Content)
	}
	return f, nil
}

// editRows are the rows that a form holds, and an empty one to add to.
func (v *visit) editRows(f form, table string) []editRow {
	if table == casework.NoticeTable || table == casework.ConsentTable {
		var rows []editRow
		for _, tag := range noticeLanguages {
			rows = append(rows, editRow{Words: input{Name: "words_" + tag, Value: f.Get("words_" + tag), Label: "tables.notice.words." + tag}})
		}
		return rows
	}
	if table == casework.TaskTable {
		return taskRows(f)
	}
	key, n := "name", 0
	if table == casework.AgeTable {
		key = "from"
	}
	for n < mostRows && f.Values.Has(key+"_"+strconv.Itoa(n)) {
		n++
	}
	rows := make([]editRow, 0, n+1)
	for i := range n + 1 {
		suffix := "_" + strconv.Itoa(i)
		control := func(name, label string) input { return newInput(f, name+suffix, label) }
		row := editRow{N: i + 1, ID: f.Get("id" + suffix), Last: i == n, Of: f.Get("name" + suffix)}
		if table == casework.AgeTable {
			row.From, row.To = control("from", "tables.child.from"), control("to", "tables.child.to")
			row.Agrees = choose(v, f, "agrees"+suffix, "tables.child.agrees", "tables.agrees.", child.Ways(), row.Last)
			rows = append(rows, row)
			continue
		}
		row.Name, row.Hours = control("name", "tables.row.name"), control("hours", "tables.row.hours")
		row.Kind = choose(v, f, "kind"+suffix, "tables.row.kind", "tables.kind.", window.Kinds(), false)
		row.For = choose(v, f, "for"+suffix, "tables.row.for", "windows.for.", window.Hints(), true)
		rows = append(rows, row)
	}
	return rows
}

// choose is a list to choose one from, each named by a message; with none, it may
// be left open.
func choose[ID ~string](v *visit, f form, name, label, prefix string, ids []ID, none bool) drop {
	var pairs []string
	if none {
		pairs = append(pairs, "", v.lang.T("tables.nobody"))
	}
	for _, id := range ids {
		pairs = append(pairs, string(id), v.lang.T(prefix+string(id)))
	}
	return newDrop(f, name, label, pairs...)
}

// tableTyped reads a table as somebody typed it, and notes what cannot be read.
func (s *Server) tableTyped(v *visit, t casework.Table, f *form) ([]byte, error) {
	switch t.Name {
	case casework.WindowTable:
		return s.windowsTyped(v, t, f)
	case casework.AgeTable:
		return agesTyped(f), nil
	case casework.TaskTable:
		return tasksTyped(f), nil
	}
	notice := casework.ReportingNotice{Country: upper(f.Get("country")), Words: map[string]string{}}
	for _, tag := range noticeLanguages {
		if words := strings.ReplaceAll(f.Get("words_"+tag), "\r\n", "\n"); words != "" {
			notice.Words[tag] = words
		}
	}
	if t.Name == casework.NoticeTable && len(notice.Words) > 0 && len(notice.Country) != len("ML") {
		f.wrong("country", "invalid.option")
	}
	return notice.Encode(), nil
}

func (s *Server) windowsTyped(v *visit, t casework.Table, f *form) ([]byte, error) {
	before, err := window.Parse(t.Content)
	if err != nil {
		return nil, fmt.Errorf("web: table of windows: %w", amana.ErrInvalid)
	}
	sh := v.shower(nil)
	var table window.Table
	for i := range mostRows {
		suffix := "_" + strconv.Itoa(i)
		name := f.Get("name" + suffix)
		if !f.Values.Has("name"+suffix) || name == "" || f.Get("gone"+suffix) != "" {
			continue
		}
		w, known := before.Of(f.Get("id" + suffix))
		if !known {
			w = window.Window{ID: "own_" + strings.ToLower(s.sessions.token()[:8])}
		}
		if name != sh.treatment(w) {
			w.Name = alsoNamed(w.Name, v.lang, name)
		}
		w.Kind, w.For, w.Hours = window.Kind(f.Get("kind"+suffix)), f.Get("for"+suffix), 0
		if hours := western(f.Get("hours" + suffix)); hours != "" {
			if w.Hours, err = strconv.Atoi(hours); err != nil {
				f.wrong("hours"+suffix, "invalid.number")
			}
		}
		table.Windows = append(table.Windows, w)
	}
	return table.Encode(), nil
}

// alsoNamed adds a name in the reader's language.
func alsoNamed(names map[string]string, lang i18n.Language, name string) map[string]string {
	all := map[string]string{lang.Tag(): name}
	for tag, n := range names {
		if tag != lang.Tag() {
			all[tag] = n
		}
	}
	return all
}

func agesTyped(f *form) []byte {
	var table child.Table
	for i := range mostRows {
		suffix := "_" + strconv.Itoa(i)
		from, to := western(f.Get("from"+suffix)), western(f.Get("to"+suffix))
		if from == "" && to == "" {
			continue
		}
		b := child.Band{Agrees: child.Agrees(f.Get("agrees" + suffix))}
		var err1, err2 error
		b.From, err1 = strconv.Atoi(from)
		b.To, err2 = strconv.Atoi(to)
		if err1 != nil {
			f.wrong("from"+suffix, "invalid.number")
		}
		if err2 != nil {
			f.wrong("to"+suffix, "invalid.number")
		}
		table = append(table, b)
	}
	slices.SortStableFunc(table, func(a, b child.Band) int { return a.From - b.From })
	return table.Write()
}
