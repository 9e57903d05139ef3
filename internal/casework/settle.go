package casework

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/vault"
)

// A release that was begun more than once, by somebody's changed program or in a version
// before, is something else by each beginning, and nobody can tell which one it was that
// others agreed to. Until that is settled no figures are released, and every release about
// people needs approvals. Two people settle it who began none of it: each says that they
// looked at every beginning, by its digest. From then on each counts as released: both may
// have left. Of figures nothing is public because it stands in one of them: see
// [disclose.Request]. Another beginning that comes later is to be settled anew.

// A settling is a record of kind [amana.KindFigures], which every member has, with what
// follows beside answers as those of a release have.
const (
	settlesField  = "settles"  // the release
	versionsField = "versions" // digests of the beginnings that were looked at
)

// settlers is how many people settle what a release was.
const settlers = 2

// settling is what one record says.
type settling struct {
	id       amana.RecordID
	release  amana.RecordID
	versions []string // sorted
	said     []looked // who looked at all of them
}

// looked is one who did, when.
type looked struct {
	by   amana.MemberID
	time uint64
}

// settlingOf reads a record that settles what a release was, or returns nil.
func (d *Desk) settlingOf(o *vault.Opened) *settling {
	first := func(field string) string { p, _ := o.First(field); return p.Value.Reveal() }
	id, err := amana.ParseID[amana.Record](first(settlesField))
	if err != nil || o.Kind != amana.KindFigures {
		return nil
	}
	s := &settling{id: o.ID, release: id, versions: strings.Fields(first(versionsField))}
	slices.Sort(s.versions)
	for _, item := range o.ItemsEver(figuresAnswers) {
		if said := o.History(figuresAnswers + "/" + item + "/answer"); len(said) > 0 && said[0].Value.Reveal() == "yes" {
			s.said = append(s.said, looked{said[0].By, said[0].Time})
		}
	}
	return s
}

// settlingsIn are those among records of figures, by the release that they settle.
func settlingsIn(all []keptRelease) map[amana.RecordID][]settling {
	by := map[amana.RecordID][]settling{}
	for i := range all {
		if s := all[i].settling; s != nil {
			by[s.release] = append(by[s.release], *s)
		}
	}
	return by
}

// lookers are those who looked at every one of some beginnings, began none, and may say so
// of a release of this kind: each once, the first first. Records of several devices that
// were apart count together.
func (d *Desk) lookers(versions []vault.Version, all []settling) (list []looked) {
	for _, s := range all {
		if len(versions) == 0 || slices.ContainsFunc(versions, func(v vault.Version) bool { return !slices.Contains(s.versions, hex.EncodeToString(v.Digest[:])) }) {
			continue
		}
		for _, one := range s.said {
			if !began(versions, one.by) && maySettle(kindOf(versions), d.rolesAt(one.by, one.time)) {
				list = append(list, one)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b looked) int { return cmp.Compare(a.time, b.time) })
	var once []looked
	for _, one := range list {
		if !slices.ContainsFunc(once, func(o looked) bool { return o.by == one.by }) {
			once = append(once, one)
		}
	}
	return once
}

func began(versions []vault.Version, member amana.MemberID) bool {
	return slices.ContainsFunc(versions, func(v vault.Version) bool { return v.By == member })
}

// kindOf is the kind of which a release with these beginnings may have been: of figures,
// where any of them is.
func kindOf(versions []vault.Version) amana.Kind {
	if slices.ContainsFunc(versions, func(v vault.Version) bool { return v.Kind == amana.KindFigures }) {
		return amana.KindFigures
	}
	return amana.KindRelease
}

func maySettle(kind amana.Kind, roles []amana.Role) bool {
	if kind == amana.KindFigures {
		return mayShow(roles)
	}
	return release.MayApprove(roles)
}

// settledOn says whether what a release was is settled, and on which day that was, no
// later than today: of what came after nobody had counted anything.
func (d *Desk) settledOn(versions []vault.Version, all []settling) (day string, done bool) {
	list := d.lookers(versions, all)
	if len(versions) == 0 || len(list) < settlers {
		return "", false
	}
	return min(record.When(list[settlers-1].time).Format(time.DateOnly), d.today()), true
}

// figuresOf are the figures of several beginnings, as far as there are any. What is no
// release of figures was never one for anybody.
func (d *Desk) figuresOf(versions []vault.Version, day string) (list []listedRelease, err error) {
	for i := range versions {
		one, bad := firstOf(&versions[i].Record)
		if bad != nil || versions[i].Kind != amana.KindFigures {
			continue
		}
		if one.Release, err = one.Release.UpTo(day); err != nil {
			return nil, err
		}
		one.key = hex.EncodeToString(versions[i].Digest[:])
		list = append(list, one)
	}
	return list, nil
}

// settledReleases are the beginnings of releases about people that count as left, and
// whether there is one of which nobody settled what it was.
func (d *Desk) settledReleases(ctx context.Context, rows []LedgerRow) (list []LedgerRow, doubt bool, err error) {
	lost, err := d.lostReleases(rows)
	if err != nil || len(lost) == 0 {
		return nil, false, err
	}
	all, err := d.releases(ctx)
	settled := settlingsIn(all)
	for id, versions := range lost {
		if _, done := d.settledOn(versions, settled[id]); !done {
			doubt = true
			continue
		}
		for i := range versions {
			if versions[i].Kind == amana.KindRelease {
				list = append(list, d.versionRow(&versions[i]))
			}
		}
	}
	return list, doubt, err
}

// versionRow is a release about people as one beginning has it. It counts as left when
// it was begun.
func (d *Desk) versionRow(v *vault.Version) LedgerRow {
	row := d.rowIn(&vault.Opened{Record: v.Record})
	row.Left = record.When(v.Opened)
	return row
}

// lostReleases are the releases about people of which it cannot be told what they were,
// with their beginnings.
func (d *Desk) lostReleases(rows []LedgerRow) (map[amana.RecordID][]vault.Version, error) {
	_, lost, err := d.rebegun(amana.KindRelease)
	if err != nil {
		return nil, err
	}
	by := map[amana.RecordID][]vault.Version{}
	for i := range lost {
		by[lost[i].ID] = lost[i].Versions
	}
	for i := range rows {
		if rows[i].lost {
			by[rows[i].ID] = rows[i].versions
		}
	}
	return by, nil
}

// Dispute is a release that was begun more than once.
type Dispute struct {
	ID       amana.RecordID
	Figures  bool // of figures; else about people
	Versions []ReleaseVersion
	Looked   []Looked // who settles it, as far as they did
	Needs    int      // how many it takes
	Settled  bool
	May      bool   // this member may say now that they looked
	WhyNot   string // else, as the key of a message
	// Lost is set where something of it is missing on this device: then nobody can tell how
	// often it was begun.
	Lost bool
}

// Looked is who looked at every beginning, and when.
type Looked struct {
	By   amana.MemberID
	When time.Time
}

// ReleaseVersion is one beginning.
type ReleaseVersion struct {
	Digest  string // hexadecimal
	By      amana.MemberID
	On      time.Time
	Figures *FiguresRelease // where it is one of figures
	About   *LedgerRow      // where it is about people
}

// Disputes returns the releases that were begun more than once and that this member can
// read, settled or not. Kinds: ErrLocked, ErrStorage.
func (d *Desk) Disputes(ctx context.Context) ([]Dispute, error) {
	all, err := d.releases(ctx)
	if err != nil {
		return nil, err
	}
	settled := settlingsIn(all)
	var list []Dispute
	for i := range all {
		if k := &all[i]; k.damaged {
			list = append(list, d.dispute(k.id, amana.KindFigures, k.versions, settled[k.id]))
		}
	}
	rows, err := d.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	lost, err := d.lostReleases(rows)
	for id, versions := range lost {
		if !slices.ContainsFunc(list, func(x Dispute) bool { return x.ID == id }) {
			list = append(list, d.dispute(id, amana.KindRelease, versions, settled[id]))
		}
	}
	slices.SortFunc(list, func(a, b Dispute) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
	return list, err
}

func (d *Desk) dispute(id amana.RecordID, kind amana.Kind, versions []vault.Version, all []settling) Dispute {
	x := Dispute{ID: id, Figures: kind == amana.KindFigures, Needs: settlers, Lost: len(versions) == 0}
	for i := range versions {
		v := &versions[i]
		one := ReleaseVersion{Digest: hex.EncodeToString(v.Digest[:]), By: v.By, On: record.When(v.Opened)}
		if f, err := firstOf(&v.Record); err == nil && v.Kind == amana.KindFigures {
			one.Figures = &f.FiguresRelease
		}
		if v.Kind == amana.KindRelease {
			row := d.versionRow(v)
			one.About = &row
		}
		x.Versions = append(x.Versions, one)
	}
	slices.SortFunc(x.Versions, func(a, b ReleaseVersion) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Digest, b.Digest))
	})
	me, mine := d.session.Member(), false
	for _, one := range d.lookers(versions, all) {
		x.Looked = append(x.Looked, Looked{one.by, record.When(one.time)})
		mine = mine || one.by == me
	}
	_, x.Settled = d.settledOn(versions, all)
	switch {
	case x.Lost:
		x.WhyNot = "settle.lost"
	case x.Settled:
		x.WhyNot = "settle.done"
	case began(versions, me):
		x.WhyNot = "settle.own"
	case !maySettle(kindOf(versions), d.Me().Roles):
		x.WhyNot = "settle.role"
	case mine:
		x.WhyNot = "settle.twice"
	}
	x.May = x.WhyNot == ""
	return x
}

// Dispute returns one. Kind: ErrNotFound, also for a release that was begun once.
func (d *Desk) Dispute(ctx context.Context, id amana.RecordID) (Dispute, error) {
	list, err := d.Disputes(ctx)
	if err != nil {
		return Dispute{}, err
	}
	i := slices.IndexFunc(list, func(x Dispute) bool { return x.ID == id })
	if i < 0 {
		return Dispute{}, fmt.Errorf("casework: release %s: was not begun more than once: %w", id, amana.ErrNotFound)
	}
	return list[i], nil
}

// SettleRelease records that this member looked at every beginning of a release: those of
// these digests. Kinds: ErrRefused as [*Refusal]; ErrConflict where there are others by
// now, so that they look again; ErrNotFound.
func (d *Desk) SettleRelease(ctx context.Context, id amana.RecordID, digests []string) error {
	if err := d.session.Arriving(); err != nil {
		return err
	}
	x, err := d.Dispute(ctx, id)
	if err != nil {
		return err
	}
	if !x.May {
		return refusal(x.WhyNot)
	}
	var all []string
	for _, v := range x.Versions {
		all = append(all, v.Digest)
	}
	slices.Sort(all)
	digests = slices.Sorted(slices.Values(digests))
	if !slices.Equal(all, slices.Compact(digests)) {
		return refusal("settle.changed")
	}
	records, err := d.releases(ctx)
	if err != nil {
		return err
	}
	yes := Values{figuresAnswers + "/" + newItem() + "/answer": event.Text("yes")}
	for _, s := range settlingsIn(records)[id] {
		if slices.Equal(s.versions, all) {
			return d.session.Save(ctx, vault.Change{Record: s.id, Facts: sets(yes)})
		}
	}
	yes[settlesField], yes[versionsField] = event.Text(id.String()), event.Text(strings.Join(all, " "))
	return d.session.Save(ctx, vault.Change{
		Record: d.session.NewRecord(amana.KindFigures), Begin: &vault.Begin{Kind: amana.KindFigures, Teams: []amana.TeamID{{}}}, Facts: sets(yes),
	})
}
