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

// Answers are what somebody said for one purpose and recipient, with each item, and
// what was explained before.
type Answers struct {
	Consent
	Items     map[release.Class]amana.Decision
	Explained Explained
}

// Explained is what was explained before somebody answered, and how. In which
// language stands with the answer.
type Explained struct {
	Text        string        // version of the text that was read: see [Desk.ConsentText]
	By          amana.Private // who explained it; empty is whoever writes it down
	Interpreter event.Value   // somebody interpreted
	Understood  string        // said back in their own words: yes, partly, no
	Others      event.Value   // that others, a court or the defence, may get to see it
}

// facts are the answers as they are recorded, in one entry: what is agreed to
// together stands together, with what was explained.
func (a Answers) facts() []event.Fact {
	facts := []event.Fact{a.fact()}
	for _, item := range release.Asked(a.Purpose) {
		if decision := a.Items[item]; decision != "" {
			facts = append(facts, event.ConsentedItem{Purpose: a.Purpose, Recipient: a.Recipient, Item: string(item), Decision: decision})
		}
	}
	if a.Explained.Text == "" {
		return facts
	}
	return append(facts, itemSets(record.Explanations, newItem(), a.explained())...)
}

func (a Answers) explained() Values {
	e := a.Explained
	return Values{
		"purpose": event.Text(string(a.Purpose)), "recipient": event.Text(a.Recipient.Reveal()), "text": event.Text(e.Text),
		"language": event.Text(a.Language), "by": event.Text(e.By.Reveal()), "interpreter": e.Interpreter,
		"understood": event.Text(e.Understood), "others": e.Others,
	}
}

// AnswerAccount records what whoever gave an account says of its use. A yes takes
// that the text was read in a language that is named, and for a child whoever the
// organisation's table says. Kinds: FieldErrors, ErrNotFound.
func (d *Desk) AnswerAccount(ctx context.Context, id amana.RecordID, list ...Answers) error {
	o, err := d.openClaim(ctx, id)
	if err != nil {
		return err
	}
	if o.Kind != amana.KindAccount {
		return refusal("claims.refused.no_account")
	}
	bad := d.checkAnswers(amana.KindAccount, list)
	d.minorOfAccount(&o.Record).checkMinor(bad, consentsIn(list))
	if len(bad) > 0 {
		return bad
	}
	var facts []event.Fact
	for _, a := range list {
		facts = append(facts, a.facts()...)
		if !a.BestInterests.IsEmpty() {
			facts = append(facts, event.Set{Field: "source_best_interests", Value: event.Text(a.BestInterests.Reveal())})
		}
	}
	if len(facts) == 0 {
		return nil
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: facts})
}

// AnswerCase records what the person of a case says of the use of what is held of
// her, item by item, under the same rules. Kinds: FieldErrors, ErrNotFound,
// ErrRefused where the case goes on elsewhere and the answer is a yes.
func (d *Desk) AnswerCase(ctx context.Context, caseID amana.RecordID, list ...Answers) error {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return err
	}
	bad := d.checkAnswers(amana.KindConsent, list)
	consents := consentsIn(list)
	d.minorOf(&f.Case.Record).checkMinor(bad, consents)
	if len(bad) > 0 {
		return bad
	}
	granted := func(a Answers) bool { return a.Decision == amana.Granted }
	if record.CaseOf(&f.Case.Record).Status == statusTransferred && slices.ContainsFunc(list, granted) {
		return refusal("move.gone")
	}
	var facts []event.Fact
	for _, a := range list {
		facts = append(facts, a.facts()...)
	}
	if len(facts) == 0 {
		return nil
	}
	onCase, onConsent := besides(consents)
	changes := []vault.Change{d.consentChange(&f, append(facts, onConsent...)...)}
	if onCase = append(onCase, follow(f.Case.Value, consents)...); len(onCase) > 0 {
		changes = append(changes, vault.Change{Record: caseID, Facts: onCase})
	}
	return d.session.Save(ctx, append(changes, counting(&f, consents)...)...)
}

func consentsIn(list []Answers) []Consent {
	consents := make([]Consent, len(list))
	for i, a := range list {
		consents[i] = a.Consent
	}
	return consents
}

// checkAnswers says what is wrong with answers. A no is taken as it is: nothing has
// to be explained before somebody refuses.
func (d *Desk) checkAnswers(kind amana.Kind, list []Answers) FieldErrors {
	bad := FieldErrors{}
	for _, a := range list {
		checkConsents(bad, []Consent{a.Consent})
		for item, decision := range a.Items {
			if !item.IsItem() || decision != amana.Granted && decision != amana.Refused && decision != amana.Withdrawn && decision != amana.NotAsked {
				bad["items"] = string(record.FaultOption)
			}
		}
		for name, v := range a.explained() {
			if fault := record.Validate(kind, record.Explanations+"/x/"+name, v, d.office.now()); fault != "" && !v.IsZero() {
				bad[name] = string(fault)
			}
		}
		if a.Decision == amana.Granted {
			a.checkExplained(bad, d.ConsentText().Version)
		}
	}
	return bad
}

// checkExplained says what was not explained before a yes.
func (a Answers) checkExplained(bad FieldErrors, text string) {
	if a.Explained.Text != text {
		bad["told"] = "claims.consent.told.needed"
	}
	if a.Language == "" {
		bad["language"] = string(record.FaultRequired)
	}
	if a.Explained.Understood == "no" {
		bad["understood"] = "claims.consent.understood.no"
	}
}

// ConsentText returns the text that is read before somebody answers for what they
// told: the organisation's own by languages, or that of the program, whose words
// pages have.
func (d *Desk) ConsentText() ReportingNotice {
	t, err := d.Table(ConsentTable)
	if err != nil {
		return ReportingNotice{Version: shipped}
	}
	n, err := ReadNotice(t.Content)
	if err != nil {
		return ReportingNotice{Version: shipped}
	}
	n.Version = t.Version
	return n
}

// Told is what was explained before one answer, as it stands on record.
type Told struct {
	Explained
	Purpose   amana.Purpose
	Recipient amana.Private
	Language  string
	When      time.Time
	Writer    amana.MemberID
}

// toldIn returns what was explained, the oldest first.
func toldIn(r *record.Record) (list []Told) {
	for _, item := range r.Items(record.Explanations) {
		name := record.Explanations + "/" + item + "/"
		text := func(field string) string { return r.Value(name + field).Reveal() }
		stamp, _ := r.Field(name + "text")
		list = append(list, Told{
			Explained: Explained{
				Text: text("text"), By: amana.Conceal(text("by")), Interpreter: r.Value(name + "interpreter"), Understood: text("understood"),
				Others: r.Value(name + "others"),
			},
			Purpose: amana.Purpose(text("purpose")), Recipient: amana.Conceal(text("recipient")), Language: text("language"),
			When: record.When(stamp.Time), Writer: stamp.By,
		})
	}
	return list
}

// LeftAbout is everything that ever left about one person, for that person to see.
type LeftAbout struct {
	Code      string // of the case, or of the source
	Releases  []release.Departure
	Referrals []Referral                      // that were sent
	Figures   []Figure                        // rows of codes, without a name, that went into tables of others
	Packages  map[amana.RecordID]*SentPackage // of the releases, those that were sent to a partner
	Names     map[amana.MemberID]string
}

// sentOf are those of releases that were sent to a partner.
func (d *Desk) sentOf(left []release.Departure) map[amana.RecordID]*SentPackage {
	sent := map[amana.RecordID]*SentPackage{}
	for _, r := range left {
		if row, err := d.ledgerRow(r.Release.Release); err == nil && row.Package != nil {
			sent[row.ID] = row.Package
		}
	}
	return sent
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
	all.Releases = d.leftOf(&f)
	all.Packages = d.sentOf(all.Releases)
	for _, r := range d.referralsIn(&f) {
		if r.Course.Left() {
			all.Referrals = append(all.Referrals, r)
		}
	}
	all.Figures, err = d.figuresWith(ctx, &f)
	return all, err
}

// leftOf judges what left of a case by the answers as they stand now.
func (d *Desk) leftOf(f *vault.CaseFile) []release.Departure {
	left := f.Case.Releases()
	answers := release.Consents{Doubtful: f.Case.Tampered+f.Case.Unread > 0}
	for i := range f.Records {
		o := &f.Records[i]
		if o.ID != f.Case.ID {
			left = append(left, o.Releases()...)
		}
		if o.Kind == amana.KindConsent {
			c := d.answersOf(o)
			answers.States, answers.Items = append(answers.States, c.States...), append(answers.Items, c.Items...)
			answers.Doubtful = answers.Doubtful || c.Doubtful
		}
	}
	return release.Departures(d.notStopped(left), answers, d.surely())
}

// notStopped leaves out what the ledger stopped at the last moment: it was written down
// before, and nothing of it left.
func (d *Desk) notStopped(left []record.Release) []record.Release {
	return slices.DeleteFunc(left, func(r record.Release) bool {
		row, err := d.ledgerRow(r.Release)
		return err == nil && row.State == ledgerStopped
	})
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
	return LeftAbout{Code: f.Sheet.Value("source_code").Reveal(), Releases: f.Left, Packages: d.sentOf(f.Left), Names: f.Names}, nil
}

func (d *Desk) names() map[amana.MemberID]string {
	names := map[amana.MemberID]string{}
	for _, m := range d.charter().Members() {
		names[m.ID] = m.Name
	}
	return names
}
