package syncer

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// stalled is how long nothing may come or go before a transfer is held to be broken.
const stalled = 3 * time.Minute

// watched is a body that is given up when it stands still.
type watched struct {
	r    io.Reader
	t    *time.Timer
	done func()
}

// watch returns a context that ends when the body stands still.
func watch(ctx context.Context) (context.Context, *watched) {
	ctx, stop := context.WithCancel(ctx)
	w := &watched{t: time.AfterFunc(stalled, stop)}
	w.done = func() {
		w.t.Stop()
		stop()
	}
	return ctx, w
}

// Read implements [io.Reader].
func (w *watched) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	w.t.Reset(stalled)
	return n, err
}

// Close implements [io.Closer].
func (w *watched) Close() error {
	w.done()
	if c, ok := w.r.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// request sends one request for a file and returns its answer, whose body is still to be
// read.
func (c *Client) request(ctx context.Context, method, path string, header map[string]string, n int64, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("syncer: request: %w", amana.ErrInvalid)
	}
	req.ContentLength = n
	plain(req)
	req.Header.Set("Tus-Resumable", wire.TusVersion)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := c.files.Do(req)
	switch {
	case err == nil:
		return resp, nil
	case errors.Is(err, amana.ErrTampered), errors.Is(err, amana.ErrLocked), errors.Is(err, amana.ErrStorage):
		return nil, fmt.Errorf("syncer: %w", kindIn(err))
	}
	return nil, ErrAway
}

// short sends a request whose answer has no body that matters.
func (c *Client) short(ctx context.Context, method, path string, header map[string]string, n int64, body io.Reader) (http.Header, int, error) {
	ctx, w := watch(ctx)
	defer w.done()
	var sent io.Reader
	if body != nil {
		w.r = body
		sent = struct{ io.Reader }{w} // whose end is not the request's
	}
	resp, err := c.request(ctx, method, path, header, n, sent)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<10)) // so that the connection can be used again
	return resp.Header, resp.StatusCode, nil
}

func kindOfFileStatus(status int) error {
	switch status {
	case http.StatusCreated, http.StatusPartialContent:
		return nil
	case http.StatusGone:
		return ErrForgotten
	}
	return kindOfStatus(status)
}

// Standing implements [FileStore].
func (c *Client) Standing(ctx context.Context, name seal.Hash) (got, size int64, err error) {
	h, status, err := c.short(ctx, http.MethodHead, wire.FilePath(name), nil, 0, nil)
	if err == nil {
		err = kindOfFileStatus(status)
	}
	if err != nil {
		return 0, 0, err
	}
	got, err = strconv.ParseInt(h.Get("Upload-Offset"), 10, 64)
	size, sizeErr := strconv.ParseInt(h.Get("Upload-Length"), 10, 64)
	if err != nil || sizeErr != nil || got < 0 || got > size {
		return 0, 0, ErrAway // somebody else answers
	}
	return got, size, nil
}

// Begin implements [FileStore].
func (c *Client) Begin(ctx context.Context, name seal.Hash, size int64) error {
	text := strings.TrimPrefix(wire.FilePath(name), wire.PathFiles)
	_, status, err := c.short(ctx, http.MethodPost, wire.PathFiles, map[string]string{
		"Upload-Length":   strconv.FormatInt(size, 10),
		"Upload-Metadata": "name " + base64.StdEncoding.EncodeToString([]byte(text)),
	}, 0, nil)
	switch {
	case err != nil:
		return err
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return ErrNoFiles
	case status == http.StatusRequestEntityTooLarge:
		return ErrNoRoom // for this one, ever
	}
	return kindOfFileStatus(status)
}

// Send implements [FileStore].
func (c *Client) Send(ctx context.Context, name seal.Hash, at, n int64, r io.Reader) error {
	_, status, err := c.short(ctx, http.MethodPatch, wire.FilePath(name), map[string]string{
		"Upload-Offset": strconv.FormatInt(at, 10), "Content-Type": "application/offset+octet-stream",
	}, n, io.NopCloser(r))
	if err != nil {
		return err
	}
	return kindOfFileStatus(status)
}

// Fetch implements [FileStore].
func (c *Client) Fetch(ctx context.Context, name seal.Hash, from, size int64) (io.ReadCloser, error) {
	body, all, err := c.FetchOn(ctx, name, from)
	if err == nil && all != size {
		body.Close()
		return nil, ErrLength
	}
	return body, err
}

// ErrLength: what lies under a name is not as long as it was, or should be.
var ErrLength = fmt.Errorf("syncer: a file of another length: %w", amana.ErrTampered)

// FetchOn is Fetch for who does not know how long the file is, and is told. Kinds: those of
// Fetch; ErrTampered where the file ends before that place, or all of it is another.
func (c *Client) FetchOn(ctx context.Context, name seal.Hash, from int64) (body io.ReadCloser, size int64, err error) {
	ctx, w := watch(ctx)
	header := map[string]string{}
	if from > 0 {
		header["Range"] = fmt.Sprintf("bytes=%d-", from)
	}
	resp, err := c.request(ctx, http.MethodGet, wire.FilePath(name), header, 0, nil)
	if err != nil {
		w.done()
		return nil, 0, err
	}
	want := http.StatusOK
	if from > 0 {
		want = http.StatusPartialContent
	}
	size = from + resp.ContentLength
	begins := from == 0 || resp.Header.Get("Content-Range") == fmt.Sprintf("bytes %d-%d/%d", from, size-1, size)
	err = kindOfFileStatus(resp.StatusCode)
	switch {
	case err != nil:
	case resp.StatusCode != want, !begins, resp.ContentLength < 0:
		err = ErrLength
	default:
		w.r = away{resp.Body}
		return w, size, nil
	}
	w.done()
	resp.Body.Close()
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		err = ErrLength
	}
	return nil, 0, err
}

// away makes what the network says one error.
type away struct{ io.ReadCloser }

func (a away) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = ErrAway
	}
	return n, err
}

// Drop has the hub drop what lies under a name, so that the true file can be left there.
// A hub of before cannot.
func (c *Client) Drop(ctx context.Context, name seal.Hash) error {
	_, status, err := c.short(ctx, http.MethodDelete, wire.FilePath(name), nil, 0, nil)
	if err == nil && status != http.StatusNoContent {
		err = kindOfFileStatus(status)
	}
	return err
}

// Forget implements [FileStore].
func (c *Client) Forget(ctx context.Context, names []seal.Hash) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathForget, wire.Encode(wire.Forget{Names: names}), 1<<10)
	if errors.Is(err, amana.ErrNotFound) {
		return nil // a hub that takes no files has none
	}
	return err
}
