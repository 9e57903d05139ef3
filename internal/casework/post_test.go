package casework_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/referral"
)

// partner is another organisation, with a post box, that has our card and we theirs.
type correspondents struct {
	ours, theirs         *casework.Desk
	ourOffice            *office
	theirOffice          *office
	ourCard, theirCard   []byte
	caseID, referral     amana.RecordID
	theirPartner, ourOwn casework.Partner
}

func correspond(t *testing.T) *correspondents {
	t.Helper()
	a, b := newOffice(t), newOffice(t)
	c := &correspondents{ours: a.unlock(t, adminWords), theirs: b.unlock(t, adminWords), ourOffice: a, theirOffice: b}
	ctx := t.Context()
	for _, d := range []*casework.Desk{c.ours, c.theirs} {
		if _, _, there := d.Post(); there {
			t.Fatal("there is a post box before anybody opened one")
		}
		if err := d.OpenPost(ctx, d.Me().Teams[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	c.ourOwn, c.ourCard, _ = c.ours.Post()
	c.theirPartner, c.theirCard, _ = c.theirs.Post()
	looked, err := c.ours.LookAtCard(c.theirCard)
	if err != nil || !slices.Equal(looked.Fingerprint, c.theirPartner.Fingerprint) {
		t.Fatalf("the words that two people compare differ: %v", err)
	}
	if _, err := c.ours.LookAtCard(c.ourCard); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("our own card as a partner's: %v", err)
	}
	if err := c.ours.AddPartner(ctx, c.theirCard); err != nil {
		t.Fatal(err)
	}
	in := intake(c.ours.Me().Teams[0].ID)
	in.Case["age"] = event.Int(23)
	if c.caseID, err = c.ours.OpenCase(ctx, in); err != nil {
		t.Fatal(err)
	}
	c.propose(t, c.theirPartner.Name)
	return c
}

func (c *correspondents) propose(t *testing.T, recipient string) {
	t.Helper()
	var err error
	c.referral, err = c.ours.ProposeReferral(t.Context(), c.caseID, casework.NewReferral{Service: "health_medical_service", Name: amana.Conceal(recipient)})
	if err != nil {
		t.Fatal(err)
	}
	err = c.ours.AgreeReferral(t.Context(), c.caseID, c.referral, casework.Agreement{
		Decision: amana.Granted, Items: []referral.Item{referral.ItemAgeBand, referral.ItemSex},
		Consent: casework.Consent{GivenBy: "self", How: "spoken"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (c *correspondents) send(t *testing.T) []byte {
	t.Helper()
	if _, err := c.ours.SendReferral(t.Context(), c.caseID, c.referral, casework.Dispatch{Channel: referral.AmanaFile, Partner: c.theirPartner.ID}); err != nil {
		t.Fatal(err)
	}
	file, err := c.ours.ReferralLetter(t.Context(), c.caseID, c.referral)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A referral to a partner with Amana, there and back: only what she agreed to
// arrives, the answer closes the loop.
func TestPost_thereAndBack(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	file := c.send(t)
	for _, word := range []string{"Aïssata", "Exemple", "female", "18_25", "Clinic"} {
		if bytes.Contains(file, []byte(word)) {
			t.Errorf("the file says %q to whoever carries it", word)
		}
	}
	came, err := c.theirs.TakeLetter(ctx, file)
	if err != nil || came.Letter.IsZero() {
		t.Fatalf("%+v, %v", came, err)
	}
	l, err := c.theirs.ReadLetter(ctx, came.Letter)
	if err != nil || l.Known || l.From.Name != "Clinic" || !slices.Equal(l.From.Fingerprint, c.ourOwn.Fingerprint) {
		t.Fatalf("%+v, %v", l, err)
	}
	var items []string
	for _, line := range l.Referral.Lines {
		items = append(items, string(line.Item)+"="+line.Option+line.Words.Reveal())
	}
	if want := []string{"service=health_medical_service", "age_band=18_25", "sex=female"}; !slices.Equal(items, want) {
		t.Errorf("what arrived: %v, want %v", items, want)
	}
	again, err := c.ours.ReferralLetter(ctx, c.caseID, c.referral) // the stick was lost
	if err != nil {
		t.Fatal(err)
	}
	if twice, err := c.theirs.TakeLetter(ctx, again); err != nil || twice.Letter != came.Letter {
		t.Errorf("the same letter twice is two: %v", err)
	}
	if _, err := c.theirs.AnswerFile(ctx, came.Letter); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("an answer before there is one: %v", err)
	}
	var fields casework.FieldErrors
	if err := c.theirs.AnswerLetter(ctx, came.Letter, referral.Reply{State: referral.Declined}); !errors.As(err, &fields) {
		t.Errorf("declined without a reason: %v", err)
	}
	for _, reply := range []referral.Reply{{State: referral.Acknowledged}, {State: referral.Declined, Reason: "no_capacity"}} {
		if err := c.theirs.AnswerLetter(ctx, came.Letter, reply); err != nil {
			t.Fatal(err)
		}
		answer, err := c.theirs.AnswerFile(ctx, came.Letter)
		if err != nil {
			t.Fatal(err)
		}
		back, err := c.ours.TakeLetter(ctx, answer)
		if err != nil || back.Referral != c.referral || back.Case != c.caseID {
			t.Fatalf("%+v, %v", back, err)
		}
		if _, err := c.ours.TakeLetter(ctx, answer); !errors.Is(err, amana.ErrConflict) {
			t.Errorf("the same answer twice: %v", err)
		}
	}
	f, err := c.ours.ReadReferral(ctx, c.caseID, c.referral)
	if last, _ := f.Course.Last(); err != nil || f.Course.State != referral.Declined || last.Reason != "no_capacity" {
		t.Errorf("%s, %v", f.Course.State, err)
	}
}

// What she withdrew since is sealed to nobody, also where it was noted as sent.
func TestPost_nothingIsSealedAfterSheWithdrew(t *testing.T) {
	c := correspond(t)
	c.send(t)
	if err := c.ours.SetConsent(t.Context(), c.caseID, []casework.Consent{
		{Purpose: amana.PurposeReferral, Recipient: amana.Conceal(c.theirPartner.Name), Decision: amana.Withdrawn},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ours.ReferralLetter(t.Context(), c.caseID, c.referral); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("sealed after she withdrew: %v", err)
	}
}

func TestPost_refuses(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	var fields casework.FieldErrors
	_, err := c.ours.SendReferral(ctx, c.caseID, c.referral, casework.Dispatch{Channel: referral.AmanaFile, Partner: amana.RecordID{1}})
	if !errors.As(err, &fields) || fields["partner"] != "post.partner.none" {
		t.Errorf("to a partner without a card: %v", err)
	}
	c.propose(t, "Une autre clinique")
	_, err = c.ours.SendReferral(ctx, c.caseID, c.referral, casework.Dispatch{Channel: referral.AmanaFile, Partner: c.theirPartner.ID})
	if !errors.As(err, &fields) || fields["partner"] != "post.partner.other" {
		t.Errorf("to another than she agreed to: %v", err)
	}
	c.propose(t, c.theirPartner.Name)
	file := c.send(t)
	if _, err := c.ours.TakeLetter(ctx, file); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("opened by who wrote it: %v", err)
	}
	bad := slices.Clone(file)
	bad[len(bad)-1] ^= 1
	if _, err := c.theirs.TakeLetter(ctx, bad); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("changed on the way: %v", err)
	}
	if _, err := c.theirs.TakeLetter(ctx, []byte("x")); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("no letter: %v", err)
	}
	if err := c.ours.RemovePartner(ctx, c.theirPartner.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ours.ReferralLetter(ctx, c.caseID, c.referral); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("to a partner who was taken out: %v", err)
	}
}

// Only the team that holds the post box opens what comes, and only who administers
// or supervises it opens one or takes a card in.
func TestPost_whoMay(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	file := c.send(t)
	came, err := c.theirs.TakeLetter(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := c.theirs.Letters(ctx); err != nil || len(l) != 1 || l[0].ID != came.Letter {
		t.Errorf("%d letters, %v", len(l), err)
	}
	_, words, err := c.ours.AddMember(ctx, casework.NewMember{Name: "Autre", Roles: []amana.Role{amana.RoleCaseworker}})
	if err != nil {
		t.Fatal(err)
	}
	other := c.ourOffice.unlock(t, words)
	if err := other.AddPartner(ctx, c.theirCard); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a caseworker takes a card in: %v", err)
	}
	if err := other.OpenPost(ctx, c.ours.Me().Teams[0].ID); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a caseworker opens a post box: %v", err)
	}
	own, err := c.ours.Session().Charter()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Session().PostKey(ctx, own.Posts()[0].ID); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("the key of a post box, by somebody of another team: %v", err)
	}
	if _, err := c.ours.Session().PostKey(ctx, own.Posts()[0].ID); err != nil {
		t.Errorf("the key of a post box, by its team: %v", err)
	}
}

// Hours go on running while a letter is carried.
func TestArrived_hoursGoOn(t *testing.T) {
	a := referral.Arrived{When: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Lines: []referral.Line{{Item: referral.ItemWindows, Hours: []referral.HoursLeft{{ID: "hiv_pep", Hours: 30}}}}}
	for hours, want := range map[int]int{0: 30, 5: 25, 40: 0} {
		if got := a.Left(a.When.Add(time.Duration(hours) * time.Hour))[0].Hours; got != want {
			t.Errorf("after %d hours: %d left, want %d", hours, got, want)
		}
	}
}

// Whoever leaves letter after letter at the hub, each by another name, does not fill the
// devices: what is too much stays there, and what somebody brings is taken all the same.
func TestPost_aFloodStaysAtTheHub(t *testing.T) {
	c := correspond(t)
	file := c.send(t)
	taken, err := c.theirs.FloodWith(t.Context(), file, 60)
	if taken != 50 || !errors.Is(err, amana.ErrRefused) {
		t.Errorf("%d were taken: %v", taken, err)
	}
	if _, err := c.theirs.TakeLetter(t.Context(), file); err != nil {
		t.Errorf("by hand: %v", err)
	}
	c.theirOffice.now = c.theirOffice.now.Add(25 * time.Hour)
	if taken, err := c.theirs.FloodWith(t.Context(), file, 1); taken != 1 {
		t.Errorf("a day later: %v", err)
	}
}

// A case begins with what she let a partner share, and with no consent: what she said yes
// to there was this help. A letter belongs to one case, which shows it; one that is there
// is found by its code, and nothing else of it changes.
func TestPost_aCaseBeginsWithALetter(t *testing.T) {
	c := correspond(t)
	ctx := t.Context()
	came, err := c.theirs.TakeLetter(ctx, c.send(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.theirs.ReadLetter(ctx, came.Letter)
	if err != nil {
		t.Fatal(err)
	}
	shared := l.Shared()
	if len(shared) != 1 || shared["sex"].Reveal() != "female" {
		t.Errorf("what fields begin with: %v", len(shared))
	}
	if not := l.NotShared(); slices.Contains(not, referral.ItemSex) || !slices.Contains(not, referral.ItemName) || !slices.Contains(not, referral.ItemBirth) {
		t.Errorf("not shared: %v", not)
	}
	in := casework.Intake{Team: c.theirs.Me().Teams[0].ID, Case: shared}
	id, err := c.theirs.OpenCaseFrom(ctx, in, came.Letter)
	if err != nil {
		t.Fatal(err)
	}
	file, err := c.theirs.ReadCase(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range file.Consents {
		if answer.Decision != amana.NotAsked {
			t.Errorf("%s is %s, and nobody asked", answer.Purpose, answer.Decision)
		}
	}
	if list, err := c.theirs.LettersOf(ctx, id); err != nil || len(list) != 1 || list[0].ID != came.Letter {
		t.Errorf("letters of the case: %d, %v", len(list), err)
	}
	if _, err := c.theirs.OpenCaseFrom(ctx, in, came.Letter); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("a second case of one letter: %v", err)
	}
	if _, err := c.theirs.LinkLetter(ctx, came.Letter, file.Code); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("linked twice: %v", err)
	}
	c.propose(t, c.theirPartner.Name)
	second, err := c.theirs.TakeLetter(ctx, c.send(t))
	if err != nil {
		t.Fatal(err)
	}
	var fields casework.FieldErrors
	for _, code := range []string{"", "nonsense", "AAAA-AAAA"} {
		if _, err := c.theirs.LinkLetter(ctx, second.Letter, code); !errors.As(err, &fields) || fields["code"] == "" {
			t.Errorf("by the code %q: %v", code, err)
		}
	}
	if to, err := c.theirs.LinkLetter(ctx, second.Letter, " "+file.Code); err != nil || to != id {
		t.Errorf("by its code: %v, %v", to, err)
	}
	if list, err := c.theirs.LettersOf(ctx, id); err != nil || len(list) != 2 {
		t.Errorf("%d letters of the case, %v", len(list), err)
	}
}
