package directory

import (
	"encoding/json"
	"io"
	"time"
)

// jsonPage is the page of services of the HSDS API.
type jsonPage struct {
	TotalItems int              `json:"total_items"`
	TotalPages int              `json:"total_pages"`
	PageNumber int              `json:"page_number"`
	Size       int              `json:"size"`
	FirstPage  bool             `json:"first_page"`
	LastPage   bool             `json:"last_page"`
	Empty      bool             `json:"empty"`
	Contents   []map[string]any `json:"contents"`
}

// WriteJSON writes what an audience may be told as full HSDS services.
func WriteJSON(w io.Writer, p Projection) error {
	n := len(p.Services)
	page := jsonPage{
		TotalItems: n, TotalPages: 1, PageNumber: 1, Size: n, FirstPage: true, LastPage: true, Empty: n == 0,
		Contents: make([]map[string]any, 0, n),
	}
	for _, s := range p.Services {
		page.Contents = append(page.Contents, s.hsds())
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(page) //nolint:wrapcheck // of the writer, to whoever handed it
}

// FileName returns a name for an export that says what is in it and for whom.
func (p Projection) FileName(now time.Time, extension string) string {
	return "services-" + string(p.audience) + "-" + now.Format(time.DateOnly) + "." + extension
}
