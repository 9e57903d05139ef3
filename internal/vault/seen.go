package vault

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/journal"
)

// seen is how far one member has seen the chain of each device. It lies in the
// member's own view, under a key that nobody else has: who has the device's key,
// as every member does, can write the journal's end and its checksums anew, but
// not what others remember of it.
type seen map[amana.DeviceID]journal.Head

func (s seen) advance(heads map[amana.DeviceID]journal.Head) {
	for d, h := range heads {
		if h.Seq > s[d].Seq {
			s[d] = h
		}
	}
}

// behind says what the log lacks of what was seen, or nil.
func (s seen) behind(heads map[amana.DeviceID]journal.Head) error {
	for d, h := range s {
		switch now := heads[d]; {
		case now.Seq < h.Seq:
			return fmt.Errorf("vault: the chain of device %s ends at entry %d, and you have seen entry %d: %w", d, now.Seq, h.Seq, amana.ErrTampered)
		case now.Seq == h.Seq && now.Hash != h.Hash:
			return fmt.Errorf("vault: entry %d of device %s, or one before, is not the one you have seen: %w", h.Seq, d, amana.ErrTampered)
		}
	}
	return nil
}

// remember takes up what the view knows. A journal that lacks something that the
// member has seen was cut or put back from a copy: it is read, and no more is
// written to it, and the view is built anew from what is there.
func (x *indexer) remember() error {
	x.seen = seen{}
	raw, err := x.view.Meta(metaSeen)
	if err != nil || len(raw) == 0 {
		return err
	}
	if err := cbor.Unmarshal(raw, &x.seen); err != nil {
		return fmt.Errorf("vault: view: %w", amana.ErrInvalid)
	}
	lacks := x.seen.behind(x.s.open.log.Heads())
	if lacks == nil {
		return nil
	}
	x.s.open.log.Refuse(lacks)
	if err := x.view.Close(); err != nil {
		return err
	}
	x.s.vault.removeViewsOf(x.s.open, x.s.ring.Member())
	x.view = nil
	if err := x.openView(); err != nil {
		return err
	}
	return x.view.SetMeta(metaSeen, raw)
}

// remembered returns a copy of what the member has seen.
func (x *indexer) remembered() seen {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := seen{}
	s.advance(x.seen)
	return s
}
