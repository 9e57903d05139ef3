package casework

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/record"
	"amana/internal/vault"
)

// Desk is one unlocked member's place of work. Its methods may be called from
// several goroutines; after Lock they return ErrLocked, or nothing.
type Desk struct {
	office   *Office
	session  *vault.Session
	shelf    shelf
	tally    tally
	viewed   viewed
	bench    workbench
	estimate estimating
	bundles  bundling
	meeting  meeting
	visiting visiting
	parcels  parcels

	standings    standings
	releasesRead releasesRead
}

// viewed is what was looked at, and when.
type viewed struct {
	mu sync.Mutex // guards at
	at map[amana.RecordID]time.Time
}

// Lock ends the work at this desk.
func (d *Desk) Lock() {
	d.DropImport()
	d.DropExport()
	d.DropEstimate()
	d.DropBundle()
	d.MeetClose()
	d.visiting.cancel() // it may take a moment to say good-bye
	d.session.Lock()    //nolint:errcheck // the keys are gone all the same
	d.standings.mu.Lock()
	d.standings.kept = nil
	d.standings.mu.Unlock()
	d.releasesRead.mu.Lock()
	d.releasesRead.charter, d.releasesRead.kept = nil, nil
	d.releasesRead.mu.Unlock()
}

// Session returns what lies under the desk, for the command and for measuring.
func (d *Desk) Session() *vault.Session { return d.session }

// charter returns the charter as it stands, or an empty one when locked.
func (d *Desk) charter() *charter.Charter {
	c, err := d.session.Charter()
	if err != nil {
		return charter.New()
	}
	return c
}

// Me returns whose desk it is.
func (d *Desk) Me() Me {
	c := d.charter()
	id := d.session.Member()
	m, _ := c.Member(id)
	me := Me{ID: id, Name: m.Name, Roles: m.Roles}
	for _, t := range c.TeamsOf(id) {
		me.Teams = append(me.Teams, teamOf(c, t))
	}
	return me
}

func teamOf(c *charter.Charter, id amana.TeamID) Team {
	t, _ := c.Team(id)
	return Team{
		ID: t.ID, Name: t.Name, Compartment: t.Compartment, Identities: t.Identities,
		Members: t.Members, KeysPending: c.Pending(id),
	}
}

// Organisation returns what pages say of the organisation.
func (d *Desk) Organisation() Organisation {
	c := d.charter()
	rules := c.Rules()
	languages := c.Languages()
	if chosen := strings.FieldsFunc(rules[RuleLanguages], func(r rune) bool { return r == ',' }); len(chosen) > 0 {
		languages = chosen
	}
	return Organisation{
		ID: c.Org(), Name: c.Name(), Languages: languages, Rules: rules, Demo: rules[ruleDemo] == "yes",
	}
}

// State returns what every page shows of the vault.
func (d *Desk) State() State {
	p := d.session.Progress()
	st := State{
		Progress:    Progress{Done: int(p.Done), Total: int(p.Total), Searchable: p.Searchable},
		ClockBehind: d.session.Behind(),
	}
	if st.ClockBehind < 2*time.Minute {
		st.ClockBehind = 0
	}
	if n, _, err := d.session.Quarantined(); err == nil {
		st.Quarantined = n
	}
	if k := d.office.link(); k != nil {
		st.HubLies, st.HubLast = k.Lies(), k.Last()
	}
	if d.session.Arriving() != nil {
		if a, err := d.Arriving(); err == nil && a.Arriving {
			st.Arriving = &a
		}
	}
	return st
}

// Teams returns every team.
func (d *Desk) Teams() []Team {
	c := d.charter()
	var list []Team
	for _, t := range c.Teams() {
		list = append(list, teamOf(c, t.ID))
	}
	return list
}

// Members returns every member, also those who left.
func (d *Desk) Members() []Member {
	c := d.charter()
	here, err := d.session.Here()
	if err != nil {
		here = nil
	}
	var list []Member
	for _, m := range c.Members() {
		one := Member{ID: m.ID, Name: m.Name, Roles: m.Roles, Joined: record.When(m.Joined), Here: here[m.ID]}
		if m.Left != 0 {
			one.Left = record.When(m.Left)
		} else {
			one.Teams = c.TeamsOf(m.ID)
		}
		list = append(list, one)
	}
	return list
}

// Backup writes the whole vault, sealed, in one file.
func (d *Desk) Backup(ctx context.Context, w io.Writer) error { return d.session.Backup(ctx, w) }

// LastBackup returns when a backup was last made on this computer; zero where none was.
func (d *Desk) LastBackup() (time.Time, error) { return d.session.LastBackup() }

// Tombstones returns what was erased, the newest first.
func (d *Desk) Tombstones(context.Context) ([]Tombstone, error) {
	c, err := d.session.Charter()
	if err != nil {
		return nil, err
	}
	return tombstones(c), nil
}
