package web

import (
	"net/http"

	"amana"
	"amana/internal/casework"
)

// claimEraseView is the page that says what erasing a record means, what stays all the
// same, and asks twice.
type claimEraseView struct {
	Frame
	Form    form
	Path    string
	Title   string
	Code    string
	Reasons []choiceView
	Named   []claimRow // incidents that hold words of it, and are not erased with it
	Left    int        // how often something of it left
}

var claimErasePage = page[claimEraseView]{"claim_erase"}

func (s *Server) showClaimErase(w http.ResponseWriter, v *visit) error {
	file, sh, err := v.claimFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	if !file.MayErase {
		return amana.ErrNotFound
	}
	f := v.form()
	view := claimEraseView{
		Frame: s.frame(v, "claims", f), Form: f, Path: claimPath(file.Sheet.ID), Title: sh.titleOf(&file.Sheet),
		Code: casework.EraseCode(file.Sheet.ID), Left: len(file.Left),
	}
	for _, r := range casework.Reasons() {
		view.Reasons = append(view.Reasons, choiceView{r, v.lang.T("erase.reason." + r), f.Get("reason") == r})
	}
	for _, in := range casework.NamedBy(sh.w, file.Sheet.ID) {
		view.Named = append(view.Named, claimRow{Path: claimPath(in.ID), Title: sh.incidentTitle(in)})
	}
	return claimErasePage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) eraseClaim(w http.ResponseWriter, v *visit) error {
	id, err := v.claimRecord()
	if err != nil {
		return err
	}
	f, path := v.typed(), claimPath(id)+"/erase"
	f.need("reason", "erase.reason.needed")
	f.need("code", "erase.code.needed")
	if f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.EraseClaim(v.Context(), id, f.Get("reason"), f.Get("code"), f.Get("contested")); err != nil {
		return v.refuse(w, path, f, namedBy("", err))
	}
	return v.done(w, "/claims", "claims.erased")
}
