package claim

import (
	"maps"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Sheet is one record as its fields stand, opened or from a list.
type Sheet struct {
	ID     amana.RecordID
	Kind   amana.Kind
	values map[string]event.Value
	order  map[string][]string // items of each list, in the order in which they were made
	stamps map[string]Stamp
	struck map[string]bool // fields that somebody wrote over, where nobody may
}

// Stamp says who wrote a field, and when.
type Stamp struct {
	By   amana.MemberID
	When time.Time
}

// FromRecord reads a record that was opened. What somebody judged is as it was first
// written: whoever writes over it or removes it changes nothing, and it is noted. See
// [record.IsFixed].
func FromRecord(r *record.Record) Sheet {
	s := Sheet{
		ID: r.ID, Kind: r.Kind, values: map[string]event.Value{}, order: map[string][]string{}, stamps: map[string]Stamp{},
		struck: map[string]bool{},
	}
	for _, c := range r.Cells() {
		list, _, in := strings.Cut(c.Name, "/")
		if in && s.order[list] == nil {
			s.order[list] = r.Items(list)
		}
		s.values[c.Name] = c.Value
		s.stamps[c.Name] = Stamp{c.By, record.When(c.Time)}
		if c.Changes > 0 && record.IsFixed(r.Kind, c.Name) {
			s.struck[c.Name] = true
		}
	}
	return s
}

// FromValues reads a record as a list has it, or as somebody would begin it. Items
// are in the order of their ids.
func FromValues(id amana.RecordID, kind amana.Kind, values map[string]event.Value) Sheet {
	s := Sheet{ID: id, Kind: kind, values: values, order: map[string][]string{}}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list, rest, in := strings.Cut(name, "/")
		item, _, whole := strings.Cut(rest, "/")
		if in && whole && !slices.Contains(s.order[list], item) {
			s.order[list] = append(s.order[list], item)
		}
	}
	return s
}

// Values returns every field.
func (s *Sheet) Values() map[string]event.Value { return s.values }

// Value returns one field, or the zero Value.
func (s *Sheet) Value(name string) event.Value { return s.values[name] }

// Items returns the ids of a list.
func (s *Sheet) Items(list string) []string { return s.order[list] }

// WrittenOver returns the fields that somebody wrote over where nobody may.
func (s *Sheet) WrittenOver() []string { return slices.Sorted(maps.Keys(s.struck)) }

func (s *Sheet) text(name string) string { return s.values[name].Reveal() }

// item is one item of a list.
type item struct {
	s      *Sheet
	prefix string
}

func (s *Sheet) item(list, id string) item { return item{s, list + "/" + id + "/"} }

func (i item) value(field string) event.Value     { return i.s.values[i.prefix+field] }
func (i item) text(field string) string           { return i.value(field).Reveal() }
func (i item) words(field string) amana.Private   { return amana.Conceal(i.text(field)) }
func (i item) list(field string) []string         { return i.value(field).RevealList() }
func (i item) stamp(field string) Stamp           { return i.s.stamps[i.prefix+field] }
func (i item) items(field string) []string        { return strings.Fields(i.text(field)) }
func (i item) record(field string) amana.RecordID { return ref(i.text(field)) }

func (i item) yes(field string) bool {
	yes, _ := i.value(field).Bool()
	return yes
}

func ref(text string) amana.RecordID {
	id, err := amana.ParseID[amana.Record](text)
	if err != nil {
		return amana.RecordID{}
	}
	return id
}
