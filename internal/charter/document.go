package charter

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Document is one that the organisation made its own: a form, a table that
// somebody edited and signed off by adopting it. What it says is for others to
// read; here it has a name, a version and who answers for it.
type Document struct {
	Name    string
	Version string
	Content []byte // shared: not to be changed
	By      amana.MemberID
	Time    uint64
}

// LargestDocument bounds a document: every member reads all of them on unlocking.
const LargestDocument = 2 << 20

const longestDocumentName = 100

// Adopted returns the document of a name that holds.
func (c *Charter) Adopted(name string) (Document, bool) {
	d, there := c.adopted[name]
	return d, there
}

// AdoptedUnder returns the documents whose names begin with prefix, by name.
func (c *Charter) AdoptedUnder(prefix string) []Document {
	var list []Document
	for name, d := range c.adopted {
		if strings.HasPrefix(name, prefix) {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Document) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// adopt takes a document in place of the one of its name. Without content there
// is none any more.
func (c *Charter) adopt(e Entry, f event.Adopted) error {
	switch {
	case !isPath(f.Name):
		return invalid("a document without a name that can be kept")
	case len(f.Content) > LargestDocument:
		return invalid("a document of %d bytes", len(f.Content))
	case record.CheckLine(f.Version) != "":
		return invalid("a document without a version that can be shown")
	}
	if len(f.Content) == 0 {
		delete(c.adopted, f.Name)
		return nil
	}
	c.adopted[f.Name] = Document{Name: f.Name, Version: f.Version, Content: f.Content, By: e.Author, Time: e.Time}
	return nil
}

// isPath reports whether s is words with slashes between them, such as
// "table/windows".
func isPath(s string) bool {
	for word := range strings.SplitSeq(s, "/") {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return false
		}
	}
	return len(s) <= longestDocumentName
}
