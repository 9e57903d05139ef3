package mse

import (
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// The faults of a model on a table, which add up. See SparseMSE's error codes.
const (
	noMaximum       = 1 // the likelihood has no maximum (Fienberg and Rinaldo 2012)
	notIdentifiable = 2 // parameters cannot be told apart
)

// interior is how far inside its cone the sufficient statistic must lie.
const interior = 1e-9

// faults says whether a model can be fitted: 0 if it can.
func faults(counts []int, d design) (code int) {
	cells, k := len(d.cells), len(d.terms)
	if cells == 0 {
		return noMaximum | notIdentifiable
	}
	// Where the cells with somebody alone tell all parameters apart, no direction leaves
	// what is expected of them as it is: the maximum exists. It is cheap to see, and so
	// with most tables.
	if where := peopled(counts, d); len(where) >= k && len(independent(d, where)) == k {
		return 0
	}
	rows := independent(d, d.cells)
	if len(rows) < k {
		code |= notIdentifiable
	}
	if !hasMaximum(counts, d, rows) {
		code |= noMaximum
	}
	return code
}

// peopled returns the cells with somebody.
func peopled(counts []int, d design) (cells []Pattern) {
	for _, c := range d.cells {
		if counts[c] > 0 {
			cells = append(cells, c)
		}
	}
	return cells
}

// independent returns the terms whose rows of the design, in these cells, are linearly
// independent, by elimination over the rationals: all entries are 0 and 1, and
// few, so floating point is exact enough.
func independent(d design, cells []Pattern) (kept []int) {
	var basis [][]float64
	var lead []int
	for k, term := range d.terms {
		row := make([]float64, len(cells))
		for i, c := range cells {
			if has(c, term) {
				row[i] = 1
			}
		}
		for b, base := range basis {
			if f := row[lead[b]] / base[lead[b]]; f != 0 {
				for i := range row {
					row[i] -= f * base[i]
				}
			}
		}
		best := -1
		for i, v := range row {
			if v > 1e-9 || v < -1e-9 {
				best = i
				break
			}
		}
		if best < 0 {
			continue
		}
		basis, lead, kept = append(basis, row), append(lead, best), append(kept, k)
	}
	return kept
}

// hasMaximum reports whether the sufficient statistic lies inside its cone: the
// largest s for which fitted counts x with A'x = t and x >= s exist is above
// zero. With x = w + s it is a linear program in w and s, both >= 0. On which face
// the statistic lies follows from which cells have anybody, not from how many: each
// is taken to have one, so that large counts hide no small ones.
func hasMaximum(counts []int, d design, rows []int) bool {
	cells := len(d.cells)
	total := 0
	for _, c := range d.cells {
		if counts[c] > 0 {
			total++
		}
	}
	if total == 0 || total == cells { // where every cell has somebody, the counts are inside
		return total > 0
	}
	a := mat.NewDense(len(rows), cells+1, nil)
	b := make([]float64, len(rows))
	for r, k := range rows {
		for i, c := range d.cells {
			if has(c, d.terms[k]) {
				a.Set(r, i, 1)
				a.Set(r, cells, a.At(r, cells)+1)
				if counts[c] > 0 {
					b[r] += 1 / float64(total)
				}
			}
		}
		if b[r] == 0 {
			return false // a term that nobody is counted for
		}
	}
	if len(rows) == cells { // as many parameters as cells: the counts fit themselves
		return false
	}
	goal := make([]float64, cells+1)
	goal[cells] = -1
	best, _, err := lp.Simplex(goal, a, b, 1e-12, nil)
	return err == nil && -best > interior
}

// support is which cells have anybody, one bit each.
type support string

func supportOf(counts []int) support {
	s := make([]byte, (len(counts)+7)/8)
	for p, n := range counts {
		if n > 0 {
			s[p/8] |= 1 << (p % 8)
		}
	}
	return support(s)
}

// faultFinder remembers what faults said, which replicates ask again and again: it
// depends on the model and on which cells have anybody. It may be asked by many at once.
type faultFinder struct {
	mu    sync.Mutex // guards known and bytes
	known map[fault]int
	bytes int
}

type fault struct {
	model string
	support
}

// mostKnown bounds the bytes of what is remembered: beyond, it is found out anew.
const mostKnown = 16 << 20

func (f *faultFinder) of(m model, s support, counts []int, d design) int {
	key := fault{m.key(), s}
	f.mu.Lock()
	code, there := f.known[key]
	f.mu.Unlock()
	if there {
		return code
	}
	code = faults(counts, d)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = map[fault]int{}
	}
	if size := len(key.model) + len(s); f.bytes+size < mostKnown {
		f.known[key] = code
		f.bytes += size
	}
	return code
}

// key is the same for the same model.
func (m model) key() string {
	sets := slices.Sorted(slices.Values(m))
	b := make([]byte, 0, 2*len(m))
	for _, p := range sets { // of at most 12 lists
		b = append(b, byte(p), byte(p>>8))
	}
	return string(b)
}
