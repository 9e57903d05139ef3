package keyring

import (
	"encoding/binary"
	"fmt"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
)

// A box holds keys of one team: for each, the epoch in eight bytes and the key.
const boxedKey = 8 + seal.KeySize

func boxContext(org amana.OrgID, team amana.TeamID) []byte {
	c := append([]byte("team keys\x00"), org[:]...)
	return append(c, team[:]...)
}

// epochBoxSize is the length of a box that brings the key of one epoch.
const epochBoxSize = boxedKey + seal.BoxOverhead

// OpenEpoch makes the next key of a team and returns one box for each of to. The
// key is in the ring only if the member is meant to hold it: keep says so.
func OpenEpoch(org amana.OrgID, team amana.TeamID, epoch uint64, to []seal.BoxKey) (seal.TeamKey, []byte, error) {
	k := seal.NewTeamKey()
	boxes, err := boxFor(org, team, []heldKey{{epoch, k}}, to)
	return k, boxes, err
}

type heldKey struct {
	epoch uint64
	key   seal.TeamKey
}

func boxFor(org amana.OrgID, team amana.TeamID, keys []heldKey, to []seal.BoxKey) ([]byte, error) {
	plain := make([]byte, 0, len(keys)*boxedKey)
	for _, k := range keys {
		plain = binary.BigEndian.AppendUint64(plain, k.epoch)
		plain = append(plain, k.key.Export()...)
	}
	defer clear(plain)
	var boxes []byte
	for _, pub := range to {
		box, err := pub.Seal(boxContext(org, team), plain)
		if err != nil {
			return nil, err
		}
		boxes = append(boxes, box...)
	}
	return boxes, nil
}

// Grant returns one box for each of to, with every key of the team that the
// member holds. ErrNoKey, if that is not all up to the epoch.
func (r *Ring) Grant(team amana.TeamID, epoch uint64, to []seal.BoxKey) ([]byte, error) {
	var keys []heldKey
	for e := uint64(1); e <= epoch; e++ {
		if !r.Holds(team, e) {
			return nil, fmt.Errorf("team %s epoch %d: %w", team, e, ErrNoKey)
		}
		for _, k := range r.all(journal.TeamEpoch{Team: team, Epoch: e}) {
			keys = append(keys, heldKey{e, k})
		}
	}
	return boxFor(r.org, team, keys, to)
}

// take takes the keys in a box into the ring, up to an epoch: nobody may lay keys
// of epochs to come in somebody's ring.
func (r *Ring) take(team amana.TeamID, box []byte, upTo uint64) error {
	keys, err := r.unbox(team, box)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.epoch <= upTo {
			r.Add(team, k.epoch, k.key)
		}
	}
	return nil
}

func (r *Ring) unbox(team amana.TeamID, box []byte) (keys []heldKey, err error) {
	plain, err := r.id.Open(boxContext(r.org, team), box)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	if len(plain)%boxedKey != 0 {
		return nil, fmt.Errorf("keyring: box of team %s: %w", team, amana.ErrTampered)
	}
	for one := range slices.Chunk(plain, boxedKey) {
		k, err := seal.ImportTeamKey(one[8:])
		if err != nil {
			return nil, err
		}
		keys = append(keys, heldKey{binary.BigEndian.Uint64(one[:8]), k})
	}
	return keys, nil
}

// announced takes from a box the key that an opened epoch committed to. A box that
// holds another key gives none: who made it cannot lock anybody out by it. Which of
// an epoch's keys is its own is for [Ring.Arrange].
func (r *Ring) announced(f event.EpochOpened, box []byte) {
	keys, err := r.unbox(f.Team, box)
	if err != nil {
		return // sealed to keys that the member had before a recovery
	}
	for _, k := range keys {
		if k.epoch == f.Epoch && k.key.Check(f.Commitment) == nil {
			r.Add(f.Team, f.Epoch, k.key)
		}
	}
}

// TryBoxes looks for the member's box among those that bring keys of the
// organisation, before the entry around them can be read. Whose box is whose is
// not written where anybody could read it, so each is tried, from the last; a box
// holds one key or as many as there were epochs. It reports whether one opened.
func (r *Ring) TryBoxes(it journal.Item) bool {
	if it.Flags&journal.BringsOrgKeys == 0 || it.Flags&journal.Erased != 0 {
		return false
	}
	tries := 0
	for keys := 1; keys <= int(min(it.Epoch, mostEpochs))+mostRivals; keys++ {
		size := keys*boxedKey + seal.BoxOverhead
		for end := len(it.Wraps); end >= size; end -= size {
			if tries++; tries > mostTries {
				return false
			}
			if r.take(Organisation, it.Wraps[end-size:end], it.Epoch) == nil {
				return true
			}
		}
	}
	return false
}

// mostEpochs bounds what is tried on an item that somebody made up.
const (
	mostEpochs = 4096
	mostTries  = 20_000
)

// Take opens the member's boxes in a charter entry, where it brings any, and
// checks announced keys against their commitments. boxes is what follows the
// record wraps; see [journal.Entry.RecordWraps]. recovery is set for the holder
// of the recovery key, whose box is the last.
//
// counted says which of the facts count; boxes of the others are passed over.
func (r *Ring) Take(facts []event.Fact, counted []bool, boxes []byte, recovery bool) error {
	total := 0
	for _, f := range facts {
		total += boxCount(f)
	}
	if total == 0 {
		return nil
	}
	for i, f := range facts {
		n := boxCount(f)
		if n == 0 {
			continue
		}
		size := len(boxes) / total
		if _, granted := f.(event.KeysGranted); !granted {
			size = epochBoxSize
		}
		if size == 0 || n*size > len(boxes) {
			return fmt.Errorf("keyring: boxes are missing: %w", amana.ErrTampered)
		}
		if counted[i] {
			r.takeFact(f, boxes[:n*size], size, recovery)
		}
		boxes = boxes[n*size:]
	}
	return nil
}

func boxCount(f event.Fact) int {
	switch f := f.(type) {
	case event.EpochOpened:
		return len(f.To) + 1
	case event.KeysGranted:
		return len(f.To)
	default:
		return 0
	}
}

func (r *Ring) takeFact(f event.Fact, boxes []byte, size int, recovery bool) {
	switch f := f.(type) {
	case event.EpochOpened:
		i := slices.Index(f.To, r.member)
		if recovery {
			i = len(f.To)
		}
		if i >= 0 {
			r.announced(f, boxes[i*size:(i+1)*size])
		}
	case event.KeysGranted:
		if i := slices.Index(f.To, r.member); i >= 0 {
			r.take(f.Team, boxes[i*size:(i+1)*size], f.Epoch) //nolint:errcheck // sealed to keys of before a recovery
		}
	}
}
