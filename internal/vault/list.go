package vault

import (
	"errors"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/spelling"
	"amana/internal/view"
)

// listing is what lists and search hold of one case.
type listing struct {
	rid   int64
	row   view.Case
	words []byte
	empty bool // nothing of it can be read any more
}

func (l *listing) put(tx *view.Tx) error {
	if l.empty {
		return tx.DropCase(l.rid)
	}
	return tx.PutCase(l.row, l.words)
}

// renew puts a case into lists as it stands now.
func (x *indexer) renew(tx *view.Tx, rid int64) error {
	f, err := tx.File(rid)
	if err != nil {
		return err
	}
	l := x.s.list(f)
	return l.put(tx)
}

// list folds what the member can read of a case into its row and its words.
// Signatures are not checked here: opening the record does.
func (s *Session) list(f view.File) listing {
	l := listing{rid: f.RID, empty: true, row: view.Case{RID: f.RID, Risk: 3}}
	for _, fr := range f.Records {
		r, t := s.fold(fr, nil)
		if r.Kind == "" {
			continue
		}
		l.take(&r, t)
	}
	return l
}

func (l *listing) take(r *record.Record, t trouble) {
	switch r.Kind { //nolint:exhaustive // of the other kinds only the words count
	case amana.KindCase:
		l.empty = false
		c := record.CaseOf(r)
		l.row.ID, l.row.Code, l.row.Status, l.row.FollowUp = r.ID, c.Code, c.Status, c.FollowUp
		l.row.Risk = riskRank(c.Risk)
		l.row.Age, l.row.Sex = encodeValue(c.Age), encodeValue(c.Sex)
		l.row.Opened, l.row.Author = r.Opened, t.begunBy
		if len(t.teams) > 0 {
			l.row.Team = t.teams[0]
		}
		l.words = append(l.words, codeWords(c.Code)...)
	case amana.KindIdentity:
		l.row.HasName = true
		l.row.Name = record.IdentityOf(r).Name
	}
	l.row.Updated = max(l.row.Updated, r.Updated)
	l.row.Conflict = l.row.Conflict || r.Conflicts() > 0
	for _, c := range r.Cells() {
		l.addWords(r.Kind, c)
	}
	for _, c := range r.Consents() {
		l.words = spelling.AppendText(l.words, c.Recipient.Reveal())
		l.words = spelling.AppendText(l.words, c.Conditions.Reveal())
	}
}

// addWords adds the words of one field: names by their sound too, choices not at
// all, since an option's id is no word anybody wrote.
func (l *listing) addWords(kind amana.Kind, c record.Cell) {
	switch f, ok := record.FieldOf(kind, c.Name); {
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
	begunBy          amana.MemberID // who wrote the first entry
	teams            []amana.TeamID // whose record it is
}

// checker returns the author of an entry that verifies and that its author was
// allowed to write into a record of these teams.
type checker func(e journal.Entry, it journal.Item, b event.Body, teams []amana.TeamID) (amana.MemberID, error)

// fold opens every item of a record and folds it, checking each if check is not
// nil. What fails is left out and counted.
func (s *Session) fold(fr view.FileRecord, check checker) (record.Record, trouble) {
	f := folding{s: s, check: check, keys: map[seal.Generation]seal.RecordKey{}}
	entries := make([]record.Entry, 0, len(fr.Items))
	for _, p := range fr.Items {
		it, e, err := s.entryAt(journal.Pos(p))
		if err != nil || !f.keyOf(e, it) {
			f.tampered++
			continue
		}
		if one, ok := f.open(e, it); ok {
			if len(entries) == 0 {
				f.begunBy = one.Author
			}
			entries = append(entries, one)
		}
	}
	return record.Fold(fr.ID, entries), f.trouble
}

// folding is a record while its entries are opened, one after the other.
type folding struct {
	trouble
	s     *Session
	check checker
	keys  map[seal.Generation]seal.RecordKey
	first seal.Generation
}

// keyOf takes the record key that an entry brings, if it brings one. It reports
// false where the entry names other teams than the record began with; see
// [Session.goOn].
func (f *folding) keyOf(e journal.Entry, it journal.Item) bool {
	if len(e.Teams) == 0 || it.Flags&journal.Erased != 0 {
		return true
	}
	if f.teams == nil {
		f.teams = teamsOf(e)
	} else if !slices.Equal(teamsOf(e), f.teams) {
		return false
	}
	if k, err := f.s.ring.RecordKey(e, it); err == nil {
		g := k.Generation()
		f.keys[g] = k
		if f.first == (seal.Generation{}) {
			f.first = g
		}
	}
	return true
}

// open opens and checks one entry, or counts why it cannot be used.
func (f *folding) open(e journal.Entry, it journal.Item) (record.Entry, bool) {
	body, err := openBody(f.s.ring, e, it, f.keys, f.first)
	if err != nil {
		f.count(err)
		return record.Entry{}, false
	}
	author, err := f.s.authorOf(e, it, body, f.teams, f.check)
	if err != nil {
		f.tampered++
		return record.Entry{}, false
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

func (s *Session) authorOf(e journal.Entry, it journal.Item, b event.Body, teams []amana.TeamID, check checker) (amana.MemberID, error) {
	if check != nil {
		return check(e, it, b, teams)
	}
	c, err := s.read()
	if err != nil {
		return amana.MemberID{}, err
	}
	id, _ := c.AuthorByShort(e.Author)
	return id, nil
}
