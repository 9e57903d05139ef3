package referral_test

import (
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/referral"
)

var ways = []string{referral.WayPhone, referral.WayMessage, referral.WayTrusted, referral.WayVisit}

// Requirement 37: "never contact" yields nothing at all: no message, no reminder, no
// number on anything, whatever else is ticked and agreed.
func TestContact_neverYieldsNothing(t *testing.T) {
	yes := answers(said(amana.PurposeContact, "", amana.Granted, "", 1))
	reachable := referral.Contact{Consents: yes, How: event.List(ways...), Phone: amana.Conceal(herPhone)}
	if n := len(reachable.Reminders("2026-03-12", noon)); n != len(ways) {
		t.Fatalf("%d reminders where she agreed to all, want %d: this test would prove nothing", n, len(ways))
	}
	with := func(change func(*referral.Contact)) referral.Contact {
		c := reachable
		change(&c)
		return c
	}
	answered := func(d amana.Decision, until string) referral.Contact {
		return with(func(c *referral.Contact) { c.Consents = answers(said(amana.PurposeContact, "", d, until, 1)) })
	}
	tests := map[string]referral.Contact{
		"never":                      with(func(c *referral.Contact) { c.How = event.List("never") }),
		"never, among others":        with(func(c *referral.Contact) { c.How = event.List("phone_call", "never", "visit") }),
		"refused":                    answered(amana.Refused, ""),
		"withdrawn":                  answered(amana.Withdrawn, ""),
		"not asked":                  answered(amana.NotAsked, ""),
		"over":                       answered(amana.Granted, "2026-03-08"),
		"nothing recorded":           with(func(c *referral.Contact) { c.Consents = referral.Consents{} }),
		"for another purpose":        with(func(c *referral.Contact) { c.Consents = answers(said(amana.PurposeCare, "", amana.Granted, "", 1)) }),
		"an entry cannot be read":    with(func(c *referral.Contact) { c.Consents.Doubtful = true }),
		"no way was named":           with(func(c *referral.Contact) { c.How = event.Value{} }),
		"she declined to say":        with(func(c *referral.Contact) { c.How = event.Say(event.Declined) }),
		"only when she comes":        with(func(c *referral.Contact) { c.How = event.List(referral.WayWhenComes) }),
		"a way of a newer amana":     with(func(c *referral.Contact) { c.How = event.List("by_drone") }),
		"never, written as one text": with(func(c *referral.Contact) { c.How = event.Text("never") }),
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			for _, way := range append(slices.Clone(ways), referral.WayWhenComes, "never", "by_drone", "") {
				if c.May(way, noon) == nil {
					t.Errorf("she may be contacted by %q", way)
				}
				if r, err := c.Remind(way, "2026-03-12", noon); err == nil || !r.IsZero() {
					t.Errorf("a reminder by %q", way)
				}
			}
			if n := len(c.Ways(noon)) + len(c.Reminders("2026-03-12", noon)); n != 0 {
				t.Errorf("%d ways and reminders, want 0", n)
			}
			if c.Why(noon) == "" {
				t.Error("nobody is told why")
			}
			s, q := source(), request()
			s.Contact, q.Agreed = c, referral.Asked()
			p, err := compute(s, q, noon)
			if err != nil {
				t.Fatal(err)
			}
			if _, in := p.Line(referral.ItemContact); in || strings.Contains(everything(p), herPhone) {
				t.Error("her number leaves with the package")
			}
		})
	}
}

func TestContact_onlyByTheWayShe(t *testing.T) {
	c := referral.Contact{
		Consents: answers(said(amana.PurposeContact, "", amana.Granted, "", 1)), How: event.List(referral.WayTrusted), Phone: amana.Conceal(herPhone),
	}
	if got := c.Ways(noon); !slices.Equal(got, []string{referral.WayTrusted}) {
		t.Errorf("ways %v", got)
	}
	list := c.Reminders("2026-03-12", noon)
	if len(list) != 1 || list[0].Way() != referral.WayTrusted || !list[0].Phone().IsEmpty() {
		t.Errorf("reminders %v: a number where none is needed", list)
	}
	c.How = event.List(referral.WayPhone)
	c.Phone = amana.Private{}
	if n := len(c.Reminders("2026-03-12", noon)); n != 0 {
		t.Errorf("%d reminders by phone without a number", n)
	}
}
