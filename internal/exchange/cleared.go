package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/release"
)

// An incident leaves for counting as a row of codes: what the columns of the Incident
// Recorder hold, and nothing else of the record. [Record] is what is asked of the gate
// for it, and [RecorderWriter.Add] takes what the gate cleared and nothing besides.

// Record returns an incident for the gate. Answers are all that stand in the consents
// of its case; whoever could not read them whole asks nothing. Where answers differ,
// the narrower holds, whoever they were for: a refusal or a withdrawal anywhere keeps
// it here, so does an answer that has ended, and so does an incident that was told
// without sharing. A yes to one recipient opens it to that one. Where nobody asked, it
// stays.
//
// All columns are codes but one: of a date of birth the day is not told, see [aged].
func Record(id, caseID amana.RecordID, incident Values, answers []record.ConsentState, now time.Time) release.Record {
	r := release.Record{
		ID: id, Kind: amana.KindIncident, Subject: caseID, Consents: release.Consents{States: narrowed(incident, answers, now)},
	}
	for _, name := range slices.Sorted(maps.Keys(incident)) {
		if !leaves(name) {
			continue
		}
		f := release.Field{Name: name, Class: release.Coded, Value: incident[name]}
		if name == "date_of_birth" {
			f.Class, f.Coarse = release.Age, aged(incident)
		}
		r.Fields = append(r.Fields, f)
	}
	if incident["consent_reporting"].IsZero() {
		r.Fields = append(r.Fields, release.Field{Name: "consent_reporting", Class: release.Coded, Value: event.Bool(true)})
	}
	return r
}

// narrowed are her answers about being counted, with the one that came with the
// incident: what says no to anybody says it to all, for good.
func narrowed(incident Values, answers []record.ConsentState, now time.Time) (states []record.ConsentState) {
	latest := uint64(0)
	for _, a := range answers {
		if a.Purpose == amana.PurposeStatistics {
			latest = max(latest, a.Time)
		}
	}
	for _, a := range answers {
		if a.Purpose != amana.PurposeStatistics || a.Decision == amana.NotAsked {
			continue
		}
		if !a.Holds(now) {
			a.Recipient, a.Time = amana.Private{}, latest
		}
		states = append(states, a)
	}
	said := incident["consent_reporting"]
	if said.IsZero() {
		return states
	}
	with := record.ConsentState{Time: latest, Consented: event.Consented{Purpose: amana.PurposeStatistics, Decision: amana.Refused}}
	if yes, is := said.Bool(); is && yes {
		with.Decision = amana.Granted
	}
	return append(states, with)
}

// aged is a date of birth without the birthday: the day of the interview, so many
// years before, so that the age at the interview is as it was. Where one of the two is
// not known to the day, the year.
func aged(incident Values) event.Value {
	text := incident["date_of_birth"].Reveal()
	if !record.IsDate(text) {
		return event.Value{}
	}
	born, err := time.Parse(time.DateOnly, text)
	told, err2 := time.Parse(time.DateOnly, incident["date_of_first_report"].Reveal())
	if err != nil || err2 != nil || told.Before(born) {
		return event.Text(text[:len("2006")])
	}
	years := told.Year() - born.Year()
	if told.Format("01-02") < born.Format("01-02") {
		years--
	}
	return event.Text(told.AddDate(-years, 0, 0).Format(time.DateOnly))
}

// leaves reports whether the sheet has a column for a field.
func leaves(name string) bool {
	list, rest, inList := strings.Cut(name, "/")
	if inList && list != Imported {
		_, field, _ := strings.Cut(rest, "/")
		name = item(list, field)
	}
	switch name {
	case item(perpetrator, "primary_perpetrator"), item(perpetrator, "age_type"), kept + "perpetrator_sex":
		return true
	}
	return slices.ContainsFunc(recorder, func(t Target) bool { return t.Name == name })
}

// Add writes the incidents that the gate cleared for a workbook. Kinds: ErrRefused for
// what was not cleared as one, and those of the writer.
func (r *RecorderWriter) Add(c release.Cleared) error {
	if err := c.For(string(Recorder)); err != nil {
		return fmt.Errorf("exchange: %w", err)
	}
	for _, d := range c.Records() {
		if !d.Leaves() {
			continue
		}
		v := Values{}
		for _, l := range d.Lines {
			if l.Verdict != release.Withheld {
				v[l.Name] = l.Value
			}
		}
		if err := r.add(v); err != nil {
			return err
		}
	}
	return nil
}
