package seal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/seal"
)

func newRecovery(t interface{ Fatal(...any) }, threshold, shares int) (seal.Identity, []seal.Share) {
	id, issued, err := seal.NewRecovery(threshold, shares)
	if err != nil {
		t.Fatal(err)
	}
	return id, issued
}

func TestNewRecovery_bounds(t *testing.T) {
	for _, tc := range []struct {
		threshold, shares int
		want              error
	}{
		{1, 3, amana.ErrInvalid},
		{0, 0, amana.ErrInvalid},
		{4, 3, amana.ErrInvalid},
		{2, 17, amana.ErrInvalid},
		{2, 2, nil},
		{16, 16, nil},
	} {
		if _, _, err := seal.NewRecovery(tc.threshold, tc.shares); !errors.Is(err, tc.want) {
			t.Errorf("%d of %d: err = %v, want %v", tc.threshold, tc.shares, err, tc.want)
		}
	}
}

func TestCombine_anyEnoughSharesGiveTheKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 16).Draw(t, "shares")
		k := rapid.IntRange(2, n).Draw(t, "threshold")
		id, shares := newRecovery(t, k, n)
		shares = rapid.Permutation(shares).Draw(t, "order")
		given := rapid.IntRange(0, n).Draw(t, "given")
		got, err := seal.Combine(shares[:given])
		switch {
		case given >= k:
			if err != nil || got.VerifyKey() != id.VerifyKey() || got.BoxKey() != id.BoxKey() {
				t.Fatalf("%d of %d, %d given: another key, err = %v", k, n, given, err)
			}
		case !errors.Is(err, seal.ErrShareMissing) || !errors.Is(err, amana.ErrInvalid) || !got.IsZero():
			t.Fatalf("%d of %d, %d given: err = %v, want ErrShareMissing and no key", k, n, given, err)
		case given > 0 && seal.Missing(err) != k-given:
			t.Fatalf("%d of %d, %d given: %v", k, n, given, err)
		}
	})
}

func TestCombine_saysWhatIsWrong(t *testing.T) {
	_, a := newRecovery(t, 3, 5)
	_, b := newRecovery(t, 3, 5)
	for _, tc := range []struct {
		name   string
		shares []seal.Share
		want   error
		kind   error
	}{
		{"none", nil, seal.ErrShareMissing, amana.ErrInvalid},
		{"of two sets", []seal.Share{a[0], a[1], b[2]}, seal.ErrShareSets, amana.ErrInvalid},
		{"of two sets, too few", []seal.Share{a[0], b[2]}, seal.ErrShareSets, amana.ErrInvalid},
		{"the same twice", []seal.Share{a[0], a[1], a[0]}, seal.ErrShareTwice, amana.ErrInvalid},
		{"the same twice, too few", []seal.Share{a[0], a[0]}, seal.ErrShareTwice, amana.ErrInvalid},
		{"an empty one", []seal.Share{a[0], {}, a[2]}, amana.ErrInvalid, amana.ErrInvalid},
	} {
		_, err := seal.Combine(tc.shares)
		if !errors.Is(err, tc.want) || !errors.Is(err, tc.kind) {
			t.Errorf("%s: err = %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestShare_belongsToItsKeyOnly(t *testing.T) {
	id, shares := newRecovery(t, 2, 3)
	if err := shares[1].BelongsTo(id.VerifyKey()); err != nil {
		t.Error(err)
	}
	if err := shares[1].BelongsTo(seal.NewIdentity().VerifyKey()); !errors.Is(err, seal.ErrShareSets) {
		t.Errorf("another key: err = %v", err)
	}
	if err := (seal.Share{}).BelongsTo(id.VerifyKey()); !errors.Is(err, seal.ErrShareSets) {
		t.Errorf("no share: err = %v", err)
	}
}

func TestParseShare_readsWhatCustodiansType(t *testing.T) {
	id, shares := newRecovery(t, 2, 2)
	s, other := shares[0], shares[1]
	var numbered strings.Builder
	for i, w := range s.Words() {
		numbered.WriteString(strings.Repeat(" ", i%3) + string(rune('1'+i%9)) + ". " + w + "\r\n")
	}
	text := s.Text()
	for name, typed := range map[string]string{
		"words":                     strings.Join(s.Words(), " "),
		"words in capitals, dashes": strings.ToUpper(strings.Join(s.Words(), "-")),
		"words, numbered":           numbered.String(),
		"text":                      text,
		"text in small letters":     "  " + strings.ToLower(text) + "\n",
		"text over lines":           text[:20] + "\n" + text[20:50] + " - " + text[50:],
		"text with O and l":         text[:6] + strings.NewReplacer("0", "O", "1", "l").Replace(text[6:]),
	} {
		got, err := seal.ParseShare(typed)
		if err != nil || got.Text() != text || got.Number() != 1 || got.Needed() != 2 || got.Of() != 2 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if key, err := seal.Combine([]seal.Share{other, got}); err != nil || key.VerifyKey() != id.VerifyKey() {
			t.Errorf("%s: another key, %v", name, err)
		}
	}
}

func TestParseShare_refuses(t *testing.T) {
	_, shares := newRecovery(t, 2, 3)
	words := shares[0].Words()
	wrong := slices.Clone(words)
	wrong[6] = words[7]
	_, err := seal.ParseShare(strings.Join(wrong, " "))
	var slip *seal.WordError
	if !errors.As(err, &slip) || slip.Number != 7 {
		t.Errorf("word 7 wrong: err = %v", err)
	}
	for name, typed := range map[string]string{
		"nothing":        "",
		"a word dropped": strings.Join(words[1:], " "),
		"text cut short": shares[0].Text()[:70],
		"a long text":    strings.Repeat("babab ", 1000),
		"prefix only":    "AMANA:",
	} {
		if _, err := seal.ParseShare(typed); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: err = %v, want ErrInvalid", name, err)
		}
	}
}

func TestParseShare_refusesAnyOneWrongLetter(t *testing.T) {
	_, shares := newRecovery(t, 2, 2)
	text := shares[0].Text()
	for i := range text {
		for _, c := range "0Z5" {
			typed := text[:i] + string(c) + text[i+1:]
			if _, err := seal.ParseShare(typed); typed != text && !errors.Is(err, amana.ErrInvalid) {
				t.Errorf("letter %d: err = %v, want ErrInvalid", i, err)
			}
		}
	}
}
