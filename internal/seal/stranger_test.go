package seal_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/mlkem"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// This file is the stranger for whom docs/format.md, section 2, is written: it
// opens every vector with public algorithms and without package seal. What it
// cannot do, the document does not say.
type stranger struct{ testing.TB }

func (s stranger) hex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		s.Fatal(err)
	}
	return b
}

func (s stranger) list(text string) (list [][]byte) {
	for part := range strings.SplitSeq(text, ",") {
		if text != "" {
			list = append(list, s.hex(part))
		}
	}
	return list
}

func (s stranger) number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// Section 2.2.
func (s stranger) derive(key []byte, label string, context ...[]byte) []byte {
	info := append([]byte{byte(len(label))}, label...)
	for _, c := range context {
		info = binary.BigEndian.AppendUint16(info, uint16(len(c)))
		info = append(info, c...)
	}
	b, err := hkdf.Expand(sha256.New, key, string(info), 32)
	if err != nil {
		s.Fatal(err)
	}
	return b
}

// Section 2.3.
func (stranger) digest(label string, parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range append([][]byte{[]byte(label)}, parts...) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write(p)
	}
	return h.Sum(nil)
}

// Section 2.4.
func (stranger) padded(size int) int {
	l := size + 1
	if l <= 256 {
		return 256
	}
	e := bits.Len(uint(l)) - 1
	step := 1 << (e - bits.Len(uint(e)))
	return (l + step - 1) / step * step
}

func (s stranger) aes(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		s.Fatal(err)
	}
	return block
}

func (s stranger) openGCM(key, nonce, sealed []byte) []byte {
	gcm, err := cipher.NewGCM(s.aes(key))
	if err != nil {
		s.Fatal(err)
	}
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		s.Fatal(err)
	}
	return plain
}

// Section 2.8: the two private keys and the public one of X-Wing.
func (s stranger) boxKeys(seed []byte) (*mlkem.DecapsulationKey768, *ecdh.PrivateKey, []byte) {
	expanded := sha3.SumSHAKE256(s.derive(seed, "amana/1/box key"), 96)
	pq, err := mlkem.NewDecapsulationKey768(expanded[:64])
	if err != nil {
		s.Fatal(err)
	}
	x, err := ecdh.X25519().NewPrivateKey(expanded[64:])
	if err != nil {
		s.Fatal(err)
	}
	return pq, x, append(pq.EncapsulationKey().Bytes(), x.PublicKey().Bytes()...)
}

// Section 2.9: X-Wing, then the key schedule of RFC 9180.
func (s stranger) openBox(seed, context, box []byte) []byte {
	pq, x, _ := s.boxKeys(seed)
	ssPQ, err := pq.Decapsulate(box[:1088])
	if err != nil {
		s.Fatal(err)
	}
	from, err := ecdh.X25519().NewPublicKey(box[1088:1120])
	if err != nil {
		s.Fatal(err)
	}
	ssX, err := x.ECDH(from)
	if err != nil {
		s.Fatal(err)
	}
	shared := sha3.Sum256(slices.Concat(ssPQ, ssX, box[1088:1120], x.PublicKey().Bytes(), []byte(`\.//^\`)))

	suite := "HPKE-v1" + "HPKE\x64\x7a\x00\x01\x00\x02"
	extract := func(salt []byte, label string, key []byte) []byte {
		b, err := hkdf.Extract(sha256.New, append([]byte(suite+label), key...), salt)
		if err != nil {
			s.Fatal(err)
		}
		return b
	}
	info := append([]byte("amana/1/box\x00"), context...)
	schedule := string(slices.Concat([]byte{0}, extract(nil, "psk_id_hash", nil), extract(nil, "info_hash", info)))
	secret := extract(shared[:], "secret", nil)
	expand := func(label string, n int) []byte {
		b, err := hkdf.Expand(sha256.New, secret, string([]byte{0, byte(n)})+suite+label+schedule, n)
		if err != nil {
			s.Fatal(err)
		}
		return b
	}
	return s.openGCM(expand("key", 32), expand("base_nonce", 12), box[1120:])
}

// Section 2.10.
func (s stranger) openSlot(in map[string]string) (key, plain []byte) {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", r) {
			return ' '
		}
		return r
	}, string(s.hex(in["passphrase"])))
	cost := strings.Split(in["cost"], ",")
	key = argon2.IDKey([]byte(norm.NFC.String(text)), s.hex(in["salt"]),
		uint32(s.number(cost[1])), uint32(s.number(cost[0])), uint8(s.number(cost[2])), 32)
	slot := s.hex(in["slot"])
	if !bytes.Equal(slot[12:44], s.derive(key, "amana/1/slot commitment", slot[:12])) {
		s.Error("slot: another commitment")
	}
	return key, s.openGCM(s.derive(key, "amana/1/slot"), slot[:12], slot[44:])
}

// Section 2.12.
func (s stranger) cover(key, file, b []byte, offset uint64) {
	block := s.aes(s.derive(key, "amana/1/cover", file))
	for i := range b {
		var counter, stream [16]byte
		at := offset + uint64(i)
		binary.BigEndian.PutUint64(counter[8:], at/16)
		block.Encrypt(stream[:], counter[:])
		b[i] ^= stream[at%16]
	}
}

// Section 2.15, from the writer's side.
func (s stranger) sealStream(key, plain []byte) (sealed []byte) {
	gcm, err := cipher.NewGCM(s.aes(s.derive(key, "amana/1/stream")))
	if err != nil {
		s.Fatal(err)
	}
	for n := 0; ; n++ {
		chunk := plain[min(n<<16, len(plain)):min((n+1)<<16, len(plain))]
		nonce := binary.BigEndian.AppendUint32(make([]byte, 7), uint32(n))
		if (n+1)<<16 >= len(plain) {
			return gcm.Seal(sealed, append(nonce, 1), chunk, nil)
		}
		sealed = gcm.Seal(sealed, append(nonce, 0), chunk, nil)
	}
}

// Section 2.17, from the writer's side.
func (s stranger) sealBlob(key, record, plain []byte, runs []string) (sealed []byte) {
	run := uint32(0)
	for n := 0; ; n++ {
		for _, at := range runs {
			if at == strconv.Itoa(n) {
				run++
			}
		}
		gcm, err := cipher.NewGCM(s.aes(s.derive(key, "amana/1/blob", record, binary.BigEndian.AppendUint32(nil, run))))
		if err != nil {
			s.Fatal(err)
		}
		chunk := plain[min(n<<16, len(plain)):min((n+1)<<16, len(plain))]
		nonce := binary.BigEndian.AppendUint32(make([]byte, 7), uint32(n))
		if (n+1)<<16 >= len(plain) {
			return gcm.Seal(sealed, append(nonce, 1), chunk, nil)
		}
		sealed = gcm.Seal(sealed, append(nonce, 0), chunk, nil)
	}
}

// Section 2.13, the check words included: P is the sum, Q that by powers of x.
func (s stranger) fromWords(text string) []byte {
	var b []byte
	words := strings.Fields(text)
	data := len(words) - 2
	p, q, power := data, data, 1
	for i, w := range words {
		v := 0
		for j := range 5 {
			if j%2 == 0 {
				v = v<<4 | strings.IndexByte("bdfghjklmnprstvz", w[j])
			} else {
				v = v<<2 | strings.IndexByte("aiou", w[j])
			}
		}
		switch i {
		case data:
			p ^= v
		case data + 1:
			q ^= v
		default:
			power = s.multiply(power, 2)
			p, q = p^v, q^s.multiply(power, v)
			b = binary.BigEndian.AppendUint16(b, uint16(v))
		}
	}
	if p != 0 || q != 0 {
		s.Errorf("words: the checks are off by %#x and %#x", p, q)
	}
	return b
}

func (stranger) multiply(a, b int) (product int) {
	for i := range 16 {
		if b>>i&1 == 1 {
			product ^= a << i
		}
	}
	for i := 31; i >= 16; i-- {
		if product>>i&1 == 1 {
			product ^= 0x1100b << (i - 16)
		}
	}
	return product
}

// Section 2.14: Lagrange's interpolation at zero, modulo the order of ristretto255.
func (s stranger) combine(shares ...[]byte) (seed []byte) {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	sum := new(big.Int)
	for _, a := range shares {
		le := slices.Clone(a[10:42])
		slices.Reverse(le)
		term := new(big.Int).SetBytes(le)
		x := int64(a[1]&15) + 1
		for _, b := range shares {
			if other := int64(b[1]&15) + 1; other != x {
				term.Mul(term, big.NewInt(other))
				term.Mul(term, new(big.Int).ModInverse(big.NewInt(other-x), order))
			}
		}
		sum.Add(sum, term)
	}
	le := sum.Mod(sum, order).FillBytes(make([]byte, 32))
	slices.Reverse(le)
	prk, err := hkdf.Extract(sha256.New, le, []byte("amana/1/recovery"))
	if err != nil {
		s.Fatal(err)
	}
	return s.derive(prk, "amana/1/recovery seed")
}

func (s stranger) vectors(name string, check func(in, out map[string]string)) {
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		s.Fatal(err)
	}
	var f struct {
		Vectors []struct{ In, Out map[string]string }
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		s.Fatal(err)
	}
	for _, v := range f.Vectors {
		check(v.In, v.Out)
	}
}

func (s stranger) same(what string, got []byte, want string) {
	if hex.EncodeToString(got) != want {
		s.Errorf("%s:\ngot  %x\nwant %s", what, got, want)
	}
}

func (s stranger) signed(key, label, message, sig string) {
	if !ed25519.Verify(s.hex(key), s.digest(label, s.hex(message)), s.hex(sig)) {
		s.Errorf("%s: signature does not verify", label)
	}
}
