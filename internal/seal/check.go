package seal

import (
	"encoding/binary"
	"fmt"

	"amana"
)

// checkWords is how many check words follow what is issued. Two make a code of
// distance three over words: any one or two wrong words are found, one is
// located, and any other damage passes once in 2^32.
const checkWords = 2

// field is an element of GF(2^16) modulo x^16+x^12+x^3+x+1, in which x
// generates all 65,535 non-zero elements.
type field uint16

// timesX multiplies by x.
func (f field) timesX() field {
	carry := f >> 15
	return f<<1 ^ carry*0x100b
}

// power returns x to the power n.
func power(n int) field {
	f := field(1)
	for range n {
		f = f.timesX()
	}
	return f
}

func (f field) times(g field) (product field) {
	for ; g != 0; g >>= 1 {
		product ^= f * (g & 1)
		f = f.timesX()
	}
	return product
}

// checksOf returns the check symbols of s[1] to s[n]. With s[0] = n, P is the
// sum of all s[i], and Q that of all s[i] times x to the power i: the code of
// RAID 6 (H. P. Anvin, "The mathematics of RAID-6"), with the length in it.
func checksOf(symbols []field) (p, q field) {
	for i := len(symbols); i > 0; i-- { // Horner's rule, from the last
		p ^= symbols[i-1]
		q = (q ^ symbols[i-1]).timesX()
	}
	n := field(len(symbols))
	return p ^ n, q ^ n
}

func withChecks(b []byte) []byte {
	p, q := checksOf(symbolsOf(b))
	checked := append(make([]byte, 0, len(b)+2*checkWords), b...)
	checked = binary.BigEndian.AppendUint16(checked, uint16(p))
	return binary.BigEndian.AppendUint16(checked, uint16(q))
}

// withoutChecks returns what stands before the check words, or says what is
// wrong: ErrInvalid, as a [WordError].
func withoutChecks(checked []byte) ([]byte, error) {
	if len(checked) <= 2*checkWords || len(checked)%2 != 0 {
		return nil, fmt.Errorf("seal: too short to be checked: %w", amana.ErrInvalid)
	}
	symbols := symbolsOf(checked)
	n := len(symbols) - checkWords
	p, q := checksOf(symbols[:n])
	p, q = p^symbols[n], q^symbols[n+1]
	if p == 0 && q == 0 {
		return checked[: 2*n : 2*n], nil
	}
	return nil, locate(symbols[:n], p, q)
}

// locate finds the slip that explains by how much P and Q are off.
func locate(symbols []field, p, q field) *WordError {
	n := len(symbols)
	for i := 1; p == 0 && i < n; i++ {
		if (symbols[i-1] ^ symbols[i]).times(power(i)^power(i+1)) == q {
			return &WordError{Number: i, With: i + 1}
		}
	}
	switch {
	case q == 0:
		return &WordError{Number: n + 1}
	case p == 0:
		return &WordError{Number: n + 2}
	}
	for i := 1; i <= n; i++ {
		if p.times(power(i)) == q {
			return &WordError{Number: i}
		}
	}
	return &WordError{}
}

func symbolsOf(b []byte) []field {
	symbols := make([]field, len(b)/2)
	for i := range symbols {
		symbols[i] = field(binary.BigEndian.Uint16(b[2*i:]))
	}
	return symbols
}
