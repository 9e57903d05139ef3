package web_test

import (
	"context"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/child"
	"amana/internal/event"
	"amana/internal/gbv"
	"amana/internal/record"
	"amana/internal/task"
	"amana/internal/window"
)

// fakeClock answers for the hours, for what happened, and for the tables.
type fakeClock struct {
	urgent  *[]casework.UrgentCase // the sample, unless set
	signed  map[string]*casework.SignOff
	edited  map[string][]byte
	signing casework.SignOff
	refuses error
	noted   []string
}

func (f *fakeClock) Urgent(context.Context) ([]casework.UrgentCase, bool, error) {
	if f.urgent != nil {
		return *f.urgent, false, nil
	}
	return sampleUrgent(), true, nil
}

func (f *fakeClock) SetOutcome(_ context.Context, id amana.RecordID, which, outcome string) error {
	f.noted = append(f.noted, id.String()+" "+which+" "+outcome)
	return f.refuses
}

func (f *fakeClock) SetMissed(_ context.Context, id amana.RecordID, which, reason string) error {
	f.noted = append(f.noted, id.String()+" "+which+" missed "+reason)
	return f.refuses
}

func (f *fakeClock) HoursOf(a record.Assault) *casework.Clock {
	day, err := time.Parse(time.DateOnly, a.Date)
	if err != nil {
		return f.Hours(-1, "")
	}
	c := f.Hours(int(noon.Sub(day).Hours()/24), a.Part)
	c.Assault = a
	return c
}

func (f *fakeClock) Hours(daysAgo int, _ string) *casework.Clock {
	a := window.Assault{Latest: noon}
	if daysAgo >= 0 {
		a.Latest = noon.AddDate(0, 0, -daysAgo)
		a.Earliest = a.Latest.Add(-12 * time.Hour)
	}
	c := &casework.Clock{Dated: daysAgo >= 0}
	for _, s := range window.ByHaste(window.Default().At(a, noon)) {
		c.States = append(c.States, casework.WindowState{State: s})
	}
	return c
}

func (f *fakeClock) BeginIncident(_ context.Context, id amana.RecordID) (amana.RecordID, error) {
	f.noted = append(f.noted, "incident "+id.String())
	return recordID(21), f.refuses
}

func (f *fakeClock) Table(name string) (casework.Table, error) {
	t := casework.Table{Name: name, Version: "amana-1", Signed: f.signed[name]}
	switch name {
	case casework.WindowTable:
		t.Content = window.Default().Encode()
	case casework.AgeTable:
		t.Content = child.Default().Write()
	case casework.NoticeTable:
		t.Content = casework.ReportingNotice{Country: "ML", Words: map[string]string{"fr": "Un avis inventé."}}.Encode()
	case casework.ConsentTable:
		t.Content = casework.ReportingNotice{}.Encode()
	case casework.TaskTable:
		t.Content = task.Defaults().Write()
	default:
		return t, amana.ErrNotFound
	}
	if own, there := f.edited[name]; there {
		t.Content, t.Own, t.Version = own, true, "2026-11-02 x"
	}
	return t, nil
}

func (f *fakeClock) EditTable(_ context.Context, name string, content []byte) error {
	if f.edited == nil {
		f.edited = map[string][]byte{}
	}
	f.edited[name] = content
	return f.refuses
}

func (f *fakeClock) SignTable(_ context.Context, _ string, s casework.SignOff) error {
	f.signing = s
	return f.refuses
}

// sampleClock is that of somebody who came at hour 70, and was given one of the
// treatments.
func sampleClock() *casework.Clock {
	at := noon.Add(-70 * time.Hour)
	c := &casework.Clock{Assault: record.Assault{Date: "2026-10-30", Time: "14:00"}, Dated: true}
	for _, s := range window.ByHaste(window.Default().At(window.Assault{Earliest: at, Latest: at.Add(time.Hour)}, noon)) {
		one := casework.WindowState{State: s}
		if s.ID == window.Tetanus {
			one.Outcome, one.When, one.By = "given", noon.Add(-time.Hour), memberID(2)
		}
		c.States = append(c.States, one)
	}
	return c
}

func sampleUrgent() []casework.UrgentCase {
	rows := sampleRows()
	exact, day := noon.Add(-70*time.Hour), noon.Add(-90*time.Hour)
	states := func(a window.Assault) (list []window.State) {
		for _, s := range window.ByHaste(window.Default().At(a, noon)) {
			if s.Pressing() {
				list = append(list, s)
			}
		}
		return list
	}
	return []casework.UrgentCase{
		{CaseRow: rows[0], States: states(window.Assault{Earliest: exact, Latest: exact})},
		{CaseRow: rows[1], States: states(window.Assault{Earliest: day, Latest: day.Add(24 * time.Hour)})},
		{CaseRow: rows[3], States: states(window.Assault{})},
	}
}

func sampleIncidents() []casework.Incident {
	values := casework.Values{
		"incident_code": event.Text("4F7K-0A9Z-3"), "incident_date": event.Text("2026-10-30"), "incident_time": event.Text("14:00"),
		"date_of_first_report": event.Text("2026-11-02"), "age": event.Int(23), "estimated": event.Bool(true),
		"type_penetration": event.Bool(false), "type_sexual_contact": event.Bool(true), "abduction_status_time_of_incident": event.Text("trafficked"),
		"incident_camp_town": event.Text("Puits"), "consent_reporting": event.Bool(true), "alleged_perpetrator/a/perpetrator_sex": event.Text("male"),
	}
	return []casework.Incident{
		sampleIncident(21, values),
		sampleIncident(22, casework.Values{"incident_code": event.Text("9Z7K-0A9Z-3"), "type_penetration": event.Say(event.Declined), "type_physical_assault": event.Bool(true)}),
		sampleIncident(23, casework.Values{"incident_date": event.Text("2024"), gbv.FieldType: event.Text(gbv.ForcedMarriage), "age": event.Int(17), "consent_reporting": event.Bool(false)}),
	}
}

func sampleIncident(id byte, v casework.Values) casework.Incident {
	in := casework.Incident{
		ID: recordID(id), Part: casework.Part{ID: recordID(id), Version: 7}, Begun: noon, By: memberID(2), Code: v["incident_code"].Reveal(), Values: v,
		Type: gbv.Type(v), Decision: gbv.TypeOf(v), Number: gbv.NumberOfPerpetrators(v), Age: gbv.AgeAt(v, nil),
		Elapsed: gbv.Elapsed(v["date_of_first_report"].Reveal(), v["incident_date"].Reveal()),
	}
	in.Contexts, in.Open = gbv.Contexts(v, nil)
	in.Part.Cells = []casework.Cell{{Field: record.Field{Name: "incident_date", Type: record.Date}, Name: "incident_date", Value: v["incident_date"], When: noon, By: memberID(2)}}
	return in
}
