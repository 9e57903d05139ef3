package vault

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
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
	s, err := v.header.openSlot(k)
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

// TeamKeysOf returns every team key that a member holds: what they could take
// with them. The zero team is the whole organisation.
func TeamKeysOf(s *Session) map[journal.TeamEpoch]seal.TeamKey { return keptKeys(s.ring) }

func keptKeys(r *keyring.Ring) map[journal.TeamEpoch]seal.TeamKey {
	const size = 16 + 8 + seal.KeySize
	keys := map[journal.TeamEpoch]seal.TeamKey{}
	for one := range slices.Chunk(r.Keep(), size) {
		k, err := seal.ImportTeamKey(one[24:])
		if err != nil {
			panic(err)
		}
		keys[journal.TeamEpoch{Team: amana.TeamID(one[:16]), Epoch: binary.BigEndian.Uint64(one[16:24])}] = k
	}
	return keys
}

// SealAt seals and signs a draft as the member's program would, at a place of the
// caller's choice.
func (s *Session) SealAt(d keyring.Draft, epoch uint64) (journal.Item, error) {
	return s.ring.Seal(d, epoch)
}

// CharterKey returns the key under which the charter is written now: every member
// has it.
func (s *Session) CharterKey() seal.RecordKey { return s.sealing().key }

// Pack encodes and compresses a body.
func Pack(facts ...event.Fact) []byte {
	b, err := pack(event.Body{Facts: facts})
	if err != nil {
		panic(err)
	}
	return b
}

// Late is how many cases' lists are behind their items.
func (s *Session) Late() int {
	x := s.index.Load()
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.late)
}

// NamedMany leaves as many names behind as are kept.
func (s *Session) NamedMany() {
	n := &s.names
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keys = map[amana.RecordID]named{}
	for len(n.keys) < mostNames {
		n.last++
		n.keys[amana.RecordID{byte(n.last), byte(n.last >> 8), byte(n.last >> 16)}] = named{at: n.last}
	}
}
