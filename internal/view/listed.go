package view

import (
	"bytes"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"amana"
)

// Listed is a record of a kind other than case, identity and consent, as it stands.
type Listed struct {
	RID      int64
	ID       amana.RecordID
	Case     amana.RecordID // the case it belongs to, or itself
	Kind     amana.Kind
	Team     amana.TeamID
	Author   amana.MemberID // who began it
	Opened   uint64
	Updated  uint64
	Conflict bool
	Body     []byte // its fields, as an event.Body
}

// PutListed puts the records of one case, or one that stands alone, into lists in
// place of what was there of it. What is as it was is not written again, and does not
// count as changed.
func (tx *Tx) PutListed(ofCase int64, list []Listed) error {
	there := map[int64]Listed{}
	err := tx.v.each("SELECT "+listedColumns+" FROM listed WHERE of_case=?", []any{ofCase}, func(s *sqlite3.Stmt) error {
		l := scanListed(s)
		there[l.RID] = l
		return nil
	})
	if err != nil {
		return err
	}
	for _, l := range list {
		was, known := there[l.RID]
		delete(there, l.RID)
		if known && l.as(was) {
			continue
		}
		if tx.v.changed(l.Kind); known {
			if err := tx.dropListed(was); err != nil {
				return err
			}
		}
		err := tx.v.run(`INSERT INTO listed(rid,of_case,kind,team,author,opened,updated,conflict,body)
			VALUES(?,?,?,?,?,?,?,?,?)`, l.RID, ofCase, string(l.Kind), l.Team[:], l.Author[:],
			int64(l.Opened), int64(l.Updated), l.Conflict, l.Body)
		if err != nil {
			return err
		}
	}
	for _, was := range there {
		if err := tx.dropListed(was); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) dropListed(l Listed) error {
	tx.v.changed(l.Kind)
	return tx.v.run("DELETE FROM listed WHERE rid=?", l.RID)
}

// as reports whether a record is listed as another one is.
func (l Listed) as(o Listed) bool {
	return l.Kind == o.Kind && l.Team == o.Team && l.Author == o.Author && l.Opened == o.Opened && l.Updated == o.Updated &&
		l.Conflict == o.Conflict && bytes.Equal(l.Body, o.Body)
}

const listedColumns = `rid,(SELECT id FROM record r WHERE r.rid=listed.rid),
	(SELECT id FROM record r WHERE r.rid=listed.of_case),kind,team,author,opened,updated,conflict,body`

func scanListed(s *sqlite3.Stmt) Listed {
	l := Listed{
		RID: s.ColumnInt64(0), Kind: amana.Kind(s.ColumnText(3)), Opened: uint64(s.ColumnInt64(6)),
		Updated: uint64(s.ColumnInt64(7)), Conflict: s.ColumnBool(8), Body: s.ColumnBlob(9, nil),
	}
	copy(l.ID[:], s.ColumnRawBlob(1))
	copy(l.Case[:], s.ColumnRawBlob(2))
	copy(l.Team[:], s.ColumnRawBlob(4))
	copy(l.Author[:], s.ColumnRawBlob(5))
	return l
}

// Listed returns up to limit records of a kind, the last changed first, that come
// after the one given; the zero Listed asks from the newest on. Without names teams
// whose records are left out.
func (v *View) Listed(kind amana.Kind, after Listed, without []amana.TeamID, limit int) (list []Listed, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	sql := "SELECT " + listedColumns + " FROM listed WHERE kind=?" + strings.Repeat(" AND team<>?", len(without))
	args := []any{string(kind)}
	for _, team := range without {
		args = append(args, team[:])
	}
	if after.RID != 0 {
		sql += " AND (updated,rid)<(?,?)"
		args = append(args, int64(after.Updated), after.RID)
	}
	err = v.each(sql+" ORDER BY updated DESC, rid DESC LIMIT ?", append(args, limit), func(s *sqlite3.Stmt) error {
		list = append(list, scanListed(s))
		return nil
	})
	return list, err
}

// State stands for what lists have of a kind: while it is equal, so are they. It says
// nothing else, is kept nowhere, and another opening of the file has others.
type State struct {
	opened *int // of this opening of the file
	count  uint64
}

// changed counts a change of what is listed of a kind. A transaction that is given up
// counts too, which costs a look and hides nothing. Callers hold mu.
func (v *View) changed(kind amana.Kind) {
	if v.changes == nil {
		v.changes = map[amana.Kind]uint64{}
	}
	v.changes[kind]++
}

// ListedState returns what is there of a kind, as a [State]. When records changed is no
// measure of it: what another device wrote earlier can come later.
func (v *View) ListedState(kind amana.Kind) State {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.opened == nil {
		v.opened = new(int)
	}
	return State{v.opened, v.changes[kind]}
}

// Rebegun returns the records that were begun as a kind and as something else too.
func (v *View) Rebegun(kind amana.Kind) (list []amana.RecordID, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.each("SELECT id FROM record WHERE rid IN (SELECT rid FROM rebegun WHERE kind=?) ORDER BY rid", []any{string(kind)}, func(s *sqlite3.Stmt) error {
		var id amana.RecordID
		copy(id[:], s.ColumnRawBlob(0))
		list = append(list, id)
		return nil
	})
	return list, err
}
