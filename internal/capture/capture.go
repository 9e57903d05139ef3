// Package capture makes capture histories of events that several sources document:
// on which lists each event stands, once it is settled which of them are one. Where
// nobody has settled it, it draws the answer again and again, so that what is not
// known about the links can be carried into an interval.
//
// It knows no vault and no words: events are numbers, and lists are names that a page
// may show.
package capture

import (
	"math/rand/v2"
	"slices"

	"amana/mse"
)

// Pair is two events, by their places.
type Pair struct{ A, B int }

// Linkage is events with the lists on which they stand, and what people decided of
// pairs of them.
type Linkage struct {
	Lists  []string
	Events []mse.Pattern
	Same   []Pair // one event
	Apart  []Pair // not one event
	Unsure []Pair // may be one: nobody decided
}

// Table returns the capture histories. join says for each pair of Unsure whether it
// is one event; nil joins none. Events that people hold apart are never joined, by no
// chain of pairs either. Errors: [mse.ErrTable].
func (l *Linkage) Table(join []bool) (mse.Table, error) {
	g := groups{of: make([]int, len(l.Events)), apart: l.Apart}
	for i := range g.of {
		g.of[i] = i
	}
	for _, p := range l.Same {
		g.unite(p.A, p.B, false) // what a person decided holds, even if another decided otherwise
	}
	for i, p := range l.Unsure {
		if i < len(join) && join[i] {
			g.unite(p.A, p.B, true)
		}
	}
	patterns := map[int]mse.Pattern{}
	for i, p := range l.Events {
		patterns[g.find(i)] |= p
	}
	counts := map[mse.Pattern]int{}
	for _, p := range patterns {
		counts[p]++
	}
	return mse.NewTable(l.Lists, counts)
}

// Redraw decides each pair that nobody decided by the toss of a coin: a function of
// seed and number.
func (l *Linkage) Redraw(seed, number uint64) []bool {
	r := rand.New(rand.NewPCG(seed, number^0x6c696e6b)) //nolint:gosec // no secret: it must be the same again
	join := make([]bool, len(l.Unsure))
	for i := range join {
		join[i] = r.IntN(2) == 1
	}
	return join
}

// All joins every pair that nobody decided.
func (l *Linkage) All() []bool { return slices.Repeat([]bool{true}, len(l.Unsure)) }

// groups are events that are one.
type groups struct {
	of    []int
	apart []Pair
}

func (g *groups) find(i int) int {
	for g.of[i] != i {
		g.of[i] = g.of[g.of[i]]
		i = g.of[i]
	}
	return i
}

// unite makes one event of two, unless it is careful and somebody holds two apart
// that would be in it.
func (g *groups) unite(a, b int, careful bool) {
	a, b = g.find(a), g.find(b)
	if a == b || careful && slices.ContainsFunc(g.apart, func(p Pair) bool {
		x, y := g.find(p.A), g.find(p.B)
		return x == a && y == b || x == b && y == a
	}) {
		return
	}
	g.of[max(a, b)] = min(a, b)
}

// Most keeps the lists with the most events, no more than so many, in their order;
// which were left out is returned. Events on none of the others are gone.
func (l *Linkage) Most(lists int) (kept Linkage, left []string) {
	size := make([]int, len(l.Lists))
	order := make([]int, len(l.Lists))
	for j := range l.Lists {
		order[j] = j
		for _, p := range l.Events {
			size[j] += int(p >> j & 1)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return size[b] - size[a] })
	chosen := slices.Sorted(slices.Values(order[:min(lists, len(order))]))
	kept = Linkage{Events: make([]mse.Pattern, len(l.Events)), Same: l.Same, Apart: l.Apart, Unsure: l.Unsure}
	for j, name := range l.Lists {
		at := slices.Index(chosen, j)
		if at < 0 {
			left = append(left, name)
			continue
		}
		kept.Lists = append(kept.Lists, name)
		for i, p := range l.Events {
			kept.Events[i] |= p >> j & 1 << at
		}
	}
	return kept, left
}
