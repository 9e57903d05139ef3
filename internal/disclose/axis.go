package disclose

import (
	"cmp"
	"errors"
	"slices"
)

// set is a set of atoms, sorted: months, areas, or the finest rows of a table.
type set []int

func (s set) has(o set) bool {
	for _, x := range o {
		if _, in := slices.BinarySearch(s, x); !in {
			return false
		}
	}
	return true
}

func (s set) meets(o set) bool {
	return slices.ContainsFunc(o, func(x int) bool { _, in := slices.BinarySearch(s, x); return in })
}

// axis is a tree of sets: each node is the sum of its children. Node 0 is the root,
// which has everything. Where the children that somebody asked for do not make up
// their parent, what is left is a node of its own, that is never shown: whoever has
// the parent and the others can work it out.
type axis struct {
	sets     []set
	parent   []int
	children [][]int
	rest     []bool // a node that nobody asked for
	leaves   []int
	paths    [][]int   // of a leaf: from itself to the root
	below    [][]int   // the leaves of a node
	ways     [][]shift // in which a node can become more
	apart    [][]shift // likewise, without those from nowhere
}

var errOverlap = errors.New("sets that overlap in part")

// newAxis makes a tree of sets that are apart or inside each other. Equal sets are
// one node. at says which node each set became.
func newAxis(sets []set) (a *axis, at []int, err error) {
	var all set
	for _, s := range sets {
		all = append(all, s...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	a = &axis{sets: []set{all}, parent: []int{-1}, children: [][]int{nil}, rest: []bool{true}}
	order := make([]int, len(sets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(len(sets[y]), len(sets[x])) })
	at = make([]int, len(sets))
	for _, i := range order {
		if at[i], err = a.insert(sets[i]); err != nil {
			return nil, nil, err
		}
		a.rest[at[i]] = false
	}
	a.fill()
	return a, at, nil
}

// insert puts a set below the smallest that has it. Sets come largest first.
func (a *axis) insert(s set) (int, error) {
	at := 0
	for {
		if len(a.sets[at]) == len(s) {
			return at, nil
		}
		next := -1
		for _, c := range a.children[at] {
			switch {
			case a.sets[c].has(s):
				next = c
			case a.sets[c].meets(s):
				return 0, errOverlap
			}
		}
		if next < 0 {
			return a.add(at, s, false), nil
		}
		at = next
	}
}

func (a *axis) add(parent int, s set, rest bool) int {
	n := len(a.sets)
	a.sets, a.parent, a.children, a.rest = append(a.sets, s), append(a.parent, parent), append(a.children, nil), append(a.rest, rest)
	a.children[parent] = append(a.children[parent], n)
	return n
}

// fill adds what is left of each node, and notes leaves and paths.
func (a *axis) fill() {
	for n := range len(a.sets) {
		var under set
		for _, c := range a.children[n] {
			under = append(under, a.sets[c]...)
		}
		if len(under) == 0 || len(under) == len(a.sets[n]) {
			continue
		}
		slices.Sort(under)
		var left set
		for _, x := range a.sets[n] {
			if !under.has(set{x}) {
				left = append(left, x)
			}
		}
		a.add(n, left, true)
	}
	a.paths, a.below = make([][]int, len(a.sets)), make([][]int, len(a.sets))
	for n := range a.sets {
		if len(a.children[n]) > 0 {
			continue
		}
		a.leaves = append(a.leaves, n)
		for up := n; up >= 0; up = a.parent[up] {
			a.paths[n] = append(a.paths[n], up)
			a.below[up] = append(a.below[up], n)
		}
	}
	for n := range a.sets {
		a.ways, a.apart = append(a.ways, a.shifts(n, true)), append(a.apart, a.shifts(n, false))
	}
}

func (a *axis) size() int { return len(a.sets) }

// within reports whether a node is another or below it.
func (a *axis) within(n, top int) bool {
	for ; n >= 0; n = a.parent[n] {
		if n == top {
			return true
		}
	}
	return false
}

// shift moves something from one leaf to another, or in from nowhere: what changes
// is the path of each up to where they meet.
type shift struct{ plus, minus []int }

// onto is what changes where something comes to leaf u and leaves leaf v; v < 0 for
// from nowhere.
func (a *axis) onto(u, v int) shift {
	if v < 0 {
		return shift{plus: a.paths[u]}
	}
	p, m := a.paths[u], a.paths[v]
	for len(p) > 0 && len(m) > 0 && p[len(p)-1] == m[len(m)-1] {
		p, m = p[:len(p)-1], m[:len(m)-1]
	}
	return shift{p, m}
}

// shifts are the ways in which a node can become more. Those from nowhere change the
// root too.
func (a *axis) shifts(node int, fromNowhere bool) []shift {
	var list []shift
	for _, u := range a.below[node] {
		if fromNowhere {
			list = append(list, a.onto(u, -1))
		}
		if node == 0 {
			continue
		}
		for _, v := range a.leaves {
			if !a.within(v, node) {
				list = append(list, a.onto(u, v))
			}
		}
	}
	return list
}
