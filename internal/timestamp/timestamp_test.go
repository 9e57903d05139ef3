package timestamp_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/seal"
	"amana/internal/timestamp"
)

func leaves(n int) []seal.Hash {
	list := make([]seal.Hash, n)
	for i := range list {
		list[i] = seal.Digest("leaf", []byte{byte(i), byte(i >> 8)})
	}
	return list
}

func TestTree_provesEveryLeafAndNothingElse(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 8, 100} {
		list := leaves(n)
		tree, err := timestamp.NewTree(list)
		if err != nil {
			t.Fatal(err)
		}
		root, err := tree.Root()
		if err != nil {
			t.Fatal(err)
		}
		for i := range int64(n) {
			path, err := tree.Prove(i)
			if err != nil {
				t.Fatal(err)
			}
			if err := timestamp.CheckProof(root, tree.Size(), i, list[i], path); err != nil {
				t.Errorf("%d of %d: %v", i, n, err)
			}
			other := list[i]
			other[3] ^= 1
			for name, err := range map[string]error{
				"another leaf":  timestamp.CheckProof(root, tree.Size(), i, other, path),
				"another root":  timestamp.CheckProof(other, tree.Size(), i, list[i], path),
				"another place": timestamp.CheckProof(root, tree.Size(), i+1, list[i], path),
				"a longer path": timestamp.CheckProof(root, tree.Size(), i, list[i], append(path, other)),
				"beyond":        timestamp.CheckProof(root, tree.Size(), 1<<40, list[i], path),
				"negative":      timestamp.CheckProof(root, -1, -1, list[i], path),
			} {
				if !errors.Is(err, amana.ErrTampered) {
					t.Errorf("%d of %d, %s: %v", i, n, name, err)
				}
			}
		}
	}
	if _, err := timestamp.NewTree(nil); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("a batch of nothing: %v", err)
	}
}

// authority is a timestamp authority run by openssl.
type authority struct {
	dir string
	ca  []byte
}

func run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %v: %v\n%s", args[0], err, out)
	}
	return string(out)
}

// NewAuthority makes an authority with a root of its own.
func newAuthority(t testing.TB, usage string) authority {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("AMANA_REQUIRE") == "all" {
			t.Fatal("needs openssl, and AMANA_REQUIRE=all")
		}
		t.Skip("needs openssl")
	}
	a := authority{dir: t.TempDir()}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ts.cnf", `[tsa]
default_tsa = one
[one]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`)
	write("serial", "01\n")
	write("usage", usage)
	run(t, a.dir, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Invented Root", "-days", "3650")
	run(t, a.dir, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Invented Authority")
	run(t, a.dir, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.pem", "-days", "3000", "-extfile", "usage")
	raw, err := os.ReadFile(filepath.Join(a.dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	a.ca = raw
	return a
}

func (a authority) answer(t testing.TB, question []byte) []byte {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, "q"), question, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, a.dir, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "q", "-out", "r")
	raw, err := os.ReadFile(filepath.Join(a.dir, "r"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const forStamps = "extendedKeyUsage=critical,timeStamping\n"

func TestToken_ofARealAuthority(t *testing.T) {
	a := newAuthority(t, forStamps)
	tree, _ := timestamp.NewTree(leaves(5))
	root, _ := tree.Root()
	q, err := timestamp.Ask(root)
	if err != nil {
		t.Fatal(err)
	}
	r := a.answer(t, q.DER)
	s, err := timestamp.Answered(q, r, a.ca)
	if err != nil || !s.Trusted || !strings.Contains(s.Authority, "Invented Authority") || s.Accuracy != time.Second {
		t.Fatalf("%+v %v", s, err)
	}
	if d := time.Since(s.Time); d < -time.Minute || d > time.Hour {
		t.Errorf("it says %s", s.Time)
	}
	// openssl agrees that it is a token for this root.
	out := run(t, a.dir, "ts", "-verify", "-digest", root.String(), "-in", "r", "-CAfile", "ca.pem")
	if !strings.Contains(out, "Verification: OK") {
		t.Errorf("openssl: %s", out)
	}
	if s, err := timestamp.Check(r, root, nil); err != nil || s.Trusted {
		t.Errorf("without anybody trusted: %+v %v", s, err)
	}
	other := root
	other[0] ^= 1
	again, _ := timestamp.Ask(root)
	stranger := newAuthority(t, forStamps)
	for name, err := range map[string]error{
		"an altered root":      second(timestamp.Check(r, other, a.ca)),
		"another question":     second(timestamp.Answered(again, r, a.ca)),
		"an authority unknown": second(timestamp.Check(r, root, stranger.ca)),
		"cut short":            second(timestamp.Check(r[:len(r)-1], root, a.ca)),
		"one byte more":        second(timestamp.Check(append(bytes.Clone(r), 0), root, a.ca)),
		"nothing":              second(timestamp.Check(nil, root, a.ca)),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := timestamp.Check(r, root, []byte("no certificate")); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("no certificate: %v", err)
	}
}

// A certificate of the same root that is for something else stamps nothing.
func TestToken_ofAKeyThatIsNotForStamps(t *testing.T) {
	for name, usage := range map[string]string{
		"not critical":    "extendedKeyUsage=timeStamping\n",
		"for servers too": "extendedKeyUsage=critical,timeStamping,serverAuth\n",
	} {
		a := newAuthority(t, usage)
		root := seal.Digest("root")
		q, _ := timestamp.Ask(root)
		if err := os.WriteFile(filepath.Join(a.dir, "q"), q.DER, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "openssl", "ts", "-reply", "-config", "ts.cnf", "-queryfile", "q", "-out", "r")
		cmd.Dir = a.dir
		if cmd.Run() != nil {
			continue // openssl would not even sign
		}
		r, _ := os.ReadFile(filepath.Join(a.dir, "r"))
		if _, err := timestamp.Check(r, root, a.ca); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// Whatever comes as an answer costs nothing and is no panic.
func FuzzCheck(f *testing.F) {
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x00})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if s, err := timestamp.Check(raw, seal.Hash{}, nil); err == nil {
			t.Errorf("taken: %+v", s)
		}
	})
}

func second(_ timestamp.Stamp, err error) error { return err }
