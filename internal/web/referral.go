package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/referral"
)

// referralRoutes are the routes of her way to a service.
func (s *Server) referralRoutes() map[string]handler {
	const one = "/cases/{case}/referrals/{referral}"
	return map[string]handler{
		"GET /referrals":                    s.showReferrals,
		"POST /referrals":                   s.filterReferrals,
		"GET /cases/{case}/referrals/new":   s.showNewReferral,
		"POST /cases/{case}/referrals/new":  s.prefillReferral,
		"POST /cases/{case}/referrals":      s.proposeReferral,
		"GET " + one:                        s.showReferral,
		"GET " + one + "/ask":               s.showAskReferral,
		"POST " + one + "/ask":              s.askReferral,
		"POST " + one + "/send":             s.sendReferral,
		"GET " + one + "/phone":             s.showPhoneScript,
		"GET " + one + "/slip":              s.showReferralSlip,
		"POST " + one + "/step":             s.stepReferral,
		"POST " + one + "/back":             s.takeBackStep,
		"POST /cases/{case}/follow-up/plan": s.planFollowUp,
		"GET /settings/referrals":           s.showReferralTable,
		"POST /settings/referrals":          s.adoptReferralTable,
	}
}

// referralRow is a referral as lists show it: a code, never a name.
type referralRow struct {
	Path     string
	Code     string
	Service  string
	Provider string // of the case's own page only; "" in lists
	State    tag
	Urgency  tag
	Due      string // date, written out
	Overdue  bool
	Next     string // what is to be done, in one line
}

func referralPath(caseID, id amana.RecordID) string {
	return casePath(caseID) + "/referrals/" + id.String()
}

// referralIDs are the case and the referral that an address names.
func (v *visit) referralIDs() (caseID, id amana.RecordID, err error) {
	if caseID, err = v.caseID(); err != nil {
		return caseID, id, err
	}
	if id, err = amana.ParseID[amana.Record](v.PathValue("referral")); err != nil {
		return caseID, id, amana.ErrNotFound
	}
	return caseID, id, nil
}

// referralFile reads the referral that an address names.
func (v *visit) referralFile() (casework.ReferralFile, error) {
	caseID, id, err := v.referralIDs()
	if err != nil {
		return casework.ReferralFile{}, err
	}
	return v.desk.ReadReferral(v.Context(), caseID, id)
}

func (s shower) referralRow(r casework.Referral) referralRow {
	row := referralRow{
		Path: referralPath(r.Case, r.ID), Code: r.Code, Service: s.service(r.Service), State: s.referralState(r.Course.State),
		Urgency: s.urgency(r.Urgency), Overdue: r.Overdue, Next: s.lang.T("referral.next." + stateKey(r.Course.State)),
	}
	if !r.Due.IsZero() {
		row.Due = s.lang.Date(r.Due)
	}
	if !r.Course.State.Open() {
		row.Urgency = tag{}
	}
	return row
}

// stateKey is the state as keys of messages have it.
func stateKey(st referral.State) string {
	if !st.Known() {
		return string(referral.Draft)
	}
	return string(st)
}

func (s shower) service(id string) string {
	if key := "referral.service." + id; s.lang.Has(key) {
		return s.lang.T(key)
	}
	return id
}

var stateTags = map[referral.State]string{
	referral.Draft: "none", referral.Consented: "open", referral.Sent: "open", referral.Acknowledged: "open", referral.Accepted: "open",
	referral.FirstContact: "open", referral.ServiceReceived: "yes", referral.FeedbackToSurvivor: "yes", referral.Closed: "closed",
	referral.Declined: "no", referral.NotReceived: "no", referral.Withdrawn: "closed", referral.Expired: "closed",
}

func (s shower) referralState(st referral.State) tag {
	return tag{stateTags[st], s.lang.T("referral.state." + stateKey(st))}
}

func (s shower) urgency(u referral.Urgency) tag {
	switch u {
	case referral.Urgent:
		return tag{"high", s.lang.T("referral.urgency.urgent")}
	case referral.High:
		return tag{"medium", s.lang.T("referral.urgency.high")}
	case referral.Normal:
	}
	return tag{"low", s.lang.T("referral.urgency.normal")}
}

// lineView is one item of a package, to be read.
type itemLine struct {
	ID     string
	Label  string
	Text   string // what leaves; "" where nothing does
	Why    string
	In     bool
	Ticked bool
}

// itemLines prepares what leaves and what does not.
func (s shower) itemLines(lines []referral.Line) []itemLine {
	all := make([]itemLine, 0, len(lines))
	for _, l := range lines {
		all = append(all, itemLine{
			ID: string(l.Item), Label: s.lang.T("referral.item." + string(l.Item)), Text: s.leaving(l), Why: s.lang.T(l.Why), In: l.In,
		})
	}
	return all
}

// leaving writes what an item says, in the reader's language.
func (s shower) leaving(l referral.Line) string {
	if !l.In {
		return ""
	}
	switch l.Item { //nolint:exhaustive // the others are words of their own
	case referral.ItemService:
		return s.service(l.Option)
	case referral.ItemAgeBand:
		return s.lang.T("referral.age." + l.Option)
	case referral.ItemSex:
		return s.option("sex", l.Option)
	case referral.ItemLanguage:
		return s.option("language", l.Option)
	case referral.ItemUrgency:
		return s.urgency(referral.Urgency(l.Option)).Text
	case referral.ItemCompany:
		return s.lang.T("referral.company." + l.Option)
	case referral.ItemAccess:
		return s.option("gbv_disability_type", l.Option)
	case referral.ItemCode:
		return l.Option
	case referral.ItemWindows:
		return s.windows(l.Hours)
	case referral.ItemContact:
		return s.ways(l)
	}
	return l.Words.Reveal()
}

func (s shower) windows(hours []referral.HoursLeft) string {
	texts := make([]string, 0, len(hours))
	for _, h := range hours {
		key := "referral.hours"
		if h.Unsure && h.Hours == 0 {
			key = "referral.hours.unsure"
		} else if h.Unsure {
			key = "referral.hours.least"
		}
		texts = append(texts, s.lang.T(key, "what", s.windowName(h.ID), "n", h.Hours))
	}
	return strings.Join(texts, s.lang.T("cases.comma"))
}

// windowName names a treatment; one that the organisation added has its id.
func (s shower) windowName(id string) string {
	if key := "referral.window." + id; s.lang.Has(key) {
		return s.lang.T(key)
	}
	return id
}

func (s shower) ways(l referral.Line) string {
	texts := make([]string, 0, len(l.Options)+1)
	for _, w := range l.Options {
		texts = append(texts, s.option("contact_how", w))
	}
	if !l.Words.IsEmpty() {
		texts = append(texts, l.Words.Reveal())
	}
	return strings.Join(texts, s.lang.T("cases.comma"))
}

// refuseReferral is [visit.refuse], with the reasons of package referral on top.
func (v *visit) refuseReferral(w http.ResponseWriter, path string, f form, err error) error {
	if no, ok := errors.AsType[*referral.RefusedError](err); ok {
		f.wrong("", no.Why)
		return v.again(w, path, f)
	}
	if no, ok := errors.AsType[*referral.MoveError](err); ok {
		f.wrong("", no.Why)
		return v.again(w, path, f)
	}
	return v.refuse(w, path, f, err)
}

// contactView is whether and how she may be reached: what to do and words to read
// out. Amana sends nothing by itself.
type contactView struct {
	Why   string // why nobody may reach her; then there is nothing else
	Day   string
	Ways  []wayView
	Words string
}

// wayView is one way to reach her.
type wayView struct{ Label, Phone, Notes string }

func (s shower) contact(c casework.ContactCard) contactView {
	if c.Why != "" {
		return contactView{Why: s.lang.T(c.Why)}
	}
	view := contactView{Day: s.lang.ISODate(c.Day)}
	for _, r := range c.Reminders {
		view.Ways = append(view.Ways, wayView{s.option("contact_how", r.Way()), r.Phone().Reveal(), r.Notes().Reveal()})
		view.Words = s.lang.T(r.Text(), "date", s.lang.ISODate(r.Day()))
	}
	return view
}

// hourOf writes a moment of package referral.
func (s shower) hourOf(text string) string {
	t, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		return ""
	}
	return s.lang.DateTime(t)
}
