package journal

import (
	"reflect"
	"testing"

	"amana"
	"amana/internal/seal"
)

// Whatever is changed, left out or added in an entry: where it is read by hand, it is read
// as the library reads it, and the usual ones are read by hand.
func TestDecodeUsual_asTheLibrary(t *testing.T) {
	plain := Entry{Time: 1 << 48, Author: Author{1, 2, 3, 4}, Record: amana.RecordID{9}, Signature: seal.Signature{7}}
	first := plain
	first.Teams = []TeamEpoch{{Team: amana.TeamID{5}, Epoch: 1}, {Team: amana.TeamID{6}, Epoch: 23}}
	first.Commitment = seal.Hash{8, 8}
	for name, e := range map[string]Entry{"nothing more": plain, "a first key": first} {
		raw := e.Encode()
		got, usual := decodeUsual(raw)
		if !usual || !reflect.DeepEqual(got, e) {
			t.Errorf("%s: %v, %+v; want %+v", name, usual, got, e)
		}
		for at := range raw {
			for b := range 256 {
				changed := append([]byte(nil), raw...)
				changed[at] = byte(b)
				asTheLibrary(t, changed)
			}
			asTheLibrary(t, raw[:at])
		}
		asTheLibrary(t, append(raw, 0))
	}
	unusual := first
	for name, change := range map[string]func(*Entry){
		"of the first month of 1970": func(e *Entry) { e.Time = 5 },
		"with a clock that is off":   func(e *Entry) { e.Wall = -3 },
		"with a later key":           func(e *Entry) { e.Generation = seal.Generation{1} },
		"of a late epoch":            func(e *Entry) { e.Teams = []TeamEpoch{{Epoch: 24}} },
		"for many teams":             func(e *Entry) { e.Teams = make([]TeamEpoch, 24) },
	} {
		e := unusual
		change(&e)
		if _, usual := decodeUsual(e.Encode()); usual {
			t.Errorf("%s: read by hand", name)
		}
		if got, err := DecodeEntry(e.Encode()); err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, e)
		}
	}
}

func asTheLibrary(t *testing.T, raw []byte) {
	t.Helper()
	got, usual := decodeUsual(raw)
	if !usual {
		return
	}
	want, err := decodeAny(raw)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%x: read by hand as %+v, by the library as %+v, %v", raw, got, want, err)
	}
}
