package view

import (
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
	Updated  uint64
	FollowUp string // ISO date, or ""
	Conflict bool
}

const noFollowUp = "9999"

func (c Case) followUp() string {
	if c.FollowUp == "" {
		return noFollowUp
	}
	return c.FollowUp
}

// Sorting of a list.
type Sorting int

// The sortings.
const (
	ByUpdated Sorting = iota
	ByOpened
	ByFollowUp
	ByRisk
	ByCode
)

var order = map[Sorting]string{
	ByUpdated:  "updated DESC, rid DESC",
	ByOpened:   "opened DESC, rid DESC",
	ByFollowUp: "followup, rid DESC",
	ByRisk:     "risk, updated DESC",
	ByCode:     "code",
}

// Filter narrows a list. Zero fields do not.
type Filter struct {
	Words   []string // expressions in FTS5's own syntax, all must match: see package vault
	Status  string
	Risk    int // 1 high … 4 not assessed; 0 any
	Team    amana.TeamID
	Author  amana.MemberID
	Due     string // follow-up on or before this ISO date
	Changed uint64 // updated after
	Sort    Sorting
	Offset  int
	Limit   int
}

func (f Filter) where() (string, []any) {
	var cond []string
	var args []any
	add := func(c string, a any) {
		cond = append(cond, c)
		args = append(args, a)
	}
	if len(f.Words) > 0 {
		add("rid IN (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 2000)", strings.Join(f.Words, " "))
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
	if !f.Author.IsZero() {
		add("author=?", f.Author[:])
	}
	if f.Due != "" {
		add("followup<=?", f.Due)
	}
	if len(cond) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(cond, " AND "), args
}

// Cases returns a page of the list.
func (v *View) Cases(f Filter) (rows []Case, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	where, args := f.where()
	sql := `SELECT rid,(SELECT id FROM record r WHERE r.rid=casefile.rid),code,name,has_name,team,status,risk,age,sex,
		author,opened,updated,followup,conflict FROM casefile` + where + " ORDER BY " + order[f.Sort] + " LIMIT ? OFFSET ?"
	err = v.each(sql, append(args, f.Limit, f.Offset), func(s *sqlite3.Stmt) error {
		rows = append(rows, scanCase(s))
		return nil
	})
	return rows, err
}

func scanCase(s *sqlite3.Stmt) Case {
	c := Case{
		RID: s.ColumnInt64(0), Code: s.ColumnText(2), Name: amana.Conceal(s.ColumnText(3)), HasName: s.ColumnBool(4),
		Status: s.ColumnText(6), Risk: s.ColumnInt(7), Age: s.ColumnBlob(8, nil), Sex: s.ColumnBlob(9, nil),
		Opened: uint64(s.ColumnInt64(11)), Updated: uint64(s.ColumnInt64(12)), FollowUp: s.ColumnText(13),
		Conflict: s.ColumnBool(14),
	}
	copy(c.ID[:], s.ColumnRawBlob(1))
	copy(c.Team[:], s.ColumnRawBlob(5))
	copy(c.Author[:], s.ColumnRawBlob(10))
	if c.FollowUp == noFollowUp {
		c.FollowUp = ""
	}
	return c
}

// Count returns how many cases a filter finds, counting no further than limit.
func (v *View) Count(f Filter, limit int) (n int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	where, args := f.where()
	sql := "SELECT count(*) FROM (SELECT 1 FROM casefile" + where + " LIMIT ?)"
	err = v.each(sql, append(args, limit), func(s *sqlite3.Stmt) error {
		n = s.ColumnInt(0)
		return nil
	})
	return n, err
}

// Record is what the view knows of one record.
type Record struct {
	RID    int64
	ID     amana.RecordID
	KeyPos int64
	Kind   amana.Kind
	OfCase int64
}

// Find returns a record by its ID; ok is false where there is none.
func (v *View) Find(id amana.RecordID) (r Record, ok bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT rid,id,keypos,kind,of_case FROM record WHERE id=?", []any{id[:]}, func(s *sqlite3.Stmt) error {
		r, ok = scanRecord(s), true
		return nil
	})
	return r, ok, err
}

// OfCase returns the records of a case, the case itself first.
func (v *View) OfCase(rid int64) (list []Record, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT rid,id,keypos,kind,of_case FROM record WHERE of_case=? ORDER BY rid", []any{rid}, func(s *sqlite3.Stmt) error {
		list = append(list, scanRecord(s))
		return nil
	})
	return list, err
}

// Records returns up to limit records whose number is greater than after.
func (v *View) Records(after int64, limit int) (list []Record, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT rid,id,keypos,kind,of_case FROM record WHERE rid>? ORDER BY rid LIMIT ?", []any{after, limit}, func(s *sqlite3.Stmt) error {
		list = append(list, scanRecord(s))
		return nil
	})
	return list, err
}

func scanRecord(s *sqlite3.Stmt) Record {
	r := Record{RID: s.ColumnInt64(0), KeyPos: s.ColumnInt64(2), Kind: amana.Kind(s.ColumnText(3)), OfCase: s.ColumnInt64(4)}
	copy(r.ID[:], s.ColumnRawBlob(1))
	return r
}

// Entries returns the positions of a record's items, in order.
func (v *View) Entries(rid int64) (pos []int64, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT pos FROM entry WHERE rid=? ORDER BY pos", []any{rid}, func(s *sqlite3.Stmt) error {
		pos = append(pos, s.ColumnInt64(0))
		return nil
	})
	return pos, err
}

// Size returns how many records and cases there are.
func (v *View) Size() (records, cases int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT (SELECT coalesce(max(rid),0) FROM record), (SELECT count(*) FROM casefile)", nil, func(s *sqlite3.Stmt) error {
		records, cases = s.ColumnInt(0), s.ColumnInt(1)
		return nil
	})
	return records, cases, err
}
