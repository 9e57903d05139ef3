package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// accepts reports what is wrong with the arguments of a command, without running it.
func accepts(args ...string) error {
	p := &program{console: newConsole(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})}
	c, rest, err := p.root().Find(args)
	if err != nil {
		return err
	}
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	return c.ValidateArgs(c.Flags().Args())
}

// The unit for systemd starts a command that there is, with flags that it has, and is one
// that systemd takes where that is here to say so.
func TestDeploy_unit(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/amana-hub.service")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^ExecStart=(\S+)/amana (.*)$`).FindStringSubmatch(string(raw))
	if m == nil {
		t.Fatal("no ExecStart")
	}
	if err := accepts(strings.Fields(m[2])...); err != nil {
		t.Errorf("%s: %v", m[2], err)
	}
	if err := accepts("hub", "serve", "--no-such-flag"); err == nil {
		t.Error("this test takes anything")
	}
	for _, line := range []string{"DynamicUser=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "LoadCredential=database:"} {
		if !strings.Contains(string(raw), "\n"+line) {
			t.Errorf("without %s", line)
		}
	}
	check, err := exec.LookPath("systemd-analyze") //nolint:misspell // its name
	if err != nil {
		return
	}
	here := filepath.Join(t.TempDir(), "amana-hub.service")
	if err := os.WriteFile(here, bytes.ReplaceAll(raw, []byte(m[1]+"/amana"), []byte("/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(check, "verify", here).CombinedOutput(); err != nil || bytes.Contains(out, []byte("amana-hub.service:")) {
		t.Errorf("systemd: %v\n%s", err, out)
	}
}

// The container is built by the Go of go.mod, from what there is, and starts a command
// that there is on the port that it opens.
func TestDeploy_container(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	part := func(of []byte, pattern string) string {
		t.Helper()
		m := regexp.MustCompile(pattern).FindSubmatch(of)
		if m == nil {
			t.Fatalf("no %s", pattern)
		}
		return string(m[1])
	}
	if of, want := part(raw, `FROM golang:(\d+\.\d+)`), part(module, `(?m)^go (\d+\.\d+)`); of != want {
		t.Errorf("built by Go %s; the module wants %s", of, want)
	}
	if _, err := os.Stat("../../" + part(raw, `go build .*(\./\S+)`)); err != nil {
		t.Error(err)
	}
	var entry, command []string
	if err := json.Unmarshal([]byte(part(raw, `(?m)^ENTRYPOINT (\[.*\])$`)), &entry); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(part(raw, `(?m)^CMD (\[.*\])$`)), &command); err != nil {
		t.Fatal(err)
	}
	if err := accepts(append(entry[1:], command...)...); err != nil {
		t.Errorf("%v %v: %v", entry, command, err)
	}
	p := &program{console: newConsole(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})}
	serve, _, err := p.root().Find([]string{"hub", "serve"})
	if err != nil {
		t.Fatal(err)
	}
	if port := part(raw, `EXPOSE (\d+)`); serve.Flag("addr").DefValue != ":"+port {
		t.Errorf("opens port %s, answers on %s", port, serve.Flag("addr").DefValue)
	}
}
