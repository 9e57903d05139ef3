package directory

import (
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"amana/internal/event"
)

// The taxonomies of our attributes.
const (
	taxonomy      = "amana"
	taxonomyTypes = "gbvims_service_type"
)

// HSDS returns the service as an HSDS object: what HSDS has no field for stands
// in its attributes.
func (p Projected) hsds() map[string]any { return hsdsOf(p.values) }

func hsdsOf(values Values) map[string]any {
	own, ours := Values{}, Values{}
	for path, value := range values {
		if isOurs(path) {
			ours[path] = value
		} else {
			own[path] = value
		}
	}
	object := grow(own)
	list, _ := object["attributes"].([]any)
	key, _ := object["id"].(string)
	for _, name := range sortedOurs(ours) {
		for i, value := range ours[name].RevealList() {
			list = append(list, attribute(key, name, value, i))
		}
	}
	if len(list) > 0 {
		object["attributes"] = list
	}
	return object
}

func isOurs(path string) bool {
	_, ours := additionByName[path]
	return ours || strings.HasPrefix(path, classPrefix)
}

func sortedOurs(ours Values) []string {
	names := make([]string, 0, len(ours))
	for name := range ours {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func attribute(service, name, value string, i int) map[string]any {
	code, tax := name, taxonomy
	one := map[string]any{
		"id": madeID("attribute", service, name, strconv.Itoa(i)), "link_type": name, "link_entity": "service", "value": value,
	}
	if name == "service_types" {
		code, tax = value, taxonomyTypes
		delete(one, "value")
	}
	one["taxonomy_term"] = map[string]any{
		"id": madeID("term", tax, code), "code": code, "name": strings.ReplaceAll(code, "_", " "), "taxonomy": tax,
	}
	return one
}

// madeID returns an id in the form of a UUID for what has none: the same for the
// same words. It hides nothing and proves nothing.
func madeID(words ...string) string {
	h := fnv.New128a()
	for _, w := range words {
		h.Write([]byte(w))
		h.Write([]byte{0})
	}
	return UUID([16]byte(h.Sum(nil)))
}

// UUID writes 16 bytes as HSDS writes an id: RFC 9562, version 8.
func UUID(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	x := hex.EncodeToString(b[:])
	return strings.Join([]string{x[:8], x[8:12], x[12:16], x[16:20], x[20:]}, "-")
}

// valuesOf takes an HSDS object apart, our attributes into fields of their own.
func valuesOf(object map[string]any) Values {
	rest, ours := splitAttributes(object)
	v := flatten(rest)
	for name, values := range ours {
		a := additionByName[name]
		switch {
		case a.Type == Choices || a.Type == Lines:
			v[name] = event.List(values...)
		case len(values) == 1:
			v[name] = event.Text(values[0])
		}
	}
	return v.clean()
}

func splitAttributes(object map[string]any) (rest map[string]any, ours map[string][]string) {
	ours = map[string][]string{}
	list, is := object["attributes"].([]any)
	if !is {
		return object, ours
	}
	var foreign []any
	for _, one := range list {
		if name, value, ok := ourAttribute(one); ok {
			ours[name] = append(ours[name], value)
		} else {
			foreign = append(foreign, one)
		}
	}
	if len(foreign) == len(list) {
		return object, ours
	}
	rest = without(object, "attributes")
	if len(foreign) > 0 {
		rest["attributes"] = foreign
	}
	return rest, ours
}

// ourAttribute reads an attribute that this package wrote, if the value fits its
// field; any other is kept as it is.
func ourAttribute(one any) (name, value string, ok bool) {
	object, _ := one.(map[string]any)
	term, _ := object["taxonomy_term"].(map[string]any)
	code, _ := term["code"].(string)
	value, _ = object["value"].(string)
	switch term["taxonomy"] {
	case taxonomyTypes:
		name, value = "service_types", code
	case taxonomy:
		name = code
	default:
		return "", "", false
	}
	return name, value, len(object) <= 7 && FieldValid(name, value)
}

// FieldValid reports whether a value may stand in an addition or a class. Each
// line of an addition of lines is asked about on its own.
func FieldValid(name, value string) bool {
	if group, is := strings.CutPrefix(name, classPrefix); is {
		g, known := groupByID[group]
		return slices.Contains(Classes(), Class(value)) && (group == "service" || known && !g.Fixed)
	}
	a, known := additionByName[name]
	if !known || value == "" || len(value) > longestText {
		return false
	}
	switch a.Type {
	case Choice, Choices:
		return slices.Contains(a.Options, value)
	case Date:
		_, ok := dayOf(value)
		return ok && len(value) == len("2006-01-02")
	case Lines:
		return name != "closures" || ClosureValid(value)
	case Line:
	}
	return true
}
