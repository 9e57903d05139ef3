package directory

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"amana/internal/event"
)

// Plain is a service as a form asks for it: the values of its fields by name, of
// fields of several lines one a line. It has no place for what only a file can
// say; that stays as it is.
type Plain map[string][]string

// PlainField is a field of a form. Those of [Additions] come beside them.
type PlainField struct {
	Name  string
	Lines bool
	path  string // of the field; of lines, the key in each item of list
	list  string
	site  bool // of the place
	count bool // a number
}

var plainFields = []PlainField{
	{Name: "name", path: "name"},
	{Name: "organization", path: "organization/name"},
	{Name: "alternate_name", path: "alternate_name"},
	{Name: "description", path: "description"},
	{Name: "application_process", path: "application_process"},
	{Name: "fees_description", path: "fees_description"},
	{Name: "wait_time", path: "wait_time"},
	{Name: "alert", path: "alert"},
	{Name: "url", path: "url"},
	{Name: "email", path: "email"},
	{Name: "eligibility_description", path: "eligibility_description"},
	{Name: "minimum_age", path: "minimum_age", count: true},
	{Name: "maximum_age", path: "maximum_age", count: true},
	{Name: "phones", Lines: true, list: "phones", path: "number"},
	{Name: "areas", Lines: true, list: "service_areas", path: "name"},
	{Name: "languages", Lines: true, list: "languages", path: "code"},
	{Name: "contacts", Lines: true, list: "contacts", path: "name"},
	{Name: "documents", Lines: true, list: "required_documents", path: "document"},
	{Name: "place", site: true, path: "location/name"},
	{Name: "address", site: true, path: "location/addresses/*/address_1"},
	{Name: "city", site: true, path: "location/addresses/*/city"},
	{Name: "region", site: true, path: "location/addresses/*/state_province"},
	{Name: "directions", site: true, path: "location/transportation"},
	{Name: "latitude", site: true, path: "location/latitude", count: true},
	{Name: "longitude", site: true, path: "location/longitude", count: true},
	{Name: "hours", Lines: true},
}

// PlainFields returns the fields of HSDS that a form asks for, in order.
func PlainFields() []PlainField { return plainFields }

// What can be wrong with a form.
const (
	FaultHours  = "services.fault.hours"  // not days and two times of day
	FaultNumber = "services.fault.number" // not a number, or not of this
	FaultChoice = "services.fault.choice" // none of the choices, or no date
	FaultHalf   = "services.fault.half"   // a latitude without a longitude
)

// Plain returns what a form shows of a service.
func (s Service) Plain() Plain {
	p := Plain{}
	site := s.firstSite()
	for _, f := range plainFields {
		var lines []string
		switch {
		case f.Name == "hours":
			lines = s.plainHours()
		case f.Lines:
			for _, item := range s.Items(f.list) {
				lines = append(lines, s.Text(item+"/"+f.path))
			}
		default:
			lines = []string{plainly(s.Values[s.pathOf(f, site)])}
		}
		if lines = filled(lines); len(lines) > 0 {
			p[f.Name] = lines
		}
	}
	for _, a := range additions {
		if list := s.List(a.Name); len(list) > 0 {
			p[a.Name] = list
		}
	}
	return p
}

func (s Service) plainHours() (lines []string) {
	for _, item := range s.Items(s.hoursList()) {
		if line, simple := s.hoursLine(item); simple {
			lines = append(lines, line)
		}
	}
	return lines
}

// plainly writes a value as it is typed.
func plainly(v event.Value) string {
	if n, ok := v.Decimal(); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	return v.Reveal()
}

// firstSite is the place that a form shows, or "".
func (s Service) firstSite() string {
	for _, site := range s.Items("service_at_locations") {
		return site
	}
	return ""
}

// pathOf is where a single field stands, or "" where its item is not there yet.
func (s Service) pathOf(f PlainField, site string) string {
	path := f.path
	if f.site {
		if site == "" {
			return ""
		}
		path = site + "/" + path
	}
	before, after, starred := strings.Cut(path, "/*/")
	if !starred {
		return path
	}
	for _, item := range s.Items(before) {
		return item + "/" + after
	}
	return ""
}

// hoursList is the list of schedules that holds for the place that a form shows.
func (s Service) hoursList() string {
	if site := s.firstSite(); site != "" {
		for _, list := range []string{site + "/schedules", site + "/location/schedules"} {
			if len(s.Items(list)) > 0 {
				return list
			}
		}
	}
	return "schedules"
}

// simpleHours are the keys of a schedule that a form can ask for.
var simpleHours = []string{"opens_at", "closes_at", "byday", "freq", place}

// hoursLine writes a schedule as "MO,TU 08:00-12:00", if it says no more.
func (s Service) hoursLine(item string) (string, bool) {
	for path := range s.Values {
		if key, in := strings.CutPrefix(path, item+"/"); in && !slices.Contains(simpleHours, key) {
			return "", false
		}
	}
	freq, days := s.Text(item+"/freq"), listOf(s.Text(item+"/byday"))
	line := strings.Join(days, ",") + " " + s.Text(item+"/opens_at") + "-" + s.Text(item+"/closes_at")
	_, _, ok := hoursTyped(line)
	return line, ok && (freq == "" || strings.EqualFold(freq, "weekly"))
}

// hoursTyped reads such a line.
func hoursTyped(line string) (days, span string, ok bool) {
	days, span, ok = strings.Cut(line, " ")
	if !ok || days == "" {
		return "", "", false
	}
	for _, word := range listOf(days) {
		if d, is := weekdayOf(word); !is || d.n != 0 {
			return "", "", false
		}
	}
	_, _, ok = spanOf(span)
	return days, span, ok
}

// With returns the service's fields with what was typed in a form in place of what
// stood there, and what is wrong by field: the keys of messages. A field that p does
// not have stays as it is, and so does all that a form cannot show. newID names what
// is new.
func (s Service) With(p Plain, newID func() string) (Values, map[string]string) {
	w := writing{Service{s.ID, maps.Clone(s.Values)}, map[string]string{}, newID}
	if w.Values == nil {
		w.Values = Values{}
	}
	for _, f := range plainFields {
		typed, asked := p[f.Name]
		if !asked {
			continue
		}
		switch typed = filled(typed); {
		case f.Name == "hours":
			w.hours(typed)
		case f.Lines:
			w.lines(f, typed)
		default:
			w.single(f, typed)
		}
	}
	w.additions(p)
	_, lat := w.Plain()["latitude"]
	_, lon := w.Plain()["longitude"]
	if lat != lon && w.bad["latitude"] == "" && w.bad["longitude"] == "" {
		w.bad["latitude"] = FaultHalf
	}
	return w.Values.clean(), w.bad
}

// writing is a form on its way into a service.
type writing struct {
	Service
	bad   map[string]string
	newID func() string
}

// filled leaves out what is empty.
func filled(typed []string) []string {
	var all []string
	for _, words := range typed {
		if words = strings.TrimSpace(words); words != "" {
			all = append(all, words)
		}
	}
	return all
}

func (w *writing) single(f PlainField, typed []string) {
	site := w.firstSite()
	path := w.pathOf(f, site)
	if len(typed) == 0 {
		delete(w.Values, path)
		return
	}
	if strings.TrimSpace(plainly(w.Values[path])) == typed[0] {
		return
	}
	value := event.Text(typed[0])
	if f.count {
		n, err := strconv.ParseFloat(strings.ReplaceAll(typed[0], ",", "."), 64)
		if err != nil || !inRange(f.Name, n) {
			w.bad[f.Name] = FaultNumber
			return
		}
		value = event.Decimal(n)
		if whole := int64(n); float64(whole) == n {
			value = event.Int(whole)
		}
	}
	if path == "" {
		path = w.newPath(f, site)
	}
	if f.Name == "organization" && w.Text("organization/id") == "" {
		w.Values["organization/id"] = event.Text(w.newID())
	}
	w.Values[path] = value
}

func inRange(name string, n float64) bool {
	switch name {
	case "latitude":
		return n >= -90 && n <= 90
	case "longitude":
		return n >= -180 && n <= 180
	}
	return n >= 0 && n <= 120
}

// newPath makes the place, and the address in it, that a field needs.
func (w *writing) newPath(f PlainField, site string) string {
	if site == "" {
		site = "service_at_locations/" + w.newID()
		w.Values[site+"/location/id"] = event.Text(w.newID())
		w.Values[site+"/location/location_type"] = event.Text("physical")
	}
	before, after, starred := strings.Cut(site+"/"+f.path, "/*/")
	if !starred {
		return before
	}
	for _, item := range w.Items(before) {
		return item + "/" + after
	}
	item := before + "/" + w.newID()
	w.Values[item+"/address_type"] = event.Text("physical")
	return item + "/" + after
}

// lines makes a list of items what was typed: items whose words are there stay with
// all that they have, others go.
func (w *writing) lines(f PlainField, typed []string) {
	var kept []string
	have := map[string]string{}
	for _, item := range w.Items(f.list) {
		words := strings.TrimSpace(w.Text(item + "/" + f.path))
		switch {
		case words == "": // says something else
			kept = append(kept, item)
		case have[words] == "" && slices.Contains(typed, words):
			have[words] = item
		default:
			w.drop(item)
		}
	}
	var order []string
	for _, words := range typed {
		item := have[words]
		if item == "" {
			item = f.list + "/" + w.newID()
			w.Values[item+"/"+f.path] = event.Text(words)
			have[words] = item
		}
		if !slices.Contains(order, item) {
			order = append(order, item)
		}
	}
	w.order(append(order, kept...), f.list)
}

// order writes down the order of a list, where it is another.
func (w *writing) order(items []string, list string) {
	if slices.Equal(items, w.Items(list)) {
		return
	}
	for i, item := range items {
		w.Values[item+"/"+place] = event.Int(int64(i))
	}
}

func (w *writing) drop(item string) {
	maps.DeleteFunc(w.Values, func(path string, _ event.Value) bool { return strings.HasPrefix(path, item+"/") })
}

// hours makes the plain schedules what was typed; others stay.
func (w *writing) hours(typed []string) {
	list := w.hoursList()
	have := map[string]bool{}
	for _, item := range w.Items(list) {
		if line, simple := w.hoursLine(item); simple {
			if have[line] = slices.Contains(typed, line); !have[line] {
				w.drop(item)
			}
		}
	}
	for _, line := range typed {
		days, span, ok := hoursTyped(line)
		if !ok {
			w.bad["hours"] = FaultHours
			return
		}
		if have[line] {
			continue
		}
		have[line] = true
		opens, closes, _ := strings.Cut(span, "-")
		item := list + "/" + w.newID()
		w.Values[item+"/freq"], w.Values[item+"/byday"] = event.Text("WEEKLY"), event.Text(days)
		w.Values[item+"/opens_at"], w.Values[item+"/closes_at"] = event.Text(opens), event.Text(closes)
	}
}

func (w *writing) additions(p Plain) {
	for _, a := range additions {
		typed, asked := p[a.Name]
		if !asked {
			continue
		}
		typed = filled(typed)
		if slices.ContainsFunc(typed, func(one string) bool { return !FieldValid(a.Name, one) }) {
			w.bad[a.Name] = FaultChoice
			continue
		}
		switch {
		case len(typed) == 0:
			delete(w.Values, a.Name)
		case a.Type == Choices || a.Type == Lines:
			w.Values[a.Name] = event.List(typed...)
		default:
			w.Values[a.Name] = event.Text(typed[0])
		}
	}
}

// GroupOf returns the group that a field is published with, or "class" for a field
// that says who may be told.
func GroupOf(path string) string {
	if strings.HasPrefix(path, classPrefix) {
		return "class"
	}
	return groupOf(path)
}
