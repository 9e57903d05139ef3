package stats

// treatmentIDs name what came of a treatment, in the order of [Treatment] from Given on.
var treatmentIDs = [...]string{"given", "referred", "declined", "not_needed", "unavailable"}

func parts(words string, ids []string) []Part {
	list := make([]Part, len(ids))
	for i, id := range ids {
		list[i] = Part{ID: id, Words: words}
	}
	return list
}

func spread(id, words string, ids []string) Indicator {
	return Indicator{ID: id, Kind: Spread, Parts: parts(words, ids)}
}

// fall notes one of a choice; what is not known is in no part.
func (i *Indicator) fall(c Code) {
	if c == 0 || int(c) > len(i.Parts) {
		i.Unknown++
		return
	}
	i.Denominator++
	i.Parts[c-1].N++
}

// Goal is where a goal of a case stands.
type Goal uint8

// How goals stand. What is no goal of hers is not counted.
const (
	NotTold Goal = iota
	NoGoal
	OnTheWay
	Reached
)

// goalIDs are the goals of the standard's follow-up form, in the order of [Case.Goals].
var goalIDs = [...]string{"safety", "health", "psychosocial", "justice", "other"}

// Reasons are why cases are closed, in the order of the codes of [Case.Reason].
func Reasons() []string { return append([]string(nil), reasons[:]...) }

//nolint:misspell // the standard's id
var reasons = [...]string{
	"closure_needs_met", "closure_survivor_contact", "closure_survivor_request_close", "closure_survivor_left_area",
	"closure_tranferred_organization", "closure_funding_constraints", "closure_case_plan_complete", "closure_no_further_support",
}

// MissedReasons are why the hours of a treatment passed, in the order of the codes of
// [Incident.Missed].
func MissedReasons() []string { return append([]string(nil), missed[:]...) }

var missed = [...]string{"did_not_know", "feared", "no_transport", "no_money", "refused", "not_offered", "no_stock", "came_late", "other"}

// Ages of the table of services provided: standards.md section 7.
var serviceAges = [...]string{"0_11", "12_17", "18+"}

// caseCounts are the indicators on care while they are counted.
type caseCounts struct {
	opened, closed                    Indicator
	assessed, safety, plan, approved  Indicator
	refers, follow, within90, checked Indicator
	duration, reasons                 Indicator
	byService, byAge, bySex, byAble   Indicator
	goals                             [len(goalIDs)]Indicator
}

func newCaseCounts() caseCounts {
	share := func(id string) Indicator { return Indicator{ID: id, Kind: Share} }
	c := caseCounts{
		opened: Indicator{ID: "cases_opened", Kind: Plain}, closed: Indicator{ID: "cases_closed", Kind: Plain},
		assessed: share("assessment"), safety: share("safety_plan"), plan: share("action_plan"), approved: share("plan_approved"),
		refers: Indicator{ID: "referrals_per_case", Kind: Mean}, follow: Indicator{ID: "follow_ups_per_case", Kind: Mean},
		within90: share("closed_within_90"), checked: share("closure_reviewed"),
		duration: spread("duration", "", standard[Duration]), reasons: spread("closure_reasons", "closure_reason", reasons[:]),
		byService: spread("services_by_type", "referral_service", services[:]), byAge: spread("services_by_age", "", serviceAges[:]),
		bySex: spread("services_by_sex", "sex", standard[Sex]), byAble: spread("services_by_disability", "", []string{"no", "disability"}),
	}
	for i, id := range goalIDs {
		c.goals[i] = share("goal_" + id)
	}
	return c
}

func caseIndicators(rows []Case, s Span) []Indicator {
	c := newCaseCounts()
	for i := range rows {
		if s.has(rows[i].Closed) {
			c.close(&rows[i])
		}
		if s.has(rows[i].Opened) {
			c.open(&rows[i])
		}
	}
	list := []Indicator{
		c.opened, c.assessed, c.safety, c.plan, c.approved, c.refers, c.follow, c.byService, c.byAge, c.bySex, c.byAble,
	}
	list = append(list, c.goals[:]...)
	return append(list, c.closed, c.duration, c.within90, c.reasons, c.checked)
}

func (c *caseCounts) close(r *Case) {
	c.closed.Numerator++
	c.within90.note(AnswerOf(r.Duration <= 2, r.Duration != 0))
	c.duration.fall(r.Duration)
	c.reasons.fall(r.Reason)
	c.checked.note(r.Reviewed)
}

func (c *caseCounts) open(r *Case) {
	c.opened.Numerator++
	c.assessed.note(r.Assessed)
	if r.SafetyNeeded != No { // those who need none are not below the line
		c.safety.note(answerIf(r.SafetyNeeded == Yes, r.SafetyDone))
	}
	c.plan.note(r.PlanDone)
	if r.PlanDone == Yes { // what is not made cannot be approved
		c.approved.note(r.PlanApproved)
	}
	c.refers.Numerator += r.Plans
	c.refers.Denominator++
	c.follow.Numerator += r.FollowUps
	c.follow.Denominator++
	for i, g := range r.Goals {
		switch g {
		case NotTold:
			c.goals[i].note(NotKnown)
		case OnTheWay, Reached: // on the way is not reached
			c.goals[i].note(AnswerOf(g == Reached, true))
		case NoGoal:
		}
	}
	c.services(r)
}

// services counts each case once for each kind of service that it was given here.
func (c *caseCounts) services(r *Case) {
	age := min(r.Age, 3) // of the four bands the last two are adults
	able := Code(0)
	if r.Disability != 0 {
		able = 1 + Code(one(r.Disability > saysNo))
	}
	for i := range services {
		if r.Provided&(1<<i) == 0 {
			continue
		}
		c.byService.fall(Code(i + 1))
		c.byAge.fall(age)
		c.bySex.fall(r.Sex)
		c.byAble.fall(able)
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func answerIf(known bool, a Answer) Answer {
	if !known {
		return NotKnown
	}
	return AnswerOf(a == Yes, true)
}

// caseloads are the bands of how many open cases a worker has.
var caseloads = [...]string{"under_10", "10_19_cases", "20_29", "30_more"}

func (s Staff) indicators() []Indicator {
	if s.Workers == 0 {
		return nil
	}
	load := spread("caseload", "", caseloads[:])
	for _, n := range s.Loads {
		load.fall(1 + Code(min(max(n, 0)/10, len(caseloads)-1)))
	}
	load.Unknown = s.Nobodys
	return []Indicator{load, {ID: "per_supervisor", Kind: Mean, Numerator: s.Workers, Denominator: s.Supervisors}}
}
