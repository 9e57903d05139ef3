package mse

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// model is a hierarchical log-linear model: main effects for every list, and
// interactions of these sets of two lists and more. With a set go all its subsets
// of two and more. The interaction of all lists is never in: it cannot be told
// from those whom no list has.
type model []Pattern

// The numbers of lists up to which every hierarchical model is tried, and up to
// which a model of pairs is.
const (
	mostListsHierarchical = 5
	mostListsLogLinear    = 12
)

// hierarchical returns every hierarchical model of k lists: 8 for three, 113 for
// four, 6,893 for five.
func hierarchical(k int) []model {
	var bySize [][]Pattern
	for size := 2; size < k; size++ {
		var sets []Pattern
		for p := Pattern(1); p < 1<<k; p++ {
			if bits.OnesCount32(uint32(p)) == size {
				sets = append(sets, p)
			}
		}
		bySize = append(bySize, sets)
	}
	var all []model
	var grow func(level int, have model)
	grow = func(level int, have model) {
		if level == len(bySize) {
			all = append(all, slices.Clone(have))
			return
		}
		var open []Pattern
		for _, p := range bySize[level] {
			if level == 0 || have.hasBelow(p) {
				open = append(open, p)
			}
		}
		for chosen := range 1 << len(open) {
			next := have
			for i, p := range open {
				if chosen>>i&1 == 1 {
					next = append(slices.Clip(next), p)
				}
			}
			if chosen == 0 {
				grow(len(bySize), next)
			} else {
				grow(level+1, next)
			}
		}
	}
	grow(0, model{})
	return all
}

// hasBelow reports whether all sets of one list less are in.
func (m model) hasBelow(p Pattern) bool {
	for rest := p; rest != 0; rest &= rest - 1 {
		if !slices.Contains(m, p&^(rest&-rest)) {
			return false
		}
	}
	return true
}

// name writes a model by its largest sets, as in [A B C][B D].
func (m model) name(lists []string) string {
	covered := Pattern(0)
	var largest []Pattern
	for _, p := range m {
		if !slices.ContainsFunc(m, func(q Pattern) bool { return q != p && q&p == p }) {
			largest = append(largest, p)
			covered |= p
		}
	}
	for j := range lists {
		if covered>>j&1 == 0 {
			largest = append(largest, 1<<j)
		}
	}
	slices.SortFunc(largest, func(a, b Pattern) int {
		return cmp.Or(cmp.Compare(bits.OnesCount32(uint32(b)), bits.OnesCount32(uint32(a))), cmp.Compare(a, b))
	})
	var b strings.Builder
	for _, p := range largest {
		b.WriteString("[" + strings.Join(namesOf(p, lists), " ") + "]")
	}
	return b.String()
}

func namesOf(p Pattern, lists []string) (names []string) {
	for j, name := range lists {
		if p>>j&1 == 1 {
			names = append(names, name)
		}
	}
	return names
}
