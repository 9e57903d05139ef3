package demo

import (
	"context"
	"slices"

	"amana"
	"amana/internal/seal"
	"amana/internal/vault"
)

// atOnce is how many stories are written in one go.
const atOnce = 250

// Fill writes stories from one number up to another into a vault, as one member
// of one team, all of them now: for who needs many cases and no year. The
// member's view is not told; see [vault.Session.SaveMany]. It returns how many
// entries the stories became.
func Fill(ctx context.Context, s *vault.Session, team amana.TeamID, w *Writer, from, to int) (entries int, err error) {
	teams := []amana.TeamID{team, team, team} // whatever team a story names
	members := slices.Repeat([]amana.MemberID{s.Member()}, len(Members()))
	for at := from; at < to; {
		var saves [][]vault.Change
		for last := min(to, at+atOnce); at < last; at++ {
			for _, d := range deeds(w.Story(at), teams, members, seal.Random16) {
				saves = append(saves, d.changes)
				entries += len(d.changes)
			}
		}
		if err := s.SaveMany(ctx, saves...); err != nil {
			return 0, err
		}
	}
	return entries, nil
}
