package syncer_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// A history is made by chance from a seed: devices write, sync, crash, meet without the
// hub; the network loses and doubles; the hub crashes. Then all is well again for a
// while, and every device has the same, with nothing missing that was ever written.
//
// Devices are chains in memory here: what a vault does with batches has tests of its
// own. go test -run Simulation -seeds 5000, or -seed 7 for one that failed.
var (
	seeds   = flag.Int("seeds", 150, "how many histories are simulated")
	oneSeed = flag.Uint64("seed", 0, "simulate only this one")
)

func TestSimulation(t *testing.T) {
	if *oneSeed != 0 {
		simulate(t, *oneSeed)
		return
	}
	for seed := uint64(1); seed <= uint64(*seeds) && !t.Failed(); seed++ {
		simulate(t, seed)
	}
}

var errCrash = errors.New("crash")

// world is one history.
type world struct {
	t       *testing.T
	rnd     *rand.Rand
	org     amana.OrgID
	hub     *simHub
	devices []*simDevice
	calm    bool // nothing goes wrong any more
	did     []string
}

func (w *world) chance(percent int) bool { return !w.calm && w.rnd.IntN(100) < percent }

// simDevice is a device: what is durable of it, and a syncer that a crash forgets.
type simDevice struct {
	w     *world
	id    amana.DeviceID
	key   seal.DeviceKey
	wrote uint64
	items map[amana.DeviceID][]journal.Item
	hash  map[amana.DeviceID][]seal.Hash
	heads map[amana.DeviceID][]journal.SignedHead
	kept  []byte
	away  int // steps for which it does not reach the hub
}

func (d *simDevice) write() {
	d.wrote++
	noise := [40]byte{}
	for i := range noise {
		noise[i] = byte(d.w.rnd.Uint32())
	}
	it := journal.Item{Device: d.id, Seq: d.wrote, Epoch: 1, Nonce: [12]byte(noise[:12]), Last: true, Entry: noise[:], Body: noise[:]}
	d.add(it)
}

func (d *simDevice) add(it journal.Item) {
	var prev seal.Hash
	if h := d.hash[it.Device]; len(h) > 0 {
		prev = h[len(h)-1]
	}
	d.items[it.Device] = append(d.items[it.Device], it)
	d.hash[it.Device] = append(d.hash[it.Device], it.Next(d.w.org, prev))
}

func (d *simDevice) Organisation() amana.OrgID { return d.w.org }

func (d *simDevice) Have() map[amana.DeviceID]uint64 {
	have := map[amana.DeviceID]uint64{}
	for id, items := range d.items {
		have[id] = uint64(len(items))
	}
	return have
}

func (d *simDevice) HandOver(_ context.Context, have map[amana.DeviceID]uint64, fn func(journal.Batch) error) error {
	for _, id := range d.w.ids() {
		for from := have[id] + 1; from <= uint64(len(d.items[id])); {
			upTo := min(from+uint64(d.w.rnd.IntN(4)), uint64(len(d.items[id])))
			head := journal.SignHead(d.key, d.w.org, d.id, journal.Head{Seq: upTo, Hash: d.hash[id][upTo-1]})
			if id != d.id {
				i := slices.IndexFunc(d.heads[id], func(h journal.SignedHead) bool { return h.Seq >= from })
				if i < 0 {
					break
				}
				head = d.heads[id][i]
				upTo = head.Seq
			}
			if err := fn(journal.Batch{Head: head, First: from, Items: slices.Clone(d.items[id][from-1 : upTo])}); err != nil {
				return err
			}
			from = upTo + 1
		}
	}
	return nil
}

func (d *simDevice) Import(_ context.Context, next func() (journal.Batch, bool, error)) (taken, left int, err error) {
	for {
		b, more, err := next()
		if err != nil || !more {
			return taken, left, err
		}
		n := uint64(len(d.items[b.Head.Device]))
		switch {
		case b.Head.Verify(d.w.keyOf(b.Head.Device), d.w.org) != nil:
			d.w.t.Fatalf("seed: a head that is not signed by its device")
		case b.First > n+1:
			left += len(b.Items)
			continue
		case b.Last() <= n:
			continue
		}
		fresh := b.Items[n+1-b.First:]
		for _, it := range fresh {
			d.add(it)
		}
		d.heads[b.Head.Device] = append(d.heads[b.Head.Device], b.Head)
		taken += len(fresh)
		if d.w.chance(4) {
			return taken, left, errCrash
		}
	}
}

func (d *simDevice) Erased(context.Context) (map[amana.DeviceID][]uint64, error) { return nil, nil }

// sync is one sync of a program that may crash in it and has begun anew before it.
func (d *simDevice) sync() (syncer.Report, error) {
	state, err := syncer.ReadState(d.kept, d.w.hub.address())
	if err != nil {
		d.w.t.Fatal(err)
	}
	s := syncer.Syncer{Device: d, Hub: link{d}, State: state, Keep: func(s *syncer.State) error {
		if d.w.chance(3) {
			return errCrash
		}
		d.kept = s.Encode()
		if d.w.chance(3) {
			return errCrash
		}
		return nil
	}}
	return s.Sync(context.Background())
}

// simHub is a hub that keeps its word, and may crash before or after it kept it.
type simHub struct {
	liar
	org  amana.OrgID
	w    *world
	have map[amana.DeviceID]journal.Head
}

func (h *simHub) push(b journal.Batch) (uint64, error) {
	head := h.have[b.Head.Device]
	switch {
	case b.Head.Verify(h.w.keyOf(b.Head.Device), h.org) != nil:
		return 0, amana.ErrTampered
	case b.Last() <= head.Seq:
		return uint64(len(h.leaves)), nil
	case b.First > head.Seq+1:
		return 0, amana.ErrConflict
	}
	b.Items, b.First = b.Items[head.Seq+1-b.First:], head.Seq+1
	hash := head.Hash
	for _, it := range b.Items {
		hash = it.Next(h.org, hash)
	}
	if hash != b.Head.Hash {
		return 0, amana.ErrTampered
	}
	h.have[b.Head.Device] = b.Head.Head()
	return h.Push(context.Background(), b)
}

// link is the network between a device and the hub.
type link struct{ d *simDevice }

// call loses what is asked, or the answer, or has it asked twice.
func call[T any](l link, fn func() (T, error)) (none T, err error) {
	w := l.d.w
	switch {
	case l.d.away > 0 && !w.calm, w.chance(8):
		return none, syncer.ErrAway
	case w.chance(2):
		return none, errCrash
	case w.chance(8):
		_, _ = fn() // its answer is lost, or it comes twice
	}
	got, err := fn()
	if w.chance(8) {
		return none, syncer.ErrAway
	}
	return got, err
}

func (l link) Log(ctx context.Context, from uint64, _ bool) (*wire.Log, error) {
	return call(l, func() (*wire.Log, error) { return l.d.w.hub.Log(ctx, from, false) })
}

func (l link) Batch(ctx context.Context, d amana.DeviceID, from uint64) (journal.Batch, error) {
	return call(l, func() (journal.Batch, error) { return l.d.w.hub.Batch(ctx, d, from) })
}

func (l link) Push(_ context.Context, b journal.Batch) (uint64, error) {
	return call(l, func() (uint64, error) { return l.d.w.hub.push(b) })
}

func (l link) Erase(context.Context, amana.DeviceID, []uint64) error { return nil }

func (l link) Proof(ctx context.Context, old uint64) (tlog.TreeProof, []byte, error) {
	return l.d.w.hub.Proof(ctx, old)
}

func (w *world) ids() (ids []amana.DeviceID) {
	for _, d := range w.devices {
		ids = append(ids, d.id)
	}
	return ids
}

func (w *world) keyOf(id amana.DeviceID) seal.VerifyKey {
	for _, d := range w.devices {
		if d.id == id {
			return d.key.VerifyKey(id)
		}
	}
	return seal.VerifyKey{}
}

func simulate(t *testing.T, seed uint64) {
	t.Helper()
	w := &world{t: t, rnd: rand.New(rand.NewPCG(seed, 1))}
	for i := range w.org {
		w.org[i] = byte(w.rnd.Uint32())
	}
	w.hub = &simHub{liar: *newLiar(w.org), org: w.org, w: w, have: map[amana.DeviceID]journal.Head{}}
	for i := range 2 + w.rnd.IntN(9) {
		w.devices = append(w.devices, &simDevice{
			w: w, id: amana.DeviceID{byte(i + 1)}, key: seal.NewDeviceKey(), items: map[amana.DeviceID][]journal.Item{},
			hash: map[amana.DeviceID][]seal.Hash{}, heads: map[amana.DeviceID][]journal.SignedHead{},
		})
	}
	for range 20 + w.rnd.IntN(60) {
		w.step()
	}
	w.calm = true
	for round := range 4 {
		for _, d := range w.devices {
			if _, err := d.sync(); err != nil {
				t.Fatalf("seed %d: round %d of calm: %v\n%v", seed, round, err, w.did)
			}
		}
	}
	for i, d := range w.devices {
		if r, err := d.sync(); err != nil || r != (syncer.Report{}) {
			t.Errorf("seed %d: device %d is not done: %+v, %v", seed, i, r, err)
		}
		state, err := syncer.ReadState(d.kept, w.hub.address())
		if err != nil || len(state.Lies) > 0 {
			t.Errorf("seed %d: device %d: an honest hub is called a liar: %+v, %v", seed, i, state.Lies, err)
		}
		for _, other := range w.devices {
			if uint64(len(d.items[other.id])) != other.wrote {
				t.Errorf("seed %d: device %d has %d of the %d entries of %d\n%v", seed, i, len(d.items[other.id]), other.wrote, other.id[0], w.did)
			} else if other.wrote > 0 && d.hash[other.id][other.wrote-1] != other.hash[other.id][other.wrote-1] {
				t.Errorf("seed %d: device %d has another chain of %d", seed, i, other.id[0])
			}
		}
	}
}

// step is one thing that happens.
func (w *world) step() {
	i := w.rnd.IntN(len(w.devices))
	d := w.devices[i]
	d.away = max(0, d.away-1)
	switch what := w.rnd.IntN(10); {
	case what < 4:
		d.write()
		w.did = append(w.did, fmt.Sprintf("%d writes", i))
	case what < 8:
		_, err := d.sync()
		w.did = append(w.did, fmt.Sprintf("%d syncs: %v", i, err))
	case what < 9: // two meet without the hub
		other := w.devices[w.rnd.IntN(len(w.devices))]
		var list []journal.Batch
		_ = d.HandOver(context.Background(), other.Have(), func(b journal.Batch) error {
			list = append(list, b)
			return nil
		})
		_, _, err := other.Import(context.Background(), func() (b journal.Batch, more bool, err error) {
			if len(list) == 0 {
				return b, false, nil
			}
			b, list = list[0], list[1:]
			return b, true, nil
		})
		w.did = append(w.did, fmt.Sprintf("%d meets %d: %v", i, other.id[0]-1, err))
	default:
		d.away = w.rnd.IntN(12)
		w.did = append(w.did, fmt.Sprintf("%d is away", i))
	}
}
