package hub

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// active is what devices do here in this moment, so that one that is ended is cut off at
// once. Another process of the hub finds it out with the next request, or the next piece
// of a file; nobody hands a device that waits anything without looking.
type active struct {
	mu  sync.Mutex // guards who
	who map[place]map[*request]context.CancelFunc
}

// begin notes a request of a known device until done is called.
func (a *active) begin(r *request) (done func()) {
	if r.device.ID.IsZero() {
		return func() {}
	}
	ctx, stop := context.WithCancel(r.Context())
	r.Request = r.WithContext(ctx)
	at := place{r.device.Org, r.device.ID}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.who == nil {
		a.who = map[place]map[*request]context.CancelFunc{}
	}
	if a.who[at] == nil {
		a.who[at] = map[*request]context.CancelFunc{}
	}
	a.who[at][r] = stop
	return func() {
		stop()
		a.mu.Lock()
		defer a.mu.Unlock()
		if delete(a.who[at], r); len(a.who[at]) == 0 {
			delete(a.who, at)
		}
	}
}

// cut ends everything that a device does here.
func (a *active) cut(at place) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for r, stop := range a.who[at] {
		stop()
		c := http.NewResponseController(r.w)
		_ = c.SetReadDeadline(time.Unix(1, 0))
		_ = c.SetWriteDeadline(time.Unix(1, 0))
	}
}

// cut ends what a device does here, and what it waits for.
func (s *Server) cut(at place) {
	s.active.cut(at)
	s.watch.drop(at)
}

// sayEnded answers a device that was ended with the order that did it.
func sayEnded(w http.ResponseWriter, err error) {
	var ended *endedError
	if errors.As(err, &ended) && len(ended.order) > 0 {
		_, _ = w.Write(ended.order) // who went away hears nothing
	}
}

// lets is ErrRefused for a device that was ended meanwhile.
func (s *Store) lets(ctx context.Context, d Device) error {
	now, err := s.DeviceBy(ctx, d.Verify)
	if err == nil && now.Revoked {
		err = &endedError{}
	}
	return err
}
