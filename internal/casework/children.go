package casework

import (
	"amana"
	"amana/internal/child"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/vault"
	"amana/internal/xlsform"
)

// TableChildren is the document with the bands of ages and who has to agree.
const TableChildren = "table/children"

// ChildTable returns the bands: the organisation's, or what the program brings.
func (d *Desk) ChildTable() child.Table {
	if doc, there := d.Adopted(TableChildren); there {
		if t, err := child.Read(doc.Content); err == nil {
			return t
		}
	}
	return child.Default()
}

// Minor is what a page needs to know where the person may be a child.
type Minor struct {
	Rule  child.Rule
	Carer child.Carer
	Note  bool // it is written down why this is best for the child
}

// minorOf reads a case for the rules of consent.
func (d *Desk) minorOf(c *record.Record) Minor {
	carer := child.Carer(c.Value("caregiver_role").Reveal())
	age, known := record.CaseOf(c).Age.Int()
	return Minor{
		Rule:  d.ChildTable().Rule(int(age), known, carer),
		Carer: carer,
		Note:  c.Value("best_interests").Reveal() != "",
	}
}

// minorOfAccount is the same for whoever gave an account.
func (d *Desk) minorOfAccount(o *record.Record) Minor {
	carer := child.Carer(o.Value("source_carer").Reveal())
	age, known := o.Value("source_age").Int()
	return Minor{
		Rule:  d.ChildTable().Rule(int(age), known, carer),
		Carer: carer,
		Note:  o.Value("source_best_interests").Reveal() != "",
	}
}

// minorOfIntake is the same for a case that does not exist yet.
func (d *Desk) minorOfIntake(in Intake) Minor {
	carer := child.Carer(in.Case["caregiver_role"].Reveal())
	age, known := in.Case["age"].Int()
	return Minor{
		Rule:  d.ChildTable().Rule(int(age), known, carer),
		Carer: carer,
		Note:  in.Case["best_interests"].Reveal() != "",
	}
}

// Lacks returns what an answer lacks, as keys of messages. A no needs nobody's
// leave.
func (m Minor) Lacks(c Consent) []string {
	if c.Decision != amana.Granted {
		return nil
	}
	return m.Rule.Missing(c.GivenBy, m.Note || !c.BestInterests.IsEmpty())
}

// checkMinor refuses a yes that nobody could give for a child. A yes to care is
// taken as it is, and the page says what it lacks: care waits for nobody.
func (m Minor) checkMinor(bad FieldErrors, list []Consent) {
	for _, c := range list {
		if c.Purpose == amana.PurposeCare {
			continue
		}
		for _, key := range m.Lacks(c) {
			field := "consent_given_by"
			if key == "child.missing.note" {
				field = "best_interests"
			}
			if bad[field] == "" {
				bad[field] = key
			}
		}
	}
}

// agreedIn is who agreed for a child, as the form about children has it, or "".
func agreedIn(value func(field string) event.Value) string {
	yes := func(field string) bool { said, _ := value(field).Bool(); return said }
	assents := yes("child_assent")
	who := ""
	switch value("child_decides_with").Reveal() {
	case "trusted_adult":
		who = child.TrustedAdult
	case "caseworker", "child_protection":
		who = child.Supervisor
	}
	if yes("child_caregiver_consent") {
		who = child.Guardian
	}
	switch {
	case who == child.Guardian && assents && yes("child_caregiver_may_know"):
		return child.SelfWithGuardian
	case who != "" && assents:
		return who + "_with_assent"
	case who == "" && assents:
		return child.Self
	}
	return who
}

// forMinor completes the yeses that a form gives for a child with who agreed, as
// the form about children has it. Where nobody could, it refuses them: kind
// [form.Faults].
func (m Minor) forMinor(value func(field string) event.Value, facts []event.Fact, answers xlsform.Answers) error {
	if !m.Rule.Child && !m.Rule.Silent {
		return nil
	}
	who := agreedIn(value)
	lacks := m.Rule.Missing(who, m.Note)
	for i, f := range facts {
		said, is := f.(event.Consented)
		if !is || said.Decision != amana.Granted {
			continue
		}
		if len(lacks) == 0 {
			said.GivenBy = who
			facts[i] = said
			continue
		}
		for _, s := range sharings() {
			if answers[s.whom].Reveal() == said.Recipient.Reveal() {
				return form.Faults{{Path: s.yes, Key: lacks[0]}}
			}
		}
		return form.Faults{{Key: lacks[0]}}
	}
	return nil
}

// besides are the facts that come with answers: why this is best for a child, on
// the case; and which text on reporting was read, on the consent.
func besides(list []Consent) (onCase, onConsent []event.Fact) {
	for _, c := range list {
		if !c.BestInterests.IsEmpty() && onCase == nil {
			onCase = append(onCase, event.Set{Field: "best_interests", Value: event.Text(c.BestInterests.Reveal())})
		}
		if c.Reporting != "" && onConsent == nil {
			onConsent = append(onConsent, event.Set{Field: "reporting_version", Value: event.Text(c.Reporting)})
		}
	}
	return onCase, onConsent
}

// toldOf is the fact that the notice on reporting was read, kept with her consents.
// A version that the organisation did not adopt, or that is on record, is none.
func (d *Desk) toldOf(f vault.CaseFile, version string) event.Fact {
	if version == "" || version != d.Reporting().Version || version == reportingOf(f) {
		return nil
	}
	return event.Set{Field: "reporting_version", Value: event.Text(version)}
}

// reportingOf is the version of the text that was read before she told anything.
func reportingOf(f vault.CaseFile) string {
	for i := range f.Records {
		if f.Records[i].Kind == amana.KindConsent {
			if v := f.Records[i].Value("reporting_version").Reveal(); v != "" {
				return v
			}
		}
	}
	return ""
}
