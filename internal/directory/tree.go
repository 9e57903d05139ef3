package directory

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"amana/internal/event"
)

// Values are the fields of a service by path: "name", "organization/name",
// "phones/<item>/number", "service_at_locations/<item>/location/latitude". An
// item is named by its id in HSDS.
type Values map[string]event.Value

// shape says which keys of an object are taken apart into fields. Whatever else
// an object has is kept whole, as the JSON it was.
type shape struct {
	lists   map[string]*shape
	objects map[string]*shape
}

var (
	plain     = &shape{}
	phone     = &shape{lists: map[string]*shape{"languages": plain}}
	contact   = &shape{lists: map[string]*shape{"phones": phone}}
	placeHere = &shape{lists: map[string]*shape{
		"addresses": plain, "accessibility": plain, "phones": phone, "schedules": plain, "languages": plain, "contacts": contact,
	}}
	siteHere = &shape{
		lists:   map[string]*shape{"phones": phone, "schedules": plain, "contacts": contact, "service_areas": plain},
		objects: map[string]*shape{"location": placeHere},
	}
	service = &shape{
		lists: map[string]*shape{
			"phones": phone, "schedules": plain, "service_areas": plain, "service_at_locations": siteHere, "languages": plain,
			"contacts": contact, "cost_options": plain, "required_documents": plain,
		},
		objects: map[string]*shape{"organization": plain},
	}
)

// longestID is how long an id may be and still name an item in a path.
const longestID = 100

// What stands in a path beside the keys. No key has a bare tilde: see escape.
const (
	whole     = "~json" // after a path: the JSON of what is not taken apart
	place     = "~o"    // under an item: its place in the list, where that is not by its name
	nameless  = "~n"    // the item has no id; its place follows
	duplicate = "~d"    // another item has this id; its place follows
	emptyKey  = "~2"
)

func escape(key string) string {
	if key == "" {
		return emptyKey
	}
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

func unescape(segment string) string {
	if segment == emptyKey {
		return ""
	}
	return strings.ReplaceAll(strings.ReplaceAll(segment, "~1", "/"), "~0", "~")
}

// flatten takes the JSON object of a service apart.
func flatten(object map[string]any) Values {
	v := Values{}
	v.object("", object, service)
	return v
}

func (v Values) object(prefix string, object map[string]any, s *shape) {
	for key, value := range object {
		path := prefix + escape(key)
		switch value := value.(type) {
		case map[string]any:
			if inner := s.objects[key]; inner != nil && len(value) > 0 {
				v.object(path+"/", value, inner)
				continue
			}
		case []any:
			if inner := s.lists[key]; inner != nil && allObjects(value) {
				v.list(path+"/", value, inner)
				continue
			}
		}
		v.scalar(path, value)
	}
}

func allObjects(list []any) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(one any) bool { _, is := one.(map[string]any); return !is })
}

func (v Values) list(prefix string, list []any, s *shape) {
	taken := map[string]bool{}
	keys := make([]string, len(list))
	empty := false
	for i, one := range list {
		object := one.(map[string]any)
		id, named := object["id"].(string)
		key := escape(id)
		switch {
		case !named || id == "" || len(id) > longestID:
			key = nameless + strconv.Itoa(i)
		case taken[key]:
			key = duplicate + strconv.Itoa(i)
		default:
			taken[key] = true
			object = without(object, "id")
		}
		before := len(v)
		v.object(prefix+key+"/", object, s)
		keys[i], empty = key, empty || len(v) == before
	}
	if slices.IsSorted(keys) && !empty {
		return
	}
	for i, key := range keys {
		v[prefix+key+"/"+place] = event.Int(int64(i))
	}
}

func without(object map[string]any, key string) map[string]any {
	rest := make(map[string]any, len(object))
	for k, value := range object {
		if k != key {
			rest[k] = value
		}
	}
	return rest
}

// scalar keeps a value in the type that it has, if it comes back the same.
func (v Values) scalar(path string, value any) {
	switch value := value.(type) {
	case string:
		if value != "" {
			v[path] = event.Text(value)
			return
		}
	case bool:
		v[path] = event.Bool(value)
		return
	case json.Number:
		if n, err := strconv.ParseInt(value.String(), 10, 64); err == nil && strconv.FormatInt(n, 10) == value.String() {
			v[path] = event.Int(n)
			return
		}
		if f, err := value.Float64(); err == nil && strconv.FormatFloat(f, 'f', -1, 64) == value.String() {
			v[path] = event.Decimal(f)
			return
		}
	}
	v[path+whole] = event.Text(encode(value))
}

// encode writes a JSON value that was read from JSON.
func encode(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic("directory: internal error: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// decode reads one JSON value, numbers as they are written.
func decode(text string) (any, bool) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, false
	}
	return value, !d.More()
}
