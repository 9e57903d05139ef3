package link_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// visit goes to a device that listens, with any file.
func visit(t testing.TB, s *vault.Session, word string) (link.Met, error) {
	t.Helper()
	v := &syncer.Visiting{}
	err := link.Visit(t.Context(), s, word, v)
	return v.Met(), err
}

// cutting is a line that breaks: each connection carries so many bytes to the visitor, or
// from it, and is gone.
type cutting struct {
	net.Listener
	to      string
	most    atomic.Int64 // of one connection; less than zero: any
	carried atomic.Int64 // of all
	broke   atomic.Int64 // connections
}

func newCutting(t testing.TB, to string, most int64) *cutting {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutting{Listener: l, to: to}
	c.most.Store(most)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go c.carry(in)
		}
	}()
	return c
}

func (c *cutting) carry(in net.Conn) {
	out, err := net.Dial("tcp", c.to)
	if err != nil {
		in.Close()
		return
	}
	left := &atomic.Int64{}
	left.Store(c.most.Load())
	bounded := left.Load() >= 0
	pass := func(to, from net.Conn) {
		defer in.Close()
		defer out.Close()
		b := make([]byte, 4<<10)
		for {
			n, err := from.Read(b)
			if bounded && left.Add(-int64(n)) < 0 {
				c.broke.Add(1)
				return
			}
			c.carried.Add(int64(n))
			if _, bad := to.Write(b[:n]); bad != nil || err != nil {
				return
			}
		}
	}
	go pass(out, in)
	pass(in, out)
}

// through is the word of a meeting by way of another address.
func through(word string, c *cutting) string {
	_, key, _ := strings.Cut(word, "/")
	return "amana-meet:" + c.Addr().String() + "/" + key
}

func listening(t testing.TB, s *vault.Session, largest int64, done func(link.Met)) *link.Meeting {
	t.Helper()
	m, err := link.Listen(s, "127.0.0.1:0", largest, done)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func addressOf(word string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(word, "amana-meet:"), "/")
	return host
}

// A line that carries a little at a time, and breaks, brings everything all the same, and not
// much of it twice: by the count of bytes.
func TestMeet_aLineThatBreaks(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	c := h.open(t, other)
	const size = 200_000
	id := h.take(t, other, c, noise(5, size))
	here := h.open(t, h.admin)
	for range 60 {
		h.open(t, h.admin)
		h.open(t, other)
	}
	back := h.take(t, h.admin, here, noise(6, size))
	told := make(chan link.Met, 99)
	m := listening(t, h.admin, 0, func(m link.Met) { told <- m })
	line := newCutting(t, addressOf(m.Word), 30_000) // the entries take some 50,000
	early := int64(-1)                               // breaks before the files
	v := &syncer.Visiting{Tell: func(m link.Met) {
		if early < 0 && m.FilesAll > 0 {
			early = line.broke.Load()
			line.most.Store(50_000)
		}
	}}
	err := link.Visit(t.Context(), other, through(m.Word, line), v)
	met := v.Met()
	if err != nil || met.FilesTaken != 1 || met.FilesHanded != 1 || met.Taken < 60 || met.Handed < 60 {
		t.Fatalf("%+v, %v", met, err)
	}
	if n := line.broke.Load(); early < 1 || n < early+4 {
		t.Errorf("the line broke %d times, %d of them among entries: this shows nothing", n, early)
	}
	t.Logf("%d bytes crossed for two files of %d, with %d breaks", line.carried.Load(), size, line.broke.Load())
	if n := line.carried.Load(); n > 2*2*size {
		t.Errorf("%d bytes crossed", n)
	}
	for _, one := range []struct {
		at   *vault.Session
		of   amana.RecordID
		id   amana.RecordID
		want []byte
	}{{h.admin, c, id, noise(5, size)}, {other, here, back, noise(6, size)}} {
		if got, err := content(t, one.at, one.of, one.id); err != nil || !bytes.Equal(got, one.want) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	same(t, h.admin, other)
	if one := <-told; one.Broken || one.Other != keyOf(t, other) || one.FilesTaken != 1 || one.FilesHanded != 1 || one.Taken != met.Handed || one.Handed != met.Taken {
		t.Errorf("who listens says %+v, who visits %+v", one, met)
	}
}

func keyOf(t testing.TB, s *vault.Session) seal.VerifyKey {
	t.Helper()
	c, err := s.Charter()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := c.Device(s.Device())
	return d.VerifyKey
}

// same reports whether two devices have each other's entries.
func same(t testing.TB, one, other *vault.Session) {
	t.Helper()
	a, b := one.Have(), other.Have()
	for _, s := range []*vault.Session{one, other} {
		// What was settled at the end may have written on; all of before is on both.
		if d := s.Device(); a[d]+6 < b[d] || b[d]+6 < a[d] {
			t.Errorf("of %s: %d and %d", d, a[d], b[d])
		}
	}
}

// What is stopped half-way stays, to the byte, and the next visit goes on there.
func TestMeet_stoppedHalfWay(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	c := h.open(t, h.admin)
	const size = 3_000_000
	id := h.take(t, h.admin, c, noise(7, size))
	told := make(chan link.Met, 9)
	m := listening(t, h.admin, 0, func(m link.Met) { told <- m })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	v := &syncer.Visiting{Tell: func(m link.Met) {
		if m.File.At > size/2 {
			stop()
		}
	}}
	if err := link.Visit(ctx, other, m.Word, v); err == nil {
		t.Fatal("it came to its end all the same")
	}
	if met := v.Met(); met.Taken == 0 || met.FilesTaken != 0 || met.File.Size < size {
		t.Errorf("%+v", met)
	}
	if one := <-told; !one.Broken || one.Other != keyOf(t, other) {
		t.Errorf("who listens says %+v", one)
	}
	list, err := other.Files(t.Context())
	if err != nil || len(list) != 1 || list[0].Here || list[0].Got == 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	line := newCutting(t, addressOf(m.Word), -1)
	met, err := visit(t, other, through(m.Word, line))
	if err != nil || met.FilesTaken != 1 {
		t.Fatalf("%+v, %v", met, err)
	}
	if rest := list[0].Size - list[0].Got; line.carried.Load() > rest+100_000 {
		t.Errorf("%d bytes crossed for the %d that were missing", line.carried.Load(), rest)
	}
	if one := <-told; one.Broken || one.FilesHanded != 1 {
		t.Errorf("who listens says %+v", one)
	}
	if got, err := content(t, other, c, id); err != nil || !bytes.Equal(got, noise(7, size)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// Large files wait where one of the two says so, and it is said how many; entries and small
// files go. Asked for, they follow.
func TestMeet_largeFilesWait(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	c := h.open(t, other)
	here := h.open(t, h.admin)
	const most = 100_000
	h.take(t, other, c, noise(1, 300_000))
	h.take(t, other, c, noise(2, 3_000))
	h.take(t, h.admin, here, noise(3, 400_000))
	patient, all := listening(t, h.admin, most, nil), listening(t, h.admin, 0, nil)
	none := listening(t, h.admin, -1, nil)
	want := func(word string, largest int64, taken, handed, later int) {
		t.Helper()
		v := &syncer.Visiting{Largest: largest}
		err := link.Visit(t.Context(), other, word, v)
		if m := v.Met(); err != nil || m.FilesTaken != taken || m.FilesHanded != handed || m.FilesLater != later {
			t.Errorf("%+v, %v", m, err)
		}
	}
	want(none.Word, 0, 0, 0, 0)
	want(all.Word, -1, 0, 0, 0)
	want(patient.Word, 0, 0, 1, 2) // who listens said so
	want(all.Word, most, 0, 0, 2)  // who visits did
	want(patient.Word, most/2, 0, 0, 2)
	want(all.Word, 0, 1, 1, 0)

	// Who asks for one all the same does not get it.
	own := clientOf(t, other, wire.Address{Host: addressOf(patient.Word), Key: keyOf(t, h.admin)})
	list, err := h.admin.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		_, _, err := own.Standing(t.Context(), f.Name)
		r, got := own.Fetch(t.Context(), f.Name, 0, f.Size)
		if large := f.Size > most; large != errors.Is(err, syncer.ErrForgotten) || large != errors.Is(got, amana.ErrNotFound) {
			t.Errorf("%d bytes: %v, %v", f.Size, err, got)
		}
		if got == nil {
			_, _ = io.Copy(io.Discard, r)
			r.Close()
		}
	}
}

// Each goes to the other at once, and both are visited: nobody waits for ever, and both have
// everything.
func TestMeet_eachGoesToTheOther(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	for range 20 {
		h.open(t, h.admin)
		h.open(t, other)
	}
	here, there := listening(t, h.admin, 0, nil), listening(t, other, 0, nil)
	ctx, over := context.WithTimeout(t.Context(), time.Minute)
	defer over()
	var both sync.WaitGroup
	for word, s := range map[string]*vault.Session{here.Word: other, there.Word: h.admin} {
		both.Go(func() {
			if err := link.Visit(ctx, s, word, &syncer.Visiting{}); err != nil {
				t.Errorf("%v", err)
			}
		})
	}
	both.Wait()
	same(t, h.admin, other)
}

// One device that comes twice at once is served as one, and nothing is taken twice.
func TestMeet_theSameDeviceTwice(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	for range 20 {
		h.open(t, other)
	}
	m := listening(t, h.admin, 0, nil)
	var both sync.WaitGroup
	var done atomic.Int64
	for range 2 {
		both.Go(func() {
			switch _, err := visit(t, other, m.Word); {
			case err == nil:
				done.Add(1)
			case !errors.Is(err, syncer.ErrAway): // it was told to come again
				t.Errorf("%v", err)
			}
		})
	}
	both.Wait()
	if _, err := visit(t, other, m.Word); err != nil {
		t.Error("after", err)
	}
	same(t, h.admin, other)
	if err := h.admin.Refuses(); err != nil {
		t.Error("refused", err)
	}
}

// Whom a word names is said before anything goes there.
func TestMeet_whom(t *testing.T) {
	h := newHouse(t)
	other, lost := h.pair(t), h.pair(t)
	if err := h.admin.RevokeDevice(t.Context(), lost.Device()); err != nil {
		t.Fatal(err)
	}
	word := func(s *vault.Session) string { return listening(t, s, 0, nil).Word }
	for of, want := range map[string]error{
		word(h.admin): link.ErrSelf, word(lost): link.ErrEnded, word(newHouse(t).admin): link.ErrStranger, word(other): nil,
		"amana-meet:nowhere/abc": amana.ErrInvalid, strings.Replace(word(other), "127.0.0.1:", "127.0.0.1", 1): amana.ErrInvalid,
		strings.Replace(word(other), "127.0.0.1", "", 1): amana.ErrInvalid,
	} {
		key, err := link.Whom(h.admin, of)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", of, err, want)
		}
		if want == nil && (key != keyOf(t, other) || link.NameOf(h.admin, key) == "") {
			t.Errorf("%x is %q", key, link.NameOf(h.admin, key))
		}
	}
}
