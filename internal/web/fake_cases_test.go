package web_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
)

// fakeCases answers for the cases on a desk, with the sample cases unless it was
// given others. It notes what it was asked to do, and by which values.
type fakeCases struct {
	today  *casework.Today
	list   *casework.CaseList
	file   *casework.CaseFile
	refuse error // of every verb that changes something, where set
	gone   error // of reading, where set

	fakeForms
	asked    casework.Query
	intake   casework.Intake
	change   casework.Change
	consents []casework.Consent
	values   casework.Values
	wrote    []string
}

func (f *fakeCases) wrought(words ...any) error {
	f.wrote = append(f.wrote, fmt.Sprint(words...))
	return f.refuse
}

func (f *fakeCases) Today(context.Context) (casework.Today, error) {
	if f.today != nil {
		return *f.today, nil
	}
	return sampleToday(), nil
}

func (f *fakeCases) Cases(_ context.Context, q casework.Query) (casework.CaseList, error) {
	f.asked = q
	if f.list != nil {
		return *f.list, nil
	}
	return casework.CaseList{Rows: sampleRows(), Page: q.Page, Total: 1234}, nil
}

func (f *fakeCases) OpenCase(_ context.Context, in casework.Intake) (amana.RecordID, error) {
	f.intake = in
	if err := wrongIn(in); err != nil && f.refuse == nil {
		return amana.RecordID{}, err
	}
	return recordID(1), f.wrought("open")
}

func (f *fakeCases) ReadCase(_ context.Context, id amana.RecordID) (casework.CaseFile, error) {
	switch {
	case f.gone != nil:
		return casework.CaseFile{}, f.gone
	case id != recordID(1):
		return casework.CaseFile{}, amana.ErrNotFound
	case f.file != nil:
		return *f.file, nil
	}
	return sampleFile(), nil
}

func (f *fakeCases) History(_ context.Context, _, _ amana.RecordID, field string) ([]casework.PastValue, error) {
	return []casework.PastValue{
		{Value: event.Say(event.NotAsked), When: noon.AddDate(0, -2, 0), By: memberID(4)},
		{Value: event.Text("low"), When: noon.AddDate(0, 0, -9), By: memberID(1), Lost: true},
		{Value: event.Text("high"), When: noon.AddDate(0, 0, -1), By: memberID(2)},
	}, nil
}

func (f *fakeCases) ChangeRecord(_ context.Context, id amana.RecordID, c casework.Change) error {
	f.change = c
	return f.wrought("change ", id)
}

func (f *fakeCases) SetConsent(_ context.Context, id amana.RecordID, c []casework.Consent) error {
	f.consents = c
	return f.wrought("consent ", id)
}

func (f *fakeCases) AddNote(_ context.Context, id amana.RecordID, text amana.Private) error {
	return f.wrought("note ", id, ": ", text.Reveal())
}

func (f *fakeCases) AddFollowUp(_ context.Context, id amana.RecordID, v casework.Values) error {
	f.values = v
	return f.wrought("follow up ", id)
}

func (f *fakeCases) CloseCase(_ context.Context, id amana.RecordID, v casework.Values) error {
	f.values = v
	return f.wrought("close ", id)
}

func (f *fakeCases) ReopenCase(_ context.Context, id amana.RecordID) error {
	return f.wrought("reopen ", id)
}

func (f *fakeCases) EraseCase(_ context.Context, id amana.RecordID, reason, code, _ string) error {
	return f.wrought("erase ", id, " ", reason, " ", code)
}

// sampleName is the name of the person in the sample case: no page may show it to
// somebody whose team does not hold it.
const sampleName = "Zeïnabou Walet Alhassane"

const sampleCode = "K7QM-3XRA-TW"

func sampleRows() []casework.CaseRow {
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	return []casework.CaseRow{
		{
			ID: recordID(1), Code: sampleCode, Name: amana.Conceal(sampleName), HasName: true, Team: "Accompagnement", Status: "open", Risk: "high",
			Age: event.Int(23), Sex: event.Text("female"), Opened: day(-60), Updated: day(-1), FollowUp: "2026-10-28", Overdue: true, Conflict: true,
		},
		{
			ID: recordID(2), Code: "H2VN-8ZEC-PD", Name: amana.Conceal("عائشة بنت سيدي"), HasName: true, Team: "Accompagnement", Status: "open", Risk: "medium",
			Age: event.Int(1), Sex: event.Say(event.Declined), Opened: day(-31), Updated: day(-2), FollowUp: "2026-11-02",
		},
		{
			ID: recordID(3), Code: "9WXK-F4GT-2M", Team: "Clinique", Status: "closed", Risk: "low",
			Age: event.Say(event.DoesNotKnow), Sex: event.Text("male"), Opened: day(-200), Updated: day(-90),
		},
		{ID: recordID(4), Code: "BB3A-7R6Y-NE", Team: "Clinique", Status: "transferred", Opened: day(-3), Updated: day(-3)},
	}
}

func sampleToday() casework.Today {
	rows := sampleRows()
	return casework.Today{Overdue: rows[:1], Due: rows[1:2], HighRisk: rows[:1], Recent: rows, Open: 87, Conflicts: 1}
}

func sampleCells(kind amana.Kind, by amana.MemberID, values map[string]event.Value) []casework.Cell {
	var cells []casework.Cell
	for _, f := range record.Fields(kind) {
		switch v, said := values[f.Name]; {
		case said:
			cells = append(cells, casework.Cell{Field: f, Name: f.Name, Value: v, When: noon.AddDate(0, 0, -20), By: by, Changes: 1})
		case !strings.Contains(f.Name, "/"): // what nobody wrote is there too, as casework has it
			cells = append(cells, casework.Cell{Field: f, Name: f.Name})
		}
	}
	return cells
}

func sampleItem(n int, by amana.MemberID, list, id string, values map[string]event.Value) casework.Item {
	it := casework.Item{ID: id, When: noon.AddDate(0, 0, -n), By: by}
	for _, f := range record.Fields(amana.KindCase) {
		if v, said := values[f.Name]; said {
			it.Cells = append(it.Cells, casework.Cell{Field: f, Name: list + "/" + id + f.Name[len(list):], Value: v, When: it.When, By: by})
		}
	}
	return it
}

func sampleIdentity() *casework.Part {
	return &casework.Part{ID: recordID(11), Kind: amana.KindIdentity, Version: 41, Cells: sampleCells(amana.KindIdentity, memberID(2), map[string]event.Value{
		"name": event.Text(sampleName), "other_names": event.Text("Zeïna"), "contact_phone": event.Text("76 00 00 17"),
		"contact_how": event.List("phone_call", "through_trusted_person"), "contact_notes": event.Text("Jamais après 17 h.\nSe présenter comme la couturière."),
		"place_of_stay": event.Say(event.Declined),
	})}
}

func sampleFile() casework.CaseFile {
	teams := sampleTeams()
	cells := sampleCells(amana.KindCase, memberID(2), map[string]event.Value{
		"created_on": event.Text("2026-09-03"), "language": event.Text("taq"), "service_referred_from": event.Text("community_or_camp_leader"),
		"sex": event.Text("female"), "age": event.Int(23), "estimated": event.Bool(true), "maritial_status": event.Say(event.NotAsked),
		"gbv_displacement_status": event.Text("idp"), "risk_level": event.Text("high"),
		"assessment_presenting_problem": event.Text("Elle demande une consultation médicale et ne veut pas en dire plus aujourd’hui.\n\nElle reviendra avec sa tante."),
		"assessment_health_needs":       event.Text("Consultation dans les 72 heures : faite le jour même."),
		"assessment_legal_needs":        event.Say(event.Declined),
		"status":                        event.Text("open"), "survivor_code_no": event.Text(sampleCode),
	})
	for i := range cells {
		if cells[i].Name == "risk_level" {
			cells[i].Rivals = []casework.Rival{{Value: event.Text("medium"), When: noon.AddDate(0, 0, -21), By: memberID(1)}}
		}
	}
	cells = append(cells, casework.Cell{Field: record.Field{Name: "field_of_2031", Type: record.Words, Section: "other"}, Name: "field_of_2031", Value: event.Decimal(1.5), When: noon, By: memberID(9)})
	consents := []casework.Consent{
		{Purpose: amana.PurposeCare, Decision: amana.Granted, GivenBy: "self", How: "spoken", Language: "taq", When: noon.AddDate(0, 0, -60), By: memberID(2)},
		{Purpose: amana.PurposeContact, Decision: amana.Granted, GivenBy: "self", How: "spoken", Language: "taq", When: noon.AddDate(0, 0, -60), By: memberID(2), Conditions: amana.Conceal("Pas de message écrit.")},
		{Purpose: amana.PurposeReferral, Decision: amana.NotAsked},
		{Purpose: amana.PurposeReferral, Recipient: amana.Conceal("Clinique du Fleuve"), Decision: amana.Granted, Until: "2026-10", Expired: true, How: "thumbprint", When: noon.AddDate(0, 0, -60), By: memberID(2)},
		{Purpose: amana.PurposeStatistics, Decision: amana.Refused, When: noon.AddDate(0, 0, -30), By: memberID(1), Conflict: true},
		{Purpose: amana.PurposeMatching, Decision: amana.NotAsked},
		{Purpose: amana.PurposeAccountability, Decision: amana.Withdrawn, When: noon.AddDate(0, 0, -2), By: memberID(1)},
		{Purpose: amana.PurposePublication, Decision: amana.NotAsked},
	}
	file := casework.CaseFile{
		Clock: sampleClock(), Incidents: sampleIncidents(),
		ID: recordID(1), Code: sampleCode, Team: teams[0], Status: "open", Opened: noon.AddDate(0, 0, -60),
		Case: casework.Part{ID: recordID(1), Kind: amana.KindCase, Version: 42, Cells: cells}, Identity: sampleIdentity(),
		Consents: consents, ConsentID: recordID(12), MayWrite: true, MayErase: true, Unread: 2, Tampered: 1,
		Names: map[amana.MemberID]string{memberID(1): "Aïssata Diallo", memberID(2): "مريم منت أحمد"},
		Notes: []casework.Item{
			sampleItem(40, memberID(2), record.Notes, "0a", map[string]event.Value{"note/text": event.Text("Venue avec sa tante. Calme, fatiguée.")}),
			sampleItem(3, memberID(1), record.Notes, "0b", map[string]event.Value{"note/text": event.Text("تحدثنا عن المدرسة.\nستعود يوم الاثنين.")}),
		},
		FollowUps: []casework.Item{
			sampleItem(30, memberID(2), record.FollowUps, "1a", map[string]event.Value{
				record.FollowUps + "/followup_date": event.Text("2026-10-03"), record.FollowUps + "/followup_service_type": event.Text("health_medical_service"),
				record.FollowUps + "/action_taken_details": event.Text("Accompagnée à la consultation."), record.FollowUps + "/survivor_needs_met": event.Bool(true),
				record.FollowUps + "/when_follow_up_visit_should_happen": event.Text("2026-10-28"),
			}),
		},
		Readers: []casework.Reading{{When: noon.AddDate(0, 0, -3), By: memberID(1)}, {When: noon, By: memberID(2)}},
	}
	file.Care, file.Work = sampleCare(), sampleWork()
	file.Timeline = sampleTimeline(consents)
	return file
}

func sampleTimeline(consents []casework.Consent) []casework.Moment {
	moments := []casework.Moment{
		{When: noon.AddDate(0, 0, -60), By: memberID(2), What: "timeline.began", Fields: []string{"language", "age", "sex"}},
		{When: noon.AddDate(0, 0, -60), By: memberID(2), What: "timeline.consent", Consent: &consents[0]},
		{When: noon.AddDate(0, 0, -40), By: memberID(2), What: "timeline.changed", Fields: []string{"note/0a/text"}},
		{When: noon.AddDate(0, 0, -30), By: memberID(9), What: "timeline.changed", Fields: []string{record.FollowUps + "/1a/followup_date", record.FollowUps + "/1a/action_taken_details"}, ClockSaid: noon.AddDate(-1, 0, 0)},
	}
	for n := range 12 {
		moments = append(moments, casework.Moment{When: noon.AddDate(0, 0, n-20), By: memberID(1), What: "timeline.changed", Fields: []string{"risk_level", "field_of_2031"}})
	}
	return moments
}

// newerFile is the sample case, to which somebody with a newer program wrote.
func newerFile() *casework.CaseFile {
	f := sampleFile()
	answer := casework.Consent{Purpose: "of_a_newer_purpose", Decision: "of_a_newer_decision", When: noon, By: memberID(1)}
	f.Consents = append(f.Consents, answer)
	f.Timeline = append(
		f.Timeline,
		casework.Moment{When: noon, By: memberID(1), What: "timeline.began.of_a_newer_kind"},
		casework.Moment{When: noon.Add(time.Hour), By: memberID(1), What: "timeline.consent", Consent: &answer},
	)
	return &f
}

// withoutIdentity is the sample case as a team without names sees it.
func withoutIdentity() *casework.CaseFile {
	f := sampleFile()
	f.Identity, f.MayErase = nil, false
	return &f
}

// names returns the names of values, sorted.
func names(v casework.Values) []string { return slices.Sorted(maps.Keys(v)) }
