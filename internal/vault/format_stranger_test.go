package vault_test

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
	"encoding/base32"
	"encoding/binary"
	"hash/crc32"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/argon2"
)

// The stranger is whom docs/format.md is written for: somebody who has a vault's
// files, a passphrase or the custodians' shares, that document and nothing of
// Amana. This file and format_reads_test.go import no package of the project; each
// method follows the section it names. What it cannot do, the document does not say.
type stranger struct{ testing.TB }

func (s stranger) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s stranger) same(what string, got, want []byte) {
	s.Helper()
	if !bytes.Equal(got, want) {
		s.Fatalf("%s: %x, want %x", what, got, want)
	}
}

// Section 2.2.
func (s stranger) derive(key []byte, label string, context ...[]byte) []byte {
	info := append([]byte{byte(len(label))}, label...)
	for _, c := range context {
		info = binary.BigEndian.AppendUint16(info, uint16(len(c)))
		info = append(info, c...)
	}
	b, err := hkdf.Expand(sha256.New, key, string(info), 32)
	s.ok(err)
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

// Section 2.1.
func (s stranger) gcm(key, nonce, sealed []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	s.ok(err)
	gcm, err := cipher.NewGCM(block)
	s.ok(err)
	return gcm.Open(nil, nonce, sealed, nil)
}

func (s stranger) open(what string, key, nonce, sealed []byte) []byte {
	s.Helper()
	plain, err := s.gcm(key, nonce, sealed)
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
	return plain
}

// Section 2.9: X-Wing, then the key schedule of RFC 9180. It returns nil for a box
// that is somebody else's.
func (s stranger) openBox(seed []byte, context string, box []byte) []byte {
	expanded := sha3.SumSHAKE256(s.derive(seed, "amana/1/box key"), 96)
	pq, err := mlkem.NewDecapsulationKey768(expanded[:64])
	s.ok(err)
	x, err := ecdh.X25519().NewPrivateKey(expanded[64:])
	s.ok(err)
	ssPQ, err := pq.Decapsulate(box[:1088])
	s.ok(err)
	from, err := ecdh.X25519().NewPublicKey(box[1088:1120])
	s.ok(err)
	ssX, err := x.ECDH(from)
	s.ok(err)
	shared := sha3.Sum256(slices.Concat(ssPQ, ssX, box[1088:1120], x.PublicKey().Bytes(), []byte(`\.//^\`)))
	suite := "HPKE-v1" + "HPKE\x64\x7a\x00\x01\x00\x02"
	extract := func(salt []byte, label, key string) []byte {
		b, err := hkdf.Extract(sha256.New, []byte(suite+label+key), salt)
		s.ok(err)
		return b
	}
	schedule := "\x00" + string(extract(nil, "psk_id_hash", "")) + string(extract(nil, "info_hash", "amana/1/box\x00"+context))
	secret := extract(shared[:], "secret", "")
	expand := func(label string, n int) []byte {
		b, err := hkdf.Expand(sha256.New, secret, string([]byte{0, byte(n)})+suite+label+schedule, n)
		s.ok(err)
		return b
	}
	plain, err := s.gcm(expand("key", 32), expand("base_nonce", 12), box[1120:])
	if err != nil {
		return nil
	}
	return plain
}

// Section 2.4.
func (s stranger) unpad(b []byte) []byte {
	end := len(b) - 1
	for end >= 0 && b[end] == 0 {
		end--
	}
	if end < 0 || b[end] != 0x80 {
		s.Fatal("no padding")
	}
	return b[:end]
}

// Section 2.11.
func (s stranger) file(deviceKey []byte, name string, sealed []byte) []byte {
	return s.open("file "+name, s.derive(deviceKey, "amana/1/file", []byte(name)), sealed[:12], sealed[12:])
}

// Section 2.12.
func (s stranger) uncover(deviceKey, id, covered []byte) {
	block, err := aes.NewCipher(s.derive(deviceKey, "amana/1/cover", id))
	s.ok(err)
	for p := range covered {
		var counter, stream [16]byte
		binary.BigEndian.PutUint64(counter[8:], uint64(p)/16)
		block.Encrypt(stream[:], counter[:])
		covered[p] ^= stream[p%16]
	}
}

// Section 2.14.
func (s stranger) combine(texts ...string) (seed []byte) {
	letters := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	var shares [][]byte
	for _, text := range texts {
		b, err := letters.DecodeString(strings.TrimPrefix(text, "AMANA:"))
		s.ok(err)
		shares = append(shares, b[:42])
	}
	sum := new(big.Int)
	for _, a := range shares {
		value := slices.Clone(a[10:])
		slices.Reverse(value)
		term := new(big.Int).SetBytes(value)
		x := int64(a[1] & 15)
		for _, b := range shares {
			if other := int64(b[1] & 15); other != x {
				term.Mul(term, big.NewInt(other+1))
				term.Mul(term, new(big.Int).ModInverse(big.NewInt(other-x), order))
			}
		}
		sum.Add(sum, term)
	}
	scalar := sum.Mod(sum, order).FillBytes(make([]byte, 32))
	slices.Reverse(scalar)
	prk, err := hkdf.Extract(sha256.New, scalar, []byte("amana/1/recovery"))
	s.ok(err)
	seed = s.derive(prk, "amana/1/recovery seed")
	needed, of := shares[0][0]&15+1, shares[0][1]>>4+1
	s.same("set of the shares", s.digest("amana/1/recovery set", s.public(seed), []byte{needed, of})[:8], shares[0][2:10])
	return seed
}

// Section 2.8.
func (s stranger) public(seed []byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(s.derive(seed, "amana/1/signing key")).Public().(ed25519.PublicKey)
}

func (s stranger) cbor(raw []byte, v any) (rest []byte) {
	s.Helper()
	rest, err := cbor.UnmarshalFirst(raw, v)
	s.ok(err)
	return rest
}

// whoAmI is what a slot holds, section 6.2.
type whoAmI struct {
	_                            struct{} `cbor:",toarray"`
	Org, Member, Seed, DeviceKey []byte
}

type vaultHeader struct {
	Format uint64 `cbor:"1,keyasint"`
	Salt   []byte `cbor:"2,keyasint"`
	Cost   struct {
		KiB     uint32 `cbor:"1,keyasint"`
		Passes  uint32 `cbor:"2,keyasint"`
		Threads uint8  `cbor:"3,keyasint"`
	} `cbor:"3,keyasint"`
	Slots [][]byte `cbor:"4,keyasint"`
}

// Sections 2.10 and 6.2; the passphrases of the frozen vault are in NFC and have
// no other spaces than U+0020.
func (s stranger) unlock(header []byte, passphrase string) (me whoAmI) {
	rest, magic := bytes.CutPrefix(header, []byte("amana vault 1\n"))
	content := rest[:len(rest)-32]
	s.same("digest of the header", s.digest("amana/1/header", content), rest[len(rest)-32:])
	var h vaultHeader
	if left := s.cbor(content, &h); !magic || len(left) > 0 || h.Format != 1 {
		s.Fatal("not a header")
	}
	key := argon2.IDKey([]byte(passphrase), h.Salt, h.Cost.Passes, h.Cost.KiB, h.Cost.Threads, 32)
	for _, slot := range h.Slots {
		if bytes.Equal(slot[12:44], s.derive(key, "amana/1/slot commitment", slot[:12])) {
			s.cbor(s.open("slot", s.derive(key, "amana/1/slot"), slot[:12], slot[44:]), &me)
			return me
		}
	}
	s.Fatal("no slot for this passphrase")
	return me
}

// rawItem is an item, section 3.2.
type rawItem struct {
	device             []byte
	number             uint64
	flags              byte
	epoch              uint64
	nonce              []byte
	entry, wraps, body []byte
}

// cursor takes bytes apart, section 1.1.
type cursor struct{ b []byte }

func (c *cursor) take(n int) []byte {
	p := c.b[:n]
	c.b = c.b[n:]
	return p
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	c.b = c.b[n:]
	return v
}

func (c *cursor) part() []byte { return c.take(int(c.uvarint())) }

// Section 3.5.
func (c *cursor) wire(it *rawItem) {
	it.flags = c.take(1)[0]
	it.epoch = c.uvarint()
	it.nonce = c.take(12)
	it.entry, it.wraps, it.body = c.part(), c.part(), c.part()
}

// Section 3.3.
func (it rawItem) place(org []byte) []byte {
	p := slices.Concat(org, it.device)
	p = binary.BigEndian.AppendUint64(p, it.number)
	p = append(p, it.flags&1)
	return binary.AppendUvarint(p, it.epoch)
}

func (it rawItem) erased() bool { return it.flags&2 != 0 }

// Section 3.4; of an erased item the hashes stand in the place of the content, 4.7.
func (s stranger) hashes(it rawItem) (wraps, body []byte) {
	wraps, body = s.digest("amana/1/wraps", it.wraps), s.digest("amana/1/sealed body", it.body)
	if it.erased() {
		if len(it.wraps) > 0 {
			wraps = it.wraps[:32]
		}
		body = it.body[:32]
	}
	return wraps, body
}

// heads are where the chains of all devices stand, in the order of appearance.
type heads []deviceHead

type deviceHead struct {
	_      struct{} `cbor:",toarray"`
	Device []byte
	At     struct {
		_      struct{} `cbor:",toarray"`
		Number uint64
		Head   []byte
	}
}

func (h heads) of(device []byte) int {
	for i := range h {
		if bytes.Equal(h[i].Device, device) {
			return i
		}
	}
	return -1
}

// follow checks that an item goes on with its chain, and moves its head.
func (s stranger) follow(org []byte, h *heads, it rawItem) {
	i := h.of(it.device)
	if i < 0 {
		*h = append(*h, deviceHead{Device: it.device})
		i = len(*h) - 1
		(*h)[i].At.Head = make([]byte, 32)
	}
	at := &(*h)[i].At
	if it.number != at.Number+1 {
		s.Fatalf("item %d follows item %d", it.number, at.Number)
	}
	wraps, body := s.hashes(it)
	at.Number = it.number
	at.Head = s.digest("amana/1/frame", it.place(org), at.Head, it.nonce, it.entry, wraps, body)
}

type segmentHeader struct {
	_      struct{} `cbor:",toarray"`
	Org    []byte
	Number uint64
	Heads  heads
}

// Section 4: the items of one segment. before is where the chains stood, and is
// moved on; the segment's own header must agree with it.
func (s stranger) segment(me whoAmI, raw []byte, number uint64, before *heads) (items []rawItem) {
	covered := slices.Clone(raw[16:])
	s.uncover(me.DeviceKey, raw[:16], covered)
	c := cursor{covered}
	if string(c.take(16)) != "amana journal 1\n" {
		s.Fatal("not a segment of this device")
	}
	var h segmentHeader
	s.cbor(c.part(), &h)
	s.checked(covered, &c)
	s.same("organisation", h.Org, me.Org)
	if h.Number != number || !equalHeads(h.Heads, *before) {
		s.Fatalf("segment %d does not go on where the one before ended", number)
	}
	for len(c.b) > 0 {
		var it rawItem
		start := c.b
		if ref := c.uvarint(); ref == 0 {
			it.device = c.take(16)
		} else {
			it.device = (*before)[ref-1].Device
		}
		it.number = c.uvarint()
		c.wire(&it)
		s.checked(start, &c)
		if it.erased() && len(bytes.Trim(it.body[32:], "\x00")) > 0 {
			s.Fatal("an erased item with content")
		}
		s.follow(me.Org, before, it)
		items = append(items, it)
	}
	return items
}

// checked takes the CRC-32 of what was taken since start.
func (s stranger) checked(start []byte, c *cursor) {
	sum := crc32.ChecksumIEEE(start[:len(start)-len(c.b)])
	if binary.LittleEndian.Uint32(c.take(4)) != sum {
		s.Fatal("a checksum is wrong")
	}
}

func equalHeads(a, b heads) bool {
	return slices.EqualFunc(a, b, func(x, y deviceHead) bool {
		return bytes.Equal(x.Device, y.Device) && x.At.Number == y.At.Number && bytes.Equal(x.At.Head, y.At.Head)
	})
}

// Section 4.6.
func (s stranger) noted(me whoAmI, head []byte) (newest heads) {
	var turn uint64
	for i := range 2 {
		place := head[i*32768:]
		var n struct {
			_             struct{} `cbor:",toarray"`
			Turn          uint64
			Segment, Size uint64
			Heads         heads
			Mark          uint64
		}
		s.cbor(s.file(me.DeviceKey, "head", place[4:4+binary.BigEndian.Uint32(place)]), &n)
		if n.Turn > turn {
			turn, newest = n.Turn, n.Heads
		}
	}
	return newest
}

// Section 5.1.
func (s stranger) decompress(dictionary, frame []byte) []byte {
	d, err := zstd.NewReader(nil, zstd.WithDecoderDicts(dictionary))
	s.ok(err)
	defer d.Close()
	body, err := d.DecodeAll(frame, nil)
	s.ok(err)
	return body
}
