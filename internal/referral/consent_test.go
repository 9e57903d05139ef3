package referral_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/release"
)

const clinic = "Clinique du Fleuve"

func said(p amana.Purpose, to string, d amana.Decision, until string, at uint64) record.ConsentState {
	return record.ConsentState{Consented: event.Consented{
		Purpose: p, Recipient: amana.Conceal(to), Decision: d, Until: until,
	}, Time: at}
}

func answers(states ...record.ConsentState) referral.Consents {
	return referral.Consents{States: states}
}

// Requirement 3: nothing leaves without a standing consent for this recipient.
func TestCovers(t *testing.T) {
	const r = amana.PurposeReferral
	tests := []struct {
		name     string
		consents referral.Consents
		to       string
		why      string // "" where it may leave
	}{
		{"nobody asked her", answers(), clinic, "referral.refused.not_asked"},
		{"not asked is no yes", answers(said(r, clinic, amana.NotAsked, "", 1)), clinic, "referral.refused.not_asked"},
		{"granted for this one", answers(said(r, clinic, amana.Granted, "", 1)), clinic, ""},
		{"written in another way", answers(said(r, " clinique  du fleuve", amana.Granted, "", 1)), clinic, ""},
		{"granted for another", answers(said(r, "Autre clinique", amana.Granted, "", 1)), clinic, "referral.refused.not_asked"},
		{"granted for the whole", answers(said(r, "", amana.Granted, "", 1)), clinic, ""},
		{"the whole, but not this one", answers(said(r, "", amana.Granted, "", 1), said(r, clinic, amana.Refused, "", 1)), clinic, "referral.refused.refused"},
		{"this one, the whole withdrawn since", answers(said(r, "", amana.Withdrawn, "", 2), said(r, clinic, amana.Granted, "", 1)), clinic, "referral.refused.withdrawn"},
		{"this one, after refusing the whole", answers(said(r, "", amana.Refused, "", 1), said(r, clinic, amana.Granted, "", 2)), clinic, ""},
		{"withdrawn", answers(said(r, clinic, amana.Withdrawn, "", 1)), clinic, "referral.refused.withdrawn"},
		{"two spellings, one withdrawn", answers(said(r, clinic, amana.Granted, "", 3), said(r, "CLINIQUE DU FLEUVE", amana.Withdrawn, "", 1)), clinic, "referral.refused.withdrawn"},
		{"two ways to write an accent, one withdrawn", answers(said(r, "", amana.Granted, "", 1), said(r, "Cliniqu\u0065\u0301", amana.Withdrawn, "", 2)), "Cliniqu\u00e9", "referral.refused.withdrawn"},
		{"on its last day", answers(said(r, clinic, amana.Granted, "2026-03-09", 1)), clinic, ""},
		{"ended yesterday", answers(said(r, clinic, amana.Granted, "2026-03-08", 1)), clinic, "referral.refused.expired"},
		{"an end that cannot be read", answers(said(r, clinic, amana.Granted, "soon", 1)), clinic, "referral.refused.expired"},
		{"to nobody", answers(said(r, "", amana.Granted, "", 1)), " ", "referral.refused.recipient"},
		{"care is another matter", answers(said(amana.PurposeCare, "", amana.Granted, "", 1)), clinic, "referral.refused.not_asked"},
		{"an answer from a newer amana", answers(said(r, clinic, "perhaps", "", 1)), clinic, "referral.refused.not_asked"},
		{"an entry cannot be read", referral.Consents{States: []record.ConsentState{said(r, clinic, amana.Granted, "", 1)}, Doubtful: true}, clinic, "referral.refused.doubtful"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := referral.Covers(&tt.consents, amana.Conceal(tt.to), noon)
			checkWhy(t, err, tt.why)
			s := source()
			s.Consents = tt.consents
			q := request()
			q.Recipient = amana.Conceal(tt.to)
			p, err := compute(s, q, noon)
			checkWhy(t, err, tt.why)
			if (tt.why == "") == p.IsZero() {
				t.Errorf("package made: %v", !p.IsZero())
			}
		})
	}
}

// silent is a ledger of a referral that is on record already.
type silent struct{}

func (silent) Enter(context.Context, release.Entry) error         { return nil }
func (silent) Stop(context.Context, amana.RecordID, string) error { return nil }
func (silent) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, amana.ErrTampered // it is not asked: her way to help waits for no approval
}

func asked(s referral.Source, r referral.Request, now time.Time) release.Request {
	return release.Request{
		ID: r.ID, By: release.By{Roles: []amana.Role{amana.RoleCaseworker}}, Purpose: amana.PurposeReferral, Recipient: r.Recipient,
		Format: referral.Format,
		Records: func(context.Context) ([]release.Record, error) {
			return []release.Record{referral.Record(s, r, now)}, nil
		},
	}
}

func gate(now time.Time) *release.Gate {
	return &release.Gate{Now: func() time.Time { return now }, Ledger: silent{}, Rules: release.DefaultRules()}
}

// compute passes a referral through the gate.
func compute(s referral.Source, r referral.Request, now time.Time) (referral.Package, error) {
	c, err := gate(now).Clear(context.Background(), asked(s, r, now))
	if err != nil {
		return referral.Package{}, referral.InHerWords(err)
	}
	return referral.Pack(c)
}

// would is what a page shows before anything leaves.
func would(t require, s referral.Source, r referral.Request) []referral.Line {
	p, err := gate(noon).Preview(context.Background(), asked(s, r, noon))
	if err != nil {
		t.Fatal(err)
	}
	return referral.Would(s, r, p.Records, noon)
}

type require interface{ Fatal(args ...any) }

func checkWhy(t *testing.T, err error, want string) {
	t.Helper()
	var no *referral.RefusedError
	switch {
	case want == "" && err != nil:
		t.Errorf("%v, want allowed", err)
	case want != "" && (!errors.As(err, &no) || !errors.Is(err, amana.ErrRefused) || no.Why != want):
		t.Errorf("%v, want %s", err, want)
	}
}

const (
	herName  = "Tinalbaraka Walet Inventée"
	herPhone = "+22370000017"
	herWords = "Elle voudrait parler à une femme."
	herBirth = "1999-11-23"
)

func source() referral.Source {
	consents := answers(
		said(amana.PurposeReferral, clinic, amana.Granted, "", 1), said(amana.PurposeContact, "", amana.Granted, "", 1))
	return referral.Source{
		Code: "K7QM-3XRA-TW", Consents: consents, Age: event.Int(26), Birth: event.Text(herBirth), Sex: event.Text("female"),
		Language: event.Text("taq"), Disability: event.Text("physical_disability"), Name: amana.Conceal(herName), HasIdentity: true,
		Contact: referral.Contact{Consents: consents, How: event.List("phone_call", "visit"), Phone: amana.Conceal(herPhone)},
		Windows: []referral.Window{{ID: "ec", Least: 50 * time.Hour, Most: 50 * time.Hour}, {ID: "pep", Least: 90 * time.Minute, Most: 90 * time.Minute}, {ID: "gone", Least: -1, Most: -1}},
	}
}

func request() referral.Request {
	return referral.Request{
		ID: amana.RecordID{1}, Recipient: amana.Conceal(clinic), Service: "health_medical_service", Urgency: referral.Urgent,
		Company: event.Bool(true), Narrative: amana.Conceal(herWords), Agreed: referral.Minimal(), AgreedAt: 2,
	}
}

// everything is all that a printer could get out of a package.
func everything(p referral.Package) string {
	var b strings.Builder
	for _, l := range p.Lines() {
		fmt.Fprintln(&b, l.Item, l.In, l.Why, l.Option, l.Options, l.Words.Reveal(), l.Hours)
	}
	return b.String()
}

func TestCompute_isMinimalByDefault(t *testing.T) {
	p, err := compute(source(), request(), noon)
	if err != nil {
		t.Fatal(err)
	}
	out := everything(p)
	for _, secret := range append(strings.Fields(herName), herPhone, herWords, herBirth, "1999", "26 ", "physical_disability") {
		if strings.Contains(out, secret) {
			t.Errorf("%q leaves with the minimal package:\n%s", secret, out)
		}
	}
	var items []referral.Item
	for _, l := range p.Lines() {
		items = append(items, l.Item)
	}
	if !slices.Equal(items, referral.Minimal()) {
		t.Errorf("leaves: %v, want %v", items, referral.Minimal())
	}
	if l, _ := p.Line(referral.ItemAgeBand); l.Option != "26_40" {
		t.Errorf("age band %q", l.Option)
	}
	if l, _ := p.Line(referral.ItemWindows); len(l.Hours) != 2 || l.Hours[0] != (referral.HoursLeft{ID: "pep", Hours: 1}) {
		t.Errorf("hours left %v, want pep 1 first", l.Hours)
	}
	lines := would(t, source(), request())
	for _, l := range lines {
		if _, in := p.Line(l.Item); l.Why == "" || l.In != in {
			t.Errorf("%s for %q, shown %v, leaves %v", l.Item, l.Why, l.In, in)
		}
	}
	if n := len(lines); n != len(referral.Asked())+len(referral.Never()) {
		t.Errorf("%d lines: not every item is accounted for", n)
	}
}

// Whatever she strikes or agrees to: exactly that leaves, and never what never may.
func TestCompute_isWhatSheAgreedTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := append(referral.Asked(), referral.Never()...)
		q := request()
		q.Agreed = rapid.SliceOfDistinct(rapid.SampledFrom(all), func(i referral.Item) referral.Item { return i }).Draw(t, "agreed")
		p, err := compute(source(), q, noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range all {
			_, in := p.Line(item)
			want := item == referral.ItemService || slices.Contains(q.Agreed, item) && !slices.Contains(referral.Never(), item)
			if in != want {
				t.Fatalf("%s leaves: %v, want %v", item, in, want)
			}
		}
		for item, secret := range map[referral.Item]string{
			referral.ItemName: herName, referral.ItemNarrative: herWords, referral.ItemContact: herPhone,
		} {
			if !slices.Contains(q.Agreed, item) && strings.Contains(everything(p), secret) {
				t.Fatalf("%s leaves and she did not agree to it", item)
			}
		}
		if strings.Contains(everything(p), herBirth) {
			t.Fatal("the date of birth leaves")
		}
	})
}

func TestCompute_leavesOutWhatIsNotThere(t *testing.T) {
	s, q := source(), request()
	q.Agreed = referral.Asked()
	s.Age, s.Birth, s.Sex, s.HasIdentity, s.Windows = event.Say(event.Declined), event.Value{}, event.Say(event.NotAsked), false, nil
	p, err := compute(s, q, noon)
	if err != nil {
		t.Fatal(err)
	}
	for item, why := range map[referral.Item]string{
		referral.ItemAgeBand: "referral.out.unknown", referral.ItemSex: "referral.out.unknown", referral.ItemName: "referral.out.no_identity",
		referral.ItemContact: "referral.out.no_identity", referral.ItemWindows: "referral.out.no_window",
	} {
		i := slices.IndexFunc(would(t, s, q), func(l referral.Line) bool { return l.Item == item })
		if l, _ := p.Line(item); l.In || would(t, s, q)[i].Why != why {
			t.Errorf("%s: in %v because %s, want out because %s", item, l.In, would(t, s, q)[i].Why, why)
		}
	}
}

// Her words leave as she wants them, but not with a name or a number to which she did
// not agree; and items of before she withdrew and agreed again do not count.
func TestPack_byTheRulesOfTheGate(t *testing.T) {
	q := request()
	q.Agreed, q.Narrative = []referral.Item{referral.ItemNarrative}, amana.Conceal("Ask for "+herName+".")
	p, err := compute(source(), q, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, in := p.Line(referral.ItemNarrative); in || strings.Contains(everything(p), herName) {
		t.Error("her words tell her name")
	}
	q.Agreed = append(q.Agreed, referral.ItemName)
	if p, err = compute(source(), q, noon); err != nil || !strings.Contains(everything(p), herName) {
		t.Errorf("she agreed to both, and they stay: %v", err)
	}
	q.AgreedAt = 0 // before her consent
	if p, err = compute(source(), q, noon); err != nil || strings.Contains(everything(p), herName) || len(p.Lines()) != 1 {
		t.Errorf("agreed to before the consent: %s, %v", everything(p), err)
	}
	if _, err := referral.Pack(release.Cleared{}); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("packed from nothing: %v", err)
	}
	r := asked(source(), q, noon)
	r.Format = "huridocs"
	c, err := gate(noon).Clear(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := referral.Pack(c); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("packed from what was cleared as something else: %v", err)
	}
}

// What she is asked about shows every item, and cannot be sent.
func TestPreview(t *testing.T) {
	q := request()
	q.Agreed = nil
	all := referral.Preview(source(), q, noon)
	if len(all) != len(referral.Asked())+len(referral.Never()) {
		t.Errorf("%d lines", len(all))
	}
	for _, l := range all {
		if want := slices.Contains(referral.Asked(), l.Item); l.In != want {
			t.Errorf("%s would leave: %v, want %v", l.Item, l.In, want)
		}
	}
}

func TestAgeBand(t *testing.T) {
	for _, tt := range []struct {
		age, birth event.Value
		want       string
	}{
		{event.Int(0), event.Value{}, "0_11"},
		{event.Int(11), event.Value{}, "0_11"},
		{event.Int(12), event.Value{}, "12_17"},
		{event.Int(17), event.Value{}, "12_17"},
		{event.Int(18), event.Value{}, "18_25"},
		{event.Text("60"), event.Value{}, "41_60"},
		{event.Int(61), event.Value{}, "61+"},
		{event.Value{}, event.Text("2008-03-09"), "18_25"}, // eighteen today
		{event.Value{}, event.Text("2008-03-10"), "12_17"}, // tomorrow
		{event.Value{}, event.Text("2008"), "18_25"},
		{event.Say(event.Declined), event.Value{}, ""},
		{event.Int(-1), event.Value{}, ""},
		{event.Text("many"), event.Value{}, ""},
	} {
		if got := referral.AgeBand(tt.age, tt.birth, noon); got != tt.want {
			n, _ := tt.age.Int()
			t.Errorf("%d %s: %q, want %q", n, tt.birth.Reveal(), got, tt.want)
		}
	}
}
