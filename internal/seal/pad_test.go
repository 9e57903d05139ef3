package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/seal"
)

func TestPad_comesOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "body")
		padded := seal.Pad(b)
		got, err := seal.Unpad(padded)
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%d bytes: %d come back, %v", len(b), len(got), err)
		}
		if n := seal.PaddedSize(len(b)); n != len(padded) || n <= len(b) {
			t.Fatalf("%d bytes: padded to %d, PaddedSize says %d", len(b), len(padded), n)
		}
	})
}

// Padmé's promise: at most 12 percent more, and few sizes that can be told apart.
func TestPaddedSize_addsLittleAndTellsLittle(t *testing.T) {
	sizes, last := 0, 0
	for n := range 1 << 20 {
		p := seal.PaddedSize(n)
		if p < last {
			t.Fatalf("%d bytes: %d, less than for one byte fewer", n, p)
		}
		if p != last {
			sizes++
		}
		last = p
		if n >= seal.LeastPadded && float64(p) > 1.12*float64(n+1) {
			t.Fatalf("%d bytes: %d", n, p)
		}
	}
	if sizes > 400 {
		t.Errorf("%d sizes up to a megabyte", sizes)
	}
}

func TestUnpad_refuses(t *testing.T) {
	for name, padded := range map[string][]byte{
		"nothing":             {},
		"zeros":               {0, 0, 0, 0},
		"no mark":             {1, 2, 3, 4},
		"a block too many":    append(seal.Pad([]byte("body")), 0),
		"a mark too far left": {'a', 0x80, 0, 0, 0, 0, 0, 0},
	} {
		if _, err := seal.Unpad(padded); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("%s: err = %v, want ErrTampered", name, err)
		}
	}
}

func TestCover_isReadFromAnywhere(t *testing.T) {
	cover := seal.NewDeviceKey().Cover(seal.Random16())
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "file")
		whole := bytes.Clone(plain)
		cover.XOR(whole, 0)
		from := rapid.IntRange(0, len(plain)).Draw(t, "from")
		to := rapid.IntRange(from, len(plain)).Draw(t, "to")
		part := bytes.Clone(whole[from:to])
		cover.XOR(part, int64(from))
		if !bytes.Equal(part, plain[from:to]) {
			t.Fatalf("bytes %d to %d are not what was covered", from, to)
		}
	})
}
