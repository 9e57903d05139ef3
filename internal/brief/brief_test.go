package brief_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/brief"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/release"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

type silent struct{}

func (silent) Enter(context.Context, release.Entry) error         { return nil }
func (silent) Stop(context.Context, amana.RecordID, string) error { return nil }
func (silent) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

func text(pairs ...string) map[string]event.Value {
	v := map[string]event.Value{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v[pairs[i]] = event.Text(pairs[i+1])
	}
	return v
}

func sheets() []claim.Sheet {
	incident := text("event_scope", "event", "event_title", "CANARY-TITLE", "event_from", "2024-03-27", "event_place", "Canaryville", "event_district", "A district",
		"act/a/type", "020111010000", "person/p/name", "CANARY-NAME", "person/p/sex", "female",
		"claim/c/what", "CANARY-WHAT", "claim/c/quote", "CANARY-QUOTE", "claim/c/public", "A woman says so. <script>*x*</script>",
		"claim/c/stance", "supports", "claim/c/basis", "saw", "claim/c/connection", "010200", "claim/c/publication", amana.RecordID{3}.String(),
		"attribution/a/claim", "c", "attribution/a/actor", amana.RecordID{2}.String(), "attribution/a/how", "named", "attribution/a/described", "CANARY-DESCRIBED",
		"claim/c/count_of", "survivors",
		"claim/d/public", "It was in Canaryville that it happened", "claim/d/stance", "supports")
	incident["person/p/age"], incident["claim/c/count"], incident["claim/c/count_least"] = event.Int(14), event.Int(58), event.Bool(true)
	actor := text("name_official", "The force of today", "name/n/text", "The force of then", "name/n/from", "2020", "name/n/to", "2025",
		"response/r/answer", "no_answer", "response/r/asked_by", "An agency", "response/r/asked_on", "2025-12", "position/p/person", "CANARY-COMMANDER")
	return []claim.Sheet{
		claim.FromValues(amana.RecordID{1}, amana.KindIncident, incident), claim.FromValues(amana.RecordID{2}, amana.KindActor, actor),
		claim.FromValues(amana.RecordID{3}, amana.KindPublication, text("publication_title", "A report", "publication_on", "2024-05")),
	}
}

func cleared(t *testing.T, p amana.Purpose, format string) release.Cleared {
	t.Helper()
	g := release.Gate{Now: func() time.Time { return noon }, Ledger: silent{}, Rules: release.DefaultRules()}
	c, err := g.Clear(t.Context(), release.Request{
		ID: amana.RecordID{9}, By: release.By{Roles: []amana.Role{amana.RoleReleaseOfficer}}, Purpose: p, Recipient: amana.Conceal("court"), Format: format,
		Records: func(context.Context) ([]release.Record, error) {
			var all []release.Record
			for _, s := range sheets() {
				all = append(all, claim.Releasable(&s, func(amana.RecordID) release.Consents { return release.Consents{} })...)
			}
			return all, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reader says keys and arguments: what matters is which are said.
func reader() brief.Reader {
	return brief.Reader{Lang: "en", Dir: "ltr", Date: func(iso string) string { return "<" + iso + ">" }, T: func(key string, args ...any) string {
		var b strings.Builder
		b.WriteString(key)
		for i := 0; i+1 < len(args); i += 2 {
			if s, ok := args[i+1].(string); ok {
				b.WriteString(" " + s)
			}
			if n, ok := args[i+1].(int64); ok && n == 58 {
				b.WriteString(" 58")
			}
		}
		return b.String()
	}}
}

func TestBrief(t *testing.T) {
	b, err := brief.Compose(cleared(t, amana.PurposePublication, brief.Format), []string{"A clinic"}, reader())
	if err != nil {
		t.Fatal(err)
	}
	page, err := b.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"page": string(page), "Markdown": string(b.Markdown())} {
		for _, never := range []string{"CANARY", "Canaryville", "2024-03-27", "<script>", "14"} {
			if strings.Contains(out, never) {
				t.Errorf("%s: %s is in it", name, never)
			}
		}
		plain := strings.NewReplacer("\\", "", "&lt;", "<", "&gt;", ">").Replace(out)
		for _, want := range []string{
			"A woman says so.", "option.claim_basis.saw", "option.mt19.010200", "The force of then", "option.attribution_how.named",
			"brief.count.least 58", "A report", "option.response_answer.no_answer", "A clinic", "A district", "option.age_band.12_17", "<2024-03>",
			"brief.method.numbers", "option.mt4.020111010000",
		} {
			if !strings.Contains(plain, want) {
				t.Errorf("%s: no %s in it", name, want)
			}
		}
	}
	printed, err := b.PDF()
	if err != nil || !strings.HasPrefix(string(printed), "%PDF-") || len(printed) < 1000 {
		t.Errorf("%d bytes to print, %v", len(printed), err)
	}
	if strings.Contains(string(page), "style=") || !strings.Contains(string(page), `default-src 'none'`) {
		t.Error("the page loads something, or could")
	}
}

func TestCompose_onlyWhatIsForThePublic(t *testing.T) {
	for name, c := range map[string]release.Cleared{
		"nothing": {}, "cleared as another format": cleared(t, amana.PurposePublication, "huridocs"),
		"cleared for a court": cleared(t, amana.PurposeAccountability, brief.Format),
	} {
		if _, err := brief.Compose(c, nil, reader()); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}
