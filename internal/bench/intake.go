package bench

import (
	"context"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"amana"
)

// The whole first conversation on one page: what shows, what is sent, what follows
// from an answer, and a save of every answer that is words.

var (
	textarea = regexp.MustCompile(`<textarea[^>]*\sname="([^"]+)"`)
	team     = regexp.MustCompile(`name="team" value="([^"]+)"`)
)

// answers fills in a page as somebody does who writes much.
func answers(page string) url.Values {
	f := url.Values{}
	for _, m := range textarea.FindAllStringSubmatch(page, -1) {
		f.Set(html.UnescapeString(m[1]), "Des mots inventés, assez longs pour une réponse ordinaire, écrits pour mesurer.")
	}
	if m := team.FindStringSubmatch(page); m != nil {
		f.Set("team", m[1])
	}
	f.Del("best_interests") // of an adult
	for name, value := range map[string]string{
		"consent_care": "granted", "consent_statistics": "refused", "age": "23", "sex": "female", "prior_interview": "false",
		"risk_level": "medium", "assault_date": "2026-01",
	} {
		f.Set(name, value)
	}
	return f
}

// intake measures the page of a new case, what it asks after an answer, and its save.
func (r *run) intake(ctx context.Context, b *browser) error {
	const path = "/cases/new"
	page, err := b.plain(ctx, path)
	if err != nil {
		return err
	}
	sent, err := b.get(ctx, path)
	if err != nil {
		return err
	}
	shown, err := r.clock.each(ctx, r.asks, r.step, func(int) error {
		_, err := b.get(ctx, path)
		return err
	})
	if err != nil {
		return err
	}
	form := answers(page)
	live := url.Values{"live": {"yes"}}
	maps.Copy(live, form)
	follows, err := r.clock.each(ctx, r.asks, r.step, func(int) error {
		w := b.ask(ctx, http.MethodPost, path+"/ask", live.Encode())
		if w.Code != http.StatusOK {
			return fmt.Errorf("bench: what follows was answered by status %d: %w", w.Code, amana.ErrInvalid)
		}
		return nil
	})
	if err != nil {
		return err
	}
	saved, err := r.clock.each(ctx, fewest, r.step, func(int) error {
		w := b.ask(ctx, http.MethodPost, "/cases", form.Encode())
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || strings.HasPrefix(to, path) {
			return fmt.Errorf("bench: a full form was answered by status %d: %w", w.Code, amana.ErrInvalid)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.add(
		figure("the whole intake at the server, 95 of 100", percentile(shown, 95), "ms").under(100),
		figure("the whole intake, compressed", float64(sent.Body.Len())/1000, "KB").under(60),
		figure("what follows from an answer, 95 of 100", percentile(follows, 95), "ms").under(50),
		figure("a full intake saved, the disk's sync included, 95 of 100", percentile(saved, 95), "ms").under(150),
	)
	return nil
}
