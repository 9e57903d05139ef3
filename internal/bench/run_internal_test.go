package bench

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"amana/internal/casework"
	"amana/internal/hub"
	"amana/internal/i18n"
	"amana/internal/seal"
	"amana/internal/web"
)

// tiny measures nothing worth knowing, in the time that a test has.
var tiny = scale{cases: 80, rounds: 1, slice: 20 * time.Millisecond, repeats: 1, asks: 60, leaves: 160, synced: 400, devices: 8, step: 2 * time.Second}

// office is casework's as the pages want it; cmd/amana has the same.
type office struct{ *casework.Office }

func (o office) Unlock(ctx context.Context, passphrase []byte) (web.Desk, error) {
	d, err := o.Office.Unlock(ctx, passphrase)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func pages(o *casework.Office) (http.Handler, string, error) {
	const host = "127.0.0.1:7264"
	catalogue, err := i18n.New()
	if err != nil {
		return nil, "", err
	}
	s, err := web.New(web.Config{
		Office: office{o}, Catalogue: catalogue, Now: time.Now, Logger: slog.New(slog.DiscardHandler), Hosts: []string{host},
		Token: func() string { b := seal.Random16(); return hex.EncodeToString(b[:]) },
		Hash:  strings.ToUpper,
	})
	if err != nil {
		return nil, "", err
	}
	return s.Handler(), host, nil
}

// hubHere is a hub in this process.
func hubHere(ctx context.Context, dir, keyFile string) (h HubProcess, err error) {
	raw, err := os.ReadFile(keyFile)
	if err != nil {
		return h, err
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil {
		return h, err
	}
	key, err := seal.ImportHubKey(secret)
	if err != nil {
		return h, err
	}
	store, err := hub.OpenStore(ctx, dir)
	if err != nil {
		return h, err
	}
	own, err := key.Certificate()
	if err != nil {
		return h, err
	}
	s := hub.New(hub.Config{Store: store, Key: key, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	devices, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return h, err
	}
	srv, side := s.HTTP(), httptest.NewServer(s.Operator())
	go srv.Serve(s.Listen(devices, own))
	return HubProcess{PID: os.Getpid(), Address: devices.Addr().String(), Operator: side.Listener.Addr().String(), End: sync.OnceFunc(func() {
		s.Close()
		side.Close()
		_ = errors.Join(srv.Close(), store.Close())
	})}, nil
}

// Every promise has its figure, and nothing is left on the disk.
func TestMeasure(t *testing.T) {
	s := tiny
	if os.Getenv("AMANA_BENCH") == "quick" { // as `amana bench --quick` does
		s = quick
	}
	dir := t.TempDir()
	start := time.Now()
	r, err := measure(t.Context(), Options{Now: time.Now, Dir: dir, Pages: pages, Hub: hubHere, Postgres: os.Getenv("AMANA_POSTGRES")}, s)
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := r.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	t.Logf("in %s:\n%s", time.Since(start), &table)
	for _, want := range []string{
		"durable saves, one writer", "durable saves, 16 writers", "view build", "memory while a view", "search of any word",
		"open a case", "list page", "what can help her now", "unlock and first page", "on the wire", "on the disk", "pages of", "first page with everything",
		"heaviest page", "the whole intake at the server", "the whole intake, compressed", "what follows from an answer", "a full intake saved",
		"effective draws of a number", "graphs of five lists",
		"hub on SQLite, one at a time", "hub on SQLite, 512 at a time", "appended to a hub's log", "two proofs", "handed to a hub", "to a new device",
		"that wait",
	} {
		found := 0
		for _, f := range r.Figures {
			if strings.Contains(f.Name, want) && (f.Value > 0 || want == "that wait") { // of so few, memory may even shrink
				found++
			}
		}
		if found != 1 {
			t.Errorf("%d figures are called %q and are above zero, want one", found, want)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("%d things were left behind, %v", len(left), err)
	}
}

func TestMeasure_leavesNothingWhenStopped(t *testing.T) {
	t.Run("early", func(t *testing.T) { stopped(t, false) })
	t.Run("late", func(t *testing.T) { stopped(t, true) })
}

func stopped(t *testing.T, late bool) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	said := 0
	r, err := measure(ctx, Options{Now: time.Now, Dir: dir, Progress: func(doing string) {
		if said++; said == 3 && !late || late && doing == "searching and opening" {
			stop()
		}
	}}, tiny)
	if err == nil {
		t.Error("a run that was stopped went on")
	}
	if late != (len(r.Figures) > 0) { // what was measured is not lost
		t.Errorf("%d figures", len(r.Figures))
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d things were left behind, %v", len(left), err)
	}
}
