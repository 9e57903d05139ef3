package journal

import (
	"encoding/binary"
	"math"

	"amana"
	"amana/internal/seal"
)

// Entries are read by the hundred thousand while a view is built. Two shapes are most of
// them, and these are read by hand as [Entry.Encode] writes them: those that bring nothing
// more, and those that bring the wraps of a record's first key. Of any other shape
// decodeUsual says nothing.
func decodeUsual(raw []byte) (e Entry, usual bool) {
	r := usualReader{raw: raw}
	r.take(0x85) // an array of five
	r.take(0x1b) // eight bytes of a number
	if b := r.next(8); b != nil {
		e.Time = binary.BigEndian.Uint64(b)
	}
	r.take(0x44) // four bytes
	copy(e.Author[:], r.next(len(e.Author)))
	r.take(0x50) // sixteen bytes
	copy(e.Record[:], r.next(len(e.Record)))
	if !r.takes(0xf6) { // null
		r.firstKey(&e)
	}
	r.take(0x58, byte(len(e.Signature)))
	copy(e.Signature[:], r.next(len(e.Signature)))
	if r.other || len(r.raw) > 0 || e.Time <= math.MaxUint32 { // which has a shorter form
		return Entry{}, false
	}
	return e, true
}

// usualReader reads what it expects. After anything else it reads nothing, and other is
// set.
type usualReader struct {
	raw   []byte
	other bool
}

// next returns the next bytes, or nil where there are fewer.
func (r *usualReader) next(n int) []byte {
	if r.other || len(r.raw) < n {
		r.other = true
		return nil
	}
	b := r.raw[:n]
	r.raw = r.raw[n:]
	return b
}

// takes takes a byte if it is the next one.
func (r *usualReader) takes(b byte) bool {
	if r.other || len(r.raw) == 0 || r.raw[0] != b {
		return false
	}
	r.raw = r.raw[1:]
	return true
}

// take takes bytes that have to be the next ones.
func (r *usualReader) take(list ...byte) {
	for _, b := range list {
		if !r.takes(b) {
			r.other = true
		}
	}
}

// firstKey reads what an entry brings with a record's first key, in the map of all that
// an entry may bring: the teams, with epochs that take one byte, and the commitment.
func (r *usualReader) firstKey(e *Entry) {
	r.take(0xa2, 0x02) // a map of two, teams first
	head := r.next(1)
	if head == nil || head[0] < 0x81 || head[0] > 0x97 { // an array of one to twenty-three
		r.other = true
		return
	}
	e.Teams = make([]TeamEpoch, head[0]-0x80)
	for i := range e.Teams {
		te := &e.Teams[i]
		r.take(0x82, 0x50) // an array of two, sixteen bytes
		copy(te.Team[:], r.next(len(amana.TeamID{})))
		if b := r.next(1); b != nil && b[0] < 24 {
			te.Epoch = uint64(b[0])
		} else {
			r.other = true
		}
	}
	r.take(0x03, 0x58, byte(len(seal.Hash{}))) // commitment
	copy(e.Commitment[:], r.next(len(e.Commitment)))
}
