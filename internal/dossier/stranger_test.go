package dossier_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// A reader of dossiers that knows docs/format.md and the standard library, and nothing
// of this project: what somebody would write in thirty years.

type strangerIndex struct {
	Format int
	ID, By string
	Keys   []struct{ Member, Key string }
	Items  []struct {
		Number, Size, Statements        int
		ID, File, SHA256, Salt, Content string
		Custody                         string
		Heads                           []string
		Fields                          []struct{ Name, Verdict, Reason string }
		DerivedFrom                     string `json:"derived_from"`
	}
	Anchors []struct {
		ID, Root, Token string
		Leaves          uint64
	}
}

type strangerLine struct {
	Statement, Signature string
	Words                []struct{ Name, Salt, Text string }
	Proof                *struct {
		Anchor int
		Leaf   uint64
		Path   []string
	}
}

type strangerStatement struct {
	Item, Event, By, Before, After string
	Words                          map[string]string
	Previous                       []string
}

// strangerDigest is section 2.3.
func strangerDigest(label string, parts ...[]byte) []byte {
	b := append(binary.BigEndian.AppendUint64(nil, uint64(len(label))), label...)
	for _, p := range parts {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(p))), p...)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

// strangerReads verifies by section 14.5, but for the form of the archive and for what
// authorities signed, and returns how many items and statements it read.
func strangerReads(raw []byte) (items, statements int, err error) {
	files, err := strangerBag(raw)
	if err != nil {
		return 0, 0, err
	}
	key, err := strangerSigned(files)
	if err != nil {
		return 0, 0, err
	}
	var x strangerIndex
	if err := json.Unmarshal(files["data/dossier.json"], &x); err != nil {
		return 0, 0, fmt.Errorf("the index: %w", err)
	}
	keys := map[string]ed25519.PublicKey{}
	for _, k := range x.Keys {
		keys[k.Member] = unhex(k.Key)
	}
	if x.Format != 1 || !bytes.Equal(keys[x.By], key) {
		return 0, 0, fmt.Errorf("format %d, or signed by another key than that of its member", x.Format)
	}
	for i := range x.Items {
		n, err := strangerItem(files, &x, i, keys)
		if err != nil {
			return 0, 0, fmt.Errorf("item %d: %w", x.Items[i].Number, err)
		}
		items, statements = items+1, statements+n
	}
	return items, statements, nil
}

// strangerBag is section 14.2: what the two manifests list, and every hash.
func strangerBag(raw []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.OpenRaw() // stored as it is; a CRC proves nothing to a stranger
		if err != nil {
			return nil, err
		}
		_, name, _ := strings.Cut(f.Name, "/")
		if files[name], err = io.ReadAll(r); err != nil {
			return nil, err
		}
	}
	payload := slices.DeleteFunc(slices.Collect(maps.Keys(files)), func(n string) bool { return !strings.HasPrefix(n, "data/") })
	for manifest, want := range map[string][]string{
		"manifest-sha256.txt": payload, "tagmanifest-sha256.txt": {"bagit.txt", "bag-info.txt", "manifest-sha256.txt"},
	} {
		var listed []string
		for line := range strings.Lines(string(files[manifest])) {
			sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
			got := sha256.Sum256(files[name])
			if hex.EncodeToString(got[:]) != sum {
				return nil, fmt.Errorf("%s is not what %s says", name, manifest)
			}
			listed = append(listed, name)
		}
		if slices.Sort(listed); !slices.Equal(listed, slices.Sorted(slices.Values(want))) {
			return nil, fmt.Errorf("%s lists %v", manifest, listed)
		}
	}
	return files, nil
}

// strangerSigned is section 14.3.
func strangerSigned(files map[string][]byte) (ed25519.PublicKey, error) {
	said := map[string]string{}
	for line := range strings.Lines(string(files["signature.txt"])) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		said[name] = value
	}
	key := unhex(said["Key"])
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, strangerDigest("amana/1/dossier", files["tagmanifest-sha256.txt"]), unhex(said["Signature"])) {
		return nil, fmt.Errorf("not signed by the key that it names")
	}
	return key, nil
}

// strangerItem is section 14.5, step 5.
func strangerItem(files map[string][]byte, x *strangerIndex, at int, keys map[string]ed25519.PublicKey) (int, error) {
	it := &x.Items[at]
	if it.File != "" {
		sum := sha256.Sum256(files["data/"+it.File])
		content := strangerDigest("amana/1/content", unhex(it.Salt), sum[:], binary.BigEndian.AppendUint64(nil, uint64(len(files["data/"+it.File]))))
		if hex.EncodeToString(sum[:]) != it.SHA256 || len(files["data/"+it.File]) != it.Size || hex.EncodeToString(content) != it.Content {
			return 0, fmt.Errorf("its file is not the one that was taken in")
		}
	}
	known, open, n := map[string]bool{}, map[string]bool{}, 0
	for line := range bytes.Lines(files["data/"+it.Custody]) {
		var l strangerLine
		var s strangerStatement
		if err := json.Unmarshal(line, &l); err != nil {
			return 0, err
		}
		if err := json.Unmarshal([]byte(l.Statement), &s); err != nil {
			return 0, err
		}
		id := strangerDigest("amana/1/custody", []byte(l.Statement), unhex(l.Signature))
		switch {
		case len(keys[s.By]) == 0 || !ed25519.Verify(keys[s.By], strangerDigest("amana/1/custody statement", []byte(l.Statement)), unhex(l.Signature)):
			return 0, fmt.Errorf("statement %d is not signed by who says it", n+1)
		case s.Item != it.ID || (len(s.Previous) == 0) != (n == 0):
			return 0, fmt.Errorf("statement %d is of another item, or stands at another place", n+1)
		case n == 0 && s.After != it.Content || n > 0 && slices.ContainsFunc([]string{s.Before, s.After}, func(c string) bool { return c != "" && c != it.Content }):
			return 0, fmt.Errorf("statement %d is about other content", n+1)
		}
		for _, p := range s.Previous {
			if !known[p] {
				return 0, fmt.Errorf("statement %d follows one that is not there", n+1)
			}
			delete(open, p)
		}
		for _, w := range l.Words {
			if hex.EncodeToString(strangerDigest("amana/1/custody word", unhex(w.Salt), []byte(w.Name), []byte(w.Text))) != s.Words[w.Name] {
				return 0, fmt.Errorf("statement %d did not say %s so", n+1, w.Name)
			}
		}
		if l.Proof != nil {
			a := x.Anchors[l.Proof.Anchor]
			if !strangerProof(id, l.Proof.Leaf, a.Leaves, l.Proof.Path, a.Root) {
				return 0, fmt.Errorf("statement %d is not in the batch that its proof names", n+1)
			}
		}
		known[hex.EncodeToString(id)], open[hex.EncodeToString(id)] = true, true
		n++
	}
	if heads := slices.Sorted(maps.Keys(open)); n != it.Statements || !slices.Equal(heads, slices.Sorted(slices.Values(it.Heads))) {
		return 0, fmt.Errorf("%d statements, want %d, or others at the end", n, it.Statements)
	}
	return n, nil
}

// strangerProof is RFC 9162, section 2.1.3.2, over the tree of RFC 6962.
func strangerProof(leaf []byte, at, leaves uint64, path []string, root string) bool {
	hash := func(b ...[]byte) []byte { sum := sha256.Sum256(bytes.Join(b, nil)); return sum[:] }
	if at >= leaves {
		return false
	}
	f, s, r := at, leaves-1, hash([]byte{0}, leaf)
	for _, p := range path {
		if s == 0 {
			return false
		}
		if f&1 == 1 || f == s {
			r = hash([]byte{1}, unhex(p), r)
			for f&1 == 0 && f != 0 {
				f, s = f>>1, s>>1
			}
		} else {
			r = hash([]byte{1}, r, unhex(p))
		}
		f, s = f>>1, s>>1
	}
	return s == 0 && hex.EncodeToString(r) == root
}

// The document is enough to verify a dossier; and what the stranger reads it does check.
func TestStranger_readsTheFrozenDossier(t *testing.T) {
	raw, err := os.ReadFile("testdata/dossier-1.zip")
	if err != nil {
		t.Fatal(err)
	}
	items, statements, err := strangerReads(raw)
	if err != nil || items != 3 || statements < items {
		t.Fatalf("%d items, %d statements, %v", items, statements, err)
	}
	for _, part := range []string{"data/evidence/0001.txt", "data/custody/0001.jsonl", "bag-info.txt"} {
		bad := bytes.Clone(raw)
		at := bytes.Index(bad, []byte(part)) + len(part) + 5 // in what the file holds: it is stored as it is
		bad[at] ^= 1
		if _, _, err := strangerReads(bad); err == nil {
			t.Errorf("a bit of %s is another, and the stranger does not see it", part)
		}
	}
}

// The stranger imports nothing of the project, nor of anybody else.
func TestStranger_isOne(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "stranger_test.go", nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, imp := range file.Imports {
		if path := strings.Trim(imp.Path.Value, `"`); strings.HasPrefix(path, "amana") || strings.Contains(path, ".") {
			t.Errorf("it imports %s", path)
		}
	}
}
