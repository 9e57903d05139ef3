package geo

// Shades are how many steps a map of counts has. A number stands on each area: a shade
// says nothing alone.
const Shades = 4

// Area is a boundary of a map with what is counted in it.
type Area struct {
	Path
	ID    string // of the area that it is, or "" for one that is none
	Count int    // below zero where it is not to be shown
	Shade int    // 0 for none, to [Shades] for the most
}

// LayCounts lays out boundaries with a count on each: of says which area a boundary's
// name stands for, and its count. It is false where no boundary is an area.
func LayCounts(shapes []Shape, of func(name string) (id string, count int, ok bool)) (list []Area, height float64, ok bool) {
	m, most := Lay(shapes, nil), 0
	for _, p := range m.Paths {
		id, count, known := of(p.Name)
		list, ok = append(list, Area{Path: p, ID: id, Count: count}), ok || known
		most = max(most, count)
	}
	for i := range list {
		if n := list[i].Count; n > 0 {
			list[i].Shade = (n*Shades + most - 1) / most
		}
	}
	return list, m.Height, ok
}
