package wire_test

import (
	"bytes"
	"testing"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
)

func TestInvitation(t *testing.T) {
	k := seal.NewHubKey()
	i := wire.Invitation{Address: wire.Address{Host: "[2001:db8::1]:7265", Key: k.VerifyKey(), Note: k.NoteKey()}, Token: seal.Random16()}
	again, err := wire.ParseInvitation(" " + i.String() + "\n")
	if err != nil || again != i {
		t.Errorf("%+v, %v", again, err)
	}
	for _, word := range []string{"", "amana-hub:", "amana-hub:host/", i.String()[1:], i.String()[:len(i.String())-4], i.String() + "AAAA"} {
		if _, err := wire.ParseInvitation(word); err == nil {
			t.Errorf("%q was taken", word)
		}
	}
}

func TestCheckpoint(t *testing.T) {
	k, other := seal.NewHubKey(), seal.NewHubKey()
	c := wire.Checkpoint{Origin: wire.Origin(amana.OrgID{1}), Size: 12}
	c.Root[3] = 7
	raw, err := c.Sign(k)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := wire.ReadCheckpoint(raw, k.NoteKey(), c.Origin); err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := wire.ReadCheckpoint(raw, other.NoteKey(), c.Origin); err == nil {
		t.Error("by another hub: taken")
	}
	if _, err := wire.ReadCheckpoint(raw, k.NoteKey(), wire.Origin(amana.OrgID{2})); err == nil {
		t.Error("of another organisation: taken")
	}
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		if got, err := wire.ReadCheckpoint(bad, k.NoteKey(), c.Origin); err == nil && got != c {
			t.Errorf("byte %d changed: taken as %+v", i, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(wire.Encode(wire.Log{Leaves: []journal.SignedHead{{Seq: 1}}, Size: 1, Checkpoint: []byte("note")}))
	f.Add(wire.Encode(wire.Enrol{Token: make([]byte, 16)}))
	f.Add(wire.Encode(wire.Erase{Seqs: []uint64{1, 2}}))
	f.Add(wire.Encode(wire.Proof{Hashes: [][]byte{{1}}}))
	f.Add(wire.Encode(wire.Forget{Names: []seal.Hash{{1}}}))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		_ = wire.Decode(raw, &wire.Log{})
		_ = wire.Decode(raw, &wire.Enrol{})
		_ = wire.Decode(raw, &wire.Admit{})
		_ = wire.Decode(raw, &wire.Revoke{})
		_ = wire.Decode(raw, &wire.Erase{})
		_ = wire.Decode(raw, &wire.Proof{})
		var claim wire.Claim
		if wire.Decode(raw, &claim) == nil {
			_, _ = claim.Check(amana.OrgID{1})
		}
		_ = wire.Decode(raw, &wire.Mail{})
		_ = wire.Decode(raw, &wire.DropMail{})
		_ = wire.Decode(raw, &wire.MailList{})
		_ = wire.Decode(raw, &wire.Forget{})
	})
}

func FuzzReadCheckpoint(f *testing.F) {
	k := seal.NewHubKey()
	raw, err := wire.Checkpoint{Origin: "amana-hub/x", Size: 3}.Sign(k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, err := wire.ReadCheckpoint(raw, k.NoteKey(), "amana-hub/x"); err == nil && c.Size != 3 {
			t.Errorf("a checkpoint nobody signed: %+v", c)
		}
	})
}

func FuzzParseInvitation(f *testing.F) {
	f.Add("amana-hub:host:1/" + string(bytes.Repeat([]byte("A"), 107)))
	f.Fuzz(func(t *testing.T, word string) {
		i, err := wire.ParseInvitation(word)
		if err != nil {
			return
		}
		if again, err := wire.ParseInvitation(i.String()); err != nil || again != i {
			t.Errorf("%q reads otherwise when written again: %v", word, err)
		}
	})
}

// A name has one form in a path.
func FuzzParseFileName(f *testing.F) {
	f.Add(wire.FilePath(seal.Hash{1, 2})[len(wire.PathFiles):])
	f.Add("00")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := wire.ParseFileName(text)
		if err == nil && wire.FilePath(name) != wire.PathFiles+text {
			t.Errorf("%q is another name when written again", text)
		}
	})
}
