package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/link"
	"amana/internal/record"
	"amana/internal/vault"
	"amana/internal/view"
)

// Reach is what a computer can show to whoever has it and gets a passphrase of somebody
// who can unlock it, and what is to be done about that.
type Reach struct {
	DeviceWord
	Members []ReachMember // who may be able to unlock it
	Unsaid  bool          // nobody said who was given a way in: others may have one too
	AtHub   HubSays
	Warn    []CaseRow // open cases of high risk that can be read, as far as whoever looks may see them
}

// HubSays is how a computer stands at the hub, as far as is known here.
type HubSays string

// What a hub may say of a computer.
const (
	HubNone    HubSays = ""        // there is no hub, or it was not asked
	HubLets    HubSays = "lets"    // it lets the computer in
	HubEnded   HubSays = "ended"   // it does not
	HubDeaf    HubSays = "deaf"    // it knows no administrator who was unlocked here
	HubUnasked HubSays = "unasked" // it could not be told since
)

// ReachMember is a member who may be able to unlock a computer, and what is read there
// with their passphrase.
type ReachMember struct {
	ID    amana.MemberID
	Name  string
	Last  time.Time // when they last wrote there; zero for never
	Left  time.Time // zero while a member
	Open  bool      // what is written now can be read with the keys on it, by whoever gets hold of it
	Teams []ReachTeam
}

// ReachTeam is what of one team can be read. The organisation comes first, with no name:
// what is for everybody.
type ReachTeam struct {
	Team
	Keys, Of         int       // keys 1 to so many, of so many
	Since            time.Time // when the first key began that is not on it; zero while there is none
	Had, Most, After ReachCount
}

// ReachCount is a number of records, by what they are.
type ReachCount struct {
	All, Cases, Identities, Accounts, Files int
	Closed                                  int // that whoever looks cannot open, so that nobody here knows what they are
}

// Other is how many are of other kinds.
func (c ReachCount) Other() int {
	return c.All - c.Cases - c.Identities - c.Accounts - c.Files - c.Closed
}

// Before reports whether any of the first n kinds is there, in the order of the fields
// and Other before Closed: whoever lists them puts a comma.
func (c ReachCount) Before(n int) bool {
	for _, one := range []int{c.Cases, c.Identities, c.Accounts, c.Files, c.Other()}[:n] {
		if one > 0 {
			return true
		}
	}
	return false
}

func countOf(c vault.Counts) ReachCount {
	return ReachCount{
		All: c.Sum(), Cases: c[amana.KindCase], Identities: c[amana.KindIdentity], Accounts: c[amana.KindAccount] + c[amana.KindIncident],
		Files: c[amana.KindEvidence], Closed: c[""],
	}
}

// mostWarned bounds how many cases are named.
const mostWarned = 10

// ReachOf says what a computer can show. Kind: ErrNotFound.
func (d *Desk) ReachOf(ctx context.Context, id amana.DeviceID) (r Reach, err error) {
	words, err := d.DeviceWords()
	if err != nil {
		return r, err
	}
	at := slices.IndexFunc(words, func(w DeviceWord) bool { return w.ID == id })
	if at < 0 {
		return r, fmt.Errorf("casework: device %s: %w", id, amana.ErrNotFound)
	}
	r.DeviceWord = words[at]
	c := d.charter()
	r.Unsaid = len(c.WaysInto(id)) == 0
	exposed, err := d.session.ExposedOn(ctx, id)
	if err != nil {
		return r, err
	}
	wrote, err := d.session.WroteOn(id)
	if err != nil {
		return r, err
	}
	for _, e := range exposed {
		one := d.reachMember(c, e)
		one.Last = wrote[e.Member]
		r.Members = append(r.Members, one)
	}
	if r.AtHub, err = d.hubSays(r.Device); err != nil {
		return r, err
	}
	r.Warn, err = d.warn(r.Members)
	return r, err
}

func (d *Desk) reachMember(c *charter.Charter, e vault.Exposed) ReachMember {
	m, _ := c.Member(e.Member)
	one := ReachMember{ID: m.ID, Name: m.Name}
	if m.Left != 0 {
		one.Left = record.When(m.Left)
	}
	for _, t := range e.Teams {
		team := ReachTeam{Keys: int(t.Keys), Of: int(c.Epoch(t.Team)), Had: countOf(t.Had), Most: countOf(t.Most), After: countOf(t.After)}
		if !t.Team.IsZero() {
			team.Team = teamOf(c, t.Team)
		}
		if t.Since != 0 {
			team.Since = record.When(t.Since)
		}
		one.Open = one.Open || t.Open()
		one.Teams = append(one.Teams, team)
	}
	return one
}

// hubSays says how a computer stands at the hub.
func (d *Desk) hubSays(one Device) (HubSays, error) {
	st, err := link.StatusOf(d.session)
	switch {
	case err != nil || st.Hub == "":
		return HubNone, err
	case slices.Contains(st.AtHub.Ended, one.ID):
		return HubEnded, nil
	case st.AtHub.NoSay:
		return HubDeaf, nil
	case !one.Revoked.IsZero():
		return HubUnasked, nil
	case !st.AtHub.Known:
		return HubNone, nil
	}
	return HubLets, nil
}

// warn lists open cases of high risk of the teams that can be read.
func (d *Desk) warn(members []ReachMember) (list []CaseRow, err error) {
	var teams []amana.TeamID
	for _, m := range members {
		for _, t := range m.Teams {
			if !t.ID.IsZero() && t.Most.All+t.After.All > 0 && !slices.Contains(teams, t.ID) {
				teams = append(teams, t.ID)
			}
		}
	}
	for _, t := range teams {
		rows, err := d.session.Cases(amana.Private{}, view.Filter{Team: t, Status: statusOpen, Risk: riskFilter("high"), Limit: mostWarned})
		if err != nil {
			return nil, err
		}
		list = append(list, d.rows(rows)...)
	}
	return list[:min(len(list), mostWarned)], nil
}
