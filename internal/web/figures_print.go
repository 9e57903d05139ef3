package web

import (
	"net/http"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/geo"
	"amana/internal/stats"
	"amana/internal/tabulate"
)

// printView is a document for print, in one language.
type printView struct{ Path, Lang, Dir, Text string }

// printLanguages are the languages of documents: those in which every word of a figure
// is written.
var printLanguages = []string{"en", "fr", "ar"}

func (s *Server) prints(kind string, r casework.FiguresRelease) (list []printView) {
	for _, tag := range printLanguages {
		lang := s.catalogue.Language(tag)
		list = append(list, printView{
			Path: "/figures/releases/" + r.ID.String() + "/print/" + kind + "/" + tag, Lang: lang.Tag(), Dir: lang.Dir(), Text: lang.T("figures.print." + kind),
		})
	}
	return list
}

// printRelease writes the tables, or the report, as a PDF, in a language that need not be
// the reader's.
func (s *Server) printRelease(w http.ResponseWriter, v *visit) error {
	r, err := v.release()
	if err != nil {
		return err
	}
	safe, err := v.desk.SafeFigures(v.Context(), r.ID)
	if err != nil {
		return err
	}
	kind, tag := v.PathValue("kind"), v.PathValue("lang")
	known := false
	for _, p := range printLanguages {
		known = known || p == tag
	}
	if !known || kind != "tables" && kind != "report" {
		return amana.ErrNotFound
	}
	in := *v
	in.lang = s.catalogue.Language(tag)
	office := v.desk.Organisation().Name
	how := tabulate.Report{
		Title: in.releaseTitle(r), Office: office, Lang: in.lang.Tag(), RightToLeft: in.lang.Dir() == "rtl", Number: in.lang.Number,
		ByArea: [2]string{in.lang.T("figures.areas.title"), in.lang.T("figures.areas.what")},
		Map:    [2]string{in.lang.T("figures.map"), in.lang.T("figures.map.what")},
	}
	how.Shapes, how.AreaOf = v.shapes()
	if kind == "report" {
		how.Charts, how.Words = true, in.reportWords(r, office)
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="figures-`+tag+`.pdf"`)
	return tabulate.PDF(w, safe, in.fileWords(r), how)
}

// shapes are the organisation's boundaries, and which area each name stands for.
func (v *visit) shapes() ([]geo.Shape, func(string) string) {
	shapes, err := geo.ParseBoundaries(v.desk.Boundaries())
	if err != nil {
		return nil, nil // there are none, or they are of a newer version
	}
	fold := func(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }
	at := map[string]string{}
	for _, a := range v.desk.Areas() {
		for _, name := range append([]string{a.Name}, a.Others...) {
			at[fold(name)] = a.Name
		}
		if a.Region != "" && at[fold(a.Region)] == "" {
			at[fold(a.Region)] = a.Region // of a map of regions
		}
	}
	return shapes, func(name string) string { return at[fold(name)] }
}

// areaMapView is a map of the headline by area. A number stands on each area, and the
// table beside it says the same.
type areaMapView struct {
	Width, Height float64
	Areas         []areaOnMap
}

type areaOnMap struct {
	D, Name, Count string
	X, Y, TextY    float64
	Shade          int
	On             bool
}

func (v *visit) areaMap(s disclose.Safe) *areaMapView {
	shapes, areaOf := v.shapes()
	return v.mapOf(tabulate.AreaMap(s, shapes, areaOf))
}

// insideMap is the map of what was counted inside: exact, for those who may read the
// cases. Boundaries of regions have the sum of their areas.
func (v *visit) insideMap(figures casework.Figures, t *stats.Counted) *areaMapView {
	shapes, areaOf := v.shapes()
	if len(shapes) == 0 {
		return nil
	}
	count := map[string]int{}
	ids, regions := figures.Book.IDs(stats.Area), map[string]string{}
	for _, a := range v.desk.Areas() {
		regions[a.Name] = a.Region
	}
	for i, id := range ids {
		if i+1 >= figures.Counts.Areas {
			break
		}
		n := t.At(0, -1, i+1)
		if count[id] += n; regions[id] != "" && regions[id] != id {
			count[regions[id]] += n
		}
	}
	return v.mapOf(geo.LayCounts(shapes, func(name string) (string, int, bool) {
		id := areaOf(name)
		n, ok := count[id]
		return id, n, ok && id != ""
	}))
}

func (v *visit) mapOf(list []geo.Area, height float64, ok bool) *areaMapView {
	if !ok {
		return nil
	}
	m := &areaMapView{Width: geo.Width, Height: height}
	for _, a := range list {
		one := areaOnMap{D: a.D, Name: a.ID, X: a.Middle.X, Y: a.Middle.Y, TextY: a.Middle.Y + 36, Shade: a.Shade, On: a.ID != ""}
		if one.On {
			one.Count = v.figureText(a.Count)
		}
		m.Areas = append(m.Areas, one)
	}
	return m
}
