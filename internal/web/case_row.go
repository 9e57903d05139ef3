package web

import (
	"net/http"
	"strings"

	"amana/internal/casework"
	"amana/internal/record"
)

// caseRow is a case in a list, as it is shown.
type caseRow struct {
	Path     string
	Code     string
	Name     string // "" unless names are asked for
	Veiled   bool   // there is a name, not shown
	Team     string
	Status   tag
	Risk     tag    // "High danger"
	Level    string // "High"
	Who      string // age and sex
	FollowUp string // date, written out
	casework.CaseRow
}

// tag is a word with a shape of its own.
type tag struct{ Kind, Text string }

// namesKey is where a session keeps whether lists show names.
const namesKey = "cases.names"

// rows prepares rows of a list. Names stay veiled until somebody asks for them:
// lists are read in rooms where others are.
func (v *visit) rows(list []casework.CaseRow) []caseRow {
	s := v.shower(nil)
	names := shelved[bool](v.session, namesKey)
	rows := make([]caseRow, 0, len(list))
	for _, c := range list {
		row := caseRow{
			Path: "/cases/" + c.ID.String(), Code: c.Code, Team: c.Team,
			Status: s.status(c.Status), Risk: s.risk(c.Risk), Level: s.level(c.Risk), Who: s.who(c),
			FollowUp: v.lang.ISODate(c.FollowUp), CaseRow: c,
		}
		if c.HasName && !c.Name.IsEmpty() {
			row.Veiled = !names
			if names {
				row.Name = c.Name.Reveal()
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// who says sex and age, as far as they are known.
func (s shower) who(c casework.CaseRow) string {
	var known []string
	if text, soft := s.value(record.Field{Type: record.Choice, Options: "sex"}, c.Sex); !soft {
		known = append(known, text)
	}
	if n, ok := c.Age.Int(); ok {
		known = append(known, s.lang.T("cases.age", "n", int(n)))
	}
	return strings.Join(known, s.lang.T("cases.comma"))
}

func (s shower) status(id string) tag {
	switch id {
	case "", "open":
		return tag{"open", s.option("status", "open")}
	}
	return tag{"closed", s.option("status", id)}
}

// risk is empty where nobody has judged it.
func (s shower) risk(id string) tag {
	switch id {
	case "high", "medium", "low":
		return tag{id, s.lang.T("cases.risk." + id)}
	}
	return tag{"", s.level(id)}
}

// level is the same in one word, where it stands beside "danger".
func (s shower) level(id string) string {
	if id == "" {
		return ""
	}
	return s.option("risk_level", id)
}

// showNames veils the names in lists, or shows them, until the desk is locked.
func (s *Server) showNames(w http.ResponseWriter, v *visit) error {
	v.session.put(namesKey, v.PostFormValue("names") == "show")
	return v.see(w, back(v.PostFormValue("path")))
}
