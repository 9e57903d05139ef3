package referral

import (
	"slices"
	"time"
)

// Measure counts referrals, for closing the loop. Each is counted once in every
// line that its course reached.
type Measure struct {
	All         int
	Consented   int // she agreed: the denominator
	Sent        int
	Accepted    int
	Declined    int
	Received    int // confirmed: she was given the service
	NotReceived int
	Withdrawn   int
	Expired     int
	Waiting     int // sent, and nothing heard of the end yet
	Unavailable int // the service is not to be had
	Told        int // she was told what became of it

	hours []time.Duration // from her yes to the service
}

// Count takes a referral into the measure.
func (m *Measure) Count(c Course) {
	m.All++
	agreed, consented := c.Reached(Consented)
	for state, n := range map[State]*int{
		Consented: &m.Consented, Sent: &m.Sent, Accepted: &m.Accepted, Declined: &m.Declined, NotReceived: &m.NotReceived,
		Withdrawn: &m.Withdrawn, Expired: &m.Expired, FeedbackToSurvivor: &m.Told,
	} {
		if _, ok := c.Reached(state); ok {
			*n++
		}
	}
	if got, ok := c.Reached(ServiceReceived); ok && consented {
		m.Received++
		m.hours = append(m.hours, got.At.Sub(agreed.At))
	}
	if c.State.Waits() {
		m.Waiting++
	}
	if c.Outcome() == "service_unavailable" {
		m.Unavailable++
	}
}

// leastForPercent is the fewest consented referrals of which a share is told in
// percent: below, a percentage pretends to know what it does not.
const leastForPercent = 20

// Completion returns the share of consented referrals that ended with the service,
// in percent, and whether there are enough of them to say so.
func (m *Measure) Completion() (percent int, ok bool) {
	if m.Consented < leastForPercent {
		return 0, false
	}
	return (100*m.Received + m.Consented/2) / m.Consented, true
}

// Median returns the median time from her yes to the service, and whether any was
// confirmed. Of an even number it is the lower of the two in the middle.
func (m *Measure) Median() (time.Duration, bool) {
	if len(m.hours) == 0 {
		return 0, false
	}
	sorted := slices.Clone(m.hours)
	slices.Sort(sorted)
	return sorted[(len(sorted)-1)/2], true
}
