package geo_test

import (
	"testing"

	"amana/internal/geo"
)

func FuzzParseBoundaries(f *testing.F) {
	f.Add([]byte(square))
	f.Add([]byte(`{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		shapes, err := geo.ParseBoundaries(raw)
		if err == nil && len(shapes) == 0 {
			t.Fatal("a file without a shape is taken")
		}
	})
}
