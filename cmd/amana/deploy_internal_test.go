package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
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
	for _, line := range []string{"DynamicUser=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "LoadCredential=database:", "UMask=0077"} {
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
	for what, line := range map[string]string{ // an empty container has neither
		"certificates, without which no object store is reached": `(?m)^COPY --from=build (/etc/ssl/certs/\S+)`,
		"a folder that its user may write the key into":          `(?m)^COPY --from=build --chown=65532:65532 (/data) /data$`,
	} {
		if !regexp.MustCompile(line).Match(raw) {
			t.Errorf("without %s", what)
		}
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

// What the guides tell to type is understood.
func TestGuides_commands(t *testing.T) {
	place := regexp.MustCompile(`(?m)^ {4,}(?:docker exec amana-hub /|go run ./cmd/|\./)?amana (.*)$|` + "`amana ([^`\n]*)`|>amana ([^<]*)<")
	tail := regexp.MustCompile(`\s{3,}.*$`) // what is said about it
	seen := 0
	for _, page := range []string{
		"README.md", "docs/operator.md", "docs/user-guide.md", "docs/guide-utilisateur.md",
		"internal/web/templates/settings.html",
	} {
		raw, err := os.ReadFile("../../" + page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range place.FindAllStringSubmatch(string(raw), -1) {
			line := tail.ReplaceAllString(m[1]+m[2]+m[3], "")
			args := strings.Fields(strings.ReplaceAll(line, "…", ""))
			if m[2] != "" { // named in a sentence: its arguments may be left out
				args = slices.DeleteFunc(args, func(s string) bool { return s == "COMMAND" })
				args = append(args, "--help")
			}
			seen++
			if err := accepts(args...); err != nil && !errors.Is(err, pflag.ErrHelp) {
				t.Errorf("%s: amana %s: %v", page, line, err)
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d commands found", seen)
	}
}
