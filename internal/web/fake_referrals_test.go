package web_test

import (
	"context"
	"maps"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/release"
)

// fakeReferrals answers for the referrals on a desk.
type fakeReferrals struct {
	referral  *casework.ReferralFile
	unwilling error // of every verb that changes something, where set

	proposed casework.NewReferral
	agreed   casework.Agreement
	way      casework.Dispatch
	step     casework.ReferralStep
	taken    string
	day      string
	query    casework.ReferralQuery
	table    *referral.Table
}

const sampleProvider = "Clinique du Fleuve"

func sampleCourse(states ...referral.State) referral.Course {
	values := map[string]event.Value{}
	for i, s := range states {
		st := referral.Step{Item: string(rune('a' + i)), State: s, At: noon.Add(time.Duration(i-100) * time.Hour), When: "2026-10-30", By: memberID(2)}
		if r := referral.Reasons(s); len(r) > 0 {
			st.Reason, st.Note = r[0], amana.Conceal("Ils n’ont plus de place cette semaine.")
		}
		maps.Copy(values, st.Values())
	}
	return referral.CourseOf(values)
}

func sampleReferral(n byte, states ...referral.State) casework.Referral {
	return casework.Referral{
		ID: recordID(n), Case: recordID(1), Code: sampleCode, Service: "health_medical_service", Name: amana.Conceal(sampleProvider),
		Urgency: referral.Urgent, Company: event.Bool(true), Words: amana.Conceal("Elle voudrait parler à une femme."),
		Agreed: append(referral.Minimal(), referral.ItemContact), Course: sampleCourse(states...), Due: noon.Add(-time.Hour), Overdue: true,
		Slip: referral.SlipWords{Place: amana.Conceal("La porte bleue, derrière le marché"), Person: amana.Conceal("Mme Awa"), Day: "2026-11-03"},
	}
}

func sampleSource() referral.Source {
	consents := referral.Consents{States: []record.ConsentState{
		{Consented: event.Consented{Purpose: amana.PurposeReferral, Recipient: amana.Conceal(sampleProvider), Decision: amana.Granted}},
		{Consented: event.Consented{Purpose: amana.PurposeContact, Decision: amana.Granted}},
	}}
	return referral.Source{
		Code: sampleCode, Consents: consents, Age: event.Int(23), Sex: event.Text("female"), Language: event.Text("taq"),
		Name: amana.Conceal(sampleName), HasIdentity: true, Disability: event.Say(event.NotAsked),
		Contact: referral.Contact{Consents: consents, How: event.List("phone_call", "visit"), Phone: amana.Conceal("76000017"), Notes: amana.Conceal("Jamais après 17 h.")},
		Windows: []referral.Window{{ID: "pep", Least: 23 * time.Hour, Most: 23 * time.Hour}, {ID: "emergency_contraception", Least: 0, Most: time.Hour}},
	}
}

// sampleReferralFile is a referral in a state, with the package that her consent
// allows, or with none where why is given.
func sampleReferralFile(channel referral.Channel, why string, states ...referral.State) *casework.ReferralFile {
	r, s := sampleReferral(31, states...), sampleSource()
	r.Channel = channel
	q := referral.Request{
		ID: r.ID, Recipient: r.Name, Service: r.Service, Urgency: r.Urgency, Company: r.Company, Narrative: r.Words, Agreed: r.Agreed,
	}
	f := &casework.ReferralFile{
		Referral: r, Team: sampleTeams()[0], MayWrite: true, Names: map[amana.MemberID]string{memberID(2): "مريم منت أحمد"},
		Asked: referral.Preview(s, q, noon), Refusal: why, Notice: casework.ReportingNotice{Version: "3", Country: "ML", Words: map[string]string{"fr": "Rien ne doit être signalé sans elle."}},
		Contact: casework.ContactCard{Reminders: s.Contact.Reminders("2026-11-03", noon), Day: "2026-11-03"},
	}
	if why == "" {
		f.Lines, f.Package = packageOf(s, q)
	}
	return f
}

// packageOf passes a referral through the gate.
func packageOf(s referral.Source, q referral.Request) ([]referral.Line, referral.Package) {
	g := &release.Gate{Now: func() time.Time { return noon }, Ledger: &fakeClaims{}, Rules: release.DefaultRules()}
	ask := release.Request{
		ID: q.ID, By: release.By{Roles: []amana.Role{amana.RoleCaseworker}}, Purpose: amana.PurposeReferral, Recipient: q.Recipient, Format: referral.Format,
		Records: func(context.Context) ([]release.Record, error) {
			return []release.Record{referral.Record(s, q, noon)}, nil
		},
	}
	p, _ := g.Preview(context.Background(), ask)
	c, _ := g.Clear(context.Background(), ask)
	out, _ := referral.Pack(c)
	return referral.Would(s, q, p.Records, noon), out
}

func sampleCare() casework.CareFile {
	return casework.CareFile{
		Referrals: []casework.Referral{
			sampleReferral(31, referral.Draft, referral.Consented, referral.Sent), sampleReferral(32, referral.Draft),
			sampleReferral(33, referral.Draft, referral.Withdrawn),
		},
		Proposals: []referral.Proposal{{Day: noon.AddDate(0, 0, 2), Why: "referral.follow.risk.high"}, {Day: noon.AddDate(0, 0, 30), Why: "referral.follow.calendar"}},
		Contact:   casework.ContactCard{Reminders: sampleSource().Contact.Reminders("2026-11-03", noon), Day: "2026-11-03"},
	}
}

func (f *fakeReferrals) Referrals(_ context.Context, q casework.ReferralQuery) (casework.ReferralList, error) {
	f.query = q
	list := casework.ReferralList{Rows: sampleCare().Referrals, Page: q.Page, Total: 130, Overdue: 3}
	for range 24 {
		list.Measure.Count(sampleCourse(referral.Draft, referral.Consented, referral.Sent, referral.ServiceReceived))
	}
	return list, nil
}

func (f *fakeReferrals) ReadReferral(_ context.Context, caseID, id amana.RecordID) (casework.ReferralFile, error) {
	switch {
	case caseID != recordID(1), id != recordID(31):
		return casework.ReferralFile{}, amana.ErrNotFound
	case f.referral != nil:
		return *f.referral, nil
	}
	return *sampleReferralFile("", "", referral.Draft, referral.Consented), nil
}

func (f *fakeReferrals) PlannedNeeds(context.Context, amana.RecordID) ([]casework.PlannedNeed, error) {
	return []casework.PlannedNeed{{Item: "a1", Service: "food_service", Name: amana.Conceal("Croissant-Rouge"), Notes: amana.Conceal("Pour trois personnes.")}}, nil
}

func (f *fakeReferrals) ProposeReferral(_ context.Context, _ amana.RecordID, n casework.NewReferral) (amana.RecordID, error) {
	f.proposed = n
	return recordID(31), f.unwilling
}

func (f *fakeReferrals) AgreeReferral(_ context.Context, _, _ amana.RecordID, a casework.Agreement) error {
	f.agreed = a
	return f.unwilling
}

func (f *fakeReferrals) SendReferral(_ context.Context, _, _ amana.RecordID, way casework.Dispatch) (referral.Package, error) {
	f.way = way
	return referral.Package{}, f.unwilling
}

func (f *fakeReferrals) StepReferral(_ context.Context, _, _ amana.RecordID, n casework.ReferralStep) error {
	f.step = n
	return f.unwilling
}

func (f *fakeReferrals) TakeBackStep(_ context.Context, _, _ amana.RecordID, item string) error {
	f.taken = item
	return f.unwilling
}

func (f *fakeReferrals) PlanFollowUp(_ context.Context, _ amana.RecordID, day string) error {
	f.day = day
	return f.unwilling
}

func (f *fakeReferrals) ReferralTable() referral.Table {
	if f.table != nil {
		return *f.table
	}
	return referral.Defaults()
}

func (f *fakeReferrals) AdoptReferralTable(_ context.Context, t referral.Table) error {
	f.table = &t
	return f.unwilling
}
