package charter

import (
	"bytes"
	"errors"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
)

// Merge takes an entry as Apply does, where entries of several devices meet: what
// two administrators did without knowing of each other must not undo the other's
// work. A fact that no longer makes sense, because another one came first in
// [Order], is left out, and the others of its entry count. It returns which did.
// An entry whose author was not allowed it is refused whole, as by Apply.
//
// Whoever merges sorts all entries and begins anew with [NewFor] where one comes
// that belongs before others; then every device ends with the same charter.
func (c *Charter) Merge(e Entry) ([]bool, error) { return c.apply(e, true) }

// overtaken reports whether a fact that fails may be left out of a merged entry.
// Keys that were handed on are never refused with what stands beside them: who hands
// them on has to hold them, and another device may have turned them since.
func overtaken(f event.Fact, err error) bool {
	switch f.(type) {
	case event.EpochOpened, event.KeysGranted:
		return errors.Is(err, amana.ErrRefused) || errors.Is(err, amana.ErrInvalid)
	default:
		return errors.Is(err, amana.ErrInvalid)
	}
}

// rival is the key of an epoch that two devices opened at the same time: the one
// that came second in order. What was sealed under it is read; nothing more is
// sealed under it.
type rival struct {
	epoch      uint64
	commitment seal.Hash
}

// mostRivals bounds what one team keeps of them.
const mostRivals = 256

// openRival takes a key that lost, or the next one where its members were not
// exactly those that the team has after all that was merged: who is left out waits
// for it, and who is in it and left since makes the team turn again.
func (c *Charter) openRival(e Entry, f event.EpochOpened) error {
	t := c.teams[f.Team]
	switch {
	case f.Epoch == 0 || f.Epoch > t.epoch()+1:
		return invalid("team %s: epoch %d after %d", f.Team, f.Epoch, t.epoch())
	case f.Epoch <= t.epoch():
		if len(t.rivals) >= mostRivals {
			return invalid("team %s: too many keys", f.Team)
		}
		t.rivals = append(slices.Clip(t.rivals), rival{f.Epoch, f.Commitment})
		c.teams[f.Team] = t
		return nil
	}
	t.epochs, t.opened = append(slices.Clip(t.epochs), f.Commitment), append(slices.Clip(t.opened), e.Time)
	t.turn = slices.ContainsFunc(f.To, func(id amana.MemberID) bool { return t.seat(id) < 0 })
	t.seats = slices.Clone(t.seats)
	for i := range t.seats {
		if s := &t.seats[i]; s.to == 0 && slices.Contains(f.To, s.member) {
			s.give(f.Epoch, f.Epoch, t)
		}
	}
	c.teams[f.Team] = t
	return nil
}

// Rivals returns what was committed to for keys of a team's epoch that are not the
// current ones, because two devices opened it at the same time.
func (c *Charter) Rivals(id amana.TeamID, epoch uint64) (commitments []seal.Hash) {
	for _, r := range c.teams[id].rivals {
		if r.epoch == epoch {
			commitments = append(commitments, r.commitment)
		}
	}
	return commitments
}

// known reports whether a team ever had a key.
func (t team) knows(commitment seal.Hash) bool {
	return slices.Contains(t.epochs, commitment) || slices.ContainsFunc(t.rivals, func(r rival) bool {
		return bytes.Equal(r.commitment[:], commitment[:])
	})
}
