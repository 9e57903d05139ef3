package stats

// Incident is one incident in codes. It is counted as an incident: a survivor of
// three is counted three times, and every figure says so.
type Incident struct {
	// Consent is her answer to being counted without being known; only a yes counts.
	Consent Answer
	// Elsewhere is yes where another organisation that counts by this standard has it
	// already.
	Elsewhere Answer
	// Void is an incident that was recorded twice or in error.
	Void bool

	Reported, Happened Day // as exact as they are known

	Prior         Answer // she had lived through another before
	Sex           Code
	Age           Code
	TenToNineteen bool // across the bands
	Marital       Code
	Displacement  Code
	Stage         Code
	Disability    Code
	Unaccompanied Code

	Type      Code
	TimeOfDay Code
	Contexts  uint8 // bits, see [ContextBit]
	Elapsed   Code  // days of the calendar, from the incident to its report
	Delay     Code  // the same in the bands of the indicator
	Place     Code
	Area      Code

	Number         Code // of all perpetrators
	Relation       Code // the rest, of the primary one
	PerpetratorAge Code
	Occupation     Code

	From     Code
	Outcomes [services7]Code // what came of each service

	// For the indicators; hours, not days.
	Within72  Answer // told within 72 hours of a rape
	Within120 Answer
	// PEP and EC are what came of the treatment: yes where it was given.
	PEP, EC Treatment
	// Missed is why the 72 hours passed: a place in [MissedReasons], from 1.
	Missed Code
}

// Treatment is what came of a treatment that has a window.
type Treatment uint8

// What can come of a treatment.
const (
	Untold Treatment = iota // nobody wrote it down
	Given
	SentOn
	Declined
	NotNeeded
	Unavailable
)

// Case is one case in codes, for the indicators on care. It is counted for those who
// keep the cases; nothing of it is shown to others.
type Case struct {
	Opened, Closed Day // Closed is zero while it is open
	Duration       Code
	Assessed       Answer
	SafetyNeeded   Answer // a safety plan is needed
	SafetyDone     Answer
	PlanDone       Answer // an action plan has at least one whole row
	PlanApproved   Answer
	Plans          int // rows of it that say "referred"
	FollowUps      int
	Goals          [5]Goal // safety, health, psychosocial, justice, other
	Reason         Code    // why it was closed: a place in [Reasons], from 1
	Reviewed       Answer  // a supervisor agreed to closing it
	Age            Code
	Sex            Code
	Disability     Code
	Provided       uint8 // bits of the services that were provided here
}

// Referral is one referral in codes.
type Referral struct {
	Consented Day
	Received  Day // zero where nothing says that she was received
	Hours     int // from consent to service, where both are known; -1 where not
}

// Feedback is what one person said of the service. Answers that do not apply count
// neither way.
type Feedback struct {
	On          Day
	Good, Other int
}

// Satisfied reports whether a person was: at least one answer, and at least as many
// good ones as others. Who said "no" to everything was not, and who said nothing is
// not counted.
func (f Feedback) Satisfied() (yes, said bool) {
	return f.Good > 0 && f.Good >= f.Other, f.Good+f.Other > 0
}

// Day is a date as YYYYMMDD, with zeros for what is not known of it.
type Day int32

// DayOf reads an ISO date, as exact as it is known. Anything else is no day.
func DayOf(iso string) Day {
	var parts [3]int32
	n, digits := 0, 0
	for _, r := range iso {
		switch {
		case r == 'T' || r == ' ':
			return dayOf(parts)
		case r == '-':
			if n++; n > 2 {
				return 0
			}
			digits = 0
		case r >= '0' && r <= '9':
			if digits++; digits > 4 {
				return 0
			}
			parts[n] = parts[n]*10 + (r - '0')
		default:
			return 0
		}
	}
	return dayOf(parts)
}

func dayOf(parts [3]int32) Day {
	y, m, d := parts[0], parts[1], parts[2]
	if y < 1900 || y > 2999 || m > 12 || d > 31 {
		return 0
	}
	return Day(y*10000 + m*100 + d)
}

// Year returns the year, or 0.
func (d Day) Year() int { return int(d / 10000) }

// Month returns the month as a count from year 0, or -1 where it is not known.
func (d Day) Month() int {
	m := int(d/100) % 100
	if d == 0 || m == 0 {
		return -1
	}
	return d.Year()*12 + m - 1
}
