package exchange

import (
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Cleared is one incident as it may leave for counting: what the columns of the
// Incident Recorder hold, and nothing else of the record. [Clear] alone makes one, so
// that whoever writes a workbook has asked her consent. The zero Cleared says nothing.
type Cleared struct{ values Values }

// Clear asks whether an incident may leave for statistics that name nobody, and
// returns what may. answers are all that stand in the consents of its case. Where they
// differ, the narrower holds: a refusal or a withdrawal anywhere keeps it here, so
// does an answer whose end has passed, and so does an incident that was told without
// sharing. Where nobody asked, it stays.
func Clear(incident Values, answers []record.ConsentState, now time.Time) (Cleared, bool) {
	granted := false
	for _, a := range answers {
		if a.Purpose != amana.PurposeStatistics {
			continue
		}
		switch a.Decision {
		case amana.Refused, amana.Withdrawn:
			return Cleared{}, false
		case amana.Granted:
			if !a.Holds(now) {
				return Cleared{}, false
			}
			granted = granted || a.Recipient.IsEmpty() // to one recipient is not to whoever counts
		case amana.NotAsked:
		}
	}
	said := incident["consent_reporting"]
	yes, isYesNo := said.Bool()
	if !said.IsZero() && (!isYesNo || !yes) || said.IsZero() && !granted {
		return Cleared{}, false
	}
	out := Values{}
	for name, v := range incident {
		if leaves(name) {
			out[name] = v
		}
	}
	if said.IsZero() {
		out["consent_reporting"] = event.Bool(true)
	}
	return Cleared{out}, true
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

// Named returns c with the id that the sheet is to show, where the incident has none
// from elsewhere.
func (c Cleared) Named(id string) Cleared {
	if c.values == nil || !c.values["incidentid_ir"].IsZero() {
		return c
	}
	c.values["incidentid_ir"] = event.Text(id)
	return c
}
