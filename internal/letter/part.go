package letter

import (
	"encoding/binary"
	"fmt"

	"amana"
	"amana/internal/seal"
)

// What is too large for a letter travels as a parcel: a letter says what it is and by
// which key it opens, and its bytes, sealed under that key, go in parts of one size
// through the mailbox. A part looks to a hub as any piece of a letter does. Which parcel
// it is of, only who has the letter knows. See format §12.5.

const (
	partHeader = 16 + 8 + 4
	// PartRoom is how many bytes of a parcel one part carries.
	PartRoom = PieceSize - seal.BoxOverhead - partHeader
	// LargestParcel bounds a parcel, in bytes.
	LargestParcel = 1 << 40
	partLabel     = "parcel\x00"
)

// Part is an opened part of a parcel.
type Part struct {
	Parcel  [16]byte
	At      int64 // where in the parcel it begins
	Content []byte
}

// End is where in its parcel the next one begins.
func (p Part) End() int64 { return p.At + int64(len(p.Content)) }

// BoxPart seals a part of a parcel, of 1 to [PartRoom] bytes that are sealed already, for
// the mailbox of a card. Kind: ErrInvalid.
func BoxPart(to Card, p Part) ([]byte, error) {
	if len(p.Content) == 0 || len(p.Content) > PartRoom || p.At < 0 || p.End() > LargestParcel {
		return nil, fmt.Errorf("letter: a part of %d bytes: %w", len(p.Content), amana.ErrInvalid)
	}
	plain := make([]byte, 0, partHeader+PartRoom)
	plain = append(plain, p.Parcel[:]...)
	plain = binary.BigEndian.AppendUint64(plain, uint64(p.At))
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(p.Content)))
	plain = append(plain, p.Content...)
	sealed, err := to.Box.Seal(append([]byte(partLabel), to.Verify[:]...), plain[:cap(plain)])
	if err != nil {
		return nil, fmt.Errorf("letter: to this card: %w", err)
	}
	return sealed, nil
}

// OpenPart opens a part with the private half of its post box. Kinds: ErrTampered, also
// for a piece of a letter; ErrInvalid.
func OpenPart(post seal.Identity, raw []byte) (p Part, err error) {
	if len(raw) != PieceSize {
		return p, fmt.Errorf("letter: a part of %d bytes: %w", len(raw), amana.ErrInvalid)
	}
	key := post.VerifyKey()
	plain, err := post.Open(append([]byte(partLabel), key[:]...), raw)
	if err != nil {
		return p, fmt.Errorf("letter: %w", err)
	}
	at, n := binary.BigEndian.Uint64(plain[16:]), binary.BigEndian.Uint32(plain[24:])
	if n == 0 || n > PartRoom || at > LargestParcel {
		return p, fmt.Errorf("letter: a part that is none: %w", amana.ErrTampered)
	}
	return Part{Parcel: [16]byte(plain), At: int64(at), Content: plain[partHeader : partHeader+n]}, nil
}
