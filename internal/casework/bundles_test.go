package casework_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
)

// A bundle for one computer carries as many files of evidence as were said to fit, the
// smallest first, and none where nobody said any.
func TestBundle_forOneComputerWithFiles(t *testing.T) {
	h := newHouse(t)
	holder := h.people(t, 1)[0]
	second := h.at(t, h.elsewhere(t, h.admin), adminWords)
	for _, size := range []int{1000, 300_000} {
		if _, err := h.admin.TakeEvidence(t.Context(), item(holder), bytes.NewReader(noise(size))); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		room  int64
		files int
	}{{0, 0}, {100_000, 1}, {1 << 20, 1}} { // the second time the small one is there already
		var file bytes.Buffer
		if _, err := h.admin.WriteBundleFor(t.Context(), second.Session().Device(), tt.room, &file); err != nil {
			t.Fatal(err)
		}
		done, _, err := second.ReadBundle(t.Context(), &file)
		if err != nil || done.Files != tt.files || done.FilesBad != 0 {
			t.Errorf("room for %d bytes: %+v, %v", tt.room, done, err)
		}
	}
}

// bring takes a bundle in as the page does, and waits for its end.
func bring(t *testing.T, d *casework.Desk, raw []byte) casework.BundleState {
	t.Helper()
	if err := d.BringBundle(t.Context(), bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if st, _ := d.BundleState(); !st.Busy {
			return st
		}
	}
	t.Fatal("it does not end")
	return casework.BundleState{}
}

// Whatever is wrong with a file is said for what it is, nothing that was there is lost, and
// after a piece the whole goes on where the piece ended.
func TestBundle_whatIsWrongIsSaid(t *testing.T) {
	h := newHouse(t)
	h.people(t, 3)
	second := h.at(t, h.elsewhere(t, h.admin), adminWords)
	h.people(t, 3)
	if _, err := h.admin.TakeEvidence(t.Context(), item(h.people(t, 1)[0]), bytes.NewReader(noise(300_000))); err != nil {
		t.Fatal(err)
	}
	var file, foreign bytes.Buffer
	n, err := h.admin.WriteBundleFor(t.Context(), second.Session().Device(), 1<<20, &file)
	if err != nil {
		t.Fatal(err)
	}
	if about, size, err := h.admin.BundleAbout(second.Session().Device()); err != nil || about != n || size <= 0 {
		t.Errorf("said before: %d entries, %d bytes, %v; it has %d", about, size, err, n)
	}
	if _, err := newHouse(t).admin.WriteBundleFor(t.Context(), amana.DeviceID{}, 0, &foreign); err != nil {
		t.Fatal(err)
	}
	raw := file.Bytes()
	changed := bytes.Clone(raw)
	changed[len(raw)-50_000] ^= 1
	before := len(second.Session().Have())
	for _, tt := range []struct {
		name string
		raw  []byte
		want casework.BundleFault
	}{
		{"no bundle", []byte("%PDF-1.7 or whatever else it is"), casework.BundleNone},
		{"nothing", nil, casework.BundleNone},
		{"of a later version", bytes.Replace(raw, []byte("amana bundle 2"), []byte("amana bundle 7"), 1), casework.BundleNewer},
		{"of another organisation", foreign.Bytes(), casework.BundleOthers},
		{"its beginning only", raw[:40], casework.BundleChanged},
		{"cut", raw[:len(raw)-100_000], casework.BundleChanged},
		{"changed", changed, casework.BundleChanged},
		{"whole", raw, ""},
	} {
		if st := bring(t, second, tt.raw); st.Wrong != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, st.Wrong, tt.want)
		} else if tt.name == "whole" && (st.Came.Files != 1 || st.Came.Known == 0 || st.Came.Taken+st.Came.Known != n) {
			t.Errorf("after pieces: %+v of %d", st.Came, n)
		}
	}
	if len(second.Session().Have()) < before || second.Session().Have()[h.admin.Session().Device()] == 0 {
		t.Errorf("what was there: %v", second.Session().Have())
	}
}

// How large a bundle is said to be is about what it is.
func TestBundle_sizeIsSaidBefore(t *testing.T) {
	h := newHouse(t)
	h.people(t, 20)
	var file bytes.Buffer
	made, err := h.admin.WriteBundleFor(t.Context(), amana.DeviceID{}, 0, &file)
	n, size, about := h.admin.BundleAbout(amana.DeviceID{})
	if err != nil || about != nil || n != made {
		t.Fatalf("%d entries are said, %d are in it: %v, %v", n, made, err, about)
	}
	// A bundle has boxes for its readers beside the journal, some kilobytes for each sixteen.
	const boxes = 64 << 10
	if is := int64(file.Len()); size > 2*is || is > 2*size+boxes {
		t.Errorf("said %d bytes, it has %d", size, is)
	}
	if _, _, err := h.admin.BundleAbout(amana.DeviceID{1}); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("for nobody's: %v", err)
	}
}
