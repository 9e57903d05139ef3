package link_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/link"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
)

// What every version wrote is read, and goes on: see versions_write_test.go.
func TestVersions(t *testing.T) {
	if *freeze != "" {
		path := "testdata/version-" + *freeze + ".tar.zst"
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%s: what was released is not written again", path)
		}
		writeVersion(t, path)
	}
	list, err := filepath.Glob("testdata/version-*.tar.zst")
	if err != nil || len(list) == 0 {
		t.Fatal("no version", err)
	}
	for _, path := range list {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".tar.zst"), func(t *testing.T) {
			t.Run("a vault, a hub's database, a bundle and a pairing go on", func(t *testing.T) { goesOn(t, path) })
			t.Run("a hub of today answers its devices", func(t *testing.T) { oldDevices(t, path) })
			t.Run("a device of today understands its hub", func(t *testing.T) { oldHub(t, path) })
		})
	}
}

// goesOn has what was written then go on together: device, hub, and a new device whose
// pairing had begun.
func goesOn(t *testing.T, path string) {
	ctx := t.Context()
	dir, v := unpack(t, path)
	s := unlocked(t, filepath.Join(dir, "device"))
	holds(t, s, v, v.Cases)
	bundle, err := os.Open(filepath.Join(dir, "bundle"))
	if err != nil {
		t.Fatal(err)
	}
	defer bundle.Close()
	if done, _, err := s.ReadBundle(ctx, bundle); err != nil || done.Taken == 0 || done.Refused+done.Waiting > 0 {
		t.Errorf("the bundle: %+v, %v", done, err)
	}
	if raw := contentOf(t, filepath.Join(dir, "next.request")); len(raw) > 0 {
		if _, err := vault.ParseRequest(raw); err != nil {
			t.Errorf("the request to pair: %v", err)
		}
	}
	nv, next, err := vault.Join(ctx, filepath.Join(dir, "next"), bytes.NewReader(contentOf(t, filepath.Join(dir, "next.answer"))), []byte(vaulttest.WorkerWords), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nv.LockAll() })

	hub := hubtest.Run(t, hubtest.Config{Where: filepath.Join(dir, "hub"), Key: v.key(t)})
	moved(t, s, hub.Address)
	if err := next.KeepHubAddress(wire.Encode(hub.Address)); err != nil {
		t.Fatal(err)
	}
	sync := func(sessions ...*vault.Session) {
		t.Helper()
		for _, s := range sessions {
			if _, err := exchange(t, s, noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	sync(s, next) // what the bundle brought goes to the hub, and the new device there
	all := append(append([]writtenCase{}, v.Cases...), v.More...)
	house := &vaulttest.House{Team: v.Team}
	for words, by := range map[string]*vault.Session{"meadow": s, "lake": next} {
		all = append(all, writtenCase{house.Open(t, by, words), words})
	}
	sync(s, next, s)
	for _, one := range []*vault.Session{s, next} {
		holds(t, one, v, all)
	}
	passedOn(t, next, v)
	if st, err := link.StatusOf(s); err != nil || len(st.Lies) > 0 || st.Waiting+st.Lacking > 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

func unlocked(t *testing.T, dir string) *vault.Session {
	t.Helper()
	v, err := vault.Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.LockAll() })
	s, err := v.Unlock(t.Context(), []byte(vaulttest.AdminWords))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (v version) key(t *testing.T) *seal.HubKey {
	t.Helper()
	key, err := seal.ImportHubKey(v.HubKey)
	if err != nil {
		t.Fatal(err)
	}
	return &key
}

// moved has a device find its hub at another address, with all that it knows of it.
func moved(t *testing.T, s *vault.Session, to wire.Address) {
	t.Helper()
	raw, err := s.HubAddress()
	if err != nil {
		t.Fatal(err)
	}
	var was wire.Address
	if err := wire.Decode(raw, &was); err != nil {
		t.Fatal(err)
	}
	if raw, err = s.HubState(); err != nil {
		t.Fatal(err)
	}
	st, err := syncer.ReadState(raw, was)
	if err != nil || st.Log.Size == 0 || !st.Steward || len(st.Heads) == 0 || was.Key != to.Key || was.Note != to.Note {
		t.Fatalf("what the device knew of its hub: %+v, %v", st, err)
	}
	st.Hub = to
	if err := errors.Join(s.KeepHubState(st.Encode()), s.KeepHubAddress(wire.Encode(to))); err != nil {
		t.Fatal(err)
	}
}

// holds compares what a device has with what it should, and verifies it.
func holds(t *testing.T, s *vault.Session, v version, all []writtenCase) {
	t.Helper()
	eventually(t, "the view is built", func() bool { return s.Progress().Searchable })
	for _, want := range all {
		f, err := s.Peek(want.ID)
		if err != nil {
			t.Errorf("%s: %v", want.Words, err)
			continue
		}
		if c, ok := cellOf(f.Case, "assessment_main_concerns"); !ok || c.Value.Reveal() != want.Words {
			t.Errorf("%s: another text", want.Words)
		}
		if f.Case.Tampered+f.Case.Unread > 0 || f.Case.Damaged {
			t.Errorf("%s: %+v", want.Words, f.Case)
		}
		if want.ID != v.Newer {
			continue
		}
		newer, ok := cellOf(f.Case, "of_a_newer_version")
		age, said := cellOf(f.Case, "age")
		if answer, of := age.Value.Answer(); !ok || newer.Value.Reveal() != "kept" || !said || !of || answer != 200 || f.Case.Unknown < 2 {
			t.Errorf("of what a newer version wrote: %+v", f.Case)
		}
		if len(f.Records) != 1 || f.Records[0].ID != v.Other || f.Records[0].Kind != "of_a_newer_kind" {
			t.Errorf("the record of a newer kind: %+v", f.Records)
		}
	}
	for _, id := range v.Erased {
		if _, err := s.Peek(id); err == nil {
			t.Errorf("%s was erased", id)
		}
	}
	checks, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%s: %s", c.Name, c.Detail)
		}
	}
}

func cellOf(o vault.Opened, name string) (record.Cell, bool) {
	for _, c := range o.Cells() {
		if c.Name == name {
			return c, true
		}
	}
	return record.Cell{}, false
}

// passedOn fails where a device does not hand on what came from another as it came, what
// a newer program wrote too.
func passedOn(t *testing.T, s *vault.Session, v version) {
	t.Helper()
	type at struct {
		device amana.DeviceID
		seq    uint64
	}
	has := map[at]journal.Item{}
	if err := s.HandOver(t.Context(), nil, func(b journal.Batch) error {
		for _, it := range b.Items {
			has[at{it.Device, it.Seq}] = it
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, one := range v.Said {
		if one.Method != http.MethodPost || !strings.HasPrefix(one.Target, wire.PathBatch) {
			continue
		}
		b, err := journal.ReadBatch(one.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range b.Items {
			got, ok := has[at{it.Device, it.Seq}]
			if got.Flags&journal.Erased != 0 {
				it = it.Blank()
			}
			if n++; !ok || !bytes.Equal(got.AppendWire(nil), it.AppendWire(nil)) {
				t.Errorf("item %d of device %s is not handed on as it came", it.Seq, it.Device)
			}
		}
	}
	if n == 0 {
		t.Error("nothing was handed over then: the test shows nothing")
	}
}

// oldDevices asks a hub of today what the devices asked then, on the database as it was.
func oldDevices(t *testing.T, path string) {
	dir, v := unpack(t, path)
	own, err := unlocked(t, filepath.Join(dir, "device")).Certificate()
	if err != nil {
		t.Fatal(err)
	}
	hub := hubtest.Run(t, hubtest.Config{Where: filepath.Join(dir, "hub"), Key: v.key(t)})
	tr := &http.Transport{TLSClientConfig: seal.ClientConfig(own, hub.Key)}
	defer tr.CloseIdleConnections()
	ask := func(method, target string, body []byte) (int, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "https://"+hub.Host+target, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, raw
	}
	n := 0
	for _, one := range v.Said {
		if one.Who != "device" {
			continue
		}
		n++
		want := one.Status
		switch {
		case strings.HasPrefix(one.Target, wire.PathEnrol):
			want = http.StatusForbidden // the invitation was used then
		case want == http.StatusNoContent:
			want = http.StatusOK // the log has grown since
		}
		status, raw := ask(one.Method, one.Target, one.Body)
		if status != want {
			t.Errorf("%s %s: %d, then %d", one.Method, one.Target, status, one.Status)
			continue
		}
		if one.Status == http.StatusOK {
			sameAnswer(t, one, raw)
		}
		if one.Method == http.MethodPost && strings.HasPrefix(one.Target, wire.PathBatch) {
			var size uint64 // what the first version was told
			if status, raw := ask(one.Method, wire.PathBatch, one.Body); status != http.StatusOK || wire.Decode(raw, &size) != nil || size == 0 {
				t.Errorf("a batch of the first version: %d", status)
			}
		}
	}
	if n < 8 {
		t.Errorf("%d requests: the test shows little", n)
	}
}

// sameAnswer compares an answer with the one that was given then.
func sameAnswer(t *testing.T, one said, raw []byte) {
	t.Helper()
	switch {
	case one.Method == http.MethodGet && strings.HasPrefix(one.Target, wire.PathLog):
		var was, is wire.Log
		if err := errors.Join(wire.Decode(one.Answer, &was), wire.Decode(raw, &is)); err != nil || len(is.Leaves) < len(was.Leaves) {
			t.Errorf("%s: %v", one.Target, err)
			return
		}
		for i := range was.Leaves {
			if was.Leaves[i] != is.Leaves[i] {
				t.Errorf("%s: another leaf %d", one.Target, i)
			}
		}
	case one.Method == http.MethodGet && strings.HasPrefix(one.Target, wire.PathBatch):
		was, bad := journal.ReadBatch(one.Answer)
		is, err := journal.ReadBatch(raw)
		if bad != nil || err != nil || was.First != is.First || was.Head.Device != is.Head.Device {
			t.Errorf("%s: %v, %v", one.Target, bad, err)
		}
	case one.Method == http.MethodPost && strings.HasPrefix(one.Target, wire.PathBatch):
		var p wire.Pushed
		var size uint64
		if wire.Decode(raw, &p) != nil && wire.Decode(raw, &size) != nil {
			t.Errorf("%s: no answer to a batch", one.Target)
		}
	}
}

// oldHub has a client of today read each answer that was given then.
func oldHub(t *testing.T, path string) {
	dir, v := unpack(t, path)
	own, err := unlocked(t, filepath.Join(dir, "device")).Certificate()
	if err != nil {
		t.Fatal(err)
	}
	key := v.key(t)
	shown, err := key.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var now said
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != now.Method || r.URL.Path != now.path() {
			t.Errorf("asked %s %s for %s %s", r.Method, r.URL.Path, now.Method, now.Target)
		}
		w.WriteHeader(now.Status)
		_, _ = w.Write(now.Answer)
	})}
	go srv.Serve(seal.Listen(l, shown))
	t.Cleanup(func() { srv.Close() })
	c := syncer.NewClient(wire.Address{Host: l.Addr().String(), Key: key.VerifyKey(), Note: key.NoteKey()}, own)
	t.Cleanup(c.Close)
	kinds := map[string]int{}
	for _, now = range v.Said {
		kind, err := read(t, c, now)
		kinds[kind]++
		if err != nil {
			t.Errorf("%s %s: %v", now.Method, now.Target, err)
		}
	}
	for _, kind := range []string{"log", "batch", "push", "erase", "admit", "enrol", "proof"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s in it", kind)
		}
	}
}

func (s said) path() string {
	path, _, _ := strings.Cut(s.Target, "?")
	return path
}

// number is one of the numbers in a query.
func (s said) number(name string) uint64 {
	_, query, _ := strings.Cut(s.Target, "?")
	q, _ := url.ParseQuery(query)
	n, _ := strconv.ParseUint(q.Get(name), 10, 62)
	return n
}

// read has a client ask for something, and returns what it was.
func read(t *testing.T, c *syncer.Client, now said) (kind string, err error) {
	t.Helper()
	ctx := t.Context()
	switch now.Method + " " + now.path() {
	case "GET " + wire.PathLog:
		l, err := c.Log(ctx, now.number("from"), false)
		if err == nil && (l == nil) != (now.Status == http.StatusNoContent) {
			t.Errorf("%s: nothing came", now.Target)
		}
		return "log", err
	case "GET " + wire.PathBatch:
		b, err := journal.ReadBatch(now.Answer)
		if err != nil {
			return "batch", err
		}
		got, err := c.Batch(ctx, b.Head.Device, b.First)
		if err == nil && !bytes.Equal(got.Append(nil), now.Answer) {
			t.Errorf("%s: another batch came", now.Target)
		}
		return "batch", err
	case "POST " + wire.PathBatch:
		b, err := journal.ReadBatch(now.Body)
		if err != nil {
			return "push", err
		}
		p, err := c.Push(ctx, b, now.number("from"))
		if err == nil && p.Size == 0 {
			t.Errorf("%s: the log has no size", now.Target)
		}
		return "push", err
	case "GET " + wire.PathProof:
		_, note, err := c.Proof(ctx, now.number("old"))
		if err == nil && len(note) == 0 {
			t.Errorf("%s: no checkpoint", now.Target)
		}
		return "proof", err
	case "POST " + wire.PathErase:
		return "erase", c.Erase(ctx, amana.DeviceID{1}, []uint64{1})
	case "POST " + wire.PathAdmit:
		return "admit", c.Admit(ctx, amana.DeviceID{1}, seal.VerifyKey{}, false)
	case "POST " + wire.PathEnrol:
		return "enrol", c.Enrol(ctx, [16]byte{}, amana.OrgID{}, amana.DeviceID{})
	default:
		return "other", nil // files: tus is another's protocol, and its own
	}
}
