package vault

import (
	"bytes"
	"cmp"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/journal"
	"amana/internal/seal"
)

// foundEntry is an item with its entry, opened.
type foundEntry struct {
	item  journal.Item
	entry journal.Entry
}

// before is the order of entries of several devices: by time, author, device, number.
func (f foundEntry) compare(g foundEntry) int {
	return cmp.Or(
		cmp.Compare(f.entry.Time, g.entry.Time),
		bytes.Compare(f.entry.Author[:], g.entry.Author[:]),
		bytes.Compare(f.item.Device[:], g.item.Device[:]),
		cmp.Compare(f.item.Seq, g.item.Seq),
	)
}

// recordKeys are the keys of one record that the member holds, and whose it is.
//
// Entries come in any order from other devices, and everybody in the organisation
// sees which records there are: whoever knows one could write an entry that gives it
// to another team. So a record is what began with the first entry, in order, that
// opens with this member's keys; without the keys of a team nobody can write one
// that opens for it. Entries that name other teams count for nothing. See format §8.6.
type recordKeys struct {
	teams []amana.TeamID
	keys  map[seal.Generation]seal.RecordKey
	first seal.Generation
	begun int // which of the entries it began with, or -1
}

// keysOf finds them among the entries of one record.
func (s *Session) keysOf(found []foundEntry) recordKeys {
	k := recordKeys{keys: map[seal.Generation]seal.RecordKey{}, begun: -1}
	closed := -1 // the first that does not open: other people's, or erased
	for i, f := range found {
		if len(f.entry.Teams) == 0 || f.entry.Generation != (seal.Generation{}) {
			continue
		}
		if key, err := s.ring.RecordKey(f.entry, f.item); err != nil {
			if closed < 0 || f.compare(found[closed]) < 0 {
				closed = i
			}
		} else if k.begun < 0 || f.compare(found[k.begun]) < 0 {
			k.begun, k.first = i, key.Generation()
		}
	}
	switch {
	case k.begun >= 0:
		k.teams = teamsOf(found[k.begun].entry)
	case closed >= 0:
		k.begun, k.teams = closed, teamsOf(found[closed].entry)
	}
	for i, f := range found {
		if len(f.entry.Teams) == 0 || !k.fits(f) || f.entry.Generation == (seal.Generation{}) && i != k.begun {
			continue
		}
		if key, err := s.ring.RecordKey(f.entry, f.item); err == nil {
			k.keys[key.Generation()] = key
		}
	}
	return k
}

// fits reports whether an entry is one of the record's, by the teams that it names.
func (k recordKeys) fits(f foundEntry) bool {
	return len(f.entry.Teams) == 0 || k.teams == nil || slices.Equal(teamsOf(f.entry), k.teams)
}

// newest returns the entry that brought the record's newest key, by an author who was
// allowed it, of those that this member can open.
func (s *Session) newest(c *charter.Charter, found []foundEntry, k recordKeys) int {
	at := k.begun
	for i, f := range found {
		if len(f.entry.Teams) == 0 || f.entry.Generation == (seal.Generation{}) || !k.fits(f) || f.compare(found[at]) < 0 {
			continue
		}
		if _, held := k.keys[f.entry.Generation]; !held {
			continue
		}
		author, err := verifyAuthor(c, s.open.org, f.entry, f.item)
		if err == nil && c.MayRead(author, k.teams, f.entry.Time) == nil {
			at = i
		}
	}
	return at
}
