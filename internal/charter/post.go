package charter

import (
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
)

// Post is a post box of the organisation, for letters to and from partners.
type Post struct {
	ID     [16]byte
	Team   amana.TeamID // that holds its private half
	Verify seal.VerifyKey
	Box    seal.BoxKey
	By     amana.MemberID
	Opened uint64
}

// Posts returns the post boxes, the newest last: that one is told to partners, the
// others still open what is on its way.
func (c *Charter) Posts() []Post { return slices.Clone(c.posts) }

// mostPosts bounds them: every member reads all of them on unlocking.
const mostPosts = 100

func (c *Charter) openPost(e Entry, f event.PostOpened) error {
	if _, known := c.teams[f.Team]; !known {
		return invalid("a post box of no team")
	}
	if f.Post == [16]byte{} || len(c.posts) == mostPosts || slices.ContainsFunc(c.posts, func(p Post) bool { return p.ID == f.Post }) {
		return invalid("a post box that is there already, or one too many")
	}
	if err := c.newKeys(f.Verify, f.Box); err != nil {
		return err
	}
	c.posts = append(c.posts, Post{ID: f.Post, Team: f.Team, Verify: f.Verify, Box: f.Box, By: e.Author, Opened: e.Time})
	return nil
}

// mayOpenPost allows it to administrators, and to whoever supervises the team that
// holds it.
func (c *Charter) mayOpenPost(author amana.MemberID, f event.PostOpened) error {
	supervises := c.has(author, amana.RoleSupervisor) && c.teams[f.Team].seat(author) >= 0
	if author.IsZero() || supervises || c.has(author, amana.RoleAdministrator) {
		return nil
	}
	return refused("member %s may not open a post box", author)
}
