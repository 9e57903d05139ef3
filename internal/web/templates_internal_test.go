package web

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
)

// Two files that define one name are refused, where the last one read would win.
func TestTemplates_noNameTwice(t *testing.T) {
	files := func(second string) fstest.MapFS {
		return fstest.MapFS{
			"templates/a.html": {Data: []byte(`{{define "note"}}first{{end}}`)},
			"templates/b.html": {Data: []byte(`{{define "` + second + `"}}second{{end}}`)},
		}
	}
	_, err := parseTemplates(files("note"), "templates/*.html", template.FuncMap{})
	if err == nil || !strings.Contains(err.Error(), "a.html") || !strings.Contains(err.Error(), "b.html") {
		t.Errorf("one name in two files: %v", err)
	}
	all, err := parseTemplates(files("other"), "templates/*.html", template.FuncMap{})
	if err != nil || all.Lookup("note") == nil || all.Lookup("other") == nil {
		t.Errorf("two names: %v", err)
	}
}
