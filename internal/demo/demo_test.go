package demo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/demo"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/record"
)

var noon = time.Date(2026, time.March, 18, 12, 0, 0, 0, time.UTC)

// told is a story in words, to compare two.
func told(s demo.Story) string {
	var b strings.Builder
	values := func(v casework.Values) {
		for _, kind := range []amana.Kind{amana.KindIdentity, amana.KindCase} {
			for _, f := range record.Fields(kind) {
				name := f.Name[strings.LastIndex(f.Name, "/")+1:]
				if x := v[name]; !x.IsZero() {
					n, _ := x.Int()
					fmt.Fprintln(&b, name, x.Type(), n, x.RevealList())
				}
			}
		}
	}
	fmt.Fprintln(&b, s.Code, s.Team, s.Author, s.Language, s.Opened)
	values(s.Identity)
	values(s.Case)
	for _, c := range s.Consents {
		fmt.Fprintln(&b, c.Purpose, c.Decision, c.Recipient.Reveal(), c.Until, c.Conditions.Reveal())
	}
	for _, n := range s.Notes {
		fmt.Fprintln(&b, n.When, n.By, n.Values["text"].Reveal())
	}
	for _, f := range s.FollowUps {
		fmt.Fprintln(&b, f.When, f.By)
		values(f.Values)
	}
	if s.Closing != nil {
		fmt.Fprintln(&b, s.Closing.When)
		values(s.Closing.Values)
	}
	return b.String()
}

// The same seed and number tell the same story, in any order and any number of
// times; another seed tells others.
func TestStory_dependsOnSeedAndNumberOnly(t *testing.T) {
	w, again, other := demo.New(7, noon), demo.New(7, noon), demo.New(8, noon)
	differ := 0
	for i := 99; i >= 0; i-- {
		again.Story(3 * i)
		want := told(w.Story(i))
		if got := told(again.Story(i)); got != want {
			t.Fatalf("story %d told differently:\n%s\n%s", i, got, want)
		}
		if told(other.Story(i)) != want {
			differ++
		}
	}
	if differ != 100 {
		t.Errorf("%d of 100 stories differ between seeds, want all", differ)
	}
}

func TestStory_valuesFitTheirFields(t *testing.T) {
	w := demo.New(1, noon)
	for i := range 2000 {
		s := w.Story(i)
		check(t, i, amana.KindIdentity, "", s.Identity)
		check(t, i, amana.KindCase, "", s.Case)
		for _, n := range s.Notes {
			check(t, i, amana.KindCase, record.Notes+"/", n.Values)
		}
		for _, f := range s.FollowUps {
			check(t, i, amana.KindCase, record.FollowUps+"/", f.Values)
		}
		if s.Closing != nil {
			check(t, i, amana.KindCase, "", s.Closing.Values)
		}
		if _, holds := s.Identity["name"]; holds != demo.Teams()[s.Team].Identities {
			t.Errorf("story %d of team %d: has a name: %v", i, s.Team, holds)
		}
	}
}

// check holds values to their fields, and texts to what a reader expects.
func check(t *testing.T, story int, kind amana.Kind, prefix string, values casework.Values) {
	t.Helper()
	for name, v := range values {
		_, own := record.FieldOf(kind, prefix+name)
		if f, asked := form.Builtin().Field(kind, prefix+name); !own && asked && slices.Contains(f.IDs(), v.Reveal()) {
			continue // only its form knows it
		}
		if fault := record.Validate(kind, prefix+name, v, noon); fault != "" {
			t.Errorf("story %d: %s %s: %s", story, kind, name, fault)
		}
		text := v.Reveal()
		switch {
		case strings.ContainsAny(text, "{}<>|~[]"):
			t.Errorf("story %d: %s: words of the grammar were left in it", story, name)
		case strings.Contains(text, "  "), strings.Contains(text, ".."), text != strings.TrimSpace(text):
			t.Errorf("story %d: %s: a hole between words", story, name)
		case name == "contact_phone" && v.Type() == event.TypeText && !strings.HasPrefix(text, "+999"):
			t.Errorf("story %d: a number that somebody may have", story)
		}
	}
}

// Nothing happens before the case was opened, after it was closed, or tomorrow.
func TestStory_keepsTheOrderOfTime(t *testing.T) {
	w := demo.New(2, noon)
	for i := range 2000 {
		s := w.Story(i)
		last, moments := noon, []time.Time{}
		if s.Closing != nil {
			last = s.Closing.When
		}
		for _, n := range s.Notes {
			moments = append(moments, n.When)
		}
		if !slices.IsSortedFunc(moments, time.Time.Compare) {
			t.Errorf("story %d: notes out of order", i)
		}
		for _, f := range s.FollowUps {
			moments = append(moments, f.When)
		}
		for _, a := range s.Answers {
			moments = append(moments, a.When)
		}
		for _, m := range moments {
			if m.Before(s.Opened) || m.After(last) {
				t.Errorf("story %d: something at %s, opened %s, until %s", i, m, s.Opened, last)
			}
		}
		if last.After(noon) || s.Opened.Before(noon.AddDate(-1, 0, -7)) {
			t.Errorf("story %d: from %s to %s lies outside the year", i, s.Opened, last)
		}
	}
}

// The demo shows what there is to be shown: each share within a few of a hundred.
func TestStory_isAsVariedAsTheWork(t *testing.T) {
	const n = 4000
	w, count := demo.New(3, noon), map[string]int{}
	tally := func(what string, is bool) {
		if is {
			count[what]++
		}
	}
	for i := range n {
		s := w.Story(i)
		tally("French", s.Language == "fra")
		tally("male", s.Case["sex"].Reveal() == "male")
		age, known := s.Case["age"].Int()
		tally("child", known && age < 18)
		tally("high risk", s.Case["risk_level"].Reveal() == "high")
		tally("closed", s.Closing != nil)
		tally("some answer in place of a value", slices.ContainsFunc(fieldsOf(s), func(v event.Value) bool {
			_, said := v.Answer()
			return said
		}))
		for _, c := range s.Consents {
			tally("accountability refused", c.Purpose == amana.PurposeAccountability && c.Decision == amana.Refused)
		}
		if k := len(s.FollowUps); k > 0 && s.Closing == nil {
			due := s.FollowUps[k-1].Values["when_follow_up_visit_should_happen"].Reveal()
			tally("overdue", due != "" && due < noon.Format(time.DateOnly))
			tally("due today", due == noon.Format(time.DateOnly))
		}
	}
	for what, between := range map[string][2]int{
		"French": {57, 63}, "male": {10, 17}, "child": {20, 30}, "high risk": {9, 15}, "closed": {20, 35},
		"some answer in place of a value": {40, 90}, "accountability refused": {45, 62},
		"overdue": {3, 10}, "due today": {2, 8},
	} {
		if got := 100 * count[what] / n; got < between[0] || got > between[1] {
			t.Errorf("%s: %d of 100, want %d to %d", what, got, between[0], between[1])
		}
	}
}

// What went further than a thought has her yes: to any service, or to this one.
func TestStory_refersWithConsent(t *testing.T) {
	w := demo.New(3, noon)
	referred := 0
	for i := range 400 {
		s := w.Story(i)
		for _, r := range s.Referrals {
			if len(r.Steps) < 2 {
				continue
			}
			referred++
			if !slices.ContainsFunc(s.Consents, func(c casework.Consent) bool {
				return c.Purpose == amana.PurposeReferral && c.Decision == amana.Granted && (c.Recipient.IsEmpty() || c.Recipient.Reveal() == r.To)
			}) {
				t.Errorf("story %d is referred without a yes", i)
			}
		}
	}
	if referred < 50 {
		t.Errorf("%d were referred", referred)
	}
}

func fieldsOf(s demo.Story) (values []event.Value) {
	for _, v := range s.Case {
		values = append(values, v)
	}
	return values
}

// The names that a search must not lose stand in the demo, in their spellings.
func TestStory_hasNamesInSeveralSpellings(t *testing.T) {
	var names strings.Builder
	w := demo.New(1, noon)
	for i := range 3000 {
		s := w.Story(i)
		fmt.Fprintln(&names, s.Identity["name"].Reveal(), s.Identity["other_names"].Reveal())
	}
	for _, name := range []string{"Fatoumata", "Fatimata", "Aïssata", "Aissata", "عائشة", "عايشة"} {
		if !strings.Contains(names.String(), name) {
			t.Errorf("nobody is called %s", name)
		}
	}
}

func TestTexts_areWordsOfTheStory(t *testing.T) {
	w := demo.New(5, noon)
	for i := range 50 {
		story := told(w.Story(i))
		for _, text := range w.Texts(i) {
			if !strings.Contains(story, text) {
				t.Errorf("story %d does not hold its text %q", i, text)
			}
		}
	}
}

func TestMembers_areSevenInThreeTeams(t *testing.T) {
	if len(demo.Members()) != 7 || len(demo.Teams()) != 3 {
		t.Errorf("%d members in %d teams, want 7 in 3", len(demo.Members()), len(demo.Teams()))
	}
	if a := demo.Members()[demo.Administrator]; len(a.Teams) != 0 {
		t.Error("the administrator is in a team, and so reads its records")
	}
}

func BenchmarkStory(b *testing.B) {
	w := demo.New(1, noon)
	for i := 0; b.Loop(); i++ {
		w.Story(i)
	}
}

// The work around the cases is there to be shown: tasks, flags, questions to the
// supervisor with answers, offers; and nobody answers their own.
func TestStory_hasTheWorkAroundIt(t *testing.T) {
	w, n := demo.New(1, noon), map[string]int{}
	for i := range 300 {
		s := w.Story(i)
		for _, e := range s.Errands {
			n[e.List]++
			if !e.When.After(s.Opened) || !e.When.Before(noon) {
				t.Errorf("story %d: at a time that is not", i)
			}
		}
		for _, r := range s.Replies {
			n["replies"]++
			if r.By == s.Errands[r.To].By || !r.When.After(s.Errands[r.To].When) {
				t.Errorf("story %d: an answer by whoever asked, or before it", i)
			}
		}
	}
	for _, what := range []string{record.Tasks, record.Flags, record.Approvals, record.Transfers, "replies"} {
		if n[what] == 0 {
			t.Errorf("no %s in 300 stories", what)
		}
	}
}
