package vault

import (
	"bytes"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"amana/internal/journal"
	"amana/internal/keyring"
)

// shut notes which keys were missing for items that did not open when a view looked at
// them: for each how many of its epoch were held. Keys may come after what they open,
// from another device or from whoever lets a member into a team; then the view is built
// anew.
type shut map[journal.TeamEpoch]int

// mostShut bounds the note; an organisation has far fewer keys.
const mostShut = 4096

func (s shut) add(list []journal.TeamEpoch, r *keyring.Ring) {
	for _, te := range list {
		if _, there := s[te]; !there && len(s) < mostShut {
			s[te] = r.CountOf(te)
		}
	}
}

// opens reports whether the ring has a key now that was missing.
func (s shut) opens(r *keyring.Ring) bool {
	for te, held := range s {
		if r.CountOf(te) > held {
			return true
		}
	}
	return false
}

type shutWire struct {
	_    struct{} `cbor:",toarray"`
	Key  journal.TeamEpoch
	Held int
}

func (s shut) encode() []byte {
	list := make([]shutWire, 0, len(s))
	for te, n := range s {
		list = append(list, shutWire{Key: te, Held: n})
	}
	slices.SortFunc(list, func(a, b shutWire) int { return bytes.Compare(mustEncode(a), mustEncode(b)) })
	return mustEncode(list)
}

func decodeShut(raw []byte) shut {
	var list []shutWire
	if len(raw) == 0 || cbor.Unmarshal(raw, &list) != nil {
		return shut{}
	}
	s := shut{}
	for _, one := range list {
		s[one.Key] = one.Held
	}
	return s
}

// takeUp takes up the note of the view. A view that lacks what the member's keys open
// by now is thrown away, and built anew.
func (x *indexer) takeUp() error {
	raw, err := x.view.Meta(metaShut)
	if err != nil {
		return err
	}
	if x.shut = decodeShut(raw); !x.shut.opens(x.s.ring) {
		return nil
	}
	return x.anew()
}

// anew throws the view away and begins another one, that knows what the member has seen
// of every chain.
func (x *indexer) anew() error {
	seen, err := x.view.Meta(metaSeen)
	if err != nil {
		return err
	}
	if err := x.view.Close(); err != nil {
		return err
	}
	x.s.vault.removeViewsOf(x.s.open, x.s.ring.Member())
	x.view, x.shut, x.late = nil, shut{}, nil
	if err := x.openView(); err != nil {
		return err
	}
	return x.view.SetMeta(metaSeen, seen)
}
