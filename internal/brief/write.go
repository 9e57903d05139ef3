package brief

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed brief.html
var pageText string

var page = template.Must(template.New("brief").Parse(pageText))

// HTML writes the brief as one page that needs nothing else.
func (b Brief) HTML() ([]byte, error) {
	var out bytes.Buffer
	if err := page.Execute(&out, b); err != nil {
		return nil, fmt.Errorf("brief: page: %w", err)
	}
	return out.Bytes(), nil
}

// Markdown writes the brief as plain text with the marks of Markdown (CommonMark). No
// word of it is read as a mark.
func (b Brief) Markdown() []byte {
	var out strings.Builder
	line := func(s string) { out.WriteString(s + "\n\n") }
	line("# " + escape(b.Title))
	line(escape(b.Lede))
	for _, s := range b.Sections {
		line("## " + escape(s.Title))
		if s.Lede != "" {
			line(escape(s.Lede))
		}
		if len(s.Parts) == 0 {
			line(escape(s.None))
		}
		for _, p := range s.Parts {
			if p.Title != "" {
				line("### " + escape(p.Title))
			}
			for _, l := range p.Lines {
				out.WriteString("- " + escape(l) + "\n")
			}
			out.WriteString("\n")
		}
	}
	return []byte(out.String())
}

// escape takes the meaning of a mark from what was written by people.
func escape(s string) string {
	var out strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if strings.ContainsRune("\\`*_{}[]<>()#+!|~&-", r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
