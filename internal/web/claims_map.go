package web

import (
	"errors"
	"net/http"

	"amana"
	"amana/internal/geo"
)

// claimMap is a map to be drawn.
type claimMap struct {
	geo.Map
	Width  float64
	Points []mapPoint
}

type mapPoint struct {
	X, Y  float64
	N     int // beside the point, and in the list under the map
	Path  string
	Text  string
	TextY float64
}

func (s *Server) showClaimMap(w http.ResponseWriter, v *visit) error {
	world, err := v.desk.Claims(v.Context())
	if err != nil {
		return err
	}
	sh := v.claimShower(world)
	list := s.claimList(v, "/claims/map", "claims.map")
	list.Form = v.form()
	list.Frame = s.frame(v, "claims", list.Form)
	var points []geo.Point
	m := &claimMap{Width: geo.Width}
	unmapped := claimSection{ID: "unmapped", Title: v.lang.T("claims.map.unmapped"), None: v.lang.T("claims.none")}
	for _, in := range world.Chronology() {
		switch {
		case in.Scope == "context":
		case in.Place.Mapped:
			points = append(points, geo.Point{Latitude: in.Place.Latitude, Longitude: in.Place.Longitude})
			m.Points = append(m.Points, mapPoint{N: len(points), Path: claimPath(in.ID), Text: joinDots(sh.incidentTitle(in), sh.when(in))})
		default:
			unmapped.Rows = append(unmapped.Rows, sh.incidentRow(in))
		}
	}
	shapes, err := geo.ParseBoundaries(v.desk.Boundaries())
	if err != nil {
		shapes = nil // there are none, or they are of a newer version
	}
	m.Map = geo.Lay(shapes, points)
	for i := range m.Points {
		m.Points[i].X, m.Points[i].Y = m.Places[i].X, m.Places[i].Y
		m.Points[i].TextY = m.Places[i].Y - 24
	}
	if len(shapes)+len(points) > 0 {
		list.Map = m
	}
	list.Upload = v.me().Has(amana.RoleAdministrator)
	list.Sections = []claimSection{unmapped}
	return claimsPage.render(s, w, v, http.StatusOK, list)
}

// takeBoundaries takes in a file of boundaries.
func (s *Server) takeBoundaries(w http.ResponseWriter, v *visit) error {
	raw, err := v.file("file")
	f := newForm()
	switch {
	case errors.Is(err, errNoFile):
		f.wrong("file", "claims.map.no_file")
	case err != nil:
		return err
	default:
		err = v.desk.SetBoundaries(v.Context(), raw)
		if errors.Is(err, amana.ErrInvalid) {
			f.wrong("file", "claims.map.no_geojson")
		} else if err != nil {
			return err
		}
	}
	if f.Failed() {
		return v.again(w, "/claims/map", f)
	}
	return v.done(w, "/claims/map", "claims.map.taken")
}
