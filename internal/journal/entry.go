package journal

import (
	"encoding/binary"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/seal"
)

// Author is the short name of a member in an entry: the first four bytes of the
// ID, which the charter keeps unique. Zero is the organisation's root key.
type Author [4]byte

// AuthorOf returns a member's short name.
func AuthorOf(m amana.MemberID) Author { return Author(m[:4]) }

// TeamEpoch names one key of one team.
type TeamEpoch struct {
	_     struct{} `cbor:",toarray"`
	Team  amana.TeamID
	Epoch uint64
}

// Entry is the layer that every member of the organisation may read.
type Entry struct {
	Time   uint64 // hybrid logical clock, see [Clock]
	Author Author
	Record amana.RecordID
	// Wall is what the device's clock showed, in milliseconds since 1970, where it
	// does not agree with Time.
	Wall int64
	// Teams are those whose wraps of a new record key the entry brings, in order;
	// Commitment is that key's.
	Teams      []TeamEpoch
	Commitment seal.Hash
	// Generation names the record key that sealed the body, where it is not the
	// one the record began with.
	Generation seal.Generation
	Signature  seal.Signature
}

// NameRecord returns the ID of a record that an author begins with a key: nobody else, and
// nobody with another key, can begin a record of that ID.
func NameRecord(org amana.OrgID, author Author, commitment seal.Hash, ledger bool) amana.RecordID {
	class := byte(0)
	if ledger {
		class = 1
	}
	h := seal.Digest("amana/1/record name", org[:], author[:], commitment[:], []byte{class})
	return amana.NameRecord([16]byte(h[:16]), ledger)
}

// Begins reports whether the entry may be one with which its record begins: it brings a
// first key, and where the record's ID follows from author and key, it is these.
func (e Entry) Begins(org amana.OrgID) bool {
	if len(e.Teams) == 0 || e.Generation != (seal.Generation{}) {
		return false
	}
	named, ledger := amana.IsNamed(e.Record)
	return !named || e.Record == amana.RecordID(org) || NameRecord(org, e.Author, e.Commitment, ledger) == e.Record
}

type entryWire struct {
	_         struct{} `cbor:",toarray"`
	Time      uint64
	Author    Author
	Record    amana.RecordID
	More      *moreWire
	Signature seal.Signature
}

type unsignedWire struct {
	_      struct{} `cbor:",toarray"`
	Time   uint64
	Author Author
	Record amana.RecordID
	More   *moreWire
}

type moreWire struct {
	Wall       int64       `cbor:"1,keyasint,omitempty"`
	Teams      []TeamEpoch `cbor:"2,keyasint,omitempty"`
	Commitment []byte      `cbor:"3,keyasint,omitempty"`
	Generation []byte      `cbor:"4,keyasint,omitempty"`
}

func (e Entry) more() *moreWire {
	if e.Wall == 0 && len(e.Teams) == 0 && e.Generation == (seal.Generation{}) {
		return nil
	}
	m := &moreWire{Wall: e.Wall, Teams: e.Teams}
	if len(e.Teams) > 0 {
		m.Commitment = e.Commitment[:]
	}
	if e.Generation != (seal.Generation{}) {
		m.Generation = e.Generation[:]
	}
	return m
}

// SignedMessage is what the author of an entry signs: the entry, its place in
// the device's chain, and what it brings.
func (e Entry) SignedMessage(org amana.OrgID, it Item) []byte {
	raw, err := encoding.Marshal(unsignedWire{Time: e.Time, Author: e.Author, Record: e.Record, More: e.more()})
	if err != nil {
		panic("journal: internal error: " + err.Error())
	}
	w, b := it.WrapsHash(), it.BodyHash()
	m := binary.BigEndian.AppendUint32(nil, uint32(len(raw)))
	m = append(m, raw...)
	m = append(m, it.place(org)...)
	m = append(m, w[:]...)
	return append(m, b[:]...)
}

// SignatureLabel separates an entry's signature from others by the same key.
const SignatureLabel = "amana/1/entry signature"

// Encode writes the entry in deterministic CBOR.
func (e Entry) Encode() []byte {
	raw, err := encoding.Marshal(entryWire{
		Time: e.Time, Author: e.Author, Record: e.Record, More: e.more(), Signature: e.Signature,
	})
	if err != nil {
		panic("journal: internal error: " + err.Error())
	}
	return raw
}

// DecodeEntry reads an entry, or returns ErrTampered.
func DecodeEntry(raw []byte) (Entry, error) {
	if e, usual := decodeUsual(raw); usual {
		return e, nil
	}
	return decodeAny(raw)
}

func decodeAny(raw []byte) (Entry, error) {
	var w entryWire
	if err := decoding.Unmarshal(raw, &w); err != nil {
		return Entry{}, fmt.Errorf("journal: entry: %w", amana.ErrTampered)
	}
	e := Entry{Time: w.Time, Author: w.Author, Record: w.Record, Signature: w.Signature}
	if m := w.More; m != nil {
		e.Wall, e.Teams = m.Wall, m.Teams
		if len(m.Commitment) == len(e.Commitment) {
			e.Commitment = seal.Hash(m.Commitment)
		}
		if len(m.Generation) == len(e.Generation) {
			e.Generation = seal.Generation(m.Generation)
		}
	}
	return e, nil
}

// RecordWraps returns the wraps of the record key, one for each of Teams, and
// the boxes that follow them.
func (e Entry) RecordWraps(it Item) (wraps [][]byte, boxes []byte, err error) {
	n := len(e.Teams) * seal.WrapSize
	if it.Flags&Erased != 0 || n > len(it.Wraps) {
		return nil, nil, fmt.Errorf("journal: item %d of device %s: wraps: %w", it.Seq, it.Device, amana.ErrTampered)
	}
	for i := range e.Teams {
		wraps = append(wraps, it.Wraps[i*seal.WrapSize:(i+1)*seal.WrapSize])
	}
	return wraps, it.Wraps[n:], nil
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		MaxNestedLevels:  8,
		MaxArrayElements: 1 << 16,
	}.DecMode())
)

func must[T any](t T, err error) T {
	if err != nil {
		panic("journal: internal error: " + err.Error())
	}
	return t
}
