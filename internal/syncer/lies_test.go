package syncer_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// liar is a hub in memory that can be made to lie to anybody it likes. It signs as a
// real one.
type liar struct {
	org    amana.OrgID
	key    seal.HubKey
	leaves []journal.SignedHead
	batch  map[amana.DeviceID][]journal.Batch

	show   func([]journal.SignedHead) []journal.SignedHead // the log as it is shown, or nil for as it is
	drop   bool                                            // says that it took what it did not
	give   func(journal.Batch) (journal.Batch, error)      // what is given for a batch, or nil
	asleep bool
	swell  bool // its checkpoints have more signatures than its own
}

func newLiar(org amana.OrgID) *liar {
	return &liar{org: org, key: seal.NewHubKey(), batch: map[amana.DeviceID][]journal.Batch{}}
}

func (l *liar) address() wire.Address {
	return wire.Address{Host: "hub:1", Key: l.key.VerifyKey(), Note: l.key.NoteKey()}
}

func (l *liar) shown() []journal.SignedHead {
	if l.show == nil {
		return l.leaves
	}
	return l.show(slices.Clone(l.leaves))
}

func (l *liar) note(leaves []journal.SignedHead) []byte {
	var f wire.Frontier
	for _, h := range leaves {
		f.Add(wire.Leaf(h))
	}
	raw, err := wire.Checkpoint{Origin: wire.Origin(l.org), Size: f.Size, Root: f.Root()}.Sign(l.key)
	if err != nil {
		panic(err)
	}
	if l.swell {
		return swollen(raw)
	}
	return raw
}

func (l *liar) Log(_ context.Context, from uint64, _ bool) (*wire.Log, error) {
	if l.asleep {
		return nil, syncer.ErrAway
	}
	leaves := l.shown()
	switch n := uint64(len(leaves)); {
	case from == n:
		return nil, nil
	case from > n:
		return nil, amana.ErrConflict
	}
	return &wire.Log{Leaves: leaves[from:], Size: uint64(len(leaves)), Checkpoint: l.note(leaves)}, nil
}

func (l *liar) Batch(_ context.Context, d amana.DeviceID, from uint64) (journal.Batch, error) {
	for _, b := range l.batch[d] {
		if b.First <= from && from <= b.Last() {
			b.Items, b.First = b.Items[from-b.First:], from
			if l.give != nil {
				return l.give(b)
			}
			return b, nil
		}
	}
	return journal.Batch{}, amana.ErrNotFound
}

func (l *liar) Push(_ context.Context, b journal.Batch, known uint64) (wire.Pushed, error) {
	if l.asleep {
		return wire.Pushed{}, syncer.ErrAway
	}
	if !l.drop {
		l.leaves = append(l.leaves, b.Head)
		l.batch[b.Head.Device] = append(l.batch[b.Head.Device], b)
	}
	return l.pushed(b.Head, known), nil
}

// pushed is what it shows of its log to who handed a batch over.
func (l *liar) pushed(head journal.SignedHead, known uint64) wire.Pushed {
	leaves := l.shown()
	p := wire.Pushed{Size: uint64(len(leaves))}
	if known >= p.Size {
		return p
	}
	var f wire.Frontier
	for i, leaf := range leaves {
		f.Add(wire.Leaf(leaf))
		switch {
		case uint64(i) < known:
		case leaf == head:
			p.Leaves = append(p.Leaves, nil)
		default:
			p.Leaves = append(p.Leaves, &leaves[i])
		}
	}
	p.Signature = wire.Checkpoint{Origin: wire.Origin(l.org), Size: f.Size, Root: f.Root()}.Signature(l.key)
	return p
}

func (l *liar) Erase(context.Context, amana.DeviceID, []uint64) error { return nil }

func (l *liar) Proof(_ context.Context, old uint64) (proof tlog.TreeProof, note []byte, err error) {
	leaves := l.shown() // it proves what it shows: it cannot prove what is not so
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) (list []tlog.Hash, err error) {
		for _, i := range at {
			list = append(list, stored[i])
		}
		return list, nil
	})
	for i, h := range leaves {
		more, err := tlog.StoredHashes(int64(i), wire.Leaf(h), reader)
		if err != nil {
			return nil, nil, err
		}
		stored = append(stored, more...)
	}
	if int(old) > len(leaves) {
		return nil, nil, amana.ErrInvalid
	}
	proof, err = tlog.ProveTree(int64(len(leaves)), int64(old), reader)
	return proof, l.note(leaves), err
}

func (l *liar) syncer(s *vault.Session) *syncer.Syncer {
	return &syncer.Syncer{
		Device: device{s}, Witness: s, Hub: l, State: &syncer.State{Hub: l.address()}, Keep: func(*syncer.State) error { return nil },
	}
}

// A hub that lies in any of these ways is found, by the device it lies to or as soon as
// two meet that it told different things; and what proves it is kept.
func TestSync_findsAHubThatLies(t *testing.T) {
	tests := []struct {
		name string
		lie  func(l *liar)
		want string
	}{
		{"takes back the last leaf", func(l *liar) {
			l.show = func(h []journal.SignedHead) []journal.SignedHead { return h[:1] }
		}, syncer.LieRollback},
		{"takes back everything", func(l *liar) { l.leaves = nil }, syncer.LieRollback},
		{"changes the order", func(l *liar) {
			l.leaves[0], l.leaves[1] = l.leaves[1], l.leaves[0]
			l.leaves = append(l.leaves, l.leaves[0])
		}, syncer.LieFork},
		{"leaves one out that it showed", func(l *liar) {
			l.leaves = append(slices.Delete(l.leaves, 0, 1), l.leaves[0], l.leaves[0])
		}, syncer.LieFork},
		{"drops what it said it took", func(l *liar) { l.drop = true }, syncer.LieDropped},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			field := h.pair(t)
			l := newLiar(h.admin.Organisation())
			a, b := l.syncer(h.admin), l.syncer(field)
			mustSync(t, a)
			h.open(t, field, "orchard")
			mustSync(t, b)
			mustSync(t, a)
			tt.lie(l)
			h.open(t, field, "river")
			_, err := b.Sync(t.Context())
			if !errors.Is(err, syncer.ErrHubLies) {
				t.Fatalf("%v: want a lie found", err)
			}
			if got := b.State.Lies; len(got) != 1 || got[0].What != tt.want || len(got[0].Before) == 0 {
				t.Errorf("%+v, want %s with its proof", got, tt.want)
			}
			if n := cases(t, field); n != 2 {
				t.Errorf("%d cases: work goes on", n)
			}
		})
	}
}

// A hub that tells two devices different things is found when either hears of what the
// other saw, here by a stick.
func TestSync_twoHistoriesOfAHub(t *testing.T) {
	h := newHouse(t)
	field, third := h.pair(t), h.pair(t)
	l := newLiar(h.admin.Organisation())
	a, b, c := l.syncer(h.admin), l.syncer(field), l.syncer(third)
	mustSync(t, a)
	h.open(t, third, "orchard")
	mustSync(t, c)
	// From here on the field's device is not shown what the third wrote.
	l.show = func(list []journal.SignedHead) []journal.SignedHead {
		return slices.DeleteFunc(list, func(s journal.SignedHead) bool { return s.Device == third.Device() })
	}
	h.open(t, field, "river")
	mustSync(t, b)
	l.show = nil
	mustSync(t, a)
	h.Pass(0, 0, 2)
	mustSync(t, a) // says in an entry what it saw
	l.show = func(list []journal.SignedHead) []journal.SignedHead {
		return slices.DeleteFunc(list, func(s journal.SignedHead) bool { return s.Device == third.Device() })
	}
	var batches []journal.Batch
	if err := h.admin.HandOver(t.Context(), field.Have(), func(one journal.Batch) error {
		batches = append(batches, one)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := field.Import(t.Context(), func() (one journal.Batch, more bool, err error) {
		if len(batches) == 0 {
			return one, false, nil
		}
		one, batches = batches[0], batches[1:]
		return one, true, nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sync(t.Context()); !errors.Is(err, syncer.ErrHubLies) {
		t.Fatalf("%v: want two histories found", err)
	}
	if len(b.State.Lies) != 1 || b.State.Lies[0].Before == nil || b.State.Lies[0].After == nil {
		t.Errorf("%+v: want both checkpoints kept", b.State.Lies)
	}
}

// A hub that is silent, or gives what does not verify, never blocks work.
func TestSync_aBadHubBlocksNothing(t *testing.T) {
	h := newHouse(t)
	field := h.pair(t)
	l := newLiar(h.admin.Organisation())
	a, b := l.syncer(h.admin), l.syncer(field)
	mustSync(t, a)
	mustSync(t, b)
	l.asleep = true
	h.open(t, field, "orchard")
	if _, err := b.Sync(t.Context()); !errors.Is(err, syncer.ErrAway) {
		t.Errorf("%v: want it to say that the hub is away", err)
	}
	l.asleep = false
	mustSync(t, b)
	l.give = func(x journal.Batch) (journal.Batch, error) {
		again, err := journal.ReadBatch(x.Append(nil))
		again.Items[0].Body[40] ^= 1
		return again, err
	}
	r, err := a.Sync(t.Context())
	if err != nil || r.Left == 0 || r.Pulled != 0 {
		t.Errorf("%+v, %v: want what was changed left", r, err)
	}
	l.give = nil
	if r := mustSync(t, a); r.Pulled == 0 || r.Waiting != 0 {
		t.Errorf("%+v: want it taken once it comes right", r)
	}
	if n := cases(t, field); n != 1 {
		t.Errorf("%d cases", n)
	}
}
