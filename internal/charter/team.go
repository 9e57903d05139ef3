package charter

import (
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
)

// Team is a team as the charter has it.
type Team struct {
	ID          amana.TeamID
	Name        string
	Compartment amana.Compartment
	Identities  bool             // it also holds the identity of the people in its cases
	Members     []amana.MemberID // of now
	Formed      uint64
}

// team is a team through time. Its slices grow by copies only.
type team struct {
	formed event.TeamFormed
	since  uint64
	seats  []seat
	epochs []seal.Hash // commitments to the keys of epochs 1, 2, …
	opened []uint64    // when each of them was
	first  uint64      // the first epoch whose key any member was given
	rivals []rival     // keys of epochs that another one took
	turn   bool        // somebody who was given keys has left since the last epoch
}

// seat is one member's time in a team, and the keys they were given in it: of the
// epochs from 1 to upTo, and from since to now.
type seat struct {
	member      amana.MemberID
	from, to    uint64
	upTo, since uint64
	given       bool // any key, ever
}

// seat returns the place of a member who is in the team, or -1.
func (t team) seat(id amana.MemberID) int {
	return slices.IndexFunc(t.seats, func(s seat) bool { return s.member == id && s.to == 0 })
}

func (t team) epoch() uint64 { return uint64(len(t.epochs)) }

func (t team) members() (ids []amana.MemberID) {
	for _, s := range t.seats {
		if s.to == 0 {
			ids = append(ids, s.member)
		}
	}
	return ids
}

// with returns the team with one seat changed.
func (t team) with(i int, change func(*seat)) team {
	t.seats = slices.Clone(t.seats)
	change(&t.seats[i])
	return t
}

func (c *Charter) sit(id amana.TeamID, m amana.MemberID, time uint64) {
	t := c.teams[id]
	t.seats = append(slices.Clip(t.seats), seat{member: m, from: time})
	c.teams[id] = t
}

// rise ends a seat. Whoever was given keys keeps them: the team needs the next.
func (c *Charter) rise(id amana.TeamID, m amana.MemberID, time uint64) {
	t := c.teams[id]
	i := t.seat(m)
	t.turn = t.turn || t.seats[i].given
	c.teams[id] = t.with(i, func(s *seat) { s.to = time })
}

// Teams returns all teams in the order in which they were formed.
func (c *Charter) Teams() []Team {
	teams := make([]Team, 0, len(c.teamOrder))
	for _, id := range c.teamOrder {
		t, _ := c.Team(id)
		teams = append(teams, t)
	}
	return teams
}

// Team returns a team. The zero team is the whole organisation: it has members
// and epochs, and no name.
func (c *Charter) Team(id amana.TeamID) (Team, bool) {
	t, known := c.teams[id]
	return Team{
		ID: id, Name: t.formed.Name, Compartment: t.formed.Compartment, Identities: t.formed.Identities,
		Members: t.members(), Formed: t.since,
	}, known
}

// TeamsOf returns the teams that a member is in.
func (c *Charter) TeamsOf(m amana.MemberID) (teams []amana.TeamID) {
	for _, id := range c.teamOrder {
		if c.teams[id].seat(m) >= 0 {
			teams = append(teams, id)
		}
	}
	return teams
}

// TeamsLeft returns the teams that a member was in and is not any more.
func (c *Charter) TeamsLeft(m amana.MemberID) (teams []amana.TeamID) {
	for _, id := range c.teamOrder {
		t := c.teams[id]
		if t.seat(m) < 0 && slices.ContainsFunc(t.seats, func(s seat) bool { return s.member == m }) {
			teams = append(teams, id)
		}
	}
	return teams
}

// Epoch returns the number of a team's current key, or 0 while it has none.
func (c *Charter) Epoch(id amana.TeamID) uint64 { return c.teams[id].epoch() }

// Commitment returns what was committed to for the key of a team's epoch.
func (c *Charter) Commitment(id amana.TeamID, epoch uint64) (seal.Hash, bool) {
	t := c.teams[id]
	if epoch == 0 || epoch > t.epoch() {
		return seal.Hash{}, false
	}
	return t.epochs[epoch-1], true
}

// Pending returns the members of a team who were not given all its keys yet.
func (c *Charter) Pending(id amana.TeamID) (pending []amana.MemberID) {
	t := c.teams[id]
	for _, s := range t.seats {
		if s.to == 0 && s.upTo < t.epoch() {
			pending = append(pending, s.member)
		}
	}
	return pending
}

// NeedsTurn reports whether somebody who was given a team's keys has left it
// since its current epoch was opened.
func (c *Charter) NeedsTurn(id amana.TeamID) bool { return c.teams[id].turn }

func (c *Charter) formTeam(e Entry, f event.TeamFormed) error {
	if _, known := c.teams[f.Team]; known {
		return invalid("team %s: already there", f.Team)
	}
	if !isWord(string(f.Compartment)) {
		return invalid("team %s: in no compartment", f.Team)
	}
	if err := checkName(f.Name); err != nil {
		return err
	}
	c.teams[f.Team] = team{formed: f, since: e.Time, first: 1}
	c.teamOrder = append(c.teamOrder, f.Team)
	return nil
}

func (c *Charter) joinTeam(e Entry, f event.TeamJoined) error {
	t, known := c.teams[f.Team]
	switch {
	case !known || f.Team.IsZero():
		return invalid("team %s: there is none", f.Team)
	case !c.isMember(f.Member):
		return invalid("member %s: is none", f.Member)
	case t.seat(f.Member) >= 0:
		return invalid("member %s: already in team %s", f.Member, f.Team)
	}
	c.sit(f.Team, f.Member, e.Time)
	return nil
}

func (c *Charter) leaveTeam(e Entry, f event.TeamLeft) error {
	if f.Team.IsZero() || c.teams[f.Team].seat(f.Member) < 0 {
		return invalid("member %s: not in team %s", f.Member, f.Team)
	}
	c.rise(f.Team, f.Member, e.Time)
	return nil
}

// openEpoch takes the next key of a team, which all its members are given.
func (c *Charter) openEpoch(e Entry, f event.EpochOpened) error {
	t, known := c.teams[f.Team]
	switch {
	case !known:
		return invalid("team %s: there is none", f.Team)
	case f.Commitment == seal.Hash{} || t.knows(f.Commitment):
		return invalid("team %s: epoch %d: a key that is not new", f.Team, f.Epoch)
	case c.merging && (f.Epoch != t.epoch()+1 || len(f.To) != len(t.members()) || !t.allHere(f.To)):
		return c.openRival(e, f)
	case f.Epoch != t.epoch()+1:
		return invalid("team %s: epoch %d after %d", f.Team, f.Epoch, t.epoch())
	case len(f.To) != len(t.members()) || !t.allHere(f.To):
		return invalid("team %s: epoch %d: not to exactly its members", f.Team, f.Epoch)
	}
	t.epochs, t.opened = append(slices.Clip(t.epochs), f.Commitment), append(slices.Clip(t.opened), e.Time)
	t.turn = false
	if len(f.To) == 0 && f.Epoch == t.first {
		t.first++ // nobody will ever be without it
	}
	t.seats = slices.Clone(t.seats)
	for i := range t.seats {
		if s := &t.seats[i]; s.to == 0 {
			s.give(f.Epoch, f.Epoch, t)
		}
	}
	c.teams[f.Team] = t
	return nil
}

// grantKeys takes that members who joined were given the keys before.
func (c *Charter) grantKeys(f event.KeysGranted) error {
	t := c.teams[f.Team]
	if f.Epoch == 0 || f.Epoch > t.epoch() || len(f.To) == 0 || !t.allHere(f.To) {
		return invalid("team %s: no keys up to epoch %d for these members", f.Team, f.Epoch)
	}
	t.seats = slices.Clone(t.seats)
	for i := range t.seats {
		if s := &t.seats[i]; s.to == 0 && slices.Contains(f.To, s.member) {
			s.give(1, f.Epoch, t)
		}
	}
	c.teams[f.Team] = t
	return nil
}

// give notes the keys of the epochs from and to, and of all between.
func (s *seat) give(from, to uint64, t team) {
	s.given = true
	if from <= max(s.upTo+1, t.first) {
		s.upTo = max(s.upTo, to)
	} else if s.since == 0 {
		s.since = from
	}
	if s.since != 0 && s.since <= s.upTo+1 {
		s.upTo = t.epoch()
	}
}

// allHere reports whether each of ids is in the team, and named once.
func (t team) allHere(ids []amana.MemberID) bool {
	for i, id := range ids {
		if t.seat(id) < 0 || slices.Contains(ids[:i], id) {
			return false
		}
	}
	return true
}
