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
	b, err := brief.Compose(cleared(t, amana.PurposePublication, brief.Format), nil, []string{"A clinic"}, reader())
	if err != nil {
		t.Fatal(err)
	}
	page, err := b.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"page": string(page), "Markdown": string(b.Markdown())} {
		for _, never := range []string{"CANARY", "Canaryville", "2024-03-27", "<script>", "14", "A district", "12_17", "<2024-03>"} {
			if strings.Contains(out, never) {
				t.Errorf("%s: %s is in it", name, never)
			}
		}
		plain := strings.NewReplacer("\\", "", "&lt;", "<", "&gt;", ">").Replace(out)
		for _, want := range []string{
			"A woman says so.", "option.claim_basis.saw", "option.mt19.010200", "The force of then", "option.attribution_how.named",
			"brief.count.least 58", "A report", "option.response_answer.no_answer", "A clinic", "brief.method.crowd",
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
		if _, err := brief.Compose(c, nil, nil, reader()); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

// place is an incident of one woman, known from a publication.
func place(n byte, pairs ...string) claim.Sheet {
	v := text("event_scope", "event", "event_from", "2024-03-27", "event_place", "Village"+string('A'+rune(n)), "event_district", "A district",
		"event_region", "A region", "event_country", "A country", "act/a/type", "020111010000", "person/p/role", "x", "person/p/sex", "female",
		"claim/c/stance", "supports", "claim/c/public", "In A district, somebody says.", "claim/c/publication", amana.RecordID{3}.String())
	v["person/p/role"], v["person/p/age"] = event.List("survivor"), event.Int(14)
	for i := 0; i+1 < len(pairs); i += 2 {
		v[pairs[i]] = event.Text(pairs[i+1])
	}
	return claim.FromValues(amana.RecordID{1, n + 1}, amana.KindIncident, v)
}

func briefOf(t *testing.T, sheets ...claim.Sheet) string {
	t.Helper()
	return words(briefAfter(t, nil, sheets...))
}

func words(b brief.Brief) string { return strings.ReplaceAll(string(b.Markdown()), "\\", "") }

func briefAfter(t *testing.T, before brief.Before, sheets ...claim.Sheet) brief.Brief {
	t.Helper()
	g := release.Gate{Now: func() time.Time { return noon }, Ledger: silent{}, Rules: release.DefaultRules()}
	c, err := g.Clear(t.Context(), release.Request{
		ID: amana.RecordID{9}, By: release.By{Roles: []amana.Role{amana.RoleReleaseOfficer}}, Purpose: amana.PurposePublication, Format: brief.Format,
		Records: func(context.Context) (all []release.Record, err error) {
			for _, s := range sheets {
				all = append(all, claim.Releasable(&s, func(amana.RecordID) release.Consents { return release.Consents{} })...)
			}
			return all, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := brief.Compose(c, before, nil, reader())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Two briefs laid side by side tell nobody apart whom neither tells apart by itself.
func TestCompose_besideEarlierBriefs(t *testing.T) {
	var five, eight []claim.Sheet
	for i := range byte(8) {
		if s := place(i); i < brief.Crowd {
			five, eight = append(five, s), append(eight, s)
		} else {
			eight = append(eight, s)
		}
	}
	first := briefAfter(t, nil, five...)
	if len(first.Said) != brief.Crowd {
		t.Fatalf("the first says of %d incidents what it says of them, want %d", len(first.Said), brief.Crowd)
	}
	before := func(id amana.RecordID) string { return first.Said[id] }
	if again := words(briefAfter(t, before, five...)); again != words(first) {
		t.Errorf("the same five are told otherwise the second time:\n%s", again)
	}
	second := briefAfter(t, before, eight...)
	if told := second.Said[eight[0].ID]; !strings.Contains(told, "A district") {
		t.Errorf("of the five of before: %q, want their district", told)
	}
	for _, s := range eight[brief.Crowd:] {
		if told := second.Said[s.ID]; strings.Trim(told, "|") != "" {
			t.Errorf("three who are new are told apart from the five by the first brief, and this one says %q of them", told)
		}
	}
	// Of the same five, a first brief said a region and an age group, since their districts
	// are not the same. Five of whom one is among them share a district: both together
	// would be of her alone.
	region := briefAfter(t, nil, place(0), place(10, "event_district", "B district"), place(11, "event_district", "C district"),
		place(12, "event_district", "D district"), place(13, "event_district", "E district"))
	if told := region.Said[eight[0].ID]; !strings.Contains(told, "A region") || strings.Contains(told, "A district") {
		t.Fatalf("five of several districts: %q", told)
	}
	district := briefAfter(t, func(id amana.RecordID) string { return region.Said[id] }, five...)
	if told := district.Said[eight[0].ID]; strings.Trim(told, "|") != "" {
		t.Errorf("her region and age group are public, and now %q", told)
	}
}

// What is said of when, where and of whom is shared by a crowd, or it is widened: a
// district to a region, a month to a year, an age group to a child, until it is.
func TestCompose_aCrowd(t *testing.T) {
	some := func(n int, change func(i byte) []string) (list []claim.Sheet) {
		for i := range byte(n) {
			list = append(list, place(i, change(i)...))
		}
		return list
	}
	same := func(byte) []string { return nil }
	for _, c := range []struct {
		name          string
		sheets        []claim.Sheet
		want, without []string
	}{
		{"five alike", some(brief.Crowd, same), []string{"A district", "<2024-03>", "option.age_band.12_17", "option.person_sex.female", "In A district"}, []string{"Village"}},
		{"four", some(brief.Crowd-1, same), []string{"option.mt4.020111010000", "brief.method.hidden"}, []string{"A district", "A region", "A country", "2024", "age_band", "person_sex"}},
		{
			"five of several districts", some(brief.Crowd, func(i byte) []string { return []string{"event_district", "District" + string('A'+rune(i))} }),
			[]string{"A region", "<2024-03>", "option.age_band.child"},
			[]string{"DistrictA", "12_17"},
		},
		{
			"five of several months", some(brief.Crowd, func(i byte) []string { return []string{"event_from", "2024-0" + string('1'+rune(i)) + "-05"} }),
			[]string{"A region", "<2024>", "option.age_band.child"},
			[]string{"<2024-0", "A district"},
		},
		{"five of several regions and years", some(brief.Crowd, func(i byte) []string {
			return []string{"event_region", "Region" + string('A'+rune(i)), "event_from", "202" + string('1'+rune(i))}
		}), []string{"option.mt4.020111010000"}, []string{"A country", "RegionA", "<202"}},
		{
			"one among five others", append(some(brief.Crowd, same), place(9, "event_district", "Elsewhere", "event_from", "2022-01")),
			[]string{"A district", "<2024-03>"},
			[]string{"Elsewhere", "2022"},
		},
	} {
		got := briefOf(t, c.sheets...)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %s in it:\n%s", c.name, w, got)
			}
		}
		for _, w := range c.without {
			if strings.Contains(got, w) {
				t.Errorf("%s: %s is in it:\n%s", c.name, w, got)
			}
		}
	}
}
