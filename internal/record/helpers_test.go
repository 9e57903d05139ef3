package record_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// canary is a word that must not get into an error, a key or a print.
const canary = "Zainabou-la-secrète"

var (
	recordID = amana.RecordID{1}
	noon     = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
)

// Two devices, and a member at each.
var (
	deviceA, deviceB = amana.DeviceID{0xa}, amana.DeviceID{0xb}
	mariam, joseph   = amana.MemberID{0xa}, amana.MemberID{0xb}
)

// at is an entry of a device at a time; its author is the device's.
func at(time uint64, device amana.DeviceID, facts ...event.Fact) record.Entry {
	return record.Entry{
		Time: time, Device: device, Seq: time, Author: amana.MemberID(device),
		Body: event.Body{Facts: facts},
	}
}

// seeing says that the author of e had seen what was written until then.
func seeing(until uint64, e record.Entry) record.Entry {
	e.Body.Seen = until
	return e
}

func begun(kind amana.Kind) event.Fact { return event.Begun{Kind: kind} }

func set(field, text string) event.Fact { return event.Set{Field: field, Value: event.Text(text)} }

// entries draws the entries of a record from several devices: chains of ascending
// time and number, which see more or less of each other.
func entries() *rapid.Generator[[]record.Entry] {
	return rapid.Custom(func(t *rapid.T) []record.Entry {
		var all []record.Entry
		for d := range rapid.IntRange(1, 3).Draw(t, "devices") {
			time := uint64(0)
			for seq := range rapid.IntRange(0, 5).Draw(t, "chain") {
				time += rapid.Uint64Range(1, 4).Draw(t, "pause")
				e := record.Entry{
					Time: time, Device: amana.DeviceID{byte(d + 1)}, Seq: uint64(seq + 1),
					Author: amana.MemberID{byte(rapid.IntRange(1, 2).Draw(t, "author"))},
					Body:   event.Body{Facts: rapid.SliceOfN(facts(), 0, 4).Draw(t, "facts")},
				}
				if rapid.Bool().Draw(t, "looked") {
					e.Body.Seen = rapid.Uint64Range(0, time-1).Draw(t, "seen")
				}
				all = append(all, e)
			}
		}
		return all
	})
}

func facts() *rapid.Generator[event.Fact] {
	return rapid.Custom(func(t *rapid.T) event.Fact {
		field := rapid.SampledFrom([]string{"age", "sex", "new_field", "note/1/text", "note/2/text", "note/2/new"}).Draw(t, "field")
		switch rapid.IntRange(0, 6).Draw(t, "fact") {
		case 0:
			return event.Begun{Kind: rapid.SampledFrom([]amana.Kind{amana.KindCase, "new_kind"}).Draw(t, "kind")}
		case 1:
			return event.Removed{Field: rapid.SampledFrom([]string{"age", "note/1", "note/2", "note/2/text"}).Draw(t, "removed")}
		case 2:
			return event.Consented{
				Purpose:    rapid.SampledFrom([]amana.Purpose{amana.PurposeCare, amana.PurposeReferral}).Draw(t, "purpose"),
				Recipient:  amana.Conceal(rapid.SampledFrom([]string{"", "hospital"}).Draw(t, "recipient")),
				Decision:   rapid.SampledFrom(decisions).Draw(t, "decision"),
				Until:      rapid.SampledFrom([]string{"", "2026-06", "2026-06-15", "soon"}).Draw(t, "until"),
				Conditions: amana.Conceal(rapid.SampledFrom([]string{"", "by phone"}).Draw(t, "conditions")),
			}
		case 3:
			return event.Opened{}
		case 4:
			return event.Unknown{Code: 99, Raw: []byte{0x82, 0x18, 0x63, 0xf6}}
		default:
			return event.Set{Field: field, Value: rapid.SampledFrom([]event.Value{
				event.Text("a"), event.Text("b"), event.Int(7), event.Say(event.Declined), {},
			}).Draw(t, "value")}
		}
	})
}

var decisions = []amana.Decision{amana.Withdrawn, amana.Refused, amana.NotAsked, amana.Granted, "new_decision"}

// shuffled draws a permutation of a slice, with some of it twice.
func shuffled(t *rapid.T, in []record.Entry) []record.Entry {
	if len(in) == 0 {
		return nil
	}
	out := rapid.Permutation(in).Draw(t, "order")
	return append(out, rapid.SliceOfN(rapid.SampledFrom(in), 0, 3).Draw(t, "again")...)
}

func fieldOf(t testing.TB, r *record.Record, name string) record.Cell {
	t.Helper()
	c, ok := r.Field(name)
	if !ok {
		t.Fatalf("no field %s", name)
	}
	return c
}

func rivals(c record.Cell) (texts []string) {
	for _, p := range c.Rivals {
		texts = append(texts, p.Value.Reveal())
	}
	slices.Sort(texts)
	return texts
}
