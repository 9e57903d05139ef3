package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"amana"
)

// Supervision is what the supervisors of a team see of its work: codes and
// workers, never the name of anybody who is helped.
type Supervision struct {
	Approvals []CaseAsked    // that wait, the oldest first; the first of Waiting
	Waiting   int            // approvals
	Loads     []Load         // by worker, the greatest first
	Nobody    int            // open cases that are nobody's: never given to anyone, or to somebody who left
	Caseload  int            // how many open cases one worker can stand by
	Moves     []CaseTransfer // offers that wait for an answer
	Flags     []CaseFlag     // what is to be kept in mind, what is to be looked at again first
	Glimpses  []CaseGlimpse  // names that were shown, the newest first
	Cases     int            // open ones that were looked at
	More      bool           // there are more
}

// CaseMark names a case by its code.
type CaseMark struct {
	Case amana.RecordID
	Code string
	Team string
	Risk string
}

// CaseAsked is an approval that waits.
type CaseAsked struct {
	CaseMark
	Asked
	Late bool // by the table of tasks
}

// CaseTransfer is an offer that waits.
type CaseTransfer struct {
	CaseMark
	Transfer
}

// CaseFlag is a flag on a case.
type CaseFlag struct {
	CaseMark
	Flag
}

// CaseGlimpse is a name that was shown, with the reason.
type CaseGlimpse struct {
	CaseMark
	Glimpse
}

// Load is what one worker stands by.
type Load struct {
	Member amana.MemberID
	Open   int // cases
	High   int // of those, in high danger
	Late   int // tasks that are late
	Over   bool
}

// Limits on the lists of a supervisor's page.
const (
	mostGlimpses = 50
	mostFlags    = 50
	mostWaiting  = 30
)

// Supervision returns how the work of the teams stands that this member
// supervises. Kind: ErrRefused for others.
func (d *Desk) Supervision(_ context.Context) (Supervision, error) {
	if !d.Me().Has(amana.RoleSupervisor) {
		return Supervision{}, fmt.Errorf("casework: supervision: %w", amana.ErrRefused)
	}
	open, more, err := d.openCases()
	if err != nil {
		return Supervision{}, err
	}
	recent, _, err := d.recentCases()
	if err != nil {
		return Supervision{}, err
	}
	rules := d.TaskRules()
	v := Supervision{Cases: len(open), More: more, Caseload: rules.Caseload}
	v.Loads, v.Nobody = d.loads(open)
	late := d.office.now().AddDate(0, 0, -rules.Approval)
	for _, s := range allOnce(open, recent) {
		mark := s.mark()
		for _, a := range s.asked {
			if a.Status == pending {
				a.Mine = d.mayDecideOn(s.teams, s.owner, a.By) == nil
				v.Approvals = append(v.Approvals, CaseAsked{mark, a, a.On.Before(late)})
			}
		}
		for _, t := range s.moves {
			if t.Status == transferAsked {
				v.Moves = append(v.Moves, CaseTransfer{mark, t})
			}
		}
		for _, f := range s.flags {
			f.Past = f.Until != "" && f.Until < d.today()
			v.Flags = append(v.Flags, CaseFlag{mark, f})
		}
		for _, g := range s.glimpses {
			v.Glimpses = append(v.Glimpses, CaseGlimpse{mark, g})
		}
	}
	v.sort()
	return v, nil
}

func (v *Supervision) sort() {
	slices.SortStableFunc(v.Approvals, func(a, b CaseAsked) int { return a.On.Compare(b.On) })
	slices.SortStableFunc(v.Moves, func(a, b CaseTransfer) int { return a.When.Compare(b.When) })
	slices.SortStableFunc(v.Glimpses, func(a, b CaseGlimpse) int { return b.When.Compare(a.When) })
	slices.SortStableFunc(v.Flags, func(a, b CaseFlag) int {
		if a.Past != b.Past {
			return cmp.Compare(place(b.Past), place(a.Past))
		}
		return b.When.Compare(a.When)
	})
	v.Waiting = len(v.Approvals)
	v.Approvals, v.Moves = v.Approvals[:min(len(v.Approvals), mostWaiting)], v.Moves[:min(len(v.Moves), mostWaiting)]
	v.Glimpses, v.Flags = v.Glimpses[:min(len(v.Glimpses), mostGlimpses)], v.Flags[:min(len(v.Flags), mostFlags)]
}

func place(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (s *standing) mark() CaseMark {
	return CaseMark{Case: s.row.ID, Code: s.row.Code, Team: s.row.Team, Risk: s.row.Risk}
}

// allOnce returns the cases of both lists, each once.
func allOnce(lists ...[]standing) []standing {
	var all []standing
	seen := map[amana.RecordID]bool{}
	for _, list := range lists {
		for _, s := range list {
			if !seen[s.row.ID] {
				seen[s.row.ID] = true
				all = append(all, s)
			}
		}
	}
	return all
}

// loads counts what each worker stands by. Workers of this member's teams stand
// there without a case too.
func (d *Desk) loads(open []standing) (list []Load, nobody int) {
	loads := map[amana.MemberID]*Load{}
	c := d.charter()
	for _, t := range d.Me().Teams {
		for _, id := range t.Members {
			if m, there := c.Member(id); there && m.Left == 0 && (m.Has(amana.RoleCaseworker) || m.Has(amana.RoleClinician)) {
				loads[id] = &Load{Member: id}
			}
		}
	}
	today := d.today()
	for _, s := range open {
		m, there := c.Member(s.owner)
		if !there || m.Left != 0 {
			nobody++
			continue
		}
		l := loads[s.owner]
		if l == nil {
			l = &Load{Member: s.owner}
			loads[s.owner] = l
		}
		l.add(s, today)
	}
	most := d.TaskRules().Caseload
	for _, l := range loads {
		l.Over = l.Open > most
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b Load) int {
		return cmp.Or(cmp.Compare(b.Open, a.Open), cmp.Compare(b.Late, a.Late), cmp.Compare(a.Member.String(), b.Member.String()))
	})
	return list, nobody
}

func (l *Load) add(s standing, today string) {
	l.Open++
	if s.row.Risk == riskLevels[0] {
		l.High++
	}
	for _, t := range s.tasks {
		if t.Due < today && t.For.IsZero() && t.Asker.IsZero() { // what others are asked for is not theirs
			l.Late++
		}
	}
}

// opened reports whether a case was begun within a span before now.
func (s *standing) opened(now time.Time, span time.Duration) bool {
	return !s.row.Opened.Before(now.Add(-span))
}
