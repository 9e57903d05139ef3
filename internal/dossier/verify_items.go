package dossier

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"amana"
	"amana/internal/evidence"
	"amana/internal/seal"
	"amana/internal/timestamp"
)

// items checks each item: that its file is the one that its custody speaks of, and
// that its custody is whole.
func (v *verification) items() {
	used := map[string]bool{}
	for i, it := range v.index.Items {
		name := fmt.Sprintf("item %d", i+1)
		used["data/"+it.Custody], used["data/"+it.File] = true, true
		links, err := v.custody(it)
		if err != nil {
			v.failed("custody", "%s: %s", name, plain(err))
			continue
		}
		if it.File == "" {
			v.passed("custody", "%s: %d statements, none missing, each signed; its file is not in this dossier", name, len(links))
			continue
		}
		if err := v.file(it, links); err != nil {
			v.failed("item", "%s: %s", name, plain(err))
			continue
		}
		v.passed("item", "%s: its file is the one that was taken in; %d statements of custody, none missing, each signed", name, len(links))
	}
	for name := range v.files {
		if (strings.HasPrefix(name, "data/evidence/") || strings.HasPrefix(name, "data/custody/")) && !used[name] {
			v.failed("item", "%s belongs to no item", name)
		}
	}
}

// file checks that the file is the one whose content the statements commit to.
func (v *verification) file(it Item, links []evidence.Link) error {
	p, there := v.files["data/"+it.File]
	sum := v.sums["data/"+it.File]
	salt, err := evidence.ParseHash(it.Salt)
	if !there || err != nil || int64(p.size) != it.Size || sum.String() != it.SHA256 {
		return malformed("its file is not the one that the index describes")
	}
	content := evidence.Content(salt, sum, it.Size).String()
	if content != it.Content {
		return malformed("its file is not the one that was taken in")
	}
	for _, l := range links {
		if l.Before != "" && l.Before != content || l.After != "" && l.After != content {
			return malformed("a statement of custody speaks of another file")
		}
	}
	if len(links) == 0 || links[0].After != content {
		return malformed("no statement says that it was taken in")
	}
	return nil
}

func (v *verification) custody(it Item) ([]evidence.Link, error) {
	id, err := amana.ParseID[amana.Record](it.ID)
	if err != nil {
		return nil, malformed("it has no ID")
	}
	raw, err := v.read("data/" + it.Custody)
	if err != nil {
		return nil, err
	}
	var signed []evidence.Signed
	var lines []Line
	for text := range strings.Lines(string(raw)) {
		var l Line
		one := evidence.Signed{}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return nil, malformed("a line of its custody does not read")
		}
		if n, err := hex.Decode(one.Signature[:], []byte(pad(l.Signature))); err != nil || n != len(one.Signature) {
			return nil, malformed("a line of its custody has no signature")
		}
		one.Raw = []byte(l.Statement)
		signed, lines = append(signed, one), append(lines, l)
	}
	links, heads, err := evidence.Chain(id, signed, keysOf(v.index.Keys))
	if err != nil {
		return nil, err
	}
	var ends []string
	for _, h := range heads {
		ends = append(ends, h.String())
	}
	if len(links) != it.Count || !slices.Equal(ends, it.Heads) {
		return nil, malformed("statements are missing at the end of its custody")
	}
	for i, l := range lines {
		if err := v.line(l, links[i]); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// pad makes a signature of a wrong length one that does not decode.
func pad(s string) string {
	if len(s) != 2*len(seal.Signature{}) {
		return "x"
	}
	return s
}

// line checks the words of a statement, and its proof.
func (v *verification) line(l Line, link evidence.Link) error {
	for _, w := range l.Words {
		salt, err := evidence.ParseHash(w.Salt)
		want, said := link.Words[w.Name]
		h := seal.Digest("amana/1/custody word", salt[:], []byte(w.Name), []byte(w.Text))
		if err != nil || !said || h.String() != want {
			return malformed("words of its custody are not those that were signed")
		}
	}
	if l.Proof == nil {
		v.loose++
		return nil
	}
	if l.Proof.Anchor < 0 || l.Proof.Anchor >= len(v.index.Anchors) {
		return malformed("a statement names a batch that is not there")
	}
	a := v.index.Anchors[l.Proof.Anchor]
	root, err := evidence.ParseHash(a.Root)
	if err != nil {
		return err
	}
	var path []seal.Hash
	for _, text := range l.Proof.Path {
		h, err := evidence.ParseHash(text)
		if err != nil {
			return err
		}
		path = append(path, h)
	}
	if err := timestamp.CheckProof(root, a.Size, l.Proof.Leaf, link.ID, path); err != nil {
		return malformed("a statement is not in the batch that it names")
	}
	v.proofs[l.Proof.Anchor]++
	return nil
}

// stamps checks the tokens of the batches.
func (v *verification) stamps() {
	trusted := len(v.opts.Authorities) > 0
	for i, a := range v.index.Anchors {
		if a.Token == "" {
			v.result.Open = append(v.result.Open, fmt.Sprintf("batch %d with %d statements has no timestamp: no authority had answered when the dossier was made", i+1, v.proofs[i]))
			continue
		}
		root, err := evidence.ParseHash(a.Root)
		var raw []byte
		if err == nil {
			raw, err = v.read("data/" + a.Token)
		}
		var s timestamp.Stamp
		if err == nil {
			s, err = timestamp.Check(raw, root, v.opts.Authorities)
		}
		if err != nil {
			v.failed("timestamp", "batch %d: %s", i+1, plain(err))
			continue
		}
		v.passed("timestamp", "batch %d: %d statements existed before %s, says %s", i+1, v.proofs[i], s.Time.Format("2006-01-02 15:04:05 UTC"), s.Authority)
		if !trusted {
			v.result.Open = append(v.result.Open, fmt.Sprintf("whether %s is an authority that you trust: its certificate was not compared with any of yours", s.Authority))
		}
	}
	if v.loose > 0 {
		v.result.Open = append(v.result.Open, fmt.Sprintf("%d statements of custody are in no batch yet: their times are those of the device that wrote them", v.loose))
	}
}

// open says what no check can settle.
func (v *verification) open() {
	if v.opts.Key == "" {
		v.result.Open = append(v.result.Open, "whose key signed: compare its words with what the organisation gave you by another way")
	}
	v.result.Open = append(v.result.Open, "whether what the files show is true, and what was never put in")
}
