package demo

import (
	"fmt"
	"slices"
	"strings"

	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
)

// person is whom a story is about.
type person struct {
	female bool
	minor  bool
	sex    event.Value
	age    event.Value
}

// person draws age and sex. Men and boys come too, and some say neither.
func (t *telling) person() person {
	p := person{female: !t.chance(14)}
	p.sex = event.Text("male")
	if p.female {
		p.sex = event.Text("female")
	}
	years := t.age()
	p.minor, p.age = years < 18, event.Int(int64(years))
	switch n := t.IntN(100); {
	case n < 2:
		p.age = event.Say(event.Declined)
	case n < 8:
		p.age = event.Say(event.DoesNotKnow)
	}
	if t.chance(3) {
		p.sex = event.Say(event.Declined)
	}
	return p
}

func (t *telling) age() int {
	switch n := t.IntN(100); {
	case n < 6:
		return t.between(6, 11)
	case n < 26:
		return t.between(12, 17)
	case n < 62:
		return t.between(18, 29)
	case n < 88:
		return t.between(30, 44)
	default:
		return t.between(45, 71)
	}
}

// identity is what the identity record holds.
func (t *telling) identity(p person) casework.Values {
	section := "given.male"
	if p.female {
		section = "given.female"
	}
	given, others := variants(one(t, t.names[section]))
	if len(others) > 0 && t.chance(40) { // written as it was heard
		heard := t.IntN(len(others))
		given, others[heard] = others[heard], given
	}
	name := given + " " + t.familyName()
	v := casework.Values{
		"name":          event.Text(name),
		"contact_how":   t.contactHow(),
		"place_of_stay": event.Text(t.fill(part{slot: "place"})),
	}
	if len(others) > 0 && t.chance(45) {
		v["other_names"] = event.Text(strings.Join(others[:t.between(1, len(others))], ", "))
	}
	if t.chance(62) {
		v["contact_phone"] = event.Text(t.phone())
	}
	if t.chance(65) {
		v["contact_notes"] = t.words("contact", 1, 2)
	}
	t.leave(v, "name", 3)
	if v["name"].Type() == event.TypeText {
		t.texts = slices.Insert(t.texts, 0, name)
	}
	t.leave(v, "place_of_stay", 9)
	t.leave(v, "contact_phone", 4)
	return v
}

// leave puts an answer in the place of a value in so many of a hundred stories:
// she declined, she does not know, nobody asked.
func (t *telling) leave(v casework.Values, field string, in100 int) {
	if !t.chance(in100) {
		return
	}
	answers := []event.Answer{event.Declined, event.Declined, event.DoesNotKnow, event.NotAsked, event.NotAsked}
	v[field] = event.Say(one(t, answers))
}

func (t *telling) familyName() string {
	name := one(t, t.names["family.start"]) + one(t, t.names["family.end"])
	if t.chance(6) {
		name += "-" + one(t, t.names["family.start"]) + one(t, t.names["family.end"])
	}
	return name
}

// phone is a number that nobody has: no country has the prefix 999.
func (t *telling) phone() string {
	return fmt.Sprintf("+999%02d%06d", t.between(50, 79), t.IntN(1_000_000))
}

func (t *telling) contactHow() event.Value {
	how := record.Options("contact_how")
	if t.chance(12) {
		return event.List(t.weighted(how[4:], 70, 30)) // only when she comes, never
	}
	first := t.weighted(how, 45, 15, 25, 15)
	if second := t.weighted(how, 40, 30, 20, 10); second != first && t.chance(35) {
		return event.List(first, second)
	}
	return event.List(first)
}
