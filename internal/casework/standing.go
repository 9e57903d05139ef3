package casework

import (
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"amana"
	"amana/internal/record"
	"amana/internal/task"
	"amana/internal/view"
)

// standing is how the work on one case stands: what the pages about many cases
// need of it. It is read once and kept, in memory, until the case changes.
type standing struct {
	row      CaseRow
	changed  uint64 // of the row that it was read for
	rules    string // version of the table of tasks
	teams    []amana.TeamID
	owner    amana.MemberID
	tasks    []task.Task
	reach    task.Reach
	flags    []Flag
	asked    []Asked
	moves    []Transfer
	glimpses []Glimpse
	outcomes map[string]string // of windows
}

// standings keeps, for each list, what was read for its cases the last time: what is
// in no list any more is not kept.
type standings struct {
	mu   sync.Mutex // guards kept
	kept map[string]map[amana.RecordID]standing
}

func (s *standings) of(id amana.RecordID) standing {
	for _, list := range s.kept {
		if one, there := list[id]; there {
			return one
		}
	}
	return standing{}
}

// mostStanding is how many cases the pages about the work of a team look at. Those
// with something due come first.
const mostStanding = 3000

// standing returns how the work stands on the cases that a filter finds, and
// whether there are more than are looked at. Cases that cannot be read are left
// out: their own page says why. What is read is kept under a name.
func (d *Desk) standing(name string, f view.Filter) (list []standing, more bool, err error) {
	most := mostStanding
	if f.Limit > 0 {
		most = f.Limit
	}
	f.Limit = most + 1
	found, err := d.session.Cases(amana.Private{}, f)
	if err != nil {
		return nil, false, err
	}
	more = len(found) > most
	found = found[:min(len(found), most)]
	list = make([]standing, len(found))
	inParallel(len(found), func(i int) { list[i] = d.glance(found[i]) })
	rows, kept := d.rows(found), make(map[amana.RecordID]standing, len(found))
	for i := range list {
		if list[i].row = rows[i]; list[i].teams != nil {
			kept[rows[i].ID] = list[i]
		}
	}
	d.standings.mu.Lock()
	if d.standings.kept == nil {
		d.standings.kept = map[string]map[amana.RecordID]standing{}
	}
	d.standings.kept[name] = kept
	d.standings.mu.Unlock()
	return slices.DeleteFunc(list, func(s standing) bool { return s.teams == nil }), more, nil
}

// glance returns how the work stands on a case: as it was kept, where the case did
// not change since.
func (d *Desk) glance(v view.Case) standing {
	rules, version := d.TaskRules(), ""
	if doc, there := d.Adopted(TableTasks); there {
		version = doc.Version
	}
	d.standings.mu.Lock()
	s := d.standings.of(v.ID)
	d.standings.mu.Unlock()
	if s.teams == nil || s.changed != v.Updated || s.rules != version {
		s = d.read(v.ID, rules)
		s.changed, s.rules = v.Updated, version
	}
	return s
}

// read reads how the work on one case stands.
func (d *Desk) read(id amana.RecordID, rules task.Rules) standing {
	f, err := d.session.Peek(id)
	if err != nil {
		return standing{}
	}
	c := &f.Case.Record
	s := standing{
		teams: f.Case.Teams, owner: d.ownerOf(f), flags: d.flagsOf(c), asked: d.askedOf(f), moves: d.transfersOf(f),
		glimpses: glimpses(c), outcomes: map[string]string{},
	}
	s.tasks, s.reach = tasksOf(f, rules)
	for _, item := range c.Items(record.Windows) {
		s.outcomes[item] = c.Value(outcomeField(item)).Reveal()
	}
	return s
}

// inParallel calls do for each place, a few at a time.
func inParallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// openCases returns how the work stands on what is worked on.
func (d *Desk) openCases() ([]standing, bool, error) {
	return d.standing("open", view.Filter{Status: statusOpen, Sort: view.ByDue})
}

// mostOffered is among how many of the cases that changed last an offer to this
// member is looked for.
const mostOffered = 200

// concerning returns how the work stands on the cases in which this member may have
// something to do: their own, those that wait for a supervisor, and those that
// changed last, where somebody may offer them one. It is far fewer than all.
func (d *Desk) concerning() (list []standing, more bool, err error) {
	me := d.session.Member()
	filters := map[string]view.Filter{
		"owned":  {Status: statusOpen, Owner: me.String(), Sort: view.ByDue},
		"begun":  {Status: statusOpen, Author: me, Sort: view.ByDue},
		"lately": {Sort: view.ByUpdated, Limit: mostOffered},
	}
	if d.Me().Has(amana.RoleSupervisor) {
		filters["waiting"] = view.Filter{Waiting: true, Sort: view.ByUpdated}
	}
	var lists [][]standing
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		some, left, err := d.standing(name, filters[name])
		if err != nil {
			return nil, false, err
		}
		more = more || left && name != "lately"
		lists = append(lists, some)
	}
	return allOnce(lists...), more, nil
}

// lately is how far back the pages of supervisors look.
const lately = 90 * 24 * time.Hour

// recentCases returns how the work stands on every case that changed lately, the
// last changed first.
func (d *Desk) recentCases() ([]standing, bool, error) {
	list, more, err := d.standing("recent", view.Filter{Sort: view.ByUpdated})
	since := d.office.now().Add(-lately)
	if at := slices.IndexFunc(list, func(s standing) bool { return s.row.Updated.Before(since) }); at >= 0 {
		list, more = list[:at], false
	}
	return list, more, err
}
