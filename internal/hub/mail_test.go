package hub_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// mailAt sends a message about mail as a device.
func (r *running) mailAt(t testing.TB, c *chain, method, path string, message any) (int, []byte) {
	t.Helper()
	var body []byte
	if message != nil {
		body = wire.Encode(message)
	}
	return ask(t, r.as(t, c), method, "https://"+r.addr+path, bytes.NewReader(body))
}

func aPiece(fill byte) []byte { return bytes.Repeat([]byte{fill}, wire.MailPiece) }

// Mail reaches the organisation that has the mailbox's key and nobody else, and is gone
// once it was kept.
func TestMail(t *testing.T) {
	r := run(t)
	ours, theirs, stranger := newOrg(t, r.store), newOrg(t, r.store), newOrg(t, r.store)
	post := seal.NewIdentity()
	box := wire.MailboxOf(post.VerifyKey())
	letter := wire.Mail{Box: box, Piece: aPiece(7)}
	steps := []struct {
		name    string
		who     *chain
		path    string
		message any
		want    int
	}{
		{"before there is a mailbox", ours, wire.PathMail, letter, 404},
		{"claimed with another's signature", stranger, wire.PathMailbox, wire.ClaimMailbox(post, theirs.org), 400},
		{"claimed by who has the key", theirs, wire.PathMailbox, wire.ClaimMailbox(post, theirs.org), 200},
		{"claimed again", theirs, wire.PathMailbox, wire.ClaimMailbox(post, theirs.org), 200},
		{"claimed by another who has the key", stranger, wire.PathMailbox, wire.ClaimMailbox(post, stranger.org), 409},
		{"a piece of another size", ours, wire.PathMail, wire.Mail{Box: box, Piece: make([]byte, 100)}, 400},
		{"a claim of nothing", ours, wire.PathMailbox, wire.Claim{}, 400},
		{"too large", ours, wire.PathMail, wire.Mail{Box: box, Piece: make([]byte, 2*wire.MailPiece)}, 413},
		{"as it should be", ours, wire.PathMail, letter, 200},
	}
	for _, s := range steps {
		if got, _ := r.mailAt(t, s.who, "POST", s.path, s.message); got != s.want {
			t.Errorf("%s: %d, want %d", s.name, got, s.want)
		}
	}
	list := func(c *chain) wire.MailList {
		t.Helper()
		status, raw := r.mailAt(t, c, "GET", wire.PathMail, nil)
		var l wire.MailList
		if err := wire.Decode(raw, &l); status != 200 || err != nil {
			t.Fatalf("%d, %v", status, err)
		}
		return l
	}
	if n := len(list(stranger).IDs) + len(list(ours).IDs); n != 0 {
		t.Errorf("others see %d pieces", n)
	}
	l := list(theirs)
	if len(l.IDs) != 1 {
		t.Fatalf("%d pieces", len(l.IDs))
	}
	path := wire.PathMail + "?id=" + hexOf(l.IDs[0])
	if status, _ := r.mailAt(t, stranger, "GET", path, nil); status != 404 {
		t.Errorf("a stranger fetches it: %d", status)
	}
	other := seal.NewIdentity()
	forged := wire.TakeMail(other, theirs.org, l.IDs)
	forged.Verify = wire.TakeMail(post, theirs.org, nil).Verify
	for _, s := range []struct {
		name    string
		who     *chain
		path    string
		message any
		want    int
	}{
		{"dropped by a stranger", stranger, wire.PathMailDrop, wire.DropMail{IDs: l.IDs}, 200},
		{"taken by a stranger who has the key", stranger, wire.PathMailTaken, wire.TakeMail(post, stranger.org, l.IDs), 200},
		{"taken with what was signed for another", stranger, wire.PathMailTaken, wire.TakeMail(post, theirs.org, l.IDs), 400},
		{"dropped by a device of ours that shows no key", theirs, wire.PathMailDrop, wire.DropMail{IDs: l.IDs}, 200},
		{"taken by one that shows another key", theirs, wire.PathMailTaken, wire.TakeMail(other, theirs.org, l.IDs), 200},
		{"taken by one that forges", theirs, wire.PathMailTaken, forged, 400},
		{"taken with what was signed for less", theirs, wire.PathMailTaken, func() any {
			m := wire.TakeMail(post, theirs.org, nil)
			m.IDs = l.IDs
			return m
		}(), 400},
	} {
		if got, _ := r.mailAt(t, s.who, "POST", s.path, s.message); got != s.want {
			t.Errorf("%s: %d, want %d", s.name, got, s.want)
		}
		if status, raw := r.mailAt(t, theirs, "GET", path, nil); status != 200 || !bytes.Equal(raw, letter.Piece) {
			t.Errorf("%s: it is gone: %d", s.name, status)
		}
	}
	if got, _ := r.mailAt(t, theirs, "POST", wire.PathMailTaken, wire.TakeMail(post, theirs.org, l.IDs)); got != 200 {
		t.Errorf("taken: %d", got)
	}
	if status, _ := r.mailAt(t, theirs, "GET", path, nil); status != 404 {
		t.Errorf("after it was taken: %d", status)
	}
	if bytes.Contains(r.log.Bytes(), []byte(theirs.org.String())) {
		t.Error("the log names an organisation")
	}
}

func hexOf(id wire.MailID) string {
	const digits = "0123456789abcdef"
	var b []byte
	for _, x := range id {
		b = append(b, digits[x>>4], digits[x&15])
	}
	return string(b)
}

// storeMail: one organisation cannot fill another's mailbox for others, and what nobody fetches
// does not stay.
func storeMail(t *testing.T, store *hub.Store) {
	t.Helper()
	ctx := t.Context()
	flood, other, owner := newOrg(t, store), newOrg(t, store), newOrg(t, store)
	box := wire.MailboxOf(seal.NewIdentity().VerifyKey())
	if err := store.ClaimMailbox(ctx, owner.org, box); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	piece := wire.Mail{Box: box, Piece: []byte("p")}
	taken := 0
	for range 200 {
		if store.LeaveMail(ctx, flood.org, piece, now) == nil {
			taken++
		}
	}
	if taken != 128 {
		t.Errorf("%d pieces of one sender were taken", taken)
	}
	if err := store.LeaveMail(ctx, other.org, piece, now); err != nil {
		t.Errorf("another sender: %v", err)
	}
	ids, err := store.Mail(ctx, owner.org, now)
	if err != nil || len(ids) != 129 {
		t.Errorf("%d, %v", len(ids), err)
	}
	if err := store.DropMail(ctx, owner.org, ids[:1], now); err != nil { // by a device of the version before
		t.Error(err)
	}
	for i, day := range []int{6, 8} {
		if ids, err := store.Mail(ctx, owner.org, now.AddDate(0, 0, day)); err != nil || len(ids) != 129-i {
			t.Errorf("%d days after one was dropped without proof: %d, %v", day, len(ids), err)
		}
	}
	if ids, err = store.Mail(ctx, owner.org, now.AddDate(0, 0, 46)); err != nil || len(ids) != 0 {
		t.Errorf("after 46 days: %d, %v", len(ids), err)
	}
	for n := range 20 {
		err = store.ClaimMailbox(ctx, owner.org, wire.MailboxID{1, byte(n)})
	}
	if !errors.Is(err, amana.ErrConflict) {
		t.Errorf("mailboxes without end: %v", err)
	}
}
