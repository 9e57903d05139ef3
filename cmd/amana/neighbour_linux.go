package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// whose says whose the socket at local is that is connected to remote, by the system's
// tables (proc(5), /proc/net/tcp). On some systems nobody may read them.
func whose(local, remote net.Addr) peer {
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		p := whoseIn(f, local, remote, os.Getuid())
		_ = f.Close() // it was only read
		if p != unknown {
			return p
		}
	}
	return unknown
}

// whoseIn looks in one table. The administrator's are ours: who is that needs no cookie.
// A socket that nobody holds any more is listed as the administrator's too, without an
// inode: it is somebody's who spoke and left, and no browser's.
func whoseIn(table io.Reader, local, remote net.Addr, own int) peer {
	from, to := endOf(local), endOf(remote)
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 10 {
			continue
		}
		if at, ok := tableEnd(f[1]); !ok || at != from {
			continue
		}
		if at, ok := tableEnd(f[2]); !ok || at != to {
			continue
		}
		uid, err := strconv.Atoi(f[7])
		if err == nil && f[9] != "0" && (uid == own || uid == 0) {
			return ours
		}
		return anothers
	}
	return unknown
}

func endOf(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := t.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}

// tableEnd reads an address and port as the tables have them: words of four bytes in the
// order of this machine, in hexadecimal digits.
func tableEnd(text string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	n, bad := strconv.ParseUint(port, 16, 16)
	if err != nil || bad != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		for word := range slices.Chunk(raw, 4) {
			slices.Reverse(word)
		}
	}
	ip, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), ok
}
