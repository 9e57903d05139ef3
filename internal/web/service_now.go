package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/record"
	"amana/internal/window"
)

// nowView is the page of what can help her now: from her needs, her place and the
// hours left, the best first.
type nowView struct {
	Frame
	Path, Code string    // of the case
	Bare       *bareView // where there is none
	MayRefer   bool
	Needs      []tick
	Hours      []windowView // that are running
	Vouched    vouchedView
	Near       string
	Unplaced   bool
	Placeless  bool // nobody knows where she is: it is asked first
	About      bool // the middle of an area
	FromHers   bool // counted from where she stays, as it is written down
	Languages  []choiceView
	Ways       []choiceView
	Old        bool
	Matches    []helpView
	Total      int
	Left       []string // why others are not shown
}

// helpView is one service that may help.
type helpView struct {
	Line    serviceLine
	Reasons []string
	Missing []string
	Kind    string // of service, for a referral
	Late    bool   // for all that she needs within hours
}

var nowPage = page[nowView]{"case_services"}

// nowAsked is what somebody changed about the question for one case.
type nowAsked struct {
	Case        amana.RecordID
	Needs       []string
	Near        string
	Language    string
	ByRoad, Old bool
	// Bare: for nobody who is written down. Days and Part are as [casework.Desk.Hours]
	// takes them. Fresh: the needs follow from the hours.
	Bare, Fresh bool
	Days        int
	Part        string
}

// nowKey is where a session keeps it.
const nowKey = "services.now"

func (s *Server) showNow(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	asked := shelved[nowAsked](v.session, nowKey)
	if asked.Bare || asked.Case != file.ID {
		asked = nowAsked{Case: file.ID, Needs: needsOf(file), Language: languageIn(file)}
	}
	view, err := s.nowFor(v, file, asked)
	if err != nil {
		return err
	}
	view.Path, view.Code, view.MayRefer = casePath(file.ID), file.Code, file.MayWrite
	return nowPage.render(s, w, v, http.StatusOK, view)
}

// nowFor asks the directory for what a file holds, and what was changed about it.
func (s *Server) nowFor(v *visit, file casework.CaseFile, asked nowAsked) (nowView, error) {
	index, err := v.desk.Services(v.Context())
	if err != nil {
		return nowView{}, err
	}
	sh := v.shower(file.Names)
	view := nowView{
		Frame: s.frame(v, "cases"), Near: asked.Near, Old: asked.Old,
		Languages: v.choices("language", "services.language.any", asked.Language), Ways: v.ways(asked.ByRoad),
	}
	q := s.question(v, file, asked)
	view.where(index, file, asked, &q)
	for _, id := range directory.Needs() {
		view.Needs = append(view.Needs, tick{Name: "need", Value: id, On: slices.Contains(asked.Needs, id), Text: sh.need(id)})
	}
	if file.Clock != nil {
		view.Vouched = sh.vouched(file.Clock.Signed, false)
		for _, one := range file.Clock.States {
			if one.Waits() && one.Kind == window.Urgent || asked.Bare && one.Kind == window.Now {
				view.Hours = append(view.Hours, sh.window(one.State))
			}
		}
	}
	found := index.Now(q)
	view.Total = found.Total
	for _, m := range found.Matches {
		view.Matches = append(view.Matches, sh.match(m, q))
	}
	view.Left = sh.left(found.Left)
	return view, nil
}

// question is what the directory is asked for a case: no name, no code.
func (s *Server) question(v *visit, file casework.CaseFile, asked nowAsked) directory.Query {
	q := directory.Query{
		Needs: asked.Needs, Left: hoursLeft(file), Age: -1, Sex: among(valueIn(&file.Case, "sex"), []string{"female", "male"}),
		Language: asked.Language, ByRoad: asked.ByRoad, Speeds: v.desk.Speeds(), Now: s.now(), Old: asked.Old,
	}
	if n, err := strconv.Atoi(valueIn(&file.Case, "age")); err == nil && n >= 0 {
		q.Age = n
	}
	disability := valueIn(&file.Case, "gbv_disability_type")
	q.Disability = slices.Contains([]string{"mental_disability", "physical_disability", "both"}, disability)
	return q
}

// where fills in the place: as typed, or where she stays. That is not shown, for it
// belongs to her identity.
func (view *nowView) where(index *directory.Directory, file casework.CaseFile, asked nowAsked, q *directory.Query) {
	q.Area = asked.Near
	if asked.Near == "" && file.Identity != nil {
		if q.Area = valueIn(file.Identity, "place_of_stay"); q.Area != "" {
			view.FromHers = true
		}
	}
	q.At, view.About = whereabouts(index, q.Area)
	view.Unplaced = asked.Near != "" && q.At == nil
	view.FromHers, view.Placeless = view.FromHers && q.At != nil, q.At == nil
}

// needsOf are the windows that may help still and of which nothing came yet; without
// hours, care of body and mind.
func needsOf(file casework.CaseFile) (ids []string) {
	if file.Clock != nil {
		for _, one := range file.Clock.States {
			if one.MayHelp() && one.Outcome == "" && slices.Contains(directory.Needs(), one.ID) && wanted(file, one.State) {
				ids = append(ids, one.ID)
			}
		}
	}
	if len(ids) == 0 {
		ids = []string{"mental_health", "health_medical_service"}
	}
	return ids
}

// wanted leaves out at first what is for those who can become pregnant where that is
// out of the question, what is done only on wish, and a safe house, which is asked for
// by itself.
func wanted(file casework.CaseFile, one window.State) bool {
	switch {
	case one.For == window.ForPregnancy:
		return valueIn(&file.Case, "sex") != "male"
	case one.ID == "forensic", one.ID == "medico_legal", one.ID == "safety":
		return false
	}
	return true
}

// hoursLeft are the hours of which at least so many are left. What nobody knows is
// no limit: it counts as open.
func hoursLeft(file casework.CaseFile) map[string]time.Duration {
	left := map[string]time.Duration{}
	if file.Clock == nil {
		return left
	}
	for _, one := range file.Clock.States {
		if one.Kind == window.Urgent && (one.Is == window.Open || one.Is == window.Soon) {
			left[one.ID] = one.Least
		}
	}
	return left
}

func languageIn(file casework.CaseFile) string {
	return among(valueIn(&file.Case, "language"), record.Options("language"))
}

func (s shower) match(m directory.Match, q directory.Query) helpView {
	one := helpView{Line: s.serviceLine(m.Service, m.Opening, q.Now), Reasons: s.says(m.Reasons), Missing: s.says(m.Missing)}
	one.Line.Away = s.away(m.Placed, m.Km, m.Travel, q.ByRoad)
	if kinds := m.Service.List("service_types"); len(kinds) > 0 {
		one.Kind = kinds[0]
	}
	late, inTime := 0, 0
	for _, say := range m.Missing {
		if say.Key == "services.say.late" {
			late++
		}
	}
	for _, say := range m.Reasons {
		if say.Key == "services.say.in_time" {
			inTime++
		}
	}
	one.Late = late > 0 && inTime == 0
	return one
}

// left says why services are not shown.
func (s shower) left(reasons map[string]int) (all []string) {
	for _, key := range []string{directory.LeftStale, directory.LeftStatus, directory.LeftAge, directory.LeftClass} {
		if n := reasons[key]; n > 0 {
			all = append(all, s.lang.T(key, "n", n))
		}
	}
	return all
}

// askNow keeps what somebody changed about the question, and asks again.
func (s *Server) askNow(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	asked := askedNow(v.typed())
	asked.Case = id
	v.session.put(nowKey, asked)
	return v.see(w, casePath(id)+"/services")
}

// askedNow reads the question.
func askedNow(f form) nowAsked {
	asked := nowAsked{
		Near: f.Get("near"), ByRoad: f.Get("way") == "road", Old: f.Has("old", "yes"),
		Language: among(f.Get("language"), record.Options("language")),
	}
	for _, need := range directory.Needs() {
		if f.Has("need", need) {
			asked.Needs = append(asked.Needs, need)
		}
	}
	return asked
}
