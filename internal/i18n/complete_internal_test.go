package i18n

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
)

// Every language has every key, with the same arguments and the plural forms
// that the language needs.
func TestMessages_complete(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	source := c.locales[Source]
	needs := map[string][]plural.Form{
		"en": {plural.One, plural.Other},
		"fr": {plural.One, plural.Other},
		"ar": {plural.Zero, plural.One, plural.Two, plural.Few, plural.Many, plural.Other},
	}
	for _, tag := range c.tags {
		l := c.locales[tag]
		for key := range source.messages {
			if _, found := l.messages[key]; !found {
				t.Errorf("%s: %s is missing", tag, key)
			}
		}
		for key, m := range l.messages {
			original, found := source.messages[key]
			if !found {
				t.Errorf("%s: %s is not in %s", tag, key, Source)
				continue
			}
			if (len(m.forms) > 1) != (len(original.forms) > 1) {
				t.Errorf("%s: %s: plural in one language and not in the other", tag, key)
			}
			if len(m.forms) > 1 {
				for _, f := range needs[tag] {
					if m.forms[f] == nil {
						t.Errorf("%s: %s: no plural form %d", tag, key, f)
					}
				}
			}
			if got, want := m.forms[plural.Other].arguments(), original.forms[plural.Other].arguments(); !slices.Equal(got, want) {
				t.Errorf("%s: %s: arguments %v, want %v", tag, key, got, want)
			}
			for form, p := range m.forms {
				for _, a := range p.arguments() {
					if !slices.Contains(original.forms[plural.Other].arguments(), a) {
						t.Errorf("%s: %s: form %d has an argument {%s} of its own", tag, key, form, a)
					}
				}
			}
		}
	}
}

// keyLike is a literal that may be the key of a message, or with a % or a dot at
// its end the beginning of one.
var keyLike = regexp.MustCompile(`"([a-z0-9]+(?:\.[a-z0-9_%/]+)*\.[a-z0-9_%/.]*)"`)

// Every key is used somewhere, and whatever looks like a key in a template is
// one.
func TestMessages_used(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	messages := c.locales[Source].messages
	literals := map[string]string{} // by the file that has it
	err = filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		ext := filepath.Ext(path)
		if err != nil || d.IsDir() || ext != ".html" && ext != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range keyLike.FindAllStringSubmatch(string(text), -1) {
			literals[found[1]] = path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	areas := map[string]bool{}
	for key := range messages {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	var made []*regexp.Regexp
	for literal, path := range literals {
		area, _, _ := strings.Cut(literal, ".")
		if !areas[area] {
			continue
		}
		if strings.Contains(literal, "%") || strings.HasSuffix(literal, ".") {
			made = append(made, keysOf(literal))
			continue
		}
		if _, found := messages[literal]; !found && strings.HasSuffix(path, ".html") {
			t.Errorf("%s asks for %s, which no language has", path, literal)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(messages)) {
		if _, used := literals[key]; used {
			continue
		}
		if !slices.ContainsFunc(made, func(r *regexp.Regexp) bool { return r.MatchString(key) }) {
			t.Errorf("nothing uses %s", key)
		}
	}
}

// keysOf is what keys a format like "role.%s", or a beginning like "field.",
// can make.
func keysOf(literal string) *regexp.Regexp {
	if strings.HasSuffix(literal, ".") {
		literal += "%s"
	}
	quoted := regexp.QuoteMeta(literal)
	quoted = strings.NewReplacer("%s", ".+", "%d", "[0-9]+").Replace(quoted)
	return regexp.MustCompile("^" + quoted + "$")
}
