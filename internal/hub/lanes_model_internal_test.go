package hub

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amana"
)

// machine is a model of one with two processors and one disk, on which hubs and their
// database run: how long things take there, about, when nothing else runs. What a
// measurement says on a busy machine changes from one moment to the next; this does not.
type machine struct {
	processors chan struct{}
	disk       chan struct{}
	mu         sync.Mutex // guards what follows
	written    int        // transactions that wait to be on the disk, or are
	kept       int        // and those that are
	last       map[amana.OrgID]*lanes
}

const (
	modelVerify = 55 * time.Microsecond  // a signature
	modelHub    = 100 * time.Microsecond // a hub's work for one transaction
	modelWrite  = 200 * time.Microsecond // the database's work for one transaction
	modelEntry  = 30 * time.Microsecond  // and for each batch in it
	modelRead   = 120 * time.Microsecond // to read how organisations stand
	modelDisk   = 180 * time.Microsecond // until what was written is on the disk
	modelSpan   = time.Second
)

func newMachine() *machine {
	return &machine{processors: make(chan struct{}, 2), disk: make(chan struct{}, 1), last: map[amana.OrgID]*lanes{}}
}

// work keeps a processor busy.
func (m *machine) work(d time.Duration) {
	m.processors <- struct{}{}
	time.Sleep(d)
	<-m.processors
}

// commit returns once what was written before is on the disk; one write of the disk takes
// all that waits.
func (m *machine) commit() {
	m.mu.Lock()
	m.written++
	mine := m.written
	m.mu.Unlock()
	m.disk <- struct{}{}
	defer func() { <-m.disk }()
	m.mu.Lock()
	kept, all := m.kept, m.written
	m.mu.Unlock()
	if kept >= mine {
		return
	}
	time.Sleep(modelDisk)
	m.mu.Lock()
	m.kept = all
	m.mu.Unlock()
}

// hub is one that works on the machine.
func (m *machine) hub() *lanes {
	l := newLanes()
	l.most = mostWriting
	write := func(list []*pushing) {
		m.work(modelHub + modelWrite + time.Duration(len(list))*modelEntry)
		m.commit()
		m.mu.Lock()
		for _, p := range list {
			m.last[p.org] = l
		}
		m.mu.Unlock()
		for _, p := range list {
			p.finish(1, nil)
		}
	}
	l.ahead = func(list []*pushing) (unsure []*pushing, moved []amana.OrgID) {
		var known, stale []*pushing
		reads := false
		m.mu.Lock()
		for _, p := range list {
			if reads = reads || p.read; p.read || m.last[p.org] == nil || m.last[p.org] == l {
				known = append(known, p)
			} else {
				stale, moved = append(stale, p), append(moved, p.org)
			}
		}
		m.mu.Unlock()
		if reads {
			m.work(modelRead)
		}
		if len(known) > 0 {
			write(known)
		}
		if len(stale) > 0 {
			m.work(modelRead)
			write(stale)
		}
		return nil, moved
	}
	return l
}

// pushed is how many batches writers hand over in a second, each to one hub, or in turns
// to one after the other.
func pushed(t *testing.T, writers, turns, hubs int) (n, groups int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		var list []*lanes
		for range hubs {
			list = append(list, m.hub())
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		began := time.Now()
		for w := range writers {
			wg.Go(func() {
				for i := 0; time.Since(began) < modelSpan; i++ {
					m.work(modelVerify)
					<-addFor(list[(i*turns+w)%hubs], byte(w+1)).done
					mu.Lock()
					n++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for _, l := range list {
			l.close()
		}
		groups = m.written
	})
	return n, groups
}

// In the model, two hubs on one database take in at least as much as one does. Where every
// device goes to one and the other in turns, few writers reach less: each transaction has to
// read first what the other hub wrote, and holds half as many.
func TestLanes_twoHubsInAModel(t *testing.T) {
	for _, test := range []struct {
		writers    int
		two, turns float64 // at least, beside one hub
	}{{8, 1, 0.76}, {32, 1.1, 1}, {128, 1.2, 1.1}} {
		one, of1 := pushed(t, test.writers, 0, 1)
		two, of2 := pushed(t, test.writers, 0, 2)
		turns, ofTurns := pushed(t, test.writers, 1, 2)
		t.Logf("%d writers: one hub %d/s, %.1f in a transaction; two %.2f of that, %.1f; in turns %.2f, %.1f", test.writers, one, ratio(one, of1),
			ratio(two, one), ratio(two, of2), ratio(turns, one), ratio(turns, ofTurns))
		if ratio(two, one) < test.two || ratio(turns, one) < test.turns {
			t.Errorf("%d writers: two hubs take %.2f of what one does, want %.2f; in turns %.2f, want %.2f",
				test.writers, ratio(two, one), test.two, ratio(turns, one), test.turns)
		}
	}
}

func ratio(a, b int) float64 { return float64(a) / float64(b) }
