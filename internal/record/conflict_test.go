package record_test

import (
	"slices"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

func TestConflicts(t *testing.T) {
	first := at(1, deviceA, begun(amana.KindCase), set("risk_level", "low"))
	tests := []struct {
		name    string
		entries []record.Entry
		want    string
		rivals  []string
		lost    []bool // of the history, the oldest first
	}{
		{
			"one after the other on one device",
			[]record.Entry{first, at(2, deviceA, set("risk_level", "high"))},
			"high", nil,
			[]bool{false, false},
		},
		{
			"one after the other on two devices, having seen it",
			[]record.Entry{first, seeing(1, at(2, deviceB, set("risk_level", "high")))},
			"high", nil,
			[]bool{false, false},
		},
		{
			"on two devices, neither having seen the other",
			[]record.Entry{first, seeing(1, at(2, deviceB, set("risk_level", "high"))), at(3, deviceA, set("risk_level", "medium"))},
			"medium",
			[]string{"high"},
			[]bool{false, true, false},
		},
		{
			"the same value on two devices",
			[]record.Entry{first, seeing(1, at(2, deviceB, set("risk_level", "high"))), at(3, deviceA, set("risk_level", "high"))},
			"high", nil,
			[]bool{false, false, false},
		},
		{
			"three devices, three values",
			[]record.Entry{
				first, seeing(1, at(2, deviceB, set("risk_level", "high"))), at(3, deviceA, set("risk_level", "medium")),
				seeing(1, at(4, amana.DeviceID{0xc}, set("risk_level", "none"))),
			},
			"none",
			[]string{"high", "medium"},
			[]bool{false, true, true, false},
		},
		{
			"decided by one who saw both",
			[]record.Entry{
				first, seeing(1, at(2, deviceB, set("risk_level", "high"))), at(3, deviceA, set("risk_level", "medium")),
				seeing(3, at(4, deviceB, set("risk_level", "high"))),
			},
			"high", nil,
			[]bool{false, true, false, false},
		},
		{
			"written again by one who saw only their own",
			[]record.Entry{
				first, seeing(1, at(2, deviceB, set("risk_level", "high"))), at(3, deviceA, set("risk_level", "medium")),
				at(4, deviceA, set("risk_level", "low")),
			},
			"low",
			[]string{"high"},
			[]bool{false, true, false, false},
		},
		{
			"on one device, from a form that was read before",
			[]record.Entry{first, at(2, deviceA, set("risk_level", "high")), seeing(1, at(3, deviceA, set("risk_level", "medium")))},
			"medium",
			[]string{"high"},
			[]bool{false, true, false},
		},
		{
			"on one device, from an old form, but another field changed since",
			[]record.Entry{first, at(2, deviceA, set("sex", "female")), seeing(1, at(3, deviceA, set("risk_level", "medium")))},
			"medium", nil,
			[]bool{false, false},
		},
		{
			"removed on one device and written on another",
			[]record.Entry{first, seeing(1, at(2, deviceB, event.Removed{Field: "risk_level"})), at(3, deviceA, set("risk_level", "high"))},
			"high",
			[]string{""},
			[]bool{false, true, false},
		},
		{
			"written on one device and removed later on another",
			[]record.Entry{first, at(2, deviceA, set("risk_level", "high")), seeing(1, at(3, deviceB, event.Removed{Field: "risk_level"}))},
			"",
			[]string{"high"},
			[]bool{false, true, false},
		},
		{
			"one who claims to have seen what came after does not make it go",
			[]record.Entry{first, seeing(99, at(2, deviceB, set("risk_level", "high"))), seeing(1, at(3, deviceA, set("risk_level", "low")))},
			"low",
			[]string{"high"},
			[]bool{false, true, false},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := slices.Clone(tt.entries)
			for range in {
				in = append(in[1:], in[0]) // in any order
				r := record.Fold(recordID, slices.Clone(in))
				c := fieldOf(t, &r, "risk_level")
				if got := c.Value.Reveal(); got != tt.want {
					t.Errorf("value %q, want %q", got, tt.want)
				}
				if got := rivals(c); !slices.Equal(got, tt.rivals) {
					t.Errorf("rivals %q, want %q", got, tt.rivals)
				}
				var lost []bool
				for _, p := range r.History("risk_level") {
					lost = append(lost, p.Lost)
				}
				if !slices.Equal(lost, tt.lost) {
					t.Errorf("lost %v, want %v", lost, tt.lost)
				}
				if want := min(1, len(tt.rivals)); r.Conflicts() != want {
					t.Errorf("%d conflicts, want %d", r.Conflicts(), want)
				}
			}
		})
	}
}

// An item that one removes while another writes to it does not vanish with what
// was written.
func TestConflicts_onItems(t *testing.T) {
	first := at(1, deviceA, begun(amana.KindCase), set("note/1/text", "before"))
	tests := []struct {
		name    string
		entries []record.Entry
		items   int
		rivals  []string
	}{
		{"removed", []record.Entry{first, at(2, deviceA, event.Removed{Field: "note/1"})}, 0, nil},
		{
			"removed, then written elsewhere without knowing",
			[]record.Entry{first, at(2, deviceA, event.Removed{Field: "note/1"}), seeing(1, at(3, deviceB, set("note/1/text", "after")))},
			1,
			[]string{""},
		},
		{
			"written, then removed elsewhere without knowing",
			[]record.Entry{first, at(2, deviceA, set("note/1/text", "after")), seeing(1, at(3, deviceB, event.Removed{Field: "note/1"}))},
			1,
			[]string{"after"},
		},
		{
			"written again by one who saw it removed",
			[]record.Entry{first, at(2, deviceA, event.Removed{Field: "note/1"}), at(3, deviceA, set("note/1/text", "after"))},
			1, nil,
		},
		{
			"removed twice without knowing",
			[]record.Entry{first, at(2, deviceA, event.Removed{Field: "note/1"}), seeing(1, at(3, deviceB, event.Removed{Field: "note/1"}))},
			0, nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := record.Fold(recordID, tt.entries)
			if got := len(r.Items(record.Notes)); got != tt.items {
				t.Errorf("%d items, want %d", got, tt.items)
			}
			c, _ := r.Field("note/1/text")
			if got := rivals(c); !slices.Equal(got, tt.rivals) {
				t.Errorf("rivals %q, want %q", got, tt.rivals)
			}
		})
	}
}

// A conflict on a field that does not matter is kept, and is not counted.
func TestConflicts_onFieldsThatMatterCount(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{
		at(1, deviceA, begun(amana.KindCase)),
		at(2, deviceA, set("maritial_status", "single"), set("sex", "female")),
		seeing(1, at(3, deviceB, set("maritial_status", "widowed"), set("sex", "female"))),
	})
	if c := fieldOf(t, &r, "maritial_status"); len(c.Rivals) != 1 || r.Conflicts() != 0 {
		t.Errorf("%d rivals, %d conflicts, want 1 and 0", len(c.Rivals), r.Conflicts())
	}
}
