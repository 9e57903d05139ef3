package record_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

func consent(d amana.Decision, until, conditions string) event.Fact {
	return event.Consented{
		Purpose: amana.PurposeReferral, Recipient: amana.Conceal("hospital"), Decision: d,
		Until: until, Conditions: amana.Conceal(conditions),
	}
}

func TestConsents_oneAfterTheOther(t *testing.T) {
	r := record.Fold(recordID, []record.Entry{
		at(1, deviceA, begun(amana.KindConsent), consent(amana.Granted, "", ""),
			event.Consented{Purpose: "new_purpose", Decision: amana.Granted}, event.Consented{Purpose: amana.PurposeCare, Decision: amana.Refused}),
		at(2, deviceA, consent(amana.Withdrawn, "", "")),
		seeing(2, at(3, deviceB, consent(amana.Granted, "2026-06", ""))),
	})
	var order []amana.Purpose
	for _, c := range r.Consents() {
		order = append(order, c.Purpose)
	}
	if want := []amana.Purpose{amana.PurposeCare, amana.PurposeReferral, "new_purpose"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	c := r.Consent(amana.PurposeReferral, amana.Conceal("hospital"))
	if c.Decision != amana.Granted || c.Conflict || c.By != joseph || c.Time != 3 {
		t.Errorf("referral: %s by %s at %d", c.Decision, c.By, c.Time)
	}
	if c := r.Consent(amana.PurposeReferral, amana.Private{}); c.Decision != amana.NotAsked || c.Holds(noon) {
		t.Errorf("referral to anybody: %s", c.Decision)
	}
}

func TestConsents_theNarrowerHolds(t *testing.T) {
	tests := []struct {
		name       string
		here, then event.Fact // at the same time, on two devices
		decision   amana.Decision
		until      string
		conditions string
		conflict   bool
	}{
		{"granted and withdrawn", consent(amana.Granted, "", ""), consent(amana.Withdrawn, "", ""), amana.Withdrawn, "", "", true},
		{"granted and refused", consent(amana.Granted, "", ""), consent(amana.Refused, "", ""), amana.Refused, "", "", true},
		{"granted and not asked", consent(amana.Granted, "", ""), consent(amana.NotAsked, "", ""), amana.NotAsked, "", "", true},
		{"refused and withdrawn", consent(amana.Refused, "", ""), consent(amana.Withdrawn, "", ""), amana.Withdrawn, "", "", true},
		{"granted and a decision of a newer amana", consent(amana.Granted, "", ""), consent("new", "", ""), "new", "", "", true},
		{"granted for ever and for a while", consent(amana.Granted, "", ""), consent(amana.Granted, "2026-06", ""), amana.Granted, "2026-06", "", true},
		{"granted for a month and for some days of it", consent(amana.Granted, "2026-06", ""), consent(amana.Granted, "2026-06-15", ""), amana.Granted, "2026-06-15", "", true},
		{"granted for a year and for a month", consent(amana.Granted, "2026", ""), consent(amana.Granted, "2026-06", ""), amana.Granted, "2026-06", "", true},
		{"an end that cannot be read", consent(amana.Granted, "2026-06", ""), consent(amana.Granted, "soon", ""), amana.Granted, "soon", "", true},
		{"granted with a condition and without", consent(amana.Granted, "", "by phone"), consent(amana.Granted, "", ""), amana.Granted, "", "by phone", true},
		{"an end here, a condition there", consent(amana.Granted, "2026-06", ""), consent(amana.Granted, "", "by phone"), amana.Granted, "2026-06", "by phone", true},
		{"two conditions", consent(amana.Granted, "", "by phone"), consent(amana.Granted, "", "not at home"), amana.Granted, "", "by phone\nnot at home", true},
		{"the same", consent(amana.Granted, "2026-06", "by phone"), consent(amana.Granted, "2026-06", "by phone"), amana.Granted, "2026-06", "by phone", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, swap := range []bool{false, true} {
				x, y := deviceA, deviceB
				if swap {
					x, y = y, x
				}
				r := record.Fold(recordID, []record.Entry{at(1, x, tt.here), at(2, y, tt.then)})
				c := r.Consents()[0]
				if c.Decision != tt.decision || c.Until != tt.until || c.Conditions.Reveal() != tt.conditions || c.Conflict != tt.conflict {
					t.Errorf("got %s until %q, conflict %v", c.Decision, c.Until, c.Conflict)
				}
				if got := r.Conflicts(); (got == 1) != tt.conflict {
					t.Errorf("%d conflicts", got)
				}
			}
		})
	}
}

func TestConsents_askedAgainByOneWhoSawBoth(t *testing.T) {
	both := []record.Entry{at(1, deviceA, consent(amana.Withdrawn, "", "")), at(2, deviceB, consent(amana.Granted, "", ""))}
	r := record.Fold(recordID, append(both, at(3, deviceB, consent(amana.Granted, "", ""))))
	if c := r.Consents()[0]; c.Decision != amana.Withdrawn || !c.Conflict {
		t.Errorf("by one who saw only her own: %s", c.Decision)
	}
	r = record.Fold(recordID, append(both, seeing(2, at(3, deviceB, consent(amana.Granted, "", "")))))
	if c := r.Consents()[0]; c.Decision != amana.Granted || c.Conflict || !c.Holds(noon) {
		t.Errorf("by one who saw both: %s", c.Decision)
	}
}

// Whatever else two devices say, at whatever times, while they are apart: where
// one says no, it is no when they meet.
func TestConsents_whereverTwoDevicesMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		apart := func(name string, device amana.DeviceID) (own []record.Entry, last event.Consented) {
			time := uint64(10)
			for range rapid.IntRange(1, 4).Draw(t, name) {
				time += rapid.Uint64Range(1, 5).Draw(t, "pause")
				last = consent(rapid.SampledFrom(decisions).Draw(t, "decision"),
					rapid.SampledFrom([]string{"", "2026", "2026-06", "2027-01-01"}).Draw(t, "until"),
					rapid.SampledFrom([]string{"", "by phone"}).Draw(t, "conditions")).(event.Consented)
				e := at(time, device, last)
				if len(own) == 0 {
					e.Body.Seen = 1 // the record as it was when they parted
				}
				own = append(own, e)
			}
			return own, last
		}
		a, lastA := apart("here", deviceA)
		b, lastB := apart("there", deviceB)
		all := append([]record.Entry{at(1, deviceA, begun(amana.KindConsent), consent(amana.Granted, "", ""))}, a...)
		all = append(all, b...)

		alone := func(c event.Consented, now time.Time) bool { return record.ConsentState{Consented: c}.Holds(now) }
		r := record.Fold(recordID, shuffled(t, all))
		met := r.Consents()[0]
		for _, now := range []time.Time{noon, noon.AddDate(0, 6, 0), noon.AddDate(2, 0, 0)} {
			if want := alone(lastA, now) && alone(lastB, now); met.Holds(now) != want {
				t.Fatalf("holds %v, want %v: %s until %q, %s until %q, met %s until %q",
					!want, want, lastA.Decision, lastA.Until, lastB.Decision, lastB.Until, met.Decision, met.Until)
			}
		}
		made := !lastA.Conditions.IsEmpty() || !lastB.Conditions.IsEmpty()
		if met.Decision == amana.Granted && made && met.Conditions.IsEmpty() {
			t.Fatalf("a condition got lost")
		}
	})
}

func TestConsentState_Holds(t *testing.T) {
	bamako := time.FixedZone("", 0)
	tests := []struct {
		name     string
		decision amana.Decision
		until    string
		now      time.Time
		want     bool
	}{
		{"granted without an end", amana.Granted, "", noon, true},
		{"refused", amana.Refused, "", noon, false},
		{"nothing said", "", "", noon, false},
		{"on the last day", amana.Granted, "2026-03-10", noon, true},
		{"at its last minute", amana.Granted, "2026-03-10", time.Date(2026, 3, 10, 23, 59, 59, 0, bamako), true},
		{"the day after", amana.Granted, "2026-03-10", time.Date(2026, 3, 11, 0, 0, 0, 0, bamako), false},
		{"in the last month", amana.Granted, "2026-03", time.Date(2026, 3, 31, 23, 0, 0, 0, bamako), true},
		{"the month after", amana.Granted, "2026-03", time.Date(2026, 4, 1, 0, 0, 0, 0, bamako), false},
		{"in the last year", amana.Granted, "2026", time.Date(2026, 12, 31, 23, 0, 0, 0, bamako), true},
		{"the year after", amana.Granted, "2026", time.Date(2027, 1, 1, 0, 0, 0, 0, bamako), false},
		{"an end that is no date", amana.Granted, "next week", noon, false},
		{"an end that does not exist", amana.Granted, "2026-13", noon, false},
	}
	for _, tt := range tests {
		c := record.ConsentState{Consented: event.Consented{Decision: tt.decision, Until: tt.until}}
		if got := c.Holds(tt.now); got != tt.want {
			t.Errorf("%s: holds = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestCheckConsent(t *testing.T) {
	good := event.Consented{
		Purpose: amana.PurposeReferral, Recipient: amana.Conceal("hospital"), Decision: amana.Granted, Until: "2026-06",
		GivenBy: "guardian_with_assent", How: "thumbprint", Language: "bam", Conditions: amana.Conceal("by phone\nnot at home"),
	}
	tests := []struct {
		part   string
		change func(*event.Consented)
		want   record.Fault
	}{
		{"purpose", func(c *event.Consented) { c.Purpose = canary }, record.FaultOption},
		{"decision", func(c *event.Consented) { c.Decision = "" }, record.FaultOption},
		{"until", func(c *event.Consented) { c.Until = "2026-06-31" }, record.FaultDate},
		{"recipient", func(c *event.Consented) { c.Recipient = amana.Conceal("a\u202eb") }, record.FaultText},
		{"conditions", func(c *event.Consented) { c.Conditions = amana.Conceal("a\x00") }, record.FaultText},
		{"given_by", func(c *event.Consented) { c.GivenBy = canary }, record.FaultOption},
		{"how", func(c *event.Consented) { c.How = canary }, record.FaultOption},
		{"language", func(c *event.Consented) { c.Language = canary }, record.FaultOption},
	}
	for _, c := range []event.Consented{good, {Purpose: amana.PurposeCare, Decision: amana.Refused}} {
		if faults := record.CheckConsent(c); len(faults) != 0 {
			t.Errorf("faults %v in a good answer", faults)
		}
	}
	for _, tt := range tests {
		bad := good
		tt.change(&bad)
		if faults := record.CheckConsent(bad); len(faults) != 1 || faults[tt.part] != tt.want {
			t.Errorf("%s: faults %v, want %s", tt.part, faults, tt.want)
		}
	}
}

func forCourt(d amana.Decision, whom string) event.Fact {
	return event.Consented{Purpose: amana.PurposeAccountability, Recipient: amana.Conceal(whom), Decision: d}
}

func itemFor(d amana.Decision, whom string) event.Fact {
	return event.ConsentedItem{Purpose: amana.PurposeAccountability, Recipient: amana.Conceal(whom), Item: "account", Decision: d}
}

// A no to all on one device, a yes to one court on another: the no holds wherever
// they meet, whichever clock is ahead, until somebody who saw both asks her again.
func TestConsents_noToAllMeetsYesToOne(t *testing.T) {
	court := amana.Conceal("the court")
	for _, yesFirst := range []bool{true, false} {
		yes, no := uint64(2), uint64(3)
		if !yesFirst {
			yes, no = no, yes
		}
		entries := []record.Entry{
			at(1, deviceA, begun(amana.KindConsent)),
			seeing(1, at(yes, deviceA, forCourt(amana.Granted, "the court"), itemFor(amana.Granted, "the court"))),
			seeing(1, at(no, deviceB, forCourt(amana.Withdrawn, ""), itemFor(amana.Withdrawn, ""))),
		}
		r := record.Fold(recordID, entries)
		if c := r.Consent(amana.PurposeAccountability, court); c.Decision != amana.Withdrawn || !c.Conflict {
			t.Errorf("yes first %v: %s, conflict %v", yesFirst, c.Decision, c.Conflict)
		}
		var items []amana.Decision
		for _, c := range r.ItemConsents() {
			items = append(items, c.Decision)
			if c.Item != "account" {
				t.Errorf("item %q", c.Item)
			}
		}
		if !slices.Equal(items, []amana.Decision{amana.Withdrawn, amana.Withdrawn}) {
			t.Errorf("yes first %v: items %v", yesFirst, items)
		}
		if r.Unknown != 0 {
			t.Errorf("%d facts were not understood", r.Unknown)
		}
		again := append(entries, seeing(3, at(4, deviceA, forCourt(amana.Granted, "the court"))))
		r = record.Fold(recordID, again)
		if c := r.Consent(amana.PurposeAccountability, court); c.Decision != amana.Granted || c.Conflict {
			t.Errorf("asked again: %s, conflict %v", c.Decision, c.Conflict)
		}
	}
}

func TestReleases(t *testing.T) {
	left := event.Released{Release: amana.RecordID{9}, Purpose: amana.PurposePublication, Format: "brief", Whole: []string{"a"}}
	r := record.Fold(recordID, []record.Entry{at(1, deviceA, begun(amana.KindConsent)), at(2, deviceA, left)})
	got := r.Releases()
	if len(got) != 1 || got[0].Release != left.Release || got[0].By != mariam || r.Unknown != 0 || r.Updated != 2 {
		t.Errorf("%+v, unknown %d, updated %d", got, r.Unknown, r.Updated)
	}
	if ch := r.Changes(); ch[len(ch)-1].What != record.Left {
		t.Errorf("timeline says %s", ch[len(ch)-1].What)
	}
}
