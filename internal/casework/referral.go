package casework

import (
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/vault"
)

// Referral is one referral as pages show it.
type Referral struct {
	ID       amana.RecordID
	Case     amana.RecordID
	Code     string // of the case
	Service  string
	Provider amana.RecordID // the service record, or zero
	Name     amana.Private  // of the provider: the recipient of her consent
	Partner  amana.RecordID // whose card it is sealed to, or zero
	Posted   amana.RecordID // the partner for whom the hub has it, or zero
	PostedOn string         // the day; empty where it was not handed to a hub
	Arrived  string         // the day on which the partner's device kept it
	Channel  referral.Channel
	Urgency  referral.Urgency
	Company  event.Value // does she want somebody to go with her
	Words    amana.Private
	Agreed   []referral.Item
	agreedAt uint64 // when she said so, by the journal
	// Reporting is the version of the notice on mandatory reporting that was shown.
	Reporting string
	Plan      string // item of the action plan it came from
	Slip      referral.SlipWords
	Course    referral.Course
	Due       time.Time
	Overdue   bool
	Updated   time.Time
	By        amana.MemberID // who began it
}

// Request is what the referral asks for, in the terms of package referral.
func (r Referral) request() referral.Request {
	return referral.Request{
		ID: r.ID, Recipient: r.Name, Service: r.Service, Urgency: r.Urgency, Company: r.Company, Narrative: r.Words, Agreed: r.Agreed,
		AgreedAt: r.agreedAt,
	}
}

// NewReferral is a referral to be prepared. Nothing leaves with it.
type NewReferral struct {
	Service  string
	Provider amana.RecordID
	Name     amana.Private
	Urgency  referral.Urgency // proposed by risk and hours, where empty
	Plan     string
}

// Agreement is what she said to one referral, with the notice that was shown
// before she was asked.
type Agreement struct {
	Decision  amana.Decision // granted or refused
	Items     []referral.Item
	Company   event.Value
	Words     amana.Private // what she wants them to know
	Consent   Consent       // by whom, how, in which language, until when
	Reporting string        // version of the notice
}

// Dispatch says how a referral goes out.
type Dispatch struct {
	Channel referral.Channel
	Slip    referral.SlipWords // of paper
	Partner amana.RecordID     // of a file
}

// ReferralStep is what became of a referral.
type ReferralStep struct {
	State  referral.State
	When   string // ISO date, or "" for today
	Reason string
	Note   amana.Private
}

// PlannedNeed is a line of the action plan that asks for a referral.
type PlannedNeed struct {
	Item    string
	Service string
	Name    amana.Private
	Notes   amana.Private
}

// ReferralFile is one referral with what its pages need.
type ReferralFile struct {
	Referral
	Team     Team
	MayWrite bool
	Names    map[amana.MemberID]string
	// Asked is what would leave if she agreed to every item.
	Asked []referral.Line
	// Lines say of each item whether it would leave now, and why or why not. Where
	// nothing may, Refusal is the key of the reason, and they are empty.
	Lines   []referral.Line
	Refusal string
	// Package is what may leave now of a referral that was sent: for the words of a
	// call, a slip. It is zero before, and where nothing may leave any more.
	Package referral.Package
	Consent Consent
	Contact ContactCard
	// Notice is the organisation's words on mandatory reporting, or empty.
	Notice ReportingNotice
	Minor  Minor
}

// ContactCard says whether and how she may be reached. Where she may not, it holds
// the reason and nothing else.
type ContactCard struct {
	Why       string // the key of a message; "" where there is a way
	Reminders []referral.Reminder
	Day       string // of the next appointment or follow-up, ISO
}

func referralOf(id, caseID amana.RecordID, by amana.MemberID, updated uint64, values map[string]event.Value) Referral {
	text := func(name string) string { return values[name].Reveal() }
	ref := func(name string) amana.RecordID {
		found, err := amana.ParseID[amana.Record](text(name))
		if err != nil {
			return amana.RecordID{}
		}
		return found
	}
	r := Referral{
		ID: id, Case: caseID, By: by, Updated: record.When(updated), Code: text("survivor_code_no"), Service: text("service"),
		Provider: ref("provider"), Partner: ref("partner"), Name: amana.Conceal(text("provider_name")),
		Posted: ref(referralPosted), PostedOn: text(referralPostOn), Arrived: text(referralArrived),
		Channel: referral.Channel(text("channel")), Urgency: referral.Urgency(text("urgency")), Company: values["accompaniment"],
		Words: amana.Conceal(text("narrative")), Reporting: text("reporting_version"), Plan: text("plan"),
		Slip: referral.SlipWords{
			Place: amana.Conceal(text("service_location")), Person: amana.Conceal(text("slip_person")), Day: text("service_appointment_date"),
		},
		Course: referral.CourseOf(values),
	}
	for _, item := range values["agreed"].RevealList() {
		r.Agreed = append(r.Agreed, referral.Item(item))
	}
	return r
}

func (d *Desk) referralIn(o *vault.Opened) Referral {
	values := make(map[string]event.Value, len(o.Cells()))
	for _, c := range o.Cells() {
		values[c.Name] = c.Value
	}
	var by amana.MemberID
	if changes := o.Changes(); len(changes) > 0 {
		by = changes[0].By
	}
	r := referralOf(o.ID, o.Case, by, o.Updated, values)
	if agreed, there := o.Field("agreed"); there {
		r.agreedAt = agreed.Time
	}
	return d.timed(r)
}

// timed says by when somebody has to do something about it.
func (d *Desk) timed(r Referral) Referral {
	t := d.ReferralTable()
	r.Due = t.Due(r.Course, r.Urgency)
	r.Overdue = t.Overdue(r.Course, r.Urgency, d.office.now())
	return r
}

// ReferralTable returns the table that says how long to wait: the organisation's
// own, or the one that ships.
func (d *Desk) ReferralTable() referral.Table {
	doc, there := d.charter().Adopted(referral.TableName)
	if !there {
		return referral.Defaults()
	}
	t, err := referral.ReadTable(doc.Content)
	if err != nil {
		return referral.Defaults()
	}
	return t
}

// source gathers what the package is computed from, of a case that was read.
func (d *Desk) source(f *vault.CaseFile) referral.Source {
	c := &f.Case.Record
	s := referral.Source{
		Case: f.Case.ID, Code: c.Value("survivor_code_no").Reveal(), Age: c.Value("age"), Birth: c.Value("date_of_birth"), Sex: c.Value("sex"),
		Language: c.Value("language"), Disability: c.Value("gbv_disability_type"), Windows: d.pressing(f),
	}
	hidden := d.hidesName(*f)
	for i := range f.Records {
		o := &f.Records[i]
		switch o.Kind { //nolint:exhaustive // the others have no part in it
		case amana.KindConsent:
			s.Consents.States = append(s.Consents.States, o.Consents()...)
			s.Consents.Doubtful = s.Consents.Doubtful || o.Tampered+o.Unread+o.Unknown > 0 // a withdrawal may be among them
		case amana.KindIdentity:
			if s.HasIdentity = !hidden; hidden {
				continue // and so nothing of it leaves by this member's hand
			}
			s.Name = amana.Conceal(o.Value("name").Reveal())
			s.Contact = referral.Contact{
				How: o.Value("contact_how"), Phone: amana.Conceal(o.Value("contact_phone").Reveal()),
				Notes: amana.Conceal(o.Value("contact_notes").Reveal()),
			}
		}
	}
	s.Contact.Consents = s.Consents
	return s
}

// pressing are the windows of a case whose hours count and of which nothing is on
// record yet. Where no day is known there are none to tell: the page of the clock
// asks for it.
func (d *Desk) pressing(f *vault.CaseFile) []referral.Window {
	clock := d.clockOf(*f)
	if !clock.Dated {
		return nil
	}
	var open []referral.Window
	for _, s := range clock.States {
		if s.Waits() {
			open = append(open, referral.Window{ID: s.ID, Least: s.Least, Most: s.Most})
		}
	}
	return open
}
