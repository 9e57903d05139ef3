package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// demo is a running `amana demo`, as it says of itself.
type demo struct {
	URL     string   `json:"url"`
	Dir     string   `json:"dir"`
	Members []member `json:"members"`

	cmd    *exec.Cmd
	temp   string // its temporary folder
	stderr bytes.Buffer
	end    func() error
}

type member struct {
	Name       string   `json:"name"`
	Role       string   `json:"role"`
	Teams      []string `json:"teams"`
	Passphrase string   `json:"passphrase"`
}

// ready is how long the demo may take until it answers.
const ready = time.Minute

// startDemo starts the program with invented cases. It ends with the test, in
// good order.
func startDemo(t testing.TB, args ...string) *demo {
	t.Helper()
	need(t, amana != "", "Chromium in PATH or in AMANA_CHROMIUM")
	d := &demo{temp: t.TempDir()}
	d.cmd = exec.Command(amana, append([]string{
		"demo", "--json", "--no-browser", "--addr", "127.0.0.1:0", "--dir", filepath.Join(t.TempDir(), "vault"),
	}, args...)...)
	d.cmd.Env = append(os.Environ(), "TMPDIR="+d.temp)
	d.cmd.Stderr = &d.stderr
	stdout, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d.end = sync.OnceValue(d.cmd.Wait)
	t.Cleanup(func() { d.stop(t) })
	answered := make(chan error, 1)
	go func() { answered <- json.NewDecoder(stdout).Decode(d) }()
	select {
	case err = <-answered:
	case <-time.After(ready):
		t.Fatalf("the demo did not answer in %v\n%s", ready, d.stderr.String())
	}
	if err != nil {
		t.Fatalf("the demo said: %v\n%s", err, d.stderr.String())
	}
	return d
}

// stop interrupts the demo, which is how it is meant to end.
func (d *demo) stop(t testing.TB) {
	t.Helper()
	if d.cmd.ProcessState != nil {
		return // killed
	}
	_ = d.cmd.Process.Signal(os.Interrupt)
	if err := d.end(); err != nil {
		t.Errorf("the demo ended with %v\n%s", err, d.stderr.String())
	}
}

// kill ends the demo as a power cut does.
func (d *demo) kill() {
	_ = d.cmd.Process.Kill()
	_ = d.end()
}

// who returns the first member with a role who is in a team.
func (d *demo) who(t testing.TB, role string) member {
	t.Helper()
	i := slices.IndexFunc(d.Members, func(m member) bool { return strings.Contains(m.Role, role) })
	if i < 0 {
		t.Fatalf("no %s among the members of the demo", role)
	}
	return d.Members[i]
}
