package vault

import (
	"context"
	"fmt"
	"slices"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// headsFile keeps the heads that other devices signed, so that their chains can be
// handed on to others.
const headsFile = "heads"

// handed is what is known of chains, for handing them over. Its fields are guarded by
// opened.exchange.
type handed struct {
	loaded bool
	heads  map[amana.DeviceID][]journal.SignedHead // by number; the last is where the chain ends
	places map[amana.DeviceID][]journal.Pos        // of items, by number from 1
	next   journal.Pos                             // up to which places are known
}

// headsApart is how many items lie at most between two heads of one device that are
// kept, where none lie between that came as one batch; the last is kept always. It
// bounds both the file and what has to be handed over at once: whoever signs heads
// far apart must not make the others' batches larger than anybody takes.
const headsApart = 256

func (o *opened) loadHeads(dir string) error {
	if o.handed.loaded {
		return nil
	}
	var list []journal.SignedHead
	if err := openSealedFile(dir, o.key, headsFile, &list); err != nil {
		return err
	}
	o.handed.heads = map[amana.DeviceID][]journal.SignedHead{}
	for _, h := range list {
		o.handed.heads[h.Device] = append(o.handed.heads[h.Device], h)
	}
	o.handed.loaded = true
	return nil
}

// noteHead keeps a head that was verified, and whose chain is here.
func (o *opened) noteHead(dir string, h journal.SignedHead) error {
	o.exchange.Lock()
	defer o.exchange.Unlock()
	if err := o.loadHeads(dir); err != nil {
		return err
	}
	heads := o.handed.heads[h.Device]
	if n := len(heads); n > 0 && heads[n-1].Seq >= h.Seq {
		return nil
	}
	if n := len(heads); n > 1 {
		small, err := o.fitsOneBatch(h.Device, heads[n-2].Seq, h.Seq)
		if err != nil {
			return err
		}
		if small {
			heads = heads[:n-1]
		}
	}
	o.handed.heads[h.Device] = append(slices.Clip(heads), h)
	var all []journal.SignedHead
	for _, list := range o.handed.heads {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b journal.SignedHead) int {
		if c := slices.Compare(a.Device[:], b.Device[:]); c != 0 {
			return c
		}
		return int(a.Seq) - int(b.Seq)
	})
	return sealedFile(dir, o.key, headsFile, all)
}

// fitsOneBatch reports whether the items of a chain after one number and up to another
// can be handed over at once. Callers hold exchange.
func (o *opened) fitsOneBatch(d amana.DeviceID, after, upTo uint64) (bool, error) {
	if upTo-after > headsApart {
		return false, nil
	}
	if err := o.follow(); err != nil {
		return false, err
	}
	at := o.handed.places[d]
	if upTo > uint64(len(at)) {
		return false, nil
	}
	return at[upTo-1]-at[after] <= batchBytes, nil // places are bytes of a file, and files are far apart
}

// follow brings the list of where items lie up to date. Callers hold exchange.
func (o *opened) follow() error {
	if o.handed.places == nil {
		o.handed.places = map[amana.DeviceID][]journal.Pos{}
	}
	end := o.log.End()
	if o.handed.next >= end {
		return nil
	}
	err := o.log.Each(o.handed.next, func(p journal.Pos, it journal.Item) error {
		if at := o.handed.places[it.Device]; it.Seq == uint64(len(at))+1 && p < end {
			o.handed.places[it.Device] = append(at, p)
		}
		return nil
	})
	o.handed.next = end
	return err
}

// itemAt reads an item by its place in a chain.
func (o *opened) itemAt(d amana.DeviceID, seq uint64) (journal.Item, error) {
	o.exchange.Lock()
	err := o.follow()
	at := o.handed.places[d]
	o.exchange.Unlock()
	if err != nil {
		return journal.Item{}, err
	}
	if seq == 0 || seq > uint64(len(at)) {
		return journal.Item{}, fmt.Errorf("vault: item %d of device %s: %w", seq, d, amana.ErrNotFound)
	}
	return o.log.Read(at[seq-1])
}

// Have says how far each chain is here: what another device or a hub need not send.
func (s *Session) Have() map[amana.DeviceID]uint64 {
	have := map[amana.DeviceID]uint64{}
	for d, h := range s.open.log.Heads() {
		have[d] = h.Seq
	}
	return have
}

// JournalSize is how many bytes the journal has on the disk, about what a bundle of all
// of it has.
func (s *Session) JournalSize() int64 { return s.open.log.Size() }

// batchItems is how many items are handed over in one batch, where a head allows it.
const (
	batchItems = 512
	batchBytes = 1 << 20
)

// HandOver calls fn with every batch that is here and that somebody lacks who has the
// chains so far as have says; in the order in which the items came to be here, so
// that a device is announced before its chain comes. A batch is valid during the call
// only. Of chains whose device signed no head yet nothing is handed over.
func (s *Session) HandOver(ctx context.Context, have map[amana.DeviceID]uint64, fn func(journal.Batch) error) error {
	return s.HandOverIn(ctx, have, func() int { return batchBytes }, fn)
}

// HandOverIn is HandOver in batches of about as many bytes as most says at the time, for
// lines on which large ones do not come through. Chains of other devices can be cut only
// where they signed.
func (s *Session) HandOverIn(ctx context.Context, have map[amana.DeviceID]uint64, most func() int, fn func(journal.Batch) error) error {
	h, err := s.beginHandOver(have)
	if err != nil {
		return err
	}
	h.most = most
	err = s.open.log.Scan(h.from, func(f journal.Found) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return h.item(f, fn)
	})
	if err != nil {
		return err
	}
	return h.rest(fn)
}

// handOver is one hand-over while it runs.
type handOver struct {
	s     *Session
	have  map[amana.DeviceID]uint64
	signs map[amana.DeviceID]bool // chains that this device's key signs: its own, and that of the device it was restored from
	heads map[amana.DeviceID][]journal.SignedHead
	from  journal.Pos
	most  func() int
	open  map[amana.DeviceID]*openBatch
	order []amana.DeviceID
}

type openBatch struct {
	journal.Batch
	bytes int
	last  seal.Hash
}

func (s *Session) beginHandOver(have map[amana.DeviceID]uint64) (*handOver, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	o := s.open
	o.exchange.Lock()
	defer o.exchange.Unlock()
	if err := o.loadHeads(s.vault.dir); err != nil {
		return nil, err
	}
	if err := o.follow(); err != nil {
		return nil, err
	}
	h := &handOver{
		s: s, have: have, from: o.log.End(), open: map[amana.DeviceID]*openBatch{},
		signs: map[amana.DeviceID]bool{}, heads: map[amana.DeviceID][]journal.SignedHead{},
	}
	for d, at := range o.handed.places {
		h.heads[d] = slices.Clone(o.handed.heads[d])
		known, ok := c.Device(d)
		h.signs[d] = d == o.device || ok && known.VerifyKey == o.key.VerifyKey(d)
		if n := have[d]; n < uint64(len(at)) {
			h.from = min(h.from, at[n])
		}
	}
	return h, nil
}

func (h *handOver) item(f journal.Found, fn func(journal.Batch) error) error {
	d := f.Item.Device
	if f.Item.Seq <= h.have[d] {
		return nil
	}
	b := h.open[d]
	if b == nil {
		b = &openBatch{Batch: journal.Batch{First: f.Item.Seq}}
		h.open[d] = b
		h.order = append(h.order, d)
	}
	it := f.Item
	it.Entry, it.Wraps, it.Body = slices.Clone(it.Entry), slices.Clone(it.Wraps), slices.Clone(it.Body)
	b.Items = append(b.Items, it)
	b.bytes += len(it.Entry) + len(it.Wraps) + len(it.Body)
	b.last = f.Head
	if len(b.Items) < batchItems && b.bytes < min(h.most(), batchBytes) {
		return nil
	}
	return h.send(d, fn)
}

// rest hands over what is open at the end.
func (h *handOver) rest(fn func(journal.Batch) error) error {
	for _, d := range slices.Clone(h.order) {
		if h.open[d] == nil {
			continue
		}
		if err := h.send(d, fn); err != nil {
			return err
		}
	}
	return nil
}

// send hands over what is open of a chain, as far as a signed head reaches.
func (h *handOver) send(d amana.DeviceID, fn func(journal.Batch) error) error {
	b := h.open[d]
	if h.signs[d] {
		end := journal.Head{Seq: b.Last(), Hash: b.last}
		b.Head = journal.SignHead(h.s.open.key, h.s.open.org, d, end)
		h.done(d, nil)
		return fn(b.Batch)
	}
	var upTo journal.SignedHead
	for _, head := range h.heads[d] {
		if head.Seq >= b.First && head.Seq <= b.Last() {
			upTo = head
		}
	}
	if upTo.Seq == 0 {
		return nil // the next head is further on, or there is none
	}
	n := upTo.Seq - b.First + 1
	whole := journal.Batch{Head: upTo, First: b.First, Items: b.Items[:n]}
	if n == uint64(len(b.Items)) {
		h.done(d, nil)
	} else {
		h.done(d, &openBatch{Batch: journal.Batch{First: upTo.Seq + 1, Items: slices.Clone(b.Items[n:])}, last: b.last})
	}
	return fn(whole)
}

// done takes what was handed over out of what is open.
func (h *handOver) done(d amana.DeviceID, left *openBatch) {
	if left != nil {
		h.open[d] = left
		return
	}
	delete(h.open, d)
	h.order = slices.DeleteFunc(h.order, func(o amana.DeviceID) bool { return o == d })
}
