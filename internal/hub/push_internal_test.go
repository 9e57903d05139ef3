package hub

import (
	"testing"
	"time"

	"amana"
)

// Transactions that wait for a lock, as many as there usually are at once, hold up
// nobody else.
func TestLanes_slowOnesHoldUpNobody(t *testing.T) {
	stuck := make(chan struct{})
	l := &lanes{
		ahead: func(list []*pushing) ([]*pushing, []amana.OrgID) {
			if list[0].org[0] <= usualWriting {
				<-stuck
			}
			for _, p := range list {
				p.finish(1, nil)
			}
			return nil, nil
		},
		most: mostWriting, busy: map[amana.OrgID]bool{}, own: map[amana.OrgID]*queue{}, contended: map[amana.OrgID]int{},
	}
	add := func(org byte) *pushing {
		p := &pushing{org: amana.OrgID{org}, done: make(chan struct{})}
		l.add(p)
		return p
	}
	var waiting []*pushing
	for org := range byte(usualWriting) {
		waiting = append(waiting, add(org+1))
		for began := false; !began; time.Sleep(time.Millisecond) { // each in a transaction of its own
			l.mu.Lock()
			began = len(l.shared) == 0
			l.mu.Unlock()
		}
	}
	for range 2 { // while they begin to take long, and when they have for a while
		select {
		case <-add(9).done:
		case <-time.After(10 * time.Second):
			t.Fatal("somebody waits for another organisation's lock")
		}
		time.Sleep(3 * long)
	}
	close(stuck)
	for _, p := range waiting {
		<-p.done
	}
	l.close()
	if l.writing != 0 || l.slow != 0 {
		t.Errorf("%d write and %d are slow when all is done", l.writing, l.slow)
	}
}
