package keyring

import (
	"fmt"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// OpenEntry opens the layer that every member may read. ErrNoKey if it is of an
// epoch after the member left; ErrTampered if it does not verify.
func (r *Ring) OpenEntry(it journal.Item) (journal.Entry, error) {
	err := ErrNoKey
	var room [usualEntry]byte
	place := it.EntryPlace(r.org)
	for _, k := range r.all(journal.TeamEpoch{Team: Organisation, Epoch: it.Epoch}) {
		var plain []byte
		if plain, err = k.OpenEntryTo(room[:0], place, it.Nonce, it.Entry); err == nil {
			return journal.DecodeEntry(plain)
		}
	}
	return journal.Entry{}, fmt.Errorf("item %d of device %s: %w", it.Seq, it.Device, err)
}

// usualEntry is a size in bytes that most entries do not exceed.
const usualEntry = 256

// BlobName is the name by which the blob of a record is known outside of the
// organisation; see [seal.TeamKey.BlobName]. It is made by the organisation's first key,
// which every member is given and nobody can set anew. ErrNoKey where it has not come
// yet.
func (r *Ring) BlobName(record amana.RecordID) (seal.Hash, error) {
	k, ok := r.team(Organisation, 1)
	if !ok {
		return seal.Hash{}, fmt.Errorf("name of a file: %w", ErrNoKey)
	}
	return k.BlobName(record), nil
}

// RecordKey unwraps the record key that an entry brings, by whichever of its
// teams' keys the member holds. ErrNoKey if none.
func (r *Ring) RecordKey(e journal.Entry, it journal.Item) (seal.RecordKey, error) {
	if it.Flags&journal.Erased != 0 {
		return seal.RecordKey{}, fmt.Errorf("record %s: erased: %w", e.Record, amana.ErrNotFound)
	}
	wraps, _, err := e.RecordWraps(it)
	if err != nil {
		return seal.RecordKey{}, err
	}
	for i, te := range e.Teams {
		for _, k := range r.all(te) {
			var key seal.RecordKey
			if key, err = k.UnwrapRecord(e.Record, e.Commitment, wraps[i]); err == nil {
				return key, nil
			}
		}
	}
	if err == nil {
		err = ErrNoKey
	}
	return seal.RecordKey{}, fmt.Errorf("record %s: %w", e.Record, err)
}

// MayRead reports whether the member holds a key of one of the teams.
func (r *Ring) MayRead(teams []journal.TeamEpoch) bool {
	for _, te := range teams {
		if r.Holds(te.Team, te.Epoch) {
			return true
		}
	}
	return false
}

// OpenBody opens the body of an entry.
func (r *Ring) OpenBody(e journal.Entry, it journal.Item, k seal.RecordKey) ([]byte, error) {
	return r.OpenBodyTo(nil, e, it, k)
}

// OpenBodyTo is OpenBody into the room that buf has after its end, where it is enough.
func (r *Ring) OpenBodyTo(buf []byte, e journal.Entry, it journal.Item, k seal.RecordKey) ([]byte, error) {
	if it.Flags&journal.Erased != 0 {
		return nil, fmt.Errorf("record %s: erased: %w", e.Record, amana.ErrNotFound)
	}
	body, err := k.OpenBodyTo(buf, it.BodyPlace(r.org, e.Record), it.Nonce, it.Body)
	if err != nil {
		return nil, fmt.Errorf("item %d of device %s: %w", it.Seq, it.Device, err)
	}
	return body, nil
}

// Draft is an entry before it has a place in the chain.
type Draft struct {
	Record amana.RecordID
	Key    seal.RecordKey
	// Teams are those for whom the record key is wrapped, where the entry brings it.
	Teams []journal.TeamEpoch
	// Later is set where Key is not the one the record began with.
	Later bool
	// Boxes are handed on beside the wraps. See [event.EpochOpened].
	Boxes []byte
	// OrgKeys is set where they hold keys of the whole organisation.
	OrgKeys bool
	Body    []byte // compressed
	// Root signs in place of the member, for the founding and for recovery.
	Root seal.Identity
	// After is the time of an entry of the record that this one must come after.
	After uint64
	// Place and time, given when it is written.
	Device amana.DeviceID
	Seq    uint64
	Time   uint64
	Wall   int64
	// Last is false where another entry of the same save follows.
	Last bool
}

// Seal seals and signs a draft that has its place and time. epoch is the
// organisation's current one.
func (r *Ring) Seal(d Draft, epoch uint64) (journal.Item, error) {
	orgKey, ok := r.team(Organisation, epoch)
	if !ok {
		return journal.Item{}, fmt.Errorf("organisation epoch %d: %w", epoch, ErrNoKey)
	}
	it := journal.Item{Device: d.Device, Seq: d.Seq, Epoch: epoch, Nonce: seal.NewNonce(), Last: d.Last}
	if d.OrgKeys {
		it.Flags |= journal.BringsOrgKeys
	}
	e := journal.Entry{Time: d.Time, Wall: d.Wall, Record: d.Record, Teams: d.Teams}
	if len(d.Teams) > 0 {
		e.Commitment = d.Key.Commitment()
	}
	if d.Later {
		e.Generation = d.Key.Generation()
	}
	for _, te := range d.Teams {
		k, ok := r.team(te.Team, te.Epoch)
		if !ok {
			return journal.Item{}, fmt.Errorf("team %s epoch %d: %w", te.Team, te.Epoch, ErrNoKey)
		}
		it.Wraps = append(it.Wraps, k.WrapRecord(d.Record, d.Key)...)
	}
	it.Wraps = append(it.Wraps, d.Boxes...)
	it.Body = d.Key.SealBody(it.BodyPlace(r.org, d.Record), it.Nonce, d.Body)
	signer := r.id
	if d.Root.IsZero() {
		e.Author = journal.AuthorOf(r.member)
	} else {
		signer = d.Root
	}
	e.Signature = signer.Sign(journal.SignatureLabel, e.SignedMessage(r.org, it))
	it.Entry = orgKey.SealEntry(it.EntryPlace(r.org), it.Nonce, e.Encode())
	return it, nil
}
