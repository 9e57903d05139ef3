package web

import (
	"net/http"

	"amana"
	"amana/internal/casework"
	"amana/internal/release"
)

// exportView asks what leaves, and to whom, and lists what was put forward.
type exportView struct {
	Frame
	Form  form
	Teams []casework.Team
	Ready bool
	Name  string
	Asked claimSection
}

var exportPage = page[exportView]{"import_export"}

const exportPath = "/import/export"

func (s *Server) showExport(w http.ResponseWriter, v *visit) error {
	teams := v.desk.ExportTeams()
	if len(teams) == 0 {
		return amana.ErrRefused
	}
	f := v.form()
	if !f.Failed() {
		f.Values.Set("language", "en")
		if v.lang.Tag() == "fr" {
			f.Values.Set("language", "fr")
		}
		if len(teams) == 1 {
			f.Values.Set("team", teams[0].ID.String())
		}
	}
	list, err := v.desk.ExportProposals(v.Context())
	if err != nil {
		return err
	}
	view := exportView{Frame: s.frame(v, "settings", f), Form: f, Teams: teams, Ready: v.desk.ExportReady(), Name: workbookName}
	sh := v.shower(v.memberNames())
	for _, p := range list {
		view.Asked.Rows = append(view.Asked.Rows, sh.exportRow(p))
	}
	return exportPage.render(s, w, v, http.StatusOK, view)
}

// exportRow is a workbook that was put forward.
func (s shower) exportRow(p casework.ExportProposal) claimRow {
	row := s.ledgerRow(p.LedgerRow)
	row.Path, row.Title = exportPath+"/p/"+p.ID.String(), joinDots(s.lang.T("import.export"), p.Plan.Recipient)
	row.Lines[0] = joinDots(s.lang.DateTime(p.Proposal.When), s.name(p.Proposal.By), s.lang.T("export.rows", "n", p.Rows))
	return row
}

// proposeExport puts a workbook forward, for others to look at.
func (s *Server) proposeExport(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	team, err := amana.ParseID[amana.Team](f.Get("team"))
	if err != nil {
		f.wrong("team", "import.team.needed")
	}
	f.need("recipient", "import.export.recipient.needed")
	if f.need("reason", "invalid.required"); f.Failed() {
		return v.again(w, exportPath, f)
	}
	id, err := v.desk.ProposeExport(v.Context(), casework.ExportPlan{Team: team, Recipient: f.Get("recipient"), Language: f.Get("language")}, amana.Conceal(f.Get("reason")))
	if err != nil {
		return v.refuse(w, exportPath, f, namedBy("", err))
	}
	return v.done(w, exportPath+"/p/"+id.String(), "releases.proposed")
}

func (v *visit) exportProposal() (casework.ExportProposal, string, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("export"))
	if err != nil {
		return casework.ExportProposal{}, "", amana.ErrNotFound
	}
	p, err := v.desk.ExportProposal(v.Context(), id)
	return p, exportPath + "/p/" + id.String(), err
}

// showExportProposal is the page of a workbook that was put forward: who agreed, and what
// it still lacks.
func (s *Server) showExportProposal(w http.ResponseWriter, v *visit) error {
	p, path, err := v.exportProposal()
	if err != nil {
		return err
	}
	sh, me, f := v.shower(v.memberNames()), v.me(), v.form()
	view := ledgerView{Form: f, Frame: s.frame(v, "settings", f), Path: path, Back: exportPath, Row: sh.exportRow(p)}
	view.Row.Lines = append(view.Row.Lines, v.lang.T("export.exactly"))
	open := p.State == "proposed"
	view.MayAnswer = open && release.MayApprove(me.Roles) && p.Proposal.By != me.ID
	view.MayClear = (open || p.State == "left") && len(v.desk.ExportTeams()) > 0
	view.MayBack = open && p.Proposal.By == me.ID
	if view.MayClear {
		view.Lacks, view.Until = p.Lacks(v.desk.ReleaseRules())
	}
	if p.Spoiled {
		view.Why = v.lang.T("export.spoiled")
	}
	for _, st := range p.Steps {
		view.Steps = append(view.Steps, ledgerStep{st.When, sh.name(st.By), v.lang.T("releases.step." + st.What), st.Reason.Reveal()})
	}
	return ledgerPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) answerExport(w http.ResponseWriter, v *visit) error {
	p, path, err := v.exportProposal()
	if err != nil {
		return err
	}
	f := v.typed()
	approve := f.Has("answer", "approve")
	if err := v.desk.AnswerExport(v.Context(), p.ID, approve, amana.Conceal(f.Get("reason"))); err != nil {
		return v.refuse(w, path, f, namedBy("", err))
	}
	if approve {
		return v.done(w, path, "releases.approved")
	}
	return v.done(w, path, "releases.objected")
}

func (s *Server) takeBackExport(w http.ResponseWriter, v *visit) error {
	p, path, err := v.exportProposal()
	if err != nil {
		return err
	}
	if err := v.desk.TakeBackExport(v.Context(), p.ID); err != nil {
		return v.refuse(w, path, v.typed(), namedBy("", err))
	}
	return v.done(w, path, "releases.taken_back")
}

// prepareExport writes the workbook that others agreed to, sealed, to be fetched: that is
// on record from now on.
func (s *Server) prepareExport(w http.ResponseWriter, v *visit) error {
	p, path, err := v.exportProposal()
	if err != nil {
		return err
	}
	report, err := v.desk.PrepareExport(v.Context(), p.ID)
	if err != nil {
		return v.refuse(w, path, v.typed(), namedBy("", err))
	}
	return v.done(w, exportPath, "import.export.ready", "n", report.Incidents, "withheld", report.Withheld+report.Unread+report.Changed)
}

func (s *Server) sendExport(w http.ResponseWriter, v *visit) error {
	if !v.desk.ExportReady() {
		return amana.ErrNotFound
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="`+workbookName+`"`)
	_ = v.desk.Export(w) // an error is the browser's going away
	return nil
}

func (s *Server) dropExport(w http.ResponseWriter, v *visit) error {
	v.desk.DropExport()
	return v.see(w, "/import")
}
