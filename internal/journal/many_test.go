package journal_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"amana"
	"amana/internal/journal"
)

// Together or one by one, what lies close and what lies far apart, short and long,
// erased and not there: a reader says what [journal.Log.Read] says.
func TestReader_readsWhatTheLogReads(t *testing.T) {
	b := newBench(t)
	l := b.create(t, 150)
	defer l.Close()
	long := b.item(151)
	long.Body = noise(40_000)
	last, err := l.Append([]journal.Item{long, b.item(152)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var at []journal.Pos
	for _, f := range all(t, l) {
		at = append(at, f.Pos)
	}
	if err := l.Erase([]journal.Pos{at[3], at[77]}); err != nil {
		t.Fatal(err)
	}
	every := append(slices.Clone(at), last[1]+1<<20, at[0]+7<<32)
	r := l.NewReader()
	for name, places := range map[string][]journal.Pos{
		"all":             every,
		"few, far apart":  {at[0], at[70], at[77], last[0]},
		"the long one":    {last[0]},
		"after the long":  {last[0], last[1]},
		"out of order":    {at[9], at[3], at[4], at[2]},
		"not at an item":  {at[5] + 1, at[6]},
		"none":            nil,
		"the last by far": {last[1], last[1] + 1<<40},
	} {
		r.Reset()
		n := 0
		r.Each(places, func(i int, it journal.Item, err error) {
			if i != n {
				t.Errorf("%s: number %d in place of %d", name, i, n)
			}
			n++
			want, wantErr := l.Read(places[i])
			if !reflect.DeepEqual(it, want) || !errors.Is(err, kindOf(wantErr)) {
				t.Errorf("%s, number %d: %v, want %v, or another item", name, i, err, wantErr)
			}
		})
		if n != len(places) {
			t.Errorf("%s: %d of %d", name, n, len(places))
		}
	}
}

func kindOf(err error) error {
	for _, kind := range []error{amana.ErrNotFound, amana.ErrTampered, amana.ErrStorage} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return err
}

// An item stays as it was read until the room is given free, whatever is read after it.
func TestReader_keepsItemsUntilReset(t *testing.T) {
	b := newBench(t)
	l := b.create(t, 400)
	defer l.Close()
	found := all(t, l)
	r := l.NewReader()
	var kept []journal.Item
	for i := range found { // one at a time: the room grows under the first
		r.Each([]journal.Pos{found[i].Pos}, func(_ int, it journal.Item, err error) {
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, it)
		})
	}
	for i := range found {
		if want, err := l.Read(found[i].Pos); err != nil || !reflect.DeepEqual(kept[i], want) {
			t.Fatalf("item %d is another one by now, %v", i+1, err)
		}
	}
}
