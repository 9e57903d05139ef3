package web

import (
	"net/http"
	"time"
)

// calendarView is the page left behind by a quick exit: the month, and nothing
// else. It has no frame, and needs neither network nor script.
type calendarView struct {
	Lang, Dir string
	First     time.Time
	Weeks     [][]calendarDay
}

type calendarDay struct {
	Day   int // 0 outside the month
	Today bool
}

var calendarPage = page[calendarView]{"calendar"}

func (s *Server) showCalendar(w http.ResponseWriter, v *visit) error {
	today := s.now()
	first := today.AddDate(0, 0, 1-today.Day())
	view := calendarView{Lang: v.lang.Tag(), Dir: v.lang.Dir(), First: first}
	week := make([]calendarDay, 0, 7)
	for range (int(first.Weekday()) + 6) % 7 { // weeks begin on Monday
		week = append(week, calendarDay{})
	}
	for d := first; d.Month() == first.Month(); d = d.AddDate(0, 0, 1) {
		week = append(week, calendarDay{Day: d.Day(), Today: d.Day() == today.Day()})
		if len(week) == 7 {
			view.Weeks, week = append(view.Weeks, week), make([]calendarDay, 0, 7)
		}
	}
	for len(week) > 0 && len(week) < 7 {
		week = append(week, calendarDay{})
	}
	if len(week) > 0 {
		view.Weeks = append(view.Weeks, week)
	}
	return calendarPage.render(s, w, v, http.StatusOK, view)
}
