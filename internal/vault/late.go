package vault

import (
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// late are the cases, by their numbers in the view, whose lists and words are behind
// their items: what was written to a case is noted at once for whoever writes to it
// again, and its lists are made anew, from all of its records, when somebody looks at
// lists or nobody saves for a moment. A thousand files taken in for one case would
// otherwise have all of them read again for each. The view keeps the note.
type late map[int64]bool

// mostLate bounds it: with more, lists are made at once.
const mostLate = 64

func (l late) encode() []byte { return mustEncode(slices.Sorted(maps.Keys(l))) }

func decodeLate(raw []byte) late {
	var list []int64
	l := late{}
	if len(raw) > 0 && cbor.Unmarshal(raw, &list) == nil {
		for _, rid := range list {
			l[rid] = true
		}
	}
	return l
}

// catchUpItems is follow as far as items go: for whoever looks a record up by its ID.
func (x *indexer) catchUpItems() error { return x.followBy(followAtOnce, itemsOnly) }

// extent is what of a view is brought up to date.
type extent uint8

const (
	itemsOnly extent = iota
	itemsAndLists
)
