package casework_test

import (
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/stats"
)

// What another computer wrote earlier and brings later is counted as soon as it is here,
// though the last thing that was changed is the same as before.
func TestFigures_whatCameLateIsCounted(t *testing.T) {
	h := newHouse(t)
	var care amana.TeamID
	for _, team := range h.admin.Me().Teams {
		if team.Compartment == amana.Care {
			care = team.ID
		}
	}
	id, err := h.admin.OpenCase(t.Context(), casework.Intake{
		Team: care, Case: casework.Values{"sex": event.Text("female"), "age": event.Int(30)},
		Consents: []casework.Consent{{Purpose: amana.PurposeStatistics, Decision: amana.Granted}},
	})
	if err != nil {
		t.Fatal(err)
	}
	incident, err := h.admin.BeginIncident(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	second := h.at(t, h.elsewhere(t, h.admin), adminWords)
	meet(t, h.admin, second)
	write := func(d *casework.Desk, field, value string) {
		t.Helper()
		if err := d.ChangeRecord(t.Context(), id, casework.Change{Record: incident, Values: casework.Values{field: event.Text(value)}}); err != nil {
			t.Fatal(err)
		}
	}
	month := h.now.Format("2006-01")
	ask := casework.Counting{First: month, Last: month, Basis: stats.ByReport, Group: stats.Month}
	count := func(d *casework.Desk) (n int) {
		t.Helper()
		f := counted(t, d, ask)
		table := f.Counts.Table("type")
		for i, id := range table.RowIDs {
			if id == "rape" {
				n = table.At(i, -1, -1)
			}
		}
		return n
	}
	write(second, "gbv_sexual_violence_type", "rape") // at nine
	h.now = h.now.Add(time.Hour)
	write(h.admin, "incident_timeofday", "morning") // at ten
	if n := count(h.admin); n != 0 {
		t.Fatalf("%d counted before it came", n)
	}
	meet(t, h.admin, second)
	if n := count(h.admin); n != 1 {
		t.Errorf("%d counted after it came, want 1", n)
	}
}

// What somebody claims to have happened stands alone and belongs to no care: it is not
// among the incidents that are counted, nor among those left out.
func TestFigures_claimsAreNotCounted(t *testing.T) {
	h := newHouse(t)
	if _, err := h.admin.BeginClaim(t.Context(), amana.KindIncident, vals("event_title", "x", "event_scope", "event", "event_from", "2026-03-02")); err != nil {
		t.Fatal(err)
	}
	month := h.now.Format("2006-01")
	f := counted(t, h.admin, casework.Counting{First: month, Last: month, Basis: stats.ByReport, Group: stats.Month})
	if f.Incidents != 0 || f.Counts.Left != (stats.Left{}) {
		t.Errorf("%d incidents, %+v left out", f.Incidents, f.Counts.Left)
	}
}
