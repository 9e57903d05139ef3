package hub

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	tus "github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Config is what a hub works with.
type Config struct {
	Store  *Store
	Key    seal.HubKey
	Now    func() time.Time
	Logger *slog.Logger
	// Hold is how long somebody who waits for news is kept waiting, at most.
	Hold time.Duration
	// Rate is how many requests of one organisation are answered in a second; 0: 400.
	Rate float64
	// Files keeps what is large; nil takes none.
	Files *Files
}

// Server answers devices.
type Server struct {
	Config
	watch   *watch
	parked  *parking
	door    *door
	limits  *limits
	carried *limits // of those who send or fetch files, so that these hold up nothing else
	uploads *tus.UnroutedHandler
	strange memory[seal.VerifyKey, struct{}] // keys of no device, when they were shown last
	counts  counts
	full    fullness
	active  active
}

// New returns a server.
func New(c Config) *Server {
	if c.Hold == 0 {
		c.Hold = 50 * time.Second
	}
	if c.Rate == 0 {
		c.Rate = usualRate
	}
	s := &Server{Config: c, watch: newWatch(c.Store, c.Now, c.Hold), parked: newParking(), door: newDoor(), limits: newLimits(atOnce, c.Rate, c.Now), carried: newLimits(atOnceFiles, c.Rate, c.Now)}
	if c.Files != nil {
		var err error
		if s.uploads, err = newUploads(c.Files); err != nil {
			panic("hub: internal error: " + err.Error()) // its options are written here
		}
	}
	return s
}

// Handler is every path that a device may ask for. Read it first.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+wire.PathEnrol, s.handle(s.enrol, anybody))
	mux.Handle("POST "+wire.PathAdmit, s.handle(s.admit, members))
	mux.Handle("POST "+wire.PathRevoke, s.handle(s.revoke, members))
	mux.Handle("GET "+wire.PathOrders, s.handle(s.orders, members))
	mux.Handle("POST "+wire.PathOrders, s.handle(s.order, members))
	mux.Handle("GET "+wire.PathLog, s.handle(s.log, members))
	mux.Handle("GET "+wire.PathBatch, s.handle(s.batch, members))
	mux.Handle("POST "+wire.PathBatch, s.handle(s.push, members))
	mux.Handle("POST "+wire.PathErase, s.handle(s.erase, members))
	mux.Handle("GET "+wire.PathProof, s.handle(s.proof, members))
	mux.Handle("GET "+wire.PathCheckpoint, s.handle(s.checkpoint, members))
	mux.Handle("POST "+wire.PathMailbox, s.handle(s.claim, members))
	mux.Handle("POST "+wire.PathMail, s.handle(s.leaveMail, members))
	mux.Handle("GET "+wire.PathMail, s.handle(s.mail, members))
	mux.Handle("POST "+wire.PathMailTaken, s.handle(s.takenMail, members))
	mux.Handle("POST "+wire.PathMailDrop, s.handle(s.dropMail, members))
	if s.Files != nil {
		mux.Handle("POST "+wire.PathForget, s.handle(s.forget, members))
		mux.Handle("GET "+wire.PathFiles+"{name}", s.carry(s.file))
		mux.Handle("DELETE "+wire.PathFiles+"{name}", s.carry(s.dropFile))
		mux.Handle("POST "+wire.PathFiles+"{$}", s.carry(s.tusDoes(s.uploads.PostFile)))
		mux.Handle("HEAD "+wire.PathFiles+"{name}", s.carry(s.tusDoes(s.uploads.HeadFile)))
		mux.Handle("PATCH "+wire.PathFiles+"{name}", s.carry(s.tusDoes(s.uploads.PatchFile)))
	}
	return mux
}

// HTTP is the server for a listener: slow senders are cut off.
func (s *Server) HTTP() *http.Server {
	h := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: 15 * time.Second, IdleTimeout: 5 * time.Minute,
		MaxHeaderBytes: 8 << 10, ConnContext: byGuest, ErrorLog: slog.NewLogLogger(discard{}, slog.LevelDebug), // its lines have addresses
	}
	h.RegisterOnShutdown(s.Close)
	return h
}

// Close lets everybody go who waits for news.
func (s *Server) Close() {
	_ = s.parked.Close()
	s.watch.close()
}

// discard drops what the standard library says of connections.
type discard struct{}

func (discard) Enabled(context.Context, slog.Level) bool  { return false }
func (discard) Handle(context.Context, slog.Record) error { return nil }
func (d discard) WithAttrs([]slog.Attr) slog.Handler      { return d }
func (d discard) WithGroup(string) slog.Handler           { return d }

// who may ask.
type who bool

const (
	anybody who = false // who shows any key
	members who = true  // devices that were admitted and not revoked
)

// request is one request of a known device, or of anybody with a key.
type request struct {
	*http.Request
	w      http.ResponseWriter
	device Device
	key    seal.VerifyKey
	turn   *turn
}

// slowest is how slowly somebody may send, in bytes a second, after a first minute.
// A satellite telephone is faster.
const slowest = 256

// body reads what was sent, up to a size and within the time that it may take. Whoever
// sends has no turn meanwhile.
func (r *request) body(largest int64) ([]byte, error) {
	if r.ContentLength > largest {
		return nil, errTooLarge
	}
	announced := r.ContentLength
	if announced < 0 {
		announced = largest
	}
	give, err := r.turn.bring(announced)
	if err != nil {
		return nil, err
	}
	defer give()
	r.turn.pause()
	limit := time.Minute + time.Duration(announced/slowest)*time.Second
	_ = http.NewResponseController(r.w).SetReadDeadline(time.Now().Add(limit)) //nolint:forbidigo // a deadline of the network's clock
	raw, err := io.ReadAll(http.MaxBytesReader(r.w, r.Body, largest))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errTooLarge
	case err != nil:
		return nil, errBroken
	}
	return raw, r.turn.resume(r.Context())
}

func (r *request) number(name string) (uint64, error) {
	n, err := strconv.ParseUint(r.URL.Query().Get(name), 10, 62)
	if err != nil {
		return 0, errAsked
	}
	return n, nil
}

// room has so many bytes for an answer, and gives the turn back: whoever receives slowly
// has none meanwhile, and all who do take no more memory than those who send.
func (r *request) room(n int) (give func(), err error) {
	if give, err = r.turn.answer(int64(n)); err == nil {
		r.turn.pause()
	}
	return give, err
}

func (r *request) answer(raw []byte) error {
	give, err := r.room(len(raw))
	if err != nil {
		return err
	}
	defer give()
	r.w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	to := patient{r.w, http.NewResponseController(r.w), r.Context()}
	for part := range slices.Chunk(raw, 16<<10) {
		if _, err := to.Write(part); err != nil {
			break // who went away hears nothing
		}
	}
	return nil
}

// told notes which status was answered.
type told struct {
	http.ResponseWriter
	status int
}

func (t *told) WriteHeader(status int) {
	if t.status == 0 {
		t.status = status
	}
	t.ResponseWriter.WriteHeader(status)
}

// Unwrap lets deadlines be set.
func (t *told) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// handle finds out who asks, and answers.
func (s *Server) handle(do func(*request) error, by who) http.Handler {
	return s.handleBy(s.limits, do, by)
}

// carry is handle for files, which take long.
func (s *Server) carry(do func(*request) error) http.Handler {
	return s.handleBy(s.carried, do, members)
}

func (s *Server) handleBy(turns *limits, do func(*request) error, by who) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // the last request's on this connection
		told := &told{ResponseWriter: w}
		// Neither side needs a clock, and there is one kind of message: bytes on a slow line.
		w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
		req := &request{Request: r, w: told}
		err := s.identify(req, turns, by)
		if err == nil {
			done := s.active.begin(req)
			err = do(req)
			done()
		}
		if req.turn != nil {
			req.turn.end()
		}
		if errors.Is(err, errParked) {
			return
		}
		status := statusOf(err)
		if err != nil {
			s.full.failed(err, s.Now())
			if errors.Is(err, errBusy) {
				w.Header().Set("Retry-After", "5")
			}
			w.WriteHeader(status)
			sayEnded(w, err)
		}
		if err == nil && told.status != 0 {
			status = told.status
		}
		s.counts.request(r.Pattern, status, s.Now().Sub(began))
		if status >= 500 {
			s.Logger.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("route", r.Pattern), slog.Int("status", status))
		}
	})
}

// strangers stands for everybody who has no organisation yet, among organisations.
var strangers = amana.OrgID{0xff}

// identify finds out which device asks, and waits for its turn. Who was here before waits
// with their own organisation even for that.
func (s *Server) identify(r *request, turns *limits, by who) error {
	var err error
	if r.key, err = shown(r.Request); err != nil {
		return err
	}
	known, seen := s.Store.whose(r.key)
	if _, was := s.strange.get(r.key); was && !seen {
		known.org = strangers
	}
	if r.turn, err = turns.enterTo(r.Context(), known.org, asksFor(r.Request), fetches(r.Request)); err != nil {
		return err
	}
	r.device, err = s.Store.DeviceBy(r.Context(), r.key)
	if errors.Is(err, amana.ErrNotFound) {
		s.strange.put(r.key, struct{}{})
	}
	switch {
	case errors.Is(err, amana.ErrNotFound) && by == anybody:
		if known.org != strangers { // they hold up nobody who is known and was not seen since this hub began
			r.turn.end()
			r.turn, err = turns.enter(r.Context(), strangers, 0)
			return err
		}
		return nil
	case errors.Is(err, amana.ErrNotFound):
		return amana.ErrRefused
	case err == nil && r.device.Revoked:
		return s.Store.ended(r.Context(), r.device)
	case err != nil:
		return err
	}
	stays(r.Context())
	if r.device.Org == known.org {
		return nil
	}
	r.turn.end()
	r.turn, err = turns.enterTo(r.Context(), r.device.Org, 0, fetches(r.Request))
	return err
}

func (s *Server) enrol(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var m wire.Enrol
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	if len(m.Token) != 16 || m.Org.IsZero() || m.Device.IsZero() {
		return amana.ErrInvalid
	}
	return s.Store.Enrol(r.Context(), [16]byte(m.Token), Device{Org: m.Org, ID: m.Device, Verify: r.key})
}

func (s *Server) admit(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var m wire.Admit
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	if len(m.Verify) != seal.VerifyKeySize || m.Device.IsZero() {
		return amana.ErrInvalid
	}
	return s.Store.Admit(r.Context(), r.device, Device{Org: r.device.Org, ID: m.Device, Verify: seal.VerifyKey(m.Verify), Steward: m.Steward})
}

func (s *Server) revoke(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var m wire.Revoke
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	return s.Store.Revoke(r.Context(), r.device, m.Device)
}

func (s *Server) push(r *request) error {
	raw, err := r.body(wire.LargestBatch)
	if err != nil {
		return err
	}
	b, err := journal.ReadBatch(raw)
	if err != nil {
		return err
	}
	size, err := s.Store.Push(r.Context(), r.device.Org, b)
	if err != nil {
		return err
	}
	s.full.worked()
	s.counts.items.Add(uint64(len(b.Items)))
	s.watch.grew(r.device.Org, size)
	if r.URL.Query().Has("from") {
		if p, ok := s.pushed(r, b.Head, size); ok {
			return r.answer(wire.Encode(p))
		}
	}
	return r.answer(wire.Encode(size))
}

func (s *Server) note(ctx context.Context, org amana.OrgID, size uint64) ([]byte, error) {
	root, err := s.Store.Root(ctx, org, size)
	if err != nil {
		return nil, err
	}
	return wire.Checkpoint{Origin: wire.Origin(org), Size: size, Root: root}.Sign(s.Key)
}

func (s *Server) batch(r *request) error {
	device, err := amana.ParseID[amana.Device](r.URL.Query().Get("device"))
	if err != nil {
		return errAsked
	}
	from, err := r.number("from")
	if err != nil || from == 0 {
		return errAsked
	}
	n := uint64(wire.MostAtOnce)
	if r.URL.Query().Has("n") {
		if n, err = r.number("n"); err != nil || n == 0 {
			return errAsked
		}
	}
	raw, err := s.Store.Batch(r.Context(), r.device.Org, device, from, min(n, wire.MostAtOnce))
	if err != nil {
		return err
	}
	give, err := r.room(len(raw))
	if err != nil {
		return err
	}
	defer give()
	// Who broke off in the middle goes on from there, if it is still the same.
	tag := tlog.RecordHash(raw)
	r.w.Header().Set("Etag", `"`+base64.RawURLEncoding.EncodeToString(tag[:9])+`"`)
	http.ServeContent(patient{r.w, http.NewResponseController(r.w), r.Context()}, r.Request, "", time.Time{}, bytes.NewReader(raw))
	return nil
}

func (s *Server) erase(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var m wire.Erase
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	if len(m.Seqs) > wire.MostErased {
		return errTooLarge
	}
	return s.Store.Erase(r.Context(), r.device.Org, m.Device, m.Seqs)
}

func (s *Server) checkpoint(r *request) error {
	size, err := s.Store.Size(r.Context(), r.device.Org)
	if err != nil {
		return err
	}
	note, err := s.note(r.Context(), r.device.Org, size)
	if err != nil {
		return err
	}
	return r.answer(note)
}

// proof proves that an earlier log is the beginning of the present one, or that a leaf
// is in it.
func (s *Server) proof(r *request) error {
	size, err := s.Store.Size(r.Context(), r.device.Org)
	if err != nil {
		return err
	}
	p := wire.Proof{}
	var hashes []tlog.Hash
	if r.URL.Query().Has("leaf") {
		leaf, bad := r.number("leaf")
		if bad != nil {
			return bad
		}
		hashes, err = s.Store.Inclusion(r.Context(), r.device.Org, size, leaf)
	} else {
		old, bad := r.number("old")
		if bad != nil {
			return bad
		}
		hashes, err = s.Store.Proof(r.Context(), r.device.Org, size, old)
	}
	if err != nil {
		return err
	}
	for _, h := range hashes {
		p.Hashes = append(p.Hashes, h[:])
	}
	if p.Checkpoint, err = s.note(r.Context(), r.device.Org, size); err != nil {
		return err
	}
	return r.answer(wire.Encode(p))
}
