package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/release"
)

// dossierView asks what is to leave, and to whom.
type dossierView struct {
	Frame
	Form  form
	Back  string
	Path  string
	Items []evidenceView
	Ready string // how long the dossier is that waits, or ""
	To    sendTo // partners to whom it can be sent
}

var dossierPage = page[dossierView]{"evidence_dossier"}

func (s *Server) showDossier(w http.ResponseWriter, v *visit) error {
	file, list, err := s.evidenceAt(v)
	if err != nil {
		return s.erased(w, v, err)
	}
	f := v.form()
	view := dossierView{
		Frame: s.frame(v, file.nav, f), Form: f, Back: file.at(), Path: file.at() + "/dossier", Items: list,
	}
	if n := v.desk.DossierReady(); n > 0 {
		view.Ready, view.To = byteSize(n), v.sendTo(view.Path+"/send", v.desk.DossierFor())
	}
	return dossierPage.render(s, w, v, http.StatusOK, view)
}

// planKey is where the plan of a dossier lies between the pages.
const planKey = "dossier.plan"

// planDossier puts what is asked for on the shelf, and shows what would leave.
func (s *Server) planDossier(w http.ResponseWriter, v *visit) error {
	id, at, err := v.heldFor()
	if err != nil {
		return err
	}
	f := v.typed()
	plan := casework.DossierPlan{Case: id, Recipient: amana.Conceal(f.Get("recipient")), Alone: strings.HasPrefix(at, "/claims/")}
	for _, text := range f.All("items") {
		item, err := amana.ParseID[amana.Record](text)
		if err != nil {
			return amana.ErrNotFound
		}
		plan.Items = append(plan.Items, item)
	}
	if _, err := v.desk.PreviewDossier(v.Context(), plan); err != nil {
		return v.refuse(w, at+"/dossier", f, err)
	}
	v.session.put(planKey, plan)
	return v.see(w, at+"/dossier/check")
}

// dossierCheckView is what would leave, item by item and field by field, and why not
// the rest.
type dossierCheckView struct {
	Frame
	Form       form
	Back, Path string
	Recipient  string
	Refused    string
	Needs      string
	Approvals  int
	Hours      int
	Items      []dossierItemView
	Conditions []tick
	MayPropose bool
}

type dossierItemView struct {
	Title, Refused string
	Lines          []dossierLine
}

// dossierLine is what was decided of one field.
type dossierLine struct {
	Tag              tag
	Name, Value, Why string
}

var dossierCheckPage = page[dossierCheckView]{"evidence_dossier_check"}

func (s *Server) showDossierCheck(w http.ResponseWriter, v *visit) error {
	id, at, err := v.heldFor()
	if err != nil {
		return err
	}
	plan := shelved[casework.DossierPlan](v.session, planKey)
	if plan.Case != id || len(plan.Items) == 0 {
		return v.see(w, at+"/dossier")
	}
	file, list, err := s.evidenceAt(v)
	if err != nil {
		return s.erased(w, v, err)
	}
	preview, err := v.desk.PreviewDossier(v.Context(), plan)
	if err != nil {
		return err
	}
	f, rules := v.form(), v.desk.ReleaseRules()
	view := dossierCheckView{
		Frame: s.frame(v, file.nav, f), Form: f, Back: at + "/dossier", Path: at + "/dossier/check", Recipient: plan.Recipient.Reveal(),
		Approvals: rules.Approvals, Hours: int(rules.Delay / time.Hour),
	}
	if preview.Refused != "" {
		view.Refused = v.lang.T(preview.Refused)
	}
	if preview.Needs != "" {
		view.Needs, view.MayPropose = v.lang.T(preview.Needs), plan.Proposal.IsZero()
	}
	sh := v.shower(file.names)
	for i := range preview.Records {
		d := &preview.Records[i]
		view.Items = append(view.Items, sh.dossierItem(d, list))
		words := d.Consent.Conditions.Reveal()
		known := slices.ContainsFunc(view.Conditions, func(t tick) bool { return t.Value == words })
		if words != "" && !known {
			view.Conditions = append(view.Conditions, newTick(f, "met", words, words))
		}
	}
	return dossierCheckPage.render(s, w, v, http.StatusOK, view)
}

var verdictTags = map[release.Verdict]string{release.Whole: "yes", release.Widened: "medium", release.Withheld: "none"}

func (s shower) dossierItem(d *release.Decided, items []evidenceView) dossierItemView {
	view := dossierItemView{}
	if i := slices.IndexFunc(items, func(e evidenceView) bool { return e.ID == d.ID.String() }); i >= 0 {
		view.Title = items[i].Title
	}
	if d.Refused != "" {
		view.Refused = s.lang.T(d.Refused)
		return view
	}
	for _, l := range d.Lines {
		line := dossierLine{
			Tag: tag{verdictTags[l.Verdict], s.lang.T("release.verdict." + string(l.Verdict))}, Name: s.dossierField(l.Name), Why: s.lang.T(l.Reason),
		}
		if said, is := l.Value.Bool(); !is || !said {
			line.Value = l.Value.Reveal()
		}
		view.Lines = append(view.Lines, line)
	}
	return view
}

// dossierField names what the gate was asked about: a field, the file, or words of
// custody.
func (s shower) dossierField(name string) string {
	word, custody := strings.CutPrefix(name, "custody_")
	switch {
	case name == "file":
		return s.lang.T("evidence.file")
	case custody:
		return joinDots(s.lang.T("evidence.custody"), s.lang.T("evidence.word."+word))
	}
	return s.lang.T("field." + name)
}

// settleDossier makes the dossier, or asks others about it.
func (s *Server) settleDossier(w http.ResponseWriter, v *visit) error {
	id, at, err := v.heldFor()
	if err != nil {
		return err
	}
	plan := shelved[casework.DossierPlan](v.session, planKey)
	if plan.Case != id || len(plan.Items) == 0 {
		return v.see(w, at+"/dossier")
	}
	f, here := v.typed(), at+"/dossier/check"
	for _, words := range f.All("met") {
		plan.Met = append(plan.Met, amana.Conceal(words))
	}
	if f.Has("do", "propose") {
		made, err := v.desk.ProposeDossier(v.Context(), plan, amana.Conceal(f.Get("reason")))
		if err != nil {
			return v.refuseDossier(w, here, f, err)
		}
		v.session.put(planKey, casework.DossierPlan{})
		return v.done(w, "/releases/r/"+made.String(), "releases.proposed")
	}
	plan.Tongue = v.tongue()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	if err := v.desk.PrepareDossier(v.Context(), plan); err != nil {
		return v.refuseDossier(w, here, f, err)
	}
	v.session.put(planKey, casework.DossierPlan{})
	return v.done(w, at+"/dossier", "evidence.dossier.ready")
}

// refuseDossier says in words why nothing left.
func (v *visit) refuseDossier(w http.ResponseWriter, at string, f form, err error) error {
	if no, ok := errors.AsType[*release.RefusedError](err); ok {
		f.wrong("", no.Why)
		return v.again(w, at, f)
	}
	if no, ok := errors.AsType[*casework.Refusal](err); ok {
		f.wrong("", no.Key)
		return v.again(w, at, f)
	}
	if errors.Is(err, amana.ErrRefused) {
		f.wrong("", "evidence.dossier.role")
		return v.again(w, at, f)
	}
	return v.refuse(w, at, f, err)
}

// dossierAgain goes on with a dossier that others were asked about.
func (s *Server) dossierAgain(w http.ResponseWriter, v *visit, proposal amana.RecordID) error {
	plan, err := v.desk.ProposedDossier(v.Context(), proposal)
	if err != nil {
		return err
	}
	v.session.put(planKey, plan)
	at := casePath(plan.Case)
	if plan.Alone {
		at = claimPath(plan.Case)
	}
	return v.see(w, at+"/evidence/dossier/check")
}

// tongue is the reader's language, for what people will read of a dossier.
func (v *visit) tongue() casework.Tongue {
	return casework.Tongue{
		Code: v.lang.Tag(), RightToLeft: v.lang.Dir() == "rtl", Words: v.lang.T,
		Field: func(name string) string { return v.lang.T("field." + name) },
	}
}

// sendDossier sends the dossier that waits.
func (s *Server) sendDossier(w http.ResponseWriter, v *visit) error {
	file := &download{ResponseWriter: w, name: "espace-" + s.now().Format("2006-01-02") + ".zip"}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	err := v.desk.Dossier(file)
	if err != nil && file.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

func (s *Server) dropDossier(w http.ResponseWriter, v *visit) error {
	_, at, err := v.heldFor()
	if err != nil {
		return err
	}
	v.desk.DropDossier()
	return v.done(w, at, "evidence.dossier.dropped")
}
