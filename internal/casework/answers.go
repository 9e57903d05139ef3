package casework

import (
	"context"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/vault"
)

// Answers are what somebody said for one purpose and recipient, with each item.
type Answers struct {
	Consent
	Items map[release.Class]amana.Decision
}

// facts are the answers as they are recorded, in one entry: what is agreed to
// together stands together.
func (a Answers) facts() []event.Fact {
	facts := []event.Fact{a.fact()}
	for _, item := range release.Asked(a.Purpose) {
		if decision := a.Items[item]; decision != "" {
			facts = append(facts, event.ConsentedItem{Purpose: a.Purpose, Recipient: a.Recipient, Item: string(item), Decision: decision})
		}
	}
	return facts
}

// AnswerAccount records what whoever gave an account says of its use. Kinds:
// FieldErrors, ErrNotFound.
func (d *Desk) AnswerAccount(ctx context.Context, id amana.RecordID, list ...Answers) error {
	o, err := d.openClaim(ctx, id)
	if err != nil {
		return err
	}
	if o.Kind != amana.KindAccount {
		return refusal("claims.refused.no_account")
	}
	facts, err := answerFacts(list)
	if err != nil || len(facts) == 0 {
		return err
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: facts})
}

func answerFacts(list []Answers) (facts []event.Fact, err error) {
	bad := FieldErrors{}
	for _, a := range list {
		checkConsents(bad, []Consent{a.Consent})
		for item, decision := range a.Items {
			if !item.IsItem() || decision != amana.Granted && decision != amana.Refused && decision != amana.Withdrawn && decision != amana.NotAsked {
				bad["items"] = string(record.FaultOption)
			}
		}
		facts = append(facts, a.facts()...)
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return facts, nil
}

// LeftAbout is everything that ever left about one person, for that person to see.
type LeftAbout struct {
	Code      string // of the case, or of the source
	Releases  []release.Departure
	Referrals []Referral // that were sent
	Figures   []Figure   // rows of codes, without a name, that went into tables of others
	Names     map[amana.MemberID]string
}

// Figure is an export in which an incident of hers was a row of codes.
type Figure struct {
	When time.Time
	To   amana.Private
	By   amana.MemberID
}

// LeftOfCase returns everything that ever left about the person of a case. Kinds:
// ErrNotFound.
func (d *Desk) LeftOfCase(ctx context.Context, caseID amana.RecordID) (LeftAbout, error) {
	f, err := d.session.Read(ctx, caseID)
	if err != nil {
		return LeftAbout{}, err
	}
	all := LeftAbout{Code: record.CaseOf(&f.Case.Record).Code, Names: d.names()}
	var left []record.Release
	var answers release.Consents
	for i := range f.Records {
		o := &f.Records[i]
		left = append(left, o.Releases()...)
		if o.Kind == amana.KindConsent {
			c := d.answersOf(o)
			answers.States, answers.Items = append(answers.States, c.States...), append(answers.Items, c.Items...)
			answers.Doubtful = answers.Doubtful || c.Doubtful
		}
	}
	left = append(left, f.Case.Releases()...)
	all.Releases = release.Departures(left, answers, d.surely())
	for _, r := range d.referralsIn(&f) {
		if r.Course.Left() {
			all.Referrals = append(all.Referrals, r)
		}
	}
	all.Figures, err = d.figuresWith(ctx, &f)
	return all, err
}

// figuresWith returns the exports that took an incident of a case. Lists do not hold
// which incidents an export took: its record does.
func (d *Desk) figuresWith(ctx context.Context, f *vault.CaseFile) (figures []Figure, err error) {
	var exports []vault.Listed
	err = d.session.Listed(amana.KindExchange, func(l vault.Listed) error {
		if l.Values["direction"].Reveal() == "export" {
			exports = append(exports, l)
		}
		return nil
	})
	for _, l := range exports {
		if err != nil {
			break
		}
		var o vault.Opened
		if o, err = d.session.ReadRecord(ctx, l.ID); err == nil && tookAny(&o, f.Records) {
			figures = append(figures, Figure{record.When(l.Opened), amana.Conceal(l.Values["recipient"].Reveal()), l.Author})
		}
	}
	return figures, err
}

// tookAny reports whether an export took any of these records.
func tookAny(export *vault.Opened, records []vault.Opened) bool {
	for _, c := range export.Cells() {
		if !record.IsLong(c.Name) {
			continue
		}
		taken := c.Value.RevealList()
		if slices.ContainsFunc(records, func(o vault.Opened) bool { return slices.Contains(taken, o.ID.String()) }) {
			return true
		}
	}
	return false
}

// LeftOfAccount returns everything that ever left of an account. Kinds: ErrNotFound.
func (d *Desk) LeftOfAccount(ctx context.Context, id amana.RecordID) (LeftAbout, error) {
	f, err := d.ReadClaim(ctx, id)
	if err != nil {
		return LeftAbout{}, err
	}
	return LeftAbout{Code: f.Sheet.Value("source_code").Reveal(), Releases: f.Left, Names: f.Names}, nil
}

func (d *Desk) names() map[amana.MemberID]string {
	names := map[amana.MemberID]string{}
	for _, m := range d.charter().Members() {
		names[m.ID] = m.Name
	}
	return names
}
