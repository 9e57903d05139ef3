package main

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// question is a row of a survey by its headings; name has the repeat before it.
type question struct {
	name  string
	cells map[string]string
}

func questions(survey sheet) []question {
	var all []question
	repeat := ""
	for _, row := range survey[1:] {
		q := question{cells: map[string]string{}}
		for i, heading := range survey[0] {
			q.cells[heading] = row[i]
		}
		switch q.name = q.cells["name"]; q.cells["type"] {
		case "begin_repeat":
			repeat = q.name
		case "end_repeat":
			repeat = ""
		case "begin_group", "end_group":
		default:
			if repeat != "" {
				q.name = repeat + "/" + q.name
			}
			all = append(all, q)
		}
	}
	return all
}

func everyForm(t *testing.T, check func(t *testing.T, form string, b book)) {
	t.Helper()
	forms, err := formsIn(os.DirFS(sources))
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range forms {
		b, err := read(os.DirFS(sources), form)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(form, func(t *testing.T) { check(t, form, b) })
	}
}

var languages = []string{"English (en)", "French (fr)", "Arabic (ar)"}

// What a form says, it says in every language, or in none.
func TestForms_speakEveryLanguage(t *testing.T) {
	everyForm(t, func(t *testing.T, _ string, b book) {
		for _, s := range []sheet{b.survey, b.choices, b.settings} {
			for _, row := range s[1:] {
				said := map[string]int{}
				for i, heading := range s[0] {
					if column, language, in := strings.Cut(heading, "::"); in && slices.Contains(languages, language) && row[i] != "" {
						said[column]++
					}
				}
				for column, n := range said {
					if n != len(languages) {
						t.Errorf("%s of %q is there in %d of %d languages", column, row[1], n, len(languages))
					}
				}
			}
		}
	})
}

// Nobody has to answer, and whoever is asked about herself can learn why.
func TestForms_forceNothingAndSayWhy(t *testing.T) {
	everyForm(t, func(t *testing.T, _ string, b book) {
		for _, q := range questions(b.survey) {
			sensitive := q.cells["bind::amana:sensitive"] == "yes"
			if why := q.cells["guidance_hint::English (en)"] != ""; why != sensitive {
				t.Errorf("%s: sensitive %t, says why %t", q.name, sensitive, why)
			}
			if q.cells["required"] != "" {
				t.Errorf("%s is required", q.name)
			}
			if q.cells["label::English (en)"] == "" && q.cells["type"] != "calculate" {
				t.Errorf("%s has no label", q.name)
			}
		}
	})
}

// Whoever did it has no name in any form.
func TestForms_nameNoPerpetrator(t *testing.T) {
	everyForm(t, func(t *testing.T, _ string, b book) {
		for _, q := range questions(b.survey) {
			if strings.Contains(q.name, "perpetrator") && strings.Contains(q.name, "name") || q.name == "alleged_perpetrator" {
				t.Errorf("%s", q.name)
			}
			if strings.HasPrefix(q.name, "alleged_perpetrator/") && q.cells["type"] == "text" {
				t.Errorf("%s takes free words", q.name)
			}
		}
	})
}

func lines(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] != "#" {
			all = append(all, words)
		}
	}
	return all
}

// The names are those by which other programs know the fields.
func TestForms_askTheStandard(t *testing.T) {
	asked := map[string][]string{}
	everyForm(t, func(_ *testing.T, form string, b book) {
		for _, q := range questions(b.survey) {
			asked[form] = append(asked[form], q.name)
		}
	})
	for _, line := range lines(t, "testdata/standard-fields.txt") {
		for _, name := range line[1:] {
			if !slices.Contains(asked[line[0]], name) {
				t.Errorf("%s does not ask %s", line[0], name)
			}
		}
	}
}

func TestChoices_areTheStandards(t *testing.T) {
	shared, err := table(os.DirFS(sources), "choices.tsv")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]bool{}
	for _, row := range shared[1:] {
		if got[row[0]] == nil {
			got[row[0]] = map[string]bool{}
		}
		if got[row[0]][row[1]] {
			t.Errorf("%s has %s twice", row[0], row[1])
		}
		got[row[0]][row[1]] = true
	}
	for _, line := range lines(t, "testdata/standard-options.txt") {
		want := map[string]bool{}
		for _, id := range line[1:] {
			want[id] = true
		}
		if !maps.Equal(got[line[0]], want) {
			t.Errorf("%s has %v, want %v", line[0], slices.Sorted(maps.Keys(got[line[0]])), line[1:])
		}
	}
	countries, err := countries(os.DirFS(sources))
	if err != nil || len(countries) != 197 {
		t.Errorf("%d countries, want 197: %v", len(countries), err)
	}
}
