package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"
)

func TestListen_onThisDeviceOnly(t *testing.T) {
	tests := []struct {
		addr string
		ok   bool
	}{
		{"127.0.0.1:0", true},
		{"localhost:0", true},
		{"127.0.0.2:0", true},
		{"0.0.0.0:0", false},
		{":0", false},
		{"[::]:0", false},
		{"192.0.2.1:80", false},
		{"example.org:80", false},
		{"127.0.0.1", false},
		{"", false},
	}
	for _, tt := range tests {
		t.Run(tt.addr, func(t *testing.T) {
			l, err := listen(t.Context(), tt.addr)
			if l != nil {
				l.Close()
			}
			if tt.ok && err != nil {
				t.Errorf("err = %v, want none", err)
			}
			if !tt.ok && exitCode(err) != exitUsage {
				t.Errorf("err = %v, want one that is not understood", err)
			}
		})
	}
}

func TestListen_portTaken(t *testing.T) {
	first, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := listen(t.Context(), first.Addr().String())
	if err == nil {
		second.Close()
		t.Fatal("two listeners on one port")
	}
	if exitCode(err) != exitFailed || hintOf(err) == "" {
		t.Errorf("err = %v, hint %q; want a failure with a hint", err, hintOf(err))
	}
}

// TestServeUntilDone: what was asked before the end is answered.
func TestServeUntilDone(t *testing.T) {
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{})
	s := &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(asked)
			<-ctx.Done()
			io.WriteString(w, "still here")
		}),
	}
	ended := make(chan error, 1)
	go func() { ended <- serveUntilDone(ctx, l, s) }()
	go func() { <-asked; cancel() }()
	resp, err := http.Get(urlOf(l))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "still here" || err != nil {
		t.Errorf("answer = %q, %v", body, err)
	}
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
