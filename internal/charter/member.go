package charter

import (
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
)

// Member is a member as the charter has them.
type Member struct {
	ID        amana.MemberID
	Name      string
	Roles     []amana.Role
	VerifyKey seal.VerifyKey
	BoxKey    seal.BoxKey
	Joined    uint64
	Left      uint64 // zero while a member
}

// Has reports whether the member has a role.
func (m Member) Has(role amana.Role) bool { return slices.Contains(m.Roles, role) }

// member is a member through time. Its slices grow by copies only.
type member struct {
	name         string
	joined, left uint64
	offices      []office  // the last holds
	identities   []keyPair // the last holds
}

type office struct {
	since uint64
	roles []amana.Role
}

type keyPair struct {
	since  uint64
	verify seal.VerifyKey
	box    seal.BoxKey
}

func (m member) roles() []amana.Role { return m.offices[len(m.offices)-1].roles }

func (m member) rolesAt(time uint64) []amana.Role {
	for _, o := range slices.Backward(m.offices) {
		if o.since <= time {
			return o.roles
		}
	}
	return nil
}

func (m member) keysAt(time uint64) keyPair {
	for _, k := range slices.Backward(m.identities) {
		if k.since <= time {
			return k
		}
	}
	return m.identities[0]
}

func (m member) public(id amana.MemberID, roles []amana.Role, k keyPair) Member {
	return Member{
		ID: id, Name: m.name, Roles: slices.Clone(roles), VerifyKey: k.verify, BoxKey: k.box,
		Joined: m.joined, Left: m.left,
	}
}

// Members returns everybody who is or was a member, in the order in which they
// joined.
func (c *Charter) Members() []Member {
	members := make([]Member, 0, len(c.memberOrder))
	for _, id := range c.memberOrder {
		m, _ := c.Member(id)
		members = append(members, m)
	}
	return members
}

// Member returns who is or was a member.
func (c *Charter) Member(id amana.MemberID) (Member, bool) {
	m, known := c.members[id]
	if !known {
		return Member{}, false
	}
	return m.public(id, m.roles(), m.identities[len(m.identities)-1]), true
}

// MemberAt returns a member with the roles and keys of a time, and whether they
// were one then.
func (c *Charter) MemberAt(id amana.MemberID, time uint64) (Member, bool) {
	m, known := c.members[id]
	if !known || !within(time, m.joined, m.left) {
		return Member{}, false
	}
	return m.public(id, m.rolesAt(time), m.keysAt(time)), true
}

// KeysOf returns all keys that ever verified a member's entries, the newest last.
func (c *Charter) KeysOf(id amana.MemberID) []seal.VerifyKey {
	var keys []seal.VerifyKey
	for _, k := range c.members[id].identities {
		keys = append(keys, k.verify)
	}
	return keys
}

// AuthorByShort returns the member whose ID begins so. The zero author is the
// organisation's root key.
func (c *Charter) AuthorByShort(short [4]byte) (amana.MemberID, bool) {
	if short == [4]byte{} {
		return amana.MemberID{}, c.Founded()
	}
	id, known := c.shorts[short]
	return id, known
}

func (c *Charter) addMember(e Entry, f event.MemberAdded) error {
	short := [4]byte(f.Member[:4])
	switch {
	case short == [4]byte{}:
		return invalid("member %s: an ID that begins with zeroes", f.Member)
	case c.members[f.Member].offices != nil:
		return invalid("member %s: already there", f.Member)
	case !c.shorts[short].IsZero():
		return invalid("member %s: its ID begins as that of %s", f.Member, c.shorts[short])
	}
	if err := c.checkMember(f.Name, f.Roles); err != nil {
		return err
	}
	if err := c.newKeys(f.Verify, f.Box); err != nil {
		return err
	}
	c.members[f.Member] = member{
		name: f.Name, joined: e.Time,
		offices:    []office{{e.Time, slices.Clone(f.Roles)}},
		identities: []keyPair{{e.Time, f.Verify, f.Box}},
	}
	c.shorts[short] = f.Member
	c.memberOrder = append(c.memberOrder, f.Member)
	c.sit(amana.TeamID{}, f.Member, e.Time)
	return nil
}

func (c *Charter) changeMember(e Entry, f event.MemberChanged) error {
	if !c.isMember(f.Member) {
		return invalid("member %s: is none", f.Member)
	}
	if err := c.checkMember(f.Name, f.Roles); err != nil {
		return err
	}
	if !slices.Contains(f.Roles, amana.RoleAdministrator) {
		if err := c.lastAdministrator(f.Member); err != nil {
			return err
		}
	}
	m := c.members[f.Member]
	m.name = f.Name
	m.offices = append(slices.Clip(m.offices), office{e.Time, slices.Clone(f.Roles)})
	c.members[f.Member] = m
	return nil
}

func (c *Charter) checkMember(name string, roles []amana.Role) error {
	for i, r := range roles {
		if !isWord(string(r)) || slices.Contains(roles[:i], r) {
			return invalid("role %d: not one, or twice", i+1)
		}
	}
	return checkName(name)
}

// rekeyMember gives a member new keys. What was sealed to the old ones, the
// teams' keys too, they cannot open, so it has to be granted to them again. Whoever has
// the old ones, off a lost device say, holds what was granted to them until the teams'
// keys turn: they need the next.
func (c *Charter) rekeyMember(e Entry, f event.MemberRekeyed) error {
	if !c.isMember(f.Member) {
		return invalid("member %s: is none", f.Member)
	}
	if err := c.newKeys(f.Verify, f.Box); err != nil {
		return err
	}
	m := c.members[f.Member]
	m.identities = append(slices.Clip(m.identities), keyPair{e.Time, f.Verify, f.Box})
	c.members[f.Member] = m
	for id, t := range c.teams {
		if i := t.seat(f.Member); i >= 0 {
			t.turn = t.turn || t.seats[i].given
			c.teams[id] = t.with(i, func(s *seat) { s.upTo, s.since = 0, 0 })
		}
	}
	return nil
}

// newKeys takes a member's or, without box, a device's key: a key is used once,
// so that a signature has one signer.
func (c *Charter) newKeys(verify seal.VerifyKey, box seal.BoxKey) error {
	if (verify == seal.VerifyKey{}) || (box == seal.BoxKey{}) {
		return invalid("a key is missing")
	}
	return c.newKey(verify)
}

func (c *Charter) newKey(verify seal.VerifyKey) error {
	if (verify == seal.VerifyKey{}) || c.keys[verify] {
		return invalid("a key is missing or somebody else's")
	}
	c.keys[verify] = true
	return nil
}

func (c *Charter) endMember(e Entry, f event.MemberLeft) error {
	if !c.isMember(f.Member) {
		return invalid("member %s: is none", f.Member)
	}
	if err := c.lastAdministrator(f.Member); err != nil {
		return err
	}
	m := c.members[f.Member]
	m.left = e.Time
	c.members[f.Member] = m
	for id, t := range c.teams {
		if t.seat(f.Member) >= 0 {
			c.rise(id, f.Member, e.Time)
		}
	}
	return nil
}
