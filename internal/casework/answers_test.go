package casework_test

import (
	"errors"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/release"
)

// A yes takes what was explained: the text as it stands, in a language, understood; for
// a child whoever the table of ages says. A no is taken as it is. What was explained
// stays with the answer.
func TestAnswers_whatWasExplained(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	account := func(pairs ...any) amana.RecordID {
		id, err := h.admin.BeginClaim(ctx, amana.KindAccount, vals(append([]any{"source_code", "S-1", "source_said", "told"}, pairs...)...))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	adult := account()
	yes := answer(amana.PurposeAccountability, theCourt, amana.Granted, release.Account)
	for _, c := range []struct {
		name, field, key string
		id               amana.RecordID
		change           func(*casework.Answers)
	}{
		{"as it should be", "", "", adult, func(*casework.Answers) {}},
		{"nothing was read", "told", "claims.consent.told.needed", adult, func(a *casework.Answers) { a.Explained.Text = "" }},
		{"another text was read", "told", "claims.consent.told.needed", adult, func(a *casework.Answers) { a.Explained.Text = "older" }},
		{"in no language", "language", "invalid.required", adult, func(a *casework.Answers) { a.Language = "" }},
		{"not understood", "understood", "claims.consent.understood.no", adult, func(a *casework.Answers) { a.Explained.Understood = "no" }},
		{"a no, with nothing explained", "", "", adult, func(a *casework.Answers) {
			a.Decision, a.Explained, a.Language = amana.Refused, casework.Explained{}, ""
		}},
		{"a child alone", "consent_given_by", "child.missing.adult", account("source_age", 12), func(*casework.Answers) {}},
		{"a child of five, with a guardian", "", "", account("source_age", 5), func(a *casework.Answers) { a.GivenBy = "guardian" }},
		{"a child of six, without assent", "consent_given_by", "child.missing.assent", account("source_age", 6), func(a *casework.Answers) { a.GivenBy = "guardian" }},
		{"of eleven, with assent", "", "", account("source_age", 11), func(a *casework.Answers) { a.GivenBy = "guardian_with_assent" }},
		{"of fourteen, alone", "consent_given_by", "child.missing.adult", account("source_age", 14), func(*casework.Answers) {}},
		{"of fifteen, alone", "", "", account("source_age", 15), func(*casework.Answers) {}},
		{"a guardian for a woman of eighteen", "consent_given_by", "child.missing.own", account("source_age", 18), func(a *casework.Answers) { a.GivenBy = "guardian" }},
		{
			"a guardian who may be involved", "consent_given_by", "child.missing.silent", account("source_age", 11, "source_carer", "may_be_involved"),
			func(a *casework.Answers) { a.GivenBy = "guardian_with_assent" },
		},
		{"a child says no alone", "", "", account("source_age", 12), func(a *casework.Answers) { a.Decision = amana.Refused }},
	} {
		h.now = h.now.Add(time.Second)
		a := yes
		c.change(&a)
		err := h.admin.AnswerAccount(ctx, c.id, a)
		bad, _ := errors.AsType[casework.FieldErrors](err)
		if c.field == "" && err != nil || c.field != "" && bad[c.field] != c.key {
			t.Errorf("%s: %v %v", c.name, err, bad)
		}
	}
	yes.Explained.By, yes.Explained.Interpreter = amana.Conceal("C-7"), event.Bool(true)
	h.now = h.now.Add(time.Second)
	if err := h.admin.AnswerAccount(ctx, adult, yes); err != nil {
		t.Fatal(err)
	}
	f, err := h.admin.ReadClaim(ctx, adult)
	if err != nil || len(f.Told) != 2 {
		t.Fatalf("%d explanations, %v", len(f.Told), err)
	}
	told := f.Told[1]
	if told.Text != "amana-1" || told.By.Reveal() != "C-7" || told.Language != "fra" || told.Understood != "yes" || told.Writer != h.admin.Me().ID || !told.Recipient.Equal(theCourt) {
		t.Errorf("explained: %+v", told)
	}
	// A new text asks anew: nobody agrees to what was read before it changed.
	text := casework.ReportingNotice{Words: map[string]string{"fr": "Un autre texte."}}
	if err := h.admin.EditTable(ctx, casework.ConsentTable, text.Encode()); err != nil {
		t.Fatal(err)
	}
	if err := h.admin.AnswerAccount(ctx, adult, yes); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("the old text: %v", err)
	}
	yes.Explained.Text = h.admin.ConsentText().Version
	if err := h.admin.AnswerAccount(ctx, adult, yes); err != nil || h.admin.ConsentText().In("fr") != "Un autre texte." {
		t.Errorf("the new text: %v", err)
	}
}
