package vault

import (
	"fmt"
	"maps"
	"sync"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// A record's ID follows from who begins it and with which key: so whoever knows an ID, as
// every member does of every record of the organisation, cannot begin it for another team
// or as something else, also where the true beginning did not come yet. IDs of versions
// before were drawn at random, and stay. See format §2.6.

// names are records that were named and are not begun yet, with their keys.
type names struct {
	mu   sync.Mutex // guards what follows
	keys map[amana.RecordID]named
	last int // how many were named
}

type named struct {
	key seal.RecordKey
	at  int // which of all that were named it is
}

// mostNames bounds them. What was named and never begun, because a check failed say, is
// dropped beyond that, the older half at once: what is named a moment before it is begun
// stays, however much was named before.
const mostNames = 1 << 16

// NewRecord names a record that this member is about to begin, in this session.
func (s *Session) NewRecord(kind amana.Kind) amana.RecordID {
	key := seal.NewRecordKey()
	id := journal.NameRecord(s.open.org, journal.AuthorOf(s.ring.Member()), key.Commitment(), kind.Ledger())
	n := &s.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.keys == nil {
		n.keys = map[amana.RecordID]named{}
	}
	if len(n.keys) >= mostNames {
		maps.DeleteFunc(n.keys, func(_ amana.RecordID, old named) bool { return old.at <= n.last-mostNames/2 })
	}
	n.last++
	n.keys[id] = named{key.Fresh(), n.last}
	return id
}

// firstKey is the key with which a record begins. Kinds: ErrConflict for one that was
// named in another session or is begun already, ErrInvalid for one of another kind.
func (s *Session) firstKey(id amana.RecordID, kind amana.Kind) (seal.RecordKey, error) {
	if named, _ := amana.IsNamed(id); !named {
		return seal.NewRecordKey(), nil
	}
	if !fitsName(id, kind) {
		return seal.RecordKey{}, fmt.Errorf("vault: record %s: named for another kind: %w", id, amana.ErrInvalid)
	}
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	n, there := s.names.keys[id]
	if !there {
		return n.key, fmt.Errorf("vault: record %s: not named in this session, or begun already: %w", id, amana.ErrConflict)
	}
	return n.key, nil
}

// used forgets the keys of records that are begun.
func (n *names) used(changes []Change) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ch := range changes {
		if ch.Begin != nil {
			delete(n.keys, ch.Record)
		}
	}
}

// forget drops all keys.
func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keys = nil
}

// forged reports whether an entry would begin a record that is somebody else's.
func (f foundEntry) forged(org amana.OrgID) bool {
	return len(f.entry.Teams) > 0 && f.entry.Generation == (seal.Generation{}) && !f.entry.Begins(org)
}

// fitsName reports whether a record of this ID may be of a kind: an ID that says that its
// record is one of the ledger is for no other, and another is not for those.
func fitsName(id amana.RecordID, kind amana.Kind) bool {
	named, ledger := amana.IsNamed(id)
	return !named || ledger == kind.Ledger()
}
