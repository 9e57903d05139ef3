package release

import (
	"time"

	"amana/internal/record"
)

// Departure is something that left about somebody, and how it stands today.
type Departure struct {
	record.Release
	// Recall is set where the answer that it rested on does not stand any more: the
	// recipient is to be told. It is the key of a message: withdrawn, ended, narrowed.
	Recall string
	// Since is from when on: a notice of before does not tell of it. The zero Time
	// where that is not known.
	Since time.Time
}

// Departures judges what left about somebody by the answers as they stand now.
func Departures(left []record.Release, c Consents, now time.Time) []Departure {
	all := make([]Departure, len(left))
	for i, r := range left {
		all[i] = Departure{Release: r, Recall: recall(r, &c, now)}
		if all[i].Recall != "" {
			all[i].Since = c.since(asking{purpose: r.Purpose, whom: Plain(r.Recipient), now: now})
		}
	}
	return all
}

func recall(r record.Release, c *Consents, now time.Time) string {
	if r.Consent == 0 { // it rested on no answer
		return ""
	}
	a := asking{purpose: r.Purpose, whom: Plain(r.Recipient), now: now}
	covered, why := c.covers(a)
	switch {
	case why == "release.refused.withdrawn" || why == "release.refused.refused":
		return "release.recall.withdrawn"
	case why == "release.refused.expired":
		return "release.recall.expired"
	case why != "":
		return "release.recall.unclear"
	}
	for _, item := range r.Items {
		if denies(c.item(a, covered, Class(item))) {
			return "release.recall.narrowed"
		}
	}
	return ""
}

// since is the newest time at which anything was said for a purpose and a recipient,
// or at which a yes ended.
func (c *Consents) since(a asking) (t time.Time) {
	for _, list := range [][]record.ConsentState{c.States, c.Items} {
		for i := range list {
			s := &list[i]
			if whom := Plain(s.Recipient); s.Purpose != a.purpose || whom != "" && whom != a.whom {
				continue
			}
			if said := record.When(s.Time); said.After(t) {
				t = said
			}
			if ended, err := time.ParseInLocation(time.DateOnly, s.Until, a.now.Location()); err == nil && ended.After(t) && s.Expired(a.now) {
				t = ended.AddDate(0, 0, 1)
			}
		}
	}
	return t
}
