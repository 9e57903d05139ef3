package web

import (
	"net/http"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
)

// blankView is an empty form, to be printed and filled in by hand.
type blankView struct {
	Frame
	Title wording
	Nodes []nodeView
}

var blankPage = page[blankView]{"form_paper"}

// blanks is how many items of a repeat a paper form has room for.
const blanks = 2

func (s *Server) showPaper(w http.ResponseWriter, v *visit) error {
	f, known := v.desk.Forms().Form(v.PathValue("form"))
	if !known {
		return amana.ErrNotFound
	}
	a := s.asking(v, f, newForm(), &casework.Part{})
	a.open, a.empty = true, true
	for _, list := range f.Repeats() {
		for i := range blanks {
			a.items[list] = append(a.items[list], string(rune('a'+i)))
		}
	}
	a.evaluate(s)
	return blankPage.render(s, w, v, http.StatusOK, blankView{s.frame(v, "cases"), a.text(f.Title), a.nodes()})
}

// askFollowUp and askClose answer what follows from an answer on these pages.
func (s *Server) askFollowUp(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f, p, err := v.followUps(newItem)
	if err != nil {
		return err
	}
	return s.reask(w, v, casePath(id)+"/follow-up", p, f)
}

func (s *Server) askClose(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f, known := v.desk.Forms().Form(closing)
	if !known {
		return amana.ErrNotFound
	}
	return s.reask(w, v, casePath(id)+"/close", forms.Page{}, f)
}
