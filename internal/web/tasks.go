package web

import (
	"net/http"
	"slices"
	"strconv"

	"amana"
	"amana/internal/casework"
	"amana/internal/task"
)

// tasksView is everything that is to be done, the most urgent first.
type tasksView struct {
	Frame
	Tabs                            []tabView
	Whose, Owners, Sources, Withins []choiceView
	Rows                            []taskView
	Total, Late, Cases              int
	More, Narrowed                  bool
	Previous, Next                  string
	Recalls                         int // recipients to be told of a withdrawal
}

// tabView is one of the pages about the day.
type tabView struct {
	Path, Text string
	On         bool
}

// dayTabs lead from one page about the day to the others.
func (v *visit) dayTabs() []tabView {
	pages := []string{"/today", "/tasks", "/referrals", "/overview"}
	if v.me().Has(amana.RoleSupervisor) {
		pages = append(pages, "/supervision")
	}
	var tabs []tabView
	for _, path := range pages {
		tabs = append(tabs, tabView{path, v.lang.T("day.tab." + path[1:]), path == v.URL.Path})
	}
	return tabs
}

var tasksPage = page[tasksView]{"tasks"}

var withins = []string{"", casework.WithinLate, casework.WithinToday, casework.WithinAll}

func (s *Server) showTasks(w http.ResponseWriter, v *visit) error {
	q := remembered[casework.DueQuery](v, casework.ListTasks)
	if n, err := strconv.Atoi(v.URL.Query().Get("page")); err == nil && n > 1 && n < 1_000_000 {
		q.Page = n - 1
	}
	list, err := v.desk.Tasks(v.Context(), q)
	if err != nil {
		return err
	}
	view := tasksView{
		Frame: s.frame(v, "today"), Tabs: v.dayTabs(), Total: list.Total, Late: list.Late, Cases: list.Cases, More: list.More,
		Narrowed: !q.Owner.IsZero() || q.Source != "" || q.Within != "",
		Whose:    []choiceView{{"", v.lang.T("tasks.whose.mine"), !q.Everyones}, {"all", v.lang.T("tasks.whose.all"), q.Everyones}},
		Owners:   v.colleagues(q.Owner),
	}
	for _, within := range withins {
		name := within
		if name == "" {
			name = casework.WithinWeek
		}
		view.Withins = append(view.Withins, choiceView{within, v.lang.T("tasks.within." + name), within == q.Within})
	}
	view.Sources = []choiceView{{"", v.lang.T("cases.any"), q.Source == ""}}
	for _, source := range task.Sources() {
		view.Sources = append(view.Sources, choiceView{string(source), v.lang.T("tasks.source." + string(source)), source == q.Source})
	}
	sh := v.shower(v.memberNames())
	for _, t := range list.Rows {
		row := sh.task(t)
		if row.Who = v.lang.T("tasks.supervisors"); !t.Who.IsZero() {
			row.Who = sh.name(t.Who)
		}
		view.Rows = append(view.Rows, row)
	}
	if list.Page > 0 {
		view.Previous = "/tasks?page=" + strconv.Itoa(list.Page)
	}
	if (list.Page+1)*casework.PageSize < list.Total {
		view.Next = "/tasks?page=" + strconv.Itoa(list.Page+2)
	}
	if view.Recalls, err = v.recalls(); err != nil {
		return err
	}
	return tasksPage.render(s, w, v, http.StatusOK, view)
}

// recalls is how many recipients this member is to tell that something was withdrawn.
func (v *visit) recalls() (int, error) {
	list, err := v.desk.Recalls(v.Context())
	return len(list), err
}

// filterTasks remembers what is asked for, and shows the list.
func (s *Server) filterTasks(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	q := casework.DueQuery{Everyones: f.Get("whose") == "all", Owner: v.memberTyped(f, "owner")}
	if within := f.Get("within"); slices.Contains(withins, within) {
		q.Within = within
	}
	if source := task.Source(f.Get("source")); slices.Contains(task.Sources(), source) {
		q.Source = source
	}
	if f.Has("all", "yes") {
		q = casework.DueQuery{Everyones: q.Everyones}
	}
	v.remember(casework.ListTasks, q)
	return v.see(w, "/tasks")
}

// memberNames are the names of everybody who is or was here.
func (v *visit) memberNames() map[amana.MemberID]string {
	names := map[amana.MemberID]string{}
	for _, m := range v.desk.Members() {
		names[m.ID] = m.Name
	}
	return names
}

// colleagues are those in the member's teams, to choose one from.
func (v *visit) colleagues(on amana.MemberID) []choiceView {
	all := []choiceView{{"", v.lang.T("cases.any"), on.IsZero()}}
	mine := v.me().Teams
	for _, m := range v.desk.Members() {
		in := slices.ContainsFunc(mine, func(t casework.Team) bool { return slices.Contains(m.Teams, t.ID) })
		if in && m.Left.IsZero() || m.ID == on {
			all = append(all, choiceView{m.ID.String(), m.Name, m.ID == on})
		}
	}
	if len(all) < 3 {
		return nil // nobody but oneself
	}
	return all
}

// memberTyped is the member that a form names, or none.
func (v *visit) memberTyped(f form, name string) amana.MemberID {
	id, err := amana.ParseID[amana.Member](f.Get(name))
	if err != nil {
		return amana.MemberID{}
	}
	return id
}

// remembered is how this member looked at a list: in this session, or the last
// time.
func remembered[T any](v *visit, list string) T {
	key := "kept." + list
	if !shelved[bool](v.session, key+".read") {
		var how T
		v.desk.Kept(list, &how)
		v.session.put(key, how)
		v.session.put(key+".read", true)
	}
	return shelved[T](v.session, key)
}

// remember keeps how this member looks at a list. Where it cannot be kept for
// another time, it is for this session.
func (v *visit) remember(list string, how any) {
	v.rememberBut(list, how, how)
}

// rememberBut keeps now for this session, and later for another time: without the
// words that were searched for.
func (v *visit) rememberBut(list string, now, later any) {
	v.session.put("kept."+list, now)
	v.session.put("kept."+list+".read", true)
	_ = v.desk.Keep(list, later) // a filter is not worth a fault
}
