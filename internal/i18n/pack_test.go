package i18n_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amana/internal/i18n"
)

// Unicode links none of these: who speaks one reads the next.
func TestChain(t *testing.T) {
	for tag, want := range map[string]string{
		"taq": "tmh fr en", "mey": "ar fr en", "fuf": "ff fr en", "fuc": "ff fr en", "ffm": "ff fr en", "ses": "fr en", "dyu": "bm fr en",
		"ff-Adlm": "ff fr en", "zgh": "fr en", "de": "en", "!": "en",
	} {
		if got := strings.Join(i18n.Chain(tag), " "); got != want {
			t.Errorf("Chain(%s) = %s, want %s", tag, got, want)
		}
	}
}

// With its script, Unicode forgets that Fula has two forms.
func TestPluralForms(t *testing.T) {
	for tag, want := range map[string]string{
		"ff": "one other", "ff-Adlm": "one other", "ffm": "other", "taq": "other", "mey": "other", "ses": "other", "bm": "other",
		"fra": "one other", "ar": "zero one two few many other",
	} {
		if got := strings.Join(i18n.PluralForms(tag), " "); got != want {
			t.Errorf("PluralForms(%s) = %s, want %s", tag, got, want)
		}
	}
}

func TestDirection(t *testing.T) {
	for tag, want := range map[string]string{"ff-Adlm": "rtl", "ar": "rtl", "taq-Arab": "rtl", "ses": "ltr", "taq": "ltr", "zgh": "ltr"} {
		if got := i18n.Direction(tag); got != want {
			t.Errorf("Direction(%s) = %s, want %s", tag, got, want)
		}
	}
}

func pack(tag, dir string, messages map[string]i18n.Forms) i18n.Pack {
	return i18n.Pack{Tag: tag, Name: "Self " + tag, Dir: dir, Messages: messages}
}

func local(t *testing.T, tag string, packs ...i18n.Pack) i18n.Language {
	t.Helper()
	c := catalogue(t)
	for _, p := range packs {
		if err := c.CheckPack(p); err != nil {
			t.Fatal(err)
		}
	}
	l, there := c.Local(tag, packs...)
	if !there {
		t.Fatalf("no %s", tag)
	}
	return l
}

// What a language has no words for is said in the nearest one, and seen to be.
func TestLocal_fallsBackVisibly(t *testing.T) {
	own := map[string]i18n.Forms{"public.title": {"other": "own words"}}
	for _, test := range []struct{ tag, dir, mark, lacks string }{
		{"mey", "rtl", "[ar]", "عناوين"},
		{"taq", "ltr", "[fr]", "Quitter"},
		{"ffm", "ltr", "[fr]", "Quitter"},
		{"ses", "ltr", "[fr]", "Quitter"},
	} {
		l := local(t, test.tag, pack(test.tag, test.dir, own))
		if got := l.T("public.title"); got != "own words" {
			t.Errorf("%s: %q", test.tag, got)
		}
		if got := l.T("public.exit"); !strings.HasSuffix(got, test.mark) || l.Own("public.exit") || !l.Has("public.exit") {
			t.Errorf("%s has no words for it, and says %q", test.tag, got)
		}
		if l.Dir() != test.dir || l.Tag() != test.tag || l.Name() != "Self "+test.tag {
			t.Errorf("%s is %s %s %s", test.tag, l.Tag(), l.Dir(), l.Name())
		}
		if got := l.T("no.such.key"); got != "⟦no.such.key⟧" {
			t.Errorf("%q", got)
		}
	}
	near := pack("tmh", "ltr", map[string]i18n.Forms{"public.exit": {"other": "near words"}})
	l := local(t, "taq", near, pack("taq", "ltr", own))
	if got := l.T("public.exit"); !strings.Contains(got, "near words") || !strings.HasSuffix(got, "[tmh]") {
		t.Errorf("taq does not ask tmh first: %q", got)
	}
	if got := l.T("public.none"); !strings.HasSuffix(got, "[fr]") {
		t.Errorf("and then fr: %q", got)
	}
	if got := strings.Join(l.Chain(), " "); got != "tmh fr en" {
		t.Errorf("chain %s", got)
	}
}

// Digits are Western in every language, and a date in another language is marked.
func TestLocal_datesAndNumbers(t *testing.T) {
	l := local(t, "mey", pack("mey", "rtl", nil))
	at := time.Date(2026, 3, 9, 14, 30, 0, 0, time.Local)
	for _, got := range []string{l.Date(at), l.DateTime(at), l.ISODate("2026-03-09")} {
		if !strings.Contains(got, "2026") || !strings.HasSuffix(got, "[ar]") {
			t.Errorf("date %q", got)
		}
	}
	for _, tag := range append(catalogue(t).Tags(), i18n.PseudoRTL) {
		if got := catalogue(t).Language(tag).Number(1234567890); strings.Trim(got, "0123456789,\u202f") != "" {
			t.Errorf("%s writes %q", tag, got)
		}
	}
	if got := l.Number(12345); strings.Trim(got, "0123456789,\u202f") != "" {
		t.Errorf("mey writes %q", got)
	}
}

// Two editions of a language are not taken for each other, nor the program's own
// language for one that was brought.
func TestLocal_editions(t *testing.T) {
	one := local(t, "ses", pack("ses", "ltr", map[string]i18n.Forms{"public.title": {"other": "one"}}))
	two := local(t, "ses", pack("ses", "ltr", map[string]i18n.Forms{"public.title": {"other": "two"}}))
	if one.Edition() == two.Edition() || one.Edition() == "ses" {
		t.Errorf("%s, %s", one.Edition(), two.Edition())
	}
	if _, there := catalogue(t).Local("taq", pack("ses", "ltr", nil)); there {
		t.Error("a language that nobody brought")
	}
}

func TestCheck_plurals(t *testing.T) {
	c := catalogue(t)
	key := "frame.errors" // {n} things
	for _, test := range []struct {
		tag   string
		forms i18n.Forms
		want  []string
	}{
		{"ff-Adlm", i18n.Forms{"one": "a", "other": "{n} b"}, nil},
		{"ff-Adlm", i18n.Forms{"other": "{n} b"}, []string{"form"}},
		{"taq", i18n.Forms{"other": "{n} b"}, nil},
		{"taq", i18n.Forms{"one": "a", "other": "{n} b"}, []string{"form"}},
		{"taq", i18n.Forms{"other": "b"}, []string{"arguments"}},
		{"ff", i18n.Forms{"one": "{m}", "other": "{n}"}, []string{"arguments"}},
	} {
		var got []string
		for _, f := range c.Check(test.tag, key, test.forms) {
			got = append(got, f.Kind)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s %v: %v, want %v", test.tag, test.forms, got, test.want)
		}
	}
}

// A pack that was kept is checked again, and a text that the program no longer has
// does not take the others with it.
func TestReadPack(t *testing.T) {
	c := catalogue(t)
	raw := `{"tag":"ses","name":"Soŋay","dir":"ltr","messages":{"public.title":{"other":"x"},"gone.key":{"other":"y"}}}`
	p, err := c.ReadPack([]byte(raw))
	if err != nil || len(p.Messages) != 1 || p.Review != nil {
		t.Errorf("%v, %v", p, err)
	}
	for _, bad := range []string{
		"", "{}", strings.Replace(raw, `"ses"`, `"fr"`, 1), strings.Replace(raw, `"ltr"`, `"x"`, 1), strings.Replace(raw, `"Soŋay"`, `""`, 1),
		strings.Replace(raw, `"x"`, `"<x>"`, 1), strings.Replace(raw, `"dir"`, `"review":{"name":"","on":""},"dir"`, 1), strings.Replace(raw, `"ses"`, `"bam"`, 1),
	} {
		if _, err := c.ReadPack([]byte(bad)); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
}
