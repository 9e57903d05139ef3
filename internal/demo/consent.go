package demo

import (
	"amana"
	"amana/internal/casework"
)

// inclination is how many of a hundred agree to a purpose, and how many were
// asked and refused; the others were not asked. Care never depends on any.
type inclination struct{ granted, refused int }

var inclinations = map[amana.Purpose]inclination{
	amana.PurposeCare:           {96, 1},
	amana.PurposeContact:        {66, 20},
	amana.PurposeReferral:       {47, 30},
	amana.PurposeStatistics:     {52, 29},
	amana.PurposeMatching:       {12, 44},
	amana.PurposeAccountability: {16, 56},
	amana.PurposePublication:    {5, 61},
}

// consents are her answers on the first day, those who were asked.
func (t *telling) consents(team int) []casework.Consent {
	var out []casework.Consent
	givenBy := "self"
	if t.minor {
		givenBy = one(t, []string{"guardian_with_assent", "guardian_with_assent", "guardian", "self"})
	}
	how := t.weighted([]string{"spoken", "thumbprint", "signed"}, 62, 21, 17)
	language := t.spokenLanguage()
	for _, purpose := range amana.Purposes() {
		leaning := inclinations[purpose]
		if team == Documentation && purpose == amana.PurposeAccountability {
			leaning = inclination{84, 10}
		}
		c := casework.Consent{Purpose: purpose, GivenBy: givenBy, How: how, Language: language}
		switch n := t.IntN(100); {
		case n < leaning.granted:
			t.grant(&c)
		case n < leaning.granted+leaning.refused:
			c.Decision = amana.Refused
		default:
			continue
		}
		out = append(out, c)
	}
	return out
}

// grant says yes, sometimes until a day, on a condition, or to one recipient only.
func (t *telling) grant(c *casework.Consent) {
	c.Decision = amana.Granted
	if c.Purpose == amana.PurposeCare {
		return
	}
	if t.chance(14) {
		c.Until = t.moment.AddDate(0, t.between(3, 24), 0).Format(iso)
	}
	if t.chance(13) {
		c.Conditions = t.private("condition", 1, 1)
	}
	if c.Purpose == amana.PurposeReferral && t.chance(55) {
		place := t.fill(part{slot: "place"})
		c.Recipient = amana.Conceal(one(t, []string{"Poste de santé", "Hôpital de district", "Maison des femmes", "Guichet juridique"}) + ", " + place)
	}
}

// changedAnswers withdraws some of what was granted, or grants what was refused.
func (t *telling) changedAnswers(before []casework.Consent) []casework.Consent {
	var out []casework.Consent
	for _, c := range before {
		switch {
		case c.Purpose == amana.PurposeCare || !t.chance(25):
			continue
		case c.Decision == amana.Granted:
			c.Decision, c.Until, c.Conditions = amana.Withdrawn, "", amana.Private{}
		case t.chance(40):
			c.Decision = amana.Granted
		default:
			continue
		}
		out = append(out, c)
	}
	return out
}
