package seal

import (
	"errors"
	"testing"

	"amana"
)

// A share that somebody made up, check words and all, never gives another key:
// it is refused on reading or with the others.
func TestCombine_refusesEveryForgedByte(t *testing.T) {
	_, shares, err := NewRecovery(3, 4)
	if err != nil {
		t.Fatal(err)
	}
	raw := shares[0].raw()
	for i := range raw {
		for _, flip := range []byte{1, 0x10, 0x80} {
			forged := append([]byte(nil), raw...)
			forged[i] ^= flip
			s, err := shareFrom(forged)
			if err != nil {
				if !errors.Is(err, amana.ErrInvalid) && !errors.Is(err, amana.ErrNewer) {
					t.Errorf("byte %d: err = %v", i, err)
				}
				continue
			}
			_, err = Combine([]Share{s, shares[1], shares[2]})
			if !errors.Is(err, amana.ErrTampered) && !errors.Is(err, amana.ErrInvalid) {
				t.Errorf("byte %d: err = %v, want a refusal", i, err)
			}
			if i >= 10 && !errors.Is(err, ErrShareChanged) {
				t.Errorf("value, byte %d: err = %v, want ErrShareChanged", i, err)
			}
		}
	}
}

// Two custodians of three who claim that two are enough get nothing.
func TestCombine_tooFewNeverGiveTheKey(t *testing.T) {
	for range 50 {
		_, shares, err := NewRecovery(3, 3)
		if err != nil {
			t.Fatal(err)
		}
		shares[0].needed, shares[1].needed = 2, 2
		if id, err := Combine(shares[:2]); !errors.Is(err, ErrShareChanged) || !id.IsZero() {
			t.Fatalf("two of three: err = %v, want ErrShareChanged", err)
		}
	}
}

func TestShareFrom_refusesWhatWasNeverIssued(t *testing.T) {
	_, shares, err := NewRecovery(2, 3)
	if err != nil {
		t.Fatal(err)
	}
	raw := shares[0].raw()
	for _, tc := range []struct {
		name string
		make func(b []byte)
		want error
	}{
		{"a newer version", func(b []byte) { b[0] = 2<<4 | 1 }, amana.ErrNewer},
		{"version zero", func(b []byte) { b[0] = 1 }, amana.ErrInvalid},
		{"one is enough", func(b []byte) { b[0] = 1 << 4 }, amana.ErrInvalid},
		{"more needed than there are", func(b []byte) { b[0] = 1<<4 | 3 }, amana.ErrInvalid},
		{"a number past the last", func(b []byte) { b[1] |= 15 }, amana.ErrInvalid},
		{"a value past the group's order", func(b []byte) { b[41] = 0xff }, amana.ErrInvalid},
	} {
		b := append([]byte(nil), raw...)
		tc.make(b)
		if _, err := shareFrom(b); !errors.Is(err, tc.want) {
			t.Errorf("%s: err = %v, want %v", tc.name, err, tc.want)
		}
	}
}
