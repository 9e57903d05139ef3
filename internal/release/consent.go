package release

import (
	"time"

	"amana"
	"amana/internal/record"
)

// Consents are somebody's answers as they stand, with what casts doubt on them.
type Consents struct {
	States []record.ConsentState // for purposes
	Items  []record.ConsentState // for single items
	// Doubtful is set where an entry of the answers could not be read or does not
	// verify: it may have been the one by which she withdrew.
	Doubtful bool
}

// ConsentsOf gathers the answers of one or more records of a person. Doubtful says
// whether any entry of theirs could not be used.
func ConsentsOf(doubtful bool, records ...*record.Record) Consents {
	c := Consents{Doubtful: doubtful}
	for _, r := range records {
		c.States = append(c.States, r.Consents()...)
		c.Items = append(c.Items, r.ItemConsents()...)
		c.Doubtful = c.Doubtful || r.Unknown > 0
	}
	return c
}

// asking is for what and for whom; whom is written as [Plain] does.
type asking struct {
	purpose amana.Purpose
	whom    string
	now     time.Time
}

// byName are the purposes for which each recipient is asked about by name: an
// answer for the purpose as a whole opens them to nobody.
func byName(p amana.Purpose) bool { return p == amana.PurposeAccountability }

// covers returns the answer that covers a release, or why there is none, as the key
// of a message.
//
// The answer for the recipient decides; without one, that for the purpose as a
// whole. Whoever withdrew or refused the whole after that meant this one too.
func (c *Consents) covers(a asking) (record.ConsentState, string) {
	var none record.ConsentState
	if c.Doubtful {
		return none, "release.refused.doubtful"
	}
	whole, hasWhole := standing(c.States, a.purpose, "", "")
	own, hasOwn := whole, false
	if a.whom != "" {
		own, hasOwn = standing(c.States, a.purpose, a.whom, "")
	}
	switch {
	case hasWhole && denies(whole.Decision) && (!hasOwn || whole.Time >= own.Time):
		return none, denial(whole, a.now)
	case hasOwn:
		return own, denial(own, a.now)
	case hasWhole && byName(a.purpose):
		return none, "release.refused.recipient"
	case hasWhole:
		return whole, denial(whole, a.now)
	}
	return none, "release.refused.not_asked"
}

// Covers returns the answer by which something may leave for a purpose to a recipient
// now, or a [*RefusedError] that says why there is none.
func (c *Consents) Covers(p amana.Purpose, recipient amana.Private, now time.Time) (record.ConsentState, error) {
	s, why := c.covers(asking{purpose: p, whom: Plain(recipient), now: now})
	switch {
	case why != "":
		return record.ConsentState{}, &RefusedError{why}
	case needsRecipient(p) && Plain(recipient) == "":
		return record.ConsentState{}, &RefusedError{"release.refused.no_recipient"}
	}
	return s, nil
}

// Standing returns the answer for a purpose and a recipient as it stands, whatever it
// allows.
func (c *Consents) Standing(p amana.Purpose, recipient amana.Private) (record.ConsentState, bool) {
	return standing(c.States, p, Plain(recipient), "")
}

func denies(d amana.Decision) bool { return d == amana.Withdrawn || d == amana.Refused }

// denial says why an answer allows nothing now, or "".
func denial(s record.ConsentState, now time.Time) string {
	switch {
	case s.Holds(now):
		return ""
	case s.Decision == amana.Granted:
		return "release.refused.expired"
	case s.Decision == amana.Withdrawn:
		return "release.refused.withdrawn"
	case s.Decision == amana.Refused:
		return "release.refused.refused"
	}
	return "release.refused.not_asked"
}

// standing returns the answer for a purpose, a recipient and an item. A recipient
// who was written in two ways is one: of two answers the narrower.
func standing(states []record.ConsentState, p amana.Purpose, whom string, item Class) (found record.ConsentState, ok bool) {
	for _, s := range states {
		if s.Purpose != p || s.Item != string(item) || Plain(s.Recipient) != whom {
			continue
		}
		if !ok || narrower(s, found) {
			found, ok = s, true
		}
	}
	return found, ok
}

func narrower(s, than record.ConsentState) bool {
	if s.Decision != than.Decision {
		return than.Decision == amana.Granted
	}
	return s.Decision == amana.Granted && s.Until != "" && (than.Until == "" || s.Until < than.Until)
}

// item returns what she said of one item, under the answer that covers the release.
// A yes counts only if it was not given before that answer: whoever withdrew and
// agreed again is asked again, item by item. A no always counts.
func (c *Consents) item(a asking, covered record.ConsentState, item Class) amana.Decision {
	said := amana.NotAsked
	for _, whom := range []string{a.whom, ""} {
		s, ok := standing(c.Items, a.purpose, whom, item)
		switch {
		case !ok:
		case denies(s.Decision):
			return s.Decision
		case s.Decision == amana.Granted && s.Time >= covered.Time && (whom != "" || !byName(a.purpose)):
			said = amana.Granted
		}
		if whom == "" {
			break
		}
	}
	return said
}
