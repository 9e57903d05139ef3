package spelling_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"amana/internal/spelling"
)

const sample = "Mme Fatoumata N'Diaye, 34 ans, veuve, vue à l'hôpital de Gao le 2026-03-09 avec sa sœur Aïssata. " +
	"Elle dit que son voisin Abd el Kader l'a accompagnée; elle a besoin de soins et d'un abri sûr. " +
	"Rappeler au +223 76 12 34 56 avant vendredi. Le chef du quartier, Ousmane Coulibaly, connaît la famille. " +
	"She asked that nobody call her husband; the follow-up visit is on Tuesday at the women's centre. " +
	"قالت عائشة إنها ذهبت إلى المستشفى مع أختها فاطمة بعد ثلاثة أيام"

// Whatever is written: it does not panic, what comes out is bounded and clean,
// and the text is found by its own words.
func FuzzAppend(f *testing.F) {
	f.Add(sample)
	f.Add("l'eau d'N'Diaye Sa'id x-bbb'ccc 12 34-56/78.90 +00 al'amin Abd-el Abd عبد ال")
	f.Add("\xff\xfe zqzx zzq ﷺ ﷺ İı ŒÆß ٱلْقُرْآن ـــ \u200d\u00ad ߞߟ 𞤀𞤁 ⵜⴰ 76 76 76 76 76 76 76 76 76 76 76")
	f.Add(strings.Repeat("é", 300) + " " + strings.Repeat("عبد ", 40) + strings.Repeat("7 ", 100))
	f.Fuzz(func(t *testing.T, text string) {
		for _, index := range []func([]byte, string) []byte{spelling.AppendText, spelling.AppendName} {
			tokens := index(nil, text)
			if len(tokens) > 64*len(text)+64 {
				t.Fatalf("%d bytes of tokens for %d bytes of text", len(tokens), len(text))
			}
			if !utf8.Valid(tokens) {
				t.Fatalf("tokens not UTF-8: %q", tokens)
			}
			for _, r := range string(tokens) {
				if r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r) {
					t.Fatalf("token with %q: %q", r, tokens)
				}
			}
			if !found(tokens, text, false) {
				t.Fatalf("%q is not found by its own words\nterms  %q\ntokens %q", text, spelling.Query(text), tokens)
			}
		}
		if n := len(spelling.Match(text, true)); n > 16*64*64 {
			t.Fatalf("a query of %d bytes", n)
		}
	})
}

func BenchmarkAppendText(b *testing.B) {
	words := float64(len(strings.Fields(sample)))
	buf := make([]byte, 0, 8<<10)
	b.ReportAllocs()
	for b.Loop() {
		buf = spelling.AppendText(buf[:0], sample)
	}
	perWord := float64(b.Elapsed().Microseconds()) / float64(b.N) / words
	b.ReportMetric(100*perWord, "µs/100words")
	b.ReportMetric(float64(len(buf))/float64(len(sample)), "bytes/byte")
}

func BenchmarkAppendName(b *testing.B) {
	buf := make([]byte, 0, 8<<10)
	b.ReportAllocs()
	for b.Loop() {
		buf = spelling.AppendName(buf[:0], "Fatoumata Zahra N'Diaye Abdelkader عائشة")
	}
}

func BenchmarkQuery(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		spelling.Match("Fatoumata عائشة coulib", true)
	}
}
