package view

import (
	"strings"

	"github.com/ncruces/go-sqlite3"

	"amana"
)

// Tx writes to a view within one transaction; see [View.Update].
type Tx struct{ v *View }

// SetMeta keeps a named value.
func (tx *Tx) SetMeta(key string, value []byte) error {
	return tx.v.run("INSERT INTO meta VALUES(?,?) ON CONFLICT DO UPDATE SET value=excluded.value", key, value)
}

// Item is what the view notes of one item of the journal.
type Item struct {
	Record    amana.RecordID
	Pos       int64
	BringsKey bool // a new key of the record
	Foreign   bool // written on another device
	// Kind and Case are known where the item begins a record that the member can
	// read.
	Kind amana.Kind
	Case amana.RecordID
}

// Index notes an item and returns the record's number in this view. Items may
// come in any order and more than once.
func (tx *Tx) Index(it Item) (rid int64, err error) {
	if rid, err = tx.number(it.Record); err != nil {
		return 0, err
	}
	if it.BringsKey || it.Foreign {
		keypos := int64(0)
		if it.BringsKey {
			keypos = it.Pos
		}
		err := tx.v.run("UPDATE record SET keypos=max(keypos,?), foreign_=foreign_|? WHERE rid=?", keypos, it.Foreign, rid)
		if err != nil {
			return 0, err
		}
	}
	if it.Kind != "" {
		if err := tx.describe(rid, it); err != nil {
			return 0, err
		}
	}
	return rid, tx.v.run("INSERT OR IGNORE INTO entry VALUES(?,?)", rid, it.Pos)
}

// number returns a record's number, giving it one if it is new.
func (tx *Tx) number(id amana.RecordID) (int64, error) {
	rid, err := tx.v.rid(id)
	if err != nil || rid != 0 {
		return rid, err
	}
	if err := tx.v.run("INSERT INTO record(id,keypos,foreign_,kind,of_case) VALUES(?,0,0,'',0)", id[:]); err != nil {
		return 0, err
	}
	return tx.v.db.LastInsertRowID(), nil
}

// describe notes what a record is, once, and that somebody began it again as something
// else. A case belongs to itself, and so does what stands alone.
func (tx *Tx) describe(rid int64, it Item) error {
	parent := rid
	if it.Kind != amana.KindCase && !it.Case.IsZero() {
		var err error
		if parent, err = tx.number(it.Case); err != nil {
			return err
		}
	}
	if err := tx.v.run("UPDATE record SET kind=?, of_case=? WHERE rid=? AND kind=''", string(it.Kind), parent, rid); err != nil {
		return err
	}
	for _, kind := range []string{"kind", "?1"} { // what it was held to be, and what it is begun as
		if err := tx.v.run("INSERT OR IGNORE INTO rebegun SELECT rid,"+kind+" FROM record WHERE rid=?2 AND (kind<>?1 OR of_case<>?3)",
			string(it.Kind), rid, parent); err != nil {
			return err
		}
	}
	return nil
}

func (v *View) rid(record amana.RecordID) (rid int64, err error) {
	err = v.each("SELECT rid FROM record WHERE id=?", []any{record[:]}, func(s *sqlite3.Stmt) error {
		rid = s.ColumnInt64(0)
		return nil
	})
	return rid, err
}

// PutCase puts a case into lists and its words into search, in place of what
// was there. words are tokens of
// package spelling, separated by spaces.
func (tx *Tx) PutCase(c Case, words []byte) error {
	// Not INSERT OR REPLACE: its savepoint would make the search index write out
	// what it has gathered, for every case.
	there := false
	err := tx.v.each("SELECT 1 FROM casefile WHERE rid=?", []any{c.RID}, func(*sqlite3.Stmt) error {
		there = true
		return nil
	})
	if err == nil && there {
		err = tx.DropCase(c.RID)
	}
	if err != nil {
		return err
	}
	if err := tx.v.run(`INSERT INTO casefile(rid,code,name,has_name,team,status,risk,age,sex,author,opened,updated,
		followup,due,owner,flags,waiting,child,assault,windows,conflict,told) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		c.RID, c.Code, c.Name.Reveal(), c.HasName, c.Team[:], c.Status, c.Risk, c.Age, c.Sex, c.Author[:],
		int64(c.Opened), int64(c.Updated), orNever(c.FollowUp), orNever(c.Due), c.Owner, c.Flags, c.Waiting, c.Child,
		c.Assault.pack(), strings.Join(c.Windows, " "), c.Conflict, c.Told); err != nil {
		return err
	}
	return tx.v.run("INSERT INTO words(rowid,t) VALUES(?,?)", c.RID, string(words))
}

// DropCase takes a case out of lists and search.
func (tx *Tx) DropCase(rid int64) error {
	if err := tx.v.run("DELETE FROM casefile WHERE rid=?", rid); err != nil {
		return err
	}
	if err := tx.v.run("DELETE FROM origin WHERE rid=?", rid); err != nil {
		return err
	}
	return tx.v.run("DELETE FROM words WHERE rowid=?", rid)
}

// Files returns the records of a case with their items, as [View.Files].
func (tx *Tx) Files(after int64, limit int) ([]File, error) { return tx.v.files(after, limit) }

// File returns one case with its items.
func (tx *Tx) File(rid int64) (File, error) { return tx.v.file(rid) }

// CaseOf returns the number of the case that a record belongs to, or 0.
func (tx *Tx) CaseOf(rid int64) (ofCase int64, err error) {
	err = tx.v.each("SELECT of_case FROM record WHERE rid=?", []any{rid}, func(s *sqlite3.Stmt) error {
		ofCase = s.ColumnInt64(0)
		return nil
	})
	return ofCase, err
}
