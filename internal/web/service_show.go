package web

import (
	"net/http"
	"slices"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/event"
)

// serviceView is all that is known of one service.
type serviceView struct {
	Frame
	Line      serviceLine
	Rights    casework.ServiceRights
	Verified  string // by whom and when, in words
	Parts     []servicePart
	Foreign   int // fields that came with a file and that no page shows
	Stock     []stockView
	Statuses  []choiceView
	Moments   []serviceMoment
	Published string // who is told, in words
}

// servicePart is one group of fields. Class is set where fewer may be told of it than
// of the service.
type servicePart struct {
	Class tag
	Facts []cellView
}

// stockView is what is in stock of one thing, and the buttons to say so.
type stockView struct {
	ID, Name string
	State    tag
	Seen     string
	Choices  []choiceView
}

// serviceMoment is a line of the history.
type serviceMoment struct{ When, By, What string }

var servicePage = page[serviceView]{"service"}

// serviceID is the service that an address names. What is no ID names nothing.
func (v *visit) serviceID() (amana.RecordID, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("service"))
	if err != nil {
		return id, amana.ErrNotFound
	}
	return id, nil
}

// service reads the service that an address names.
func (v *visit) service() (directory.Service, error) {
	id, err := v.serviceID()
	if err != nil {
		return directory.Service{}, err
	}
	return v.desk.ServiceByID(v.Context(), id)
}

func (s *Server) showService(w http.ResponseWriter, v *visit) error {
	one, err := v.service()
	if err != nil {
		return err
	}
	index, err := v.desk.Services(v.Context())
	if err != nil {
		return err
	}
	history, err := v.desk.ServiceHistory(v.Context(), one.ID)
	if err != nil {
		return err
	}
	sh, now := v.shower(v.memberNames()), s.now()
	view := serviceView{
		Frame: s.frame(v, "services"), Line: sh.serviceLine(one, index.OpenNow(one, now), now), Rights: v.desk.ServiceRights(),
		Verified: sh.verified(one), Published: v.lang.T("services.told." + string(one.Class())),
	}
	view.Parts, view.Foreign = sh.serviceParts(one)
	for _, stock := range directory.Stocks() {
		view.Stock = append(view.Stock, sh.stock(one, stock))
	}
	for _, st := range directory.Statuses() {
		if st != one.Status() {
			view.Statuses = append(view.Statuses, choiceView{string(st), v.lang.T("services.make." + statusKey(st)), false})
		}
	}
	for _, m := range history {
		view.Moments = append(view.Moments, serviceMoment{v.lang.DateTime(m.When), sh.name(m.By), sh.groupNames(m.Groups)})
	}
	return servicePage.render(s, w, v, http.StatusOK, view)
}

// verified says by whom and when a service was last looked at.
func (s shower) verified(one directory.Service) string {
	on := one.Text("assured_date")
	if on == "" {
		return ""
	}
	who := ""
	if id, err := amana.ParseID[amana.Member](one.Text("verified_by")); err == nil {
		who = s.name(id)
	}
	if who == "" {
		return s.lang.T("services.verified.on", "date", s.lang.ISODate(on))
	}
	return s.lang.T("services.verified.by", "date", s.lang.ISODate(on), "name", who)
}

func (s shower) groupNames(groups []string) string {
	names := make([]string, 0, len(groups))
	for _, g := range groups {
		if g != "internal" && g != "unknown" || len(groups) == 1 {
			names = append(names, s.lang.T("services.group."+g))
		}
	}
	return strings.Join(names, s.lang.T("frame.comma"))
}

func (s shower) stock(one directory.Service, stock string) stockView {
	answer := one.Text(stock)
	view := stockView{ID: stock, Name: s.lang.T("services." + stock), State: tag{"none", s.lang.T("services.answer.unsaid")}}
	if answer != "" {
		shape := map[string]string{directory.Yes: "yes", directory.No: "no"}[answer]
		if shape == "" {
			shape = "none"
		}
		view.State = tag{shape, s.lang.T("services.answer." + answer)}
	}
	if on := one.Text(stock + "_on"); on != "" {
		view.Seen = s.lang.T("services.seen", "date", s.lang.ISODate(on))
	}
	for _, id := range []string{directory.Yes, directory.No} {
		view.Choices = append(view.Choices, choiceView{id, s.lang.T("services.answer." + id), answer == id})
	}
	return view
}

// serviceParts are the fields that a page can show, by group and with who may be told.
func (s shower) serviceParts(one directory.Service) (parts []servicePart, foreign int) {
	cells := map[string][]cellView{}
	p := one.Plain()
	add := func(group, label string, lines []string, long bool) {
		if len(lines) > 0 {
			cells[group] = append(cells[group], cellView{Label: label, Text: strings.Join(lines, "\n"), Long: long})
		}
	}
	for _, f := range directory.PlainFields() {
		add(groupOfPlain(f.Name), s.lang.T("services.field."+f.Name), s.plainWords(f.Name, p[f.Name]), f.Lines || len(p[f.Name]) > 0 && strings.Contains(p[f.Name][0], "\n"))
	}
	for _, a := range directory.Additions() {
		if isStock(a.Name) || a.Name == "verified_by" {
			continue
		}
		add(a.Group, s.lang.T("services.field."+a.Name), s.additionWords(a, p[a.Name]), a.Type == directory.Lines)
	}
	for _, g := range directory.Groups() {
		if len(cells[g.ID]) == 0 {
			continue
		}
		part := servicePart{Facts: cells[g.ID]}
		if class := one.ClassOf(g.ID); slices.Index(directory.Classes(), class) < slices.Index(directory.Classes(), one.Class()) {
			part.Class = s.class(class)
		}
		parts = append(parts, part)
	}
	for path := range one.Values {
		if directory.GroupOf(path) == "unknown" {
			foreign++
		}
	}
	return parts, foreign
}

func isStock(name string) bool {
	for _, stock := range directory.Stocks() {
		if name == stock || name == stock+"_on" {
			return true
		}
	}
	return false
}

// groupOfPlain is the group of a field of the form.
func groupOfPlain(name string) string {
	switch name {
	case "name", "organization", "alternate_name", "description", "alert", "phones", "languages", "contacts", "documents", "hours":
		return name
	case "application_process", "wait_time":
		return "how"
	case "fees_description":
		return "cost"
	case "url", "email":
		return "web"
	case "eligibility_description", "minimum_age", "maximum_age":
		return "eligibility"
	case "areas":
		return "area"
	case "directions":
		return "travel"
	case "latitude", "longitude":
		return "coordinates"
	}
	return "address"
}

// plainWords writes the lines of a field of the form for readers.
func (s shower) plainWords(name string, lines []string) []string {
	words := make([]string, 0, len(lines))
	for _, line := range lines {
		switch name {
		case "languages":
			words = append(words, s.languageName(line))
		case "hours":
			words = append(words, s.hoursText(line))
		default:
			words = append(words, line)
		}
	}
	return words
}

func (s shower) languageName(code string) string {
	if key := "option.language." + code; s.lang.Has(key) {
		return s.lang.T(key)
	}
	return code
}

func (s shower) additionWords(a directory.Addition, list []string) []string {
	words := make([]string, 0, len(list))
	for _, one := range list {
		words = append(words, s.additionWord(a, one))
	}
	return words
}

func (s shower) additionWord(a directory.Addition, value string) string {
	switch {
	case a.Name == "service_types":
		return s.service(value)
	case a.Type == directory.Date:
		return s.lang.ISODate(value)
	case value == directory.Yes || value == directory.No || value == directory.Unknown:
		return s.lang.T("services.answer." + value)
	case a.Type == directory.Choice || a.Type == directory.Choices:
		return s.lang.T("services.option." + a.Name + "." + value)
	}
	return value
}

// verifyService notes that the member looked at it today.
func (s *Server) verifyService(w http.ResponseWriter, v *visit) error {
	id, err := v.serviceID()
	if err != nil {
		return err
	}
	if err := v.desk.VerifyService(v.Context(), id); err != nil {
		return err
	}
	return v.done(w, servicePath(id), "services.verified.saved")
}

// setStock notes what is in stock, in one tap.
func (s *Server) setStock(w http.ResponseWriter, v *visit) error {
	id, err := v.serviceID()
	if err != nil {
		return err
	}
	stock, answer, _ := strings.Cut(v.PostFormValue("stock"), " ")
	if err := v.desk.SetStock(v.Context(), id, stock, answer); err != nil {
		return err
	}
	return v.done(w, servicePath(id), "services.stock.saved", "what", v.lang.T("services."+stock), "answer", v.lang.T("services.answer."+answer))
}

// setStatus closes a service for a time or for good, or opens it again.
func (s *Server) setStatus(w http.ResponseWriter, v *visit) error {
	id, err := v.serviceID()
	if err != nil {
		return err
	}
	status := directory.Status(v.PostFormValue("status"))
	if err := v.desk.RetireService(v.Context(), id, status); err != nil {
		return err
	}
	return v.done(w, servicePath(id), "services.status.saved", "status", v.lang.T("services.status."+statusKey(status)))
}

// classesView is the form by which somebody says who may be told what.
type classesView struct {
	Frame
	Form   form
	Line   serviceLine
	Whole  drop
	Groups []classLine
}

// classLine is one group of fields. Never is set where no class can be given to it.
type classLine struct {
	Name  string
	Drop  drop
	Never bool
}

var classesPage = page[classesView]{"service_classes"}

func (s *Server) showClasses(w http.ResponseWriter, v *visit) error {
	one, err := v.service()
	if err != nil {
		return err
	}
	if !v.desk.ServiceRights().Keep {
		return amana.ErrRefused
	}
	f, sh, now := v.form(), v.shower(nil), s.now()
	if !f.Failed() {
		f.Values.Set("class_service", string(one.Class()))
		for _, g := range directory.Groups() {
			f.Values.Set("class_"+g.ID, string(one.ClassOf(g.ID)))
		}
	}
	view := classesView{Frame: s.frame(v, "services", f), Form: f, Line: sh.serviceLine(one, directory.Opening{}, now)}
	view.Whole = v.classDrop(f, "service", "services.class.whole")
	for _, g := range directory.Groups() {
		if !g.Fixed {
			view.Groups = append(view.Groups, classLine{
				v.lang.T("services.group." + g.ID), v.classDrop(f, g.ID, "services.group."+g.ID), one.IsSafeHouse() && !g.SafeHouse,
			})
		}
	}
	return classesPage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) classDrop(f form, group, label string) drop {
	var pairs []string
	for _, c := range directory.Classes() {
		pairs = append(pairs, string(c), v.lang.T("services.class."+string(c)))
	}
	return newDrop(f, "class_"+group, label, pairs...)
}

func (s *Server) classify(w http.ResponseWriter, v *visit) error {
	id, err := v.serviceID()
	if err != nil {
		return err
	}
	f, classes := v.typed(), map[string]directory.Class{}
	for _, g := range append([]directory.Group{{ID: "service"}}, directory.Groups()...) {
		if class := f.Get("class_" + g.ID); class != "" && !g.Fixed {
			classes[g.ID] = directory.Class(class)
		}
	}
	err = v.desk.ClassifyService(v.Context(), id, classes)
	if err != nil {
		return v.refuseService(w, servicePath(id)+"/classes", f, err)
	}
	return v.done(w, servicePath(id), "services.class.saved")
}

// texts makes values of a form's lines.
func texts(typed string) []string {
	return strings.Split(strings.ReplaceAll(typed, "\r\n", "\n"), "\n")
}

// emptyService is what the form of a new one begins with.
func emptyService() directory.Service { return directory.Service{Values: map[string]event.Value{}} }
