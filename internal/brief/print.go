package brief

import (
	"fmt"

	"amana/internal/pdf"
)

// PDF writes the brief as pages to print, Arabic in its joined letters.
func (b Brief) PDF() ([]byte, error) {
	d, err := pdf.New(b.Title, b.Lang, b.Dir == "rtl", b.Title)
	if err != nil {
		return nil, fmt.Errorf("brief: print: %w", err)
	}
	text := func(s string, style pdf.Style) {
		if s != "" {
			d.Text(s, style)
		}
	}
	text(b.Title, pdf.Style{Size: 18, Bold: true})
	text(b.Lede, pdf.Style{Size: 10, Before: 6})
	for _, s := range b.Sections {
		text(s.Title, pdf.Style{Size: 14, Bold: true, Before: 14})
		text(s.Lede, pdf.Style{Size: 10, Before: 4})
		if len(s.Parts) == 0 {
			text(s.None, pdf.Style{Size: 10, Before: 4})
		}
		for _, p := range s.Parts {
			text(p.Title, pdf.Style{Size: 11, Bold: true, Before: 8})
			for _, l := range p.Lines {
				text(l, pdf.Style{Size: 10, Before: 3})
			}
		}
	}
	return d.Bytes(), nil
}
