package letter_test

import (
	"bytes"
	"errors"
	"testing"

	"amana"
	"amana/internal/letter"
	"amana/internal/seal"
)

// A part of a parcel looks as a piece of a letter does, opens for its post box alone, and
// neither is taken for the other.
func TestParts(t *testing.T) {
	post := seal.NewIdentity()
	to := mailCard(post)
	for _, n := range []int{1, 3000, letter.PartRoom} {
		sent := letter.Part{Parcel: [16]byte{7}, At: 9 << 20, Content: bytes.Repeat([]byte("words "), n/6+1)[:n]}
		raw, err := letter.BoxPart(to, sent)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) != letter.PieceSize || bytes.Contains(raw, []byte("words")) {
			t.Fatalf("%d bytes: a part of %d bytes, or readable", n, len(raw))
		}
		got, err := letter.OpenPart(post, raw)
		if err != nil || got.Parcel != sent.Parcel || got.At != sent.At || !bytes.Equal(got.Content, sent.Content) || got.End() != sent.At+int64(n) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if _, err := letter.OpenPiece(post, raw); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("a part is a piece: %v", err)
		}
		if _, err := letter.OpenPart(seal.NewIdentity(), raw); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("another opens it: %v", err)
		}
		raw[len(raw)-1] ^= 1
		if _, err := letter.OpenPart(post, raw); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("changed on the way: %v", err)
		}
	}
	pieces, err := letter.Pieces(to, []byte("a letter"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := letter.OpenPart(post, pieces[0]); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("a piece is a part: %v", err)
	}
	if _, err := letter.OpenPart(post, pieces[0][1:]); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("of another size: %v", err)
	}
	for _, bad := range []letter.Part{{}, {Content: make([]byte, letter.PartRoom+1)}, {At: -1, Content: []byte("x")}, {At: letter.LargestParcel, Content: []byte("x")}} {
		if _, err := letter.BoxPart(to, bad); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("a part at %d of %d bytes: %v", bad.At, len(bad.Content), err)
		}
	}
}
