// Package gbv holds the rules of the field's standard for incidents of
// gender-based violence, as pure functions of what is recorded: which of the
// types an incident is, what its context is, how long it took until she could
// tell, who counts as a child. Its ids are the standard's, with their spelling.
//
// It guesses nothing. Where an answer is missing or was declined, it says which,
// and no rule ever looks at whether there is a value: only at what it is.
package gbv

import "amana/internal/event"

// The types of incident. Each incident has exactly one.
const (
	Rape               = "rape"
	SexualAssault      = "sexual_assault"
	PhysicalAssault    = "physical_assault"
	ForcedMarriage     = "forced_marriage"
	DenialOfResources  = "denial_of_resources_opportunities_or_services"
	PsychologicalAbuse = "psychological_emotional_abuse"
	NotGBV             = "non-gbv"
)

// FieldType is the field that holds an incident's type.
const FieldType = "gbv_sexual_violence_type"

// Question is one of the ordered questions by which the type is found.
type Question struct {
	Field string // the field of the incident that holds the answer, a yes or no
	Type  string // what the incident is if this is the first yes
}

// questions are asked in this order; the first yes decides.
var questions = []Question{
	{"type_penetration", Rape},
	{"type_sexual_contact", SexualAssault},
	{"type_physical_assault", PhysicalAssault},
	{"type_forced_marriage", ForcedMarriage},
	{"type_denial", DenialOfResources},
	{"type_psychological", PsychologicalAbuse},
}

// FieldOutOfScope is yes where she did not survive: a homicide, also in the name
// of honour, is no incident of this standard. It is told to whom it concerns in
// other ways.
const FieldOutOfScope = "type_did_not_survive"

// Questions returns the ordered questions.
func Questions() []Question { return append([]Question(nil), questions...) }

// Types returns the types in the order of the questions, "not GBV" last.
func Types() []string {
	types := make([]string, 0, len(questions)+1)
	for _, q := range questions {
		types = append(types, q.Type)
	}
	return append(types, NotGBV)
}

// IsGBV reports whether a type is one of the six.
func IsGBV(incidentType string) bool {
	for _, q := range questions {
		if q.Type == incidentType {
			return true
		}
	}
	return false
}

// IsSexual reports whether a type is rape or sexual assault.
func IsSexual(incidentType string) bool {
	return incidentType == Rape || incidentType == SexualAssault
}

// Decision is what the ordered questions come to.
type Decision struct {
	Type string // "" where they do not decide
	// Question is the field of the answer that decided; "" where all six are no.
	Question string
	// Open is the field of the first question whose answer is missing, declined or
	// not known: until it is answered there is no type, however clear a later one.
	Open string
	// Likely is the first yes behind an open question: the type if the open ones
	// turn out to be no. It is shown to whoever asks, and never recorded.
	Likely     string
	OutOfScope bool
	Asked      bool // at least one question has an answer of any sort
}

// TypeOf decides by the answers to the ordered questions: fields by their names.
func TypeOf(fields map[string]event.Value) Decision {
	var d Decision
	for _, q := range questions {
		d.Asked = d.Asked || !fields[q.Field].IsZero()
	}
	if dead, _ := YesNo(fields[FieldOutOfScope]); dead {
		d.OutOfScope = true
		return d
	}
	for _, q := range questions {
		yes, known := YesNo(fields[q.Field])
		switch {
		case !known && d.Open == "":
			d.Open = q.Field
		case yes && d.Open == "":
			d.Type, d.Question = q.Type, q.Field
			return d
		case yes:
			d.Likely = q.Type
			return d
		}
	}
	if d.Open == "" {
		d.Type = NotGBV
	}
	return d
}

// Type returns the type of an incident: by its questions where they were asked,
// else as it was recorded, by whatever name older programs gave it.
func Type(fields map[string]event.Value) string {
	if d := TypeOf(fields); d.Asked || d.OutOfScope {
		return d.Type
	}
	id, _ := Canonical(FieldType, fields[FieldType].Reveal())
	return id
}

// Act is something that is done to people, and the question to which it is a yes.
// Acts are shown beside the questions, for what people doubt about.
type Act struct {
	ID    string
	Field string // "" where no question counts it
}

// OutOfScope reports whether no question counts it.
func (a Act) OutOfScope() bool { return a.Field == "" }

// Acts returns the acts that people doubt about, in the order of the questions.
func Acts() []Act {
	var acts []Act
	for i, ids := range [][]string{
		{"any_penetration", "penetration_with_object", "forced_oral", "marital_rape", "gang_rape"},
		{"attempted_rape", "unwanted_touching", "unwanted_kissing", "genital_mutilation"},
		{"beating", "burning_or_acid", "weapon"},
		{"marriage_against_will", "early_marriage"},
		{"withheld_earnings", "withheld_inheritance", "kept_from_school", "kept_from_care"},
		{"threats", "isolation", "harassment", "humiliation"},
	} {
		for _, id := range ids {
			acts = append(acts, Act{id, questions[i].Field})
		}
	}
	for _, id := range []string{"poverty", "homicide", "honour_killing"} {
		acts = append(acts, Act{ID: id})
	}
	return acts
}
