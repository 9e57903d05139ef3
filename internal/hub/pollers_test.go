package hub_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// resident is how much memory a process has, in bytes.
func (p *hubProcess) resident(t testing.TB) int {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		t.Skip("this system does not tell")
	}
	_, after, _ := strings.Cut(string(raw), "VmRSS:")
	var kb int
	if _, err := fmt.Sscan(after, &kb); err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// tidy is how much memory it has once what it does not use is given back.
func (p *hubProcess) tidy(t testing.TB) int {
	t.Helper()
	least := p.resident(t)
	for range 3 {
		_ = p.Process.Signal(syscall.SIGUSR1)
		time.Sleep(150 * time.Millisecond)
		least = min(least, p.resident(t))
	}
	return least
}

// poller waits for news over a connection of its own, again and again, and counts what
// it hears.
func poller(ctx context.Context, p *hubProcess, c *tls.Config, waits, heard *atomic.Int64) error {
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.addr)
	if err != nil {
		return err
	}
	conn := tls.Client(raw, c)
	defer conn.Close()
	context.AfterFunc(ctx, func() { conn.Close() })
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	in := bufio.NewReaderSize(conn, 512)
	for from := 0; ctx.Err() == nil; {
		if _, err := fmt.Fprintf(conn, "GET %s?from=%d&wait=1 HTTP/1.1\r\nHost: h\r\n\r\n", wire.PathLog, from); err != nil {
			return err
		}
		waits.Add(1)
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusOK:
			from = 1
			heard.Add(1)
		case http.StatusNoContent:
			waits.Add(-1)
		default:
			return fmt.Errorf("status %d", resp.StatusCode)
		}
	}
	return nil
}

// Many devices that wait for news cost little memory each, before they hear and after,
// and all of them hear. AMANA_MEASURE=1: 10,000 of them.
func TestServer_manyWait(t *testing.T) {
	n := 400
	if os.Getenv("AMANA_MEASURE") != "" {
		n = 10_000
	}
	t.Setenv("AMANA_TEST_RATE", "100000") // all of them are of one organisation here, and come at once
	where := t.TempDir()
	p := startHub(t, where)
	p.store = open(t, where)
	first := newOrg(t, p.store)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	client := p.as(t, first)
	ask(t, client, "GET", "https://"+p.addr+wire.PathLog+"?from=0", nil)
	before := p.tidy(t)
	var waits, heard atomic.Int64
	settled := func(count *atomic.Int64, want int) {
		t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); count.Load() < int64(want); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) || t.Failed() {
				t.Fatalf("%d of %d", count.Load(), want)
			}
		}
	}
	for i := range n {
		c := newChain(first.org)
		if err := p.store.Admit(ctx, first.device, c.device); err != nil {
			t.Fatal(err)
		}
		own, err := c.key.Certificate(c.device.ID)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if err := poller(ctx, p, seal.ClientConfig(own, p.key.VerifyKey()), &waits, &heard); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		})
		settled(&waits, i-31) // so many connect at once
	}
	settled(&waits, n)
	asIs := p.resident(t)
	waiting := p.tidy(t)
	t.Logf("%d devices wait: %d bytes each; %d before the memory of connecting is given back", n, (waiting-before)/n, (asIs-before)/n)
	began := time.Now()
	if got, _ := ask(t, client, "POST", "https://"+p.addr+wire.PathBatch, bytes.NewReader(first.next(1).Append(nil))); got != 200 {
		t.Fatalf("%d", got)
	}
	settled(&heard, n)
	took := time.Since(began)
	settled(&waits, 2*n)
	again := p.tidy(t)
	t.Logf("all heard within %v, and wait again: %d bytes each", took, (again-before)/n)
	for _, now := range []int{waiting, again} {
		if each := (now - before) / n; each > 30<<10 {
			t.Errorf("%d bytes a device, want under 30 KB", each)
		}
	}
}
