package exchange_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/record"
	"amana/internal/release"
)

// answered is her answer about being counted, or to one recipient.
func answered(d amana.Decision, until, recipient string) record.ConsentState {
	return record.ConsentState{Consented: event.Consented{
		Purpose: amana.PurposeStatistics, Decision: d, Until: until, Recipient: amana.Conceal(recipient),
	}}
}

// An incident leaves only under an answer that stands; of two, the narrower holds.
func TestClear(t *testing.T) {
	now := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	care := record.ConsentState{Consented: event.Consented{Purpose: amana.PurposeCare, Decision: amana.Refused}}
	yes, no := answered(amana.Granted, "", ""), answered(amana.Refused, "", "")
	for _, c := range []struct {
		name    string
		said    event.Value
		answers []record.ConsentState
		want    bool
	}{
		{"nobody asked", event.Value{}, nil, false},
		{"nobody asked about it", event.Value{}, []record.ConsentState{care, answered(amana.NotAsked, "", "")}, false},
		{"she said yes", event.Value{}, []record.ConsentState{care, yes}, true},
		{"she said yes with the incident", event.Bool(true), nil, true},
		{"she said no with the incident", event.Bool(false), nil, false},
		{"she said yes, and no with the incident", event.Bool(false), []record.ConsentState{yes}, false},
		{"she said no, and yes with the incident", event.Bool(true), []record.ConsentState{no}, false},
		{"two answers", event.Bool(true), []record.ConsentState{yes, no}, false},
		{"she took it back", event.Bool(true), []record.ConsentState{answered(amana.Withdrawn, "", "")}, false},
		{"she took it back from one recipient", event.Bool(true), []record.ConsentState{yes, answered(amana.Withdrawn, "", "Somebody")}, false},
		{"to one recipient only", event.Value{}, []record.ConsentState{answered(amana.Granted, "", "Somebody")}, false},
		{"to this recipient", event.Value{}, []record.ConsentState{answered(amana.Granted, "", "the TASK force")}, true},
		{"to one recipient only, until a day", event.Value{}, []record.ConsentState{answered(amana.Granted, "2027", "Somebody")}, false},
		{"its last day", event.Value{}, []record.ConsentState{answered(amana.Granted, "2026-03-09", "")}, true},
		{"it is over", event.Bool(true), []record.ConsentState{answered(amana.Granted, "2026-03-08", "")}, false},
		{"she does not know", event.Say(event.DoesNotKnow), []record.ConsentState{yes}, false},
		{"something that is no answer", event.Text("true"), []record.ConsentState{yes}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := exchange.Values{"sex": event.Text("female")}
			if !c.said.IsZero() {
				v["consent_reporting"] = c.said
			}
			_, err := clear(v, c.answers, "The task force", string(exchange.Recorder), now)
			if got := err == nil; got != c.want || err != nil && !errors.Is(err, amana.ErrRefused) {
				t.Errorf("leaves: %v, want %v (%v)", got, c.want, err)
			}
		})
	}
}

// Nothing leaves for which the sheet has no column: no narrative, no name, nothing that
// came from elsewhere and could not be read.
func TestClear_columnsOnly(t *testing.T) {
	c, err := clear(exchange.Values{
		"consent_reporting": event.Bool(true), "sex": event.Text("female"), "incidentid_ir": event.Text("IR-1"),
		"incident_description": event.Text("Canarybird told"), "name": event.Text("Canarybird"),
		"import/kept/notes": event.Text("Canarybird"), "import/raw/sex": event.Text("Canarybird"), "import/source/id": event.Text("Canarybird"),
		"note/0000000001/text": event.Text("Canarybird"), "alleged_perpetrator/0000000001/name": event.Text("Canarybird"),
	}, nil, "", string(exchange.Recorder), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := exchange.NewRecorderWriter(&b, "en")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(c); err != nil {
		t.Fatal(err)
	}
	for name, format := range map[string]string{"as nothing": "", "as a dossier": "dossier"} {
		other := release.Cleared{}
		if format != "" {
			if other, err = clear(exchange.Values{"consent_reporting": event.Bool(true)}, nil, "", format, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Add(other); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("cleared %s: %v", name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(all.String(), "Canarybird") || !strings.Contains(all.String(), "IR-1") {
		t.Error("something left that has no column, or nothing did")
	}
}

// The age at the interview leaves, the birthday stays.
func TestRecord_noBirthday(t *testing.T) {
	for _, c := range []struct{ born, told, want string }{
		{"2008-11-23", "2026-03-09", "2009-03-09"}, // 17
		{"2008-03-09", "2026-03-09", "2008-03-09"}, // 18 that day
		{"2008-03-10", "2026-03-09", "2009-03-09"},
		{"1999-05-01", "", "1999"},
		{"1999", "2026-03-09", "1999"},
		{"1999-05", "2026-03-09", "1999"},
		{"soon", "2026-03-09", ""},
		{"2027-01-01", "2026-03-09", "2027"},
	} {
		v := exchange.Values{"date_of_birth": event.Text(c.born), "consent_reporting": event.Bool(true)}
		if c.told != "" {
			v["date_of_first_report"] = event.Text(c.told)
		}
		cl := cleared(t, v)
		if got := cl.Field(amana.RecordID{2}, "date_of_birth"); got.Value.Reveal() != c.want || got.Verdict == release.Whole {
			t.Errorf("born %s, told %s: %s %s, want %s", c.born, c.told, got.Verdict, got.Value.Reveal(), c.want)
		}
	}
}
