package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
)

// The first run: six short pages, of which nothing is written anywhere until
// the last is sent, and then the sheets for the custodians.

const (
	shelfFounding = "founding"
	shelfShares   = "shares"
	mostTeams     = 4
)

// founding is what the first-run pages have gathered so far. It lives on the
// shelf of one session.
type founding struct {
	casework.NewOrganisation
	reached int  // the last step that was answered
	Own     bool // the passphrase was made up by the person
	Bits    float64
}

// wipe forgets the passphrase when the session ends.
func (f *founding) wipe() { clear(f.Passphrase) }

// setupStep is one page of the first run. check takes what was typed into what
// is gathered, or notes in the form what is wrong with it.
type setupStep struct {
	name  string // /setup/<name>
	check func(s *Server, v *visit, f *form, g *founding)
	fill  func(g *founding, f form) // shows again what was answered before
}

func setupSteps() []setupStep {
	return []setupStep{
		{"organisation", checkOrganisation, fillOrganisation},
		{"administrator", checkAdministrator, fillAdministrator},
		{"teams", checkTeams, fillTeams},
		{"custodians", checkCustodians, fillCustodians},
	}
}

type setupView struct {
	Frame
	Form     form
	Step, Of int
	Back     string
	New      newPassphrase
	Rows     []int
	Rooms    []amana.Compartment
	Answers  *founding
	Level    string // of the passphrase's strength
}

// Steps are the marks of how far one is.
func (v setupView) Steps() []string {
	marks := make([]string, v.Of)
	for i := range marks {
		switch {
		case i+1 < v.Step:
			marks[i] = "done"
		case i+1 == v.Step:
			marks[i] = "here"
		}
	}
	return marks
}

// RoundBits is the strength of the passphrase without a fraction.
func (v setupView) RoundBits() int { return int(v.Answers.Bits) }

// setupPages are by the name of the step.
func setupPages() map[string]page[setupView] {
	pages := map[string]page[setupView]{}
	for _, name := range []string{"language", "organisation", "administrator", "teams", "custodians", "check"} {
		pages[name] = page[setupView]{"setup_" + name}
	}
	return pages
}

// firstRun answers where there is no organisation yet.
func (s *Server) firstRun(h handler) handler {
	return func(w http.ResponseWriter, v *visit) error {
		if s.office.Founded() {
			return v.see(w, "/")
		}
		return h(w, v)
	}
}

// unfounded serves h to anyone, where there is no organisation yet.
func (s *Server) unfounded(h handler) http.Handler { return s.anyone(s.firstRun(h)) }

// setupRoutes are the routes of the first run. Once there is an organisation,
// nothing is there but the sheets, for the session that founded it.
func (s *Server) setupRoutes() map[string]handler {
	firstRun := s.firstRun
	routes := map[string]handler{
		"GET /setup":          firstRun(s.showSetup("language", 0)),
		"GET /setup/check":    firstRun(s.showSetup("check", len(setupSteps())+1)),
		"POST /setup/another": firstRun(s.suggestAnother("/setup/administrator")),
		"POST /setup/found":   firstRun(s.found),
		"GET /setup/shares":   s.showShares,
		"POST /setup/done":    s.sharesDone,
	}
	for i, step := range setupSteps() {
		routes["GET /setup/"+step.name] = firstRun(s.showSetup(step.name, i+1))
		routes["POST /setup/"+step.name] = firstRun(s.answerSetup(i))
	}
	return routes
}

// answersOf returns what was gathered in this session.
func answersOf(v *visit) *founding {
	if g := shelved[*founding](v.session, shelfFounding); g != nil {
		return g
	}
	return &founding{}
}

func (s *Server) showSetup(name string, number int) handler {
	steps, pages := setupSteps(), setupPages()
	return func(w http.ResponseWriter, v *visit) error {
		g := answersOf(v)
		if number > g.reached+1 {
			return v.see(w, "/setup") // a step was skipped
		}
		f := v.form()
		view := setupView{
			Step: number + 1, Of: len(steps) + 2, Answers: g, Level: level(g.Bits),
			Rows: []int{0, 1, 2, 3}, Rooms: []amana.Compartment{amana.Care, amana.Statistics, amana.Accountability},
		}
		switch {
		case number == 1:
			view.Back = "/setup"
		case number > 1:
			view.Back = "/setup/" + steps[number-2].name
		}
		if 0 < number && number <= len(steps) && len(f.Values) == 0 {
			steps[number-1].fill(g, f)
			suggestTeams(v, g, f, name)
			if name == "organisation" && len(g.Languages) == 0 {
				f.Values["languages"] = []string{v.lang.Tag()} // the one they read these pages in
			}
		}
		view.Frame, view.Form = s.frame(v, "", f), f
		if name == "administrator" {
			view.New = s.offerPassphrase(v, f, "/setup/another")
		}
		return pages[name].render(s, w, v, http.StatusOK, view)
	}
}

func (s *Server) answerSetup(number int) handler {
	step := setupSteps()[number]
	return func(w http.ResponseWriter, v *visit) error {
		f, g := v.typed(), answersOf(v)
		if number > g.reached {
			return v.see(w, "/setup")
		}
		if step.check(s, v, &f, g); f.Failed() {
			return v.again(w, "/setup/"+step.name, f)
		}
		g.reached = max(g.reached, number+1)
		v.session.put(shelfFounding, g)
		if number+1 == len(setupSteps()) {
			return v.see(w, "/setup/check")
		}
		return v.see(w, "/setup/"+setupSteps()[number+1].name)
	}
}

func checkOrganisation(_ *Server, _ *visit, f *form, g *founding) {
	f.need("organisation", "setup.organisation.name.needed")
	if len(f.All("languages")) == 0 {
		f.wrong("languages", "setup.organisation.languages.needed")
	}
	g.Name, g.Languages = f.Get("organisation"), f.All("languages")
}

func fillOrganisation(g *founding, f form) {
	f.Values.Set("organisation", g.Name)
	f.Values["languages"] = g.Languages
}

func checkAdministrator(s *Server, v *visit, f *form, g *founding) {
	f.need("administrator", "setup.administrator.name.needed")
	chosen := s.chosenPassphrase(v, f)
	if f.Failed() {
		clear(chosen)
		return
	}
	clear(g.Passphrase)
	g.Administrator, g.Passphrase, g.Own = f.Get("administrator"), chosen, f.Get("which") == "own"
	g.Bits = s.office.Strength(string(chosen))
}

func fillAdministrator(g *founding, f form) { f.Values.Set("administrator", g.Administrator) }

func checkTeams(_ *Server, _ *visit, f *form, g *founding) {
	var teams []casework.NewTeam
	for i := range mostTeams {
		n := strconv.Itoa(i)
		if f.Get("team"+n) == "" {
			continue
		}
		teams = append(teams, casework.NewTeam{
			Name: f.Get("team" + n), Compartment: amana.Compartment(f.Get("room" + n)),
			Identities: f.Get("identities"+n) != "", Join: f.Get("join"+n) != "",
		})
	}
	if len(teams) == 0 {
		f.wrong("team0", "setup.teams.needed")
	}
	g.Teams = teams
}

func fillTeams(g *founding, f form) {
	for i, t := range g.Teams {
		n := strconv.Itoa(i)
		f.Values.Set("team"+n, t.Name)
		f.Values.Set("room"+n, string(t.Compartment))
		if t.Identities {
			f.Values.Set("identities"+n, "yes")
		}
		if t.Join {
			f.Values.Set("join"+n, "yes")
		}
	}
}

// suggestTeams fills in three teams that most organisations begin with.
func suggestTeams(v *visit, g *founding, f form, step string) {
	if step != "teams" || len(g.Teams) > 0 {
		return
	}
	fillTeams(&founding{NewOrganisation: casework.NewOrganisation{Teams: []casework.NewTeam{
		{Name: v.lang.T("setup.teams.care"), Compartment: amana.Care, Identities: true, Join: true},
		{Name: v.lang.T("setup.teams.clinic"), Compartment: amana.Care, Identities: true},
		{Name: v.lang.T("setup.teams.documentation"), Compartment: amana.Accountability},
	}}}, f)
}

func checkCustodians(_ *Server, _ *visit, f *form, g *founding) {
	var names []string
	for name := range strings.Lines(f.Get("custodians")) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	needed, err := strconv.Atoi(f.Get("threshold"))
	switch {
	case len(names) < 2 || len(names) > 16:
		f.wrong("custodians", "setup.custodians.number")
	case err != nil || needed < 2 || needed > len(names):
		f.wrong("threshold", "setup.threshold.number")
	}
	g.Custodians, g.Threshold = names, needed
}

func fillCustodians(g *founding, f form) {
	f.Values.Set("custodians", strings.Join(g.Custodians, "\n"))
	f.Values.Set("threshold", "3")
	if g.Threshold > 0 {
		f.Values.Set("threshold", strconv.Itoa(g.Threshold))
	}
}

// level puts bits into a word: the end of a key of passphrase.level.
func level(bits float64) string {
	switch {
	case bits < 65:
		return "fair"
	case bits < 85:
		return "good"
	}
	return "strong"
}

func (s *Server) found(w http.ResponseWriter, v *visit) error {
	g, f := answersOf(v), v.typed()
	if g.reached < len(setupSteps()) {
		return v.see(w, "/setup")
	}
	g.Cost = casework.CostDefault
	if f.Get("small") != "" {
		g.Cost = casework.CostSmall
	}
	shares, err := s.office.Found(v.Context(), g.NewOrganisation)
	if err != nil {
		return foundingRefused(w, v, g, f, err)
	}
	g.wipe()
	v.session.put(shelfFounding, nil)
	v.session.put(shelfSuggestion, nil)
	v.session.put(shelfShares, shares)
	return v.see(w, "/setup/shares")
}

// foundingRefused goes back to the first page that has a field which casework
// did not take.
func foundingRefused(w http.ResponseWriter, v *visit, g *founding, f form, err error) error {
	var refused casework.FieldErrors
	if !errors.As(err, &refused) {
		return v.refuse(w, "/setup/check", f, err)
	}
	fields := []struct{ name, step, field string }{
		{"name", "organisation", "organisation"},
		{"languages", "organisation", "languages"},
		{"administrator", "administrator", "administrator"},
		{"passphrase", "administrator", "passphrase_new"},
		{"teams", "teams", "team0"},
		{"custodians", "custodians", "custodians"},
		{"threshold", "custodians", "threshold"},
	}
	for _, known := range fields {
		if refused[known.name] == "" {
			continue
		}
		for _, step := range setupSteps() {
			if step.name != known.step {
				continue
			}
			back := newForm()
			step.fill(g, back)
			back.wrong(known.field, refused[known.name])
			return v.again(w, "/setup/"+step.name, back)
		}
	}
	return v.refuse(w, "/setup/check", f, err)
}

type sharesView struct {
	Frame
	Form   form
	Shares []sheet
}

// sheet is one custodian's sheet.
type sheet struct {
	casework.Share
	Size int    // of the code, with its quiet zone
	Path string // of its dark modules, as an SVG path
}

var sharesPage = page[sharesView]{"setup_shares"}

func (s *Server) showShares(w http.ResponseWriter, v *visit) error {
	shares := shelved[[]casework.Share](v.session, shelfShares)
	if shares == nil {
		return v.see(w, "/")
	}
	f := v.form()
	view := sharesView{Frame: s.frame(v, "", f), Form: f}
	for _, share := range shares {
		view.Shares = append(view.Shares, sheet{share, len(share.QR) + 8, qrPath(share.QR)})
	}
	return sharesPage.render(s, w, v, http.StatusOK, view)
}

// sharesDone forgets the sheets: they are on paper now.
func (s *Server) sharesDone(w http.ResponseWriter, v *visit) error {
	if v.typed().Get("handed") == "" && shelved[[]casework.Share](v.session, shelfShares) != nil {
		f := v.typed()
		f.wrong("handed", "setup.shares.needed")
		return v.again(w, "/setup/shares", f)
	}
	v.session.put(shelfShares, nil)
	return v.done(w, "/unlock", "setup.done")
}

// qrPath draws each run of dark modules in a row as one stroke, inside a quiet
// zone of four.
func qrPath(rows [][]bool) string {
	var b strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			start := x
			for x < len(row) && row[x] {
				x++
			}
			if x > start {
				fmt.Fprintf(&b, "M%d %dh%d", start+4, y+4, x-start)
			}
		}
	}
	return b.String()
}
