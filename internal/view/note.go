package view

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"amana"
)

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

// Noted is what a record is in this view after [Tx.Index]: its number, and that of the
// case that it belongs to, or 0.
type Noted struct{ RID, OfCase int64 }

// Index notes items and returns the record of each. Items may come in any order and
// more than once. Many at once cost less each: every record is looked up and written
// once.
func (tx *Tx) Index(items ...Item) ([]Noted, error) {
	n := noting{tx: tx, of: make(map[amana.RecordID]*noted, len(items)/2)}
	at := make([]*noted, len(items))
	for i, it := range items {
		var err error
		if at[i], err = n.take(it); err != nil {
			return nil, err
		}
	}
	if err := n.write(); err != nil {
		return nil, err
	}
	entries := make([]entryRow, len(items))
	list := make([]Noted, len(items))
	for i, it := range items {
		entries[i] = entryRow{at[i].rid, it.Pos}
		list[i] = Noted{at[i].rid, at[i].ofCase}
	}
	return list, tx.addEntries(entries)
}

// noting gathers what is to be written of each record.
type noting struct {
	tx   *Tx
	of   map[amana.RecordID]*noted
	list []*noted // in the order of their numbers, where they are new
	next int64    // number of the next new record, or 0 before the first
}

type noted struct {
	id          amana.RecordID
	rid, ofCase int64
	keypos      int64
	foreign     bool
	kind        amana.Kind
	fresh       bool // not in the view yet
	changed     bool
	rebegun     []amana.Kind
}

func (n *noting) take(it Item) (*noted, error) {
	r, err := n.record(it.Record)
	if err != nil {
		return nil, err
	}
	if it.BringsKey && it.Pos > r.keypos {
		r.keypos, r.changed = it.Pos, true
	}
	if it.Foreign && !r.foreign {
		r.foreign, r.changed = true, true
	}
	if it.Kind != "" {
		err = n.describe(r, it)
	}
	return r, err
}

// record returns a record by its ID, giving it a number if it is new.
func (n *noting) record(id amana.RecordID) (*noted, error) {
	if r, ok := n.of[id]; ok {
		return r, nil
	}
	r := &noted{id: id}
	v := n.tx.v
	err := v.each("SELECT "+recordColumns+" FROM record WHERE id=?", []any{id[:]}, func(s *sqlite3.Stmt) error {
		known := scanRecord(s)
		r.rid, r.ofCase, r.keypos, r.foreign, r.kind = known.RID, known.OfCase, known.KeyPos, known.Foreign, known.Kind
		return nil
	})
	if err == nil && r.rid == 0 {
		err = n.number(r)
	}
	if err != nil {
		return nil, err
	}
	n.of[id] = r
	n.list = append(n.list, r)
	return r, nil
}

func (n *noting) number(r *noted) error {
	if n.next == 0 {
		err := n.tx.v.each("SELECT coalesce(max(rid),0) FROM record", nil, func(s *sqlite3.Stmt) error {
			n.next = s.ColumnInt64(0) + 1
			return nil
		})
		if err != nil {
			return err
		}
	}
	r.rid, r.fresh = n.next, true
	n.next++
	return nil
}

// describe notes what a record is, once, and that somebody began it again as something
// else. A case belongs to itself, and so does what stands alone.
func (n *noting) describe(r *noted, it Item) error {
	parent := r.rid
	if it.Kind != amana.KindCase && !it.Case.IsZero() {
		c, err := n.record(it.Case)
		if err != nil {
			return err
		}
		parent = c.rid
	}
	switch {
	case r.kind == "":
		r.kind, r.ofCase, r.changed = it.Kind, parent, true
	case r.kind != it.Kind || r.ofCase != parent: // what it was held to be, and what it is begun as
		r.rebegun = append(r.rebegun, r.kind, it.Kind)
	}
	return nil
}

// write writes new records many at once: they have the highest numbers.
func (n *noting) write() error {
	fresh := make([]*noted, 0, len(n.list))
	for _, r := range n.list {
		switch {
		case r.fresh:
			fresh = append(fresh, r)
		case r.changed:
			err := n.tx.v.run("UPDATE record SET keypos=?, foreign_=?, kind=?, of_case=? WHERE rid=?",
				r.keypos, r.foreign, string(r.kind), r.ofCase, r.rid)
			if err != nil {
				return err
			}
		}
		for _, kind := range r.rebegun {
			if err := n.tx.v.run("INSERT OR IGNORE INTO rebegun VALUES(?,?)", r.rid, string(kind)); err != nil {
				return err
			}
		}
	}
	return inLots(n.tx, insertRecord, fresh, func(args []any, r *noted) []any {
		return append(args, r.rid, r.id[:], r.keypos, r.foreign, string(r.kind), r.ofCase)
	})
}

// entryRow says that an item belongs to a record.
type entryRow struct{ rid, pos int64 }

// inserting puts rows into a table: one, or atOnce of them.
type inserting struct{ one, many string }

// atOnce is how many rows one statement takes.
const atOnce = 16

func insertInto(sql, row string) inserting {
	return inserting{sql + row, sql + row + strings.Repeat(","+row, atOnce-1)}
}

var (
	insertRecord = insertInto("INSERT INTO record(rid,id,keypos,foreign_,kind,of_case) VALUES", "(?,?,?,?,?,?)")
	insertEntry  = insertInto("INSERT OR IGNORE INTO entry VALUES", "(?,?)")
)

// inLots writes rows in the order in which they come.
func inLots[R any](tx *Tx, into inserting, rows []R, appendRow func([]any, R) []any) error {
	var args []any
	for len(rows) > 0 {
		n, sql := 1, into.one
		if len(rows) >= atOnce {
			n, sql = atOnce, into.many
		}
		args = args[:0]
		for _, r := range rows[:n] {
			args = appendRow(args, r)
		}
		if err := tx.v.run(sql, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// addEntries writes rows in the order in which the table has them.
func (tx *Tx) addEntries(rows []entryRow) error {
	slices.SortFunc(rows, func(a, b entryRow) int { return cmp.Or(cmp.Compare(a.rid, b.rid), cmp.Compare(a.pos, b.pos)) })
	return inLots(tx, insertEntry, rows, func(args []any, r entryRow) []any { return append(args, r.rid, r.pos) })
}
