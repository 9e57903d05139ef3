package record

import (
	"amana"
	"amana/internal/event"
)

// What says what was done to a record.
type What string

// What is done to records.
const (
	Began    What = "began"        // and the fields it began with
	Changed  What = "changed"      // the fields named
	Answered What = "consent"      // her answer was recorded
	Itemised What = "consent_item" // her answer for one item was recorded
	Left     What = "released"     // something of it left: see [Record.Releases]
	NotKnown What = "not_known"    // by a newer amana
)

// Change is one line of a record's timeline.
type Change struct {
	Time    uint64
	Wall    int64
	By      amana.MemberID
	What    What
	Fields  []string         // whole names; "list/item" where an item was removed
	Consent *event.Consented // of Answered
}

// Changes returns the timeline, the oldest first: a line for what an entry did to
// fields, and one for each answer it recorded.
func (r *Record) Changes() []Change {
	changes := make([]Change, 0, len(r.entries))
	began := false
	for i := range r.entries {
		e := &r.entries[i]
		line := Change{Time: e.Time, Wall: e.Wall, By: e.Author}
		fields := line
		var rest []Change
		for _, fact := range e.Body.Facts {
			switch fact := fact.(type) {
			case event.Begun:
				if !began {
					began, fields.What = true, Began
				}
			case event.Set:
				fields.Fields = append(fields.Fields, fact.Field)
			case event.Removed:
				fields.Fields = append(fields.Fields, fact.Field)
			case event.Consented:
				c := line
				c.What, c.Consent = Answered, &fact
				rest = append(rest, c)
			case event.ConsentedItem:
				c := line
				c.What = Itemised
				c.Consent = &event.Consented{Purpose: fact.Purpose, Recipient: fact.Recipient, Decision: fact.Decision}
				rest = append(rest, c)
			case event.Released:
				c := line
				c.What = Left
				rest = append(rest, c)
			case event.Opened: // see Readings
			default:
				c := line
				c.What = NotKnown
				rest = append(rest, c)
			}
		}
		if len(fields.Fields) > 0 && fields.What == "" {
			fields.What = Changed
		}
		if fields.What != "" {
			changes = append(changes, fields)
		}
		changes = append(changes, rest...)
	}
	return changes
}

// Reading says that a member opened the record to read it.
type Reading struct {
	Time uint64
	Wall int64
	By   amana.MemberID
}

// Readings returns who opened the record, the oldest first.
func (r *Record) Readings() []Reading {
	var readings []Reading
	for i := range r.entries {
		e := &r.entries[i]
		for _, fact := range e.Body.Facts {
			if _, read := fact.(event.Opened); read {
				readings = append(readings, Reading{Time: e.Time, Wall: e.Wall, By: e.Author})
			}
		}
	}
	return readings
}

// Release says what left of the record, and when that was written down.
type Release struct {
	event.Released
	Time uint64
	Wall int64
	By   amana.MemberID
}

// Releases returns what ever left of the record, the oldest first.
func (r *Record) Releases() []Release {
	var releases []Release
	for i := range r.entries {
		e := &r.entries[i]
		for _, fact := range e.Body.Facts {
			if left, is := fact.(event.Released); is {
				releases = append(releases, Release{Released: left, Time: e.Time, Wall: e.Wall, By: e.Author})
			}
		}
	}
	return releases
}
