package hub_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

// running is a hub that answers on this machine.
type running struct {
	store  *hub.Store
	server *hub.Server
	key    seal.HubKey
	addr   string
	log    *bytes.Buffer
}

func run(t testing.TB) *running { return runOn(t, t.TempDir()) }

func runOn(t testing.TB, where string) *running {
	t.Helper()
	r := &running{store: open(t, where), key: seal.NewHubKey(), log: &bytes.Buffer{}}
	r.server = hub.New(hub.Config{Store: r.store, Key: r.key, Now: time.Now, Logger: slog.New(slog.NewTextHandler(r.log, nil)), Hold: 200 * time.Millisecond})
	r.listen(t)
	return r
}

// listen begins to answer.
func (r *running) listen(t testing.TB) {
	t.Helper()
	own, err := r.key.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := r.server.HTTP()
	go h.Serve(r.server.Listen(l, own))
	t.Cleanup(func() { h.Close() })
	r.addr = l.Addr().String()
}

// as is a client that shows a device's key.
func (r *running) as(t testing.TB, c *chain) *http.Client {
	t.Helper()
	own, err := c.key.Certificate(c.device.ID)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{TLSClientConfig: seal.ClientConfig(own, r.key.VerifyKey()), MaxIdleConnsPerHost: 64}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func ask(t testing.TB, c *http.Client, method, url string, body io.Reader) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, raw
}

// What is malformed, too large, or asked by who may not, is refused: with a status and
// no more, and nothing of it in the log.
func TestServer_refuses(t *testing.T) {
	r := run(t)
	c := newOrg(t, r.store)
	other := newOrg(t, r.store)
	stranger := newChain(c.org)
	batch := c.next(2)
	good := batch.Append(nil)
	const canary = "Zainabou"
	tests := []struct {
		name   string
		who    *chain
		method string
		path   string
		body   []byte
		want   int
	}{
		{"a stranger reads the log", stranger, "GET", wire.PathLog + "?from=0", nil, 403},
		{"a stranger pushes", stranger, "POST", wire.PathBatch, good, 403},
		{"a stranger enrols without an invitation", stranger, "POST", wire.PathEnrol, wire.Encode(wire.Enrol{Token: make([]byte, 16), Org: amana.OrgID{1}, Device: amana.DeviceID{1}}), 403},
		{"another organisation pushes it", other, "POST", wire.PathBatch, good, 404},
		{"another organisation reads it", other, "GET", wire.PathBatch + "?device=" + c.device.ID.String() + "&from=1", nil, 404},
		{"noise", c, "POST", wire.PathBatch, []byte(canary), 400},
		{"cut short", c, "POST", wire.PathBatch, good[:len(good)-1], 400},
		{"nothing", c, "POST", wire.PathBatch, nil, 400},
		{"an order that is none", c, "POST", wire.PathErase, []byte(canary), 400},
		{"an order without end", c, "POST", wire.PathErase, wire.Encode(wire.Erase{Device: c.device.ID, Seqs: make([]uint64, wire.MostErased+1)}), 413},
		{"a message without end", c, "POST", wire.PathAdmit, make([]byte, wire.LargestMessage+1), 413},
		{"not asked for a number", c, "GET", wire.PathLog + "?from=" + canary, nil, 400},
		{"from the future", c, "GET", wire.PathLog + "?from=99", nil, 409},
		{"no such path", c, "GET", "/" + canary, nil, 404},
		{"another method", c, "DELETE", wire.PathBatch, nil, 405},
		{"as it should be", c, "POST", wire.PathBatch, good, 200},
		{"played again", c, "POST", wire.PathBatch, good, 200},
		{"nothing new", c, "GET", wire.PathLog + "?from=1", nil, 204},
	}
	for _, tt := range tests {
		got, raw := ask(t, r.as(t, tt.who), tt.method, "https://"+r.addr+tt.path, bytes.NewReader(tt.body))
		if got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
		if bytes.Contains(raw, []byte(canary)) {
			t.Errorf("%s: said back", tt.name)
		}
	}
	if n, err := r.store.Size(t.Context(), c.org); n != 1 || err != nil {
		t.Errorf("%d leaves, %v", n, err)
	}
	if strings.Contains(r.log.String(), canary) || strings.Contains(r.log.String(), "127.0.0.1") {
		t.Errorf("logged: %s", r.log)
	}
}

// An empty poll costs little on the wire, and one that waits hears at once.
func TestServer_anEmptyPollIsSmall(t *testing.T) {
	r := run(t)
	c := newOrg(t, r.store)
	own, err := c.key.Certificate(c.device.ID)
	if err != nil {
		t.Fatal(err)
	}
	var sent counter
	tr := &http.Transport{
		TLSClientConfig: seal.ClientConfig(own, r.key.VerifyKey()),
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			return &counting{conn, &sent}, err
		},
	}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr}
	poll := func() {
		if got, _ := ask(t, client, "GET", "https://"+r.addr+wire.PathLog+"?from=0", nil); got != 204 {
			t.Fatalf("%d", got)
		}
	}
	poll() // connects
	before := sent.get()
	const polls = 10
	for range polls {
		poll()
	}
	each := (sent.get() - before) / polls
	t.Logf("an empty poll: %d bytes both ways, TLS included; connecting: %d", each, before)
	if each >= 400 {
		t.Errorf("%d bytes, want under 400", each)
	}
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += n
}

func (c *counter) get() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

type counting struct {
	net.Conn
	n *counter
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.add(n)
	return n, err
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.n.add(n)
	return n, err
}

// A device that begins to send and then drips holds up nobody.
func TestServer_aSlowSenderHoldsUpNobody(t *testing.T) {
	r := run(t)
	slow, other := newOrg(t, r.store), newOrg(t, r.store)
	var ends []*io.PipeWriter
	for range 12 {
		in, out := io.Pipe()
		ends = append(ends, out)
		go func() {
			req, _ := http.NewRequestWithContext(t.Context(), "POST", "https://"+r.addr+wire.PathBatch, in)
			if resp, err := r.as(t, slow).Do(req); err == nil {
				resp.Body.Close()
			}
		}()
		_, _ = out.Write([]byte{0})
	}
	defer func() {
		for _, e := range ends {
			e.Close()
		}
	}()
	client := r.as(t, other)
	for range 5 {
		began := time.Now()
		if got, _ := ask(t, client, "POST", "https://"+r.addr+wire.PathBatch, bytes.NewReader(other.next(1).Append(nil))); got != 200 {
			t.Fatalf("%d", got)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("another organisation waits %v", took)
		}
	}
}

// Answers that are taken slowly have bounds together, as what is sent slowly has.
func TestServer_answersHaveRoom(t *testing.T) {
	r := run(t)
	c := newOrg(t, r.store)
	client, path := r.as(t, c), "https://"+r.addr+wire.PathBatch
	if got, _ := ask(t, client, "POST", path, bytes.NewReader(c.next(3).Append(nil))); got != 200 {
		t.Fatal(got)
	}
	empty, err := r.server.Fill(c.org)
	if err != nil {
		t.Fatal(err)
	}
	path += "?device=" + c.device.ID.String() + "&from=1"
	if got, raw := ask(t, client, "GET", path, nil); got != 429 || len(raw) > 100 {
		t.Errorf("%d, %d bytes, where there is no room", got, len(raw))
	}
	empty()
	if got, _ := ask(t, client, "GET", path, nil); got != 200 {
		t.Errorf("%d, once there is room again", got)
	}
}

// Whoever has no organisation yet is not in the queue of those whom this hub has not seen
// since it began: so strangers who send slowly keep no device out.
func TestServer_strangersAreApart(t *testing.T) {
	r := run(t)
	in, out := io.Pipe()
	defer out.Close()
	go func() {
		req, _ := http.NewRequestWithContext(t.Context(), "POST", "https://"+r.addr+wire.PathEnrol, in)
		if resp, err := r.as(t, newChain(amana.OrgID{9})).Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	_, _ = out.Write([]byte{0})
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		unseen, strangers := r.server.Queues()
		if strangers == 1 && unseen == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d among those who are known, %d strangers", unseen, strangers)
		}
	}
}

// What the operator's monitoring sees names nobody.
func TestOperator_countsNameNobody(t *testing.T) {
	r := run(t)
	c := newOrg(t, r.store)
	ask(t, r.as(t, c), "POST", "https://"+r.addr+wire.PathBatch, bytes.NewReader(c.next(3).Append(nil)))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	side := &http.Server{Handler: r.server.Operator()}
	go side.Serve(l)
	defer side.Close()
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/metrics": "amana_hub_items_total 3"} {
		got, raw := ask(t, http.DefaultClient, "GET", "http://"+l.Addr().String()+path, nil)
		if got != 200 || !bytes.Contains(raw, []byte(want)) {
			t.Errorf("%s: %d %s", path, got, raw)
		}
		if bytes.Contains(raw, []byte(c.org.String())) || bytes.Contains(raw, []byte(c.device.ID.String())) {
			t.Errorf("%s names somebody: %s", path, raw)
		}
	}
	r.store.Close()
	if got, _ := ask(t, http.DefaultClient, "GET", "http://"+l.Addr().String()+"/readyz", nil); got != 503 {
		t.Errorf("without its database: %d", got)
	}
}

// Everything that a hub keeps and is told stands in a file, with what it says: a column
// or a field of a message that is not there fails.
func TestKnows_nothingThatIsNotWritten(t *testing.T) {
	written, err := os.ReadFile("testdata/knows.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for line := range strings.SplitSeq(string(written), "\n") {
		if name, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") {
			known[strings.TrimSpace(name)] = true
		}
	}
	schema, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	table := ""
	for line := range strings.SplitSeq(string(schema), "\n") {
		if m := regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+)`).FindStringSubmatch(line); m != nil {
			table = m[1]
		} else if m := regexp.MustCompile(`^\t(\w+)\s+(BLOB|INTEGER|TEXT)`).FindStringSubmatch(line); m != nil {
			seen = append(seen, table+"."+m[1])
		}
	}
	var source []byte
	for _, name := range []string{"wire/wire.go", "wire/order.go", "wire/mail.go"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, raw...)
	}
	message := ""
	for line := range strings.SplitSeq(string(source), "\n") {
		if m := regexp.MustCompile(`^type (Enrol|Admit|Revoke|Order|Erase|Forget|Claim|Mail|TakenMail) struct`).FindStringSubmatch(line); m != nil {
			message = m[1]
		} else if line == "}" {
			message = ""
		} else if m := regexp.MustCompile(`^\t([A-Z]\w*)\s`).FindStringSubmatch(line); m != nil && message != "" {
			seen = append(seen, message+"."+m[1])
		}
	}
	for _, field := range []string{"Flags", "Epoch", "Nonce", "Entry", "Wraps", "Body"} {
		seen = append(seen, "wire."+field)
	}
	if len(seen) < 25 {
		t.Fatalf("only %d found: the test does not see them", len(seen))
	}
	for _, name := range seen {
		if !known[name] {
			t.Errorf("the hub sees %s, and testdata/knows.txt does not say what that is", name)
		}
	}
	for name := range known {
		if !slices.Contains(seen, name) {
			t.Errorf("testdata/knows.txt has %s, which is gone", name)
		}
	}
	var it journal.Item
	_ = []any{it.Flags, it.Epoch, it.Nonce, it.Entry, it.Wraps, it.Body}
}

// A connection is a guest's, which may have to make room for another, until a device is
// known by it.
func TestServer_whoIsKnownIsNoGuest(t *testing.T) {
	r := run(t)
	c := newOrg(t, r.store)
	path := "https://" + r.addr + wire.PathCheckpoint
	if got, _ := ask(t, r.as(t, newChain(c.org)), "GET", path, nil); got != 403 || r.server.Guests() != 1 {
		t.Errorf("a stranger: %d, and %d guests, want 1", got, r.server.Guests())
	}
	if got, _ := ask(t, r.as(t, c), "GET", path, nil); got != 200 || r.server.Guests() != 1 {
		t.Errorf("a device: %d, and %d guests, want 1 still", got, r.server.Guests())
	}
}

// What an organisation's fetches pay for before they are worked on is what fetches had.
func TestServer_fetchesPayBefore(t *testing.T) {
	r := run(t)
	c := newOrg(t, r.store)
	if _, err := r.store.Push(t.Context(), c.org, c.next(500)); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("https://%s%s?device=%s&from=1", r.addr, wire.PathBatch, c.device.ID)
	before := r.server.FetchOf(c.org)
	got, raw := ask(t, r.as(t, c), "GET", path, nil)
	for range 10 {
		ask(t, r.as(t, c), "GET", path, nil)
	}
	if want, now := float64(len(raw))/(64<<10), r.server.FetchOf(c.org); got != 200 || now == before || now < 0.9*want || now > 1.1*want {
		t.Errorf("%d: a fetch pays %.2f before, want %.2f", got, now, want)
	}
}
