package record

import (
	"strconv"
	"time"

	"amana"
	"amana/internal/event"
)

// Problem is a value that is not what its field takes: from a newer amana, or
// damaged before it was recorded. It stands in the record; typed structs leave
// its field empty.
type Problem struct {
	Field string
	Fault Fault
}

// Case is what lists show of a case.
type Case struct {
	ID     amana.RecordID
	Code   string
	Status string // "open" where nothing usable is recorded, so that no list loses it
	Risk   string
	Age    event.Value // a number, or an answer
	Sex    event.Value // an option, or an answer
	Opened string      // ISO date
	Closed string      // ISO date, or ""
	// FollowUp is the day of the next follow-up of an open case, or "".
	FollowUp string
	// Due is the earliest day on which something of an open case is due, or "".
	Due     string
	Owner   string // whose case it is: a member's ID
	Flags   int    // that stand
	Waiting int    // approvals that were asked for and not decided
	Assault Assault
	// Windows are the ids of windows of treatment that have an outcome.
	Windows  []string
	Problems []Problem
}

// Assault says when it happened, as exactly as was recorded; each part may be "".
type Assault struct {
	Date string // ISO, perhaps without day or month
	Time string // HH:MM
	Part string // of the day: an id of incident_timeofday
}

// statusOpen is the status of a case that is worked on.
const statusOpen = "open"

// CaseOf reads a case. It is lenient: see [Problem].
func CaseOf(r *Record) Case {
	d := lenient{r: r}
	c := Case{
		ID:     r.ID,
		Code:   d.text("survivor_code_no"),
		Status: d.text("status"),
		Risk:   d.text("risk_level"),
		Age:    d.number("age"),
		Sex:    d.value("sex"),
		Opened: d.text("created_on"),
		Closed: d.text("date_closure"),
	}
	if c.Status == "" {
		c.Status = statusOpen
	}
	if c.Opened == "" {
		c.Opened = When(r.Opened).Format(time.DateOnly)
	}
	if c.Status == statusOpen {
		c.FollowUp = d.nextFollowUp()
		c.Due = d.earliestTask(c.FollowUp)
	}
	d.course(&c)
	c.Problems = d.problems
	return c
}

// Identity is what lists show of a person.
type Identity struct {
	ID         amana.RecordID
	Case       amana.RecordID
	Name       amana.Private
	OtherNames amana.Private
	Phone      amana.Private
	Place      amana.Private
	ContactHow []string
	Problems   []Problem
}

// IdentityOf reads an identity. It is lenient: see [Problem].
func IdentityOf(r *Record) Identity {
	d := lenient{r: r}
	id := Identity{
		ID:         r.ID,
		Case:       r.Case,
		Name:       amana.Conceal(d.text("name")),
		OtherNames: amana.Conceal(d.text("other_names")),
		Phone:      amana.Conceal(d.text("contact_phone")),
		Place:      amana.Conceal(d.text("place_of_stay")),
		ContactHow: d.value("contact_how").RevealList(),
	}
	id.Problems = d.problems
	return id
}

// lenient reads typed values from a record and notes what is not of its type.
type lenient struct {
	r        *Record
	problems []Problem
}

// value returns what a field holds if it is what the field takes.
func (d *lenient) value(name string) event.Value {
	v := d.r.Value(name)
	if v.IsZero() {
		return v
	}
	f, known := FieldOf(d.r.Kind, name)
	fault := FaultField
	if known {
		fault = f.check(v)
	}
	if fault != "" {
		d.problems = append(d.problems, Problem{name, fault})
		return event.Value{}
	}
	return v
}

func (d *lenient) text(name string) string { return d.value(name).Reveal() }

// number also takes a number that arrived as text.
func (d *lenient) number(name string) event.Value {
	if n, err := strconv.ParseUint(d.r.Value(name).Reveal(), 10, 31); err == nil {
		if f, known := FieldOf(d.r.Kind, name); known && f.check(event.Int(int64(n))) == "" {
			return event.Int(int64(n))
		}
	}
	return d.value(name)
}

// saysNo reports whether a yes or no is no, also where it arrived as text.
func (d *lenient) saysNo(name string) bool {
	v := d.r.Value(name)
	yes, ok := v.Bool()
	return ok && !yes || v.Reveal() == "false"
}

// nextFollowUp returns the earliest day planned in a follow-up for which no other
// follow-up took place since.
func (d *lenient) nextFollowUp() (next string) {
	items := d.r.Items(FollowUps)
	done := make([]string, len(items))
	for i, item := range items {
		done[i] = d.text(FollowUps + "/" + item + "/followup_date")
	}
	for i, item := range items {
		name := FollowUps + "/" + item
		planned := d.text(name + "/when_follow_up_visit_should_happen")
		if planned == "" || d.saysNo(name+"/need_follow_up_visit") || next != "" && planned >= next {
			continue
		}
		if !tookPlace(planned, done, i) {
			next = planned
		}
	}
	return next
}

func tookPlace(planned string, done []string, but int) bool {
	for i, date := range done {
		if i != but && date >= planned {
			return true
		}
	}
	return false
}
