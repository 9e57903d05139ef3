package dossier

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"amana"
	"amana/internal/evidence"
	"amana/internal/release"
	"amana/internal/seal"
	"amana/internal/timestamp"
)

// Format is the name under which the gate clears a dossier.
const Format = "dossier"

// FieldFile is the field of a record of evidence that stands for its file: where the
// gate lets it leave whole, the file is in the dossier.
const FieldFile = "file"

// FieldWord is the field that stands for a word of custody.
func FieldWord(name string) string { return "custody_" + name }

// Material is what a dossier is made of. It may hold more than was cleared: what was
// not does not leave.
type Material struct {
	Software     string
	Organisation amana.OrgID
	Name         string // of the organisation
	Language     string
	Keys         []Key // of everybody who signed a statement, and of who makes it
	Evidence     []Evidence
	Batches      []Batch
	// Sign signs as the member who makes it, whose key is Signer.
	Sign   func(label string, message []byte) (seal.Signature, error)
	Signer seal.VerifyKey
	// Recovery seals what only the organisation's custodians together may open.
	Recovery seal.BoxKey
	// Redactions say what was covered in working copies, item by item; they go in
	// sealed. None where nothing was.
	Redactions []byte
	// Report renders the pages that people read, from the index.
	Report func(Index) ([]Page, error)
}

// Page is a file that people read: "report.html", "report.pdf", "method.html".
type Page struct {
	Name    string
	Content []byte
}

// Evidence is one item.
type Evidence struct {
	ID     amana.RecordID
	Parent amana.RecordID
	Ending string // of the file's name in the dossier: "jpg"; letters and digits
	Blob   evidence.Blob
	Open   func() (io.Reader, func() error, error) // nil where there is no file
	Log    []Statement
}

// Statement is a statement of custody with its words.
type Statement struct {
	evidence.Signed
	Words []evidence.Word
}

// Batch is a batch of hashes with its token, or none.
type Batch struct {
	ID     amana.RecordID
	Leaves []seal.Hash
	Token  []byte
}

// file is one file of the payload: what it holds, or how to read it.
type file struct {
	entry
	sum     seal.Hash
	content []byte
	open    func() (io.Reader, func() error, error)
}

func fileOf(name string, content []byte) file {
	sum := seal.NewSum()
	sum.Write(content)
	return file{entry: entry{name, uint64(len(content)), crc32.ChecksumIEEE(content)}, sum: seal.Hash(sum.Sum(nil)), content: content}
}

// Write writes the dossier of what was cleared. Each file of evidence is hashed once
// more as it leaves: where it is not what was taken in, the dossier breaks off, and
// does not verify. Kinds: ErrRefused, ErrTampered, those of Open and of w.
func Write(ctx context.Context, w io.Writer, c release.Cleared, m Material) (Index, error) {
	if err := c.For(Format); err != nil {
		return Index{}, err
	}
	b := &builder{cleared: c, m: m}
	if err := b.build(); err != nil {
		return b.index, err
	}
	return b.index, b.write(ctx, w)
}

// builder makes one dossier.
type builder struct {
	cleared release.Cleared
	m       Material
	index   Index
	payload []file
	proofs  map[seal.Hash]Proof
}

func (b *builder) build() error {
	c := b.cleared
	b.index = Index{
		Format: 1, ID: c.ID().String(), Made: c.When().UTC().Format("2006-01-02T15:04:05Z"), Software: b.m.Software,
		Organisation: b.m.Organisation.String(), Name: b.m.Name, By: c.By().String(), Purpose: string(c.Purpose()),
		Recipient: c.Recipient().Reveal(), Language: b.m.Language, Keys: b.m.Keys, Items: []Item{}, Consents: b.consents(), Anchors: []Anchor{},
	}
	if err := b.anchors(); err != nil {
		return err
	}
	for _, e := range b.m.Evidence {
		if err := b.item(e); err != nil {
			return err
		}
	}
	if len(b.index.Items) == 0 {
		return fmt.Errorf("dossier: nothing of it was cleared: %w", amana.ErrRefused)
	}
	if len(b.m.Redactions) > 0 {
		sealed, err := b.m.Recovery.Seal([]byte(redactionsContext), b.m.Redactions)
		if err != nil {
			return err
		}
		b.payload = append(b.payload, fileOf(sealedFile, sealed))
	}
	raw, err := json.MarshalIndent(b.index, "", " ")
	if err != nil {
		return fmt.Errorf("dossier: %w", amana.ErrInvalid)
	}
	b.payload = append(b.payload, fileOf(indexFile, append(raw, '\n')), fileOf(verifyFile, VerifierPage()))
	pages, err := b.m.Report(b.index)
	if err != nil {
		return err
	}
	for _, p := range pages {
		b.payload = append(b.payload, fileOf("data/"+p.Name, p.Content))
	}
	slices.SortFunc(b.payload, func(a, c file) int { return strings.Compare(a.name, c.name) })
	return nil
}

// consents are the answers on which the release rests, one for each person.
func (b *builder) consents() []Consent {
	list := []Consent{}
	for _, d := range b.cleared.Records() {
		if !d.Leaves() || d.Basis != release.ByConsent {
			continue
		}
		subject := d.Subject.String()
		if slices.ContainsFunc(list, func(c Consent) bool { return c.Subject == subject }) {
			continue
		}
		s := d.Consent
		list = append(list, Consent{
			Subject: subject, Purpose: string(s.Purpose), Decision: string(s.Decision), When: whenText(s.Time),
			GivenBy: s.GivenBy, How: s.How, Language: s.Language, Until: s.Until, Conditions: s.Conditions.Reveal(),
		})
	}
	return list
}

// anchors takes in the batches that hold a statement of this dossier.
func (b *builder) anchors() error {
	want := map[seal.Hash]bool{}
	for _, e := range b.m.Evidence {
		for _, s := range e.Log {
			want[s.ID()] = true
		}
	}
	b.proofs = map[seal.Hash]Proof{}
	for _, batch := range b.m.Batches {
		if !slices.ContainsFunc(batch.Leaves, func(h seal.Hash) bool { return want[h] }) {
			continue
		}
		tree, err := timestamp.NewTree(batch.Leaves)
		if err != nil {
			return err
		}
		root, err := tree.Root()
		if err != nil {
			return err
		}
		n := len(b.index.Anchors)
		a := Anchor{ID: batch.ID.String(), Root: root.String(), Size: tree.Size()}
		if len(batch.Token) > 0 {
			a.Token = fmt.Sprintf("timestamps/%04d.tsr", n+1)
			b.payload = append(b.payload, fileOf("data/"+a.Token, batch.Token))
		}
		b.index.Anchors = append(b.index.Anchors, a)
		if err := b.prove(n, tree, batch.Leaves, want); err != nil {
			return err
		}
	}
	return nil
}

// prove proves the statements that a batch holds.
func (b *builder) prove(anchor int, tree timestamp.Tree, leaves []seal.Hash, want map[seal.Hash]bool) error {
	for i, h := range leaves {
		if _, have := b.proofs[h]; !want[h] || have {
			continue
		}
		path, err := tree.Prove(int64(i))
		if err != nil {
			return err
		}
		p := Proof{Anchor: anchor, Leaf: int64(i), Path: []string{}}
		for _, one := range path {
			p.Path = append(p.Path, one.String())
		}
		b.proofs[h] = p
	}
	return nil
}

// item puts in what was cleared of one item.
func (b *builder) item(e Evidence) error {
	d, ok := b.cleared.Record(e.ID)
	if !ok || !d.Leaves() {
		return nil
	}
	n := len(b.index.Items) + 1
	it := Item{Number: n, ID: e.ID.String(), Fields: []Said{}, Custody: fmt.Sprintf("custody/%04d.jsonl", n), Count: len(e.Log), Heads: []string{}}
	if !e.Parent.IsZero() {
		it.Parent = e.Parent.String()
	}
	for _, l := range d.Lines {
		if l.Name != FieldFile && !strings.HasPrefix(l.Name, FieldWord("")) {
			it.Fields = append(it.Fields, Said{Name: l.Name, Verdict: string(l.Verdict), Reason: l.Reason, Value: l.Value.Reveal()})
		}
	}
	if e.Open != nil {
		it.Content = e.Blob.Content().String()
	}
	if e.Open != nil && d.Field(FieldFile).Verdict == release.Whole {
		it.File = fmt.Sprintf("evidence/%04d.%s", n, ending(e.Ending))
		it.Size, it.SHA256, it.Salt = e.Blob.Size, e.Blob.Sum.String(), fmt.Sprintf("%x", e.Blob.Salt[:])
		b.payload = append(b.payload, file{entry: entry{"data/" + it.File, uint64(e.Blob.Size), e.Blob.CRC}, sum: e.Blob.Sum, open: e.Open})
	}
	raw, err := b.custody(&it, e, d)
	if err != nil {
		return err
	}
	b.payload = append(b.payload, fileOf("data/"+it.Custody, raw))
	b.index.Items = append(b.index.Items, it)
	return nil
}

// custody writes the statements of an item, each on its line.
func (b *builder) custody(it *Item, e Evidence, d release.Decided) ([]byte, error) {
	var out bytes.Buffer
	signed := make([]evidence.Signed, len(e.Log))
	for i, s := range e.Log {
		signed[i] = s.Signed
		l := Line{Statement: string(s.Raw), Signature: fmt.Sprintf("%x", s.Signature[:])}
		for _, w := range s.Words {
			if d.Field(FieldWord(w.Name)).Verdict == release.Whole {
				l.Words = append(l.Words, Word{Name: w.Name, Salt: fmt.Sprintf("%x", w.Salt[:]), Text: w.Text.Reveal()})
			}
		}
		if p, ok := b.proofs[s.ID()]; ok {
			l.Proof = &p
		}
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(l); err != nil {
			return nil, fmt.Errorf("dossier: custody: %w", amana.ErrInvalid)
		}
	}
	_, heads, err := evidence.Chain(e.ID, signed, keysOf(b.index.Keys))
	if err != nil {
		return nil, err
	}
	for _, h := range heads {
		it.Heads = append(it.Heads, h.String())
	}
	return out.Bytes(), nil
}

// ending keeps to letters and digits whatever it is handed.
func ending(s string) string {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return "bin"
		}
	}
	if s == "" || len(s) > 8 {
		return "bin"
	}
	return s
}

// write writes the archive: all but the evidence is in memory, and of the evidence
// length, hash and sum are known.
func (b *builder) write(ctx context.Context, w io.Writer) error {
	var size uint64
	lines := make([]listed, len(b.payload))
	for i, f := range b.payload {
		size += f.size
		lines[i] = listed{f.sum, f.name}
	}
	tags := []file{
		fileOf(bagFile, []byte(bagText)), fileOf(infoFile, bagInfo(b.index.ID, b.index.Made[:len("2006-01-02")], size, len(b.payload))),
		fileOf(manifestFile, manifest(lines)),
	}
	tagLines := make([]listed, len(tags))
	for i, f := range tags {
		tagLines[i] = listed{f.sum, f.name}
	}
	list := manifest(tagLines)
	sig, err := b.m.Sign(SignatureLabel, list)
	if err != nil {
		return err
	}
	all := append(append(tags, fileOf(tagsFile, list), fileOf(signatureFile, signatureText(b.m.Signer, sig))), b.payload...)
	base := baseName(b.index.ID)
	out := bufio.NewWriterSize(w, 1<<20)
	entries := make([]entry, len(all))
	for i, f := range all {
		f.name = base + f.name
		entries[i] = f.entry
		if _, err := out.Write(f.local()); err != nil {
			return err
		}
		if err := f.writeTo(ctx, out); err != nil {
			return err
		}
	}
	if _, err := out.Write(directory(entries)); err != nil {
		return err
	}
	return out.Flush()
}

// baseName is the folder in which a bag lies when it is unpacked.
func baseName(id string) string { return "dossier-" + id[:min(8, len(id))] + "/" }

func (f file) writeTo(ctx context.Context, w io.Writer) error {
	if f.open == nil {
		_, err := w.Write(f.content)
		return err
	}
	r, done, err := f.open()
	if err != nil {
		return err
	}
	defer done() //nolint:errcheck // it was only read
	n, sum, crc, err := pass(ctx, w, r, f.size)
	switch {
	case err != nil:
		return err
	case uint64(n) != f.size || sum != f.sum || crc != f.crc:
		return fmt.Errorf("dossier: a file is not as it was taken in: %w", amana.ErrTampered)
	}
	return nil
}
