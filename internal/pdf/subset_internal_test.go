package pdf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

func letterOf(t *testing.T) *Document {
	t.Helper()
	d, err := New("Invented title", "ar", true, "0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	d.Text("سجلت المادة في العيادة يوم الاثنين، ولا إلى غيرها", Style{Size: 11})
	d.Text("Recueillie à la clinique, près du marché; ŋ ɓ ɗ ɛ ɔ ẽ Ç", Style{Size: 11})
	d.Text("Éà ﷲ المُستشفى 0123", Style{Size: 14, Bold: true})
	return d
}

// What is drawn looks the same, dot by dot, whether the whole fonts are in the file or
// what it draws of them; and the file is smaller.
func TestPart_looksTheSame(t *testing.T) {
	tool, err := exec.LookPath("pdftoppm")
	if err != nil {
		if os.Getenv("AMANA_REQUIRE") == "all" {
			t.Fatal("needs pdftoppm, and AMANA_REQUIRE=all")
		}
		t.Skip("needs pdftoppm")
	}
	draw := func(raw []byte) []byte {
		dir := t.TempDir()
		path := filepath.Join(dir, "x.pdf")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), tool, "-r", "100", "-singlefile", path, filepath.Join(dir, "x")).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Fatalf("%v: %s", err, out)
		}
		dots, err := os.ReadFile(filepath.Join(dir, "x.ppm"))
		if err != nil {
			t.Fatal(err)
		}
		return dots
	}
	whole := letterOf(t).bytes(func(f *face) []byte { return f.raw })
	part := letterOf(t).Bytes()
	t.Logf("%d bytes with the whole fonts, %d with what is drawn", len(whole), len(part))
	if len(part) > len(whole)/2 {
		t.Errorf("%d bytes, of %d with the whole fonts", len(part), len(whole))
	}
	if !bytes.Equal(draw(part), draw(whole)) {
		t.Error("it looks otherwise")
	}
	blank := letterOf(t).bytes(func(f *face) []byte {
		f = &face{Face: f.Face, name: f.name, raw: f.raw}
		return f.part()
	})
	if bytes.Equal(draw(blank), draw(whole)) {
		t.Error("it looks the same without any letter: the test sees nothing")
	}
}

// A font that is cut short, or says what cannot be, is taken whole.
func TestPart_ofWhatIsNoFont(t *testing.T) {
	d := letterOf(t)
	for _, f := range slices.Concat(d.regular, d.bold) {
		if len(f.part()) >= len(f.raw) {
			t.Errorf("%s: nothing was left out", f.name)
		}
		for _, n := range []int{0, 1, 100, len(f.raw) / 2} {
			cut := *f
			cut.raw = f.raw[:n]
			if got := cut.part(); !bytes.Equal(got, cut.raw) {
				t.Errorf("%s of %d bytes: %d bytes of it", f.name, n, len(got))
			}
		}
	}
}
