package record

import (
	"strings"

	"amana"
)

// FieldOf returns the description of a field by its name: "age", and "note/text"
// or "note/<item>/text" in a list.
func FieldOf(kind amana.Kind, name string) (Field, bool) {
	known := byName[kind]
	if f, ok := known[name]; ok {
		return f, true
	}
	list, rest, _ := strings.Cut(name, "/")
	item, field, ok := strings.Cut(rest, "/")
	if !ok || list == "" || item == "" || field == "" {
		return Field{}, false
	}
	var buf [96]byte // no allocation: this is asked of every field of every record
	key := append(buf[:0], list...)
	key = append(key, '/')
	key = append(key, field...)
	f, ok := known[string(key)]
	return f, ok
}

var byName = index(fields)

func index(fields map[amana.Kind][]Field) map[amana.Kind]map[string]Field {
	byKind := make(map[amana.Kind]map[string]Field, len(fields))
	for kind, list := range fields {
		byKind[kind] = make(map[string]Field, len(list))
		for _, f := range list {
			byKind[kind][f.Name] = f
		}
	}
	return byKind
}
