package record

import (
	"strings"

	"amana"
)

// FieldOf returns the description of a field by its name: "age", and "note/text"
// or "note/<item>/text" in a list.
func FieldOf(kind amana.Kind, name string) (Field, bool) { return FieldsOf(kind).Of(name) }

// Known are the fields of one kind, for whoever asks about many.
type Known map[string]Field

// FieldsOf returns the fields of a kind.
func FieldsOf(kind amana.Kind) Known { return byName[kind] }

// Of is [FieldOf] among these.
func (known Known) Of(name string) (Field, bool) {
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

func index(fields map[amana.Kind][]Field) map[amana.Kind]Known {
	byKind := make(map[amana.Kind]Known, len(fields))
	for kind, list := range fields {
		byKind[kind] = make(Known, len(list))
		for _, f := range list {
			byKind[kind][f.Name] = f
		}
	}
	return byKind
}
