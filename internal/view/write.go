package view

import (
	"errors"
	"strings"
)

// Tx writes to a view within one transaction; see [View.Update].
type Tx struct{ v *View }

// SetMeta keeps a named value.
func (tx *Tx) SetMeta(key string, value []byte) error {
	return tx.v.run("INSERT INTO meta VALUES(?,?) ON CONFLICT DO UPDATE SET value=excluded.value", key, value)
}

// PutCase puts a case into lists and its words into search, in place of what
// was there. words are tokens of
// package spelling, separated by spaces.
func (tx *Tx) PutCase(c Case, words []byte) error {
	// Not INSERT OR REPLACE: its savepoint would make the search index write out
	// what it has gathered, for every case.
	err := tx.insertCase(c)
	if errors.Is(err, errThere) {
		if err = tx.DropCase(c.RID); err == nil {
			err = tx.insertCase(c)
		}
	}
	if err != nil {
		return err
	}
	return tx.v.run("INSERT INTO words(rowid,t) VALUES(?,?)", c.RID, string(words))
}

func (tx *Tx) insertCase(c Case) error {
	return tx.v.run(`INSERT INTO casefile(rid,code,name,has_name,team,status,risk,age,sex,author,opened,updated,
		followup,due,owner,flags,waiting,child,assault,windows,conflict,told) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		c.RID, c.Code, c.Name.Reveal(), c.HasName, c.Team[:], c.Status, c.Risk, c.Age, c.Sex, c.Author[:],
		int64(c.Opened), int64(c.Updated), orNever(c.FollowUp), orNever(c.Due), c.Owner, c.Flags, c.Waiting, c.Child,
		c.Assault.pack(), strings.Join(c.Windows, " "), c.Conflict, c.Told)
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

// File returns one case with its items.
func (tx *Tx) File(rid int64) (File, error) { return tx.v.file(rid) }
