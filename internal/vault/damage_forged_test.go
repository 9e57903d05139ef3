package vault_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
	"amana/internal/vault"
)

// The journal is written anew by somebody who has the device's key, as every member
// does, but nobody's signing key: each time all checksums, numbers and chains fit.
func TestDamage_rewrittenWithTheDeviceKey(t *testing.T) {
	tests := []struct {
		name  string
		forge func(items []journal.Item) []journal.Item
	}{
		{"two entries swapped, as they were", func(l []journal.Item) []journal.Item {
			l[len(l)-2], l[len(l)-1] = l[len(l)-1], l[len(l)-2]
			return l
		}},
		{"two entries swapped and numbered anew", func(l []journal.Item) []journal.Item {
			l[len(l)-2], l[len(l)-1] = l[len(l)-1], l[len(l)-2]
			return renumbered(l)
		}},
		{"an entry dropped", func(l []journal.Item) []journal.Item { return slices.Delete(l, len(l)-4, len(l)-3) }},
		{"an entry dropped and the others numbered anew", func(l []journal.Item) []journal.Item {
			return renumbered(slices.Delete(l, len(l)-4, len(l)-3))
		}},
		{"the last entry played again", func(l []journal.Item) []journal.Item { return append(l, clone(l[len(l)-1])) }},
		{"the last entry played again under the next number", func(l []journal.Item) []journal.Item {
			return append(l, moved(l[len(l)-1], l[len(l)-1].Seq+1))
		}},
		{"an old entry played again", func(l []journal.Item) []journal.Item {
			return append(l, moved(l[len(l)-6], l[len(l)-1].Seq+1))
		}},
		{"an entry doubled in its place", func(l []journal.Item) []journal.Item {
			return renumbered(slices.Insert(l, len(l)-3, l[len(l)-3]))
		}},
		{"an entry of another's body", func(l []journal.Item) []journal.Item {
			l[len(l)-1].Body = slices.Clone(l[len(l)-2].Body)
			return l
		}},
		{"an entry without its body", func(l []journal.Item) []journal.Item {
			h := l[len(l)-1].BodyHash()
			l[len(l)-1].Body = h[:]
			l[len(l)-1].Flags |= journal.Erased
			return l
		}},
		{"the last entry cut off", func(l []journal.Item) []journal.Item { return l[:len(l)-1] }},
		{"the last ten entries cut off", func(l []journal.Item) []journal.Item { return l[:len(l)-10] }},
	}
	h, s, _ := small(t)
	h.v.LockAll()
	_ = s
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := h.copied(t)
			f := newForger(t, c, c.enter(t, "w0"))
			c.v.LockAll()
			f.rewrite(t, f.items)
			if found := c.finds(t, "w0"); len(found) > 0 {
				t.Fatalf("the forger does not know the format: %q", found)
			}
			f.rewrite(t, tt.forge(f.items))
			found := c.finds(t, "w0")
			if len(found) == 0 {
				t.Error("not found")
			}
			readable(t, found)
			t.Logf("%.120q", found)
		})
	}
}

// The same by another member, who has the organisation's keys and a signing key of
// their own, and is not in the team.
func TestDamage_rewrittenByAnotherMember(t *testing.T) {
	h, _, cases := small(t)
	h.v.LockAll()
	last := func(f *forger) *journal.Item { return &f.items[len(f.items)-1] }
	tests := []struct {
		name  string
		forge func(t *testing.T, f *forger, w1 *vault.Session)
		want  string
	}{
		{"an entry moved, sealed anew at its new place", func(t *testing.T, f *forger, w1 *vault.Session) {
			n := len(f.items)
			f.items[n-1], f.items[n-2] = reseal(t, f, w1, f.items[n-2], f.items[n-1].Seq), reseal(t, f, w1, f.items[n-1], f.items[n-2].Seq)
		}, "signature"},
		{"an entry said to be by somebody else", func(t *testing.T, f *forger, w1 *vault.Session) {
			it := last(f)
			e, err := w1.EntryOf(*it)
			if err != nil {
				t.Fatal(err)
			}
			e.Author = journal.AuthorOf(w1.Member())
			sealEntry(w1, f.org, it, e)
		}, "signature"},
		{"an entry at another time", func(t *testing.T, f *forger, w1 *vault.Session) {
			it := last(f)
			e, err := w1.EntryOf(*it)
			if err != nil {
				t.Fatal(err)
			}
			e.Time += 1 << 30
			sealEntry(w1, f.org, it, e)
		}, "signature"},
		{"an entry of theirs in a record that is not theirs", func(t *testing.T, f *forger, w1 *vault.Session) {
			*last(f) = own(t, f, w1, cases[1].Case, seal.NewRecordKey(), nil)
		}, "body"},
		{"a new key for a record that is not theirs, for their own team", func(t *testing.T, f *forger, w1 *vault.Session) {
			*last(f) = own(t, f, w1, cases[1].Case, seal.NewRecordKey(), []journal.TeamEpoch{{Team: h.Teams[1], Epoch: 1}})
		}, ""},
		{"an entry of theirs, of their own record, in place of another's", func(t *testing.T, f *forger, w1 *vault.Session) {
			*last(f) = own(t, f, w1, amana.RecordID(seal.Random16()), seal.NewRecordKey(), []journal.TeamEpoch{{Team: h.Teams[1], Epoch: 1}})
		}, "history"},
		{"a rule of the organisation that they may not set", func(t *testing.T, f *forger, w1 *vault.Session) {
			d := draft(f, w1, amana.RecordID(f.org), w1.CharterKey(), nil, event.RuleSet{Rule: "idle_minutes", Value: "999"})
			d.Seq++
			it, err := w1.SealAt(d, 1)
			if err != nil {
				t.Fatal(err)
			}
			f.items = append(f.items, it)
		}, "charter"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := h.copied(t)
			w1 := c.enter(t, "w1")
			f := newForger(t, c, w1)
			tt.forge(t, f, w1)
			c.v.LockAll()
			f.rewrite(t, f.items)
			found := c.finds(t, "w0")
			named := slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, tt.want) })
			if len(found) == 0 || !named {
				t.Errorf("found %q, want %q", found, tt.want)
			}
			readable(t, found)
			t.Logf("%.160q", found)
			// And nothing of it is believed.
			s, err := c.v.EnterBy(context.Background(), c.Ways["w0"])
			if err != nil {
				return
			}
			defer s.Lock()
			built(t, s)
			if ch, err := s.Charter(); err != nil || ch.Rules()["idle_minutes"] == "999" {
				t.Errorf("the rule is believed: %v", err)
			}
			file, err := s.Peek(cases[1].Case)
			if err == nil && slices.Contains(notesOf(file), "forged") {
				t.Error("the note is believed")
			}
		})
	}
}

// reseal opens an entry with the organisation's key and seals it at another place.
func reseal(t *testing.T, f *forger, s *vault.Session, it journal.Item, seq uint64) journal.Item {
	t.Helper()
	e, err := s.EntryOf(it)
	if err != nil {
		t.Fatal(err)
	}
	it = moved(it, seq)
	sealEntry(s, f.org, &it, e)
	return it
}

func sealEntry(s *vault.Session, org amana.OrgID, it *journal.Item, e journal.Entry) {
	k := vault.TeamKeysOf(s)[journal.TeamEpoch{Team: keyring.Organisation, Epoch: it.Epoch}]
	it.Nonce = seal.NewNonce()
	it.Entry = k.SealEntry(it.EntryPlace(org), it.Nonce, e.Encode())
}

func draft(f *forger, s *vault.Session, record amana.RecordID, key seal.RecordKey, teams []journal.TeamEpoch, facts ...event.Fact) keyring.Draft {
	old := f.items[len(f.items)-1]
	if len(facts) == 0 {
		facts = []event.Fact{event.Set{Field: "note/0000000000/text", Value: event.Text("forged")}}
	}
	if len(teams) > 0 {
		facts = append([]event.Fact{event.Begun{Kind: amana.KindCase}}, facts...)
	}
	return keyring.Draft{
		Record: record, Key: key, Teams: teams, Body: vault.Pack(facts...),
		Device: old.Device, Seq: old.Seq, Time: f.mark + 1, Last: true,
	}
}

// own is an entry that a member's own program would make, in place of the last.
func own(t *testing.T, f *forger, s *vault.Session, record amana.RecordID, key seal.RecordKey, teams []journal.TeamEpoch, facts ...event.Fact) journal.Item {
	t.Helper()
	it, err := s.SealAt(draft(f, s, record, key, teams, facts...), 1)
	if err != nil {
		t.Fatal(err)
	}
	return it
}
