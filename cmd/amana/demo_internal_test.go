package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// start runs the program until the test is done with it, and returns what it
// prints and how it ends.
func start(t *testing.T, args ...string) (stdout io.Reader, stop func() (code int, stderr string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	var said bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, args, strings.NewReader(""), w, &said)
		w.Close()
	}()
	return r, func() (int, string) {
		cancel()
		go io.Copy(io.Discard, r)
		return <-code, said.String()
	}
}

// TestDemo holds what other programs rely on: one object when it answers, then
// service until it is interrupted, and nothing left behind.
func TestDemo(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	began := time.Now()
	stdout, stop := start(t, "demo", "--json", "--no-browser", "--cases", "3", "--seed", "7")
	var a demoAnswer
	if err := json.NewDecoder(stdout).Decode(&a); err != nil {
		_, said := stop()
		t.Fatalf("answer: %v\n%s", err, said)
	}
	t.Logf("answered after %v", time.Since(began).Round(time.Millisecond))
	if len(a.Members) != 7 {
		t.Errorf("%d members, want 7", len(a.Members))
	}
	for _, m := range a.Members {
		if m.Name == "" || m.Role == "" || m.Teams == nil || m.Passphrase == "" {
			t.Errorf("a member without a name, role, teams or passphrase: %+v", m)
		}
	}
	resp, err := http.Get(a.URL + "unlock")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK || !bytes.Contains(page, []byte(a.Members[0].Name)) {
		t.Errorf("GET /unlock: %d, %v; want a page that names the members", resp.StatusCode, err)
	}
	if !strings.HasPrefix(a.Dir, temp) {
		t.Errorf("folder %s, want one of its own", a.Dir)
	}
	if code, said := stop(); code != exitDone || said != "" {
		t.Errorf("interrupted: exit code %d, want 0; it said %q", code, said)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestDemo_keepsNamedFolder: what --dir names stays, and is not written over.
func TestDemo_keepsNamedFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	stdout, stop := start(t, "demo", "--no-browser", "--cases", "0", "--dir", dir)
	line := make([]byte, 16)
	if _, err := io.ReadFull(stdout, line); err != nil || string(line) != "http://127.0.0.1" {
		t.Errorf("first line %q, %v; want where the pages are", line, err)
	}
	if code, said := stop(); code != exitDone {
		t.Errorf("exit code %d, want 0; it said %q", code, said)
	}
	var said bytes.Buffer
	if code := run(t.Context(), []string{"verify", dir}, strings.NewReader(""), io.Discard, &said); code != exitDone {
		t.Errorf("verify: exit code %d: %s", code, said.String())
	}
	code := run(t.Context(), []string{"demo", "--no-browser", "--dir", dir}, strings.NewReader(""), io.Discard, &said)
	if code != exitStorage || !strings.Contains(said.String(), "not empty") {
		t.Errorf("again: exit code %d, %q; want 13 and why", code, said.String())
	}
}

// TestServe_oneAtATime: a folder in which somebody is at work is not opened twice.
func TestServe_oneAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vault")
	const passphrase = "lantern gravel seventeen moths under glass"
	code := run(t.Context(), []string{
		"init", "--small", "--dir", dir, "--name", "Trials", "--administrator", "Ama",
		"--custodian", "Ama", "--custodian", "Badou",
	}, strings.NewReader(passphrase), io.Discard, io.Discard)
	if code != exitDone {
		t.Fatalf("init: exit code %d", code)
	}
	stdout, stop := start(t, "serve", "--dir", dir, "--addr", "127.0.0.1:0")
	defer stop()
	url := make([]byte, 64)
	n, err := stdout.Read(url)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	address := strings.TrimSpace(string(url[:n]))
	req, err := http.NewRequest(http.MethodPost, address+"unlock", strings.NewReader("passphrase="+strings.ReplaceAll(passphrase, " ", "+")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", strings.TrimSuffix(address, "/"))
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("unlock: status %d", resp.StatusCode)
	}
	var said bytes.Buffer
	code = run(t.Context(), []string{"member", "list", "--dir", dir}, strings.NewReader(passphrase), io.Discard, &said)
	if code != exitStorage || !strings.Contains(said.String(), "hint: is another amana at work") {
		t.Errorf("member list beside it: exit code %d, %q; want 13 and a hint", code, said.String())
	}
}
