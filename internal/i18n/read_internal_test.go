package i18n

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestRead_refuses(t *testing.T) {
	for name, text := range map[string]string{
		"not an object":          `["a"]`,
		"a number":               `{"a": 1}`,
		"an empty message":       `{"a": ""}`,
		"a brace left open":      `{"a": "x {n"}`,
		"a brace that closes":    `{"a": "x } y"}`,
		"a nameless argument":    `{"a": "x {} y"}`,
		"an odd argument":        `{"a": "x {N 1} y"}`,
		"a form nobody knows":    `{"a": {"several": "x", "other": "y"}}`,
		"forms without other":    `{"a": {"one": "x"}}`,
		"a key of another area":  `{"twice": "x"}`,
		"plural forms in plural": `{"a": {"other": {"other": "x"}}}`,
	} {
		files := fstest.MapFS{
			"locales/en/a.json": {Data: []byte(text)},
			"locales/en/b.json": {Data: []byte(`{"twice": "x"}`)},
		}
		if _, err := read(files); err == nil {
			t.Errorf("%s is taken", name)
		} else if !strings.HasPrefix(err.Error(), "i18n: locales/en/") {
			t.Errorf("%s: the error does not say where: %v", name, err)
		}
	}
	if _, err := read(fstest.MapFS{"locales/fr/a.json": {Data: []byte(`{"a": "x"}`)}}); err == nil {
		t.Error("messages without a source are taken")
	}
}

func TestT_marksWhatIsNotTranslated(t *testing.T) {
	c, err := read(fstest.MapFS{
		"locales/en/a.json": {Data: []byte(`{"a": "word of {who}"}`)},
		"locales/fr/a.json": {Data: []byte(`{"b": "mot"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Language("fr").T("a", "who", "Awa"), "⟦word of Awa⟧"; got != want {
		t.Errorf("T = %q, want %q", got, want)
	}
}
