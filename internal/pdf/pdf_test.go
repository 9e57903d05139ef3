package pdf_test

import (
	"bytes"
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
