package spelling_test

import (
	"slices"
	"strings"
	"testing"

	"amana/internal/spelling"
)

// found reports whether a search finds what was indexed as tokens.
func found(tokens []byte, search string, typing bool) bool {
	have := strings.Fields(string(tokens))
	terms := spelling.Query(search)
	for i, t := range terms {
		hit := slices.ContainsFunc(t.Any, func(s string) bool { return slices.Contains(have, s) })
		if !hit && typing && i == len(terms)-1 && t.Prefix != "" {
			hit = slices.ContainsFunc(have, func(s string) bool { return strings.HasPrefix(s, t.Prefix) })
		}
		if !hit {
			return false
		}
	}
	return true
}

func TestQuery_text(t *testing.T) {
	const note = "Mme N'Diaye (l'aînée), blessée à l'hôpital de Gao; sa sœur Aïssata l'a vue le 2026-03-09. " +
		"Tél. +223 76 12 34 56. Abd el Kader et Jean-Pierre, voisins. " +
		"Œuvre Sa'id Ŋana. قالت عائشة إنها ذهبت إلى المُستشفى مع عبد القادر وفاطمة"
	tokens := spelling.AppendText(nil, note)
	for _, test := range []struct {
		search string
		want   bool
	}{
		{"hopital", true},
		{"l'hôpital", true},
		{"L’HOPITAL", true},
		{"blesse", true},
		{"blessés", true},
		{"soeur", true},
		{"sœur", true},
		{"oeuvre", true},
		{"ainee", true},
		{"voisin", true},
		{"ndiaye", true},
		{"n'diaye", true},
		{"diaye", true},
		{"Njie", true},
		{"said", true},
		{"Saïd", true},
		{"aissata", true},
		{"Aysha gao", true},
		{"gao aissata 2026", true},
		{"gao aissata 2025", false},
		{"76123456", true},
		{"76.12.34.56", true},
		{"0022376123456", true},
		{"+223 76 12 34 56", true},
		{"76123457", false},
		{"2026-03-09", true},
		{"jean pierre", true},
		{"jeanpierre", true},
		{"Abdelkader", true},
		{"Abdoul Kadir", true},
		{"Abdulqadir", true},
		{"عبدالقادر", true},
		{"عايشة", true},
		{"عَائِشَة", true},
		{"عائشه", true},
		{"مستشفي", true},
		{"المستشفى", true},
		{"والمستشفى", true},
		{"فاطمه", true},
		{"Fatoumata", true}, // written فاطمة
		{"عبد القادر", true},
		{"مدرسة", false},
		{"ngana", true},
		{"école", false},
		{"Fatou", false},
		{"", true},
		{" -,' ", true},
	} {
		if got := found(tokens, test.search, false); got != test.want {
			t.Errorf("search %q: found = %t, want %t\nterms  %q\ntokens %q", test.search, got, test.want, spelling.Query(test.search), tokens)
		}
	}
}

func TestQuery_typing(t *testing.T) {
	tokens := spelling.AppendName(nil, "Fatoumata Coulibaly 76123456")
	for search, want := range map[string]bool{
		"fat":            true,
		"fatoumata co":   true,
		"co fatoumata":   false, // only the last word may be unfinished
		"fatoumata x":    false,
		"f":              false, // too little
		"7":              true,
		"7612":           true,
		"z":              false,
		"zq":             false, // a key is nobody's name
		"zqftm":          false,
		"fatoumata cool": false,
	} {
		if got := found(tokens, search, true); got != want {
			t.Errorf("typing %q: found = %t, want %t (%q)", search, got, want, spelling.Query(search))
		}
	}
}

func TestAppend_tokens(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"Aïssata", "aissata zqas "},
		{"عائشة", "عايشه zxas "},
		{"Ba", "ba zqba "},
		{"٠٧", "07 "},
		{"zqftm", "zzqftm zqskftm "},
		{"", ""},
	} {
		if got := string(spelling.AppendName(nil, test.name)); got != test.want {
			t.Errorf("AppendName(%q) = %q, want %q", test.name, got, test.want)
		}
	}
	// A word of a text has a key only if it looks like a name.
	if got, want := string(spelling.AppendText(nil, "Elle connaît Awa, sa voisine.")), "elle connait awa zqaw sa voisine "; got != want {
		t.Errorf("AppendText = %q, want %q", got, want)
	}
}

func TestMatch(t *testing.T) {
	got := spelling.Match("Gao awa", true)
	want := `("gao" OR "zqgu") AND ("awa" OR "zqaw" OR "awa" *)`
	if got != want {
		t.Errorf("Match = %s\nwant    %s", got, want)
	}
	if got := spelling.Match(" ' ", true); got != "" {
		t.Errorf("Match of no words = %q", got)
	}
}

func TestDistinct(t *testing.T) {
	var d spelling.Distinct
	for _, text := range []string{
		"", "a", sample, strings.Repeat(sample+" ", 3), "ab abc a ab c abc", strings.Repeat("x1 y ", 5000), sample,
	} {
		tokens := spelling.AppendName(spelling.AppendText(nil, text), text)
		var want []string
		for w := range strings.FieldsSeq(string(tokens)) {
			if !slices.Contains(want, w) {
				want = append(want, w)
			}
		}
		got := string(d.Of(tokens))
		if !slices.Equal(strings.Fields(got), want) {
			t.Errorf("%.40q: %.200q; want %.200q", text, got, want)
		}
	}
}
