package letter_test

import (
	"bytes"
	"errors"
	"testing"

	"amana"
	"amana/internal/letter"
	"amana/internal/seal"
)

func mailCard(post seal.Identity) letter.Card {
	return letter.Card{Org: amana.OrgID{1}, Name: "Clinic", Post: letter.PostID{2}, Verify: post.VerifyKey(), Box: post.BoxKey()}
}

// Whatever a letter is, what a hub keeps of it has one size and nothing of it.
func TestPieces(t *testing.T) {
	post := seal.NewIdentity()
	for _, size := range []int{1, 3000, 64 << 10, 200_000} {
		file := bytes.Repeat([]byte("amana/letter/1 words "), size/21+1)[:size]
		pieces, err := letter.Pieces(mailCard(post), file)
		if err != nil {
			t.Fatal(err)
		}
		var opened []letter.Piece
		for _, raw := range pieces {
			if len(raw) != letter.PieceSize || bytes.Contains(raw, []byte("words")) {
				t.Fatalf("%d bytes: a piece of %d bytes, or readable", size, len(raw))
			}
			p, err := letter.OpenPiece(post, raw)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := letter.Whole(p.Letter, opened); ok {
				t.Errorf("%d bytes: whole before all pieces came", size)
			}
			opened = append([]letter.Piece{p, p}, opened...) // in the other order, and twice
		}
		if again, ok := letter.Whole(opened[0].Letter, opened); !ok || !bytes.Equal(again, file) {
			t.Errorf("%d bytes: put together wrong", size)
		}
		if twice, err := letter.Pieces(mailCard(post), file); err != nil || bytes.Equal(twice[0], pieces[0]) {
			t.Errorf("%d bytes: sent again it looks the same, %v", size, err)
		}
	}
	for _, size := range []int{0, 16 << 20} {
		if _, err := letter.Pieces(mailCard(post), make([]byte, size)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestOpenPiece_refusesWhatIsChangedOrForOthers(t *testing.T) {
	post := seal.NewIdentity()
	pieces, err := letter.Pieces(mailCard(post), []byte("a letter"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := letter.OpenPiece(seal.NewIdentity(), pieces[0]); err == nil {
		t.Error("opened by somebody else")
	}
	for _, at := range []int{0, 40, 1200, letter.PieceSize - 1} {
		bad := bytes.Clone(pieces[0])
		bad[at] ^= 1
		if _, err := letter.OpenPiece(post, bad); err == nil {
			t.Errorf("byte %d changed: opened", at)
		}
	}
	if _, err := letter.OpenPiece(post, pieces[0][:100]); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("cut: %v", err)
	}
}
