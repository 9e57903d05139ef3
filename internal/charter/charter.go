// Package charter folds the facts of an organisation's charter into what holds:
// who is a member, in which teams, on which devices, which keys are current, and
// who may write what. An entry counts only if its author was allowed it by the
// charter as it stood; [Charter.Apply] refuses any other.
//
// It verifies no signature and opens nothing: package vault hands it entries that
// were opened and verified, and says whose they are.
package charter

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
)

// Entry is one signed change to the charter.
type Entry struct {
	Time   uint64         // hybrid logical clock
	Author amana.MemberID // zero for the organisation's root key
	Device amana.DeviceID
	Seq    uint64 // its place in the device's chain
	Facts  []event.Fact
}

// Order is the order in which entries of several devices are to be applied: by
// time, then by author, then by device. It is for [slices.SortFunc].
func Order(a, b Entry) int {
	return cmp.Or(
		cmp.Compare(a.Time, b.Time),
		bytes.Compare(a.Author[:], b.Author[:]),
		bytes.Compare(a.Device[:], b.Device[:]),
		cmp.Compare(a.Seq, b.Seq),
	)
}

// OrgIDOf returns the ID of the organisation that a root key stands for.
func OrgIDOf(root seal.VerifyKey) amana.OrgID {
	h := seal.Digest("amana/1/organisation", root[:])
	return amana.OrgID(h[:16])
}

// Charter is what holds after some entries. Its queries may run at the same time
// as each other, not as Apply.
type Charter struct {
	only    amana.OrgID // founds no other; zero for any
	org     amana.OrgID
	founded event.Founded
	last    Entry  // without its facts
	ruled   uint64 // the time of the last entry by the root or an administrator
	unknown int
	merging bool   // see Merge
	counted []bool // of the entry that is merged: which of its facts

	// Apply works on copies of the maps, and whatever hangs from them is never
	// changed: so a Clone can share them.
	members map[amana.MemberID]member
	shorts  map[[4]byte]amana.MemberID
	keys    map[seal.VerifyKey]bool // of members and devices, of now and before
	teams   map[amana.TeamID]team   // the zero team is the whole organisation
	devices map[amana.DeviceID]Device
	rules   map[string]string
	rulings map[string][]ruling // what each rule said, and from when on
	adopted map[string]Document
	witness map[amana.DeviceID]Checkpoint
	ways    map[amana.DeviceID][]amana.MemberID // who was given a way in
	posts   []Post

	memberOrder []amana.MemberID
	teamOrder   []amana.TeamID
	deviceOrder []amana.DeviceID
	custodians  []string
	tombstones  []Tombstone
}

// New returns the charter of an organisation still to be founded.
func New() *Charter {
	return &Charter{
		members: map[amana.MemberID]member{},
		shorts:  map[[4]byte]amana.MemberID{},
		keys:    map[seal.VerifyKey]bool{},
		teams:   map[amana.TeamID]team{},
		devices: map[amana.DeviceID]Device{},
		rules:   map[string]string{},
		rulings: map[string][]ruling{},
		adopted: map[string]Document{},
		witness: map[amana.DeviceID]Checkpoint{},
		ways:    map[amana.DeviceID][]amana.MemberID{},
	}
}

// NewFor is New for one organisation: the founding of another is refused.
func NewFor(org amana.OrgID) *Charter {
	c := New()
	c.only = org
	return c
}

// Clone returns a charter that further entries leave as it is.
func (c *Charter) Clone() *Charter {
	d := *c
	d.memberOrder = slices.Clip(c.memberOrder)
	d.teamOrder = slices.Clip(c.teamOrder)
	d.deviceOrder = slices.Clip(c.deviceOrder)
	d.tombstones = slices.Clip(c.tombstones)
	d.posts = slices.Clip(c.posts)
	return &d
}

// Apply takes an entry: all of it, or on an error nothing.
//
// Kinds: ErrRefused where its author was not allowed it, ErrInvalid where it
// makes no sense, ErrConflict where it is older than one that was applied: then
// the charter has to be folded anew, in [Order].
func (c *Charter) Apply(e Entry) error {
	_, err := c.apply(e, false)
	return err
}

func (c *Charter) apply(e Entry, merging bool) ([]bool, error) {
	// The slices may grow in place: a Clone does not see beyond its own end, and what
	// a refused entry left there is overwritten.
	next := *c
	next.members = maps.Clone(c.members)
	next.shorts = maps.Clone(c.shorts)
	next.keys = maps.Clone(c.keys)
	next.teams = maps.Clone(c.teams)
	next.devices = maps.Clone(c.devices)
	next.rules, next.rulings = maps.Clone(c.rules), maps.Clone(c.rulings)
	next.adopted = maps.Clone(c.adopted)
	next.witness, next.ways = maps.Clone(c.witness), maps.Clone(c.ways)
	next.merging = merging
	if err := next.take(e); err != nil {
		return nil, fmt.Errorf("charter: entry %d of device %s: %w", e.Seq, e.Device, err)
	}
	counted := next.counted
	next.counted, next.merging = nil, false
	*c = next
	return counted, nil
}

func (c *Charter) take(e Entry) error {
	facts := e.Facts
	c.counted = nil
	if !c.Founded() {
		rest, err := c.found(e)
		if err != nil {
			return err
		}
		facts = rest
	} else if Order(e, c.last) <= 0 {
		return fmt.Errorf("older than entry %d of device %s: %w", c.last.Seq, c.last.Device, amana.ErrConflict)
	}
	if d, known := c.devices[e.Device]; known && d.Revoked != 0 {
		return refused("device %s was revoked", e.Device)
	}
	c.counted = make([]bool, len(e.Facts)-len(facts), len(e.Facts))
	for i := range c.counted {
		c.counted[i] = true
	}
	for _, f := range facts {
		err := c.mayDo(e.Author, f)
		if err == nil {
			err = c.do(e, f)
		}
		if err != nil && (!c.merging || !overtaken(f, err)) {
			return err
		}
		c.counted = append(c.counted, err == nil)
	}
	if e.Author.IsZero() || c.has(e.Author, amana.RoleAdministrator) {
		c.ruled = max(c.ruled, e.Time)
	}
	c.last = e
	c.last.Facts = nil
	return nil
}

// found takes the first fact of all, and returns those after it.
func (c *Charter) found(e Entry) ([]event.Fact, error) {
	facts := e.Facts
	if len(facts) > 0 && isBegun(facts[0]) {
		facts = facts[1:]
	}
	if len(facts) == 0 {
		return nil, invalid("nothing was founded")
	}
	f, ok := facts[0].(event.Founded)
	if !ok {
		return nil, invalid("nothing was founded")
	}
	org := OrgIDOf(f.Root)
	switch {
	case !e.Author.IsZero():
		return nil, refused("member %s cannot found an organisation", e.Author)
	case !c.only.IsZero() && org != c.only:
		return nil, refused("organisation %s is not %s", org, c.only)
	case f.Threshold < 1 || f.Threshold > f.Shares || f.Shares > 255:
		return nil, invalid("%d of %d shares", f.Threshold, f.Shares)
	case f.Root == seal.VerifyKey{} || f.Recovery == seal.BoxKey{}:
		return nil, invalid("a key is missing")
	}
	if err := checkName(f.Name); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(f.Languages, func(l string) bool { return record.CheckLine(l) != "" }) {
		return nil, invalid("a language that is none")
	}
	c.org, c.founded = org, f
	c.keys[f.Root] = true
	c.teams[amana.TeamID{}] = team{first: 1}
	return facts[1:], nil
}

func isBegun(f event.Fact) bool {
	b, ok := f.(event.Begun)
	return ok && b.Kind == amana.KindCharter
}

// Latest is the time of the last entry that counts.
func (c *Charter) Latest() uint64 { return c.last.Time }

// Ruled is the time of the last entry that counts and is of the root key or of an
// administrator: what an administrator says next comes after it. Times that others
// gave to theirs hold nobody back.
func (c *Charter) Ruled() uint64 { return c.ruled }

// Founded reports whether there is an organisation.
func (c *Charter) Founded() bool { return !c.org.IsZero() }

// Org returns the organisation's ID, which its root key determines.
func (c *Charter) Org() amana.OrgID { return c.org }

// Name returns the organisation's name.
func (c *Charter) Name() string { return c.founded.Name }

// Languages returns those the organisation works in: by the rule "languages", a
// list with commas, or as it was founded.
func (c *Charter) Languages() []string {
	if rule, set := c.rules["languages"]; set && rule != "" {
		return strings.FieldsFunc(rule, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return slices.Clone(c.founded.Languages)
}

// ruling is what a rule says from a time on.
type ruling struct {
	from  uint64
	value string
}

// RuleAt returns what a rule said at a time: what was done by it then stays so.
func (c *Charter) RuleAt(rule string, time uint64) (value string) {
	for _, r := range c.rulings[rule] {
		if r.from <= time {
			value = r.value
		}
	}
	return value
}

// Rules returns the organisation's rules.
func (c *Charter) Rules() map[string]string { return maps.Clone(c.rules) }

// RootKey verifies entries of the zero author.
func (c *Charter) RootKey() seal.VerifyKey { return c.founded.Root }

// RecoveryKey is the key whose private half the custodians hold.
func (c *Charter) RecoveryKey() seal.BoxKey { return c.founded.Recovery }

// Custodians returns the names of those who hold shares of the recovery key, how
// many of them are needed, and how many shares there are.
func (c *Charter) Custodians() (names []string, needed, of int) {
	return slices.Clone(c.custodians), c.founded.Threshold, c.founded.Shares
}

// Unknown counts facts of a newer amana: kept, passed on, not understood.
func (c *Charter) Unknown() int { return c.unknown }

// Tombstone is what is left of an erased record.
type Tombstone struct {
	Record amana.RecordID
	Time   uint64
	Author amana.MemberID
	Reason string
}

// Erased returns the records that were ordered erased. Of several orders for one
// record the first stands.
func (c *Charter) Erased() map[amana.RecordID]Tombstone {
	erased := make(map[amana.RecordID]Tombstone, len(c.tombstones))
	for _, t := range slices.Backward(c.tombstones) {
		erased[t.Record] = t
	}
	return erased
}

func invalid(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, amana.ErrInvalid)...)
}

func refused(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, amana.ErrRefused)...)
}
