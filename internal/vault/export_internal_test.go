package vault

import (
	"context"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
)

// What the sabotage tests need of the inside. None of it is in the program.

// WayIn is what a passphrase opens, so that a test that opens a vault two hundred
// times stretches it once.
func WayIn(v *Vault, passphrase string) ([]byte, error) {
	k, err := seal.Stretch([]byte(passphrase), v.header.Salt, v.header.Cost)
	if err != nil {
		return nil, err
	}
	s, _, err := v.header.openSlot(k)
	return mustEncode(s), err
}

func slotOf(way []byte) (s slot) {
	if err := cbor.Unmarshal(way, &s); err != nil {
		panic(err)
	}
	return s
}

// EnterBy is Unlock for whoever has the way in already.
func (v *Vault) EnterBy(ctx context.Context, way []byte) (*Session, error) {
	s := slotOf(way)
	id, err := seal.ImportIdentity(s.Identity)
	if err != nil {
		return nil, err
	}
	return v.enter(ctx, s, id)
}

// DeviceKeyOf returns the key that hides the journal: every member has it.
func DeviceKeyOf(way []byte) seal.DeviceKey {
	k, err := seal.ImportDeviceKey(slotOf(way).DeviceKey)
	if err != nil {
		panic(err)
	}
	return k
}

// OrgOf returns the organisation that a way in is for.
func OrgOf(way []byte) amana.OrgID { return slotOf(way).Org }

// OrderErasure is Erase up to the order: what a crash before the execution leaves.
func (s *Session) OrderErasure(ctx context.Context, reason string, records ...amana.RecordID) error {
	facts := make([]event.Fact, 0, len(records))
	for _, id := range records {
		facts = append(facts, event.Erased{Record: id, Reason: reason})
	}
	return s.amend(ctx, seal.Identity{}, amendment{facts: facts})
}

// ItemsOf returns the items of some records as they lie in the journal.
func (s *Session) ItemsOf(records ...amana.RecordID) (items []journal.Item, at []journal.Pos) {
	at, err := s.itemsOf(records)
	if err != nil {
		panic(err)
	}
	for _, p := range at {
		it, err := s.open.log.Read(p)
		if err != nil {
			panic(fmt.Sprintf("item at %d: %v", p, err))
		}
		items = append(items, it)
	}
	return items, at
}

// Journal returns the log that lies under the sessions.
func (s *Session) Journal() *journal.Log { return s.open.log }

// EntryOf opens the layer of an item that every member may read.
func (s *Session) EntryOf(it journal.Item) (journal.Entry, error) {
	return s.open.openEntry(s.ring, it)
}
