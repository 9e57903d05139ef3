package syncer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

// ErrAway: the hub could not be reached, or did not answer to the end. What is not done
// is done the next time.
var ErrAway = errors.New("syncer: the hub cannot be reached")

// Client reaches a hub over the network. It knows the hub by its key.
type Client struct {
	base  string
	http  *http.Client
	files *http.Client // without a limit of time: a file may take hours
	items int          // how many to ask for at once; see Batch
	// broken is what came of an answer that broke off.
	broken struct {
		path, tag string
		raw       []byte
	}
}

// NewClient returns a client of the hub at an address for a device that shows own.
func NewClient(to wire.Address, own seal.Certificate) *Client {
	t := &http.Transport{
		TLSClientConfig: seal.ClientConfig(own, to.Key), TLSHandshakeTimeout: time.Minute,
		DialContext:         (&net.Dialer{Timeout: time.Minute}).DialContext,
		MaxIdleConnsPerHost: 2, IdleConnTimeout: 4 * time.Minute, DisableCompression: true,
		Proxy: func(*http.Request) (*url.URL, error) { return wayTo(to.Host), nil },
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		base:  "https://" + to.Host,
		http:  &http.Client{Timeout: 10 * time.Minute, Transport: t, CheckRedirect: stay}, // of one request; what breaks off goes on at the next item
		files: &http.Client{Transport: t, CheckRedirect: stay},
	}
}

// torSocks is where Tor listens on a computer that it runs on.
var torSocks = "127.0.0.1:9050"

// wayTo is the proxy that leads to a host: Tor, which finds the name itself, for an onion
// service; none for any other. What the environment says of proxies is of browsers.
func wayTo(host string) *url.URL {
	name, _, err := net.SplitHostPort(host)
	if err != nil || !strings.HasSuffix(strings.ToLower(name), ".onion") {
		return nil
	}
	return &url.URL{Scheme: "socks5h", Host: torSocks}
}

// Close ends its connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) ask(ctx context.Context, method, path string, body []byte, largest int64) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, fmt.Errorf("syncer: request: %w", amana.ErrInvalid)
	}
	resp, err := c.do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	if err != nil || int64(len(raw)) > largest {
		return nil, 0, ErrAway
	}
	err = kindOfStatus(resp.StatusCode)
	if resp.StatusCode == http.StatusForbidden {
		err = endedBy(raw, err)
	}
	return raw, resp.StatusCode, err
}

// do asks; its error is without the address, which the network's has.
func (c *Client) do(req *http.Request) (*http.Response, error) {
	plain(req)
	resp, err := c.http.Do(req)
	switch {
	case err == nil:
		return resp, nil
	case errors.Is(err, amana.ErrTampered) || req.Context().Err() != nil:
		return nil, fmt.Errorf("syncer: %w", errors.Join(req.Context().Err(), kindIn(err)))
	default:
		return nil, ErrAway
	}
}

// plain leaves out what nobody needs: what runs here, and the name of a host that is known
// by its key.
func plain(req *http.Request) {
	req.Header.Set("User-Agent", "")
	req.Host = "hub"
}

func kindIn(err error) error {
	for _, kind := range []error{amana.ErrTampered, amana.ErrLocked, amana.ErrStorage} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}

func kindOfStatus(status int) error {
	switch status {
	case http.StatusOK, http.StatusNoContent:
		return nil
	case http.StatusForbidden:
		return fmt.Errorf("syncer: the hub does not let this device in: %w", amana.ErrRefused)
	case http.StatusNotFound:
		return fmt.Errorf("syncer: the hub has nothing of that: %w", amana.ErrNotFound)
	case http.StatusConflict:
		return fmt.Errorf("syncer: the hub lacks what comes before: %w", amana.ErrConflict)
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return fmt.Errorf("syncer: the hub does not take it: %w", amana.ErrInvalid)
	case http.StatusInsufficientStorage:
		return ErrNoRoom
	case http.StatusTooManyRequests:
		return errLater
	default:
		return ErrAway
	}
}

// Enrol begins the organisation at the hub.
func (c *Client) Enrol(ctx context.Context, token [16]byte, org amana.OrgID, device amana.DeviceID) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathEnrol, wire.Encode(wire.Enrol{Token: token[:], Org: org, Device: device}), 1<<10)
	return err
}

// Admit lets another device in.
func (c *Client) Admit(ctx context.Context, device amana.DeviceID, key seal.VerifyKey, steward bool) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathAdmit, wire.Encode(wire.Admit{Device: device, Verify: key[:], Steward: steward}), 1<<10)
	return err
}

// Revoke ends another device at the hub, at once.
func (c *Client) Revoke(ctx context.Context, device amana.DeviceID) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathRevoke, wire.Encode(wire.Revoke{Device: device}), 1<<10)
	return err
}

// Log implements [Hub].
func (c *Client) Log(ctx context.Context, from uint64, wait bool) (*wire.Log, error) {
	path := wire.PathLog + "?from=" + strconv.FormatUint(from, 10)
	if wait {
		path += waiting(ctx)
	}
	raw, status, err := c.ask(ctx, http.MethodGet, path, nil, 1<<20)
	if err != nil || status == http.StatusNoContent {
		return nil, err
	}
	var l wire.Log
	return &l, wire.Decode(raw, &l)
}

// News implements [Newsagent]. A hub of the version before gives its log instead.
func (c *Client) News(ctx context.Context, from uint64) (*wire.News, *wire.Log, error) {
	path := wire.PathLog + "?from=" + strconv.FormatUint(from, 10) + waiting(ctx) + "&with=" + strconv.Itoa(withNews)
	raw, status, err := c.ask(ctx, http.MethodGet, path, nil, 1<<20)
	if err != nil || status == http.StatusNoContent {
		return nil, nil, err
	}
	var n wire.News
	if err := wire.Decode(raw, &n); err == nil {
		return &n, nil, nil
	}
	var l wire.Log
	return nil, &l, wire.Decode(raw, &l)
}

// withNews is how many bytes of items may come with news.
const withNews = 8 << 10

// AnswerTime is how long before the end of a wait the hub is asked to answer.
const AnswerTime = 5 * time.Second

// waiting asks the hub to wait. A wait ends with ctx; the hub is told how long that is, so
// that it answers in time and the connection stays.
func waiting(ctx context.Context) string {
	if until, ends := ctx.Deadline(); ends {
		return "&wait=1&for=" + strconv.Itoa(max(1, int((time.Until(until)-AnswerTime).Seconds())))
	}
	return "&wait=1"
}

// Batch implements [Hub]. Like what is handed over, what is brought begins small.
func (c *Client) Batch(ctx context.Context, device amana.DeviceID, from uint64) (journal.Batch, error) {
	if c.items == 0 {
		c.items = firstItems
	}
	path := wire.PathBatch + "?device=" + device.String() + "&from=" + strconv.FormatUint(from, 10) + "&n=" + strconv.Itoa(c.items)
	raw, err := c.fetch(ctx, path, wire.LargestBatch)
	if err != nil {
		if len(c.broken.raw) == 0 {
			c.items = 0
		}
		return journal.Batch{}, err
	}
	c.items = min(2*c.items, wire.MostAtOnce)
	return journal.ReadBatch(raw)
}

// firstItems is how many items are asked for first.
const firstItems = 16

// fetch gets what is asked for. Where the line breaks off in the middle it goes on from
// there, for as long as each time something comes, and when it is asked again.
func (c *Client) fetch(ctx context.Context, path string, largest int64) ([]byte, error) {
	if c.broken.path != path {
		c.broken.path, c.broken.tag, c.broken.raw = path, "", nil
	}
	for {
		before := len(c.broken.raw)
		status, err := c.more(ctx, largest)
		switch {
		case err == nil:
			raw := c.broken.raw
			c.broken.path, c.broken.tag, c.broken.raw = "", "", nil
			return raw, kindOfStatus(status)
		case !errors.Is(err, ErrAway) || len(c.broken.raw) <= before:
			return nil, err
		}
	}
}

// more gets what follows of what broke off.
func (c *Client) more(ctx context.Context, largest int64) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+c.broken.path, nil)
	if err != nil {
		return 0, fmt.Errorf("syncer: request: %w", amana.ErrInvalid)
	}
	if len(c.broken.raw) > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", len(c.broken.raw)))
		req.Header.Set("If-Range", c.broken.tag)
	}
	resp, err := c.do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if status = resp.StatusCode; status == http.StatusPartialContent {
		status = http.StatusOK
	} else {
		c.broken.raw = nil // it is another by now
	}
	more, err := io.ReadAll(io.LimitReader(resp.Body, largest+1-int64(len(c.broken.raw))))
	c.broken.raw, c.broken.tag = append(c.broken.raw, more...), resp.Header.Get("Etag")
	if err != nil && c.broken.tag == "" || int64(len(c.broken.raw)) > largest {
		c.broken.raw = nil // nothing that could be gone on with
	}
	if err != nil || c.broken.raw == nil && len(more) > 0 {
		return 0, ErrAway
	}
	return status, nil
}

// Push implements [Hub]. A hub of the version before says only the size.
func (c *Client) Push(ctx context.Context, b journal.Batch, known uint64) (p wire.Pushed, err error) {
	raw, _, err := c.ask(ctx, http.MethodPost, wire.PathBatch+"?from="+strconv.FormatUint(known, 10), b.Append(nil), 1<<20)
	if err != nil {
		return p, err
	}
	if err := wire.Decode(raw, &p.Size); err == nil {
		return p, nil
	}
	return p, wire.Decode(raw, &p)
}

// Proof implements [Hub].
func (c *Client) Proof(ctx context.Context, old uint64) (tlog.TreeProof, []byte, error) {
	raw, _, err := c.ask(ctx, http.MethodGet, wire.PathProof+"?old="+strconv.FormatUint(old, 10), nil, 1<<20)
	if err != nil {
		return nil, nil, err
	}
	var p wire.Proof
	if err := wire.Decode(raw, &p); err != nil {
		return nil, nil, err
	}
	proof := make(tlog.TreeProof, 0, len(p.Hashes))
	for _, h := range p.Hashes {
		if len(h) != tlog.HashSize {
			return nil, nil, fmt.Errorf("syncer: proof: %w", amana.ErrInvalid)
		}
		proof = append(proof, tlog.Hash(h))
	}
	return proof, p.Checkpoint, nil
}

// Erase implements [Hub].
func (c *Client) Erase(ctx context.Context, device amana.DeviceID, seqs []uint64) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathErase, wire.Encode(wire.Erase{Device: device, Seqs: seqs}), 1<<10)
	return err
}

func sortMissing(list []missing) {
	slices.SortFunc(list, func(a, b missing) int {
		return cmp.Or(cmp.Compare(a.upTo-a.from, b.upTo-b.from), bytes.Compare(a.device[:], b.device[:]))
	})
}
