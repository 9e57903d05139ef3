package e2e

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const togetherWords = "lusab babad gutih tugad"

// runAmana runs the program to its end and returns what it printed.
func runAmana(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	c := exec.Command(amana, args...)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("amana %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// keepAmana runs the program until the test ends, and returns the first line it prints.
func keepAmana(t *testing.T, line bool, args ...string) string {
	t.Helper()
	c := exec.Command(amana, args...)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Signal(os.Interrupt); _ = c.Wait() })
	if !line {
		return ""
	}
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return strings.TrimSpace(first)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestTogether: a second computer joins by its words, with the answer that it fetches from
// a hub by itself, and a case that is written on it comes to the first through that hub, with
// nobody doing anything.
func TestTogether(t *testing.T) {
	t.Parallel()
	need(t, chromium() != "", "Chromium in PATH or in AMANA_CHROMIUM")
	dir, hub := t.TempDir(), freePort(t)
	v, w, data, key := filepath.Join(dir, "v"), filepath.Join(dir, "w"), filepath.Join(dir, "hub"), filepath.Join(dir, "hub.key")
	runAmana(t, togetherWords, "init", "--small", "--dir", v, "--name", "Maison inventée", "--administrator", "Ama", "--team", "Accueil",
		"--custodian", "A", "--custodian", "B", "--custodian", "C", "--json")
	keepAmana(t, false, "hub", "serve", "--db", data, "--key", key, "--addr", hub, "--operator-addr", "")
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(key); err == nil { // the hub made it
			break
		}
	}
	invitation := runAmana(t, "", "hub", "invite", "--db", data, "--key", key, "--host", hub)
	first := keepAmana(t, true, "serve", "--dir", v, "--addr", "127.0.0.1:0")
	second := keepAmana(t, true, "serve", "--dir", w, "--addr", "127.0.0.1:0")
	b := startBrowser(t)
	who := member{Passphrase: togetherWords}

	here := b.newTab(t, first)
	here.unlock(who)
	here.speak("fr")
	here.open("/sync")
	eval[bool](here, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
	here.paste("#invitation", invitation)
	here.follow(`form[action="/sync/join"] button`)
	here.wantAt("/sync")
	here.wantOn("the hub is known", "Dernier échange complet")

	there := b.newTab(t, second)
	there.open("/setup")
	there.follow(`a[href="/setup/join"]`)
	there.follow(`form[action="/setup/join"] button.main`)
	words := eval[string](there, `document.querySelector("main .code").innerText`)
	text := eval[string](there, `document.querySelector("details .code").textContent`)

	here.open("/devices/new")
	here.paste("#text", text)
	here.follow(`form[action="/devices/text"] button`)
	here.wantAt("/devices/check")
	here.wantOn("the same words as on the new computer", words)
	here.write("#name", "Poste inventé")
	here.follow("main form button.main")
	here.wantAt("/devices/answer")
	here.follow(`form[action="/devices/answer/leave"] button`)
	here.wantAt("/devices/answer")
	word := eval[string](here, `document.querySelector("main p.code").textContent`)

	there.paste("#word", word)
	there.follow(`form[action="/setup/join/fetch"] button`)
	for end := time.Now().Add(2 * patience); !there.has("#passphrase"); time.Sleep(200 * time.Millisecond) {
		if there.open("/setup/join/fetch"); time.Now().After(end) {
			t.Fatalf("the answer did not come:\n%s", there.text())
		}
	}
	there.write("#passphrase", togetherWords)
	there.follow(`form[action="/setup/join/open"] button.main`)
	there.wantAt("/unlock")
	there.unlock(who)
	there.speak("fr")
	there.open("/cases/new")
	there.choose("input[name=consent_care][value=granted]")
	there.write("#assessment_main_concerns", "le puits de Kolmensemble")
	there.follow("main form button.main")
	file := cutAt(there.path(), "?#")
	there.open("/sync")
	there.follow(`form[action="/sync/now"] button`)

	for end := time.Now().Add(2 * patience); ; time.Sleep(200 * time.Millisecond) {
		if here.open("/sync"); here.has(`form[action="/sync/now"]`) {
			here.follow(`form[action="/sync/now"] button`)
		}
		here.open("/cases")
		if here.has(`a[href="` + file + `"]`) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the case did not come:\n%s", here.text())
		}
	}
	here.open(file)
	here.wantOn("what was written on the other computer", "le puits de Kolmensemble")
	here.open("/devices")
	here.wantOn("the new computer", "Poste inventé")
	for _, p := range []*tab{here, there} {
		p.wantNoFaults()
	}
}
