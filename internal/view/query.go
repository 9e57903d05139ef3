package view

import (
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"amana"
)

// Case is a row of the list of cases.
type Case struct {
	RID      int64
	ID       amana.RecordID
	Code     string
	Name     amana.Private
	HasName  bool
	Team     amana.TeamID
	Status   string
	Risk     int // 0 high, 1 medium, 2 low, 3 not assessed
	Age, Sex []byte
	Author   amana.MemberID
	Opened   uint64
	Told     string // ISO date on which the person first came: before it was opened here, if it was brought from elsewhere
	Updated  uint64
	FollowUp string // ISO date, or ""
	Due      string // ISO date of whatever is due first, or ""
	Owner    string // a member's ID in text, or ""
	Flags    int
	Waiting  int // approvals that were asked for and not decided
	Child    bool
	Assault  Assault
	Windows  []string // ids of windows with an outcome
	Conflict bool
}

// Assault says when it happened, as exactly as was recorded; each part may be "".
type Assault struct {
	Date string // ISO, perhaps without day or month
	Time string // HH:MM
	Part string // of the day: an id of incident_timeofday
}

// pack writes the parts so that they sort by time, a month or a year after all of
// its days, and what is not known last.
func (a Assault) pack() string { return a.Date + "|" + a.Time + "|" + a.Part }

func unpackAssault(s string) (a Assault) {
	a.Date, s, _ = strings.Cut(s, "|")
	a.Time, a.Part, _ = strings.Cut(s, "|")
	return a
}

const never = "9999"

func orNever(date string) string {
	if date == "" {
		return never
	}
	return date
}

func unlessNever(date string) string {
	if date == never {
		return ""
	}
	return date
}

// Sorting of a list.
type Sorting int

// The sortings.
const (
	ByUpdated Sorting = iota
	// ByFound is for searches: the newest case first, without a look at the others.
	ByFound
	ByOpened
	ByFollowUp
	ByRisk
	ByCode
	ByOwner
	ByTeam
	ByDue
)

var order = map[Sorting]string{
	ByUpdated:  "updated DESC",
	ByFound:    "rid DESC",
	ByOpened:   "opened DESC",
	ByFollowUp: "followup, rid", // many have none: pages need one order
	ByRisk:     "risk, updated", // of one risk, whoever waited longest first
	ByCode:     "code",
	ByOwner:    "owner, due, rid", // of one member, what is due first
	ByTeam:     "team, due, rid",
	ByDue:      "due, rid",
}

// backwards are the same orders from their ends; found cases have one only.
var backwards = map[Sorting]string{
	ByUpdated: "updated", ByFound: "rid DESC", ByOpened: "opened", ByFollowUp: "followup DESC, rid DESC", ByRisk: "risk DESC, updated DESC",
	ByCode: "code DESC", ByOwner: "owner DESC, due DESC, rid DESC", ByTeam: "team DESC, due DESC, rid DESC", ByDue: "due DESC, rid DESC",
}

func (f Filter) order() string {
	if f.Backwards {
		return backwards[f.Sort]
	}
	return order[f.Sort]
}

// Filter narrows a list. Zero fields do not.
type Filter struct {
	Words   string // a query of FTS5, as package spelling writes it
	Status  string
	Risk    int // 1 high … 4 not assessed; 0 any
	Team    amana.TeamID
	Author  amana.MemberID
	Due     string // something due on or before this ISO date
	Planned string // a follow-up on or before this ISO date
	Owner   string // whose case it is: a member's ID
	Flagged bool
	Waiting bool // with an approval that was asked for
	Child   bool
	// Since finds cases of assaults that may have been on or after this ISO date, and
	// of those whose day nobody knows the ones of people who came since.
	Since    string
	Conflict bool // with something to be decided
	Without  []amana.TeamID
	Sort     Sorting
	// Backwards turns the order round.
	Backwards bool
	Offset    int
	Limit     int
}

func (f Filter) where() (string, []any) {
	var cond []string
	var args []any
	add := func(c string, a any) {
		cond = append(cond, c)
		args = append(args, a)
	}
	if f.streams() {
		add("words MATCH ?", f.Words)
	} else if f.Words != "" {
		add("rid IN (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 500)", f.Words)
	}
	if f.Status != "" {
		add("status=?", f.Status)
	}
	if f.Risk > 0 {
		add("risk=?", f.Risk-1)
	}
	if !f.Team.IsZero() {
		add("team=?", f.Team[:])
	}
	for _, team := range f.Without {
		add("team<>?", team[:])
	}
	if !f.Author.IsZero() {
		add("author=?", f.Author[:])
	}
	if f.Due != "" {
		add("due<=?", f.Due)
	}
	if f.Planned != "" {
		add("followup<=?", f.Planned)
	}
	if f.Owner != "" {
		add("owner=?", f.Owner)
	}
	if f.Flagged {
		add("flags>?", 0)
	}
	if f.Waiting {
		add("waiting>?", 0)
	}
	if f.Child {
		add("child=?", true)
	}
	if f.Since != "" {
		// Where it is not known when, it was before anybody was told.
		cond = append(cond, "assault>=? AND (assault<'|' OR told>=?)")
		args = append(args, f.Since, f.Since)
	}
	if f.Conflict {
		add("conflict=?", true)
	}
	if len(cond) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(cond, " AND "), args
}

const caseColumns = `rid,(SELECT id FROM record r WHERE r.rid=casefile.rid),code,name,has_name,team,status,risk,
	age,sex,author,opened,updated,followup,due,owner,flags,waiting,child,assault,windows,conflict,told`

// Cases returns a page of the list. A search that is sorted otherwise than
// ByFound looks at its 500 newest cases only.
func (v *View) Cases(f Filter) (rows []Case, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	sql, args := f.query()
	err = v.each(sql, args, func(s *sqlite3.Stmt) error {
		rows = append(rows, scanCase(s))
		return nil
	})
	return rows, err
}

func (f Filter) query() (sql string, args []any) {
	where, args := f.where()
	by := f.order()
	if f.streams() {
		by = "words.rowid DESC"
	}
	return "SELECT " + caseColumns + f.from() + where + " ORDER BY " + by + " LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset)
}

// streams reports whether the search index can hand out cases in the order asked
// for, so that no more are looked at than are shown.
func (f Filter) streams() bool { return f.Words != "" && f.Sort == ByFound }

// from chooses how a search is joined.
func (f Filter) from() string {
	if f.streams() {
		return " FROM words CROSS JOIN casefile ON casefile.rid=words.rowid"
	}
	return " FROM casefile"
}

func scanCase(s *sqlite3.Stmt) Case {
	c := Case{
		RID: s.ColumnInt64(0), Code: s.ColumnText(2), Name: amana.Conceal(s.ColumnText(3)), HasName: s.ColumnBool(4),
		Status: s.ColumnText(6), Risk: s.ColumnInt(7), Age: s.ColumnBlob(8, nil), Sex: s.ColumnBlob(9, nil),
		Opened: uint64(s.ColumnInt64(11)), Updated: uint64(s.ColumnInt64(12)),
		FollowUp: unlessNever(s.ColumnText(13)), Due: unlessNever(s.ColumnText(14)), Owner: s.ColumnText(15),
		Flags: s.ColumnInt(16), Waiting: s.ColumnInt(17), Child: s.ColumnBool(18), Assault: unpackAssault(s.ColumnText(19)),
		Windows: strings.Fields(s.ColumnText(20)), Conflict: s.ColumnBool(21), Told: s.ColumnText(22),
	}
	copy(c.ID[:], s.ColumnRawBlob(1))
	copy(c.Team[:], s.ColumnRawBlob(5))
	copy(c.Author[:], s.ColumnRawBlob(10))
	return c
}

// Count returns how many cases a filter finds, counting no further than limit.
func (v *View) Count(f Filter, limit int) (n int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if f.Words != "" {
		f.Sort = ByFound
	}
	where, args := f.where()
	sql := "SELECT count(*) FROM (SELECT 1" + f.from() + where + " LIMIT ?)"
	err = v.each(sql, append(args, limit), func(s *sqlite3.Stmt) error {
		n = s.ColumnInt(0)
		return nil
	})
	return n, err
}

// Record is what the view knows of one record.
type Record struct {
	RID     int64
	ID      amana.RecordID
	KeyPos  int64
	Foreign bool
	Kind    amana.Kind // "" where the member cannot read it
	OfCase  int64
}

// File is a case with its records, the case itself first, and their items.
type File struct {
	RID     int64
	Records []FileRecord
}

// FileRecord is one record of a case, with the positions of its items in order.
type FileRecord struct {
	Record
	Items []int64
}

const recordColumns = "rid,id,keypos,foreign_,kind,of_case"

func scanRecord(s *sqlite3.Stmt) Record {
	r := Record{
		RID: s.ColumnInt64(0), KeyPos: s.ColumnInt64(2), Foreign: s.ColumnBool(3),
		Kind: amana.Kind(s.ColumnText(4)), OfCase: s.ColumnInt64(5),
	}
	copy(r.ID[:], s.ColumnRawBlob(1))
	return r
}

// Find returns a record by its ID; ok is false where there is none.
func (v *View) Find(id amana.RecordID) (r Record, ok bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT "+recordColumns+" FROM record WHERE id=?", []any{id[:]}, func(s *sqlite3.Stmt) error {
		r, ok = scanRecord(s), true
		return nil
	})
	return r, ok, err
}

// File returns one case with its items.
func (v *View) File(rid int64) (File, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.file(rid)
}

func (v *View) file(rid int64) (File, error) {
	list, err := v.filesOf("=?", rid)
	if err != nil || len(list) == 0 {
		return File{RID: rid}, err
	}
	return list[0], nil
}

// filesOf returns what belongs to the cases that a condition names, in order.
func (v *View) filesOf(cases string, args ...any) (list []File, err error) {
	err = v.each("SELECT "+recordColumns+",pos FROM record LEFT JOIN entry USING(rid) WHERE of_case"+cases+
		" ORDER BY of_case, rid, pos", args, func(s *sqlite3.Stmt) error {
		if rid, ofCase := s.ColumnInt64(0), s.ColumnInt64(5); len(list) == 0 || list[len(list)-1].RID != ofCase {
			list = append(list, File{RID: ofCase, Records: []FileRecord{{Record: scanRecord(s)}}})
		} else if f := &list[len(list)-1]; f.Records[len(f.Records)-1].RID != rid {
			f.Records = append(f.Records, FileRecord{Record: scanRecord(s)})
		}
		if s.ColumnType(6) == sqlite3.NULL { // none of its items is here
			return nil
		}
		f := &list[len(list)-1]
		r := &f.Records[len(f.Records)-1]
		r.Items = append(r.Items, s.ColumnInt64(6))
		return nil
	})
	return list, err
}

// Files returns up to limit cases, and records that stand alone, whose number is
// greater than after.
func (v *View) Files(after int64, limit int) ([]File, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.files(after, limit)
}

func (v *View) files(after int64, limit int) (list []File, err error) {
	last := after
	err = v.each("SELECT max(rid) FROM (SELECT rid FROM record WHERE of_case=rid AND rid>? ORDER BY rid LIMIT ?)", []any{after, limit}, func(s *sqlite3.Stmt) error {
		last = s.ColumnInt64(0)
		return nil
	})
	if err != nil || last <= after {
		return nil, err
	}
	if list, err = v.filesOf(">? AND of_case<=?", after, last); err != nil {
		return nil, err
	}
	// What names a case that is none, or is part of another, is in no file.
	return slices.DeleteFunc(list, func(f File) bool {
		return !slices.ContainsFunc(f.Records, func(r FileRecord) bool { return r.RID == f.RID })
	}), nil
}

// Entries returns the positions of a record's items, in order.
func (v *View) Entries(rid int64) ([]int64, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.entries(rid)
}

func (v *View) entries(rid int64) (pos []int64, err error) {
	err = v.each("SELECT pos FROM entry WHERE rid=? ORDER BY pos", []any{rid}, func(s *sqlite3.Stmt) error {
		pos = append(pos, s.ColumnInt64(0))
		return nil
	})
	return pos, err
}

// CountFiles returns how many there are of what [View.Files] returns.
func (v *View) CountFiles(after int64) (n int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT count(*) FROM record WHERE of_case=rid AND rid>?", []any{after}, func(s *sqlite3.Stmt) error {
		n = s.ColumnInt(0)
		return nil
	})
	return n, err
}
