package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// Whose a connection is stands in the system's tables, which are read here as they are:
// over IPv4, over IPv6, and from a socket for both.
func TestWhose(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Logf("no %s on this machine", host)
			continue
		}
		defer l.Close()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if p := whose(c.LocalAddr(), c.RemoteAddr()); p != ours {
			t.Errorf("%s: a connection of our own is %d, want ours", host, p)
		}
		if p := whose(c.LocalAddr(), &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}); p != unknown {
			t.Errorf("one that is not there is %d", p)
		}
	}
	host := "0100007F"
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		host = "7F000001"
	}
	const row = "  12: %[1]s:A3B1 %[1]s:1C60 %[2]s 00000000:00000000 00:00000000 00000000  %[3]d        0 %[4]d 1 0000 20 4 30 10 -1\n"
	from, to := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 0xa3b1}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 0x1c60}
	for _, tt := range []struct {
		name       string
		state      string
		uid, inode int
		want       peer
	}{
		{"ours", "01", 1000, 7, ours},
		{"the administrator's", "01", 0, 7, ours},
		{"another user's", "01", 1001, 7, anothers},
		{"another's, who spoke and left", "05", 0, 0, anothers},
	} {
		table := strings.NewReader("  sl  local_address rem_address   st\n" + fmt.Sprintf(row, host, tt.state, tt.uid, tt.inode))
		if p := whoseIn(table, from, to, 1000); p != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, p, tt.want)
		}
	}
}

// Another user of this computer gets nothing from the pages, not even a form to try
// passphrases in; who comes after them does.
func TestListen_anotherUserGetsNothing(t *testing.T) {
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pages, ok := l.(ownUser)
	if !ok {
		t.Fatal("whoever connects is let in")
	}
	by := make(chan peer, 3)
	by <- anothers
	by <- ours
	by <- unknown
	pages.of = func(net.Addr, net.Addr) peer { return <-by }
	defer pages.Close()
	go func() {
		for {
			c, err := pages.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("the pages"))
			c.Close()
		}
	}()
	for _, want := range []string{"", "the pages", "the pages"} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(c)
		c.Close()
		if string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
