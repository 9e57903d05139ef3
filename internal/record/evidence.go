package record

import (
	"amana"
	"amana/internal/event"
)

// Taken returns the file of a record of evidence: the first that was taken in. What
// claims to take its place later is not heard.
func (r *Record) Taken() (event.Taken, bool) {
	for i := range r.entries {
		for _, f := range r.entries[i].Body.Facts {
			if t, ok := f.(event.Taken); ok {
				return t, true
			}
		}
	}
	return event.Taken{}, false
}

// CustodyEntry is one statement of custody, as the journal has it.
type CustodyEntry struct {
	event.Custody
	Time uint64
	Wall int64
	By   amana.MemberID
}

// Custody returns every statement of custody, in order.
func (r *Record) Custody() (list []CustodyEntry) {
	for i := range r.entries {
		e := &r.entries[i]
		for _, f := range e.Body.Facts {
			if c, ok := f.(event.Custody); ok {
				list = append(list, CustodyEntry{c, e.Time, e.Wall, e.Author})
			}
		}
	}
	return list
}

// Stamped returns the batch of a record of kind timestamp, with the newest token.
func (r *Record) Stamped() (batch event.Stamped, ok bool) {
	for i := range r.entries {
		for _, f := range r.entries[i].Body.Facts {
			s, is := f.(event.Stamped)
			switch {
			case !is:
			case !ok:
				batch, ok = s, true
			case len(s.Token) > 0 && len(s.Leaves) == 0:
				batch.Token = s.Token
			}
		}
	}
	return batch, ok
}
