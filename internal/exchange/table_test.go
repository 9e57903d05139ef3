package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
)

// A date is read as it is meant or not at all.
func TestDates(t *testing.T) {
	for _, c := range []struct{ name, column, want string }{
		{"year first", "2024-03-09", "2024-03-09"},
		{"as exact as known", "2024", "2024"},
		{"with a time", "2024-03-09T10:20:00Z", "2024-03-09"},
		{"the day tells", "25/12/2023", "2023-12-25"},
		{"the month tells", "12/25/2023", "2023-12-25"},
		{"nothing tells", "03/04/2024", "import.problem.order"},
		{"another in the column tells", "03/04/2024|25/12/2023", "2024-04-03"},
		{"another tells the other order", "03/04/2024|12/25/2023", "2024-03-04"},
		{"two others disagree", "03/04/2024|25/12/2023|12/25/2023", "import.problem.order"},
		{"day and month are one", "04/04/2024", "2024-04-04"},
		{"in words, English", "9 March 2024", "2024-03-09"},
		{"in words, French", "9-août-2024", "2024-08-09"},
		{"American words", "March 9, 2024", "2024-03-09"},
		{"a year of two digits is not guessed at", "25/12/23", "import.problem.date"},
		{"no day", "30/02/2024", "import.problem.date"},
		{"a day number in text", "45360", "2024-03-09"},
		{"words", "last week", "import.problem.date"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := read(t, "incident id,date of incident\n1,"+strings.ReplaceAll(c.column, "|", "\n2,")+"\n")
			if strings.Contains(c.column, ",") {
				rows = read(t, "incident id;date of incident\n1;"+c.column+"\n")
			}
			got := rows[0].Values["incident_date"].Reveal()
			if len(rows[0].Problems) > 0 {
				got = rows[0].Problems[0].Key
				if kept := rows[0].Values["import/raw/incident_date"].Reveal(); !strings.HasPrefix(c.column, kept) || kept == "" {
					t.Errorf("kept %q of what could not be read", kept)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A person may say what the column cannot.
func TestDates_said(t *testing.T) {
	f := open(t, []byte("incident id,date of incident\n1,03/04/2024\n"))
	if !f.Survey[1].Dates.Asks() {
		t.Error("nobody is asked about the order")
	}
	m := f.Proposed
	m.Columns[1].Dates = exchange.MonthFirst
	if got := rowsOf(t, f, m)[0].Values["incident_date"].Reveal(); got != "2024-03-04" {
		t.Errorf("got %q", got)
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		header, cell, field string
		want                event.Value
	}{
		{"GBV TYPE", "Sexual Assault", "gbv_sexual_violence_type", event.Text("sexual_assault")},
		{"GBV TYPE", "viol", "gbv_sexual_violence_type", event.Text("rape")},
		{"GBV TYPE", "Non-GBV (specify)", "gbv_sexual_violence_type", event.Text("non-gbv")},
		{"INCIDENT TIME OF DAY", "Evening/night (sunset to sunrise)", "incident_timeofday", event.Text("evening_night")},
		{"INCIDENT TIME OF DAY", "morning_sunrise_to_noon", "incident_timeofday", event.Text("morning")},
		{"INCIDENT LOCATION", "bush_forest", "incident_location_type", event.Text("forest")},
		{"SEX", "F", "sex", event.Text("female")},
		{"SEX", "Masculin", "sex", event.Text("male")},
		{"SEX", "أنثى", "sex", event.Text("female")},
		{"CONSENT GIVEN?", "Oui", "consent_reporting", event.Bool(true)},
		{"CONSENT GIVEN?", "false", "consent_reporting", event.Bool(false)},
		{"ALLEGED PERPETRATOR SEX", "M and F", "import/kept/perpetrator_sex", event.Text("both")},
		{"Number of alleged perpetrators", "More than 3", "number_of_individual_perpetrators_from_ir", event.Text("more_than_3")},
		{"Number of alleged perpetrators", "2.0", "number_of_individual_perpetrators_from_ir", event.Int(2)},
		{"ALLEGED PERPETRATOR AGE GROUP", "61", "alleged_perpetrator/0000000001/age_group", event.Text("61+")},
		{"ALLEGED PERPETRATOR AGE GROUP", "Adult", "alleged_perpetrator/0000000001/age_type", event.Text("adult")},
		{"REFERRED TO YOU FROM?", "Livelihoods Program & Community or Camp Leader", "service_referred_from", event.List("livelihoods_service", "community_or_camp_leader")},
		{"WANTS LEGAL ACTION?", "Undecided at time of report", "legal_assistance_services_subform_section/0000000001/pursue_legal_action", event.Text("undecided")},
		{"ETHNICITY", "Anything a place says", "ethnicity", event.Text("Anything a place says")},
		{"SEX", "not asked", "sex", event.Say(event.NotAsked)},
		{"A column of ours", "kept", "import/kept/A column of ours", event.Text("kept")},
		{"GBV TYPE", "Something else", "import/raw/gbv_sexual_violence_type", event.Text("Something else")},
	} {
		t.Run(c.header+" "+c.cell, func(t *testing.T) {
			r := read(t, "incident id;date of incident;"+c.header+"\n1;2024-01-02;"+c.cell+"\n")[0]
			if got := r.Values[c.field]; !got.Equal(c.want) {
				t.Errorf("got %s, want %s (%v)", said(got), said(c.want), problems(r))
			}
		})
	}
}

// What is meant by a value can be said once for the column.
func TestMapping_values(t *testing.T) {
	f := open(t, []byte("incident id,date of incident,sex\n1,2024-01-02,dame\n"))
	if unknown := f.Survey[2].Unknown(exchange.RecorderTargets()[6]); unknown["dame"] != 1 {
		t.Errorf("unknown values: %v", unknown)
	}
	m := f.Proposed
	m.Columns[2].Values = map[string]string{"dame": "female"}
	if got := rowsOf(t, f, m)[0].Values["sex"].Reveal(); got != "female" {
		t.Errorf("got %q", got)
	}
}

func TestCSV(t *testing.T) {
	const want = "Élodie Née-Ailleurs"
	utf16 := []byte{0xff, 0xfe}
	for _, r := range "nom;âge;sexe\n" + want + ";20;F\n" {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for _, c := range []struct {
		name, content string
		encoding      exchange.Encoding
		delimiter     string
	}{
		{"UTF-8", "nom,âge,sexe\n" + want + ",20,F\n", exchange.UTF8, ","},
		{"UTF-8 with a mark", "\ufeffnom;âge;sexe\n" + want + ";20;F\n", exchange.UTF8, ";"},
		{"UTF-16", string(utf16), exchange.UTF16Little, ";"},
		{"windows-1252", "nom\t\xe2ge\tsexe\n\xc9lodie N\xe9e-Ailleurs\t20\tF\n", exchange.Windows1252, "\t"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := open(t, []byte(c.content))
			if f.Format != exchange.CSV || f.Proposed.Encoding != c.encoding || f.Proposed.Delimiter != c.delimiter {
				t.Errorf("%s %s %q", f.Format, f.Proposed.Encoding, f.Proposed.Delimiter)
			}
			r := rowsOf(t, f, f.Proposed)[0]
			if r.Kind != amana.KindCase || r.Identity["name"].Reveal() != want {
				t.Errorf("%s, name %q", r.Kind, r.Identity["name"].Reveal())
			}
			if age, _ := r.Values["age"].Int(); age != 20 {
				t.Errorf("age %d", age)
			}
		})
	}
	arabic := open(t, []byte("name,sex\n\xe3\xd1\xed\xe3 \xda\xe1\xed,F\n"))
	if arabic.Proposed.Encoding != exchange.Windows1256 {
		t.Errorf("Arabic letters: %s", arabic.Proposed.Encoding)
	}
	if got := rowsOf(t, arabic, arabic.Proposed)[0].Identity["name"].Reveal(); got != "مريم علي" {
		t.Errorf("name %q", got)
	}
}

// A bad line is reported with its place; the others come in.
func TestCSV_badLines(t *testing.T) {
	rows := read(t, strings.Join([]string{
		"incident id,date of incident,sex",
		"1,2024-01-02,F",
		`2,2024-01-02,"F" x`,
		"3,2024-01-02,F,one,too many",
		"4,2024-01-02,F",
		",,",
	}, "\n"))
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprint(r.Line, r.Refused, problems(r)))
	}
	want := []string{"2 false []", "3 true [ import.problem.syntax]", "4 true [D import.problem.cells]", "5 false []"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Whatever is thrown at it, reading ends, and within bounds.
func TestRefused(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 50_000) + "1" + strings.Repeat("}", 50_000)
	row := `<row r="1"><c t="inlineStr"><is><t>incident id</t></is></c></row>`
	many := strings.Repeat("<row>", 40)
	for _, c := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"nothing", nil, exchange.ErrBroken},
		{"an old workbook", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), exchange.ErrBroken},
		{"half a zip", []byte("PK\x03\x04 and no more"), exchange.ErrBroken},
		{"a zip of something else", book(t, map[string]string{"xl/workbook.xml": ""}), exchange.ErrBroken},
		{"a quote that never ends", []byte("incident id,sex\n1,\"" + strings.Repeat("x", 3<<20)), exchange.ErrLimit},
		{"a string that never ends", []byte(`[{"id":"` + strings.Repeat("x", 5<<20)), exchange.ErrLimit},
		{"a workbook with a long text", book(t, map[string]string{"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + row + "<row><c><v>" + strings.Repeat("9", 3<<20) + "</v></c></row></sheetData></worksheet>"}), exchange.ErrLimit},
		{"deep elements", book(t, map[string]string{"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + many}), exchange.ErrLimit},
		{"a document type", book(t, map[string]string{"xl/worksheets/sheet1.xml": `<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData>` + row + "</sheetData></worksheet>"}), exchange.ErrBroken},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := exchange.Open(t.Context(), strings.NewReader(string(c.content)), int64(len(c.content)))
			if !errors.Is(err, c.want) || !errors.Is(err, amana.ErrInvalid) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
	rows := read(t, deep)
	if len(rows) != 1 || !rows[0].Refused {
		t.Errorf("deep JSON: %d rows", len(rows))
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := exchange.Open(ctx, strings.NewReader("a,b\n1,2\n"), 8); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
