package wire_test

import (
	"bytes"
	"slices"
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

// What a hub answers to a batch says the same as its log, in fewer bytes, and nothing
// else is taken for that.
func TestPushed(t *testing.T) {
	k, origin := seal.NewHubKey(), wire.Origin(amana.OrgID{1})
	heads := []journal.SignedHead{{Seq: 1}, {Seq: 2}, {Seq: 3}}
	var known, all wire.Frontier
	known.Add(wire.Leaf(heads[0]))
	for _, h := range heads {
		all.Add(wire.Leaf(h))
	}
	c := wire.Checkpoint{Origin: origin, Size: 3, Root: all.Root()}
	good := func() wire.Pushed {
		return wire.Pushed{Size: 3, Leaves: []*journal.SignedHead{&heads[1], nil}, Signature: c.Signature(k)}
	}
	raw := wire.Encode(good())
	var p wire.Pushed
	if err := wire.Decode(raw, &p); err != nil {
		t.Fatal(err)
	}
	l, ok := p.Log(known, origin, k.NoteKey(), heads[2])
	note, err := c.Sign(k)
	if err != nil || !ok || !slices.Equal(l.Leaves, heads[1:]) || l.Size != 3 || !bytes.Equal(l.Checkpoint, note) {
		t.Fatalf("%+v, %v, %v", l, ok, err)
	}
	if known.Size != 1 {
		t.Error("what was known was changed")
	}
	for name, change := range map[string]func(*wire.Pushed){
		"only a size":         func(p *wire.Pushed) { p.Leaves, p.Signature = nil, nil },
		"another size":        func(p *wire.Pushed) { p.Size = 4 },
		"another leaf":        func(p *wire.Pushed) { p.Leaves[0] = &heads[2] },
		"another order":       func(p *wire.Pushed) { p.Leaves[0], p.Leaves[1] = p.Leaves[1], p.Leaves[0] },
		"no signature":        func(p *wire.Pushed) { p.Signature = nil },
		"another's signature": func(p *wire.Pushed) { p.Signature = c.Signature(seal.NewHubKey()) },
	} {
		p := good()
		change(&p)
		if _, ok := p.Log(known, origin, k.NoteKey(), heads[2]); ok {
			t.Errorf("%s: taken", name)
		}
	}
	p = good()
	if _, ok := p.Log(known, origin, k.NoteKey(), heads[0]); ok {
		t.Error("what was handed over is not in it: taken")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(wire.Encode(wire.Log{Leaves: []journal.SignedHead{{Seq: 1}}, Size: 1, Checkpoint: []byte("note")}))
	f.Add(wire.Encode(wire.News{Log: wire.Pushed{Leaves: []*journal.SignedHead{{Seq: 1}}}, Batches: []*wire.NewsBatch{{N: 1, Items: []byte{0}}, nil}}))
	f.Add(wire.Encode(wire.Pushed{Size: 1, Leaves: []*journal.SignedHead{nil}, Signature: make([]byte, 64)}))
	f.Add(wire.Encode(wire.Enrol{Token: make([]byte, 16)}))
	f.Add(wire.Encode(wire.Erase{Seqs: []uint64{1, 2}}))
	f.Add(wire.Encode(wire.Proof{Hashes: [][]byte{{1}}}))
	f.Add(wire.Encode(wire.Forget{Names: []seal.Hash{{1}}}))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		_ = wire.Decode(raw, &wire.Log{})
		_ = wire.Decode(raw, &wire.Enrol{})
		var news wire.News
		if wire.Decode(raw, &news) == nil {
			_, _ = news.Read()
		}
		var pushed wire.Pushed
		if wire.Decode(raw, &pushed) == nil {
			pushed.Log(wire.Frontier{}, "amana-hub/x", seal.VerifyKey{}, journal.SignedHead{})
		}
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
		var taken wire.TakenMail
		if wire.Decode(raw, &taken) == nil {
			_, _ = taken.Check(amana.OrgID{1})
		}
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
