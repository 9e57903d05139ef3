package casework

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/letter"
	"amana/internal/link"
	"amana/internal/parcel"
	"amana/internal/release"
	"amana/internal/seal"
	"amana/internal/vault"
)

// A release goes to the partner that the gate cleared, through the hub: a letter that says
// what it is, then, once the partner's device asks, its bytes as a parcel. The ledger of
// the release says how far it is, and what the partner told of it. What an answer does not
// carry any more does not leave; where it left, a notice follows.

// The steps of a release that goes to a partner.
const (
	ledgerSending   = "sending"   // somebody sent it: the letter, sealed, is in the step
	ledgerHanded    = "handed"    // the hub has the letter
	ledgerReached   = "reached"   // the partner's device has the letter
	ledgerAsked     = "asked"     // and asks for the parcel
	ledgerSent      = "sent"      // the hub has had the last part of it
	ledgerArrived   = "arrived"   // all of it is there, and is what was sent
	ledgerBroken    = "broken"    // what came is not
	ledgerUnsent    = "unsent"    // it did not leave: an answer did not carry it any more
	ledgerRecalled  = "recalled"  // the hub has the notice that it is not to be kept
	ledgerNoticed   = "noticed"   // the partner's device has that notice
	ledgerDestroyed = "destroyed" // the partner erased it
	ledgerKept      = "kept"      // the partner did not
)

// SentPackage is a release on its way to a partner, as its ledger has it.
type SentPackage struct {
	Partner  amana.RecordID
	Steps    map[string]time.Time // the newest of each kind
	Asked    int                  // how often the partner's device asked
	From     int64                // from which byte on, the last time
	Reason   string               // why the partner keeps what was withdrawn
	letter   []byte
	name     letter.ID
	note     []byte
	heard    []string // words that were noted
	recalled time.Time
}

// Is reports whether it came so far.
func (p *SentPackage) Is(step string) bool { return p != nil && !p.Steps[step].IsZero() }

// over reports whether nothing of it is to go any more.
func (p *SentPackage) over() bool {
	return p.Is(ledgerArrived) || p.Is(ledgerBroken) || p.Is(ledgerUnsent) || p.Is(ledgerDestroyed)
}

func (r *LedgerRow) takePackage(s LedgerStep, field func(string) string) {
	if s.What == ledgerSending && r.Package == nil {
		p := &SentPackage{Partner: idOf(field("partner")), Steps: map[string]time.Time{}}
		var bad, bad2 error
		p.letter, bad = base64.StdEncoding.DecodeString(field("letter"))
		p.note, bad2 = base64.StdEncoding.DecodeString(field("note"))
		out, bad3 := letter.Look(p.letter)
		if bad == nil && bad2 == nil && bad3 == nil {
			p.name = out.ID
			r.Package = p
		}
	}
	p := r.Package
	if p == nil {
		return
	}
	p.Steps[s.What] = s.When
	switch s.What {
	case ledgerAsked:
		p.Asked++
		p.From = 0
		_, _ = fmt.Sscanf(field("from"), "%d", &p.From) // what is no number is the beginning
	case ledgerRecalled:
		p.recalled = s.When
	case ledgerKept:
		p.Reason = field("why")
	}
	if word := field("word"); word != "" {
		p.heard = append(p.heard, word)
	}
}

func idOf(text string) amana.RecordID {
	id, err := amana.ParseID[amana.Record](text)
	if err != nil {
		return amana.RecordID{}
	}
	return id
}

// PartnersFor are the partners to whom something that was cleared for a recipient can be
// sent.
func (d *Desk) PartnersFor(recipient amana.Private) (list []Partner) {
	for _, p := range d.Partners() {
		if !recipient.IsEmpty() && p.Is(recipient) {
			list = append(list, p)
		}
	}
	return list
}

// SendPackage sends what was cleared to the partner for whom it was, as a parcel of so
// many bytes. It returns when what goes is safe on this device. Kinds: ErrRefused as
// [*Refusal] where it was cleared for somebody else, does not stand any more, was sent
// already or is too large; ErrNotFound; those of [vault.Session.TakeIn].
func (d *Desk) SendPackage(ctx context.Context, c release.Cleared, partner amana.RecordID, content io.Reader, size int64) error {
	return d.sendSigned(ctx, c, partner, "", io.LimitReader(content, size), size)
}

// sendSigned is [Desk.SendPackage] of what is signed by a key, hexadecimal, or by none.
func (d *Desk) sendSigned(ctx context.Context, c release.Cleared, partner amana.RecordID, signer string, content io.Reader, size int64) error {
	to, err := d.cardOfPartner(partner)
	if err != nil {
		return refusal("post.partner.none")
	}
	row, err := d.ledgerRow(c.ID())
	switch {
	case err != nil:
		return err
	case !to.Is(c.Recipient()):
		return refusal("parcel.other")
	case row.State != ledgerLeft:
		return refusal("release.refused.not_left")
	case row.Package != nil:
		return refusal("parcel.twice")
	case size <= 0 || size > parcel.Largest:
		return refusal("parcel.large")
	}
	if recall, err := d.recallOf(ctx, row); err != nil || len(recall.Reasons) > 0 {
		return errors.Join(err, refusal("parcel.withdrawn"))
	}
	l, keys, err := d.letterhead(ctx)
	if err != nil {
		return refusal("post.own.team")
	}
	l.ID, l.About = letter.ID(seal.Random16()), letter.Package
	_, err = d.session.TakeIn(ctx, c.ID(), content, func(b evidence.Blob) ([]vault.Change, error) {
		var note []byte
		file, err := letter.Seal(keys, to, l, c, func(c release.Cleared) ([]byte, error) {
			var err error
			note, err = parcel.Pack(c, b, signer)
			return note, err
		})
		return []vault.Change{{Record: c.ID(), Facts: d.stepWith(ledgerSending, amana.Conceal(to.Name), Values{
			"partner": event.Text(partner.String()), "letter": event.Text(base64.StdEncoding.EncodeToString(file)),
			"note": event.Text(base64.StdEncoding.EncodeToString(note)),
		})}}, err
	})
	return err
}

// recallUnclear is the reason where the answer on which it rested cannot be found.
const recallUnclear = "release.recall.unclear"

// keepsLedger reports whether this member may say in the ledger what became of a release.
func (d *Desk) keepsLedger() bool {
	team, err := d.ClaimsTeam()
	if err != nil {
		return false
	}
	return d.charter().MayRelease(d.session.Member(), []amana.TeamID{team}, 1<<62) == nil
}

// recallOf says what of a release is not to be with its recipient any more.
func (d *Desk) recallOf(ctx context.Context, row LedgerRow) (Recall, error) {
	look := recalling{d: d, erased: d.charter().Erased(), left: map[amana.RecordID][]release.Departure{}}
	return look.of(ctx, row)
}

// parcels is what is known of packages that were sent, while nothing changes.
type parcels struct {
	mu      sync.Mutex // guards what follows
	state   vault.ListState
	rows    []LedgerRow
	written uint64 // entries of all devices, and the day, at which recalls were looked for
	day     string
	recalls map[amana.RecordID]Recall

	waits map[amana.RecordID]waited // of packages that were asked for
}

// sentPackages returns the releases that were sent to partners. Each is read again only
// after one of them changed.
func (d *Desk) sentPackages(ctx context.Context) ([]LedgerRow, map[amana.RecordID]Recall, error) {
	p := &d.parcels
	p.mu.Lock()
	defer p.mu.Unlock()
	state, err := d.session.ListedState(amana.KindRelease)
	if err != nil {
		return nil, nil, err
	}
	var written uint64
	for _, upTo := range d.session.Have() {
		written += upTo
	}
	if p.recalls != nil && p.written == written && p.day == d.today() {
		return p.rows, p.recalls, nil
	}
	if p.recalls == nil || state != p.state {
		if p.rows, err = d.readSent(); err != nil {
			return nil, nil, err
		}
		p.state = state
	}
	recalls := map[amana.RecordID]Recall{}
	for _, row := range p.rows {
		r, err := d.recallOf(ctx, row)
		if err != nil {
			return nil, nil, err
		}
		// That an answer cannot be found may be of this member: people look into it first.
		r.Reasons = slices.DeleteFunc(r.Reasons, func(why string) bool { return why == recallUnclear })
		if len(r.Reasons) > 0 {
			recalls[row.ID] = r
		}
	}
	p.written, p.day, p.recalls = written, d.today(), recalls
	return p.rows, recalls, nil
}

func (d *Desk) readSent() (rows []LedgerRow, err error) {
	var ids []amana.RecordID
	err = d.session.Listed(amana.KindRelease, func(l vault.Listed) error {
		ids = append(ids, l.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		row, err := d.ledgerRow(id)
		if errors.Is(err, amana.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if row.Package != nil && !row.Package.Is(ledgerUnsent) {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// packagesDue are the letters of packages that wait, and the notices.
func (d *Desk) packagesDue(ctx context.Context) (due []link.Outgoing, err error) {
	if !d.keepsLedger() {
		return nil, nil
	}
	rows, recalls, err := d.sentPackages(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		p := row.Package
		to, err := d.cardOfPartner(p.Partner)
		if err != nil || p.Is(ledgerUnsent) || p.Is(ledgerDestroyed) {
			continue
		}
		r, recalled := recalls[row.ID]
		switch {
		case recalled && !p.Is(ledgerHanded):
			if err := d.unsend(ctx, row); err != nil {
				return due, err
			}
		case recalled && p.recalled.Before(r.Since), recalled && p.recalled.IsZero():
			due = append(due, d.noticeOf(row, to, r))
		case !recalled && !p.Is(ledgerHanded):
			due = append(due, link.Outgoing{
				To: to, Make: func(context.Context) ([]byte, error) { return p.letter, nil },
				Handed: func(ctx context.Context) error { return d.note(ctx, row.ID, ledgerHanded, nil) },
			})
		}
	}
	return due, nil
}

func (d *Desk) note(ctx context.Context, id amana.RecordID, step string, more Values) error {
	return d.session.Save(ctx, vault.Change{Record: id, Facts: d.stepWith(step, amana.Private{}, more)})
}

// unsend keeps back what has not left.
func (d *Desk) unsend(ctx context.Context, row LedgerRow) error {
	if err := d.note(ctx, row.ID, ledgerUnsent, nil); err != nil {
		return err
	}
	return d.dropSent(row.Package)
}

// dropSent takes away the bytes that waited to be sent.
func (d *Desk) dropSent(p *SentPackage) error {
	n, err := parcel.Read(p.note)
	if err != nil {
		return nil //nolint:nilerr // there is nothing that could be found
	}
	return d.session.DropBlob(n.Blob.Record)
}

// noticeOf is the letter that says that a package is not to be kept any more.
func (d *Desk) noticeOf(row LedgerRow, to letter.Card, r Recall) link.Outgoing {
	return link.Outgoing{
		To: to,
		Make: func(ctx context.Context) ([]byte, error) {
			since := r.Since
			if since.IsZero() {
				since = d.office.now()
			}
			content, err := parcel.Notice{Why: whyOf(r.Reasons), When: since.Format(time.DateOnly)}.Bytes()
			if err != nil {
				return nil, err
			}
			l, keys, err := d.letterhead(ctx)
			if err != nil {
				return nil, err
			}
			l.ID, l.About, l.ReplyTo, l.Content = letter.ID(seal.Random16()), letter.Recall, row.Package.name, content
			return letter.SealAnswer(keys, to, l)
		},
		Handed: func(ctx context.Context) error {
			return errors.Join(d.note(ctx, row.ID, ledgerRecalled, nil), d.dropSent(row.Package))
		},
	}
}

// whyOf is the gravest of the reasons, as a notice has it.
func whyOf(reasons []string) string {
	for _, why := range []string{"erased", "withdrawn", "narrowed", "expired"} {
		if slices.Contains(reasons, "release.recall."+why) {
			return why
		}
	}
	return "unclear"
}

// ParcelsDue implements [link.Post].
func (d *Desk) ParcelsDue(ctx context.Context) (due []link.Parcel, err error) {
	if !d.keepsLedger() {
		return nil, nil
	}
	rows, recalls, err := d.sentPackages(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		p := row.Package
		_, recalled := recalls[row.ID]
		if recalled || p.Asked == 0 || p.over() || p.Is(ledgerRecalled) {
			continue
		}
		to, err := d.cardOfPartner(p.Partner)
		n, bad := parcel.Read(p.note)
		if err != nil || bad != nil {
			continue
		}
		due = append(due, link.Parcel{
			To: to, Name: n.Blob.Record, Size: evidence.TravelSize(n.Blob.Size), Asked: p.Asked, From: p.From,
			Open: func() (io.ReaderAt, func() error, error) {
				t, err := d.session.ReadBlobFile(n.Blob)
				if err != nil {
					return nil, nil, err
				}
				return t, t.Close, nil
			},
			Handed: func(ctx context.Context) error {
				if p.Is(ledgerSent) {
					return nil
				}
				return d.note(ctx, row.ID, ledgerSent, nil)
			},
		})
	}
	return due, nil
}

// sentAs finds the release that a partner writes about. Only the partner to whom it was
// sent may.
func (d *Desk) sentAs(ctx context.Context, l letter.Letter) (LedgerRow, error) {
	rows, _, err := d.sentPackages(ctx)
	if err != nil {
		return LedgerRow{}, err
	}
	for _, row := range rows {
		if row.Package.name != l.ReplyTo {
			continue
		}
		if card, err := d.cardOfPartner(row.Package.Partner); err == nil && card.Verify == l.From.Verify {
			return row, nil
		}
	}
	return LedgerRow{}, fmt.Errorf("casework: word of nothing of ours: %w", amana.ErrNotFound)
}

// takeWord notes what a partner tells of a package. Kinds: ErrInvalid, ErrNotFound;
// ErrConflict where it was noted already.
func (d *Desk) takeWord(ctx context.Context, l letter.Letter) (Came, error) {
	w, err := parcel.ReadWord(l.Content)
	if err != nil {
		return Came{}, err
	}
	row, err := d.sentAs(ctx, l)
	if err != nil {
		return Came{}, err
	}
	came, p, word := Came{Release: row.ID}, row.Package, hex.EncodeToString(l.ID[:])
	if slices.Contains(p.heard, word) {
		return came, fmt.Errorf("casework: a word that was noted: %w", amana.ErrConflict)
	}
	more := Values{"word": event.Text(word)}
	if w.From > 0 {
		more["from"] = event.Text(fmt.Sprint(w.From))
	}
	if w.Reason != "" {
		more["why"] = event.Text(w.Reason)
	}
	if err := d.note(ctx, row.ID, string(w.State), more); err != nil {
		return came, err
	}
	if w.State == parcel.Arrived || w.State == parcel.Destroyed || w.State == parcel.Broken {
		return came, d.dropSent(p)
	}
	return came, nil
}

// takeReached notes that a partner's device has the letter of a package.
func (d *Desk) takeReached(ctx context.Context, l letter.Letter, when string) (Came, error) {
	row, err := d.sentAs(ctx, l)
	if err != nil {
		return Came{}, err
	}
	if row.Package.Is(ledgerReached) {
		return Came{}, fmt.Errorf("casework: a receipt that was noted: %w", amana.ErrConflict)
	}
	return Came{Release: row.ID}, d.note(ctx, row.ID, ledgerReached, Values{"day": event.Text(when)})
}
