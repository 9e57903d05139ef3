package hub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// counts are what the operator's monitoring sees: nothing of who.
type counts struct {
	items atomic.Uint64 // accepted

	mu       sync.Mutex // guards requests
	requests map[countKey]*count
}

type countKey struct {
	route  string
	status int
}

type count struct {
	n    uint64
	took time.Duration
}

func (c *counts) request(route string, status int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests == nil {
		c.requests = map[countKey]*count{}
	}
	k := countKey{route, status}
	if c.requests[k] == nil {
		c.requests[k] = &count{}
	}
	c.requests[k].n++
	c.requests[k].took += took
}

// fullness remembers that a disk had no room.
type fullness struct {
	at atomic.Int64 // nanoseconds since 1970; zero: something was taken in since
}

// fullFor is for how long a hub says so, where nobody tries again.
const fullFor = time.Minute

func (f *fullness) failed(err error, now time.Time) {
	if diskFull(err) {
		f.at.Store(now.UnixNano())
	}
}

func (f *fullness) worked() { f.at.Store(0) }

func (f *fullness) lately(now time.Time) bool {
	at := f.at.Load()
	return at != 0 && now.Sub(time.Unix(0, at)).Abs() < fullFor
}

// Operator answers the operator's own questions: whether the hub lives, whether it can
// work, and its counts in Prometheus' text format. It is for an address that nobody else
// reaches.
func (s *Server) Operator() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Store.Ping(r.Context()); err != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		if s.full.lately(s.Now()) {
			http.Error(w, "the database has no room", http.StatusServiceUnavailable)
			return
		}
		if s.Files != nil && s.Files.Check(r.Context()) != nil {
			http.Error(w, "the store for files does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprint(w, s.counts.text())
		fmt.Fprintf(w, "amana_hub_waiting %d\n", s.watch.waiting())
		fmt.Fprintf(w, "amana_hub_guests %d\namana_hub_turned_away_total %d\n", s.door.count(), s.door.away.Load())
		full := 0
		if s.full.lately(s.Now()) {
			full = 1
		}
		fmt.Fprintf(w, "amana_hub_full %d\n", full)
		if s.Files != nil {
			if n, err := s.Files.Waiting(r.Context()); err == nil {
				fmt.Fprintf(w, "amana_hub_pieces_to_destroy %d\n", n)
			}
		}
	})
	return mux
}

func (c *counts) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := make([]string, 0, 2*len(c.requests))
	for k, n := range c.requests {
		labels := fmt.Sprintf("{route=%q,status=\"%d\"}", k.route, k.status)
		lines = append(lines,
			fmt.Sprintf("amana_hub_requests_total%s %d", labels, n.n),
			fmt.Sprintf("amana_hub_request_seconds_total%s %g", labels, n.took.Seconds()))
	}
	slices.Sort(lines)
	return fmt.Sprintf("amana_hub_items_total %d\n%s\n", c.items.Load(), strings.Join(lines, "\n"))
}
