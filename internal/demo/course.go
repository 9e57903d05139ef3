package demo

import (
	"time"

	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
)

// course writes what happened after the first day: notes, follow-ups, changed
// answers, and of some cases the end.
func (w *Writer) course(t *telling, s *Story) {
	age := int(w.now.Sub(s.Opened).Hours() / 24)
	until := w.now
	if age > 50 && t.chance(38) && !t.high {
		s.Closing = &Closing{When: w.hours(t, s.Opened.AddDate(0, 0, t.between(30, min(age, 260))))}
		until = s.Closing.When
	}
	w.followUps(t, s, until)
	w.notes(t, s, until)
	if t.chance(7) {
		if when, ok := w.within(t, s.Opened, until); ok {
			if changed := t.changedAnswers(s.Consents); changed != nil {
				s.Answers = append(s.Answers, Answers{when, s.Author, changed})
			}
		}
	}
	if s.Closing != nil {
		t.moment = s.Closing.When
		s.Closing.By, s.Closing.Values = s.Author, t.closing(s.Closing.When)
	}
}

// within is a working hour on a day after one moment and before another, if there
// is one.
func (w *Writer) within(t *telling, after, before time.Time) (time.Time, bool) {
	days := int(before.Sub(after).Hours() / 24)
	if days < 2 {
		return time.Time{}, false
	}
	when := w.hours(t, after.AddDate(0, 0, t.between(1, days-1)))
	return when, when.After(after) && !sameDay(when, after) && when.Before(before)
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// followUps are about a month apart, closer at high risk; the last of an open
// case mostly names the day of the next.
func (w *Writer) followUps(t *telling, s *Story, until time.Time) {
	pause := 32
	if t.high {
		pause = 11
	}
	for last := s.Opened; len(s.FollowUps) < 7; {
		next := w.hours(t, last.AddDate(0, 0, t.between(pause/3, 2*pause)))
		if sameDay(next, last) || next.Before(last) {
			next = w.hours(t, last.AddDate(0, 0, 7))
		}
		if !next.After(last) || !next.Before(until) {
			break
		}
		by := s.Author
		if day := clinicDay(next); s.Team != Documentation && t.chance(24) && day.Before(until) {
			next, by = day, clinician
		}
		t.moment = next
		s.FollowUps = append(s.FollowUps, FollowUp{When: next, By: by, Values: t.followUp(next)})
		last = next
	}
	if n := len(s.FollowUps); n > 0 && s.Closing == nil {
		t.expect(s.FollowUps[n-1].Values, w.now)
	}
}

// clinicDay is the next day on which the clinician sees people whom others
// brought: every second Wednesday.
func clinicDay(t time.Time) time.Time {
	for {
		if _, week := t.ISOWeek(); t.Weekday() == time.Wednesday && week%2 == 0 {
			return t
		}
		t = t.AddDate(0, 0, 1)
	}
}

func (t *telling) followUp(when time.Time) casework.Values {
	v := casework.Values{
		"followup_date":         event.Text(when.Format(iso)),
		"followup_service_type": event.Text(t.weighted(record.Options("followup_service_type"), 4, 22, 34, 2, 9, 7, 4, 4, 4, 5, 2, 3, 3)),
		"action_taken_details":  t.words("action", 1, 3),
		"survivor_needs_met":    event.Bool(t.chance(55)),
	}
	t.leave(v, "survivor_needs_met", 15)
	if t.chance(55) {
		v["follow_up_comments"] = t.words("comment", 1, 2)
	}
	return v
}

// expect names the day of the next visit: a few are late, a few are today, most
// lie in the coming weeks.
func (t *telling) expect(v casework.Values, now time.Time) {
	if t.chance(22) {
		v["need_follow_up_visit"] = event.Bool(false)
		return
	}
	days := t.between(1, 40)
	switch n := t.IntN(100); {
	case n < 13:
		days = -t.between(1, 12)
	case n < 21:
		days = 0
	case n < 55 && t.high:
		days = t.between(1, 4)
	}
	v["need_follow_up_visit"] = event.Bool(true)
	v["when_follow_up_visit_should_happen"] = event.Text(now.AddDate(0, 0, days).Format(iso))
}

func (w *Writer) notes(t *telling, s *Story, until time.Time) {
	after := s.Opened
	for range t.IntN(5) {
		when, ok := w.within(t, after, until)
		if !ok {
			return
		}
		t.moment, after = when, when
		s.Notes = append(s.Notes, Note{when, s.Author, casework.Values{"text": t.words("note", 1, 4)}})
	}
}

func (t *telling) closing(when time.Time) casework.Values {
	return casework.Values{
		"date_closure":       event.Text(when.Format(iso)),
		"closure_reason":     event.Text(t.weighted(record.Options("closure_reason"), 46, 17, 10, 15, 5, 2, 5)),
		"closure_assessment": t.words("closure", 2, 4),
	}
}
