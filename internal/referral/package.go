package referral

import (
	"slices"
	"time"

	"amana"
	"amana/internal/event"
)

// Source is what the case holds. A zero value is "not known".
type Source struct {
	Code        string
	Consents    Consents
	Age, Birth  event.Value
	Sex         event.Value
	Language    event.Value
	Disability  event.Value
	Name        amana.Private // empty where the member's teams do not hold the identity
	HasIdentity bool
	Contact     Contact
	Windows     []Window
}

// Request is what the referral asks for.
type Request struct {
	ID        amana.RecordID
	Recipient amana.Private // to whom: the name for which she gave her consent
	Service   string        // a GBVIMS service type
	Urgency   Urgency
	Company   event.Value   // does she want somebody to go with her
	Narrative amana.Private // what she wants them to know, in her words
	// Agreed are the items she agreed to share with this recipient, one by one.
	Agreed []Item
}

// Package is what leaves with a referral. Its fields are unexported and only
// [Compute] fills them: whoever takes a Package takes what she agreed to and
// nothing else. The zero Package holds nothing.
type Package struct {
	id        amana.RecordID
	recipient amana.Private
	lines     []Line
	when      time.Time
}

// Compute returns what may leave to this recipient now, or a [*RefusedError].
func Compute(s Source, r Request, now time.Time) (Package, error) {
	if _, err := s.Consents.Covers(r.Recipient, now); err != nil {
		return Package{}, err
	}
	if r.ID.IsZero() || r.Service == "" {
		return Package{}, refused("referral.refused.service")
	}
	return Package{id: r.ID, recipient: r.Recipient, when: now, lines: lines(s, r, now)}, nil
}

// Preview returns what would leave if she agreed to every item, for the page on
// which she is asked. It is no [Package]: nothing can be sent of it.
func Preview(s Source, r Request, now time.Time) []Line {
	r.Agreed = Asked()
	return lines(s, r, now)
}

func lines(s Source, r Request, now time.Time) (all []Line) {
	for _, item := range Minimal() {
		all = append(all, decide(item, "referral.in.minimal", "referral.out.struck", s, r, now))
	}
	for _, item := range Extra() {
		all = append(all, decide(item, "referral.in.agreed", "referral.out.not_agreed", s, r, now))
	}
	for _, item := range Never() {
		all = append(all, Line{Item: item, Why: "referral.out.never"})
	}
	return all
}

// decide fills in one item, if she agreed to it and there is anything to say.
func decide(item Item, in, out string, s Source, r Request, now time.Time) Line {
	line := Line{Item: item, Asked: item != ItemService, Why: out}
	if !slices.Contains(r.Agreed, item) && item != ItemService {
		return line
	}
	why := line.fill(s, r, now)
	if why != "" {
		return Line{Item: item, Asked: line.Asked, Why: why}
	}
	line.In, line.Why = true, in
	return line
}

// fill puts in what leaves, or says why there is nothing.
func (l *Line) fill(s Source, r Request, now time.Time) (why string) {
	switch l.Item {
	case ItemCode:
		l.Option = s.Code
	case ItemService:
		l.Option = r.Service
	case ItemUrgency:
		l.Option = string(r.Urgency)
	case ItemWindows:
		if l.Hours = hoursLeft(s.Windows); len(l.Hours) == 0 {
			return "referral.out.no_window"
		}
		return ""
	case ItemAgeBand:
		l.Option = AgeBand(s.Age, s.Birth, now)
	case ItemSex:
		l.Option = s.Sex.Reveal()
	case ItemLanguage:
		l.Option = s.Language.Reveal()
	case ItemCompany:
		if yes, ok := r.Company.Bool(); ok {
			l.Option = map[bool]string{true: "yes", false: "no"}[yes]
		}
	case ItemAccess:
		l.Option = s.Disability.Reveal()
	case ItemName:
		if !s.HasIdentity {
			return "referral.out.no_identity"
		}
		l.Words = s.Name
	case ItemContact:
		return l.fillContact(s, now)
	case ItemNarrative:
		l.Words = r.Narrative
	case ItemBirth, ItemPlace, ItemAssessment, ItemIncident:
		return "referral.out.never"
	}
	if l.Option == "" && l.Words.IsEmpty() {
		return "referral.out.unknown"
	}
	return ""
}

// fillContact puts in how she may be reached: the ways that her contact consent
// allows, and her number where one of them needs it.
func (l *Line) fillContact(s Source, now time.Time) (why string) {
	if !s.HasIdentity {
		return "referral.out.no_identity"
	}
	if l.Options = s.Contact.Ways(now); len(l.Options) == 0 {
		return "referral.out.contact"
	}
	if slices.Contains(l.Options, WayPhone) || slices.Contains(l.Options, WayMessage) {
		l.Words = s.Contact.Phone
	}
	return ""
}

// IsZero reports whether it holds nothing.
func (p Package) IsZero() bool { return p.id.IsZero() }

// ID returns the referral it belongs to.
func (p Package) ID() amana.RecordID { return p.id }

// Recipient returns to whom it may go.
func (p Package) Recipient() amana.Private { return p.recipient }

// When returns when it was computed: hours left are counted from then.
func (p Package) When() time.Time { return p.when }

// Lines returns every item, those that leave and those that do not, each with the
// reason.
func (p Package) Lines() []Line { return slices.Clone(p.lines) }

// Line returns one item, and whether it leaves.
func (p Package) Line(item Item) (Line, bool) {
	for _, l := range p.lines {
		if l.Item == item {
			return l, l.In
		}
	}
	return Line{}, false
}

// Leaving returns the items that leave, in order.
func (p Package) Leaving() []Line {
	return slices.DeleteFunc(p.Lines(), func(l Line) bool { return !l.In })
}
