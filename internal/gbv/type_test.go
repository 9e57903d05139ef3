package gbv_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana/internal/event"
	"amana/internal/gbv"
)

type fields = map[string]event.Value

// answers reads "n y - d" as the answers to the ordered questions: no, yes, not
// answered, declined, does not know, not asked.
func answers(short string) fields {
	f := fields{}
	for i, a := range strings.Fields(short) {
		q := gbv.Questions()[i].Field
		switch a {
		case "y":
			f[q] = event.Bool(true)
		case "n":
			f[q] = event.Bool(false)
		case "d":
			f[q] = event.Say(event.Declined)
		case "k":
			f[q] = event.Say(event.DoesNotKnow)
		case "a":
			f[q] = event.Say(event.NotAsked)
		}
	}
	return f
}

// What people told, in the words of nobody, and what it is in the standard.
func TestTypeOf_vignettes(t *testing.T) {
	for _, c := range []struct{ told, answers, want string }{
		{"rape by a stranger", "y y y n n y", gbv.Rape},
		{"rape by several men", "y y y n n n", gbv.Rape},
		{"rape in marriage", "y y n n n y", gbv.Rape},
		{"penetration, and a beating", "y n y n n n", gbv.Rape},
		{"penetration with an object", "y y y n n n", gbv.Rape},
		{"a man who was raped in detention", "y y y n n y", gbv.Rape},
		{"a girl of nine, by an uncle", "y y n n n n", gbv.Rape},
		{"raped within a marriage she was forced into", "y y y y n y", gbv.Rape},
		{"favours asked for aid, and taken", "y y n n y y", gbv.Rape},
		{"attempted rape", "n y y n n y", gbv.SexualAssault},
		{"attempted rape, without a blow", "n y n n n n", gbv.SexualAssault},
		{"genital mutilation", "n y y n n n", gbv.SexualAssault},
		{"touched at a checkpoint", "n y n n n y", gbv.SexualAssault},
		{"kissed by a teacher against her will", "n y n n n n", gbv.SexualAssault},
		{"stripped and touched, and beaten", "n y y n n y", gbv.SexualAssault},
		{"beaten by her husband", "n n y n n y", gbv.PhysicalAssault},
		{"burnt with acid", "n n y n n n", gbv.PhysicalAssault},
		{"a blow with a weapon", "n n y n n y", gbv.PhysicalAssault},
		{"beaten until she agreed to a marriage", "n n y y n y", gbv.PhysicalAssault},
		{"married at fifteen against her will", "n n n y n n", gbv.ForcedMarriage},
		{"given to a fighter as a wife, no other act told", "n n n y n y", gbv.ForcedMarriage},
		{"a widow robbed of her inheritance", "n n n n y n", gbv.DenialOfResources},
		{"her earnings are taken by her husband", "n n n n y y", gbv.DenialOfResources},
		{"kept from school because she is a girl", "n n n n y n", gbv.DenialOfResources},
		{"threatened with rape", "n n n n n y", gbv.PsychologicalAbuse},
		{"locked in and kept from her family", "n n n n n y", gbv.PsychologicalAbuse},
		{"followed and insulted on the road", "n n n n n y", gbv.PsychologicalAbuse},
		{"poverty: there is not enough for anybody", "n n n n n n", gbv.NotGBV},
		{"a theft at the market", "n n n n n n", gbv.NotGBV},
		{"wounded by shelling like everyone there", "n n n n n n", gbv.NotGBV},
	} {
		got := gbv.TypeOf(answers(c.answers))
		if got.Type != c.want || got.Open != "" || got.OutOfScope {
			t.Errorf("%s: %+v, want %s", c.told, got, c.want)
		}
	}
}

// Acts that people doubt about, each by the question that counts it.
func TestActs(t *testing.T) {
	want := map[string]string{
		"gang_rape": gbv.Rape, "marital_rape": gbv.Rape, "attempted_rape": gbv.SexualAssault,
		"genital_mutilation": gbv.SexualAssault, "burning_or_acid": gbv.PhysicalAssault,
		"early_marriage": gbv.ForcedMarriage, "withheld_inheritance": gbv.DenialOfResources,
		"harassment": gbv.PsychologicalAbuse, "poverty": "", "homicide": "", "honour_killing": "",
	}
	for _, act := range gbv.Acts() {
		f := answers("n n n n n n")
		if !act.OutOfScope() {
			f[act.Field] = event.Bool(true)
		}
		if typ, listed := want[act.ID]; listed {
			delete(want, act.ID)
			if got := gbv.TypeOf(f).Type; typ != "" && got != typ || act.OutOfScope() != (typ == "") {
				t.Errorf("%s: %q, out of scope %t; want %q", act.ID, got, act.OutOfScope(), typ)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not among the acts: %v", want)
	}
}

func TestTypeOf_outOfScope(t *testing.T) {
	f := answers("n n y n n n")
	f[gbv.FieldOutOfScope] = event.Bool(true)
	if d := gbv.TypeOf(f); !d.OutOfScope || d.Type != "" {
		t.Errorf("she did not survive: %+v", d)
	}
	f[gbv.FieldOutOfScope] = event.Text("false")
	if d := gbv.TypeOf(f); d.OutOfScope || d.Type != gbv.PhysicalAssault {
		t.Errorf("she lives: %+v", d)
	}
}

// Nobody guesses what she did not say.
func TestTypeOf_open(t *testing.T) {
	q := gbv.Questions()
	for _, c := range []struct {
		answers, open, likely string
	}{
		{"", q[0].Field, ""},
		{"n n", q[2].Field, ""},
		{"- - y", q[0].Field, gbv.PhysicalAssault},
		{"d n y", q[0].Field, gbv.PhysicalAssault},
		{"n k n n y", q[1].Field, gbv.DenialOfResources},
		{"n n n n n a", q[5].Field, ""},
		{"d d d d d d", q[0].Field, ""},
	} {
		d := gbv.TypeOf(answers(c.answers))
		if d.Type != "" || d.Open != c.open || d.Likely != c.likely {
			t.Errorf("%q: %+v, want open %s, likely %q", c.answers, d, c.open, c.likely)
		}
	}
	if d := gbv.TypeOf(answers("y - d")); d.Type != gbv.Rape || d.Open != "" {
		t.Errorf("what comes after the first yes does not matter: %+v", d)
	}
	if gbv.TypeOf(fields{}).Asked || !gbv.TypeOf(answers("d")).Asked {
		t.Error("asked")
	}
}

// Every way to answer gives exactly one type, or names exactly one open question.
func TestTypeOf_exactlyOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(rapid.SampledFrom([]string{"y", "n", "-", "d", "k", "a"}), 6, 6).Draw(t, "answers")
		d := gbv.TypeOf(answers(strings.Join(given, " ")))
		if (d.Type == "") == (d.Open == "") {
			t.Fatalf("%v: %+v", given, d)
		}
		if d.Type != "" && !slices.Contains(gbv.Types(), d.Type) {
			t.Fatalf("%v: %q is no type", given, d.Type)
		}
		first := slices.Index(given, "y")
		if d.Type != "" && d.Type != gbv.NotGBV && d.Type != gbv.Types()[first] {
			t.Fatalf("%v: %s, but the first yes is number %d", given, d.Type, first+1)
		}
	})
}

func TestType_asRecorded(t *testing.T) {
	for stored, want := range map[string]string{
		"rape": gbv.Rape, "Rape": gbv.Rape, "Denial of Resources, Opportunities or Services": gbv.DenialOfResources,
		"Psychological / Emotional Abuse": gbv.PsychologicalAbuse, "Non-GBV": gbv.NotGBV, "": "", "other": "",
	} {
		if got := gbv.Type(fields{gbv.FieldType: event.Text(stored)}); got != want {
			t.Errorf("%q: %q, want %q", stored, got, want)
		}
	}
	asked := answers("d")
	asked[gbv.FieldType] = event.Text(gbv.Rape)
	if got := gbv.Type(asked); got != "" {
		t.Errorf("the questions go before what stands: %q", got)
	}
}

func TestYesNo(t *testing.T) {
	for _, c := range []struct {
		v          event.Value
		yes, known bool
	}{
		{event.Bool(true), true, true},
		{event.Bool(false), false, true},
		{event.Text("true"), true, true},
		{event.Text("false"), false, true},
		{event.Text(" Yes "), true, true},
		{event.Text("no"), false, true},
		{event.Text("oui"), true, true},
		{event.Text("لا"), false, true},
		{event.Int(1), true, true},
		{event.Int(0), false, true},
		{event.Int(2), false, false},
		{event.Value{}, false, false},
		{event.Text("maybe"), false, false},
		{event.Say(event.Declined), false, false},
		{event.List("true"), false, false},
	} {
		if yes, known := gbv.YesNo(c.v); yes != c.yes || known != c.known {
			t.Errorf("%d %q: %t, %t", c.v.Type(), c.v.Reveal(), yes, known)
		}
		typed, ok := gbv.TypedYesNo(c.v)
		if yes, isBool := typed.Bool(); c.known && (!ok || !isBool || yes != c.yes) {
			t.Errorf("%q is not typed", c.v.Reveal())
		}
	}
	if v, ok := gbv.TypedYesNo(event.Text("Unknown")); !ok || !v.Equal(event.Say(event.DoesNotKnow)) {
		t.Error("unknown is an answer")
	}
	if v, ok := gbv.TypedYesNo(event.Text("maybe")); ok || v.Reveal() != "maybe" {
		t.Error("what is neither stays as it is")
	}
}
