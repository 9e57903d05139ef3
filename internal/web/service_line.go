package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/directory"
)

// serviceLine is a service in a list, and the head of its own page.
type serviceLine struct {
	ID           amana.RecordID
	Path, Name   string
	Organization string
	Kinds        string   // of service, in words
	Where        []string // town and area
	Phones       []string
	Opening      tag
	Fresh        tag
	Status       tag // where it is not active
	Class        tag
	Away         string // how far, and how long on the way
	Stock        []tag
	Safe         bool
}

func servicePath(id amana.RecordID) string { return "/services/" + id.String() }

// serviceLine prepares a service for pages.
func (s shower) serviceLine(one directory.Service, o directory.Opening, now time.Time) serviceLine {
	l := serviceLine{
		ID: one.ID, Path: servicePath(one.ID), Name: one.Name(), Organization: one.Organization(), Where: whereOf(one),
		Opening: s.opening(o), Fresh: s.freshness(one.Freshness(now)), Class: s.class(one.Class()), Safe: one.IsSafeHouse(),
		Phones: one.Plain()["phones"],
	}
	var kinds []string
	for _, id := range one.List("service_types") {
		kinds = append(kinds, s.service(id))
	}
	l.Kinds = strings.Join(kinds, s.lang.T("frame.comma"))
	if st := one.Status(); st != directory.Active {
		l.Status = tag{"closed", s.lang.T("services.status." + statusKey(st))}
	}
	for _, stock := range directory.Stocks() {
		if answer := one.Text(stock); answer != "" && answer != directory.Unknown {
			l.Stock = append(l.Stock, tag{answer, s.lang.T("services.stock."+answer, "what", s.lang.T("services."+stock))})
		}
	}
	return l
}

// statusKey is a status as keys have it: without spaces.
func statusKey(st directory.Status) string { return strings.ReplaceAll(string(st), " ", "_") }

// whereOf is where a service is, the narrower place first. Each part is isolated on the
// page: in a line that is read from the right, what stands between two is theirs.
func whereOf(one directory.Service) []string {
	p := one.Plain()
	var parts []string
	for _, name := range []string{"city", "region"} {
		parts = append(parts, p[name]...)
	}
	if len(parts) == 0 {
		parts = p["areas"]
	}
	return slices.Compact(parts)
}

func (s shower) opening(o directory.Opening) tag {
	switch {
	case !o.Known:
		return tag{"none", s.lang.T("services.hours.unknown")}
	case o.Always:
		return tag{"yes", s.lang.T("services.open.always")}
	case o.Open:
		return tag{"yes", s.lang.T("services.open.until", "time", s.lang.DateTime(o.Until))}
	case o.Next.IsZero():
		return tag{"closed", s.lang.T("services.shut")}
	}
	return tag{"closed", s.lang.T("services.shut.until", "time", s.lang.DateTime(o.Next))}
}

func (s shower) freshness(f directory.Freshness) tag {
	switch {
	case f.Never:
		return tag{"high", s.lang.T("services.fresh.never")}
	case f.Hidden:
		return tag{"high", s.lang.T("services.fresh.hidden", "n", f.Days)}
	case f.Stale:
		return tag{"medium", s.lang.T("services.fresh.stale", "n", f.Days)}
	case f.Days == 0:
		return tag{"yes", s.lang.T("services.fresh.today")}
	}
	return tag{"low", s.lang.T("services.fresh", "n", f.Days)}
}

func (s shower) class(c directory.Class) tag {
	shape := map[directory.Class]string{directory.Public: "open", directory.Partners: "low", directory.Restricted: "closed"}[c]
	return tag{shape, s.lang.T("services.class." + string(c))}
}

// away says how far it is and how long it takes; exact to what a straight line can say.
func (s shower) away(placed bool, km float64, travel time.Duration, byRoad bool) string {
	if !placed {
		return ""
	}
	way := "services.away.foot"
	if byRoad {
		way = "services.away.road"
	}
	return s.lang.T(way, "km", kilometres(km), "time", lasting(s, travel))
}

// kilometres writes a distance, to the hundred metres below ten.
func kilometres(km float64) string {
	if km < 10 {
		return strconv.FormatFloat(km, 'f', 1, 64)
	}
	return strconv.FormatFloat(km, 'f', 0, 64)
}

// lasting writes how long a way takes, never as less than it is.
func lasting(s shower, d time.Duration) string {
	if d < 2*time.Hour {
		return s.lang.T("windows.minutes", "n", max(int((d+5*time.Minute-1)/(5*time.Minute))*5, 5))
	}
	return s.lang.T("windows.hours", "n", int((d+time.Hour-1)/time.Hour))
}

// need names what can be asked for.
func (s shower) need(id string) string {
	if slices.Contains(directory.Types(), id) {
		return s.service(id)
	}
	if key := "windows.name." + id; s.lang.Has(key) {
		return s.lang.T(key)
	}
	return id
}

// says writes sentences about a service. What is the same of several needs is said
// once, in the place of the first.
func (s shower) says(list []directory.Say) []string {
	var all []string
	said := make([]bool, len(list))
	for i, one := range list {
		if said[i] {
			continue
		}
		args, needs := slices.Clone(one.Args), []string{}
		for j := i; j < len(list); j++ {
			if need, same := sameButNeed(one, list[j]); same {
				said[j] = true
				needs = append(needs, s.need(need))
			}
		}
		for k, arg := range args {
			if _, is := arg.(directory.NeedArg); is {
				args[k] = strings.Join(needs, s.lang.T("frame.comma"))
			}
		}
		all = append(all, s.lang.T(one.Key, args...))
	}
	return all
}

// sameButNeed reports whether two sentences differ in nothing but the need that the
// second is about, and returns that.
func sameButNeed(a, b directory.Say) (need string, same bool) {
	if a.Key != b.Key || len(a.Args) != len(b.Args) {
		return "", false
	}
	for i, arg := range b.Args {
		if id, is := arg.(directory.NeedArg); is {
			need = string(id)
		} else if a.Args[i] != arg {
			return "", false
		}
	}
	return need, need != ""
}

// hoursText writes "MO,TU,WE 08:00-12:00" as people say it.
func (s shower) hoursText(line string) string {
	days, span, _ := strings.Cut(line, " ")
	on := s.days(strings.FieldsFunc(days, func(r rune) bool { return r == ',' || r == ' ' }))
	from, to, _ := strings.Cut(span, "-")
	if from == "00:00" && to == "24:00" {
		return on + " · " + s.lang.T("services.open.always")
	}
	return on + " · " + from + "–" + to
}

// weekdayIDs are the days as HSDS names them, Monday first.
func weekdayIDs() []string { return []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"} }

// days names days of the week, as a range where three or more follow each other.
func (s shower) days(list []string) string {
	on := make([]bool, len(weekdayIDs())+1) // the last is never on
	for i, id := range weekdayIDs() {
		on[i] = slices.Contains(list, id)
	}
	name := func(i int) string { return s.lang.T("weekday." + strconv.Itoa(i+1)) }
	var parts []string
	for i := 0; i < len(weekdayIDs()); i++ {
		if !on[i] {
			continue
		}
		last := i
		for on[last+1] {
			last++
		}
		switch {
		case i == 0 && last == len(weekdayIDs())-1:
			return s.lang.T("services.hours.daily")
		case last-i >= 2:
			parts = append(parts, name(i)+"–"+name(last))
		default:
			for ; i < last; i++ {
				parts = append(parts, name(i))
			}
			parts = append(parts, name(last))
		}
		i = last
	}
	return strings.Join(parts, s.lang.T("frame.comma"))
}

// needChoices are what can be asked for, after one that asks for nothing.
func (v *visit) needChoices(on string) []choiceView {
	sh := v.shower(nil)
	all := []choiceView{{"", v.lang.T("cases.any"), on == ""}}
	for _, id := range directory.Needs() {
		all = append(all, choiceView{id, sh.need(id), id == on})
	}
	return all
}
