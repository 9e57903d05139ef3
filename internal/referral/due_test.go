package referral_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/referral"
)

func TestOverdue(t *testing.T) {
	table := referral.Defaults()
	sent := []referral.State{referral.Draft, referral.Consented, referral.Sent}
	at := noon.Add(2 * time.Hour) // when it was sent
	tests := []struct {
		name    string
		states  []referral.State
		urgency referral.Urgency
		now     time.Time
		want    bool
	}{
		{"urgent, at 24 hours", sent, referral.Urgent, at.Add(24 * time.Hour), false},
		{"urgent, a second later", sent, referral.Urgent, at.Add(24*time.Hour + time.Second), true},
		{"high, at 72 hours", sent, referral.High, at.Add(72 * time.Hour), false},
		{"high, a second later", sent, referral.High, at.Add(72*time.Hour + time.Second), true},
		{"normal, after six days", sent, referral.Normal, at.AddDate(0, 0, 6), false},
		{"normal, after eight days", sent, referral.Normal, at.AddDate(0, 0, 8), true},
		{"nobody said how urgent", sent, "", at.Add(25 * time.Hour), true},
		{"agreed and never sent", sent[:2], referral.Urgent, at.Add(25 * time.Hour), true},
		{"she was not told", append(slices.Clone(sent), referral.ServiceReceived), referral.Urgent, at.AddDate(0, 0, 9), true},
		{"closed long ago", append(slices.Clone(sent), referral.ServiceReceived, referral.Closed), referral.Urgent, at.AddDate(1, 0, 0), false},
		{"withdrawn long ago", append(slices.Clone(sent), referral.Withdrawn), referral.Urgent, at.AddDate(1, 0, 0), false},
	}
	for _, tt := range tests {
		if got := table.Overdue(referral.CourseOf(course(tt.states...)), tt.urgency, tt.now); got != tt.want {
			t.Errorf("%s: overdue %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestUrgencyOf(t *testing.T) {
	open := []referral.Window{{ID: "pep", Least: time.Hour, Most: time.Hour}}
	for _, tt := range []struct {
		risk    string
		windows []referral.Window
		want    referral.Urgency
	}{
		{"low", open, referral.Urgent},
		{"high", nil, referral.High},
		{"low", []referral.Window{{ID: "pep", Least: -time.Hour, Most: -time.Hour}}, referral.Normal},
		{"", []referral.Window{{ID: "hepb", Least: 90 * 24 * time.Hour, Most: 90 * 24 * time.Hour}}, referral.Normal},
	} {
		if got := referral.UrgencyOf(tt.risk, tt.windows); got != tt.want {
			t.Errorf("%s, %v: %s, want %s", tt.risk, tt.windows, got, tt.want)
		}
	}
}

func TestTable(t *testing.T) {
	d := referral.Defaults()
	back, err := referral.ReadTable(d.Bytes())
	if err != nil || back.Ask[referral.Urgent] != 24 || !slices.Equal(back.Days, d.Days) {
		t.Errorf("read back %v, %v", back, err)
	}
	for name, text := range map[string]string{
		"nothing": "", "no table": "[]", "no numbers": "{}",
		"never ask":    `{"ask_after_hours":{"urgent":0,"high":72,"normal":168},"see_within_days":{"high":3,"medium":7,"low":28},"tell_her_after_days":7}`,
		"out of order": `{"ask_after_hours":{"urgent":1,"high":72,"normal":168},"see_within_days":{"high":3,"medium":7,"low":28},"follow_up_at_days":[30,14],"tell_her_after_days":7}`,
	} {
		if _, err := referral.ReadTable([]byte(text)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

func TestProposals(t *testing.T) {
	table := referral.Defaults()
	opened := time.Date(2026, 1, 1, 9, 30, 0, 0, time.UTC)
	days := func(list []referral.Proposal) (out []string) {
		for _, p := range list {
			out = append(out, p.Day.Format(time.DateOnly))
		}
		return out
	}
	tests := []struct {
		name, risk    string
		now           time.Time
		planned, done []string
		want          []string
	}{
		{"a new case", "", opened, nil, nil, []string{"2026-01-15", "2026-01-31", "2026-04-02", "2026-07-02"}},
		{"of high risk", "high", opened, nil, nil, []string{"2026-01-04", "2026-01-15", "2026-01-31", "2026-04-02", "2026-07-02"}},
		{"seen at two weeks", "", opened, nil, []string{"2026-01-14"}, []string{"2026-01-31", "2026-04-02", "2026-07-02"}},
		{"risk counts from the last time", "medium", opened, nil, []string{"2026-01-14"}, []string{"2026-01-21", "2026-01-31", "2026-04-02", "2026-07-02"}},
		{"planned already", "", opened, []string{"2026-01-15"}, nil, []string{"2026-01-31", "2026-04-02", "2026-07-02"}},
		{"late is today, once", "high", opened.AddDate(0, 1, 9), nil, nil, []string{"2026-02-10", "2026-04-02", "2026-07-02"}},
	}
	for _, tt := range tests {
		if got := days(table.Proposals(tt.risk, opened, tt.now, tt.planned, tt.done)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Requirement 19: the completion that is told equals a count by hand.
func TestMeasure_equalsAHandCount(t *testing.T) {
	const d, c, s = referral.Draft, referral.Consented, referral.Sent
	var m referral.Measure
	byHand := struct{ all, consented, received int }{}
	count := func(n int, consented, received bool, states ...referral.State) {
		for range n {
			m.Count(referral.CourseOf(course(states...)))
			byHand.all++
			if consented {
				byHand.consented++
			}
			if received {
				byHand.received++
			}
		}
	}
	count(3, false, false, d)
	count(2, false, false, d, referral.Withdrawn)
	count(4, true, false, d, c)
	count(5, true, false, d, c, s)
	count(6, true, true, d, c, s, referral.ServiceReceived) // on paper: her own word
	count(4, true, true, d, c, s, referral.Accepted, referral.ServiceReceived, referral.Closed)
	count(2, true, false, d, c, s, referral.NotReceived)
	count(1, true, false, d, c, s, referral.Declined)
	count(1, true, true, d, c, s, referral.Expired, referral.ServiceReceived)    // late news
	count(1, true, false, d, c, s, referral.Withdrawn, referral.ServiceReceived) // no move: she withdrew
	if m.All != byHand.all || m.Consented != byHand.consented || m.Received != byHand.received {
		t.Errorf("counted %d %d %d, by hand %v", m.All, m.Consented, m.Received, byHand)
	}
	want := (200*byHand.received + byHand.consented) / (2 * byHand.consented)
	if got, ok := m.Completion(); !ok || got != want {
		t.Errorf("completion %d %v, by hand %d", got, ok, want)
	}
	if m.Waiting != 5 || m.NotReceived != 2 || m.Declined != 1 || m.Withdrawn != 3 || m.Expired != 1 {
		t.Errorf("%+v", m)
	}
	if h, ok := m.Median(); !ok || h != 2*time.Hour { // 6 after 2 h, 4 after 3 h, 1 after 3 h
		t.Errorf("median %v %v, want 2h", h, ok)
	}
}

func TestMeasure_tellsNoPercentageOfAFew(t *testing.T) {
	var m referral.Measure
	for range 19 {
		m.Count(referral.CourseOf(course(referral.Draft, referral.Consented, referral.Sent, referral.ServiceReceived)))
	}
	if _, ok := m.Completion(); ok {
		t.Error("a percentage of 19")
	}
	m.Count(referral.CourseOf(course(referral.Draft, referral.Consented)))
	if p, ok := m.Completion(); !ok || p != 95 {
		t.Errorf("%d %v, want 95", p, ok)
	}
}
