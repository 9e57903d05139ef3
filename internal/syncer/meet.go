package syncer

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Two devices of one organisation meet without a hub: one listens for a while, the other
// comes. Each shows its key and knows the other's; what goes between them is batches, as
// they lie here. See docs/format.md 14.4.

// The paths of a meeting.
const (
	pathHave = "/v1/meet/have"
	pathTake = "/v1/meet/take"
	pathGive = "/v1/meet/give"
	pathDone = "/v1/meet/done"
)

// Host listens for other devices.
type Host struct {
	Device Device
	Files  FileDevice // may be nil: no files travel
	// Largest is how many bytes the largest file has that is given and taken; zero: any.
	Largest int64
	// Knows reports whether a key is that of a device that may come.
	Knows func(seal.VerifyKey) bool
	// Took is called after entries were taken in, before files follow.
	Took func(context.Context)
	// Done is told what came of each visit in which entries were asked for, once the visitor
	// left. It is broken where the visitor did not say that it was done.
	Done func(Met)
	// Longest is how long a visit may take, Still how long a byte may be awaited, Quiet
	// after how long who says nothing has left. Zero: an hour, a minute, a minute.
	Longest, Still, Quiet time.Duration

	listener net.Listener
	server   *http.Server
	shelf    *shelf
	mu       sync.Mutex // guards visits
	visits   map[seal.VerifyKey]*visitor
}

// Listen begins to answer on host:port. Kinds: ErrInvalid for an address that is not
// this device's, or taken.
func (h *Host) Listen(addr string, own seal.Certificate) error {
	l, err := net.Listen("tcp", addr) //nolint:noctx // it ends by Close
	if err != nil {
		return fmt.Errorf("syncer: cannot listen there: %w", amana.ErrInvalid)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathHave, h.known(h.have))
	mux.HandleFunc("POST "+pathTake, h.known(h.take))
	mux.HandleFunc("POST "+pathGive, h.known(h.give))
	mux.HandleFunc("POST "+pathDone, h.done)
	if h.Files != nil {
		h.shelf = &shelf{device: h.Files, largest: h.Largest}
		mux.HandleFunc("HEAD "+wire.PathFiles+"{name}", h.known(func(w http.ResponseWriter, r *http.Request, _ *visitor) error { return h.shelf.standing(w, r) }))
		mux.HandleFunc("GET "+wire.PathFiles+"{name}", h.known(h.giveFile))
		mux.HandleFunc("PATCH "+wire.PathFiles+"{name}", h.known(h.takeFile))
	}
	h.listener = l
	h.server = &http.Server{
		Handler: mux, ReadHeaderTimeout: 15 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // its lines have addresses
	}
	go h.server.Serve(seal.Listen(l, own)) //nolint:errcheck // it ends by Close
	return nil
}

// Addr is where it listens.
func (h *Host) Addr() string { return h.listener.Addr().String() }

// Close ends it, whoever is there.
func (h *Host) Close() error {
	err := h.server.Close()
	h.mu.Lock()
	for _, v := range h.visits {
		v.stop()
	}
	h.mu.Unlock()
	if err != nil {
		return fmt.Errorf("syncer: %w", amana.ErrStorage)
	}
	return nil
}

// shown returns the key of who asks, where it may come.
func (h *Host) shown(r *http.Request) (key seal.VerifyKey, ok bool) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) != 1 {
		return key, false
	}
	key, err := seal.KeyOf([][]byte{r.TLS.PeerCertificates[0].Raw})
	return key, err == nil && h.Knows(key)
}

func (h *Host) known(do func(http.ResponseWriter, *http.Request, *visitor) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, ok := h.shown(r)
		if !ok {
			http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
			return
		}
		v := h.enter(key, r.URL.Path == pathHave)
		if v == nil {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		defer h.leave(v)
		out, in, end := h.bound(w, r, v)
		defer end()
		if do(out, in, v) != nil {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable) // too late where an answer was begun: who asked sees no end of it
		}
	}
}

// done is who leaves.
func (h *Host) done(w http.ResponseWriter, r *http.Request) {
	key, ok := h.shown(r)
	if !ok {
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
		return
	}
	said := make([]byte, 1)
	n, _ := io.ReadFull(r.Body, said) // nothing, from who came to the end
	h.mu.Lock()
	v := h.visits[key]
	if v != nil {
		v.leaves, v.broke = true, n > 0 // where an answer is being ended yet, after it
	}
	h.mu.Unlock()
	if v != nil {
		h.left(v)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (h *Host) have(w http.ResponseWriter, _ *http.Request, _ *visitor) error {
	if h.shelf != nil {
		h.shelf.look()
	}
	if h.Largest > 0 {
		w.Header().Set(headerLargest, strconv.FormatInt(h.Largest, 10))
	}
	_, _ = w.Write(wire.Encode(h.Device.Have())) // who went away hears nothing
	return nil
}

// take hands over what the other lacks.
func (h *Host) take(w http.ResponseWriter, r *http.Request, v *visitor) error {
	raw, err := io.ReadAll(io.LimitReader(r.Body, wire.LargestMessage))
	if err != nil {
		return errMeet
	}
	have := map[amana.DeviceID]uint64{}
	if err := wire.Decode(raw, &have); err != nil {
		return err
	}
	ours := h.Device.Have()
	before := 0
	h.note(v, func(m *Met) {
		m.begin(ours, have)
		v.took, before = true, m.Handed
	})
	return writeBatches(r.Context(), h.Device, have, w, func(n int) {
		h.note(v, func(m *Met) { m.Handed = before + n })
	})
}

// give takes in what this one lacks.
func (h *Host) give(w http.ResponseWriter, r *http.Request, v *visitor) error {
	before := 0
	h.note(v, func(m *Met) { before = m.Taken })
	taken, left, err := h.Device.Import(r.Context(), readBatches(r.Body, func(n int) {
		h.note(v, func(m *Met) { m.Taken = before + n })
	}))
	if taken > 0 && h.Took != nil {
		h.Took(context.WithoutCancel(r.Context())) // also of one who went away
	}
	if h.shelf != nil {
		h.shelf.look()
	}
	h.note(v, func(m *Met) { m.Taken, m.Left = before+taken, left })
	if err != nil {
		return err
	}
	h.note(v, func(*Met) { v.gave = true })
	_, _ = w.Write(wire.Encode([]int{taken, left})) // who went away hears nothing
	return nil
}

func (h *Host) giveFile(w http.ResponseWriter, r *http.Request, v *visitor) error {
	whole, err := h.shelf.give(w, r)
	if whole {
		h.note(v, func(m *Met) {
			if v.files == nil {
				v.files = map[string]bool{}
			}
			v.files[r.PathValue("name")] = true // one whose end did not arrive is asked for again
			m.FilesHanded = len(v.files)
		})
	}
	return err
}

func (h *Host) takeFile(w http.ResponseWriter, r *http.Request, v *visitor) error {
	whole, bad, err := h.shelf.take(w, r)
	h.note(v, func(m *Met) {
		if whole {
			m.FilesTaken++
		}
		if bad {
			m.FilesBad++
		}
	})
	return err
}

var errMeet = fmt.Errorf("syncer: the other computer broke off: %w", ErrAway)

// meetBatch is about how many bytes go as one batch at most: what breaks off goes on after
// the last whole one. See smallFirst.
const meetBatch = 256 << 10

// writeBatches writes what somebody lacks, and an end, and tells how many entries are out.
func writeBatches(ctx context.Context, d Device, have map[amana.DeviceID]uint64, w io.Writer, tell func(int)) error {
	out := bufio.NewWriterSize(w, 1<<16)
	n, size := 0, smallFirst
	err := handOver(ctx, d, have, &size, func(b journal.Batch) error {
		raw := b.Append(nil)
		_, _ = out.Write(binary.AppendUvarint(nil, uint64(len(raw)))) // kept by the writer
		if _, err := out.Write(raw); err != nil {
			return errMeet
		}
		n, size = n+len(b.Items), min(2*size, meetBatch)
		tell(n)
		return nil
	})
	if err != nil {
		return err
	}
	_ = out.WriteByte(0) // the end
	if out.Flush() != nil {
		return errMeet
	}
	return nil
}

// readBatches reads what writeBatches wrote, and tells how many entries were taken before
// the batch that is asked for. Without its end it is an error, and what came before stays.
func readBatches(r io.Reader, tell func(int)) func() (journal.Batch, bool, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	read := 0
	return func() (journal.Batch, bool, error) {
		tell(read)
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return journal.Batch{}, false, errMeet
		}
		if n == 0 {
			return journal.Batch{}, false, nil
		}
		if n > journal.LargestBatch {
			return journal.Batch{}, false, fmt.Errorf("syncer: a batch of %d bytes: %w", n, amana.ErrInvalid)
		}
		raw := make([]byte, n)
		if _, err := io.ReadFull(in, raw); err != nil {
			return journal.Batch{}, false, errMeet
		}
		b, err := journal.ReadBatch(raw)
		read += len(b.Items)
		return b, true, err
	}
}

// Leave tells a device that listens that the visit is over: that it came to its end, or that
// it broke off. An older one need not know.
func (c *Client) Leave(ctx context.Context, whole bool) {
	var body []byte
	if !whole {
		body = []byte{1}
	}
	_, _, _ = c.ask(ctx, http.MethodPost, pathDone, body, 1<<10) // it finds out by itself
}

// Visit goes to a device that listens, and exchanges entries both ways. What came before it
// broke off is kept. Kinds: ErrAway; ErrTampered where another key answers; ErrRefused where
// this device is not known there; those of the device.
func (c *Client) Visit(ctx context.Context, d Device, v *Visiting) error {
	raw, header, err := c.have(ctx)
	if err != nil {
		return err
	}
	theirs := map[amana.DeviceID]uint64{}
	if err := wire.Decode(raw, &theirs); err != nil {
		return err
	}
	v.begins(d.Have(), theirs, header)
	if err := c.takeFrom(ctx, d, v); err != nil {
		return err
	}
	err = c.giveTo(ctx, d, theirs, v)
	v.before = v.met
	return err
}

func (c *Client) have(ctx context.Context) ([]byte, http.Header, error) {
	body, header, err := c.stream(ctx, http.MethodGet, pathHave, nil)
	if err != nil {
		return nil, nil, err
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, wire.LargestMessage))
	if err != nil {
		return nil, nil, errMeet
	}
	return raw, header, nil
}

// takeFrom takes in what this device lacks.
func (c *Client) takeFrom(ctx context.Context, d Device, v *Visiting) error {
	body, _, err := c.stream(ctx, http.MethodPost, pathTake, readerOf(wire.Encode(d.Have())))
	if err != nil {
		return err
	}
	defer body.Close()
	before := v.met.Taken
	taken, left, err := d.Import(ctx, readBatches(v.counted(body), func(n int) {
		v.note(func(m *Met) { m.Taken = before + n })
	}))
	v.note(func(m *Met) { m.Taken, m.Left = before+taken, left })
	return err
}

// giveTo hands over what the other lacks.
func (c *Client) giveTo(ctx context.Context, d Device, theirs map[amana.DeviceID]uint64, v *Visiting) error {
	r, w := io.Pipe()
	over := make(chan error, 1)
	before := v.met.Handed
	go func() {
		err := writeBatches(ctx, d, theirs, v.counting(w), func(n int) { v.note(func(m *Met) { m.Handed = before + n }) })
		w.CloseWithError(err)
		over <- err
	}()
	err := c.gave(ctx, r)
	r.CloseWithError(errMeet) // nobody reads on
	if wrote := <-over; err != nil && kindIn(wrote) != nil {
		return wrote // what this device says of itself, before that the other heard no end
	}
	return err
}

// gave sends what is handed over, and hears that it was taken.
func (c *Client) gave(ctx context.Context, r io.Reader) error {
	body, _, err := c.stream(ctx, http.MethodPost, pathGive, r)
	if err != nil {
		return err
	}
	defer body.Close()
	var theirs []int
	raw, err := io.ReadAll(io.LimitReader(body, 1<<10))
	if err != nil || wire.Decode(raw, &theirs) != nil {
		return errMeet
	}
	return nil
}

func readerOf(raw []byte) io.Reader { return &once{raw: raw} }

// once is a reader whose length nobody asks for.
type once struct{ raw []byte }

func (o *once) Read(p []byte) (int, error) {
	if len(o.raw) == 0 {
		return 0, io.EOF
	}
	n := copy(p, o.raw)
	o.raw = o.raw[n:]
	return n, nil
}

func (c *Client) stream(ctx context.Context, method, path string, body io.Reader) (io.ReadCloser, http.Header, error) {
	ctx, w := watch(ctx)
	if body != nil {
		body = struct{ io.Reader }{&watched{r: body, t: w.t, done: func() {}}}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		w.done()
		return nil, nil, fmt.Errorf("syncer: request: %w", amana.ErrInvalid)
	}
	plain(req)
	resp, err := c.files.Do(req) // a whole journal may take its time; what stands still is given up
	switch {
	case err == nil:
	case errors.Is(err, amana.ErrTampered):
		err = fmt.Errorf("syncer: %w", amana.ErrTampered)
	default:
		err = ErrAway
	}
	if err == nil {
		if err = kindOfStatus(resp.StatusCode); err == nil {
			w.r = away{resp.Body}
			return w, resp.Header, nil
		}
		resp.Body.Close()
	}
	w.done()
	return nil, nil, err
}

// IsAddress reports whether somebody can be gone to there: a host and a port.
func IsAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	n, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && bad == nil && host != "" && n > 0
}

// JoinAddress is a host, which may be one of IPv6, with a port.
func JoinAddress(host, port string) string { return net.JoinHostPort(host, port) }

// OwnAddresses are the addresses by which others on this network reach this device.
func OwnAddresses() (list []string) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			list = append(list, n.IP.String())
		}
	}
	return list
}
