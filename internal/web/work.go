package web

import (
	"net/http"
	"slices"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/task"
)

// workView is how the work on one case stands: on its page in short, and on a page
// of its own.
type workView struct {
	Path      string
	Owner     string
	Mine      bool
	MayWrite  bool
	Tasks     []taskView
	MoreTasks int // left out where it stands in short
	Reach     string
	Flags     []flagView
	Asked     []approvalView
	Waits     int // of Asked
	MayAsk    []choiceView
	Transfers []transferView
	Offer     bool // somebody can be asked to take it over
	People    []choiceView
	Glimpses  []glimpseView
	Veiled    bool
	Move      moveView
}

// taskView is one thing to be done.
type taskView struct {
	Path, Code, Team string // of the case
	Text             string
	Words            bool   // Text is what somebody wrote
	Do               string // where it is done; "" where nothing but a tick does it
	Tick             string // where it is ticked off, or ""
	Due              string
	Late             bool
	Who              string // whose it is to do
	Risk             tag
	Reach            string // how to go about it, where it means to reach her
	Never            bool   // she is not to be reached: it is on no paper
}

type flagView struct {
	Resolve, Text, By, Until string
	When                     time.Time
	Past                     bool
}

type approvalView struct {
	Path, What, By, Comment, Decided string
	Status                           tag
	On                               time.Time
	Mine                             bool
}

type transferView struct {
	Path, To, By, Comment string
	Status                tag
	When                  time.Time
	Mine, Take            bool
}

type glimpseView struct {
	By, Reason string
	When       time.Time
}

// workPageView is the page about the work on one case.
type workPageView struct {
	Frame
	Form form
	Code string
	Work workView
}

var workPage = page[workPageView]{"work"}

// work prepares how the work on a case stands.
func (v *visit) work(file casework.CaseFile) workView {
	sh, w := v.shower(file.Names), file.Work
	path := casePath(file.ID)
	view := workView{
		Path: path, Mine: w.Mine, MayWrite: file.MayWrite, Veiled: w.Veiled, Owner: v.lang.T("work.nobody"),
		Reach: v.lang.T("work.reach." + string(reachOr(w.Reach))),
	}
	view.Move = v.moveView(file)
	if !w.Owner.IsZero() {
		view.Owner = sh.name(w.Owner)
	}
	for _, t := range w.Tasks {
		due := casework.Due{Task: t, Case: file.ID, Code: file.Code, Reach: w.Reach, Late: t.Due < w.Today, Tick: t.Source == task.HandMade}
		one := sh.task(due)
		if !file.MayWrite {
			one.Do, one.Tick = "", ""
		}
		view.Tasks = append(view.Tasks, one)
	}
	for _, f := range w.Flags {
		view.Flags = append(view.Flags, flagView{
			Resolve: path + "/flags/" + f.ID, Text: f.Text.Reveal(), By: sh.name(f.By), When: f.When, Until: v.lang.ISODate(f.Until), Past: f.Past,
		})
	}
	for _, a := range w.Asked {
		one := sh.asked(path, a)
		view.Asked = append(view.Asked, one)
		if a.Decided.IsZero() {
			view.Waits++
		}
	}
	for _, id := range w.MayAsk {
		view.MayAsk = append(view.MayAsk, choiceView{id, sh.option("approval_type", id), false})
	}
	view.Offer = !slices.ContainsFunc(w.Transfers, func(t casework.Transfer) bool { return t.Status == "asked" })
	for _, t := range w.Transfers {
		view.Transfers = append(view.Transfers, sh.transfer(path, t))
	}
	for _, id := range file.Team.Members {
		if id != w.Owner && file.Names[id] != "" {
			view.People = append(view.People, choiceView{id.String(), file.Names[id], false})
		}
	}
	for _, g := range w.Glimpses {
		view.Glimpses = append(view.Glimpses, glimpseView{sh.name(g.By), g.Reason.Reveal(), g.When})
	}
	return view
}

func reachOr(r task.Reach) task.Reach {
	if r == "" {
		return task.ReachComes
	}
	return r
}

// inShort leaves of the tasks what fits on the page of a case.
func (w workView) inShort() workView {
	const most = 5
	w.MoreTasks = max(0, len(w.Tasks)-most)
	w.Tasks = w.Tasks[:min(len(w.Tasks), most)]
	return w
}

// task writes what is to be done, and where.
func (s shower) task(t casework.Due) taskView {
	path := casePath(t.Case)
	view := taskView{
		Path: path, Code: t.Code, Team: t.Team, Due: s.lang.ISODate(t.Due), Late: t.Late, Risk: s.risk(t.Risk),
		Text: s.lang.T("task." + string(t.Source)),
	}
	switch t.Source {
	case task.Assessment:
		view.Do = path + "/form/survivor_assessment_form"
	case task.Plan:
		view.Text, view.Do = s.lang.T("task.plan", "service", s.service(t.Service)), path+"/follow-up"
	case task.FollowUp, task.Look, task.Visit:
		view.Do = path + "/follow-up"
	case task.SafetyPlan:
		view.Do = path + "/form/safety_plan"
		if t.Item != "" {
			view.Text = s.lang.T("task.safety_plan.review")
		}
	case task.Referral:
		view.Text, view.Do = s.lang.T("task.referral", "service", s.service(t.Service)), path+"/referrals/"+t.Item
	case task.Approval:
		view.Text, view.Do = s.lang.T("task.approval", "what", s.option("approval_type", t.Service)), path+"/work#asked"
	case task.Transfer:
		view.Do = path + "/work#transfers"
	case task.HandMade:
		view.Text, view.Words = t.What.Reveal(), true
		view.Tick = path + "/tasks/" + t.Item
	}
	if t.Contact {
		view.Never = t.Reach == task.ReachNever
		view.Reach = s.lang.T("task.reach." + string(reachOr(t.Reach)))
	}
	return view
}

func (s shower) asked(path string, a casework.Asked) approvalView {
	view := approvalView{
		Path: path + "/approvals/" + a.ID, What: s.option("approval_type", a.Type), By: s.name(a.By), Comment: a.Comment.Reveal(),
		Status: tag{approvalShape(a.Status), s.option("approval_status", a.Status)}, On: a.On, Mine: a.Mine,
	}
	if !a.Decided.IsZero() {
		view.Decided = s.lang.T("work.decided", "name", s.name(a.Decided), "date", s.lang.Date(a.DecidedOn))
	}
	return view
}

func approvalShape(status string) string {
	switch status {
	case "approved", "accepted":
		return "yes"
	case "rejected", "refused":
		return "no"
	case "withdrawn":
		return "none"
	}
	return "medium"
}

func (s shower) transfer(path string, t casework.Transfer) transferView {
	return transferView{
		Path: path + "/transfers/" + t.ID, To: s.name(t.To), By: s.name(t.By), Comment: t.Comment.Reveal(), When: t.When,
		Status: tag{approvalShape(t.Status), s.option("transfer_status", t.Status)}, Mine: t.Mine, Take: t.Take,
	}
}

func (s *Server) showWork(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	f := v.form()
	return workPage.render(s, w, v, http.StatusOK, workPageView{s.frame(v, "cases", f), f, file.Code, v.work(file)})
}

// verb is one act of the work on a case: do is given the item that the address
// names, or "".
func (s *Server) verb(at, said string, do func(v *visit, id amana.RecordID, f form, item string) error) handler {
	return func(w http.ResponseWriter, v *visit) error {
		id, err := v.caseID()
		if err != nil {
			return err
		}
		f, path := v.typed(), casePath(id)+"/work"
		if err := do(v, id, f, v.PathValue("item")); err != nil {
			return v.refuse(w, path, f, err)
		}
		if to := f.Get("back"); plainPath(to) {
			return v.done(w, to, said)
		}
		return v.done(w, path+at, said)
	}
}

// workRoutes are the routes of the work on one case, and of that on all of them.
func (s *Server) workRoutes() map[string]handler {
	words := func(f form, name string) amana.Private { return amana.Conceal(f.Get(name)) }
	day := func(f form, name string) string { return western(f.Get(name)) }
	return map[string]handler{
		"GET /cases/{case}/work": s.showWork,
		"POST /cases/{case}/tasks": s.verb("", "work.task.added", func(v *visit, id amana.RecordID, f form, _ string) error {
			return v.desk.AddTask(v.Context(), id, words(f, "task"), day(f, "task_due"))
		}),
		"POST /cases/{case}/tasks/{item}": s.verb("", "work.task.done", func(v *visit, id amana.RecordID, _ form, item string) error {
			return v.desk.FinishTask(v.Context(), id, item)
		}),
		"POST /cases/{case}/flags": s.verb("#flags", "work.flag.added", func(v *visit, id amana.RecordID, f form, _ string) error {
			return v.desk.AddFlag(v.Context(), id, words(f, "flag"), day(f, "flag_until"))
		}),
		"POST /cases/{case}/flags/{item}": s.verb("#flags", "work.flag.resolved", func(v *visit, id amana.RecordID, _ form, item string) error {
			return v.desk.ResolveFlag(v.Context(), id, item)
		}),
		"POST /cases/{case}/approvals": s.verb("#asked", "work.asked", func(v *visit, id amana.RecordID, f form, _ string) error {
			return v.desk.AskApproval(v.Context(), id, f.Get("approval"), words(f, "approval_comment"))
		}),
		"POST /cases/{case}/approvals/{item}": s.verb("#asked", "work.answered", func(v *visit, id amana.RecordID, f form, item string) error {
			if no := f.Get("answer") != "yes"; no && f.Get("comment") == "" {
				return casework.FieldErrors{"": "work.approval.why"}
			}
			return v.desk.DecideApproval(v.Context(), id, item, f.Get("answer") == "yes", words(f, "comment"))
		}),
		"POST /cases/{case}/transfers": s.verb("#transfers", "work.offered", func(v *visit, id amana.RecordID, f form, _ string) error {
			to, err := amana.ParseID[amana.Member](f.Get("transfer_to"))
			if err != nil {
				return casework.FieldErrors{"transfer_to": "transfer.who.needed"}
			}
			return v.desk.OfferCase(v.Context(), id, to, words(f, "transfer_comment"))
		}),
		"POST /cases/{case}/transfers/{item}": s.verb("#transfers", "work.answered", func(v *visit, id amana.RecordID, f form, item string) error {
			return v.desk.AnswerTransfer(v.Context(), id, item, f.Get("answer") == "yes", words(f, "comment"))
		}),
		"POST /cases/{case}/transfers/{item}/withdraw": s.verb("#transfers", "work.withdrawn", func(v *visit, id amana.RecordID, _ form, item string) error {
			return v.desk.WithdrawTransfer(v.Context(), id, item)
		}),
		"POST /cases/{case}/move":  s.moveCase,
		"POST /cases/{case}/glass": s.breakGlass,
		"GET /tasks":               s.showTasks,
		"POST /tasks":              s.filterTasks,
		"GET /supervision":         s.showSupervision,
		"GET /overview":            s.showOverview,
	}
}

// breakGlass shows a name that the member's role hides, and says on record why.
func (s *Server) breakGlass(w http.ResponseWriter, v *visit) error {
	id, err := v.caseID()
	if err != nil {
		return err
	}
	f := v.typed()
	if err := v.desk.BreakGlass(v.Context(), id, amana.Conceal(f.Get("reason"))); err != nil {
		return v.refuse(w, casePath(id)+"/work", f, err)
	}
	v.session.say(notice{Kind: "warning", Text: v.lang.T("work.glass.done")})
	return v.see(w, casePath(id)+"#identity")
}
