package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"amana/internal/i18n"
)

//go:embed templates/*.html
var templateFiles embed.FS

// page is the name of a template that is only ever executed with the type it
// was written for. Its file is templates/<name>.html and defines <name>.
type page[T any] struct{ name string }

// render writes a page, whole or not at all.
func (p page[T]) render(s *Server, w http.ResponseWriter, v *visit, status int, data T) error {
	t, err := s.templates.in(v.lang)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, p.name, data); err != nil {
		return fmt.Errorf("web: page %s: %w", p.name, err)
	}
	return send(w, v.Request, status, b.Bytes())
}

// send compresses where the browser takes it. No page mixes a secret with words
// of another site, so the size of the answer tells nothing: a request from
// elsewhere carries no cookie.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Encoding, Accept-Language, Cookie")
	if takesGzip(r) && len(body) > 1000 {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(body)
		if err == nil {
			err = z.Close()
		}
		if err != nil {
			return fmt.Errorf("web: compress: %w", err)
		}
		body = b.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error is the browser's going away
	return nil
}

// templates are the pages with their words bound to them, one set for each
// language, so that no page can have words of two. A set is parsed when its
// language is first asked for.
type templates struct {
	files assets

	mu   sync.Mutex // guards sets
	sets map[string]*template.Template
}

func newTemplates(files assets) *templates {
	return &templates{files: files, sets: map[string]*template.Template{}}
}

func (ts *templates) in(lang i18n.Language) (*template.Template, error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t := ts.sets[lang.Edition()]; t != nil {
		return t, nil
	}
	t, err := parseTemplates(templateFiles, "templates/*.html", functions(lang, ts.files))
	if err != nil {
		return nil, fmt.Errorf("web: templates: %w", err)
	}
	ts.sets[lang.Edition()] = t
	return t, nil
}

// parseTemplates reads the templates of every file as one set. Two files that define
// the same name are a fault: the one read last would take the place of the other, and
// nobody would see it but whoever opens that page.
func parseTemplates(files fs.FS, pattern string, funcs template.FuncMap) (*template.Template, error) {
	paths, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	all, from := template.New("").Funcs(funcs), map[string]string{}
	for _, name := range paths {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", name, err)
		}
		one, err := template.New(name).Funcs(funcs).Parse(string(content))
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", name, err)
		}
		for _, t := range one.Templates() {
			if before, twice := from[t.Name()]; twice {
				return nil, fmt.Errorf("template %q is in %s and in %s", t.Name(), before, name)
			}
			from[t.Name()] = name
			if _, err := all.AddParseTree(t.Name(), t.Tree); err != nil {
				return nil, fmt.Errorf("file %s: %w", name, err)
			}
		}
	}
	return all, nil
}

// functions are what templates may call.
func functions(lang i18n.Language, files assets) template.FuncMap {
	return template.FuncMap{
		"t":        lang.T,
		"date":     lang.Date,
		"datetime": lang.DateTime,
		"isodate":  lang.ISODate,
		"number":   lang.Number,
		"add":      func(a, b int) int { return a + b },
		"asset":    files.path,
		// field and option name the fields and choices of package record.
		"field":    func(name string) string { return lang.T("field." + name) },
		"option":   func(list, id string) string { return lang.T("option." + list + "." + id) },
		"words":    func(words ...string) []string { return words },
		"stamp":    func(t time.Time) string { return t.Format("2006-01-02T15:04") },
		"input":    newInput,
		"drop":     newDrop,
		"tick":     newTick,
		"weekdays": func() []int { return []int{1, 2, 3, 4, 5, 6, 7} },
	}
}

// input is one control of a form as the parts of templates/parts.html show it.
type input struct {
	Name  string
	Value string
	Label string // key
	Hint  string // key, or ""
	Error string // key, or ""
}

// newInput is called as {{template "line" input .Form "name" "members.name"}},
// with the key of a hint as a last argument where there is one.
func newInput(f form, name, label string, hint ...string) input {
	return input{Name: name, Value: f.Get(name), Label: label, Hint: strings.Join(hint, ""), Error: f.Error(name)}
}

// drop is a list to choose one from, shut until it is used.
type drop struct {
	Input   input
	Choices []dropChoice
}

type dropChoice struct {
	Value, Text string
	On          bool
}

// newDrop takes values and their texts in turn:
// {{template "drop" drop .Form "room" "members.team.room" "care" (t "room.care") …}}.
func newDrop(f form, name, label string, pairs ...string) drop {
	d := drop{Input: newInput(f, name, label)}
	for i := 0; i+1 < len(pairs); i += 2 {
		d.Choices = append(d.Choices, dropChoice{pairs[i], pairs[i+1], f.Get(name) == pairs[i]})
	}
	return d
}

// tick is one box or one button of a choice.
type tick struct {
	Name, Value string
	On          bool
	Text        string // already in the reader's language
	Hint        string // likewise, or ""
}

// newTick is called as {{template "box" tick .Form "roles" "analyst" (t "role.analyst")}}.
func newTick(f form, name, value, text string, hint ...string) tick {
	return tick{Name: name, Value: value, On: f.Has(name, value), Text: text, Hint: strings.Join(hint, "")}
}
