package casework

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/disclose"
	"amana/internal/record"
	"amana/internal/vault"
)

// A release is what was put forward: the entry that began its record says what, and
// nothing that is written over it later counts. Whether it was released, and who agreed,
// is what was first written by somebody whose word it can be. So a member with a changed
// program neither takes a release out of the ledger nor makes one unreadable, and what
// they begin themselves is in the ledger only where others agreed to it.

// listedRelease is a release in the ledger.
type listedRelease struct {
	FiguresRelease
	scope string
	known string
	key   string // what stands for it in known: its ID, or the digest of one of several beginnings
	left  bool   // it may have left: the guard counts it, whatever was said since
}

// releasesRead keeps releases as they were read, for as long as nothing was added to
// them and the charter is the same.
type releasesRead struct {
	mu      sync.Mutex // guards all below
	charter *charter.Charter
	kept    map[amana.RecordID]keptRelease
}

type keptRelease struct {
	id       amana.RecordID
	entries  int
	one      listedRelease
	none     bool // it is no release, and never was one for anybody
	damaged  bool // it cannot be told what it was
	versions []vault.Version
	settling *settling // it settles what another was
}

// FiguresReleases returns what was put forward and released, the last first. What
// cannot be read is left out: see [Desk.Disputes].
func (d *Desk) FiguresReleases(ctx context.Context) ([]FiguresRelease, error) {
	var list []FiguresRelease
	all, err := d.releases(ctx)
	for i := range all {
		if k := &all[i]; !k.damaged && k.settling == nil {
			list = append(list, d.seen(k.one).FiguresRelease)
		}
	}
	slices.SortStableFunc(list, func(a, b FiguresRelease) int { return b.On.Compare(a.On) })
	return list, err
}

// figuresLedger is every release that may have left.
type figuresLedger struct {
	left     []listedRelease
	doubtful []listedRelease // beginnings of which nobody can tell which one it was
}

// known are what a plan that is made now was held against.
func (l *figuresLedger) known() (keys []string) {
	for _, one := range slices.Concat(l.left, l.doubtful) {
		keys = append(keys, one.key)
	}
	return keys
}

// ledger returns every release that may have left, verified. Kind: ErrTampered where it
// cannot be told what one of them was, and nobody settled it: a guard that does not see
// everything is none.
func (d *Desk) ledger(ctx context.Context) (l figuresLedger, err error) {
	all, err := d.releases(ctx)
	settled := settlingsIn(all)
	for i := range all {
		k := &all[i]
		switch {
		case k.damaged:
			on, done := d.settledOn(k.versions, settled[k.id])
			if !done {
				return l, fmt.Errorf("casework: release %s: cannot be read as it was: %w", k.id, amana.ErrTampered)
			}
			doubtful, err := d.figuresOf(k.versions, on)
			if err != nil {
				return l, err
			}
			l.doubtful = append(l.doubtful, doubtful...)
		case k.settling == nil && k.one.left:
			l.left = append(l.left, k.one)
		}
	}
	return l, err
}

// releases returns every record of figures that is, or was, a release, and those that
// settle what one was.
func (d *Desk) releases(ctx context.Context) ([]keptRelease, error) {
	read, c := &d.releasesRead, d.charter()
	read.mu.Lock()
	defer read.mu.Unlock()
	if read.charter != c {
		read.charter, read.kept = c, map[amana.RecordID]keptRelease{}
	}
	whole, lost, err := d.rebegun(amana.KindFigures) // those that lists may not have
	if err != nil {
		return nil, err
	}
	seen := map[amana.RecordID]bool{}
	var list []keptRelease
	for _, o := range slices.Concat(lost, whole) {
		if k := d.keepRelease(&o, 0); !k.none {
			list = append(list, k)
		}
		seen[o.ID] = true
	}
	err = d.session.Listed(amana.KindFigures, func(l vault.Listed) error {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("casework: releases: %w", err)
		}
		if seen[l.ID] {
			return nil
		}
		n, err := d.session.Entries(l.ID)
		if err != nil {
			return err
		}
		k, there := read.kept[l.ID]
		if !there || k.entries != n {
			o, err := d.session.ReadRecord(ctx, l.ID)
			if err != nil {
				return err
			}
			k = d.keepRelease(&o, n)
			read.kept[l.ID] = k
		}
		if !k.none {
			list = append(list, k)
		}
		return nil
	})
	return list, err
}

func (d *Desk) keepRelease(o *vault.Opened, entries int) keptRelease {
	k := keptRelease{id: o.ID, entries: entries, damaged: o.Damaged, versions: o.Versions}
	if o.Damaged {
		return k
	}
	if k.settling = d.settlingOf(o); k.settling != nil {
		return k
	}
	one, err := d.releaseOf(o)
	k.one, k.none = one, err != nil || o.Kind != amana.KindFigures
	return k
}

// releaseOf reads a release. Kind: ErrInvalid for what was never one.
func (d *Desk) releaseOf(o *vault.Opened) (listedRelease, error) {
	one, err := firstOf(&o.Record)
	if err != nil {
		return one, err
	}
	d.answers(o, &one)
	return one, nil
}

// firstOf reads what was put forward: what the entry says that began the record. Kind:
// ErrInvalid for what was never a release.
func firstOf(o *record.Record) (listedRelease, error) {
	var one listedRelease
	first := func(field string) string { p, _ := o.First(field); return p.Value.Reveal() }
	r, err := disclose.ReadRelease([]byte(first(figuresContent)))
	if err != nil {
		return one, err
	}
	if err := json.Unmarshal([]byte(first(figuresRequest)), &one.Request); err != nil || r.ID != o.ID.String() {
		return one, fmt.Errorf("casework: release %s: %w", o.ID, amana.ErrInvalid)
	}
	if one.Agreement, err = disclose.ReadAgreement([]byte(first(figuresUnder))); err != nil {
		return one, err
	}
	one.ID, one.Release, one.scope, one.known, one.key = o.ID, r, first(figuresScope), first(figuresKnown), r.ID
	one.On, one.Rows = record.When(o.Opened), readRows(first(figuresRows))
	content, _ := o.First(figuresContent)
	one.By = content.By
	return one, nil
}

// answered is what a party said, and when.
type answered struct {
	disclose.Approval
	time uint64
}

// answers reads who agreed, and whether it was released when they had.
func (d *Desk) answers(o *vault.Opened, one *listedRelease) {
	var said []answered
	var yes []disclose.Approval // whoever's, and whatever was said since
	for _, item := range o.ItemsEver(figuresAnswers) {
		a, theirs := d.answerOf(o, item, one)
		if a.Yes && theirs {
			yes = append(yes, a.Approval)
		}
		if !a.Yes || theirs {
			said = append(said, a)
		}
	}
	slices.SortStableFunc(said, func(a, b answered) int { return cmp.Compare(a.time, b.time) })
	var until uint64 // when it was released
	for _, p := range o.History(figuresState) {
		if p.Value.Reveal() != released || !mayShow(d.rolesAt(p.By, p.Time)) {
			continue
		}
		one.left = one.left || len(one.Agreement.Missing(&one.Release, yes)) == 0
		if until == 0 && len(one.Agreement.Missing(&one.Release, upTo(said, p.Time))) == 0 {
			until, one.Done = p.Time, record.When(p.Time)
		}
	}
	one.Approvals = upTo(said, until)
	for _, a := range said {
		one.Refused = one.Refused || !a.Yes
	}
	one.Missing = one.Agreement.Missing(&one.Release, one.Approvals)
}

// answerOf is what was first written down as one answer, and whether it is the word of
// somebody who may give it: by their role, and for this organisation not of what they
// put forward themselves, unless the organisation allowed that at the time.
func (d *Desk) answerOf(o *vault.Opened, item string, one *listedRelease) (a answered, theirs bool) {
	name := figuresAnswers + "/" + item
	answers, parties := o.History(name+"/answer"), o.History(name+"/party")
	if len(answers) == 0 || len(parties) == 0 {
		return answered{Approval: disclose.Approval{Yes: true}}, false
	}
	answer, party := answers[0], parties[0]
	a = answered{time: answer.Time, Approval: disclose.Approval{
		Party: party.Value.Reveal(), Release: one.Release.ID, Yes: answer.Value.Reveal() == "yes", By: answer.By.String(),
		On: record.When(answer.Time).Format(time.DateOnly),
	}}
	switch {
	case party.Time != answer.Time || party.By != answer.By || !mayShow(d.rolesAt(answer.By, answer.Time)):
		return a, false
	case a.Party == one.Agreement.Parties[0] && answer.By == one.By && d.charter().RuleAt(RuleApproveOwn, answer.Time) != "yes":
		return a, false
	}
	return a, true
}

// upTo are the answers that were given by a time; 0 has no end.
func upTo(said []answered, time uint64) (list []disclose.Approval) {
	for _, a := range said {
		if time == 0 || a.time <= time {
			list = append(list, a.Approval)
		}
	}
	return list
}

func (d *Desk) rolesAt(member amana.MemberID, time uint64) []amana.Role {
	m, _ := d.charter().MemberAt(member, time)
	return m.Roles
}

// seen is a release as this member sees it.
func (d *Desk) seen(one listedRelease) listedRelease {
	one.Mine = d.mayShow() == nil && (one.By != d.session.Member() || d.Rule(RuleApproveOwn))
	return one
}

// FiguresRelease returns one, verified. Kinds: ErrNotFound; ErrTampered where it cannot
// be told what it was.
func (d *Desk) FiguresRelease(ctx context.Context, id amana.RecordID) (FiguresRelease, error) {
	one, err := d.readRelease(ctx, id)
	return one.FiguresRelease, err
}

func (d *Desk) readRelease(ctx context.Context, id amana.RecordID) (listedRelease, error) {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return listedRelease{}, err
	}
	switch {
	case o.Damaged:
		return listedRelease{}, fmt.Errorf("casework: release %s: cannot be read as it was: %w", id, amana.ErrTampered)
	case o.Kind != amana.KindFigures:
		return listedRelease{}, fmt.Errorf("casework: release %s: %w", id, amana.ErrNotFound)
	}
	one, err := d.releaseOf(&o)
	return d.seen(one), err
}
