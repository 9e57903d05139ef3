package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// authority runs a timestamp authority, by openssl, behind a server: its address
// becomes $AUTHORITY, and its root certificate the file root.pem. With "down" it
// answers nothing but errors, until it is called again: authority [down].
func authority(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: authority [down]")
	}
	dir := ts.MkAbs("tsa")
	if _, err := os.Stat(dir); err != nil {
		ts.Check(os.Mkdir(dir, 0o700))
		ts.Check(certify(dir))
		root, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("root.pem"), root, 0o600))
	}
	var one sync.Mutex // openssl counts in a file
	down := len(args) == 1
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		question, err := io.ReadAll(r.Body)
		if down || err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" || len(question) > 200 {
			http.Error(w, "no", http.StatusServiceUnavailable)
			return
		}
		answer, err := stampWith(r.Context(), dir, question)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(answer) // whoever asked went away
	}))
	ts.Defer(s.Close)
	ts.Setenv("AUTHORITY", s.URL)
}

const authorityConfig = `[tsa]
default_tsa=one
[one]
serial=serial
signer_cert=tsa.pem
certs=ca.pem
signer_key=tsa.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
ess_cert_id_alg=sha256
`

func openssl(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "openssl", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("openssl %s: %w: %s", args[0], err, out)
	}
	return nil
}

// certify makes the authority's root, key and certificate.
func certify(dir string) error {
	for name, text := range map[string]string{"ts.cnf": authorityConfig, "serial": "01\n", "usage": "extendedKeyUsage=critical,timeStamping\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	key := []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"}
	for _, args := range [][]string{
		append([]string{"req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Invented Root"}, key...),
		append([]string{"req", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Invented Authority"}, key...),
		{"x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.pem", "-extfile", "usage"},
	} {
		if err := openssl(context.Background(), dir, args...); err != nil {
			return err
		}
	}
	return nil
}

func stampWith(ctx context.Context, dir string, question []byte) ([]byte, error) {
	if err := os.WriteFile(filepath.Join(dir, "q"), question, 0o600); err != nil {
		return nil, err
	}
	if err := openssl(ctx, dir, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "q", "-out", "r"); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "r"))
}

// takeEvidence takes in an item for a new case, as the one whose passphrase is in the
// file passphrase: take-evidence DIR.
func takeEvidence(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: take-evidence DIR")
	}
	ctx := context.Background()
	o, err := casework.NewOffice(casework.Options{Dir: ts.MkAbs(args[0]), Now: time.Now})
	ts.Check(err)
	defer o.LockAll()
	d, err := o.Unlock(ctx, []byte(strings.TrimSpace(ts.ReadFile("passphrase"))))
	ts.Check(err)
	id, err := d.OpenCase(ctx, casework.Intake{Team: d.Me().Teams[0].ID})
	ts.Check(err)
	_, err = d.TakeEvidence(ctx, casework.NewEvidence{
		Case: id, Event: "received", FileName: amana.Conceal("invented.txt"), Values: casework.Values{"title": event.Text("Invented")},
	}, strings.NewReader("CANARY, invented"))
	ts.Check(err)
}
