package vault

import (
	"bytes"
	"context"
	"slices"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Lie changes the cases of a start before they are sealed and signed.
type Lie func(p *packing)

// LyingStart is PairStart as the program of somebody who lies would write it, for a device
// to which it says that it is.
func (s *Session) LyingStart(ctx context.Context, r PairRequest, to amana.DeviceID, members []amana.MemberID, lie Lie) ([]byte, error) {
	start, err := s.answerTo(r, members)
	if err != nil {
		return nil, err
	}
	if err := s.AddDevice(ctx, r, "field"); err != nil {
		return nil, err
	}
	b := starterBody{Org: s.open.org, From: s.open.device, To: to, When: s.vault.now().UnixMilli()}
	if b.Heads, err = s.headsNow(ctx); err != nil {
		return nil, err
	}
	if b.Charter, err = s.partsOfCharter(b.Heads, members); err != nil {
		return nil, err
	}
	maker, _, err := s.maker(members)
	if err != nil {
		return nil, err
	}
	p, err := maker.packCases(ctx, b.Heads, startBytes)
	if err != nil {
		return nil, err
	}
	lie(p)
	file, err := s.signStart(b, p)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = writeAnswerStart(r, start, mustEncode(file), &out)
	return out.Bytes(), err
}

// packedAt is where an item stands in a section.
type packedAt struct {
	sec          *packedSection
	r            *sectionRecord
	n            int
	seq          uint64
	fixed, facts int
}

// items lists the items of the section that has a record.
func (p *packing) items(record amana.RecordID) (list []packedAt) {
	for _, sec := range p.teams {
		list = nil
		at := packedAt{sec: sec}
		there := false
		for g := range sec.index.Groups {
			for i := range sec.index.Groups[g].Records {
				at.r = &sec.index.Groups[g].Records[i]
				there = there || at.r.ID == record
				for at.n = range at.r.Items {
					at.seq += uint64(at.r.Items[at.n].Seq)
					list = append(list, at)
					at.fixed, at.facts = at.fixed+fixedSize, at.facts+int(at.r.Items[at.n].Size)
				}
			}
		}
		if there {
			return list
		}
	}
	panic("no such record in the start")
}

// Withhold leaves out the last entry of a record; passed off, it says that somebody opened
// the record there.
func Withhold(record amana.RecordID, passedOff bool) Lie {
	return func(p *packing) {
		list := p.items(record)
		last := 0
		for i, at := range list {
			if at.r.ID == record {
				last = i
			}
		}
		at := list[last]
		gone := at.r.Items[at.n]
		at.sec.fixed = slices.Delete(slices.Clone(at.sec.fixed), at.fixed, at.fixed+fixedSize)
		at.sec.facts = slices.Delete(slices.Clone(at.sec.facts), at.facts, at.facts+int(gone.Size))
		if last+1 < len(list) {
			next := &list[last+1].r.Items[list[last+1].n]
			next.Seq, next.Millis = next.Seq+gone.Seq, next.Millis+gone.Millis
		}
		at.r.Items = slices.Delete(slices.Clone(at.r.Items), at.n, at.n+1)
		if passedOff {
			at.r.Seen = append(at.r.Seen, placeInChain{Chain: gone.Chain, Seq: at.seq})
		}
	}
}

// Reword changes what the first entry of a record says.
func Reword(record amana.RecordID, from, to string) Lie {
	return func(p *packing) {
		for _, at := range p.items(record) {
			if at.r.ID == record && at.n == 0 {
				facts := at.sec.facts[at.facts : at.facts+int(at.r.Items[0].Size)]
				copy(facts, bytes.Replace(slices.Clone(facts), []byte(from), []byte(to), 1))
			}
		}
	}
}

// Honest changes nothing.
func Honest(*packing) {}

// Signed returns the first n items of a batch of this device, signed.
func (s *Session) Signed(b journal.Batch, n uint64) journal.Batch {
	if b.First != 1 {
		panic("not the beginning of a chain")
	}
	var hash seal.Hash
	for _, it := range b.Items[:n] {
		hash = it.Next(s.open.org, hash)
	}
	return journal.Batch{First: 1, Items: b.Items[:n], Head: journal.SignHead(s.open.key, s.open.org, b.Head.Device, journal.Head{Seq: n, Hash: hash})}
}
