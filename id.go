package amana

import (
	"encoding/base32"
	"fmt"
)

// ID names a thing by 128 random bits. It says nothing about the thing, so it
// may be logged and may stand in an address. The type parameter keeps a team's
// ID from being used where a record's is meant.
//
// IDs are made by converting fresh random bytes: amana.TeamID(seal.Random16()). Those of
// records follow from how the record begins: see [NameRecord].
type ID[Of noun] [16]byte

type noun interface {
	Record | Member | Team | Device | Organisation
}

// The nouns that have IDs. They carry nothing: they only tell IDs apart.
type (
	Record       struct{}
	Member       struct{}
	Team         struct{}
	Device       struct{}
	Organisation struct{}
)

// The IDs in use.
type (
	RecordID = ID[Record]
	MemberID = ID[Member]
	TeamID   = ID[Team]
	DeviceID = ID[Device]
	OrgID    = ID[Organisation]
)

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// String returns the 26 letters and digits by which the ID is written.
func (id ID[Of]) String() string { return idText.EncodeToString(id[:]) }

// IsZero reports whether the ID names nothing.
func (id ID[Of]) IsZero() bool { return id == ID[Of]{} }

// MarshalText writes the ID as [ID.String] does.
func (id ID[Of]) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what [ID.MarshalText] wrote; anything else is [ErrInvalid].
func (id *ID[Of]) UnmarshalText(text []byte) error {
	if len(text) != idText.EncodedLen(len(id)) {
		return fmt.Errorf("id of %d letters: %w", len(text), ErrInvalid)
	}
	var raw [16]byte
	if _, err := idText.Decode(raw[:], text); err != nil {
		return fmt.Errorf("id: %w", ErrInvalid)
	}
	got := ID[Of](raw)
	if got.String() != string(text) { // the last letter has two spare bits
		return fmt.Errorf("id not in its one spelling: %w", ErrInvalid)
	}
	*id = got
	return nil
}

// ParseID reads an ID as [ID.String] writes it; anything else is [ErrInvalid].
func ParseID[Of noun](text string) (ID[Of], error) {
	var id ID[Of]
	err := id.UnmarshalText([]byte(text))
	return id, err
}

// The marks of a record whose ID follows from how it began; see [NameRecord]. They stand
// in its middle: the ends are what people compare, and what indexes part by.
const (
	markAt     = 6
	markNamed  = "\xa3\x1e\x5d\x9c"
	markLedger = "\xa3\x1e\x5d\x9d"
	markBorne  = "\xa3\x1e\x5d\x9e"
)

// NameRecord makes the ID of a record of the hash of how it began, so that nobody else
// can begin it. That of a record of the ledger ([Kind.Ledger]) says that it is one, also
// to whoever cannot read it: nobody can order it erased. See format §2.6.
func NameRecord(hash [16]byte, ledger bool) RecordID {
	mark := markNamed
	if ledger {
		mark = markLedger
	}
	copy(hash[markAt:], mark)
	return RecordID(hash)
}

// IsNamed reports whether an ID was made by [NameRecord], and whether it is of a record of
// the ledger. IDs of versions before were drawn at random.
func IsNamed(id RecordID) (named, ledger bool) {
	mark := string(id[markAt : markAt+len(markNamed)])
	return mark == markNamed || mark == markLedger, mark == markLedger
}

// Foreign is the ID under which a record of another organisation is kept: it was named
// there, and cannot begin here by that name. Any other ID stays as it is.
func Foreign(id RecordID) RecordID {
	if named, _ := IsNamed(id); named {
		copy(id[markAt:], markBorne)
	}
	return id
}
