package web_test

import (
	"net/url"
	"strings"
	"testing"

	"amana/internal/casework"
	"amana/internal/i18n"
)

const threeLists = "a,b,c,count\n1,0,0,5\n0,1,0,5\n0,0,1,4\n1,1,0,3\n0,1,1,2\n"

func estimateOf(b *browser) { b.upload("/estimate", "file", []byte(threeLists)) }
func estimateHere(b *browser) {
	b.post("/estimate/claims", url.Values{"seed_claims": {"7"}, "of": {"events"}, "chance": {""}})
}

func estimatePersons(b *browser) {
	b.post("/estimate/claims", url.Values{"seed_claims": {"7"}, "of": {"persons"}, "chance": {"30"}})
}

func estimatesOn(change func(*fakeEstimate)) func() *fakeOffice {
	return func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			d.estimatesOn = true
			change(&d.fakeEstimate)
		}
		return o
	}
}

func estimateDoors() []door {
	same := func(*fakeEstimate) {}
	busy := func(f *fakeEstimate) { f.estimateBusy = true }
	return []door{
		{"off", sampleOffice, nothing, "admin words", nowhere, []string{"/estimate"}},
		{"off for others", sampleOffice, nothing, "case words", nowhere, []string{"/estimate"}},
		{"allowed", estimatesOn(same), nothing, "admin words", nowhere, []string{"/estimate", "/estimate/kept/" + recordID(60).String()}},
		{"not for caseworkers", estimatesOn(same), nothing, "case words", nowhere, []string{"/estimate"}},
		{"no file", estimatesOn(same), nothing, "admin words", func(b *browser) { b.upload("/estimate", "other", nil) }, []string{"/estimate?again=1"}},
		{"no table", estimatesOn(same), nothing, "admin words", func(b *browser) { b.upload("/estimate", "file", []byte("a,b\n1,2\n")) }, []string{"/estimate?again=1"}},
		{"no number", estimatesOn(same), nothing, "admin words", failing("/estimate/claims"), []string{"/estimate?again=1"}},
		{"at work", estimatesOn(busy), nothing, "admin words", estimateOf, []string{"/estimate/progress"}},
		{"stopped", estimatesOn(busy), nothing, "admin words", func(b *browser) { b.post("/estimate/stop", nil) }, []string{"/estimate/result"}},
		{"of a file", estimatesOn(same), nothing, "admin words", estimateOf, []string{"/estimate/result"}},
		{"of the incidents", estimatesOn(same), nothing, "admin words", estimateHere, []string{"/estimate/result"}},
		{"of the people", estimatesOn(same), nothing, "admin words", estimatePersons, []string{"/estimate/result"}},
	}
}

func TestEveryPage_ofEstimates(t *testing.T) {
	walkPages(t, estimateDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200", w.Code)
		}
		checkPage(t, lang, w.Body.String())
	})
}

// Standards, test 39: off by default, two lists refused, interval and assumption with
// every number, and no single number where runs disagree.
func TestEstimates_sayWhatTheyRestOn(t *testing.T) {
	b := newBrowser(t, newServer(t, estimatesOn(func(*fakeEstimate) {})()), "en")
	b.unlock("admin words")
	b.upload("/estimate", "file", []byte("a,b,count\n1,0,5\n0,1,4\n1,1,2\n"))
	if page := b.do("GET", "/estimate?again=1", nil).Body.String(); !strings.Contains(page, "At least three lists") {
		t.Error("two lists were not refused")
	}
	estimateOf(b)
	page := b.do("GET", "/estimate/result", nil).Body.String()
	for _, want := range []string{
		"10,356", "between 9,456 and 12,456", "nothing ties all lists at once", "The runs do not agree", "48,500, between 41,000 and 57,000",
		"no multiplier", "Without A", "Version of the estimators", strings.Repeat("0a", 32),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the result does not say %q", want)
		}
	}
}

// What was set is what is used: the number from which chance follows, what is counted, and
// how likely an undecided pair is one.
func TestEstimates_takeWhatWasSet(t *testing.T) {
	o := estimatesOn(func(*fakeEstimate) {})()
	b := newBrowser(t, newServer(t, o), "en")
	b.unlock("admin words")
	d := o.desks["admin words"]
	b.uploadFields("/estimate", map[string]string{"seed": "42"}, []byte(threeLists))
	if d.estimateSeed != 42 || d.estimated == nil {
		t.Errorf("seed %d of a file, want 42", d.estimateSeed)
	}
	d.estimated = nil
	b.uploadFields("/estimate", map[string]string{"seed": "many"}, []byte(threeLists))
	if page := b.do("GET", "/estimate?again=1", nil).Body.String(); d.estimated != nil || !strings.Contains(page, "A whole number, 0 or more") {
		t.Error("a seed that is no number was taken")
	}
	estimatePersons(b)
	if want := (casework.EstimateAsk{Seed: 7, Persons: true, Chance: 0.3}); d.estimateAsk != want {
		t.Errorf("asked %+v, want %+v", d.estimateAsk, want)
	}
	page := b.do("GET", "/estimate/result", nil).Body.String()
	for _, want := range []string{"Which people are one", "a chance of 30 %, as was set", "the people in the incidents"} {
		if !strings.Contains(page, want) {
			t.Errorf("the result does not say %q", want)
		}
	}
	b.post("/estimate/drop", nil)
	for _, bad := range []string{"0", "100", "half"} {
		b.post("/estimate/claims", url.Values{"seed_claims": {"7"}, "of": {"events"}, "chance": {bad}})
		if d.estimated != nil {
			t.Errorf("a chance of %q was taken", bad)
		}
	}
}

func TestEstimates_areOffUntilAllowed(t *testing.T) {
	o := sampleOffice()
	b := newBrowser(t, newServer(t, o), "en")
	b.unlock("admin words")
	if page := b.do("GET", "/estimate", nil).Body.String(); strings.Contains(page, `type="file"`) || !strings.Contains(page, "Allow estimates") {
		t.Error("a file can be brought where estimates are off, or they cannot be allowed")
	}
	estimateOf(b)
	if o.desks["admin words"].estimated != nil {
		t.Error("something was estimated where it is off")
	}
	b.post("/estimate/rule", url.Values{"allow": {"yes"}})
	if did := strings.Join(o.desks["admin words"].did, "\n"); !strings.Contains(did, "estimates") {
		t.Errorf("the rule was not set: %s", did)
	}
}
