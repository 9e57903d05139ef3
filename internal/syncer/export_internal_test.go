package syncer

import (
	"context"
	"net"
	"net/http"
)

// DialBy has a client connect in another way.
func (c *Client) DialBy(dial func() (net.Conn, error)) {
	c.http.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) { return dial() }
}
