package journal_test

import (
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// IDs of records are the format: see 2.6.
func TestNameRecord_isFrozen(t *testing.T) {
	org, author, commitment := amana.OrgID{1, 2}, journal.Author{3}, seal.Hash{4, 5}
	for ledger, want := range map[bool]string{false: "ws98mxwbeehhwqcwe3rpdz00x8", true: "ae3et8c8zthhwqcxmm0b2vkenr"} {
		id := journal.NameRecord(org, author, commitment, ledger)
		if named, is := amana.IsNamed(id); id.String() != want || !named || is != ledger {
			t.Errorf("got %s, want %s", id, want)
		}
		first := journal.TeamEpoch{Epoch: 1}
		for what, e := range map[string]struct {
			is    bool
			entry journal.Entry
		}{
			"as it was named": {true, journal.Entry{Record: id, Author: author, Commitment: commitment, Teams: []journal.TeamEpoch{first}}},
			"somebody else":   {false, journal.Entry{Record: id, Author: journal.Author{9}, Commitment: commitment, Teams: []journal.TeamEpoch{first}}},
			"another key":     {false, journal.Entry{Record: id, Author: author, Commitment: seal.Hash{9}, Teams: []journal.TeamEpoch{first}}},
			"a later key":     {false, journal.Entry{Record: id, Author: author, Commitment: commitment, Teams: []journal.TeamEpoch{first}, Generation: seal.Generation{1}}},
			"no key":          {false, journal.Entry{Record: id, Author: author}},
			"drawn at random": {true, journal.Entry{Record: amana.RecordID{7}, Author: author, Commitment: commitment, Teams: []journal.TeamEpoch{first}}},
			"borne here":      {true, journal.Entry{Record: amana.Foreign(id), Author: author, Teams: []journal.TeamEpoch{first}}},
		} {
			if e.entry.Begins(org) != e.is {
				t.Errorf("%s: begins %t", what, !e.is)
			}
		}
	}
}
