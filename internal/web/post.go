package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/referral"
)

// postRoutes are the routes of the correspondence with partners.
func (s *Server) postRoutes() map[string]handler {
	return map[string]handler{
		"GET /post":                                     s.showPost,
		"POST /post":                                    s.takeLetter,
		"POST /post/open":                               s.openPost,
		"GET /post/card":                                s.ownCard,
		"GET /post/partner":                             s.showCard,
		"POST /post/partner":                            s.addPartner,
		"POST /post/partner/remove":                     s.removePartner,
		"GET /post/letters/{letter}":                    s.showLetter,
		"POST /post/letters/{letter}":                   s.answerLetter,
		"GET /post/letters/{letter}/answer":             s.answerFile,
		"POST /post/letters/{letter}/case":              s.caseOfLetter,
		"GET /cases/{case}/referrals/{referral}/letter": s.referralLetter,
	}
}

// postView is the page of the correspondence.
type postView struct {
	Frame
	Form     form
	There    bool // a post box
	Own      casework.Partner
	OwnBy    string
	MayOpen  bool
	Teams    []choiceView
	Partners []partnerView
	Letters  []letterRow
	Packages []packageRow
}

type partnerView struct {
	casework.Partner
	Path string
	Took string // by whom
}

// letterRow is one letter in the list: no name of hers, whether she let it leave or not.
type letterRow struct {
	Path, From, Service string
	Urgency             tag
	Known               bool
	Came                time.Time
}

var postPage = page[postView]{"post"}

// mayKeepPost reports whether the member could open a post box.
func (v *visit) mayKeepPost() bool {
	return v.me().Has(amana.RoleAdministrator) || v.me().Has(amana.RoleSupervisor)
}

func (s *Server) showPost(w http.ResponseWriter, v *visit) error {
	f := v.form()
	view := postView{Frame: s.frame(v, "settings", f), Form: f, MayOpen: v.mayKeepPost()}
	names := v.names()
	view.Own, _, view.There = v.desk.Post()
	view.OwnBy = names[view.Own.By]
	for _, t := range v.workTeams() {
		view.Teams = append(view.Teams, choiceView{t.ID.String(), t.Name, f.Get("team") == t.ID.String()})
	}
	for _, p := range v.desk.Partners() {
		view.Partners = append(view.Partners, partnerView{p, p.ID.String(), names[p.By]})
	}
	letters, err := v.desk.Letters(v.Context())
	if err != nil {
		return err
	}
	sh := v.shower(nil)
	for _, l := range letters {
		row := letterRow{Path: "/post/letters/" + l.ID.String(), From: l.From.Name, Known: l.Known, Came: l.Came}
		for _, line := range l.Referral.Lines {
			switch line.Item { //nolint:exhaustive // the list shows no more
			case referral.ItemService:
				row.Service = sh.arrived(line).Text
			case referral.ItemUrgency:
				row.Urgency = sh.urgency(referral.Urgency(line.Option))
			}
		}
		view.Letters = append(view.Letters, row)
	}
	packages, err := v.desk.Packages(v.Context())
	if err != nil {
		return err
	}
	for _, p := range packages {
		view.Packages = append(view.Packages, sh.packageRow(p, s.now().Format(time.DateOnly)))
	}
	return postPage.render(s, w, v, http.StatusOK, view)
}

// names are those of the members.
func (v *visit) names() map[amana.MemberID]string {
	names := map[amana.MemberID]string{}
	for _, m := range v.desk.Members() {
		names[m.ID] = m.Name
	}
	return names
}

func (s *Server) openPost(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	team, err := amana.ParseID[amana.Team](f.Get("team"))
	if err != nil {
		f.wrong("team", "post.open.team")
		return v.again(w, "/post", f)
	}
	if err := v.desk.OpenPost(v.Context(), team); err != nil {
		return v.refusePost(w, "/post", f, err)
	}
	return v.done(w, "/post", "post.opened")
}

// refusePost says in words what a file or a verb of the correspondence lacks.
func (v *visit) refusePost(w http.ResponseWriter, path string, f form, err error) error {
	for _, known := range []struct {
		kind error
		key  string
	}{
		{amana.ErrTampered, "post.file.changed"},
		{amana.ErrNotFound, "post.file.other"},
		{amana.ErrConflict, "post.file.known"},
		{amana.ErrNewer, "post.file.newer"},
		{amana.ErrRefused, "post.refused"},
		{amana.ErrInvalid, "post.file.invalid"},
	} {
		if fields := casework.FieldErrors(nil); errors.Is(err, known.kind) && !errors.As(err, &fields) {
			f.wrong("", known.key)
			return v.again(w, path, f)
		}
	}
	return v.refuse(w, path, f, err)
}

// waitingCard is where a session keeps a card until its fingerprint was compared.
const waitingCard = "post.card"

// takeLetter takes what somebody brought: a card, or a letter.
func (s *Server) takeLetter(w http.ResponseWriter, v *visit) error {
	raw, err := v.file("file")
	f := newForm()
	switch {
	case errors.Is(err, errTooLarge):
		f.wrong("file", "post.file.large")
		return v.again(w, "/post", f)
	case err != nil:
		f.wrong("file", "post.file.needed")
		return v.again(w, "/post", f)
	}
	if casework.IsCard(raw) {
		if _, err := v.desk.LookAtCard(raw); err != nil {
			return v.refusePost(w, "/post", f, err)
		}
		v.session.put(waitingCard, raw)
		return v.see(w, "/post/partner")
	}
	came, err := v.desk.TakeLetter(v.Context(), raw)
	if err != nil {
		return v.refusePost(w, "/post", f, err)
	}
	switch {
	case !came.Package.IsZero():
		return v.done(w, "/post/packages/"+came.Package.String(), "post.came")
	case !came.Release.IsZero():
		return v.done(w, "/releases/r/"+came.Release.String(), "post.answered")
	}
	if !came.Letter.IsZero() {
		return v.done(w, "/post/letters/"+came.Letter.String(), "post.came")
	}
	return v.done(w, referralPath(came.Case, came.Referral), "post.answered")
}

// cardView is a card whose fingerprint is to be compared.
type cardView struct {
	Frame
	Partner casework.Partner
}

var cardPage = page[cardView]{"post_card"}

func (s *Server) showCard(w http.ResponseWriter, v *visit) error {
	raw := shelved[[]byte](v.session, waitingCard)
	p, err := v.desk.LookAtCard(raw)
	if len(raw) == 0 || err != nil {
		return v.see(w, "/post")
	}
	return cardPage.render(s, w, v, http.StatusOK, cardView{s.frame(v, "settings"), p})
}

func (s *Server) addPartner(w http.ResponseWriter, v *visit) error {
	raw := shelved[[]byte](v.session, waitingCard)
	if len(raw) == 0 {
		return v.see(w, "/post")
	}
	if v.PostFormValue("same") == "yes" {
		if err := v.desk.AddPartner(v.Context(), raw); err != nil {
			return v.refusePost(w, "/post", newForm(), err)
		}
		v.session.put(waitingCard, []byte(nil))
		return v.done(w, "/post", "post.partner.added")
	}
	v.session.put(waitingCard, []byte(nil))
	return v.see(w, "/post")
}

func (s *Server) removePartner(w http.ResponseWriter, v *visit) error {
	id, err := amana.ParseID[amana.Record](v.PostFormValue("partner"))
	if err != nil {
		return amana.ErrNotFound
	}
	if err := v.desk.RemovePartner(v.Context(), id); err != nil {
		return v.refusePost(w, "/post", newForm(), err)
	}
	return v.done(w, "/post", "post.partner.removed")
}

// partnersNamed are the partners under a name: to others nothing can be sealed, since
// she agreed to this one.
func (v *visit) partnersNamed(name amana.Private) []choiceView {
	var list []choiceView
	for _, p := range v.desk.Partners() {
		if p.Is(name) {
			list = append(list, choiceView{p.ID.String(), p.Name, true})
		}
	}
	return list
}

func sendFile(w http.ResponseWriter, name string, raw []byte) error {
	d := &download{ResponseWriter: w, name: name}
	_, _ = d.Write(raw) // an error is the browser's going away
	return nil
}

// The names of files say nothing.
const cardName, letterName = "espace.card", "espace.letter"

func (s *Server) ownCard(w http.ResponseWriter, v *visit) error {
	_, card, there := v.desk.Post()
	if !there {
		return amana.ErrNotFound
	}
	return sendFile(w, cardName, card)
}

func (s *Server) referralLetter(w http.ResponseWriter, v *visit) error {
	caseID, id, err := v.referralIDs()
	if err != nil {
		return err
	}
	raw, err := v.desk.ReferralLetter(v.Context(), caseID, id)
	if err != nil {
		return v.refusePost(w, referralPath(caseID, id), newForm(), err)
	}
	return sendFile(w, letterName, raw)
}

// letterView is a referral that came.
type letterView struct {
	Frame
	Form    form
	Path    string
	Letter  casework.Letter
	Lines   []itemLine
	Left    string // hours that are left now
	Answers []string
	States  []choiceView
	Reasons []choiceView
	Absent  []string // what was not shared
	Case    string   // the path of the case it is linked with, or ""
}

var letterPage = page[letterView]{"post_letter"}

func (v *visit) letterID() (amana.RecordID, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("letter"))
	if err != nil {
		return id, amana.ErrNotFound
	}
	return id, nil
}

func (s *Server) showLetter(w http.ResponseWriter, v *visit) error {
	id, err := v.letterID()
	if err != nil {
		return err
	}
	l, err := v.desk.ReadLetter(v.Context(), id)
	if err != nil {
		return err
	}
	f, sh := v.form(), v.shower(nil)
	view := letterView{Frame: s.frame(v, "settings", f), Form: f, Path: "/post/letters/" + id.String(), Letter: l}
	for _, line := range l.Referral.Lines {
		if line.Item == referral.ItemWindows {
			view.Left = sh.windows(l.Left)
			continue
		}
		view.Lines = append(view.Lines, sh.arrived(line))
	}
	for _, item := range l.NotShared() {
		view.Absent = append(view.Absent, sh.lang.T("referral.item."+string(item)))
	}
	if !l.Case.IsZero() {
		view.Case = casePath(l.Case)
	}
	for _, a := range slices.Backward(l.Answers) {
		text := sh.lang.T("referral.state." + stateKey(a.State))
		if a.Reason != "" {
			text = sh.lang.T("referral.line", "item", text, "value", sh.lang.T("referral.reason."+a.Reason))
		}
		view.Answers = append(view.Answers, sh.lang.T("referral.line", "item", sh.lang.ISODate(a.When), "value", text))
	}
	var reasons []string
	for _, st := range referral.Replies() {
		view.States = append(view.States, choiceView{string(st), sh.lang.T("post.answer." + string(st)), f.Get("state") == string(st)})
		reasons = append(reasons, referral.Reasons(st)...)
	}
	view.Reasons = []choiceView{{"", sh.lang.T("answer.choose"), f.Get("reason") == ""}}
	slices.Sort(reasons)
	for _, id := range slices.Compact(reasons) {
		view.Reasons = append(view.Reasons, choiceView{id, sh.lang.T("referral.reason." + id), f.Get("reason") == id})
	}
	return letterPage.render(s, w, v, http.StatusOK, view)
}

// arrived shows an item that came from elsewhere: what this program has no words for
// stands as it came.
func (s shower) arrived(l referral.Line) itemLine {
	line := itemLine{ID: string(l.Item), Label: string(l.Item), Text: strings.Join(append(slices.Clone(l.Options), l.Option, l.Words.Reveal()), " ")}
	if !slices.Contains(referral.Asked(), l.Item) {
		return line
	}
	line.Label = s.lang.T("referral.item." + string(l.Item))
	if text := s.leaving(l); !strings.ContainsRune(text, '⟦') {
		line.Text = text
	}
	return line
}

func (s *Server) answerLetter(w http.ResponseWriter, v *visit) error {
	id, err := v.letterID()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/post/letters/"+v.PathValue("letter")
	reply := referral.Reply{State: referral.State(f.Get("state"))}
	if len(referral.Reasons(reply.State)) > 0 {
		reply.Reason = f.Get("reason")
	}
	if err := v.desk.AnswerLetter(v.Context(), id, reply); err != nil {
		return v.refuse(w, path, f, err)
	}
	return v.done(w, path, "post.answer.saved")
}

func (s *Server) answerFile(w http.ResponseWriter, v *visit) error {
	id, err := v.letterID()
	if err != nil {
		return err
	}
	raw, err := v.desk.AnswerFile(v.Context(), id)
	if err != nil {
		return err
	}
	return sendFile(w, letterName, raw)
}
