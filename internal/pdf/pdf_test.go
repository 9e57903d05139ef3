package pdf_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"amana/internal/pdf"
)

func write(t testing.TB, lang string, right bool, fill func(*pdf.Document)) []byte {
	t.Helper()
	d, err := pdf.New("Invented title عنوان", lang, right, "0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	fill(d)
	return d.Bytes()
}

// textOf is what pdftotext reads.
func textOf(t testing.TB, raw []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("AMANA_REQUIRE") == "all" {
			t.Fatal("needs pdftotext, and AMANA_REQUIRE=all")
		}
		t.Skip("needs pdftotext")
	}
	path := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-enc", "UTF-8", path, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := strings.Map(func(r rune) rune { // marks of direction are the tool's own
		if r >= 0x200e && r <= 0x200f || r >= 0x202a && r <= 0x202e {
			return -1
		}
		return r
	}, string(out))
	return strings.Join(strings.Fields(text), " ")
}

func TestDocument_isReadInTheOrderInWhichItIsRead(t *testing.T) {
	const arabic, french = "سجلت المادة في العيادة يوم الاثنين", "Recueillie à la clinique, près du marché; ŋ ɓ ɗ ɛ ɔ"
	raw := write(t, "ar", true, func(d *pdf.Document) {
		d.Text(arabic, pdf.Style{Size: 11})
		d.Text(french, pdf.Style{Size: 11, Bold: true})
		d.Row("الرقم", "5e1f00aa-17", true)
	})
	text := textOf(t, raw)
	for _, want := range []string{arabic, french, "5e1f00aa-17", "1/1", "0123456789abcdef"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if !bytes.Contains(raw, []byte("/Lang (ar)")) || !bytes.Contains(raw, []byte("/Direction /R2L")) {
		t.Error("its language or direction is not said")
	}
}

// Arabic is joined: its letters are not drawn as they stand alone.
func TestDocument_joinsArabic(t *testing.T) {
	apart := write(t, "ar", true, func(d *pdf.Document) { d.Text("ب ي ت", pdf.Style{Size: 11}) })
	joined := write(t, "ar", true, func(d *pdf.Document) { d.Text("بيت", pdf.Style{Size: 11}) })
	if a, b := pdf.Glyphs(apart), pdf.Glyphs(joined); a == b || b == "" {
		t.Errorf("the same glyphs: %s", b)
	}
}

func TestDocument_goesOnOverPages(t *testing.T) {
	raw := write(t, "en", false, func(d *pdf.Document) {
		for range 120 {
			d.Row("A label that is long enough to take two lines of its own", strings.Repeat("words and ", 30), false)
		}
		d.Text(strings.Repeat("0123456789abcdef", 40), pdf.Style{Size: 10}) // no place to break it
	})
	text := textOf(t, raw)
	pages := strings.Count(string(raw), "/Type /Page /")
	if pages < 5 || strings.Count(text, "A label that") != 120 {
		t.Errorf("%d pages, %d labels", pages, strings.Count(text, "A label that"))
	}
	if last := "/" + strings.TrimSpace(strings.Split(text, "1/")[1][:2]); !strings.Contains(text, last) {
		t.Errorf("the pages are not numbered")
	}
}

func TestDocument_isTheSameForTheSameContent(t *testing.T) {
	fill := func(d *pdf.Document) { d.Text("Words كلمات", pdf.Style{Size: 11}) }
	if !bytes.Equal(write(t, "fr", false, fill), write(t, "fr", false, fill)) {
		t.Error("two documents of one content differ")
	}
}

// What somebody typed is text, whatever it looks like.
func TestDocument_runsNothing(t *testing.T) {
	raw := write(t, "en) /OpenAction (", false, func(d *pdf.Document) {
		d.Text(") Tj ET /JavaScript (alert(1)) \x00\x1b\u202e endstream", pdf.Style{Size: 11})
	})
	for _, bad := range []string{"/JavaScript", "/OpenAction", "/AA", "/URI", "/Launch", "/EmbeddedFile"} {
		if bytes.Contains(raw, []byte(bad)) {
			t.Errorf("it has %s", bad)
		}
	}
	if text := textOf(t, raw); !strings.Contains(text, "/JavaScript (alert(1))") {
		t.Errorf("the words are not in %q", text)
	}
}

// A table keeps its rows together, says its head on every page, and what is wider than
// the page stands below with the words of the rows again; from the right in Arabic.
func TestDocument_tables(t *testing.T) {
	head := []string{"Area"}
	for i := range 12 {
		head = append(head, fmt.Sprintf("month%02d", i+1))
	}
	var rows [][]string
	for i := range 60 {
		row := []string{fmt.Sprintf("row%02d", i)}
		for k := range 12 {
			row = append(row, fmt.Sprintf("%d", 1000*i+k))
		}
		rows = append(rows, row)
	}
	raw := write(t, "en", false, func(d *pdf.Document) { d.Table(head, rows) })
	text := textOf(t, raw)
	pages := strings.Count(string(raw), "/Type /Page /")
	if n := strings.Count(text, "row59"); n != 2 {
		t.Errorf("the last row stands %d times, want 2", n)
	}
	if a, b := strings.Count(text, "month01"), strings.Count(text, "month07"); pages < 3 || a+b < pages {
		t.Errorf("%d and %d heads on %d pages", a, b, pages)
	}
	if !strings.Contains(text, "59011") {
		t.Error("the last number is missing")
	}
	right := textOf(t, write(t, "ar", true, func(d *pdf.Document) {
		d.Table([]string{"المنطقة", "العدد"}, [][]string{{"الشمال", "12"}})
	}))
	for _, want := range []string{"المنطقة", "العدد", "الشمال", "12"} {
		if !strings.Contains(right, want) {
			t.Errorf("%q is not in %q", want, right)
		}
	}
}

// Bars and outlines draw, and only their words are read.
func TestDocument_barsAndMaps(t *testing.T) {
	raw := write(t, "fr", false, func(d *pdf.Document) {
		d.Bars([]pdf.Bar{{Label: "viol: 12", Share: 1}, {Label: "attaque: retenu", None: true}, {Label: "autre: 4", Share: 4.0 / 12}})
		d.Map(1000, 600, []pdf.Outline{
			{Lines: [][][2]float64{{{10, 10}, {500, 10}, {500, 500}, {10, 500}}}, Shade: 4, Label: "Marsafi: 12", At: [2]float64{250, 250}},
			{Lines: [][][2]float64{{{500, 10}, {900, 10}, {900, 500}}}, At: [2]float64{800, 200}},
		})
	})
	if text := textOf(t, raw); text != "viol: 12 attaque: retenu autre: 4 Marsafi: 12 0123456789abcdef 1/1" {
		t.Errorf("%q", text)
	}
	if n := strings.Count(pdf.Streams(raw), "B* Q EMC"); n != 2 {
		t.Errorf("%d outlines, want 2", n)
	}
}
