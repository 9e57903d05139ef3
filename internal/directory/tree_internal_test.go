package directory

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyJSON draws a value as a foreign file may have it, with the keys that are
// taken apart more often than not.
func anyJSON(depth int) *rapid.Generator[any] {
	keys := []string{
		"id", "name", "phones", "schedules", "service_at_locations", "location", "addresses", "languages", "contacts", "organization",
		"attributes", "number", "latitude", "service_areas", "~json", "a/b", "~o", "", "x~n0", "taxonomy_term", "value", "status",
	}
	scalar := rapid.OneOf(
		rapid.Just[any](nil), rapid.Just[any](""), rapid.Just[any](true), rapid.Just[any](false),
		rapid.Map(rapid.String(), func(s string) any { return strings.ToValidUTF8(s, "?") }),
		rapid.Map(rapid.SampledFrom([]string{"0", "-0", "1", "12.5", "1e300", "1.50", "-7", "9223372036854775807", "9223372036854775808"}), func(s string) any { return json.Number(s) }),
	)
	if depth == 0 {
		return scalar
	}
	object := rapid.Map(rapid.MapOfN(rapid.SampledFrom(keys), anyJSON(depth-1), 0, 6), func(m map[string]any) any { return m })
	list := rapid.Map(rapid.SliceOfN(rapid.OneOf(object, anyJSON(depth-1)), 0, 3), func(l []any) any { return l })
	objects := rapid.Map(rapid.SliceOfN(object, 0, 3), func(l []any) any { return l })
	return rapid.OneOf(scalar, object, object, list, objects, objects)
}

// What was taken apart is put together as it was, whatever it was.
func TestFlatten_losesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object, is := anyJSON(4).Draw(t, "service").(map[string]any)
		if !is {
			t.Skip("not an object")
		}
		if got := grow(flatten(object)); !reflect.DeepEqual(got, object) {
			t.Fatalf("got  %s\nwant %s\nfields %s", encode(got), encode(object), fieldNames(flatten(object)))
		}
	})
}

// The same with our own attributes taken out and put back.
func TestValuesOf_losesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object, is := anyJSON(4).Draw(t, "service").(map[string]any)
		if !is {
			t.Skip("not an object")
		}
		if got := hsdsOf(valuesOf(object)); !reflect.DeepEqual(got, object) {
			t.Fatalf("got  %s\nwant %s", encode(got), encode(object))
		}
	})
}

// Tables say what JSON says, except for the order of what hangs on a row.
func TestTables_loseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object, is := anyJSON(4).Draw(t, "service").(map[string]any)
		if !is {
			t.Skip("not an object")
		}
		object["id"], object["name"] = "s1", "Name"
		delete(object, "status")
		if tooDeep([]byte(encode(object))) {
			t.Skip("too deep")
		}
		var b bytes.Buffer
		if err := WritePackage(&b, Projection{Services: []Projected{{valuesOf(object)}}}, noon); err != nil {
			t.Fatal(err)
		}
		r := Read(&b)
		if len(r.Services) != 1 || len(r.Problems) != 0 {
			t.Fatalf("%d services, problems %v, from %s", len(r.Services), r.Problems, encode(object))
		}
		if got := sorted(hsdsOf(r.Services[0].Values)); !reflect.DeepEqual(got, sorted(object)) {
			t.Fatalf("got  %s\nwant %s", encode(got), encode(sorted(object)))
		}
	})
}

func fieldNames(v Values) string {
	var names []string
	for name := range v {
		names = append(names, name)
	}
	return strings.Join(names, " ")
}
