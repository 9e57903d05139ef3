// Package task finds what is to be done for a case: from what is recorded of it,
// so that a task is done by doing the thing, and nobody ticks off what did not
// happen. Only tasks made by hand are ticked off.
//
// It is a pure function of records. It knows no day: what is late, whoever shows
// the tasks can see.
package task

import (
	"cmp"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Source says where a task comes from.
type Source string

// The sources.
const (
	Assessment Source = "assessment"  // her needs were not gone through yet
	Plan       Source = "plan"        // an appointment of the action plan
	FollowUp   Source = "follow_up"   // the next one, as agreed with her
	Look       Source = "look"        // long since anybody asked how she is, by the danger
	Visit      Source = "visit"       // a clinical visit after treatment
	SafetyPlan Source = "safety_plan" // to be made, or gone through again
	Referral   Source = "referral"    // no answer yet
	Approval   Source = "approval"    // waits for a supervisor
	Transfer   Source = "transfer"    // waits for whoever is to take the case over
	HandMade   Source = "task"
)

// Sources returns every source.
func Sources() []Source {
	return []Source{Assessment, Plan, FollowUp, Look, Visit, SafetyPlan, Referral, Approval, Transfer, HandMade}
}

// Task is one thing to be done.
type Task struct {
	Source Source
	// Item is the item of its list that it comes from, or the referral's record.
	Item    string
	Due     string         // ISO date
	What    amana.Private  // in the words of whoever made it, or empty
	Service string         // id of the service, where there is one
	For     amana.MemberID // whom it waits for; zero for whoever has the case
	Asker   amana.MemberID // who asked, of what waits for an answer
	// Contact: to do it means to reach her. How, her consent says.
	Contact bool
}

// Rules are the spans of days, which an organisation sets for itself.
type Rules struct {
	Assessment int            `json:"assessment"`  // from the first day
	SafetyPlan int            `json:"safety_plan"` // until it is gone through again
	Approval   int            `json:"approval"`    // until an answer is late
	Look       map[string]int `json:"look"`        // by the danger: since anybody asked
	Visits     []int          `json:"visits"`      // after what happened
	// Caseload is how many open cases one worker can stand by (Inter-Agency GBV case
	// management guidelines: at most 15 to 20).
	Caseload int `json:"caseload"`
}

// Defaults are the spans that come with the program.
func Defaults() Rules {
	return Rules{
		Assessment: 7, SafetyPlan: 30, Approval: 3,
		Look: map[string]int{"high": 3, "medium": 7, "low": 28}, Visits: []int{14, 30, 91, 182},
		Caseload: 20,
	}
}

// Reach says whether and how anybody may get in touch with her.
type Reach string

// The ways. The default is that nobody does.
const (
	ReachOpen  Reach = "open"  // she agreed
	ReachComes Reach = "comes" // only when she comes
	ReachNever Reach = "never" // never
)

// ReachOf returns what her consent to contact and her own words about it come to.
// The narrower holds.
func ReachOf(decision amana.Decision, how []string) Reach {
	switch {
	case slices.Contains(how, "never"):
		return ReachNever
	case decision == amana.Granted && slices.Contains(how, "only_when_she_comes"):
		return ReachComes
	case decision == amana.Granted:
		return ReachOpen
	case decision == amana.Refused, decision == amana.Withdrawn:
		return ReachNever
	}
	return ReachComes
}

// File is what tasks are found in.
type File struct {
	Case      *record.Record
	Referrals []*record.Record
	Reach     Reach
}

// statusOpen is the status of a case that is worked on.
const statusOpen = "open"

// Of returns what is to be done for a case, the earliest first. A case that is not
// open has nothing to be done, but for what others wait for.
func Of(f File, rules Rules) []Task {
	l := list{File: f, rules: rules}
	l.transfers()
	if record.CaseOf(f.Case).Status == statusOpen {
		l.assessment()
		l.plan()
		l.followUps()
		l.visits()
		l.safetyPlan()
		l.handMade()
		l.referrals()
		l.look()
	}
	l.approvals()
	slices.SortStableFunc(l.tasks, func(a, b Task) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Item, b.Item))
	})
	return l.tasks
}

// Due returns those that are due by a day, today among them.
func Due(tasks []Task, day string) []Task {
	var due []Task
	for _, t := range tasks {
		if t.Due <= day {
			due = append(due, t)
		}
	}
	return due
}

// Next returns the day of the first, or "".
func Next(tasks []Task) string {
	if len(tasks) == 0 {
		return ""
	}
	return tasks[0].Due
}

type list struct {
	File
	rules Rules
	tasks []Task
}

func (l *list) add(t Task) {
	if t.Due = day(t.Due); t.Due != "" {
		l.tasks = append(l.tasks, t)
	}
}

func (l *list) text(name string) string { return l.Case.Value(name).Reveal() }

func (l *list) opened() string { return record.CaseOf(l.Case).Opened }

// yes reports whether a yes or no is yes, also where it arrived as text.
func yes(v event.Value) bool {
	b, ok := v.Bool()
	return ok && b || v.Reveal() == "true"
}

// no is the same for a no: nothing recorded is neither.
func no(v event.Value) bool {
	b, ok := v.Bool()
	return ok && !b || v.Reveal() == "false"
}

// day makes a date a day: of a month or year, the first.
func day(date string) string {
	const first = "0000-01-01"
	date = date[:min(len(date), len(first))] // a moment is on its day
	if !record.IsDate(date) {
		return ""
	}
	return date + first[len(date):]
}

// after returns the day so many days after a date, or "".
func after(date string, days int) string {
	t, err := time.Parse(time.DateOnly, day(date))
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, days).Format(time.DateOnly)
}
