package link_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"amana"
	"amana/internal/event"
	"amana/internal/hub/hubtest"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
)

// Each version of the formats leaves what it wrote: `go test ./internal/link -run
// TestVersions -args -freeze 2` writes testdata/version-2.tar.zst, which is never written
// again. What changes a format, a message or a table adds one before it is released.
var freeze = flag.String("freeze", "", "write testdata/version-`N`.tar.zst, if there is none")

// version is what is in such an archive, beside the files.
type version struct {
	HubKey []byte           // of the hub
	Device amana.DeviceID   // whose vault is in device/
	Team   amana.TeamID     // of everybody there
	Cases  []writtenCase    // what stands in the vault of the device
	More   []writtenCase    // what its bundle brings in addition
	Newer  amana.RecordID   // the case among them to which somebody with a newer program wrote
	Other  amana.RecordID   // a record of a kind of that program
	Erased []amana.RecordID // what was ordered erased
	Said   []said
}

// writtenCase is a case with one text.
type writtenCase struct {
	ID    amana.RecordID
	Words string
}

// said is one request of a device, and the hub's answer.
type said struct {
	Who    string // "device", "other"
	Method string
	Target string // path and query
	Body   []byte
	Status int
	Answer []byte
}

// recorder notes what device and hub say to each other.
type recorder struct {
	mu   sync.Mutex // guards said
	said []said
	who  map[seal.VerifyKey]string
}

func (r *recorder) over(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, req)
		key, _ := seal.KeyOf([][]byte{req.TLS.PeerCertificates[0].Raw})
		r.mu.Lock()
		r.said = append(r.said, said{r.who[key], req.Method, req.URL.RequestURI(), body, answer.Code, answer.Body.Bytes()})
		r.mu.Unlock()
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

func (r *recorder) call(t *testing.T, s *vault.Session, who string) {
	t.Helper()
	own, err := s.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.KeyOf(own.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	r.who[key] = who
}

// writeVersion has two devices and a hub work for a while, and packs up what they wrote.
func writeVersion(t *testing.T, path string) {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	r := &recorder{who: map[seal.VerifyKey]string{}}
	h := vaulttest.New(t)
	r.call(t, h.Admin, "device")
	hub := hubtest.Run(t, hubtest.Config{Over: r.over})
	if err := link.Join(ctx, h.Admin, hub.String()); err != nil {
		t.Fatal(err)
	}
	_, other := h.Pair(t)
	r.call(t, other, "other")
	sync := func(sessions ...*vault.Session) {
		t.Helper()
		for _, s := range sessions {
			if _, err := exchange(t, s, h.Clock()); err != nil {
				t.Fatal(err)
			}
		}
	}
	v := version{HubKey: hub.HubKey.Export(), Device: h.Admin.Device(), Team: h.Team}
	open := func(s *vault.Session, words string) amana.RecordID {
		id := h.Open(t, s, words)
		v.Cases = append(v.Cases, writtenCase{id, words})
		return id
	}
	open(h.Admin, "orchard")
	v.Erased = append(v.Erased, h.Open(t, h.Admin, "erased"))
	sync(h.Admin, other)
	v.Newer = open(other, "river")
	v.Other = amana.RecordID(seal.Random16())
	if err := other.Save(ctx, newerChanges(v)...); err != nil {
		t.Fatal(err)
	}
	if err := other.EraseCase(ctx, "asked", v.Erased[0]); err != nil {
		t.Fatal(err)
	}
	sync(other, h.Admin, other)
	have := h.Admin.Have()
	v.More = append(v.More, writtenCase{h.Open(t, other, "ladder"), "ladder"})
	writeFile(t, filepath.Join(dir, "bundle"), func(w io.Writer) error {
		_, err := other.WriteBundle(ctx, have, w)
		return err
	})
	pairing := filepath.Join(dir, "next")
	raw, err := vault.RequestPairing(pairing)
	if err != nil {
		t.Fatal(err)
	}
	request, err := vault.ParseRequest(raw)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "next.request"), func(w io.Writer) error { _, err := w.Write(raw); return err })
	writeFile(t, filepath.Join(dir, "next.answer"), func(w io.Writer) error {
		return h.Admin.Pair(ctx, request, "next", []amana.MemberID{h.Worker}, w)
	})
	sync(h.Admin)
	if err := h.Admin.Lock(); err != nil {
		t.Fatal(err)
	}
	hub.Close()
	v.Said = r.said
	about, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "about.json"), func(w io.Writer) error { _, err := w.Write(about); return err })
	copyInto(t, filepath.Join(dir, "device"), h.Dir)
	copyInto(t, filepath.Join(dir, "hub"), hub.Where)
	writeFile(t, path, func(w io.Writer) error { return pack(w, dir) })
}

// newerChanges are what a program of a later version might write: a fact, a field and an
// answer that this one does not know, and a record of a kind of its own.
func newerChanges(v version) []vault.Change {
	return []vault.Change{
		{Record: v.Newer, Facts: []event.Fact{
			event.Set{Field: "of_a_newer_version", Value: event.Text("kept")},
			event.Set{Field: "age", Value: event.Say(200)},
			event.Unknown{Code: 9999, Raw: []byte{0x82, 0x19, 0x27, 0x0f, 0xa1, 0x01, 0xf5}},
		}},
		{
			Record: v.Other, Begin: &vault.Begin{Kind: "of_a_newer_kind", Case: v.Newer, Teams: []amana.TeamID{v.Team}},
			Facts: []event.Fact{event.Set{Field: "something", Value: event.Text("kept too")}},
		},
	}
}

func writeFile(t *testing.T, path string, write func(io.Writer) error) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := write(f); err != nil {
		t.Fatal(err)
	}
}

// copyInto copies a folder without what is derived from the rest.
func copyInto(t *testing.T, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(to, "views")); err != nil {
		t.Fatal(err)
	}
}

// pack writes a folder as an archive, in which what is sealed twice lies once.
func pack(w io.Writer, dir string) error {
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(4<<20))
	if err != nil {
		return err
	}
	a := tar.NewWriter(z)
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, dir+string(filepath.Separator)))
		if err := a.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(raw)), ModTime: time.Unix(0, 0)}); err != nil {
			return err
		}
		_, err = a.Write(raw)
		return err
	}); err != nil {
		return err
	}
	if err := a.Close(); err != nil {
		return err
	}
	return z.Close()
}

// unpack reads what pack wrote.
func unpack(t *testing.T, path string) (dir string, v version) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	dir = t.TempDir()
	for a := tar.NewReader(z); ; {
		head, err := a.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(head.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, to, func(w io.Writer) error { _, err := io.Copy(w, a); return err })
	}
	raw, err := os.ReadFile(filepath.Join(dir, "about.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return dir, v
}
