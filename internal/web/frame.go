package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/record"
)

// Frame is what stands around every page. Views embed it.
type Frame struct {
	Lang, Dir string
	Here      string // "today", "cases", …: the entry of the menu that is lit
	Path      string // of this page, for coming back to it
	Demo      bool
	Member    *casework.Me // nil unless unlocked
	Admin     bool
	Claims    bool   // is in a team of the accountability compartment
	Office    string // name of the organisation, where unlocked
	Idle      int    // seconds until the desk locks itself; 0 where locked
	Progress  *casework.Progress
	Behind    time.Duration // the clock is this far behind the last entry
	Refused   int           // entries refused on the way in
	HubLies   int           // how often the hub was found not to keep its word
	Arriving  *casework.Arriving
	Unheard   int  // days since the last exchange with the server, where they are many
	Look      bool // again, by itself: without a script the whole page, with one what it marks
	Notice    *notice
	Languages []languageChoice
	Errors    []formError
}

// notice is said once, on the page after the one where it came up.
type notice struct {
	Kind string // "saved", "info" or "warning"
	Text string // in the reader's language
}

type languageChoice struct {
	Tag, Name string
	On        bool
}

// frame gathers what stands around the page of a visit. Forms are given so that
// what was wrong with them is summed up on top.
func (s *Server) frame(v *visit, here string, forms ...form) Frame {
	f := Frame{
		Lang: v.lang.Tag(), Dir: v.lang.Dir(), Here: here, Path: v.URL.Path, Demo: s.demo != nil,
	}
	for _, one := range forms {
		for _, e := range one.Errors {
			e.Label = cmp.Or(e.Label, labelOf(v.lang, e))
			f.Errors = append(f.Errors, e)
		}
	}
	for _, tag := range s.catalogue.Tags() {
		f.Languages = append(f.Languages, languageChoice{tag, s.catalogue.Language(tag).Name(), tag == f.Lang})
	}
	f.Notice = v.session.heard()
	if v.desk == nil {
		return f
	}
	me, state := v.desk.Me(), v.desk.State()
	f.Member, f.Admin, f.Office = &me, me.Has(amana.RoleAdministrator), v.desk.Organisation().Name
	f.Claims = slices.ContainsFunc(me.Teams, func(t casework.Team) bool { return t.Compartment == amana.Accountability })
	f.Idle, f.Behind, f.Refused, f.HubLies = v.session.idleSeconds(), state.ClockBehind, state.Quarantined, state.HubLies
	f.Arriving = state.Arriving
	if days := s.daysSince(state.HubLast); days >= longUnheard && here == "today" {
		f.Unheard = days
	}
	if state.Progress.Done < state.Progress.Total {
		f.Progress = &state.Progress
	}
	if inHands(v.session) { // who has it is no member: no page of any kind names one
		f.Member, f.Admin, f.Progress, f.Arriving = nil, false, nil, nil
	}
	return f
}

// labelOf names the field that a message is about, for messages that fit any field:
// "This date lies in the future" says nothing on a page with four dates.
func labelOf(lang i18n.Language, e formError) string {
	if !strings.HasPrefix(e.Key, "invalid.") {
		return ""
	}
	purpose := strings.TrimPrefix(e.Field, "consent_")
	for _, key := range []string{
		"field." + e.Field, "field." + record.FollowUps + "/" + e.Field, "consent." + purpose, "purpose." + purpose,
	} {
		if lang.Has(key) {
			return lang.T(key)
		}
	}
	return ""
}

// Percent is how much of the view is built.
func (f Frame) Percent() int {
	if f.Progress == nil || f.Progress.Total == 0 {
		return 100
	}
	return 100 * f.Progress.Done / f.Progress.Total
}

// DaysBehind is the clock's lag in days, at least one.
func (f Frame) DaysBehind() int { return int(f.Behind/(24*time.Hour)) + 1 }

func (s *Server) chooseLanguage(w http.ResponseWriter, v *visit) error {
	v.session.put(handedWords, nil) // of a page in a client's hands
	v.session.speak(s.catalogue.Language(v.PostFormValue("language")).Tag())
	return v.see(w, back(v.PostFormValue("path")))
}

// back is a page to return to: one of ours, or the first.
func back(path string) string {
	if !plainPath(path) {
		return "/"
	}
	return path
}

// accepted are the languages the browser asks for, in its order.
func accepted(r *http.Request) []string {
	var tags []string
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(part, ";")
		if tag = strings.TrimSpace(tag); tag != "" && len(tags) < 10 {
			tags = append(tags, tag)
		}
	}
	return tags
}

type progressView struct{ Frame }

var progressPage = page[progressView]{"progress-only"}

// showProgress says how far the view is, while it is being built.
func (s *Server) showProgress(w http.ResponseWriter, v *visit) error {
	if v.desk == nil {
		return amana.ErrNotFound
	}
	p := v.desk.State().Progress
	if p.Done >= p.Total {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	view := progressView{Frame{Lang: v.lang.Tag(), Dir: v.lang.Dir(), Progress: &p}}
	return progressPage.render(s, w, v, http.StatusOK, view)
}

// stay is a sign of life from someone who writes.
func (s *Server) stay(w http.ResponseWriter, _ *visit) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}
