package seal

import (
	"fmt"
	"math/bits"
	"slices"

	"amana"
)

// LeastPadded is the length in bytes of the shortest padded body.
const LeastPadded = 256

// PaddedSize is the length that n bytes take when padded: Padmé (Nikitin et al.,
// "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
// PETS 2019, section 4), which leaks O(log log n) bits of the length and adds at
// most 12 percent. One byte is added first to mark where padding begins. Nothing
// is shorter than [LeastPadded], so that an opening, a word changed and a short
// note look alike.
func PaddedSize[N int | int64](n N) N {
	l := uint64(n) + 1
	if l <= LeastPadded {
		return LeastPadded
	}
	e := bits.Len64(l) - 1
	s := bits.Len(uint(e))
	mask := uint64(1)<<(e-s) - 1
	return N((l + mask) &^ mask)
}

// Pad appends 0x80 and zeros up to [PaddedSize] (ISO/IEC 7816-4).
func Pad(b []byte) []byte {
	padded := make([]byte, PaddedSize(len(b)))
	padded[copy(padded, b)] = 0x80
	return padded
}

// Unpad takes the padding off, or returns ErrTampered.
func Unpad(b []byte) ([]byte, error) {
	for i, c := range slices.Backward(b) {
		switch c {
		case 0:
		case 0x80:
			if PaddedSize(i) != len(b) {
				return nil, fmt.Errorf("seal: padding of another length: %w", amana.ErrTampered)
			}
			return b[:i], nil
		default:
			return nil, fmt.Errorf("seal: padding: %w", amana.ErrTampered)
		}
	}
	return nil, fmt.Errorf("seal: no padding: %w", amana.ErrTampered)
}
