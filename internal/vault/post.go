package vault

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/seal"
)

// The fields of a record of kind post.
const (
	postID   = "post"
	postSeed = "seed"
)

// NewPost opens a post box: its private half goes into a record of the team's, its
// public half into the charter. The member must be of the team. Kinds: ErrRefused,
// ErrStorage.
func (s *Session) NewPost(ctx context.Context, team amana.TeamID) ([16]byte, error) {
	id, keys := seal.Random16(), seal.NewIdentity()
	announce := amendment{facts: []event.Fact{event.PostOpened{Post: id, Team: team, Verify: keys.VerifyKey(), Box: keys.BoxKey()}}}
	c, err := s.Charter()
	if err != nil {
		return id, err
	}
	if err := s.allowed(c, seal.Identity{}, []amendment{announce}); err != nil {
		return id, err
	}
	seed := keys.Export()
	defer clear(seed)
	err = s.Save(ctx, Change{
		Record: s.NewRecord(amana.KindPost), Begin: &Begin{Kind: amana.KindPost, Teams: []amana.TeamID{team}},
		Facts: []event.Fact{
			event.Set{Field: postID, Value: event.Text(hex.EncodeToString(id[:]))},
			event.Set{Field: postSeed, Value: event.Text(hex.EncodeToString(seed))},
		},
	})
	if err != nil {
		return id, err
	}
	return id, s.amend(ctx, seal.Identity{}, announce)
}

// PostKey returns the private half of a post box that the charter announces. A
// record that holds another key is passed over. Kinds: ErrNotFound, where it is
// another team's.
func (s *Session) PostKey(ctx context.Context, id [16]byte) (seal.Identity, error) {
	missing := fmt.Errorf("vault: post box %x: %w", id, amana.ErrNotFound)
	c, err := s.Charter()
	if err != nil {
		return seal.Identity{}, err
	}
	posts := c.Posts()
	at := slices.IndexFunc(posts, func(p charter.Post) bool { return p.ID == id })
	if at < 0 {
		return seal.Identity{}, missing
	}
	var found []amana.RecordID
	err = s.Listed(amana.KindPost, func(l Listed) error {
		if l.Values[postID].Reveal() == hex.EncodeToString(id[:]) {
			found = append(found, l.ID)
		}
		return nil
	})
	if err != nil {
		return seal.Identity{}, err
	}
	for _, rec := range found {
		o, err := s.ReadRecord(ctx, rec)
		if err != nil {
			continue // another record may be the right one
		}
		seed, err := hex.DecodeString(o.Value(postSeed).Reveal())
		if err != nil {
			continue
		}
		keys, err := seal.ImportIdentity(seed)
		clear(seed)
		if err == nil && keys.VerifyKey() == posts[at].Verify && keys.BoxKey() == posts[at].Box {
			return keys, nil
		}
	}
	return seal.Identity{}, missing
}
