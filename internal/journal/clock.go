package journal

import (
	"math"
	"sync"
	"time"
)

// Clock is a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks",
// 2014): milliseconds since 1970 in the upper 48 bits, a counter in the lower
// 16. It never goes back: while the device's clock is behind, only the counter
// moves.
type Clock struct {
	now  func() time.Time
	mu   sync.Mutex // guards last: each tick is later than all before
	last uint64
}

// NewClock returns a clock that reads the device's clock by now.
func NewClock(now func() time.Time) *Clock { return &Clock{now: now} }

// Saw moves the clock past a time that an entry bears.
func (c *Clock) Saw(t uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, t)
}

// farAhead is how far ahead of this device's clock the time of an entry from
// elsewhere may be and still move the clock: a day, which no honest clock is wrong
// by without somebody noticing.
const farAhead = 24 * time.Hour

// Heard moves the clock past a time that an entry of another device bears, unless
// that is more than a day ahead of this device's clock: one wrong clock must not
// set everybody's.
func (c *Clock) Heard(t uint64) {
	if When(t).Sub(c.now()) <= farAhead {
		c.Saw(t)
	}
}

// drift is how far the device's clock may be from the logical one before an
// entry says what it showed.
const drift = 60_000 // milliseconds

// Tick returns the time of the next entry, and what the device's clock showed
// if that is more than a minute away, else 0.
func (c *Clock) Tick() (t uint64, wall int64) { return c.TickAfter(0) }

// TickAfter is Tick for an entry that must come after another one, which may bear
// a time that did not move the clock; see [Clock.Heard].
func (c *Clock) TickAfter(other uint64) (t uint64, wall int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ms := c.now().UnixMilli()
	t = uint64(max(ms, 0)) << 16
	t = max(t, c.next())
	c.last = t
	if other >= t && other < math.MaxUint64 {
		t = other + 1
	}
	if d := int64(t>>16) - ms; d > drift {
		wall = ms
	}
	return t, wall
}

// Behind is how far the device's clock is behind the newest entry.
func (c *Clock) Behind() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(0, time.Duration(int64(c.last>>16)-c.now().UnixMilli())*time.Millisecond)
}

// When returns the moment a logical time names.
func When(t uint64) time.Time { return time.UnixMilli(int64(t >> 16)).UTC() }

// Now is a time after every entry seen, without ticking.
func (c *Clock) Now() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(uint64(max(c.now().UnixMilli(), 0))<<16, c.next())
}

// next is the least time after the last one. At the end of all times it stands: an
// entry that somebody made up for then must not send everybody back to 1970. Callers
// hold mu.
func (c *Clock) next() uint64 {
	if c.last == math.MaxUint64 {
		return c.last
	}
	return c.last + 1
}
