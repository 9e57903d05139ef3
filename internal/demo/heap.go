package demo

import "container/heap"

// deedHeap holds deeds to come, the next one first.
type deedHeap []deed

func (h *deedHeap) push(list ...deed) {
	for _, d := range list {
		heap.Push((*byTime)(h), d)
	}
}

func (h *deedHeap) pop() deed { return heap.Pop((*byTime)(h)).(deed) }

type byTime deedHeap

func (h *byTime) Len() int           { return len(*h) }
func (h *byTime) Less(i, j int) bool { return (*h)[i].when.Before((*h)[j].when) }
func (h *byTime) Swap(i, j int)      { (*h)[i], (*h)[j] = (*h)[j], (*h)[i] }
func (h *byTime) Push(d any)         { *h = append(*h, d.(deed)) }

func (h *byTime) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = deed{} // the texts of what is done can go
	*h = old[:len(old)-1]
	return last
}
