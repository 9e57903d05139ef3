package link_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// metAddress is where a device listens, as a client takes it.
func metAddress(t *testing.T, m *link.Meeting) wire.Address {
	t.Helper()
	host, text, _ := strings.Cut(strings.TrimPrefix(m.Word, "amana-meet:"), "/")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Address{Host: host, Key: seal.VerifyKey(raw)}
}

func clientOf(t testing.TB, s *vault.Session, to wire.Address) *syncer.Client {
	t.Helper()
	own, err := s.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	c := syncer.NewClient(to, own)
	t.Cleanup(c.Close)
	return c
}

// Evidence travels at a meeting, both ways, and arrives as it was taken in.
func TestMeet_filesTravel(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	here, there := h.open(t, h.admin), h.open(t, other)
	large, small := noise(1, 300_000), noise(2, 3_000)
	photo := noise(3, 90_000)
	a, b := h.take(t, h.admin, here, large), h.take(t, h.admin, here, small)
	c := h.take(t, other, there, photo)
	came := make(chan link.Met, 4)
	m, err := link.Listen(h.admin, "127.0.0.1:0", 0, func(m link.Met) { came <- m })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	met, err := visit(t, other, m.Word)
	if err != nil || met.FilesTaken != 2 || met.FilesHanded != 1 || met.FilesBad != 0 {
		t.Fatalf("%+v, %v", met, err)
	}
	select {
	case host := <-came:
		if host.FilesTaken != 1 || host.FilesHanded != 2 || host.Taken != met.Handed || host.FilesBad != 0 {
			t.Errorf("the host says %+v, the visitor %+v", host, met)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the host does not say that the visit is over")
	}
	for _, tt := range []struct {
		at     *vault.Session
		of, id amana.RecordID
		want   []byte
	}{{other, here, a, large}, {other, here, b, small}, {h.admin, there, c, photo}} {
		if got, err := content(t, tt.at, tt.of, tt.id); err != nil || !bytes.Equal(got, tt.want) {
			t.Errorf("%d bytes of %d, %v", len(got), len(tt.want), err)
		}
	}
	if again, err := visit(t, other, m.Word); err != nil || again.FilesTaken+again.FilesHanded+again.FilesBad != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// A stranger's key gets nothing and leaves nothing, whatever names it knows; a device of
// the organisation cannot leave anything but the file itself.
func TestMeet_filesOnlyAmongOurselves(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	c := h.open(t, other)
	plain := noise(1, 50_000)
	id := h.take(t, other, c, plain)
	here := h.take(t, h.admin, h.open(t, h.admin), noise(2, 5_000))
	handOver(t, other, h.admin)
	lacking := h.take(t, other, c, noise(3, 40_000))
	m, err := link.Listen(h.admin, "127.0.0.1:0", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	names := map[amana.RecordID]vault.File{}
	for _, s := range []*vault.Session{h.admin, other} {
		list, err := s.Files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			names[f.Record] = f
		}
	}
	stranger := clientOf(t, newHouse(t).admin, metAddress(t, m))
	for _, id := range []amana.RecordID{id, here, lacking} {
		f := names[id]
		if _, _, err := stranger.Standing(t.Context(), f.Name); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("a stranger asks how much is here: %v", err)
		}
		if r, err := stranger.Fetch(t.Context(), f.Name, 0, f.Size); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("a stranger fetches: %v %v", r, err)
		}
		if err := stranger.Send(t.Context(), f.Name, 0, 5, strings.NewReader("words")); !errors.Is(err, amana.ErrRefused) && !errors.Is(err, syncer.ErrAway) {
			t.Errorf("a stranger sends: %v", err)
		}
	}
	ours := clientOf(t, other, metAddress(t, m))
	r, err := ours.Fetch(t.Context(), names[here].Name, 0, names[here].Size)
	if err != nil {
		t.Fatal("one of ours gets none", err)
	}
	if raw, err := io.ReadAll(r); err != nil || int64(len(raw)) != names[here].Size {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	r.Close()
	if _, _, err := ours.Standing(t.Context(), names[lacking].Name); !errors.Is(err, syncer.ErrForgotten) {
		t.Errorf("a file whose entry is not here: %v", err)
	}
	handEntries(t, other, h.admin)
	if err := ours.Send(t.Context(), names[lacking].Name, 0, names[lacking].Size, bytes.NewReader(noise(9, int(names[lacking].Size)))); err == nil {
		t.Error("another file was taken")
	}
	if got, err := content(t, h.admin, c, lacking); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("%d bytes are there, %v", len(got), err)
	}
	if met, err := visit(t, other, m.Word); err != nil || met.FilesHanded != 2 {
		t.Errorf("the right ones after: %+v, %v", met, err)
	}
	if got, err := content(t, h.admin, c, lacking); err != nil || !bytes.Equal(got, noise(3, 40_000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// handEntries brings the entries that one device has to another, without files.
func handEntries(t testing.TB, from, to *vault.Session) {
	t.Helper()
	var list []journal.Batch
	if err := from.HandOver(t.Context(), to.Have(), func(b journal.Batch) error {
		list = append(list, b)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Import(t.Context(), func() (b journal.Batch, more bool, err error) {
		if len(list) == 0 {
			return b, false, nil
		}
		b, list = list[0], list[1:]
		return b, true, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := to.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// What broke off at one meeting goes on at the next one, to the byte.
func TestMeet_filesGoOn(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	c := h.open(t, other)
	plain := noise(4, 400_000)
	id := h.take(t, other, c, plain)
	m, err := link.Listen(h.admin, "127.0.0.1:0", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	handEntries(t, other, h.admin)
	list, err := other.Files(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	src, err := other.ReadFile(list[0])
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	const half = 200_000
	ours := clientOf(t, other, metAddress(t, m))
	if err := ours.Send(t.Context(), list[0].Name, 0, half, io.NewSectionReader(src, 0, half)); err != nil {
		t.Fatal(err)
	}
	if got, size, err := ours.Standing(t.Context(), list[0].Name); err != nil || got == 0 || got > half || size != list[0].Size {
		t.Errorf("%d of %d are there, %v", got, size, err)
	}
	if met, err := visit(t, other, m.Word); err != nil || met.FilesHanded != 1 {
		t.Errorf("%+v, %v", met, err)
	}
	if got, err := content(t, h.admin, c, id); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
