package casework

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"amana"
	"amana/internal/disclose"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/letter"
	"amana/internal/release"
	"amana/internal/seal"
	"amana/internal/vault"
)

// Scribble writes what a changed program could: fields of a record that this member may
// write, past every check of this package.
func (d *Desk) Scribble(ctx context.Context, id amana.RecordID, v Values) error {
	return d.session.Save(ctx, vault.Change{Record: id, Facts: sets(v)})
}

// ScribbleFigures begins a record of figures that says what the caller likes.
func (d *Desk) ScribbleFigures(ctx context.Context, v Values) error {
	return d.session.Save(ctx, vault.Change{
		Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: amana.KindFigures, Teams: []amana.TeamID{{}}}, Facts: sets(v),
	})
}

// ForgeRelease begins a release that one member puts forward, agrees to and releases.
func (d *Desk) ForgeRelease(ctx context.Context, r disclose.Release) error {
	id := amana.RecordID(seal.Random16())
	r.ID = id.String()
	content, err := r.Encode()
	if err != nil {
		return err
	}
	under, err := json.Marshal(d.FiguresAgreement())
	if err != nil {
		return err
	}
	return d.session.Save(ctx, vault.Change{
		Record: id, Begin: &vault.Begin{Kind: amana.KindFigures, Teams: []amana.TeamID{{}}}, Facts: sets(Values{
			figuresContent: event.Text(string(content)), figuresRequest: event.Text("{}"), figuresUnder: event.Text(string(under)), figuresState: event.Text(released),
			"approval/a/party": event.Text(d.Organisation().Name), "approval/a/answer": event.Text("yes"),
		}),
	})
}

// ProposeUnnamed puts figures forward under an ID drawn at random, as versions before did.
func (d *Desk) ProposeUnnamed(ctx context.Context, p *FiguresPlan) (amana.RecordID, error) {
	r := p.Plan.Preview()
	r.ID = amana.RecordID(seal.Random16()).String()
	return d.propose(ctx, p, r)
}

// Names returns the fields of a record whose names end so.
func (d *Desk) Names(ctx context.Context, id amana.RecordID, end string, value string) (names []string) {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		f, err := d.session.Peek(id) // a case
		if err != nil {
			return nil
		}
		o = f.Case
	}
	for _, c := range o.Cells() {
		if len(c.Name) > len(end) && c.Name[len(c.Name)-len(end):] == end && (value == "" || c.Value.Reveal() == value) {
			names = append(names, c.Name)
		}
	}
	return names
}

// Text returns the words of one field.
func (d *Desk) Text(ctx context.Context, id amana.RecordID, name string) string {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return ""
	}
	return o.Value(name).Reveal()
}

// BeginAgain begins a record that is there once more, as something else.
func (d *Desk) BeginAgain(ctx context.Context, id amana.RecordID, as amana.Kind, team amana.TeamID, v Values) error {
	return d.session.Save(ctx, vault.Change{Record: id, Begin: &vault.Begin{Kind: as, Teams: []amana.TeamID{team}}, Facts: sets(v)})
}

// FloodWith takes a letter again and again, as one that the hub brought of somebody else
// each time, until it is not taken any more or there were most.
func (d *Desk) FloodWith(ctx context.Context, file []byte, most int) (taken int, err error) {
	out, err := letter.Look(file)
	if err != nil {
		return 0, err
	}
	keys, err := d.session.PostKey(ctx, out.Post)
	if err != nil {
		return 0, err
	}
	l, err := letter.Open(keys, file)
	if err != nil {
		return 0, err
	}
	for ; taken < most; taken++ {
		l.ID, l.From.Post, l.From.Verify = letter.ID(seal.Random16()), letter.PostID(seal.Random16()), seal.NewIdentity().VerifyKey()
		if _, err := d.keepLetter(ctx, l, d.charter().Posts()[0].Team, wayHub); err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// PackageNamed takes the letter of a package whose file has a name of the sender's choice.
func (d *Desk) PackageNamed(ctx context.Context, file amana.RecordID) (amana.RecordID, error) {
	hash := strings.Repeat("1a", 32)
	note := fmt.Sprintf(`{"v":1,"parcel":"%x","key":"%s","runs":[1],"size":5,"sum":"%s","crc":1,"salt":"%s","format":"dossier","purpose":"accountability","when":"2026-03-01T09:00:00Z"}`,
		file[:], hash, hash, hash)
	keys := seal.NewIdentity()
	from := letter.Card{Org: amana.OrgID{5}, Name: "Somebody", Post: letter.PostID(seal.Random16()), Verify: keys.VerifyKey(), Box: keys.BoxKey()}
	came, err := d.keepPackage(ctx, letter.Letter{ID: letter.ID(seal.Random16()), From: from, Content: []byte(note)}, d.Me().Teams[0].ID, wayHub)
	return came.Package, err
}

// TakeUnder begins a file of evidence of a case under an ID drawn at random.
func (d *Desk) TakeUnder(ctx context.Context, file, caseID amana.RecordID) error {
	return d.session.Save(ctx, vault.Change{
		Record: file, Begin: &vault.Begin{Kind: amana.KindEvidence, Case: caseID, Teams: []amana.TeamID{d.Me().Teams[0].ID}},
		Facts: sets(Values{"x": event.Text("a file")}),
	})
}

// OrderedErased reports whether a record was ordered erased.
func (d *Desk) OrderedErased(id amana.RecordID) bool {
	_, is := d.charter().Erased()[id]
	return is
}

// BeginVersion begins a release of figures once more, as figures that the caller makes up.
func (d *Desk) BeginVersion(ctx context.Context, id amana.RecordID, scope string, r disclose.Release) error {
	r.ID, r.Agreement = id.String(), d.FiguresAgreement().ID
	content, err := r.Encode()
	if err != nil {
		return err
	}
	under, err := json.Marshal(d.FiguresAgreement())
	if err != nil {
		return err
	}
	return d.BeginAgain(ctx, id, amana.KindFigures, amana.TeamID{}, Values{
		figuresContent: event.Text(string(content)), figuresRequest: event.Text("{}"), figuresScope: event.Text(scope), figuresUnder: event.Text(string(under)),
	})
}

// SettlingOf returns the record in which somebody began to settle what a release was.
func (d *Desk) SettlingOf(ctx context.Context, id amana.RecordID) (amana.RecordID, error) {
	all, err := d.releases(ctx)
	for _, s := range settlingsIn(all)[id] {
		return s.id, err
	}
	return amana.RecordID{}, err
}

// ExportUnasked puts a workbook forward and writes it, as if others had agreed.
func (d *Desk) ExportUnasked(ctx context.Context, w io.Writer, plan ExportPlan) (ExportReport, error) {
	id, err := d.ProposeExport(ctx, plan, amana.Conceal("They asked for it."))
	if err != nil {
		return ExportReport{}, err
	}
	p, err := d.ExportProposal(ctx, id)
	if err != nil {
		return ExportReport{}, err
	}
	return d.writeExport(ctx, w, p)
}

// SendSigned sends what was cleared as something that is signed by a key.
func (d *Desk) SendSigned(ctx context.Context, c release.Cleared, partner amana.RecordID, signer string, content []byte) error {
	return d.sendSigned(ctx, c, partner, signer, bytes.NewReader(content), int64(len(content)))
}

// KeyOwner says whose a key is that signed a dossier in a package.
func (d *Desk) KeyOwner(ctx context.Context, p Package, key, org string) (KeyOwner, error) {
	return d.keyOwner(ctx, p, dossier.Result{Key: key, Organisation: org})
}

// PackageOf takes the letter of a package of a partner who is known, with a key that signed it.
func (d *Desk) PackageOf(ctx context.Context, from letter.Card, signer string) error {
	hash := strings.Repeat("1a", 32)
	file := seal.Random16()
	note := fmt.Sprintf(`{"v":1,"parcel":"%x","key":"%s","runs":[1],"size":5,"sum":"%s","crc":1,"salt":"%s","format":"dossier","purpose":"accountability","when":"2026-03-01T09:00:00Z","signer":"%s"}`,
		file[:], hash, hash, hash, signer)
	_, err := d.keepPackage(ctx, letter.Letter{ID: letter.ID(seal.Random16()), From: from, Content: []byte(note)}, d.Me().Teams[0].ID, wayHub)
	return err
}
