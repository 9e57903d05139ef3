package scrub_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"amana"
	"amana/internal/scrub"
)

// aDocument is a PDF of pages with one line of words each, and with everything that
// could come with one: who made it, a script, an attachment, words that are not seen.
func aDocument(t testing.TB, pages ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	var at []int
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	stream := func(text string) string { return fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(text), text) }
	b.WriteString("%PDF-1.7\n")
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 7+2*i))
	}
	object("<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R/Names<</EmbeddedFiles<</Names[(CANARY-FILE) 5 0 R]>>>>>>")
	object(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(kids), strings.Join(kids, " ")))
	object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	object("<</S/JavaScript/JS(app.alert\\('CANARY-SCRIPT'\\))>>")
	object("<</Type/Filespec/F(CANARY-NAME)/EF<</F 6 0 R>>>>")
	object(stream("CANARY-ATTACHED"))
	for _, words := range pages {
		object(fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>>>>>", len(at)+2))
		object(stream("BT /F 20 Tf 10 60 Td (" + words + ") Tj 3 Tr 0 -40 Td (CANARY-UNSEEN) Tj ET"))
	}
	object("<</Author(CANARY-AUTHOR)/Title(CANARY-TITLE)>>")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\nCANARY-AFTER", len(at)+1, len(at), start)
	return b.Bytes()
}

// pictures are the pages of a copy, each an image.
func pictures(t testing.TB, raw []byte) (list [][]byte) {
	t.Helper()
	for rest := raw; ; {
		at := bytes.Index(rest, []byte("\xff\xd8\xff"))
		if at < 0 {
			return list
		}
		end := bytes.Index(rest[at:], []byte("\nendstream"))
		list = append(list, rest[at:at+end])
		rest = rest[at+end:]
	}
}

// ink counts the dark points of a part of a page, in thousandths.
func ink(t testing.TB, page []byte, left, top, width, height int) (dark, all int) {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bounds()
	for y := top * b.Dy() / 1000; y < (top+height)*b.Dy()/1000; y++ {
		for x := left * b.Dx() / 1000; x < (left+width)*b.Dx()/1000; x++ {
			if r, _, _, _ := m.At(x, y).RGBA(); r < 0x8000 {
				dark++
			}
			all++
		}
	}
	return dark, all
}

func TestDocument_hasThePicturesOfItsPagesAndNothingElse(t *testing.T) {
	raw := aDocument(t, "CANARY one", "CANARY two", "CANARY three")
	out := mustWrite(t, raw, scrub.Plan{Leave: []int{2}, Cover: []scrub.Region{{1, 0, 200, 1000, 300}}})
	if bytes.Contains(out, []byte("CANARY")) || bytes.Contains(out, []byte("JavaScript")) || bytes.Contains(out, []byte("/Font")) {
		t.Error("something came with it")
	}
	pages := pictures(t, out)
	if len(pages) != 2 {
		t.Fatalf("%d pages, want the first and the third", len(pages))
	}
	if dark, all := ink(t, pages[0], 10, 220, 980, 260); dark != all {
		t.Errorf("not covered: %d of %d points", dark, all)
	}
	if dark, _ := ink(t, pages[1], 0, 200, 1000, 300); dark < 100 {
		t.Errorf("the words of the third page are not there: %d dark points", dark)
	}
	if dark, _ := ink(t, pages[1], 0, 600, 1000, 400); dark > 0 {
		t.Errorf("words that were not to be seen are seen: %d dark points", dark)
	}
	for name, p := range map[string]scrub.Plan{
		"a page that is not there":    {Leave: []int{4}},
		"a region of no page":         {Cover: []scrub.Region{{0, 0, 0, 10, 10}}},
		"a region of a page too many": {Cover: []scrub.Region{{4, 0, 0, 10, 10}}},
		"all pages left out":          {Leave: []int{1, 2, 3}},
		"silence in a document":       {Mute: []scrub.Span{{0, 1}}},
	} {
		if _, err := write(raw, p); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	others(t, out)
}

// others has another program read the copy.
func others(t *testing.T, raw []byte) {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("AMANA_REQUIRE") == "all" {
			t.Fatal("needs pdftotext, and AMANA_REQUIRE=all")
		}
		t.Skip("needs pdftotext")
	}
	path := filepath.Join(t.TempDir(), "copy.pdf")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), tool, path, "-").CombinedOutput()
	if err != nil || strings.TrimSpace(string(text)) != "" {
		t.Errorf("%v: %q, want two pages without a word", err, text)
	}
	if strings.Count(string(text), "\f") != 2 {
		t.Errorf("%d pages", strings.Count(string(text), "\f"))
	}
}

func TestDocument_refusesWhatWouldExhaust(t *testing.T) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	for range 48 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	unfolds := fmt.Sprintf("%%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"+
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]/Contents 4 0 R>>endobj\n4 0 obj<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>", b.Len(), b.String())
	circle := "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1000000/Kids[2 0 R 2 0 R 2 0 R]>>endobj\ntrailer<</Root 1 0 R>>"
	for name, raw := range map[string]string{
		"cut short": "%PDF-1.7\n", "only words": "%PDF-1.7 with words and nothing else", "a circle": circle, "one that is a page too": "%PDF-<script>alert(1)</script>",
	} {
		if _, err := write([]byte(raw), scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What unfolds is drawn or refused, in bounded memory and time.
	if out, err := write([]byte(unfolds), scrub.Plan{}); err != nil && !errors.Is(err, amana.ErrInvalid) || len(out) > 1<<20 {
		t.Errorf("what unfolds: %d bytes, %v", len(out), err)
	}
	huge := bytes.Replace(aDocument(t, "x"), []byte("[0 0 200 100]"), []byte("[0 0 90000 90000]"), 1)
	if out, err := write(huge, scrub.Plan{}); err == nil {
		if m, err := jpeg.DecodeConfig(bytes.NewReader(pictures(t, out)[0])); err != nil || m.Width*m.Height > 12<<20 {
			t.Errorf("a page of %d times %d points", m.Width, m.Height)
		}
	}
	if out := mustWrite(t, aDocument(t, "after all that"), scrub.Plan{}); len(pictures(t, out)) != 1 {
		t.Error("the next document is not drawn")
	}
}
