package huridocs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/huridocs"
	"amana/internal/record"
	"amana/internal/release"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

type silent struct{}

func (silent) Enter(context.Context, release.Entry) error         { return nil }
func (silent) Stop(context.Context, amana.RecordID, string) error { return nil }
func (silent) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

// filled is a record with something in every field of its kind, two items in each
// list, by the types of the schema.
func filled(kind amana.Kind, n byte, account amana.RecordID) claim.Sheet {
	values := map[string]event.Value{}
	for _, f := range record.Fields(kind) {
		if claim.ClassOf(kind, f.Name) == release.Internal {
			continue
		}
		list, field, in := strings.Cut(f.Name, "/")
		names := []string{f.Name}
		if in {
			names = []string{list + "/aa/" + field, list + "/bb/" + field}
		}
		for i, name := range names {
			values[name] = sample(f, i)
		}
	}
	if kind == amana.KindIncident { // what is heard here leaves by an answer
		for _, item := range []string{"aa", "bb"} {
			values["claim/"+item+"/account"] = event.Text(account.String())
			values["attribution/"+item+"/claim"] = event.Text(item)
		}
		values["person/bb/state"] = event.Say(event.DoesNotKnow)
	}
	return claim.FromValues(amana.RecordID{n}, kind, values)
}

func sample(f record.Field, i int) event.Value {
	switch f.Type { //nolint:exhaustive // the others are words
	case record.Number:
		return event.Int(int64(14 + i))
	case record.Decimal:
		return event.Decimal(14.5)
	case record.YesNo:
		return event.Bool(i == 0)
	case record.Choice:
		return event.Text(record.Options(f.Options)[i%len(record.Options(f.Options))])
	case record.Choices:
		return event.List(record.Options(f.Options)[:i+1]...)
	case record.Date:
		return event.Text("2024-03-0" + fmt.Sprint(i+1))
	default:
		return event.Text("Ségou, \"x\" <b> " + f.Name)
	}
}

// agreed is a yes to the court, for every item.
func agreed() release.Consents {
	acc, court := amana.PurposeAccountability, amana.Conceal("court")
	facts := []event.Fact{event.Consented{Purpose: acc, Recipient: court, Decision: amana.Granted}}
	for _, item := range release.Asked(acc) {
		facts = append(facts, event.ConsentedItem{Purpose: acc, Recipient: court, Item: string(item), Decision: amana.Granted})
	}
	r := record.Fold(amana.RecordID{77}, []record.Entry{{Time: 1 << 16, Seq: 1, Body: event.Body{Facts: facts}}})
	return release.ConsentsOf(false, &r)
}

// What is written and read again is the same, field by field.
func TestRoundTrip(t *testing.T) {
	account := amana.RecordID{5}
	want := map[amana.RecordID]claim.Sheet{}
	for i, kind := range huridocs.Kinds() {
		s := filled(kind, byte(i+1), account)
		want[s.ID] = s
	}
	gate := release.Gate{Now: func() time.Time { return noon }, Ledger: silent{}, Rules: release.Rules{Bulk: 100}}
	request := release.Request{
		ID: amana.RecordID{99}, By: release.By{Roles: []amana.Role{amana.RoleReleaseOfficer}}, Purpose: amana.PurposeAccountability,
		Recipient: amana.Conceal("court"), Format: huridocs.Format,
		Records: func(context.Context) ([]release.Record, error) {
			var all []release.Record
			for i := range huridocs.Kinds() {
				s := want[amana.RecordID{byte(i + 1)}]
				for _, r := range claim.Releasable(&s, func(amana.RecordID) release.Consents { return agreed() }) {
					r.Basis, r.Consents = release.ByConsent, agreed()
					all = append(all, r)
				}
			}
			return all, nil
		},
	}
	scope := release.Scope{Purpose: request.Purpose, Recipient: request.Recipient, Format: request.Format}
	for id := range want {
		scope.Records = append(scope.Records, id)
	}
	request.Proposal = &release.Proposal{Scope: scope, When: noon.Add(-time.Hour), Reason: amana.Conceal("asked")}
	c, err := gate.Clear(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := huridocs.Write(&out, c); err != nil {
		t.Fatal(err)
	}
	got, err := huridocs.Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for _, r := range got {
		s := want[r.ID]
		if len(r.Values) != len(s.Values()) || len(r.Values) < 6 {
			t.Errorf("%s: %d fields, want %d", r.Kind, len(r.Values), len(s.Values()))
		}
		for name, v := range s.Values() {
			if !v.Equal(r.Values[name]) {
				t.Errorf("%s: %s came back as another", r.Kind, name)
			}
		}
	}
}

func TestWrite_needsTheGate(t *testing.T) {
	var out bytes.Buffer
	if err := huridocs.Write(&out, release.Cleared{}); !errors.Is(err, amana.ErrRefused) || out.Len() > 0 {
		t.Errorf("err = %v, %d bytes", err, out.Len())
	}
}

func TestRead_refused(t *testing.T) {
	id := amana.RecordID{1}.String()
	record := func(kind, entity, item, fields string) string {
		return fmt.Sprintf(`{"format":"amana-huridocs-1","records":[{"id":%q,"kind":%q,"entities":[{"entity":%q,"id":%q,"fields":{%s}}]}]}`, id, kind, entity, item, fields)
	}
	for name, text := range map[string]string{
		"nothing": "", "no json": "{", "of something else": `{"format":"x"}`,
		"an id that is none":     `{"format":"amana-huridocs-1","records":[{"id":"1","kind":"actor"}]}`,
		"a kind of people":       record("identity", "event", "", `"0102":"x"`),
		"a number of no format":  record("incident", "event", "", `"9999":"x"`),
		"an entity of none":      record("incident", "profit", "", `"0102":"x"`),
		"an item of the event":   record("incident", "event", "aa", `"0102":"x"`),
		"an act without an id":   record("incident", "act", "", `"2109":"x"`),
		"an id with a way out":   record("incident", "act", "../a", `"2109":"x"`),
		"a number with a rest":   record("incident", "act", "aa", `"2109":1.5`),
		"a list of lists":        record("incident", "act", "aa", `"2109":[[]]`),
		"an answer nobody gives": record("incident", "act", "aa", `"2109":{"answer":"perhaps"}`),
		"nothing in place of it": record("incident", "act", "aa", `"2109":null`),
	} {
		if _, err := huridocs.Read(strings.NewReader(text)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}
