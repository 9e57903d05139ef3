package referral_test

import (
	"fmt"
	"strings"
	"testing"

	"amana"
	"amana/internal/referral"
)

func TestSlip_holdsNothingOfHer(t *testing.T) {
	q := request()
	q.Agreed = referral.Asked() // even where she agreed that all may leave
	p, err := compute(source(), q, noon)
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Slip(referral.SlipWords{Place: amana.Conceal("Clinique du Fleuve, porte bleue"), Person: amana.Conceal("Mme Awa"), Day: "2026-03-10"})
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprint(s.Code(), s.Place().Reveal(), s.Person().Reveal(), s.Day(), s.Before())
	for _, secret := range append(strings.Fields(herName), herPhone, herWords, herBirth, "health", "female", "26_40", "pep") {
		if strings.Contains(all, secret) {
			t.Errorf("the slip has %q: %s", secret, all)
		}
	}
	if s.Before() != "2026-03-09T13:00" { // one whole hour is left
		t.Errorf("before %s", s.Before())
	}
	if _, err := (referral.Package{}).Slip(referral.SlipWords{}); err == nil {
		t.Error("a slip of nothing")
	}
}

func TestGivesAway(t *testing.T) {
	for text, want := range map[string]bool{
		"Clinique du Fleuve":               false,
		"Centre de santé, bâtiment B":      false,
		"Mme Awa, la sage-femme":           false,
		"The blue door behind the market":  false,
		"Camp de réfugiés, poste de santé": false,
		"مركز الصحة قرب السوق":             false,
		"السيدة فاطمة":                     false,
		"Centre VBG":                       true,
		"GBV focal point":                  true,
		"Survivors' room":                  true,
		"Une victime":                      true,
		"Violences faites aux femmes":      true,
		"Cellule d’écoute du viol":         true,
		"Psychologue":                      true,
		"Brigade de gendarmerie":           true,
		"Sexual health clinic":             true,
		"HIV clinic":                       true,
		"Agressée":                         true,
		"مركز ضحايا العنف":                 true,
		"قسم الاغتصاب":                     true,
		"الإيدز":                           true,
	} {
		if got := referral.GivesAway(text); got != want {
			t.Errorf("%s: gives away %v, want %v", text, got, want)
		}
	}
	p, _ := compute(source(), request(), noon)
	_, err := p.Slip(referral.SlipWords{Person: amana.Conceal("la psychologue")})
	checkWhy(t, err, "referral.slip.gives_away")
}
