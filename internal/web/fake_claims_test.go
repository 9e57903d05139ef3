package web_test

import (
	"context"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/huridocs"
	"amana/internal/record"
	"amana/internal/release"
)

// fakeClaims answers for the accountability compartment of a desk.
type fakeClaims struct {
	cOutside   bool // in no team of the compartment
	cImported  int
	unclaimed  error
	cBegun     casework.Values
	cList      string
	cItem      casework.Values
	cRelated   string
	cStruck    amana.Private
	cSent      *casework.SentPackage
	cAnswers   []casework.Answers
	cAsk       casework.ReleaseAsk
	cProposed  bool
	cApproved  bool
	cBounds    []byte
	cShut      string // what the gate says, where set
	cMany      bool   // a release needs approvals
	cLedger    string // state of the entry
	cErased    string // for which reason
	cContested string
	cRecalled  bool
	cText      map[string]string
}

const sampleBounds = `{"type":"Polygon","coordinates":[[[-5,15],[-4,15],[-4,16],[-5,16],[-5,15]]]}`

func sampleSheet(kind amana.Kind) claim.Sheet {
	id := map[amana.Kind]amana.RecordID{
		amana.KindIncident: recordID(71), amana.KindActor: recordID(72), amana.KindPublication: recordID(73), amana.KindAccount: recordID(74),
	}[kind]
	values := map[string]event.Value{}
	for _, list := range append([]string{""}, casework.ClaimLists(kind)...) {
		for _, f := range casework.ClaimFields(kind, list) {
			name := f.Name
			if list != "" {
				name = list + "/aa/" + f.Name
			}
			values[name] = sampleField(f)
		}
	}
	for name, text := range map[string]string{
		"claim/aa/account": recordID(74).String(), "claim/aa/publication": recordID(73).String(), "claim/aa/cited": recordID(73).String(),
		"claim/aa/stance": "supports", "claim/aa/acts": "aa", "claim/aa/person": "aa", "act/aa/victim": "aa", "link/aa/of": "aa", "link/aa/to": "aa",
		"attribution/aa/claim": "aa", "attribution/aa/act": "aa", "attribution/aa/actor": recordID(72).String(), "relation/aa/kind": "succeeded_by",
		"relation/aa/actor": recordID(72).String(), "relation/aa/from": "2026-05", "name/aa/from": "2021-12", "name/aa/to": "2026-05",
		"event_from": "2026-03", "claim/aa/said": "declined", "source_said": "declined",
	} {
		if _, there := values[name]; there {
			values[name] = event.Text(text)
		}
	}
	delete(values, "attribution/aa/struck")
	return claim.FromValues(id, kind, values)
}

func sampleField(f record.Field) event.Value {
	switch f.Type { //nolint:exhaustive // the others are words
	case record.Number:
		return event.Int(17)
	case record.Decimal:
		return event.Decimal(15.25)
	case record.YesNo:
		return event.Bool(true)
	case record.Choice:
		return event.Text(record.Options(f.Options)[0])
	case record.Choices:
		return event.List(record.Options(f.Options)[0])
	case record.Date:
		return event.Text("2026-03-02")
	default:
		return event.Text("Mots <b>d’exemple</b>")
	}
}

func (f *fakeClaims) Claims(context.Context) (claim.World, error) {
	w := claim.World{
		Incidents:    []claim.Incident{claim.IncidentOf(sampleSheet(amana.KindIncident))},
		Actors:       map[amana.RecordID]claim.Actor{recordID(72): claim.ActorOf(sampleSheet(amana.KindActor))},
		Publications: map[amana.RecordID]claim.Publication{recordID(73): claim.PublicationOf(sampleSheet(amana.KindPublication))},
		Accounts:     map[amana.RecordID]claim.Account{recordID(74): claim.AccountOf(sampleSheet(amana.KindAccount))},
	}
	again := w.Incidents[0]
	again.ID, again.Related = recordID(75), nil
	w.Incidents = append(w.Incidents, again)
	w.Incidents[0].Related = nil
	return w, nil
}

func (f *fakeClaims) ReadClaim(_ context.Context, id amana.RecordID) (casework.ClaimFile, error) {
	for _, kind := range casework.ClaimKinds() {
		if s := sampleSheet(kind); s.ID == id {
			return casework.ClaimFile{
				Sheet: s, Version: 3, MayWrite: true, Names: map[amana.MemberID]string{memberID(2): "Mariam"}, Unread: 1,
				Consents: []casework.Consent{{Purpose: amana.PurposeAccountability, Recipient: amana.Conceal("La Cour"), Decision: amana.Granted, Until: "2027-01"}},
				Items: []record.ConsentState{{Consented: event.Consented{
					Purpose: amana.PurposeAccountability, Recipient: amana.Conceal("La Cour"), Decision: amana.Refused,
				}, Item: "identity"}},
				MayErase: true, Told: []casework.Told{{
					Explained: casework.Explained{Text: "amana-1", Interpreter: event.Bool(true), Understood: "yes"},
					Purpose:   amana.PurposeAccountability, Recipient: amana.Conceal("La Cour"), Language: "fra", When: noon, Writer: memberID(2),
				}},
				Timeline: []casework.Moment{
					{When: noon, By: memberID(2), What: "timeline.began.incident"},
					{When: noon, By: memberID(2), What: "timeline.released"},
					{When: noon, By: memberID(2), What: "timeline.consent_item", Consent: &casework.Consent{}},
				},
				Readers: []casework.Reading{{When: noon, By: memberID(2)}},
			}, nil
		}
	}
	return casework.ClaimFile{}, amana.ErrNotFound
}

func (f *fakeClaims) ClaimsTeam() (amana.TeamID, error) {
	if f.cOutside {
		return amana.TeamID{}, &casework.Refusal{Key: "claims.refused.team"}
	}
	return amana.TeamID{7}, nil
}

func (f *fakeClaims) Boundaries() []byte { return f.cBounds }
func (f *fakeClaims) SetBoundaries(_ context.Context, file []byte) error {
	if string(file) != sampleBounds {
		return amana.ErrInvalid
	}
	f.cBounds = file
	return nil
}

func (f *fakeClaims) BeginClaim(_ context.Context, _ amana.Kind, v casework.Values) (amana.RecordID, error) {
	f.cBegun = v
	return recordID(71), f.unclaimed
}

func (f *fakeClaims) ChangeClaim(_ context.Context, _ amana.RecordID, _ uint64, v casework.Values) error {
	f.cBegun = v
	return f.unclaimed
}

func (f *fakeClaims) AddClaimItem(_ context.Context, _ amana.RecordID, list string, v casework.Values) (string, error) {
	f.cList, f.cItem = list, v
	return "aa", f.unclaimed
}

func (f *fakeClaims) ChangeClaimItem(_ context.Context, _ amana.RecordID, _ uint64, list, _ string, v casework.Values) error {
	f.cList, f.cItem = list, v
	return f.unclaimed
}

func (f *fakeClaims) EraseClaim(_ context.Context, id amana.RecordID, reason, code, contested string) error {
	f.cContested = contested
	if code != casework.EraseCode(id) {
		return casework.FieldErrors{"code": "invalid.code.other"}
	}
	f.cErased = reason
	return f.unclaimed
}

func (f *fakeClaims) Recalls(context.Context) ([]casework.Recall, error) {
	if !f.cRecalled {
		return nil, nil
	}
	return []casework.Recall{{Row: f.entry(), Reasons: []string{"release.recall.withdrawn", "release.recall.erased"}, People: 2, Since: noon}}, nil
}

func (f *fakeClaims) ConsentText() casework.ReportingNotice {
	return casework.ReportingNotice{Version: "amana-1", Words: f.cText}
}

func (f *fakeClaims) AnswerCase(_ context.Context, _ amana.RecordID, list ...casework.Answers) error {
	f.cAnswers = list
	return f.unclaimed
}

// Earlier implements [release.Ledger].
func (f *fakeClaims) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

func (f *fakeClaims) StrikeAttribution(_ context.Context, _ amana.RecordID, _ string, why amana.Private) error {
	f.cStruck = why
	return f.unclaimed
}

func (f *fakeClaims) ImportClaims(_ context.Context, records []huridocs.Record) error {
	f.cImported = len(records)
	return f.unclaimed
}

func (f *fakeClaims) RelateIncidents(_ context.Context, _, _ amana.RecordID, as string, _ amana.Private) error {
	f.cRelated = as
	return f.unclaimed
}

func (f *fakeClaims) gate() *release.Gate {
	rules := release.DefaultRules()
	if f.cMany {
		rules.Bulk = 1
	}
	return &release.Gate{Now: func() time.Time { return noon }, Ledger: f, Rules: rules}
}

// Enter implements [release.Ledger].
func (f *fakeClaims) Enter(context.Context, release.Entry) error { return nil }

// Stop implements [release.Ledger].
func (f *fakeClaims) Stop(context.Context, amana.RecordID, string) error { return nil }

func (f *fakeClaims) request(a casework.ReleaseAsk) release.Request {
	answer := event.Consented{Purpose: a.Purpose, Recipient: a.Recipient, Decision: amana.Granted, Conditions: amana.Conceal("à huis clos")}
	r := record.Fold(recordID(76), []record.Entry{{Time: 1 << 16, Seq: 1, Body: event.Body{Facts: []event.Fact{answer}}}})
	return release.Request{
		ID: recordID(77), By: release.By{Member: memberID(1), Roles: []amana.Role{amana.RoleReleaseOfficer}}, Purpose: a.Purpose,
		Recipient: a.Recipient, Format: a.Format, Met: a.Met,
		Records: func(context.Context) ([]release.Record, error) {
			var all []release.Record
			for _, kind := range casework.ClaimKinds() {
				s := sampleSheet(kind)
				all = append(all, claim.Releasable(&s, func(amana.RecordID) release.Consents { return release.ConsentsOf(false, &r) })...)
			}
			return all, nil
		},
	}
}

func (f *fakeClaims) PreviewRelease(ctx context.Context, a casework.ReleaseAsk) (release.Preview, error) {
	f.cAsk = a
	p, err := f.gate().Preview(ctx, f.request(a))
	if f.cShut != "" {
		p.Refused = f.cShut
	}
	return p, err
}

func (f *fakeClaims) Clear(ctx context.Context, a casework.ReleaseAsk) (release.Cleared, error) {
	f.cAsk = a
	if f.cShut != "" {
		return release.Cleared{}, &release.RefusedError{Why: f.cShut}
	}
	return f.gate().Clear(ctx, f.request(a))
}

func (f *fakeClaims) ProposeRelease(_ context.Context, a casework.ReleaseAsk, reason amana.Private) (amana.RecordID, error) {
	f.cAsk, f.cProposed = a, true
	if reason.IsEmpty() {
		return amana.RecordID{}, casework.FieldErrors{"reason": "invalid.required"}
	}
	return recordID(77), f.unclaimed
}

func (f *fakeClaims) AnswerProposal(_ context.Context, _ amana.RecordID, approve bool, reason amana.Private) error {
	if reason.IsEmpty() {
		return casework.FieldErrors{"reason": "invalid.required"}
	}
	f.cApproved = approve
	return f.unclaimed
}

func (f *fakeClaims) entry() casework.LedgerRow {
	state := f.cLedger
	if state == "" {
		state = "left"
	}
	row := casework.LedgerRow{ID: recordID(77), State: state, By: memberID(1), Proposal: release.Proposal{
		By: memberID(2), When: noon.Add(-time.Hour), Reason: amana.Conceal("La Cour l’a demandé."),
		Scope: release.Scope{Purpose: amana.PurposeAccountability, Recipient: amana.Conceal("La Cour"), Format: "huridocs", Records: []amana.RecordID{recordID(71)}},
	}}
	if state == "left" {
		row.Left = noon
	}
	row.Package = f.cSent
	if state == "stopped" {
		row.Why = "release.refused.changed"
	}
	for _, what := range []string{"proposed", "approved", "objected", "taken_back", "left", "stopped", "told"} {
		row.Steps = append(row.Steps, casework.LedgerStep{What: what, When: noon, By: memberID(2), Reason: amana.Conceal("motif")})
	}
	return row
}

func (f *fakeClaims) Ledger(context.Context) ([]casework.LedgerRow, error) {
	return []casework.LedgerRow{f.entry()}, nil
}

func (f *fakeClaims) LedgerEntry(_ context.Context, id amana.RecordID) (casework.LedgerRow, error) {
	if id != recordID(77) {
		return casework.LedgerRow{}, amana.ErrNotFound
	}
	return f.entry(), nil
}

func (f *fakeClaims) SaidBefore(context.Context, amana.RecordID) (func(amana.RecordID) string, error) {
	return func(amana.RecordID) string { return "" }, nil
}

func (f *fakeClaims) NoteSaid(context.Context, release.Cleared, map[amana.RecordID]string) error {
	return f.unclaimed
}

func (f *fakeClaims) TakeBackProposal(context.Context, amana.RecordID) error { return f.unclaimed }
func (f *fakeClaims) NoteTold(context.Context, amana.RecordID, amana.Private) error {
	return f.unclaimed
}
func (f *fakeClaims) ReleaseRules() release.Rules { return release.DefaultRules() }

func (f *fakeClaims) AnswerAccount(_ context.Context, _ amana.RecordID, list ...casework.Answers) error {
	f.cAnswers = list
	return f.unclaimed
}

func sampleLeft() casework.LeftAbout {
	left := event.Released{
		Release: recordID(77), Purpose: amana.PurposeAccountability, Recipient: amana.Conceal("La Cour"), Format: "dossier",
		Items: []string{"account"}, Whole: []string{"a", "b"}, Widened: []string{"c"}, Consent: 1,
	}
	all := casework.LeftAbout{Code: sampleCode, Names: map[amana.MemberID]string{memberID(2): "Mariam"}}
	for _, recall := range []string{"", "release.recall.withdrawn", "release.recall.expired", "release.recall.narrowed", "release.recall.unclear"} {
		all.Releases = append(all.Releases, release.Departure{
			Release: record.Release{Released: left, Time: uint64(noon.UnixMilli()) << 16, By: memberID(2)}, Recall: recall,
		})
	}
	all.Referrals = []casework.Referral{sampleReferral(31, "draft", "consented", "sent")}
	all.Figures = []casework.Figure{{When: noon, To: amana.Conceal("Groupe de travail"), By: memberID(2)}}
	return all
}

func (f *fakeClaims) LeftOfCase(context.Context, amana.RecordID) (casework.LeftAbout, error) {
	return sampleLeft(), nil
}

func (f *fakeClaims) LeftOfAccount(context.Context, amana.RecordID) (casework.LeftAbout, error) {
	return casework.LeftAbout{Code: "S-1"}, nil
}
