package referral

import (
	"slices"
	"strconv"
	"time"

	"amana"
	"amana/internal/event"
)

// Item is one thing that may leave with a referral. Add, never rename: what she
// agreed to is recorded by them.
type Item string

// The items. The first stand in every package unless she strikes them; the next
// leave only if she agreed to them for this recipient; the last never leave.
const (
	ItemCode       Item = "code"
	ItemService    Item = "service"
	ItemAgeBand    Item = "age_band"
	ItemSex        Item = "sex"
	ItemLanguage   Item = "language"
	ItemUrgency    Item = "urgency"
	ItemWindows    Item = "windows"
	ItemCompany    Item = "accompaniment"
	ItemAccess     Item = "access_needs"
	ItemContact    Item = "safe_contact"
	ItemName       Item = "name"
	ItemNarrative  Item = "narrative"
	ItemBirth      Item = "date_of_birth"
	ItemPlace      Item = "place_of_stay"
	ItemAssessment Item = "assessment"
	ItemIncident   Item = "incident"
)

// Minimal returns the items of every package, in order.
func Minimal() []Item {
	return []Item{ItemService, ItemCode, ItemUrgency, ItemWindows, ItemAgeBand, ItemSex, ItemLanguage, ItemCompany}
}

// Extra returns the items that leave only if she agreed to each.
func Extra() []Item { return []Item{ItemContact, ItemAccess, ItemName, ItemNarrative} }

// Never returns what never leaves with a referral.
func Never() []Item { return []Item{ItemBirth, ItemPlace, ItemAssessment, ItemIncident} }

// Asked returns the items that she is asked about.
func Asked() []Item { return append(Minimal(), Extra()...) }

// ageBands are the GBVIMS age groups, by the first age of each.
var ageBands = []struct {
	from int64
	id   string
}{{61, "61+"}, {41, "41_60"}, {26, "26_40"}, {18, "18_25"}, {12, "12_17"}, {0, "0_11"}}

// AgeBand returns the GBVIMS age group for an age, or for a date of birth where no
// age is known, or "". It never returns more than the band.
func AgeBand(age, birth event.Value, now time.Time) string {
	years, ok := age.Int()
	if n, err := strconv.ParseInt(age.Reveal(), 10, 32); err == nil {
		years, ok = n, true
	}
	if born, known := parseDay(birth.Reveal()); !ok && known {
		years, ok = int64(now.Year()-born.Year()), true
		if len(birth.Reveal()) == len(time.DateOnly) && now.Format("01-02") < born.Format("01-02") {
			years--
		}
	}
	if !ok || years < 0 || years > 130 {
		return ""
	}
	for _, b := range ageBands {
		if years >= b.from {
			return b.id
		}
	}
	return ""
}

// Window is a treatment that works only for so long. Least and Most are how long
// it is still open from now: two, where nobody knows exactly since when. It has
// closed where Most is nothing.
type Window struct {
	ID          string
	Least, Most time.Duration
}

// presses reports whether its hours count.
func (w Window) presses() bool { return w.Most > 0 && w.Least <= longestWindow }

// HoursLeft is a window as it leaves: whole hours, rounded down. Unsure means that
// there may be more, or that it may have closed: to act as if it were open.
type HoursLeft struct {
	ID     string
	Hours  int
	Unsure bool
}

func hoursLeft(all []Window) []HoursLeft {
	var open []HoursLeft
	for _, w := range all {
		if w.presses() {
			open = append(open, HoursLeft{w.ID, int(max(w.Least, 0) / time.Hour), w.Least != w.Most})
		}
	}
	slices.SortStableFunc(open, func(a, b HoursLeft) int { return a.Hours - b.Hours })
	return open
}

// Line says of one item whether it leaves, and why or why not.
type Line struct {
	Item  Item
	In    bool
	Why   string // the key of a message
	Asked bool   // she can be asked about it
	// What leaves. Of an item that does not leave, nothing is here.
	Option  string        // the id of a choice: age band, sex, language, urgency, service, yes or no
	Options []string      // several
	Words   amana.Private // her own words, a name, a number
	Hours   []HoursLeft
}
