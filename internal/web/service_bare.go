package web

import (
	"net/http"
	"slices"
	"strconv"

	"amana/internal/casework"
	"amana/internal/record"
	"amana/internal/window"
)

// barePath is the page of what can help somebody of whom nothing is written down:
// refusing a case costs her neither the hours nor the way to a service.
const barePath = "/now"

// longestBare stands for any time before the days that are told apart.
const longestBare = casework.LongestBare + 1

// bareView is what it says besides: the rest of the treatments, and when it happened.
type bareView struct {
	Days, Parts   []choiceView
	Offered, Past []windowView
}

// showBare shows it. What was asked lies in the session until it is locked, and
// nowhere else.
func (s *Server) showBare(w http.ResponseWriter, v *visit) error {
	asked := shelved[nowAsked](v.session, nowKey)
	if !asked.Bare {
		asked = nowAsked{Bare: true, Fresh: true, Days: -1}
	}
	file := casework.CaseFile{Clock: v.desk.Hours(asked.Days, asked.Part)}
	if asked.Fresh {
		asked.Needs = needsOf(file)
	}
	view, err := s.nowFor(v, file, asked)
	if err != nil {
		return err
	}
	view.Frame = s.frame(v, "services")
	view.Path, view.Bare = barePath, v.bare(asked, file.Clock)
	return nowPage.render(s, w, v, http.StatusOK, view)
}

// bare is what the page offers to change, and what does not press.
func (v *visit) bare(asked nowAsked, clock *casework.Clock) *bareView {
	b := &bareView{Days: []choiceView{{"", v.lang.T("services.bare.unknown"), asked.Days < 0}}, Parts: v.choices("incident_timeofday", "services.bare.any", asked.Part)}
	b.Parts = slices.DeleteFunc(b.Parts, func(c choiceView) bool { return c.Value == "unknown" })
	for n := range longestBare + 1 {
		key, args := "services.bare.days", []any{"n", n}
		switch n {
		case 0, 1, longestBare:
			key, args = [...]string{"services.bare.today", "services.bare.yesterday", "services.bare.before"}[min(n, 2)], nil
		}
		b.Days = append(b.Days, choiceView{strconv.Itoa(n), v.lang.T(key, args...), asked.Days == n})
	}
	sh := v.shower(nil)
	for _, one := range clock.States {
		switch {
		case one.Is == window.Closed:
			b.Past = append(b.Past, sh.window(one.State))
		case one.Kind == window.Offered:
			b.Offered = append(b.Offered, sh.window(one.State))
		}
	}
	return b
}

// askBare keeps what was asked, and asks again. Where only the time is said, the
// needs follow from it.
func (s *Server) askBare(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	asked := askedNow(f)
	asked.Bare, asked.Days, asked.Part = true, -1, among(f.Get("part"), record.Options("incident_timeofday"))
	if n, err := strconv.Atoi(f.Get("days")); err == nil && n >= 0 && n <= longestBare {
		asked.Days = n
	}
	asked.Fresh = !f.Has("changed", "yes")
	v.session.put(nowKey, asked)
	return v.see(w, barePath)
}
