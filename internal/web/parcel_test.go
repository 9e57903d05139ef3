package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"amana/internal/casework"
	"amana/internal/i18n"
)

const aPackage = "/post/packages/"

func packageDoors() []door {
	with := func(change func(*fakeDesk)) func() *fakeOffice {
		return func() *fakeOffice {
			o := sampleOffice()
			for _, d := range o.desks {
				d.came = samplePackage()
				change(d)
			}
			return o
		}
	}
	one := aPackage + recordID(61).String()
	at := func(name string, change func(*fakeDesk)) door {
		return door{name, with(change), nothing, "admin words", nowhere, []string{one}}
	}
	back := func(d *fakeDesk) { d.came.Back, d.came.BackOn = "withdrawn", "2026-11-02" }
	return []door{
		{"a package", with(func(*fakeDesk) {}), nothing, "admin words", nowhere, []string{one, one + "/check"}},
		{"a broken dossier", with(func(d *fakeDesk) { d.broken = true }), nothing, "admin words", nowhere, []string{one + "/check"}},
		{"by nobody knows whose key", with(func(d *fakeDesk) { d.whose = casework.KeyUnsaid }), nothing, "admin words", nowhere, []string{one + "/check"}},
		{"by a stranger's key", with(func(d *fakeDesk) { d.whose = casework.KeyOfSomebody }), nothing, "admin words", nowhere, []string{one + "/check"}},
		{"by another partner's key", with(func(d *fakeDesk) { d.whose = casework.KeyOfAnother }), nothing, "admin words", nowhere, []string{one + "/check"}},
		{"of nobody who was compared", with(func(d *fakeDesk) { d.whose = casework.KeyUnknown }), nothing, "admin words", nowhere, []string{one + "/check"}},
		{"a package, for who may not erase", with(back), nothing, "case words", nowhere, []string{one}},
		at("taken back", back),
		{"taken back, no reason", with(back), nothing, "admin words", func(b *browser) {
			b.post(one+"/answer", url.Values{"do": {"keep"}})
		}, []string{one + "?again=1"}},
		at("its time is over", func(d *fakeDesk) { d.came.About.Until = "2020-01-01" }),
		at("of an unknown sender", func(d *fakeDesk) { d.came.Known, d.came.Wanted, d.came.Here = false, false, false }),
		at("on its way", func(d *fakeDesk) {
			d.came.Here, d.came.Arrived, d.came.Got, d.came.About.Conditions = false, false, 100, nil
		}),
		at("elsewhere", func(d *fakeDesk) { d.came.Here = false }),
		at("damaged", func(d *fakeDesk) { d.came.Here, d.came.Broken, d.came.About.Until = false, true, "" }),
		at("destroyed", func(d *fakeDesk) { d.came.Here, d.came.Gone = false, true }),
	}
}

func TestEveryPage_ofPackages(t *testing.T) {
	walkPages(t, packageDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200 (to %s)", w.Code, w.Header().Get("Location"))
		}
		checkPage(t, lang, w.Body.String())
	})
}

// What came is shown with where from, for what and on which conditions, and handed out as
// a download that says nothing by its name; what was taken back is not.
func TestPackages_shown(t *testing.T) {
	b, desk := atWork(t)
	one := aPackage + recordID(61).String()
	if page := b.get("/post"); !strings.Contains(page, one) {
		t.Error("the list of packages does not lead to it")
	}
	page := b.get(one)
	for _, words := range []string{sampleProvider, "Pas avant les pluies.", "2031", "byte for byte", one + "/check"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page of a package does not say %q", words)
		}
	}
	if page := b.get(one + "/check"); !strings.Contains(page, "The one check holds.") {
		t.Error("what the check found is not said")
	}
	w := b.do("GET", one+"/file", nil)
	if w.Code != 200 || w.Body.String() != "dossier" || w.Header().Get("Content-Disposition") != `attachment; filename="espace.zip"` || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the file: %d %v", w.Code, w.Header())
	}
	desk.came = samplePackage()
	desk.came.Back, desk.came.BackOn = "withdrawn", "2026-11-02"
	if page := b.get(one); strings.Contains(page, one+"/file") || !strings.Contains(page, "withdrew") || !strings.Contains(page, "every copy") {
		t.Error("what was taken back is handed out, or it is not said what to do")
	}
	b.post(one+"/answer", url.Values{})
	b.post(one+"/answer", url.Values{"sure": {"yes"}})
	b.post(one+"/answer", url.Values{"do": {"keep"}, "reason": {"law"}})
	b.post(one+"/want", nil)
	if !slices.Equal(desk.packAnswers, []string{"destroyed", "kept law", "want"}) {
		t.Errorf("answered: %v", desk.packAnswers)
	}
}

// A release can be sent to the partner for whom it was cleared; how far it is stands at it.
func TestPackages_sent(t *testing.T) {
	b, desk := atWork(t)
	desk.dossierReady = []byte("dossier")
	dossier := theCase + "/evidence/dossier"
	if page := b.get(dossier); !strings.Contains(page, "Send to La Cour") {
		t.Fatal("the dossier cannot be sent to whom it is for")
	}
	if to := b.post(dossier+"/send", url.Values{"partner": {recordID(51).String()}}); !strings.HasPrefix(to, anEntry) || desk.sentTo != recordID(51) {
		t.Errorf("sent to %v, then %s", desk.sentTo, to)
	}
	desk.noParcel = &casework.Refusal{Key: "parcel.withdrawn"}
	if to := b.post(dossier+"/send", url.Values{"partner": {recordID(51).String()}}); !strings.Contains(b.get(to), "Nothing was sent") {
		t.Errorf("what does not stand any more: to %s", to)
	}
	if to := b.post(anEntry+"/send", url.Values{"partner": {recordID(51).String()}}); !strings.Contains(b.get(to), "Release it again") {
		t.Errorf("without a file: to %s", to)
	}
	desk.cSent = &casework.SentPackage{Partner: recordID(51), Reason: "law"}
	if page := b.get(anEntry); !strings.Contains(page, "waits for the next exchange") {
		t.Error("how far it is does not stand at the release")
	}
}

// A dossier whose key is not the partner's is not shown as the partner's, and can be kept.
func TestPackages_ofAnotherKey(t *testing.T) {
	b, desk := atWork(t)
	desk.came = samplePackage()
	one := aPackage + recordID(61).String()
	says(t, b.get(one+"/check"), "signed by a key of "+desk.came.From.Name)
	desk.whose = casework.KeyOfSomebody
	page := b.get(one + "/check")
	says(t, page, "It is not signed by the partner who sent it", "Do not take it for the partner", "one two three", "Save")
	if strings.Contains(page, "signed by a key of") {
		t.Error("it is shown as the partner's")
	}
}
