package xlsform_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana/internal/event"
	"amana/internal/xlsform"
)

// What a group hides is hidden to the last question, has no value for anybody, and
// is named as dropped.
func TestEvaluate_relevanceCascades(t *testing.T) {
	f := form(t, `
type | name | label | relevant | calculation
select_one yes_no | hurt | Hurt? |
begin group | outer | Outer | ${hurt} = 'yes'
begin group | inner | Inner |
integer | scars | Scars |
calculate | twice | | | ${scars} * 2
end group | | |
end group | | |
text | after | After | ${scars} > 1
calculate | known | | | if(${scars} = '', 'nothing', ${scars})
`)
	a := xlsform.Answers{"hurt": event.Text("yes"), "scars": event.Int(3), "after": event.Text("so")}
	s := state(f, a)
	for _, path := range []string{"outer", "inner", "scars", "after"} {
		if !s.Relevant(path) {
			t.Errorf("%s is not asked", path)
		}
	}
	same(t, s, "twice", event.Int(6))
	same(t, s, "known", event.Int(3))
	a["hurt"] = event.Text("no")
	s = state(f, a)
	for _, path := range []string{"outer", "inner", "scars", "after"} {
		if s.Relevant(path) {
			t.Errorf("%s is still asked", path)
		}
		same(t, s, path, event.Value{})
	}
	same(t, s, "twice", event.Value{})
	same(t, s, "known", event.Text("nothing"))
	if got := s.Dropped(); !slices.Equal(got, []string{"scars", "after"}) {
		t.Errorf("dropped %v, want scars and after", got)
	}
	if s.Relevant("nowhere") || !s.Value("nowhere").IsZero() {
		t.Error("what the form does not have is asked")
	}
}

func TestEvaluate_repeats(t *testing.T) {
	f := form(t, `
type | name | label | relevant | calculation | repeat_count | constraint | default
integer | adults | Adults |
begin repeat | child | Child | ${adults} > 0 | | ${adults} * 2
text | nickname | Called | | | | | new
integer | age | Age | | | | . < 18
note | small | Small ${nickname} | ${age} < 5
calculate | number | | | position(..)
calculate | older | | | ${age} + ${adults}
calculate | oldest | | | if(${age} = max(${age}), 'me', '')
end repeat | | |
calculate | count | | | count(${child})
calculate | sum | | | sum(${age})
calculate | second | | | indexed-repeat(${nickname}, ${child}, 2)
`)
	a := xlsform.Answers{
		"adults": event.Int(1), "child/b/nickname": event.Text("Bee"), "child/b/age": event.Int(4), "child/a/age": event.Int(20), "child/a/nickname": event.Text("Ay"),
	}
	s := state(f, a)
	if got := s.Items("child"); !slices.Equal(got, []string{"a", "b"}) {
		t.Fatalf("items %v", got)
	}
	if n, says := s.Wanted("child"); n != 2 || !says {
		t.Errorf("wants %d (%v), want 2", n, says)
	}
	same(t, s, "count", event.Int(2))
	same(t, s, "sum", event.Int(24))
	same(t, s, "second", event.Text("Bee"))
	same(t, s, "child/b/number", event.Int(2))
	same(t, s, "child/b/older", event.Int(5))
	if s.Relevant("child/a/small") || !s.Relevant("child/b/small") {
		t.Error("the note stands with the wrong child")
	}
	if got := s.Fill("child/b/small", "Small ${nickname} of ${adults}"); got != "Small Bee of 1" {
		t.Errorf("filled in: %q", got)
	}
	if faults := s.Faults(); len(faults) != 1 || faults[0].Path != "child/a/age" || faults[0].Key != xlsform.FaultConstraint {
		t.Errorf("faults %v, want one at child/a/age", faults)
	}
	if got := f.Evaluate(a, xlsform.Env{Order: map[string][]string{"child": {"b", "c"}}}).Items("child"); !slices.Equal(got, []string{"b", "c", "a"}) {
		t.Errorf("items in an order of their own: %v", got)
	}
	same(t, state(f, a), "child/z/age", event.Value{})
	a["adults"] = event.Int(0)
	s = state(f, a)
	same(t, s, "count", event.Int(0))
	same(t, s, "sum", event.Int(0))
	if got := s.Dropped(); len(got) != 4 {
		t.Errorf("dropped %v, want all four", got)
	}
	start := f.Start("child", xlsform.Env{Now: noon})
	if len(start) != 1 || !start["nickname"].Equal(event.Text("new")) {
		t.Errorf("an item begins with %d values, want the nickname", len(start))
	}
}

// In place of a value there may be an answer: it satisfies what is required, no
// constraint is put on it, and expressions see nothing.
func TestEvaluate_answersInPlaceOfValues(t *testing.T) {
	f := form(t, `
type | name | label | required | constraint | bind::amana:sensitive | calculation
integer | age | Age | yes | . > 10 | yes
integer | rooms | Rooms | yes | . > 10
calculate | adult | | | | | ${age} >= 18
calculate | blank | | | | | ${age} = ''
`)
	for _, answer := range []event.Answer{event.Declined, event.DoesNotKnow, event.NotAsked} {
		s := state(f, xlsform.Answers{"age": event.Say(answer), "rooms": event.Say(answer)})
		if faults := s.Faults(); len(faults) > 0 {
			t.Errorf("answer %d: faults %v", answer, faults)
		}
		same(t, s, "age", event.Say(answer))
		same(t, s, "adult", event.Bool(false))
		same(t, s, "blank", event.Bool(true))
	}
	s := state(f, nil)
	if faults := s.Faults(); len(faults) != 1 || faults[0].Path != "rooms" || faults[0].Key != xlsform.FaultRequired {
		t.Errorf("faults %v: want rooms, and nobody forced to tell her age", faults)
	}
	if !s.Required("age") || !s.Required("rooms") || s.Required("adult") {
		t.Error("required is not what the form says")
	}
}

func TestEvaluate_choices(t *testing.T) {
	f := form(t, `
type | name | label | choice_filter
select_one region | region | Region |
select_multiple place | places | Places | region = ${region} and name != 'p3'
select_one place or_other | one | One |
select_one truth | sure | Sure |
select_one yes_no | agreed | Agreed |
`)
	names := func(choices []xlsform.Choice) string {
		var list []string
		for _, c := range choices {
			list = append(list, c.Name)
		}
		return strings.Join(list, " ")
	}
	s := state(f, xlsform.Answers{"region": event.Text("south"), "places": event.List("p2", "p1"), "sure": event.Bool(true), "agreed": event.Bool(false), "one": event.Text("other"), "one_other": event.Text("elsewhere")})
	if got := names(s.Choices("places")); got != "p2" {
		t.Errorf("places offered: %s", got)
	}
	if got := names(s.Choices("one")); got != "p1 p2 p3 other" {
		t.Errorf("offered with other: %s", got)
	}
	if faults := s.Faults(); len(faults) != 1 || faults[0].Path != "places" || faults[0].Key != xlsform.FaultChoice {
		t.Errorf("faults %v, want one at places", faults)
	}
	same(t, s, "one_other", event.Text("elsewhere"))
	s = state(f, xlsform.Answers{"one": event.Text("p1"), "one_other": event.Text("elsewhere"), "sure": event.Text("maybe")})
	if s.Relevant("one_other") || !slices.Equal(s.Dropped(), []string{"one_other"}) {
		t.Error("words for other are kept where other was not chosen")
	}
	if faults := s.Faults(); len(faults) != 1 || faults[0].Path != "sure" {
		t.Errorf("faults %v, want one at sure", faults)
	}
}

func TestEvaluate_calculationsInOrder(t *testing.T) {
	f := form(t, `
type | name | label | calculation | default
calculate | c | | ${b} + 1
calculate | b | | ${a} * 2
integer | a | A
date | born | Born
calculate | years | | int((today() - ${born}) div 365.25)
calculate | tomorrow | | date(today() + 1)
calculate | late | | ${tomorrow} > today()
calculate | none | | number('x')
calculate | once | | once(uuid())
calculate | half | | 1 div 2
date | visit | Visit | today() + 7
text | words | Words | | as they stand
date | day | Day | | today()
select_one place | place | Place | | p9
`)
	s := f.Evaluate(xlsform.Answers{"a": event.Int(5), "born": event.Text("2008")}, xlsform.Env{Now: noon, Random: func() [16]byte { return [16]byte{} }})
	same(t, s, "c", event.Int(11))
	same(t, s, "years", event.Int(18))
	same(t, s, "tomorrow", event.Text("2026-11-26"))
	same(t, s, "late", event.Bool(true))
	same(t, s, "none", event.Value{})
	same(t, s, "once", event.Text("00000000-0000-4000-8000-000000000000"))
	same(t, s, "half", event.Decimal(0.5))
	same(t, s, "visit", event.Text("2026-12-02"))
	same(t, state(f, xlsform.Answers{"once": event.Text("kept")}), "once", event.Text("kept"))
	start := f.Start("", xlsform.Env{Now: noon})
	if len(start) != 2 || !start["words"].Equal(event.Text("as they stand")) || !start["day"].Equal(event.Text("2026-11-25")) {
		t.Errorf("a record begins with %d values", len(start))
	}
}

func TestFaults_types(t *testing.T) {
	f := form(t, `
type | name | label | parameters
integer | n | N
decimal | d | D
range | r | R | start=1 end=5
text | t | T
select_one place | o | O
select_multiple place | m | M
acknowledge | k | K
`)
	wrong := xlsform.Answers{
		"n": event.Decimal(1.5), "d": event.Text("x"), "r": event.Int(6), "t": event.Int(1), "o": event.Int(1), "m": event.Bool(true), "k": event.Int(1),
	}
	if faults := state(f, wrong).Faults(); len(faults) != len(wrong) {
		t.Errorf("faults %v, want %d", faults, len(wrong))
	}
	right := xlsform.Answers{
		"n": event.Int(1), "d": event.Int(1), "r": event.Decimal(2.5), "t": event.Text("x"), "o": event.Text("p1"), "m": event.List("p1", "p2"), "k": event.Bool(true),
	}
	if faults := state(f, right).Faults(); len(faults) > 0 {
		t.Errorf("faults %v, want none", faults)
	}
}

// chain is a form in which each question may hide the next, in two ways.
func chain(t testing.TB, n int) *xlsform.Form {
	t.Helper()
	var b strings.Builder
	b.WriteString("type|name|label|relevant|constraint|required|calculation\n")
	for i := range n {
		relevant := ""
		if i > 0 {
			relevant = fmt.Sprintf("${q%d} = 'yes' or (${q%d} != '' and not(selected(${q%d}, 'no')))", i-1, i/2, i/2)
		}
		fmt.Fprintf(&b, "select_one yes_no|q%d|Question %d|%s|. != 'maybe'|yes|\n", i, i, relevant)
	}
	return form(t, b.String())
}

// What was dropped can be left out without anything else changing; what is left
// has nothing more to drop.
func TestLaw_droppingIsIdempotent(t *testing.T) {
	f := chain(t, 20)
	rapid.Check(t, func(rt *rapid.T) {
		a := xlsform.Answers{}
		for i := range 20 {
			switch rapid.IntRange(0, 3).Draw(rt, "answer") {
			case 0:
				a[fmt.Sprintf("q%d", i)] = event.Text("yes")
			case 1:
				a[fmt.Sprintf("q%d", i)] = event.Text("no")
			case 2:
				a[fmt.Sprintf("q%d", i)] = event.Say(event.Declined)
			}
		}
		first := state(f, a)
		for _, path := range first.Dropped() {
			if first.Relevant(path) {
				rt.Fatalf("%s is dropped and asked", path)
			}
			delete(a, path)
		}
		second := state(f, a)
		if len(second.Dropped()) > 0 {
			rt.Fatalf("dropped again: %v", second.Dropped())
		}
		for _, path := range first.Paths() {
			if first.Relevant(path) != second.Relevant(path) || !first.Value(path).Equal(second.Value(path)) {
				rt.Fatalf("%s changed", path)
			}
		}
	})
}

// Skip logic answers at once: a form of 150 questions in well under 5 ms.
func TestEvaluate_isQuick(t *testing.T) {
	f := chain(t, 150)
	a := xlsform.Answers{}
	for i := range 150 {
		a[fmt.Sprintf("q%d", i)] = event.Text("yes")
	}
	best := time.Hour
	for range 20 {
		began := time.Now()
		s := state(f, a)
		if len(s.Faults()) > 0 || len(s.Dropped()) > 0 {
			t.Fatal("the form is not as it should be")
		}
		best = min(best, time.Since(began))
	}
	if best > 5*time.Millisecond {
		t.Errorf("took %s", best)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	f := chain(b, 150)
	a := xlsform.Answers{}
	for i := range 150 {
		a[fmt.Sprintf("q%d", i)] = event.Text("yes")
	}
	b.ReportAllocs()
	for b.Loop() {
		s := state(f, a)
		s.Faults()
	}
}

func BenchmarkRead(b *testing.B) {
	var rows strings.Builder
	rows.WriteString("type|name|label::en|label::fr|relevant\n")
	for i := range 150 {
		fmt.Fprintf(&rows, "select_one yes_no|q%d|Question|Question|%s\n", i, strings.Repeat("${q0} = 'yes' or ", min(i, 1))+"true()")
	}
	raw := workbook(b, "survey", rows.String(), "choices", choices, "settings", settings)
	for b.Loop() {
		if f, _ := xlsform.Read(raw); f == nil {
			b.Fatal("refused")
		}
	}
}
