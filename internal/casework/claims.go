package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amana"
	"amana/internal/claim"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/vault"
)

// ClaimKinds are the kinds of record that the accountability compartment keeps, each
// standing alone: who is helped is in none of them.
func ClaimKinds() []amana.Kind {
	return []amana.Kind{amana.KindIncident, amana.KindAccount, amana.KindActor, amana.KindPublication}
}

// ClaimLists returns the lists of a kind that people fill in, in the order in which
// pages show them: those of whose items the schema says what they need.
func ClaimLists(kind amana.Kind) (lists []string) {
	for _, f := range record.Fields(kind) {
		if list, _, in := strings.Cut(f.Name, "/"); in && f.Needed && !slices.Contains(lists, list) {
			lists = append(lists, list)
		}
	}
	return lists
}

// ClaimFields returns the fields of a list, or with "" those of the record itself.
func ClaimFields(kind amana.Kind, list string) (fields []record.Field) {
	for _, f := range record.Fields(kind) {
		of, name, in := strings.Cut(f.Name, "/")
		switch {
		case in && of == list && list != "":
			f.Name = name
			fields = append(fields, f)
		case !in && list == "" && isClaimSection(f.Section):
			fields = append(fields, f)
		}
	}
	return fields
}

func isClaimSection(s string) bool {
	return s == "event" || s == "account" || s == "publication" || s == "actor"
}

// ClaimsTeam returns the first team of the accountability compartment that the member
// is in. Kind: ErrRefused.
func (d *Desk) ClaimsTeam() (amana.TeamID, error) {
	for _, t := range d.Me().Teams {
		if t.Compartment == amana.Accountability {
			return t.ID, nil
		}
	}
	return amana.TeamID{}, refusal("claims.refused.team")
}

// BeginClaim begins a record of one of [ClaimKinds]. Kinds: FieldErrors, ErrRefused.
func (d *Desk) BeginClaim(ctx context.Context, kind amana.Kind, values Values) (amana.RecordID, error) {
	team, err := d.ClaimsTeam()
	if err != nil {
		return amana.RecordID{}, err
	}
	if !slices.Contains(ClaimKinds(), kind) {
		return amana.RecordID{}, fmt.Errorf("casework: a record of kind %s: %w", kind, amana.ErrInvalid)
	}
	if bad := d.checkClaim(kind, "", values); len(bad) > 0 {
		return amana.RecordID{}, bad
	}
	id := d.session.NewRecord(kind)
	return id, d.session.Save(ctx, vault.Change{
		Record: id, Begin: &vault.Begin{Kind: kind, Teams: []amana.TeamID{team}}, Facts: sets(values),
	})
}

// checkClaim judges the fields of a list, or of the record itself, by their names
// without the item.
func (d *Desk) checkClaim(kind amana.Kind, list string, values Values) FieldErrors {
	bad := FieldErrors{}
	known := ClaimFields(kind, list)
	for _, f := range known {
		if f.Needed && values[f.Name].IsZero() {
			bad[f.Name] = string(record.FaultRequired)
		}
	}
	for name, v := range values {
		i := slices.IndexFunc(known, func(f record.Field) bool { return f.Name == name })
		switch {
		case v.IsZero():
		case i < 0:
			bad[name] = string(record.FaultField)
		default:
			if fault := known[i].Check(v, record.Options(known[i].Options), d.office.now()); fault != "" {
				bad[name] = string(fault)
			}
		}
	}
	return bad
}

// openClaim opens a record of one of [ClaimKinds] for a verb: nothing is shown.
func (d *Desk) openClaim(ctx context.Context, id amana.RecordID) (vault.Opened, error) {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return o, err
	}
	if !slices.Contains(ClaimKinds(), o.Kind) {
		return o, fmt.Errorf("casework: record %s: no claim: %w", id, amana.ErrNotFound)
	}
	return o, nil
}

// ChangeClaim changes the fields of the record itself. Version is the one it was
// made from. Kinds: FieldErrors, ErrNotFound, ErrRefused.
func (d *Desk) ChangeClaim(ctx context.Context, id amana.RecordID, version uint64, values Values) error {
	o, err := d.openClaim(ctx, id)
	if err != nil {
		return err
	}
	if bad := d.checkClaim(o.Kind, "", values); len(bad) > 0 {
		return bad
	}
	facts := changed(&o, Change{Values: values})
	if len(facts) == 0 {
		return nil
	}
	return d.session.Save(ctx, vault.Change{Record: id, Seen: version, Facts: facts})
}

// AddClaimItem adds an item to a list of a record, and returns its id. A decision
// that calls an incident verified needs a credible primary source. Kinds:
// FieldErrors, ErrNotFound, ErrRefused.
func (d *Desk) AddClaimItem(ctx context.Context, id amana.RecordID, list string, values Values) (string, error) {
	o, err := d.openClaim(ctx, id)
	if err != nil {
		return "", err
	}
	bad := d.checkClaim(o.Kind, list, values)
	if with, ok := claim.ParsePersonRef(values["with"].Reveal()); list == record.SamePersons && (!ok || with.Incident == id) {
		bad["with"] = string(record.FaultRequired) // somebody in another incident
	}
	if len(bad) > 0 {
		return "", bad
	}
	if list == record.Verifications && values["status"].Reveal() == claim.Verified {
		in := claim.IncidentOf(claim.FromRecord(&o.Record))
		if in.MayVerify() != nil {
			return "", refusal("claims.refused.primary")
		}
	}
	item := newItem()
	return item, d.session.Save(ctx, vault.Change{Record: id, Facts: itemSets(list, item, values)})
}

func itemSets(list, item string, values Values) []event.Fact {
	named := Values{}
	for name, v := range values {
		if !v.IsZero() {
			named[list+"/"+item+"/"+name] = v
		}
	}
	return sets(named)
}

// isJudged reports whether items of a list are only ever added: what somebody judged
// on a day stays what they judged.
func isJudged(list string) bool {
	return list == record.Assessments || list == record.Verifications || list == record.Attributions || list == record.RelatedEvents ||
		list == record.SamePersons
}

// ClaimItemChangeable reports whether an item of a list may be changed.
func ClaimItemChangeable(list string) bool { return !isJudged(list) }

// ChangeClaimItem changes an item. What is a judgement, or says who did an act, is
// not changed: another is added. Kinds: FieldErrors, ErrNotFound, ErrRefused.
func (d *Desk) ChangeClaimItem(ctx context.Context, id amana.RecordID, version uint64, list, item string, values Values) error {
	o, err := d.openClaim(ctx, id)
	if err != nil {
		return err
	}
	if isJudged(list) {
		return refusal("claims.refused.fixed")
	}
	if len(o.ItemCells(list, item)) == 0 {
		return fmt.Errorf("casework: record %s: item of %s: %w", id, list, amana.ErrNotFound)
	}
	if bad := d.checkClaim(o.Kind, list, values); len(bad) > 0 {
		return bad
	}
	named := Values{}
	for name, v := range values {
		named[list+"/"+item+"/"+name] = v
	}
	facts := changed(&o, Change{Values: named})
	if len(facts) == 0 {
		return nil
	}
	return d.session.Save(ctx, vault.Change{Record: id, Seen: version, Facts: facts})
}

// StrikeAttribution says of an attribution that it was a slip, and why. It stays.
// Kinds: FieldErrors, ErrNotFound.
func (d *Desk) StrikeAttribution(ctx context.Context, id amana.RecordID, item string, why amana.Private) error {
	o, err := d.openClaim(ctx, id)
	if err != nil {
		return err
	}
	field := record.Attributions + "/" + item + "/struck"
	if len(o.ItemCells(record.Attributions, item)) == 0 {
		return fmt.Errorf("casework: record %s: attribution: %w", id, amana.ErrNotFound)
	}
	if fault := record.Validate(o.Kind, field, event.Text(why.Reveal()), d.office.now()); fault != "" {
		return FieldErrors{"struck": string(fault)}
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{event.Set{Field: field, Value: event.Text(why.Reveal())}}})
}

// RelateIncidents records what a person decided of two incidents, on both. Nothing
// is joined. Kinds: FieldErrors, ErrNotFound.
func (d *Desk) RelateIncidents(ctx context.Context, a, b amana.RecordID, as string, reason amana.Private) error {
	var changes []vault.Change
	for _, pair := range [][2]amana.RecordID{{a, b}, {b, a}} {
		o, err := d.openClaim(ctx, pair[0])
		if err != nil {
			return err
		}
		values := Values{"incident": event.Text(pair[1].String()), "relation": event.Text(as), "reason": event.Text(reason.Reveal())}
		if bad := d.checkClaim(o.Kind, record.RelatedEvents, values); len(bad) > 0 {
			return bad
		}
		changes = append(changes, vault.Change{Record: pair[0], Facts: itemSets(record.RelatedEvents, newItem(), values)})
	}
	return d.session.Save(ctx, changes...)
}

// ClaimFile is one record of [ClaimKinds] with what its pages need.
type ClaimFile struct {
	Sheet    claim.Sheet
	Version  uint64
	Team     Team
	MayWrite bool
	MayErase bool
	Names    map[amana.MemberID]string
	Consents []Consent // of an account
	Items    []record.ConsentState
	Told     []Told // what was explained before the answers, the oldest first
	Minor    Minor  // whoever gave the account may be a child
	Left     []release.Departure
	Timeline []Moment
	Readers  []Reading
	Unread   int
	Tampered int
}

// ReadClaim opens a record of one of [ClaimKinds]; the opening is recorded first.
// Kinds: ErrNotFound, as [*ErasedError] where it was erased.
func (d *Desk) ReadClaim(ctx context.Context, id amana.RecordID) (ClaimFile, error) {
	if _, err := d.openClaim(ctx, id); err != nil {
		return ClaimFile{}, d.orErased(id, err)
	}
	o, err := d.session.OpenRecord(ctx, id)
	if err != nil {
		return ClaimFile{}, err
	}
	f := ClaimFile{
		Sheet: claim.FromRecord(&o.Record), Version: o.Version, Names: map[amana.MemberID]string{}, Unread: o.Unread + o.Unknown,
		Tampered: o.Tampered, Items: o.ItemConsents(), Consents: consentsOf(o.Consents(), d.surely()),
	}
	if len(o.Teams) > 0 {
		f.Team = teamOf(d.charter(), o.Teams[0])
	}
	f.MayWrite = d.worksIn(o.Teams, d.session.Member()) && d.session.Refuses() == nil
	for _, m := range d.charter().Members() {
		f.Names[m.ID] = m.Name
	}
	for _, ch := range o.Changes() {
		f.Timeline = append(f.Timeline, moment(o.Kind, ch))
	}
	for _, r := range o.Readings() {
		f.Readers = append(f.Readers, Reading{When: record.When(r.Time), By: r.By})
	}
	if o.Kind == amana.KindAccount {
		f.Told, f.Minor = toldIn(&o.Record), d.minorOfAccount(&o.Record)
	}
	f.MayErase = f.MayWrite && (d.Me().Has(amana.RoleSupervisor) || d.Me().Has(amana.RoleAdministrator))
	f.Left = release.Departures(d.notStopped(o.Releases()), d.answersOf(&o), d.surely())
	return f, nil
}

func (d *Desk) answersOf(o *vault.Opened) release.Consents {
	return release.ConsentsOf(o.Tampered+o.Unread > 0, &o.Record)
}

// Claims returns what the member can read of incidents that stand alone, parties,
// publications and accounts, from lists. Who is in no team of the compartment reads
// nothing.
func (d *Desk) Claims(context.Context) (claim.World, error) {
	w := claim.World{
		Actors: map[amana.RecordID]claim.Actor{}, Publications: map[amana.RecordID]claim.Publication{},
		Accounts: map[amana.RecordID]claim.Account{},
	}
	for _, kind := range ClaimKinds() {
		err := d.session.Listed(kind, func(l vault.Listed) error {
			if !l.Case.IsZero() && l.Case != l.ID {
				return nil // of somebody who is helped
			}
			s := claim.FromValues(l.ID, l.Kind, l.Values)
			switch kind { //nolint:exhaustive // those of ClaimKinds
			case amana.KindIncident:
				w.Incidents = append(w.Incidents, claim.IncidentOf(s))
			case amana.KindActor:
				w.Actors[l.ID] = claim.ActorOf(s)
			case amana.KindPublication:
				w.Publications[l.ID] = claim.PublicationOf(s)
			case amana.KindAccount:
				w.Accounts[l.ID] = claim.AccountOf(s)
			}
			return nil
		})
		if err != nil {
			return claim.World{}, err
		}
	}
	return w, nil
}
