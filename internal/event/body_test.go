package event_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
)

// canary is a word that must not get into an error or a print.
const canary = "Zainabou-la-secrète"

func TestEncode_refusesWhatCouldNotBeReadBack(t *testing.T) {
	tests := []struct {
		name string
		fact event.Fact
	}{
		{"text that is not UTF-8", event.Set{Field: "name", Value: event.Text(canary + "\xff")}},
		{"a field's name that is not UTF-8", event.Set{Field: canary + "\xff"}},
		{"conditions that are not UTF-8", event.Consented{Conditions: amana.Conceal(canary + "\xff")}},
		{"a choice that is not UTF-8", event.Set{Field: "contact_how", Value: event.List(canary+"\xff", "b")}},
		{"an answer that is none", event.Set{Field: "age", Value: event.Say(0)}},
		{"a body longer than any", event.Set{Field: "x", Value: event.Text(strings.Repeat(canary, event.LargestBody/len(canary)+1))}},
		{"an unknown fact that is no CBOR", event.Unknown{Code: 99, Raw: []byte(canary)}},
		{"an unknown fact that is known", event.Unknown{Code: 5, Raw: []byte{0x82, 0x18, 0x05, 0xa0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := event.Encode(event.Body{Facts: []event.Fact{tt.fact}})
			if !errors.Is(err, amana.ErrInvalid) {
				t.Fatalf("err = %v, want ErrInvalid", err)
			}
			noCanary(t, err)
		})
	}
}

func TestDecode_errorsHoldNothingOfTheBody(t *testing.T) {
	raw, err := event.Encode(event.Body{Seen: 7, Facts: []event.Fact{
		event.Begun{Kind: amana.KindCase},
		event.Set{Field: "name", Value: event.Text(canary)},
		event.Consented{Purpose: amana.PurposeCare, Recipient: amana.Conceal(canary), Conditions: amana.Conceal(canary)},
		event.TeamFormed{Name: canary},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for _, flip := range []byte{0x01, 0x20, 0x80, 0xff} {
			bad := bytes.Clone(raw)
			bad[i] ^= flip
			_, err := event.Decode(bad)
			noCanary(t, err)
		}
		_, err := event.Decode(raw[:i])
		if !errors.Is(err, amana.ErrInvalid) {
			t.Fatalf("cut to %d bytes: err = %v, want ErrInvalid", i, err)
		}
		noCanary(t, err)
	}
}

func noCanary(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, part := range []string{"Zainabou", "secr"} {
			if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, part) {
				t.Fatalf("error text holds a value")
			}
		}
	}
}

func TestValue_printsNothing(t *testing.T) {
	for _, v := range []event.Value{event.Text(canary), event.List(canary, canary), event.Int(42)} {
		text := fmt.Sprintf("%v %+v %#v %s %d", v, v, v, v, v)
		if strings.Contains(text, "Zainabou") || strings.Contains(text, "42") {
			t.Errorf("a value printed")
		}
		nested := fmt.Sprintf("%+v", struct{ F event.Fact }{event.Set{Field: "name", Value: v}})
		if strings.Contains(nested, "Zainabou") || strings.Contains(nested, "42") {
			t.Errorf("a value printed within a struct")
		}
	}
}

// What a body may cost is in proportion to its bytes, whatever it claims to hold.
func TestDecode_memoryIsBounded(t *testing.T) {
	tests := map[string][]byte{
		"an array that claims to be huge": {0xa1, 0x02, 0x9b, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"a text that claims to be huge":   {0xa1, 0x02, 0x81, 0x82, 0x02, 0x82, 0x7b, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"nested deeply":                   bytes.Repeat([]byte{0x81}, event.LargestBody),
		"many facts":                      append([]byte{0xa1, 0x02, 0x99, 0xff, 0xff}, bytes.Repeat([]byte{0x82, 0x05, 0xa0}, 65535)...),
		"too many facts":                  append([]byte{0xa1, 0x02, 0x9a, 0, 1, 0x11, 0x70}, bytes.Repeat([]byte{0x82, 0x05, 0xa0}, 70000)...),
		"lists of nothing":                lists(60),
		"longer than any":                 make([]byte, event.LargestBody+1),
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := event.Decode(raw)
			runtime.ReadMemStats(&after)
			used := after.TotalAlloc - before.TotalAlloc
			if limit := uint64(1<<20 + 100*len(raw)); used > limit {
				t.Errorf("%d bytes took %d bytes of memory (err = %v)", len(raw), used, err)
			}
		})
	}
}

// lists is a body of n fields, each a list of 65,000 empty texts.
func lists(n byte) []byte {
	raw := []byte{0xa1, 0x02, 0x98, n}
	for range n {
		raw = append(raw, 0x82, 0x02, 0x82, 0x61, 'x', 0x99, 0xfd, 0xe8)
		raw = append(raw, bytes.Repeat([]byte{0x60}, 65000)...)
	}
	return raw
}

// A fact of a newer amana goes through unread and byte for byte.
func TestUnknownFacts_surviveARoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.Uint64Range(100, math.MaxUint64).Draw(t, "code")
		content := rapid.SampledFrom([]string{
			"\xa0", "\xf6", "\x83\x01\x02\x03", "\xa1\x01\x63abc", "\xc1\x1a\x51\x4b\x67\xb0", "\x18\x01", "\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00",
		}).Draw(t, "content")
		fact := append([]byte{0x82}, head(code)...)
		fact = append(fact, content...)
		raw := append([]byte{0xa1, 0x02, 0x82}, fact...)
		raw = append(raw, 0x82, 0x05, 0xa0)

		body, err := event.Decode(raw)
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		u, ok := body.Facts[0].(event.Unknown)
		if !ok || u.Code != code || !bytes.Equal(u.Raw, fact) {
			t.Fatalf("fact 0 = %T, want Unknown as it came", body.Facts[0])
		}
		again, err := event.Encode(body)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("encode: %x (%v), want %x", again, err, raw)
		}
	})
}

// head is a CBOR unsigned integer in its shortest form.
func head(n uint64) []byte {
	switch {
	case n < 24:
		return []byte{byte(n)}
	case n < 1<<8:
		return []byte{0x18, byte(n)}
	case n < 1<<16:
		return []byte{0x19, byte(n >> 8), byte(n)}
	case n < 1<<32:
		return []byte{0x1a, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
	return []byte{0x1b, byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

func TestBodies_surviveARoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Map(rapid.String(), event.Text),
			rapid.Map(rapid.Int64(), event.Int),
			rapid.Map(rapid.Bool(), event.Bool),
			rapid.Map(rapid.Float64(), event.Decimal),
			rapid.Map(rapid.SliceOf(rapid.String()), func(s []string) event.Value { return event.List(s...) }),
			rapid.Map(rapid.Uint8Range(1, 255), func(n uint8) event.Value { return event.Say(event.Answer(n)) }),
		)
		body := event.Body{Seen: rapid.Uint64().Draw(t, "seen"), Facts: []event.Fact{
			event.Set{Field: rapid.String().Draw(t, "field"), Value: value.Draw(t, "value")},
			event.Removed{Field: rapid.String().Draw(t, "removed")},
		}}
		raw, err := event.Encode(body)
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		got, err := event.Decode(raw)
		if err != nil || !reflect.DeepEqual(got, body) {
			t.Fatalf("decode: %v; the same: %v", err, reflect.DeepEqual(got, body))
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	raw, err := event.Encode(intake())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := event.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func intake() event.Body {
	facts := []event.Fact{event.Begun{Kind: amana.KindCase}}
	for i := range 18 {
		facts = append(facts, event.Set{Field: fmt.Sprintf("assessment_field_%d", i), Value: event.Text("some words of an answer")})
	}
	return event.Body{Facts: facts}
}

func TestValue_aloneSurvivesARoundTrip(t *testing.T) {
	for _, v := range []event.Value{{}, event.Text("a"), event.Int(-3), event.Decimal(2.5), event.List("a", "b"), event.Say(event.Declined)} {
		raw, err := v.MarshalCBOR()
		if err != nil {
			t.Fatal(err)
		}
		var got event.Value
		if err := got.UnmarshalCBOR(raw); err != nil || !got.Equal(v) {
			t.Errorf("%x: not the same again (%v)", raw, err)
		}
		if err := got.UnmarshalCBOR(append(raw, 0)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%x and a byte more: err = %v, want ErrInvalid", raw, err)
		}
	}
}

// Lists write fields by a shorter way: in the same bytes, and no more than a body holds.
func TestEncodeSets_asEncode(t *testing.T) {
	sets := []event.Set{
		{Field: "age", Value: event.Int(-3)},
		{Field: "note/1/text", Value: event.Text("a word")},
		{Field: "list", Value: event.List("a", "b")},
		{Field: "said", Value: event.Say(event.Declined)},
		{Field: "half", Value: event.Decimal(0.5)},
		{Field: "yes", Value: event.Bool(true)},
		{Field: "gone"},
	}
	for n := range len(sets) + 1 {
		var b event.Body
		for _, s := range sets[:n] {
			b.Facts = append(b.Facts, s)
		}
		want, err := event.Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := event.EncodeSets(sets[:n]); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d fields: %x, %v; want %x", n, got, err, want)
		}
	}
	for name, many := range map[string][]event.Set{
		"too many":  make([]event.Set, 1<<16+1),
		"too large": {{Field: "a", Value: event.Text(strings.Repeat("x", event.LargestBody))}},
	} {
		if _, err := event.EncodeSets(many); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
