package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/referral"
)

func postDoors() []door {
	shut := func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			d.shut = true
		}
		return o
	}
	with := func(change func(*fakeDesk)) func() *fakeOffice {
		return func() *fakeOffice {
			o := sampleOffice()
			for _, d := range o.desks {
				change(d)
			}
			return o
		}
	}
	one := "/post/letters/" + recordID(60).String()
	ref := theCase + "/referrals/" + recordID(31).String()
	state := func(states ...referral.State) func() *fakeOffice {
		return func() *fakeOffice {
			o := sampleOffice()
			for _, d := range o.desks {
				d.referral = sampleReferralFile(referral.AmanaFile, "", states...)
			}
			return o
		}
	}
	carried := func() *fakeOffice { // by a hub
		o := state(referral.Draft, referral.Consented, referral.Sent)()
		for _, d := range o.desks {
			d.answered, d.referral.PostedOn, d.referral.Arrived = true, "2026-11-01", "2026-11-02"
		}
		return o
	}
	return []door{
		{"carried by a hub", carried, nothing, "admin words", nowhere, []string{one, ref}},
		{"post", sampleOffice, nothing, "admin words", nowhere, []string{"/post", one, "/settings"}},
		{"a letter with a case", with(func(d *fakeDesk) { d.hasCase = true }), nothing, "admin words", nowhere, []string{one, theCase}},
		{"a letter, no code", sampleOffice, nothing, "admin words", func(b *browser) { b.post(one+"/case", url.Values{"do": {"link"}}) }, []string{one + "?again=1"}},
		{"a case begun with a letter", sampleOffice, nothing, "case words", func(b *browser) { b.post(one+"/case", nil) }, []string{"/cases/new"}},
		{"post, refused", sampleOffice, nothing, "admin words", failing("/post/open"), []string{"/post?again=1"}},
		{"post of a caseworker", shut, nothing, "case words", nowhere, []string{"/post"}},
		{"no post box yet", shut, nothing, "admin words", nowhere, []string{"/post"}},
		{"a card", sampleOffice, nothing, "admin words", func(b *browser) { b.bring("/post", "amana/card/1\nx") }, []string{"/post/partner"}},
		{"to be sealed", state(referral.Draft, referral.Consented), nothing, "admin words", nowhere, []string{ref}},
		{"sealed", state(referral.Draft, referral.Consented, referral.Sent), nothing, "admin words", nowhere, []string{ref}},
	}
}

// bring uploads a file that must be answered by 303, and returns where it leads.
func (b *browser) bring(path, content string) string {
	b.Helper()
	code, to := b.upload(path, "file", []byte(content))
	if code != http.StatusSeeOther {
		b.Fatalf("POST %s: status %d, want 303", path, code)
	}
	return to
}

func TestEveryPage_ofThePost(t *testing.T) {
	walkPages(t, postDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200 (to %s)", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
	})
}

// A card is taken in only after somebody said that the words are the same.
func TestPost_aCardIsCompared(t *testing.T) {
	b, desk := atWork(t)
	if to := b.bring("/post", "amana/card/1\ntheirs"); to != "/post/partner" {
		t.Fatalf("sent to %s", to)
	}
	if page := b.get("/post/partner"); !strings.Contains(page, "lusab babad gutih") || desk.added != nil {
		t.Error("the words to compare are not shown, or it was taken in before")
	}
	b.post("/post/partner", url.Values{"same": {"no"}})
	b.post("/post/partner", url.Values{"same": {"yes"}})
	if desk.added != nil {
		t.Error("a card that was thrown away was taken in")
	}
	b.bring("/post", "amana/card/1\ntheirs")
	b.post("/post/partner", url.Values{"same": {"yes"}})
	if string(desk.added) != "amana/card/1\ntheirs" {
		t.Errorf("taken in: %q", desk.added)
	}
}

func TestPost_letters(t *testing.T) {
	b, desk := atWork(t)
	one := "/post/letters/" + recordID(60).String()
	if to := b.bring("/post", "amana/letter/1\nreferral"); to != one {
		t.Errorf("a referral: sent to %s", to)
	}
	if to := b.bring("/post", "amana/letter/1\nanswer"); !strings.HasSuffix(to, "/referrals/"+recordID(31).String()) {
		t.Errorf("an answer: sent to %s", to)
	}
	page := b.get(one)
	for _, words := range []string{"Nobody has compared", "18", "of_2031", "item_of_2031", "Des mots."} {
		if !strings.Contains(page, words) {
			t.Errorf("the letter does not show %q", words)
		}
	}
	for kind, words := range map[error]string{
		amana.ErrTampered: "changed on the way", amana.ErrNotFound: "for somebody else", amana.ErrInvalid: "no letter and no card",
		amana.ErrConflict: "noted already", amana.ErrNewer: "newer version",
	} {
		desk.refusal = kind
		to := b.bring("/post", "amana/letter/1\nx")
		if desk.refusal = nil; !strings.Contains(b.get(to), words) {
			t.Errorf("%v: %s does not say %q", kind, to, words)
		}
	}
	if to := b.bring("/post", strings.Repeat("x", casework.LargestLetter+1)); !strings.Contains(b.get(to), "too large") {
		t.Error("a file that is too large is not refused in words")
	}
	b.post(one, url.Values{"state": {"declined"}, "reason": {"no_capacity"}})
	if desk.reply != (referral.Reply{State: referral.Declined, Reason: "no_capacity"}) {
		t.Errorf("answered %+v", desk.reply)
	}
	b.post(one, url.Values{"state": {"accepted"}, "reason": {"no_capacity"}})
	if desk.reply.Reason != "" {
		t.Error("a yes has a reason")
	}
	w := b.do("GET", one+"/answer", nil)
	if w.Code != 200 || w.Header().Get("Content-Disposition") != `attachment; filename="espace.letter"` || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the answer's file: %d %v", w.Code, w.Header())
	}
}

func TestPost_sealsToThePartnerSheAgreedTo(t *testing.T) {
	b, desk := atWork(t)
	desk.referral = sampleReferralFile(referral.AmanaFile, "", referral.Draft, referral.Consented)
	ref := theCase + "/referrals/" + recordID(31).String()
	page := b.get(ref)
	if !strings.Contains(page, recordID(51).String()) || strings.Contains(page, recordID(52).String()) {
		t.Error("offered are other partners than the one she agreed to")
	}
	b.post(ref+"/send", url.Values{"channel": {"amana_file"}, "partner": {recordID(51).String()}})
	if desk.way.Channel != referral.AmanaFile || desk.way.Partner != recordID(51) {
		t.Errorf("sent by %+v", desk.way.Channel)
	}
	if w := b.do("GET", ref+"/letter", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "amana/letter/1") {
		t.Errorf("the file: %d", w.Code)
	}
	desk.refusal = amana.ErrRefused
	if w := b.do("GET", ref+"/letter", nil); w.Code != http.StatusSeeOther {
		t.Errorf("refused: %d", w.Code)
	}
}

// What a partner shared is in the form of a new case before anybody asks, with what was not
// shared beside it, and no consent; the case is linked with the letter. Whoever begins
// without it gets an empty form.
func TestPost_aCaseBeginsWithWhatWasShared(t *testing.T) {
	b, desk := atWork(t)
	one := "/post/letters/" + recordID(60).String()
	if to := b.post(one+"/case", nil); to != "/cases/new" {
		t.Fatalf("sent to %s", to)
	}
	page := b.get("/cases/new")
	for _, words := range []string{`value="Sira Inventée"`, `value="bam" selected`, "Not shared:", "Date of birth", sampleProvider} {
		if !strings.Contains(page, words) {
			t.Errorf("the new case does not begin with %q", words)
		}
	}
	if strings.Count(page, `value="granted" checked`) != 0 {
		t.Error("a consent came with it")
	}
	b.post("/cases", url.Values{"team": {teamID(1).String()}})
	if desk.linked != recordID(60) {
		t.Errorf("opened with the letter %v", desk.linked)
	}
	if page := b.get("/cases/new"); strings.Contains(page, "Sira Inventée") {
		t.Error("the next case begins with it too")
	}
	b.post(one+"/case", nil)
	b.post(one+"/case", url.Values{"do": {"drop"}})
	if page := b.get("/cases/new"); strings.Contains(page, "Sira Inventée") {
		t.Error("it is there though it was dropped")
	}
	if to := b.post(one+"/case", url.Values{"do": {"link"}, "code": {sampleCode}}); desk.linkedTo != sampleCode || !strings.HasPrefix(to, theCase) {
		t.Errorf("linked with %q, then %s", desk.linkedTo, to)
	}
	desk.refusal = amana.ErrConflict
	to := b.post(one+"/case", url.Values{"do": {"link"}, "code": {sampleCode}})
	if desk.refusal = nil; !strings.Contains(b.get(to), "belongs to a case already") {
		t.Errorf("linked twice: %s", to)
	}
}
