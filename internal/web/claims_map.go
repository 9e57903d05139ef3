package web

import (
	"bytes"
	"errors"
	"net/http"

	"amana"
	"amana/internal/geo"
	"amana/internal/huridocs"
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
	When  string // beside it, and of another direction perhaps
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
			m.Points = append(m.Points, mapPoint{N: len(points), Path: claimPath(in.ID), Text: sh.incidentTitle(in), When: sh.when(in)})
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
	if v.me().Has(amana.RoleAdministrator) {
		list.Upload = &claimUpload{"/claims/map", "claims.map.file", "claims.map.file.hint", ".geojson,.json"}
	}
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

// showClaimImport asks for a file that another organisation exported.
func (s *Server) showClaimImport(w http.ResponseWriter, v *visit) error {
	if _, err := v.desk.ClaimsTeam(); err != nil {
		return err
	}
	list := s.claimList(v, "/claims/import", "claims.import")
	list.Form, list.Back = v.form(), "/claims"
	list.Frame = s.frame(v, "claims", list.Form)
	list.Upload = &claimUpload{"/claims/import", "claims.import.file", "claims.import.file.hint", ".json"}
	return claimsPage.render(s, w, v, http.StatusOK, list)
}

func (s *Server) takeClaimImport(w http.ResponseWriter, v *visit) error {
	raw, err := v.file("file")
	f := newForm()
	if errors.Is(err, errNoFile) {
		f.wrong("file", "claims.map.no_file")
		return v.again(w, "/claims/import", f)
	}
	if err != nil {
		return err
	}
	records, err := huridocs.Read(bytes.NewReader(raw))
	if err == nil {
		err = v.desk.ImportClaims(v.Context(), records)
	}
	switch {
	case errors.Is(err, amana.ErrInvalid):
		f.wrong("file", "claims.import.invalid")
	case errors.Is(err, amana.ErrConflict):
		f.wrong("file", "claims.import.here")
	case err != nil:
		return err
	default:
		return v.done(w, "/claims", "claims.import.taken")
	}
	return v.again(w, "/claims/import", f)
}
