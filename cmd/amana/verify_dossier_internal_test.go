package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amana/internal/dossier"
)

func TestVerify_dossier(t *testing.T) {
	const good = "../../internal/dossier/testdata/dossier-1.zip"
	raw, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	say := func(args ...string) (int, string, string) {
		var out, said bytes.Buffer
		code := run(t.Context(), append([]string{"verify"}, args...), strings.NewReader(""), &out, &said)
		return code, out.String(), said.String()
	}
	code, out, _ := say(good)
	if code != exitDone || !strings.Contains(out, "is signed by the key") || !strings.Contains(out, "whose key signed") || strings.Contains(out, "BROKEN") {
		t.Errorf("%d\n%s", code, out)
	}
	bad := filepath.Join(dir, "bad.zip")
	at := bytes.Index(raw, []byte("what she drew"))
	raw[at] ^= 1
	if err := os.WriteFile(bad, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, hint := say(bad)
	if code != exitTampered || !strings.Contains(out, "evidence/0001.txt was changed") || !strings.Contains(hint, "another copy") {
		t.Errorf("%d\n%s%s", code, out, hint)
	}
	var r dossier.Result
	if code, out, _ := say("--json", bad); code != exitTampered || json.Unmarshal([]byte(out), &r) != nil || r.OK || len(r.Checks) == 0 {
		t.Errorf("%d\n%s", code, out)
	}
	if code, out, _ := say("--key", "lidov vunoh", good); code != exitTampered || !strings.Contains(out, "not by the key that you named") {
		t.Errorf("another key: %d\n%s", code, out)
	}
	page := filepath.Join(dir, "verify.html")
	if code, _, _ := say("--page", page, good); code != exitDone {
		t.Errorf("--page: %d", code)
	}
	if written, err := os.ReadFile(page); err != nil || !bytes.Equal(written, dossier.VerifierPage()) {
		t.Errorf("the page is not written: %v", err)
	}
	if code, _, _ := say("--page", page, good); code != exitStorage {
		t.Errorf("a page over another: %d", code)
	}
}
