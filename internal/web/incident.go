package web

import (
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/gbv"
)

// incidentForm is the form that asks what happened.
const incidentForm = "gbv_incident_form"

func incidentPath(caseID, id amana.RecordID) string {
	return casePath(caseID) + "/incidents/" + id.String()
}

// incidentsView is the part of a case that says what happened.
type incidentsView struct {
	Path     string // of the case
	List     []incidentView
	MayWrite bool
}

// incidentView is one incident, with what the rules of the standard make of it and
// why.
type incidentView struct {
	Path     string
	Edit     string // where it is filled in
	Code     string
	When     string
	Place    string
	Type     string // "" where there is none yet
	Because  []string
	Contexts []contextView
	Open     string // contexts of which it cannot be told, in words
	Elapsed  string
	Number   string
	Age      string
	Counted  string
}

// contextView is a context that holds, and why.
type contextView struct{ Name, Because string }

// incidents prepares what the page of a case says of what happened.
func (v *visit) incidents(file casework.CaseFile) incidentsView {
	sh := v.shower(file.Names)
	view := incidentsView{Path: casePath(file.ID), MayWrite: file.MayWrite}
	for _, in := range file.Incidents {
		view.List = append(view.List, sh.incident(view.Path, in))
	}
	return view
}

func (s shower) incident(casePath string, in casework.Incident) incidentView {
	view := incidentView{
		Path: casePath + "/incidents/" + in.ID.String(), Edit: casePath + "/form/" + incidentForm + "/" + in.ID.String(), Code: in.Code, When: s.happened(in), Place: s.place(in),
		Because: s.because(in), Elapsed: s.known("incidents.elapsed.", in.Elapsed), Number: s.known("incidents.number.", in.Number),
		Age: s.ageThen(in.Age), Counted: s.counted(in.Values["consent_reporting"]),
	}
	if in.Type != "" {
		view.Type = s.lang.T("incidents.type." + in.Type)
	}
	for _, id := range in.Contexts {
		view.Contexts = append(view.Contexts, contextView{
			s.lang.T("incidents.context." + id), s.lang.T("incidents.context." + id + ".because"),
		})
	}
	var open []string
	for _, id := range in.Open {
		open = append(open, s.lang.T("incidents.context."+id))
	}
	if view.Open = strings.Join(open, s.lang.T("cases.comma")); view.Open != "" {
		view.Open = s.lang.T("incidents.context.open", "contexts", view.Open)
	}
	return view
}

// because says why an incident has the type it has, or none.
func (s shower) because(in casework.Incident) []string {
	question := func(field string) string { return s.lang.T("incidents.question." + field) }
	d := in.Decision
	switch {
	case d.OutOfScope:
		return []string{s.lang.T("incidents.type.scope")}
	case !d.Asked && in.Type != "":
		return []string{s.lang.T("incidents.type.recorded")}
	case d.Question != "":
		return []string{s.lang.T("incidents.type.because", "question", question(d.Question))}
	case d.Open == "":
		return []string{s.lang.T("incidents.type.all_no")}
	}
	why := []string{s.lang.T("incidents.type.open", "question", question(d.Open))}
	if d.Likely != "" {
		why = append(why, s.lang.T("incidents.type.likely", "type", s.lang.T("incidents.type."+d.Likely)))
	}
	return why
}

// known names an id, or says that it is not known.
func (s shower) known(prefix, id string) string {
	if id == "" {
		return s.lang.T("incidents.unknown")
	}
	return s.lang.T(prefix + id)
}

func (s shower) happened(in casework.Incident) string {
	date, clock, part := in.Values["incident_date"].Reveal(), in.Values["incident_time"].Reveal(), in.Values["incident_timeofday"].Reveal()
	if date == "" {
		return s.lang.T("incidents.undated")
	}
	when := s.lang.ISODate(date)
	if clock != "" {
		return when + s.lang.T("cases.comma") + clock
	}
	if part != "" && part != "unknown" {
		return when + s.lang.T("cases.comma") + s.option("incident_timeofday", part)
	}
	return when
}

func (s shower) place(in casework.Incident) string {
	var parts []string
	if kind := in.Values["incident_location_type"].Reveal(); kind != "" {
		parts = append(parts, s.option("incident_location_type", kind))
	}
	for _, field := range []string{"incident_camp_town", "incident_location"} {
		if place := in.Values[field].Reveal(); place != "" {
			parts = append(parts, place)
		}
	}
	return strings.Join(parts, s.lang.T("cases.comma"))
}

func (s shower) ageThen(a gbv.Age) string {
	if a.Unknown() {
		return s.lang.T("incidents.unknown")
	}
	text := s.lang.T("incidents.age.range", "least", a.Least, "most", a.Most)
	switch a.Most - a.Least {
	case 0:
		text = s.lang.T("incidents.age.exact", "age", a.Most)
	case 1:
		text = s.lang.T("incidents.age.between", "least", a.Least, "most", a.Most)
	}
	if a.Estimated {
		return s.lang.T("incidents.age.estimated", "age", text)
	}
	return text
}

// counted says whether an incident is in any figure.
func (s shower) counted(v event.Value) string {
	yes, known := gbv.YesNo(v)
	switch {
	case !known:
		return s.lang.T("incidents.counted.none")
	case yes:
		return s.lang.T("incidents.counted.yes")
	}
	return s.lang.T("incidents.counted.no")
}

// beginIncident begins a record of what happened, with what the case knows.
func (s *Server) beginIncident(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	begun, err := v.desk.BeginIncident(v.Context(), id)
	if err != nil {
		return v.refuse(w, casePath(id), v.typed(), err)
	}
	return v.done(w, casePath(id)+"/form/"+incidentForm+"/"+begun.String(), "incidents.begun")
}

// incidentPageView is the page of one incident.
type incidentPageView struct {
	Frame
	Case     string // its path
	CaseCode string
	Incident incidentView
	Answers  []answersPart
	MayWrite bool
}

var incidentPage = page[incidentPageView]{"incident"}

// incidentOf is the incident that an address names.
func (v *visit) incidentOf(file casework.CaseFile) (casework.Incident, error) {
	for _, in := range file.Incidents {
		if in.ID.String() == v.PathValue("record") {
			return in, nil
		}
	}
	return casework.Incident{}, amana.ErrNotFound
}

func (s *Server) showIncident(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	in, err := v.incidentOf(file)
	if err != nil {
		return err
	}
	sh := v.shower(file.Names)
	view := incidentPageView{
		Frame: s.frame(v, "cases"), Case: casePath(file.ID), CaseCode: file.Code, MayWrite: file.MayWrite,
		Incident: sh.incident(casePath(file.ID), in),
	}
	all, _ := sh.answers(file, &in.Part)
	for _, one := range all {
		view.Answers = append(view.Answers, one.Parts...)
	}
	return incidentPage.render(s, w, v, http.StatusOK, view)
}
