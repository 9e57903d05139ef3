package web

import (
	"net/http"
	"time"

	"amana"
	"amana/internal/casework"
)

// historyView is every value that one field had.
type historyView struct {
	Frame
	Path  string
	Code  string
	Label string
	Past  []pastView
}

type pastView struct {
	Text string
	Soft bool
	When time.Time
	By   string
	Lost bool
	Now  bool
}

var historyPage = page[historyView]{"case_history"}

func (s *Server) showHistory(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	rec, err := amana.ParseID[amana.Record](v.PathValue("record"))
	if err != nil {
		return amana.ErrNotFound
	}
	cell, found := cellNamed(file, rec, v.PathValue("field"))
	if !found {
		return amana.ErrNotFound
	}
	past, err := v.desk.History(v.Context(), file.ID, rec, cell.Name)
	if err != nil {
		return err
	}
	sh := v.shower(file.Names)
	view := historyView{Frame: s.frame(v, "cases"), Path: casePath(file.ID), Code: file.Code, Label: sh.label(cell)}
	for _, p := range newest(past, func(p casework.PastValue) time.Time { return p.When }) {
		text, soft := sh.value(cell.Field, p.Value)
		view.Past = append(view.Past, pastView{
			Text: text, Soft: soft, When: p.When, By: sh.name(p.By), Lost: p.Lost, Now: p.When.Equal(cell.When) && p.By == cell.By,
		})
	}
	return historyPage.render(s, w, v, http.StatusOK, view)
}

// cellNamed finds a field in any part of the file that this member may read.
func cellNamed(file casework.CaseFile, rec amana.RecordID, name string) (casework.Cell, bool) {
	cells := []casework.Cell{}
	if file.Identity != nil && file.Identity.ID == rec {
		cells = file.Identity.Cells
	}
	if file.Case.ID == rec {
		cells = append(cells, file.Case.Cells...)
		for _, list := range [][]casework.Item{file.Notes, file.FollowUps} {
			for _, item := range list {
				cells = append(cells, item.Cells...)
			}
		}
	}
	for _, c := range cells {
		if c.Name == name {
			return c, true
		}
	}
	return casework.Cell{}, false
}
