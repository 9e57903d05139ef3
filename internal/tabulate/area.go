package tabulate

import (
	"slices"

	"amana/internal/disclose"
	"amana/internal/geo"
)

// Area is a boundary of a map with what is shown of it.
type Area struct {
	geo.Path
	ID    string // of the area in the figures, or "" for one that they do not have
	Count int    // of the headline over the whole time, or [disclose.Withheld], or [disclose.Absent]
	Shade int    // 0 for none, to [Shades] for the most
}

// Shades are how many steps a map has. A number stands on each area: a shade says
// nothing alone.
const Shades = 4

// AreaMap lays out boundaries with the headline of the figures by area. areaOf says
// which area a boundary's name stands for. It is false where no boundary is of an area
// of the figures.
func AreaMap(s disclose.Safe, shapes []geo.Shape, areaOf func(name string) string) (list []Area, height float64, ok bool) {
	r := s.Release()
	t := r.Table("total")
	if t == nil || len(r.Areas) < 2 {
		return nil, 0, false
	}
	m, most := geo.Lay(shapes, nil), 0
	for _, p := range m.Paths {
		a := Area{Path: p, Count: disclose.Absent}
		if at := areaAt(&r, areaOf(p.Name)); at > 0 {
			a.ID, a.Count, ok = r.Areas[at].ID, wholeTime(&r, t, at), true
		}
		most = max(most, a.Count)
		list = append(list, a)
	}
	for i := range list {
		if n := list[i].Count; n > 0 {
			list[i].Shade = (n*Shades + most - 1) / most
		}
	}
	return list, m.Height, ok
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
