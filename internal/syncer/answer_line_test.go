package syncer_test

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/syncer"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
)

// The answer to a new device's request crosses the slowest line, with and without losses
// and breaks, from where it lies at the hub: nothing of it twice but what a break cut off.
// The clock is a virtual one.
func TestAnswer_overABadLine(t *testing.T) {
	warm(t)
	lines, cases := []*badLine{{rate: 1200, latency: 300 * time.Millisecond, lost: 30, again: 400 * time.Millisecond, breaks: 30 * time.Second}}, 20
	if os.Getenv("AMANA_MEASURE") != "" {
		lines, cases = append(lines, &badLine{rate: 1200, latency: 300 * time.Millisecond, breaks: 30 * time.Second}, &badLine{rate: 1200, latency: 300 * time.Millisecond, breaks: time.Hour}), 400
	}
	for _, line := range lines {
		synctest.Test(t, func(t *testing.T) { answerOverALine(t, line, cases) })
	}
}

func answerOverALine(t *testing.T, line *badLine, cases int) {
	h := newHouse(t)
	for range cases {
		h.open(t, h.admin, "what she said, and what was done for her that day, in some words")
	}
	if err := h.admin.CatchUp(); err != nil {
		t.Fatal(err)
	}
	l := &inMemory{conns: make(chan net.Conn), closed: make(chan struct{})}
	r := &running{hubtest.RunOn(t, hubtest.Config{Hold: 3 * time.Second, Quota: 1 << 20}, l)}
	admin := r.client(t, h.admin)
	admin.DialBy(func() (net.Conn, error) { return l.dial(nil) })
	if err := admin.Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	request, err := vault.RequestPairing(dir)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := vault.ParseRequest(request)
	if err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	made, err := h.admin.PairStart(t.Context(), asked, "field", []amana.MemberID{h.worker}, &answer)
	if err != nil {
		t.Fatal(err)
	}
	n, err := vault.OpenNewcomer(dir)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(answer.Len())
	err = errors.Join(admin.Admit(t.Context(), asked.Device, asked.Verify, false), admin.Begin(t.Context(), n.Name(), size), admin.Send(t.Context(), n.Name(), 0, size, &answer))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(line.all.Wait)
	began := time.Now()
	fetchOver(t, r, l, line, n)
	took := time.Since(began)
	f, err := vault.Fetched(dir)
	if err != nil {
		t.Fatal(err)
	}
	v, _, err := vault.Join(t.Context(), dir, f, []byte(vaulttest.WorkerWords), h.Clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.LockAll(); err != nil {
		t.Fatal(err)
	}
	crossed, opened := line.crossed.Load(), line.opened.Load()
	t.Logf("an answer of %d bytes with %d cases comes in %v, with a loss of %d of a hundred; %d bytes crossed, %d breaks",
		size, made.Cases, took.Round(time.Second), line.lost, crossed, line.broke.Load())
	const connecting, late = 4500, 3 << 10 // bytes: of a connection, and of what is sealed together and not whole when it breaks
	if again := crossed - size - opened*(connecting+late); again > 0 {
		t.Errorf("%d bytes crossed for %d, over %d connections: %d of them twice", crossed, size, opened, again)
	}
}

// fetchOver fetches what was left for a new device over a line.
func fetchOver(t *testing.T, r *running, l *inMemory, line *badLine, n *vault.Newcomer) {
	t.Helper()
	own, err := n.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	c := syncer.NewClient(r.Address, own)
	defer c.Close()
	c.DialBy(func() (net.Conn, error) { return l.dial(line) })
	for {
		got, whole := n.Got()
		if whole {
			return
		}
		body, size, err := c.FetchOn(t.Context(), n.Name(), got)
		if err == nil {
			err = n.Take(size, body, func(int64) {})
			body.Close()
		}
		if err != nil && !errors.Is(err, syncer.ErrAway) {
			t.Fatal(err)
		}
	}
}
