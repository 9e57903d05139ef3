package record

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
)

// Record is what its entries come to. It keeps them, and what lost; nothing that
// it hands out may be changed.
type Record struct {
	ID   amana.RecordID
	Kind amana.Kind
	Case amana.RecordID // the case it belongs to, or zero

	Version uint64 // the time of the newest entry
	Opened  uint64 // when it began
	Updated uint64 // when it was last changed, which reading it does not

	// Unknown counts facts and fields of a newer amana, or out of place: kept,
	// passed on, not understood.
	Unknown int

	entries  []Entry // in order
	writes   []write // by field, then in order
	cells    []Cell  // by field
	consents []ConsentState
	linear   bool
	begun    int32 // of the entries the one that began it, or -1

	itemConsents []ConsentState
}

// Cell is a field as it stands. Value is zero where the field was removed and
// somebody else wrote it at the same time.
type Cell struct {
	Name  string // the whole name: "list/item/field" in a list
	Value event.Value
	Time  uint64
	Wall  int64
	By    amana.MemberID
	// Rivals are the other values written at the same time, until an entry whose
	// author saw them all decides. They are kept for every field; those of fields
	// that matter are to be shown.
	Rivals  []Past
	Changes int // how often it was written after the first time

	first int32 // its first write in Record.writes
}

// Past is a value that a field had. A zero Value is a removal.
type Past struct {
	Value event.Value
	Time  uint64
	Wall  int64
	By    amana.MemberID
	Lost  bool // another was written at the same time, and kept
}

// write is one value given to one field by one entry.
type write struct {
	name  string
	value event.Value
	entry int32
	at    int32 // counts facts through all entries, in order
}

// UnknownBut is Unknown without the fields that somebody else knows: those of an
// organisation's own forms.
func (r *Record) UnknownBut(known func(field string) bool) int {
	n := r.Unknown
	for i := 0; n > 0 && i < len(r.writes); i++ {
		name := r.writes[i].name
		if _, ours := FieldOf(r.Kind, name); !ours && known(name) {
			n--
		}
	}
	return n
}

// Field returns a field as it stands, and whether there is anything to show.
func (r *Record) Field(name string) (Cell, bool) {
	i, found := slices.BinarySearchFunc(r.cells, name, func(c Cell, name string) int {
		return strings.Compare(c.Name, name)
	})
	if !found {
		return Cell{}, false
	}
	return r.cells[i], true
}

// Value returns the value of a field, or the zero Value.
func (r *Record) Value(name string) event.Value {
	c, _ := r.Field(name)
	return c.Value
}

// Cells returns all fields that stand, sorted by name.
func (r *Record) Cells() []Cell { return r.cells }

// Items returns the ids of a list's items, in the order in which they were made.
func (r *Record) Items(list string) []string {
	type item struct {
		id   string
		made int32
	}
	var items []item
	for _, c := range r.under(list) {
		id, _, ok := strings.Cut(c.Name[len(list)+1:], "/")
		if !ok {
			continue
		}
		made := r.writes[c.first].at
		if n := len(items); n > 0 && items[n-1].id == id {
			items[n-1].made = min(items[n-1].made, made)
			continue
		}
		items = append(items, item{id, made})
	}
	slices.SortFunc(items, func(a, b item) int { return int(a.made) - int(b.made) })
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.id
	}
	return ids
}

// ItemsEver returns the items that a list ever had, those that were removed among them,
// in no order that says anything.
func (r *Record) ItemsEver(list string) (ids []string) {
	for _, w := range r.writes {
		if rest, in := strings.CutPrefix(w.name, list+"/"); in {
			if id, _, deep := strings.Cut(rest, "/"); deep && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// ItemCells returns the fields of one item of a list.
func (r *Record) ItemCells(list, item string) []Cell { return r.under(list + "/" + item) }

// under returns the cells whose names begin with prefix and a slash.
func (r *Record) under(prefix string) []Cell {
	from, _ := slices.BinarySearchFunc(r.cells, prefix, func(c Cell, prefix string) int {
		return strings.Compare(c.Name, prefix+"/")
	})
	to := from
	for to < len(r.cells) && isUnder(r.cells[to].Name, prefix) {
		to++
	}
	return r.cells[from:to:to]
}

func isUnder(name, prefix string) bool {
	return len(name) > len(prefix) && name[len(prefix)] == '/' && name[:len(prefix)] == prefix
}

// Conflicts counts what is to be decided: fields that matter and have rivals, and
// consents on which two devices differ.
func (r *Record) Conflicts() (n int) {
	for _, c := range r.cells {
		if len(c.Rivals) == 0 {
			continue
		}
		if f, known := FieldOf(r.Kind, c.Name); known && f.Matters {
			n++
		}
	}
	for _, list := range [][]ConsentState{r.consents, r.itemConsents} {
		for _, c := range list {
			if c.Conflict {
				n++
			}
		}
	}
	return n
}

// First returns what the entry that began the record said of a field: nothing that is
// written later, or at another place at the same time, changes it.
func (r *Record) First(field string) (Past, bool) {
	from, found := slices.BinarySearchFunc(r.writes, field, func(w write, name string) int {
		return strings.Compare(w.name, name)
	})
	for i := from; found && i < len(r.writes) && r.writes[i].name == field; i++ {
		if r.writes[i].entry == r.begun {
			return r.past(i), true
		}
	}
	return Past{}, false
}

// History returns every value a field had, the oldest first.
func (r *Record) History(field string) []Past {
	from, found := slices.BinarySearchFunc(r.writes, field, func(w write, name string) int {
		return strings.Compare(w.name, name)
	})
	if !found {
		return nil
	}
	var past []Past
	for i := from; i < len(r.writes) && r.writes[i].name == field; i++ {
		p := r.past(i)
		for j := i + 1; j < len(r.writes) && r.writes[j].name == field && !p.Lost; j++ {
			p.Lost = r.rivals(i, j)
		}
		past = append(past, p)
	}
	return past
}

func (r *Record) past(i int) Past {
	w := &r.writes[i]
	e := &r.entries[w.entry]
	return Past{Value: w.value, Time: e.Time, Wall: e.Wall, By: e.Author}
}
