package hub_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// cutBody counts what a client reads of a body to send it, and stops before it gives more
// than most bytes, until it is let go.
type cutBody struct {
	from io.Reader
	most int
	n    int
	full chan struct{} // closed when most have been given
	goOn chan struct{}
}

func newCutBody(b []byte, most int) *cutBody {
	return &cutBody{from: bytes.NewReader(b), most: most, full: make(chan struct{}), goOn: make(chan struct{})}
}

func (c *cutBody) Read(b []byte) (int, error) {
	if c.n == c.most {
		close(c.full)
		<-c.goOn
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.from.Read(b[:min(len(b), c.most-c.n)])
	c.n += n
	return n, err
}

// A hub that is killed in the middle of an upload has what it said it had; what follows
// is sent, and not the whole again.
func TestKill_inMidUpload(t *testing.T) {
	where := t.TempDir()
	store, r := open(t, where), newHubProcess(t, where)
	org := newOrg(t, store)
	client := r.as(t, org)
	name, b := seal.Hash{9}, noise(9, 12<<20)
	const lost = 1 << 20 // less than a piece each time
	sent, at, kills := 0, 0, 0
	for at < len(b) {
		r.start(t)
		client.CloseIdleConnections()
		if status := r.begin(t, client, name, len(b)); status != 201 {
			t.Fatal(status)
		}
		status, n := r.got(t, client, name)
		if status != 200 || n < at {
			t.Fatalf("status %d, %d bytes are there after %d were", status, n, at)
		}
		at = n
		body := newCutBody(b[at:], 5<<20)
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.patch(t, client, name, at, body)
		}()
		select {
		case <-done:
			_, at = r.got(t, client, name)
		case <-body.full:
			kills++
			waitForGot(t, store, org.org, name, at+body.n-lost) // all that is whole pieces
		case <-time.After(time.Minute):
			t.Fatal("nothing is taken")
		}
		if at == len(b) {
			status, raw := ask(t, client, "GET", "https://"+r.addr+wire.FilePath(name), nil)
			if status != 200 || !bytes.Equal(raw, b) {
				t.Errorf("status %d, %d bytes of %d came back", status, len(raw), len(b))
			}
		}
		r.kill()
		close(body.goOn)
		<-done
		sent += body.n
		if kills > 20 {
			t.Fatal("it does not get across")
		}
	}
	if most := len(b) + kills*lost; kills < 2 || sent < len(b) || sent > most {
		t.Errorf("killed %d times, %d bytes were sent for %d, want %d at most", kills, sent, len(b), most)
	}
}

// waitForGot waits until the database has more than some bytes of a file.
func waitForGot(t *testing.T, store *hub.Store, org amana.OrgID, name seal.Hash, least int) {
	t.Helper()
	var n int64
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var err error
		if n, err = hub.Got(t.Context(), store, org, name); err != nil {
			t.Fatal(err)
		}
		if n >= int64(least) {
			return
		}
	}
	t.Fatalf("the hub has %d bytes, want %d", n, least)
}
