package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/letter"
	"amana/internal/link"
	"amana/internal/referral"
	"amana/internal/seal"
	"amana/internal/vault"
)

// Letters go through the hub by themselves, where partner and this organisation are both
// at one: what a referral was sealed for, that it came, and what was answered. Who is
// unlocked and holds the post box carries them; what leaves is computed when it leaves.

var _ link.Post = (*Desk)(nil)

// wayHub marks letters that a hub brought.
const wayHub = "hub"

// The fields of a referral that a hub carried.
const (
	referralPosted  = "posted"    // the partner for whom the hub has it
	referralPostOn  = "posted_on" // the day
	referralArrived = "arrived"   // the day on which the partner's device kept it
)

// postedWithin is how old a referral may be that is handed to a hub: what lies longer is
// for people to decide.
const postedWithin = 30 * 24 * time.Hour

// postedAgain is after how long one of which nobody said that it came is handed over
// again.
const postedAgain = 4 * 24 * time.Hour

// PostBoxes implements [link.Post].
func (d *Desk) PostBoxes(ctx context.Context) (list []seal.Identity, err error) {
	for _, p := range d.charter().Posts() {
		keys, err := d.session.PostKey(ctx, p.ID)
		switch {
		case err == nil:
			list = append(list, keys)
		case !errors.Is(err, amana.ErrNotFound):
			return nil, err
		}
	}
	return list, nil
}

// PostDue implements [link.Post].
func (d *Desk) PostDue(ctx context.Context) ([]link.Outgoing, error) {
	due, err := d.packagesDue(ctx)
	if err == nil {
		err = d.askAgain(ctx)
	}
	if err != nil {
		return nil, err
	}
	err = d.session.Listed(amana.KindReferral, func(l vault.Listed) error {
		if out, is := d.referralDue(l); is {
			due = append(due, out)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = d.session.Listed(amana.KindLetter, func(l vault.Listed) error {
		due = append(due, d.repliesDue(l)...)
		due = append(due, d.wordsDue(l)...)
		return nil
	})
	return due, err
}

func (d *Desk) referralDue(l vault.Listed) (out link.Outgoing, is bool) {
	r := referralOf(l.ID, l.Case, l.Author, l.Updated, l.Values)
	if r.Channel != referral.AmanaFile || r.Course.State != referral.Sent || l.Case.IsZero() || l.Case == l.ID ||
		r.Partner.IsZero() || r.Posted == r.Partner && !d.lost(r) || d.office.now().Sub(r.Course.Since) > postedWithin {
		return out, false
	}
	card, err := d.cardOfPartner(r.Partner)
	if err != nil {
		return out, false
	}
	return link.Outgoing{
		To:   card,
		Make: func(ctx context.Context) ([]byte, error) { return d.ReferralLetter(ctx, r.Case, r.ID) },
		Handed: func(ctx context.Context) error {
			return d.session.Save(ctx, vault.Change{Record: r.ID, Facts: sets(Values{
				referralPosted: event.Text(r.Partner.String()), referralPostOn: event.Text(d.today()),
			})})
		},
	}, true
}

// lost reports whether a referral that the hub has had for days was not said to have come:
// a hub, or somebody with a device of the partner, may have destroyed it. It goes again
// under the same name, so whoever has it takes it for what it is.
func (d *Desk) lost(r Referral) bool {
	on, err := time.Parse(time.DateOnly, r.PostedOn)
	return err == nil && r.Arrived == "" && d.office.now().Sub(on) >= postedAgain
}

// repliesDue are the receipt for a letter that a hub brought, and the last answer to it.
func (d *Desk) repliesDue(l vault.Listed) (due []link.Outgoing) {
	card, ref, err := writerOf(l.ID, l.Values[letterCard].Reveal(), l.Values[letterID].Reveal())
	if err != nil || l.Values[letterWay].Reveal() != wayHub {
		return nil
	}
	noted := func(values Values) func(context.Context) error {
		return func(ctx context.Context) error {
			return d.session.Save(ctx, vault.Change{Record: l.ID, Facts: sets(values)})
		}
	}
	if l.Values[letterReceipt].IsZero() {
		due = append(due, link.Outgoing{
			To: card,
			Make: func(ctx context.Context) ([]byte, error) {
				out, keys, err := d.letterhead(ctx)
				if err != nil {
					return nil, err
				}
				out.ID, out.About, out.ReplyTo, out.Content = letter.ID(seal.Random16()), letter.Receipt, ref, receipt(d.today())
				return letter.SealAnswer(keys, card, out)
			},
			Handed: noted(Values{letterReceipt: event.Text("yes")}),
		})
	}
	n := 0
	for name := range l.Values {
		if strings.HasPrefix(name, letterAnswers+"/") && strings.HasSuffix(name, "/state") {
			n++
		}
	}
	if sent, err := strconv.Atoi(l.Values[letterSentOut].Reveal()); err != nil && n > 0 || n > sent {
		due = append(due, link.Outgoing{
			To:     card,
			Make:   func(ctx context.Context) ([]byte, error) { return d.sealAnswer(ctx, l.ID) },
			Handed: noted(Values{letterSentOut: event.Text(strconv.Itoa(n))}),
		})
	}
	return due
}

// PostCame implements [link.Post].
func (d *Desk) PostCame(ctx context.Context, file []byte) error {
	_, err := d.takeLetter(ctx, file, wayHub)
	return err
}

type receiptContent struct {
	When string `json:"when"`
}

func receipt(day string) []byte {
	raw, err := json.Marshal(receiptContent{day})
	if err != nil {
		panic("casework: internal error: " + err.Error())
	}
	return raw
}

// takeReceipt notes that a partner's device kept a referral of ours. Kinds: ErrInvalid;
// ErrNotFound; ErrConflict where it was noted already.
func (d *Desk) takeReceipt(ctx context.Context, l letter.Letter) (Came, error) {
	var r receiptContent
	if err := json.Unmarshal(l.Content, &r); err != nil {
		return Came{}, fmt.Errorf("casework: a receipt that is none: %w", amana.ErrInvalid)
	}
	if _, err := time.Parse(time.DateOnly, r.When); err != nil {
		return Came{}, fmt.Errorf("casework: a receipt that is none: %w", amana.ErrInvalid)
	}
	came, of, err := d.repliedTo(l)
	if errors.Is(err, amana.ErrNotFound) {
		return d.takeReached(ctx, l, r.When)
	}
	if err != nil {
		return came, err
	}
	if !of.Values[referralArrived].IsZero() {
		return came, fmt.Errorf("casework: a receipt that was noted: %w", amana.ErrConflict)
	}
	return came, d.session.Save(ctx, vault.Change{Record: came.Referral, Facts: sets(Values{referralArrived: event.Text(r.When)})})
}
