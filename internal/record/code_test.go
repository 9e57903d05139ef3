package record_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana/internal/record"
)

const codeLetters = "0123456789ABCDEFGHJKMNPQRTVWXYZ"

func TestNewCode_isFrozen(t *testing.T) {
	for random, want := range map[[16]byte]string{
		{}:                     "0000-0000-1",
		{15: 1}:                "1000-0000-C",
		{0: 0xff, 15: 0xff}:    "",
		{7: 1, 8: 1, 15: 0x80}: "",
	} {
		got := record.NewCode(random)
		if want != "" && got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if code, ok := record.CheckCode(got); !ok || code != got {
			t.Errorf("%s is not accepted", got)
		}
	}
}

func TestCheckCode_isLenient(t *testing.T) {
	const code = "1000-0000-C"
	for _, written := range []string{
		"1000-0000-C", "1000-0000-c", "10000000C", " 1000 0000 c ", "1000–0000–c", "lOoO-o0O0-c", "I000 0000 C", "١٠٠٠-٠٠٠٠-C",
	} {
		if got, ok := record.CheckCode(written); !ok || got != code {
			t.Errorf("%q: got %q, %v", written, got, ok)
		}
	}
	for _, written := range []string{"", "1000-0000", "1000-0000-CC", "1000-0000-D", "1000_0000-C", "1000-0000-\xff", "é000-0000-C", strings.Repeat("0", 1000)} {
		if got, ok := record.CheckCode(written); ok || got != "" {
			t.Errorf("%q is accepted as %q", written, got)
		}
	}
}

// Each single wrong character and each exchange of two is found.
func TestCheckCode_findsEverySlip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var random [16]byte
		copy(random[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "random"))
		code := []byte(strings.ReplaceAll(record.NewCode(random), "-", ""))
		for i := range code {
			right := code[i]
			for _, wrong := range []byte(codeLetters) {
				code[i] = wrong
				if _, ok := record.CheckCode(string(code)); ok != (wrong == right) {
					t.Fatalf("%s: accepted %v", code, ok)
				}
			}
			code[i] = right
			for j := range i {
				code[i], code[j] = code[j], code[i]
				if _, ok := record.CheckCode(string(code)); ok != (code[i] == code[j]) {
					t.Fatalf("%s: accepted %v", code, ok)
				}
				code[i], code[j] = code[j], code[i]
			}
		}
	})
}
