package referral

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/release"
)

// Source is what the case holds. A zero value is "not known".
type Source struct {
	Case        amana.RecordID
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
	// Agreed are the items she agreed to share with this recipient, one by one, and
	// AgreedAt the time of that answer: one of before her consent counts for no item
	// that needs it.
	Agreed   []Item
	AgreedAt uint64
}

// Format is what a referral leaves as: see [release.Cleared.For].
const Format = "referral"

// Package is what leaves with a referral. Its fields are unexported and only [Pack]
// fills them, from what the gate cleared: whoever takes a Package takes what she
// agreed to and nothing else. The zero Package holds nothing.
type Package struct {
	id        amana.RecordID
	recipient amana.Private
	lines     []Line
	when      time.Time
}

// classOf says what an item could give away. Those of every package are codes.
var classOf = map[Item]release.Class{
	ItemContact: release.Contact, ItemAccess: release.Health, ItemName: release.Identity, ItemNarrative: release.Account,
}

// number is the name of the field with her number, beside the ways of ItemContact.
const number = "safe_contact_number"

// Record is what a referral asks the gate for: the items that she agreed to, by her
// consent for the recipient and her answer for each. Her name and number are there
// also where she did not agree to them, so that no words of hers tell them. Now is
// that of the request: hours left are counted from it.
func Record(s Source, r Request, now time.Time) release.Record {
	rec := release.Record{ID: r.ID, Kind: amana.KindReferral, Subject: s.Case, Consents: s.Consents}
	if r.Service == "" {
		return rec
	}
	rec.Consents.Items = slices.Clip(rec.Consents.Items)
	for _, l := range lines(s, r, now) {
		class := classOf[l.Item]
		if class == "" {
			class = release.Coded
		}
		if slices.Contains(Extra(), l.Item) && slices.Contains(r.Agreed, l.Item) {
			rec.Consents.Items = append(rec.Consents.Items, record.ConsentState{Item: string(class), Time: r.AgreedAt, Consented: event.Consented{
				Purpose: amana.PurposeReferral, Recipient: r.Recipient, Decision: amana.Granted,
			}})
		}
		if l.In {
			rec.Fields = append(rec.Fields, l.fields(class)...)
		}
	}
	if s.HasIdentity {
		rec.Fields = append(rec.Fields, hidden(s, rec.Fields)...)
	}
	return rec
}

// hidden are her name and number where they do not leave.
func hidden(s Source, have []release.Field) (fields []release.Field) {
	for _, f := range []release.Field{
		{Name: string(ItemName), Class: release.Known, Value: event.Text(s.Name.Reveal())},
		{Name: number, Class: release.Known, Value: event.Text(s.Contact.Phone.Reveal())},
	} {
		there := slices.ContainsFunc(have, func(h release.Field) bool { return h.Name == f.Name })
		if !there && !f.Value.IsZero() {
			fields = append(fields, f)
		}
	}
	return fields
}

// fields are a line as the gate takes it.
func (l *Line) fields(class release.Class) []release.Field {
	item := string(l.Item)
	field := func(name string, v event.Value) release.Field {
		return release.Field{Name: name, Class: class, Value: v}
	}
	switch {
	case len(l.Hours) > 0:
		var list []string
		for _, h := range l.Hours {
			list = append(list, h.text())
		}
		return []release.Field{field(item, event.List(list...))}
	case len(l.Options) > 0 && !l.Words.IsEmpty():
		return []release.Field{field(item, event.List(l.Options...)), field(number, event.Text(l.Words.Reveal()))}
	case len(l.Options) > 0:
		return []release.Field{field(item, event.List(l.Options...))}
	case !l.Words.IsEmpty():
		return []release.Field{field(item, event.Text(l.Words.Reveal()))}
	}
	return []release.Field{field(item, event.Text(l.Option))}
}

func (h HoursLeft) text() string { return fmt.Sprint(h.ID, " ", h.Hours, " ", h.Unsure) }

// hoursOf reads what text wrote.
func hoursOf(text string) (h HoursLeft) {
	parts := strings.Fields(text)
	if len(parts) != 3 {
		return h
	}
	hours, err := strconv.Atoi(parts[1])
	if err != nil {
		return HoursLeft{}
	}
	return HoursLeft{ID: parts[0], Hours: hours, Unsure: parts[2] == "true"}
}

// Pack returns what leaves with a referral, from what the gate cleared as one. Kind:
// ErrRefused.
func Pack(c release.Cleared) (Package, error) {
	if err := c.For(Format); err != nil {
		return Package{}, err
	}
	p := Package{id: c.ID(), recipient: c.Recipient(), when: c.When()}
	for _, d := range c.Records() {
		for _, item := range Asked() {
			if l, in := unpacked(&d, item); in {
				p.lines = append(p.lines, l)
			}
		}
	}
	return p, nil
}

func unpacked(d *release.Decided, item Item) (Line, bool) {
	f := d.Field(string(item))
	if f.Verdict != release.Whole {
		return Line{}, false
	}
	l := Line{Item: item, In: true, Asked: item != ItemService, Why: "referral.in.minimal"}
	switch item { //nolint:exhaustive // the others are one option
	case ItemWindows:
		for _, text := range f.Value.RevealList() {
			l.Hours = append(l.Hours, hoursOf(text))
		}
	case ItemContact:
		l.Options, l.Why = f.Value.RevealList(), "referral.in.agreed"
		if n := d.Field(number); n.Verdict == release.Whole {
			l.Words = amana.Conceal(n.Value.Reveal())
		}
	case ItemName, ItemNarrative:
		l.Words, l.Why = amana.Conceal(f.Value.Reveal()), "referral.in.agreed"
	case ItemAccess:
		l.Option, l.Why = f.Value.Reveal(), "referral.in.agreed"
	default:
		l.Option = f.Value.Reveal()
	}
	return l, true
}

// Would says of every item whether it would leave, and why or why not, as the gate
// decided without letting anything leave. Nothing can be sent of it.
func Would(s Source, r Request, decided []release.Decided, now time.Time) []Line {
	all := lines(s, r, now)
	for i := range all {
		l := &all[i]
		for j := range decided {
			if f := decided[j].Field(string(l.Item)); l.In && f.Verdict != release.Whole {
				*l = Line{Item: l.Item, Asked: l.Asked, Why: f.Reason}
			}
		}
	}
	return all
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

// Lines returns the items that leave, in order.
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
