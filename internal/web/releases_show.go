package web

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/release"
)

// ledgerView is one release, or one that was proposed.
type ledgerView struct {
	Frame
	Form      form
	Path      string
	Back      string
	Row       claimRow
	Steps     []ledgerStep
	Files     []string
	To        sendTo // partners to whom the file can be sent
	Standing  string // how far it is, where it was sent
	MayAnswer bool
	MayClear  bool
	MayBack   bool
	MayTell   bool
	Lacks     int
	Until     time.Time
	Why       string
}

type ledgerStep struct {
	When           time.Time
	By, Text, Note string
}

var ledgerPage = page[ledgerView]{"release"}

func (v *visit) ledgerEntry() (casework.LedgerRow, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("release"))
	if err != nil {
		return casework.LedgerRow{}, amana.ErrNotFound
	}
	return v.desk.LedgerEntry(v.Context(), id)
}

func (s *Server) showLedgerEntry(w http.ResponseWriter, v *visit) error {
	row, err := v.ledgerEntry()
	if err != nil {
		return err
	}
	sh, me, f := v.shower(v.memberNames()), v.me(), v.form()
	view := ledgerView{Form: f, Frame: s.frame(v, "claims", f), Path: "/releases/r/" + row.ID.String(), Back: "/releases", Row: sh.ledgerRow(row)}
	open := row.State == "proposed"
	view.MayAnswer = open && release.MayApprove(me.Roles) && row.Proposal.By != me.ID
	view.MayClear = open && release.MayRelease(row.Proposal.Scope.Purpose, me.Roles)
	view.MayBack = open && row.Proposal.By == me.ID
	view.MayTell = row.State == "left"
	if open {
		view.Lacks, view.Until = row.Lacks(v.desk.ReleaseRules())
	}
	if row.Why != "" {
		view.Why = v.lang.T(row.Why)
	}
	for _, st := range row.Steps {
		note := st.Reason.Reveal()
		switch {
		case st.What == "stopped":
			note = view.Why
		case st.What == "kept" && row.Package != nil:
			note = sh.knownWord("parcel.kept."+row.Package.Reason, row.Package.Reason)
		}
		view.Steps = append(view.Steps, ledgerStep{st.When, sh.name(st.By), v.lang.T("releases.step." + st.What), note})
	}
	if files := shelved[releaseFiles](v.session, fileKey); files.id == row.ID {
		view.Files = slices.Sorted(maps.Keys(files.files))
		if row.State == "left" && row.Package == nil && len(files.files) == 1 {
			view.To = v.sendTo(view.Path+"/send", row.Proposal.Scope.Recipient)
		}
	}
	view.Standing = sh.packageStanding(row.Package)
	return ledgerPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) answerProposal(w http.ResponseWriter, v *visit) error {
	row, err := v.ledgerEntry()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/releases/r/"+row.ID.String()
	approve := f.Has("answer", "approve")
	if err := v.desk.AnswerProposal(v.Context(), row.ID, approve, amana.Conceal(f.Get("reason"))); err != nil {
		return v.refuse(w, path, f, namedBy("", err))
	}
	if approve {
		return v.done(w, path, "releases.approved")
	}
	return v.done(w, path, "releases.objected")
}

func (s *Server) takeBackProposal(w http.ResponseWriter, v *visit) error {
	row, err := v.ledgerEntry()
	if err != nil {
		return err
	}
	path := "/releases/r/" + row.ID.String()
	if err := v.desk.TakeBackProposal(v.Context(), row.ID); err != nil {
		return v.refuse(w, path, v.typed(), namedBy("", err))
	}
	return v.done(w, path, "releases.taken_back")
}

// takeUpProposal goes on with a proposal that others answered.
func (s *Server) takeUpProposal(w http.ResponseWriter, v *visit) error {
	row, err := v.ledgerEntry()
	if err != nil {
		return err
	}
	scope := row.Proposal.Scope
	if scope.Format == casework.DossierFormat {
		return s.dossierAgain(w, v, row.ID)
	}
	v.session.put(askKey, casework.ReleaseAsk{
		Proposal: row.ID, Purpose: scope.Purpose, Recipient: scope.Recipient, Format: scope.Format, Records: scope.Records,
	})
	return v.see(w, "/releases/check")
}

func (s *Server) noteTold(w http.ResponseWriter, v *visit) error {
	row, err := v.ledgerEntry()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/releases/r/"+row.ID.String()
	if f.need("how", "invalid.required"); f.Failed() {
		return v.again(w, path, f)
	}
	if err := v.desk.NoteTold(v.Context(), row.ID, amana.Conceal(f.Get("how"))); err != nil {
		return v.refuse(w, path, f, namedBy("", err))
	}
	return v.done(w, path, "releases.told")
}
