package demo

import (
	"time"

	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
)

// iso is how a day is written in a value.
const iso = time.DateOnly

// caseValues is what the case record holds when it is opened.
func (t *telling) caseValues(opened time.Time, p person) casework.Values {
	v := casework.Values{
		"consent_for_services": event.Bool(true),
		"created_on":           event.Text(opened.Format(iso)),
		"language":             event.Text(t.spokenLanguage()),
		"sex":                  p.sex,
		"age":                  p.age,
		"risk_level":           t.risk(),
	}
	if _, counted := p.age.Int(); counted && t.chance(24) {
		v["estimated"] = event.Bool(true)
	}
	t.choose(v, "service_referred_from", 14, 12, 4, 5, 3, 34, 7, 8, 2, 6, 2, 3)
	t.choose(v, "gbv_displacement_status", 34, 38, 14, 1, 8, 3, 2)
	t.choose(v, "gbv_disability_type", 88, 4, 7, 1)
	if p.minor {
		t.choose(v, "maritial_status", 90, 9, 0, 1)
		t.choose(v, "unaccompanied_separated_status", 74, 8, 11, 7)
	} else {
		t.choose(v, "maritial_status", 30, 42, 14, 14)
	}
	t.assess(v)
	return v
}

// spokenLanguage is the one she speaks, which often is not the one written.
func (t *telling) spokenLanguage() string {
	if t.chance(45) {
		return t.code
	}
	return t.weighted(record.Options("language"), 12, 6, 20, 18, 6, 10, 4, 5, 3, 4, 5, 4, 6, 3)
}

// risk is drawn before the texts, which follow it.
func (t *telling) risk() event.Value {
	level := t.weighted(record.Options("risk_level"), 12, 36, 52)
	t.high = level == "high"
	return event.Text(level)
}

// choose sets a field to one option of its list, or to an answer in its place.
func (t *telling) choose(v casework.Values, list string, weights ...int) {
	v[list] = event.Text(t.weighted(record.Options(list), weights...))
	t.leave(v, list, 9)
}

// assess writes the texts of the assessment. Few have all of them.
func (t *telling) assess(v casework.Values) {
	for _, topic := range []struct {
		field, section string
		filled         int // in a hundred
		longest        int // sentences
	}{
		{"assessment_presenting_problem", "problem", 96, 5},
		{"assessment_main_concerns", "concerns", 76, 3},
		{"assessment_current_situation", "situation", 80, 4},
		{"assessment_safety_needs", "safety", 66, 3},
		{"assessment_health_needs", "health", 70, 3},
		{"assessment_psychosocial_needs", "psychosocial", 58, 3},
		{"assessment_legal_needs", "legal", 38, 2},
		{"assessment_material_needs", "material", 52, 3},
	} {
		if t.chance(topic.filled) {
			v[topic.field] = t.words(topic.section, 1, topic.longest)
			if topic.section == "problem" {
				v["prior_interview"] = event.Bool(false) // asked before any account
			}
		} else {
			t.leave(v, topic.field, 35)
		}
	}
}
