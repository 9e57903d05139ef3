package web

import (
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
)

// moveView is how a case goes to another team, and where it went or came from.
type moveView struct {
	Moves    []choiceView // a team and a member in it
	To, From string       // paths of the records it goes on in, or continues
	Went     bool
	Came     bool
}

func (v *visit) moveView(file casework.CaseFile) moveView {
	w := file.Work
	m := moveView{Went: !w.MovedTo.IsZero(), Came: !w.MovedFrom.IsZero()}
	if w.ToHere {
		m.To = casePath(w.MovedTo)
	}
	if w.FromHere {
		m.From = casePath(w.MovedFrom)
	}
	for _, to := range w.Moves {
		for _, id := range to.Members {
			if name := file.Names[id]; name != "" {
				m.Moves = append(m.Moves, choiceView{to.Team.ID.String() + "." + id.String(), to.Team.Name + ": " + name, false})
			}
		}
	}
	return m
}

// moveCase carries a case to another team, and shows it there.
func (s *Server) moveCase(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f := v.typed()
	team, member, _ := strings.Cut(f.Get("move_to"), ".")
	m := casework.Move{
		Agreed: f.Get("move_agreed") == "yes", Identity: f.Get("move_identity") == "yes", Incidents: f.Get("move_incidents") == "yes",
		Notes: f.Get("move_notes") == "yes", Comment: amana.Conceal(f.Get("move_comment")),
	}
	m.Team, err = amana.ParseID[amana.Team](team)
	if err == nil {
		m.To, err = amana.ParseID[amana.Member](member)
	}
	if err != nil {
		m.Team = amana.TeamID{} // nobody was chosen: said with whatever else is missing
	}
	there, err := v.desk.MoveCase(v.Context(), id, m)
	if err != nil {
		return v.refuse(w, casePath(id)+"/work", f, err)
	}
	return v.done(w, casePath(there), "move.done")
}
