package syncer_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/syncer"
)

// newsOf is a hub that brings news as it is told to.
type newsOf struct {
	*liar
	spoil   func(*wire.News)
	looks   int
	fetched int
}

func (n *newsOf) News(ctx context.Context, from uint64) (*wire.News, *wire.Log, error) {
	l, err := n.liar.Log(ctx, from, true)
	if err != nil || l == nil {
		return nil, nil, err
	}
	news := &wire.News{Log: n.pushed(journal.SignedHead{}, from)}
	for _, leaf := range l.Leaves {
		for _, b := range n.batch[leaf.Device] {
			if b.Head == leaf {
				raw := b.Append(nil)[len(journal.BatchHead(leaf, uint64(len(b.Items)))):]
				news.Batches = append(news.Batches, &wire.NewsBatch{N: uint64(len(b.Items)), Items: raw})
			}
		}
	}
	if n.spoil != nil {
		n.spoil(news)
	}
	return news, nil, nil
}

func (n *newsOf) Log(ctx context.Context, from uint64, wait bool) (*wire.Log, error) {
	n.looks++
	return n.liar.Log(ctx, from, wait)
}

func (n *newsOf) Batch(ctx context.Context, d amana.DeviceID, from uint64) (journal.Batch, error) {
	n.fetched++
	return n.liar.Batch(ctx, d, from)
}

// What comes with news is held to the same as what is asked for: what does not fit is
// asked for, and nothing is taken that does not verify.
func TestWait_news(t *testing.T) {
	h := newHouse(t)
	field := h.pair(t)
	n := &newsOf{liar: newLiar(h.admin.Organisation())}
	from, to := n.syncer(field), n.syncer(h.admin)
	to.Hub, to.Memory = n, &syncer.Memory{}
	for range 2 {
		mustSync(t, to)
		mustSync(t, from)
	}
	mustSync(t, to)
	for name, tt := range map[string]struct {
		spoil   func(*wire.News)
		looks   int // at the log, beside the news
		fetched int // batches
		fails   bool
	}{
		"as they are":              {nil, 0, 0, false},
		"without batches":          {func(n *wire.News) { n.Batches = nil }, 0, 1, false},
		"with a null":              {func(n *wire.News) { n.Batches[0] = nil }, 0, 1, false},
		"a signature that is none": {func(n *wire.News) { n.Log.Signature[0] ^= 1 }, 1, 1, false},
		"another size":             {func(n *wire.News) { n.Log.Size++ }, 1, 1, false},
		"a leaf that is changed":   {func(n *wire.News) { n.Log.Leaves[0] = &journal.SignedHead{Seq: 9} }, 1, 1, false},
		"a batch that is cut":      {func(n *wire.News) { n.Batches[0].Items = n.Batches[0].Items[:40] }, 0, 1, false},
		"a batch of another count": {func(n *wire.News) { n.Batches[0].N++ }, 0, 1, false},
		"an item that is changed": {func(n *wire.News) {
			raw := bytes.Clone(n.Batches[0].Items)
			raw[len(raw)-1] ^= 1
			n.Batches[0].Items = raw
		}, 0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			h.open(t, field, "river")
			mustSync(t, from)
			n.spoil, n.looks, n.fetched = tt.spoil, 0, 0
			if err := to.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			rep, err := to.Sync(t.Context())
			if failed := err != nil || rep.Left+rep.Waiting > 0; failed != tt.fails {
				t.Errorf("%+v, %v", rep, err)
			}
			if n.looks != tt.looks || n.fetched != tt.fetched {
				t.Errorf("%d looks and %d batches asked for, want %d and %d", n.looks, n.fetched, tt.looks, tt.fetched)
			}
			n.spoil = nil
			mustSync(t, to)
			if h.admin.Have()[field.Device()] != field.Have()[field.Device()] {
				t.Error("it has not come")
			}
			if len(to.State.Lies) > 0 {
				t.Errorf("a lie: %+v", to.State.Lies)
			}
		})
	}
}

// A hub that waited with a device and then shows a shorter log is found.
func TestWait_newsOfAShorterLog(t *testing.T) {
	h := newHouse(t)
	n := &newsOf{liar: newLiar(h.admin.Organisation())}
	s := n.syncer(h.admin)
	s.Hub, s.Memory = n, &syncer.Memory{}
	mustSync(t, s)
	n.show = func([]journal.SignedHead) []journal.SignedHead { return nil }
	if err := s.Wait(t.Context()); !errors.Is(err, syncer.ErrHubLies) || len(s.State.Lies) != 1 || s.State.Lies[0].What != syncer.LieRollback {
		t.Errorf("%v, %+v", err, s.State.Lies)
	}
}

// A real hub brings what is small with the news, not what a device wrote itself, and
// nothing that is larger than the device said.
func TestWait_newsOfAHub(t *testing.T) {
	h, r := newHouse(t), &running{hubtest.Run(t, hubtest.Config{})}
	if err := r.client(t, h.admin).Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
		t.Fatal(err)
	}
	field := admitted(t, h, r)
	mustSync(t, r.syncer(t, h.admin))
	a, b := r.syncer(t, h.admin), r.syncer(t, field)
	mustSync(t, a)
	mustSync(t, b)
	known := a.State.Log.Size
	h.open(t, field, "river")
	mustSync(t, b)
	for range 40 {
		h.open(t, field, strings.Repeat("orchard ", 40))
	}
	mustSync(t, b)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for _, tt := range []struct {
		name string
		c    *syncer.Client
		come []uint64 // from each batch the first item
	}{
		{"the other device", r.client(t, h.admin), []uint64{b.State.Heads[field.Device()] - 40}},
		{"the one that wrote it", r.client(t, field), nil},
	} {
		n, l, err := tt.c.News(ctx, known)
		if err != nil || n == nil || l != nil {
			t.Fatal(n, l, err)
		}
		list, err := n.Read()
		if err != nil || len(n.Log.Leaves) < 2 || len(list) != len(tt.come) {
			t.Fatalf("%s: %d batches for %d leaves, %v", tt.name, len(list), len(n.Log.Leaves), err)
		}
		for i, one := range list {
			if one.Head.Device != field.Device() || one.Last() != tt.come[i] {
				t.Errorf("%s: items %d to %d", tt.name, one.First, one.Last())
			}
		}
	}
	known = b.State.Log.Size
	for range 10 {
		h.open(t, field, "few words")
		mustSync(t, b)
	}
	n, _, err := r.client(t, h.admin).News(ctx, known)
	if err != nil || len(n.Log.Leaves) != 10 {
		t.Fatal(n, err)
	}
	if list, err := n.Read(); err != nil || len(list) != 8 {
		t.Errorf("%d batches came of many that have room, %v", len(list), err)
	}
}
