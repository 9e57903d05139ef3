package parcel_test

import (
	"errors"
	"strings"
	"testing"

	"amana"
	"amana/internal/parcel"
)

const note = `{"v":1,"parcel":"01000000000000000000000000000000","key":"0202020202020202020202020202020202020202020202020202020202020202",` +
	`"size":300,"sum":"0303030303030303030303030303030303030303030303030303030303030303","crc":7,` +
	`"salt":"0404040404040404040404040404040404040404040404040404040404040404","format":"dossier","purpose":"accountability",` +
	`"conditions":["not before the rains"],"until":"2026-12-31","when":"2026-03-09T09:00:00Z"}`

// A note is read as it was written; without what opens the package, nothing does.
func TestRead(t *testing.T) {
	n, err := parcel.Read([]byte(note))
	if err != nil || n.Size != 300 || n.Blob.Size != 300 || n.Until != "2026-12-31" || n.Purpose != amana.PurposeAccountability || n.Conditions[0].Reveal() != "not before the rains" {
		t.Fatalf("%+v, %v", n.About, err)
	}
	bare, err := parcel.Without([]byte(note))
	if err != nil || strings.Contains(string(bare), "0202") || strings.Contains(string(bare), "0303") || strings.Contains(string(bare), "key") {
		t.Errorf("what is kept after it is destroyed: %s, %v", bare, err)
	}
	if a, err := parcel.ReadAbout(bare); err != nil || a.Until != n.Until || a.Size != 300 || len(a.Conditions) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := parcel.Read(bare); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("it opens all the same: %v", err)
	}
}

func TestRead_whatPartnersMayInvent(t *testing.T) {
	change := func(old, with string) string {
		if !strings.Contains(note, old) {
			t.Fatalf("no %q in the note", old)
		}
		return strings.Replace(note, old, with, 1)
	}
	for _, bad := range []string{
		"", "{}", "[]", change(`"size":300`, `"size":0`), change(`"size":300`, `"size":-1`), change(`"size":300`, `"size":1099511627776`),
		change("0100000", "01"), change(`"parcel":"01`, `"parcel":"00`), change(`"key":"02`, `"key":"zz`), change("2026-03-09T09:00:00Z", "yesterday"),
		change("not before the rains", strings.Repeat("x", 3000)), change("dossier", strings.Repeat("x", 100)),
		change(`["not before the rains"]`, `[`+strings.Repeat(`"x",`, 80)+`"x"]`),
	} {
		if _, err := parcel.Read([]byte(bad)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%.60s…: %v", bad, err)
		}
	}
	if _, err := parcel.Read([]byte(change(`"v":1`, `"v":2`))); !errors.Is(err, amana.ErrNewer) {
		t.Errorf("of a later version: %v", err)
	}
	n, err := parcel.Read([]byte(change("2026-12-31", "in a while")))
	if err != nil || n.Until != "2026-03-09" {
		t.Errorf("an end that cannot be read: %q, %v", n.Until, err)
	}
}

func TestWords(t *testing.T) {
	for _, w := range []parcel.Word{
		{State: parcel.Asked, From: 65536, When: "2026-03-09"}, {State: parcel.Arrived, When: "2026-03-09"}, {State: parcel.Kept, Reason: "law", When: "2026-03-09"},
	} {
		raw, err := w.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parcel.ReadWord(raw); err != nil || again != w {
			t.Errorf("%+v: %+v, %v", w, again, err)
		}
	}
	for _, bad := range []parcel.Word{
		{},
		{State: "shredded", When: "2026-03-09"},
		{State: parcel.Kept, When: "2026-03-09"},
		{State: parcel.Kept, Reason: "because", When: "2026-03-09"},
		{State: parcel.Arrived, Reason: "law", When: "2026-03-09"},
		{State: parcel.Asked, From: -1, When: "2026-03-09"},
		{State: parcel.Asked, When: "today"},
	} {
		if _, err := bad.Bytes(); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	raw, err := parcel.Notice{Why: "withdrawn", When: "2026-03-09"}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := parcel.ReadNotice(raw); err != nil || n.Why != "withdrawn" {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := (parcel.Notice{Why: "withdrawn; delete all", When: "2026-03-09"}).Bytes(); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("a reason of nobody's: %v", err)
	}
}
