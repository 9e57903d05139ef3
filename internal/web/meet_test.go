package web_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/link"
)

// hasAll reports what a page does not say.
func hasAll(t *testing.T, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestMeet_pages(t *testing.T) {
	o := sampleOffice()
	d := o.desks["case words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("case words")
	hasAll(t, b.get("/meet"), `name="large" value="yes" checked`, "larger than 1.0 MB wait")
	b.post("/meet/open", url.Values{"address": {"203.0.113.1"}})
	b.post("/meet/open", url.Values{"address": {"192.0.2.7"}, "large": {"yes"}})
	page := b.get("/meet")
	hasAll(t, page,
		"amana-meet:192.0.2.7:7267/", "1,200 entries came, 3 were handed over", "31 came, 2 were handed over", "not kept: 17", "they are large: 5",
		"With &lt;b&gt;Camp&lt;/b&gt;", "With another computer of the organisation", "70 of 310 entries came", "It broke off",
	)
	if strings.Index(page, "70 of 310") > strings.Index(page, "1,200 entries came") {
		t.Error("the last meeting is not the first on the page")
	}
	b.post("/meet/close", nil)
	if to := b.post("/meet/visit", url.Values{"word": {"amana-meet:x"}}); to != "/meet/progress" {
		t.Errorf("to %s", to)
	}
	b.post("/meet/stop", nil)
	if want := []string{"meet 192.0.2.7 true", "visit amana-meet:x false", "stop"}; !slices.Equal(d.moved, want) {
		t.Errorf("asked %q, want %q", d.moved, want)
	}
}

// looksAgain is in a page that is shown anew by itself where no script runs.
const looksAgain = `<noscript><meta http-equiv="refresh" content="2"></noscript>`

// How far a meeting is stands on a page that looks again by itself, and on no other.
func TestMeet_progress(t *testing.T) {
	o := sampleOffice()
	d := o.desks["case words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("case words")
	if w := b.do("GET", "/meet/progress", nil); w.Header().Get("Location") != "/meet" {
		t.Errorf("with nothing to see: to %q", w.Header().Get("Location"))
	}
	d.visit = &casework.Visited{Busy: true, Met: meeting("Camp", link.Met{})}
	hasAll(t, b.get("/meet/progress"), looksAgain, "This computer goes to Camp", "Speaking with it", `data-watch="/meet/progress"`, `action="/meet/stop"`)
	d.visit.Met.Met = link.Met{Taken: 30, Lacked: 310, Handed: 5, Due: 40, Bytes: 2_500_000}
	hasAll(t, b.get("/meet/progress"), "30 of 310 came, 5 of 40 were handed over", `value="10"`, "2.5 MB")
	d.visit.File, d.visit.FilesLooked, d.visit.FilesAll = link.FileAt{At: 3e6, Size: 12e6}, 4, 9
	hasAll(t, b.get("/meet/progress"), "File of evidence 5 of 9, 12.0 MB", `value="25"`)
	d.here, d.meets = true, true
	page := b.get("/meet")
	hasAll(t, page, "has come to this computer", "File of evidence 5 of 9", `data-watch="/meet/progress"`, `action="/meet/stop"`)
	if strings.Contains(page, "http-equiv") || strings.Contains(page, `action="/meet/visit"`) {
		t.Error("what is typed would be lost, or a second visit is offered")
	}
	for wrong, want := range map[casework.MeetFault]string{
		casework.MeetAway: "firewall", casework.MeetBroke: "Begin again with the same word", casework.MeetStopped: "goes on where it stopped",
		casework.MeetRefused: "declared lost", casework.MeetOther: "Nothing was given to it", casework.MeetDisk: "Make room",
		casework.MeetLocked: "was locked before the end", casework.MeetUnfit: "older version",
	} {
		d.visit.Busy, d.visit.Wrong = false, wrong
		page := b.get("/meet")
		hasAll(t, page, "With Camp", want)
		checkPage(t, languageOf(t, "en"), page)
	}
}

// A word with which no meeting can be is said so, with what to do, and stays as it was typed.
func TestMeet_wrongWords(t *testing.T) {
	o := sampleOffice()
	d := o.desks["case words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("case words")
	for err, want := range map[error]string{
		amana.ErrInvalid: "Enter all of it", casework.ErrMeetSelf: "Enter it on the other one", casework.ErrMeetEnded: "Do not exchange with it",
		casework.ErrMeetStranger: "belongs to another organisation",
	} {
		d.moveErr = err
		hasAll(t, b.get(b.post("/meet/visit", url.Values{"word": {"amana-meet:x"}})), want, ">amana-meet:x</textarea>")
	}
	d.moveErr = amana.ErrConflict
	if to := b.post("/meet/visit", url.Values{"word": {"amana-meet:x"}}); to != "/meet/progress" {
		t.Errorf("one is under way: to %s", to)
	}
	d.moveErr = errors.New("other")
	if to := b.post("/meet/visit", url.Values{"word": {"amana-meet:x"}}); strings.HasPrefix(to, "/meet/progress") {
		t.Errorf("it did not begin: to %s", to)
	}
}
