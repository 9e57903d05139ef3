package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"amana"
)

// seeds calls add with a field of every vector of a file.
func seeds(f *testing.F, file string, add func(v vector)) {
	f.Helper()
	vectors, err := readVectors("testdata/" + file + ".json")
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range vectors.Vectors {
		add(v)
	}
}

func seedBytes(f *testing.F, text string) []byte {
	f.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		f.Fatal(err)
	}
	return b
}

// oneOf fails unless err is nil or one of these kinds.
func oneOf(t *testing.T, err error, kinds ...error) {
	t.Helper()
	for _, k := range append(kinds, nil) {
		if errors.Is(err, k) {
			return
		}
	}
	t.Fatalf("err = %v, want one of %v", err, kinds)
}

// What reads as a share is written again as the same share.
func FuzzParseShare(f *testing.F) {
	seeds(f, "recovery", func(v vector) {
		for name, text := range v.Out {
			if strings.HasPrefix(name, "share_") {
				f.Add(text)
			}
		}
	})
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseShare(text)
		oneOf(t, err, amana.ErrInvalid, amana.ErrNewer)
		if err != nil {
			return
		}
		for _, again := range []string{s.Text(), strings.Join(s.Words(), " ")} {
			if got, err := ParseShare(again); err != nil || !bytes.Equal(got.raw(), s.raw()) {
				t.Fatalf("another share, %v", err)
			}
		}
	})
}

func FuzzDecodeWords(f *testing.F) {
	seeds(f, "words", func(v vector) { f.Add(v.Out["words"]) })
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Fields(text)
		b, err := DecodeWords(words)
		oneOf(t, err, amana.ErrInvalid)
		if err == nil && !strings.EqualFold(strings.Join(EncodeWords(b), " "), strings.Join(words, " ")) {
			t.Fatal("other words for the same bytes")
		}
	})
}

func FuzzUnpad(f *testing.F) {
	seeds(f, "body", func(v vector) { f.Add(seedBytes(f, v.Out["padded"])) })
	f.Fuzz(func(t *testing.T, padded []byte) {
		b, err := Unpad(padded)
		oneOf(t, err, amana.ErrTampered)
		if err == nil && !bytes.Equal(Pad(b), padded) {
			t.Fatal("two paddings of one body")
		}
	})
}

// Whatever shares are put together: the key of a set, or a refusal.
func FuzzCombine(f *testing.F) {
	seeds(f, "recovery", func(v vector) {
		s := [5][]byte{}
		for i, n := range []string{"share_1", "share_2", "share_3", "share_4", "share_5"} {
			s[i] = seedBytes(f, v.Out[n])
		}
		f.Add(s[0], s[1], s[2])
		f.Add(s[4], s[4], s[0])
		f.Add(s[4], []byte{}, s[0])
	})
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var shares []Share
		for _, raw := range [][]byte{a, b, c} {
			s, err := shareFrom(raw)
			oneOf(t, err, amana.ErrInvalid, amana.ErrNewer)
			shares = append(shares, s)
		}
		id, err := Combine(shares)
		oneOf(t, err, amana.ErrInvalid, amana.ErrTampered)
		if err != nil {
			return
		}
		for _, s := range shares {
			if err := s.BelongsTo(id.VerifyKey()); err != nil {
				t.Fatalf("a key of other shares: %v", err)
			}
		}
	})
}

func FuzzOpenSlot(f *testing.F) {
	var k SlotKey
	seeds(f, "slot", func(v vector) {
		f.Add(seedBytes(f, v.In["slot"]))
		k = SlotKey{keep(seedBytes(f, v.Out["slot_key"]))}
	})
	f.Fuzz(func(t *testing.T, slot []byte) {
		_, err := k.OpenSlot(slot)
		oneOf(t, err, amana.ErrPassphrase, amana.ErrTampered)
	})
}

func FuzzOpenFile(f *testing.F) {
	seeds(f, "file", func(v vector) { f.Add(v.In["name"], seedBytes(f, v.In["file"])) })
	k := DeviceKey{keep(count(0x70, KeySize))}
	f.Fuzz(func(t *testing.T, name string, file []byte) {
		if len(name) > 1000 {
			return
		}
		_, err := k.OpenFile(name, file)
		oneOf(t, err, amana.ErrTampered)
	})
}

func FuzzUnwrapRecord(f *testing.F) {
	seeds(f, "wrap", func(v vector) {
		f.Add(seedBytes(f, v.In["record"]), seedBytes(f, v.Out["commitment"]), seedBytes(f, v.Out["wrap"]))
	})
	k := TeamKey{keep(count(0, KeySize))}
	f.Fuzz(func(t *testing.T, record, commitment, wrap []byte) {
		if len(record) != 16 || len(commitment) != 32 {
			return
		}
		r, err := k.UnwrapRecord([16]byte(record), Hash(commitment), wrap)
		oneOf(t, err, amana.ErrTampered)
		if err == nil && r.Commitment() != Hash(commitment) {
			t.Fatal("a key that was not committed to")
		}
	})
}

// Whatever is imported is exported as it was.
func FuzzImport(f *testing.F) {
	seeds(f, "identity", func(v vector) { f.Add(seedBytes(f, v.In["seed"])) })
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		team, err := ImportTeamKey(raw)
		oneOf(t, err, amana.ErrInvalid)
		if (err == nil) != (len(raw) == KeySize) {
			t.Fatalf("%d bytes: err = %v", len(raw), err)
		}
		if err != nil {
			return
		}
		device, err := ImportDeviceKey(raw)
		oneOf(t, err)
		identity, err := ImportIdentity(raw)
		oneOf(t, err)
		for _, exported := range [][]byte{team.Export(), device.Export(), identity.Export()} {
			if !bytes.Equal(exported, raw) {
				t.Fatal("exported another key")
			}
		}
	})
}

func FuzzOpenBox(f *testing.F) {
	var id Identity
	seeds(f, "box", func(v vector) {
		f.Add(seedBytes(f, v.In["context"]), seedBytes(f, v.In["box"]))
		id = identityFrom(keep(seedBytes(f, v.In["seed"])))
	})
	f.Fuzz(func(t *testing.T, context, box []byte) {
		_, err := id.Open(context, box)
		oneOf(t, err, amana.ErrTampered)
	})
}

// Whatever a stream holds, its reader needs the memory of one chunk.
func FuzzOpenStream(f *testing.F) {
	k := StreamKey{keep(count(0xd0, KeySize))}
	seeds(f, "stream", func(v vector) { f.Add(seedBytes(f, v.Out["sealed"])) })
	f.Fuzz(func(t *testing.T, sealed []byte) {
		_, err := io.Copy(io.Discard, k.Open(bytes.NewReader(sealed)))
		oneOf(t, err, amana.ErrTampered)
	})
}
