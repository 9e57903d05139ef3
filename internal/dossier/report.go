package dossier

import (
	"bytes"
	"html/template"
	"strconv"

	"amana/internal/seal"
)

// Words gives the texts of a report in its language: a message by its key.
type Words func(key string, args ...any) string

// Tongue is the language of a report.
type Tongue struct {
	Code        string
	RightToLeft bool
	Words       Words
	Field       func(name string) string // names a field of a record
}

// Document is what people read of a dossier, apart from how it looks.
type Document struct {
	Title       string
	Lang        string
	RightToLeft bool
	Parts       []Part
}

// Part is a piece of a document: a heading, a paragraph, or rows.
type Part struct {
	Heading string
	Level   int // 2 or 3, of the heading
	Text    string
	Rows    []Row
}

// Row is a line of a table: what is meant, and what is said. Code is set for what is
// not words: hashes, IDs, names of files.
type Row struct {
	Label, Value string
	Code         bool
}

// ReportOf says in words what a dossier has.
func ReportOf(x Index, signer seal.VerifyKey, lang Tongue) Document {
	t := lang.Words
	d := Document{Title: t("report.title"), Lang: lang.Code, RightToLeft: lang.RightToLeft}
	d.Parts = append(d.Parts, Part{Rows: []Row{
		{t("report.organisation"), x.Name, false},
		{t("report.for"), x.Recipient, false},
		{t("report.made"), x.Made, true},
		{t("report.number"), x.ID, true},
		{t("report.by"), x.By, true},
		{t("report.key"), Fingerprint(signer), true},
	}})
	for _, c := range x.Consents {
		d.Parts = append(d.Parts, Part{Heading: t("report.consent"), Level: 2, Text: t("report.consent.text", "date", c.When)})
	}
	for _, it := range x.Items {
		d.Parts = append(d.Parts, lang.item(it)...)
	}
	d.Parts = append(d.Parts, Part{Heading: t("report.times"), Level: 2})
	for i, a := range x.Anchors {
		text := t("report.times.waiting", "n", i+1)
		if a.Token != "" {
			text = t("report.times.stamped", "n", i+1, "file", a.Token)
		}
		d.Parts = append(d.Parts, Part{Text: text})
	}
	if len(x.Anchors) == 0 {
		d.Parts = append(d.Parts, Part{Text: t("report.times.none")})
	}
	d.Parts = append(d.Parts, Part{Heading: t("report.verify"), Level: 2, Text: t("report.verify.text")})
	return d
}

func (lang Tongue) item(it Item) []Part {
	t := lang.Words
	file := Row{t("report.file"), t("report.withheld"), false}
	rows := []Row{file, {t("report.number"), it.ID, true}}
	if it.File != "" {
		rows[0] = Row{t("report.file"), it.File, true}
		rows = append(rows, Row{t("report.size"), strconv.FormatInt(it.Size, 10), true}, Row{"SHA-256", it.SHA256, true})
	}
	if it.Parent != "" {
		rows = append(rows, Row{t("report.copy"), it.Parent, true})
	}
	rows = append(rows, Row{t("report.statements"), strconv.Itoa(it.Count), true})
	var said []Row
	for _, f := range it.Fields {
		switch f.Verdict {
		case "withheld":
			said = append(said, Row{lang.Field(f.Name), t("report.left.withheld"), false})
		case "widened":
			said = append(said, Row{lang.Field(f.Name), f.Value + " (" + t("report.left.widened") + ")", false})
		default:
			said = append(said, Row{lang.Field(f.Name), f.Value, false})
		}
	}
	return []Part{
		{Heading: t("report.item", "n", it.Number), Level: 2, Rows: rows},
		{Heading: t("report.fields"), Level: 3, Rows: said},
	}
}

// MethodOf says how evidence is kept, and what that cannot show.
func MethodOf(lang Tongue) Document {
	t := lang.Words
	d := Document{Title: t("method.title"), Lang: lang.Code, RightToLeft: lang.RightToLeft}
	for _, text := range []string{t("method.intake"), t("method.custody"), t("method.time"), t("method.consent"), t("method.limits")} {
		d.Parts = append(d.Parts, Part{Text: text})
	}
	return d
}

// HTML is the document as one page without a script, that loads nothing.
func (d Document) HTML() ([]byte, error) {
	var b bytes.Buffer
	err := documentPage.Execute(&b, d)
	return b.Bytes(), err
}

var documentPage = template.Must(template.New("document").Parse(`<!doctype html>
<html lang="{{.Lang}}" dir="{{if .RightToLeft}}rtl{{else}}ltr{{end}}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>{{.Title}}</title>
<style>
:root{color-scheme:light dark}
body{font:1rem/1.55 system-ui,"Noto Sans","Noto Naskh Arabic",sans-serif;max-width:46rem;margin:0 auto;padding:1.5rem 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:start;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid #8888}
th{width:34%;font-weight:600}td{overflow-wrap:anywhere}code{font-family:ui-monospace,monospace;font-size:.9em}
@page{margin:2cm}
</style></head>
<body><h1>{{.Title}}</h1>
{{range .Parts}}{{if .Heading}}{{if eq .Level 3}}<h3>{{.Heading}}</h3>{{else}}<h2>{{.Heading}}</h2>{{end}}{{end}}
{{if .Text}}<p>{{.Text}}</p>{{end}}
{{if .Rows}}<table>{{range .Rows}}<tr><th scope="row">{{.Label}}</th><td>{{if .Code}}<code dir="ltr">{{.Value}}</code>{{else}}<bdi>{{.Value}}</bdi>{{end}}</td></tr>{{end}}</table>{{end}}{{end}}
</body></html>
`))
