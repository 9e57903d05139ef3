package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

// group is the batches that are written in one transaction.
type group struct {
	s       *Store
	list    []*pushing
	read    bool // nothing that is remembered holds
	orgs    map[amana.OrgID]*state
	changed map[place]bool
	pieces  []piece
	results []result
}

// place is a device of an organisation.
type place struct {
	org    amana.OrgID
	device amana.DeviceID
}

// state is the log of one organisation, and how its devices stand at that size.
type state struct {
	size    uint64
	was     uint64 // the size that the database has, before what the group adds
	read    bool   // for this group, not remembered
	edge    edge
	bytes   int64 // of the organisation's entries, before what the group adds
	added   int64 // and what it adds
	devices map[amana.DeviceID]*standing
}

// standing is what a batch of a device is held against.
type standing struct {
	head    journal.Head // where the chain ends
	revoked bool
}

// piece is what one accepted batch adds: its items, a leaf of the log, and the hashes of
// the tree that become whole with it.
type piece struct {
	org    amana.OrgID
	head   journal.SignedHead
	items  []journal.Item
	wires  [][]byte // those, as they travel
	leaf   uint64
	hashes []byte
}

// writeTime is how long the database may take for one transaction.
const writeTime = 2 * time.Minute

// errStale: what was remembered of an organisation is not so any more.
var errStale = errors.New("hub: another hub wrote")

// writeAhead writes small batches by what this process remembers of the organisations,
// in one statement that does nothing where any of it is not so any more; what is not
// remembered, or not to be, is read first. It returns the batches in whose organisations
// another hub writes in this moment, and the organisations in which another one wrote.
func (s *Store) writeAhead(list []*pushing) (unsure []*pushing, moved []amana.OrgID) {
	ctx, stop := context.WithTimeout(context.Background(), writeTime)
	defer stop()
	remembered := map[amana.OrgID]uint64{} // sizes of those about which nothing was sure
	for try := range 3 {
		g := s.newGroup(list)
		g.read = try > 0
		err := g.run(ctx, false)
		switch {
		case err == nil:
			moved = append(moved, g.grewElsewhere(remembered)...)
			list = g.finish()
			g.sizesOf(list, remembered)
		case errors.Is(err, errStale):
			var behind []*pushing
			list, behind = s.behind(ctx, g)
			for _, p := range behind {
				moved = append(moved, p.org)
			}
			if try == 0 { // what was remembered may be from long ago
				list = append(list, behind...)
			} else {
				unsure = append(unsure, behind...)
			}
		default:
			return append(unsure, list...), moved
		}
		if len(list) == 0 {
			return unsure, moved
		}
	}
	return append(unsure, list...), moved
}

// sizesOf adds which sizes were remembered of the organisations of some batches.
func (g *group) sizesOf(list []*pushing, sizes map[amana.OrgID]uint64) {
	for _, p := range list {
		if st := g.orgs[p.org]; st != nil {
			sizes[p.org] = st.size
		}
	}
}

// grewElsewhere lists the organisations whose logs are not of the sizes that were
// remembered.
func (g *group) grewElsewhere(remembered map[amana.OrgID]uint64) (list []amana.OrgID) {
	for org, st := range g.orgs {
		if size, known := remembered[org]; known && st.was != size {
			list = append(list, org)
		}
	}
	return list
}

// behind forgets how the organisations of a group stood, and returns which of its batches
// are of those that do not stand so.
func (s *Store) behind(ctx context.Context, g *group) (others, behind []*pushing) {
	for org := range g.orgs {
		s.states.forget(org)
	}
	sizes, err := s.sizes(ctx, slices.Collect(maps.Keys(g.orgs)))
	for _, p := range g.list {
		if st := g.orgs[p.org]; err != nil || st == nil || sizes[p.org] != st.was {
			behind = append(behind, p)
		} else {
			others = append(others, p)
		}
	}
	return others, behind
}

// writeLocked writes batches of one organisation, with its rows locked. A batch that the
// database does not take spoils none of the others: they are written alone.
func (s *Store) writeLocked(list []*pushing) {
	ctx, stop := context.WithTimeout(context.Background(), writeTime)
	defer stop()
	g := s.newGroup(list)
	err := g.run(ctx, true)
	s.states.forget(list[0].org)
	switch {
	case err == nil:
		g.finish()
	case len(list) > 1:
		for i := range list {
			s.writeLocked(list[i : i+1])
		}
	default:
		list[0].finish(0, err)
	}
}

// newGroup orders the batches by their organisations: two hubs that write to the same ones
// in the same moment wait for each other's rows in the same order, never each for the other.
func (s *Store) newGroup(list []*pushing) *group {
	slices.SortStableFunc(list, func(a, b *pushing) int { return bytes.Compare(a.org[:], b.org[:]) })
	return &group{s: s, list: list, orgs: map[amana.OrgID]*state{}, changed: map[place]bool{}, results: make([]result, len(list))}
}

// finish tells what became of the batches, and returns those about which nothing is sure.
func (g *group) finish() (unsure []*pushing) {
	for i, p := range g.list {
		if r := g.results[i]; r.unsure {
			unsure = append(unsure, p)
		} else {
			p.finish(r.size, r.err)
		}
	}
	return unsure
}

// judge decides about all of them, in the order in which they came. By what is only
// remembered nothing is sure but what adds to a chain, or is there already.
func (g *group) judge(locked bool) {
	for i, p := range g.list {
		r := g.judgeOne(p)
		if r.unsure = r.err != nil && !locked && !g.read && !g.wasRead(p); r.unsure {
			r.err = nil
		}
		g.results[i] = r
	}
}

// wasRead reports whether how the device of a batch stands was read for this group. Where
// the organisation was, but at another size than was remembered, nothing that was
// remembered of its other devices counts.
func (g *group) wasRead(p *pushing) bool {
	st := g.orgs[p.org]
	return st != nil && st.read && st.devices[p.b.Head.Device] != nil
}

// grown lists the organisations whose logs grow, in order.
func (g *group) grown() (list []amana.OrgID) {
	for org, st := range g.orgs {
		if st.size != st.was {
			list = append(list, org)
		}
	}
	slices.SortFunc(list, func(a, b amana.OrgID) int { return bytes.Compare(a[:], b[:]) })
	return list
}

// result is what becomes of one batch if the transaction is committed.
type result struct {
	size   uint64
	err    error
	unsure bool
}

// judgeOne decides about one batch, by where things stand with those before it.
func (g *group) judgeOne(p *pushing) result {
	id := p.b.Head.Device
	st := g.orgs[p.org]
	if st == nil || st.devices[id] == nil {
		return result{err: fmt.Errorf("hub: device %s was not admitted: %w", id, amana.ErrNotFound)}
	}
	d := st.devices[id]
	switch {
	case d.revoked:
		return result{err: fmt.Errorf("hub: device %s was revoked: %w", id, amana.ErrRefused)}
	case p.b.Last() <= d.head.Seq:
		return result{size: st.size}
	case p.b.First > d.head.Seq+1:
		return result{err: fmt.Errorf("hub: device %s: items from %d on are missing: %w", id, d.head.Seq+1, amana.ErrConflict)}
	}
	fresh := p.b.Items[d.head.Seq+1-p.b.First:]
	hash := d.head.Hash
	for _, it := range fresh {
		hash = it.Next(p.org, hash)
	}
	if hash != p.b.Head.Hash {
		return result{err: fmt.Errorf("hub: device %s: item %d does not follow: %w", id, d.head.Seq+1, amana.ErrTampered)}
	}
	wires, n := wiresOf(fresh)
	if most := g.s.Quota; most > 0 && st.bytes+st.added+n > most {
		return result{err: fmt.Errorf("hub: device %s: %w", id, errQuota)}
	}
	st.added += n
	g.pieces = append(g.pieces, piece{org: p.org, head: p.b.Head, items: fresh, wires: wires, leaf: st.size, hashes: st.edge.add(st.size, wire.Leaf(p.b.Head))})
	g.changed[place{p.org, id}] = true
	d.head = p.b.Head.Head()
	st.size++
	return result{size: st.size}
}

// wiresOf returns items as they travel, and how many bytes they have.
func wiresOf(items []journal.Item) (wires [][]byte, n int64) {
	for _, it := range items {
		wires = append(wires, it.AppendWire(nil))
		n += int64(len(wires[len(wires)-1]))
	}
	return wires, n
}

// row is how a device and its organisation stand in the database.
type row struct {
	org, device  []byte
	size, bytes  int64
	edge         edge
	revoked, seq int64
	head         []byte
}

// note takes in how a device and its organisation stand.
func (g *group) note(r row) error {
	size := uint64(r.size)
	if len(r.org) != 16 || len(r.device) != 16 || len(r.head) != len(seal.Hash{}) || !r.edge.fits(size) {
		return fmt.Errorf("hub: a row of devices: %w", amana.ErrTampered)
	}
	id := amana.OrgID(r.org)
	st := g.orgs[id]
	if st == nil || st.size != size { // nothing that was true at another size
		st = &state{size: size, was: size, bytes: r.bytes, read: true, edge: r.edge, devices: map[amana.DeviceID]*standing{}}
		g.orgs[id] = st
	}
	st.devices[amana.DeviceID(r.device)] = &standing{head: journal.Head{Seq: uint64(r.seq), Hash: seal.Hash(r.head)}, revoked: r.revoked != 0}
	return nil
}
