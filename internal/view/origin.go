package view

import (
	"strings"

	"github.com/ncruces/go-sqlite3"

	"amana"
)

// Origin says where a case came from that was brought from elsewhere.
type Origin struct {
	Case   amana.RecordID
	Source string // what the source is called here
	ID     string // the source's own id of the case, or ""
	Code   string // the source's code of the survivor, or ""
	Row    string // digest of what the source said of the case, or ""
}

// between stands between the parts of an origin: no line of words has it.
const between = "\x1f"

func (o Origin) pack() string { return strings.Join([]string{o.Source, o.ID, o.Code, o.Row}, between) }

// PutOrigin notes where a case came from.
func (tx *Tx) PutOrigin(rid int64, o Origin) error {
	return tx.v.run("INSERT INTO origin VALUES(?,?) ON CONFLICT DO UPDATE SET mark=excluded.mark", rid, o.pack())
}

// Origins returns up to limit origins of cases numbered after one, and the number of
// the last.
func (v *View) Origins(after int64, limit int) (list []Origin, last int64, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	last = after
	err = v.each(`SELECT rid,(SELECT id FROM record r WHERE r.rid=origin.rid),mark FROM origin
		WHERE rid>? ORDER BY rid LIMIT ?`, []any{after, limit}, func(s *sqlite3.Stmt) error {
		last = s.ColumnInt64(0)
		var o Origin
		copy(o.Case[:], s.ColumnRawBlob(1))
		if parts := strings.Split(s.ColumnText(2), between); len(parts) == 4 {
			o.Source, o.ID, o.Code, o.Row = parts[0], parts[1], parts[2], parts[3]
		}
		list = append(list, o)
		return nil
	})
	return list, last, err
}
