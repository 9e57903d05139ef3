package vault

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/spelling"
	"amana/internal/view"
)

// listing is what lists and search hold of one case, or of a record that stands
// alone.
type listing struct {
	rid    int64
	row    view.Case
	words  []byte
	empty  bool // no case, or nothing of it can be read any more
	others []view.Listed
	due    string         // the earliest day on which another record asks for something
	when   record.Assault // by the incidents, where the case itself does not say
	origin view.Origin    // of a case that was brought from elsewhere
}

func (l *listing) put(tx *view.Tx) error {
	if err := tx.PutListed(l.rid, l.others); err != nil {
		return err
	}
	if l.empty {
		return tx.DropCase(l.rid)
	}
	if err := tx.PutCase(l.row, l.words); err != nil || l.origin.Source == "" {
		return err
	}
	return tx.PutOrigin(l.rid, l.origin)
}

// list folds what the member can read of a case into its row and its words.
// Signatures are not checked here: opening the record does.
func (s *Session) list(f view.File, m *room) listing {
	l := listing{rid: f.RID, empty: true, row: view.Case{RID: f.RID, Risk: 3}, words: m.words[:0]}
	for _, fr := range f.Records {
		r, t := s.fold(m, fr, nil)
		if r.Kind == "" {
			continue
		}
		listed := len(l.others)
		l.take(&r, t)
		if len(l.others) > listed {
			l.others[listed].RID = fr.RID
		}
	}
	m.words, l.words = l.words, bytes.Clone(m.distinct.Of(l.words))
	if l.row.Status == "open" {
		l.row.Due = record.Earlier(l.row.Due, l.due)
	}
	if l.row.Assault.Date == "" {
		l.row.Assault = view.Assault(l.when)
	}
	return l
}

func (l *listing) take(r *record.Record, t trouble) {
	switch r.Kind { //nolint:exhaustive // consents are in no list of their own
	case amana.KindCase:
		l.takeCase(r, t)
	case amana.KindIdentity:
		l.row.HasName = true
		l.row.Name = record.IdentityOf(r).Name
	case amana.KindConsent:
	default:
		l.takeOther(r, t)
		if r.Case.IsZero() {
			return // search finds cases
		}
	}
	l.row.Updated = max(l.row.Updated, r.Updated)
	l.row.Conflict = l.row.Conflict || r.Conflicts() > 0
	fields := record.FieldsOf(r.Kind)
	for _, c := range r.Cells() {
		l.addWords(fields, c)
	}
	for _, c := range r.Consents() {
		l.words = spelling.AppendText(l.words, c.Recipient.Reveal())
		l.words = spelling.AppendText(l.words, c.Conditions.Reveal())
	}
}

func (l *listing) takeCase(r *record.Record, t trouble) {
	l.empty = false
	c := record.CaseOf(r)
	l.row.ID, l.row.Code, l.row.Status = r.ID, c.Code, c.Status
	l.row.FollowUp, l.row.Due = c.FollowUp, c.Due
	l.row.Risk = riskRank(c.Risk)
	l.row.Age, l.row.Sex = encodeValue(c.Age), encodeValue(c.Sex)
	l.row.Opened, l.row.Author, l.row.Team = r.Opened, t.begunBy, t.team()
	l.row.Told = record.Earlier(c.Opened, record.When(r.Opened).Format(time.DateOnly))
	l.row.Owner, l.row.Flags, l.row.Waiting = c.Owner, c.Flags, c.Waiting
	l.row.Assault, l.row.Windows = view.Assault(c.Assault), c.Windows
	age, known := c.Age.Int()
	l.row.Child = known && age < adult
	l.others = append(l.others, view.Listed{
		ID: r.ID, Kind: r.Kind, Team: t.team(), Author: t.begunBy, Opened: r.Opened, Updated: r.Updated, Conflict: r.Conflicts() > 0,
		Body: encodeSets(r.Counted()),
	})
	l.words = append(l.words, codeWords(c.Code)...)
	l.origin = view.Origin{
		Source: r.Value(record.OriginSource).Reveal(), ID: r.Value(record.OriginID).Reveal(),
		Code: r.Value(record.OriginCode).Reveal(), Row: r.Value(record.OriginRow).Reveal(),
	}
}

// adult is the age in years from which nobody is a child (UN Convention on the
// Rights of the Child, article 1).
const adult = 18

// takeOther lists a record of another kind as it stands.
func (l *listing) takeOther(r *record.Record, t trouble) {
	sets := make([]event.Set, 0, len(r.Cells()))
	for _, c := range r.Cells() {
		if !record.IsLong(c.Name) && r.Kind != amana.KindFigures { // whoever looks at figures opens them
			sets = append(sets, event.Set{Field: c.Name, Value: c.Value})
		}
	}
	l.others = append(l.others, view.Listed{
		ID: r.ID, Kind: r.Kind, Team: t.team(), Author: t.begunBy, Opened: r.Opened, Updated: r.Updated,
		Conflict: r.Conflicts() > 0, Body: encodeSets(sets),
	})
	switch r.Kind { //nolint:exhaustive // the others say nothing of the case's day
	case amana.KindReferral:
		if due := r.Value("next_due").Reveal(); record.IsDate(due) {
			l.due = record.Earlier(l.due, due)
		}
	case amana.KindIncident:
		when := record.Assault{
			Date: r.Value("incident_date").Reveal(), Time: r.Value("incident_time").Reveal(),
			Part: r.Value("incident_timeofday").Reveal(),
		}
		if record.IsDate(when.Date) && when.Date > l.when.Date { // the last one is what hours are counted from
			l.when = when
		}
	}
}

// encodeSets writes fields down for a list, or nothing where they are larger than any
// entry: lists show that it is there.
func encodeSets(sets []event.Set) []byte {
	raw, err := event.EncodeSets(sets)
	if err != nil {
		return nil
	}
	return raw
}

func (t *trouble) team() (first amana.TeamID) {
	if len(t.teams) > 0 {
		first = t.teams[0]
	}
	return first
}

// addWords adds the words of one field: names by their sound too, choices not at
// all, since an option's id is no word anybody wrote.
func (l *listing) addWords(fields record.Known, c record.Cell) {
	switch f, ok := fields.Of(c.Name); {
	case record.IsOrigin(c.Name) && c.Name != record.OriginID && c.Name != record.OriginCode: // nobody asks for them
	case ok && (f.Name == "name" || f.Name == "other_names"):
		l.words = spelling.AppendName(l.words, c.Value.Reveal())
	case !ok || f.Type == record.Line || f.Type == record.Words || f.Type == record.Phone:
		l.words = spelling.AppendText(l.words, c.Value.Reveal())
	}
}

// codeWords lets a case be found by its code, with hyphens or without.
func codeWords(code string) []byte {
	plain := make([]byte, 0, len(code))
	for i := range len(code) {
		if code[i] != '-' {
			plain = append(plain, code[i])
		}
	}
	return spelling.AppendText(spelling.AppendText(nil, string(plain)), code)
}

func riskRank(level string) int {
	switch level {
	case "high":
		return 0
	case "medium":
		return 1
	case "low":
		return 2
	default:
		return 3
	}
}

func encodeValue(v event.Value) []byte {
	raw, err := v.MarshalCBOR()
	if err != nil {
		return nil
	}
	return raw
}

// trouble counts entries of a record that could not be used, beside who began it.
type trouble struct {
	tampered, unread int
	damaged          int            // of those tampered, how many are not what was noted here
	begunBy          amana.MemberID // who wrote the first entry
	teams            []amana.TeamID // whose record it is
	reach            reach          // where another device wrote to it too
	contested        bool           // somebody began it too
	state            seal.Hash      // of a record that is opened
	versions         []Version      // where several began it, and nothing of it is missing
}

// checker returns the author of an entry that verifies and that its author was
// allowed to write into a record of these teams, and by which right.
type checker func(e journal.Entry, it journal.Item, b event.Body, teams []amana.TeamID) (amana.MemberID, standing, error)

// fold opens every item of a record and folds it, checking each if check is not
// nil. What fails is left out and counted.
func (s *Session) fold(m *room, fr view.FileRecord, check checker) (record.Record, trouble) {
	f := folding{s: s, m: m, check: check, found: s.entries(m, fr.Items)}
	f.tampered = len(fr.Items) - len(f.found) // they were there when they were noted
	f.damaged = f.tampered
	f.recordKeys = s.keysOf(f.found)
	f.damaged += max(f.begins-1, 0) // which of them it is, only people can tell
	if slices.ContainsFunc(f.found, func(one foundEntry) bool { return one.item.Device != s.open.device }) {
		f.reach = reachOf(f.found)
	}
	entries := make([]record.Entry, 0, len(f.found))
	for i, one := range f.found {
		if !f.fits(one) || one.forged(s.open.org) {
			f.tampered++
			continue
		}
		if e, ok := f.open(one.entry, one.item); ok {
			if i == f.begun {
				f.begunBy = e.Author
			}
			entries = append(entries, e)
		}
	}
	f.trouble.teams, f.contested = f.recordKeys.teams, f.rivals > 0
	if check != nil && len(f.found) == len(fr.Items) {
		f.trouble.versions = s.versionsOf(fr.ID, f.recordKeys, f.found)
	}
	f.state = stateOf(f.said)
	r := record.Fold(fr.ID, entries)
	if len(f.narrow) > 0 && (!r.Kind.AboutNobody() || !r.Case.IsZero()) {
		r = record.Fold(fr.ID, f.without(entries))
	}
	if r.Kind != "" && !fitsName(fr.ID, r.Kind) {
		f.tampered += len(entries)
		return record.Record{ID: fr.ID}, f.trouble
	}
	return r, f.trouble
}

// entries opens the entry of each item, until the room is used again. What cannot be
// opened is left out.
func (s *Session) entries(m *room, items []int64) []foundEntry {
	m.reader.Reset()
	m.at, m.found = m.at[:0], m.found[:0]
	take := func(_ int, it journal.Item, err error) {
		if err != nil {
			return
		}
		if e, err := s.open.openEntry(s.ring, it); err == nil {
			m.found = append(m.found, foundEntry{it, e})
		}
	}
	for _, p := range items {
		if p := journal.Pos(p); p < looseFrom {
			m.at = append(m.at, p)
		}
	}
	m.reader.Each(m.at, take)
	if len(m.at) < len(items) { // of a start
		for _, p := range items[len(m.at):] {
			it, err := s.open.read(journal.Pos(p))
			take(0, it, err)
		}
	}
	return m.found
}

// without leaves out what was written by who may only write to what is about nobody,
// in a record that is not.
func (f *folding) without(entries []record.Entry) []record.Entry {
	f.tampered += len(f.narrow)
	return slices.DeleteFunc(entries, func(e record.Entry) bool {
		return slices.Contains(f.narrow, itemAt{e.Device, e.Seq})
	})
}

// folding is a record while its entries are opened, one after the other.
type folding struct {
	trouble
	recordKeys
	s      *Session
	m      *room
	check  checker
	found  []foundEntry
	narrow []itemAt // entries that count only in a record that is about nobody
	said   []seal.Hash
}

// itemAt is where an item stands.
type itemAt struct {
	device amana.DeviceID
	seq    uint64
}

// open opens and checks one entry, or counts why it cannot be used.
func (f *folding) open(e journal.Entry, it journal.Item) (record.Entry, bool) {
	body, err := f.m.openBody(f.s.ring, e, it, f.keys, f.first)
	if err != nil {
		f.count(err)
		return record.Entry{}, false
	}
	author, by, err := f.s.authorOf(e, it, body, f.recordKeys.teams, f.check)
	if err != nil {
		f.tampered++
		return record.Entry{}, false
	}
	if f.check != nil && speaks(body) {
		f.said = append(f.said, seal.Digest(entryLabel, e.SignedMessage(f.s.open.org, it)))
	}
	if by == narrow {
		f.narrow = append(f.narrow, itemAt{it.Device, it.Seq})
	}
	return record.Entry{
		Time: e.Time, Wall: e.Wall, Device: it.Device, Seq: it.Seq, Author: author, Body: body,
	}, true
}

func (t *trouble) count(err error) {
	if errors.Is(err, amana.ErrTampered) {
		t.tampered++
		return
	}
	t.unread++
}

func teamsOf(e journal.Entry) []amana.TeamID {
	teams := make([]amana.TeamID, len(e.Teams))
	for i, te := range e.Teams {
		teams[i] = te.Team
	}
	return teams
}

func (s *Session) authorOf(e journal.Entry, it journal.Item, b event.Body, teams []amana.TeamID, check checker) (amana.MemberID, standing, error) {
	if check != nil {
		return check(e, it, b, teams)
	}
	c, err := s.read()
	if err != nil {
		return amana.MemberID{}, full, err
	}
	id, _ := c.AuthorByShort(e.Author)
	return id, full, nil
}
