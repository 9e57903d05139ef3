package syncer_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// firstVersion makes a hub answer as the first version did: it knows neither how many
// items are asked for at once nor where a line broke off, how long somebody waits nor what
// may come with an answer.
func firstVersion(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		for _, later := range []string{"n", "for", "with"} {
			q.Del(later)
		}
		if r.Method == http.MethodPost {
			q.Del("from")
		}
		r.URL.RawQuery = q.Encode()
		r.Header.Del("Range")
		r.Header.Del("If-Range")
		h.ServeHTTP(withoutTag{w}, r)
	})
}

type withoutTag struct{ http.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (w withoutTag) WriteHeader(status int) {
	w.Header().Del("Etag")
	w.ResponseWriter.WriteHeader(status)
}

// A device works with a hub of the version before, and a hub with devices of the version
// before: what they ask for is written down here as it was.
func TestSync_oneVersionApart(t *testing.T) {
	h := newHouse(t)
	r := run(t, t.TempDir())
	before := r.by(r.Serve(t, hubtest.Config{Hold: time.Second, Over: firstVersion}))

	if err := before.client(t, h.admin).Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	field, other := admitted(t, h, r), admitted(t, h, r)
	mustSync(t, before.syncer(t, h.admin))
	a, b := before.syncer(t, field), before.syncer(t, other)
	mustSync(t, a)
	const n = 40
	for range n {
		h.open(t, field, "orchard")
	}
	mustSync(t, a)
	mustSync(t, b)
	if got := cases(t, other); got != n {
		t.Errorf("a new device at an old hub: %d cases of %d", got, n)
	}

	b.Memory = &syncer.Memory{}
	for _, news := range []bool{false, true} {
		if news {
			h.open(t, field, "river")
			mustSync(t, a)
		}
		size := b.State.Log.Size
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		if err := b.Wait(ctx); err != nil || (b.State.Log.Size > size) != news {
			t.Errorf("waiting at an old hub, news %v: %v", news, err)
		}
		stop()
	}
	if got := mustSync(t, b).Pulled; got != 1 {
		t.Errorf("%d came with the news of an old hub", got)
	}

	cert, err := field.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{TLSClientConfig: seal.ClientConfig(cert, r.Key)}
	defer tr.CloseIdleConnections()
	ask := func(path string, want int) []byte {
		t.Helper()
		resp, err := (&http.Client{Transport: tr}).Get("https://" + r.Host + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != want {
			t.Fatalf("%s: %d, %v", path, resp.StatusCode, err)
		}
		return raw
	}
	var log wire.Log
	if err := wire.Decode(ask("/v1/log?from=0", 200), &log); err != nil || len(log.Leaves) < 3 {
		t.Fatalf("%d leaves, %v", len(log.Leaves), err)
	}
	upTo := map[amana.DeviceID]uint64{}
	for _, leaf := range log.Leaves {
		upTo[leaf.Device] = leaf.Seq
	}
	for device, last := range upTo {
		for from := uint64(1); from <= last; {
			batch, err := journal.ReadBatch(ask("/v1/batch?device="+device.String()+"&from="+strconv.FormatUint(from, 10), 200))
			if err != nil || batch.First != from {
				t.Fatalf("an old device: from %d: %v", from, err)
			}
			from = batch.Last() + 1
		}
	}
	ask("/v1/log?from="+strconv.FormatUint(log.Size, 10)+"&wait=1", 204)
	ask("/v1/checkpoint", 200)
	ask("/v1/proof?old=1", 200)
	ask("/v1/proof?leaf=0", 200)
}
