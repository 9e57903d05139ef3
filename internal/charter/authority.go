package charter

import (
	"slices"

	"amana"
	"amana/internal/event"
)

// mayDo says whether an author may state a fact, by the charter as it stands.
func (c *Charter) mayDo(author amana.MemberID, f event.Fact) error {
	root := author.IsZero()
	if !root && !c.isMember(author) {
		return refused("member %s is none", author)
	}
	switch f := f.(type) {
	case event.EpochOpened:
		of := !f.Team.IsZero() && c.teams[f.Team].seat(author) >= 0 // the organisation's is for administrators
		if root || c.has(author, amana.RoleAdministrator) || of {
			return nil
		}
		return refused("member %s is not in team %s", author, f.Team)
	case event.KeysGranted:
		t := c.teams[f.Team]
		i := t.seat(author)
		if root || i >= 0 && t.seats[i].upTo >= f.Epoch {
			return nil
		}
		return refused("member %s does not hold the keys of team %s", author, f.Team)
	case event.MemberRekeyed: // whoever gives keys could sign as the member
		if root {
			return nil
		}
		return refused("member %s may not give another new keys", author)
	case event.Erased:
		if c.has(author, amana.RoleSupervisor) || c.has(author, amana.RoleAdministrator) {
			return nil
		}
		return refused("member %s may not erase", author)
	case event.PostOpened:
		return c.mayOpenPost(author, f)
	case event.Witnessed:
		return nil // it is signed by the hub, or proves nothing
	case event.Unknown:
		return nil // what it means, and whether it was allowed, a newer amana knows
	default:
		if root || c.has(author, amana.RoleAdministrator) {
			return nil
		}
		return refused("member %s is no administrator", author)
	}
}

func (c *Charter) isMember(id amana.MemberID) bool {
	m, known := c.members[id]
	return known && m.left == 0
}

func (c *Charter) has(id amana.MemberID, role amana.Role) bool {
	return c.isMember(id) && slices.Contains(c.members[id].roles(), role)
}

// lastAdministrator refuses to leave the organisation without one.
func (c *Charter) lastAdministrator(id amana.MemberID) error {
	if !c.has(id, amana.RoleAdministrator) {
		return nil
	}
	for other := range c.members {
		if other != id && c.has(other, amana.RoleAdministrator) {
			return nil
		}
	}
	return refused("member %s is the last administrator", id)
}

// MayWrite says whether a member may write to a record of these teams at a time:
// they must have been a member then, in one of the teams, with a role that works
// on cases. Otherwise it is ErrRefused. Reading is a matter of keys.
func (c *Charter) MayWrite(author amana.MemberID, teams []amana.TeamID, time uint64) error {
	if err := c.MayRead(author, teams, time); err != nil {
		return err
	}
	roles := c.members[author].rolesAt(time)
	if slices.ContainsFunc(roles, worksOnCases) {
		return nil
	}
	if onlyEveryone(teams) && slices.Contains(roles, amana.RoleAdministrator) {
		return nil // of what is everyone's, an administrator keeps the directory
	}
	return refused("charter: member %s has no role that writes", author)
}

// MayRelease says whether a member may keep the ledger of what leaves of records of
// these teams: release officers may, and whoever may write. Otherwise it is
// ErrRefused.
func (c *Charter) MayRelease(author amana.MemberID, teams []amana.TeamID, time uint64) error {
	if err := c.MayRead(author, teams, time); err != nil {
		return err
	}
	roles := c.members[author].rolesAt(time)
	if slices.Contains(roles, amana.RoleReleaseOfficer) {
		return nil
	}
	return c.MayWrite(author, teams, time)
}

// MayCount says whether a member may write to a record of a kind that is about nobody
// (see [amana.Kind.AboutNobody]) of these teams: analysts and release officers may, and
// whoever may write. Otherwise it is ErrRefused. Of which kind a record is, the caller
// answers for.
func (c *Charter) MayCount(author amana.MemberID, teams []amana.TeamID, time uint64) error {
	if err := c.MayRead(author, teams, time); err != nil {
		return err
	}
	roles := c.members[author].rolesAt(time)
	if slices.Contains(roles, amana.RoleAnalyst) || slices.Contains(roles, amana.RoleReleaseOfficer) {
		return nil
	}
	return c.MayWrite(author, teams, time)
}

// onlyEveryone reports whether a record is for the whole organisation.
func onlyEveryone(teams []amana.TeamID) bool {
	return len(teams) == 1 && teams[0].IsZero()
}

// MayRead says whether a member may put on record that they opened a record of
// these teams: they must have been a member then, in one of the teams. Otherwise
// it is ErrRefused.
func (c *Charter) MayRead(author amana.MemberID, teams []amana.TeamID, time uint64) error {
	m, known := c.members[author]
	if !known || !within(time, m.joined, m.left) {
		return refused("charter: member %s is none", author)
	}
	for _, id := range teams {
		for _, s := range c.teams[id].seats {
			if s.member == author && within(time, s.from, s.to) {
				return nil
			}
		}
	}
	return refused("charter: member %s is in no team of the record", author)
}

func worksOnCases(r amana.Role) bool {
	switch r {
	case amana.RoleCaseworker, amana.RoleClinician, amana.RoleDocumenter, amana.RoleSupervisor:
		return true
	case amana.RoleAnalyst, amana.RoleReleaseOfficer, amana.RoleAdministrator:
		return false
	default: // of a newer amana
		return false
	}
}

// within reports whether time is in a span; to is zero for one that has no end.
func within(time, from, to uint64) bool { return time >= from && (to == 0 || time < to) }
