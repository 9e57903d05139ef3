package vault

import (
	"context"
	"io"

	"amana"
	"amana/internal/journal"
)

// PairLying answers the request of a device that was announced, as an administrator with
// a changed program may: with batches that they changed.
func (s *Session) PairLying(ctx context.Context, r PairRequest, members []amana.MemberID, w io.Writer, change func(*journal.Batch) bool) error {
	start, err := s.answerTo(r, members)
	if err != nil {
		return err
	}
	if err := s.AddDevice(ctx, r, "field"); err != nil {
		return err
	}
	return writeAnswerOf(r, start, w, func(fn func(journal.Batch) error) error {
		return s.HandOver(ctx, nil, func(b journal.Batch) error {
			again, err := journal.ReadBatch(b.Append(nil))
			if err != nil || !change(&again) {
				return err
			}
			return fn(again)
		})
	})
}
