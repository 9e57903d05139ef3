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
}

// Departures judges what left about somebody by the answers as they stand now.
func Departures(left []record.Release, c Consents, now time.Time) []Departure {
	all := make([]Departure, len(left))
	for i, r := range left {
		all[i] = Departure{Release: r, Recall: recall(r, &c, now)}
	}
	return all
}

func recall(r record.Release, c *Consents, now time.Time) string {
	if r.Consent == 0 { // it rested on no answer
		return ""
	}
	a := asking{purpose: r.Purpose, whom: plain(r.Recipient), now: now}
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
