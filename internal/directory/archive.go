package directory

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

func (r *Reading) readArchive(archive *zip.Reader) {
	if len(archive.File) > mostFiles {
		r.wrong(Problem{Key: FaultLarge, Fatal: true})
		return
	}
	left := int64(mostUnpacked)
	resources := r.readResources(archive)
	t := newTables()
	for _, f := range archive.File {
		table, known := resources[f.Name]
		if !known {
			if !strings.HasSuffix(strings.ToLower(f.Name), ".csv") {
				continue
			}
			if table, known = tableNamed(f.Name); !known {
				continue
			}
		}
		content, err := f.Open()
		if err != nil {
			r.wrong(Problem{File: f.Name, Key: FaultZip, Fatal: true})
			return
		}
		limited := &io.LimitedReader{R: content, N: left + 1}
		ok := r.readTable(t, table, f.Name, limited)
		content.Close()
		if left = limited.N - 1; left < 0 {
			r.wrong(Problem{File: f.Name, Key: FaultLarge, Fatal: true})
			return
		}
		if !ok {
			return
		}
	}
	r.join(t)
}

// readResources reads which file is which table, if the archive says so.
func (r *Reading) readResources(archive *zip.Reader) map[string]string {
	named := map[string]string{}
	for _, f := range archive.File {
		base, ok := strings.CutSuffix(f.Name, "datapackage.json")
		if !ok {
			continue
		}
		content, err := f.Open()
		if err != nil {
			continue
		}
		var p dataPackage
		err = json.NewDecoder(io.LimitReader(content, 4<<20)).Decode(&p)
		content.Close()
		if err != nil {
			continue // the names of the files say as much
		}
		for _, res := range p.Resources {
			if table, known := tableNamed(res.Name); known {
				named[base+res.Path] = table
			}
		}
	}
	return named
}

// readTable reads rows; false where the table cannot be read.
func (r *Reading) readTable(t *tables, table, file string, content io.Reader) bool {
	c := csv.NewReader(content)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return true
		}
		r.wrong(Problem{File: file, Row: 1, Key: FaultTable, Fatal: true})
		return false
	}
	head, ok := columnsOf(head)
	if !ok {
		r.wrong(Problem{File: file, Row: 1, Key: FaultColumn, Fatal: true})
		return false
	}
	for row := 2; ; row++ {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil || len(record) > len(head) {
			r.wrong(Problem{File: file, Row: row, Key: FaultTable, Fatal: true})
			return false
		}
		cells := make(map[string]any, len(record))
		for i, cell := range record {
			if cell != "" {
				cells[head[i]] = strings.Clone(asWritten(cell))
			}
		}
		if r.rows++; r.rows > mostRows {
			r.wrong(Problem{File: file, Row: row, Key: FaultLarge, Fatal: true})
			return false
		}
		if len(cells) > 0 {
			t.rows[table] = append(t.rows[table], tableRow{cells: cells, file: file, row: row})
		}
	}
}

// columnsOf reads the head of a table: every column has a name of its own.
func columnsOf(head []string) ([]string, bool) {
	columns := make([]string, 0, len(head))
	for i, column := range head {
		if i == 0 {
			column = strings.TrimPrefix(column, "\ufeff")
		}
		column = strings.TrimSpace(column)
		if column == "" || slices.Contains(columns, column) {
			return nil, false
		}
		columns = append(columns, column)
	}
	return columns, true
}

// dataPackage describes the tables of an archive: a Frictionless data package.
type dataPackage struct {
	Name      string     `json:"name"`
	Profile   string     `json:"profile"`
	Created   string     `json:"created,omitempty"`
	Resources []resource `json:"resources"`
}

type resource struct {
	Name    string `json:"name"`
	Path    string `json:"path"`
	Profile string `json:"profile"`
	Format  string `json:"format"`
	Schema  schema `json:"schema"`
}

type schema struct {
	Fields     []column `json:"fields"`
	PrimaryKey string   `json:"primaryKey"`
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// WritePackage writes what an audience may be told as a data package of HSDS: a
// zip archive of tables.
func WritePackage(w io.Writer, p Projection, now time.Time) error {
	t := newTables()
	for _, s := range p.Services {
		object := s.hsds()
		id, _ := object["id"].(string)
		t.spread("service", object, map[string]any{}, id)
	}
	z := zip.NewWriter(w)
	about := dataPackage{Name: "human_services_data", Profile: "tabular-data-package", Created: now.Format(time.DateOnly)}
	for _, table := range tableNames {
		if len(t.rows[table]) == 0 {
			continue
		}
		head := t.columns(table)
		if err := t.write(z, table, head); err != nil {
			return err
		}
		about.Resources = append(about.Resources, resourceOf(table, head))
	}
	f, err := z.Create("datapackage.json")
	if err != nil {
		return err //nolint:wrapcheck // of the writer, to whoever handed it
	}
	e := json.NewEncoder(f)
	e.SetIndent("", " ")
	return errors.Join(e.Encode(about), z.Close())
}

func resourceOf(table string, head []string) resource {
	r := resource{Name: table, Path: pathOf(table), Profile: "tabular-data-resource", Format: "csv", Schema: schema{PrimaryKey: "id"}}
	for _, name := range head {
		kind := "string"
		if slices.Contains(numeric[table], name) {
			kind = "number"
		}
		r.Schema.Fields = append(r.Schema.Fields, column{name, kind})
	}
	return r
}

// columns returns the columns of a table: the id, the others in order, and last
// what has none.
func (t *tables) columns(table string) []string {
	all := map[string]bool{}
	for _, row := range t.rows[table] {
		for key := range row.cells {
			all[key] = true
		}
	}
	delete(all, "id")
	rest := all[restColumn]
	delete(all, restColumn)
	head := append([]string{"id"}, slices.Sorted(maps.Keys(all))...)
	if rest {
		head = append(head, restColumn)
	}
	return head
}

func (t *tables) write(z *zip.Writer, table string, head []string) error {
	f, err := z.Create(pathOf(table))
	if err != nil {
		return err //nolint:wrapcheck // of the writer, to whoever handed it
	}
	c := csv.NewWriter(f)
	rows := [][]string{head}
	for _, row := range t.rows[table] {
		cells := make([]string, len(head))
		for i, key := range head {
			cells[i] = inert(textOf(row.cells, key))
		}
		rows = append(rows, cells)
	}
	return c.WriteAll(rows) //nolint:wrapcheck // likewise
}

// inert is a text that a program for sheets does not take for a formula: what came in
// a file may have been made to be one for whoever opens the next. A telephone number
// and a coordinate stay as they are.
func inert(text string) string {
	if isFormula(text) || strings.HasPrefix(text, "'") && isFormula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// asWritten takes away what [inert] put before a text.
func asWritten(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && isFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

func isFormula(text string) bool {
	switch {
	case text == "":
		return false
	case strings.ContainsRune("=@\t\r", rune(text[0])):
		return true
	case text[0] == '+' || text[0] == '-':
		return strings.Trim(text[1:], "0123456789 ().,-/") != ""
	}
	return false
}
