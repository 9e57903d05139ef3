package keyring

import (
	"fmt"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Again seals what an entry said as it was sealed the first time, byte for byte: nothing
// in it is left to chance but the nonce. Of it, device, number, flags, epoch and nonce
// are read; of e everything. body is compressed. It is for items that bring no boxes, and
// by keys of which each epoch has one. ErrNoKey.
func (r *Ring) Again(it journal.Item, e journal.Entry, key seal.RecordKey, body []byte) (journal.Item, error) {
	orgKey, err := r.only(journal.TeamEpoch{Team: Organisation, Epoch: it.Epoch})
	if err != nil {
		return journal.Item{}, err
	}
	it.Wraps = nil
	for _, te := range e.Teams {
		k, err := r.only(te)
		if err != nil {
			return journal.Item{}, err
		}
		it.Wraps = append(it.Wraps, k.WrapRecord(e.Record, key)...)
	}
	it.Body = key.SealBody(it.BodyPlace(r.org, e.Record), it.Nonce, body)
	it.Entry = orgKey.SealEntry(it.EntryPlace(r.org), it.Nonce, e.Encode())
	it.Last = true
	return it, nil
}

// only returns the key of an epoch, where the member holds one and no other.
func (r *Ring) only(te journal.TeamEpoch) (seal.TeamKey, error) {
	keys := r.all(te)
	if len(keys) != 1 {
		return seal.TeamKey{}, fmt.Errorf("team %s epoch %d: %d keys: %w", te.Team, te.Epoch, len(keys), ErrNoKey)
	}
	return keys[0], nil
}

// SealFor seals something for the members of a team, as an entry is sealed for those of
// the organisation. place binds it to what it is; it is no place of an entry. ErrNoKey
// where the member does not hold the team's key, or holds two of that epoch.
func (r *Ring) SealFor(te journal.TeamEpoch, place []byte, nonce [seal.NonceSize]byte, plain []byte) ([]byte, error) {
	k, err := r.only(te)
	if err != nil {
		return nil, err
	}
	return k.SealEntry(place, nonce, plain), nil
}

// OpenFor opens what SealFor sealed. Kinds: ErrNoKey, ErrTampered.
func (r *Ring) OpenFor(te journal.TeamEpoch, place []byte, nonce [seal.NonceSize]byte, sealed []byte) (plain []byte, err error) {
	err = ErrNoKey
	for _, k := range r.all(te) {
		if plain, err = k.OpenEntry(place, nonce, sealed); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("team %s epoch %d: %w", te.Team, te.Epoch, err)
}

// Span is a part of some bytes.
type Span struct{ From, To int }

// BoxesOf says where, in the boxes of a charter entry, those to some members lie. boxes
// is as for [Ring.Take].
func BoxesOf(facts []event.Fact, boxes []byte, to []amana.MemberID) (spans []Span) {
	total := 0
	for _, f := range facts {
		total += boxCount(f)
	}
	at := 0
	for _, f := range facts {
		n := boxCount(f)
		if n == 0 {
			continue
		}
		size, list := (len(boxes)-at)/total, []amana.MemberID(nil)
		switch f := f.(type) {
		case event.EpochOpened:
			size, list = epochBoxSize, f.To
		case event.KeysGranted:
			list = f.To
		}
		for i, m := range list {
			if end := at + (i+1)*size; slices.Contains(to, m) && end <= len(boxes) {
				spans = append(spans, Span{at + i*size, end})
			}
		}
		at += n * size
	}
	return spans
}
