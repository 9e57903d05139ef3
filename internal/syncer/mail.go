package syncer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"amana"
	"amana/internal/hub/wire"
)

// ClaimMailbox says to the hub that a mailbox is this organisation's. Kinds: ErrConflict
// where it is another's.
func (c *Client) ClaimMailbox(ctx context.Context, claim wire.Claim) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathMailbox, wire.Encode(claim), 1<<10)
	return err
}

// LeaveMail leaves a piece in another organisation's mailbox. Kinds: ErrNotFound where
// there is no such mailbox at this hub; ErrAway where it is full, too.
func (c *Client) LeaveMail(ctx context.Context, m wire.Mail) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathMail, wire.Encode(m), 1<<10)
	return err
}

// Mail lists what lies in this organisation's mailboxes.
func (c *Client) Mail(ctx context.Context) ([]wire.MailID, error) {
	raw, _, err := c.ask(ctx, http.MethodGet, wire.PathMail, nil, wire.LargestMessage)
	if err != nil {
		return nil, err
	}
	var list wire.MailList
	if err := wire.Decode(raw, &list); err != nil {
		return nil, err
	}
	return list.IDs, nil
}

// MailPiece fetches one piece. Kinds: ErrNotFound; ErrInvalid for what is none.
func (c *Client) MailPiece(ctx context.Context, id wire.MailID) ([]byte, error) {
	raw, _, err := c.ask(ctx, http.MethodGet, wire.PathMail+"?id="+hex.EncodeToString(id[:]), nil, wire.MailPiece)
	if err == nil && len(raw) != wire.MailPiece {
		err = fmt.Errorf("syncer: a piece of mail of %d bytes: %w", len(raw), amana.ErrInvalid)
	}
	return raw, err
}

// TakenMail has the hub destroy pieces that are kept here. A hub of the version before
// takes anybody's word for it, and no other.
func (c *Client) TakenMail(ctx context.Context, m wire.TakenMail) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathMailTaken, wire.Encode(m), 1<<10)
	if errors.Is(err, amana.ErrNotFound) {
		return c.DropMail(ctx, m.IDs)
	}
	return err
}

// DropMail says so without proof; see [wire.DropMail].
func (c *Client) DropMail(ctx context.Context, ids []wire.MailID) error {
	_, _, err := c.ask(ctx, http.MethodPost, wire.PathMailDrop, wire.Encode(wire.DropMail{IDs: ids}), 1<<10)
	return err
}
