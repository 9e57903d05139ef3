package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
)

// ConsentState is her answer for one purpose and recipient as it stands.
//
// Where answers were recorded at the same time on two devices, the narrower
// holds: the narrower decision, and of equal ones the earlier end and every
// condition that was made.
type ConsentState struct {
	event.Consented
	// Item narrows it to one item of what is held of her; "" is the purpose itself.
	Item string
	Time uint64
	Wall int64
	By   amana.MemberID
	// Conflict is set while answers that differ were recorded at the same time, and
	// nobody who saw them all has asked her again.
	Conflict bool
}

// Holds reports whether it allows anything now: granted, and not yet over. An
// end that cannot be read has passed.
func (c ConsentState) Holds(now time.Time) bool {
	return c.Decision == amana.Granted && !c.Expired(now)
}

// Expired reports whether its end has passed. It holds through the whole of its
// last day, where now is.
func (c ConsentState) Expired(now time.Time) bool {
	return c.Until != "" && lastDay(c.Until) < now.Format(time.DateOnly)
}

// lastDay returns the last day that a date takes in, in a form that sorts: of
// "2026-02" the 31st, which comes after every real one. What is no date sorts
// first.
func lastDay(date string) string {
	if !IsDate(date) {
		return ""
	}
	return date + "9999-12-31"[len(date):]
}

// Consents returns every answer that stands, in the order of [amana.Purposes],
// the purpose as a whole before single recipients.
func (r *Record) Consents() []ConsentState { return r.consents }

// Consent returns her answer for a purpose as a whole, or for one recipient.
// Nothing recorded is [amana.NotAsked].
func (r *Record) Consent(purpose amana.Purpose, recipient amana.Private) ConsentState {
	for _, c := range r.consents {
		if c.Purpose == purpose && c.Recipient.Equal(recipient) {
			return c
		}
	}
	return ConsentState{Consented: event.Consented{
		Purpose: purpose, Recipient: recipient, Decision: amana.NotAsked,
	}}
}

// ItemConsents returns every answer for a single item that stands: by purpose, in
// the order of [amana.Purposes], by recipient and by item.
func (r *Record) ItemConsents() []ConsentState { return r.itemConsents }

// ofItem is an answer for one item in the form of the others.
func ofItem(c event.ConsentedItem, entry int32) answer {
	return answer{event.Consented{Purpose: c.Purpose, Recipient: c.Recipient, Decision: c.Decision}, c.Item, entry}
}

// answer is a consent that was recorded, and by which entry.
type answer struct {
	event.Consented
	item  string
	entry int32
}

// standing decides between the answers, which come in order.
func standing(entries []Entry, answers []answer, linear bool) []ConsentState {
	if len(answers) == 0 {
		return nil
	}
	slices.SortStableFunc(answers, func(a, b answer) int {
		if c := cmp.Compare(asked(a.Purpose), asked(b.Purpose)); c != 0 {
			return c
		}
		if c := strings.Compare(string(a.Purpose), string(b.Purpose)); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(a.Recipient.Reveal(), b.Recipient.Reveal()), strings.Compare(a.item, b.item))
	})
	var states []ConsentState
	for from := 0; from < len(answers); {
		to := from + 1
		for to < len(answers) && answers[to].Purpose == answers[from].Purpose &&
			answers[to].Recipient.Equal(answers[from].Recipient) && answers[to].item == answers[from].item {
			to++
		}
		live := answers[to-1 : to]
		if !linear {
			live = latest(entries, answers[from:to])
			live = append(live, unseenNo(entries, answers, live)...)
		}
		s := narrowest(entries, live)
		s.Recipient, s.Item = answers[from].Recipient, answers[from].item
		states = append(states, s)
		from = to
	}
	return states
}

// asked is the place of a purpose in the order in which they are asked; one that
// is not known comes last.
func asked(p amana.Purpose) int {
	switch p {
	case amana.PurposeCare:
		return 0
	case amana.PurposeContact:
		return 1
	case amana.PurposeReferral:
		return 2
	case amana.PurposeStatistics:
		return 3
	case amana.PurposeMatching:
		return 4
	case amana.PurposeAccountability:
		return 5
	case amana.PurposePublication:
		return 6
	default:
		return 7
	}
}

// latest returns the answers that no later one replaced knowingly. Two in one
// entry: the second is the answer.
func latest(entries []Entry, answers []answer) (live []answer) {
	for i, a := range answers {
		replaced := slices.ContainsFunc(answers[i+1:], func(b answer) bool {
			return a.entry == b.entry || saw(&entries[b.entry], &entries[a.entry])
		})
		if !replaced {
			live = append(live, a)
		}
	}
	return live
}

// unseenNo returns the refusals and withdrawals of more than live answers are about
// (the purpose as a whole, where they are for one recipient) that whoever recorded
// them had not seen. Two devices, a yes for one court on the one and a no to all on
// the other: the no holds wherever they meet.
func unseenNo(entries []Entry, answers, live []answer) (more []answer) {
	own := live[0]
	if own.Recipient.IsEmpty() {
		return nil
	}
	var whole []answer
	for _, a := range answers {
		if a.Purpose == own.Purpose && a.Recipient.IsEmpty() && a.item == own.item {
			whole = append(whole, a)
		}
	}
	for _, no := range latest(entries, whole) {
		if width(no.Decision) > width(amana.Refused) {
			continue
		}
		known := slices.ContainsFunc(live, func(a answer) bool {
			return a.entry == no.entry || saw(&entries[a.entry], &entries[no.entry]) || saw(&entries[no.entry], &entries[a.entry])
		})
		if !known {
			more = append(more, no)
		}
	}
	return more
}

// narrowest is what all of live allow: never more than any of them does.
func narrowest(entries []Entry, live []answer) ConsentState {
	least := live[0]
	for _, a := range live[1:] {
		if !wider(a.Consented, least.Consented) { // the latest of equals
			least = a
		}
	}
	e := &entries[least.entry]
	c := ConsentState{Consented: least.Consented, Time: e.Time, Wall: e.Wall, By: e.Author}
	conditions := []string{}
	for _, a := range live {
		c.Conflict = c.Conflict || a.Decision != c.Decision || a.Until != c.Until || !a.Conditions.Equal(c.Conditions)
		if a.Decision == c.Decision && !a.Conditions.IsEmpty() && !slices.Contains(conditions, a.Conditions.Reveal()) {
			conditions = append(conditions, a.Conditions.Reveal())
		}
	}
	if len(conditions) > 1 {
		c.Conditions = amana.Conceal(strings.Join(conditions, "\n"))
	} else if len(conditions) == 1 {
		c.Conditions = amana.Conceal(conditions[0])
	}
	return c
}

// wider reports whether a allows more than b: by the decision, and of equal ones
// by a later end, or by none.
func wider(a, b event.Consented) bool {
	if c := cmp.Compare(width(a.Decision), width(b.Decision)); c != 0 {
		return c > 0
	}
	return end(a.Until) > end(b.Until)
}

func end(until string) string {
	if until == "" {
		return "~" // after every date
	}
	return lastDay(until)
}

// width orders decisions from the narrowest to the widest. One that is not known
// allows nothing.
func width(d amana.Decision) int {
	switch d {
	case amana.Withdrawn:
		return 0
	case amana.Refused:
		return 1
	case amana.NotAsked:
		return 3
	case amana.Granted:
		return 4
	default:
		return 2
	}
}
