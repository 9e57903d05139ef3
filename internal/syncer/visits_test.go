package syncer_test

import (
	"crypto/tls"
	"io"
	"testing"
	"time"

	"amana/internal/charter"
	"amana/internal/hub/wire"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// slowly begins to send to a device that listens, a byte at a time, and tells after how
// long the other end hung up.
func slowly(t *testing.T, s *vault.Session, to wire.Address, every time.Duration) <-chan time.Duration {
	t.Helper()
	own, err := s.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	c, err := (&tls.Dialer{Config: seal.ClientConfig(own, to.Key)}).DialContext(t.Context(), "tcp", to.Host)
	if err != nil {
		t.Fatal(err)
	}
	began, ended := time.Now(), make(chan time.Duration, 1)
	if _, err := io.WriteString(c, "POST /v1/meet/take HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := c.Write([]byte{0xa0}); err != nil {
				return
			}
			select {
			case <-time.After(every):
			case <-t.Context().Done():
				return
			}
		}
	}()
	go func() {
		_, _ = io.Copy(io.Discard, c)
		ended <- time.Since(began)
	}()
	t.Cleanup(func() { c.Close() })
	return ended
}

// A device that stands still, or drips, is cut off; and while it is there, another one
// meets all the same.
func TestHost_nobodyBlocksOthers(t *testing.T) {
	h := newHouse(t)
	still, visitor := h.pair(t), h.pair(t)
	h.open(t, visitor, "words")
	for _, tt := range []struct {
		name                 string
		longest, wait, every time.Duration
	}{
		{"stands still", time.Hour, 1500 * time.Millisecond, time.Hour},
		{"drips", 1500 * time.Millisecond, time.Hour, 20 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			host := listen(t, h, &syncer.Host{Longest: tt.longest, Still: tt.wait})
			ended := slowly(t, still, host, tt.every)
			time.Sleep(100 * time.Millisecond) // it is there
			own, err := visitor.Certificate()
			if err != nil {
				t.Fatal(err)
			}
			c := syncer.NewClient(host, own)
			defer c.Close()
			began := time.Now()
			if err := c.Visit(t.Context(), device{visitor}, &syncer.Visiting{}); err != nil {
				t.Errorf("the other one: %v", err)
			}
			c.Leave(t.Context(), true)
			select {
			case took := <-ended:
				if took < time.Second {
					t.Errorf("it was cut off after %v: this shows nothing", took)
				}
			case <-time.After(10 * time.Second):
				t.Errorf("it is there yet, %v after", time.Since(began))
			}
		})
	}
}

func listen(t *testing.T, h *house, host *syncer.Host) wire.Address {
	t.Helper()
	own, err := h.admin.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	me, _ := mustCharter(t, h.admin).Device(h.admin.Device())
	host.Device = device{h.admin}
	host.Knows = func(key seal.VerifyKey) bool { return knows(mustCharter(t, h.admin), key) }
	if err := host.Listen("127.0.0.1:0", own); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	return wire.Address{Host: host.Addr(), Key: me.VerifyKey}
}

func knows(c *charter.Charter, key seal.VerifyKey) bool {
	for _, d := range c.Devices() {
		if d.VerifyKey == key {
			return true
		}
	}
	return false
}

// Who goes without a word has left after a while, and what came of it is told, once.
func TestHost_saysWhatCameOfWhoWentAway(t *testing.T) {
	h := newHouse(t)
	visitor := h.pair(t)
	h.open(t, visitor, "words")
	told := make(chan syncer.Met, 9)
	to := listen(t, h, &syncer.Host{Quiet: time.Second, Done: func(m syncer.Met) { told <- m }})
	own, err := visitor.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	c := syncer.NewClient(to, own)
	defer c.Close()
	v := &syncer.Visiting{}
	if err := c.Visit(t.Context(), device{visitor}, v); err != nil {
		t.Fatal(err)
	}
	met := v.Met()
	select {
	case m := <-told:
		if m.Taken == 0 || m.Taken != met.Handed || m.Handed != met.Taken || !m.Broken {
			t.Errorf("%+v, and the visitor says %+v", m, met)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is told")
	}
	c.Leave(t.Context(), true)
	if len(told) != 0 {
		t.Errorf("told again: %+v", <-told)
	}
}
