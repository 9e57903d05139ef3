package hub_test

import (
	"bytes"
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// slowBody counts what a client reads of a body to send it.
type slowBody struct {
	*bytes.Reader
	n int
}

func (c *slowBody) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b[:min(len(b), 32<<10)])
	c.n += n
	time.Sleep(200 * time.Microsecond) // so that it is killed in between
	return n, err
}

// A hub that is killed in the middle of an upload has what it said it had; what follows
// is sent, and not the whole again.
func TestKill_inMidUpload(t *testing.T) {
	where := t.TempDir()
	store, key := open(t, where), seal.NewHubKey()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &running{store: store, key: key, addr: l.Addr().String()}
	l.Close()
	start := func() *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "AMANA_TEST_HUB="+where, "AMANA_TEST_KEY="+hex.EncodeToString(key.Export()), "AMANA_TEST_ADDR="+r.addr)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for range 200 {
			if c, err := net.Dial("tcp", r.addr); err == nil {
				c.Close()
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		return c
	}
	org := newOrg(t, store)
	client := r.as(t, org)
	name, b := seal.Hash{9}, noise(9, 12<<20)
	sent, at, kills := 0, 0, 0
	for at < len(b) {
		c := start()
		client.CloseIdleConnections()
		if status := r.begin(t, client, name, len(b)); status != 201 {
			t.Fatal(status)
		}
		status, n := r.got(t, client, name)
		if status != 200 || n < at {
			t.Fatalf("status %d, %d bytes are there after %d were", status, n, at)
		}
		at = n
		body := &slowBody{Reader: bytes.NewReader(b[at:])}
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.patch(t, client, name, at, body)
		}()
		select {
		case <-done:
			_, at = r.got(t, client, name)
		case <-time.After(60 * time.Millisecond):
			kills++
		}
		if at == len(b) {
			status, raw := ask(t, client, "GET", "https://"+r.addr+wire.FilePath(name), nil)
			if status != 200 || !bytes.Equal(raw, b) {
				t.Errorf("status %d, %d bytes of %d came back", status, len(raw), len(b))
			}
		}
		_ = c.Process.Signal(syscall.SIGKILL)
		_ = c.Wait()
		<-done
		sent += body.n
		if kills > 60 {
			t.Fatal("it does not get across")
		}
	}
	if most := len(b) + kills*(3<<20); kills < 2 || sent > most {
		t.Errorf("killed %d times, %d bytes were sent for %d, want %d at most", kills, sent, len(b), most)
	}
}
