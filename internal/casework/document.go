package casework

import (
	"context"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/record"
)

// Document is one that the organisation made its own: a form, a table that
// somebody edited and signed off.
type Document struct {
	Name    string // "form/…", "table/…"
	Version string
	Content []byte // not to be changed
	By      amana.MemberID
	When    time.Time
}

// Adopt makes a document the organisation's own, in place of the one of its name;
// without content there is none any more, and what the program brings holds. It is
// for administrators. Kinds: ErrRefused, ErrInvalid, ErrStorage.
func (d *Desk) Adopt(ctx context.Context, name, version string, content []byte) error {
	return d.session.Adopt(ctx, name, version, content)
}

// Adopted returns the document of a name that holds, if the organisation has one.
func (d *Desk) Adopted(name string) (Document, bool) {
	doc, there := d.charter().Adopted(name)
	return documentOf(doc), there
}

// AdoptedUnder returns the documents whose names begin with prefix, by name.
func (d *Desk) AdoptedUnder(prefix string) []Document {
	var list []Document
	for _, doc := range d.charter().AdoptedUnder(prefix) {
		list = append(list, documentOf(doc))
	}
	return list
}

func documentOf(d charter.Document) Document {
	return Document{Name: d.Name, Version: d.Version, Content: d.Content, By: d.By, When: record.When(d.Time)}
}
