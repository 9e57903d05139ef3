package dossier

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"amana"
	"amana/internal/evidence"
	"amana/internal/record"
	"amana/internal/seal"
)

// Check is one thing that was verified, in words.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// Result is what verification found.
type Result struct {
	OK     bool    `json:"ok"`
	Checks []Check `json:"checks"`
	// Open are things that no check of this file can settle, in words.
	Open        []string `json:"open"`
	Fingerprint string   `json:"fingerprint"` // of the key that signed
	Key         string   `json:"key"`
	ID          string   `json:"id"`
	// Organisation is the ID of the one that it says it is of.
	Organisation string `json:"-"`
}

// Options say what whoever verifies knows already.
type Options struct {
	// Key is the key, or the words of its fingerprint, that the signature must be by;
	// empty for any.
	Key string
	// Authorities are certificates in PEM that the timestamps must lead to; none to
	// leave open whether they can be trusted.
	Authorities []byte
}

func whenText(t uint64) string { return record.When(t).Format("2006-01-02T15:04:05Z") }

// verification is one dossier being verified.
type verification struct {
	r      io.ReaderAt
	opts   Options
	files  map[string]placed
	sums   map[string]seal.Hash
	result Result
	index  Index
	proofs map[int]int // statements proven, by anchor
	loose  int         // statements that no batch holds yet
}

// Verify verifies a dossier with nothing but its bytes; r is read from several
// goroutines. What is wrong is in the
// result, in words; an error is one of ctx or of reading.
func Verify(ctx context.Context, r io.ReaderAt, size int64, o Options) (Result, error) {
	v := newVerification(r, o)
	err := v.run(ctx, size)
	if ctx.Err() != nil {
		return v.result, ctx.Err()
	}
	if err != nil && !errors.Is(err, errStopped) {
		return v.result, err
	}
	v.result.OK = err == nil && v.whole()
	return v.result, nil
}

func newVerification(r io.ReaderAt, o Options) *verification {
	return &verification{r: r, opts: o, files: map[string]placed{}, sums: map[string]seal.Hash{}, proofs: map[int]int{}}
}

// whole reports whether no check failed.
func (v *verification) whole() bool {
	return !slices.ContainsFunc(v.result.Checks, func(c Check) bool { return !c.OK })
}

// errStopped ends a verification that found what makes going on pointless.
var errStopped = errors.New("stopped")

func (v *verification) passed(name, format string, args ...any) {
	v.result.Checks = append(v.result.Checks, Check{name, true, fmt.Sprintf(format, args...)})
}

func (v *verification) failed(name, format string, args ...any) {
	v.result.Checks = append(v.result.Checks, Check{name, false, fmt.Sprintf(format, args...)})
}

func (v *verification) run(ctx context.Context, size int64) error {
	list, err := readArchive(v.r, size)
	if err != nil {
		v.failed("archive", "this is not a whole dossier: %s", plain(err))
		return errStopped
	}
	for _, step := range []func() error{
		func() error { return v.names(list) },
		func() error { return v.contents(ctx, list) },
		v.bag, v.signature, v.readIndex,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	v.items()
	v.stamps()
	v.open()
	return nil
}

// plain is the text of an error without the package it came from.
func plain(err error) string {
	text := strings.TrimSuffix(err.Error(), ": "+amana.ErrTampered.Error())
	if _, rest, ok := strings.Cut(text, ": "); ok {
		return rest
	}
	return text
}

// names checks that the files are those of a bag, in order, in one folder.
func (v *verification) names(list []placed) error {
	if len(list) < len(tagFiles) {
		v.failed("archive", "files are missing: a dossier begins with %s", strings.Join(tagFiles, ", "))
		return errStopped
	}
	base, _, _ := strings.Cut(list[0].name, "/")
	base += "/"
	before := ""
	for i, p := range list {
		name, ok := strings.CutPrefix(p.name, base)
		switch {
		case !ok || !safeName(name):
			v.failed("archive", "file %d has a name that no dossier has", i+1)
			return errStopped
		case i < len(tagFiles) && name != tagFiles[i]:
			v.failed("archive", "file %d should be %s: it was renamed, moved or taken out", i+1, tagFiles[i])
			return errStopped
		case i >= len(tagFiles) && (name <= before || !strings.HasPrefix(name, "data/")):
			v.failed("archive", "file %d, %s, is not in its place", i+1, name)
			return errStopped
		case i >= len(tagFiles):
			before = name
		}
		v.files[name] = p
	}
	return nil
}

// safeName reports whether a name has only what our own have: no way out of the
// folder, no control characters, nothing that a screen shows as something else.
func safeName(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	for _, c := range []byte(name) {
		ok := 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '/' || c == '-' || c == '.'
		if !ok {
			return false
		}
	}
	return true
}

// content is what was found of one file.
type content struct {
	head  bool // what stands before it is as it should be
	sum   seal.Hash
	crc   uint32
	err   error
	ended bool
}

// contents reads every file once: what stands before it, its hash, its sum. As many
// are read at a time as there are processors.
func (v *verification) contents(ctx context.Context, list []placed) error {
	found := make([]content, len(list))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var next atomic.Int64
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), mostReaders, len(list)) {
		readers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(list) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if found[i] = v.content(ctx, list[i]); found[i].err != nil {
					stop()
				}
			}
		})
	}
	readers.Wait()
	bad := 0
	for i, p := range list {
		_, name, _ := strings.Cut(p.name, "/")
		switch f := found[i]; {
		case f.err != nil && !errors.Is(f.err, context.Canceled):
			return f.err
		case !f.ended: // another failed first, and is told
		case !f.head:
			v.failed("archive", "what stands before %s in the archive was changed", name)
			bad++
		case f.crc != p.crc:
			v.failed("files", "%s was changed: its checksum is another", name)
			bad++
		}
		v.sums[name] = found[i].sum
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if bad > 0 {
		return errStopped
	}
	return nil
}

// mostReaders is how many files are read at a time at most: the disk is one.
const mostReaders = 4

func (v *verification) content(ctx context.Context, p placed) (c content) {
	head := p.local()
	there := make([]byte, len(head))
	if _, c.err = v.r.ReadAt(there, p.at-int64(len(head))); c.err != nil {
		return c
	}
	c.head = string(there) == string(head)
	_, c.sum, c.crc, c.err = pass(ctx, nil, io.NewSectionReader(v.r, p.at, int64(p.size)), p.size)
	c.ended = c.err == nil
	return c
}

// largestRead is the most that is read into memory at once.
const largestRead = 64 << 20

func (v *verification) read(name string) ([]byte, error) {
	p, ok := v.files[name]
	if !ok {
		return nil, malformed(name + " is missing")
	}
	if p.size > largestRead {
		return nil, malformed(name + " is too long")
	}
	raw := make([]byte, p.size)
	if _, err := v.r.ReadAt(raw, p.at); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return raw, nil
}

// bag checks the bag: each list names all files that it should and no other, each
// file is what its list says.
func (v *verification) bag() error {
	text, err := v.read(bagFile)
	if err != nil || string(text) != bagText {
		v.failed("bag", "%s is not that of a bag", bagFile)
		return errStopped
	}
	var tags, payload []string
	for name := range v.files {
		if strings.HasPrefix(name, "data/") {
			payload = append(payload, name)
		}
	}
	tags = []string{bagFile, infoFile, manifestFile}
	slices.Sort(payload)
	ok := v.list(tagsFile, tags)
	if !v.list(manifestFile, payload) || !ok {
		return errStopped
	}
	v.passed("files", "%d files are, byte for byte, as they were when the dossier was made", len(v.files))
	return nil
}

func (v *verification) list(manifest string, want []string) bool {
	raw, err := v.read(manifest)
	if err != nil {
		v.failed("files", "%s", plain(err))
		return false
	}
	lines, err := parseManifest(raw)
	if err != nil {
		v.failed("files", "%s: %s", manifest, plain(err))
		return false
	}
	ok := true
	named := map[string]bool{}
	for i, l := range lines {
		named[l.name] = true
		switch _, there := v.files[l.name]; {
		case !there:
			v.failed("files", "%s is missing: it was taken out or renamed", l.name)
			ok = false
		case v.sums[l.name] != l.sum:
			v.failed("files", "%s is not the file that was put in: it was changed, or swapped", l.name)
			ok = false
		case i >= len(want) || want[i] != l.name:
			v.failed("files", "%s is not in its place in %s", l.name, manifest)
			ok = false
		}
	}
	for _, name := range want {
		if !named[name] {
			v.failed("files", "%s is in no list: it was added or renamed", name)
			ok = false
		}
	}
	return ok
}

func (v *verification) signature() error {
	raw, err := v.read(signatureFile)
	if err != nil {
		return err
	}
	key, sig, err := parseSignature(raw)
	if err != nil {
		v.failed("signature", "%s", plain(err))
		return errStopped
	}
	list, err := v.read(tagsFile)
	if err != nil {
		return err
	}
	if err := key.Verify(SignatureLabel, list, sig); err != nil {
		v.failed("signature", "the signature is not by the key that stands beside it, or not of this dossier")
		return errStopped
	}
	v.result.Key, v.result.Fingerprint = hex.EncodeToString(key[:]), Fingerprint(key)
	if want := v.opts.Key; want != "" && !strings.EqualFold(want, v.result.Key) && !strings.EqualFold(strings.Join(strings.Fields(want), " "), v.result.Fingerprint) {
		v.failed("signature", "it is signed, but not by the key that you named")
		return errStopped
	}
	v.passed("signature", "all of it is signed by the key %s", v.result.Fingerprint)
	return nil
}

func (v *verification) readIndex() error {
	raw, err := v.read(indexFile)
	if err == nil {
		err = json.Unmarshal(raw, &v.index)
	}
	if err != nil || v.index.Format != 1 {
		v.failed("index", "%s is not of a kind that this program reads", indexFile)
		return errStopped
	}
	v.result.ID, v.result.Organisation = v.index.ID, v.index.Organisation
	info, err := v.read(infoFile)
	var size uint64
	n := 0
	for name, p := range v.files {
		if strings.HasPrefix(name, "data/") {
			size += p.size
			n++
		}
	}
	made := v.index.Made
	if err != nil || len(made) < 10 || string(info) != string(bagInfo(v.index.ID, made[:10], size, n)) {
		v.failed("index", "%s does not fit the rest", infoFile)
	}
	own := false
	for _, k := range v.index.Keys {
		own = own || k.Member == v.index.By && k.Key == v.result.Key
	}
	if !own {
		v.failed("signature", "the key that signed is not the one of whom the dossier names as its maker")
	}
	return nil
}

// keysOf checks statements against a list of keys.
func keysOf(keys []Key) func(string, evidence.Signed) error {
	return func(member string, one evidence.Signed) error {
		err := fmt.Errorf("dossier: a member's key is missing: %w", amana.ErrTampered)
		for _, k := range keys {
			if k.Member != member {
				continue
			}
			h, bad := evidence.ParseHash(k.Key)
			if bad != nil {
				return bad
			}
			if err = seal.VerifyKey(h).Verify(evidence.SignatureLabel, one.Raw, one.Signature); err == nil {
				return nil
			}
		}
		return err
	}
}
