package record_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// told is all that a record says.
type told struct {
	Kind                     amana.Kind
	Version, Opened, Updated uint64
	Unknown, Conflicts       int
	Cells                    []record.Cell
	History                  map[string][]record.Past
	Consents                 []record.ConsentState
	Changes                  []record.Change
	Readings                 []record.Reading
	Notes                    []string
}

func tell(r record.Record) told {
	t := told{
		Kind: r.Kind, Version: r.Version, Opened: r.Opened, Updated: r.Updated,
		Unknown: r.Unknown, Conflicts: r.Conflicts(), Consents: r.Consents(),
		Changes: r.Changes(), Readings: r.Readings(), Notes: r.Items(record.Notes), History: map[string][]record.Past{},
	}
	for _, c := range r.Cells() {
		t.Cells = append(t.Cells, c)
		t.History[c.Name] = r.History(c.Name)
	}
	return t
}

// Merging is gathering entries: whatever the order in which they come, and how
// often, and in which heaps, a record is the same everywhere.
func TestFold_isTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries().Draw(t, "entries")
		want := tell(record.Fold(recordID, slices.Clone(all)))
		got := tell(record.Fold(recordID, shuffled(t, all)))
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("another order, another record")
		}
	})
}

func TestFold_leavesTheEntriesAsTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := shuffled(t, entries().Draw(t, "entries"))
		before := slices.Clone(all)
		r := record.Fold(recordID, all)
		tell(r)
		if !reflect.DeepEqual(all, before) {
			t.Fatalf("folding changed what was folded")
		}
	})
}

func TestFold_lastWriterWins(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{
		at(1, deviceA, begun(amana.KindCase), set("sex", "male"), event.Set{Field: "age", Value: event.Int(30)}),
		at(2, deviceA, set("sex", "female")),
		at(3, deviceA, event.Removed{Field: "age"}),
	})
	c := fieldOf(t, &r, "sex")
	if c.Value.Reveal() != "female" || c.By != mariam || c.Time != 2 || c.Changes != 1 || c.Rivals != nil {
		t.Errorf("sex: time %d, changes %d, rivals %d", c.Time, c.Changes, len(c.Rivals))
	}
	if _, there := r.Field("age"); there {
		t.Error("age is there, and was removed")
	}
	past := r.History("age")
	if len(past) != 2 || !past[1].Value.IsZero() || past[0].Lost || past[1].Time != 3 {
		t.Errorf("history of age: %d values", len(past))
	}
	if r.Kind != amana.KindCase || r.Version != 3 || r.Opened != 1 || r.Updated != 3 || r.Unknown != 0 {
		t.Errorf("kind %s, version %d, opened %d, updated %d, unknown %d", r.Kind, r.Version, r.Opened, r.Updated, r.Unknown)
	}
}

// The order of entries at one time is by author, then by device.
func TestFold_breaksTies(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*record.Entry)
		want   string
	}{
		{"later time", func(e *record.Entry) { e.Time = 9; e.Author = amana.MemberID{1}; e.Device = amana.DeviceID{1} }, "second"},
		{"same time, later author", func(e *record.Entry) { e.Author = amana.MemberID{6}; e.Device = amana.DeviceID{1} }, "second"},
		{"same time, earlier author", func(e *record.Entry) { e.Author = amana.MemberID{4}; e.Device = amana.DeviceID{9} }, "first"},
		{"same author, later device", func(e *record.Entry) { e.Device = amana.DeviceID{9} }, "second"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first := record.Entry{
				Time: 5, Author: amana.MemberID{5}, Device: amana.DeviceID{5}, Seq: 1,
				Body: event.Body{Facts: []event.Fact{set("sex", "first")}},
			}
			second := first
			second.Body = event.Body{Facts: []event.Fact{set("sex", "second")}}
			tt.change(&second)
			r := record.Fold(recordID, []record.Entry{first, second})
			c := fieldOf(t, &r, "sex")
			if got := c.Value.Reveal(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if len(c.Rivals) != 1 {
				t.Errorf("%d rivals, want 1: neither saw the other", len(c.Rivals))
			}
		})
	}
}

func TestFold_keepsWhatItDoesNotKnow(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{
		at(1, deviceA, begun("new_kind"), set("new_field", "x"), set("new_list/1/field", "y"),
			event.Unknown{Code: 99, Raw: []byte{0xf6}}, event.MemberLeft{}, begun(amana.KindCase)),
	})
	if r.Kind != "new_kind" || r.Unknown != 5 {
		t.Errorf("kind %s, %d unknown, want new_kind, 5", r.Kind, r.Unknown)
	}
	if fieldOf(t, &r, "new_field").Value.Reveal() != "x" || len(r.Items("new_list")) != 1 {
		t.Error("a field or an item of a newer amana is gone")
	}
	r = record.Fold(recordID, nil)
	if got := len(r.Cells()); got != 0 {
		t.Errorf("%d cells of nothing", got)
	}
}

func TestItems_inOrderOfCreation(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{
		at(1, deviceA, begun(amana.KindCase), set("note/z/text", "first"), set("notes", "not one of them")),
		at(2, deviceA, set("note/a/text", "second"), set("note/m/text", "third")),
		at(3, deviceA, set("note/z/text", "first, mended"), event.Removed{Field: "note/m"}, set("note_about/a/b", "nor this")),
		at(4, deviceA, set("note/b/text", "fourth"), event.Removed{Field: "note/b"}, set("note/b/text", "after all")),
	})
	if got, want := r.Items(record.Notes), []string{"z", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("items %v, want %v", got, want)
	}
	cells := r.ItemCells(record.Notes, "z")
	if len(cells) != 1 || cells[0].Value.Reveal() != "first, mended" {
		t.Errorf("%d cells in z", len(cells))
	}
	if len(r.ItemCells(record.Notes, "m")) != 0 || len(r.History("note/m/text")) != 2 {
		t.Error("m was removed and still is there, or has no history")
	}
}

func TestTimeline(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{
		at(1, deviceA, begun(amana.KindCase), set("sex", "female")),
		at(2, deviceA, event.Opened{}),
		at(3, deviceB, set("age", "x"), event.Removed{Field: "note/1"}, event.Consented{Purpose: amana.PurposeCare, Decision: amana.Granted}),
		at(4, deviceB, event.Unknown{Code: 99, Raw: []byte{0xf6}}),
	})
	var got []string
	for _, c := range r.Changes() {
		got = append(got, fmt.Sprintf("%d %s %s", c.Time, c.What, strings.Join(c.Fields, " ")))
	}
	want := []string{"1 began sex", "3 changed age note/1", "3 consent ", "4 not_known "}
	if !slices.Equal(got, want) {
		t.Errorf("timeline %q, want %q", got, want)
	}
	if readings := r.Readings(); len(readings) != 1 || readings[0].By != mariam || readings[0].Time != 2 {
		t.Errorf("readings %v", readings)
	}
	if r.Version != 4 || r.Updated != 4 {
		t.Errorf("version %d, updated %d", r.Version, r.Updated)
	}
}

func TestRecord_printsNoValue(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{at(1, deviceA,
		begun(amana.KindIdentity), set("name", canary),
		event.Consented{Purpose: amana.PurposeCare, Recipient: amana.Conceal(canary), Conditions: amana.Conceal(canary)})})
	id := record.IdentityOf(&r)
	for _, text := range []string{fmt.Sprintf("%+v", r), fmt.Sprintf("%#v", r), fmt.Sprintf("%+v", tell(r)), fmt.Sprintf("%+v", id)} {
		if strings.Contains(text, "Zainabou") {
			t.Error("a value printed")
		}
	}
}

func BenchmarkFold(b *testing.B) {
	facts := []event.Fact{begun(amana.KindCase)}
	for i, f := range record.Fields(amana.KindCase) {
		if i < 16 {
			facts = append(facts, set(f.Name, "some words"))
		}
	}
	all := []record.Entry{
		at(1, deviceA, facts...),
		at(2, deviceA, set("note/0123456789/text", "some words"), set("risk_level", "high")),
		at(3, deviceA, set("status", "closed"), set("date_closure", "2026-03-01")),
	}
	for name, in := range map[string][]record.Entry{
		"3 entries": all,
		"3 small": {
			at(1, deviceA, facts[:5]...), at(2, deviceA, set("risk_level", "high")), at(3, deviceA, set("status", "closed")),
		},
		"2 devices": {all[0], all[1], at(4, deviceB, set("status", "open"), set("risk_level", "low"))},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				record.Fold(recordID, in)
			}
		})
	}
}
