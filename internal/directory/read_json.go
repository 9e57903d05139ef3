package directory

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"slices"
)

// Read reads a directory from a file: JSON as the HSDS API writes it (one
// service, a list, or a page of them), JSON of tables by name, one table of
// services, or a zip archive of tables with the names of HSDS. It reads no more than its limits allow.
func Read(r io.Reader) *Reading {
	out := &Reading{}
	b, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	switch {
	case err != nil:
		out.wrong(Problem{Key: FaultJSON, Fatal: true})
	case len(b) > MostBytes:
		out.wrong(Problem{Key: FaultLarge, Fatal: true})
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			out.wrong(Problem{Key: FaultZip, Fatal: true})
			break
		}
		out.readArchive(archive)
	default:
		b = bytes.TrimPrefix(b, []byte("\ufeff"))
		if first := bytes.TrimLeft(b, " \t\r\n"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
			out.readJSON(b)
			break
		}
		t := newTables()
		if out.readTable(t, "service", "", bytes.NewReader(b)) {
			out.join(t)
		}
	}
	return out
}

func (r *Reading) readJSON(b []byte) {
	if tooDeep(b) || !json.Valid(b) {
		r.wrong(Problem{Key: FaultJSON, Fatal: true})
		return
	}
	list, is := listIn(b)
	if is {
		r.readList(list)
		return
	}
	value, _ := decode(string(b))
	if t, is := tablesOf(value); is {
		r.join(t)
		return
	}
	r.wrong(Problem{Key: FaultShape, Fatal: true})
}

// readList reads one service after the other, so that no more than one is in
// memory as JSON.
func (r *Reading) readList(list []byte) {
	d := json.NewDecoder(bytes.NewReader(list))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return
	}
	seen := map[string]bool{}
	for row := 1; d.More(); row++ {
		var one any
		if err := d.Decode(&one); err != nil || row > mostServices {
			r.wrong(Problem{Row: row, Key: FaultLarge, Fatal: true})
			return
		}
		object, is := one.(map[string]any)
		if !is {
			r.wrong(Problem{Row: row, Key: FaultShape})
			continue
		}
		r.take(object, "", row, seen)
	}
}

// tooDeep reports whether JSON nests deeper than is read.
func tooDeep(b []byte) bool {
	depth, inString, escaped := 0, false, false
	for _, c := range b {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '{', c == '[':
			if depth++; depth > deepest {
				return true
			}
		case c == '}', c == ']':
			depth--
		}
	}
	return false
}

// listIn finds the services: an array, the contents of a page, or one object.
func listIn(b []byte) ([]byte, bool) {
	b = bytes.TrimSpace(b)
	if b[0] == '[' {
		return b, true
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err != nil {
		return nil, false
	}
	for _, key := range []string{"contents", "services"} {
		if list := bytes.TrimSpace(object[key]); len(list) > 0 && list[0] == '[' {
			return list, true
		}
	}
	if _, is := object["id"]; is {
		return slices.Concat([]byte("["), b, []byte("]")), true
	}
	return nil, false
}

// tablesOf reads JSON of tables: an object whose "service" is a list of rows that
// have an organization_id and nothing nested.
func tablesOf(value any) (*tables, bool) {
	object, is := value.(map[string]any)
	if !is {
		return nil, false
	}
	services, is := object["service"].([]any)
	if !is {
		return nil, false
	}
	t := newTables()
	for name, list := range object {
		rows, is := list.([]any)
		if !is {
			continue
		}
		table, known := tableNamed(name)
		if !known {
			continue
		}
		for i, one := range rows {
			if row, is := one.(map[string]any); is {
				t.rows[table] = append(t.rows[table], tableRow{cells: row, row: i + 1, file: name})
			}
		}
	}
	return t, len(services) > 0
}
