package directory

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"amana/internal/event"
)

// Projected is what one audience may be told of one service. Only [For] makes
// one that is not empty, and every writer takes it.
type Projected struct {
	values Values
}

// Told returns the service as it may be told, for a page that shows it: no field is in
// it that the audience may not know.
func (p Projected) Told() Service { return Service{Values: maps.Clone(p.values)} }

// Projection is what an audience may be told of a directory, and what it is not.
type Projection struct {
	audience Audience
	Services []Projected
	Left     map[string]int // services that are left out, by reason: a message key
	Withheld map[string]int // of how many services the fields of a group are withheld
}

// Audience returns whom it is for.
func (p Projection) Audience() Audience { return p.audience }

// Why a service is left out.
const (
	LeftClass  = "services.left.class"
	LeftStale  = "services.left.stale"
	LeftStatus = "services.left.status"
)

// For returns what an audience may be told of these services, on a day.
//
// Of a safe house it releases a short list of fields that name no place, whatever
// their classes say, and looks through everything that it releases for the places
// of safe houses, also in the fields of other services.
func For(services []Service, a Audience, now time.Time) Projection {
	p := Projection{audience: a, Left: map[string]int{}, Withheld: map[string]int{}}
	g := guardOf(services)
	for _, s := range services {
		if reason := a.leavesOut(s, now); reason != "" {
			p.Left[reason]++
			continue
		}
		values, withheld := a.project(s, g)
		for group := range withheld {
			p.Withheld[group]++
		}
		p.Services = append(p.Services, Projected{values})
	}
	return p
}

func (a Audience) leavesOut(s Service, now time.Time) string {
	switch {
	case a == ForOurselves:
		return ""
	case !a.sees(s.Class()):
		return LeftClass
	case a == ForPublic && s.Status() != Active, s.Status() == Defunct:
		return LeftStatus
	case a == ForPublic && s.Freshness(now).Hidden:
		return LeftStale
	}
	return ""
}

// project returns the fields that an audience sees, and the groups it does not.
func (a Audience) project(s Service, g guard) (Values, map[string]bool) {
	out, withheld := Values{}, map[string]bool{}
	if a == ForOurselves {
		maps.Copy(out, s.Values)
		return out, withheld
	}
	for path, value := range s.Values {
		group := groupOf(path)
		if a.seesField(s, path, group) && !g.gives(s, path, value) {
			out[path] = value
		} else if group != groupInternal {
			withheld[group] = true
		}
	}
	if a == ForPublic {
		out.disguise(s)
	}
	out.tidy()
	return out, withheld
}

func (a Audience) seesField(s Service, path, group string) bool {
	if strings.HasPrefix(path, classPrefix) || !a.sees(s.ClassOf(group)) {
		return false
	}
	// What belongs to a place falls with the place.
	return !s.IsSafeHouse() || !strings.Contains(path, "/") || group == groupOrganization || strings.HasPrefix(path, "languages/")
}

// disguised are the groups that would give a service away that appears as
// another.
var disguised = []string{
	groupOtherName, groupDescription, groupWeb, groupTypes, groupWho, groupReporting, groupOrganization, groupHow, groupCMR,
	groupStock, groupDiscretion, groupReferral, groupEligible,
}

// disguise gives a service that must appear as another the other's name.
func (v Values) disguise(s Service) {
	other := s.Text("appears_as")
	if other == "" {
		return
	}
	maps.DeleteFunc(v, func(path string, _ event.Value) bool { return slices.Contains(disguised, groupOf(path)) })
	v["name"] = event.Text(other)
	kind := "other_service"
	if slices.Contains(s.List("service_types"), Types()[0]) {
		kind = Types()[0]
	}
	v["service_types"] = event.List(kind)
}

// tidy takes away items of which no more than their place in the list is left.
func (v Values) tidy() {
	for path := range v {
		item, last, nested := cutLast(path)
		if !nested || last != place {
			continue
		}
		alone := true
		for other := range v {
			alone = alone && (other == path || !strings.HasPrefix(other, item+"/"))
		}
		if alone {
			delete(v, path)
		}
	}
}

// guard knows where safe houses are.
type guard struct {
	words  []string // folded
	points []Point
}

// near is how close to a safe house another place may not be told, in kilometres.
const near = 0.15

// guardOf gathers the places of the safe houses among these services.
func guardOf(services []Service) guard {
	var g guard
	for _, s := range services {
		if !s.IsSafeHouse() {
			continue
		}
		g.words = append(g.words, s.secrets(isPlaceWord)...)
		for _, site := range s.Items("service_at_locations") {
			if p, ok := s.point(site); ok {
				g.points = append(g.points, p)
			}
		}
	}
	slices.Sort(g.words)
	g.words = slices.Compact(g.words)
	return g
}

// placeWords are the keys whose words say where a place is. A city or a region
// alone does not.
var placeWords = []string{"address_1", "address_2", "external_identifier", "transportation"}

func isPlaceWord(path string) bool {
	before, last, _ := cutLast(path)
	if slices.Contains(placeWords, last) {
		return true
	}
	return strings.HasSuffix(kindOf(before+"/x"), "location/x") && (last == "name" || last == "description" || last == "alternate_name")
}

// isOwnSecret are also the ways to reach a safe house.
func isOwnSecret(path string) bool {
	_, last, _ := cutLast(path)
	return isPlaceWord(path) || last == "number" || last == "email"
}

// secrets returns the folded words of the fields that is picks.
func (s Service) secrets(is func(string) bool) []string {
	var all []string
	for path, value := range s.Values {
		if words := fold(value.Reveal()); is(path) && len(words) >= 4 {
			all = append(all, words)
		}
	}
	return all
}

// gives reports whether a field gives the place of a safe house away.
func (g guard) gives(s Service, path string, value event.Value) bool {
	for _, text := range value.RevealList() {
		words := fold(text)
		if g.hasPoint(words) || containsAny(words, g.words) || s.IsSafeHouse() && containsAny(words, s.secrets(isOwnSecret)) {
			return true
		}
	}
	site, in := siteOf(path)
	if !in || len(g.points) == 0 {
		return false
	}
	here, ok := s.point(site)
	return ok && slices.ContainsFunc(g.points, func(p Point) bool { return p.Distance(here) < near })
}

// hasPoint reports whether words hold the coordinates of a safe house.
func (g guard) hasPoint(words string) bool {
	return slices.ContainsFunc(g.points, func(p Point) bool {
		return strings.Contains(words, digits(p.Latitude)) && strings.Contains(words, digits(p.Longitude))
	})
}

// digits writes a coordinate to about a hundred metres, as fold does.
func digits(degrees float64) string {
	text := strconv.FormatFloat(math.Abs(degrees), 'f', 6, 64)
	return fold(text[:len(text)-3])
}

func containsAny(words string, secrets []string) bool {
	return slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(words, secret) })
}

// siteOf returns the site that a path lies in.
func siteOf(path string) (site string, ok bool) {
	list, rest, _ := strings.Cut(path, "/")
	if list != "service_at_locations" {
		return "", false
	}
	item, _, _ := strings.Cut(rest, "/")
	return list + "/" + item, true
}

// point returns where a site is.
func (s Service) point(site string) (Point, bool) {
	lat, ok := s.Values[site+"/location/latitude"].Decimal()
	lon, also := s.Values[site+"/location/longitude"].Decimal()
	p := Point{lat, lon}
	return p, ok && also && p.isOnEarth()
}
