package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// patience is how long requests that are under way may take to end.
const patience = 5 * time.Second

// listen opens addr, HOST:PORT, which must be of this device: what is unlocked
// here must not be seen from the network.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usagef("--addr %s: want HOST:PORT, as 127.0.0.1:0", addr)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, hintedError{
			usagef("--addr %s: amana answers only the browser on this device", addr),
			"HOST is 127.0.0.1, ::1 or localhost; PORT may be 0 for any that is free",
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, hintedError{
			fmt.Errorf("listen on %s: %w", net.JoinHostPort(host, port), errors.Unwrap(err)),
			"is another amana running? --addr 127.0.0.1:0 takes any free port. If none of yours is: whoever answers there is not Amana. Type no passphrase",
		}
	}
	return ownUser{l, whose}, nil
}

// urlOf returns where the pages are.
func urlOf(l net.Listener) string { return "http://" + l.Addr().String() + "/" }

// hostsOf returns the values of the Host header by which a browser on this
// device may call.
func hostsOf(l net.Listener) []string {
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		panic("amana: internal error: listener without a port")
	}
	return []string{"127.0.0.1:" + port, "[::1]:" + port, "localhost:" + port}
}

// serveUntilDone answers requests until ctx ends, which is how it is meant to
// end, then lets those under way finish.
func serveUntilDone(ctx context.Context, l net.Listener, s *http.Server) error {
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if s.Shutdown(ending) != nil {
		_ = s.Close() // they had their time
	}
	return nil
}
