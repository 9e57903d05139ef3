package release_test

import (
	"context"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/release"
)

// What tries to get a name, a place, an age or a day past the gate in words that are
// for the public: each stays. What tells nothing leaves.
func TestClear_publicWordsThatTell(t *testing.T) {
	pub := amana.PurposePublication
	for _, c := range []struct {
		words string
		tells bool
	}{
		{"They came at night and burned the granaries.", false},
		{"Two women say that men in uniform took them.", false},
		{"It happened in March, in the north.", false},
		{"Fatoumata Walet saw them.", true},
		{"fatoumata saw them", true},              // half of the name, and no capital
		{"Fatimata saw them.", true},              // another spelling
		{"Fatimetou saw them.", true},             // and another
		{"F a t o u m a t a saw them.", true},     // letters apart
		{"Fa\u200dtou\u200bmata saw them.", true}, // marks that nobody sees
		{"FATOUMATÁ!", true},
		{"فاطمة رأتهم", true},
		{"the one they call Walet", true},
		{"They came to Tin Akoff.", true},
		{"They came to Tinakoff, near the well.", true},
		{"They came to tin-akoff.", true},
		{"The men of Akoffine came.", false},
		{"She is 14.", true},
		{"She is ١٤.", true},
		{"A girl of fourteen.", true},
		{"Une fille de quatorze ans.", true},
		{"On 27 March they came.", true},
		{"le 27 mars 2024", true},
		{"27/03/2024", true},
		{"2024-03-27", true},
		{"في 27 مارس", true},
		{"Her number is 76 12 34 56.", true},
		{"Ask for مريم.", true},
		{"Ask for Mariam.", true}, // who is known, and not asked for
	} {
		r := release.Record{ID: id(1), Kind: amana.KindIncident, Basis: release.IsPublic, Fields: []release.Field{
			{Name: "public", Class: release.Coded, Free: true, Value: event.Text(c.words)},
			{Name: "name", Class: release.Identity, Value: event.Text("Fatoumata Walet")},
			{Name: "phone", Class: release.Contact, Value: event.Text("+223 76 12 34 56")},
			{Name: "village", Class: release.Place, Value: event.Text("Tin Akoff"), Coarse: event.Text("a district")},
			{Name: "age", Class: release.Age, Value: event.Int(14)},
			{Name: "day", Class: release.Date, Value: event.Text("2024-03-27")},
		}}
		known := release.Record{ID: id(2), Kind: amana.KindAccount, KnownOnly: true, Fields: []release.Field{
			{Name: "name", Class: release.Identity, Value: event.Text("Maryam Ag Invented")},
		}}
		req := request(pub, public, r, known)
		req.Records = func(context.Context) ([]release.Record, error) { return []release.Record{r, known}, nil }
		cleared, err := gate(&book{}).Clear(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if l := cleared.Field(id(1), "public"); (l.Verdict == release.Withheld) != c.tells {
			t.Errorf("%q: %s (%s), tells %v", c.words, l.Verdict, l.Reason, c.tells)
		}
	}
}

func TestTells(t *testing.T) {
	for text, want := range map[string]bool{"In the Ménaka area": true, "in menaka": true, "elsewhere": false} {
		if got := release.Tells(text, "Menaka", "Gao"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if release.Tells("anything") || release.Tells("", "x") {
		t.Error("told of nothing")
	}
}
