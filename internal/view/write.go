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

// Index notes that the item at pos belongs to a record, and returns the record's
// number in this view. bringsKey is set where the item brings a record key.
func (tx *Tx) Index(record amana.RecordID, pos int64, bringsKey bool) (rid int64, err error) {
	rid, err = tx.v.rid(record)
	if err != nil {
		return 0, err
	}
	switch {
	case rid == 0:
		if err := tx.v.run("INSERT INTO record(id,keypos,kind,of_case) VALUES(?,?,'',0)", record[:], pos); err != nil {
			return 0, err
		}
		rid = tx.v.db.LastInsertRowID()
	case bringsKey:
		if err := tx.v.run("UPDATE record SET keypos=? WHERE rid=?", pos, rid); err != nil {
			return 0, err
		}
	}
	return rid, tx.v.run("INSERT OR IGNORE INTO entry VALUES(?,?)", rid, pos)
}

func (v *View) rid(record amana.RecordID) (rid int64, err error) {
	err = v.each("SELECT rid FROM record WHERE id=?", []any{record[:]}, func(s *sqlite3.Stmt) error {
		rid = s.ColumnInt64(0)
		return nil
	})
	return rid, err
}

// Describe notes what a record is, once its first entry was opened. A case
// belongs to itself.
func (tx *Tx) Describe(rid int64, kind amana.Kind, ofCase amana.RecordID) error {
	parent := int64(0)
	switch {
	case kind == amana.KindCase:
		parent = rid
	case !ofCase.IsZero():
		var err error
		if parent, err = tx.v.rid(ofCase); err != nil {
			return err
		}
	}
	return tx.v.run("UPDATE record SET kind=?, of_case=? WHERE rid=?", string(kind), parent, rid)
}

// PutCase puts a case into lists and its words into search, in place of what
// was there. words are normalised already.
func (tx *Tx) PutCase(c Case, words []string) error {
	if err := tx.v.run(`INSERT OR REPLACE INTO casefile(rid,code,name,has_name,team,status,risk,age,sex,author,
		opened,updated,followup,conflict) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		c.RID, c.Code, c.Name.Reveal(), c.HasName, c.Team[:], c.Status, c.Risk, c.Age, c.Sex, c.Author[:],
		int64(c.Opened), int64(c.Updated), c.followUp(), c.Conflict); err != nil {
		return err
	}
	return tx.v.run("INSERT OR REPLACE INTO words(rowid,t) VALUES(?,?)", c.RID, strings.Join(words, " "))
}

// Touch notes when a case was last changed, without anything else of it.
func (tx *Tx) Touch(rid int64, updated uint64) error {
	return tx.v.run("UPDATE casefile SET updated=max(updated,?) WHERE rid=?", int64(updated), rid)
}
