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
	Parts       []Part // what it falls into, where that is told
}

// Part is how many are of one kind: its words are those of Words, or figures.part.ID.
type Part struct {
	ID    string
	Words string // the list of choices that has them
	N     int
}

// Kind says how an indicator is read.
type Kind string

// The kinds.
const (
	Share  Kind = "share"  // numerator of denominator
	Mean   Kind = "mean"   // numerator per one of denominator
	Median Kind = "median" // numerator is the middle of denominator values, in hours
	Plain  Kind = "plain"  // numerator alone
	Spread Kind = "spread" // denominator, by its parts
)

// Facts are the rows of what the indicators are about.
type Facts struct {
	Incidents []Incident
	Cases     []Case
	Referrals []Referral
	Feedback  []Feedback
	Staff     Staff
	Directory Directory
}

// Staff is who works for the teams that are counted, as it is now.
type Staff struct {
	Workers, Supervisors int
	Loads                []int // open cases of each worker
	Nobodys              int   // open cases that nobody has
}

// Directory is how many services are known, and how many were verified lately.
type Directory struct{ Services, Fresh int }

// Indicators returns the indicators for a time: incidents by the day of their
// report, cases by the day on which they were opened or closed, referrals by the day
// of her consent. Feedback is counted in lots that are made elsewhere, whatever the
// time: by a time that can be chosen, one person's answer could be found. Staff and
// services are as they are now. Incidents pass the filter of the tables.
func Indicators(f Facts, q Question) []Indicator {
	list := incidentIndicators(f.Incidents, q)
	if len(f.Cases) > 0 {
		list = append(list, caseIndicators(f.Cases, q.Span)...)
	}
	list = append(list, referralIndicators(f.Referrals, q.Span)...)
	list = append(list, f.Staff.indicators()...)
	if d := f.Directory; d.Services > 0 {
		list = append(list, Indicator{ID: "directory", Kind: Share, Numerator: d.Fresh, Denominator: d.Services})
	}
	if len(f.Feedback) == 0 {
		return list
	}
	satisfied := Indicator{ID: "satisfaction", Kind: Share}
	for i := range f.Feedback {
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
	lost := spread("lost_window", "window_missed", missed[:])
	delay := spread("delay", "", standard[Delay])
	pep.Parts, ec.Parts = parts("", treatmentIDs[:]), parts("", treatmentIDs[:])
	q.ByArea, q.Group = false, Whole
	c := newCounts(&Book{}, q)
	for i := range rows {
		in := &rows[i]
		if !c.takes(in) {
			continue
		}
		delay.fall(in.Delay)
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
		if in.Within72 == No || in.Missed != 0 && in.PEP == Untold { // who came in time can have missed them here
			lost.fall(in.Missed)
		}
		if in.Within72 == Yes {
			pep.treated(in.PEP)
		}
		if in.Within120 == Yes && in.Sex == sexFemale {
			ec.treated(in.EC)
		}
	}
	return []Indicator{delay, in72, in120, lost, pep, ec, unavailable}
}

// treated notes what came of a treatment; who did not need it is not counted.
func (i *Indicator) treated(t Treatment) {
	if t != Untold && int(t) <= len(i.Parts) {
		i.Parts[t-1].N++
	}
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
