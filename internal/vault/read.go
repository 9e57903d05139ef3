package vault

import (
	"context"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/spelling"
	"amana/internal/view"
)

// Opened is a record as the journal has it, every entry verified.
type Opened struct {
	record.Record
	Teams []amana.TeamID
	// Tampered counts entries whose signature or seal fails, Unread those that
	// could not be opened. They are left out, and the page says so.
	Tampered, Unread int
	// Damaged is set where it cannot be told what the record is: an entry that was noted
	// on this device is not there as it was, or more than one of those who may began it.
	Damaged bool
	// Contested is set where somebody began it too, for this team or another, which only a
	// changed program does: it may be theirs.
	Contested bool
	// State stands for what it says: it is another one after every entry that says anything,
	// whichever that is, and tells nothing itself. That it was opened, or left, is no such entry.
	State seal.Hash
	// Versions are the beginnings, where it is Damaged only by there being several: in no
	// order that says which came first.
	Versions []Version
}

// CaseFile is all that the member can read of one case, verified.
type CaseFile struct {
	Case    Opened
	Records []Opened // those that belong to it, in the order they were begun
}

// Read opens a case: every entry of every record of it that the member can read
// is taken from the journal again and verified. The opening is recorded first,
// durably. Kinds: ErrNotFound, also for what is not the member's to see.
func (s *Session) Read(ctx context.Context, id amana.RecordID) (CaseFile, error) {
	if err := s.isCase(ctx, id); err != nil {
		return CaseFile{}, err
	}
	if s.open.log.Refuses() == nil {
		if err := s.recordOpening(ctx, id); err != nil {
			return CaseFile{}, err
		}
	}
	return s.Peek(id)
}

func (s *Session) isCase(ctx context.Context, id amana.RecordID) error {
	x := s.index.Load()
	err := s.tryIsCase(id)
	if s.mended(ctx, x, err) {
		err = s.tryIsCase(id)
	}
	return err
}

func (s *Session) tryIsCase(id amana.RecordID) error {
	done, err := s.hold()
	if err != nil {
		return err
	}
	defer done()
	r, err := s.index.Load().find(id)
	if err == nil && r.Kind != amana.KindCase {
		err = fmt.Errorf("vault: record %s: no case: %w", id, amana.ErrNotFound)
	}
	return err
}

// Peek is Read without recording an opening: for what follows at once from an
// opening that was recorded, and for checks that show nothing to anybody.
func (s *Session) Peek(id amana.RecordID) (CaseFile, error) {
	x := s.index.Load()
	f, err := s.peek(id)
	if s.mended(context.Background(), x, err) {
		f, err = s.peek(id)
	}
	return f, err
}

func (s *Session) peek(id amana.RecordID) (CaseFile, error) {
	done, err := s.hold()
	if err != nil {
		return CaseFile{}, err
	}
	defer done()
	if err := s.index.Load().follow(); err != nil {
		return CaseFile{}, err
	}
	r, err := s.index.Load().find(id)
	if err != nil {
		return CaseFile{}, err
	}
	f, err := s.readFile(r)
	if err == nil && s.hasLeft(f.Case.Teams) {
		return CaseFile{}, fmt.Errorf("vault: record %s: of a team that was left: %w", id, amana.ErrNotFound)
	}
	return f, err
}

// PeekHead is Peek of a case, or of a record that stands alone, without what belongs
// to it: for what is added to it.
func (s *Session) PeekHead(id amana.RecordID) (Opened, error) {
	x := s.index.Load()
	o, err := s.peekHead(id)
	if s.mended(context.Background(), x, err) {
		o, err = s.peekHead(id)
	}
	return o, err
}

func (s *Session) peekHead(id amana.RecordID) (Opened, error) {
	done, err := s.hold()
	if err != nil {
		return Opened{}, err
	}
	defer done()
	x := s.index.Load()
	if err := x.catchUpItems(); err != nil {
		return Opened{}, err
	}
	r, err := x.find(id)
	if err != nil {
		return Opened{}, err
	}
	if r.OfCase != r.RID {
		return Opened{}, fmt.Errorf("vault: record %s: belongs to another: %w", id, amana.ErrNotFound)
	}
	at, err := x.view.Entries(r.RID)
	if err != nil {
		return Opened{}, err
	}
	if err := s.freshen(); err != nil {
		return Opened{}, err
	}
	o := s.openRecord(s.newRoom(), view.FileRecord{Record: r, Items: at})
	if s.hasLeft(o.Teams) {
		return Opened{}, fmt.Errorf("vault: record %s: of a team that was left: %w", id, amana.ErrNotFound)
	}
	return o, nil
}

// hasLeft reports whether the member was in these teams and is in none of them any
// more. What the view and the ring still have of them is not theirs to see.
func (s *Session) hasLeft(teams []amana.TeamID) bool {
	c, err := s.read()
	if err != nil || len(teams) == 0 {
		return false
	}
	left := c.TeamsLeft(s.ring.Member())
	return !slices.ContainsFunc(teams, func(t amana.TeamID) bool { return !slices.Contains(left, t) })
}

// recordOpening writes down that the member opened the record. Members whose
// role does not write may open what their keys open, and that is on record too.
func (s *Session) recordOpening(ctx context.Context, id amana.RecordID) error {
	return s.save(ctx, true, Change{Record: id, Facts: []event.Fact{event.Opened{}}})
}

func (s *Session) readFile(r view.Record) (CaseFile, error) {
	f, err := s.index.Load().view.File(r.OfCase)
	if err != nil {
		return CaseFile{}, err
	}
	if err := s.freshen(); err != nil {
		return CaseFile{}, err
	}
	opened := make([]Opened, len(f.Records))
	s.rooms(len(f.Records), func(m *room, i int) { opened[i] = s.openRecord(m, f.Records[i]) })
	var file CaseFile
	for i, o := range opened {
		switch {
		case f.Records[i].Kind == "":
		case f.Records[i].RID == f.RID:
			file.Case = o
		default:
			file.Records = append(file.Records, o)
		}
	}
	return file, nil
}

func (s *Session) openRecord(m *room, fr view.FileRecord) Opened {
	if fr.Kind == "" || fr.KeyPos == 0 {
		return Opened{}
	}
	r, t := s.fold(m, fr, s.verify)
	if t.reach != nil {
		s.shown.note(fr.ID, r.Version, t.reach)
	}
	return Opened{Record: r, Teams: t.teams, Tampered: t.tampered, Unread: t.unread, Damaged: t.damaged > 0, Contested: t.contested, Versions: t.versions, State: t.state}
}

// verify is the [checker] for opening a record. Who was a member may have noted
// an opening; to write anything else takes what the charter asks.
func (s *Session) verify(e journal.Entry, it journal.Item, b event.Body, teams []amana.TeamID) (author amana.MemberID, by standing, err error) {
	c, err := s.read()
	if err != nil {
		return author, by, err
	}
	author, err = verifyAuthor(c, s.open.org, e, it)
	if d, known := c.Device(it.Device); err == nil && known && d.Revoked != 0 && e.Time >= d.Revoked {
		err = fmt.Errorf("vault: item %d of device %s: revoked before: %w", it.Seq, it.Device, amana.ErrRefused)
	}
	if err == nil {
		by, err = allowed(c, author, teams, e.Time, b.Facts)
	}
	return author, by, err
}

func onlyOpened(b event.Body) bool {
	for _, f := range b.Facts {
		if _, ok := f.(event.Opened); !ok {
			return false
		}
	}
	return len(b.Facts) > 0
}

// Cases returns a page of the list of cases. Search is what somebody typed.
func (s *Session) Cases(search amana.Private, f view.Filter) ([]view.Case, error) {
	x := s.index.Load()
	rows, err := s.cases(search, f)
	if s.mended(context.Background(), x, err) {
		rows, err = s.cases(search, f)
	}
	return rows, err
}

func (s *Session) cases(search amana.Private, f view.Filter) ([]view.Case, error) {
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	f, found, err := s.searching(search, f)
	if err != nil || !found {
		return nil, err
	}
	c, err := s.read()
	if err != nil {
		return nil, err
	}
	f.Without = c.TeamsLeft(s.ring.Member())
	return s.index.Load().view.Cases(f)
}

// Count returns how many cases there are, counting no further than limit.
func (s *Session) Count(search amana.Private, f view.Filter, limit int) (int, error) {
	x := s.index.Load()
	n, err := s.count(search, f, limit)
	if s.mended(context.Background(), x, err) {
		n, err = s.count(search, f, limit)
	}
	return n, err
}

func (s *Session) count(search amana.Private, f view.Filter, limit int) (int, error) {
	done, err := s.hold()
	if err != nil {
		return 0, err
	}
	defer done()
	f, found, err := s.searching(search, f)
	if err != nil || !found {
		return 0, err
	}
	c, err := s.read()
	if err != nil {
		return 0, err
	}
	f.Without = c.TeamsLeft(s.ring.Member())
	return s.index.Load().view.Count(f, limit)
}

// fewFound is how few cases a search finds before its last word is taken for the
// beginning of one: that costs the more the more words begin so.
const fewFound = 50

// searching brings the view up to date and adds a search to a filter. What holds
// no word finds nothing.
func (s *Session) searching(search amana.Private, f view.Filter) (view.Filter, bool, error) {
	x := s.index.Load()
	if err := x.follow(); err != nil || search.IsEmpty() {
		return f, true, err
	}
	f.Words = spelling.Match(search.Reveal(), false)
	if f.Words == "" {
		return f, false, nil
	}
	if f.Sort == view.ByUpdated {
		f.Sort = view.ByFound
	}
	n, err := x.view.Count(f, fewFound)
	if err == nil && n < fewFound {
		f.Words = spelling.Match(search.Reveal(), true)
	}
	return f, true, err
}

// Erased returns the records that were erased, by the charter.
func (s *Session) Erased() (map[amana.RecordID]charter.Tombstone, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	return c.Erased(), nil
}
