package web_test

import (
	"net/http/httptest"
	"regexp"
	"testing"

	"amana/internal/i18n"
)

const (
	firstLoad = 30 << 10 // of a page with its style, script and mark, compressed; the goal is 60
	laterLoad = 8 << 10  // of any page after that; the goal is 15
	styleMost = 13 << 9  // maps and evidence took the style a little past 6 KB; the whole page is a third of its own
	appMost   = 13 << 9
)

// wire is what an answer weighs as it is sent, without its headers.
func (b *browser) wire(target string) int {
	b.Helper()
	r := httptest.NewRequest("GET", target, nil)
	r.Host = ourHost
	r.Header.Set("Accept-Language", b.language)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	for name, value := range b.cookies {
		r.Header.Add("Cookie", name+"="+value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if w.Code != 200 {
		b.Fatalf("%s: status %d", target, w.Code)
	}
	return w.Body.Len()
}

var stylesheet = regexp.MustCompile(`/static/style-[0-9a-f]+\.css`)

func TestBudget(t *testing.T) {
	b := newBrowser(t, newServer(t, sampleOffice()), "fr")
	page := b.get("/unlock")
	total := b.wire("/unlock")
	for _, f := range regexp.MustCompile(`/static/[a-z.-]+-[0-9a-f]{16}\.[a-z]+`).FindAllString(page, -1) {
		n := b.wire(f)
		t.Logf("%s: %d bytes", f, n)
		total += n
		if most := appMost; n > most {
			t.Errorf("%s: %d bytes, want at most %d", f, n, most)
		}
	}
	t.Logf("first page with everything: %d bytes", total)
	if total > firstLoad {
		t.Errorf("first page with everything: %d bytes, want at most %d", total, firstLoad)
	}
	if n := b.wire(stylesheet.FindString(page)); n > styleMost {
		t.Errorf("style: %d bytes, want at most %d", n, styleMost)
	}
}

// No page of the frame is heavy, in any language.
func TestBudget_everyPage(t *testing.T) {
	heaviest, where := 0, ""
	walkPages(t, frameDoors(), func(t *testing.T, b *browser, lang i18n.Language, path string) {
		t.Helper()
		n := b.wire(path)
		if n > heaviest {
			heaviest, where = n, lang.Tag()+path
		}
		if n > laterLoad {
			t.Errorf("%d bytes, want at most %d", n, laterLoad)
		}
	})
	t.Logf("the heaviest is %s: %d bytes", where, heaviest)
}
