package main

import "net"

// ownUser takes no connection that another user of this computer made, where the system
// says whose a connection is. Browsers do not tell the ports of one host apart: whoever
// listens on any of them, and has a browser of ours sent there, is given our cookie.
type ownUser struct {
	net.Listener
	of func(local, remote net.Addr) peer
}

// peer is whose a connection is.
type peer int

const (
	unknown peer = iota // the system does not say
	ours
	anothers
)

// Accept implements [net.Listener].
func (l ownUser) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || l.of(c.RemoteAddr(), c.LocalAddr()) != anothers {
			return c, err
		}
		_ = c.Close() // nothing was said on it
	}
}
