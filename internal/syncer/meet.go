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

// Met says what came of a meeting, for one side.
type Met struct {
	Taken, Left, Handed     int // entries
	FilesTaken, FilesHanded int // of evidence, whole
	FilesBad                int // that came as something else, or found no room, on either side
}

// Host listens for other devices.
type Host struct {
	Device Device
	Files  FileDevice // may be nil: no files travel
	// Knows reports whether a key is that of a device that may come.
	Knows func(seal.VerifyKey) bool
	// Took is called after entries were taken in, before files follow.
	Took func(context.Context)
	// Done is told what came of each visit that came to the end of the entries, once the
	// visitor left.
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
		h.shelf = &shelf{device: h.Files}
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
	h.mu.Lock()
	v := h.visits[key]
	if v != nil {
		v.leaves = true // where an answer is being ended yet, after it
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
	n, err := writeBatches(r.Context(), h.Device, have, w)
	h.note(v, func(m *Met) { m.Handed = n })
	return err
}

// give takes in what this one lacks.
func (h *Host) give(w http.ResponseWriter, r *http.Request, v *visitor) error {
	taken, left, err := h.Device.Import(r.Context(), readBatches(r.Body))
	if err != nil {
		return err
	}
	if taken > 0 && h.Took != nil {
		h.Took(r.Context())
	}
	if h.shelf != nil {
		h.shelf.look()
	}
	h.note(v, func(m *Met) {
		m.Taken, m.Left = taken, left
		v.gave = true
	})
	_, _ = w.Write(wire.Encode([]int{taken, left})) // who went away hears nothing
	return nil
}

func (h *Host) giveFile(w http.ResponseWriter, r *http.Request, v *visitor) error {
	whole, err := h.shelf.give(w, r)
	if whole {
		h.note(v, func(m *Met) { m.FilesHanded++ })
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

// writeBatches writes what somebody lacks, and an end.
func writeBatches(ctx context.Context, d Device, have map[amana.DeviceID]uint64, w io.Writer) (n int, err error) {
	out := bufio.NewWriterSize(w, 1<<16)
	err = d.HandOver(ctx, have, func(b journal.Batch) error {
		raw := b.Append(nil)
		n += len(b.Items)
		_, _ = out.Write(binary.AppendUvarint(nil, uint64(len(raw)))) // kept by the writer
		if _, err := out.Write(raw); err != nil {
			return errMeet
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	_ = out.WriteByte(0) // the end
	if out.Flush() != nil {
		return n, errMeet
	}
	return n, nil
}

// readBatches reads what writeBatches wrote. Without its end it is an error, and what
// came before stays.
func readBatches(r io.Reader) func() (journal.Batch, bool, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	return func() (journal.Batch, bool, error) {
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
		return b, true, err
	}
}

// Leave tells a device that listens that the visit is over. An older one need not know.
func (c *Client) Leave(ctx context.Context) {
	_, _, _ = c.ask(ctx, http.MethodPost, pathDone, nil, 1<<10) // it finds out by itself
}

// Visit goes to a device that listens, and exchanges entries both ways. Kinds: ErrAway;
// ErrTampered where another key answers; ErrRefused where this device is not known there.
func (c *Client) Visit(ctx context.Context, d Device) (m Met, err error) {
	raw, _, err := c.ask(ctx, http.MethodGet, pathHave, nil, wire.LargestMessage)
	if err != nil {
		return m, err
	}
	have := map[amana.DeviceID]uint64{}
	if err := wire.Decode(raw, &have); err != nil {
		return m, err
	}
	body, err := c.stream(ctx, pathTake, readerOf(wire.Encode(d.Have())))
	if err != nil {
		return m, err
	}
	m.Taken, m.Left, err = d.Import(ctx, readBatches(body))
	body.Close()
	if err != nil {
		return m, err
	}
	r, w := io.Pipe()
	handed := make(chan int, 1)
	go func() {
		n, err := writeBatches(ctx, d, have, w)
		handed <- n
		w.CloseWithError(err)
	}()
	body, err = c.stream(ctx, pathGive, r)
	if err != nil {
		r.CloseWithError(errMeet)
		return m, err
	}
	defer body.Close()
	var theirs []int
	if raw, err = io.ReadAll(io.LimitReader(body, 1<<10)); err != nil || wire.Decode(raw, &theirs) != nil {
		return m, errMeet
	}
	m.Handed = <-handed
	return m, nil
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

func (c *Client) stream(ctx context.Context, path string, body io.Reader) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("syncer: request: %w", amana.ErrInvalid)
	}
	req.Header.Set("User-Agent", "") // says nothing of what runs here
	resp, err := c.http.Do(req)
	if err != nil {
		if errors.Is(err, amana.ErrTampered) {
			return nil, fmt.Errorf("syncer: %w", amana.ErrTampered)
		}
		return nil, ErrAway
	}
	if err := kindOfStatus(resp.StatusCode); err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp.Body, nil
}

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
