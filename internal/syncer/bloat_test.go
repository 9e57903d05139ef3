package syncer_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// swollen is a checkpoint with the signatures of many others behind the hub's, as the form
// of notes allows.
func swollen(note []byte) []byte {
	out := bytes.Clone(note)
	for i := range 90 {
		sig := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(i)}, 68))
		out = fmt.Appendf(out, "— other-%d %s\n", i, sig)
	}
	return out
}

// A hub that says more in a checkpoint than there is to say is not followed, and is
// followed again once it says what it should: nothing of it was kept.
func TestSync_aSwollenCheckpoint(t *testing.T) {
	h := newHouse(t)
	l := newLiar(h.admin.Organisation())
	field := h.pair(t)
	a, b := l.syncer(h.admin), l.syncer(field)
	mustSync(t, a)
	l.swell = true
	if _, err := b.Sync(t.Context()); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("%v: want the checkpoint refused", err)
	}
	if n := len(b.State.Checkpoint); n > wire.LargestCheckpoint {
		t.Errorf("a checkpoint of %d bytes is kept", n)
	}
	l.swell = false
	h.open(t, field, "orchard")
	if r := mustSync(t, b); r.Pushed == 0 {
		t.Errorf("%+v: nothing was handed over", r)
	}
}

// A hub that names devices without end is stopped: what is kept of it stays small, and can
// be read again.
func TestSync_devicesWithoutEnd(t *testing.T) {
	h := newHouse(t)
	l := newLiar(h.admin.Organisation())
	a := l.syncer(h.admin)
	mustSync(t, a)
	honest := len(l.leaves)
	var f wire.Frontier
	for _, leaf := range l.leaves {
		f.Add(wire.Leaf(leaf))
	}
	var err error
	for n := uint64(1); err == nil && n < 1<<18; {
		log := &wire.Log{}
		for range wire.MostLeaves {
			leaf := journal.SignedHead{Device: amana.DeviceID(seal.Random16()), Seq: n}
			binary.BigEndian.PutUint64(leaf.Hash[:], n)
			n++
			f.Add(wire.Leaf(leaf))
			log.Leaves = append(log.Leaves, leaf)
		}
		log.Size = f.Size
		log.Checkpoint, err = wire.Checkpoint{Origin: wire.Origin(l.org), Size: f.Size, Root: f.Root()}.Sign(l.key)
		if err == nil {
			err = syncer.Take(a, log)
		}
	}
	if !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("%v: want it stopped", err)
	}
	raw := a.State.Encode()
	if len(raw) > 1<<20 {
		t.Errorf("what is kept of the hub has %d bytes, after %d honest leaves", len(raw), honest)
	}
	if _, err := syncer.ReadState(raw, a.State.Hub); err != nil {
		t.Error(err)
	}
}

// What a device keeps for itself can be read again, however much it is.
func TestReadFileState_large(t *testing.T) {
	s, err := syncer.ReadFileState(nil, wire.Address{Host: "hub:1"})
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(200_000) {
		var name seal.Hash
		binary.BigEndian.PutUint64(name[:], n)
		s.Forgotten[name] = true
	}
	again, err := syncer.ReadFileState(s.Encode(), s.Hub)
	if err != nil || len(again.Forgotten) != len(s.Forgotten) {
		t.Errorf("%v: %d names are known again", err, len(again.Forgotten))
	}
}
