package syncer

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
)

// compare holds what other devices saw of the hub against what this one sees. A hub that
// showed them another log, or has taken back what it showed them, is found: what they
// carried is signed by the hub, and so is what this device holds.
func (s *Syncer) compare(ctx context.Context) error {
	if s.Witness == nil || s.State.Log.Size == 0 {
		return nil
	}
	carried, err := s.Witness.Carried()
	if err != nil {
		return err
	}
	for _, d := range inOrder(carried) {
		note := carried[d]
		if s.Memory.isProved(note) {
			continue // what is followed since goes on from there
		}
		c, err := wire.ReadCheckpoint(note, s.State.Hub.Note, wire.Origin(s.Device.Organisation()))
		if err != nil || c.Size == 0 {
			continue // of another hub, or nobody's: it proves nothing
		}
		proved, err := s.holds(ctx, c, note)
		if err != nil {
			return err
		}
		if proved {
			s.Memory.prove(note)
		}
	}
	return s.Witness.Carry(ctx, s.State.Checkpoint)
}

// holds verifies that another device's checkpoint is of the log that is shown here. It
// reports false where that could not be seen yet.
func (s *Syncer) holds(ctx context.Context, c wire.Checkpoint, note []byte) (bool, error) {
	if c.Size > s.State.Log.Size { // they may have seen more, a moment ago
		if err := s.follow(ctx, false); err != nil {
			return false, err
		}
		if c.Size > s.State.Log.Size {
			return false, s.lie(Lie{What: LieRollback, Before: note, After: s.State.Checkpoint, Size: c.Size})
		}
	}
	if c.Size == s.State.Log.Size {
		if c.Root != s.State.Log.Root() {
			return false, s.lie(Lie{What: LieFork, Before: note, After: s.State.Checkpoint, Size: c.Size})
		}
		return true, nil
	}
	proof, now, err := s.Hub.Proof(ctx, c.Size)
	fork := Lie{What: LieFork, Before: note, After: s.State.Checkpoint, Size: c.Size}
	switch {
	case errors.Is(err, amana.ErrInvalid), errors.Is(err, amana.ErrNotFound), errors.Is(err, amana.ErrConflict):
		return false, s.lie(fork) // it answered, and cannot prove what it signed
	case err != nil:
		return false, err
	}
	present, err := wire.ReadCheckpoint(now, s.State.Hub.Note, wire.Origin(s.Device.Organisation()))
	if err != nil {
		return false, err
	}
	if present.Size != s.State.Log.Size { // it grew meanwhile: what was proved must be what is followed
		if err := s.follow(ctx, false); err != nil {
			return false, err
		}
		if present.Size != s.State.Log.Size {
			return false, nil // the next time
		}
	}
	if present.Root != s.State.Log.Root() || tlog.CheckTree(proof, int64(present.Size), present.Root, int64(c.Size), c.Root) != nil {
		return false, s.lie(fork)
	}
	return true, nil
}
