package mse

import (
	"math/bits"
	"sync"
)

// graph is a decomposable graph on lists, as the cliques and separators that its
// weight is made of. A separator appears as often as it separates; empty ones
// weigh nothing and are left out.
type graph struct {
	cliques, separators []Pattern
}

// saturated reports whether everything depends on everything: such a graph says
// nothing of those whom no list has.
func (g *graph) saturated(k int) bool {
	return len(g.cliques) == 1 && g.cliques[0] == 1<<k-1
}

// MostListsDGA is the most lists whose graphs are averaged: seven have 617,675.
const MostListsDGA = 7

// decomposable returns every decomposable graph on k lists: 8, 61, 822, 18,154
// for 3 to 6. Maximum cardinality search (Tarjan and Yannakakis 1984) tells which
// graphs are chordal and gives their cliques.
func decomposable(k int) []graph {
	graphsMu.Lock()
	defer graphsMu.Unlock()
	if known, there := graphs[k]; there {
		return known
	}
	var pairs []Pattern
	for i := range k {
		for j := i + 1; j < k; j++ {
			pairs = append(pairs, 1<<i|1<<j)
		}
	}
	var all []graph
	for chosen := range 1 << len(pairs) {
		next := make([]Pattern, k) // neighbours of each list
		for b, pair := range pairs {
			if chosen>>b&1 == 1 {
				i := bits.TrailingZeros32(uint32(pair))
				j := bits.Len32(uint32(pair)) - 1
				next[i] |= 1 << j
				next[j] |= 1 << i
			}
		}
		if g, ok := chordal(next); ok {
			all = append(all, g)
		}
	}
	graphs[k] = all
	return all
}

var (
	graphsMu sync.Mutex // guards graphs
	graphs   = map[int][]graph{}
)

// chordal returns the cliques and separators of a graph, if it is chordal: in the
// order of maximum cardinality search, the neighbours of each vertex that came
// before it are a clique.
func chordal(next []Pattern) (g graph, ok bool) {
	k := len(next)
	var done, clique Pattern
	for range k {
		v, most := 0, -1
		for i := range k {
			if done>>i&1 == 0 {
				if n := bits.OnesCount32(uint32(next[i] & done)); n > most {
					v, most = i, n
				}
			}
		}
		before := next[v] & done
		for rest := before; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros32(uint32(rest))
			if before&^(next[i]|1<<i) != 0 {
				return graph{}, false
			}
		}
		if before == clique && done != 0 && clique != 0 || done == 0 {
			clique |= 1 << v
		} else {
			if clique != 0 {
				g.cliques = append(g.cliques, clique)
			}
			if before != 0 {
				g.separators = append(g.separators, before)
			}
			clique = before | 1<<v
		}
		done |= 1 << v
	}
	g.cliques = append(g.cliques, clique)
	return g, true
}
