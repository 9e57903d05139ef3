package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/link"
)

const (
	answerWord = "amana-answer:hub.example.org:8443/kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	sampleSize = 70_350
)

// fakeFetching is a computer that fetches its answer.
type fakeFetching struct {
	arrival casework.AnswerArrival
	fetched string // the word
	opened  string // the passphrase
	openErr error
}

func (f *fakeFetching) FetchAnswer(word string) error {
	if !strings.HasPrefix(word, "amana-") {
		return amana.ErrInvalid
	}
	f.fetched, f.arrival = word, casework.AnswerArrival{State: link.ComingAway, Host: "hub.example.org:8443"}
	return nil
}

func (f *fakeFetching) AnswerArrival() casework.AnswerArrival { return f.arrival }

func (f *fakeFetching) JoinFetched(_ context.Context, passphrase []byte) error {
	f.opened = string(passphrase)
	return f.openErr
}

func (f *fakeMoving) LeaveAnswer(_ context.Context, _ []byte, members []amana.MemberID) (casework.StartMade, error) {
	f.note("leave", strings.Repeat("i", len(members)))
	f.left = link.LeftWaits
	if f.nobody {
		return casework.StartMade{Without: members}, f.moveErr
	}
	return casework.StartMade{Cases: 23, Later: 1341}, f.moveErr
}

func (f *fakeMoving) AnswerLeft([]byte) (casework.AnswerLeft, error) {
	if f.nohub {
		return casework.AnswerLeft{}, nil
	}
	left := casework.AnswerLeft{Word: answerWord}
	if f.left != "" {
		left.LeftFor = link.LeftFor{State: f.left, Got: sampleSize / 3, Size: sampleSize}
	}
	return left, nil
}

func answerDoors() (doors []door) {
	for _, state := range []link.Left{"", link.LeftLies, link.LeftTaken, link.LeftOld, link.LeftRoom, link.LeftNoHold} {
		doors = append(doors, door{"an answer: " + string(state), desks(func(d *fakeDesk) { d.left = state }), nothing, "admin words", withAnswer, []string{"/devices/answer"}})
	}
	doors = append(doors, door{"an answer goes", sampleOffice, nothing, "admin words", func(b *browser) {
		withAnswer(b)
		b.post("/devices/answer/leave", nil)
	}, []string{"/devices/answer"}})
	for _, state := range []link.Coming{link.ComingAway, link.ComingOther, link.ComingOutside, link.ComingWaits, link.ComingNow, link.ComingHere, link.ComingWrong, link.ComingDisk} {
		doors = append(doors, door{"an answer comes: " + string(state), func() *fakeOffice {
			o := newOffice()
			o.arrival = casework.AnswerArrival{State: state, Host: "hub.example.org:8443", Got: sampleSize / 3, Size: sampleSize}
			return o
		}, nothing, "", func(b *browser) { b.post("/setup/join", nil) }, []string{"/setup/join", "/setup/join/fetch"}})
	}
	return doors
}

// Every page of an answer by the server, in every language and in the two that test its
// layout.
func TestEveryPage_ofAnAnswer(t *testing.T) {
	wantEveryPage(t, answerDoors())
}

func TestAnswer_left(t *testing.T) {
	o := sampleOffice()
	d := o.desks["admin words"]
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	if to := b.post("/devices/answer/leave", nil); to != "/devices" || len(d.moved) > 0 {
		t.Errorf("without a request: to %q, %q", to, d.moved)
	}
	withAnswer(b)
	if to := b.post("/devices/answer/leave", nil); to != "/devices/answer" {
		t.Fatalf("to %q", to)
	}
	w := b.do("GET", "/devices/answer", nil)
	for _, want := range []string{answerWord, "Open cases in it: 23. Open cases that come later: 1,341.", "On its way"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if w.Header().Get("Refresh") == "" {
		t.Error("the page does not follow")
	}
	d.nobody = true // nobody is unlocked who can read cases
	b.post("/devices/answer/leave", nil)
	if page := b.get("/devices/answer"); strings.Contains(page, "Open cases in it") || !strings.Contains(page, "There are no cases in it") {
		t.Error("the page counts cases that nobody could read")
	}
	d.left = link.LeftTaken
	if page := b.get("/devices/answer"); strings.Contains(page, answerWord) || !strings.Contains(page, "has fetched it") {
		t.Error("the page does not say that it was taken")
	}
	d.nohub = true
	if page := b.get("/devices/answer"); strings.Contains(page, "/devices/answer/leave") {
		t.Error("without a server it is offered to leave it there")
	}
}

func TestAnswer_fetched(t *testing.T) {
	o := newOffice()
	b := newBrowser(t, newServer(t, o), "en")
	b.post("/setup/join", nil)
	if w := b.do("GET", "/setup/join/fetch", nil); w.Header().Get("Location") != "/setup/join" {
		t.Errorf("nothing is fetched: to %q", w.Header().Get("Location"))
	}
	to := b.post("/setup/join/fetch", url.Values{"word": {"hub.example.org"}})
	if page := b.get(to); !strings.Contains(page, "Copy the whole line") || !strings.Contains(page, "hub.example.org") {
		t.Error("what is wrong with the word is not said")
	}
	if to := b.post("/setup/join/fetch", url.Values{"word": {answerWord}}); to != "/setup/join/fetch" || o.fetched != answerWord {
		t.Fatalf("to %q with %q", to, o.fetched)
	}
	o.arrival = casework.AnswerArrival{State: link.ComingNow, Got: sampleSize / 4, Size: sampleSize}
	w := b.do("GET", "/setup/join/fetch", nil)
	if !strings.Contains(w.Body.String(), "is coming: 24 %") || w.Header().Get("Refresh") == "" {
		t.Error("the page does not say how far it is")
	}
	o.arrival.State = link.ComingHere
	if w := b.do("GET", "/setup/join/fetch", nil); w.Header().Get("Refresh") != "" {
		t.Error("the page takes away what is typed")
	}
	o.openErr = amana.ErrPassphrase
	to = b.post("/setup/join/open", url.Values{"passphrase": {"my words"}})
	if page := b.get(to); !strings.Contains(page, "opens nothing in this answer") || strings.Contains(page, "my words") {
		t.Error("what was wrong is not said, or the passphrase is shown")
	}
	o.openErr = amana.ErrTampered
	to = b.post("/setup/join/open", url.Values{"passphrase": {"my words"}})
	if page := b.get(to); !strings.Contains(page, "It was thrown away") {
		t.Error("that it was changed is not said")
	}
	o.openErr = nil
	if to := b.post("/setup/join/open", url.Values{"passphrase": {"my words"}}); to != "/unlock" || o.opened != "my words" {
		t.Errorf("to %q with %q", to, o.opened)
	}
}
