package exchange_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/release"
)

// What goes out as a workbook of the Incident Recorder comes in again as it was, but for
// the birthday, in both languages.
func TestRecorder_roundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(incident(), 1, 8).Draw(t, "incidents")
		language := rapid.SampledFrom([]string{"en", "fr"}).Draw(t, "language")
		var b bytes.Buffer
		w, err := exchange.NewRecorderWriter(&b, language)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range want {
			v["incidentid_ir"] = event.Text(fmt.Sprintf("IR-%d", i))
			if err := w.Add(cleared(t, v)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := exchange.Open(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Format != exchange.Recorder || f.Records != len(want) {
			t.Fatalf("format %s, %d records, want %d", f.Format, f.Records, len(want))
		}
		var got []*exchange.Row
		if err := f.Rows(t.Context(), f.Proposed, func(r *exchange.Row) error { got = append(got, r); return nil }); err != nil {
			t.Fatal(err)
		}
		for i, r := range got {
			if len(r.Problems) > 0 || r.Refused {
				t.Fatalf("row %d: %v", i, problems(r))
			}
			if told := exchange.Record(amana.RecordID{}, amana.RecordID{}, want[i], nil, time.Time{}); !want[i]["date_of_birth"].IsZero() {
				j := slices.IndexFunc(told.Fields, func(f release.Field) bool { return f.Name == "date_of_birth" })
				want[i]["date_of_birth"] = told.Fields[j].Coarse // the age, and no birthday
			}
			if d := differ(want[i], r.Values); d != "" {
				t.Fatalf("row %d: %s", i, d)
			}
		}
	})
}

// differ says at which field two rows differ.
func differ(want, got exchange.Values) string {
	names := maps.Clone(want)
	maps.Copy(names, got)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !want[name].Equal(got[name]) {
			return fmt.Sprintf("%s: %v %q, want %q", name, got[name].Type(), said(got[name]), said(want[name]))
		}
	}
	return ""
}

func said(v event.Value) string {
	if n, ok := v.Int(); ok {
		return fmt.Sprint(n)
	}
	if yes, ok := v.Bool(); ok {
		return fmt.Sprint(yes)
	}
	return fmt.Sprint(v.RevealList())
}

// incident draws what a row of the sheet can say.
func incident() *rapid.Generator[exchange.Values] {
	date := rapid.Custom(func(t *rapid.T) event.Value {
		d := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 80_000).Draw(t, "day"))
		return event.Text(d.Format(rapid.SampledFrom([]string{"2006-01-02", "2006-01", "2006"}).Draw(t, "exact")))
	})
	line := rapid.Custom(func(t *rapid.T) event.Value {
		words := rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9éèçأبت'=+_x<&"-]{1,8}`), 1, 3).Draw(t, "words")
		return event.Text(words[0] + " " + words[len(words)-1])
	})
	return rapid.Custom(func(t *rapid.T) exchange.Values {
		v := exchange.Values{}
		for _, target := range exchange.RecorderTargets() {
			if !rapid.Bool().Draw(t, target.Name) {
				continue
			}
			var value event.Value
			switch {
			case target.IsDate():
				value = date.Draw(t, "date")
			case target.Name == "service_referred_from":
				ids := rapid.SliceOfNDistinct(rapid.SampledFrom(exchange.Choices("service_referred_from")), 1, 3, rapid.ID).Draw(t, "from")
				if value = event.List(ids...); len(ids) == 1 {
					value = event.Text(ids[0])
				}
			case target.IsChoice():
				if value = event.Text(rapid.SampledFrom(exchange.Choices(target.Choices)).Draw(t, "choice")); target.Choices == "perpetrator_sex" && value.Reveal() == "unknown" {
					value = event.Say(event.DoesNotKnow)
				}
			case target.Name == "number_of_individual_perpetrators_from_ir":
				value = event.Int(rapid.Int64Range(0, 30).Draw(t, "count"))
			case target.IsYesNo():
				value = event.Bool(rapid.Bool().Draw(t, "yes"))
			default:
				value = line.Draw(t, "line")
			}
			v[target.Name] = value
		}
		settle(t, v)
		return v
	})
}

// settle adds what the sheet says with other things.
func settle(t *rapid.T, v exchange.Values) {
	const one = "alleged_perpetrator/" + exchange.FirstItem + "/"
	if rapid.Bool().Draw(t, "more") {
		v["number_of_individual_perpetrators_from_ir"] = event.Text("more_than_3")
	}
	if rapid.Bool().Draw(t, "both") {
		delete(v, one+"perpetrator_sex")
		v["import/kept/perpetrator_sex"] = event.Text("both")
	}
	if rapid.Bool().Draw(t, "type") {
		delete(v, one+"age_group")
		v[one+"age_type"] = event.Text(rapid.SampledFrom([]string{"adult", "minor"}).Draw(t, "age type"))
	}
	for name := range v {
		if len(name) > len(one) && name[:len(one)] == one {
			v[one+"primary_perpetrator"] = event.Text("primary")
		}
	}
	v["date_of_first_report"] = event.Text("2026-03-09")
	v["consent_reporting"] = event.Bool(true) // or it would not leave
}
