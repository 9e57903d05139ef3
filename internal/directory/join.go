package directory

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// joining puts the objects of HSDS together from rows.
type joining struct {
	r        *Reading
	t        *tables
	one      map[[2]string]*tableRow              // by table and id: what a row names
	children map[[2]string]map[string][]*tableRow // by table and id, then by the key they stand under
	built    int                                  // objects of the service at hand
}

// join makes services of tables.
func (r *Reading) join(t *tables) {
	if len(t.rows["service"]) == 0 {
		r.wrong(Problem{Key: FaultTables, Fatal: true})
		return
	}
	if len(t.rows["service"]) > mostServices {
		r.wrong(Problem{Key: FaultLarge, Fatal: true})
		return
	}
	j := joining{r: r, t: t, one: map[[2]string]*tableRow{}, children: map[[2]string]map[string][]*tableRow{}}
	for table, rows := range t.rows {
		for i := range rows {
			j.name(table, &rows[i])
		}
	}
	for _, table := range tableNames {
		rows := t.rows[table]
		for i := range rows {
			j.hang(table, &rows[i])
		}
	}
	seen := map[string]bool{}
	rows := t.rows["service"]
	for i := range rows {
		j.built = 0
		object := j.build("service", &rows[i])
		if j.built > mostFields {
			r.wrong(Problem{File: rows[i].file, Row: rows[i].row, Key: FaultOneLarge})
			continue
		}
		r.take(object, rows[i].file, rows[i].row, seen)
	}
}

func textOf(cells map[string]any, key string) string {
	text, _ := cells[key].(string)
	return text
}

// name makes a row known by its id. Where two have one, the later adds what the
// first lacks.
func (j *joining) name(table string, row *tableRow) {
	at := [2]string{table, textOf(row.cells, "id")}
	first := j.one[at]
	if first == nil {
		j.one[at] = row
		return
	}
	if table == "service" {
		return // said as a fault when it is taken
	}
	for key, cell := range row.cells {
		if _, has := first.cells[key]; !has && !isParent(table, key) {
			first.cells[key] = cell
		}
	}
}

// parents are, by table and column, what a column names and the key in it.
var parents = func() map[string]map[string][]link {
	all := map[string]map[string][]link{}
	for parent, list := range links {
		for _, l := range list {
			if l.one {
				continue
			}
			if all[l.table] == nil {
				all[l.table] = map[string][]link{}
			}
			column := parent + "_id"
			switch l.table {
			case "attribute":
				column = "link_id"
			case "metadata":
				column = "resource_id"
			}
			all[l.table][column] = append(all[l.table][column], link{key: l.key, table: parent})
		}
	}
	return all
}()

func isParent(table, column string) bool { return len(parents[table][column]) > 0 }

// hang notes under which rows a row stands.
func (j *joining) hang(table string, row *tableRow) {
	named, found := false, false
	for column, above := range parents[table] {
		id := textOf(row.cells, column)
		if id == "" {
			continue
		}
		named = true
		entity := textOf(row.cells, "link_entity") + textOf(row.cells, "resource_type")
		for _, l := range above {
			at := [2]string{l.table, id}
			if j.one[at] == nil || len(above) > 1 && entity != l.table && slices.ContainsFunc(above, func(o link) bool { return o.table == entity }) {
				continue
			}
			found = true
			if j.children[at] == nil {
				j.children[at] = map[string][]*tableRow{}
			}
			j.children[at][l.key] = append(j.children[at][l.key], row)
		}
	}
	if named && !found && table != "service" {
		j.r.wrong(Problem{File: row.file, Row: row.row, Key: FaultLost})
	}
}

// build makes the object of a row, with all that it names and that hangs on it.
func (j *joining) build(table string, row *tableRow) map[string]any {
	if j.built++; j.built > mostFields {
		return map[string]any{}
	}
	object := cellsOf(table, row)
	id := textOf(row.cells, "id")
	for _, l := range links[table] {
		if l.one {
			column := l.table + "_id"
			named := j.one[[2]string{l.table, textOf(row.cells, column)}]
			if named != nil && textOf(row.cells, column) != "" {
				delete(object, column)
				object[l.key] = j.build(l.table, named)
			}
			continue
		}
		var list []any
		for _, child := range j.children[[2]string{table, id}][l.key] {
			if list = append(list, j.build(l.table, child)); j.built > mostFields {
				return object
			}
		}
		if len(list) > 0 {
			object[l.key] = list
		}
	}
	maps.Copy(object, restOf(row))
	return object
}

// restOf reads what had no cell.
func restOf(row *tableRow) map[string]any {
	value, _ := decode(textOf(row.cells, restColumn))
	rest, _ := value.(map[string]any)
	return rest
}

// cellsOf reads the cells of a row in the types of their columns. What only says
// where the row stands is left out.
func cellsOf(table string, row *tableRow) map[string]any {
	object := map[string]any{}
	for column, cell := range row.cells {
		if column == restColumn || isParent(table, column) || isEntity(table, column) && isTable(cell) {
			continue
		}
		text, isText := cell.(string)
		if isText && slices.Contains(numeric[table], column) && isNumber(text) {
			cell = json.Number(strings.TrimSpace(text))
		}
		object[column] = cell
	}
	return object
}

func isEntity(table, column string) bool {
	return table == "attribute" && column == "link_entity" || table == "metadata" && column == "resource_type"
}

func isTable(cell any) bool {
	name, _ := cell.(string)
	return slices.Contains(tableNames, name)
}

func isNumber(text string) bool {
	value, ok := decode(text)
	_, is := value.(json.Number)
	return ok && is
}
