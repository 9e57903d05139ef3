package web

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/mse"
)

func (s *Server) estimateRoutes() map[string]handler {
	return map[string]handler{
		"GET /estimate":               s.showEstimates,
		"POST /estimate":              s.estimateFile,
		"POST /estimate/rule":         s.allowEstimates,
		"POST /estimate/claims":       s.estimateClaims,
		"POST /estimate/stop":         s.stopEstimate,
		"POST /estimate/drop":         s.dropEstimate,
		"GET /estimate/result":        s.showEstimate,
		"GET /estimate/kept/{record}": s.showEstimate,
	}
}

// estimatesView is where an estimate is asked for, and what was estimated before.
type estimatesView struct {
	Frame
	Form   form
	On     bool
	Admin  bool
	May    bool
	Claims bool
	Line   int // of the file, in which something is wrong
	Rows   []estimateRow
}

type estimateRow struct{ Path, When, Source, By string }

var estimatesPage = page[estimatesView]{"estimates"}

func (s *Server) showEstimates(w http.ResponseWriter, v *visit) error {
	if st, there := v.desk.EstimateState(); there && st.Busy {
		return v.see(w, "/estimate/progress")
	}
	f := v.form()
	me := v.desk.Me()
	view := estimatesView{
		Frame: s.frame(v, "figures", f), Form: f, On: v.desk.EstimatesOn(), Admin: me.Has(amana.RoleAdministrator),
		May: me.Has(amana.RoleAnalyst) || me.Has(amana.RoleSupervisor) || me.Has(amana.RoleAdministrator),
	}
	view.Line, _ = strconv.Atoi(f.Get("line"))
	_, err := v.desk.ClaimsTeam()
	view.Claims = err == nil
	if !f.Failed() {
		f.Values.Set("seed", "1")
		f.Values.Set("seed_claims", "1")
		f.Values.Set("of", "events")
	}
	list, err := v.desk.Estimates(v.Context())
	if err != nil {
		return err
	}
	for _, e := range list {
		view.Rows = append(view.Rows, estimateRow{
			"/estimate/kept/" + e.ID.String(), v.lang.DateTime(e.On), v.lang.T("estimate.source." + e.Source), v.memberName(e.By),
		})
	}
	return estimatesPage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) memberName(id amana.MemberID) string {
	for _, m := range v.desk.Members() {
		if m.ID == id {
			return m.Name
		}
	}
	return ""
}

// allowEstimates turns the rule on or off.
func (s *Server) allowEstimates(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	value, said := "", "estimate.rule.is_off"
	if f.Get("allow") == "yes" {
		value, said = "yes", "estimate.rule.is_on"
	}
	if err := v.desk.SetRule(v.Context(), casework.RuleEstimates, value); err != nil {
		return v.refuse(w, "/estimate", f, err)
	}
	return v.done(w, "/estimate", said)
}

// seedOf reads the number from which chance follows.
func (f *form) seedOf(name string) uint64 {
	seed, err := strconv.ParseUint(f.Get(name), 10, 32)
	if err != nil {
		f.wrong(name, "estimate.seed.wrong")
	}
	return seed
}

// estimateFile reads a file into counts: nothing of it is kept.
func (s *Server) estimateFile(w http.ResponseWriter, v *visit) error {
	f := newForm()
	f.Values.Set("seed", "1") // where a form does not ask for it
	part, err := v.partAfter("file", &f)
	seed := f.seedOf("seed")
	if err != nil {
		f.wrong("file", "estimate.file.needed")
	}
	if f.Failed() {
		return v.again(w, "/estimate", f)
	}
	return v.estimating(w, f, v.desk.EstimateCaptures(v.Context(), part, seed))
}

func (s *Server) estimateClaims(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	ask := casework.EstimateAsk{Seed: f.seedOf("seed_claims"), Persons: f.Get("of") == "persons"}
	if text := f.Get("chance"); text != "" {
		percent, err := strconv.Atoi(text)
		if err != nil || percent < 1 || percent > 99 {
			f.wrong("chance", "estimate.chance.wrong")
		}
		ask.Chance = float64(percent) / 100
	}
	if f.Failed() {
		return v.again(w, "/estimate", f)
	}
	return v.estimating(w, f, v.desk.EstimateClaims(v.Context(), ask))
}

// estimating goes on to the progress of an estimate, or says why there is none.
func (v *visit) estimating(w http.ResponseWriter, f form, err error) error {
	if fault, is := errors.AsType[*casework.EstimateError](err); is {
		f.wrong("file", fault.Key)
		f.Values.Set("line", strconv.Itoa(fault.Line))
		return v.again(w, "/estimate", f)
	}
	if err != nil {
		return v.refuse(w, "/estimate", f, err)
	}
	return v.see(w, "/estimate/progress")
}

// estimatingView is an estimate at work.
type estimatingView struct {
	Frame
	Done, Total, Percent int
}

var estimatingPage = page[estimatingView]{"estimating"}

// showEstimating shows how far it is, and looks again by itself. Watching is no sign
// of life: it is not for members, so that the desk locks as it would.
func (s *Server) showEstimating(w http.ResponseWriter, v *visit) error {
	if v.desk == nil {
		return v.see(w, "/unlock")
	}
	st, there := v.desk.EstimateState()
	switch {
	case !there:
		return v.see(w, "/estimate")
	case !st.Busy:
		return v.see(w, "/estimate/result")
	}
	view := estimatingView{Frame: s.frame(v, "figures"), Done: min(st.Done+1, max(1, st.Total)), Total: max(1, st.Total)}
	view.Percent = min(100, int(100*(float64(st.Done)+st.Share)/float64(view.Total)))
	w.Header().Set("Refresh", progressLook)
	return estimatingPage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) stopEstimate(w http.ResponseWriter, v *visit) error {
	v.desk.StopEstimate()
	return v.see(w, "/estimate/result")
}

func (s *Server) dropEstimate(w http.ResponseWriter, v *visit) error {
	v.desk.DropEstimate()
	return v.see(w, "/estimate")
}

// estimateView is one estimate: every model beside the others.
type estimateView struct {
	Frame
	Wrong    string // why there is none
	Back     bool   // it is on record, and nothing is at the desk
	When, By string
	Source   string
	Observed string
	Lists    string
	LeftOut  string
	Doubts   []string
	Models   []estimateLine
	Without  []estimateLine
	Settings []estimateLine
	Links    []estimateLine
	Unsure   string
	Chance   string
	Persons  bool // people are counted
	Latent   bool // without one list, latent classes were used
	Undrawn  int  // draws of the links of which nothing could be estimated
	Digest   string
	Version  string
	Seed     string
	Kept     bool
}

// estimateLine is what one model says, in words.
type estimateLine struct {
	Name, Assumption string
	Number, Interval string
	Chains           string
	Modes, Warnings  []string
}

var estimatePage = page[estimateView]{"estimate"}

func (s *Server) showEstimate(w http.ResponseWriter, v *visit) error {
	view := estimateView{Frame: s.frame(v, "figures"), Back: v.PathValue("record") != ""}
	if view.Back {
		id, err := amana.ParseID[amana.Record](v.PathValue("record"))
		if err != nil {
			return fmt.Errorf("web: estimate: %w", amana.ErrNotFound)
		}
		e, err := v.desk.ReadEstimate(v.Context(), id)
		if err != nil {
			return err
		}
		v.estimation(&view, &e)
		return estimatePage.render(s, w, v, http.StatusOK, view)
	}
	st, there := v.desk.EstimateState()
	switch {
	case !there:
		return v.see(w, "/estimate")
	case st.Busy:
		return v.see(w, "/estimate/progress")
	case st.Result == nil:
		view.Wrong = v.lang.T(st.Wrong)
	default:
		v.estimation(&view, st.Result)
	}
	return estimatePage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) estimation(view *estimateView, e *casework.Estimation) {
	view.When, view.By, view.Source = v.lang.DateTime(e.On), v.memberName(e.By), v.lang.T("estimate.source."+e.Source)
	view.Observed, view.Lists, view.LeftOut = v.lang.Number(e.Observed), v.listNames(e.Lists), v.listNames(e.LeftOut)
	view.Digest, view.Version, view.Seed, view.Kept = e.Digest, e.Version, strconv.FormatUint(e.Seed, 10), e.Kept
	view.Doubts = v.estimateWarnings(e.Doubts)
	view.Persons = e.Source == casework.EstimatePersons
	view.Latent = len(e.Without) > 0 && e.Without[0].Model == "lcmcr"
	for _, l := range e.Models {
		line := v.estimateLine(l, v.lang.T("estimate.model."+l.Model))
		line.Assumption = v.lang.T("estimate.assumes." + l.Model)
		view.Models = append(view.Models, line)
	}
	for _, l := range e.Without {
		view.Without = append(view.Without, v.estimateLine(l, v.lang.T("estimate.without.one", "list", v.listNames([]string{l.About}))))
	}
	for _, l := range e.Settings {
		view.Settings = append(view.Settings, v.estimateLine(l, v.lang.T("estimate.setting."+l.About)))
	}
	if s := e.Links; s != nil {
		view.Unsure, view.Undrawn = v.lang.T("estimate.links.lede", "n", s.Unsure, "draws", s.Draws), s.Failed
		view.Chance = v.lang.T("estimate.links.chance", "least", v.whole(100*s.Least), "most", v.whole(100*s.Most))
		if s.Chance > 0 {
			view.Chance = v.lang.T("estimate.links.set", "n", v.whole(100*s.Chance))
		}
		view.Links = []estimateLine{
			v.estimateLine(s.None, v.lang.T("estimate.links.none")), v.estimateLine(s.All, v.lang.T("estimate.links.all")),
			v.estimateLine(s.Drawn, v.lang.T("estimate.links.drawn")),
		}
	}
}

func (v *visit) listNames(names []string) string {
	shown := make([]string, len(names))
	for i, n := range names {
		if shown[i] = n; n == "" {
			shown[i] = v.lang.T("estimate.list.here")
		}
	}
	return strings.Join(shown, v.lang.T("frame.comma"))
}

// estimateLine says what a model says: a number with its interval, or modes, or that
// it says nothing.
func (v *visit) estimateLine(l casework.EstimateLine, name string) estimateLine {
	line := estimateLine{Name: name, Number: v.lang.T("estimate.none"), Warnings: v.estimateWarnings(l.Warnings)}
	if l.Estimate != nil && l.Lower != nil && l.Upper != nil { // never a number without its interval
		line.Number = v.whole(*l.Estimate)
		line.Interval = v.lang.T("estimate.interval", "lower", v.whole(*l.Lower), "upper", v.whole(*l.Upper))
	}
	if l.Rhat != nil && l.ESS != nil {
		line.Chains = v.lang.T("estimate.chains", "rhat", strconv.FormatFloat(*l.Rhat, 'f', 3, 64), "ess", v.whole(*l.ESS))
	}
	for _, m := range l.Modes {
		line.Modes = append(line.Modes, v.lang.T("estimate.mode", "chains", m.Chains, "median", v.whole(m.Median),
			"lower", v.whole(m.Lower), "upper", v.whole(m.Upper)))
	}
	return line
}

func (v *visit) whole(n float64) string { return v.lang.Number(int(math.Round(n))) }

func (v *visit) estimateWarnings(list []mse.Warning) []string {
	var texts []string
	for _, w := range list {
		if w.Key == "dga.mean" { // means are not shown
			continue
		}
		args := []any{"lists", v.listNames(w.Lists)}
		for i, n := range w.Numbers {
			text := v.whole(n)
			if w.Key == "lcmcr.short" && i == 0 {
				text = strconv.FormatFloat(n, 'f', 3, 64)
			}
			args = append(args, string(rune('a'+i)), text)
		}
		texts = append(texts, v.lang.T("estimate.warning."+w.Key, args...))
	}
	return texts
}
