package web

import (
	"errors"
	"net/http"
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
}

var dossierPage = page[dossierView]{"evidence_dossier"}

func (s *Server) showDossier(w http.ResponseWriter, v *visit) error {
	file, list, err := s.evidenceAt(v)
	if err != nil {
		return s.erased(w, v, err)
	}
	f := v.form()
	view := dossierView{
		Frame: s.frame(v, "cases", f), Form: f, Back: evidencePath(file.ID), Path: evidencePath(file.ID) + "/dossier", Items: list,
	}
	if n := v.desk.DossierReady(); n > 0 {
		view.Ready = byteSize(n)
	}
	return dossierPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) makeDossier(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f := v.typed()
	plan := casework.DossierPlan{Case: id, Recipient: amana.Conceal(f.Get("recipient")), Tongue: v.tongue()}
	for _, text := range f.All("items") {
		item, err := amana.ParseID[amana.Record](text)
		if err != nil {
			return amana.ErrNotFound
		}
		plan.Items = append(plan.Items, item)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	at := evidencePath(id) + "/dossier"
	err = v.desk.PrepareDossier(v.Context(), plan)
	if no, ok := errors.AsType[*release.RefusedError](err); ok {
		f.wrong("", refusedKey(no.Why))
		return v.again(w, at, f)
	}
	if errors.Is(err, amana.ErrRefused) {
		f.wrong("", "evidence.dossier.role")
		return v.again(w, at, f)
	}
	if err != nil {
		return v.refuse(w, at, f, err)
	}
	return v.done(w, at, "evidence.dossier.ready")
}

// refusedKey says in words why the gate let nothing leave.
func refusedKey(why string) string {
	switch strings.TrimPrefix(why, "release.refused.") {
	case "role":
		return "evidence.dossier.role"
	case "quorum", "scope", "reason", "objection", "delay":
		return "evidence.dossier.others"
	}
	return "evidence.dossier.consent"
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
	id, err := v.caseID()
	if err != nil {
		return err
	}
	v.desk.DropDossier()
	return v.done(w, evidencePath(id), "evidence.dossier.dropped")
}
