package record_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

func TestValidate(t *testing.T) {
	const identity, kase = amana.KindIdentity, amana.KindCase
	tests := []struct {
		name  string
		kind  amana.Kind
		field string
		value event.Value
		want  record.Fault
	}{
		{"a name", identity, "name", event.Text("Aïssata Tolo"), ""},
		{"a name in Arabic, with marks of direction", identity, "name", event.Text("\u200fعائشة\u200f"), ""},
		{"a name in Adlam", identity, "name", event.Text("𞤀𞤭𞤧𞤢𞤼𞤢"), ""},
		{"the longest name", identity, "name", event.Text(strings.Repeat("é", record.LongestLine)), ""},
		{"a name too long by a letter", identity, "name", event.Text(strings.Repeat("é", record.LongestLine+1)), record.FaultTooLong},
		{"no name", identity, "name", event.Value{}, record.FaultRequired},
		{"a name of spaces", identity, "name", event.Text(" \u00a0\u2003"), record.FaultRequired},
		{"a name that is a number", identity, "name", event.Int(3), record.FaultText},
		{"a name that is a list", identity, "name", event.List("a"), record.FaultText},
		{"a name on two lines", identity, "name", event.Text("a\nb"), record.FaultText},
		{"a name with a tab", identity, "name", event.Text("a\tb"), record.FaultText},
		{"a name with a NUL", identity, "name", event.Text("a\x00b"), record.FaultText},
		{"a name with an escape", identity, "name", event.Text("a\x1b[31mb"), record.FaultText},
		{"a name with a C1 control", identity, "name", event.Text("a\u0085b"), record.FaultText},
		{"a name with a line separator", identity, "name", event.Text("a\u2028b"), record.FaultText},
		{"a name that turns the line round", identity, "name", event.Text("a\u202eb"), record.FaultText},
		{"a name with an isolate", identity, "name", event.Text("a\u2066b"), record.FaultText},
		{"a name with a byte order mark", identity, "name", event.Text("\ufeffa"), record.FaultText},
		{"a name that is not UTF-8", identity, "name", event.Text("a\xffb"), record.FaultText},
		{"a name cut within a letter", identity, "name", event.Text("a\xc3"), record.FaultText},
		{"a surrogate half", identity, "name", event.Text("\xed\xa0\x80"), record.FaultText},
		{"declined", identity, "name", event.Say(event.Declined), ""},
		{"an answer of a newer amana", identity, "name", event.Say(4), record.FaultAnswer},
		{"declined, where that is no answer", kase, "status", event.Say(event.Declined), record.FaultAnswer},

		{"words on several lines", kase, "assessment_main_concerns", event.Text("one\n\ttwo"), ""},
		{"words with a carriage return", kase, "assessment_main_concerns", event.Text("one\r\ntwo"), record.FaultText},
		{"the most words", kase, "assessment_main_concerns", event.Text(strings.Repeat("é", record.LongestWords)), ""},
		{"words too many by a letter", kase, "assessment_main_concerns", event.Text(strings.Repeat("é", record.LongestWords+1)), record.FaultTooLong},

		{"an age", kase, "age", event.Int(34), ""},
		{"no years old", kase, "age", event.Int(0), ""},
		{"the greatest age", kase, "age", event.Int(120), ""},
		{"too great an age", kase, "age", event.Int(121), record.FaultNumber},
		{"a negative age", kase, "age", event.Int(-1), record.FaultNumber},
		{"an age with a fraction", kase, "age", event.Decimal(3.5), record.FaultNumber},
		{"an age in words", kase, "age", event.Text("34"), record.FaultNumber},
		{"an age not known", kase, "age", event.Say(event.DoesNotKnow), ""},

		{"a day", kase, "created_on", event.Text("2026-03-09"), ""},
		{"today", kase, "created_on", event.Text("2026-03-10"), ""},
		{"tomorrow", kase, "created_on", event.Text("2026-03-11"), record.FaultFuture},
		{"this month", kase, "created_on", event.Text("2026-03"), ""},
		{"next month", kase, "created_on", event.Text("2026-04"), record.FaultFuture},
		{"this year", kase, "created_on", event.Text("2026"), ""},
		{"next year", kase, "created_on", event.Text("2027"), record.FaultFuture},
		{"next year, where it may be", kase, "gbv_follow_up_subform_section/when_follow_up_visit_should_happen", event.Text("2027"), ""},
		{"a leap day", kase, "created_on", event.Text("2024-02-29"), ""},
		{"a leap day that was none", kase, "created_on", event.Text("2025-02-29"), record.FaultDate},
		{"a leap day of 1900", kase, "created_on", event.Text("1900-02-29"), record.FaultDate},
		{"the first day", kase, "created_on", event.Text("1900-01-01"), ""},
		{"a day too early", kase, "created_on", event.Text("1899-12-31"), record.FaultDate},
		{"the 31st of June", kase, "created_on", event.Text("2025-06-31"), record.FaultDate},
		{"month 13", kase, "created_on", event.Text("2025-13"), record.FaultDate},
		{"month 0", kase, "created_on", event.Text("2025-00-10"), record.FaultDate},
		{"day 0", kase, "created_on", event.Text("2025-01-00"), record.FaultDate},
		{"a day with a time", kase, "created_on", event.Text("2025-01-01T10:00"), record.FaultDate},
		{"slashes", kase, "created_on", event.Text("2025/01/01"), record.FaultDate},
		{"digits that are not Western", kase, "created_on", event.Text("٢٠٢٥"), record.FaultDate},
		{"a date that is a number", kase, "created_on", event.Int(2025), record.FaultDate},
		{"a date and more", kase, "created_on", event.Text("2025-01-011"), record.FaultDate},
		{"a negative year", kase, "created_on", event.Text("-025"), record.FaultDate},

		{"yes", kase, "consent_for_services", event.Bool(true), ""},
		{"yes in words", kase, "consent_for_services", event.Text("true"), record.FaultOption},
		{"yes as a number", kase, "consent_for_services", event.Int(1), record.FaultOption},
		{"an option", kase, "sex", event.Text("female"), ""},
		{"no option", kase, "sex", event.Text("Female"), record.FaultOption},
		{"an option in a list", kase, "sex", event.List("female"), record.FaultOption},
		{"options", identity, "contact_how", event.List("visit", "phone_call"), ""},
		{"an option twice", identity, "contact_how", event.List("visit", "visit"), record.FaultOption},
		{"an option that is none", identity, "contact_how", event.List("visit", canary), record.FaultOption},
		{"one option alone", identity, "contact_how", event.Text("visit"), record.FaultOption},
		{"a telephone", identity, "contact_phone", event.Text("+22370123456"), ""},
		{"a telephone too short", identity, "contact_phone", event.Text("+12"), record.FaultPhone},
		{"a telephone too long", identity, "contact_phone", event.Text(strings.Repeat("1", 21)), record.FaultPhone},
		{"a telephone with letters", identity, "contact_phone", event.Text("70 call"), record.FaultPhone},
		{"two telephones", identity, "contact_phone", event.Text("+223+224"), record.FaultPhone},
		{"a telephone that is a number", identity, "contact_phone", event.Int(70123456), record.FaultPhone},

		{"a field of a list", kase, "note/text", event.Text("x"), ""},
		{"a field of an item", kase, "note/0123456789abcdefghjkmnpqrs/text", event.Text("x"), ""},
		{"a field of no item", kase, "note//text", event.Text("x"), record.FaultField},
		{"a list", kase, "note", event.Text("x"), record.FaultField},
		{"an item", kase, "note/1", event.Text("x"), record.FaultField},
		{"a field below a field", kase, "note/1/text/2", event.Text("x"), record.FaultField},
		{"a field of another kind", kase, "name", event.Text("x"), record.FaultField},
		{"a field that is none", kase, canary, event.Text("x"), record.FaultField},
		{"a field of no kind", "", "name", event.Text("x"), record.FaultField},
		{"a very long field", kase, strings.Repeat("a/", 500), event.Text("x"), record.FaultField},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := record.Validate(tt.kind, tt.field, tt.value, noon); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	const identity, kase = amana.KindIdentity, amana.KindCase
	tests := []struct {
		name  string
		kind  amana.Kind
		field string
		form  string
		want  event.Value
		fault record.Fault
	}{
		{"nothing", kase, "age", "", event.Value{}, ""},
		{"spaces", identity, "name", " \u00a0\t\r\n", event.Value{}, ""},
		{"a line", identity, "name", "  Aïssata \n Tolo ", event.Text("Aïssata Tolo"), ""},
		{"letters and their accents apart", identity, "name", "Ai\u0308ssata", event.Text("Aïssata"), ""},
		{"what is not seen", identity, "name", "\ufeffAïs\u00adsata\u202e", event.Text("Aïssata"), ""},
		{"marks that Arabic needs", identity, "name", "عا\u200cئشة", event.Text("عا\u200cئشة"), ""},
		{"words", kase, "assessment_main_concerns", "one\r\ntwo\rthree\u2028four", event.Text("one\ntwo\nthree\nfour"), ""},
		{"not UTF-8", identity, "name", canary + "\xff", event.Value{}, record.FaultText},
		{"far too long", kase, "assessment_main_concerns", strings.Repeat("x", 1<<20), event.Value{}, record.FaultTooLong},
		{"a number", kase, "age", " 34 ", event.Int(34), ""},
		{"a number in Arabic digits", kase, "age", "٣٤", event.Int(34), ""},
		{"a number in Persian digits", kase, "age", "۳۴", event.Int(34), ""},
		{"a number in N'Ko digits", kase, "age", "߃߄", event.Int(34), ""},
		{"a number in Adlam digits", kase, "age", "𞥓𞥔", event.Int(34), ""},
		{"a number with zeroes before", kase, "age", "007", event.Int(7), ""},
		{"a negative number", kase, "age", "-3", event.Value{}, record.FaultNumber},
		{"a fraction", kase, "age", "3.5", event.Value{}, record.FaultNumber},
		{"a number with letters", kase, "age", "34 ans", event.Value{}, record.FaultNumber},
		{"a number in hex", kase, "age", "0x22", event.Value{}, record.FaultNumber},
		{"a number past all", kase, "age", "99999999999999999999", event.Value{}, record.FaultNumber},
		{"a date", kase, "created_on", "2026-03-09", event.Text("2026-03-09"), ""},
		{"a date in Arabic digits", kase, "created_on", "٢٠٢٦-٠٣-٠٩", event.Text("2026-03-09"), ""},
		{"a date with slashes", kase, "created_on", "2026/3/9", event.Text("2026-03-09"), ""},
		{"a month", kase, "created_on", "2026-3", event.Text("2026-03"), ""},
		{"a year", kase, "created_on", "2026", event.Text("2026"), ""},
		{"the day first", kase, "created_on", "09/03/2026", event.Value{}, record.FaultDate},
		{"a date of four parts", kase, "created_on", "2026-1-1-1", event.Value{}, record.FaultDate},
		{"a date in words", kase, "created_on", "hier", event.Value{}, record.FaultDate},
		{"hyphens alone", kase, "created_on", "---", event.Value{}, record.FaultDate},
		{"yes", kase, "consent_for_services", "true", event.Bool(true), ""},
		{"no", kase, "consent_for_services", "false", event.Bool(false), ""},
		{"neither", kase, "consent_for_services", "peut-être", event.Value{}, record.FaultOption},
		{"an option", kase, "sex", "female", event.Text("female"), ""},
		{"options, in any order and twice", identity, "contact_how", "visit,phone_call visit", event.List("phone_call", "visit"), ""},
		{"an option that is none comes last", identity, "contact_how", "zzz, visit", event.List("visit", "zzz"), ""},
		{"commas alone", identity, "contact_how", ", ,", event.Value{}, ""},
		{"a telephone", identity, "contact_phone", "+223 70-12.34 (56)", event.Text("+22370123456"), ""},
		{"a telephone in Arabic digits", identity, "contact_phone", "٧٠ ١٢ ٣٤ ٥٦", event.Text("70123456"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := record.FieldOf(tt.kind, tt.field)
			got, fault := record.Parse(f, tt.form)
			if fault != tt.fault || !got.Equal(tt.want) {
				t.Errorf("fault %q, want %q; as wanted: %v", fault, tt.fault, got.Equal(tt.want))
			}
		})
	}
	if _, fault := record.Parse(record.Field{Type: "new"}, "x"); fault != record.FaultField {
		t.Errorf("a type that is none: %q", fault)
	}
}

// Whatever somebody sends, parsing and judging it ends, and what passes both can
// be recorded and is judged the same again.
func TestParse_whateverIsSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]amana.Kind{amana.KindCase, amana.KindIdentity}).Draw(t, "kind")
		f := rapid.SampledFrom(record.Fields(kind)).Draw(t, "field")
		form := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
			rapid.StringMatching(`[0-9٠-٩]{1,5}[-/.][0-9]{1,3}[-/.]?[0-9]{0,3}`)).Draw(t, "form")
		v, fault := record.Parse(f, form)
		if fault != "" || v.IsZero() || record.Validate(kind, f.Name, v, noon) != "" {
			return
		}
		raw, err := event.Encode(event.Body{Facts: []event.Fact{event.Set{Field: f.Name, Value: v}}})
		if err != nil {
			t.Fatalf("what passed cannot be recorded: %v", err)
		}
		body, err := event.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		got := body.Facts[0].(event.Set).Value
		if !got.Equal(v) || record.Validate(kind, f.Name, got, noon) != "" {
			t.Fatalf("what was recorded is not what passed")
		}
		if again, fault := record.Parse(f, got.Reveal()); f.Type != record.YesNo && got.Type() == event.TypeText && (fault != "" || !again.Equal(v)) {
			t.Fatalf("a form with what was recorded says something else")
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("created_on", "2026/3/9")
	f.Add("age", "٣٤")
	f.Add("assessment_main_concerns", "a\r\nb\u2028")
	f.Fuzz(func(t *testing.T, field, form string) {
		described, known := record.FieldOf(amana.KindCase, field)
		if !known {
			return
		}
		v, fault := record.Parse(described, form)
		if fault != "" && !v.IsZero() {
			t.Fatal("a fault and a value")
		}
		record.Validate(amana.KindCase, field, v, noon)
	})
}
