package web

import (
	"net/http"
	"slices"
	"strconv"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// settle keeps one of the values that two people wrote at the same time.
func (s *Server) settle(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return err
	}
	f := v.typed()
	change, err := f.change()
	if err != nil {
		return err
	}
	value, found := rivalValue(file, change.Record, f.Get("field"), f.Get("keep"), f.Get("stamp"))
	if !found {
		return amana.ErrConflict
	}
	if value.IsZero() {
		change.Remove = []string{f.Get("field")}
	} else {
		change.Values = casework.Values{f.Get("field"): value}
	}
	if err := v.desk.ChangeRecord(v.Context(), file.ID, change); err != nil {
		return err
	}
	return v.done(w, casePath(file.ID), "cases.settled")
}

// rivalValue finds the value that somebody chose: number 0 is the one that
// stands. It is only found if it is still the one she saw, by its stamp.
func rivalValue(file casework.CaseFile, rec amana.RecordID, field, number, stamp string) (event.Value, bool) {
	part := &file.Case
	if file.Identity != nil && file.Identity.ID == rec {
		part = file.Identity
	}
	for i := range file.Incidents {
		if file.Incidents[i].ID == rec {
			part = &file.Incidents[i].Part
		}
	}
	if part.ID != rec {
		return event.Value{}, false
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return event.Value{}, false
	}
	cells := slices.Clone(part.Cells)
	for _, list := range part.Lists {
		for _, item := range list {
			cells = append(cells, item.Cells...)
		}
	}
	for _, c := range cells {
		switch {
		case c.Name != field:
		case n == 0:
			return c.Value, stampOf(c.When) == stamp
		case n <= len(c.Rivals):
			return c.Rivals[n-1].Value, stampOf(c.Rivals[n-1].When) == stamp
		}
	}
	return event.Value{}, false
}
