// Package keyring holds the keys of one member on one device, and uses them:
// opens entries and bodies, wraps record keys, hands team keys on, signs. No key
// leaves it except into the member's own view, which is sealed under a key of
// that member's (see [Ring.Keep]).
//
// It decides nothing about who may write what: package charter does.
package keyring

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Organisation stands for the team that every member is in.
var Organisation amana.TeamID

// ErrNoKey: the member does not hold the key. It is no damage: the record is
// other people's.
var ErrNoKey = fmt.Errorf("keyring: no key: %w", amana.ErrNotFound)

// Ring holds the keys of one member.
type Ring struct {
	org    amana.OrgID
	member amana.MemberID
	id     seal.Identity

	mu    sync.RWMutex // guards what follows: a key that was found stays
	teams map[journal.TeamEpoch]seal.TeamKey
	// rivals are other keys of an epoch, where two devices opened it at the same
	// time: they open what was sealed under them, and seal nothing.
	rivals map[journal.TeamEpoch][]seal.TeamKey
}

// mostRivals bounds how many keys of one epoch are kept beside its own.
const mostRivals = 16

// New makes a ring for a member, holding nothing but the member's own keys.
func New(org amana.OrgID, member amana.MemberID, id seal.Identity) *Ring {
	return &Ring{
		org: org, member: member, id: id,
		teams: map[journal.TeamEpoch]seal.TeamKey{}, rivals: map[journal.TeamEpoch][]seal.TeamKey{},
	}
}

// Member returns whose ring it is.
func (r *Ring) Member() amana.MemberID { return r.member }

func (r *Ring) team(team amana.TeamID, epoch uint64) (seal.TeamKey, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.teams[journal.TeamEpoch{Team: team, Epoch: epoch}]
	return k, ok
}

// Holds reports whether the member holds a team's key of an epoch.
func (r *Ring) Holds(team amana.TeamID, epoch uint64) bool {
	_, ok := r.team(team, epoch)
	return ok
}

// Add takes a team's key into the ring. A key that is there already stays: the
// first box that opens is the one that came with the membership, and nobody can
// put another key in its place later.
func (r *Ring) Add(team amana.TeamID, epoch uint64, k seal.TeamKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	te := journal.TeamEpoch{Team: team, Epoch: epoch}
	held, ok := r.teams[te]
	switch {
	case !ok:
		r.teams[te] = k
	case held.Commitment() != k.Commitment():
		r.addRival(te, k)
	}
}

// addRival keeps one more key of an epoch. Callers hold mu.
func (r *Ring) addRival(te journal.TeamEpoch, k seal.TeamKey) {
	same := func(other seal.TeamKey) bool { return other.Commitment() == k.Commitment() }
	if len(r.rivals[te]) < mostRivals && !slices.ContainsFunc(r.rivals[te], same) {
		r.rivals[te] = append(slices.Clip(r.rivals[te]), k)
	}
}

// all returns the keys of an epoch: its own first.
func (r *Ring) all(te journal.TeamEpoch) []seal.TeamKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	own, ok := r.teams[te]
	if !ok {
		return r.rivals[te]
	}
	if len(r.rivals[te]) == 0 {
		return []seal.TeamKey{own}
	}
	return append([]seal.TeamKey{own}, r.rivals[te]...)
}

// Arrange makes the key that was announced for an epoch the epoch's own, keeps those
// that lost to it, and drops every other.
func (r *Ring) Arrange(team amana.TeamID, epoch uint64, own seal.Hash, lost []seal.Hash) {
	te := journal.TeamEpoch{Team: team, Epoch: epoch}
	keys := r.all(te)
	if len(keys) == 0 || len(keys) == 1 && keys[0].Commitment() == own {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.teams, te)
	delete(r.rivals, te)
	for _, k := range keys {
		switch c := k.Commitment(); {
		case c == own:
			r.teams[te] = k
		case slices.Contains(lost, c):
			r.addRival(te, k)
		}
	}
}

// With returns a ring that holds these keys too, in place of any others of their
// epochs: for sealing what announces them. The ring itself takes them when it reads
// that; what was never written leaves no key behind that nobody else has.
func (r *Ring) With(keys map[journal.TeamEpoch]seal.TeamKey) *Ring {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := maps.Clone(r.teams)
	maps.Copy(all, keys)
	return &Ring{org: r.org, member: r.member, id: r.id, teams: all, rivals: maps.Clone(r.rivals)}
}

// Count returns how many keys of teams it holds.
func (r *Ring) Count() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := len(r.teams)
	for _, keys := range r.rivals {
		n += len(keys)
	}
	return n
}

// CountOf returns how many keys of one epoch of a team it holds: more than one where
// two devices opened it at the same time.
func (r *Ring) CountOf(te journal.TeamEpoch) int { return len(r.all(te)) }

// Drop forgets every key. The ring is of no use after it.
func (r *Ring) Drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.teams)
	clear(r.rivals)
	r.id = seal.Identity{}
}

// keptKey is a team's key as [Ring.Keep] writes it: team, epoch, key.
const keptKey = 16 + 8 + seal.KeySize

// Keep writes the team keys down, to lie in the member's own sealed view and
// nowhere else, so that the boxes need not be opened at every unlocking.
func (r *Ring) Keep() []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	b := make([]byte, 0, len(r.teams)*keptKey)
	keep := func(te journal.TeamEpoch, k seal.TeamKey) {
		b = append(b, te.Team[:]...)
		b = binary.BigEndian.AppendUint64(b, te.Epoch)
		b = append(b, k.Export()...)
	}
	for te, k := range r.teams {
		keep(te, k)
	}
	for te, keys := range r.rivals {
		for _, k := range keys {
			keep(te, k)
		}
	}
	return b
}

// Restore takes up what Keep wrote.
func (r *Ring) Restore(kept []byte) error {
	if len(kept)%keptKey != 0 {
		return fmt.Errorf("keyring: kept keys of %d bytes: %w", len(kept), amana.ErrTampered)
	}
	for one := range slices.Chunk(kept, keptKey) {
		k, err := seal.ImportTeamKey(one[24:])
		if err != nil {
			return err
		}
		r.Add(amana.TeamID(one[:16]), binary.BigEndian.Uint64(one[16:24]), k)
	}
	return nil
}

// Sign signs for the member.
func (r *Ring) Sign(label string, message []byte) seal.Signature { return r.id.Sign(label, message) }

// Unbox opens a box to the member that holds no key of a team: what context says.
func (r *Ring) Unbox(context, box []byte) ([]byte, error) { return r.id.Open(context, box) }

// ViewKey returns the raw key of the member's view; see [seal.Identity.ViewKey].
func (r *Ring) ViewKey(salt [16]byte) [seal.KeySize]byte { return r.id.ViewKey(salt) }
