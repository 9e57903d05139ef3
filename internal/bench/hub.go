package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"amana"
	"amana/internal/hub"
	"amana/internal/journal"
	"amana/internal/seal"
)

// hubWriters is how many devices hand over at once, and hubLot how many entries are in a
// large batch.
const (
	hubWriters = 8
	hubLot     = 512
)

// hubs measures the hub's database: SQLite always, PostgreSQL where there is an address.
func (r *run) hubs(ctx context.Context) error {
	dir, err := r.folder("hub")
	if err != nil {
		return err
	}
	if err := r.hubOn(ctx, "SQLite", dir, newSQLiteRows); err != nil || r.Postgres == "" {
		return err
	}
	where, drop, err := ownSchema(ctx, r.Postgres)
	if err != nil {
		return err
	}
	return errors.Join(r.hubOn(ctx, "PostgreSQL", where, newPostgresRows), drop())
}

func (r *run) hubOn(ctx context.Context, on, where string, newRows func(ctx context.Context, where string) (*plainRows, error)) error {
	store, err := hub.OpenStore(ctx, where)
	if err != nil {
		return err
	}
	defer store.Close()
	rows, err := newRows(ctx, where)
	if err != nil {
		return err
	}
	defer rows.close()
	h := &hubBench{run: r, on: on, store: store, rows: rows}
	if err := h.pushes(ctx); err != nil {
		return err
	}
	return h.growing(ctx)
}

// hubBench measures one database.
type hubBench struct {
	*run
	on    string
	store *hub.Store
	rows  *plainRows
}

// pushes measures what comes one at a time and in large batches, beside the same bytes
// written durably without a hub, in turns.
func (h *hubBench) pushes(ctx context.Context) error {
	one, lot := &handing{hubBench: h, items: 1}, &handing{hubBench: h, items: hubLot}
	kinds := []func(context.Context) (float64, error){
		h.plainly(func(ctx context.Context) (int, error) { return 1, h.rows.one(ctx) }), one.rate,
		h.plainly(func(ctx context.Context) (int, error) { return hubLot, h.rows.lot(ctx, hubLot) }), lot.rate,
	}
	rates := make([][]float64, len(kinds))
	for range h.rounds {
		for i, kind := range kinds {
			rate, err := kind(ctx)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	single := figure(fmt.Sprintf("entries to a hub on %s, one at a time, %d devices", h.on, hubWriters), median(rates[1]), "entries/s").
		beside(h.rows.oneName, median(rates[0]))
	many := figure(fmt.Sprintf("entries to a hub on %s, %d at a time", h.on, hubLot), median(rates[3]), "entries/s").
		beside(h.rows.lotName, median(rates[2]))
	if h.Postgres != "" && h.on == "PostgreSQL" {
		single, many = single.ratioAtLeast(0.5), many.ratioAtLeast(0.5)
	}
	h.add(single, many)
	return nil
}

func (h *hubBench) plainly(do func(context.Context) (int, error)) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		return h.crowd(ctx, func(int) (int, error) { return do(ctx) })
	}
}

// crowd has writers do something over and over for a slice of time, and returns how many
// a second were done. A writer whose fn did none is done.
func (r *run) crowd(ctx context.Context, fn func(writer int) (int, error)) (float64, error) {
	var done atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, hubWriters)
	began := r.clock()
	for w := range hubWriters {
		wait.Go(func() {
			for errs[w] == nil && ctx.Err() == nil && r.clock().Sub(began) < r.slice {
				n, err := fn(w)
				if errs[w] = err; n == 0 {
					return
				}
				done.Add(int64(n))
			}
		})
	}
	wait.Wait()
	return float64(done.Load()) / r.clock().Sub(began).Seconds(), errors.Join(errors.Join(errs...), ctx.Err())
}

// handing is devices that hand batches over.
type handing struct {
	*hubBench
	items int
	want  int // batches that each device may need for one turn
}

// rate makes the batches first: signing them is the devices' work.
func (b *handing) rate(ctx context.Context) (float64, error) {
	b.want = max(b.want, 8*hubLot/b.items/hubWriters)
	stock, at := make([][]journal.Batch, hubWriters), make([]int, hubWriters)
	chains := make([]*deviceChain, hubWriters)
	for w := range chains {
		c, err := b.newOrg(ctx)
		if err != nil {
			return 0, err
		}
		for range b.want {
			stock[w] = append(stock[w], c.next(b.items))
		}
		chains[w] = c
	}
	rate, err := b.crowd(ctx, func(w int) (int, error) {
		if at[w] == b.want {
			return 0, nil
		}
		at[w]++
		_, err := b.store.Push(ctx, chains[w].org, stock[w][at[w]-1])
		return b.items, err
	})
	if most := slices.Max(at); most == b.want {
		b.want = 2 * most
	}
	return rate, err
}

// deviceChain is one device's entries, made of noise.
type deviceChain struct {
	org    amana.OrgID
	device hub.Device
	key    seal.DeviceKey
	head   journal.Head
}

func newDeviceChain(org amana.OrgID) *deviceChain {
	c := &deviceChain{org: org, key: seal.NewDeviceKey()}
	c.device = hub.Device{Org: org, ID: amana.DeviceID(seal.Random16()), Steward: true}
	c.device.Verify = c.key.VerifyKey(c.device.ID)
	return c
}

// newOrg enrols an organisation with one device.
func (h *hubBench) newOrg(ctx context.Context) (*deviceChain, error) { return enrol(ctx, h.store) }

func enrol(ctx context.Context, s *hub.Store) (*deviceChain, error) {
	token := seal.Random16()
	if err := s.Invite(ctx, token); err != nil {
		return nil, err
	}
	c := newDeviceChain(amana.OrgID(seal.Random16()))
	return c, s.Enrol(ctx, token, c.device)
}

// next makes the next n entries, as a batch: each some 420 bytes, as a small change.
func (c *deviceChain) next(n int) journal.Batch {
	b := journal.Batch{First: c.head.Seq + 1}
	for range n {
		noise := seal.Random16()
		it := journal.Item{
			Device: c.device.ID, Seq: c.head.Seq + 1, Epoch: 1, Nonce: seal.NewNonce(), Last: true,
			Entry: slices.Repeat(noise[:], 8), Body: slices.Repeat(noise[:], 17),
		}
		c.head = journal.Head{Seq: it.Seq, Hash: it.Next(c.org, c.head.Hash)}
		b.Items = append(b.Items, it)
	}
	b.Head = journal.SignHead(c.key, c.org, c.device.ID, c.head)
	return b
}

// growing measures what appending to the log of one organisation and proving costs as it
// grows fortyfold.
func (h *hubBench) growing(ctx context.Context) error {
	c, err := h.newOrg(ctx)
	if err != nil {
		return err
	}
	small, large := max(h.leaves/40, 4), h.leaves
	var appended, proved [2]float64
	for i, size := range []int{small, large} {
		if err := h.growTo(ctx, c, size); err != nil {
			return err
		}
		if appended[i], proved[i], err = h.logCosts(ctx, c); err != nil {
			return err
		}
	}
	beside := fmt.Sprintf("at %d batches", small)
	h.add(figure(fmt.Sprintf("a batch appended to a hub's log of %d on %s", large, h.on), appended[1], "ms").beside(beside, appended[0]).atMostTwice(),
		figure(fmt.Sprintf("two proofs out of it on %s", h.on), proved[1], "ms").beside(beside, proved[0]).atMostTwice())
	return nil
}

// growTo has many devices of the organisation hand over one entry at a time, until the
// log has so many leaves.
func (h *hubBench) growTo(ctx context.Context, first *deviceChain, size int) error {
	at, err := h.store.Size(ctx, first.org)
	if err != nil {
		return err
	}
	const devices = 64
	var wait sync.WaitGroup
	errs := make([]error, devices)
	var left atomic.Int64
	left.Store(int64(size) - int64(at))
	for i := range devices {
		c := newDeviceChain(first.org)
		if err := h.store.Admit(ctx, first.device, c.device); err != nil {
			return err
		}
		wait.Go(func() {
			for left.Add(-1) >= 0 && errs[i] == nil {
				_, errs[i] = h.store.Push(ctx, c.org, c.next(1))
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// logCosts returns the medians of appends and of proofs, in milliseconds.
func (h *hubBench) logCosts(ctx context.Context, c *deviceChain) (appended, proved float64, err error) {
	var batches []journal.Batch
	for range h.asks {
		batches = append(batches, c.next(1))
	}
	appends, err := h.clock.each(ctx, len(batches), h.step, func(i int) error {
		_, err := h.store.Push(ctx, c.org, batches[i])
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	c.head = journal.Head{Seq: batches[len(appends)-1].Head.Seq, Hash: batches[len(appends)-1].Head.Hash}
	size, err := h.store.Size(ctx, c.org)
	if err != nil {
		return 0, 0, err
	}
	proofs, err := h.clock.each(ctx, h.asks, h.step, func(i int) error {
		old := 1 + uint64(i)*7919%(size-1)
		_, err := h.store.Proof(ctx, c.org, size, old)
		_, err2 := h.store.Inclusion(ctx, c.org, size, old)
		return errors.Join(err, err2)
	})
	return median(appends), median(proofs), err
}

func (r *run) folder(name string) (string, error) {
	dir := filepath.Join(r.dir, name)
	return dir, makeFolder(dir)
}

// hubWait is how long devices may take to be at a hub.
const hubWait = time.Minute
