package casework

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/seal"
	"amana/internal/vault"
)

// The rules of the organisation on releases.
const (
	RuleReleaseBulk      = "release_bulk"      // of how many people on a release needs approvals
	RuleReleaseApprovals = "release_approvals" // how many
	RuleReleaseHours     = "release_hours"     // between the proposal and the release
	RuleReleaseDays      = "release_days"      // within which what left to one recipient counts together
)

// The steps of the ledger.
const (
	ledgerProposed = "proposed"
	ledgerScope    = "scope"
	ledgerApproved = "approved"
	ledgerObjected = "objected"
	ledgerBack     = "taken_back"
	ledgerLeft     = "left"
	ledgerPeople   = "people" // about whom, beside the step by which it left
	ledgerRows     = "rows"   // of a workbook of rows: which, and what each rests on
	ledgerSaid     = "said"   // what a public brief says of each incident
	ledgerStopped  = "stopped"
	ledgerTold     = "told"
)

// ReleaseAsk is what somebody would let leave.
type ReleaseAsk struct {
	Proposal  amana.RecordID // that others were asked about, or zero
	Purpose   amana.Purpose
	Recipient amana.Private
	Format    string
	Records   []amana.RecordID // of [ClaimKinds]
	Met       []amana.Private  // conditions of which the member says that they are met
}

// ReleaseRules returns the organisation's rules on releases.
func (d *Desk) ReleaseRules() release.Rules {
	r := release.DefaultRules()
	rules := d.charter().Rules()
	whole := func(name string, least int, into func(int)) {
		if n, err := strconv.Atoi(rules[name]); err == nil && n >= least {
			into(n)
		}
	}
	whole(RuleReleaseBulk, 1, func(n int) { r.Bulk = n })
	whole(RuleReleaseApprovals, 1, func(n int) { r.Approvals = n })
	whole(RuleReleaseHours, 0, func(n int) { r.Delay = time.Duration(n) * time.Hour })
	whole(RuleReleaseDays, 1, func(n int) { r.Window = time.Duration(n) * 24 * time.Hour })
	return r
}

// gate is the way out, with this desk's ledger.
func (d *Desk) gate() *release.Gate {
	return &release.Gate{Now: d.surely, Ledger: ledger{d}, Rules: d.ReleaseRules()}
}

// request makes the request of the gate. Records are opened and verified each time
// that the gate looks.
func (d *Desk) request(a ReleaseAsk) (release.Request, error) {
	r := release.Request{
		ID: a.Proposal, By: release.By{Member: d.session.Member(), Roles: d.Me().Roles}, Purpose: a.Purpose, Recipient: a.Recipient,
		Format: a.Format, Met: a.Met,
		Records: func(ctx context.Context) ([]release.Record, error) { return d.releasable(ctx, a.Records) },
	}
	if r.ID.IsZero() {
		r.ID = d.session.NewRecord(amana.KindRelease)
		return r, nil
	}
	row, err := d.ledgerRow(a.Proposal)
	if err != nil {
		return r, err
	}
	if row.State != ledgerProposed {
		return r, refusal("release.refused.done")
	}
	r.Proposal = &row.Proposal
	return r, nil
}

// releasable opens records for the gate. What cannot be read whole is not released
// in part: an entry that fails may have been a withdrawal. Accounts that a record
// names are known to the gate also where they are not asked for, so that no text
// tells a name or a place of theirs.
func (d *Desk) releasable(ctx context.Context, ids []amana.RecordID) ([]release.Record, error) {
	var all, known []release.Record
	read := map[amana.RecordID]release.Consents{}
	answers := func(account amana.RecordID) release.Consents {
		if c, there := read[account]; there {
			return c
		}
		a, err := d.openClaim(ctx, account)
		if err != nil || a.Kind != amana.KindAccount {
			return release.Consents{Doubtful: true}
		}
		read[account] = d.answersOf(&a)
		if !slices.Contains(ids, account) {
			s := claim.FromRecord(&a.Record)
			for _, r := range claim.Releasable(&s, func(amana.RecordID) release.Consents { return read[account] }) {
				r.KnownOnly = true
				known = append(known, r)
			}
		}
		return read[account]
	}
	for _, id := range ids {
		o, err := d.openClaim(ctx, id)
		if err != nil {
			return nil, err
		}
		s := claim.FromRecord(&o.Record)
		all = append(all, claim.Releasable(&s, answers)...)
	}
	return append(all, known...), nil
}

// PreviewRelease says what would leave, and why not the rest. Nothing leaves.
// Kinds: ErrNotFound, ErrRefused.
func (d *Desk) PreviewRelease(ctx context.Context, a ReleaseAsk) (release.Preview, error) {
	if err := d.session.Arriving(); err != nil {
		return release.Preview{}, err
	}
	r, err := d.request(a)
	if err != nil {
		return release.Preview{}, err
	}
	return d.gate().Preview(ctx, r)
}

// Clear lets leave what may, and writes the ledger first. Kinds: ErrRefused as
// [*release.RefusedError], ErrNotFound, ErrStorage.
func (d *Desk) Clear(ctx context.Context, a ReleaseAsk) (release.Cleared, error) {
	if err := d.session.Arriving(); err != nil {
		return release.Cleared{}, err
	}
	r, err := d.request(a)
	if err != nil {
		return release.Cleared{}, err
	}
	return d.gate().Clear(ctx, r)
}

// ledger writes down what leaves: the release in a record of its own, and on each
// record whose words leave that they did, all in one save.
type ledger struct{ d *Desk }

// Enter implements [release.Ledger].
func (l ledger) Enter(ctx context.Context, e release.Entry) error {
	d := l.d
	team, err := d.ClaimsTeam()
	if err != nil {
		return err
	}
	entry := vault.Change{Record: e.ID, Facts: d.step(ledgerLeft, amana.Private{})}
	for part := range slices.Chunk(e.People(), scopeLength) {
		entry.Facts = append(entry.Facts, d.stepWith(ledgerPeople, amana.Private{}, Values{"records": idsText(part)})...)
	}
	if _, err := d.session.ReadRecord(ctx, e.ID); err != nil {
		entry.Begin = &vault.Begin{Kind: amana.KindRelease, Teams: []amana.TeamID{team}}
		entry.Facts = append(d.proposal(ReleaseAsk{
			Purpose: e.Purpose, Recipient: e.Recipient, Format: e.Format, Records: recordsOf(e),
		}, amana.Private{}), entry.Facts...)
	}
	changes := []vault.Change{entry}
	for _, p := range e.Parts {
		at := p.Record
		if p.Basis == release.ByConsent && !p.Subject.IsZero() {
			at = p.Subject // with the answers on which it rests
		}
		i := slices.IndexFunc(changes, func(c vault.Change) bool { return c.Record == at })
		if i < 0 {
			i = len(changes)
			changes = append(changes, vault.Change{Record: at})
		}
		changes[i].Facts = append(changes[i].Facts, p.Released)
	}
	return d.session.Save(ctx, changes...)
}

// Stop implements [release.Ledger].
func (l ledger) Stop(ctx context.Context, id amana.RecordID, why string) error {
	return l.d.session.Save(ctx, vault.Change{Record: id, Facts: l.d.step(ledgerStopped, amana.Conceal(why))})
}

// Earlier implements [release.Ledger]. What was tampered with counts as having left:
// with all that it asked for, to whom it says; of what nobody can tell what it was, as
// many as make a release one of many, to anybody, until that is settled.
func (l ledger) Earlier(ctx context.Context, recipient amana.Private, since time.Time) (people []amana.RecordID, err error) {
	if !l.d.session.Progress().Searchable { // what is not listed yet would not count
		return nil, fmt.Errorf("casework: ledger: lists are not built yet: %w", amana.ErrConflict)
	}
	rows, err := l.d.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	settled, doubt, err := l.d.settledReleases(ctx, rows)
	if err != nil {
		return nil, err
	}
	if doubt {
		for range l.d.ReleaseRules().Bulk {
			people = append(people, amana.RecordID(seal.Random16()))
		}
	}
	for i := range settled {
		if r := &settled[i]; r.Left.After(since) && release.Same(r.Proposal.Scope.Recipient, recipient) {
			people = append(people, r.People()...)
		}
	}
	for i := range rows {
		r := &rows[i]
		left := r.State == ledgerLeft && r.Left.After(since) || r.Spoiled && r.State != ledgerStopped && r.Proposal.When.After(since)
		if left && release.Same(r.Proposal.Scope.Recipient, recipient) {
			people = append(people, r.People()...)
		}
	}
	return people, nil
}

func recordsOf(e release.Entry) (ids []amana.RecordID) {
	for _, p := range e.Parts {
		if !slices.Contains(ids, p.Record) {
			ids = append(ids, p.Record)
		}
	}
	return ids
}

// step is one step of the ledger. At is written to the second, and orders the steps.
func (d *Desk) step(what string, reason amana.Private) []event.Fact {
	return d.stepWith(what, reason, nil)
}

func (d *Desk) stepWith(what string, reason amana.Private, more Values) []event.Fact {
	values := Values{
		"step": event.Text(what), "at": event.Text(d.office.now().UTC().Format(time.RFC3339)), "reason": event.Text(reason.Reveal()),
	}
	maps.Copy(values, more)
	return itemSets(record.Ledger, newItem(), values)
}

// scopeLength is how many ids stand in one field of the ledger.
const scopeLength = 500

// proposal is the first step of an entry: what is asked for. The ids of a bulk
// release fill several items.
func (d *Desk) proposal(a ReleaseAsk, reason amana.Private) []event.Fact {
	facts := d.stepWith(ledgerProposed, reason, Values{
		"purpose": event.Text(string(a.Purpose)), "recipient": event.Text(a.Recipient.Reveal()), "format": event.Text(a.Format),
	})
	for part := range slices.Chunk(a.Records, scopeLength) {
		facts = append(facts, d.stepWith(ledgerScope, amana.Private{}, Values{"records": idsText(part)})...)
	}
	return facts
}

// idsText are ids as one field of the ledger has them.
func idsText(ids []amana.RecordID) event.Value {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return event.Text(strings.Join(list, " "))
}

// idsIn are the ids in a field of the ledger. What is none is left out.
func idsIn(text string) (ids []amana.RecordID) {
	for one := range strings.FieldsSeq(text) {
		if id, err := amana.ParseID[amana.Record](one); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// ProposeRelease asks others about a release. Kinds: FieldErrors, ErrRefused.
func (d *Desk) ProposeRelease(ctx context.Context, a ReleaseAsk, reason amana.Private) (amana.RecordID, error) {
	if err := d.session.Arriving(); err != nil {
		return amana.RecordID{}, err
	}
	team, err := d.ClaimsTeam()
	if err != nil {
		return amana.RecordID{}, err
	}
	if !release.MayRelease(a.Purpose, d.Me().Roles) {
		return amana.RecordID{}, refusal("release.refused.role")
	}
	bad := FieldErrors{}
	for name, text := range map[string]amana.Private{"reason": reason, "recipient": a.Recipient} {
		if name == "recipient" && text.IsEmpty() && a.Purpose == amana.PurposePublication {
			continue // it is for everybody
		}
		if text.IsEmpty() {
			bad[name] = string(record.FaultRequired)
		} else if fault := record.CheckLine(text.Reveal()); fault != "" {
			bad[name] = string(fault)
		}
	}
	if len(a.Records) == 0 {
		bad["records"] = string(record.FaultRequired)
	}
	if len(bad) > 0 {
		return amana.RecordID{}, bad
	}
	id := d.session.NewRecord(amana.KindRelease)
	return id, d.session.Save(ctx, vault.Change{
		Record: id, Begin: &vault.Begin{Kind: amana.KindRelease, Teams: []amana.TeamID{team}}, Facts: d.proposal(a, reason),
	})
}

// AnswerProposal records that this member approves of a release, or objects, and
// why. Kinds: FieldErrors, ErrNotFound, ErrRefused.
func (d *Desk) AnswerProposal(ctx context.Context, id amana.RecordID, approve bool, reason amana.Private) error {
	row, err := d.ledgerRow(id)
	if err != nil {
		return err
	}
	return d.answer(ctx, row, approve, reason)
}

// answer records what this member says to what was put forward.
func (d *Desk) answer(ctx context.Context, row LedgerRow, approve bool, reason amana.Private) error {
	switch {
	case row.State != ledgerProposed:
		return refusal("release.refused.done")
	case !release.MayApprove(d.Me().Roles):
		return refusal("release.refused.approver")
	case approve && row.Proposal.By == d.session.Member():
		return refusal("release.refused.own")
	}
	if reason.IsEmpty() {
		return FieldErrors{"reason": string(record.FaultRequired)}
	}
	if fault := record.CheckLine(reason.Reveal()); fault != "" {
		return FieldErrors{"reason": string(fault)}
	}
	what := ledgerObjected
	if approve {
		what = ledgerApproved
	}
	return d.session.Save(ctx, vault.Change{Record: row.ID, Facts: d.step(what, reason)})
}

// TakeBackProposal ends a proposal that was not carried out. Kinds: ErrNotFound,
// ErrRefused.
func (d *Desk) TakeBackProposal(ctx context.Context, id amana.RecordID) error {
	row, err := d.ledgerRow(id)
	if err != nil {
		return err
	}
	return d.takeBack(ctx, row)
}

func (d *Desk) takeBack(ctx context.Context, row LedgerRow) error {
	if row.State != ledgerProposed {
		return refusal("release.refused.done")
	}
	return d.session.Save(ctx, vault.Change{Record: row.ID, Facts: d.step(ledgerBack, amana.Private{})})
}

// NoteTold records that a recipient was told that something was withdrawn.
func (d *Desk) NoteTold(ctx context.Context, id amana.RecordID, how amana.Private) error {
	row, err := d.ledgerRow(id)
	if err != nil {
		return err
	}
	if row.State != ledgerLeft {
		return refusal("release.refused.not_left")
	}
	if fault := record.CheckLine(how.Reveal()); fault != "" {
		return FieldErrors{"how": string(fault)}
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: d.step(ledgerTold, how)})
}

// LedgerRow is one release, or one that was proposed.
type LedgerRow struct {
	ID       amana.RecordID
	State    string // proposed, taken_back, left, stopped
	Proposal release.Proposal
	Left     time.Time // when, or zero
	By       amana.MemberID
	Why      string // it was stopped, as the key of a message
	Told     []release.Approval
	Steps    []LedgerStep
	// Spoiled is set where somebody wrote over a step, or a step cannot be read: no
	// approval of it counts.
	Spoiled bool
	Package *SentPackage // where it was sent to a partner
	people  []amana.RecordID
	said    map[amana.RecordID]string
	rows    map[amana.RecordID]string // of a workbook: what each row rests on
	lost    bool                      // it cannot be told what it was, or to whom
	// versions are what it was by each that began it, where there are several.
	versions []vault.Version
}

// People are those about whom something left, or was to. Entries of before this was
// written down say it by their records.
func (r *LedgerRow) People() []amana.RecordID {
	if len(r.people) > 0 && !r.Spoiled {
		return r.people
	}
	return r.Proposal.Scope.Records
}

// LedgerStep is one step of a release.
type LedgerStep struct {
	What   string
	When   time.Time
	By     amana.MemberID
	Reason amana.Private
}

// Lacks returns how many approvals are still needed, and until when it has to wait.
func (r *LedgerRow) Lacks(rules release.Rules) (approvals int, until time.Time) {
	n, _ := r.Proposal.Given()
	return max(0, rules.Approvals-n), r.Proposal.When.Add(rules.Delay)
}

// Ledger returns what left, and what was to, the newest first.
func (d *Desk) Ledger(context.Context) ([]LedgerRow, error) {
	var ids []amana.RecordID
	err := d.session.Listed(amana.KindRelease, func(l vault.Listed) error {
		ids = append(ids, l.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows := make([]LedgerRow, 0, len(ids))
	for _, id := range ids {
		row, err := d.ledgerRow(id)
		if errors.Is(err, amana.ErrNotFound) {
			continue // begun by who may begin none: lists do not verify, and opening did
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b LedgerRow) int { return b.Proposal.When.Compare(a.Proposal.When) })
	return rows, nil
}

// LedgerEntry returns one release. Kind: ErrNotFound.
func (d *Desk) LedgerEntry(_ context.Context, id amana.RecordID) (LedgerRow, error) {
	return d.ledgerRow(id)
}

// ledgerRow reads an entry from the journal: who did a step, and when, is what the
// journal vouches for, not what a field says.
func (d *Desk) ledgerRow(id amana.RecordID) (LedgerRow, error) {
	o, err := d.session.ReadRecord(context.Background(), id)
	if err != nil {
		return LedgerRow{}, err
	}
	if o.Kind != amana.KindRelease {
		return LedgerRow{}, fmt.Errorf("casework: record %s: no release: %w", id, amana.ErrNotFound)
	}
	row := d.rowIn(&o)
	row.versions = o.Versions
	return row, nil
}

// rowIn reads an entry of the ledger that was opened.
func (d *Desk) rowIn(o *vault.Opened) LedgerRow {
	row := LedgerRow{ID: o.ID}
	approves, spoiled := d.approvers(), o.Tampered+o.Unread > 0
	proposed, proposals := proposedIn(o)
	for _, item := range o.Items(record.Ledger) {
		name := record.Ledger + "/" + item + "/"
		step, whole := writtenOnce(o, name)
		scope := step.Value.Reveal() == ledgerScope || step.Value.Reveal() == ledgerRows
		if !whole || scope && (step.Time != proposed.Time || step.By != proposed.By) {
			spoiled = true
			continue
		}
		s := LedgerStep{
			What: step.Value.Reveal(), When: record.When(step.Time), By: step.By, Reason: amana.Conceal(o.Value(name + "reason").Reveal()),
		}
		row.take(s, func(field string) string { return o.Value(name + field).Reveal() }, approves)
	}
	// An objection may be among what cannot be read or was written over; and what was
	// asked for may not be what others approved of.
	if spoiled || proposals > 1 || o.Damaged {
		row.Proposal.Approvals, row.Spoiled, row.lost = nil, true, o.Damaged
	}
	return row
}

// writtenOnce returns the step of an item of the ledger, and whether all its fields
// were written together, and never again.
func writtenOnce(o *vault.Opened, item string) (record.Cell, bool) {
	step, once := o.Field(item + "step")
	for _, c := range o.Cells() {
		if strings.HasPrefix(c.Name, item) {
			once = once && c.Changes == 0 && len(c.Rivals) == 0 && c.By == step.By && c.Time == step.Time
		}
	}
	return step, once
}

// proposedIn returns the first step that asks for a release, and how many do.
func proposedIn(o *vault.Opened) (first record.Cell, n int) {
	for _, item := range o.Items(record.Ledger) {
		step, _ := o.Field(record.Ledger + "/" + item + "/step")
		if step.Value.Reveal() != ledgerProposed {
			continue
		}
		if n++; n == 1 {
			first = step
		}
	}
	return first, n
}

// approvers tells whose approvals count today.
func (d *Desk) approvers() func(amana.MemberID) bool {
	roles := map[amana.MemberID][]amana.Role{}
	for _, m := range d.Members() {
		if m.Left.IsZero() {
			roles[m.ID] = m.Roles
		}
	}
	return func(id amana.MemberID) bool { return release.MayApprove(roles[id]) }
}

func (r *LedgerRow) take(s LedgerStep, field func(string) string, approves func(amana.MemberID) bool) {
	switch s.What {
	case ledgerScope:
		r.Proposal.Scope.Records = append(r.Proposal.Scope.Records, idsIn(field("records"))...)
		return
	case ledgerRows:
		r.takeRows(field("records"))
		return
	case ledgerPeople:
		r.people = append(r.people, idsIn(field("records"))...)
		return
	case ledgerSaid:
		r.heard(field("said"))
		return
	case ledgerProposed:
		if r.State != "" {
			return
		}
		r.State, r.Proposal.By, r.Proposal.When, r.Proposal.Reason = ledgerProposed, s.By, s.When, s.Reason
		r.Proposal.Scope.Purpose, r.Proposal.Scope.Format = amana.Purpose(field("purpose")), field("format")
		r.Proposal.Scope.Recipient = amana.Conceal(field("recipient"))
	case ledgerApproved, ledgerObjected:
		if approves(s.By) {
			r.Proposal.Approvals = append(r.Proposal.Approvals, release.Approval{By: s.By, When: s.When, Reason: s.Reason, No: s.What == ledgerObjected})
		}
	case ledgerBack:
		r.State = ledgerBack
	case ledgerLeft:
		r.State, r.Left, r.By = ledgerLeft, s.When, s.By
	case ledgerStopped:
		r.State, r.Why = ledgerStopped, s.Reason.Reveal()
	case ledgerTold:
		r.Told = append(r.Told, release.Approval{By: s.By, When: s.When, Reason: s.Reason})
	case ledgerNoticed:
		r.Told = append(r.Told, release.Approval{By: s.By, When: s.When})
	}
	r.takePackage(s, field)
	r.Steps = append(r.Steps, s)
}
