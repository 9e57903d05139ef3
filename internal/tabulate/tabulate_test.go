package tabulate_test

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"amana"
	"amana/internal/disclose"
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
