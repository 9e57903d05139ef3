package syncer_test

import (
	"container/heap"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// A history is made by chance from a seed, on a clock and a network that are not real:
// devices write, erase, sync, wait for news, crash between any two steps, are cut off,
// lie in a drawer for a year, have their clocks jump, meet without the hub; what they send
// is lost, doubled, late and out of order; the hub crashes before and after it keeps
// something. Then all goes well for a while, and every device has the same, with nothing
// missing that was ever acknowledged, and nothing left anywhere that was ordered erased.
//
// One thing happens at a time, in an order that the seed gives, so a seed that fails does
// so again: go test -run 'Simulation$' -seed 7 -v tells what happened. AMANA_MEASURE=1 or
// -seeds 3000 simulates thousands.
//
// Devices are chains in memory here: what a vault does with batches has tests of its own.
var (
	seeds   = flag.Int("seeds", 0, "how many histories are simulated")
	oneSeed = flag.Uint64("seed", 0, "simulate only this one, and tell it")
)

func TestSimulation(t *testing.T) {
	n := uint64(40)
	if os.Getenv("AMANA_MEASURE") != "" {
		n = 3000
	}
	if *seeds > 0 {
		n = uint64(*seeds)
	}
	if *oneSeed != 0 {
		w := simulate(*oneSeed, sabotage{})
		t.Logf("%s\n%s", strings.Join(w.did, "\n"), w.counted())
		for _, bad := range w.bad {
			t.Error(bad)
		}
		return
	}
	var sum world
	for seed := uint64(1); seed <= n; seed++ {
		w := simulate(seed, sabotage{})
		for _, bad := range w.bad {
			t.Errorf("seed %d: %s", seed, bad)
		}
		if t.Failed() {
			return
		}
		sum.add(w)
	}
	t.Logf("%d histories: %s", n, sum.counted())
	if sum.crashes == 0 || sum.hubCrashes == 0 || sum.lost == 0 || sum.doubled == 0 || sum.meetings == 0 || sum.erasures == 0 || sum.jumps == 0 || sum.years == 0 {
		t.Error("something never happened")
	}
}

// A seed gives the same history again.
func TestSimulation_replays(t *testing.T) {
	for seed := uint64(1); seed <= 6; seed++ {
		a, b := simulate(seed, sabotage{}), simulate(seed, sabotage{})
		if len(a.did) < 20 || a.digest() != b.digest() {
			t.Errorf("seed %d: %d steps, and %d that are others", seed, len(a.did), len(b.did))
		}
	}
}

// A simulation is worth what it finds: each of these mistakes, made on purpose, is found
// within a few histories.
func TestSimulation_findsMistakes(t *testing.T) {
	for name, s := range map[string]sabotage{
		"the hub acknowledges before it is on its disk":   {hubForgets: true},
		"the hub loses what its log has":                  {hubLoses: true},
		"the hub's log is in another order after a crash": {hubReorders: true},
		"the hub adds what is sent twice again":           {hubDoubles: true},
		"the hub erases nothing":                          {hubKeepsErased: true},
		"a device says saved before it is on its disk":    {deviceForgets: true},
		"a device takes content that was ordered erased":  {deviceKeepsErased: true},
		"a device writes a number of its chain twice":     {deviceForks: true},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := uint64(1); seed <= 60; seed++ {
				if w := simulate(seed, s); len(w.bad) > 0 {
					t.Logf("seed %d: %s", seed, w.bad[0])
					return
				}
			}
			t.Error("not found in 60 histories")
		})
	}
}

// sabotage is a mistake that is made on purpose.
type sabotage struct {
	hubForgets, hubLoses, hubReorders, hubDoubles, hubKeepsErased bool
	deviceForgets, deviceKeepsErased, deviceForks                 bool
}

var errCrash = errors.New("crash")

// world is one history: its clock, and what is to happen when.
type world struct {
	sabotage
	rnd   *rand.Rand
	now   time.Duration // since it began
	queue events
	order int
	yield chan struct{}

	org     amana.OrgID
	hub     *simHub
	devices []*simDevice
	scale   time.Duration // how long things take, from minutes to days
	calm    bool          // nothing goes wrong any more
	over    bool
	did     []string
	bad     []string

	crashes, hubCrashes, lost, doubled, meetings, erasures, jumps, years, writes int
}

// happening is something that is to happen.
type happening struct {
	at    time.Duration
	order int
	do    func()
}

type events []happening //nolint:recvcheck // as container/heap has it

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].order < e[j].order
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements [heap.Interface].
func (e *events) Push(x any) { *e = append(*e, x.(happening)) }

// Pop implements [heap.Interface].
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (w *world) after(d time.Duration, do func()) {
	w.order++
	heap.Push(&w.queue, happening{w.now + d, w.order, do})
}

func (w *world) chance(percent int) bool { return !w.calm && w.rnd.IntN(100) < percent }

// about is some time around d: mostly less, at times much more.
func (w *world) about(d time.Duration) time.Duration {
	return time.Duration(w.rnd.ExpFloat64() * float64(d))
}

func (w *world) note(format string, args ...any) {
	w.did = append(w.did, fmt.Sprintf("%v ", w.now.Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

func (w *world) fail(format string, args ...any) {
	w.bad = append(w.bad, fmt.Sprintf(format, args...))
}

func (w *world) digest() uint64 {
	h := fnv.New64a()
	for _, line := range w.did {
		_, _ = h.Write([]byte(line))
	}
	return h.Sum64()
}

func (w *world) add(o *world) {
	w.crashes += o.crashes
	w.hubCrashes += o.hubCrashes
	w.lost += o.lost
	w.doubled += o.doubled
	w.meetings += o.meetings
	w.erasures += o.erasures
	w.jumps += o.jumps
	w.years += o.years
	w.writes += o.writes
}

func (w *world) counted() string {
	return fmt.Sprintf("%d writes, %d erasures, %d crashes of devices, %d of hubs, %d messages lost, %d doubled, %d meetings, %d jumps of clocks, %d devices off for a year",
		w.writes, w.erasures, w.crashes, w.hubCrashes, w.lost, w.doubled, w.meetings, w.jumps, w.years)
}

// simulate makes the history of a seed.
func simulate(seed uint64, s sabotage) *world {
	w := &world{sabotage: s, rnd: rand.New(rand.NewPCG(seed, 2)), yield: make(chan struct{}), scale: time.Minute}
	for i := range w.org {
		w.org[i] = byte(w.rnd.Uint32())
	}
	w.hub = newSimHub(w)
	year := w.rnd.IntN(100) < 8
	if year {
		w.scale = 4 * time.Hour
	}
	for i := range 2 + w.rnd.IntN(9) {
		w.devices = append(w.devices, newSimDevice(w, i))
	}
	for _, d := range w.devices {
		w.after(w.about(w.scale), func() { d.begin() })
	}
	end := 60 * w.scale
	if year {
		d := w.devices[w.rnd.IntN(len(w.devices))]
		w.years++
		w.after(w.about(10*w.scale), func() { d.off(365 * 24 * time.Hour) })
	}
	w.after(w.about(w.scale), w.somethingHappens)
	w.until(end)
	w.note("all is well from here on")
	w.calm = true
	w.hub.down = 0
	for _, d := range w.devices {
		if d.offUntil-w.now < 300*24*time.Hour {
			d.offUntil = 0
			d.begin()
		}
	}
	if year {
		w.scale = 5 * 24 * time.Hour
		w.until(400 * 24 * time.Hour)
	}
	for range 40 {
		if w.until(w.now + 20*w.scale); w.settled() || len(w.bad) > 0 {
			break
		}
	}
	w.stop()
	w.check()
	return w
}

// until lets happen what happens up to a time.
func (w *world) until(end time.Duration) {
	for len(w.queue) > 0 && w.queue[0].at <= end && len(w.bad) == 0 {
		e := heap.Pop(&w.queue).(happening)
		w.now = e.at
		e.do()
	}
	w.now = max(w.now, end)
}

// stop ends the devices' goroutines.
func (w *world) stop() {
	w.over = true
	for _, d := range w.devices {
		d.crash()
	}
}

// somethingHappens is what people and the world do to devices.
func (w *world) somethingHappens() {
	if w.calm {
		return
	}
	w.after(w.about(w.scale), w.somethingHappens)
	d := w.devices[w.rnd.IntN(len(w.devices))]
	if !d.on {
		return
	}
	switch n := w.rnd.IntN(100); {
	case n < 55:
		d.write()
	case n < 60:
		d.eraseSomething()
	case n < 68:
		w.meet(d, w.devices[w.rnd.IntN(len(w.devices))])
	case n < 78:
		w.note("%s crashes", d)
		d.off(w.about(5 * w.scale))
	case n < 90:
		d.cutOff = w.now + w.about(15*w.scale)
		w.note("%s is cut off until %v", d, d.cutOff)
	case n < 95:
		w.jumps++
		d.clock += time.Duration(w.rnd.IntN(800)-400) * 24 * time.Hour
		w.note("%s: its clock jumps", d)
	default:
		w.hub.crash()
	}
}

// settled reports whether all have everything.
func (w *world) settled() bool {
	for _, d := range w.devices {
		for _, other := range w.devices {
			if len(d.items[other.id]) != len(other.items[other.id]) || w.hub.have[other.id].Seq != uint64(len(other.items[other.id])) {
				return false
			}
		}
		if len(w.leftovers()) > 0 {
			return false
		}
	}
	return true
}

// check looks whether everybody has the same, and nothing is missing or left.
func (w *world) check() {
	for _, d := range w.devices {
		state, err := syncer.ReadState(d.kept, w.hub.address())
		if err != nil || len(state.Lies) > 0 {
			w.fail("%s: an honest hub is called a liar: %+v, %v", d, state.Lies, err)
		}
		for _, other := range w.devices {
			n := len(d.items[other.id])
			if uint64(n) != other.acknowledged {
				w.fail("%s has %d of the %d entries of %s", d, n, other.acknowledged, other)
				continue
			}
			if n > 0 && d.hash[other.id][n-1] != other.hash[other.id][n-1] {
				w.fail("%s has another chain of %s", d, other)
			}
		}
	}
	seen := map[seal.Hash]bool{}
	for _, h := range w.hub.leaves {
		if seen[h.Hash] {
			w.fail("the hub's log has a batch twice")
		}
		seen[h.Hash] = true
	}
	w.bad = append(w.bad, w.leftovers()...)
}
