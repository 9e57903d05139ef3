package link

import (
	"context"
	"errors"
	"slices"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/letter"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// Post is a member's correspondence with partners, as far as a hub carries it.
type Post interface {
	// PostBoxes are the private halves of the post boxes that the member can open.
	PostBoxes(ctx context.Context) ([]seal.Identity, error)
	// PostDue are the letters that wait to be handed to the hub.
	PostDue(ctx context.Context) ([]Outgoing, error)
	// PostCame takes a letter, durably. Kinds: ErrConflict for one that was taken
	// before; ErrTampered for one that never will be; any other: another member, or a
	// later version, may take it.
	PostCame(ctx context.Context, file []byte) error
	// ParcelsDue are the parcels that partners asked for.
	ParcelsDue(ctx context.Context) ([]Parcel, error)
	// PartsCame takes parts of a parcel, in their order, durably, and returns how many
	// bytes of it are kept now. Kinds: ErrNotFound for one that this member knows nothing
	// of; ErrTampered for one that nobody wants (any more).
	PartsCame(ctx context.Context, parcel [16]byte, parts []letter.Part) (kept int64, err error)
}

// Outgoing is a letter that waits.
type Outgoing struct {
	To letter.Card
	// Make seals it; ErrRefused where it must not leave any more.
	Make func(ctx context.Context) ([]byte, error)
	// Handed notes that the hub has it.
	Handed func(ctx context.Context) error
}

// mail is what is known of mail while the program runs.
type mail struct {
	claimed map[wire.MailboxID]bool
	away    map[wire.MailboxID]time.Time // partners who had no mailbox here, and when that was asked
	left    map[leftBy]bool              // pieces that cannot be taken
	pieces  map[wire.MailID]letter.Piece // of letters that are not whole yet
	parts   map[wire.MailID]letter.Part  // of parcels, that could not be kept yet
	boxes   map[wire.MailID]wire.MailboxID
	moving  bool // something of a parcel went or came: more may follow
}

// leftBy is a piece that a member cannot take. Another who unlocked this device may.
type leftBy struct {
	s  *vault.Session
	id wire.MailID
}

// askAgain is how long a partner without a mailbox at the hub is not looked for.
const askAgain = time.Hour

// carryMail exchanges mail for a member: what waits goes, what came is taken.
func (k *Keeper) carryMail(ctx context.Context, l *Link, s *vault.Session, p Post) error {
	if p == nil || !s.Progress().Searchable {
		return nil
	}
	if k.mail.claimed == nil {
		k.mail = mail{
			claimed: map[wire.MailboxID]bool{}, away: map[wire.MailboxID]time.Time{}, left: map[leftBy]bool{},
			pieces: map[wire.MailID]letter.Piece{}, parts: map[wire.MailID]letter.Part{},
			boxes: map[wire.MailID]wire.MailboxID{},
		}
	}
	boxes, err := p.PostBoxes(ctx)
	if err != nil || len(boxes) == 0 {
		return err
	}
	for _, b := range boxes {
		box := wire.MailboxOf(b.VerifyKey())
		if k.mail.claimed[box] {
			continue
		}
		err := l.client.ClaimMailbox(ctx, wire.ClaimMailbox(b, s.Organisation()))
		if err != nil && !errors.Is(err, amana.ErrConflict) {
			return err
		}
		k.mail.claimed[box] = true
	}
	if err := k.fetch(ctx, l, s, p, boxes); err != nil {
		return err
	}
	if err := k.leave(ctx, l, p); err != nil {
		return err
	}
	return k.leaveParcels(ctx, l, s, p)
}

// leave hands over what waits. A partner who is not at this hub holds up nobody else.
func (k *Keeper) leave(ctx context.Context, l *Link, p Post) error {
	due, err := p.PostDue(ctx)
	if err != nil {
		return err
	}
	for _, out := range due {
		box := wire.MailboxOf(out.To.Verify)
		if k.Now().Sub(k.mail.away[box]) < askAgain {
			continue
		}
		err := leaveOne(ctx, l.client, box, out)
		switch {
		case errors.Is(err, amana.ErrNotFound):
			k.mail.away[box] = k.Now()
		case errors.Is(err, syncer.ErrAway), errors.Is(err, amana.ErrLocked), ctx.Err() != nil:
			return err
		}
	}
	return nil
}

func leaveOne(ctx context.Context, c *syncer.Client, box wire.MailboxID, out Outgoing) error {
	file, err := out.Make(ctx)
	if err != nil {
		return err
	}
	pieces, err := letter.Pieces(out.To, file)
	if err != nil {
		return err
	}
	for _, raw := range pieces {
		if err := c.LeaveMail(ctx, wire.Mail{Box: box, Piece: raw}); err != nil {
			return err
		}
	}
	return out.Handed(ctx)
}

// fetch brings what came, and has the hub destroy what was taken.
func (k *Keeper) fetch(ctx context.Context, l *Link, s *vault.Session, p Post, boxes []seal.Identity) error {
	ids, err := l.client.Mail(ctx)
	if err != nil {
		return err
	}
	k.forget(ids)
	for _, id := range ids {
		_, piece := k.mail.pieces[id]
		_, part := k.mail.parts[id]
		if piece || part || k.mail.left[leftBy{s, id}] {
			continue
		}
		raw, err := l.client.MailPiece(ctx, id)
		if errors.Is(err, amana.ErrNotFound) {
			continue // another device was quicker
		}
		if err != nil {
			return err
		}
		if !k.mail.open(boxes, id, raw) {
			k.mail.left[leftBy{s, id}] = true
		}
	}
	if err := k.take(ctx, l, s, p, boxes); err != nil {
		return err
	}
	return k.takeParcels(ctx, l, s, p, boxes)
}

// kept has the hub destroy pieces that are kept here, by the key of their mailbox. Those
// of a mailbox whose key this member has not are another's to have destroyed.
func (k *Keeper) kept(ctx context.Context, l *Link, s *vault.Session, boxes []seal.Identity, ids []wire.MailID) error {
	for _, b := range boxes {
		box := wire.MailboxOf(b.VerifyKey())
		own := slices.DeleteFunc(slices.Clone(ids), func(id wire.MailID) bool { return k.mail.boxes[id] != box })
		for lot := range slices.Chunk(own, wire.MostMail) {
			if err := l.client.TakenMail(ctx, wire.TakeMail(b, s.Organisation(), lot)); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget drops what is known of pieces that are gone.
func (k *Keeper) forget(ids []wire.MailID) {
	there := map[wire.MailID]bool{}
	for _, id := range ids {
		there[id] = true
	}
	for id := range k.mail.pieces {
		if !there[id] {
			delete(k.mail.pieces, id)
		}
	}
	for id := range k.mail.parts {
		if !there[id] {
			delete(k.mail.parts, id)
		}
	}
	for id := range k.mail.boxes {
		if !there[id] {
			delete(k.mail.boxes, id)
		}
	}
	for one := range k.mail.left {
		if !there[one.id] {
			delete(k.mail.left, one)
		}
	}
}

// open opens what came, and reports whether it is for one of these post boxes.
func (m *mail) open(boxes []seal.Identity, id wire.MailID, raw []byte) bool {
	for _, b := range boxes {
		m.boxes[id] = wire.MailboxOf(b.VerifyKey())
		if p, err := letter.OpenPiece(b, raw); err == nil {
			m.pieces[id] = p
			return true
		}
		if p, err := letter.OpenPart(b, raw); err == nil {
			m.parts[id] = p
			return true
		}
	}
	return false
}

// take takes the letters that are whole.
func (k *Keeper) take(ctx context.Context, l *Link, s *vault.Session, p Post, boxes []seal.Identity) error {
	letters := map[[16]byte][]wire.MailID{}
	for id, piece := range k.mail.pieces {
		letters[piece.Letter] = append(letters[piece.Letter], id)
	}
	for name, ids := range letters {
		pieces := make([]letter.Piece, 0, len(ids))
		for _, id := range ids {
			pieces = append(pieces, k.mail.pieces[id])
		}
		file, whole := letter.Whole(name, pieces)
		if !whole {
			continue
		}
		err := p.PostCame(ctx, file)
		taken := err == nil || errors.Is(err, amana.ErrConflict) || errors.Is(err, amana.ErrTampered)
		if errors.Is(err, amana.ErrLocked) || errors.Is(err, amana.ErrStorage) {
			return err
		}
		for _, id := range ids {
			delete(k.mail.pieces, id)
			k.mail.left[leftBy{s, id}] = true
		}
		if !taken {
			continue
		}
		if err := k.kept(ctx, l, s, boxes, ids); err != nil {
			return err
		}
	}
	return nil
}
