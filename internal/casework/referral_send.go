package casework

import (
	"context"
	"errors"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/release"
	"amana/internal/vault"
)

// sending is the ledger of a referral that goes out: the referral itself says that it
// was sent, to whom and when, and is written before anything leaves.
type sending struct {
	d      *Desk
	caseID amana.RecordID
	id     amana.RecordID
	values Values // of the step "sent"
	step   string // its item
}

// Enter implements [release.Ledger].
func (l *sending) Enter(ctx context.Context, _ release.Entry) error {
	return l.d.session.Save(ctx, vault.Change{Record: l.id, Facts: referralFacts(l.values)})
}

// Stop implements [release.Ledger]: where she said no meanwhile, the referral ends;
// otherwise it stands where it stood.
func (l *sending) Stop(ctx context.Context, _ amana.RecordID, why string) error {
	if !referral.SheDecided(why) {
		return l.d.TakeBackStep(ctx, l.caseID, l.id, l.step)
	}
	_, r, err := l.d.openReferral(l.caseID, l.id)
	if err != nil {
		return err
	}
	values := Values{}
	l.d.moved(values, r, referral.Step{State: referral.Withdrawn, Reason: "she_decided"})
	return l.d.session.Save(ctx, vault.Change{Record: l.id, Facts: referralFacts(values)})
}

// Earlier implements [release.Ledger]: her way to help waits for no approval.
func (*sending) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

// sent is the ledger of a referral that says already that it was sent: its words are
// made again, for another call or a stick that was lost.
type sent struct{}

func (sent) Enter(context.Context, release.Entry) error         { return nil }
func (sent) Stop(context.Context, amana.RecordID, string) error { return nil }
func (sent) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

// referralRequest makes the request of the gate for a referral. Conditions that she
// made are shown to whoever sends, who says by sending that they are met; one that she
// makes meanwhile is not among them.
func (d *Desk) referralRequest(r Referral, met []amana.Private) release.Request {
	now := d.surely()
	return release.Request{
		ID: r.ID, By: release.By{Member: d.session.Member(), Roles: d.Me().Roles}, Purpose: amana.PurposeReferral, Recipient: r.Name,
		Format: referral.Format, Met: met,
		Records: func(context.Context) ([]release.Record, error) {
			f, again, err := d.openReferral(r.Case, r.ID)
			if err != nil {
				return nil, err
			}
			return []release.Record{referral.Record(d.source(&f), again.request(), now)}, nil
		},
	}
}

func conditionsOf(s record.ConsentState, err error) []amana.Private {
	if err != nil || s.Conditions.IsEmpty() {
		return nil
	}
	return []amana.Private{s.Conditions}
}

// wouldLeave puts into a file what would leave now, and where the referral was sent
// what may.
func (d *Desk) wouldLeave(ctx context.Context, out *ReferralFile, s referral.Source) error {
	met := conditionsOf(referral.Covers(&s.Consents, out.Name, d.surely()))
	g := &release.Gate{Now: d.surely, Ledger: sent{}, Rules: d.ReleaseRules()}
	p, err := g.Preview(ctx, d.referralRequest(out.Referral, met))
	if err != nil {
		return err
	}
	if p.Refused != "" {
		no, _ := errors.AsType[*referral.RefusedError](referral.InHerWords(&release.RefusedError{Why: p.Refused}))
		out.Refusal = no.Why
		return nil
	}
	out.Lines = referral.Would(s, out.request(), p.Records, d.surely())
	if !out.Course.Left() {
		return nil
	}
	out.Package, err = d.pack(ctx, sent{}, d.referralRequest(out.Referral, met))
	if _, refused := errors.AsType[*referral.RefusedError](err); refused {
		return nil // since a moment ago
	}
	return err
}

// pack passes a referral through the gate.
func (d *Desk) pack(ctx context.Context, l release.Ledger, r release.Request) (referral.Package, error) {
	c, err := (&release.Gate{Now: d.surely, Ledger: l, Rules: d.ReleaseRules()}).Clear(ctx, r)
	if err != nil {
		return referral.Package{}, referral.InHerWords(err)
	}
	return referral.Pack(c)
}

// SendReferral passes a referral through the gate: that it was sent is on record
// before anything leaves, and whoever withdraws between the two stops it. Kinds:
// FieldErrors, ErrRefused as [*referral.RefusedError] or [*referral.MoveError].
func (d *Desk) SendReferral(ctx context.Context, caseID, id amana.RecordID, way Dispatch) (referral.Package, error) {
	if err := d.session.ArrivingOf(caseID); err != nil {
		return referral.Package{}, err
	}
	f, r, err := d.openReferral(caseID, id)
	if err != nil {
		return referral.Package{}, err
	}
	s := d.source(&f)
	held, err := referral.Covers(&s.Consents, r.Name, d.surely())
	if err != nil {
		return referral.Package{}, err
	}
	values, err := d.dispatched(ctx, r, way)
	if err != nil {
		return referral.Package{}, err
	}
	if err := referral.Move(r.Course.State, referral.Sent, ""); err != nil {
		return referral.Package{}, err
	}
	c := d.moved(values, r, referral.Step{State: referral.Sent})
	last, _ := c.Last()
	l := &sending{d: d, caseID: caseID, id: id, values: values, step: last.Item}
	return d.pack(ctx, l, d.referralRequest(r, conditionsOf(held, nil)))
}

// dispatched are the fields that say how a referral goes out.
func (d *Desk) dispatched(ctx context.Context, r Referral, way Dispatch) (Values, error) {
	values := Values{"channel": event.Text(string(way.Channel))}
	if way.Channel == referral.Paper {
		if err := referral.CheckSlip(way.Slip); err != nil {
			return nil, err
		}
		values["service_location"] = event.Text(way.Slip.Place.Reveal())
		values["slip_person"] = event.Text(way.Slip.Person.Reveal())
		values["service_appointment_date"] = event.Text(way.Slip.Day)
	}
	if !way.Partner.IsZero() {
		values["partner"] = event.Text(way.Partner.String())
	}
	bad := FieldErrors{}
	d.check(bad, amana.KindReferral, values)
	// A file is sealed to a partner's card. Without one nothing is noted as sent.
	if !way.Channel.Known() || way.Channel == referral.AmanaFile && way.Partner.IsZero() {
		bad["channel"] = string(record.FaultRequired)
	}
	if way.Channel == referral.AmanaFile && len(bad) == 0 {
		if err := d.maySealTo(ctx, r, way.Partner); err != nil {
			return nil, err
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return values, nil
}
