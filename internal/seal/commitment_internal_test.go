package seal

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"amana"
)

// A member who makes up two record keys can make one body that opens under
// both, as two texts: AES-GCM does not commit to its key. Two readers would
// then hold two truths under one signature. The commitment to the record's key
// is what finds it out.
func TestUnwrapRecord_findsTheSecondKeyOfOneBody(t *testing.T) {
	place, nonce := []byte("place"), [NonceSize]byte{1}
	first, second, sealed := twoFaced(t, place, nonce)

	one, err := first.OpenBody(place, nonce, sealed)
	if err != nil {
		t.Fatalf("the attack failed: first key: %v", err)
	}
	two, err := second.OpenBody(place, nonce, sealed)
	if err != nil {
		t.Fatalf("the attack failed: second key: %v", err)
	}
	if bytes.Equal(one, two) {
		t.Fatal("the attack failed: one text")
	}

	team, record, committed := NewTeamKey(), Random16(), first.Commitment()
	if _, err := team.UnwrapRecord(record, committed, team.WrapRecord(record, first)); err != nil {
		t.Errorf("the key committed to: %v", err)
	}
	// The forger wraps the second key under the name of the first.
	gen := committed.Generation()
	forged := team.derive("amana/1/wrap", record[:], gen[:]).aead().Seal(nil, zeroNonce[:], second.bytes(), nil)
	if _, err := team.UnwrapRecord(record, committed, forged); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("the other key: err = %v, want ErrTampered", err)
	}
}

// A planted slot opens under no passphrase but the one it was made for.
func TestOpenSlot_commitsToItsKey(t *testing.T) {
	one, two := SlotKey{newSecret()}, SlotKey{newSecret()}
	slot := one.SealSlot([]byte("plain"))
	if other := one.SealSlot([]byte("plain")); bytes.Equal(other[NonceSize:][:KeySize], slot[NonceSize:][:KeySize]) {
		t.Error("two slots show that they are of one passphrase")
	}
	copy(slot[NonceSize:], two.commitment(slot[:NonceSize]))
	if _, err := two.OpenSlot(slot); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("its commitment replaced: err = %v, want ErrTampered", err)
	}
	if _, err := one.OpenSlot(slot); !errors.Is(err, amana.ErrPassphrase) {
		t.Errorf("another's commitment: err = %v, want ErrPassphrase", err)
	}
}

// twoFaced makes a sealed body of the least length that opens under two record
// keys. Its last block ends in padding under both, for which keys are tried; the
// first is solved so that both tags are the same:
//
//	tag = C1·H^(n+1) + C2·H^n + … + Cn·H² + L·H + E(J0), for each key's H and E
func twoFaced(t *testing.T, place []byte, nonce [NonceSize]byte) (first, second RecordKey, sealed []byte) {
	t.Helper()
	const blocks = LeastPadded / 16
	first = NewRecordKey()
	a := gcmOf(first, place, nonce)
	for range 10_000 {
		second = NewRecordKey()
		b := gcmOf(second, place, nonce)
		if a.last[15] != b.last[15] {
			continue
		}
		c := make([]element, blocks)
		for i := range c {
			copy(c[i][:], "two texts, one c")
		}
		c[blocks-1][15] = a.last[15] ^ 0x80
		c[0] = element{}
		right := add(a.tag(c), b.tag(c))
		c[0] = times(right, inverse(add(raised(a.h, blocks+1), raised(b.h, blocks+1))))
		for i := range c {
			sealed = append(sealed, c[i][:]...)
		}
		tag := a.tag(c)
		return first, second, append(sealed, tag[:]...)
	}
	t.Fatal("no second key found")
	return first, second, nil
}

// tag is GCM's, over ciphertext blocks.
func (p gcmParts) tag(c []element) element {
	var lengths, sum element
	binary.BigEndian.PutUint64(lengths[8:], uint64(len(c))*16*8)
	for _, block := range append(slices.Clip(c), lengths) {
		sum = times(add(sum, block), p.h)
	}
	return add(sum, p.mask)
}

type element [16]byte // of GF(2^128), as GCM writes it

type gcmParts struct{ h, mask, last element }

func gcmOf(k RecordKey, place []byte, nonce [NonceSize]byte) (p gcmParts) {
	block, err := aes.NewCipher(k.derive("amana/1/body", place).bytes())
	if err != nil {
		panic(err)
	}
	counter := func(n uint32) (e element) {
		copy(e[:], nonce[:])
		binary.BigEndian.PutUint32(e[12:], n)
		block.Encrypt(e[:], e[:])
		return e
	}
	block.Encrypt(p.h[:], p.h[:])
	p.mask, p.last = counter(1), counter(LeastPadded/16+1)
	return p
}

func add(a, b element) (sum element) {
	for i := range sum {
		sum[i] = a[i] ^ b[i]
	}
	return sum
}

func times(a, b element) (product element) {
	for i := range 128 {
		if a[i/8]>>(7-i%8)&1 == 1 {
			product = add(product, b)
		}
		carry := b[15] & 1
		for j := 15; j > 0; j-- {
			b[j] = b[j]>>1 | b[j-1]<<7
		}
		b[0] = b[0]>>1 ^ carry*0xe1
	}
	return product
}

func raised(a element, n int) element {
	p := a
	for range n - 1 {
		p = times(p, a)
	}
	return p
}

// inverse is the power 2^128 - 2.
func inverse(a element) element {
	result := element{0x80} // one
	for range 127 {
		a = times(a, a)
		result = times(result, a)
	}
	return result
}
