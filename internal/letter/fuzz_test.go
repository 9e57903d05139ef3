package letter_test

import (
	"bytes"
	"testing"

	"amana/internal/letter"
)

// What lies in a mailbox may be from anybody: it is a piece, a part, or nothing.
func FuzzOpenPiece(f *testing.F) {
	owner, card := post(f, 1)
	pieces, err := letter.Pieces(card, bytes.Repeat([]byte("words "), 20_000))
	if err != nil {
		f.Fatal(err)
	}
	part, err := letter.BoxPart(card, letter.Part{Parcel: [16]byte{1}, At: 7, Content: []byte("a part")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pieces[0])
	f.Add(pieces[len(pieces)-1])
	f.Add(part)
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := letter.OpenPiece(owner, raw)
		if _, bad := letter.OpenPart(owner, raw); err == nil && bad == nil {
			t.Fatal("one is a piece and a part")
		}
		if err == nil {
			letter.Whole(p.Letter, []letter.Piece{p})
		}
	})
}

// A card that is read is the one that was written: two spellings of one would have two
// fingerprints.
func FuzzReadCard(f *testing.F) {
	_, card := post(f, 1)
	f.Add(card.Bytes())
	f.Add(card.Bytes()[:40])
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, err := letter.ReadCard(raw); err == nil && !bytes.Equal(c.Bytes(), raw) {
			t.Fatalf("%x is written as %x", raw, c.Bytes())
		}
	})
}
