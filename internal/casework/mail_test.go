package casework_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amana/internal/casework"
	"amana/internal/hub/hubtest"
	"amana/internal/hub/wire"
	"amana/internal/link"
	"amana/internal/referral"
)

// mailHub is a hub on SQLite; it returns a way to invite, and its folder.
func mailHub(t *testing.T) (invite func() string, dir string) {
	t.Helper()
	h := hubtest.Run(t, hubtest.Config{Hold: 50 * time.Millisecond})
	return func() string { return h.Invite(t).String() }, h.Where
}

// carried exchanges for a desk, as often as it takes to be done.
func carried(t *testing.T, k *link.Keeper, d *casework.Desk) {
	t.Helper()
	for range 2 { // what came is answered by the second
		if err := k.Exchange(t.Context(), d.Session()); err != nil {
			t.Fatal(err)
		}
	}
}

// A referral to a partner goes there, is said to have come, and its answer comes back,
// with nobody carrying anything; the hub sees none of it.
func TestMail_thereAndBackByItself(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	invite, dir := mailHub(t)
	keepers := map[*casework.Desk]*link.Keeper{}
	for _, d := range []*casework.Desk{c.ours, c.theirs} {
		k := link.NewKeeper(ctx, func() time.Time { return c.ourOffice.now }, slog.New(slog.DiscardHandler))
		k.Posts(d.Session(), d)
		keepers[d] = k
		if err := d.JoinHub(ctx, invite()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.ours.SendReferral(ctx, c.caseID, c.referral, casework.Dispatch{Channel: referral.AmanaFile, Partner: c.theirPartner.ID}); err != nil {
		t.Fatal(err)
	}
	read := func() casework.Referral {
		t.Helper()
		f, err := c.ours.ReadReferral(ctx, c.caseID, c.referral)
		if err != nil {
			t.Fatal(err)
		}
		return f.Referral
	}
	carried(t, keepers[c.ours], c.ours)
	if r := read(); !r.Posted.IsZero() || r.Arrived != "" {
		t.Errorf("before the partner is at the hub: %+v", r)
	}
	carried(t, keepers[c.theirs], c.theirs) // the mailbox is there from now on
	again := link.NewKeeper(ctx, func() time.Time { return c.ourOffice.now }, slog.New(slog.DiscardHandler))
	again.Posts(c.ours.Session(), c.ours) // the program was started again meanwhile
	keepers[c.ours] = again
	carried(t, again, c.ours)
	if r := read(); r.Posted != c.theirPartner.ID || r.PostedOn == "" || r.Arrived != "" {
		t.Errorf("when the hub has it: posted %v on %q, arrived %q", r.Posted, r.PostedOn, r.Arrived)
	}
	carried(t, keepers[c.theirs], c.theirs)
	letters, err := c.theirs.Letters(ctx)
	if err != nil || len(letters) != 1 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	carried(t, again, c.ours)
	if r := read(); r.Arrived == "" || r.Course.State != referral.Sent {
		t.Errorf("when they have it: arrived %q, %s", r.Arrived, r.Course.State)
	}
	if err := c.theirs.AnswerLetter(ctx, letters[0].ID, referral.Reply{State: referral.Accepted}); err != nil {
		t.Fatal(err)
	}
	carried(t, keepers[c.theirs], c.theirs)
	carried(t, again, c.ours)
	if r := read(); r.Course.State != referral.Accepted {
		t.Errorf("when they answered: %s", r.Course.State)
	}
	steps := len(read().Course.Steps)
	for range 2 { // nothing is done twice
		carried(t, keepers[c.theirs], c.theirs)
		carried(t, again, c.ours)
	}
	if letters, _ = c.theirs.Letters(ctx); len(letters) != 1 || len(read().Course.Steps) != steps {
		t.Errorf("%d letters and %d steps after more exchanges", len(letters), len(read().Course.Steps))
	}
	for _, name := range []string{"hub.db", "hub.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		for _, word := range []string{"amana/letter/1", "accepted", "female", "Clinic", "referral"} {
			if strings.Contains(string(raw), word) {
				t.Errorf("the hub has %q", word)
			}
		}
	}
}

// What she withdrew before it left does not leave, also where it leaves by itself.
func TestMail_nothingLeavesAfterSheWithdrew(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	invite, _ := mailHub(t)
	ours := link.NewKeeper(ctx, func() time.Time { return c.ourOffice.now }, slog.New(slog.DiscardHandler))
	theirs := link.NewKeeper(ctx, func() time.Time { return c.ourOffice.now }, slog.New(slog.DiscardHandler))
	ours.Posts(c.ours.Session(), c.ours)
	theirs.Posts(c.theirs.Session(), c.theirs)
	for _, d := range []*casework.Desk{c.ours, c.theirs} {
		if err := d.JoinHub(ctx, invite()); err != nil {
			t.Fatal(err)
		}
	}
	carried(t, theirs, c.theirs)
	if _, err := c.ours.SendReferral(ctx, c.caseID, c.referral, casework.Dispatch{Channel: referral.AmanaFile, Partner: c.theirPartner.ID}); err != nil {
		t.Fatal(err)
	}
	if err := c.ours.StepReferral(ctx, c.caseID, c.referral, casework.ReferralStep{State: referral.Withdrawn, Reason: "she_decided"}); err != nil {
		t.Fatal(err)
	}
	carried(t, ours, c.ours)
	carried(t, theirs, c.theirs)
	if letters, err := c.theirs.Letters(ctx); err != nil || len(letters) != 0 {
		t.Errorf("%d letters arrived, %v", len(letters), err)
	}
}

// A referral that was destroyed at the hub, by it or by a device of the partner, goes again
// some days later; one that is known to have come does not.
func TestMail_whatWasDestroyedGoesAgain(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	hub := hubtest.Run(t, hubtest.Config{})
	ours := link.NewKeeper(ctx, func() time.Time { return c.ourOffice.now }, slog.New(slog.DiscardHandler))
	theirs := link.NewKeeper(ctx, func() time.Time { return c.ourOffice.now }, slog.New(slog.DiscardHandler))
	ours.Posts(c.ours.Session(), c.ours)
	theirs.Posts(c.theirs.Session(), c.theirs)
	for _, d := range []*casework.Desk{c.ours, c.theirs} {
		if err := d.JoinHub(ctx, hub.Invite(t).String()); err != nil {
			t.Fatal(err)
		}
	}
	carried(t, theirs, c.theirs)
	if _, err := c.ours.SendReferral(ctx, c.caseID, c.referral, casework.Dispatch{Channel: referral.AmanaFile, Partner: c.theirPartner.ID}); err != nil {
		t.Fatal(err)
	}
	org := c.theirs.Session().Organisation()
	boxes, err := c.theirs.PostBoxes(ctx)
	if err != nil || len(boxes) != 1 {
		t.Fatal(len(boxes), err)
	}
	began := c.ourOffice.now
	atTheHub := func(day, want int) []wire.MailID {
		t.Helper()
		c.ourOffice.now = began.AddDate(0, 0, day)
		carried(t, ours, c.ours)
		ids, err := hub.Store.Mail(ctx, org, time.Now())
		if err != nil || len(ids) != want {
			t.Fatalf("day %d: %d pieces wait at the hub, %v; want %d", day, len(ids), err, want)
		}
		return ids
	}
	gone := atTheHub(0, 1)
	if err := hub.Store.TakeMail(ctx, org, wire.MailboxOf(boxes[0].VerifyKey()), gone); err != nil {
		t.Fatal(err)
	}
	atTheHub(0, 0)
	atTheHub(3, 0)
	atTheHub(5, 1)
	atTheHub(6, 1) // it was handed over yesterday
	carried(t, theirs, c.theirs)
	if letters, err := c.theirs.Letters(ctx); err != nil || len(letters) != 1 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
	atTheHub(6, 0)
	if f, err := c.ours.ReadReferral(ctx, c.caseID, c.referral); err != nil || f.Arrived == "" {
		t.Errorf("arrived %q, %v", f.Arrived, err)
	}
	atTheHub(20, 0)
}
