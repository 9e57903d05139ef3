package hub

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// Mail between organisations. A mailbox is claimed by who has its key; whoever is let in
// here may leave pieces in it, so many as its bounds allow; its organisation fetches
// them, and has them destroyed once they are kept.

const (
	mostMailboxes = 16  // of one organisation
	mostInMailbox = 512 // pieces: 32 MiB
	mostFromOne   = 128 // pieces of one sender in one mailbox
	mailStaysDays = 45
	// droppedStaysDays is how long a piece stays of which a device says without proof
	// that it is kept.
	droppedStaysDays = 7
	secondsOfADay    = 24 * 60 * 60
	leaveMailBytes   = wire.MailPiece + 1<<10
)

func dayOf(t time.Time) int64 { return t.Unix() / secondsOfADay }

// ClaimMailbox gives an organisation a mailbox; doing it again changes nothing. Kinds:
// ErrConflict for one that is another's, or for too many.
func (s *Store) ClaimMailbox(ctx context.Context, org amana.OrgID, box wire.MailboxID) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM mailbox WHERE org=$1 AND box<>$2", org[:], box[:]).Scan(&n); err != nil {
			return err
		}
		if n >= mostMailboxes {
			return fmt.Errorf("hub: %d mailboxes: %w", n, amana.ErrConflict)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO mailbox(org, box) VALUES($1, $2) ON CONFLICT DO NOTHING", org[:], box[:]); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, "SELECT 1 FROM mailbox WHERE org=$1 AND box=$2", org[:], box[:]).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("hub: this mailbox is another's: %w", amana.ErrConflict)
		}
		return err
	})
}

// LeaveMail puts a piece into a mailbox. Kinds: ErrNotFound where there is no such
// mailbox; errBusy where it, or what this sender may have in it, is full.
func (s *Store) LeaveMail(ctx context.Context, sender amana.OrgID, m wire.Mail, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		var raw []byte
		err := tx.QueryRowContext(ctx, "SELECT org FROM mailbox WHERE box=$1"+s.forUpdate(), m.Box[:]).Scan(&raw)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("hub: no such mailbox: %w", amana.ErrNotFound)
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM mail WHERE org=$1 AND day<$2", raw, dayOf(now)-mailStaysDays); err != nil {
			return err
		}
		var all, own int
		err = tx.QueryRowContext(ctx, "SELECT count(*), count(CASE WHEN sender=$1 THEN 1 END) FROM mail WHERE org=$2 AND box=$3",
			sender[:], raw, m.Box[:]).Scan(&all, &own)
		if err != nil {
			return err
		}
		if all >= mostInMailbox || own >= mostFromOne {
			return errBusy
		}
		id := seal.Random16()
		_, err = tx.ExecContext(ctx, "INSERT INTO mail(org, id, box, sender, day, piece) VALUES($1, $2, $3, $4, $5, $6)",
			raw, id[:], m.Box[:], sender[:], dayOf(now), m.Piece)
		return err
	})
}

// Mail lists what lies in an organisation's mailboxes.
func (s *Store) Mail(ctx context.Context, org amana.OrgID, now time.Time) (ids []wire.MailID, err error) {
	if _, err := s.db.ExecContext(ctx, "DELETE FROM mail WHERE org=$1 AND day<$2", org[:], dayOf(now)-mailStaysDays); err != nil {
		return nil, kindOf("mail", err)
	}
	rows, err := s.db.QueryContext(ctx, "SELECT id FROM mail WHERE org=$1 ORDER BY day, id LIMIT $2", org[:], wire.MostMail)
	if err != nil {
		return nil, kindOf("mail", err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil || len(raw) != len(wire.MailID{}) {
			return nil, errors.Join(kindOrNil("mail", err), amana.ErrTampered)
		}
		ids = append(ids, wire.MailID(raw))
	}
	return ids, kindOrNil("mail", rows.Err())
}

// MailPiece returns one piece. Kind: ErrNotFound.
func (s *Store) MailPiece(ctx context.Context, org amana.OrgID, id wire.MailID) (raw []byte, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT piece FROM mail WHERE org=$1 AND id=$2", org[:], id[:]).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("hub: no such mail: %w", amana.ErrNotFound)
	}
	return raw, kindOrNil("mail", err)
}

// TakeMail destroys pieces of a mailbox, for who has its key.
func (s *Store) TakeMail(ctx context.Context, org amana.OrgID, box wire.MailboxID, ids []wire.MailID) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, "DELETE FROM mail WHERE org=$1 AND id=$2 AND box=$3", org[:], id[:], box[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropMail lets pieces go some days from now, whatever device says that they are kept. It
// cannot show that it could open them, and must not destroy what others still need.
func (s *Store) DropMail(ctx context.Context, org amana.OrgID, ids []wire.MailID, now time.Time) error {
	day := dayOf(now) - mailStaysDays + droppedStaysDays
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, "UPDATE mail SET day=$1 WHERE org=$2 AND id=$3 AND day>$1", day, org[:], id[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Server) claim(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var m wire.Claim
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	box, err := m.Check(r.device.Org)
	if err != nil {
		return err
	}
	return s.Store.ClaimMailbox(r.Context(), r.device.Org, box)
}

func (s *Server) leaveMail(r *request) error {
	raw, err := r.body(leaveMailBytes)
	if err != nil {
		return err
	}
	var m wire.Mail
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	if len(m.Piece) != wire.MailPiece {
		return amana.ErrInvalid
	}
	return s.Store.LeaveMail(r.Context(), r.device.Org, m, s.Now())
}

// mail answers a list of what there is, or one piece.
func (s *Server) mail(r *request) error {
	if text := r.URL.Query().Get("id"); text != "" {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != len(wire.MailID{}) {
			return errAsked
		}
		piece, err := s.Store.MailPiece(r.Context(), r.device.Org, wire.MailID(raw))
		if err != nil {
			return err
		}
		return r.answer(piece)
	}
	ids, err := s.Store.Mail(r.Context(), r.device.Org, s.Now())
	if err != nil {
		return err
	}
	return r.answer(wire.Encode(wire.MailList{IDs: ids}))
}

func (s *Server) dropMail(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var m wire.DropMail
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	if len(m.IDs) > wire.MostMail {
		return errTooLarge
	}
	return s.Store.DropMail(r.Context(), r.device.Org, m.IDs, s.Now())
}

func (s *Server) takenMail(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var m wire.TakenMail
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	box, err := m.Check(r.device.Org)
	if err != nil {
		return err
	}
	return s.Store.TakeMail(r.Context(), r.device.Org, box, m.IDs)
}
