package demo

import (
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/vault"
)

// deed is one save of one member: what casework writes when somebody does the
// same by hand.
type deed struct {
	when    time.Time
	by      int  // place in [Members]
	visitor bool // somebody else opened the case
	changes []vault.Change
}

// deeds returns what was saved over the course of a story, in order. id makes the
// IDs of records and items.
func deeds(s Story, teams []amana.TeamID, members []amana.MemberID, id func() [16]byte) []deed {
	team := teams[s.Team : s.Team+1]
	file, consent := amana.RecordID(id()), amana.RecordID(id())
	begin := func(r amana.RecordID, k amana.Kind, of amana.RecordID, facts []event.Fact) vault.Change {
		return vault.Change{Record: r, Begin: &vault.Begin{Kind: k, Case: of, Teams: team}, Facts: facts}
	}
	opening := deed{when: s.Opened, by: s.Author, changes: []vault.Change{
		begin(file, amana.KindCase, amana.RecordID{}, opened(s, members[s.Owner])),
	}}
	if s.Identity != nil {
		opening.changes = append(opening.changes, begin(amana.RecordID(id()), amana.KindIdentity, file, sets("", s.Identity)))
	}
	if len(s.Consents) > 0 {
		opening.changes = append(opening.changes, begin(consent, amana.KindConsent, file, answers(s.Consents)))
	}
	if s.Incident != nil {
		opening.changes = append(opening.changes, begin(amana.RecordID(id()), amana.KindIncident, file, s.Incident.facts(s.Code, id)))
	}
	var list []deed
	for _, r := range s.Referrals {
		referred := amana.RecordID(id())
		first, later, when := r.facts(s.Code, members[s.Author], id)
		opening.changes = append(opening.changes, begin(referred, amana.KindReferral, file, first))
		if later != nil {
			list = append(list, deed{when, s.Author, false, []vault.Change{{Record: referred, Facts: later}}})
		}
	}
	list = append(list, opening)
	say := func(when time.Time, by int, r amana.RecordID, facts []event.Fact) {
		list = append(list, deed{when, by, by != s.Author, []vault.Change{{Record: r, Facts: facts}}})
	}
	for _, n := range s.Notes {
		say(n.When, n.By, file, sets(item(record.Notes, id()), n.Values))
	}
	for _, f := range s.FollowUps {
		say(f.When, f.By, file, sets(item(record.FollowUps, id()), f.Values))
	}
	items := make([]string, len(s.Errands))
	for i, e := range s.Errands {
		items[i] = item(e.List, id())
		say(e.When, e.By, file, sets(items[i], e.named(members)))
	}
	for _, r := range s.Replies {
		say(r.When, r.By, file, sets(items[r.To], r.named(members)))
	}
	for _, a := range s.Answers {
		say(a.When, a.By, consent, answers(a.Consents))
	}
	if c := s.Closing; c != nil {
		say(c.When, c.By, file, append(sets("", c.Values), event.Set{Field: "status", Value: event.Text("closed")}))
	}
	slices.SortStableFunc(list, func(a, b deed) int { return a.when.Compare(b.when) })
	return list
}

// Entries returns the facts of every entry that a story becomes, in order: for
// who measures entries or learns from them. The same story gives the same bytes.
func Entries(s Story) [][]event.Fact {
	chance := rand.New(rand.NewPCG(uint64(s.Opened.UnixNano()), uint64(len(s.Code)+s.Author)))
	ids := func() [16]byte {
		return [16]byte(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, chance.Uint64()), chance.Uint64()))
	}
	var entries [][]event.Fact
	for _, d := range deeds(s, make([]amana.TeamID, len(Teams())), make([]amana.MemberID, len(Members())), ids) {
		for _, ch := range d.changes {
			facts := ch.Facts
			if b := ch.Begin; b != nil {
				facts = append([]event.Fact{event.Begun{Kind: b.Kind, Case: b.Case}}, facts...)
			}
			entries = append(entries, facts)
		}
	}
	return entries
}

func opened(s Story, owner amana.MemberID) []event.Fact {
	values := casework.Values{
		"survivor_code_no": event.Text(s.Code), "status": event.Text("open"), "owned_by": event.Text(owner.String()),
	}
	maps.Copy(values, s.Case)
	return sets("", values)
}

// named are the values of an errand, with the members whom it names.
func (e Errand) named(members []amana.MemberID) casework.Values {
	all := maps.Clone(e.Values)
	for field, place := range e.Members {
		all[field] = event.Text(members[place].String())
	}
	return all
}

// item begins the names of the fields of a new item in a list.
func item(list string, id [16]byte) string { return list + "/" + hex.EncodeToString(id[:5]) + "/" }

// sets are the values in the order of their names.
func sets(prefix string, values casework.Values) []event.Fact {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	facts := make([]event.Fact, 0, len(names))
	for _, name := range names {
		facts = append(facts, event.Set{Field: prefix + name, Value: values[name]})
	}
	return facts
}

func answers(consents []casework.Consent) []event.Fact {
	facts := make([]event.Fact, 0, len(consents))
	for _, c := range consents {
		facts = append(facts, event.Consented{
			Purpose: c.Purpose, Recipient: c.Recipient, Decision: c.Decision, Until: c.Until,
			GivenBy: c.GivenBy, How: c.How, Language: c.Language, Conditions: c.Conditions,
		})
	}
	return facts
}
