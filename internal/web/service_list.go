package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/record"
)

// serviceRoutes are the routes of the directory.
func (s *Server) serviceRoutes() map[string]handler {
	return map[string]handler{
		"GET /services":                                s.showServices,
		"POST /services/search":                        s.searchServices,
		"GET /services/new":                            s.showNewService,
		"POST /services":                               s.addService,
		"GET /services/{service}":                      s.showService,
		"GET /services/{service}/edit":                 s.showEditService,
		"POST /services/{service}/edit":                s.editService,
		"GET /services/{service}/classes":              s.showClasses,
		"POST /services/{service}/classes":             s.classify,
		"POST /services/{service}/verify":              s.verifyService,
		"POST /services/{service}/stock":               s.setStock,
		"POST /services/{service}/status":              s.setStatus,
		"GET /services/files":                          s.showServiceFiles,
		"POST /services/files":                         s.takeServices,
		"GET /services/files/trial":                    s.showServicesTrial,
		"POST /services/files/trial":                   s.importServices,
		"POST /services/files/trial/drop":              s.dropServices,
		"GET /services/export/{audience}/{shape}/file": s.sendServices,
		"GET /services/public":                         s.showPublic,
		"POST /services/public":                        s.publish,
		"POST /services/public/remove":                 s.unpublish,
		"GET /services/public/file":                    s.sendPublic,
		"GET /now":                                     s.showBare,
		"POST /now":                                    s.askBare,
		"GET /cases/{case}/services":                   s.showNow,
		"POST /cases/{case}/services":                  s.askNow,
	}
}

// servicesAsked is a search as it was typed.
type servicesAsked struct {
	Words, Need, Language, Near, State string
	Guests                             []string
	Women, Open, ByRoad                bool
}

func (q servicesAsked) narrowed() bool {
	return q.Words != "" || q.Need != "" || q.Language != "" || q.Near != "" || q.State != "" || len(q.Guests) > 0 || q.Women || q.Open
}

type servicesView struct {
	Frame
	Asked                             servicesAsked
	Needs, Languages, States, Ways    []choiceView
	Guests                            []tick
	Narrowed, Unplaced, About, Rights bool // Unplaced: nobody knows where that is; About: the middle of an area
	Files                             bool
	Rows                              []serviceLine
	Total, First, Last                int
	Previous, Next                    string
	Stale, Hidden                     int
}

var servicesPage = page[servicesView]{"services"}

// servicesAtOnce is how many services a page of the list has.
const servicesAtOnce = 40

func (s *Server) showServices(w http.ResponseWriter, v *visit) error {
	index, err := v.desk.Services(v.Context())
	if err != nil {
		return err
	}
	q, now := remembered[servicesAsked](v, casework.ListServices), s.now()
	search := directory.Search{
		Filter: directory.Filter{Words: q.Words, State: directory.State(q.State)}, Need: q.Need, Guests: q.Guests,
		Language: q.Language, Women: q.Women, OpenNow: q.Open, ByRoad: q.ByRoad, Speeds: v.desk.Speeds(),
	}
	view := servicesView{Frame: s.frame(v, "services"), Asked: q, Narrowed: q.narrowed(), Rights: v.desk.ServiceRights().Keep, Files: v.desk.ServiceRights().Publish}
	search.Near, view.About = whereabouts(index, q.Near)
	view.Unplaced = q.Near != "" && search.Near == nil
	rows := index.Search(search, now)
	view.Total = len(rows)
	for _, one := range index.All() {
		switch one.StateOf(now) {
		case directory.StateStale:
			view.Stale++
		case directory.StateHidden:
			view.Hidden++
		case directory.StateFresh, directory.StateStopped:
		}
	}
	view.page(v, rows)
	sh := v.shower(nil)
	for _, r := range rows[view.First-1 : view.Last] {
		line := sh.serviceLine(r.Service, r.Opening, now)
		line.Away = sh.away(r.Placed, r.Km, r.Travel, q.ByRoad)
		view.Rows = append(view.Rows, line)
	}
	view.choices(v, q)
	return servicesPage.render(s, w, v, http.StatusOK, view)
}

// page picks the part of the list that an address asks for.
func (view *servicesView) page(v *visit, rows []directory.Row) {
	page := 0
	if n, err := strconv.Atoi(v.URL.Query().Get("page")); err == nil && n > 1 && (n-1)*servicesAtOnce < len(rows) {
		page = n - 1
	}
	view.First, view.Last = page*servicesAtOnce+1, min((page+1)*servicesAtOnce, len(rows))
	if page > 0 {
		view.Previous = "/services?page=" + strconv.Itoa(page)
	}
	if view.Last < len(rows) {
		view.Next = "/services?page=" + strconv.Itoa(page+2)
	}
}

func (view *servicesView) choices(v *visit, q servicesAsked) {
	view.Needs = v.needChoices(q.Need)
	view.Languages = v.choices("language", "cases.any", q.Language)
	view.States = []choiceView{{"", v.lang.T("cases.any"), q.State == ""}}
	for _, st := range directory.States() {
		view.States = append(view.States, choiceView{string(st), v.lang.T("services.state." + string(st)), q.State == string(st)})
	}
	view.Ways = v.ways(q.ByRoad)
	for _, guest := range directory.Guests() {
		view.Guests = append(view.Guests, tick{Name: "guest", Value: guest, On: slices.Contains(q.Guests, guest), Text: v.lang.T("services.guest." + guest)})
	}
}

// ways are how somebody gets about.
func (v *visit) ways(byRoad bool) []choiceView {
	return []choiceView{{"", v.lang.T("services.way.foot"), !byRoad}, {"road", v.lang.T("services.way.road"), byRoad}}
}

// searchServices keeps what is asked for in the session, and shows the list.
func (s *Server) searchServices(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	q := servicesAsked{
		Words: f.Get("search"), Near: f.Get("near"), Women: f.Has("women", "yes"), Open: f.Has("open", "yes"), ByRoad: f.Get("way") == "road",
		Need: among(f.Get("need"), directory.Needs()), Language: among(f.Get("language"), record.Options("language")),
	}
	for _, st := range directory.States() {
		if f.Get("state") == string(st) {
			q.State = string(st)
		}
	}
	for _, guest := range directory.Guests() {
		if f.Has("guest", guest) {
			q.Guests = append(q.Guests, guest)
		}
	}
	if f.Has("all", "yes") {
		q = servicesAsked{}
	}
	// What somebody was searched help for stays in the memory of this session.
	v.rememberBut(casework.ListServices, q, servicesAsked{State: q.State, ByRoad: q.ByRoad})
	return v.see(w, "/services")
}

// among is what was chosen, if it can be.
func among(chosen string, of []string) string {
	if slices.Contains(of, chosen) {
		return chosen
	}
	return ""
}

// whereabouts reads where somebody is: coordinates, or the name of a place that the
// directory knows; then about is set.
func whereabouts(index *directory.Directory, typed string) (at *directory.Point, about bool) {
	if typed == "" {
		return nil, false
	}
	if p, ok := coordinates(typed); ok {
		return &p, false
	}
	if p, ok := index.Whereabouts(typed); ok {
		return &p, true
	}
	return nil, false
}

// coordinates reads "14.51, -4.2": degrees with a point, north and east first.
func coordinates(typed string) (directory.Point, bool) {
	parts := strings.FieldsFunc(western(typed), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '،' })
	if len(parts) != 2 {
		return directory.Point{}, false
	}
	lat, err := strconv.ParseFloat(parts[0], 64)
	lon, also := strconv.ParseFloat(parts[1], 64)
	ok := err == nil && also == nil && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180
	return directory.Point{Latitude: lat, Longitude: lon}, ok
}
