package xlsform_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"amana/internal/xlsform"
)

func minimal(t testing.TB) []byte {
	return workbook(t, "survey", "type | name | label\ntext | a | A", "settings", settings)
}

func surveyXML(rows string) []byte {
	return []byte(`<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`)
}

// TestRead_hostileWorkbooks: what is no workbook, or more than one, is refused in
// little memory and little time, and leaves nothing on the disk.
func TestRead_hostileWorkbooks(t *testing.T) {
	good := minimal(t)
	sheet := func(rows string) []byte {
		return rezip(t, good, func(name string, raw []byte) []byte {
			if strings.HasPrefix(name, "xl/worksheets/") && bytes.Contains(raw, []byte("<row")) {
				return surveyXML(rows)
			}
			return raw
		}, nil)
	}
	part := func(name string, raw []byte) []byte {
		return rezip(t, good, unchanged, map[string][]byte{name: raw})
	}
	tests := []struct {
		name string
		raw  []byte
		key  string
	}{
		{"nothing", nil, "xlsform.file.not"},
		{"no zip", []byte("type,name,label"), "xlsform.file.not"},
		{"an old .xls", append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 600)...), "xlsform.file.old"},
		{"a zip of something else", rezip(t, good, func(string, []byte) []byte { return nil }, map[string][]byte{"a.txt": []byte("a")}), "xlsform.file.not"},
		{"half of it", good[:len(good)/2], "xlsform.file.not"},
		{"too large", append(bytes.Clone(good), make([]byte, xlsform.LargestWorkbook)...), "xlsform.file.large"},
		{"macros", part("xl/vbaProject.bin", []byte("x")), "xlsform.file.active"},
		{"macros in capitals", part("XL/VBAPROJECT.BIN", []byte("x")), "xlsform.file.active"},
		{"a link to another workbook", part("xl/externalLinks/externalLink1.xml", []byte("<x/>")), "xlsform.file.active"},
		{"an embedded file", part("xl/embeddings/object1.bin", []byte("x")), "xlsform.file.active"},
		{"a connection", part("xl/connections.xml", []byte("<x/>")), "xlsform.file.active"},
		{"macros by what it says it is", rezip(t, good, func(name string, raw []byte) []byte {
			return bytes.ReplaceAll(raw, []byte("spreadsheetml.sheet.main+xml"), []byte("ms-excel.sheet.macroEnabled.main+xml"))
		}, nil), "xlsform.file.active"},
		{"a bomb", part("xl/worksheets/sheet9.xml", make([]byte, 200<<20)), "xlsform.file.unpacked"},
		{"a bomb among styles", rezip(t, good, func(name string, raw []byte) []byte {
			if name == "xl/styles.xml" {
				return bytes.Repeat([]byte(" "), 2<<20)
			}
			return raw
		}, nil), "xlsform.file.unpacked"},
		{"a million rows", sheet(strings.Repeat("<row/>", 1_000_000)), "xlsform.sheet.rows"},
		{"the last row there is", sheet(`<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>text</t></is></c></row>`), "xlsform.sheet.rows"},
		{"the last column there is", sheet(`<row r="1"><c r="XFD1" t="inlineStr"><is><t>type</t></is></c></row>`), "xlsform.sheet.columns"},
		{"cells without end", sheet(`<row r="1">` + strings.Repeat("<c/>", 300_000) + `</row>`), "xlsform.sheet.columns"},
		{"a formula", sheet(`<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>`), "xlsform.sheet.formula"},
		{"a formula that other cells share", sheet(`<row r="1"><c r="A1"><f t="shared" si="0"/><v>2</v></c></row>`), "xlsform.sheet.formula"},
		{"a cell without end", sheet(`<row r="1"><c r="A1" t="inlineStr"><is><t>` + strings.Repeat("a", 20_000) + `</t></is></c></row>`), "xlsform.sheet.cell"},
		{"not XML", sheet(`<row r="1"><c r="A1"><v>&bomb;</v></c></row>`), "xlsform.file.not"},
		{"two parts of one name", part("XL/workbook.XML", []byte("<x/>")), "xlsform.file.not"},
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			f, problems := xlsform.Read(tt.raw)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if tt.key == "" {
				if f == nil {
					t.Errorf("refused: %v", problems)
				}
				return
			}
			if f != nil || len(problems) != 1 || problems[0].Key != tt.key || !problems[0].Fatal {
				t.Errorf("form %v, problems %v, want only %s", f != nil, problems, tt.key)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 128<<20 {
				t.Errorf("took %d MiB", used>>20)
			}
			if took > 5*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("left on the disk: %v (%v)", left, err)
	}
}

func TestRead_namesThePlaceOfAFormula(t *testing.T) {
	good := workbook(t, "survey", "type | name | label\ntext | a | A", "settings", "form_id | version\ntrial | 1")
	raw := rezip(t, good, func(_ string, raw []byte) []byte {
		return bytes.Replace(raw, []byte(`<c r="C2"`), []byte(`<c r="C2"><f>1</f></c><c r="D2"`), 1)
	}, nil)
	_, problems := xlsform.Read(raw)
	if len(problems) != 1 || problems[0].Sheet != "survey" || problems[0].Row != 2 || problems[0].Column != "C" {
		t.Errorf("problems %v, want one at survey, row 2, column C", problems)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(workbook(f, "survey", "type | name | label\ntext | a | A", "settings", settings))
	f.Add(workbook(f, "survey", "type|name|label|relevant\nselect_one yes_no|a|A|\nbegin repeat|r|R|\ninteger|b|B|${a}='yes'\nend repeat|||", "choices", choices, "settings", settings))
	f.Fuzz(func(t *testing.T, raw []byte) {
		form, problems := xlsform.Read(raw)
		if form == nil && len(problems) == 0 {
			t.Fatal("refused without a word")
		}
		if form != nil {
			_ = form.Evaluate(nil, xlsform.Env{Now: noon}).Faults()
		}
	})
}

// FuzzRows makes forms of rows, past the packing.
func FuzzRows(f *testing.F) {
	f.Add("select_one yes_no", "a", "A", "${b} = 1", "integer", "b", "B", "")
	f.Add("begin repeat", "r", "R", "", "end repeat", "", "", "")
	f.Add("calculate", "a", "", "${b}", "calculate", "b", "", "${a}")
	f.Fuzz(func(t *testing.T, t1, n1, l1, e1, t2, n2, l2, e2 string) {
		cell := strings.NewReplacer("|", " ", "\n", " ")
		rows := "type|name|label|relevant|calculation|choice_filter"
		for _, r := range [][]string{{t1, n1, l1, e1, e2}, {t2, n2, l2, e2, e1}} {
			rows += fmt.Sprintf("\n%s|%s|%s|%s|%s|", cell.Replace(r[0]), cell.Replace(r[1]), cell.Replace(r[2]), cell.Replace(r[3]), cell.Replace(r[4]))
		}
		form, problems := xlsform.Read(workbook(t, "survey", rows, "choices", choices, "settings", settings))
		if form == nil && len(problems) == 0 {
			t.Fatal("refused without a word")
		}
		if form != nil {
			s := form.Evaluate(nil, xlsform.Env{Now: noon})
			_, _ = s.Faults(), s.Dropped()
		}
	})
}
