package casework

import (
	"context"
	"slices"

	"amana"
	"amana/internal/referral"
	"amana/internal/vault"
)

// Which referrals a list shows.
const (
	ReferralsOpen    = "" // something is to be done
	ReferralsOverdue = "overdue"
	ReferralsWaiting = "waiting" // for a partner, or for her arrival there
	ReferralsEnded   = "ended"
	ReferralsAll     = "all"
)

// ReferralQuery asks for referrals. Zero fields do not narrow.
type ReferralQuery struct {
	Which   string
	Service string
	Mine    bool // begun by me
	Page    int  // from 0
}

// ReferralList is a page of referrals: what is due first comes first. The measure
// is of all that the member can read.
type ReferralList struct {
	Rows    []Referral
	Page    int
	Total   int // of all pages
	Overdue int
	Measure referral.Measure
}

// Referrals returns a page of the list of referrals. It shows codes, never names.
func (d *Desk) Referrals(_ context.Context, q ReferralQuery) (ReferralList, error) {
	list := ReferralList{Page: max(q.Page, 0)}
	var found []Referral
	err := d.session.Listed(amana.KindReferral, func(l vault.Listed) error {
		if l.Case.IsZero() || l.Case == l.ID {
			return nil // what partners and this organisation are known by
		}
		r := d.timed(referralOf(l.ID, l.Case, l.Author, l.Updated, l.Values))
		list.Measure.Count(r.Course)
		if r.Overdue {
			list.Overdue++
		}
		if q.takes(r, d.session.Member()) {
			found = append(found, r)
		}
		return nil
	})
	if err != nil {
		return ReferralList{}, err
	}
	slices.SortStableFunc(found, bySoonest)
	list.Total = len(found)
	from := min(list.Page*PageSize, len(found))
	list.Rows = found[from:min(from+PageSize, len(found))]
	return list, nil
}

func (q ReferralQuery) takes(r Referral, me amana.MemberID) bool {
	if q.Service != "" && r.Service != q.Service || q.Mine && r.By != me {
		return false
	}
	switch q.Which {
	case ReferralsOverdue:
		return r.Overdue
	case ReferralsWaiting:
		return r.Course.State.Waits()
	case ReferralsEnded:
		return !r.Course.State.Open()
	case ReferralsAll:
		return true
	}
	return r.Course.State.Open()
}

// bySoonest puts what is due first before the rest, and what has ended last, the
// newest first.
func bySoonest(a, b Referral) int {
	switch {
	case a.Due.IsZero() && b.Due.IsZero():
		return b.Updated.Compare(a.Updated)
	case a.Due.IsZero():
		return 1
	case b.Due.IsZero():
		return -1
	}
	return a.Due.Compare(b.Due)
}
