// Package capture makes capture histories of events or people that several sources
// document: on which lists each stands, once it is settled which of them are one.
// Where nobody has settled it, it draws the answer again and again, so that what is
// not known about the links can be carried into an interval.
//
// It knows no vault and no words: what it links are numbers, and lists are names that
// a page may show.
package capture

import (
	"slices"

	"amana/mse"
)

// Pair is two entries, by their places.
type Pair struct{ A, B int }

// Link is a pair that nobody decided, and how likely it is one: from 0 to 1.
type Link struct {
	Pair
	Chance float64
}

// Linkage is entries with the lists on which they stand, and what people decided of
// pairs of them. An entry is an event, or a person in an event.
type Linkage struct {
	Lists   []string
	Entries []mse.Pattern
	Same    []Pair // one
	Apart   []Pair // not one
	Unsure  []Link // may be one: nobody decided
}

// Table returns the capture histories with every undecided pair joined, or none.
// Entries that people hold apart are never joined, by no chain of pairs either.
// Errors: [mse.ErrTable].
func (l *Linkage) Table(all bool) (mse.Table, error) {
	u := l.units()
	if all {
		for _, p := range l.Unsure {
			u.unite(p.A, p.B)
		}
	}
	return l.tally(u.find)
}

// tally counts the lists on which each group of entries stands.
func (l *Linkage) tally(group func(entry int) int) (mse.Table, error) {
	patterns := map[int]mse.Pattern{}
	for i, p := range l.Entries {
		patterns[group(i)] |= p
	}
	counts := map[mse.Pattern]int{}
	for _, p := range patterns {
		if p != 0 { // on no list that is left: nobody asks how many
			counts[p]++
		}
	}
	return mse.NewTable(l.Lists, counts)
}

// Contradicted returns how many pairs people hold apart that they, or others, have
// also said to be one, by a chain of decisions if not in one. The word that joins holds.
func (l *Linkage) Contradicted() (n int) {
	u := l.units()
	for _, p := range l.Apart {
		if u.find(p.A) == u.find(p.B) {
			n++
		}
	}
	return n
}

// units are entries that are one because people said so.
func (l *Linkage) units() *groups {
	g := &groups{of: make([]int, len(l.Entries)), apart: map[Pair]bool{}, members: make([][]int, len(l.Entries))}
	for i := range g.of {
		g.of[i], g.members[i] = i, []int{i}
	}
	for _, p := range l.Same {
		g.unite(p.A, p.B)
	}
	for _, p := range l.Apart {
		g.apart[Pair{p.A, p.B}], g.apart[Pair{p.B, p.A}] = true, true
	}
	return g
}

// groups are entries that are one.
type groups struct {
	of      []int
	members [][]int
	apart   map[Pair]bool
}

func (g *groups) find(i int) int {
	for g.of[i] != i {
		g.of[i] = g.of[g.of[i]]
		i = g.of[i]
	}
	return i
}

// held reports whether somebody holds two groups apart.
func (g *groups) held(a, b int) bool {
	for _, x := range g.members[a] {
		for _, y := range g.members[b] {
			if g.apart[Pair{x, y}] {
				return true
			}
		}
	}
	return false
}

// unite makes one of two, unless somebody holds two apart that would be in it.
func (g *groups) unite(a, b int) {
	a, b = g.find(a), g.find(b)
	if a == b || g.held(a, b) {
		return
	}
	a, b = min(a, b), max(a, b)
	g.of[b] = a
	g.members[a], g.members[b] = append(g.members[a], g.members[b]...), nil
}

// Most keeps the lists with the most entries, no more than so many, in their order;
// which were left out is returned. Entries on none of the others are gone.
func (l *Linkage) Most(lists int) (kept Linkage, left []string) {
	size := make([]int, len(l.Lists))
	order := make([]int, len(l.Lists))
	for j := range l.Lists {
		order[j] = j
		for _, p := range l.Entries {
			size[j] += int(p >> j & 1)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return size[b] - size[a] })
	chosen := slices.Sorted(slices.Values(order[:min(lists, len(order))]))
	kept = Linkage{Entries: make([]mse.Pattern, len(l.Entries)), Same: l.Same, Apart: l.Apart, Unsure: l.Unsure}
	for j, name := range l.Lists {
		at := slices.Index(chosen, j)
		if at < 0 {
			left = append(left, name)
			continue
		}
		kept.Lists = append(kept.Lists, name)
		for i, p := range l.Entries {
			kept.Entries[i] |= p >> j & 1 << at
		}
	}
	return kept, left
}
