package hub_test

import (
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"amana/internal/seal"
)

// hubProcess is a hub in a process of its own, at one address with one key however often
// it is started.
type hubProcess struct {
	running
	*exec.Cmd
	where string
}

func newHubProcess(t testing.TB, where string) *hubProcess {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := &hubProcess{running: running{key: seal.NewHubKey(), addr: l.Addr().String()}, where: where}
	t.Cleanup(p.kill)
	return p
}

func startHub(t testing.TB, where string) *hubProcess {
	t.Helper()
	p := newHubProcess(t, where)
	p.start(t)
	return p
}

// start starts it, and returns once it answers.
func (p *hubProcess) start(t testing.TB) {
	t.Helper()
	p.Cmd = exec.Command(os.Args[0])
	p.Env = append(os.Environ(), "AMANA_TEST_HUB="+p.where, "AMANA_TEST_KEY="+hex.EncodeToString(p.key.Export()), "AMANA_TEST_ADDR="+p.addr)
	p.Stderr = os.Stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", p.addr); err == nil {
			conn.Close()
			return
		}
	}
	t.Fatal("the hub does not start")
}

// kill ends it as a power cut would.
func (p *hubProcess) kill() {
	if p.Cmd != nil {
		_ = p.Process.Signal(syscall.SIGKILL)
		_ = p.Wait()
		p.Cmd = nil
	}
}
