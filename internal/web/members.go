package web

import (
	"errors"
	"net/http"
	"slices"

	"amana"
	"amana/internal/casework"
)

const shelfSlip = "slip"

// membersView lists who works here.
type membersView struct {
	Frame
	Members      []memberRow
	Gone         []casework.Member
	Roles, Teams []choiceView
	Narrowed     bool
}

// membersQuery is how a member looks at the list of members.
type membersQuery struct {
	Role amana.Role
	Team amana.TeamID
}

func (q membersQuery) takes(m casework.Member) bool {
	return (q.Role == "" || slices.Contains(m.Roles, q.Role)) && (q.Team.IsZero() || slices.Contains(m.Teams, q.Team))
}

type memberRow struct {
	casework.Member
	TeamNames []string
	Self      bool
}

var membersPage = page[membersView]{"members"}

func (s *Server) showMembers(w http.ResponseWriter, v *visit) error {
	q := remembered[membersQuery](v, casework.ListMembers)
	view := membersView{Frame: s.frame(v, "members"), Narrowed: q != membersQuery{}}
	names := map[amana.TeamID]string{}
	view.Teams = []choiceView{{"", v.lang.T("cases.any"), q.Team.IsZero()}}
	for _, t := range v.desk.Teams() {
		names[t.ID] = t.Name
		view.Teams = append(view.Teams, choiceView{t.ID.String(), t.Name, t.ID == q.Team})
	}
	view.Roles = []choiceView{{"", v.lang.T("cases.any"), q.Role == ""}}
	for _, r := range amana.Roles() {
		view.Roles = append(view.Roles, choiceView{string(r), v.lang.T("role." + string(r)), r == q.Role})
	}
	for _, m := range v.desk.Members() {
		if !m.Left.IsZero() {
			if q.takes(casework.Member{Roles: m.Roles}) {
				view.Gone = append(view.Gone, m)
			}
			continue
		}
		if !q.takes(m) {
			continue
		}
		row := memberRow{Member: m, Self: m.ID == v.me().ID}
		for _, id := range m.Teams {
			if names[id] != "" {
				row.TeamNames = append(row.TeamNames, names[id])
			}
		}
		view.Members = append(view.Members, row)
	}
	return membersPage.render(s, w, v, http.StatusOK, view)
}

// filterMembers remembers whom the list shows.
func (s *Server) filterMembers(w http.ResponseWriter, v *visit) error {
	f, q := v.typed(), membersQuery{}
	if role := amana.Role(f.Get("role")); slices.Contains(amana.Roles(), role) {
		q.Role = role
	}
	if id, err := amana.ParseID[amana.Team](f.Get("team")); err == nil {
		q.Team = id
	}
	if f.Has("all", "yes") {
		q = membersQuery{}
	}
	v.remember(casework.ListMembers, q)
	return v.see(w, "/members")
}

// memberView is one member: roles, teams, and the way out.
type memberView struct {
	Frame
	Form   form
	Person casework.Member
	Self   bool
	In     []casework.Team
	NotIn  []casework.Team
	Roles  []amana.Role
}

// Waits reports whether the member has joined the team but not its keys.
func (v memberView) Waits(t casework.Team) bool {
	return slices.Contains(t.KeysPending, v.Person.ID)
}

var (
	memberPage       = page[memberView]{"member"}
	memberRemovePage = page[memberView]{"member_remove"}
)

// person finds the member that an address names, who must not have left.
func (s *Server) person(v *visit) (casework.Member, error) {
	id, err := amana.ParseID[amana.Member](v.PathValue("member"))
	if err != nil {
		return casework.Member{}, amana.ErrNotFound
	}
	for _, m := range v.desk.Members() {
		if m.ID == id && m.Left.IsZero() {
			return m, nil
		}
	}
	return casework.Member{}, amana.ErrNotFound
}

func (s *Server) memberView(v *visit) (memberView, error) {
	m, err := s.person(v)
	if err != nil {
		return memberView{}, err
	}
	view := memberView{Form: v.form(), Person: m, Self: m.ID == v.me().ID, Roles: amana.Roles()}
	view.Frame = s.frame(v, "members", view.Form)
	if !view.Form.Failed() {
		for _, r := range m.Roles {
			view.Form.Values.Add("roles", string(r))
		}
	}
	for _, t := range v.desk.Teams() {
		if slices.Contains(m.Teams, t.ID) {
			view.In = append(view.In, t)
		} else {
			view.NotIn = append(view.NotIn, t)
		}
	}
	return view, nil
}

func (s *Server) showMember(w http.ResponseWriter, v *visit) error {
	view, err := s.memberView(v)
	if err != nil {
		return err
	}
	return memberPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) showRemoveMember(w http.ResponseWriter, v *visit) error {
	view, err := s.memberView(v)
	if err != nil {
		return err
	}
	if !view.Admin {
		return amana.ErrRefused
	}
	return memberRemovePage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) changeRoles(w http.ResponseWriter, v *visit) error {
	m, err := s.person(v)
	if err != nil {
		return err
	}
	f, path := v.typed(), "/members/"+m.ID.String()
	if len(f.All("roles")) == 0 {
		f.wrong("roles", "members.roles.needed")
		return v.again(w, path, f)
	}
	if err := v.desk.ChangeRoles(v.Context(), m.ID, rolesOf(f)); err != nil {
		return s.refuseMember(w, v, path, "roles", f, err)
	}
	return v.done(w, path, "members.roles.changed", "name", m.Name)
}

func (s *Server) removeMember(w http.ResponseWriter, v *visit) error {
	m, err := s.person(v)
	if err != nil {
		return err
	}
	f, path := v.typed(), "/members/"+m.ID.String()+"/remove"
	if f.Get("sure") == "" {
		f.wrong("sure", "members.remove.needed")
		return v.again(w, path, f)
	}
	if err := v.desk.RemoveMember(v.Context(), m.ID); err != nil {
		return s.refuseMember(w, v, path, "sure", f, err)
	}
	return v.done(w, "/members", "members.removed", "name", m.Name)
}

// refuseMember says to an administrator, who may do these things, why this one
// was refused: the last administrator stays.
func (s *Server) refuseMember(w http.ResponseWriter, v *visit, path, field string, f form, err error) error {
	if errors.Is(err, amana.ErrRefused) && v.me().Has(amana.RoleAdministrator) {
		f.wrong(field, "members.last")
		return v.again(w, path, f)
	}
	return v.refuse(w, path, f, err)
}

// memberNewView is the form for a new member.
type memberNewView struct {
	Frame
	Form  form
	Roles []amana.Role
	Teams []casework.Team
}

var memberNewPage = page[memberNewView]{"member_new"}

func (s *Server) showNewMember(w http.ResponseWriter, v *visit) error {
	if !v.me().Has(amana.RoleAdministrator) {
		return amana.ErrRefused
	}
	f := v.form()
	return memberNewPage.render(s, w, v, http.StatusOK, memberNewView{
		s.frame(v, "members", f), f, amana.Roles(), v.desk.Teams(),
	})
}

func (s *Server) addMember(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	f.need("name", "members.name.needed")
	if len(f.All("roles")) == 0 {
		f.wrong("roles", "members.roles.needed")
	}
	if f.Failed() {
		return v.again(w, "/members/new", f)
	}
	n := casework.NewMember{Name: f.Get("name"), Roles: rolesOf(f), Teams: teamsOf(f)}
	id, passphrase, err := v.desk.AddMember(v.Context(), n)
	if err != nil {
		return v.refuse(w, "/members/new", f, err)
	}
	v.session.put(shelfSlip, slip{id, n.Name, passphrase})
	return v.see(w, "/members/slip")
}

// slip is a new member's passphrase. It stays on the shelf until it was handed
// over, and nowhere else.
type slip struct {
	ID         amana.MemberID
	Name       string
	Passphrase string
}

type slipView struct {
	Frame
	slip
}

var slipPage = page[slipView]{"slip"}

func (s *Server) showSlip(w http.ResponseWriter, v *visit) error {
	got := shelved[slip](v.session, shelfSlip)
	if got.Passphrase == "" {
		return v.see(w, "/members")
	}
	return slipPage.render(s, w, v, http.StatusOK, slipView{s.frame(v, "members"), got})
}

func (s *Server) slipDone(w http.ResponseWriter, v *visit) error {
	got := shelved[slip](v.session, shelfSlip)
	v.session.put(shelfSlip, nil)
	if got.Passphrase == "" {
		return v.see(w, "/members")
	}
	return v.done(w, "/members", "members.added", "name", got.Name)
}

func rolesOf(f form) []amana.Role {
	var roles []amana.Role
	for _, r := range f.All("roles") {
		roles = append(roles, amana.Role(r))
	}
	return roles
}

// teamsOf leaves out what is no team's ID.
func teamsOf(f form) []amana.TeamID {
	var teams []amana.TeamID
	for _, text := range f.All("teams") {
		if id, err := amana.ParseID[amana.Team](text); err == nil {
			teams = append(teams, id)
		}
	}
	return teams
}
