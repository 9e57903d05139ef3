package record

import (
	"cmp"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
)

// Fold returns what the entries of a record come to. Their order does not
// matter, nor does having one twice. It keeps entries: they may not be changed
// afterwards.
func Fold(id amana.RecordID, entries []Entry) Record {
	r := Record{ID: id, entries: ordered(entries), begun: -1}
	if len(r.entries) == 0 {
		return r
	}
	r.linear = linear(r.entries)
	r.Opened = r.entries[0].Time
	r.Version = r.entries[len(r.entries)-1].Time

	f := folding{r: &r}
	f.collect()
	f.removeItems()
	f.group()
	r.consents = standing(r.entries, f.consents, r.linear)
	r.itemConsents = standing(r.entries, f.items, r.linear)
	return r
}

// folding is the work between entries and record.
type folding struct {
	r        *Record
	removals []write // of whole items
	consents []answer
	items    []answer // for single items
}

// collect reads every fact once.
func (f *folding) collect() {
	r := f.r
	facts := 0
	for i := range r.entries {
		facts += len(r.entries[i].Body.Facts)
	}
	r.writes = make([]write, 0, facts)
	at, began := int32(0), false
	for i := range r.entries {
		e := &r.entries[i]
		changed := false
		for _, fact := range e.Body.Facts {
			at++
			_, read := fact.(event.Opened)
			changed = changed || !read
			if b, ok := fact.(event.Begun); ok && !began {
				began, r.Kind, r.Case, r.Opened, r.begun = true, b.Kind, b.Case, e.Time, int32(i)
				continue
			}
			f.take(fact, int32(i), at)
		}
		if changed {
			r.Updated = e.Time
		}
	}
}

func (f *folding) take(fact event.Fact, entry, at int32) {
	switch fact := fact.(type) {
	case event.Set:
		f.r.writes = append(f.r.writes, write{name: fact.Field, value: fact.Value, entry: entry, at: at})
	case event.Removed:
		w := write{name: fact.Field, entry: entry, at: at}
		if strings.Count(fact.Field, "/") == 1 {
			f.removals = append(f.removals, w)
			return
		}
		f.r.writes = append(f.r.writes, w)
	case event.Consented:
		f.consents = append(f.consents, answer{fact, "", entry})
	case event.ConsentedItem:
		f.items = append(f.items, ofItem(fact, entry))
	case event.Opened, event.Released: // read, or left: see Readings and Releases
	case event.Taken, event.Custody, event.Stamped: // facts of their own: see evidence.go
	default:
		f.r.Unknown++
	}
}

func byNameThenOrder(a, b write) int {
	if c := strings.Compare(a.name, b.name); c != 0 {
		return c
	}
	return cmp.Compare(a.at, b.at)
}

// removeItems turns the removal of an item into the removal of each field it
// has. What was written to it later than that stands, by the clock as always.
func (f *folding) removeItems() {
	r := f.r
	slices.SortFunc(r.writes, byNameThenOrder)
	if len(f.removals) == 0 {
		return
	}
	written := r.writes
	for i, w := range written {
		if i > 0 && written[i-1].name == w.name {
			continue
		}
		for _, gone := range f.removals {
			if w.name == gone.name || isUnder(w.name, gone.name) {
				r.writes = append(r.writes, write{name: w.name, entry: gone.entry, at: gone.at})
			}
		}
	}
	slices.SortFunc(r.writes, byNameThenOrder)
}

// group makes a cell of the writes to each field.
func (f *folding) group() {
	r := f.r
	// What an entry says last of a field is what it says.
	kept := r.writes[:0]
	names := 0
	for _, w := range r.writes {
		n := len(kept)
		switch {
		case n > 0 && kept[n-1].name == w.name && kept[n-1].entry == w.entry:
			kept[n-1] = w
			continue
		case n == 0 || kept[n-1].name != w.name:
			names++
		}
		kept = append(kept, w)
	}
	r.writes = kept
	r.cells = make([]Cell, 0, names)
	known := FieldsOf(r.Kind)
	for from := 0; from < len(kept); {
		to := from + 1
		for to < len(kept) && kept[to].name == kept[from].name {
			to++
		}
		f.cell(known, from, to)
		from = to
	}
}

func (f *folding) cell(fields Known, from, to int) {
	r := f.r
	name := r.writes[from].name
	if _, known := fields.Of(name); !known {
		r.Unknown += to - from
	}
	p, fixed := r.past(to-1), IsFixed(r.Kind, name)
	if fixed {
		p = r.firstSaid(from, to)
	}
	c := Cell{
		Name: name, Value: p.Value, Time: p.Time, Wall: p.Wall, By: p.By,
		Changes: to - from - 1, first: int32(from),
	}
	if !r.linear && !fixed {
		c.Rivals = r.undecided(from, to)
	}
	if !c.Value.IsZero() || len(c.Rivals) > 0 {
		r.cells = append(r.cells, c)
	}
}

// IsFixed reports whether a field of a kind is written once: what somebody judged on
// a day, who did an act by whose word, a step of the ledger. Whoever writes over it,
// or removes it, by a program that was changed, changes nothing: the first word holds,
// and Cell.Changes says that somebody tried. One that was a slip is struck, and stays.
func IsFixed(kind amana.Kind, name string) bool {
	list, rest, in := strings.Cut(name, "/")
	if !in {
		return false
	}
	switch kind { //nolint:exhaustive // the others hold no judgements
	case amana.KindIncident:
		switch list {
		case Attributions:
			return !strings.HasSuffix(rest, "/struck")
		case Assessments, Verifications, RelatedEvents:
			return true
		}
	case amana.KindRelease, amana.KindExchange:
		return list == Ledger
	case amana.KindAccount, amana.KindConsent:
		return list == Explanations
	}
	return false
}

// firstSaid is the first value of a field that is no removal; where there is none,
// the last removal.
func (r *Record) firstSaid(from, to int) Past {
	for i := from; i < to; i++ {
		if !r.writes[i].value.IsZero() {
			return r.past(i)
		}
	}
	return r.past(to - 1)
}

// undecided returns the values that differ from the last one and that no later
// entry has overwritten knowingly, each once, the latest first.
func (r *Record) undecided(from, to int) (rivals []Past) {
	last := &r.writes[to-1]
	for i := to - 2; i >= from; i-- {
		w := &r.writes[i]
		if w.value.Equal(last.value) || r.overwritten(i, to) ||
			slices.ContainsFunc(rivals, func(p Past) bool { return p.Value.Equal(w.value) }) {
			continue
		}
		p := r.past(i)
		p.Lost = true
		rivals = append(rivals, p)
	}
	return rivals
}

func (r *Record) overwritten(i, to int) bool {
	for j := i + 1; j < to; j++ {
		if saw(&r.entries[r.writes[j].entry], &r.entries[r.writes[i].entry]) {
			return true
		}
	}
	return false
}

// rivals reports whether write j, later than i, was made without knowing of it
// and says something else.
func (r *Record) rivals(i, j int) bool {
	a, b := &r.writes[i], &r.writes[j]
	return !saw(&r.entries[b.entry], &r.entries[a.entry]) && !a.value.Equal(b.value)
}
