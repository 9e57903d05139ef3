package web

import (
	"net/http"
	"slices"
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
	kind, cell, found := cellNamed(file, rec, v.PathValue("field"))
	if !found {
		return amana.ErrNotFound
	}
	past, err := v.desk.History(v.Context(), file.ID, rec, cell.Name)
	if err != nil {
		return err
	}
	sh := v.shower(file.Names)
	view := historyView{Frame: s.frame(v, "cases"), Path: casePath(file.ID), Code: file.Code, Label: sh.label(kind, cell)}
	for _, p := range newest(past, func(p casework.PastValue) time.Time { return p.When }) {
		text, soft := sh.shown(kind, cell, p.Value)
		view.Past = append(view.Past, pastView{
			Text: text, Soft: soft, When: p.When, By: sh.name(p.By), Lost: p.Lost, Now: p.When.Equal(cell.When) && p.By == cell.By,
		})
	}
	return historyPage.render(s, w, v, http.StatusOK, view)
}

// cellNamed finds a field in any part of the file that this member may read.
func cellNamed(file casework.CaseFile, rec amana.RecordID, name string) (amana.Kind, casework.Cell, bool) {
	part := &file.Case
	if file.Identity != nil && file.Identity.ID == rec {
		part = file.Identity
	}
	if part.ID != rec {
		return "", casework.Cell{}, false
	}
	lists := [][]casework.Item{file.Notes, file.FollowUps}
	for _, list := range part.Lists {
		lists = append(lists, list)
	}
	cells := slices.Clone(part.Cells)
	for _, list := range lists {
		for _, item := range list {
			cells = append(cells, item.Cells...)
		}
	}
	for _, c := range cells {
		if c.Name == name {
			return part.Kind, c, true
		}
	}
	return "", casework.Cell{}, false
}
