package journal_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// The vectors are the format: docs/format.md sections 3 and 4. A test that fails
// here says that journals which exist can no longer be read, or that what is
// written now cannot be read by others.
var update = flag.Bool("update", false, "write the vector files that are not there; the others are frozen")

// hexed is bytes that stand in JSON as hexadecimal.
type hexed []byte

func (h hexed) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexed) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// run returns n bytes that count up from first.
func run(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func run16(first byte) [16]byte { return [16]byte(run(first, 16)) }

// frozen reads a vector file into v; where there is none and -update is given, v
// is written as it is.
func frozen(t *testing.T, name string, v any) {
	t.Helper()
	path := filepath.Join("testdata", name)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && *update {
		raw, err = json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		os.MkdirAll("testdata", 0o755)
		if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	reflect.ValueOf(v).Elem().SetZero()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
}

// itemJSON is an item as vectors have it.
type itemJSON struct {
	Device hexed  `json:"device"`
	Number uint64 `json:"number"`
	Flags  byte   `json:"flags"`
	Epoch  uint64 `json:"epoch"`
	Nonce  hexed  `json:"nonce"`
	Entry  hexed  `json:"entry"`
	Wraps  hexed  `json:"wraps"`
	Body   hexed  `json:"body"`
	Last   bool   `json:"last"` // of its save
}

func (j itemJSON) item() journal.Item {
	return journal.Item{
		Device: amana.DeviceID(j.Device), Seq: j.Number, Flags: j.Flags, Epoch: j.Epoch,
		Nonce: [seal.NonceSize]byte(j.Nonce), Entry: j.Entry, Wraps: j.Wraps, Body: j.Body, Last: j.Last,
	}
}

func jsonOf(it journal.Item) itemJSON {
	return itemJSON{
		Device: it.Device[:], Number: it.Seq, Flags: it.Flags, Epoch: it.Epoch, Nonce: it.Nonce[:],
		Entry: it.Entry, Wraps: it.Wraps, Body: it.Body, Last: it.Last,
	}
}

// sample returns an item that is made of counting bytes.
func sample(device byte, number uint64, entry, wraps, body int) journal.Item {
	first := byte(16*number) + device
	return journal.Item{
		Device: run16(device), Seq: number, Epoch: 1 + number/4, Nonce: [seal.NonceSize]byte(run(first, seal.NonceSize)),
		Entry: run(first+1, entry), Wraps: run(first+2, wraps), Body: run(first+3, body), Last: true,
	}
}

// with returns an item with changes.
func with(it journal.Item, change func(*journal.Item)) journal.Item {
	change(&it)
	return it
}

type itemVector struct {
	What         string   `json:"what"`
	Organisation hexed    `json:"organisation"`
	Item         itemJSON `json:"item"`
	Record       hexed    `json:"record"`
	Before       hexed    `json:"head_before"`
	Place        hexed    `json:"place"`
	BodyPlace    hexed    `json:"body_place"`
	Wire         hexed    `json:"wire"`
	WrapsHash    hexed    `json:"wraps_hash"`
	BodyHash     hexed    `json:"body_hash"`
	Head         hexed    `json:"head"`
}

func (v *itemVector) compute() {
	it, org := v.Item.item(), amana.OrgID(v.Organisation)
	w, b, h := it.WrapsHash(), it.BodyHash(), it.Next(org, seal.Hash(v.Before))
	v.Place, v.BodyPlace = it.EntryPlace(org), it.BodyPlace(org, amana.RecordID(v.Record))
	v.Wire, v.WrapsHash, v.BodyHash, v.Head = it.AppendWire(nil), w[:], b[:], h[:]
}

func TestFormat_items(t *testing.T) {
	var vectors []itemVector
	for _, v := range []struct {
		what string
		item journal.Item
	}{
		{"the first of a chain, with one wrap", sample(0xd0, 1, 110, 48, 272)},
		{"without wraps", sample(0xd0, 2, 93, 0, 272)},
		{"an epoch of two bytes, a length of three", with(sample(0xd0, 3, 110, 16_384, 272), func(it *journal.Item) { it.Epoch = 300 })},
		{"with boxes of keys of the organisation", with(sample(0xd1, 1, 130, 48+2*1176, 1040), func(it *journal.Item) { it.Flags = journal.BringsOrgKeys })},
		{"erased, with wraps", with(sample(0xd0, 4, 110, 32, 32), func(it *journal.Item) { it.Flags = journal.Erased })},
		{"erased, without wraps", with(sample(0xd0, 5, 93, 0, 32), func(it *journal.Item) { it.Flags = journal.Erased })},
	} {
		one := itemVector{What: v.what, Organisation: run(0xa0, 16), Item: jsonOf(v.item), Record: run(0xc0, 16), Before: run(0x20, 32)}
		one.compute()
		vectors = append(vectors, one)
	}
	frozen(t, "items.json", &vectors)
	for _, v := range vectors {
		got := v
		got.compute()
		if !reflect.DeepEqual(got, v) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", v.What, got, v)
		}
		it, n, err := journal.ReadWire(v.Wire, amana.DeviceID(v.Item.Device), v.Item.Number)
		if err != nil || n != len(v.Wire) || !reflect.DeepEqual(jsonOf(it), v.Item) {
			t.Errorf("%s: reads as %+v, %d bytes, %v", v.What, jsonOf(it), n, err)
		}
	}
}

type chainVector struct {
	Organisation hexed      `json:"organisation"`
	Items        []itemJSON `json:"items"` // of two devices, in turn
	Heads        []hexed    `json:"heads"` // after each
}

func TestFormat_chain(t *testing.T) {
	v := chainVector{Organisation: run(0xa0, 16)}
	for n := range uint64(3) {
		v.Items = append(v.Items, jsonOf(sample(0xd0, n+1, 93, 48, 272)), jsonOf(sample(0xe0, n+1, 95, 0, 304)))
	}
	heads := func() (list []hexed) {
		last := map[amana.DeviceID]seal.Hash{}
		for _, j := range v.Items {
			it := j.item()
			h := it.Next(amana.OrgID(v.Organisation), last[it.Device])
			last[it.Device] = h
			list = append(list, h[:])
		}
		return list
	}
	v.Heads = heads()
	frozen(t, "chain.json", &v)
	if got := heads(); !reflect.DeepEqual(got, v.Heads) {
		t.Errorf("heads = %x, want %x", got, v.Heads)
	}
}

type teamJSON struct {
	Team  hexed  `json:"team"`
	Epoch uint64 `json:"epoch"`
}

type entryVector struct {
	What         string     `json:"what"`
	Organisation hexed      `json:"organisation"`
	Seed         hexed      `json:"author_seed"`
	TeamKey      hexed      `json:"team_key"`
	Time         uint64     `json:"time"`
	Author       hexed      `json:"author"`
	Record       hexed      `json:"record"`
	Wall         int64      `json:"wall"`
	Teams        []teamJSON `json:"teams"`
	Commitment   hexed      `json:"commitment"`
	Generation   hexed      `json:"generation"`
	Item         itemJSON   `json:"item"` // its place, wraps and body; its entry is what comes out
	Message      hexed      `json:"message"`
	Encoded      hexed      `json:"encoded"`
	Sealed       hexed      `json:"sealed"`
	VerifyKey    hexed      `json:"verify_key"`
}

func (v *entryVector) entry() journal.Entry {
	e := journal.Entry{Time: v.Time, Author: journal.Author(v.Author), Record: amana.RecordID(v.Record), Wall: v.Wall}
	for _, te := range v.Teams {
		e.Teams = append(e.Teams, journal.TeamEpoch{Team: amana.TeamID(te.Team), Epoch: te.Epoch})
	}
	copy(e.Commitment[:], v.Commitment)
	copy(e.Generation[:], v.Generation)
	return e
}

func (v *entryVector) compute(t *testing.T) {
	t.Helper()
	id, err := seal.ImportIdentity(v.Seed)
	if err != nil {
		t.Fatal(err)
	}
	team, err := seal.ImportTeamKey(v.TeamKey)
	if err != nil {
		t.Fatal(err)
	}
	e, it, org := v.entry(), v.Item.item(), amana.OrgID(v.Organisation)
	v.Message = e.SignedMessage(org, it)
	e.Signature = id.Sign(journal.SignatureLabel, v.Message)
	v.Encoded = e.Encode()
	v.Sealed = team.SealEntry(it.EntryPlace(org), it.Nonce, v.Encoded)
	key := id.VerifyKey()
	v.VerifyKey = key[:]
}

func TestFormat_entries(t *testing.T) {
	var vectors []entryVector
	two := []teamJSON{{run(0xb0, 16), 1}, {run(0xb8, 16), 7}}
	for _, v := range []entryVector{
		{What: "of a record that exists", Item: jsonOf(sample(0xd0, 9, 0, 0, 272))},
		{What: "the first of a record, for two teams", Teams: two, Commitment: run(0x30, 32), Item: jsonOf(sample(0xd0, 10, 0, 96, 272))},
		{What: "under a later key of the record", Generation: run(0x40, 16), Item: jsonOf(sample(0xd0, 11, 0, 0, 272))},
		{What: "that brings the record's next key, while the clock is behind", Wall: 1_740_000_000_000, Teams: two[:1], Commitment: run(0x50, 32), Generation: run(0x50, 16), Item: jsonOf(sample(0xd0, 12, 0, 48, 272))},
		{What: "of the root key", Author: make([]byte, 4), Item: jsonOf(with(sample(0xd0, 1, 0, 48+2*1176, 1040), func(it *journal.Item) { it.Flags = journal.BringsOrgKeys }))},
	} {
		v.Organisation, v.Seed, v.TeamKey, v.Record, v.Time = run(0xa0, 16), run(0x01, 32), run(0x60, 32), run(0xc0, 16), 1_772_355_600_000<<16|3
		if v.Author == nil {
			v.Author = run(0xe1, 4)
		}
		v.compute(t)
		vectors = append(vectors, v)
	}
	frozen(t, "entries.json", &vectors)
	for _, v := range vectors {
		got := v
		got.compute(t)
		if !reflect.DeepEqual(got, v) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", v.What, got, v)
		}
		e, err := journal.DecodeEntry(v.Encoded)
		if err != nil || !bytes.Equal(e.Encode(), v.Encoded) {
			t.Errorf("%s: reads as %+v, %v", v.What, e, err)
		}
		if err := seal.VerifyKey(v.VerifyKey).Verify(journal.SignatureLabel, v.Message, e.Signature); err != nil {
			t.Errorf("%s: %v", v.What, err)
		}
	}
}
