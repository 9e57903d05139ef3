package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"

	"amana"
)

// serving measures what pages weigh, and what memory the program holds that
// serves them.
func (r *run) serving(ctx context.Context) error {
	if r.Pages == nil {
		return nil
	}
	r.lock()
	h, host, err := r.Pages(r.office)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // what the measuring took is not the pages'
	b := &browser{handler: h, host: host, cookies: map[string]string{}}
	if err := b.unlock(ctx); err != nil {
		return err
	}
	first, later, err := b.weigh(ctx, []string{"/today", "/cases", "/cases/" + r.ids[0].String(), "/cases/new"})
	if err != nil {
		return err
	}
	for i := range 100 {
		if _, err := b.get(ctx, "/cases/"+r.ids[i%len(r.ids)].String()); err != nil {
			return err
		}
		if _, err := b.get(ctx, "/cases"); err != nil {
			return err
		}
	}
	r.add(
		figure(fmt.Sprintf("memory while pages of %d cases are served", r.cases), resident(), "MB").under(250),
		figure("first page with everything, compressed", first, "KB").under(60),
		figure("heaviest page after it, compressed", later, "KB").under(15),
	)
	return r.intake(ctx, b)
}

// browser asks for pages as a browser on this device does.
type browser struct {
	handler http.Handler
	host    string
	cookies map[string]string
}

func (b *browser) unlock(ctx context.Context) error {
	form := url.Values{"passphrase": {words}}
	w := b.ask(ctx, http.MethodPost, "/unlock", form.Encode())
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		return fmt.Errorf("bench: unlocking was answered by status %d: %w", w.Code, amana.ErrRefused)
	}
	return nil
}

// get returns a page as it is sent.
func (b *browser) get(ctx context.Context, path string) (*httptest.ResponseRecorder, error) {
	w := b.ask(ctx, http.MethodGet, path, "")
	if w.Code != http.StatusOK {
		return nil, fmt.Errorf("bench: a page was answered by status %d: %w", w.Code, amana.ErrNotFound)
	}
	return w, nil
}

func (b *browser) ask(ctx context.Context, method, path, form string) *httptest.ResponseRecorder {
	q := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(form))
	q.Host = b.host
	q.Header.Set("Accept-Language", "fr")
	q.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != "" {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		q.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, q)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return w
}

var static = regexp.MustCompile(`/static/[A-Za-z0-9._/-]+`)

// weigh returns the kilobytes of the first page with all that it loads, and of
// the heaviest of the others alone.
func (b *browser) weigh(ctx context.Context, paths []string) (first, later float64, err error) {
	seen := map[string]bool{}
	for i, path := range paths {
		page, err := b.get(ctx, path)
		if err != nil {
			return 0, 0, err
		}
		size := float64(page.Body.Len()) / 1000
		if i > 0 {
			later = max(later, size)
			continue
		}
		first = size
		loads, err := b.loads(ctx, path, seen)
		if err != nil {
			return 0, 0, err
		}
		first += loads
	}
	return first, later, nil
}

// loads returns the kilobytes of what a page or style loads, each once.
func (b *browser) loads(ctx context.Context, path string, seen map[string]bool) (kb float64, err error) {
	plain, err := b.plain(ctx, path)
	if err != nil {
		return 0, err
	}
	for _, file := range static.FindAllString(plain, -1) {
		if seen[file] {
			continue
		}
		seen[file] = true
		w, err := b.get(ctx, file)
		if err != nil {
			return 0, err
		}
		kb += float64(w.Body.Len()) / 1000
		if strings.HasSuffix(file, ".css") {
			more, err := b.loads(ctx, file, seen)
			if err != nil {
				return 0, err
			}
			kb += more
		}
	}
	return kb, nil
}

// plain returns a page uncompressed.
func (b *browser) plain(ctx context.Context, path string) (string, error) {
	q := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	q.Host = b.host
	q.Header.Set("Accept-Encoding", "identity")
	for name, value := range b.cookies {
		q.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, q)
	if w.Code != http.StatusOK {
		return "", fmt.Errorf("bench: a page was answered by status %d: %w", w.Code, amana.ErrNotFound)
	}
	return w.Body.String(), nil
}
