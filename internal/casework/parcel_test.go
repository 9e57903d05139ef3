package casework_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/huridocs"
	"amana/internal/letter"
	"amana/internal/link"
	"amana/internal/release"
	"amana/internal/seal"
)

// packed are an organisation that documents, and a court with Amana, at one hub.
type packed struct {
	*house
	court   *casework.Desk
	partner casework.Partner
	keepers map[*casework.Desk]*link.Keeper
	hub     string
}

func newPacked(t *testing.T) *packed {
	t.Helper()
	p := &packed{house: newHouse(t), keepers: map[*casework.Desk]*link.Keeper{}}
	ctx := t.Context()
	o, err := casework.NewOffice(casework.Options{Dir: filepath.Join(t.TempDir(), "court"), Demo: true, Now: func() time.Time { return p.now }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Found(ctx, casework.NewOrganisation{
		Name: theCourt.Reveal(), Languages: []string{"en"}, Administrator: "Clerk", Passphrase: []byte(adminWords), Custodians: []string{"A", "B"}, Threshold: 2,
		Teams: []casework.NewTeam{{Name: "Registry", Compartment: amana.Accountability, Join: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.LockAll() })
	if p.court, err = o.Unlock(ctx, []byte(adminWords)); err != nil {
		t.Fatal(err)
	}
	built(t, p.court)
	for _, d := range []*casework.Desk{p.admin, p.court} {
		if err := d.OpenPost(ctx, d.Me().Teams[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	_, ours, _ := p.admin.Post()
	own, theirs, _ := p.court.Post()
	if err := errors.Join(p.admin.AddPartner(ctx, theirs), p.court.AddPartner(ctx, ours)); err != nil {
		t.Fatal(err)
	}
	p.partner = own
	invite, dir := mailHub(t)
	p.hub = dir
	for _, d := range []*casework.Desk{p.officer, p.court} {
		p.follow(t, d)
	}
	if err := errors.Join(p.admin.JoinHub(ctx, invite()), p.court.JoinHub(ctx, invite())); err != nil {
		t.Fatal(err)
	}
	p.exchange(t)
	return p
}

// follow makes a new keeper, as when the program was started again.
func (p *packed) follow(t *testing.T, d *casework.Desk) {
	t.Helper()
	k := link.NewKeeper(t.Context(), func() time.Time { return p.now }, slog.New(slog.DiscardHandler))
	k.Posts(d.Session(), d)
	p.keepers[d] = k
}

// exchange lets both exchange until all has gone there and back.
func (p *packed) exchange(t *testing.T) {
	t.Helper()
	for range 3 {
		carried(t, p.keepers[p.court], p.court)
		carried(t, p.keepers[p.officer], p.officer)
	}
}

// clear lets one account leave for the court, on a condition.
func (p *packed) clear(t *testing.T) (account amana.RecordID, c release.Cleared) {
	t.Helper()
	account = p.people(t, 1)[0]
	p.now = p.now.Add(time.Minute)
	a := answer(amana.PurposeAccountability, theCourt, amana.Granted)
	a.Conditions, a.Until = amana.Conceal("not before the rains"), "2026-12-31"
	if err := p.admin.AnswerAccount(t.Context(), account, a); err != nil {
		t.Fatal(err)
	}
	ask := toCourt(account)
	ask.Met = []amana.Private{amana.Conceal("not before the rains")}
	c, err := p.officer.Clear(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	return account, c
}

func (p *packed) row(t *testing.T, id amana.RecordID) *casework.SentPackage {
	t.Helper()
	row, err := p.officer.LedgerEntry(t.Context(), id)
	if err != nil || row.Package == nil {
		t.Fatalf("not sent: %v", err)
	}
	return row.Package
}

func (p *packed) came(t *testing.T) casework.Package {
	t.Helper()
	list, err := p.court.Packages(t.Context())
	if err != nil || len(list) == 0 {
		t.Fatalf("%d packages came, %v", len(list), err)
	}
	return list[0] // the newest
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestPackage(t *testing.T) {
	p := newPacked(t)
	for _, one := range []struct {
		name string
		test func(*testing.T, *packed)
	}{
		{"only to whom it was cleared", testOnlyToWhomItWasCleared},
		{"taken back before it left", testTakenBackBeforeItLeft},
		{"there, and taken back", testThereAndTakenBack},
		{"signed by whom", testSignedByWhom},
		{"of an unknown sender", testOfAnUnknownSenderWaits},
	} {
		t.Run(one.name, func(t *testing.T) { one.test(t, p) })
	}
}

// What was released to a partner goes there through the hub in parts, on across a restart
// of the program in the middle; it is there with where from it is and on what conditions,
// byte for byte; that it came stands in the ledger. What she takes back then is told to the
// partner, whose page shows it, and whose answer comes back.
func testThereAndTakenBack(t *testing.T, p *packed) {
	ctx := t.Context()
	account, c := p.clear(t)
	content := append([]byte(canaryWords), noise(9<<20)...) // more than a mailbox has room for from one sender
	if err := p.officer.SendPackage(ctx, c, p.partner.ID, bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, p.officer.SendPackage(ctx, c, p.partner.ID, bytes.NewReader(content), 9), "parcel.twice")
	if steps := p.row(t, c.ID()); steps.Is("handed") {
		t.Error("handed before any exchange")
	}
	for range 2 {
		carried(t, p.keepers[p.officer], p.officer)
		carried(t, p.keepers[p.court], p.court)
	}
	if s := p.row(t, c.ID()); !s.Is("handed") || s.Is("sent") {
		t.Errorf("the first exchanges: %v", s.Steps)
	}
	half := p.came(t)
	if half.Here || half.Got == 0 || half.Got >= half.Of {
		t.Fatalf("in the middle: %d of %d", half.Got, half.Of)
	}
	if _, _, _, err := p.court.OpenPackage(ctx, half.ID); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("half of it can be opened: %v", err)
	}
	p.follow(t, p.officer)
	p.follow(t, p.court)
	p.exchange(t)
	got := p.came(t)
	if !got.Here || !got.Arrived || !got.Known || got.From.Name != "House" || got.About.Purpose != amana.PurposeAccountability || got.About.Until != "2026-12-31" ||
		len(got.About.Conditions) != 1 || got.About.Conditions[0].Reveal() != "not before the rains" || got.About.Size != int64(len(content)) {
		t.Errorf("what came: %+v", got)
	}
	r, size, done, err := p.court.OpenPackage(ctx, got.ID)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if done(); err != nil || !bytes.Equal(raw, content) {
		t.Errorf("what came is not what was sent: %d bytes, %v", len(raw), err)
	}
	if s := p.row(t, c.ID()); !s.Is("reached") || !s.Is("asked") || !s.Is("sent") || !s.Is("arrived") || s.Asked != 1 {
		t.Errorf("in the ledger: %v, asked %d times", s.Steps, s.Asked)
	}
	p.hubKnowsNothing(t)

	p.now = p.now.Add(time.Hour)
	if err := p.admin.AnswerAccount(ctx, account, answer(amana.PurposeAccountability, theCourt, amana.Withdrawn)); err != nil {
		t.Fatal(err)
	}
	p.exchange(t)
	got = p.came(t)
	if got.Back != "withdrawn" || got.BackOn != p.now.Format(time.DateOnly) {
		t.Errorf("the notice: %q since %q", got.Back, got.BackOn)
	}
	if _, _, _, err := p.court.OpenPackage(ctx, got.ID); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("handed out after it was taken back: %v", err)
	}
	if s := p.row(t, c.ID()); !s.Is("recalled") || !s.Is("noticed") {
		t.Errorf("in the ledger: %v", s.Steps)
	}
	recalls, err := p.officer.Recalls(ctx)
	if err != nil || slices.ContainsFunc(recalls, func(r casework.Recall) bool { return r.Row.ID == c.ID() }) {
		t.Errorf("the court is still to be told, %v", err)
	}
	if err := p.court.KeepPackage(ctx, got.ID, "law"); err != nil {
		t.Fatal(err)
	}
	p.exchange(t)
	if s := p.row(t, c.ID()); !s.Is("kept") || s.Reason != "law" {
		t.Errorf("in the ledger: %v, %q", s.Steps, s.Reason)
	}
	if err := p.court.GiveUpPackage(ctx, got.ID); err != nil {
		t.Fatal(err)
	}
	p.exchange(t)
	if got = p.came(t); !got.Gone || got.Here {
		t.Errorf("after it was given up: %+v", got)
	}
	steps := len(p.row(t, c.ID()).Steps)
	p.exchange(t)
	if s := p.row(t, c.ID()); !s.Is("destroyed") || len(s.Steps) != steps {
		t.Errorf("in the ledger: %v", s.Steps)
	}
	if left, err := p.admin.LeftOfAccount(ctx, account); err != nil || len(left.Releases) != 1 || left.Packages[c.ID()] == nil || !left.Packages[c.ID()].Is("destroyed") {
		t.Errorf("what ever left about her: %+v, %v", left, err)
	}
}

func (p *packed) hubKnowsNothing(t *testing.T) {
	t.Helper()
	for _, name := range []string{"hub.db", "hub.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(p.hub, name))
		if err != nil {
			continue
		}
		for _, word := range []string{canaryWords, "amana/letter/1", "rains", "accountability", "package", huridocs.Format, theCourt.Reveal()} {
			if strings.Contains(string(raw), word) {
				t.Errorf("the hub has %q", word)
			}
		}
	}
}

// What is taken back before it left does not leave, and nothing of it is left waiting.
func testTakenBackBeforeItLeft(t *testing.T, p *packed) {
	account, c := p.clear(t)
	if err := p.officer.SendPackage(t.Context(), c, p.partner.ID, strings.NewReader("words"), 5); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(time.Hour)
	if err := p.admin.AnswerAccount(t.Context(), account, answer(amana.PurposeAccountability, theCourt, amana.Withdrawn)); err != nil {
		t.Fatal(err)
	}
	p.exchange(t)
	if s := p.row(t, c.ID()); !s.Is("unsent") || s.Is("handed") {
		t.Errorf("in the ledger: %v", s.Steps)
	}
	if list, err := p.court.Packages(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%d came, %v", len(list), err)
	}
}

// A package goes to the recipient whom the gate cleared, to nobody else, and not any more
// once an answer was withdrawn.
func testOnlyToWhomItWasCleared(t *testing.T, p *packed) {
	ctx := t.Context()
	account, c := p.clear(t)
	if list := p.officer.PartnersFor(c.Recipient()); len(list) != 1 || list[0].ID != p.partner.ID {
		t.Errorf("for the court: %v", list)
	}
	if list := p.officer.PartnersFor(amana.Conceal("Another court")); len(list) != 0 {
		t.Errorf("for another: %v", list)
	}
	if list := p.officer.PartnersFor(amana.Private{}); len(list) != 0 {
		t.Errorf("for everybody: %v", list)
	}
	if err := p.officer.SendPackage(ctx, release.Cleared{}, p.partner.ID, strings.NewReader("x"), 1); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("what was not cleared: %v", err)
	}
	p.now = p.now.Add(time.Hour)
	if err := p.admin.AnswerAccount(ctx, account, answer(amana.PurposeAccountability, theCourt, amana.Withdrawn)); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, p.officer.SendPackage(ctx, c, p.partner.ID, strings.NewReader("x"), 1), "parcel.withdrawn")
}

// Whose card nobody compared sends no bytes before somebody here wants them.
func testOfAnUnknownSenderWaits(t *testing.T, p *packed) {
	ctx := t.Context()
	for _, one := range p.court.Partners() {
		if err := p.court.RemovePartner(ctx, one.ID); err != nil {
			t.Fatal(err)
		}
	}
	_, c := p.clear(t)
	if err := p.officer.SendPackage(ctx, c, p.partner.ID, strings.NewReader("words"), 5); err != nil {
		t.Fatal(err)
	}
	p.exchange(t)
	got := p.came(t)
	if got.Known || got.Wanted || got.Got != 0 || p.row(t, c.ID()).Is("asked") {
		t.Errorf("%+v", got)
	}
	if err := p.court.WantPackage(ctx, got.ID); err != nil {
		t.Fatal(err)
	}
	p.exchange(t)
	if got = p.came(t); !got.Here || !got.Arrived {
		t.Errorf("when it was asked for: %+v", got)
	}
}

// A dossier is a partner's where a letter of theirs says that its key is theirs, and it says
// itself that it is theirs; every other one is kept, and is not taken for theirs.
func testSignedByWhom(t *testing.T, p *packed) {
	ctx := t.Context()
	p.now = p.now.Add(time.Minute)
	_, c := p.clear(t)
	key, stranger := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	if err := p.officer.SendSigned(ctx, c, p.partner.ID, key, []byte("a dossier")); err != nil {
		t.Fatal(err)
	}
	p.exchange(t)
	got := p.came(t)
	if got.About.Signer != key {
		t.Fatalf("the letter does not say who signed it: %+v", got.About)
	}
	house := p.officer.Organisation().ID.String()
	unsaid, unknown := got, got
	unsaid.About.Signer, unknown.Known = "", false
	whose := func(what string, pkg casework.Package, key, org string, want casework.KeyOwner) {
		t.Helper()
		if got, err := p.court.KeyOwner(ctx, pkg, key, org); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", what, got, err, want)
		}
	}
	whose("as the letter says", got, key, house, casework.KeyOfPartner)
	whose("by another key", got, stranger, house, casework.KeyOfSomebody)
	whose("of another organisation", got, key, amana.OrgID{9}.String(), casework.KeyOfSomebody)
	whose("a letter that says none, of a key that one said before", unsaid, key, house, casework.KeyOfPartner)
	whose("a letter that says none", unsaid, stranger, house, casework.KeyUnsaid)
	whose("of nobody who was compared", unknown, key, house, casework.KeyUnknown)
	keys := seal.NewIdentity()
	other := letter.Card{Org: amana.OrgID{5}, Name: "Somebody else", Post: letter.PostID{5}, Verify: keys.VerifyKey(), Box: keys.BoxKey()}
	if err := errors.Join(p.court.AddPartner(ctx, other.Bytes()), p.court.PackageOf(ctx, other, key)); err != nil {
		t.Fatal(err)
	}
	whose("of a key that another partner says is theirs", got, key, house, casework.KeyOfAnother)
}
