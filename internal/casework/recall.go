package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/record"
	"amana/internal/release"
)

// Recall is something that left and should not be with its recipient any more: an
// answer on which it rested was withdrawn, narrowed or has ended, or what it was about
// was erased. Whoever releases tells the recipient, and notes that they did.
type Recall struct {
	Row     LedgerRow
	Reasons []string // keys of messages, each once
	People  int      // of how many
	Since   time.Time
}

// recallErased is the reason where what left was erased here since.
const recallErased = "release.recall.erased"

// Recalls returns what recipients are still to be told of, the newest first. It is for
// those who release: others get nothing. It reads and verifies the answers of everybody
// about whom something left.
func (d *Desk) Recalls(ctx context.Context) ([]Recall, error) {
	if !slices.Contains(d.Me().Roles, amana.RoleReleaseOfficer) {
		return nil, nil
	}
	rows, err := d.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	look := recalling{d: d, erased: d.charter().Erased(), left: map[amana.RecordID][]release.Departure{}}
	var list []Recall
	for i := range rows {
		if rows[i].State != ledgerLeft {
			continue
		}
		r, err := look.of(ctx, rows[i])
		if err != nil {
			return nil, err
		}
		if len(r.Reasons) > 0 && !r.told() {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b Recall) int { return b.Since.Compare(a.Since) })
	return list, nil
}

// recalling looks at releases, and reads the answers of each person once.
type recalling struct {
	d      *Desk
	erased map[amana.RecordID]charter.Tombstone
	left   map[amana.RecordID][]release.Departure
}

func (x *recalling) of(ctx context.Context, row LedgerRow) (r Recall, err error) {
	r.Row = row
	for _, who := range row.People() {
		if stone, gone := x.erased[who]; gone {
			r.add(recallErased, record.When(stone.Time))
			continue
		}
		if _, read := x.left[who]; !read {
			if x.left[who], err = x.d.departures(ctx, who); err != nil {
				return r, err
			}
		}
		for _, dep := range x.left[who] {
			if dep.Release.Release == row.ID && dep.Recall != "" {
				r.add(dep.Recall, dep.Since)
				break
			}
		}
	}
	return r, nil
}

func (r *Recall) add(why string, since time.Time) {
	r.People++
	if !slices.Contains(r.Reasons, why) {
		r.Reasons = append(r.Reasons, why)
	}
	if since.After(r.Since) {
		r.Since = since
	}
}

// told reports whether the recipient was told since.
func (r *Recall) told() bool {
	return slices.ContainsFunc(r.Row.Told, func(a release.Approval) bool { return !a.When.Before(r.Since) })
}

// departures are what left about somebody: of an account, or of a case. Who cannot read
// it has nothing to tell of it.
func (d *Desk) departures(ctx context.Context, who amana.RecordID) ([]release.Departure, error) {
	o, err := d.session.ReadRecord(ctx, who)
	if errors.Is(err, amana.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if o.Kind != amana.KindCase {
		return release.Departures(o.Releases(), d.answersOf(&o), d.surely()), nil
	}
	f, err := d.session.Peek(who)
	if err != nil {
		return nil, err
	}
	return d.leftOf(&f), nil
}
