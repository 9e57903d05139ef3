package syncer_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// simDevice is a device: what is durable of it, and a goroutine that a crash ends.
type simDevice struct {
	w            *world
	id           amana.DeviceID
	key          seal.DeviceKey
	verify       seal.VerifyKey
	acknowledged uint64 // how many entries were saved here, as far as anybody was told
	items        map[amana.DeviceID][]journal.Item
	hash         map[amana.DeviceID][]seal.Hash
	heads        map[amana.DeviceID][]journal.SignedHead
	kept         []byte

	clock    time.Duration // how wrong it is
	carried  time.Duration // when it last said what it saw, by its clock
	cutOff   time.Duration
	offUntil time.Duration
	lives    int
	on       bool
	waits    bool
	crashed  bool
	again    chan struct{}
}

func newSimDevice(w *world, i int) *simDevice {
	d := &simDevice{
		w: w, id: amana.DeviceID{byte(i + 1)}, key: seal.NewDeviceKey(), items: map[amana.DeviceID][]journal.Item{},
		hash: map[amana.DeviceID][]seal.Hash{}, heads: map[amana.DeviceID][]journal.SignedHead{}, again: make(chan struct{}),
	}
	d.verify = d.key.VerifyKey(d.id)
	return d
}

func (d *simDevice) String() string { return fmt.Sprintf("device %d", d.id[0]) }

func (w *world) device(id amana.DeviceID) *simDevice { return w.devices[id[0]-1] }

// begin starts it, if it is off.
func (d *simDevice) begin() {
	if d.on || d.w.over || d.w.now < d.offUntil {
		return
	}
	d.on, d.crashed = true, false
	d.lives++
	go func() {
		<-d.again
		d.live()
		d.on = false
		d.w.yield <- struct{}{}
	}()
	d.run()
}

// run lets its goroutine run until it waits or ends.
func (d *simDevice) run() {
	d.again <- struct{}{}
	<-d.w.yield
}

// wait gives the world a turn.
func (d *simDevice) wait() {
	d.waits = true
	d.w.yield <- struct{}{}
	<-d.again
}

// resume lets it go on that waits.
func (d *simDevice) resume() {
	if d.on && d.waits {
		d.waits = false
		d.run()
	}
}

// sleep waits on the virtual clock.
func (d *simDevice) sleep(t time.Duration) error {
	life := d.lives
	d.w.after(t, func() {
		if d.lives == life {
			d.resume()
		}
	})
	d.wait()
	if d.crashed {
		return errCrash
	}
	return nil
}

// crash ends its goroutine where it waits.
func (d *simDevice) crash() {
	if d.on {
		d.w.crashes++
		d.crashed = true
		d.resume()
	}
}

// crashHere is a crash of a device that runs.
func (d *simDevice) crashHere() error {
	d.w.crashes++
	d.crashed = true
	return errCrash
}

// off crashes it, and starts it after a while.
func (d *simDevice) off(t time.Duration) {
	d.crash()
	d.offUntil = d.w.now + t
	d.w.note("%s is off until %v", d, d.offUntil)
	d.w.after(t, d.begin)
}

// live is what the program does: sync, wait for news, and again.
func (d *simDevice) live() {
	for !d.crashed {
		r, err := d.sync()
		d.w.note("%s syncs: %+v, %v", d, r, err)
		switch {
		case d.crashed:
		case errors.Is(err, syncer.ErrHubLies):
			d.w.fail("%s: an honest hub is called a liar", d)
			return
		case err != nil && !errors.Is(err, syncer.ErrAway):
			d.w.fail("%s: %v", d, err)
			return
		default:
			_ = d.sleep(d.w.about(d.w.scale))
		}
	}
	if !d.w.over && d.offUntil <= d.w.now {
		d.w.after(d.w.about(d.w.scale), d.begin)
	}
}

func (d *simDevice) sync() (r syncer.Report, err error) {
	state, err := syncer.ReadState(d.kept, d.w.hub.address())
	if err != nil {
		return r, err
	}
	s := syncer.Syncer{Device: d, Hub: link{d}, Witness: d, State: state, Keep: func(s *syncer.State) error {
		if d.crashed { // what goes on after a crash did not happen
			return errCrash
		}
		if d.w.chance(2) {
			return d.crashHere()
		}
		d.kept = s.Encode()
		if d.w.chance(2) {
			return d.crashHere()
		}
		return nil
	}}
	if r, err = s.Sync(context.Background()); err != nil {
		return r, err
	}
	return r, s.Wait(context.Background())
}

// What an entry of these devices says: nothing, that another is erased, or what was seen
// of the hub. Others read it; the hub does not.
const (
	saysNothing byte = iota
	saysErased
	saysSeen
)

func (d *simDevice) say(kind byte, content []byte) {
	noise := make([]byte, 32)
	for i := range noise {
		noise[i] = byte(d.w.rnd.Uint32())
	}
	seq := uint64(len(d.items[d.id])) + 1
	it := journal.Item{Device: d.id, Seq: seq, Epoch: 1, Nonce: [12]byte(noise[:12]), Last: true, Entry: append([]byte{kind}, content...), Body: noise}
	if d.w.deviceForks && d.w.rnd.IntN(20) == 0 && seq > 1 { // what a folder that was copied does
		d.items[d.id], d.hash[d.id] = d.items[d.id][:seq-2], d.hash[d.id][:seq-2]
		it.Seq--
	}
	d.add(it)
	d.acknowledged = uint64(len(d.items[d.id]))
	if d.w.deviceForgets && d.w.rnd.IntN(8) == 0 {
		d.items[d.id], d.hash[d.id] = d.items[d.id][:len(d.items[d.id])-1], d.hash[d.id][:len(d.hash[d.id])-1]
	}
}

func (d *simDevice) write() {
	d.w.writes++
	d.w.note("%s writes", d)
	d.say(saysNothing, nil)
}

// eraseSomething orders an entry erased that is here.
func (d *simDevice) eraseSomething() {
	from := d.w.devices[d.w.rnd.IntN(len(d.w.devices))].id
	if len(d.items[from]) == 0 {
		return
	}
	seq := 1 + d.w.rnd.IntN(len(d.items[from]))
	if d.items[from][seq-1].Entry[0] != saysNothing {
		return
	}
	d.w.erasures++
	d.w.note("%s orders entry %d of %d erased", d, seq, from[0])
	d.say(saysErased, binary.BigEndian.AppendUint32(from[:], uint32(seq)))
}

// ordered lists what was ordered erased, as far as it is known here.
func (d *simDevice) ordered() map[amana.DeviceID][]uint64 {
	orders := map[amana.DeviceID][]uint64{}
	for _, id := range d.w.ids() {
		for _, it := range d.items[id] {
			if it.Entry[0] == saysErased {
				of := amana.DeviceID(it.Entry[1:17])
				orders[of] = append(orders[of], uint64(binary.BigEndian.Uint32(it.Entry[17:])))
			}
		}
	}
	return orders
}

// obey erases what is here of what was ordered.
func (d *simDevice) obey() {
	if d.w.deviceKeepsErased {
		return
	}
	for of, seqs := range d.ordered() {
		for _, seq := range seqs {
			if seq <= uint64(len(d.items[of])) {
				it := &d.items[of][seq-1]
				*it = blank(*it)
			}
		}
	}
}

// blank takes the body away; the entry, which says what it is, stays in this simulation.
func blank(it journal.Item) journal.Item {
	if it.Flags&journal.Erased != 0 {
		return it
	}
	return it.Blank()
}

func (d *simDevice) add(it journal.Item) {
	var prev seal.Hash
	if h := d.hash[it.Device]; len(h) > 0 {
		prev = h[len(h)-1]
	}
	d.items[it.Device] = append(slices.Clip(d.items[it.Device]), it)
	d.hash[it.Device] = append(slices.Clip(d.hash[it.Device]), it.Next(d.w.org, prev))
	d.obey()
}

// Organisation implements [syncer.Device].
func (d *simDevice) Organisation() amana.OrgID { return d.w.org }

// Have implements [syncer.Device].
func (d *simDevice) Have() map[amana.DeviceID]uint64 {
	have := map[amana.DeviceID]uint64{}
	for id, items := range d.items {
		have[id] = uint64(len(items))
	}
	return have
}

// HandOver implements [syncer.Device].
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

// Import implements [syncer.Device].
func (d *simDevice) Import(_ context.Context, next func() (journal.Batch, bool, error)) (taken, left int, err error) {
	for {
		b, more, err := next()
		if err != nil || !more {
			return taken, left, err
		}
		if d.crashed {
			return taken, left, errCrash
		}
		n := uint64(len(d.items[b.Head.Device]))
		switch {
		case b.Head.Verify(d.w.device(b.Head.Device).verify, d.w.org) != nil:
			d.w.fail("%s: a head that is not signed by its device", d)
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
		if at := len(d.hash[b.Head.Device]); d.hash[b.Head.Device][at-1] != b.Head.Hash {
			d.w.fail("%s: what came does not end at its head", d)
		}
		d.heads[b.Head.Device] = append(d.heads[b.Head.Device], b.Head)
		taken += len(fresh)
		if d.w.chance(3) {
			return taken, left, d.crashHere()
		}
	}
}

// Erased implements [syncer.Device].
func (d *simDevice) Erased(context.Context) (map[amana.DeviceID][]uint64, error) {
	erased := map[amana.DeviceID][]uint64{}
	for id, items := range d.items {
		for _, it := range items {
			if it.Flags&journal.Erased != 0 {
				erased[id] = append(erased[id], it.Seq)
			}
		}
	}
	return erased, nil
}

// Carry implements [syncer.Witness], by this device's clock.
func (d *simDevice) Carry(_ context.Context, checkpoint []byte) error {
	if d.crashed {
		return errCrash
	}
	now := d.w.now + d.clock
	if since := now - d.carried; since >= 0 && since < 8*d.w.scale || d.w.calm {
		return nil
	}
	d.carried = now
	d.w.note("%s says what it saw", d)
	d.say(saysSeen, checkpoint)
	return nil
}

// Carried implements [syncer.Witness].
func (d *simDevice) Carried() (map[amana.DeviceID][]byte, error) {
	notes := map[amana.DeviceID][]byte{}
	for id, items := range d.items {
		for _, it := range items {
			if id != d.id && it.Entry[0] == saysSeen {
				notes[id] = bytes.Clone(it.Entry[1:])
			}
		}
	}
	return notes, nil
}

func (w *world) ids() (ids []amana.DeviceID) {
	for _, d := range w.devices {
		ids = append(ids, d.id)
	}
	return ids
}

// meet lets one bring another what it lacks, without the hub.
func (w *world) meet(from, to *simDevice) {
	if from == to || !to.on {
		return
	}
	w.meetings++
	w.note("%s meets %s", from, to)
	var list []journal.Batch
	_ = from.HandOver(context.Background(), to.Have(), func(b journal.Batch) error {
		list = append(list, b)
		return nil
	})
	_, _, _ = to.Import(context.Background(), func() (b journal.Batch, more bool, err error) {
		if len(list) == 0 {
			return b, false, nil
		}
		b, list = list[0], list[1:]
		return b, true, nil
	})
	if to.crashed {
		to.resume()
	}
}

// leftovers lists what was ordered erased and still lies somewhere.
func (w *world) leftovers() (list []string) {
	for _, d := range w.devices {
		for of, seqs := range d.ordered() {
			for _, seq := range seqs {
				for _, other := range w.devices {
					if seq <= uint64(len(other.items[of])) && other.items[of][seq-1].Flags&journal.Erased == 0 {
						list = append(list, fmt.Sprintf("%s still has entry %d of %d, which was ordered erased", other, seq, of[0]))
					}
				}
				for _, b := range w.hub.batch[of] {
					if b.First <= seq && seq <= b.Last() && b.Items[seq-b.First].Flags&journal.Erased == 0 {
						list = append(list, fmt.Sprintf("the hub still has entry %d of %d, which was ordered erased", seq, of[0]))
					}
				}
			}
		}
	}
	return list
}
