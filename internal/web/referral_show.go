package web

import (
	"net/http"
	"slices"
	"time"

	"amana/internal/casework"
	"amana/internal/referral"
)

// referralView is one referral: where it stands, what leaves, what is next.
type referralView struct {
	Frame
	Form       form
	Path       string
	CasePath   string
	Row        referralRow
	Provider   string
	File       casework.ReferralFile
	Refusal    string // why nothing may leave
	Conditions string // that she made: whoever sends says that they are met
	MayAsk     bool
	MaySend    bool
	Sent       bool
	OnPaper    bool
	ByPhone    bool
	ByFile     bool
	Partners   []choiceView // whose cards were taken in, under the name she agreed to
	Lines      []itemLine   // what leaves
	Out        []itemLine   // what does not
	Taps       []choiceView
	Turns      []turnView
	Steps      []stepView
	Contact    contactView
	Stop       bool // something left, and she withdrew: the partner has to be told
}

// turnView is a move that needs a reason.
type turnView struct {
	State   string
	Label   string
	Reasons []choiceView
}

// stepView is one step of the course.
type stepView struct {
	Item, Text, Reason, Note, By, When string
	At                                 time.Time
	Beside                             bool // noted on another device, and moved nothing
	MayTake                            bool
}

var referralPage = page[referralView]{"referral"}

func (s *Server) showReferral(w http.ResponseWriter, v *visit) error {
	file, err := v.referralFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	f, sh, st := v.form(), v.shower(file.Names), file.Course.State
	view := referralView{
		Frame: s.frame(v, "cases", f), Form: f, Path: referralPath(file.Case, file.ID), CasePath: casePath(file.Case),
		Row: sh.referralRow(file.Referral), Provider: file.Name.Reveal(), File: file, Contact: sh.contact(file.Contact),
		MayAsk: file.MayWrite && (st == referral.Draft || st == referral.Consented), Steps: sh.steps(file),
		MaySend: file.MayWrite && st == referral.Consented && file.Refusal == "", Sent: file.Course.Left(),
		Stop: file.Course.Left() && st == referral.Withdrawn,
	}
	for _, l := range sh.itemLines(file.Lines) {
		if l.In {
			view.Lines = append(view.Lines, l)
		} else {
			view.Out = append(view.Out, l)
		}
	}
	if view.MaySend {
		view.Conditions = file.Consent.Conditions.Reveal()
	}
	if st != referral.Draft && file.Refusal != "" {
		view.Refusal = v.lang.T(file.Refusal)
	}
	view.ByPhone = view.Sent && file.Channel == referral.Phone && !file.Package.IsZero()
	view.ByFile = view.Sent && file.Channel == referral.AmanaFile && st.Waits() && !file.Package.IsZero()
	if view.MaySend {
		view.Partners = v.partnersNamed(file.Name)
	}
	view.OnPaper = view.Sent && file.Channel == referral.Paper && !file.Package.IsZero()
	if file.MayWrite {
		view.turns(sh, st)
	}
	return referralPage.render(s, w, v, http.StatusOK, view)
}

// turns are the moves that can be made from here: those of one tap, and those that
// need a reason.
func (r *referralView) turns(sh shower, st referral.State) {
	for _, to := range st.Next() {
		if to == referral.Consented || to == referral.Sent || to == referral.Draft {
			continue
		}
		label := sh.lang.T("referral.tap." + string(to))
		if reasons := referral.Reasons(to); len(reasons) > 0 {
			turn := turnView{State: string(to), Label: label, Reasons: []choiceView{{"", sh.lang.T("answer.choose"), true}}}
			for _, id := range reasons {
				turn.Reasons = append(turn.Reasons, choiceView{id, sh.lang.T("referral.reason." + id), false})
			}
			r.Turns = append(r.Turns, turn)
			continue
		}
		r.Taps = append(r.Taps, choiceView{string(to), label, false})
	}
}

// steps are the course, the newest first.
func (s shower) steps(file casework.ReferralFile) []stepView {
	last, _ := file.Course.Last()
	all := make([]stepView, 0, len(file.Course.Steps))
	for _, st := range slices.Backward(file.Course.Steps) {
		view := stepView{
			Item: st.Item, Text: s.lang.T("referral.state." + stateKey(st.State)), Note: st.Note.Reveal(), By: s.name(st.By), At: st.At,
			When: s.lang.ISODate(st.When), Beside: !st.Legal,
		}
		if st.Reason != "" && s.lang.Has("referral.reason."+st.Reason) {
			view.Reason = s.lang.T("referral.reason." + st.Reason)
		}
		view.MayTake = file.MayWrite && st.Item == last.Item && st.State != referral.Draft && st.State != referral.Consented &&
			(st.State != referral.Sent || file.Channel != referral.AmanaFile)
		all = append(all, view)
	}
	return all
}
