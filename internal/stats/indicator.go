package stats

import "slices"

// Indicator is one figure with what it is made of. Those of whom it cannot be told
// are neither above nor below the line; they are said beside it.
type Indicator struct {
	ID          string // its words are under figures.indicator.ID
	Kind        Kind
	Numerator   int
	Denominator int
	Unknown     int
}

// Kind says how an indicator is read.
type Kind string

// The kinds.
const (
	Share  Kind = "share"  // numerator of denominator
	Mean   Kind = "mean"   // numerator per one of denominator
	Median Kind = "median" // numerator is the middle of denominator values, in hours
)

// Facts are the rows of what the indicators are about.
type Facts struct {
	Incidents []Incident
	Cases     []Case
	Referrals []Referral
	Feedback  []Feedback
}

// Indicators returns the indicators for a time: incidents by the day of their
// report, cases by the day on which they were opened or closed, referrals by the day
// of her consent, feedback by its day. Incidents pass the filter of the tables.
func Indicators(f Facts, q Question) []Indicator {
	list := incidentIndicators(f.Incidents, q)
	if len(f.Cases) > 0 {
		list = append(list, caseIndicators(f.Cases, q.Span)...)
	}
	list = append(list, referralIndicators(f.Referrals, q.Span)...)
	if len(f.Feedback) == 0 {
		return list
	}
	satisfied := Indicator{ID: "satisfaction", Kind: Share}
	for i := range f.Feedback {
		if !q.Span.has(f.Feedback[i].On) {
			continue
		}
		yes, said := f.Feedback[i].Satisfied()
		satisfied.note(AnswerOf(yes, said))
	}
	return append(list, satisfied)
}

// has reports whether a day lies in a span; a day that is not known lies in none.
func (s Span) has(d Day) bool {
	m := d.Month()
	return m >= s.First && m <= s.Last && m >= 0
}

func (i *Indicator) note(a Answer) {
	switch a {
	case Yes:
		i.Numerator++
		i.Denominator++
	case No:
		i.Denominator++
	case NotKnown:
		i.Unknown++
	}
}

func incidentIndicators(rows []Incident, q Question) []Indicator {
	in72 := Indicator{ID: "within_72", Kind: Share}
	in120 := Indicator{ID: "within_120", Kind: Share}
	pep := Indicator{ID: "pep", Kind: Share}
	ec := Indicator{ID: "ec", Kind: Share}
	unavailable := Indicator{ID: "unavailable", Kind: Share}
	q.ByArea, q.Group = false, Whole
	c := newCounts(&Book{}, q)
	for i := range rows {
		in := &rows[i]
		if !c.takes(in) {
			continue
		}
		for _, o := range in.Outcomes {
			if o == outReferred || o == outProvided || o == outUnavailable {
				unavailable.note(AnswerOf(o == outUnavailable, true))
			}
		}
		if in.Type != typeRape {
			continue
		}
		in72.note(in.Within72)
		in120.note(in.Within120)
		if in.Within72 == Yes {
			pep.treated(in.PEP)
		}
		if in.Within120 == Yes && in.Sex == sexFemale {
			ec.treated(in.EC)
		}
	}
	return []Indicator{in72, in120, pep, ec, unavailable}
}

// treated notes what came of a treatment; who did not need it is not counted.
func (i *Indicator) treated(t Treatment) {
	switch t {
	case Given:
		i.note(Yes)
	case SentOn, Declined, Unavailable:
		i.note(No)
	case Untold:
		i.note(NotKnown)
	case NotNeeded:
	}
}

func caseIndicators(rows []Case, s Span) []Indicator {
	safety := Indicator{ID: "safety_plan", Kind: Share}
	plan := Indicator{ID: "action_plan", Kind: Share}
	refers := Indicator{ID: "referrals_per_case", Kind: Mean}
	follow := Indicator{ID: "follow_ups_per_case", Kind: Mean}
	closed := Indicator{ID: "closed_within_90", Kind: Share}
	for i := range rows {
		c := &rows[i]
		if s.has(c.Closed) {
			closed.note(AnswerOf(c.Duration <= 2, c.Duration != 0))
		}
		if !s.has(c.Opened) {
			continue
		}
		if c.SafetyNeeded != No { // those who need none are not below the line
			safety.note(answerIf(c.SafetyNeeded == Yes, c.SafetyDone))
		}
		plan.note(c.PlanDone)
		refers.Numerator += c.Plans
		refers.Denominator++
		follow.Numerator += c.FollowUps
		follow.Denominator++
	}
	return []Indicator{safety, plan, refers, follow, closed}
}

func answerIf(known bool, a Answer) Answer {
	if !known {
		return NotKnown
	}
	return AnswerOf(a == Yes, true)
}

func referralIndicators(rows []Referral, s Span) []Indicator {
	done := Indicator{ID: "referral_completion", Kind: Share}
	median := Indicator{ID: "referral_hours", Kind: Median}
	var hours []int
	for i := range rows {
		r := &rows[i]
		if !s.has(r.Consented) {
			continue
		}
		done.note(AnswerOf(r.Received != 0, true))
		switch {
		case r.Received == 0:
		case r.Hours < 0:
			median.Unknown++
		default:
			hours = append(hours, r.Hours)
		}
	}
	if len(hours) > 0 {
		slices.Sort(hours)
		median.Numerator, median.Denominator = hours[(len(hours)-1)/2], len(hours)
	}
	return []Indicator{done, median}
}
