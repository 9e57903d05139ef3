package seal

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"errors"
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

// twoFaced makes a sealed body of two blocks that opens under two record keys.
// The second block ends in padding under both, for which keys are tried; the
// first is solved so that both tags are the same:
//
//	tag = C1·H³ + C2·H² + L·H + E(J0), for each key's H and E
func twoFaced(t *testing.T, place []byte, nonce [NonceSize]byte) (first, second RecordKey, sealed []byte) {
	t.Helper()
	first = NewRecordKey()
	a := gcmOf(first, place, nonce)
	for range 10_000 {
		second = NewRecordKey()
		b := gcmOf(second, place, nonce)
		if a.stream2[15] != b.stream2[15] {
			continue
		}
		var c2, lengths element
		copy(c2[:], "two texts, one c")
		c2[15] = a.stream2[15] ^ 0x80
		binary.BigEndian.PutUint64(lengths[8:], 32*8)

		right := add(add(a.mask, b.mask), add(
			times(c2, add(times(a.h, a.h), times(b.h, b.h))),
			times(lengths, add(a.h, b.h)),
		))
		c1 := times(right, inverse(add(cube(a.h), cube(b.h))))
		tag := add(add(times(c1, cube(a.h)), times(c2, times(a.h, a.h))), add(times(lengths, a.h), a.mask))
		return first, second, append(append(c1[:], c2[:]...), tag[:]...)
	}
	t.Fatal("no second key found")
	return first, second, nil
}

type element [16]byte // of GF(2^128), as GCM writes it

type gcmParts struct{ h, mask, stream2 element }

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
	p.mask, p.stream2 = counter(1), counter(3)
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

func cube(a element) element { return times(a, times(a, a)) }

// inverse is the power 2^128 - 2.
func inverse(a element) element {
	result := element{0x80} // one
	for range 127 {
		a = times(a, a)
		result = times(result, a)
	}
	return result
}
