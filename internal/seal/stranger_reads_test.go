package seal_test

import (
	"crypto/ed25519"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var zeroNonce [12]byte

func TestStranger_derivesAndDigests(t *testing.T) {
	s := stranger{t}
	s.vectors("derive", func(in, out map[string]string) {
		s.same("subkey", s.derive(s.hex(in["key"]), in["label"], s.list(in["context"])...), out["subkey"])
	})
	s.vectors("digest", func(in, out map[string]string) {
		s.same("digest", s.digest(in["label"], s.list(in["parts"])...), out["digest"])
	})
	s.vectors("padding", func(in, out map[string]string) {
		if got := s.padded(s.number(in["size"])); got != s.number(out["padded"]) {
			t.Errorf("size %s: padded to %d, want %s", in["size"], got, out["padded"])
		}
	})
}

func TestStranger_opensEntriesAndBodies(t *testing.T) {
	s := stranger{t}
	s.vectors("team", func(in, out map[string]string) {
		s.same("commitment", s.derive(s.hex(in["team_key"]), "amana/1/team commitment"), out["commitment"])
	})
	s.vectors("wrap", func(in, out map[string]string) {
		commitment := s.derive(s.hex(in["record_key"]), "amana/1/record commitment")
		s.same("commitment", commitment, out["commitment"])
		s.same("generation", commitment[:16], out["generation"])
		key := s.derive(s.hex(in["team_key"]), "amana/1/wrap", s.hex(in["record"]), commitment[:16])
		s.same("record key", s.openGCM(key, zeroNonce[:], s.hex(out["wrap"])), in["record_key"])
	})
	s.vectors("entry", func(in, out map[string]string) {
		key := s.derive(s.hex(in["team_key"]), "amana/1/entry", s.hex(in["place"]))
		s.same("entry", s.openGCM(key, s.hex(in["nonce"]), s.hex(out["sealed"])), in["plain"])
	})
	s.vectors("body", func(in, out map[string]string) {
		key := s.derive(s.hex(in["record_key"]), "amana/1/body", s.hex(in["place"]))
		padded := s.openGCM(key, s.hex(in["nonce"]), s.hex(out["sealed"]))
		s.same("padded body", padded, out["padded"])
		end := len(padded) - 1
		for padded[end] == 0 {
			end--
		}
		s.same("body", padded[:end], in["body"])
	})
}

func TestStranger_hasTheKeysOfMembersAndDevices(t *testing.T) {
	s := stranger{t}
	s.vectors("identity", func(in, out map[string]string) {
		seed := s.hex(in["seed"])
		verify := ed25519.NewKeyFromSeed(s.derive(seed, "amana/1/signing key")).Public().(ed25519.PublicKey)
		s.same("verify key", verify, out["verify_key"])
		_, _, box := s.boxKeys(seed)
		s.same("box key", box, out["box_key"])
		s.same("view key", s.derive(seed, "amana/1/view", s.hex(in["view_salt"])), out["view_key"])
		s.signed(out["verify_key"], in["label"], in["message"], out["signature"])
	})
	s.vectors("box", func(in, out map[string]string) {
		s.same("box", s.openBox(s.hex(in["seed"]), s.hex(in["context"]), s.hex(in["box"])), out["plain"])
	})
	s.vectors("slot", func(in, out map[string]string) {
		key, plain := s.openSlot(in)
		s.same("slot key", key, out["slot_key"])
		s.same("slot", plain, out["plain"])
	})
	s.vectors("file", func(in, out map[string]string) {
		device, file := s.hex(in["device_key"]), s.hex(in["file"])
		s.same("file", s.openGCM(s.derive(device, "amana/1/file", []byte(in["name"])), file[:12], file[12:]), out["plain"])
		verify := ed25519.NewKeyFromSeed(s.derive(device, "amana/1/device signing key", s.hex(in["device"]))).Public().(ed25519.PublicKey)
		s.same("verify key", verify, out["verify_key"])
		s.signed(out["verify_key"], in["label"], in["message"], out["signature"])
	})
	s.vectors("cover", func(in, out map[string]string) {
		b := s.hex(in["plain"])
		offset, err := strconv.ParseUint(in["offset"], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		s.cover(s.hex(in["device_key"]), s.hex(in["file"]), b, offset)
		s.same("covered", b, out["covered"])
	})
}

func TestStranger_sealsStreams(t *testing.T) {
	s := stranger{t}
	s.vectors("stream", func(in, out map[string]string) {
		sealed := s.sealStream(s.hex(in["stream_key"]), make([]byte, s.number(in["zeros"])))
		if len(sealed) > 100 {
			s.same("digest", s.digest("example", sealed), out["digest"])
		} else {
			s.same("stream", sealed, out["sealed"])
		}
	})
}

func TestStranger_sealsBlobs(t *testing.T) {
	s := stranger{t}
	s.vectors("blob", func(in, out map[string]string) {
		sealed := s.sealBlob(s.hex(in["blob_key"]), s.hex(in["record"]), make([]byte, s.number(in["zeros"])), strings.Split(in["runs"], ","))
		if len(sealed) > 100 {
			s.same("digest", s.digest("example", sealed), out["digest"])
		} else {
			s.same("blob", sealed, out["sealed"])
		}
	})
}

func TestStranger_combinesShares(t *testing.T) {
	s := stranger{t}
	s.vectors("words", func(in, out map[string]string) {
		s.same("words", s.fromWords(out["words"]), in["bytes"])
	})
	text := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)
	s.vectors("recovery", func(in, out map[string]string) {
		var shares [][]byte
		for _, n := range []string{"1", "2", "3", "4", "5"} {
			share := s.fromWords(out["share_"+n+"_words"])
			s.same("share", share, out["share_"+n])
			coded, err := text.DecodeString(strings.TrimPrefix(out["share_"+n+"_text"], "AMANA:"))
			if err != nil || !slices.Equal(coded[:42], share) {
				t.Errorf("share %s: the text holds another: %v", n, err)
			}
			shares = append(shares, share)
		}
		for _, three := range [][][]byte{shares[:3], shares[2:], {shares[4], shares[0], shares[2]}} {
			s.same("seed", s.combine(three...), out["seed"])
		}
		verify := ed25519.NewKeyFromSeed(s.derive(s.hex(out["seed"]), "amana/1/signing key")).Public().(ed25519.PublicKey)
		s.same("verify key", verify, out["verify_key"])
		set := s.digest("amana/1/recovery set", verify, []byte{3, 5})[:8]
		for i, share := range shares {
			if share[0] != 1<<4|2 || int(share[1]) != 4<<4|i || !slices.Equal(share[2:10], set) {
				t.Errorf("share %d: another header", i+1)
			}
		}
	})
}
