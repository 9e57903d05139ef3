package vault_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf16"

	"amana/internal/journal/dictionary"
)

func TestCanary_isNowhereButOnTheScreen(t *testing.T) {
	dir := t.TempDir()
	temp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	watch := newWatch(t, temp)
	run := func(name string, kill bool) []byte {
		t.Helper()
		cmd := command(t, job{Name: name, Dir: dir})
		cmd.Env = append(cmd.Env, "TMPDIR="+temp, "SQLITE_TMPDIR="+temp)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var lines bytes.Buffer
		for r := bufio.NewScanner(io.TeeReader(out, &lines)); r.Scan(); {
			if kill && r.Text() == "ready" {
				cmd.Process.Kill()
			}
		}
		if err := cmd.Wait(); !kill && err != nil || kill && !strings.Contains(lines.String(), "ready") {
			t.Fatalf("%v: %s", err, lines.String()) // it says no content, or else that is found below
		}
		for line := range strings.SplitSeq(lines.String(), "\n") {
			if strings.HasPrefix(line, "leak: ") {
				t.Error(line)
			}
		}
		return append(lines.Bytes(), said.Bytes()...)
	}
	for _, when := range []struct {
		name, job string
		kill      bool
	}{{"killed while unlocked", "canary", true}, {"locked in good order", "again", false}} {
		said := run(when.job, when.kill)
		if forms := found(said); len(forms) > 0 {
			t.Errorf("%s: what the program said holds it, as %q", when.name, forms)
		}
		files := 0
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			name, _ := filepath.Rel(dir, path)
			if forms := append(found([]byte(name)), found(raw)...); len(forms) > 0 {
				t.Errorf("%s: the file %s holds it, as %q", when.name, name, forms)
			}
			return nil
		})
		if err != nil || files < 20 {
			t.Fatalf("%d files: %v", files, err)
		}
	}
	if names := watch.names(t); len(names) > 0 {
		t.Errorf("temporary files were made: %q", names)
	}
}

// forms are the ways in which a word can lie in a file.
func forms(word string) map[string][]byte {
	f := map[string][]byte{"text": []byte(word), "hexadecimal": []byte(hex.EncodeToString([]byte(word)))}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(word)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	f["UTF-16, little end first"], f["UTF-16, big end first"] = little, big
	for skip, name := range []string{"base64", "base64, from the second byte", "base64, from the third byte"} {
		whole := (len(word) - skip) / 3 * 3
		f[name] = []byte(strings.ToLower(base64.RawStdEncoding.EncodeToString([]byte(word[skip : skip+whole]))))
	}
	return f
}

// found returns in which forms a file holds the canary, compressed ones included.
func found(raw []byte) (as []string) {
	for _, word := range []string{canary, canaryNumber} {
		as = append(as, foundPlain(raw, word)...)
		for _, plain := range unpacked(raw) {
			for _, form := range foundPlain(plain, word) {
				as = append(as, "compressed "+form)
			}
		}
	}
	return as
}

func foundPlain(raw []byte, word string) (as []string) {
	low := bytes.ToLower(raw)
	for name, form := range forms(word) {
		if bytes.Contains(low, form) {
			as = append(as, name)
		}
	}
	return as
}

// unpacked returns what decompresses, from any place where it may begin.
func unpacked(raw []byte) (all [][]byte) {
	for at := range raw {
		rest := raw[at:]
		switch {
		case bytes.HasPrefix(rest, []byte{0x28, 0xb5, 0x2f, 0xfd}):
			for end := len(rest); end > 4; end-- { // a frame must end where it ends
				if plain, err := dictionary.Decompress(nil, rest[:end], 1<<20); err == nil {
					all = append(all, plain)
					break
				}
				if len(rest)-end > 8192 {
					break
				}
			}
		case bytes.HasPrefix(rest, []byte{0x1f, 0x8b}):
			if r, err := gzip.NewReader(bytes.NewReader(rest)); err == nil {
				all = appendRead(all, r)
			}
		case len(rest) > 1 && rest[0] == 0x78 && (int(rest[0])<<8|int(rest[1]))%31 == 0:
			if r, err := zlib.NewReader(bytes.NewReader(rest)); err == nil {
				all = appendRead(all, r)
			}
		}
	}
	return appendRead(all, flate.NewReader(bytes.NewReader(raw)))
}

func appendRead(all [][]byte, r io.Reader) [][]byte {
	plain, _ := io.ReadAll(io.LimitReader(r, 1<<20))
	return append(all, plain)
}

// The search finds what it looks for: otherwise finding nothing says nothing.
func TestCanary_wouldBeFound(t *testing.T) {
	body := "She said " + canary + " and " + canaryNumber + ". " + strings.Repeat("She asks for shelter near the well. ", 20)
	var zipped, deflated bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(body))
	z.Close()
	d := zlib.NewWriter(&deflated)
	d.Write([]byte(body))
	d.Close()
	samples := map[string][]byte{
		"text": []byte(body), "upper case": []byte(strings.ToUpper(body)), "a frame": dictionary.Compress(nil, []byte(body)),
		"gzip": zipped.Bytes(), "zlib": deflated.Bytes(), "UTF-16": forms(body)["UTF-16, little end first"],
		"base64": []byte(base64.StdEncoding.EncodeToString([]byte(body))), "hex": []byte(hex.EncodeToString([]byte(body))),
	}
	for name, sample := range samples {
		for _, before := range []int{0, 1, 5000} {
			lies := append(bytes.Repeat([]byte{0xa5}, before), sample...)
			if as := found(lies); len(as) == 0 {
				t.Errorf("%s at %d is not found", name, before)
			}
		}
	}
	if as := found(bytes.Repeat([]byte("noise"), 1000)); len(as) > 0 {
		t.Errorf("found in nothing: %q", as)
	}
}

// watch notes every file that is made in a folder, also one that is gone again.
type watch struct{ fd int }

func newWatch(t testing.TB, dir string) watch {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_CREATE|syscall.IN_MOVED_TO); err != nil {
		t.Fatal(err)
	}
	return watch{fd}
}

func (w watch) names(t testing.TB) (names []string) {
	t.Helper()
	b := make([]byte, 1<<16)
	n, err := syscall.Read(w.fd, b)
	if err == syscall.EAGAIN {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at+syscall.SizeofInotifyEvent <= n; {
		size := int(b[at+12]) | int(b[at+13])<<8
		name := b[at+syscall.SizeofInotifyEvent : at+syscall.SizeofInotifyEvent+size]
		names = append(names, string(bytes.TrimRight(name, "\x00")))
		at += syscall.SizeofInotifyEvent + size
	}
	return names
}
