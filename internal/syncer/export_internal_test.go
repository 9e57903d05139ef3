package syncer

import (
	"context"
	"net"
	"net/http"

	"amana/internal/hub/wire"
)

// DialBy has a client connect in another way.
func (c *Client) DialBy(dial func() (net.Conn, error)) {
	c.http.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) { return dial() }
}

// Take has a syncer take a piece of a hub's log.
func Take(s *Syncer, l *wire.Log) error { return s.take(l) }

// WayTo is the proxy that leads to a host.
var WayTo = wayTo

// SetTor has Tor listen elsewhere, until back is called.
func SetTor(addr string) (back func()) {
	before := torSocks
	torSocks = addr
	return func() { torSocks = before }
}
