package referral

import (
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Ways in which she may be reached: the options of the field contact_how.
const (
	WayPhone     = "phone_call"
	WayMessage   = "text_message"
	WayTrusted   = "through_trusted_person"
	WayVisit     = "visit"
	WayWhenComes = "only_when_she_comes"
	wayNever     = "never"
)

// outward are the ways by which somebody turns to her.
var outward = []string{WayPhone, WayMessage, WayTrusted, WayVisit}

// Contact is how she may be reached, as the case has it.
type Contact struct {
	Consents Consents
	How      event.Value   // contact_how
	Phone    amana.Private // contact_phone
	Notes    amana.Private // contact_notes: when, and what to say
}

// May returns nil if she may be contacted in this way now, or a [*RefusedError].
// Amana itself never contacts anybody; this says whether it shows how.
func (c Contact) May(way string, now time.Time) error {
	how := c.How.RevealList()
	s, asked := c.Consents.Standing(amana.PurposeContact, amana.Private{})
	switch {
	case slices.Contains(how, wayNever):
		return refused("referral.contact.never")
	case c.Consents.Doubtful:
		return refused("referral.refused.doubtful")
	case !asked:
		return refused("referral.contact.not_asked")
	case !s.Holds(now):
		return contactRefusal(s)
	case !slices.Contains(outward, way) || !slices.Contains(how, way):
		return refused("referral.contact.not_this_way")
	}
	return nil
}

func contactRefusal(s record.ConsentState) error {
	switch s.Decision {
	case amana.Granted:
		return refused("referral.contact.expired")
	case amana.Withdrawn:
		return refused("referral.contact.withdrawn")
	case amana.Refused:
		return refused("referral.contact.refused")
	case amana.NotAsked:
	}
	return refused("referral.contact.not_asked")
}

// Ways returns the ways in which she may be contacted now. None is "never", or
// "only when she comes".
func (c Contact) Ways(now time.Time) []string {
	var ways []string
	for _, w := range outward {
		if c.May(w, now) == nil {
			ways = append(ways, w)
		}
	}
	return ways
}

// Why returns the key of the reason for which there is no way at all, or "".
func (c Contact) Why(now time.Time) string {
	if len(c.Ways(now)) > 0 {
		return ""
	}
	if slices.Contains(c.How.RevealList(), WayWhenComes) {
		if err := c.May(WayWhenComes, now); whyOf(err) == "referral.contact.not_this_way" {
			return "referral.contact.when_she_comes"
		}
	}
	if why := whyOf(c.May("", now)); why != "referral.contact.not_this_way" {
		return why
	}
	return "referral.contact.no_way"
}

func whyOf(err error) string {
	if e, ok := err.(*RefusedError); ok { //nolint:errorlint // made here, never wrapped
		return e.Why
	}
	return ""
}

// Reminder is what may be said to her about a day, and by which way. Only
// [Contact.Remind] makes one; the zero Reminder says nothing. Its words come from
// the catalogue and name no service and no organisation.
type Reminder struct {
	way   string
	day   string
	phone amana.Private
	notes amana.Private
}

// Remind returns a reminder by this way of a day in ISO 8601, or a
// [*RefusedError] where she may not be contacted so.
func (c Contact) Remind(way, day string, now time.Time) (Reminder, error) {
	if err := c.May(way, now); err != nil {
		return Reminder{}, err
	}
	if !record.IsDate(day) {
		return Reminder{}, refused("referral.contact.no_day")
	}
	r := Reminder{way: way, day: day, notes: c.Notes}
	if way == WayPhone || way == WayMessage {
		if c.Phone.IsEmpty() {
			return Reminder{}, refused("referral.contact.no_number")
		}
		r.phone = c.Phone
	}
	return r, nil
}

// Reminders returns one reminder for each way that is open to her.
func (c Contact) Reminders(day string, now time.Time) []Reminder {
	var list []Reminder
	for _, w := range c.Ways(now) {
		if r, err := c.Remind(w, day, now); err == nil {
			list = append(list, r)
		}
	}
	return list
}

// IsZero reports whether nothing may be said.
func (r Reminder) IsZero() bool { return r.way == "" }

// Way returns the way.
func (r Reminder) Way() string { return r.way }

// Day returns the day in ISO 8601.
func (r Reminder) Day() string { return r.day }

// Phone returns the number, where the way takes one.
func (r Reminder) Phone() amana.Private { return r.phone }

// Notes returns what she said about when and how.
func (r Reminder) Notes() amana.Private { return r.notes }

// Text returns the key of the words to read out or to copy, with their argument:
// the same words whatever the appointment is.
func (r Reminder) Text() string { return "referral.remind.text" }
