package link_test

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver" // the hub's database, read beside it

	"amana"
	"amana/internal/event"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/letter"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// told is everything that a hub was told, by name, and all of its bytes.
type told struct {
	mu    sync.Mutex
	seen  map[string][][]byte
	bytes bytes.Buffer
	log   bytes.Buffer
}

func (w *told) note(name string, value []byte) {
	w.seen[name] = append(w.seen[name], bytes.Clone(value))
}

// over notes what every request says before the hub answers it.
func (w *told) over(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.mu.Lock()
		path := r.URL.Path
		if name, ok := strings.CutPrefix(path, wire.PathFiles); ok && name != "" {
			path = wire.PathFiles + "{name}"
			raw, err := hex.DecodeString(name)
			if err != nil {
				raw = []byte(name)
			}
			w.note("request.file name", raw)
		}
		request := r.Method + " " + path
		w.note(request, nil)
		for key, values := range r.URL.Query() {
			w.note(request+" ?"+key, []byte(values[0]))
		}
		for key, values := range r.Header {
			w.note("header "+key, []byte(strings.Join(values, ",")))
		}
		w.body(request, body)
		if r.TLS != nil && len(r.TLS.PeerCertificates) == 1 { // a wait that ended has been asked before
			w.certificate(r)
		}
		fmt.Fprintf(&w.bytes, "%s %s %v\n", r.Method, r.URL, r.Header)
		w.bytes.Write(body)
		w.mu.Unlock()
		h.ServeHTTP(rw, r)
	})
}

func (w *told) certificate(r *http.Request) {
	c := r.TLS.PeerCertificates[0]
	w.note("certificate.key", c.RawSubjectPublicKeyInfo)
	said := fmt.Sprintf("%q %q %v %v %v %v %v %v", c.Subject, c.Issuer, c.SerialNumber, c.NotBefore.UTC(), c.NotAfter.UTC(), c.DNSNames, c.IPAddresses, len(c.Extensions))
	w.note("certificate.rest", []byte(said))
}

// body takes a message apart. What is left over once it is put together again is a field
// that nobody named.
func (w *told) body(request string, body []byte) {
	var again []byte
	decode := func(v any) {
		if wire.Decode(body, v) == nil {
			again = wire.Encode(v)
		}
	}
	method, path, _ := strings.Cut(request, " ")
	switch {
	case len(body) == 0:
		return
	case path == wire.PathEnrol:
		var m wire.Enrol
		decode(&m)
		w.note("Enrol.Token", m.Token)
		w.note("Enrol.Org", m.Org[:])
		w.note("Enrol.Device", m.Device[:])
	case path == wire.PathOrders:
		var m wire.Order
		decode(&m)
		w.order(m)
	case path == wire.PathErase:
		var m wire.Erase
		decode(&m)
		w.note("Erase.Device", m.Device[:])
		for _, seq := range m.Seqs {
			w.note("Erase.Seqs", []byte(strconv.FormatUint(seq, 10)))
		}
	case path == wire.PathForget:
		var m wire.Forget
		decode(&m)
		for _, name := range m.Names {
			w.note("Forget.Names", name[:])
		}
	case path == wire.PathMailbox:
		var m wire.Claim
		decode(&m)
		w.note("Claim.Verify", m.Verify)
		w.note("Claim.Signature", m.Signature)
	case path == wire.PathMail:
		var m wire.Mail
		decode(&m)
		w.note("Mail.Box", m.Box[:])
		w.note("Mail.Piece", m.Piece)
	case path == wire.PathMailTaken:
		var m wire.TakenMail
		decode(&m)
		w.note("TakenMail.Verify", m.Verify)
		w.note("TakenMail.Signature", m.Signature)
		for _, id := range m.IDs {
			w.note("TakenMail.IDs", id[:])
		}
	case path == wire.PathBatch:
		b, err := journal.ReadBatch(body)
		if err != nil {
			return
		}
		again = b.Append(nil)
		w.batch(b)
	case method == http.MethodPatch, strings.HasPrefix(path, wire.PathFiles):
		again = body
		w.note("request.file bytes", body)
	}
	if !bytes.Equal(again, body) {
		w.note(request+": something else", body)
	}
}

func (w *told) order(m wire.Order) {
	w.note("Order.Number", []byte(strconv.FormatUint(m.Number, 10)))
	w.note("Order.Kind", []byte(strconv.FormatUint(uint64(m.Kind), 10)))
	if !m.Device.IsZero() {
		w.note("Order.Device", m.Device[:])
	}
	w.note("Order.Verify", m.Verify)
	for _, a := range m.Administrators {
		w.note("Order.Administrators", a[:])
	}
	w.note("Order.By", m.By[:])
	w.note("Order.Key", m.Key)
	w.note("Order.Member", m.Member)
	w.note("Order.Signed", m.Signed)
}

func (w *told) batch(b journal.Batch) {
	w.note("batch.device", b.Head.Device[:])
	w.note("batch.seq", []byte(strconv.FormatUint(b.Head.Seq, 10)))
	w.note("batch.head", b.Head.Hash[:])
	w.note("batch.signature", b.Head.Signature[:])
	for _, it := range b.Items {
		w.note("wire.Flags", []byte(strconv.Itoa(int(it.Flags))))
		w.note("wire.Epoch", []byte(strconv.FormatUint(it.Epoch, 10)))
		w.note("wire.Nonce", it.Nonce[:])
		w.note("wire.Entry", it.Entry)
		w.note("wire.Wraps", it.Wraps)
		if it.Flags&journal.Erased == 0 {
			w.note("wire.Body", it.Body)
		}
	}
}

// tables notes every value in every column of the hub's database.
func (w *told) tables(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "hub.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names := rowsOf(t, db, "SELECT name FROM sqlite_master WHERE type='table'")
	for _, table := range names {
		for _, column := range rowsOf(t, db, "SELECT name FROM pragma_table_info('"+string(table)+"')") {
			w.note(string(table)+"."+string(column), nil)
			for _, v := range rowsOf(t, db, "SELECT "+string(column)+" FROM "+string(table)) {
				w.note(string(table)+"."+string(column), v)
			}
		}
	}
}

func rowsOf(t *testing.T, db *sql.DB, query string) (list [][]byte) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v []byte
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// classes are what a golden file may call a value, and whether it can be that. Values
// are judged together: what is random or sealed does not compress.
var classes = map[string]func(all [][]byte) bool{
	"random":              func(all [][]byte) bool { return sized(all, 12, 16, 32) && dense(unique(all)) },
	"hash":                func(all [][]byte) bool { return sized(all, 32) && dense(unique(all)) },
	"hashes":              func(all [][]byte) bool { return sized(all, 0) && dense(unique(all)) },
	"public key":          func(all [][]byte) bool { return sized(all, 32, 44) },
	"signature":           func(all [][]byte) bool { return sized(all, 64) && dense(unique(all)) },
	"sealed":              func(all [][]byte) bool { return dense(all) },
	"an order":            func(all [][]byte) bool { return true }, // its parts are looked at where it is handed over
	"items":               func(all [][]byte) bool { return true }, // their parts are looked at in batches
	"count":               func(all [][]byte) bool { return counts(all, 1<<40) },
	"yes or no":           func(all [][]byte) bool { return counts(all, 2) },
	"two times yes or no": func(all [][]byte) bool { return counts(all, 4) },
	"time":                func(all [][]byte) bool { return counts(all, 1<<40) },
	"nothing":             func(all [][]byte) bool { return len(bytes.Join(all, nil)) == 0 },
	"random in digits": func(all [][]byte) bool {
		for _, v := range all {
			if raw, err := hex.DecodeString(string(v)); len(v) > 0 && (err != nil || len(raw) != 16) {
				return false
			}
		}
		return true
	},
	"hash or zeros": func(all [][]byte) bool {
		return sized(all, 32) && dense(slices.DeleteFunc(unique(all), func(v []byte) bool { return bytes.Equal(v, make([]byte, 32)) }))
	},
	"ID": func(all [][]byte) bool {
		for _, v := range all {
			if _, err := amana.ParseID[amana.Device](string(v)); len(v) > 0 && err != nil {
				return false
			}
		}
		return true
	},
	"file name": func(all [][]byte) bool {
		for _, v := range all {
			name, _ := strings.CutPrefix(string(v), "name ")
			raw, err := base64.StdEncoding.DecodeString(name)
			if _, bad := hex.DecodeString(string(raw)); err != nil || bad != nil || len(raw) != 64 {
				return false
			}
		}
		return true
	},
	"one text for all": func(all [][]byte) bool { return len(unique(all)) == 1 },
}

func unique(all [][]byte) (list [][]byte) {
	seen := map[string]bool{}
	for _, v := range all {
		if !seen[string(v)] {
			seen[string(v)] = true
			list = append(list, v)
		}
	}
	return list
}

// sized reports whether values have one of these lengths; a length of 0 stands for any
// multiple of 32.
func sized(all [][]byte, lengths ...int) bool {
	for _, v := range all {
		if len(v) > 0 && !slices.Contains(lengths, len(v)) && (lengths[0] != 0 || len(v)%32 != 0) {
			return false
		}
	}
	return true
}

func counts(all [][]byte, under uint64) bool {
	for _, v := range all {
		if n, err := strconv.ParseUint(string(v), 10, 64); len(v) > 0 && (err != nil || n >= under) {
			return false
		}
	}
	return true
}

// dense reports whether bytes cannot be compressed: noise cannot, words can.
func dense(all [][]byte) bool {
	raw := bytes.Join(all, nil)
	if len(raw) < 64 {
		return true
	}
	var out bytes.Buffer
	z, _ := flate.NewWriter(&out, flate.BestCompression)
	_, _ = z.Write(raw)
	_ = z.Close()
	return out.Len() >= len(raw)-len(raw)/50
}

// A week of work, and everything that the hub was told and keeps of it: each thing stands
// in testdata/week.txt with what it is, and is that. Nothing else appears.
func TestWeek_theHubSeesNothingElse(t *testing.T) {
	golden := goldenWeek(t)
	w, dir, secrets := aWeek(t)
	w.tables(t, dir)
	var names []string
	for name := range w.seen {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		class, known := golden[name]
		if !known {
			t.Errorf("the hub sees %q, which testdata/week.txt does not name: %.60q", name, w.seen[name][0])
			continue
		}
		is := classes[class]
		if is == nil {
			t.Errorf("testdata/week.txt calls %s %q, which is no class", name, class)
		} else if !is(w.seen[name]) {
			t.Errorf("%s is no %s: %.60q", name, class, w.seen[name])
		}
	}
	for name := range golden {
		if w.seen[name] == nil {
			t.Errorf("testdata/week.txt names %q, which does not appear in the week", name)
		}
	}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var raw []byte
			raw, err = os.ReadFile(path)
			w.bytes.Write(raw)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for what, secret := range secrets {
		for _, form := range [][]byte{secret, []byte(hex.EncodeToString(secret)), []byte(base64.StdEncoding.EncodeToString(secret))} {
			if bytes.Contains(w.bytes.Bytes(), form) {
				t.Errorf("the hub has %s", what)
			}
			if bytes.Contains(w.log.Bytes(), form) {
				t.Errorf("the hub's log has %s", what)
			}
		}
	}
	if bytes.Contains(w.log.Bytes(), []byte("127.0.0.1")) {
		t.Error("the hub's log has an address")
	}
}

func goldenWeek(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/week.txt")
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	for line := range strings.SplitSeq(string(raw), "\n") {
		if name, class, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
			class, _, _ = strings.Cut(class, ";")
			golden[name] = strings.TrimSpace(class)
		}
	}
	return golden
}

// aWeek is a scripted week: two devices and a third, cases, a file, a withdrawal that
// erases, a lost device.
func aWeek(t *testing.T) (w *told, dir string, secrets map[string][]byte) {
	t.Helper()
	ctx := t.Context()
	w = &told{seen: map[string][][]byte{}}
	r := hubtest.Run(t, hubtest.Config{Hold: 50 * time.Millisecond, Quota: 1 << 30, Logger: slog.New(slog.NewTextHandler(&w.log, nil)), Over: w.over})
	i, dir := r.Invitation, r.Where
	r.Invite(t) // that nobody uses
	partner := r.Invite(t).Token
	h := newHouse(t)
	if err := link.Join(ctx, h.admin, i.String()); err != nil {
		t.Fatal(err)
	}
	other, lost := h.pair(t), h.pair(t)
	sync := func(sessions ...*vault.Session) {
		t.Helper()
		for _, s := range sessions {
			if _, err := exchange(t, s, noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	sync(h.admin, other, lost)
	secrets = map[string][]byte{
		"a word of a case": []byte("zzCANARYzz"), "the organisation's name": []byte("Clinic"), "a member's name": []byte("Worker"),
		"a member": h.worker[:], "a team": h.team[:],
	}
	var cases []amana.RecordID
	for day := range 5 {
		for n := range 2 {
			s := []*vault.Session{h.admin, other, lost}[(day+n)%3]
			c := h.open(t, s)
			if err := s.Save(ctx, vault.Change{Record: c, Facts: []event.Fact{
				event.Set{Field: "assessment_main_concerns", Value: event.Text(strings.Repeat("zzCANARYzz and what followed ", 1+day))},
			}}); err != nil {
				t.Fatal(err)
			}
			cases = append(cases, c)
			secrets[fmt.Sprintf("case %d", len(cases))] = c[:]
		}
		sync(h.admin, other, lost)
	}
	file := h.take(t, h.admin, cases[0], bytes.Repeat([]byte("zzCANARYzz of what she drew, "), 900))
	gone := h.take(t, h.admin, cases[0], bytes.Repeat([]byte("zzCANARYzz of what she wrote, "), 900))
	secrets["a record of a file"], secrets["a record of a file that was erased"] = file[:], gone[:]
	sync(h.admin, other)
	if err := h.admin.Erase(ctx, "asked", gone); err != nil {
		t.Fatal(err)
	}
	if err := h.admin.EraseCase(ctx, "asked", cases[1]); err != nil {
		t.Fatal(err)
	}
	sync(h.admin, other)
	if err := h.admin.RevokeDevice(ctx, lost.Device()); err != nil {
		t.Fatal(err)
	}
	sync(h.admin, other)
	weekOfAnAnswer(t, h)
	weekOfMail(t, h, i.Address, partner)
	waits, err := link.Open(other)
	if err != nil {
		t.Fatal(err)
	}
	defer waits.Close()
	limited, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if err := waits.Wait(limited); err != nil {
		t.Fatal(err)
	}
	return w, dir, secrets
}

// weekOfAnAnswer takes a new device in by the hub.
func weekOfAnAnswer(t *testing.T, h *house) {
	t.Helper()
	n, there := newNewcomer(t), newKeeper(t)
	h.leave(t, newKeeper(t), n)
	k := newKeeper(t)
	if err := k.Exchange(t.Context(), h.admin); err != nil {
		t.Fatal(err)
	}
	word, err := link.AnswerWord(h.admin)
	if err != nil {
		t.Fatal(err)
	}
	if err := there.FetchAnswer(n.Newcomer, word); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is here", func() bool { return there.Arrival().State == link.ComingHere })
	n.join(t)
	there.AnswerTaken(n.Name())
	eventually(t, "the hub dropped it", func() bool {
		return k.Exchange(t.Context(), h.admin) == nil && stateOfLeft(t, k, h, n).State == link.LeftTaken
	})
}

// weekOfMail has a partner leave a letter for the organisation, which takes one piece of
// it and leaves another.
func weekOfMail(t *testing.T, h *house, at wire.Address, token [16]byte) {
	t.Helper()
	ctx := t.Context()
	own, err := h.admin.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	ours := syncer.NewClient(at, own)
	defer ours.Close()
	owner := seal.NewIdentity()
	if err := ours.ClaimMailbox(ctx, wire.ClaimMailbox(owner, h.admin.Organisation())); err != nil {
		t.Fatal(err)
	}
	device := amana.DeviceID(seal.Random16())
	if own, err = seal.NewDeviceKey().Certificate(device); err != nil {
		t.Fatal(err)
	}
	theirs := syncer.NewClient(at, own)
	defer theirs.Close()
	if err := theirs.Enrol(ctx, token, amana.OrgID(seal.Random16()), device); err != nil {
		t.Fatal(err)
	}
	to := letter.Card{Org: h.admin.Organisation(), Name: "Clinic", Verify: owner.VerifyKey(), Box: owner.BoxKey()}
	pieces, err := letter.Pieces(to, bytes.Repeat([]byte("zzCANARYzz "), 6000))
	if err != nil || len(pieces) < 2 {
		t.Fatal(len(pieces), err)
	}
	for _, piece := range pieces {
		if err := theirs.LeaveMail(ctx, wire.Mail{Box: wire.MailboxOf(to.Verify), Piece: piece}); err != nil {
			t.Fatal(err)
		}
	}
	ids, err := ours.Mail(ctx)
	if err != nil || len(ids) != len(pieces) {
		t.Fatalf("%d pieces of %d, %v", len(ids), len(pieces), err)
	}
	if _, err := ours.MailPiece(ctx, ids[0]); err != nil {
		t.Fatal(err)
	}
	if err := ours.TakenMail(ctx, wire.TakeMail(owner, h.admin.Organisation(), ids[:1])); err != nil {
		t.Fatal(err)
	}
}
