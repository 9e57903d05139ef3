package translate_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"amana/internal/i18n"
	"amana/internal/translate"
	"amana/internal/xlsform"
)

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func workbook(t testing.TB, p i18n.Pack) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := translate.Write(&b, catalogue(t), p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// change opens a workbook, changes cells, and writes it again.
func change(t testing.TB, raw []byte, sheet string, change func(row []string) []string) []byte {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := file.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for len(row) < 6 {
			row = append(row, "")
		}
		row = change(row)
		if err := file.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// invented stands for a translation: nobody here speaks these languages.
func invented(tag, english string) string { return "~" + tag + "~ " + english }

// A workbook goes out empty, comes back full, and says what was written in it.
func TestWorkbook_thereAndBack(t *testing.T) {
	c := catalogue(t)
	for tag, dir := range map[string]string{"mey": "rtl", "taq": "ltr", "ffm": "ltr", "ses": "ltr", "ff-Adlm": "rtl"} {
		t.Run(tag, func(t *testing.T) {
			empty := workbook(t, i18n.Pack{Tag: tag, Name: "Self", Dir: dir})
			if p, problems := translate.Read(empty, c); len(problems) > 0 || len(p.Messages) > 0 || p.Dir != dir {
				t.Fatalf("an empty one: %v, %v", p, problems)
			}
			full := change(t, empty, "texts", func(row []string) []string {
				if row[0] != "id" {
					row[4] = invented(tag, row[2])
				}
				return row
			})
			p, problems := translate.Read(full, c)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if got, want := len(p.Messages), len(translate.Keys(c)); got != want || want < 40 {
				t.Errorf("%d texts, want all %d", got, want)
			}
			if err := c.CheckPack(p); err != nil {
				t.Error(err)
			}
			again, problems := translate.Read(workbook(t, p), c)
			if len(problems) > 0 || again.Messages["public.title"]["other"] != invented(tag, "Useful addresses") {
				t.Errorf("what was translated does not go out again: %v, %v", again.Messages["public.title"], problems)
			}
			kept, err := p.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if back, err := c.ReadPack(kept); err != nil || len(back.Messages) != len(p.Messages) {
				t.Errorf("kept: %v", err)
			}
		})
	}
}

// Every fault is told by row and column, and none is let through.
func TestRead_faults(t *testing.T) {
	c := catalogue(t)
	raw := workbook(t, i18n.Pack{Tag: "taq", Name: "Tamasheq", Dir: "ltr"})
	title := 2 + slices.Index(translate.Keys(c), "public.title")
	for _, test := range []struct {
		name, key, column string
		change            func([]string) []string
	}{
		{"markup", "markup", "translation", put("public.title", 4, "<b>x</b>")},
		{"an entity", "markup", "translation", put("public.title", 4, "x &eacute; y")},
		{"an argument of its own", "arguments", "translation", put("public.title", 4, "{name}")},
		{"a brace", "braces", "translation", put("public.title", 4, "x } y")},
		{"a turn of direction", "control", "translation", put("public.title", 4, "x \u202e y")},
		{"far too long", "long", "translation", put("public.title", 4, strings.Repeat("x", 400))},
		{"no such text", "unknown", "id", put("public.title", 0, "public.nothing", 4, "x")},
		{"a text of members", "unknown", "id", put("public.title", 0, "cases.title", 4, "x")},
		{"a form that it has not", "form", "form", put("public.title", 1, "few", 4, "x")},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := translate.Read(change(t, raw, "texts", test.change), c)
			if len(problems) == 0 {
				t.Fatal("let through")
			}
			p := problems[0]
			if p.Sheet != "texts" || p.Row != title || p.Column != test.column || p.Key != "words.fault."+test.key || !p.Fatal {
				t.Errorf("%+v, want %s in row %d, column %s", p, test.key, title, test.column)
			}
		})
	}
	lost := put("public.as_of", 4, "no date")
	if _, problems := translate.Read(change(t, raw, "texts", lost), c); len(problems) != 1 || problems[0].Key != "words.fault.arguments" {
		t.Errorf("a date that was lost: %v", problems)
	}
}

// put sets cells of the row of a text.
func put(key string, cells ...any) func([]string) []string {
	return func(row []string) []string {
		if row[0] == key {
			for i := 0; i+1 < len(cells); i += 2 {
				row[cells[i].(int)] = cells[i+1].(string)
			}
		}
		return row
	}
}

func TestRead_whichLanguage(t *testing.T) {
	c := catalogue(t)
	raw := workbook(t, i18n.Pack{Tag: "taq", Name: "Tamasheq", Dir: "ltr"})
	set := func(word, value string) []byte {
		return change(t, raw, "language", func(row []string) []string {
			if row[0] == word {
				row[1] = value
			}
			return row
		})
	}
	for _, test := range []struct{ word, value, key string }{
		{"tag", "fra", "tag"},
		{"tag", "fr-ML", "tag"},
		{"tag", "no tag!", "tag"},
		{"tag", "", "tag"},
		{"tag", "xx-pseudo", "tag"},
		{"name", "", "name"},
		{"name", "<b>", "name"},
		{"direction", "up", "direction"},
	} {
		_, problems := translate.Read(set(test.word, test.value), c)
		if len(problems) != 1 || problems[0].Key != "words.fault."+test.key || problems[0].Sheet != "language" || problems[0].Column != test.word {
			t.Errorf("%s %q: %v", test.word, test.value, problems)
		}
	}
	if p, problems := translate.Read(set("tag", "bam"), c); len(problems) > 0 || p.Tag != "bm" {
		t.Errorf("bam is %s, %v", p.Tag, problems)
	}
}

// What is no workbook is refused as forms are.
func TestRead_refused(t *testing.T) {
	c := catalogue(t)
	file := excelize.NewFile()
	defer file.Close()
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"nothing": nil, "words": []byte("no workbook"), "another workbook": b.Bytes(), "too large": make([]byte, xlsform.LargestWorkbook+1),
	} {
		if _, problems := translate.Read(raw, c); len(problems) != 1 || !problems[0].Fatal {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestSoundType(t *testing.T) {
	opus := append([]byte("OggS\x00\x02"), append(make([]byte, 22), "OpusHead\x01"...)...)
	wav := append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), make([]byte, 40)...)
	for _, test := range []struct {
		name, want string
		raw        []byte
	}{
		{"Opus", "audio/ogg", opus},
		{"MP3 with a tag", "audio/mpeg", []byte("ID3\x04\x00\x00\x00\x00\x00\x00\x00")},
		{"MP3", "audio/mpeg", []byte{0xff, 0xfb, 0x50, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"WAV", "audio/wav", wav},
		{"a page", "", []byte("<!doctype html><script>alert(1)</script>")},
		{"a picture", "", []byte("\x89PNG\r\n\x1a\n0000000000")},
		{"Vorbis", "", append([]byte("OggS\x00\x02"), append(make([]byte, 22), "\x01vorbis"...)...)},
		{"nothing", "", nil},
		{"too large", "", append(bytes.Clone(wav), make([]byte, translate.LargestSound)...)},
	} {
		if got, err := translate.SoundType(test.raw); got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
	}
}
