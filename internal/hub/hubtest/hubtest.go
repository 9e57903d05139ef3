// Package hubtest runs a hub for tests: the one that is shipped, on a database of its own,
// behind TLS on this machine.
package hubtest

import (
	"log/slog"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// Config is what a test wants of its hub; the zero Config is a hub on SQLite that takes
// no files.
type Config struct {
	Where  string        // its folder, or the address of a database; empty: a folder of the test
	Key    *seal.HubKey  // its key; nil: a new one
	Hold   time.Duration // how long it keeps waiting; zero: a tenth of a second
	Most   int64         // bytes of entries of an organisation; zero: as many as it brings
	Quota  int64         // bytes of files that it takes of an organisation; zero: none
	Logger *slog.Logger
	// Over puts something over what it answers.
	Over func(http.Handler) http.Handler
}

// Hub is a hub that answers.
type Hub struct {
	wire.Invitation // one that was not used yet
	Store           *hub.Store
	HubKey          seal.HubKey
	Where           string
	ends            []func() error
}

// Close ends it before the test does, with everything in its database's own file.
func (h *Hub) Close() {
	for _, end := range slices.Backward(h.ends) {
		_ = end()
	}
	h.ends = nil
}

// Run starts a hub; it ends with the test.
func Run(t testing.TB, c Config) *Hub {
	t.Helper()
	return RunOn(t, c, listen(t))
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens as long as the test runs
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// RunOn is Run on a listener.
func RunOn(t testing.TB, c Config, l net.Listener) *Hub {
	t.Helper()
	if c.Where == "" {
		c.Where = t.TempDir()
	}
	store, err := hub.OpenStore(t.Context(), c.Where)
	if err != nil {
		t.Fatal(err)
	}
	store.Quota = c.Most
	if c.Key == nil {
		key := seal.NewHubKey()
		c.Key = &key
	}
	h := &Hub{Store: store, HubKey: *c.Key, Where: c.Where, ends: []func() error{store.Close}}
	t.Cleanup(h.Close)
	h.Host = h.serve(t, c, l)
	h.Invitation = h.Invite(t)
	return h
}

// Serve answers at one more address for the same database and key, and returns it.
func (h *Hub) Serve(t testing.TB, c Config) (address string) {
	t.Helper()
	return h.serve(t, c, listen(t))
}

func (h *Hub) serve(t testing.TB, c Config, l net.Listener) (address string) {
	t.Helper()
	clock := time.Now //nolint:forbidigo // the network's deadlines go by the machine's clock
	config := hub.Config{Store: h.Store, Key: h.HubKey, Now: clock, Logger: c.Logger, Hold: c.Hold}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Hold == 0 {
		config.Hold = 100 * time.Millisecond
	}
	if c.Quota > 0 {
		config.Files = hub.NewFiles(h.Store, nil, hub.FilesConfig{Quota: c.Quota, Largest: 1 << 30, Now: clock, Logger: config.Logger})
	}
	own, err := h.HubKey.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	server := hub.New(config)
	srv := server.HTTP()
	if c.Over != nil {
		srv.Handler = c.Over(srv.Handler)
	}
	go srv.Serve(server.Listen(l, own)) //nolint:errcheck // it ends with the test
	h.ends = append(h.ends, srv.Close)
	return l.Addr().String()
}

// Invite makes an invitation that was not used yet.
func (h *Hub) Invite(t testing.TB) wire.Invitation {
	t.Helper()
	i := wire.Invitation{Address: wire.Address{Host: h.Host, Key: h.HubKey.VerifyKey(), Note: h.HubKey.NoteKey()}, Token: seal.Random16()}
	if err := h.Store.Invite(t.Context(), i.Token); err != nil {
		t.Fatal(err)
	}
	return i
}
