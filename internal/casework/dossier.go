package casework

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"amana"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/seal"
	"amana/internal/vault"
)

// DossierFormat is the format of a release that is a dossier.
const DossierFormat = dossier.Format

// Tongue is the language of what people read of a dossier.
type Tongue = dossier.Tongue

// DossierPlan says which items leave, to whom, and in which language the report is.
type DossierPlan struct {
	Case      amana.RecordID
	Recipient amana.Private
	Items     []amana.RecordID
	Met       []amana.Private // conditions of which the member says that they are met
	Tongue    dossier.Tongue  // of what people read
	Proposal  amana.RecordID  // that others were asked about, or zero
	Alone     bool            // Case is no case, but a record of [ClaimKinds]
}

// Ask is the plan as the gate and a proposal have it: approvals count for exactly
// these items, this recipient, and a dossier.
func (p DossierPlan) Ask() ReleaseAsk {
	return ReleaseAsk{
		Proposal: p.Proposal, Purpose: amana.PurposeAccountability, Recipient: p.Recipient, Format: dossier.Format, Records: p.Items, Met: p.Met,
	}
}

// evidenceClasses say what each field of an item could give away.
var evidenceClasses = []struct {
	name  string
	class release.Class
}{
	{"title", release.Account},
	{"description", release.Account},
	{"collected_on", release.Date},
	{"collected_at", release.Place},
	{"source", release.Identity},
	{"evidence_language", release.Coded},
	{"media_type", release.Coded},
	{"derived_how", release.Coded},
	{"seal_number", release.Coded},
	{"file_name", release.Internal},
	{"packaging", release.Internal},
	{"kept_at", release.Internal},
}

// wordClasses say the same of the words of custody.
var wordClasses = map[string]release.Class{
	evidence.WordPlace: release.Place, evidence.WordFrom: release.Identity, evidence.WordTo: release.Identity,
	evidence.WordReason: release.Internal, evidence.WordBasis: release.Coded, evidence.WordPackaging: release.Coded,
}

// dossierRequest makes the request of the gate for the items of a case. Kinds: those
// of [Desk.request].
func (d *Desk) dossierRequest(p DossierPlan) (release.Request, error) {
	r, err := d.request(p.Ask())
	r.Records = func(ctx context.Context) ([]release.Record, error) { return d.releasableEvidence(ctx, p.Case, p.Items) }
	return r, err
}

// ProposeDossier asks others about a dossier, where its release needs their approval:
// see [release.Preview]. Kinds: FieldErrors, ErrRefused.
func (d *Desk) ProposeDossier(ctx context.Context, p DossierPlan, reason amana.Private) (amana.RecordID, error) {
	if err := d.checkDossier(p); err != nil {
		return amana.RecordID{}, err
	}
	return d.ProposeRelease(ctx, p.Ask(), reason)
}

// ProposedDossier returns the plan that others were asked about, to be prepared with
// [Desk.PrepareDossier] in the language that the caller puts in. Kind: ErrNotFound.
func (d *Desk) ProposedDossier(_ context.Context, proposal amana.RecordID) (DossierPlan, error) {
	row, err := d.ledgerRow(proposal)
	if err != nil {
		return DossierPlan{}, err
	}
	scope := row.Proposal.Scope
	if scope.Format != dossier.Format || len(scope.Records) == 0 {
		return DossierPlan{}, fmt.Errorf("casework: release %s: no dossier: %w", proposal, amana.ErrNotFound)
	}
	f, err := d.session.Peek(scope.Records[0])
	if err != nil {
		return DossierPlan{}, err
	}
	return DossierPlan{
		Case: f.Case.ID, Recipient: scope.Recipient, Items: scope.Records, Proposal: proposal, Alone: f.Case.Kind != amana.KindCase,
	}, nil
}

// releasableEvidence opens items for the gate, with the answers that they rest on.
func (d *Desk) releasableEvidence(ctx context.Context, holder amana.RecordID, ids []amana.RecordID) ([]release.Record, error) {
	f, err := d.session.Peek(holder)
	if err != nil {
		return nil, err
	}
	rests, err := d.restsOn(ctx, &f)
	if err != nil {
		return nil, err
	}
	var list []release.Record
	for _, id := range ids {
		i := slices.IndexFunc(f.Records, func(o vault.Opened) bool { return o.ID == id && o.Kind == amana.KindEvidence })
		if i < 0 {
			return nil, fmt.Errorf("casework: evidence %s: %w", id, amana.ErrNotFound)
		}
		o := &f.Records[i]
		if o.Tampered+o.Unread > 0 {
			return nil, fmt.Errorf("casework: evidence %s: %w", id, amana.ErrTampered)
		}
		one := rests
		one.ID, one.Kind, one.Fields = id, o.Kind, evidenceFields(o)
		list = append(list, one)
	}
	return list, nil
}

// restsOn says on whose answers the evidence rests that is kept for a record. That of
// a case leaves by her answers, that of an account by those of whoever gave it, that
// of an incident by those of everybody who was heard of it. Where nobody was heard,
// nobody agreed, and nothing leaves. What is kept for a publication leaves for a
// mechanism, by the approval of others who looked whether it was published.
func (d *Desk) restsOn(ctx context.Context, f *vault.CaseFile) (release.Record, error) {
	r := release.Record{Subject: f.Case.ID}
	switch f.Case.Kind { //nolint:exhaustive // nothing else holds evidence
	case amana.KindCase:
		doubtful := f.Case.Tampered+f.Case.Unread > 0
		var answers []*record.Record
		for i := range f.Records {
			if o := &f.Records[i]; o.Kind == amana.KindConsent {
				answers = append(answers, &o.Record)
				doubtful = doubtful || o.Tampered+o.Unread > 0
			}
		}
		r.Consents = release.ConsentsOf(doubtful, answers...)
	case amana.KindAccount:
		r.Consents = d.answersOf(&f.Case)
	case amana.KindIncident:
		parts, err := d.releasable(ctx, []amana.RecordID{f.Case.ID})
		if err != nil {
			return r, err
		}
		if parts[0].Basis == release.ByConsent {
			r.Subject, r.Consents, r.Others = parts[0].Subject, parts[0].Consents, parts[0].Others
		}
	case amana.KindPublication:
		r.Basis, r.Subject = release.IsPublic, amana.RecordID{}
	}
	return r, nil
}

func evidenceFields(o *vault.Opened) []release.Field {
	fields := []release.Field{}
	if _, ok := o.Taken(); ok {
		fields = append(fields, release.Field{Name: dossier.FieldFile, Class: release.Evidence, Value: event.Bool(true)})
	}
	for _, c := range evidenceClasses {
		if v := o.Value(c.name); !v.IsZero() {
			fields = append(fields, release.Field{Name: c.name, Class: c.class, Value: v})
		}
	}
	for _, name := range evidence.Words() {
		said := slices.ContainsFunc(o.Custody(), func(c record.CustodyEntry) bool {
			return slices.ContainsFunc(c.Words, func(w event.CustodyWord) bool { return w.Name == name })
		})
		if said {
			fields = append(fields, release.Field{Name: dossier.FieldWord(name), Class: wordClasses[name], Value: event.Bool(true)})
		}
	}
	return fields
}

func (d *Desk) checkDossier(p DossierPlan) error {
	bad := FieldErrors{}
	if fault := recordLine(p.Recipient.Reveal()); fault != "" {
		bad["recipient"] = fault
	}
	if len(p.Items) == 0 {
		bad["items"] = string(record.FaultRequired)
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

// PreviewDossier says what of the items would leave, and why not the rest. Nothing
// leaves. Kinds: FieldErrors, ErrNotFound, ErrTampered.
func (d *Desk) PreviewDossier(ctx context.Context, p DossierPlan) (release.Preview, error) {
	if err := d.checkDossier(p); err != nil {
		return release.Preview{}, err
	}
	r, err := d.dossierRequest(p)
	if err != nil {
		return release.Preview{}, err
	}
	return d.gate().Preview(ctx, r)
}

// PrepareDossier passes items through the gate, records on each that it left, and
// writes the dossier into the vault's folder, sealed under a key that is only in
// memory, until it is fetched or dropped. Kinds: FieldErrors, ErrRefused as
// [*release.RefusedError], ErrNotFound, ErrTampered, ErrStorage.
func (d *Desk) PrepareDossier(ctx context.Context, p DossierPlan) error {
	if err := d.session.Arriving(); err != nil {
		return err
	}
	if err := d.checkDossier(p); err != nil {
		return err
	}
	d.DropDossier()
	r, err := d.dossierRequest(p)
	if err != nil {
		return err
	}
	cleared, err := d.gate().Clear(ctx, r)
	if err != nil {
		return err
	}
	if err := d.sayExported(ctx, p, cleared); err != nil {
		return err
	}
	m, err := d.material(p)
	if err != nil {
		return err
	}
	sp, err := d.session.Spool()
	if err != nil {
		return err
	}
	if _, err = dossier.Write(ctx, sp, cleared, m); err == nil {
		err = sp.Done()
	}
	if err != nil {
		return errors.Join(err, sp.Close())
	}
	d.bench.mu.Lock()
	defer d.bench.mu.Unlock()
	d.bench.dossier, d.bench.cleared = sp, cleared
	return nil
}

// sayExported adds to the custody of each item that it leaves, and to whom.
func (d *Desk) sayExported(ctx context.Context, p DossierPlan, c release.Cleared) error {
	f, err := d.session.Peek(p.Case)
	if err != nil {
		return err
	}
	var changes []vault.Change
	for _, id := range p.Items {
		if r, ok := c.Record(id); !ok || !r.Leaves() {
			continue
		}
		i := slices.IndexFunc(f.Records, func(o vault.Opened) bool { return o.ID == id })
		if i < 0 {
			return fmt.Errorf("casework: evidence %s: %w", id, amana.ErrNotFound)
		}
		said, err := d.next(&f.Records[i], statementOf{event: evidence.Exported, words: map[string]amana.Private{evidence.WordTo: p.Recipient}})
		if err != nil {
			return err
		}
		changes = append(changes, vault.Change{Record: id, Facts: []event.Fact{said}})
	}
	return d.session.Save(ctx, changes...)
}

// material gathers what a dossier is made of. What was not cleared does not leave,
// whatever is in it.
func (d *Desk) material(p DossierPlan) (dossier.Material, error) {
	c := d.charter()
	me, _ := c.Member(d.session.Member())
	m := dossier.Material{
		Software: softwareName, Organisation: c.Org(), Name: c.Name(), Language: p.Tongue.Code, Sign: d.session.SignStatement,
		Signer: me.VerifyKey, Recovery: c.RecoveryKey(),
	}
	m.Report = func(x dossier.Index) ([]dossier.Page, error) { return pagesOf(x, me.VerifyKey, p.Tongue) }
	f, err := d.session.Peek(p.Case)
	if err != nil {
		return m, err
	}
	covered := map[string]string{}
	signers := []amana.MemberID{me.ID}
	for _, id := range p.Items {
		i := slices.IndexFunc(f.Records, func(o vault.Opened) bool { return o.ID == id })
		if i < 0 {
			return m, fmt.Errorf("casework: evidence %s: %w", id, amana.ErrNotFound)
		}
		o := &f.Records[i]
		m.Evidence = append(m.Evidence, d.dossierItem(o))
		for _, s := range o.Custody() {
			if !slices.Contains(signers, s.By) {
				signers = append(signers, s.By)
			}
		}
		if text := o.Value("derived_regions").Reveal(); text != "" {
			covered[id.String()] = text
		}
	}
	for _, id := range signers {
		for _, k := range c.KeysOf(id) {
			m.Keys = append(m.Keys, dossier.Key{Member: id.String(), Key: fmt.Sprintf("%x", k[:])})
		}
	}
	if len(covered) > 0 {
		if m.Redactions, err = json.Marshal(covered); err != nil {
			return m, err
		}
	}
	m.Batches, err = d.batches()
	return m, err
}

// pagesOf renders what people read of a dossier.
func pagesOf(x dossier.Index, signer seal.VerifyKey, lang dossier.Tongue) ([]dossier.Page, error) {
	doc := dossier.ReportOf(x, signer, lang)
	report, err := doc.HTML()
	if err != nil {
		return nil, err
	}
	sum := seal.NewSum()
	sum.Write(report)
	printed, err := doc.PDF(fmt.Sprintf("report.html, SHA-256 %x", sum.Sum(nil)))
	if err != nil {
		return nil, err
	}
	method, err := dossier.MethodOf(lang).HTML()
	return []dossier.Page{
		{Name: "report.html", Content: report}, {Name: "report.pdf", Content: printed}, {Name: "method.html", Content: method},
	}, err
}

func (d *Desk) dossierItem(o *vault.Opened) dossier.Evidence {
	e := dossier.Evidence{ID: o.ID, Parent: idIn(o.Value("derived_from"))}
	if t, ok := o.Taken(); ok {
		e.Blob = vault.BlobOf(o.ID, t)
		if r, done, err := d.session.OpenBlob(e.Blob); err == nil {
			e.Ending = evidence.ReadMedia(r).Ending
			done() //nolint:errcheck // it was only read
		}
		e.Open = func() (io.Reader, func() error, error) {
			r, done, err := d.session.OpenBlob(e.Blob)
			if err != nil {
				return nil, nil, err
			}
			return io.NewSectionReader(r, 0, r.Size()), done, nil
		}
	}
	for _, c := range o.Custody() {
		s := dossier.Statement{Signed: evidence.Signed{Raw: c.Statement, Signature: c.Signature}}
		for _, w := range c.Words {
			s.Words = append(s.Words, evidence.Word{Name: w.Name, Salt: w.Salt, Text: w.Text})
		}
		e.Log = append(e.Log, s)
	}
	return e
}

// DossierReady returns how many bytes of a dossier wait to be fetched, or 0.
func (d *Desk) DossierReady() int64 {
	d.bench.mu.Lock()
	defer d.bench.mu.Unlock()
	if d.bench.dossier == nil {
		return 0
	}
	return d.bench.dossier.Size()
}

// Dossier writes the dossier that was prepared. Kind: ErrNotFound where there is
// none.
func (d *Desk) Dossier(w io.Writer) error {
	d.bench.mu.Lock()
	sp := d.bench.dossier
	d.bench.mu.Unlock()
	if sp == nil {
		return fmt.Errorf("casework: dossier: none is prepared: %w", amana.ErrNotFound)
	}
	if _, err := io.Copy(w, io.NewSectionReader(sp, 0, sp.Size())); err != nil {
		return fmt.Errorf("casework: dossier: %w", err)
	}
	return nil
}

// DossierFor returns to whom the dossier goes that was prepared; empty where there is none.
func (d *Desk) DossierFor() amana.Private {
	d.bench.mu.Lock()
	defer d.bench.mu.Unlock()
	return d.bench.cleared.Recipient()
}

// SendDossier sends the dossier that was prepared to the partner for whom it was, and
// returns its release. Kinds: those of [Desk.SendPackage].
func (d *Desk) SendDossier(ctx context.Context, partner amana.RecordID) (amana.RecordID, error) {
	d.bench.mu.Lock()
	sp, c := d.bench.dossier, d.bench.cleared
	d.bench.mu.Unlock()
	if sp == nil {
		return amana.RecordID{}, fmt.Errorf("casework: dossier: none is prepared: %w", amana.ErrNotFound)
	}
	me, _ := d.charter().Member(d.session.Member())
	if err := d.sendSigned(ctx, c, partner, hex.EncodeToString(me.VerifyKey[:]), io.NewSectionReader(sp, 0, sp.Size()), sp.Size()); err != nil {
		return c.ID(), err
	}
	d.DropDossier()
	return c.ID(), nil
}

// DropDossier takes the prepared dossier away.
func (d *Desk) DropDossier() {
	d.bench.mu.Lock()
	sp := d.bench.dossier
	d.bench.dossier, d.bench.cleared = nil, release.Cleared{}
	d.bench.mu.Unlock()
	if sp != nil {
		_ = sp.Close() // nobody has its key
	}
}
