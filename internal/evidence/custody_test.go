package evidence_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/evidence"
	"amana/internal/seal"
)

var item = amana.RecordID{7}

// chainOf makes n statements, each after the one before, by one member.
func chainOf(n int) (list []evidence.Signed, check func(string, evidence.Signed) error) {
	id := seal.NewIdentity()
	var before []string
	for i := range n {
		s := evidence.Statement{
			Item: item.String(), Event: evidence.Events()[i%len(evidence.Events())], Clock: "device", By: "w", Software: "test",
			Previous: before, Words: map[string]string{"place": seal.Digest("x").String(), "from": seal.Digest("y").String()},
		}.AtTime(time.Date(2026, 3, 9, 10, i, 0, 0, time.FixedZone("", 3600)))
		raw := s.Encode()
		one := evidence.Signed{Raw: raw, Signature: id.Sign(evidence.SignatureLabel, raw)}
		before = []string{one.ID().String()}
		list = append(list, one)
	}
	return list, func(by string, one evidence.Signed) error {
		if by != "w" {
			return amana.ErrTampered
		}
		return id.VerifyKey().Verify(evidence.SignatureLabel, one.Raw, one.Signature)
	}
}

func TestChain_findsWhatWasAlteredTakenOutAndReordered(t *testing.T) {
	list, key := chainOf(6)
	links, heads, err := evidence.Chain(item, list, key)
	if err != nil || len(links) != 6 || len(heads) != 1 || heads[0] != list[5].ID() {
		t.Fatalf("%d links, %d heads, %v", len(links), len(heads), err)
	}
	if links[2].At != "2026-03-09T09:02:00.000Z" || links[2].Local != "2026-03-09T10:02:00.000+01:00" {
		t.Errorf("times: %s, %s", links[2].At, links[2].Local)
	}
	bad := func(name string, list []evidence.Signed) {
		t.Helper()
		if _, heads, err := evidence.Chain(item, list, key); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("%s: err = %v, heads %d", name, err, len(heads))
		}
	}
	for i := range list {
		if i < len(list)-1 { // without the last, who knows the head can tell
			bad("taken out", slices.Delete(slices.Clone(list), i, i+1))
			swapped := slices.Clone(list)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			bad("reordered", swapped)
		}
		bad("twice", append(slices.Clone(list), list[i]))
		for at := range list[i].Raw {
			changed := slices.Clone(list)
			changed[i].Raw = bytes.Clone(list[i].Raw)
			changed[i].Raw[at] ^= 1
			if _, _, err := evidence.Chain(item, changed, key); err == nil {
				t.Errorf("statement %d, byte %d changed: not found", i, at)
			}
		}
		for at := range list[i].Signature {
			changed := slices.Clone(list)
			changed[i].Signature[at] ^= 1
			bad("signature", changed)
		}
	}
	if _, heads, _ := evidence.Chain(item, list[:5], key); heads[0] == list[5].ID() {
		t.Error("a chain that was cut short has the same head")
	}
	if _, _, err := evidence.Chain(amana.RecordID{8}, list, key); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("of another item: %v", err)
	}
}

func TestChain_joinsTwoDevices(t *testing.T) {
	list, key := chainOf(1)
	id := seal.NewIdentity()
	both := func(by string, one evidence.Signed) error {
		if by == "other" {
			return id.VerifyKey().Verify(evidence.SignatureLabel, one.Raw, one.Signature)
		}
		return key(by, one)
	}
	add := func(event evidence.Event, previous ...seal.Hash) seal.Hash {
		s := evidence.Statement{Item: item.String(), Event: event, By: "other", Software: "test"}
		for _, p := range previous {
			s.Previous = append(s.Previous, p.String())
		}
		raw := s.Encode()
		one := evidence.Signed{Raw: raw, Signature: id.Sign(evidence.SignatureLabel, raw)}
		list = append(list, one)
		return one.ID()
	}
	first := list[0].ID()
	a, b := add(evidence.Viewed, first), add(evidence.Copied, first)
	if _, heads, err := evidence.Chain(item, list, both); err != nil || len(heads) != 2 {
		t.Fatalf("%d heads, %v", len(heads), err)
	}
	joined := add(evidence.Exported, a, b)
	if _, heads, err := evidence.Chain(item, list, both); err != nil || len(heads) != 1 || heads[0] != joined {
		t.Fatalf("%d heads, %v", len(heads), err)
	}
}

func TestParseStatement_readsOneFormOnly(t *testing.T) {
	list, _ := chainOf(1)
	good := list[0].Raw
	if _, err := evidence.ParseStatement(good); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "{}x", " " + string(good), string(good) + "\n", string(bytes.Replace(good, []byte(`"clock":"device",`), []byte(`"clock":"device","clock":"device",`), 1)),
		string(bytes.Replace(good, []byte(`"clock"`), []byte(`"clo\u0063k"`), 1)), string(bytes.Replace(good, []byte(`"collected"`), []byte(`"invented"`), 1)),
	} {
		if _, err := evidence.ParseStatement([]byte(bad)); err == nil {
			t.Errorf("taken: %.60q", bad)
		}
	}
}

// What a batch keeps of a statement after it was erased is its ID. Guessing all that
// the statement said does not find it.
func TestSigned_IDConfirmsNoGuess(t *testing.T) {
	list, _ := chainOf(1)
	guess := evidence.Signed{Raw: list[0].Raw}
	if guess.ID() == list[0].ID() {
		t.Error("a guess without the signature is confirmed")
	}
	place := amana.Conceal("the clinic by the river")
	reveal := amana.Private.Reveal
	a := evidence.Word{Name: "place", Salt: seal.Random32(), Text: place}
	b := evidence.Word{Name: "place", Salt: seal.Random32(), Text: place}
	if a.Commitment(reveal) == b.Commitment(reveal) || a.Commitment(reveal) == (evidence.Word{Name: "place", Text: place}).Commitment(reveal) {
		t.Error("a commitment to a word confirms a guess")
	}
}
