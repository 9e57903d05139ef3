package hub_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/depot"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// clock can be put forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// runFiles is run with a place for files.
func runFiles(t testing.TB, where string, d depot.Depot, quota int64) (*running, *hub.Files, *clock) {
	t.Helper()
	c := &clock{}
	r := &running{store: open(t, where), key: seal.NewHubKey(), log: &bytes.Buffer{}}
	logger := slog.New(slog.NewTextHandler(r.log, nil))
	files := hub.NewFiles(r.store, d, hub.FilesConfig{Quota: quota, Largest: 64 << 20, Now: c.now, Logger: logger})
	r.server = hub.New(hub.Config{Store: r.store, Key: r.key, Now: time.Now, Logger: logger, Hold: 200 * time.Millisecond, Files: files})
	r.listen(t)
	return r, files, c
}

// answered is what came back; nil where the request was cut off on purpose.
type answered struct {
	StatusCode int
	Header     http.Header
	raw        []byte
}

// tusRequest is one request of the protocol.
func (r *running) tusRequest(t testing.TB, c *http.Client, method, path string, header map[string]string, body io.Reader) *answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://"+r.addr+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", wire.TusVersion)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return &answered{resp.StatusCode, resp.Header, raw}
}

func (r *running) begin(t testing.TB, c *http.Client, name seal.Hash, size int) int {
	t.Helper()
	text := wire.FilePath(name)[len(wire.PathFiles):]
	return r.tusRequest(t, c, "POST", wire.PathFiles, map[string]string{
		"Upload-Length": strconv.Itoa(size), "Upload-Metadata": "name " + base64.StdEncoding.EncodeToString([]byte(text)),
	}, nil).StatusCode
}

func (r *running) patch(t testing.TB, c *http.Client, name seal.Hash, at int, body io.Reader) *answered {
	t.Helper()
	return r.tusRequest(t, c, "PATCH", wire.FilePath(name), map[string]string{
		"Upload-Offset": strconv.Itoa(at), "Content-Type": "application/offset+octet-stream",
	}, body)
}

// got is how much the hub says it has.
func (r *running) got(t testing.TB, c *http.Client, name seal.Hash) (status, n int) {
	t.Helper()
	resp := r.tusRequest(t, c, "HEAD", wire.FilePath(name), nil, nil)
	n, _ = strconv.Atoi(resp.Header.Get("Upload-Offset"))
	return resp.StatusCode, n
}

// settled is got once the hub has seen that an upload broke off.
func (r *running) settled(t testing.TB, c *http.Client, name seal.Hash, least int) (status, n int) {
	t.Helper()
	before := -1
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(60 * time.Millisecond) {
		if status, n = r.got(t, c, name); n == before && n >= least {
			break
		}
		before = n
	}
	return status, n
}

// cutOff gives some bytes and then breaks.
type cutOff struct{ b []byte }

func (c *cutOff) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		time.Sleep(50 * time.Millisecond) // until what was sent is there
		return 0, errors.New("cut off")
	}
	n := copy(p, c.b)
	c.b = c.b[n:]
	return n, nil
}

func fakeBucket(t testing.TB) (depot.Depot, *s3mem.Backend) {
	t.Helper()
	back := s3mem.New()
	if err := back.CreateBucket("pieces"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(back).Server())
	t.Cleanup(server.Close)
	d, err := depot.OpenS3(t.Context(), depot.S3Config{Endpoint: server.URL, Bucket: "pieces", KeyID: "k", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	return d, back
}

func folder(t testing.TB) (depot.Depot, string) {
	t.Helper()
	dir := t.TempDir()
	d, err := depot.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d, dir
}

// An upload that breaks off goes on where it broke; what was sent comes back, whole and
// in part; on each database and in each store.
func TestFiles_goOnWhereTheyBrokeOff(t *testing.T) {
	tests := []struct {
		name  string
		where func(testing.TB) string
		depot func(testing.TB) depot.Depot
	}{
		{"SQLite", func(t testing.TB) string { return t.TempDir() }, func(testing.TB) depot.Depot { return nil }},
		{"SQLite and a folder", func(t testing.TB) string { return t.TempDir() }, func(t testing.TB) depot.Depot { d, _ := folder(t); return d }},
		{"PostgreSQL", postgres, func(testing.TB) depot.Depot { return nil }},
		{"PostgreSQL and S3", postgres, func(t testing.TB) depot.Depot { d, _ := fakeBucket(t); return d }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			where, d := tt.where(t), tt.depot(t)
			one, _, _ := runFiles(t, where, d, 1<<30)
			two, _, _ := runFiles(t, where, d, 1<<30) // another hub on the same database
			c := newOrg(t, one.store)
			name, b := seal.Hash{1, 2, 3}, noise(1, 2<<20+12345)
			client := one.as(t, c)
			if status := one.begin(t, client, name, len(b)); status != 201 {
				t.Fatal(status)
			}
			sent := 0
			for i, at := range []int{1000, 1<<20 + 5, 2<<20 + 1} {
				one.patch(t, client, name, sent, &cutOff{bytes.Clone(b[sent:at])})
				status, n := one.settled(t, client, name, at-(64<<10))
				if status != 200 || n > at || n < sent || n < at-(64<<10) {
					t.Fatalf("cut %d: status %d, %d of %d", i, status, n, at)
				}
				sent = n
				if status, _ := ask(t, client, "GET", "https://"+one.addr+wire.FilePath(name), nil); status != 404 {
					t.Fatalf("half a file was given: %d", status)
				}
			}
			other := two.as(t, c)
			if status := two.begin(t, other, name, len(b)); status != 201 {
				t.Fatalf("begun again: %d", status)
			}
			if resp := two.patch(t, other, name, sent, bytes.NewReader(b[sent:])); resp == nil || resp.StatusCode != 204 {
				t.Fatalf("at the other hub: %v", resp)
			}
			status, raw := ask(t, client, "GET", "https://"+one.addr+wire.FilePath(name), nil)
			if status != 200 || !bytes.Equal(raw, b) {
				t.Fatalf("status %d, %d bytes of %d", status, len(raw), len(b))
			}
			for _, from := range []int{1, 1<<20 - 1, 1 << 20, len(b) - 1} {
				resp := one.tusRequest(t, client, "GET", wire.FilePath(name), map[string]string{"Range": fmt.Sprintf("bytes=%d-", from)}, nil)
				if resp.StatusCode != 206 || !bytes.Equal(resp.raw, b[from:]) {
					t.Errorf("from %d: status %d, %d bytes", from, resp.StatusCode, len(resp.raw))
				}
			}
			if resp := one.patch(t, client, name, 5, bytes.NewReader(b[5:])); resp.StatusCode != 409 {
				t.Errorf("sent at another place: %d", resp.StatusCode)
			}
			if status := one.begin(t, client, name, len(b)+1); status != 409 {
				t.Errorf("begun with another size: %d", status)
			}
		})
	}
}

// What one organisation has is not there for another, and nobody gets a list.
func TestFiles_areTheirOrganisations(t *testing.T) {
	r, _, _ := runFiles(t, t.TempDir(), nil, 1<<20)
	ours, theirs, stranger := newOrg(t, r.store), newOrg(t, r.store), newChain(amana.OrgID{9})
	name, b := seal.Hash{7}, noise(2, 100_000)
	if s := r.begin(t, r.as(t, ours), name, len(b)); s != 201 {
		t.Fatal(s)
	}
	if resp := r.patch(t, r.as(t, ours), name, 0, bytes.NewReader(b)); resp.StatusCode != 204 {
		t.Fatal(resp.StatusCode)
	}
	const canary = "Zainabou"
	tests := []struct {
		name, method, path string
		who                *chain
		header             map[string]string
		body               []byte
		want               int
	}{
		{"another organisation reads it", "GET", wire.FilePath(name), theirs, nil, nil, 404},
		{"another organisation asks for it", "HEAD", wire.FilePath(name), theirs, nil, nil, 404},
		{"another organisation forgets it", "POST", wire.PathForget, theirs, nil, wire.Encode(wire.Forget{Names: []seal.Hash{name}}), 200},
		{"a stranger reads it", "GET", wire.FilePath(name), stranger, nil, nil, 403},
		{"a stranger begins one", "POST", wire.PathFiles, stranger, map[string]string{"Upload-Length": "1"}, nil, 403},
		{"a list", "GET", wire.PathFiles, ours, nil, nil, 405},
		{"a name that is none", "GET", wire.PathFiles + canary, ours, nil, nil, 400},
		{"a name that is none, to go on with", "HEAD", wire.PathFiles + canary, ours, nil, nil, 404},
		{"no name", "POST", wire.PathFiles, ours, map[string]string{"Upload-Length": "1"}, nil, 400},
		{"no length", "POST", wire.PathFiles, ours, map[string]string{"Upload-Metadata": "name " + canary}, nil, 400},
		{"nothing", "POST", wire.PathFiles, ours, map[string]string{"Upload-Length": "0", "Upload-Metadata": metadata(seal.Hash{8})}, nil, 413},
		{"too long", "POST", wire.PathFiles, ours, map[string]string{"Upload-Length": "99999999999", "Upload-Metadata": metadata(seal.Hash{8})}, nil, 413},
		{"no place is left", "POST", wire.PathFiles, ours, map[string]string{"Upload-Length": "1000000", "Upload-Metadata": metadata(seal.Hash{8})}, nil, 507},
		{"another organisation drops it", "DELETE", wire.FilePath(name), theirs, nil, nil, 204},
		{"a stranger drops it", "DELETE", wire.FilePath(name), stranger, nil, nil, 403},
		{"a name that is none, to be dropped", "DELETE", wire.PathFiles + canary, ours, nil, nil, 400},
		{"another method in its place", "POST", wire.PathFiles, ours, map[string]string{"X-HTTP-Method-Override": "DELETE"}, nil, 400},
		{"an order that is none", "POST", wire.PathForget, ours, nil, []byte(canary), 400},
		{"an order without end", "POST", wire.PathForget, ours, nil, wire.Encode(wire.Forget{Names: make([]seal.Hash, wire.MostForgotten+1)}), 413},
		{"ours reads it", "GET", wire.FilePath(name), ours, nil, nil, 200},
		{"ours drops it", "DELETE", wire.FilePath(name), ours, nil, nil, 204},
		{"it is gone", "GET", wire.FilePath(name), ours, nil, nil, 404},
	}
	for _, tt := range tests {
		resp := r.tusRequest(t, r.as(t, tt.who), tt.method, tt.path, tt.header, bytes.NewReader(tt.body))
		if resp.StatusCode != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, resp.StatusCode, tt.want)
		}
		if bytes.Contains(resp.raw, []byte(canary)) {
			t.Errorf("%s: the answer repeats what was sent", tt.name)
		}
	}
	if text := r.log.String(); strings.Contains(text, canary) || strings.Contains(text, wire.FilePath(name)[10:]) {
		t.Errorf("the log names what was asked for: %s", text)
	}
}

func metadata(name seal.Hash) string {
	return "name " + base64.StdEncoding.EncodeToString([]byte(wire.FilePath(name)[len(wire.PathFiles):]))
}

// One organisation's files never take another's room, and what is begun counts.
func TestFiles_quota(t *testing.T) {
	r, _, c := runFiles(t, t.TempDir(), nil, 1000)
	ours, theirs := newOrg(t, r.store), newOrg(t, r.store)
	client := r.as(t, ours)
	for i, want := range []int{201, 201, 507} {
		if got := r.begin(t, client, seal.Hash{byte(i + 1)}, 400); got != want {
			t.Errorf("file %d: %d, want %d", i, got, want)
		}
	}
	if got := r.begin(t, r.as(t, theirs), seal.Hash{1}, 1000); got != 201 {
		t.Errorf("another organisation: %d", got)
	}
	if s, _ := ask(t, client, "POST", "https://"+r.addr+wire.PathForget, bytes.NewReader(wire.Encode(wire.Forget{Names: []seal.Hash{{1}}}))); s != 200 {
		t.Fatal(s)
	}
	if got := r.begin(t, client, seal.Hash{3}, 400); got != 201 {
		t.Errorf("after one was forgotten: %d", got)
	}
	c.ahead.Store(int64(31 * 24 * time.Hour)) // nobody goes on with them
	files := hub.NewFiles(r.store, nil, hub.FilesConfig{Quota: 1000, Largest: 1000, Now: c.now})
	if err := files.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.begin(t, client, seal.Hash{4}, 1000); got != 201 {
		t.Errorf("after what was left was swept: %d", got)
	}
}

// onDisk reports whether bytes stand in any file of a folder.
func onDisk(t testing.TB, dir string, b []byte) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		found = found || bytes.Contains(raw, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// What is ordered erased is gone from the disk, whole or half sent, and does not come
// back.
func TestFiles_forgottenIsGoneFromTheDisk(t *testing.T) {
	for _, kind := range []string{"database", "folder"} {
		t.Run(kind, func(t *testing.T) {
			where := t.TempDir()
			dir, d := where, depot.Depot(nil)
			if kind == "folder" {
				d, dir = folder(t)
			}
			r, _, _ := runFiles(t, where, d, 1<<30)
			client := r.as(t, newOrg(t, r.store))
			whole, half, kept := noise(3, 1<<20+500), noise(4, 900_000), noise(5, 700_000)
			for i, b := range [][]byte{whole, half, kept} {
				if s := r.begin(t, client, seal.Hash{byte(i + 1)}, len(b)); s != 201 {
					t.Fatal(s)
				}
			}
			r.patch(t, client, seal.Hash{1}, 0, bytes.NewReader(whole))
			r.patch(t, client, seal.Hash{2}, 0, bytes.NewReader(half[:500_000]))
			r.patch(t, client, seal.Hash{3}, 0, bytes.NewReader(kept))
			// Rows are split over pages, so what is looked for is shorter than a page.
			marks := [][]byte{whole[200_000:200_040], whole[1<<20+100 : 1<<20+140], half[300_000:300_040]}
			if !onDisk(t, dir, marks[0]) || !onDisk(t, where, marks[2]) {
				t.Fatal("the test does not find what is there")
			}
			for range 2 {
				s, _ := ask(t, client, "POST", "https://"+r.addr+wire.PathForget, bytes.NewReader(wire.Encode(wire.Forget{Names: []seal.Hash{{1}, {2}, {77}}})))
				if s != 200 {
					t.Fatal(s)
				}
			}
			if err := r.store.Checkpoint(t.Context()); err != nil {
				t.Fatal(err)
			}
			for i, m := range marks {
				if onDisk(t, dir, m) || onDisk(t, where, m) {
					t.Errorf("mark %d is still on the disk", i)
				}
			}
			if !onDisk(t, dir, kept[100_000:100_040]) {
				t.Error("what was not forgotten is gone")
			}
			for i, size := range map[byte]int{1: len(whole), 2: len(half), 77: 10} {
				if s := r.begin(t, client, seal.Hash{i}, size); s != 410 {
					t.Errorf("file %d can be left again: %d", i, s)
				}
			}
		})
	}
}

// stubborn is a depot that fails while it is told to.
type stubborn struct {
	depot.Depot
	fails atomic.Pointer[error]
}

func (s *stubborn) err() error {
	if e := s.fails.Load(); e != nil {
		return *e
	}
	return nil
}

func (s *stubborn) Put(ctx context.Context, id depot.ID, b []byte) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Depot.Put(ctx, id, b)
}

func (s *stubborn) Delete(ctx context.Context, id depot.ID) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Depot.Delete(ctx, id)
}

func (s *stubborn) Check(context.Context) error { return s.err() }

// A store that is full or away: the error says so, nothing that was acknowledged is lost,
// and an order to erase is carried out once it is back, whoever asks.
func TestFiles_whereTheStoreFails(t *testing.T) {
	inner, dir := folder(t)
	d := &stubborn{Depot: inner}
	r, files, c := runFiles(t, t.TempDir(), d, 1<<30)
	client := r.as(t, newOrg(t, r.store))
	b := noise(6, 2<<20+100)
	name := seal.Hash{1}
	if s := r.begin(t, client, name, len(b)); s != 201 {
		t.Fatal(s)
	}
	if resp := r.patch(t, client, name, 0, bytes.NewReader(b[:1<<20])); resp.StatusCode != 204 {
		t.Fatal(resp.StatusCode)
	}
	full := fmt.Errorf("put: %w: %w", amana.ErrStorage, error(syscall.ENOSPC))
	d.fails.Store(&full)
	if resp := r.patch(t, client, name, 1<<20, bytes.NewReader(b[1<<20:])); resp == nil || resp.StatusCode != 507 {
		t.Errorf("a full disk: %v", resp)
	}
	away := fmt.Errorf("put: %w", amana.ErrStorage)
	d.fails.Store(&away)
	if resp := r.patch(t, client, name, 1<<20, bytes.NewReader(b[1<<20:])); resp == nil || resp.StatusCode != 503 {
		t.Errorf("a store that is away: %v", resp)
	}
	rec := httptest.NewRecorder()
	r.server.Operator().ServeHTTP(rec, httptest.NewRequest("GET", "/readyz", nil))
	if rec.Code != 503 || !strings.Contains(rec.Body.String(), "store for files") {
		t.Errorf("health: %d %s", rec.Code, rec.Body)
	}
	d.fails.Store(nil)
	if _, n := r.got(t, client, name); n != 1<<20 {
		t.Errorf("%d bytes are held to be there", n)
	}
	if resp := r.patch(t, client, name, 1<<20, bytes.NewReader(b[1<<20:])); resp.StatusCode != 204 {
		t.Errorf("afterwards: %v", resp.StatusCode)
	}
	d.fails.Store(&away)
	forget := wire.Encode(wire.Forget{Names: []seal.Hash{name}})
	if s, _ := ask(t, client, "POST", "https://"+r.addr+wire.PathForget, bytes.NewReader(forget)); s != 503 {
		t.Errorf("an order that could not be carried out is answered %d", s)
	}
	if s, _ := ask(t, client, "GET", "https://"+r.addr+wire.FilePath(name), nil); s != 404 {
		t.Errorf("it is given still: %d", s)
	}
	if n, err := files.Waiting(t.Context()); n != 3 || err != nil {
		t.Errorf("%d pieces wait, %v", n, err)
	}
	d.fails.Store(nil)
	c.ahead.Store(int64(2 * time.Hour)) // pieces of uploads that failed are old by then
	if err := files.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, dir, b[100:140]) || onDisk(t, dir, b[1<<20+100:1<<20+140]) {
		t.Error("it is on the disk still")
	}
	left := 0
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, _ error) error {
		if !e.IsDir() {
			left++
		}
		return nil
	})
	if n, _ := files.Waiting(t.Context()); n != 0 || left != 0 {
		t.Errorf("%d pieces wait, %d files are left", n, left)
	}
}

// What the store has lost is cut off, and can be left again.
func TestFiles_aLostPiece(t *testing.T) {
	d, dir := folder(t)
	r, _, _ := runFiles(t, t.TempDir(), d, 1<<30)
	client := r.as(t, newOrg(t, r.store))
	name, b := seal.Hash{1}, noise(7, 1<<20+100)
	leave := func() {
		t.Helper()
		if s := r.begin(t, client, name, len(b)); s != 201 {
			t.Fatal(s)
		}
		if resp := r.patch(t, client, name, 0, bytes.NewReader(b)); resp.StatusCode != 204 {
			t.Fatal(resp.StatusCode)
		}
	}
	leave()
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if info, _ := e.Info(); err == nil && !e.IsDir() && info.Size() == 100 {
			return os.Remove(path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+r.addr+wire.FilePath(name), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("what is cut short reads as whole")
	}
	if s, _ := r.got(t, client, name); s != 404 {
		t.Errorf("it is held to be there: %d", s)
	}
	leave()
	if s, raw := ask(t, client, "GET", "https://"+r.addr+wire.FilePath(name), nil); s != 200 || !bytes.Equal(raw, b) {
		t.Errorf("left again: %d, %d bytes", s, len(raw))
	}
}
