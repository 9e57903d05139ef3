package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/record"
)

// serviceFormView is the form of a service, new or to be changed.
type serviceFormView struct {
	Frame
	Form   form
	Name   string // "" where it is new
	Action string
	Back   string
	Parts  []serviceFormPart
	Hours  []hoursRow
	HoursE string // what is wrong with them: a key
	Other  bool   // has hours that this form cannot show; they stay
}

// serviceFormPart is one part of the form.
type serviceFormPart struct {
	Title  string
	Fields []serviceField
	Hours  bool
}

// serviceField is one control: which of its kinds, the template picks.
type serviceField struct {
	Kind  string // "line", "count", "words", "drop" or "ticks"
	Input input
	Drop  drop
	Ticks []tick
}

// hoursRow is one row of opening hours: the days, and from when to when.
type hoursRow struct {
	N        int
	Days     []tick
	From, To string
}

// hoursRows is how many rows of opening hours the form has.
const hoursRows = 4

var serviceFormPage = page[serviceFormView]{"service_form"}

// serviceForm says what stands in which part of the form, in the order of the work:
// what it is, how to reach it, when it is open, who may come, what it has.
func serviceForm() []struct {
	title  string
	fields []string
} {
	return []struct {
		title  string
		fields []string
	}{
		{"services.part.what", []string{"name", "organization", "service_types", "description", "mhpss_tier"}},
		{"services.part.reach", []string{"phones", "email", "url", "after_hours", "place", "address", "city", "region", "areas", "latitude", "longitude", "directions", "transport_support"}},
		{"services.part.hours", []string{"hours", "closures"}},
		{"services.part.who", []string{
			"languages", "women_on_staff", "child_competent", "male_competent", "disability_access", "lgbti_safe", "minimum_age", "maximum_age",
			"eligibility_description", "fees_description", "documents", "application_process", "wait_time", "confidential_entrance", "alert",
		}},
		{"services.part.care", []string{"cmr", "stock_pep", "stock_ec", "stock_hepb", "stock_tt", "forensic", "medico_legal"}},
		{"services.part.refer", []string{
			"referral_method", "focal_role", "focal_alternate", "contacts", "capacity", "mandatory_reporting", "mandatory_reporting_note",
		}},
		{"services.part.inside", []string{"appears_as", "alternate_name", "donor", "donor_end"}},
	}
}

// hinted are the fields with a hint.
var hinted = []string{
	"name", "service_types", "phones", "areas", "latitude", "directions", "closures", "contacts", "documents", "appears_as", "mhpss_tier",
	"mandatory_reporting", "focal_role", "donor_end", "after_hours",
}

func (s *Server) showNewService(w http.ResponseWriter, v *visit) error {
	return s.showServiceForm(w, v, emptyService(), "/services")
}

func (s *Server) showEditService(w http.ResponseWriter, v *visit) error {
	one, err := v.service()
	if err != nil {
		return err
	}
	return s.showServiceForm(w, v, one, servicePath(one.ID)+"/edit")
}

func (s *Server) showServiceForm(w http.ResponseWriter, v *visit, one directory.Service, action string) error {
	if !v.desk.ServiceRights().Keep {
		return amana.ErrRefused
	}
	f := v.form()
	if len(f.Values) == 0 {
		f.fill(one.Plain())
	}
	view := serviceFormView{
		Frame: s.frame(v, "services", v.named(f)), Form: f, Name: one.Name(), Action: action, Back: strings.TrimSuffix(action, "/edit"), HoursE: f.Error("hours"),
	}
	for _, p := range serviceForm() {
		part := serviceFormPart{Title: v.lang.T(p.title)}
		for _, name := range p.fields {
			if name == "hours" {
				part.Hours = true
				continue
			}
			part.Fields = append(part.Fields, v.serviceField(f, name))
		}
		view.Parts = append(view.Parts, part)
	}
	for n := range hoursRows {
		view.Hours = append(view.Hours, v.hoursRow(f, n))
	}
	return serviceFormPage.render(s, w, v, http.StatusOK, view)
}

// named gives the messages of a form the names of its fields.
func (v *visit) named(f form) form {
	named := form{Values: f.Values}
	for _, e := range f.Errors {
		if key := "services.field." + e.Field; e.Label == "" && v.lang.Has(key) {
			e.Label = v.lang.T(key)
		}
		named.Errors = append(named.Errors, e)
	}
	return named
}

// fill puts a service as it stands into a form.
func (f *form) fill(p directory.Plain) {
	for name, list := range p {
		switch {
		case name == "hours":
			for n, line := range list {
				days, span, _ := strings.Cut(line, " ")
				from, to, _ := strings.Cut(span, "-")
				f.Values[fmt.Sprintf("days_%d", n)] = strings.Split(days, ",")
				f.Values.Set(fmt.Sprintf("from_%d", n), from)
				f.Values.Set(fmt.Sprintf("to_%d", n), to)
			}
		case isTicked(name):
			f.Values[name] = list
		default:
			f.Values.Set(name, strings.Join(list, "\n"))
		}
	}
}

// isTicked reports whether a field is asked by boxes.
func isTicked(name string) bool {
	a, ours := directory.AdditionOf(name)
	return name == "languages" || ours && a.Type == directory.Choices
}

func isOfLines(name string) bool {
	if a, ours := directory.AdditionOf(name); ours {
		return a.Type == directory.Lines
	}
	return slices.ContainsFunc(directory.PlainFields(), func(f directory.PlainField) bool { return f.Name == name && f.Lines })
}

func (v *visit) serviceField(f form, name string) serviceField {
	hint := []string{}
	if slices.Contains(hinted, name) {
		hint = append(hint, "services.field."+name+".hint")
	}
	field := serviceField{Kind: "line", Input: newInput(f, name, "services.field."+name, hint...)}
	a, ours := directory.AdditionOf(name)
	sh := v.shower(nil)
	switch {
	case name == "languages":
		field.Kind = "ticks"
		for _, code := range record.Options("language") {
			if code != "other" {
				field.Ticks = append(field.Ticks, newTick(f, name, code, sh.languageName(code)))
			}
		}
		for _, code := range f.All(name) { // a file knows more languages than we do
			if !slices.Contains(record.Options("language"), code) {
				field.Ticks = append(field.Ticks, newTick(f, name, code, code))
			}
		}
	case ours && a.Type == directory.Choices:
		field.Kind = "ticks"
		for _, id := range a.Options {
			field.Ticks = append(field.Ticks, newTick(f, name, id, sh.additionWord(a, id)))
		}
	case ours && a.Type == directory.Choice:
		field.Kind = "drop"
		pairs := []string{"", v.lang.T("services.answer.unsaid")}
		for _, id := range a.Options {
			pairs = append(pairs, id, sh.additionWord(a, id))
		}
		field.Drop = newDrop(f, name, "services.field."+name, pairs...)
		field.Drop.Input = field.Input
	case name == "description" || name == "directions" || isOfLines(name):
		field.Kind = "words"
	case slices.Contains([]string{"minimum_age", "maximum_age", "latitude", "longitude", "donor_end"}, name):
		field.Kind = "count"
	}
	return field
}

func (v *visit) hoursRow(f form, n int) hoursRow {
	row := hoursRow{N: n, From: f.Get(fmt.Sprintf("from_%d", n)), To: f.Get(fmt.Sprintf("to_%d", n))}
	for i, id := range weekdayIDs() {
		row.Days = append(row.Days, newTick(f, fmt.Sprintf("days_%d", n), id, v.lang.T(fmt.Sprintf("weekday.%d", i+1))))
	}
	return row
}

// plain reads the form.
func (f form) plain() directory.Plain {
	p := directory.Plain{}
	for _, part := range serviceForm() {
		for _, name := range part.fields {
			switch {
			case name == "hours":
				p[name] = f.hours()
			case isTicked(name):
				p[name] = f.All(name)
			case isOfLines(name):
				p[name] = texts(f.Get(name))
			case name == "minimum_age", name == "maximum_age", name == "latitude", name == "longitude", name == "donor_end":
				p[name] = []string{western(f.Get(name))}
			default:
				p[name] = []string{strings.ReplaceAll(f.Get(name), "\r\n", "\n")}
			}
		}
	}
	return p
}

// hours reads the rows of opening hours: days and two times. A row with nothing but
// days is told to be wrong, one with nothing is none.
func (f form) hours() (lines []string) {
	for n := range hoursRows {
		days := f.All(fmt.Sprintf("days_%d", n))
		from, to := western(f.Get(fmt.Sprintf("from_%d", n))), western(f.Get(fmt.Sprintf("to_%d", n)))
		if len(days) == 0 && from == "" && to == "" {
			continue
		}
		var known []string
		for _, id := range weekdayIDs() {
			if slices.Contains(days, id) {
				known = append(known, id)
			}
		}
		lines = append(lines, strings.Join(known, ",")+" "+clockTime(from)+"-"+clockTime(to))
	}
	return lines
}

// clockTime writes "8h30" or "8" as "08:30" and "08:00".
func clockTime(typed string) string {
	h, m, _ := strings.Cut(strings.NewReplacer("h", ":", "H", ":", ".", ":").Replace(typed), ":")
	if len(h) == 1 {
		h = "0" + h
	}
	if m == "" && h != "" {
		m = "00"
	}
	return h + ":" + m
}

func (s *Server) addService(w http.ResponseWriter, v *visit) error {
	return s.writeService(w, v, amana.RecordID{}, "/services/new", "services.added")
}

func (s *Server) editService(w http.ResponseWriter, v *visit) error {
	id, err := v.serviceID()
	if err != nil {
		return err
	}
	return s.writeService(w, v, id, servicePath(id)+"/edit", "services.saved")
}

func (s *Server) writeService(w http.ResponseWriter, v *visit, id amana.RecordID, again, said string) error {
	f := v.typed()
	id, err := v.desk.WriteService(v.Context(), id, f.plain())
	if err != nil {
		return v.refuseService(w, again, f, err)
	}
	return v.done(w, servicePath(id), said)
}

// refuseService shows the form again. What is for those who release is said, not
// refused with a page of its own: nothing that was typed is lost.
func (v *visit) refuseService(w http.ResponseWriter, again string, f form, err error) error {
	if fields, is := errors.AsType[casework.FieldErrors](err); is {
		named := casework.FieldErrors{}
		for name, key := range fields {
			named[strings.ReplaceAll(name, "/", "_")] = key // class/address is asked as class_address
		}
		err = named
	}
	if errors.Is(err, amana.ErrRefused) {
		f.wrong("", "services.refused.release")
		return v.again(w, again, f)
	}
	return v.refuse(w, again, f, err)
}
