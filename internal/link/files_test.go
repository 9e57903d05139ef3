package link_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/hub"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// take takes a file in for a case.
func (h *house) take(t testing.TB, s *vault.Session, of amana.RecordID, plain []byte) amana.RecordID {
	t.Helper()
	id, err := s.TakeIn(t.Context(), of, bytes.NewReader(plain), func(b evidence.Blob) ([]vault.Change, error) {
		return []vault.Change{{
			Record: b.Record, Begin: &vault.Begin{Kind: amana.KindEvidence, Case: of, Teams: []amana.TeamID{h.team}},
			Facts: []event.Fact{vault.TakenFact(b)},
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// content is a file as a device has it.
func content(t testing.TB, s *vault.Session, of, id amana.RecordID) ([]byte, error) {
	t.Helper()
	f, err := s.Peek(of)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range f.Records {
		taken, ok := o.Taken()
		if !ok || o.ID != id {
			continue
		}
		r, done, err := s.OpenBlob(vault.BlobOf(id, taken))
		if err != nil {
			return nil, err
		}
		defer done()
		return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	}
	return nil, amana.ErrNotFound
}

// filesHub is a hub that takes files, behind a line that can break.
type filesHub struct {
	wire.Invitation
	dir   string // of its database
	store *hub.Store
	line  *line
}

// line passes bytes on, and breaks each connection after some.
type line struct {
	each    atomic.Int64 // bytes that one connection may carry; zero: any
	crossed atomic.Int64
	opened  atomic.Int64 // connections
	ended   atomic.Int64 // of these
	l       net.Listener
	to      string
}

func (l *line) serve() {
	for {
		c, err := l.l.Accept()
		if err != nil {
			return
		}
		d, err := net.Dial("tcp", l.to)
		if err != nil {
			c.Close()
			continue
		}
		l.opened.Add(1)
		left := new(atomic.Int64)
		left.Store(l.each.Load())
		if left.Load() == 0 {
			left.Store(1 << 60)
		}
		pass := func(to, from net.Conn) {
			defer to.Close()
			defer from.Close()
			buf := make([]byte, 4<<10)
			for {
				n, err := from.Read(buf)
				l.crossed.Add(int64(n))
				if left.Add(int64(-n)) < 0 {
					return
				}
				if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
					return
				}
			}
		}
		go pass(c, d)
		go func() {
			pass(d, c)
			l.ended.Add(1)
		}()
	}
}

func startFilesHub(t testing.TB, quota int64) *filesHub {
	t.Helper()
	r := hubtest.Run(t, hubtest.Config{Quota: quota})
	h := &filesHub{Invitation: r.Invitation, dir: r.Where, store: r.Store, line: &line{to: r.Host}}
	var err error
	if h.line.l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	go h.line.serve()
	t.Cleanup(func() { h.line.l.Close() })
	h.Host = h.line.l.Addr().String()
	return h
}

// exchange exchanges entries, then files.
func exchange(t testing.TB, s *vault.Session, at time.Time) (syncer.FileReport, error) {
	t.Helper()
	l, err := link.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Exchange(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l.Carry(t.Context(), func() time.Time { return at }, 0)
}

func onDisk(t testing.TB, dir string, b []byte) bool {
	t.Helper()
	found := false
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		found = found || bytes.Contains(raw, b)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

// A file goes from one device to another by the hub, which learns nothing of it; an
// erasure reaches the hub and a device that was off for a year.
func TestFiles_crossAndAreErasedEverywhere(t *testing.T) {
	h, b := newHouse(t), startFilesHub(t, 1<<30)
	if err := link.Join(t.Context(), h.admin, b.String()); err != nil {
		t.Fatal(err)
	}
	other := h.pair(t)
	c := h.open(t, h.admin)
	plain := bytes.Repeat([]byte("zzCANARYzz of what she drew, "), 20_000)
	id, kept := h.take(t, h.admin, c, plain), h.take(t, h.admin, c, noise(1, 5000))
	r, err := exchange(t, h.admin, noon)
	if err != nil || r.Sent != 2 || r.Bytes < int64(len(plain)) {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err = exchange(t, h.admin, noon); err != nil || r.Sent != 0 || r.Bytes != 0 {
		t.Errorf("again: %+v, %v", r, err)
	}
	if r, err = exchange(t, other, noon); err != nil || r.Fetched != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got, err := content(t, other, c, id); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%d bytes of %d, %v", len(got), len(plain), err)
	}
	sealed := sealedBytes(t, other, id)
	if !onDisk(t, b.dir, sealed) {
		t.Fatal("the test does not find what the hub has")
	}
	for name, secret := range map[string][]byte{
		"content": []byte("zzCANARYzz"), "record": id[:], "record in words": []byte(id.String()), "case": c[:],
		"record in digits": []byte(hex.EncodeToString(id[:])),
	} {
		if onDisk(t, b.dir, secret) {
			t.Errorf("the hub has the %s", name)
		}
	}

	year := noon.Add(365 * 24 * time.Hour) // the other device is off meanwhile
	if err := h.admin.Erase(t.Context(), "asked", id); err != nil {
		t.Fatal(err)
	}
	if r, err = exchange(t, h.admin, year); err != nil || r.Forgotten != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := b.store.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, b.dir, sealed) {
		t.Error("the hub has it on its disk still")
	}
	if r, err = exchange(t, other, year); err != nil || r.Sent != 0 {
		t.Fatalf("the one that was off: %+v, %v", r, err)
	}
	list, err := other.Files(t.Context())
	if err != nil || len(list) != 1 || list[0].Record != kept || !list[0].Here {
		t.Errorf("it lists %+v, %v", list, err)
	}
	for name, dir := range map[string]string{"first": h.dir, "other": h.other} {
		if onDisk(t, dir, sealed) {
			t.Errorf("the %s device has it on its disk still", name)
		}
	}
	if got, err := content(t, other, c, kept); err != nil || len(got) != 5000 {
		t.Errorf("what was not erased: %d bytes, %v", len(got), err)
	}
}

// sealedBytes are some that only this file's blob has.
func sealedBytes(t testing.TB, s *vault.Session, id amana.RecordID) []byte {
	t.Helper()
	list, err := s.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.Record != id {
			continue
		}
		src, err := s.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		b := make([]byte, 32)
		if _, err := src.ReadAt(b, 300_000); err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Fatal("no such file")
	return nil
}

// Over a line that breaks all the time a file gets across, both ways, and is not sent
// again from its beginning.
func TestFiles_overALineThatBreaks(t *testing.T) {
	h, b := newHouse(t), startFilesHub(t, 1<<30)
	if err := link.Join(t.Context(), h.admin, b.String()); err != nil {
		t.Fatal(err)
	}
	other := h.pair(t)
	c := h.open(t, h.admin)
	plain := noise(2, 3<<20)
	id := h.take(t, h.admin, c, plain)
	for _, way := range []struct {
		name string
		s    *vault.Session
	}{{"up", h.admin}, {"down", other}} {
		l, err := link.Open(way.s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Exchange(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.Close() // the connection that stands
		b.line.crossed.Store(0)
		b.line.opened.Store(0)
		b.line.each.Store(400_000)
		for tries := 0; ; tries++ {
			r, err := l.Carry(t.Context(), now, 0)
			if err == nil && r.Waiting == 0 {
				break
			}
			if err != nil && !errors.Is(err, syncer.ErrAway) || r.Waiting > 0 || tries > 50 {
				t.Fatalf("%s: %+v, %v", way.name, r, err)
			}
		}
		b.line.each.Store(0)
		// What a break costs: what was under way, and a handshake.
		if n, m := b.line.crossed.Load(), b.line.opened.Load(); m < 7 || n > int64(len(plain))*3/2 {
			t.Errorf("%s: %d connections, %d bytes crossed for %d", way.name, m, n, len(plain))
		}
		l.Close()
	}
	if got, err := content(t, other, c, id); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%d bytes of %d, %v", len(got), len(plain), err)
	}
}

// liar is a store that gives something else than it was left.
type liar struct {
	syncer.FileStore
	body func(from int64) ([]byte, error)
}

func (l *liar) Fetch(_ context.Context, _ seal.Hash, from, _ int64) (io.ReadCloser, error) {
	b, err := l.body(from)
	return io.NopCloser(bytes.NewReader(b)), err
}

// A hub that gives another file, a changed one, one cut short or another organisation's
// is found; nothing of it is taken; the right one is, afterwards.
func TestFiles_aHubThatLies(t *testing.T) {
	h := newHouse(t)
	other := h.pair(t)
	c := h.open(t, h.admin)
	id := h.take(t, h.admin, c, noise(3, 200_000))
	handOver(t, h.admin, other)
	list, err := h.admin.Files(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	src, err := h.admin.ReadFile(list[0])
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	right := make([]byte, src.Size())
	if _, err := src.ReadAt(right, 0); err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(right)
	changed[70_000] ^= 1
	at := noon
	state, _ := syncer.ReadFileState(nil, wire.Address{})
	for _, tt := range []struct {
		name string
		b    []byte
		bad  int
	}{
		{"another", noise(4, len(right)), 1},
		{"changed", changed, 1},
		{"nothing", nil, 1},
		{"the padding in its place", append(bytes.Repeat(right[200_000:], 9), right...)[:len(right)], 1},
		{"the right one", right, 0},
	} {
		carrier := &syncer.Carrier{
			Device: link.Carried(other), State: state, Keep: func(*syncer.FileState) error { return nil }, Peer: true,
			Now:   func() time.Time { return at },
			Store: &liar{body: func(from int64) ([]byte, error) { return tt.b[min(from, int64(len(tt.b))):], nil }},
		}
		r, err := carrier.Carry(t.Context())
		if err != nil || r.Bad != tt.bad {
			t.Errorf("%s: %+v, %v", tt.name, r, err)
		}
		if tt.bad > 0 {
			if r, err := carrier.Carry(t.Context()); err != nil || r.Bad != 1 || r.Bytes != 0 {
				t.Errorf("%s: asked for again at once: %+v, %v", tt.name, r, err)
			}
			if _, err := content(t, other, c, id); !errors.Is(err, amana.ErrNotFound) {
				t.Errorf("%s: it is taken: %v", tt.name, err)
			}
		}
		at = at.Add(25 * time.Hour)
	}
	if got, err := content(t, other, c, id); err != nil || !bytes.Equal(got, noise(3, 200_000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// A device that the hub lets in left something else under the names of files, of their
// length and of another. Whoever fetches it finds out and has it dropped; whoever has the
// true one leaves it in its place.
func TestFiles_somethingElseUnderTheirName(t *testing.T) {
	h, b := newHouse(t), startFilesHub(t, 1<<30)
	if err := link.Join(t.Context(), h.admin, b.String()); err != nil {
		t.Fatal(err)
	}
	other := h.pair(t)
	c := h.open(t, h.admin)
	same, longer := noise(5, 100_000), noise(6, 20_000)
	h.take(t, h.admin, c, same)
	second := h.take(t, h.admin, c, longer)
	list, err := h.admin.Files(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	cert, err := h.admin.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exchangeEntries(t, h.admin); err != nil {
		t.Fatal(err)
	}
	bad := syncer.NewClient(b.Address, cert)
	defer bad.Close()
	for _, f := range list {
		size := f.Size
		if f.Record == second {
			size += 4096
		}
		if err := errors.Join(bad.Begin(t.Context(), f.Name, size), bad.Send(t.Context(), f.Name, 0, size, bytes.NewReader(noise(7, int(size))))); err != nil {
			t.Fatal(err)
		}
	}
	r, err := exchange(t, h.admin, noon) // of another length: seen by who has the true one
	if err != nil || r.Sent != 1 || r.Refused != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = exchange(t, other, noon); err != nil || r.Bad != 1 || r.Fetched != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	day := noon.Add(8 * 24 * time.Hour)
	if r, err = exchange(t, h.admin, day); err != nil || r.Sent != 1 {
		t.Errorf("the true one is not left again: %+v, %v", r, err)
	}
	if r, err = exchange(t, other, day); err != nil || r.Bad != 0 || r.Fetched != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// exchangeEntries exchanges entries alone.
func exchangeEntries(t testing.TB, s *vault.Session) (syncer.Report, error) {
	t.Helper()
	l, err := link.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Exchange(t.Context())
}

// handOver brings what one device has to another.
func handOver(t testing.TB, from, to *vault.Session) {
	t.Helper()
	var b bytes.Buffer
	if _, err := from.WriteBundle(t.Context(), nil, &b); err != nil {
		t.Fatal(err)
	}
	if _, _, err := to.ReadBundle(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
}

// A hub without room says so, entries go on, and nothing is lost here.
func TestFiles_aHubWithoutRoom(t *testing.T) {
	h, b := newHouse(t), startFilesHub(t, 10_000)
	if err := link.Join(t.Context(), h.admin, b.String()); err != nil {
		t.Fatal(err)
	}
	c := h.open(t, h.admin)
	small, large := h.take(t, h.admin, c, noise(5, 3000)), h.take(t, h.admin, c, noise(6, 30_000))
	r, err := exchange(t, h.admin, noon)
	if err != nil || !r.NoRoom || r.Sent != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, id := range []amana.RecordID{small, large} {
		if _, err := content(t, h.admin, c, id); err != nil {
			t.Error(err)
		}
	}
	bare := startHub(t) // one that takes no files at all
	if err := h.admin.KeepHubAddress(nil); err != nil {
		t.Fatal(err)
	}
	if err := link.Join(t.Context(), h.admin, bare.String()); err != nil {
		t.Fatal(err)
	}
	if _, err = exchange(t, h.admin, noon); !errors.Is(err, syncer.ErrNoFiles) {
		t.Errorf("a hub that takes none: %v", err)
	}
}

// On a connection that costs, small files go by themselves and large ones when asked.
func TestKeeper_carriesFiles(t *testing.T) {
	h, b := newHouse(t), startFilesHub(t, 1<<30)
	if err := link.Join(t.Context(), h.admin, b.String()); err != nil {
		t.Fatal(err)
	}
	other := h.pair(t)
	k := newKeeper(t)
	if err := k.SetMetered(h.admin, true); err != nil {
		t.Fatal(err)
	}
	c := h.open(t, h.admin)
	small, large := h.take(t, h.admin, c, noise(7, 1000)), h.take(t, h.admin, c, noise(8, link.MeteredLargest))
	k.Follow(h.admin, nil)
	eventually(t, "the small one is at the hub, the large one waits", func() bool {
		st, err := k.FilesStatus(t.Context(), h.admin)
		return err == nil && !st.Busy && st.Last.Sent == 1 && st.Last.Left == 1 && st.Waiting == 1 && st.Here == 2
	})
	k.CarryAll()
	eventually(t, "the large one is at the hub", func() bool {
		st, err := k.FilesStatus(t.Context(), h.admin)
		return err == nil && !st.Busy && st.Waiting == 0
	})
	o := newKeeper(t)
	o.Follow(other, nil)
	eventually(t, "both are on the other device", func() bool {
		st, err := o.FilesStatus(t.Context(), other)
		return err == nil && st.Here == 2 && st.Lacking == 0
	})
	for _, id := range []amana.RecordID{small, large} {
		if _, err := content(t, other, c, id); err != nil {
			t.Error(err)
		}
	}
}
