package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/vault"
)

// ReadReferral opens one referral of a case; the opening of the case is recorded.
// Kinds: those of [Desk.ReadCase].
func (d *Desk) ReadReferral(ctx context.Context, caseID, id amana.RecordID) (ReferralFile, error) {
	f, err := d.session.Read(ctx, caseID)
	if err != nil {
		return ReferralFile{}, err
	}
	o, err := recordIn(&f, id, amana.KindReferral)
	if err != nil {
		return ReferralFile{}, err
	}
	file := d.caseFile(f)
	out := ReferralFile{
		Referral: d.referralIn(o), Team: file.Team, MayWrite: file.MayWrite, Names: file.Names, Notice: d.Reporting(), Minor: file.Work.Minor,
	}
	now := d.office.now()
	s := d.source(&f)
	out.Asked = referral.Preview(s, out.request(), now)
	held, own := s.Consents.Standing(amana.PurposeReferral, out.Name)
	if covers, err := referral.Covers(&s.Consents, out.Name, now); err == nil {
		held = covers
	} else if !own {
		held, _ = s.Consents.Standing(amana.PurposeReferral, amana.Private{})
	}
	out.Consent = consentOf(held, now)
	if err := d.wouldLeave(ctx, &out, s); err != nil {
		return ReferralFile{}, err
	}
	out.Contact = contactCard(s.Contact, contactDay(out.Slip.Day, &f), now)
	return out, nil
}

// referralsIn returns the referrals of a case that was read, the newest first.
func (d *Desk) referralsIn(f *vault.CaseFile) []Referral {
	var list []Referral
	for i := range f.Records {
		if f.Records[i].Kind == amana.KindReferral {
			list = append(list, d.referralIn(&f.Records[i]))
		}
	}
	slices.Reverse(list)
	return list
}

func recordIn(f *vault.CaseFile, id amana.RecordID, kind amana.Kind) (*vault.Opened, error) {
	for i := range f.Records {
		if o := &f.Records[i]; o.ID == id && o.Kind == kind {
			return o, nil
		}
	}
	return nil, fmt.Errorf("casework: record %s of case %s: %w", id, f.Case.ID, amana.ErrNotFound)
}

// contactDay is the day of which she could be reminded: of the appointment, or of
// the next follow-up.
func contactDay(appointment string, f *vault.CaseFile) string {
	if appointment != "" {
		return appointment
	}
	return record.CaseOf(&f.Case.Record).FollowUp
}

func contactCard(c referral.Contact, day string, now time.Time) ContactCard {
	card := ContactCard{Why: c.Why(now), Day: day}
	if card.Why == "" && day != "" {
		card.Reminders = c.Reminders(day, now)
	}
	return card
}

// PlannedNeeds returns the lines of the action plan for which no referral was
// begun yet. They are read with the case; nothing is recorded again.
func (d *Desk) PlannedNeeds(_ context.Context, caseID amana.RecordID) ([]PlannedNeed, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return nil, err
	}
	begun := map[string]bool{}
	for _, r := range d.referralsIn(&f) {
		begun[r.Plan] = true
	}
	var list []PlannedNeed
	for _, item := range f.Case.Items(record.ActionPlans) {
		field := func(name string) event.Value { return f.Case.Value(record.ActionPlans + "/" + item + "/" + name) }
		service, outcome := field("service_type").Reveal(), field("service_referral").Reveal()
		if begun[item] || !slices.Contains(referral.Services(), service) || outcome != "" && outcome != "referred" {
			continue
		}
		list = append(list, PlannedNeed{
			Item: item, Service: service, Name: amana.Conceal(field("service_provider").Reveal()),
			Notes: amana.Conceal(field("service_referral_notes").Reveal()),
		})
	}
	return list, nil
}

// CareFile is what a case file holds of her way to help.
type CareFile struct {
	Referrals []Referral
	Proposals []referral.Proposal // days on which she might be seen again
	Contact   ContactCard
}

func (f *CaseFile) addReferrals(d *Desk, of *vault.CaseFile) {
	f.Care = CareFile{
		Referrals: d.referralsIn(of), Proposals: d.followUpProposals(of),
		Contact: contactCard(d.source(of).Contact, contactDay("", of), d.surely()),
	}
}

// followUpProposals returns the days on which she might be seen again.
func (d *Desk) followUpProposals(f *vault.CaseFile) []referral.Proposal {
	c := record.CaseOf(&f.Case.Record)
	if c.Status != statusOpen {
		return nil
	}
	var planned, done []string
	for _, item := range f.Case.Items(record.FollowUps) {
		field := func(name string) string { return f.Case.Value(record.FollowUps + "/" + item + "/" + name).Reveal() }
		if day := field("followup_date"); day != "" {
			done = append(done, day)
		}
		if day := field("when_follow_up_visit_should_happen"); day != "" {
			planned = append(planned, day)
		}
	}
	opened, err := time.Parse(time.DateOnly, c.Opened)
	if err != nil {
		opened = record.When(f.Case.Opened)
	}
	return d.ReferralTable().Proposals(c.Risk, opened, d.office.now(), planned, done)
}
