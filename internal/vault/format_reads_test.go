package vault_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// rawEntry is the entry layer, section 3.6, with the item it came in.
type rawEntry struct {
	item rawItem
	read struct {
		_         struct{} `cbor:",toarray"`
		Time      uint64
		Author    []byte
		Record    []byte
		More      moreParts
		Signature []byte
	}
	unsigned []byte // the CBOR of all but the signature
	facts    []rawFact
}

type moreParts struct {
	Wall       int64      `cbor:"1,keyasint"`
	Teams      []teamPart `cbor:"2,keyasint"`
	Commitment []byte     `cbor:"3,keyasint"`
	Generation []byte     `cbor:"4,keyasint"`
}

type teamPart struct {
	_     struct{} `cbor:",toarray"`
	Team  []byte
	Epoch uint64
}

// rawFact is a fact, section 5.2: code and content.
type rawFact struct {
	_       struct{} `cbor:",toarray"`
	Code    uint64
	Content any
}

func (f rawFact) part(i int) any { return f.Content.([]any)[i] }

// library is what a stranger has found out: keys by team and epoch, public keys by
// author, commitments, record keys, and the entries.
type library struct {
	stranger
	me          whoAmI
	dictionary  []byte
	teamKeys    map[string][]byte   // team ‖ epoch
	commitments map[string][]byte   // team ‖ epoch, of section 8.5
	signers     map[string][][]byte // author
	recordKeys  map[string][]byte   // record ‖ generation
	firstKey    map[string][]byte   // record: the generation it began with
	entries     []*rawEntry
	recovery    bool
}

func key(id []byte, epoch uint64) string {
	return string(binary.BigEndian.AppendUint64(slices.Clone(id), epoch))
}

var organisationTeam = make([]byte, 16)

// Section 6.5, step 3.
func (l *library) tryBoxes(it rawItem) bool {
	if it.flags&1 == 0 || it.erased() || l.teamKeys[key(organisationTeam, it.epoch)] != nil {
		return false
	}
	for keys := 1; keys <= int(it.epoch); keys++ {
		size := 1136 + 40*keys
		for end := len(it.wraps); end >= size; end -= size {
			if l.take(organisationTeam, it.wraps[end-size:end]) {
				return true
			}
		}
	}
	return false
}

// take opens one box of keys of a team, section 3.8.
func (l *library) take(team, box []byte) bool {
	plain := l.openBox(l.me.Seed, "team keys\x00"+string(l.me.Org)+string(team), box)
	for one := range slices.Chunk(plain, 40) {
		at := key(team, binary.BigEndian.Uint64(one))
		if l.teamKeys[at] == nil {
			l.teamKeys[at] = one[8:]
		}
	}
	return plain != nil
}

// Section 6.5, step 4.
func (l *library) openEntries(items []rawItem) {
	for again := true; again; {
		again = false
		for _, it := range items {
			again = l.tryBoxes(it) || again
		}
	}
	for _, it := range items {
		k := l.teamKeys[key(organisationTeam, it.epoch)]
		if k == nil {
			continue // of after this member left
		}
		e := &rawEntry{item: it}
		plain := l.open("entry", l.derive(k, "amana/1/entry", it.place(l.me.Org)), it.nonce, it.entry)
		if rest := l.cbor(plain, &e.read); len(rest) > 0 || plain[0] != 0x85 {
			l.Fatal("an entry of another shape")
		}
		// An array of five that ends with 64 bytes (58 40 …) becomes one of four.
		e.unsigned = append([]byte{0x84}, plain[1:len(plain)-66]...)
		l.entries = append(l.entries, e)
	}
}

// Sections 3.7 and 8.6.
func (l *library) verify(e *rawEntry) {
	wraps, body := l.hashes(e.item)
	message := binary.BigEndian.AppendUint32(nil, uint32(len(e.unsigned)))
	message = slices.Concat(message, e.unsigned, e.item.place(l.me.Org), wraps, body)
	signed := l.digest("amana/1/entry signature", message)
	if !slices.ContainsFunc(l.signers[string(e.read.Author)], func(k []byte) bool {
		return ed25519.Verify(k, signed, e.read.Signature)
	}) {
		l.Fatalf("item %d: the signature does not verify", e.item.number)
	}
}

// Sections 3.8, 3.9 and 5: the facts of an entry, where the keys for it are held.
func (l *library) openBody(e *rawEntry) {
	if e.item.erased() {
		return
	}
	record := string(e.read.Record)
	for i, te := range e.read.More.Teams {
		k := l.teamKeys[key(te.Team, te.Epoch)]
		if k == nil {
			continue
		}
		generation := e.read.More.Commitment[:16]
		wrapKey := l.derive(k, "amana/1/wrap", e.read.Record, generation)
		recordKey := l.open("wrap", wrapKey, make([]byte, 12), e.item.wraps[48*i:48*(i+1)])
		l.same("commitment of a record key", l.derive(recordKey, "amana/1/record commitment"), e.read.More.Commitment)
		l.recordKeys[record+string(generation)] = recordKey
		if e.read.More.Generation == nil {
			l.firstKey[record] = generation
		}
		break
	}
	generation := e.read.More.Generation
	if generation == nil {
		generation = l.firstKey[record]
	}
	k := l.recordKeys[record+string(generation)]
	if k == nil {
		return // another team's
	}
	place := append(e.item.place(l.me.Org), e.read.Record...)
	frame := l.unpad(l.open("body", l.derive(k, "amana/1/body", place), e.item.nonce, e.item.body))
	var body struct {
		Seen  uint64    `cbor:"1,keyasint"`
		Facts []rawFact `cbor:"2,keyasint"`
	}
	l.cbor(l.decompress(l.dictionary, frame), &body)
	e.facts = body.Facts
}

// Section 8, as far as a reader needs it: who signs with what, and the boxes.
func (l *library) readCharter() {
	for _, e := range l.entries {
		if !bytes.Equal(e.read.Record, l.me.Org) {
			continue
		}
		l.openBody(e)
		for _, f := range e.facts {
			switch f.Code {
			case 32:
				root := f.part(2).([]byte)
				l.same("organisation", l.digest("amana/1/organisation", root)[:16], l.me.Org)
				l.signers["\x00\x00\x00\x00"] = [][]byte{root}
			case 33, 35:
				author := string(f.part(0).([]byte)[:4])
				l.signers[author] = append(l.signers[author], f.part(len(f.Content.([]any))-2).([]byte))
			case 40: // section 2.11; both devices have one device key
				device := f.part(0).([]byte)
				seed := l.derive(l.me.DeviceKey, "amana/1/device signing key", device)
				l.same("key of a device", ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey), f.part(2).([]byte))
			case 44:
				l.commitments[key(f.part(0).([]byte), f.part(1).(uint64))] = f.part(2).([]byte)
			}
		}
		l.verify(e)
		l.takeBoxes(e)
	}
	for at, k := range l.teamKeys {
		l.same("commitment of a team key", l.derive(k, "amana/1/team commitment"), l.commitments[at])
	}
}

// Section 3.8: whose box is whose follows from the facts.
func (l *library) takeBoxes(e *rawEntry) {
	to := map[int][]byte{} // box → team, of those that are for this member
	total := 0
	for _, f := range e.facts {
		if f.Code != 44 && f.Code != 45 {
			continue
		}
		members, _ := f.part(len(f.Content.([]any)) - 1).([]any)
		for i, m := range members {
			if bytes.Equal(m.([]byte), l.me.Member) {
				to[total+i] = f.part(0).([]byte)
			}
		}
		total += len(members)
		if f.Code == 44 {
			if l.recovery {
				to[total] = f.part(0).([]byte)
			}
			total++
		}
	}
	boxes := e.item.wraps[48*len(e.read.More.Teams):]
	for i, team := range to {
		size := len(boxes) / total
		l.take(team, boxes[i*size:(i+1)*size])
	}
}

// Sections 6.3 and 6.5, from the files of a vault's folder.
func (s stranger) read(dir string, me whoAmI, recovery bool) *library {
	file := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		s.ok(err)
		return raw
	}
	var chains heads
	var items []rawItem
	segments, err := filepath.Glob(filepath.Join(dir, "journal", "*.log"))
	s.ok(err)
	for i := range segments { // Glob sorts
		items = append(items, s.segment(me, file("journal/"+filepath.Base(segments[i])), uint64(i+1), &chains)...)
	}
	if !equalHeads(chains, s.noted(me, file("journal/head"))) {
		s.Error("the chains do not end where they did")
	}
	return s.learn(me, items, recovery)
}

// learn reads items, wherever they come from.
func (s stranger) learn(me whoAmI, items []rawItem, recovery bool) *library {
	dictionary, err := os.ReadFile("../journal/dictionary/amana-1.zdict")
	s.ok(err)
	l := &library{
		stranger: s, me: me, dictionary: dictionary, recovery: recovery,
		teamKeys: map[string][]byte{}, commitments: map[string][]byte{}, signers: map[string][][]byte{},
		recordKeys: map[string][]byte{}, firstKey: map[string][]byte{},
	}
	l.openEntries(items)
	l.readCharter()
	for _, e := range l.entries {
		l.verify(e)
		if !bytes.Equal(e.read.Record, me.Org) {
			l.openBody(e)
		}
	}
	return l
}

// said is a record as it stands, in the words of the description.
type said struct {
	kind, of string
	fields   map[string]any
	consents map[string]string
	openings int
}

// Sections 5.3, 5.4 and 5.7. All was written in turn here, so the last of each
// field and purpose holds.
func (l *library) records() map[string]*said {
	found := map[string]*said{}
	for _, e := range l.entries {
		id := l.text(e.read.Record)
		if len(e.facts) == 0 || bytes.Equal(e.read.Record, l.me.Org) {
			continue
		}
		r := found[id]
		if r == nil {
			r = &said{fields: map[string]any{}, consents: map[string]string{}}
			found[id] = r
		}
		for _, f := range e.facts {
			switch f.Code {
			case 1:
				r.kind, r.of = f.part(0).(string), id
				if of := f.part(1).([]byte); !bytes.Equal(of, make([]byte, 16)) {
					r.of = l.text(of)
				}
			case 2:
				r.fields[f.part(0).(string)] = plain(f.part(1))
			case 3:
				delete(r.fields, f.part(0).(string))
			case 4:
				purpose := f.part(0).(string)
				if to := f.part(1).(string); to != "" {
					purpose += " for " + to
				}
				r.consents[purpose] = f.part(2).(string)
			case 5:
				r.openings++
			}
		}
		maps.DeleteFunc(r.fields, func(_ string, v any) bool { return v == nil })
	}
	return found
}

// plain is a value of section 5.3 as JSON has it.
func plain(v any) any {
	switch v := v.(type) {
	case uint64:
		return float64(v)
	case []any:
		if answer, ok := v[0].(uint64); ok {
			return map[string]any{"answer": float64(answer)}
		}
	}
	return v
}

// Section 1.3.
func (stranger) text(id []byte) string {
	return base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding).EncodeToString(id)
}

func (s stranger) description() (f frozenVault) {
	raw, err := os.ReadFile(frozenFile)
	s.ok(err)
	s.ok(json.Unmarshal(raw, &f))
	return f
}

// compare holds what was read against what the vault is said to hold.
func (l *library) compare(who string, f frozenVault, reads []string) {
	got := l.records()
	for _, r := range f.Records {
		if !slices.Contains(reads, r.ID) {
			continue
		}
		g := got[r.ID]
		if g == nil {
			l.Errorf("%s: record %s is not found", who, r.ID)
			continue
		}
		want := &said{r.Kind, r.Case, r.Fields, r.Consents, r.Openings}
		if !reflect.DeepEqual(g, want) {
			l.Errorf("%s: record %s:\ngot  %+v\nwant %+v", who, r.ID, g, want)
		}
	}
	if len(got) != len(reads) {
		l.Errorf("%s: reads %d records, want %d", who, len(got), len(reads))
	}
}

// From a passphrase to every field that the member reads, with the document alone:
// the whole chain and every signature verified on the way.
func TestStranger_readsTheFrozenVaultWithAPassphrase(t *testing.T) {
	s := stranger{t}
	f := s.description()
	header, err := os.ReadFile(filepath.Join(frozenDir, "vault"))
	s.ok(err)
	for _, m := range f.Members {
		if m.Passphrase == "" {
			continue
		}
		me := s.unlock(header, m.Passphrase)
		if s.text(me.Org) != f.Organisation || s.text(me.Member) != m.ID || hex.EncodeToString(me.DeviceKey) != f.DeviceKey {
			t.Errorf("%s: another slot", m.Name)
		}
		s.read(frozenDir, me, false).compare(m.Name, f, m.Reads)
	}
}

// From the custodians' shares to every field there is.
func TestStranger_readsTheFrozenVaultWithShares(t *testing.T) {
	s := stranger{t}
	f := s.description()
	seed := s.combine(f.Shares[2], f.Shares[0])
	box, err := os.ReadFile(filepath.Join(frozenDir, "recovery"))
	s.ok(err)
	kept := s.openBox(seed, "device key", box)
	if len(kept) != 48 {
		t.Fatal("the device's key is not in its box")
	}
	var all []string
	for _, r := range f.Records {
		all = append(all, r.ID)
	}
	me := whoAmI{Org: kept[:16], DeviceKey: kept[16:], Seed: seed, Member: make([]byte, 16)}
	s.read(frozenDir, me, true).compare("custodians", f, all)
	var device []byte
	raw, err := os.ReadFile(filepath.Join(frozenDir, "device"))
	s.ok(err)
	s.cbor(s.file(me.DeviceKey, "device", raw), &device)
	if s.text(device) != f.Device {
		t.Error("another device")
	}
}

// Section 7: the backup opens with a passphrase, and holds the same.
func TestStranger_readsTheFrozenBackup(t *testing.T) {
	s := stranger{t}
	f := s.description()
	raw, err := os.ReadFile(frozenBackup)
	s.ok(err)
	rest, magic := bytes.CutPrefix(raw, []byte("amana backup 1\n"))
	if !magic {
		t.Fatal("not a backup")
	}
	c := cursor{rest}
	var head struct {
		Vault []byte   `cbor:"1,keyasint"`
		Boxes [][]byte `cbor:"2,keyasint"`
	}
	s.cbor(c.part(), &head)
	m := f.Members[1]
	me := s.unlock(head.Vault, m.Passphrase)
	var streamKey []byte
	for _, box := range head.Boxes {
		if streamKey == nil {
			streamKey = s.openBox(me.Seed, "backup", box)
		}
	}
	c = cursor{s.stream(streamKey, c.b)}
	var start struct {
		Org       []byte `cbor:"1,keyasint"`
		DeviceKey []byte `cbor:"4,keyasint"`
		Items     int    `cbor:"6,keyasint"`
	}
	s.cbor(c.part(), &start)
	s.same("organisation", start.Org, me.Org)
	s.same("device key", start.DeviceKey, me.DeviceKey)
	var items []rawItem
	var chains heads
	for len(c.b) > 0 {
		p := cursor{c.part()}
		it := rawItem{device: p.take(16), number: p.uvarint()}
		p.wire(&it)
		s.follow(me.Org, &chains, it)
		items = append(items, it)
	}
	if len(items) != start.Items || len(items) != f.Items {
		t.Errorf("%d items, %d announced, want %d", len(items), start.Items, f.Items)
	}
	s.learn(me, items, false).compare(m.Name, f, m.Reads)
}

// Section 2.15.
func (s stranger) stream(key, sealed []byte) (plain []byte) {
	for n := uint32(0); ; n++ {
		chunk := sealed[:min(len(sealed), 65536+16)]
		sealed = sealed[len(chunk):]
		nonce := append(binary.BigEndian.AppendUint32(make([]byte, 7), n), 0)
		if len(sealed) == 0 {
			nonce[11] = 1
		}
		plain = append(plain, s.open("chunk", s.derive(key, "amana/1/stream"), nonce, chunk)...)
		if len(sealed) == 0 {
			return plain
		}
	}
}

// The stranger's files import no package of the project.
func TestStranger_isOne(t *testing.T) {
	for _, name := range []string{"format_stranger_test.go", "format_reads_test.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range file.Imports {
			if path := strings.Trim(imp.Path.Value, `"`); path == "amana" || strings.HasPrefix(path, "amana/") {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
