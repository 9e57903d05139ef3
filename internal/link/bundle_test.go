package link_test

import (
	"bytes"
	"errors"
	"testing"

	"amana"
	"amana/internal/vault"
)

// bundle is what one device writes for all, with every file it has.
func bundle(t testing.TB, s *vault.Session) []byte {
	t.Helper()
	files, err := s.FilesHere(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, f := range files {
		size += f.Size
	}
	var without, b bytes.Buffer
	if _, err := s.WriteBundle(t.Context(), nil, &without); err != nil {
		t.Fatal(err)
	}
	made, err := s.WriteBundle(t.Context(), nil, &b, files...)
	if err != nil || made.Files != len(files) {
		t.Fatal(made, err)
	}
	// Who chooses is told the size before: what the files take, and what seals them.
	if more := int64(b.Len() - without.Len()); more < size || more > size+size/1000+1000 {
		t.Errorf("the bundle is larger by %d, said was %d", more, size)
	}
	return b.Bytes()
}

// A bundle carries files by a stick as the hub does by a line: sealed, verified where
// they arrive, gone on with, and not for who may not read them.
func TestBundle_carriesFiles(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	c := h.open(t, h.admin)
	plain := bytes.Repeat([]byte("zzCANARYzz of what she drew, "), 20_000)
	id, small := h.take(t, h.admin, c, plain), h.take(t, h.admin, c, noise(1, 5000))
	raw := bundle(t, h.admin)
	if bytes.Contains(raw, []byte("zzCANARYzz")) || bytes.Contains(raw, id[:]) {
		t.Error("the bundle says what is in it")
	}

	bring := func(raw []byte) (vault.Imported, error) {
		done, _, err := other.ReadBundle(t.Context(), bytes.NewReader(raw))
		return done, err
	}
	// Cut short anywhere: said, and what came before stays.
	for _, at := range []int{len(raw) - 1, len(raw) - 200_000, len(raw) - 400_000} {
		if _, err := bring(raw[:at]); err == nil {
			t.Errorf("cut %d bytes before its end: nothing is said", len(raw)-at)
		}
	}
	bad := bytes.Clone(raw)
	bad[len(bad)-100_000] ^= 1
	if _, err := bring(bad); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("changed: %v", err)
	}
	list, err := other.Files(t.Context())
	if err != nil || len(list) != 2 || !list[0].Here || list[1].Got == 0 {
		t.Errorf("after pieces: %+v, %v", list, err)
	}
	done, err := bring(raw)
	if err != nil || done.Files+done.FilesKnown != 2 || done.FilesBad != 0 {
		t.Errorf("whole: %+v, %v", done, err)
	}
	for _, want := range []struct {
		id    amana.RecordID
		plain []byte
	}{{id, plain}, {small, noise(1, 5000)}} {
		if got, err := content(t, other, c, want.id); err != nil || !bytes.Equal(got, want.plain) {
			t.Errorf("%d bytes of %d, %v", len(got), len(want.plain), err)
		}
	}
	if done, err = bring(raw); err != nil || done.FilesKnown != 2 || done.Files != 0 {
		t.Errorf("again: %+v, %v", done, err)
	}

	// What is erased does not come back by a bundle of before.
	if err := h.admin.Erase(t.Context(), "asked", id); err != nil {
		t.Fatal(err)
	}
	handOver(t, h.admin, other)
	if done, err = bring(raw); err != nil || done.FilesPassed != 1 || done.FilesKnown != 1 {
		t.Errorf("after an erasure: %+v, %v", done, err)
	}
	if _, err := content(t, other, c, id); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("it came back: %v", err)
	}
}
