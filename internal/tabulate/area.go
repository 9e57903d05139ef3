package tabulate

import (
	"slices"

	"amana/internal/disclose"
	"amana/internal/geo"
)

// AreaMap lays out boundaries with the headline of the figures by area. areaOf says
// which area a boundary's name stands for. It is false where no boundary is of an area
// of the figures.
func AreaMap(s disclose.Safe, shapes []geo.Shape, areaOf func(name string) string) (list []geo.Area, height float64, ok bool) {
	r := s.Release()
	t := r.Table("total")
	if t == nil || len(r.Areas) < 2 {
		return nil, 0, false
	}
	return geo.LayCounts(shapes, func(name string) (string, int, bool) {
		at := areaAt(&r, areaOf(name))
		if at == 0 {
			return "", disclose.Absent, false
		}
		return r.Areas[at].ID, wholeTime(&r, t, at), true
	})
}

// areaAt finds the area of a release that is, or has, one of a name.
func areaAt(r *disclose.Release, name string) int {
	for i, a := range r.Areas {
		if i == 0 || name == "" {
			continue
		}
		if a.ID == name || slices.Contains(a.Members, name) {
			return i
		}
	}
	return 0
}

// wholeTime adds up what is shown of an area; where one period is not shown, neither is
// their sum.
func wholeTime(r *disclose.Release, t *disclose.Released, area int) int {
	sum := 0
	for p := range r.Periods {
		n := r.At(t, 0, area, p)
		if n < 0 {
			return n
		}
		sum += n
	}
	return sum
}
