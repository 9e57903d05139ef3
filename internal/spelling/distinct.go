package spelling

import (
	"bytes"
	"hash/maphash"
)

// Distinct leaves of tokens the first of each: an index that knows only which words a
// text has takes no more from the others. Its zero value is ready to use; it keeps
// memory between uses, and hashes of nothing. One goroutine uses it.
type Distinct struct{ at []int32 } // a table of where tokens begin, plus one

var distinctSeed = maphash.MakeSeed()

// Of returns tokens that [AppendText] and [AppendName] appended, each once, in the same
// memory and in the order in which they came first.
func (d *Distinct) Of(tokens []byte) []byte {
	size := 16
	for most := bytes.Count(tokens, []byte{' '}); size < 2*most; {
		size *= 2
	}
	if cap(d.at) < size {
		d.at = make([]int32, size)
	}
	table := d.at[:size]
	clear(table)
	out := tokens[:0]
	for rest := tokens; ; {
		n := bytes.IndexByte(rest, ' ') + 1
		if n == 0 {
			return append(out, rest...) // whoever appended it ended it with a space
		}
		token := rest[:n]
		rest = rest[n:]
		slot := maphash.Bytes(distinctSeed, token) & uint64(size-1)
		for table[slot] != 0 && !bytes.HasPrefix(out[table[slot]-1:], token) {
			slot = (slot + 1) & uint64(size-1)
		}
		if table[slot] == 0 {
			table[slot] = int32(len(out)) + 1
			out = append(out, token...)
		}
	}
}
