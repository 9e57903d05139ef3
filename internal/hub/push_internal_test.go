package hub

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"amana"
	"amana/internal/journal"
)

// testLanes has lanes whose transactions do what do does.
func testLanes(do func([]*pushing)) *lanes {
	l := newLanes()
	l.most = mostWriting
	l.ahead = func(list []*pushing) ([]*pushing, []amana.OrgID) {
		do(list)
		for _, p := range list {
			p.finish(1, nil)
		}
		return nil, nil
	}
	return l
}

func addFor(l *lanes, org byte) *pushing {
	p := &pushing{org: amana.OrgID{org}, done: make(chan struct{})}
	l.add(p)
	return p
}

// Transactions that wait for a lock, as many as there usually are at once, hold up
// nobody else.
func TestLanes_slowOnesHoldUpNobody(t *testing.T) {
	stuck := make(chan struct{})
	l := testLanes(func(list []*pushing) {
		if list[0].org[0] <= usualWriting {
			<-stuck
		}
	})
	add := func(org byte) *pushing { return addFor(l, org) }
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

// Those who come again at once, each a little later than the other, are written together,
// also where nothing was written in between; but nobody waits long for others who do not
// come, and who comes alone not at all.
func TestLanes_whoComesInAMomentIsWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const takes = 8 * time.Millisecond
		var together []int
		l := testLanes(func(list []*pushing) {
			together = append(together, len(list))
			time.Sleep(takes)
		})
		come := func(n int, apart time.Duration) (last *pushing) {
			for org := range n {
				time.Sleep(apart)
				last = addFor(l, byte(org+1))
			}
			return last
		}
		come(1, 0)
		synctest.Wait()    // it is being written
		last := come(4, 0) // others wait
		time.Sleep(takes)  // the first is written,
		synctest.Wait()    // is told,
		<-come(1, 0).done  // comes again at once, and goes with the others
		<-last.done
		<-come(5, takes/32).done // all come again, one after the other
		time.Sleep(takes)        // nobody comes, and nothing is written
		<-come(4, takes/32).done // almost as many as came then
		time.Sleep(2 * lately)
		began := time.Now()
		<-come(1, 0).done
		if took := time.Since(began); took != takes {
			t.Errorf("one who comes alone waits for %v, and is written in %v", took, takes)
		}
		l.close()
		if want := []int{1, 5, 5, 4, 1}; !slices.Equal(together, want) {
			t.Errorf("written together %v, want %v", together, want)
		}
	})
}

// Those in whose organisations another hub writes are not waited for: they go there in turns.
func TestLanes_nobodyWaitsForWhoGoesElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const takes = 8 * time.Millisecond
		begins := make(chan time.Time, 1)
		l := testLanes(func([]*pushing) {
			begins <- time.Now()
			time.Sleep(takes)
		})
		org := byte(0)
		come := func(n int) {
			for range n {
				org++
				l.mu.Lock()
				l.moved[amana.OrgID{org}] = readAnew
				l.mu.Unlock()
				addFor(l, org)
			}
		}
		come(1)
		began := <-begins
		var idle time.Duration
		for range 12 { // others each time, while it is written
			time.Sleep(takes / 2)
			come(4)
			last := began
			began = <-begins
			idle = began.Sub(last) - takes
		}
		l.close()
		if idle > 0 {
			t.Errorf("who was there waited for %v for others", idle)
		}
	})
}

// Two hubs that write to the same organisations lock their rows in the same order, or each
// would wait for the other.
func TestGroup_locksInOneOrder(t *testing.T) {
	var list []*pushing
	for _, org := range []byte{7, 3, 9, 1, 3, 8} {
		list = append(list, &pushing{org: amana.OrgID{org}, b: journal.Batch{First: uint64(len(list))}})
	}
	g := (&Store{}).newGroup(list)
	for i, want := range []byte{1, 3, 3, 7, 8, 9} {
		if g.list[i].org[0] != want || i == 2 && g.list[i].b.First < g.list[i-1].b.First {
			t.Fatalf("batch %d is of organisation %d, want %d, the earlier one first", i, g.list[i].org[0], want)
		}
		g.orgs[g.list[i].org] = &state{size: 2, was: 1}
	}
	if grown := g.grown(); len(grown) != 5 || !slices.IsSortedFunc(grown, func(a, b amana.OrgID) int { return int(a[0]) - int(b[0]) }) {
		t.Errorf("their rows are written in the order %v", grown)
	}
}

// ReadsAnew says for how many batches how an organisation stands is read, since another
// hub wrote there.
func (s *Store) ReadsAnew(org amana.OrgID) int {
	s.lanes.mu.Lock()
	defer s.lanes.mu.Unlock()
	return s.lanes.moved[org]
}

// OnPostgres says which database it is.
func (s *Store) OnPostgres() bool { return s.postgres }

// Where one device of an organisation is read and the log has grown meanwhile, nothing is
// said of another device that was only remembered.
func TestGroup_whatWasRememberedIsNotSaid(t *testing.T) {
	org, remembered, read := amana.OrgID{1}, amana.DeviceID{2}, amana.DeviceID{3}
	batch := func(d amana.DeviceID) *pushing {
		return &pushing{org: org, b: journal.Batch{First: 5, Items: make([]journal.Item, 1), Head: journal.SignedHead{Device: d}}}
	}
	g := (&Store{}).newGroup([]*pushing{batch(remembered), batch(read)})
	g.orgs[org] = &state{devices: map[amana.DeviceID]*standing{remembered: {}}}
	if err := g.note(row{org: org[:], device: read[:], size: 1, edge: make(edge, 32), head: make([]byte, 32)}); err != nil {
		t.Fatal(err)
	}
	g.judge(false)
	if r := g.results[0]; !r.unsure || r.err != nil {
		t.Errorf("of a device that was not read it is sure that %v", r.err)
	}
	if r := g.results[1]; r.unsure || !errors.Is(r.err, amana.ErrConflict) {
		t.Errorf("of one that was read: %v, unsure %v", r.err, r.unsure)
	}
}
