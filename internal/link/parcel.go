package link

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/letter"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// A parcel goes part by part through the mailbox of its recipient, who asked for it: so
// many at a time as the mailbox has room for, the next ones once those were fetched. How
// far it went is noted, so that it goes on there after a break and in another run of the
// program.

// Parcel is something large that a partner asked for.
type Parcel struct {
	To     letter.Card
	Name   [16]byte
	Size   int64 // bytes that go
	Asked  int   // how often it was asked for
	From   int64 // from which byte on, the last time
	Open   func() (io.ReaderAt, func() error, error)
	Handed func(ctx context.Context) error // notes that the hub has the last part
}

// parcelSent is how far a parcel went.
type parcelSent struct {
	_     struct{} `cbor:",toarray"`
	Asked int
	Next  int64 // byte
}

// leaveParcels hands over parts of what partners asked for, until the mailbox is full.
func (k *Keeper) leaveParcels(ctx context.Context, l *Link, s *vault.Session, p Post) error {
	due, err := p.ParcelsDue(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	n, err := notesOf(s)
	if err != nil {
		return err
	}
	for _, one := range due {
		box := wire.MailboxOf(one.To.Verify)
		if k.Now().Sub(k.mail.away[box]) < askAgain || n.Metered && one.Size > MeteredLargest && !k.allFiles() {
			continue
		}
		at := n.sentOf(one)
		before := at
		err := leaveParcel(ctx, l.client, box, one, &at)
		if at != before {
			k.mail.moving = k.mail.moving || at.Next < one.Size
			if err := k.note(s, func(n *notes) { n.sent(one, at) }); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, amana.ErrNotFound):
			k.mail.away[box] = k.Now()
		case errors.Is(err, syncer.ErrAway): // the mailbox is full, or the line broke: it goes on later
		case errors.Is(err, amana.ErrLocked), ctx.Err() != nil:
			return err
		}
	}
	return nil
}

// sentOf is how far a parcel went since it was asked for the last time.
func (n *notes) sentOf(p Parcel) parcelSent {
	at := n.Parcels[hex.EncodeToString(p.Name[:])]
	if at.Asked != p.Asked {
		return parcelSent{Asked: p.Asked, Next: p.From}
	}
	return at
}

// sent notes how far it went.
func (n *notes) sent(p Parcel, at parcelSent) {
	if n.Parcels == nil {
		n.Parcels = map[string]parcelSent{}
	}
	n.Parcels[hex.EncodeToString(p.Name[:])] = at
}

// allFiles reports whether somebody asked for the large files too.
func (k *Keeper) allFiles() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.files.all
}

func leaveParcel(ctx context.Context, c *syncer.Client, box wire.MailboxID, p Parcel, at *parcelSent) error {
	if at.Next >= p.Size {
		return nil
	}
	src, done, err := p.Open()
	if err != nil {
		return err
	}
	defer done() //nolint:errcheck // it was only read
	buf := make([]byte, letter.PartRoom)
	for at.Next < p.Size {
		part := buf[:min(int64(len(buf)), p.Size-at.Next)]
		if _, err := src.ReadAt(part, at.Next); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("link: parcel: %w: %w", amana.ErrStorage, err)
		}
		raw, err := letter.BoxPart(p.To, letter.Part{Parcel: p.Name, At: at.Next, Content: part})
		if err != nil {
			return err
		}
		if err := c.LeaveMail(ctx, wire.Mail{Box: box, Piece: raw}); err != nil {
			return err
		}
		at.Next += int64(len(part))
	}
	return p.Handed(ctx)
}

// takeParcels hands on what came of parcels, and has the hub destroy what is kept.
func (k *Keeper) takeParcels(ctx context.Context, l *Link, s *vault.Session, p Post, boxes []seal.Identity) error {
	parcels := map[[16]byte][]letter.Part{}
	for _, part := range k.mail.parts {
		parcels[part.Parcel] = append(parcels[part.Parcel], part)
	}
	for name, parts := range parcels {
		slices.SortFunc(parts, func(a, b letter.Part) int { return int(min(max(a.At-b.At, -1), 1)) })
		kept, err := p.PartsCame(ctx, name, parts)
		if errors.Is(err, amana.ErrLocked) || errors.Is(err, amana.ErrStorage) {
			return err
		}
		unwanted := errors.Is(err, amana.ErrTampered)
		var drop []wire.MailID
		for id, part := range k.mail.parts {
			switch {
			case part.Parcel != name:
			case unwanted, err == nil && part.End() <= kept:
				drop = append(drop, id)
				delete(k.mail.parts, id)
			case err != nil: // of another member, or of nobody
				k.mail.left[leftBy{s, id}] = true
				delete(k.mail.parts, id)
			}
		}
		if len(drop) == 0 {
			continue
		}
		k.mail.moving = true
		if err := k.kept(ctx, l, s, boxes, drop); err != nil {
			return err
		}
	}
	return nil
}

// Following returns what follows of a parcel after so many bytes, of parts in their order,
// as far as nothing is missing.
func Following(got int64, parts []letter.Part) io.Reader {
	var list []io.Reader
	for _, p := range parts {
		if p.At > got {
			break
		}
		if p.End() > got {
			list = append(list, bytes.NewReader(p.Content[got-p.At:]))
			got = p.End()
		}
	}
	return io.MultiReader(list...)
}
