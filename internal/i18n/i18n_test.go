package i18n_test

import (
	"strings"
	"testing"
	"time"

	"amana/internal/i18n"
)

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMatch(t *testing.T) {
	c := catalogue(t)
	for _, test := range []struct{ name, prefs, want string }{
		{"as asked", "fr", "fr"},
		{"with a region", "fr-ML", "fr"},
		{"the first that there is", "de ar en", "ar"},
		{"Hassaniya is near to Arabic", "mey fr", "ar"},
		{"Tamasheq readers went to school in French", "taq", "fr"},
		{"but another language asked for is better", "taq ar", "ar"},
		{"Pulaar of Futa", "fuf", "fr"},
		{"Jula", "dyu", "fr"},
		{"Tifinagh", "zgh", "fr"},
		{"unknown to us", "de", "en"},
		{"nothing asked", "", "en"},
		{"nonsense", "!! ;q=1 *", "en"},
		{"a region where French is read", "und-ML", "fr"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := c.Match(strings.Fields(test.prefs)...).Tag(); got != test.want {
				t.Errorf("Match(%s) = %s, want %s", test.prefs, got, test.want)
			}
		})
	}
	if got := c.Language(i18n.PseudoRTL); got.Dir() != "rtl" || got.Tag() != i18n.PseudoRTL {
		t.Errorf("%s is %s, %s", i18n.PseudoRTL, got.Tag(), got.Dir())
	}
	if got := c.Match(i18n.PseudoLong).Tag(); got != "en" {
		t.Errorf("a browser can ask for a pseudo-language: %s", got)
	}
}

func TestLanguage(t *testing.T) {
	c := catalogue(t)
	for tag, want := range map[string]string{"en": "ltr English", "fr": "ltr Français", "ar": "rtl العربية"} {
		l := c.Language(tag)
		if got := l.Dir() + " " + l.Name(); got != want {
			t.Errorf("%s is %s, want %s", tag, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	c := catalogue(t)
	for _, test := range []struct{ tag, iso, want string }{
		{"en", "2026", "2026"},
		{"en", "2026-03", "March 2026"},
		{"en", "2026-03-09", "9 March 2026"},
		{"en", "2026-03-09T14:30", "9 March 2026, 14:30"},
		{"fr", "2026-03-01", "1er mars 2026"},
		{"fr", "2026-03-09T04:30", "9 mars 2026 à 04:30"},
		{"ar", "2026-03-09", "9 مارس 2026"},
		{"ar", "2026-03-09T14:30", "9 مارس 2026، 14:30"},
		{"fr", "", ""},
		{"fr", "2026-13-09", "2026-13-09"},
		{"fr", "soon", "soon"},
	} {
		if got := c.Language(test.tag).ISODate(test.iso); got != test.want {
			t.Errorf("%s: ISODate(%q) = %q, want %q", test.tag, test.iso, got, test.want)
		}
	}
	l, at := c.Language("fr"), time.Date(2026, 8, 1, 9, 5, 0, 0, time.Local)
	if got, want := l.Date(at)+"|"+l.DateTime(at)+"|"+l.Date(time.Time{})+l.DateTime(time.Time{}), "1er août 2026|1er août 2026 à 09:05|"; got != want {
		t.Errorf("Date, DateTime = %q, want %q", got, want)
	}
}

func TestNumber(t *testing.T) {
	c := catalogue(t)
	for _, test := range []struct {
		tag  string
		n    int
		want string
	}{
		{"en", 0, "0"},
		{"en", 999, "999"},
		{"en", 1000, "1,000"},
		{"en", -1234567, "-1,234,567"},
		{"fr", 12345, "12\u202f345"},
		{"ar", 12345, "12,345"},
	} {
		if got := c.Language(test.tag).Number(test.n); got != test.want {
			t.Errorf("%s: Number(%d) = %q, want %q", test.tag, test.n, got, test.want)
		}
	}
}

func TestT(t *testing.T) {
	c := catalogue(t)
	for _, test := range []struct {
		name, tag, key string
		args           []any
		want           string
	}{
		{"one", "en", "frame.errors", []any{"n", 1}, "There is something to put right"},
		{"other", "en", "frame.errors", []any{"n", 2}, "There are 2 things to put right"},
		{"none is one in French", "fr", "frame.errors", []any{"n", 0}, "Il y a un point à corriger"},
		{"a few in Arabic", "ar", "frame.errors", []any{"n", 3}, "هناك 3 أمور بحاجة إلى تصحيح"},
		{"many in Arabic", "ar", "frame.errors", []any{"n", 11}, "هناك 11 أمرًا بحاجة إلى تصحيح"},
		{"a hundred in Arabic", "ar", "frame.errors", []any{"n", 100}, "هناك 100 أمر بحاجة إلى تصحيح"},
		{"an Arabic name in English stays apart", "en", "unlock.demo.fill.name", []any{"name", "مريم"}, "Fill in the passphrase of \u2068مريم\u2069"},
		{"a Latin one does not need to", "en", "unlock.demo.fill.name", []any{"name", "Awa"}, "Fill in the passphrase of Awa"},
		{"an argument left out is seen", "en", "unlock.demo.fill.name", nil, "Fill in the passphrase of {name}"},
		{"a key that is not there is seen", "fr", "no.such.key", nil, "⟦no.such.key⟧"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := c.Language(test.tag).T(test.key, test.args...); got != test.want {
				t.Errorf("T = %q, want %q", got, test.want)
			}
		})
	}
	if c.Language("fr").Has("no.such.key") || !c.Language("fr").Has("frame.errors") {
		t.Error("Has does not know what there is")
	}
	if got := c.Language(i18n.PseudoLong).T("frame.save"); got != "Sávé~~~" {
		t.Errorf("pseudo: %q", got)
	}
}
