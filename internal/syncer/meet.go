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
)

// Met says what came of a meeting, for one side.
type Met struct {
	Taken, Left, Handed int // entries
}

// Host listens for other devices.
type Host struct {
	Device Device
	// Knows reports whether a key is that of a device that may come.
	Knows func(seal.VerifyKey) bool
	// Done is told after each visit that came to its end.
	Done func(context.Context, Met)

	listener net.Listener
	server   *http.Server
	turn     sync.Mutex // one visitor at a time
	handed   int        // guarded by turn: to who is here now
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
	if err := h.server.Close(); err != nil {
		return fmt.Errorf("syncer: %w", amana.ErrStorage)
	}
	return nil
}

func (h *Host) known(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusForbidden
		if r.TLS != nil && len(r.TLS.PeerCertificates) == 1 {
			if key, err := seal.KeyOf([][]byte{r.TLS.PeerCertificates[0].Raw}); err == nil && h.Knows(key) {
				h.turn.Lock()
				defer h.turn.Unlock()
				if do(w, r) == nil {
					return
				}
				status = http.StatusServiceUnavailable
			}
		}
		http.Error(w, http.StatusText(status), status) // too late where an answer was begun: who asked sees no end of it
	}
}

func (h *Host) have(w http.ResponseWriter, _ *http.Request) error {
	_, _ = w.Write(wire.Encode(h.Device.Have())) // who went away hears nothing
	return nil
}

// take hands over what the other lacks.
func (h *Host) take(w http.ResponseWriter, r *http.Request) error {
	raw, err := io.ReadAll(io.LimitReader(r.Body, wire.LargestMessage))
	if err != nil {
		return errMeet
	}
	have := map[amana.DeviceID]uint64{}
	if err := wire.Decode(raw, &have); err != nil {
		return err
	}
	h.handed, err = writeBatches(r.Context(), h.Device, have, w)
	return err
}

// give takes in what this one lacks.
func (h *Host) give(w http.ResponseWriter, r *http.Request) error {
	next := readBatches(r.Body)
	taken, left, err := h.Device.Import(r.Context(), next)
	if err != nil {
		return err
	}
	_, _ = w.Write(wire.Encode([]int{taken, left})) // who went away hears nothing
	if h.Done != nil {
		h.Done(r.Context(), Met{Taken: taken, Left: left, Handed: h.handed})
	}
	h.handed = 0
	return nil
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

// Visit goes to a device that listens, and exchanges both ways. Kinds: ErrAway;
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
