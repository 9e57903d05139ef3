package child

import "slices"

// Who agreed, as a consent says it. The ids are part of the format: add, never
// rename.
const (
	Self                   = "self"
	SelfWithGuardian       = "self_with_guardian"
	Guardian               = "guardian"
	GuardianWithAssent     = "guardian_with_assent"
	TrustedAdult           = "trusted_adult"
	TrustedAdultWithAssent = "trusted_adult_with_assent"
	Supervisor             = "supervisor"
	SupervisorWithAssent   = "supervisor_with_assent"
)

// Carer is what is known of the adult who cares for a child. The ids are those of
// the field caregiver_role.
type Carer string

// What is known of a carer. The zero Carer is "nobody asked".
const (
	Supports Carer = "supports"
	Involved Carer = "may_be_involved"
	Absent   Carer = "absent"
)

// Rule is who has to agree for one person.
type Rule struct {
	Known bool // the age is known; else whoever asks has to judge
	Child bool
	Band  Band
	// GivenBy are those who may agree, the usual first.
	GivenBy []string
	// Silent: the caregiver is neither asked nor told.
	Silent bool
	// Note: somebody decides in a caregiver's place, and writes down why this is
	// best for the child.
	Note bool
}

// Rule returns who has to agree for a person of an age, with this carer.
func (t Table) Rule(age int, known bool, carer Carer) Rule {
	r := Rule{Known: known, Silent: carer == Involved}
	if !known {
		// Whoever cannot know the age asks as for an adult, or as for a child.
		r.GivenBy = []string{Self, SelfWithGuardian, GuardianWithAssent, Guardian}
		if carer == Involved || carer == Absent {
			r.GivenBy = []string{Self, TrustedAdultWithAssent, SupervisorWithAssent, TrustedAdult, Supervisor}
		}
		return r
	}
	r.Band = t.Of(age)
	r.Child = age < Adult
	r.Silent = r.Silent && r.Child
	alone := carer == Involved || carer == Absent
	switch r.Band.Agrees {
	case Caregiver:
		r.GivenBy = []string{Guardian, GuardianWithAssent}
		if alone {
			r.GivenBy = []string{TrustedAdult, TrustedAdultWithAssent, Supervisor, SupervisorWithAssent}
		}
		r.Note = alone
	case Assent:
		r.GivenBy = []string{GuardianWithAssent}
		if alone {
			r.GivenBy = []string{TrustedAdultWithAssent, SupervisorWithAssent}
		}
		r.Note = alone
	case Own:
		r.GivenBy = []string{Self, SelfWithGuardian}
		if alone {
			r.GivenBy = []string{Self, TrustedAdultWithAssent, SupervisorWithAssent}
		}
	case OwnAlone:
		r.GivenBy = []string{Self}
	}
	return r
}

// Missing returns what an agreement lacks, as keys of messages, the gravest first.
// givenBy is who agreed, or ""; note is whether it is written down why.
func (r Rule) Missing(givenBy string, note bool) []string {
	var lacks []string
	switch {
	case !r.Known && !r.Silent:
		return nil
	case givenBy == "" && !r.Child && !r.Silent:
		return nil // of an adult nobody but herself
	case givenBy == "":
		lacks = append(lacks, "child.missing.who")
	case slices.Contains(r.GivenBy, givenBy):
	case r.Silent && speaksForCaregiver(givenBy):
		lacks = append(lacks, "child.missing.silent")
	case !r.Child:
		lacks = append(lacks, "child.missing.own")
	case givenBy == Self:
		lacks = append(lacks, "child.missing.adult")
	case !withAssent(givenBy) && r.Band.Agrees != Caregiver:
		lacks = append(lacks, "child.missing.assent")
	case r.Band.Agrees == Own:
		lacks = append(lacks, "child.missing.own")
	default:
		lacks = append(lacks, "child.missing.adult")
	}
	if (r.Note || standsIn(givenBy)) && !note {
		lacks = append(lacks, "child.missing.note")
	}
	return lacks
}

func speaksForCaregiver(givenBy string) bool {
	return givenBy == Guardian || givenBy == GuardianWithAssent || givenBy == SelfWithGuardian
}

func standsIn(givenBy string) bool {
	switch givenBy {
	case TrustedAdult, TrustedAdultWithAssent, Supervisor, SupervisorWithAssent:
		return true
	}
	return false
}

func withAssent(givenBy string) bool {
	switch givenBy {
	case GuardianWithAssent, SelfWithGuardian, TrustedAdultWithAssent, SupervisorWithAssent:
		return true
	}
	return false
}

// Reminders are what whoever examines or listens to a child keeps in mind, as keys
// of messages.
func (r Rule) Reminders() []string {
	if !r.Child {
		return nil
	}
	return []string{"child.remind.worker", "child.remind.once", "child.remind.dose", "child.remind.exam"}
}
