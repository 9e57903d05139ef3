package geo_test

import (
	"errors"
	"strings"
	"testing"

	"amana"
	"amana/internal/geo"
)

const square = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"A district"},
	"geometry":{"type":"Polygon","coordinates":[[[-5,15],[-4,15],[-4,16],[-5,16],[-5,15]]]}},
	{"type":"Feature","properties":null,"geometry":{"type":"Point","coordinates":[-4.5,15.5]}}]}`

func TestParseBoundaries(t *testing.T) {
	shapes, err := geo.ParseBoundaries([]byte(square))
	if err != nil || len(shapes) != 1 || shapes[0].Name != "A district" || len(shapes[0].Lines[0]) != 5 {
		t.Fatalf("%+v, %v", shapes, err)
	}
	for name, raw := range map[string]string{
		"nothing": "", "no object": "[]", "no boundary": `{"type":"Point","coordinates":[1,2]}`,
		"off the earth": `{"type":"LineString","coordinates":[[200,1],[1,1]]}`,
		"half a point":  `{"type":"LineString","coordinates":[[1],[1,1]]}`,
		"words":         `{"type":"Polygon","coordinates":"x"}`,
		"nested":        strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 12) + strings.Repeat("]}", 12),
		"too many":      `{"type":"LineString","coordinates":[` + strings.Repeat("[1,1],", 60_001) + `[1,1]]}`,
	} {
		if _, err := geo.ParseBoundaries([]byte(raw)); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

// Whatever is on the map is inside it, and north is up.
func TestLay(t *testing.T) {
	shapes, err := geo.ParseBoundaries([]byte(square))
	if err != nil {
		t.Fatal(err)
	}
	points := []geo.Point{{15.9, -4.1}, {15.1, -4.9}, {17, -3}}
	m := geo.Lay(shapes, points)
	for i, p := range m.Places {
		if p.X < 0 || p.X > geo.Width || p.Y < 0 || p.Y > m.Height {
			t.Errorf("point %d lies outside: %v of %v", i, p, m.Height)
		}
	}
	if m.Places[0].Y >= m.Places[1].Y || m.Places[0].X <= m.Places[1].X {
		t.Errorf("north is not up, or east not right: %v", m.Places)
	}
	if !strings.HasPrefix(m.Paths[0].D, "M") || strings.ContainsAny(m.Paths[0].D, "e<>\"") {
		t.Errorf("path %q", m.Paths[0].D)
	}
	for _, few := range [][]geo.Point{nil, {{0, 0}}, {{89, 0}, {90, 179}}} {
		if m := geo.Lay(nil, few); !(m.Height > 0 && m.Height < 3*geo.Width) {
			t.Errorf("%v: height %v", few, m.Height)
		}
	}
}

// What is written on a boundary stands in the middle of its largest part.
func TestLay_middle(t *testing.T) {
	shapes, err := geo.ParseBoundaries([]byte(`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[10,0],[20,0],[20,10],[10,10],[10,0]]]]}`))
	if err != nil {
		t.Fatal(err)
	}
	m := geo.Lay(shapes, []geo.Point{{Latitude: 5, Longitude: 15}})
	if len(m.Paths) != 1 || len(m.Paths[0].Lines) != 2 {
		t.Fatalf("%d shapes, want one of two parts", len(m.Paths))
	}
	if dx, dy := m.Paths[0].Middle.X-m.Places[0].X, m.Paths[0].Middle.Y-m.Places[0].Y; dx*dx+dy*dy > 4 {
		t.Errorf("middle at %v, want %v", m.Paths[0].Middle, m.Places[0])
	}
}
