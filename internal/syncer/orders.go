package syncer

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"amana/internal/hub/wire"
)

// errLater: the hub had too much of that at once. It is ErrAway for whoever tries again.
var errLater = fmt.Errorf("syncer: the hub takes no more of that now: %w", ErrAway)

// IsLater reports whether the hub would have done it, but not so often.
func IsLater(err error) bool { return errors.Is(err, errLater) }

// EndedError is the refusal of a hub that lets this device in no more, with the order by
// which it says that it was told so. Nothing of it is verified.
type EndedError struct {
	Order wire.Order
	err   error
}

// Error implements error.
func (e *EndedError) Error() string { return "syncer: the hub was told to let this device in no more" }

// Unwrap makes it what any refusal is.
func (e *EndedError) Unwrap() error { return e.err }

// endedBy takes up the order that may stand in a refusal.
func endedBy(raw []byte, err error) error {
	var o wire.Order
	if len(raw) == 0 || wire.Decode(raw, &o) != nil {
		return err
	}
	return &EndedError{Order: o, err: err}
}

// Devices asks how the organisation's devices stand at the hub. Kinds: ErrNotFound at a
// hub of a version before, and as for everything.
func (c *Client) Devices(ctx context.Context) (st wire.Standing, err error) {
	raw, _, err := c.ask(ctx, http.MethodGet, wire.PathOrders, nil, 1<<20)
	if err != nil {
		return st, err
	}
	return st, wire.Decode(raw, &st)
}

// Order hands an order over. Kinds: ErrConflict where another one came first; ErrRefused
// where the hub knows no such administrator; [IsLater].
func (c *Client) Order(ctx context.Context, o wire.Order) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathOrders, wire.Encode(o), 1<<10)
	return err
}
