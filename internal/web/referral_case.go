package web

import (
	"time"

	"amana/internal/casework"
)

// careView is what the page of a case shows of her way to help.
type careView struct {
	Path      string
	MayWrite  bool
	Referrals []referralRow
	Proposals []proposalView
	Contact   contactView
}

// proposalView is a day on which she might be seen again.
type proposalView struct{ Day, ISO, Why string }

// care prepares the part of a case's page that is about referrals.
func (s shower) care(file casework.CaseFile) careView {
	view := careView{Path: casePath(file.ID), MayWrite: file.MayWrite, Contact: s.contact(file.Care.Contact)}
	for _, r := range file.Care.Referrals {
		row := s.referralRow(r)
		row.Provider = r.Name.Reveal()
		view.Referrals = append(view.Referrals, row)
	}
	for i, p := range file.Care.Proposals {
		if i == 3 {
			break // the rest can wait
		}
		view.Proposals = append(view.Proposals, proposalView{s.lang.Date(p.Day), p.Day.Format(time.DateOnly), s.lang.T(p.Why)})
	}
	return view
}

// overdueReferrals are the referrals that stand on the day's page.
func (v *visit) overdueReferrals() (rows []referralRow, more int, err error) {
	const most = 5
	list, err := v.desk.Referrals(v.Context(), casework.ReferralQuery{Which: casework.ReferralsOverdue})
	if err != nil {
		return nil, 0, err
	}
	sh := v.shower(nil)
	for _, r := range list.Rows[:min(most, len(list.Rows))] {
		rows = append(rows, sh.referralRow(r))
	}
	return rows, list.Total - len(rows), nil
}
