package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/huridocs"
)

// packageRoutes are the routes of what partners sent, and of what goes to them.
func (s *Server) packageRoutes() map[string]handler {
	return map[string]handler{
		"GET /post/packages/{package}":         s.showPackage,
		"GET /post/packages/{package}/check":   s.checkPackage,
		"GET /post/packages/{package}/file":    s.packageFile,
		"POST /post/packages/{package}/want":   s.wantPackage,
		"POST /post/packages/{package}/answer": s.answerPackage,
		"POST /releases/r/{release}/send":      s.sendReleased,
	}
}

// packageRow is one package in a list.
type packageRow struct {
	Path, From, What string
	Came             time.Time
	State            tag
}

func (s shower) packageRow(p casework.Package, today string) packageRow {
	return packageRow{"/post/packages/" + p.ID.String(), p.From.Name, s.packageWhat(p), p.Came, s.packageState(p, today)}
}

func (s shower) packageWhat(p casework.Package) string {
	return joinDots(s.knownWord("releases.format."+p.About.Format, p.About.Format), s.knownWord("purpose."+string(p.About.Purpose), string(p.About.Purpose)))
}

// known says a word of a partner's in this one's words, where there are any.
func (s shower) knownWord(key, word string) string {
	if word != "" && s.lang.Has(key) {
		return s.lang.T(key)
	}
	return word
}

func (s shower) packageState(p casework.Package, today string) tag {
	kind, key := "medium", "coming"
	switch {
	case p.Gone:
		kind, key = "none", "gone"
	case p.Back != "":
		kind, key = "high", "back"
	case p.Ended(today):
		kind, key = "high", "ended"
	case p.Broken:
		kind, key = "high", "broken"
	case p.Here:
		kind, key = "yes", "here"
	case !p.Wanted:
		key = "waits"
	case p.Arrived:
		key = "elsewhere"
	}
	return tag{kind, s.lang.T("parcel.state." + key)}
}

// packageView is a package that came.
type packageView struct {
	Frame
	Form       form
	Path       string
	Package    casework.Package
	What       string
	State      tag
	Size       string
	Percent    int
	Conditions []string
	Until      string
	Ended      bool
	Back       string
	BackOn     string
	MayGiveUp  bool
	Dossier    bool
	Check      *casework.PackageCheck
	Failed     int
	Reasons    []choiceView
	Words      []string
	Name       string // of the file
}

var packagePage = page[packageView]{"post_package"}

func (v *visit) packageID() (amana.RecordID, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("package"))
	if err != nil {
		return id, amana.ErrNotFound
	}
	return id, nil
}

func (s *Server) showPackage(w http.ResponseWriter, v *visit) error {
	id, err := v.packageID()
	if err != nil {
		return err
	}
	view, err := s.packageView(v, id)
	if err != nil {
		return err
	}
	return packagePage.render(s, w, v, http.StatusOK, view)
}

// checkPackage shows the page with what the verification of the dossier found.
func (s *Server) checkPackage(w http.ResponseWriter, v *visit) error {
	id, err := v.packageID()
	if err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // as long as it takes; a test's recorder has none
	check, err := v.desk.CheckPackage(v.Context(), id)
	if err != nil {
		return v.refusePackage(w, id, newForm(), err)
	}
	view, err := s.packageView(v, id)
	if err != nil {
		return err
	}
	view.Check = &check
	for _, c := range check.Checks {
		if !c.OK {
			view.Failed++
		}
	}
	return packagePage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) packageView(v *visit, id amana.RecordID) (packageView, error) {
	p, err := v.desk.ReadPackage(v.Context(), id)
	if err != nil {
		return packageView{}, err
	}
	f, sh, today := v.form(), v.shower(nil), s.now().Format(time.DateOnly)
	me := v.me()
	view := packageView{
		Frame: s.frame(v, "settings", f), Form: f, Path: "/post/packages/" + id.String(), Package: p, What: sh.packageWhat(p),
		State: sh.packageState(p, today), Size: byteSize(p.About.Size), Ended: p.Ended(today), Until: p.About.Until,
		Back: p.Back, BackOn: p.BackOn, Dossier: p.About.Format == casework.DossierFormat, Name: packageName(p.About.Format),
		MayGiveUp: me.Has(amana.RoleSupervisor) || me.Has(amana.RoleAdministrator),
	}
	if p.Of > 0 {
		view.Percent = int(p.Got * 100 / p.Of)
	}
	for _, words := range p.About.Conditions {
		view.Conditions = append(view.Conditions, words.Reveal())
	}
	view.Reasons = []choiceView{{"", v.lang.T("answer.choose"), f.Get("reason") == ""}}
	for _, why := range casework.KeepReasons() {
		view.Reasons = append(view.Reasons, choiceView{why, v.lang.T("parcel.kept." + why), f.Get("reason") == why})
	}
	for _, word := range p.Words {
		text := v.lang.T("parcel.word." + string(word.State))
		if word.Reason != "" {
			text = v.lang.T("referral.line", "item", text, "value", v.lang.T("parcel.kept."+word.Reason))
		}
		if !word.Sent {
			text = joinDots(text, v.lang.T("parcel.word.waits"))
		}
		view.Words = append(view.Words, v.lang.T("referral.line", "item", v.lang.ISODate(word.When), "value", text))
	}
	return view, nil
}

func packageName(format string) string {
	switch format {
	case casework.DossierFormat:
		return "espace.zip"
	case huridocs.Format:
		return "espace.json"
	}
	return "espace.bin"
}

func (v *visit) refusePackage(w http.ResponseWriter, id amana.RecordID, f form, err error) error {
	return v.refusePost(w, "/post/packages/"+id.String(), f, err)
}

func (s *Server) wantPackage(w http.ResponseWriter, v *visit) error {
	id, err := v.packageID()
	if err != nil {
		return err
	}
	if err := v.desk.WantPackage(v.Context(), id); err != nil {
		return v.refusePackage(w, id, newForm(), err)
	}
	return v.done(w, "/post/packages/"+id.String(), "parcel.wanted")
}

// packageFile hands the file out. It is served as a download whatever it is.
func (s *Server) packageFile(w http.ResponseWriter, v *visit) error {
	id, err := v.packageID()
	if err != nil {
		return err
	}
	p, err := v.desk.ReadPackage(v.Context(), id)
	if err != nil {
		return err
	}
	r, size, done, err := v.desk.OpenPackage(v.Context(), id)
	if err != nil {
		return v.refusePackage(w, id, newForm(), err)
	}
	defer done() //nolint:errcheck // it was only read
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	out := &download{ResponseWriter: w, name: packageName(p.About.Format)}
	if _, err = io.Copy(out, io.NewSectionReader(r, 0, size)); err != nil && out.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// answerPackage has the partner told that the package was destroyed here, which it then
// is, or why it is kept.
func (s *Server) answerPackage(w http.ResponseWriter, v *visit) error {
	id, err := v.packageID()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/post/packages/"+id.String()
	if f.Has("do", "keep") {
		if err := v.desk.KeepPackage(v.Context(), id, f.Get("reason")); err != nil {
			return v.refuse(w, path, f, err)
		}
		return v.done(w, path, "parcel.answered")
	}
	if !f.Has("sure", "yes") {
		f.wrong("sure", "parcel.sure.needed")
		return v.again(w, path, f)
	}
	if err := v.desk.GiveUpPackage(v.Context(), id); err != nil {
		return v.refusePackage(w, id, f, err)
	}
	return v.done(w, path, "parcel.gaveup")
}

// sendReleased sends the file that was made of a release to the partner for whom it was
// cleared.
func (s *Server) sendReleased(w http.ResponseWriter, v *visit) error {
	row, err := v.ledgerEntry()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/releases/r/"+row.ID.String()
	partner, err := amana.ParseID[amana.Record](f.Get("partner"))
	files := shelved[releaseFiles](v.session, fileKey)
	if err != nil || files.id != row.ID || len(files.files) != 1 {
		f.wrong("", "parcel.nofile")
		return v.again(w, path, f)
	}
	for _, raw := range files.files {
		if err := v.desk.SendPackage(v.Context(), files.cleared, partner, bytes.NewReader(raw), int64(len(raw))); err != nil {
			return v.refuseSend(w, path, f, err)
		}
	}
	return v.done(w, path, "parcel.sending")
}

// sendDossierTo sends the dossier that waits to the partner for whom it was cleared.
func (s *Server) sendDossierTo(w http.ResponseWriter, v *visit) error {
	_, at, err := v.heldFor()
	if err != nil {
		return err
	}
	f := v.typed()
	partner, err := amana.ParseID[amana.Record](f.Get("partner"))
	if err != nil {
		return amana.ErrNotFound
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	id, err := v.desk.SendDossier(v.Context(), partner)
	if err != nil {
		return v.refuseSend(w, at+"/dossier", f, err)
	}
	return v.done(w, "/releases/r/"+id.String(), "parcel.sending")
}

func (v *visit) refuseSend(w http.ResponseWriter, path string, f form, err error) error {
	if no, ok := errors.AsType[*casework.Refusal](err); ok {
		f.wrong("", no.Key)
		return v.again(w, path, f)
	}
	return v.refuse(w, path, f, err)
}

// sendTo are the partners to whom something cleared for a recipient can go.
type sendTo struct {
	Path     string
	Partners []choiceView
}

func (v *visit) sendTo(path string, recipient amana.Private) sendTo {
	to := sendTo{Path: path}
	for _, p := range v.desk.PartnersFor(recipient) {
		to.Partners = append(to.Partners, choiceView{Value: p.ID.String(), Text: p.Name})
	}
	return to
}

// packageStanding says in words how far a release to a partner is.
func (s shower) packageStanding(p *casework.SentPackage) string {
	if p == nil {
		return ""
	}
	for _, step := range []string{"destroyed", "kept", "noticed", "recalled", "unsent", "broken", "arrived", "sent", "asked", "reached", "handed"} {
		if !p.Is(step) {
			continue
		}
		if step == "kept" {
			return s.lang.T("parcel.standing.kept", "reason", s.knownWord("parcel.kept."+p.Reason, p.Reason), "date", s.lang.Date(p.Steps[step]))
		}
		return s.lang.T("parcel.standing."+step, "date", s.lang.Date(p.Steps[step]))
	}
	return s.lang.T("parcel.standing.waits")
}
