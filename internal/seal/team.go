package seal

import (
	"fmt"

	"amana"
)

// WrapSize is the length of a record key wrapped for one team, in bytes.
const WrapSize = KeySize + TagSize

// TeamKey is what the members of a team share for one epoch. The key of the
// organisation itself (every member) is a TeamKey too.
type TeamKey struct{ secret }

// NewTeamKey makes the key of a new epoch.
func NewTeamKey() TeamKey { return TeamKey{newSecret()} }

// Commitment is published when an epoch opens: a box that holds another key
// than the one announced is found out.
func (k TeamKey) Commitment() Hash { return Hash(k.derive("amana/1/team commitment").bytes()) }

// Check reports whether this is the key the commitment was made to.
func (k TeamKey) Check(commitment Hash) error {
	if k.Commitment() != commitment {
		return fmt.Errorf("seal: team key: not the one announced: %w", amana.ErrTampered)
	}
	return nil
}

// WrapRecord wraps a record key for this team. record names the record; the
// generation is [RecordKey.Generation]. One wrap key seals one record key and
// nothing else, so its nonce is zero.
func (k TeamKey) WrapRecord(record [16]byte, r RecordKey) []byte {
	gen := r.Generation()
	return k.aeadFor("amana/1/wrap", record[:], gen[:]).Seal(nil, zeroNonce[:], r.bytes(), nil)
}

// UnwrapRecord opens a wrap. It returns ErrTampered if the wrap is not for this
// team, record and commitment.
func (k TeamKey) UnwrapRecord(record [16]byte, commitment Hash, wrap []byte) (RecordKey, error) {
	if len(wrap) != WrapSize {
		return RecordKey{}, fmt.Errorf("seal: record key: wrap of %d bytes: %w", len(wrap), amana.ErrTampered)
	}
	gen := commitment.Generation()
	var room [KeySize]byte
	raw, err := openTo(room[:0], k.aeadFor("amana/1/wrap", record[:], gen[:]), zeroNonce[:], wrap, "record key")
	if err != nil {
		return RecordKey{}, err
	}
	s, err := secretFrom(raw)
	if err != nil {
		return RecordKey{}, err
	}
	r := RecordKey{s}
	if r.Commitment() != commitment {
		return RecordKey{}, fmt.Errorf("seal: record key: not the one committed to: %w", amana.ErrTampered)
	}
	return r, nil
}

// SealEntry seals the layer of an entry that every member of the organisation
// may read. place binds it to its chain and number; nonce is fresh and random.
func (k TeamKey) SealEntry(place []byte, nonce [NonceSize]byte, plain []byte) []byte {
	return k.aeadFor("amana/1/entry", place).Seal(nil, nonce[:], plain, nil)
}

// OpenEntry opens what SealEntry sealed, or returns ErrTampered.
func (k TeamKey) OpenEntry(place []byte, nonce [NonceSize]byte, sealed []byte) ([]byte, error) {
	return k.OpenEntryTo(nil, place, nonce, sealed)
}

// OpenEntryTo is OpenEntry into the room that buf has after its end, where it is enough.
func (k TeamKey) OpenEntryTo(buf, place []byte, nonce [NonceSize]byte, sealed []byte) ([]byte, error) {
	return openTo(buf[len(buf):], k.aeadFor("amana/1/entry", place), nonce[:], sealed, "entry")
}

// BlobName is the name by which the blob of a record is asked for and forgotten where
// the key is not known: at a hub, in a bundle. It tells nothing of the record, and
// outlives it: an order to erase has to name what is to go.
func (k TeamKey) BlobName(record [16]byte) Hash {
	return Hash(k.derive("amana/1/blob name", record[:]).bytes())
}

// Export returns the key's bytes, to be sealed in a box ([BoxKey.Seal]) and nowhere else.
func (k TeamKey) Export() []byte { return append([]byte(nil), k.bytes()...) }

// ImportTeamKey reads a key that came out of a box.
func ImportTeamKey(raw []byte) (TeamKey, error) {
	s, err := secretFrom(raw)
	return TeamKey{s}, err
}
