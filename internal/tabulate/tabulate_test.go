package tabulate_test

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"amana"
	"amana/internal/disclose"
	"amana/internal/geo"
	"amana/internal/stats"
	"amana/internal/tabulate"
)

func words() tabulate.Words {
	name := func(id string) string { return "title of " + id }
	return tabulate.Words{
		Table: name, What: name, Row: func(_, row string) string { return row }, Period: func(s string) string { return s },
		About: [][2]string{{"for", "partners"}}, Sheets: [3]string{"Figures", "Areas", "About"}, Area: "Area", AllOver: "all", Held: "withheld",
	}
}

// safe makes figures of 40 women and 3 men in two areas.
func safe(t *testing.T) disclose.Safe {
	t.Helper()
	b := &stats.Book{}
	var rows []stats.Incident
	for i := range 43 {
		in := stats.Incident{Consent: stats.Yes, Reported: 20260115, Sex: b.Code(stats.Sex, "female"), Area: b.Code(stats.Area, "=north")}
		if i < 3 {
			in.Sex = b.Code(stats.Sex, "male")
		}
		rows = append(rows, in)
	}
	span, err := stats.SpanOf("2026-01", "2026-01")
	if err != nil {
		t.Fatal(err)
	}
	a := disclose.Agreement{
		ID: "own", Parties: []string{"us"}, Day: 1, From: "2026-01-01", Policies: map[disclose.Audience]disclose.Policy{disclose.Partners: disclose.DefaultPolicy(disclose.Partners)},
	}
	q := disclose.Request{
		ID: "r1", Made: "2026-02-01", Audience: disclose.Partners, Policy: a.Policies[disclose.Partners], Agreement: "own", Basis: stats.ByReport,
		Periods: []stats.Span{span}, Areas: []disclose.AreaSet{{ID: "=north"}},
	}
	c := stats.Add(rows, b, stats.Question{Span: span, Basis: q.Basis, Group: stats.Month, ByArea: true})
	p, err := disclose.Prepare(c, b.IDs(stats.Area), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Clear(a, []disclose.Approval{{Party: "us", Release: "r1", Yes: true}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWorkbook(t *testing.T) {
	var b bytes.Buffer
	if err := tabulate.Workbook(&b, safe(t), words()); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Figures")
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, row := range rows {
		text += strings.Join(row, "|") + "\n"
	}
	for _, want := range []string{"1. title of total", "incidents|43", "3. title of sex", "male|withheld", "female|withheld"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "|3\n") || strings.Contains(text, "|40\n") {
		t.Error("what is too few is in it, or can be worked out")
	}
}

func TestHXL(t *testing.T) {
	var b bytes.Buffer
	if err := tabulate.HXL(&b, safe(t), words()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if !strings.HasPrefix(lines[1], "#indicator+code,#indicator+name,") {
		t.Errorf("no hashtags: %s", lines[1])
	}
	for _, want := range []string{"total,title of total,incidents,incidents,,2026-01,2026-01,43,no", "sex,title of sex,male,male,,2026-01,2026-01,,yes"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no line %s", want)
		}
	}
	if strings.Contains(b.String(), ",=north") {
		t.Error("a formula")
	}
}

func TestExporters_refuseNothing(t *testing.T) {
	var b bytes.Buffer
	if err := tabulate.Workbook(&b, disclose.Safe{}, words()); !errors.Is(err, amana.ErrRefused) || b.Len() > 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
	if err := tabulate.Contribution(&b, safe(t)); !errors.Is(err, amana.ErrRefused) || b.Len() > 0 {
		t.Errorf("figures for partners as a contribution: %v, %d bytes", err, b.Len())
	}
	if err := tabulate.HXL(&b, disclose.Safe{}, words()); !errors.Is(err, amana.ErrRefused) || b.Len() > 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
}

// Every exporter takes what disclose cleared, and no counts.
func TestExporters_takeOnlySafe(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "tabulate.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || !fn.Name.IsExported() || fn.Recv != nil {
			continue
		}
		n++
		safe := false
		for _, p := range fn.Type.Params.List {
			sel, ok := p.Type.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			pkg, _ := sel.X.(*ast.Ident)
			safe = safe || pkg.Name == "disclose" && (sel.Sel.Name == "Safe" || sel.Sel.Name == "SafeRows")
			if pkg.Name == "stats" || pkg.Name == "casework" || sel.Sel.Name == "Release" || sel.Sel.Name == "Plan" {
				t.Errorf("%s takes %s.%s", fn.Name, pkg.Name, sel.Sel.Name)
			}
		}
		if !safe {
			t.Errorf("%s takes nothing that was cleared", fn.Name)
		}
	}
	if n != 4 {
		t.Errorf("%d exporters, want 4", n)
	}
}

// What is withheld is in no document, in whichever language it is written, and Arabic is
// there as it is read.
func TestPDF(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("AMANA_REQUIRE") == "all" {
			t.Fatal("needs pdftotext, and AMANA_REQUIRE=all")
		}
		t.Skip("needs pdftotext")
	}
	shapes, err := geo.ParseBoundaries([]byte(`{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"name":"North"},"geometry":{"type":"Polygon","coordinates":[[[-5,15],[-4,15],[-4,16],[-5,16],[-5,15]]]}},
		{"type":"Feature","properties":{"name":"Elsewhere"},"geometry":{"type":"Polygon","coordinates":[[[-4,15],[-3,15],[-3,16],[-4,15]]]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, charts := range []bool{false, true} {
		for lang, title := range map[string]string{"en": "Figures of January", "ar": "أرقام شهر يناير"} {
			how := tabulate.Report{
				Title: title, Office: "Clinic", Lang: lang, RightToLeft: lang == "ar", Words: []string{"Words of the report"}, Charts: charts, ByArea: [2]string{"By area", "what"},
				Map: [2]string{"Map", "what it shows"}, Shapes: shapes, Number: strconv.Itoa,
				AreaOf: func(name string) string { return map[string]string{"North": "=north"}[name] },
			}
			var out bytes.Buffer
			if err := tabulate.PDF(&out, safe(t), words(), how); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "x.pdf")
			if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			raw, err := exec.CommandContext(t.Context(), tool, "-layout", "-enc", "UTF-8", path, "-").Output()
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
				if r >= 0x200e && r <= 0x200f || r >= 0x202a && r <= 0x202e {
					return -1
				}
				return r
			}, string(raw))), " ")
			for _, want := range []string{title, "Words of the report", "title of sex", "43", "withheld", "north", "what it shows", "partners"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s, charts %t: %q is not in it", lang, charts, want)
				}
			}
			for _, bad := range []string{" 40 ", ": 40", ": 3 ", "Elsewhere"} {
				if strings.Contains(text, bad) {
					t.Errorf("%s, charts %t: %q is in it: %s", lang, charts, bad, text)
				}
			}
		}
	}
	if err := tabulate.PDF(io.Discard, disclose.Safe{}, words(), tabulate.Report{}); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("nothing at all: %v", err)
	}
}

// A shade follows the number that stands on the area, and an area of which a part is
// withheld has neither.
func TestAreaMap(t *testing.T) {
	at := func(latitude, longitude float64) geo.Point {
		return geo.Point{Latitude: latitude, Longitude: longitude}
	}
	shapes := []geo.Shape{
		{Name: "North", Lines: [][]geo.Point{{at(15, -5), at(15, -4), at(16, -4), at(15, -5)}}},
		{Name: "Else", Lines: [][]geo.Point{{at(15, -4), at(15, -3), at(16, -3)}}},
	}
	list, height, ok := tabulate.AreaMap(safe(t), shapes, func(name string) string { return map[string]string{"North": "=north"}[name] })
	if !ok || height <= 0 || len(list) != 2 || list[0].Count != 43 || list[0].Shade != geo.Shades || list[1].ID != "" || list[1].Shade != 0 || list[1].Count != disclose.Absent {
		t.Errorf("%+v %t", list, ok)
	}
	if _, _, ok := tabulate.AreaMap(safe(t), shapes, func(string) string { return "" }); ok {
		t.Error("a map of no area of the figures")
	}
}
