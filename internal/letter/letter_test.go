package letter_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/letter"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/seal"
)

// post is an invented post box: its keys follow from one byte.
func post(t testing.TB, n byte) (seal.Identity, letter.Card) {
	t.Helper()
	id, err := seal.ImportIdentity(bytes.Repeat([]byte{n}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return id, letter.Card{
		Org: amana.OrgID{0: n, 15: n}, Name: "Clinique inventée", Post: letter.PostID{0: n, 7: n}, Verify: id.VerifyKey(), Box: id.BoxKey(),
	}
}

// silent is a ledger that keeps nothing.
type silent struct{}

func (silent) Enter(context.Context, release.Entry) error         { return nil }
func (silent) Stop(context.Context, amana.RecordID, string) error { return nil }
func (silent) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

// cleared is something that the gate let leave to a recipient.
func cleared(t testing.TB, recipient string) release.Cleared {
	t.Helper()
	whom := amana.Conceal(recipient)
	g := release.Gate{Now: func() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) }, Ledger: silent{}}
	yes := record.ConsentState{Consented: event.Consented{Purpose: amana.PurposeReferral, Recipient: whom, Decision: amana.Granted}}
	c, err := g.Clear(context.Background(), release.Request{
		ID: amana.RecordID{1}, By: release.By{Roles: []amana.Role{amana.RoleCaseworker}}, Purpose: amana.PurposeReferral, Recipient: whom, Format: "test",
		Records: func(context.Context) ([]release.Record, error) {
			return []release.Record{{
				ID: amana.RecordID{1}, Consents: release.Consents{States: []record.ConsentState{yes}},
				Fields: []release.Field{{Name: "code", Class: release.Coded, Value: event.Text("x")}},
			}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sealTo seals the content of l to whom a card is of.
func sealTo(t testing.TB, sender seal.Identity, to letter.Card, l letter.Letter) ([]byte, error) {
	t.Helper()
	return letter.Seal(sender, to, l, cleared(t, to.Name), func(release.Cleared) ([]byte, error) { return l.Content, nil })
}

// A letter about somebody takes what the gate cleared for the organisation of the card.
func TestSeal_onlyWhatWasClearedForThisOne(t *testing.T) {
	a, fromA := post(t, 1)
	_, toB := post(t, 2)
	content := func(release.Cleared) ([]byte, error) { return []byte("{}"), nil }
	for name, c := range map[string]release.Cleared{"nothing": {}, "somebody else": cleared(t, "Une autre clinique")} {
		if _, err := letter.Seal(a, toB, sample(fromA), c, content); !errors.Is(err, amana.ErrRefused) {
			t.Errorf("cleared for %s: %v", name, err)
		}
	}
	nameless := toB
	nameless.Name = ""
	if nameless.Is(amana.Private{}) {
		t.Error("a card without a name is of the public")
	}
	l := sample(fromA)
	if _, err := letter.SealAnswer(a, toB, l); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("a referral as an answer: %v", err)
	}
	l.About = letter.Answer
	if _, err := letter.SealAnswer(a, toB, l); err != nil {
		t.Error(err)
	}
	l.ReplyTo = letter.ID{}
	if _, err := letter.SealAnswer(a, toB, l); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("an answer to nothing: %v", err)
	}
}

func sample(from letter.Card) letter.Letter {
	return letter.Letter{
		ID: letter.ID{1, 2, 3}, From: from, About: letter.Referral, ReplyTo: letter.ID{9},
		Sent: time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC), Content: []byte(`{"v":1}`),
	}
}

func TestLetter_opensForItsPostBoxAlone(t *testing.T) {
	a, fromA := post(t, 1)
	b, toB := post(t, 2)
	file, err := sealTo(t, a, toB, sample(fromA))
	if err != nil {
		t.Fatal(err)
	}
	got, err := letter.Open(b, file)
	if err != nil || string(got.Content) != `{"v":1}` || got.From != fromA || got.ID != (letter.ID{1, 2, 3}) || got.ReplyTo != (letter.ID{9}) ||
		got.About != letter.Referral || got.To != toB.Post || got.ToOrg != toB.Org || !got.Sent.Equal(sample(fromA).Sent) {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := letter.Open(a, file); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("opened by another post box: %v", err)
	}
	if bytes.Contains(file, fromA.Org[:]) || bytes.Contains(file, []byte("Clinique")) || bytes.Contains(file, []byte("referral")) {
		t.Error("the outside tells from whom it is, or what it is about")
	}
}

func TestOpen_refusesEveryChangedByteAndCut(t *testing.T) {
	a, fromA := post(t, 1)
	b, toB := post(t, 2)
	file, err := sealTo(t, a, toB, sample(fromA))
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		bad := slices.Clone(file)
		bad[i] ^= 1
		if _, err := letter.Open(b, bad); !errors.Is(err, amana.ErrTampered) && !errors.Is(err, amana.ErrInvalid) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := letter.Open(b, file[:i]); err == nil {
			t.Fatalf("cut to %d bytes: opens", i)
		}
	}
	if _, err := letter.Open(b, append(slices.Clone(file), 0)); err == nil {
		t.Error("with a byte more: opens")
	}
}

// Whoever holds a letter cannot pass it on as one for somebody else, and nobody can
// write in another's name.
func TestOpen_refusesAnotherSenderAndAnotherReader(t *testing.T) {
	a, fromA := post(t, 1)
	b, toB := post(t, 2)
	_, fromC := post(t, 3)
	file, err := sealTo(t, a, toB, sample(fromC)) // signed by a, says it is c
	if err != nil {
		t.Fatal(err)
	}
	if _, err := letter.Open(b, file); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("in another's name: %v", err)
	}
	toOther := toB // the same keys under another post box: a copy passed on
	toOther.Post = letter.PostID{5}
	one, err := sealTo(t, a, toB, sample(fromA))
	if err != nil {
		t.Fatal(err)
	}
	two, err := sealTo(t, a, toOther, sample(fromA))
	if err != nil {
		t.Fatal(err)
	}
	head := len("amana/letter/1\n") + 48
	if _, err := letter.Open(b, append(slices.Clone(two[:head]), one[head:]...)); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("under another address: %v", err)
	}
}

func TestSeal_padsAndBounds(t *testing.T) {
	a, fromA := post(t, 1)
	_, toB := post(t, 2)
	size := func(n int) int {
		l := sample(fromA)
		l.Content = bytes.Repeat([]byte("x"), n)
		file, err := sealTo(t, a, toB, l)
		if err != nil {
			t.Fatal(err)
		}
		return len(file)
	}
	if size(10) != size(25) {
		t.Error("the size tells how much was said, to the byte")
	}
	if n := size(letter.LargestContent); n > letter.Largest {
		t.Errorf("the longest letter has %d bytes, more than is read", n)
	}
	l := sample(fromA)
	l.Content = make([]byte, letter.LargestContent+1)
	if _, err := sealTo(t, a, toB, l); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("too long: %v", err)
	}
}

func TestCard(t *testing.T) {
	_, c := post(t, 1)
	got, err := letter.ReadCard(c.Bytes())
	if err != nil || got != c {
		t.Fatalf("%v", err)
	}
	if len(c.Fingerprint()) != 8 {
		t.Errorf("fingerprint of %d words", len(c.Fingerprint()))
	}
	other := c
	other.Name = "Clinique inventee"
	if slices.Equal(other.Fingerprint(), c.Fingerprint()) {
		t.Error("two cards have one fingerprint")
	}
	for i := range c.Bytes() {
		bad := c.Bytes()
		bad[i] ^= 1
		if got, err := letter.ReadCard(bad); err == nil && slices.Equal(got.Fingerprint(), c.Fingerprint()) {
			t.Fatalf("byte %d changed: the same fingerprint", i)
		}
	}
	for _, bad := range [][]byte{nil, []byte("amana/card/1\n"), append(c.Bytes(), 0), make([]byte, 1<<20)} {
		if _, err := letter.ReadCard(bad); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
}

// The vector is frozen: a letter that was carried for a month must open. With
// AMANA_GOLDEN=write it is written where it is missing.
func TestVectors(t *testing.T) {
	const path = "testdata/letter.json"
	type vector struct {
		Comment string   `json:"comment"`
		Seed    string   `json:"recipient_seed"`
		Card    string   `json:"sender_card"`
		Words   []string `json:"sender_fingerprint"`
		File    string   `json:"letter"`
		About   string   `json:"about"`
		Content string   `json:"content"`
		Sent    string   `json:"sent"`
	}
	a, fromA := post(t, 1)
	b, toB := post(t, 2)
	raw, err := os.ReadFile(path)
	if os.IsNotExist(err) && os.Getenv("AMANA_GOLDEN") == "write" {
		file, err := sealTo(t, a, toB, sample(fromA))
		if err != nil {
			t.Fatal(err)
		}
		v := vector{
			"One letter, see docs/format.md section 12. Frozen.", hex.EncodeToString(bytes.Repeat([]byte{2}, 32)), hex.EncodeToString(fromA.Bytes()),
			fromA.Fingerprint(), hex.EncodeToString(file), "referral", `{"v":1}`, "2026-11-02T12:00:00Z",
		}
		raw, _ = json.MarshalIndent(v, "", "  ")
		if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	file, _ := hex.DecodeString(v.File)
	got, err := letter.Open(b, file)
	if err != nil || string(got.Content) != v.Content || string(got.About) != v.About || got.Sent.Format(time.RFC3339) != v.Sent {
		t.Fatalf("%+v, %v", got, err)
	}
	if hex.EncodeToString(got.From.Bytes()) != v.Card || !slices.Equal(got.From.Fingerprint(), v.Words) {
		t.Error("the card or its fingerprint is another")
	}
}

func FuzzOpen(f *testing.F) {
	a, fromA := post(f, 1)
	b, toB := post(f, 2)
	file, err := sealTo(f, a, toB, sample(fromA))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte("amana/letter/1\n"))
	f.Add(fromA.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if l, err := letter.Open(b, raw); err == nil && l.From.Verify != fromA.Verify {
			t.Fatal("a letter that nobody sealed opens")
		}
		_, _ = letter.ReadCard(raw)
	})
}
