package charter_test

import (
	"errors"
	"strings"
	"testing"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
)

func TestAdopted_theNewestOfANameHolds(t *testing.T) {
	c := working(t)
	adopt := func(by amana.MemberID, name, version, content string) error {
		return c.try(by, event.Adopted{Name: name, Version: version, Content: []byte(content)})
	}
	for _, one := range []struct{ name, version, content string }{
		{"table/windows", "1", "one"}, {"form/own_form", "1", "form"}, {"table/windows", "2", "two"},
	} {
		if err := adopt(admin, one.name, one.version, one.content); err != nil {
			t.Fatal(err)
		}
	}
	before := c.Clone()
	d, ok := c.Adopted("table/windows")
	if !ok || d.Version != "2" || string(d.Content) != "two" || d.By != admin || d.Time == 0 {
		t.Errorf("the table is %+v, %v", d, ok)
	}
	if list := c.AdoptedUnder("form/"); len(list) != 1 || list[0].Name != "form/own_form" {
		t.Errorf("forms: %v", list)
	}
	if err := adopt(admin, "table/windows", "none", ""); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Adopted("table/windows"); ok {
		t.Error("a document without content still stands")
	}
	if _, ok := before.Adopted("table/windows"); !ok {
		t.Error("a clone changed with what it was cloned from")
	}
}

func TestAdopted_refuses(t *testing.T) {
	for _, one := range []struct {
		name string
		by   amana.MemberID
		fact event.Adopted
		want error
	}{
		{"a caseworker", mariam, event.Adopted{Name: "table/windows", Version: "1", Content: []byte("x")}, amana.ErrRefused},
		{"no name", admin, event.Adopted{Version: "1", Content: []byte("x")}, amana.ErrInvalid},
		{"a path that climbs", admin, event.Adopted{Name: "table/../rules", Version: "1", Content: []byte("x")}, amana.ErrInvalid},
		{"an empty word", admin, event.Adopted{Name: "table//x", Version: "1", Content: []byte("x")}, amana.ErrInvalid},
		{"no version", admin, event.Adopted{Name: "table/windows", Content: []byte("x")}, amana.ErrInvalid},
		{"too much", admin, event.Adopted{Name: "table/windows", Version: "1", Content: make([]byte, charter.LargestDocument+1)}, amana.ErrInvalid},
		{"too long a name", admin, event.Adopted{Name: strings.Repeat("a", 101), Version: "1", Content: []byte("x")}, amana.ErrInvalid},
	} {
		err := working(t).try(one.by, one.fact)
		if !errors.Is(err, one.want) {
			t.Errorf("%s: %v, want %v", one.name, err, one.want)
		}
	}
}
