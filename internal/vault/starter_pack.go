package vault

import (
	"bytes"
	"slices"

	"amana"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/keyring"
	"amana/internal/seal"
	"amana/internal/view"
)

// takeRecord adds one record of a group.
func (p *packing) takeRecord(group amana.RecordID, fr view.FileRecord) bool {
	if fr.Kind == "" || fr.KeyPos == 0 {
		return true // nobody of this member's teams can read it
	}
	if _, gone := p.c.Erased()[fr.ID]; gone {
		return false
	}
	found := make([]foundEntry, 0, len(fr.Items))
	for _, at := range fr.Items {
		it, e, err := p.s.entryAt(journal.Pos(at))
		if err != nil || it.Flags&journal.Erased != 0 {
			return false
		}
		found = append(found, foundEntry{it, e})
	}
	keys := p.s.keysOf(found)
	if keys.begun < 0 || keys.begins != 1 || keys.rivals != 0 || p.s.hasLeft(keys.teams) {
		return false
	}
	sec, ok := p.sectionFor(keys.teams)
	if !ok {
		return false
	}
	r := packedRecord{p: p, sec: sec, keys: keys, out: sectionRecord{ID: fr.ID}}
	for _, one := range found {
		if !r.entry(one) {
			return false
		}
	}
	groups := slices.Clone(sec.index.Groups)
	if n := len(groups); n == 0 || groups[n-1].ID != group {
		groups = append(groups, sectionGroup{ID: group})
	}
	last := &groups[len(groups)-1]
	last.Records = append(slices.Clip(last.Records), r.out)
	sec.index.Groups = groups
	return true
}

// sectionFor returns the section of the first of some teams whose cases are covered.
func (p *packing) sectionFor(teams []amana.TeamID) (*packedSection, bool) {
	for _, t := range teams {
		if !slices.Contains(p.covers, t) && t != keyring.Organisation {
			continue
		}
		sec := p.teams[t]
		if sec == nil {
			sec = &packedSection{key: journal.TeamEpoch{Team: t, Epoch: p.c.Epoch(t)}, index: sectionIndex{Epoch: p.epoch}}
			if p.s.ring.CountOf(sec.key) != 1 {
				return nil, false
			}
			p.teams[t] = sec
		}
		return sec, true
	}
	return nil, false
}

// packedRecord is a record while its entries are added.
type packedRecord struct {
	p    *packing
	sec  *packedSection
	keys recordKeys
	list []seal.Generation // of out.Keys
	out  sectionRecord
}

// entry adds one entry. It reports false for one that others would refuse, or that does
// not lie within what can be handed on.
func (r *packedRecord) entry(one foundEntry) bool {
	s, it, e := r.p.s, one.item, one.entry
	chain, reaches := reachesTo(r.p.heads, it)
	if !reaches || !r.keys.fits(one) {
		return false
	}
	body, err := openBody(s.ring, e, it, r.keys.keys, r.keys.first)
	if err != nil {
		return false
	}
	if _, _, err := s.verify(e, it, body, r.keys.teams); err != nil {
		return false
	}
	if onlyOpened(body) && len(e.Teams) == 0 {
		r.out.Seen = append(r.out.Seen, placeInChain{Chain: chain, Seq: it.Seq})
		return true
	}
	generation, later := e.Generation, e.Generation != seal.Generation{}
	if !later {
		generation = r.keys.first
	}
	key := r.keys.keys[generation]
	plain, by, ok := r.remade(it, e, key)
	if !ok {
		return r.raw(chain, one)
	}
	ms := int64(e.Time >> 16)
	item := sectionItem{Chain: chain, Seq: int64(it.Seq - r.sec.seq), Millis: ms - r.sec.millis, Count: uint16(e.Time), Author: r.sec.author(e.Author), Size: uint(len(plain))}
	more := sectionMore{Wall: e.Wall, Teams: e.Teams, Key: r.key(generation, key), Later: later, By: by}
	if it.Epoch != r.sec.index.Epoch {
		more.Epoch = it.Epoch
	}
	if more.Wall != 0 || len(more.Teams) > 0 || more.Key != 0 || more.Later || more.Epoch != 0 || more.By != 0 {
		item.More = &more
	}
	r.sec.seq, r.sec.millis = it.Seq, ms
	r.sec.fixed = append(append(slices.Clip(r.sec.fixed), it.Nonce[:]...), e.Signature[:]...)
	r.sec.facts = append(slices.Clip(r.sec.facts), plain...)
	r.out.Items = append(r.out.Items, item)
	return true
}

// remade finds how an item can be made again, byte for byte, out of what it says.
func (r *packedRecord) remade(it journal.Item, e journal.Entry, key seal.RecordKey) (plain []byte, by uint, ok bool) {
	packed, err := r.p.s.ring.OpenBody(e, it, key)
	if err != nil || it.Flags != 0 {
		return nil, 0, false
	}
	raw, err := dictionary.Decompress(nil, packed, largestFacts)
	if err != nil {
		return nil, 0, false
	}
	want := it.AppendWire(nil)
	for by, plain := range [][]byte{byCompress: raw, byQuick: raw, byNothing: packed} {
		again, err := r.p.s.ring.Again(journal.Item{Device: it.Device, Seq: it.Seq, Epoch: it.Epoch, Nonce: it.Nonce}, e, key, packedBy(uint(by), plain))
		if err == nil && bytes.Equal(again.AppendWire(nil), want) {
			return plain, uint(by), true
		}
	}
	return nil, 0, false
}

// raw adds an entry as it is sealed: one that another version made otherwise, or under a
// key of which there are two.
func (r *packedRecord) raw(chain uint, one foundEntry) bool {
	r.sec.fixed = append(slices.Clip(r.sec.fixed), make([]byte, fixedSize)...)
	since := int64(one.item.Seq - r.sec.seq)
	r.sec.seq = one.item.Seq
	r.out.Items = append(r.out.Items, sectionItem{Chain: chain, Seq: since, More: &sectionMore{Wire: one.item.AppendWire(nil)}})
	return true
}

func (r *packedRecord) key(g seal.Generation, k seal.RecordKey) uint {
	i := slices.Index(r.list, g)
	if i < 0 {
		i = len(r.list)
		r.list = append(r.list, g)
		r.out.Keys = append(r.out.Keys, k.Export())
	}
	return uint(i)
}

func (sec *packedSection) author(a journal.Author) uint {
	i := slices.Index(sec.index.Authors, a)
	if i < 0 {
		i = len(sec.index.Authors)
		sec.index.Authors = append(slices.Clip(sec.index.Authors), a)
	}
	return uint(i)
}

// seal seals the sections, each for its team.
func (p *packing) seal(b *starterBody) (list []section, err error) {
	for _, sec := range p.teams {
		nonce := seal.NewNonce()
		out := section{Key: sec.key, Nonce: nonce[:]}
		plain := mustEncode(sectionPlain{
			Fixed: sec.fixed, Index: dictionary.CompressLong(nil, mustEncode(sec.index)), Facts: dictionary.CompressLong(nil, sec.facts),
		})
		if out.Sealed, err = p.s.ring.SealFor(sec.key, b.place(), nonce, plain); err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	slices.SortFunc(list, func(a, b section) int { return bytes.Compare(a.Nonce, b.Nonce) })
	return list, nil
}
