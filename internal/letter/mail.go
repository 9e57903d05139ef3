package letter

import (
	"encoding/binary"
	"fmt"

	"amana"
	"amana/internal/seal"
)

// A letter travels through a hub in pieces of one size, each sealed to the post box once
// more: so a hub sees which mailbox a piece is for, and nothing of the letter, not its
// name, its length, or whether it came before. See format §12.4.

const (
	// PieceSize is what every piece has, in bytes.
	PieceSize = 64 << 10
	// MostPieces bounds the pieces of one letter.
	MostPieces  = 128
	pieceHeader = 16 + 2 + 2 + 4
	pieceRoom   = PieceSize - seal.BoxOverhead - pieceHeader
	pieceLabel  = "mail\x00"
)

// Piece is an opened piece.
type Piece struct {
	Letter  [16]byte // which pieces belong together
	N, Of   int      // from 0
	Content []byte
}

// Pieces seals the file of a letter for the mailbox of a card. Kind: ErrInvalid for what
// is too long.
func Pieces(to Card, file []byte) ([][]byte, error) {
	of := (len(file) + pieceRoom - 1) / pieceRoom
	if of == 0 || of > MostPieces {
		return nil, fmt.Errorf("letter: mail of %d bytes: %w", len(file), amana.ErrInvalid)
	}
	id := seal.Random16()
	pieces := make([][]byte, 0, of)
	for n := range of {
		part := file[n*pieceRoom : min((n+1)*pieceRoom, len(file))]
		plain := make([]byte, 0, pieceHeader+pieceRoom)
		plain = append(plain, id[:]...)
		plain = binary.BigEndian.AppendUint16(plain, uint16(n))
		plain = binary.BigEndian.AppendUint16(plain, uint16(of))
		plain = binary.BigEndian.AppendUint32(plain, uint32(len(part)))
		plain = append(plain, part...)
		sealed, err := to.Box.Seal(append([]byte(pieceLabel), to.Verify[:]...), plain[:cap(plain)])
		if err != nil {
			return nil, fmt.Errorf("letter: to this card: %w", err)
		}
		pieces = append(pieces, sealed)
	}
	return pieces, nil
}

// OpenPiece opens a piece with the private half of its post box. Kinds: ErrTampered,
// ErrInvalid.
func OpenPiece(post seal.Identity, raw []byte) (p Piece, err error) {
	if len(raw) != PieceSize {
		return p, fmt.Errorf("letter: a piece of %d bytes: %w", len(raw), amana.ErrInvalid)
	}
	key := post.VerifyKey()
	plain, err := post.Open(append([]byte(pieceLabel), key[:]...), raw)
	if err != nil {
		return p, fmt.Errorf("letter: %w", err)
	}
	p = Piece{
		Letter: [16]byte(plain), N: int(binary.BigEndian.Uint16(plain[16:])), Of: int(binary.BigEndian.Uint16(plain[18:])),
	}
	n := binary.BigEndian.Uint32(plain[20:])
	if n > pieceRoom || p.Of < 1 || p.Of > MostPieces || p.N >= p.Of || n == 0 || p.N < p.Of-1 && n != pieceRoom {
		return Piece{}, fmt.Errorf("letter: a piece that is none: %w", amana.ErrTampered)
	}
	p.Content = plain[pieceHeader : pieceHeader+n]
	return p, nil
}

// Whole puts a letter together from its pieces, in any order; ok is false while one is
// missing. Pieces of other letters, and the same again, are passed over.
func Whole(letter [16]byte, pieces []Piece) (file []byte, ok bool) {
	var at [MostPieces][]byte
	of := 0
	for _, p := range pieces {
		if p.Letter == letter && (of == 0 || p.Of == of) {
			of = p.Of
			at[p.N] = p.Content
		}
	}
	for _, part := range at[:of] {
		if part == nil {
			return nil, false
		}
		file = append(file, part...)
	}
	return file, of > 0
}
