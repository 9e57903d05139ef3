package dossier

import "amana/internal/pdf"

// PDF is the document for print. The footer stands on every page.
func (d Document) PDF(footer string) ([]byte, error) {
	p, err := pdf.New(d.Title, d.Lang, d.RightToLeft, footer)
	if err != nil {
		return nil, err
	}
	p.Text(d.Title, pdf.Style{Size: 18, Bold: true})
	for _, part := range d.Parts {
		if part.Heading != "" {
			size := 13.0
			if part.Level == 3 {
				size = 10.5
			}
			p.Text(part.Heading, pdf.Style{Size: size, Bold: true, Before: size})
		}
		if part.Text != "" {
			p.Text(part.Text, pdf.Style{Size: 10, Before: 4})
		}
		for _, r := range part.Rows {
			p.Row(r.Label, r.Value, r.Code)
		}
	}
	return p.Bytes(), nil
}
