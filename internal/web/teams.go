package web

import (
	"context"
	"net/http"
	"slices"

	"amana"
	"amana/internal/casework"
)

// teamsView lists the teams and who is in them.
type teamsView struct {
	Frame
	Teams []teamRow
}

type teamRow struct {
	casework.Team
	Members []casework.Member
	Waiting []casework.Member
	Mine    bool
}

var teamsPage = page[teamsView]{"teams"}

func (s *Server) showTeams(w http.ResponseWriter, v *visit) error {
	view := teamsView{Frame: s.frame(v, "members")}
	members := v.desk.Members()
	for _, t := range v.desk.Teams() {
		row := teamRow{Team: t, Mine: slices.Contains(t.Members, v.me().ID)}
		for _, m := range members {
			switch {
			case slices.Contains(t.KeysPending, m.ID):
				row.Waiting = append(row.Waiting, m)
			case slices.Contains(t.Members, m.ID):
				row.Members = append(row.Members, m)
			}
		}
		view.Teams = append(view.Teams, row)
	}
	return teamsPage.render(s, w, v, http.StatusOK, view)
}

type teamNewView struct {
	Frame
	Form form
}

var teamNewPage = page[teamNewView]{"team_new"}

func (s *Server) showNewTeam(w http.ResponseWriter, v *visit) error {
	if !v.me().Has(amana.RoleAdministrator) {
		return amana.ErrRefused
	}
	f := v.form()
	return teamNewPage.render(s, w, v, http.StatusOK, teamNewView{s.frame(v, "members", f), f})
}

func (s *Server) formTeam(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	if f.need("name", "teams.name.needed"); f.Get("room") == "" {
		f.wrong("room", "teams.room.needed")
	}
	if f.Failed() {
		return v.again(w, "/teams/new", f)
	}
	t := casework.NewTeam{
		Name: f.Get("name"), Compartment: amana.Compartment(f.Get("room")),
		Identities: f.Get("identities") != "", Join: f.Get("join") != "",
	}
	if _, err := v.desk.FormTeam(v.Context(), t); err != nil {
		return v.refuse(w, "/teams/new", f, renamed(err, "compartment", "room"))
	}
	return v.done(w, "/teams", "teams.formed", "name", t.Name)
}

func (s *Server) joinTeam(w http.ResponseWriter, v *visit) error {
	return s.moveMember(w, v, Desk.JoinTeam, "teams.joined")
}

func (s *Server) leaveTeam(w http.ResponseWriter, v *visit) error {
	return s.moveMember(w, v, Desk.LeaveTeam, "teams.left")
}

// moveMember takes a member into a team or off it.
func (s *Server) moveMember(w http.ResponseWriter, v *visit, move func(Desk, context.Context, amana.TeamID, amana.MemberID) error, said string) error {
	m, err := s.person(v)
	if err != nil {
		return err
	}
	team, err := amana.ParseID[amana.Team](v.typed().Get("team"))
	if err != nil {
		return amana.ErrNotFound
	}
	path := "/members/" + m.ID.String()
	if err := move(v.desk, v.Context(), team, m.ID); err != nil {
		return v.refuse(w, path, newForm(), err)
	}
	return v.done(w, path, said, "name", m.Name, "team", teamName(v.desk.Teams(), team))
}

func teamName(teams []casework.Team, id amana.TeamID) string {
	for _, t := range teams {
		if t.ID == id {
			return t.Name
		}
	}
	return id.String()
}
