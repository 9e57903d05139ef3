package web_test

import (
	"slices"
	"strings"
	"testing"

	"amana/internal/casework"
	"amana/internal/i18n"
)

const twicePath = "/releases/twice/"

func settleDoors() []door {
	with := func() *fakeOffice {
		o := sampleOffice()
		for _, d := range o.desks {
			d.twice = begunTwice()
		}
		return o
	}
	return []door{
		{"begun twice", with, nothing, "admin words", nowhere, []string{
			twicePath + recordID(41).String(), twicePath + recordID(42).String(), twicePath + recordID(43).String(), "/figures/releases", "/releases",
		}},
	}
}

func TestEveryPage_ofReleasesBegunTwice(t *testing.T) {
	walkPages(t, settleDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		w := b.do("GET", path, nil)
		if w.Code != 200 {
			t.Fatalf("status %d, want 200", w.Code)
		}
		checkPage(t, lang, w.Body.String())
		if n := b.wire(path); n > laterLoad {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
}

// Whoever settles a release says of each beginning that they looked, by what stood on the
// page; who may not is told why, and finds no button.
func TestSettle(t *testing.T) {
	o := sampleOffice()
	for _, d := range o.desks {
		d.twice = begunTwice()
	}
	b := newBrowser(t, newServer(t, o), "en").unlock("admin words")
	desk := o.desks["admin words"]
	path := twicePath + recordID(41).String()
	list, page := b.get("/figures/releases"), b.get(path)
	says(t, list, "Begun more than once")
	for where, want := range map[string]string{list: `href="` + path + `"`, page: aDigest + `"><input type="hidden" name="looked" value="` + anotherDigest} {
		if !strings.Contains(where, want) {
			t.Errorf("no %s", want)
		}
	}
	says(t, page, "Not settled: 1 of 2 looked", "Beginning 1", "Beginning 2", "1 table is too large or unknown", "I have looked at each of them")
	if to := b.post(path, map[string][]string{"looked": {aDigest, anotherDigest}}); to != path || !slices.Equal(desk.looked, []string{aDigest, anotherDigest}) {
		t.Errorf("to %s, looked at %v", to, desk.looked)
	}
	says(t, b.get(path), "once two people have looked")
	desk.noLook = &casework.Refusal{Key: "settle.changed"}
	if to := b.post(path, map[string][]string{"looked": {aDigest}}); !strings.Contains(b.get(to), "There is another beginning by now") {
		t.Errorf("one of them: to %s", to)
	}
	about := b.get(twicePath + recordID(42).String())
	says(t, about, "You began one of them", "This is no release")
	if strings.Contains(about, "I have looked") {
		t.Error("whoever began one is asked")
	}
	says(t, b.get(twicePath+recordID(43).String()), "A part of it is missing on this computer")
	if w := b.do("GET", twicePath+recordID(44).String(), nil); w.Code != 404 {
		t.Errorf("one that was begun once: %d", w.Code)
	}
}
