package directory

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana/internal/event"
)

// The quick way says what the careful way says, at every minute that is drawn.
func TestWeek_saysWhatTheScheduleSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Service{Values: Values{}}
		for i := range rapid.IntRange(1, 4).Draw(t, "rules") {
			item := fmt.Sprintf("schedules/%d", i)
			days := rapid.SliceOfNDistinct(rapid.SampledFrom(weekdays), 1, 7, rapid.ID[string]).Draw(t, "days")
			s.Values[item+"/byday"] = event.Text(fmt.Sprint(days)[1 : len(fmt.Sprint(days))-1])
			s.Values[item+"/opens_at"] = event.Text(fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "h"), rapid.SampledFrom([]int{0, 30}).Draw(t, "m")))
			s.Values[item+"/closes_at"] = event.Text(fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 24).Draw(t, "h"), 0))
		}
		s.Values["closures"] = event.List(rapid.SliceOfN(rapid.SampledFrom([]string{"FR 12:30-14:30", "* 13:00-14:00", "SU", "2026-11-10", "MO 22:00-02:00"}), 1, 3).Draw(t, "closures")...)
		quick := s.hoursOf("schedules")
		careful := s.hoursOf("schedules")
		careful.week = week{}
		at := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "minute")) * time.Minute)
		a, b := quick.At(at), careful.At(at)
		if a.Open != b.Open || a.Always != b.Always || !a.Until.Equal(b.Until) || !a.Next.Equal(b.Next) {
			t.Fatalf("at %s: quick %+v, careful %+v", at, a, b)
		}
	})
}
