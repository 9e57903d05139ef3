package release_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/release"
)

var (
	noon   = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	court  = amana.Conceal("The court")
	other  = amana.Conceal("Another court")
	public amana.Private
)

func id(n int) amana.RecordID      { return amana.RecordID{byte(n >> 8), byte(n), 1} }
func member(n byte) amana.MemberID { return amana.MemberID{n} }

// book is a ledger that remembers, and may do something between the two looks.
type book struct {
	entries []release.Entry
	stopped map[amana.RecordID]string
	between func()
	err     error
	left    map[amana.RecordID]amana.Private // people, to whom
	unread  error
}

func (b *book) Earlier(_ context.Context, recipient amana.Private, since time.Time) (ids []amana.RecordID, err error) {
	if since.IsZero() || since.After(noon) {
		return nil, amana.ErrInvalid
	}
	for id, whom := range b.left {
		if release.Same(whom, recipient) {
			ids = append(ids, id)
		}
	}
	for i := range b.entries {
		if e := &b.entries[i]; b.stopped[e.ID] == "" && release.Same(e.Recipient, recipient) {
			ids = append(ids, e.People()...)
		}
	}
	return ids, b.unread
}

func (b *book) Enter(_ context.Context, e release.Entry) error {
	if b.err != nil {
		return b.err
	}
	b.entries = append(b.entries, e)
	if b.between != nil {
		b.between()
	}
	return nil
}

func (b *book) Stop(_ context.Context, id amana.RecordID, why string) error {
	if b.stopped == nil {
		b.stopped = map[amana.RecordID]string{}
	}
	b.stopped[id] = why
	return nil
}

func gate(b *book) *release.Gate {
	return &release.Gate{Now: func() time.Time { return noon }, Ledger: b, Rules: release.DefaultRules()}
}

// answers folds facts, each in an entry of its own, one after the other.
func answers(facts ...event.Fact) release.Consents {
	var entries []record.Entry
	for i, f := range facts {
		at := uint64(noon.Add(-time.Hour).UnixMilli()+int64(i)) << 16
		entries = append(entries, record.Entry{Time: at, Seq: uint64(i + 1), Body: event.Body{Facts: []event.Fact{f}}})
	}
	r := record.Fold(id(900), entries)
	return release.ConsentsOf(false, &r)
}

func yes(p amana.Purpose, whom amana.Private) event.Consented {
	return event.Consented{Purpose: p, Recipient: whom, Decision: amana.Granted}
}

func no(p amana.Purpose, whom amana.Private) event.Consented {
	return event.Consented{Purpose: p, Recipient: whom, Decision: amana.Withdrawn}
}

func item(p amana.Purpose, whom amana.Private, what release.Class) event.ConsentedItem {
	return event.ConsentedItem{Purpose: p, Recipient: whom, Item: string(what), Decision: amana.Granted}
}

func strike(p amana.Purpose, whom amana.Private, what release.Class) event.ConsentedItem {
	return event.ConsentedItem{Purpose: p, Recipient: whom, Item: string(what), Decision: amana.Refused}
}

// whole is a record with a field of every class.
func whole(n int, c release.Consents) release.Record {
	return release.Record{ID: id(n), Kind: amana.KindAccount, Subject: id(1000 + n), Consents: c, Fields: []release.Field{
		{Name: "type", Class: release.Coded, Value: event.Text("020111010000")},
		{Name: "name", Class: release.Identity, Value: event.Text("NAMECANARY")},
		{Name: "phone", Class: release.Contact, Value: event.Text("CANARY-PHONE")},
		{Name: "words", Class: release.Account, Value: event.Text("CANARY-WORDS")},
		{Name: "village", Class: release.Place, Value: event.Text("CANARY-VILLAGE"), Coarse: event.Text("a district")},
		{Name: "day", Class: release.Date, Value: event.Text("2024-03-27")},
		{Name: "age", Class: release.Age, Value: event.Int(14)},
		{Name: "injury", Class: release.Health, Value: event.Text("CANARY-HEALTH")},
		{Name: "file", Class: release.Evidence, Value: event.Text("CANARY-FILE")},
		{Name: "note", Class: release.Internal, Value: event.Text("CANARY-NOTE")},
	}}
}

func request(p amana.Purpose, whom amana.Private, records ...release.Record) release.Request {
	return release.Request{
		ID: id(999), By: release.By{Member: member(1), Roles: []amana.Role{amana.RoleReleaseOfficer}},
		Purpose: p, Recipient: whom, Format: "test",
		Records: func(context.Context) ([]release.Record, error) { return records, nil },
	}
}

func why(t *testing.T, err error) string {
	t.Helper()
	var r *release.RefusedError
	if err == nil {
		return ""
	}
	if !errors.As(err, &r) || !errors.Is(err, amana.ErrRefused) {
		t.Fatalf("err = %v, want a refusal", err)
	}
	return r.Why
}

func TestClear_failsClosed(t *testing.T) {
	acc := amana.PurposeAccountability
	ended := yes(acc, court)
	ended.Until = "2026-03-08"
	lastDay := yes(acc, court)
	lastDay.Until = "2026-03-09"
	conditional := yes(acc, court)
	conditional.Conditions = amana.Conceal("only in closed session")
	doubtful := answers(yes(acc, court))
	doubtful.Doubtful = true
	for _, c := range []struct {
		name string
		have release.Consents
		ask  amana.Purpose
		whom amana.Private
		want string
	}{
		{"nothing was asked", answers(), acc, court, "release.refused.not_asked"},
		{"a yes", answers(yes(acc, court)), acc, court, ""},
		{"a yes, written another way", answers(yes(acc, court)), acc, amana.Conceal(" the  COURT "), ""},
		{"a yes, with a mark that nobody sees", answers(yes(acc, court)), acc, amana.Conceal("the c\u200dourt"), ""},
		{"withdrawn in other letters that look the same", answers(yes(amana.PurposePublication, public), no(amana.PurposePublication, amana.Conceal("Re\u0301gion"))), amana.PurposePublication, amana.Conceal("R\u00e9gion"), "release.refused.withdrawn"},
		{"a yes to another court", answers(yes(acc, other)), acc, court, "release.refused.not_asked"},
		{"a yes to courts as such", answers(yes(acc, public)), acc, court, "release.refused.recipient"},
		{"a yes to another purpose", answers(yes(amana.PurposeStatistics, public)), acc, court, "release.refused.not_asked"},
		{"to nobody in particular", answers(yes(acc, court)), acc, public, "release.refused.no_recipient"},
		{"it has ended", answers(ended), acc, court, "release.refused.expired"},
		{"its last day", answers(lastDay), acc, court, ""},
		{"withdrawn", answers(yes(acc, court), no(acc, court)), acc, court, "release.refused.withdrawn"},
		{"all withdrawn afterwards", answers(yes(acc, court), no(acc, public)), acc, court, "release.refused.withdrawn"},
		{"agreed again after all was withdrawn", answers(yes(acc, court), no(acc, public), yes(acc, court)), acc, court, ""},
		{"on a condition", answers(conditional), acc, court, "release.refused.conditions"},
		{"an answer that could not be read", doubtful, acc, court, "release.refused.doubtful"},
		{"care leaves nobody's house", answers(yes(amana.PurposeCare, public)), amana.PurposeCare, court, "release.refused.purpose"},
		{"contact is no release", answers(yes(amana.PurposeContact, public)), amana.PurposeContact, court, "release.refused.purpose"},
		{"a purpose nobody knows", answers(yes("profit", court)), "profit", court, "release.refused.purpose"},
		{"published for everyone", answers(yes(amana.PurposePublication, public)), amana.PurposePublication, public, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &book{}
			cleared, err := gate(b).Clear(t.Context(), request(c.ask, c.whom, whole(1, c.have)))
			if got := why(t, err); got != c.want {
				t.Fatalf("refused for %q, want %q", got, c.want)
			}
			if (c.want == "") == cleared.IsZero() || (c.want == "") != (len(b.entries) == 1) {
				t.Errorf("cleared %v with %d entries in the ledger", !cleared.IsZero(), len(b.entries))
			}
		})
	}
}

func TestClear_everyField(t *testing.T) {
	acc, pub, stat := amana.PurposeAccountability, amana.PurposePublication, amana.PurposeStatistics
	type want map[string]string // by field: the verdict, and what it became
	nothing := want{"name": "withheld", "phone": "withheld", "words": "withheld", "injury": "withheld", "file": "withheld", "note": "withheld"}
	for _, c := range []struct {
		name string
		p    amana.Purpose
		whom amana.Private
		have release.Consents
		want want
	}{
		{"by the yes alone, no word of hers", acc, court, answers(yes(acc, court)), want{
			"type": "whole 020111010000", "village": "widened a district", "day": "widened 2024-03", "age": "widened 12_17",
		}},
		{"items she agreed to", acc, court, answers(yes(acc, court), item(acc, court, release.Account), item(acc, court, release.Place)), want{
			"words": "whole CANARY-WORDS", "village": "whole CANARY-VILLAGE", "age": "widened 12_17",
		}},
		{"an item she struck", acc, court, answers(yes(acc, court), strike(acc, court, release.Age)), want{"age": "withheld"}},
		{"struck for everybody", acc, court, answers(yes(acc, court), item(acc, court, release.Age), strike(acc, public, release.Age)), want{"age": "withheld"}},
		{"an item for another court", acc, court, answers(yes(acc, court), item(acc, other, release.Account)), nil},
		{"an item for courts as such", acc, court, answers(yes(acc, court), item(acc, public, release.Account)), nil},
		{"an item agreed to before she withdrew", acc, court, answers(
			yes(acc, court), item(acc, court, release.Account), no(acc, court), yes(acc, court)), nil},
		{"figures know no person", stat, public, answers(yes(stat, public), item(stat, public, release.Account), item(stat, public, release.Identity), item(stat, public, release.Place)), want{
			"village": "widened a district", "day": "widened 2024-03", "age": "widened 12_17",
		}},
		{"the public, by the yes alone", pub, public, answers(yes(pub, public)), want{"village": "widened a district", "age": "widened 12_17"}},
		{"her words, which she wants heard", pub, public, answers(yes(pub, public), item(pub, public, release.Account)), want{"words": "whole CANARY-WORDS"}},
		{"nobody publishes how she is reached", pub, public, answers(yes(pub, public), item(pub, public, release.Contact)), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cleared, err := gate(&book{}).Clear(t.Context(), request(c.p, c.whom, whole(1, c.have)))
			if err != nil {
				t.Fatal(err)
			}
			d, _ := cleared.Record(id(1))
			for _, l := range d.Lines {
				got := string(l.Verdict)
				if l.Verdict != release.Withheld {
					got += " " + l.Value.Reveal()
				} else if !l.Value.IsZero() {
					t.Errorf("%s is withheld and there all the same", l.Name)
				}
				want := c.want[l.Name]
				if want == "" {
					want = nothing[l.Name]
				}
				if want != "" && got != want {
					t.Errorf("%s: %s, want %s", l.Name, got, want)
				}
				if l.Reason == "" {
					t.Errorf("%s: %s for no reason", l.Name, l.Verdict)
				}
			}
		})
	}
}

func TestClear_onlyWhoMay(t *testing.T) {
	acc := amana.PurposeAccountability
	for _, role := range amana.Roles() {
		r := request(acc, court, whole(1, answers(yes(acc, court))))
		r.By.Roles = []amana.Role{role}
		_, err := gate(&book{}).Clear(t.Context(), r)
		if got, want := err == nil, role == amana.RoleReleaseOfficer; got != want {
			t.Errorf("%s releases to a court: %v, want %v", role, got, want)
		}
	}
}

// What she withdraws while it is being released stays, and the ledger says so.
func TestClear_withdrawnMeanwhile(t *testing.T) {
	acc := amana.PurposeAccountability
	have := answers(yes(acc, court))
	r := request(acc, court)
	r.Records = func(context.Context) ([]release.Record, error) { return []release.Record{whole(1, have)}, nil }
	b := &book{between: func() { have = answers(yes(acc, court), no(acc, court)) }}
	cleared, err := gate(b).Clear(t.Context(), r)
	if got := why(t, err); got != "release.refused.withdrawn" || !cleared.IsZero() {
		t.Errorf("refused for %q, cleared %v", got, !cleared.IsZero())
	}
	if b.stopped[id(999)] == "" {
		t.Error("the ledger does not say that it was stopped")
	}
	// Narrower without being withdrawn stops it too.
	have = answers(yes(acc, court), item(acc, court, release.Account))
	b.between = func() { have = answers(yes(acc, court), strike(acc, court, release.Account)) }
	if _, err = gate(b).Clear(t.Context(), r); why(t, err) != "release.refused.changed" {
		t.Errorf("narrowed meanwhile: %v", err)
	}
}

func TestClear_noEntryNoRelease(t *testing.T) {
	acc := amana.PurposeAccountability
	b := &book{err: amana.ErrStorage}
	cleared, err := gate(b).Clear(t.Context(), request(acc, court, whole(1, answers(yes(acc, court)))))
	if !errors.Is(err, amana.ErrStorage) || !cleared.IsZero() {
		t.Errorf("err = %v, cleared %v", err, !cleared.IsZero())
	}
}

func TestClear_conditionsInTheirOwnWords(t *testing.T) {
	acc := amana.PurposeAccountability
	c := yes(acc, court)
	c.Conditions = amana.Conceal("only in closed session")
	r := request(acc, court, whole(1, answers(c)))
	r.Met = []amana.Private{amana.Conceal("only in closed sessions")}
	if _, err := gate(&book{}).Clear(t.Context(), r); why(t, err) != "release.refused.conditions" {
		t.Errorf("other words: %v", err)
	}
	r.Met = []amana.Private{amana.Conceal("only in closed session")}
	if _, err := gate(&book{}).Clear(t.Context(), r); err != nil {
		t.Errorf("the same words: %v", err)
	}
}

func TestClear_whatIsPublic(t *testing.T) {
	article := whole(1, release.Consents{})
	article.Basis, article.Subject = release.IsPublic, amana.RecordID{}
	for p, wordsLeave := range map[amana.Purpose]bool{amana.PurposePublication: false, amana.PurposeAccountability: true} {
		cleared, err := gate(&book{}).Clear(t.Context(), request(p, court, article))
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		d, _ := cleared.Record(id(1))
		if got := d.Field("words").Verdict == release.Whole; got != wordsLeave {
			t.Errorf("%s: words of an article leave: %v, want %v", p, got, wordsLeave)
		}
		for _, name := range []string{"name", "phone", "injury", "file", "note"} {
			if v := d.Field(name).Verdict; v != release.Withheld {
				t.Errorf("%s: %s of an article: %s", p, name, v)
			}
		}
		if v := d.Field("village").Verdict; v != release.Widened {
			t.Errorf("%s: village: %s", p, v)
		}
	}
	file := article // what is kept for it, for which nobody is asked: others look
	file.Kind = amana.KindEvidence
	if _, err := gate(&book{}).Clear(t.Context(), request(amana.PurposeAccountability, court, file)); why(t, err) != "release.refused.quorum" {
		t.Errorf("a file of an article: %v", err)
	}
	article.Basis = "something newer"
	if _, err := gate(&book{}).Clear(t.Context(), request(amana.PurposePublication, public, article)); why(t, err) != "release.refused.basis" {
		t.Errorf("a basis nobody knows: %v", err)
	}
}

// A record about two people leaves by the answers of both.
func TestClear_aboutTwo(t *testing.T) {
	acc := amana.PurposeAccountability
	agreed := answers(yes(acc, court), item(acc, court, release.Account), item(acc, court, release.Place))
	for _, c := range []struct {
		name    string
		other   release.Consents
		refused string
		words   release.Verdict
	}{
		{"both agree", agreed, "", release.Whole},
		{"the other was not asked", answers(), "release.refused.not_asked", ""},
		{"the other withdrew", answers(yes(acc, court), no(acc, court)), "release.refused.withdrawn", ""},
		{"the other keeps the words", answers(yes(acc, court), strike(acc, court, release.Account)), "", release.Withheld},
		{"the other was not asked about the words", answers(yes(acc, court)), "", release.Withheld},
	} {
		r := whole(1, agreed)
		r.Others = []release.Consents{agreed, c.other}
		cleared, err := gate(&book{}).Clear(t.Context(), request(acc, court, r))
		if got := why(t, err); got != c.refused {
			t.Errorf("%s: refused for %q, want %q", c.name, got, c.refused)
		}
		if d, ok := cleared.Record(id(1)); ok && d.Field("words").Verdict != c.words {
			t.Errorf("%s: words %s, want %s", c.name, d.Field("words").Verdict, c.words)
		}
	}
}

func TestCleared_zeroAllowsNothing(t *testing.T) {
	var c release.Cleared
	if err := c.For("test"); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("err = %v", err)
	}
	acc := amana.PurposeAccountability
	c, err := gate(&book{}).Clear(t.Context(), request(acc, court, whole(1, answers(yes(acc, court)))))
	if err != nil || c.For("test") != nil || c.For("dossier") == nil {
		t.Errorf("err = %v; for its format %v, for another %v", err, c.For("test"), c.For("dossier"))
	}
}

func TestEntry_saysWhatLeft(t *testing.T) {
	acc := amana.PurposeAccountability
	b := &book{}
	have := answers(yes(acc, court), item(acc, court, release.Account))
	if _, err := gate(b).Clear(t.Context(), request(acc, court, whole(1, have), whole(2, answers()))); err != nil {
		t.Fatal(err)
	}
	e := b.entries[0]
	if len(e.Parts) != 1 || e.Parts[0].Record != id(1) || e.ID != id(999) || e.By != member(1) {
		t.Fatalf("entry %+v", e)
	}
	got := e.Parts[0].Released
	if fmt.Sprint(got.Whole, got.Widened, got.Items) != "[type words] [village day age] [account]" || got.Consent == 0 || got.Release != id(999) {
		t.Errorf("%v %v %v", got.Whole, got.Widened, got.Items)
	}
}

func TestDepartures(t *testing.T) {
	acc := amana.PurposeAccountability
	b := &book{}
	agreed := []event.Fact{yes(acc, court), item(acc, court, release.Account)}
	if _, err := gate(b).Clear(t.Context(), request(acc, court, whole(1, answers(agreed...)))); err != nil {
		t.Fatal(err)
	}
	left := []record.Release{{Released: b.entries[0].Parts[0].Released}}
	ended := yes(acc, court)
	ended.Until = "2026-03-01"
	for _, c := range []struct {
		name string
		then []event.Fact
		want string
	}{
		{"it stands", agreed, ""},
		{"withdrawn", append(agreed[:2:2], no(acc, court)), "release.recall.withdrawn"},
		{"all withdrawn", append(agreed[:2:2], no(acc, public)), "release.recall.withdrawn"},
		{"her words withdrawn", append(agreed[:2:2], strike(acc, court, release.Account)), "release.recall.narrowed"},
		{"something else withdrawn", append(agreed[:2:2], strike(acc, court, release.Evidence)), ""},
		{"ended", append(agreed[:2:2], ended), "release.recall.expired"},
		{"gone", nil, "release.recall.unclear"},
	} {
		if got := release.Departures(left, answers(c.then...), noon)[0].Recall; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A gate decision over 10,000 records takes less than a second: see the benchmark
// for the figure.
func BenchmarkClear10000(b *testing.B) {
	acc := amana.PurposeAccountability
	have := answers(yes(acc, court), item(acc, court, release.Account), item(acc, court, release.Place))
	records := make([]release.Record, 10_000)
	for n := range records {
		records[n] = whole(n, have)
		records[n].Subject = id(7)
	}
	g := gate(&book{})
	for b.Loop() {
		if _, err := g.Clear(b.Context(), request(acc, court, records...)); err != nil {
			b.Fatal(err)
		}
	}
}

// A text leaves only if it holds nothing that stays: the name of whoever told it, the
// village, the exact age, also of records that are not asked for.
func TestClear_textsThatTell(t *testing.T) {
	acc := amana.PurposeAccountability
	account := func(have release.Consents, words string) release.Record {
		return release.Record{ID: id(1), Kind: amana.KindAccount, Subject: id(2), Consents: have, Fields: []release.Field{
			{Name: "words", Class: release.Account, Value: event.Text(words)},
			{Name: "public", Class: release.Coded, Free: true, Value: event.Text(words)},
			{Name: "name", Class: release.Identity, Value: event.Text("Awa Exemple")},
			{Name: "village", Class: release.Place, Value: event.Text("Moura"), Coarse: event.Text("a district")},
			{Name: "age", Class: release.Age, Value: event.Int(14)},
		}}
	}
	known := account(answers(), "")
	known.ID, known.KnownOnly, known.Fields[2].Value = id(3), true, event.Text("Joseph")
	known.Fields = known.Fields[:3]
	words := answers(yes(acc, court), item(acc, court, release.Account))
	andPlace := answers(yes(acc, court), item(acc, court, release.Account), item(acc, court, release.Place))
	for _, c := range []struct {
		name, words string
		have        release.Consents
		leaves      bool
	}{
		{"nothing of it", "They came at night.", words, true},
		{"the name", "They asked for AWA, exemple!", words, false},
		{"half of the name", "They asked for Awa.", words, true},
		{"the village", "They came to Moura.", words, false},
		{"the village, agreed to", "They came to Moura.", andPlace, true},
		{"a longer word", "They came to Mourambo.", words, true},
		{"the age", "I was 14.", words, false},
		{"who is not asked for", "Joseph saw it.", words, false},
	} {
		cleared, err := gate(&book{}).Clear(t.Context(), request(acc, court, account(c.have, c.words), known))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"words", "public"} {
			if l := cleared.Field(id(1), field); (l.Verdict == release.Whole) != c.leaves {
				t.Errorf("%s: %s %s (%s)", c.name, field, l.Verdict, l.Reason)
			}
		}
		if _, there := cleared.Record(id(3)); there || len(cleared.Records()) != 1 {
			t.Errorf("%s: what was not asked for is among what was cleared", c.name)
		}
	}
}

// Two devices that did not see each other, a yes on the one and a withdrawal on the
// other: nothing leaves, whichever clock is ahead and in whichever order they meet.
func TestClear_twoDevices(t *testing.T) {
	acc := amana.PurposeAccountability
	entry := func(at uint64, device byte, facts ...event.Fact) record.Entry {
		return record.Entry{
			Time: at << 16, Device: amana.DeviceID{device}, Seq: at, Author: member(device),
			Body: event.Body{Seen: 1 << 16, Facts: facts},
		}
	}
	first := record.Entry{Time: 1 << 16, Device: amana.DeviceID{1}, Seq: 1, Body: event.Body{Facts: []event.Fact{
		event.Begun{Kind: amana.KindConsent}, yes(acc, court), item(acc, court, release.Account),
	}}}
	for _, withdrawn := range []event.Fact{no(acc, court), no(acc, public)} {
		for _, times := range [][2]uint64{{2, 3}, {3, 2}} {
			grant := entry(times[0], 1, yes(acc, court), item(acc, court, release.Account))
			withdrawal := entry(times[1], 2, withdrawn)
			for _, order := range [][]record.Entry{{first, grant, withdrawal}, {withdrawal, grant, first}} {
				r := record.Fold(id(900), order)
				_, err := gate(&book{}).Clear(t.Context(), request(acc, court, whole(1, release.ConsentsOf(false, &r))))
				if why(t, err) != "release.refused.withdrawn" {
					t.Errorf("grant at %d, withdrawal at %d: %v", times[0], times[1], err)
				}
			}
		}
	}
}
