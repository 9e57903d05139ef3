package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"

	"amana"
	"amana/internal/demo"
	"amana/internal/seal"
	"amana/internal/spelling"
	"amana/internal/view"
)

// plainLoad is the reference of building a view: rows like the view's, words
// like the view's and the same indexes, known beforehand and put with prepared
// statements into an SQLite file that is not encrypted.
type plainLoad struct {
	path  string
	db    *sqlite3.Conn
	into  map[string]*sqlite3.Stmt
	rows  []plainCase // of the next chunk
	cases int64
	pos   int64
}

// plainCase is what a view holds of one case.
type plainCase struct {
	records []plainRecord
	words   []byte
	opened  int64
	team    [16]byte
	due     string
}

type plainRecord struct {
	id    [16]byte
	kind  amana.Kind
	items int
}

var plainInserts = map[string]string{
	"record": "INSERT INTO record(rid,id,keypos,foreign_,kind,of_case) VALUES(?,?,?,0,?,?)",
	"entry":  "INSERT INTO entry(rid,pos) VALUES(?,?)",
	"case": `INSERT INTO casefile(rid,code,name,has_name,team,status,risk,age,sex,author,opened,updated,followup,conflict,
		told,due,owner,flags,waiting,child,assault,windows)
		VALUES(?,?,?,1,?,'open',?,?,?,?,?,?,?,0,'','9999','',0,0,0,'','')`,
	"words": "INSERT INTO words(rowid,t) VALUES(?,?)",
}

func newPlainLoad(dir string) (*plainLoad, error) {
	p := &plainLoad{path: filepath.Join(dir, "plain.db"), into: map[string]*sqlite3.Stmt{}}
	v, err := view.OpenPlain(p.path) // makes the tables
	if err != nil {
		return nil, err
	}
	if err := v.Close(); err != nil {
		return nil, storage("plain load", err)
	}
	if p.db, err = sqlite3.Open(p.path); err != nil {
		return nil, storage("plain load", err)
	}
	if err := fts5.Register(p.db); err != nil {
		return nil, errors.Join(storage("plain load", err), p.close())
	}
	for _, pragma := range []string{
		"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF",
		"PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-24576",
	} {
		if err := p.db.Exec(pragma); err != nil {
			return nil, errors.Join(storage("plain load", err), p.close())
		}
	}
	for name, sql := range plainInserts {
		s, _, err := p.db.Prepare(sql)
		if err != nil {
			return nil, errors.Join(storage("plain load", err), p.close())
		}
		p.into[name] = s
	}
	return p, nil
}

func (p *plainLoad) close() error {
	for _, s := range p.into {
		s.Close()
	}
	err := p.db.Close()
	for _, end := range []string{"", "-wal", "-shm"} {
		os.Remove(p.path + end)
	}
	return err
}

// prepare makes the rows of some stories, which is not part of the load.
func (p *plainLoad) prepare(w *demo.Writer, from, to int) {
	p.rows = p.rows[:0]
	for i := from; i < to; i++ {
		s := w.Story(i)
		c := plainCase{opened: s.Opened.UnixMilli(), team: [16]byte{byte(s.Team)}, due: "9999"}
		c.records = []plainRecord{
			{seal.Random16(), amana.KindCase, entriesOfCase(s)},
			{seal.Random16(), amana.KindConsent, 1 + len(s.Answers)},
		}
		if s.Identity != nil {
			c.records = append(c.records, plainRecord{seal.Random16(), amana.KindIdentity, 1})
		}
		for n, text := range w.Texts(i) {
			if n == 0 {
				c.words = spelling.AppendName(c.words, text)
			} else {
				c.words = spelling.AppendText(c.words, text)
			}
		}
		p.rows = append(p.rows, c)
	}
}

// load puts the prepared rows in, in one transaction, and returns how many
// entries of a journal they stand for.
func (p *plainLoad) load() (entries int, err error) {
	if err := p.db.Exec("BEGIN"); err != nil {
		return 0, storage("plain load", err)
	}
	for _, c := range p.rows {
		n, err := p.put(c)
		if err != nil {
			return 0, err
		}
		entries += n
	}
	if err := p.db.Exec("COMMIT"); err != nil {
		return 0, storage("plain load", err)
	}
	return entries, nil
}

func (p *plainLoad) put(c plainCase) (entries int, err error) {
	p.cases++
	rid := 3 * p.cases
	for i, r := range c.records {
		if err := p.run("record", rid+int64(i), r.id[:], p.pos+1, string(r.kind), rid); err != nil {
			return 0, err
		}
		for range r.items {
			p.pos += 500
			entries++
			if err := p.run("entry", rid+int64(i), p.pos); err != nil {
				return 0, err
			}
		}
	}
	code := fmt.Sprintf("%09x", p.cases*0x9e3779b1)
	value := []byte{0x66, 'f', 'e', 'm', 'a', 'l', 'e'}
	err = p.run("case", rid, code, code, c.team[:], p.cases%4, value[:2], value, c.team[:], c.opened, c.opened+p.cases, c.due)
	if err != nil {
		return 0, err
	}
	return entries, p.run("words", rid, string(c.words))
}

func (p *plainLoad) run(name string, args ...any) error {
	s := p.into[name]
	for i, a := range args {
		var err error
		switch a := a.(type) {
		case int64:
			err = s.BindInt64(i+1, a)
		case string:
			err = s.BindText(i+1, a)
		case []byte:
			err = s.BindBlob(i+1, a)
		}
		if err != nil {
			return storage("plain load", err)
		}
	}
	if err := s.Exec(); err != nil {
		return storage("plain load", err)
	}
	return nil
}

// entriesOfCase is how many entries of the case record a story has.
func entriesOfCase(s demo.Story) int {
	n := 1 + len(s.Notes) + len(s.FollowUps)
	if s.Closing != nil {
		n++
	}
	return n
}
