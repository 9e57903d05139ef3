// Package geo lays out plain maps: boundaries from a GeoJSON file (RFC 7946) and
// points, as paths and places in a drawing of a fixed width. It fetches nothing and
// knows no place by itself: a map is what an organisation gives it.
//
// Longitudes are shrunk by the cosine of the middle latitude: near enough for a
// district or a country, not for the poles.
package geo

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"amana"
)

// Limits of a file of boundaries.
const (
	MostBytes  = 2 << 20
	mostPoints = 60_000
	mostShapes = 2_000
)

// Point is a place on the earth, in degrees.
type Point struct{ Latitude, Longitude float64 }

// Shape is a boundary: rings or lines of points, and its name where it has one.
type Shape struct {
	Name  string
	Lines [][]Point
}

// ParseBoundaries reads a FeatureCollection, a Feature or a geometry: polygons and
// lines; points and properties other than a name are left aside. Kind: ErrInvalid.
func ParseBoundaries(raw []byte) ([]Shape, error) {
	if len(raw) > MostBytes {
		return nil, fmt.Errorf("geo: file of %d bytes: %w", len(raw), amana.ErrInvalid)
	}
	var top object
	if err := json.Unmarshal(raw, &top); err != nil {
		return nil, fmt.Errorf("geo: not GeoJSON: %w", amana.ErrInvalid)
	}
	r := reader{}
	if err := r.take(top, "", 0); err != nil {
		return nil, err
	}
	if len(r.shapes) == 0 {
		return nil, fmt.Errorf("geo: no boundary in the file: %w", amana.ErrInvalid)
	}
	return r.shapes, nil
}

type object struct {
	Type        string          `json:"type"`
	Features    []object        `json:"features"`
	Geometry    *object         `json:"geometry"`
	Geometries  []object        `json:"geometries"`
	Properties  map[string]any  `json:"properties"`
	Coordinates json.RawMessage `json:"coordinates"`
}

type reader struct {
	shapes []Shape
	points int
}

const deepest = 8

func (r *reader) take(o object, name string, depth int) error {
	if depth > deepest || len(r.shapes) > mostShapes {
		return fmt.Errorf("geo: too much in one file: %w", amana.ErrInvalid)
	}
	for _, key := range []string{"name", "NAME", "shapeName", "ADM1_FR", "ADM2_FR"} {
		if n, ok := o.Properties[key].(string); ok && len(n) < 100 {
			name = n
			break
		}
	}
	for _, inner := range append(o.Features, o.Geometries...) {
		if err := r.take(inner, name, depth+1); err != nil {
			return err
		}
	}
	if o.Geometry != nil {
		return r.take(*o.Geometry, name, depth+1)
	}
	switch o.Type {
	case "Polygon", "MultiLineString":
		return r.lines(o.Coordinates, name)
	case "LineString":
		return r.lines(json.RawMessage("["+string(o.Coordinates)+"]"), name)
	case "MultiPolygon":
		var polygons []json.RawMessage
		if json.Unmarshal(o.Coordinates, &polygons) != nil {
			return fmt.Errorf("geo: coordinates: %w", amana.ErrInvalid)
		}
		first := len(r.shapes)
		for _, p := range polygons {
			if err := r.lines(p, name); err != nil {
				return err
			}
		}
		r.join(first)
	}
	return nil
}

// join makes one shape of those from first on: an area of several parts is one area.
func (r *reader) join(first int) {
	for len(r.shapes) > first+1 {
		last := len(r.shapes) - 1
		r.shapes[first].Lines = append(r.shapes[first].Lines, r.shapes[last].Lines...)
		r.shapes = r.shapes[:last]
	}
}

func (r *reader) lines(raw json.RawMessage, name string) error {
	var lines [][][]float64
	if json.Unmarshal(raw, &lines) != nil {
		return fmt.Errorf("geo: coordinates: %w", amana.ErrInvalid)
	}
	s := Shape{Name: name}
	for _, line := range lines {
		points := make([]Point, 0, len(line))
		for _, c := range line {
			if len(c) < 2 || !(Point{c[1], c[0]}).Valid() {
				return fmt.Errorf("geo: a point that is not on the earth: %w", amana.ErrInvalid)
			}
			points = append(points, Point{c[1], c[0]})
		}
		if r.points += len(points); r.points > mostPoints {
			return fmt.Errorf("geo: more than %d points: %w", mostPoints, amana.ErrInvalid)
		}
		if len(points) > 1 {
			s.Lines = append(s.Lines, points)
		}
	}
	if len(s.Lines) > 0 {
		r.shapes = append(r.shapes, s)
	}
	return nil
}

// Valid reports whether a point is on the earth.
func (p Point) Valid() bool {
	return p.Latitude >= -90 && p.Latitude <= 90 && p.Longitude >= -180 && p.Longitude <= 180
}

// Width of a map; its height follows.
const Width = 1000.0

// Map is boundaries and points laid out: a path for each boundary, a place for each
// point.
type Map struct {
	Height float64
	Paths  []Path
	Places []Place
}

// Path is a boundary: as the d of an SVG path, as lines of places, and with the place
// in the middle of its largest line, where something can be written.
type Path struct {
	Name, D string
	Lines   [][]Place
	Middle  Place
}

// Place is a point in the drawing.
type Place struct{ X, Y float64 }

// Lay lays out boundaries and points, all of them inside, with a margin.
func Lay(shapes []Shape, points []Point) Map {
	f := newFrame(shapes, points)
	m := Map{Height: f.height}
	for _, s := range shapes {
		var d strings.Builder
		one := Path{Name: s.Name}
		for _, line := range s.Lines {
			last := ""
			var places []Place
			for i, p := range line {
				x, y := f.at(p)
				places = append(places, Place{x, y})
				at := round(x) + " " + round(y)
				switch {
				case i == 0:
					d.WriteString("M" + at)
				case at != last: // no line to where the pen is
					d.WriteString("L" + at)
				}
				last = at
			}
			one.Lines = append(one.Lines, places)
		}
		one.D, one.Middle = d.String(), middle(one.Lines)
		m.Paths = append(m.Paths, one)
	}
	for _, p := range points {
		x, y := f.at(p)
		m.Places = append(m.Places, Place{x, y})
	}
	return m
}

// middle is the centre of gravity of the line that encloses most; of lines that enclose
// nothing, the first point.
func middle(lines [][]Place) (m Place) {
	most := 0.0
	for i, line := range lines {
		var area, x, y float64
		for k := range line {
			p, q := line[k], line[(k+1)%len(line)]
			cross := p.X*q.Y - q.X*p.Y
			area, x, y = area+cross, x+(p.X+q.X)*cross, y+(p.Y+q.Y)*cross
		}
		if math.Abs(area) > most {
			most, m = math.Abs(area), Place{x / (3 * area), y / (3 * area)}
		} else if i == 0 && len(line) > 0 {
			m = line[0]
		}
	}
	return m
}

// frame is the window on the earth.
type frame struct {
	west, north   float64
	scale, shrink float64
	height        float64
}

const (
	margin   = 40.0
	smallest = 0.5 // degrees that a map shows at least
	tallest  = 1.4 // of its width
)

func newFrame(shapes []Shape, points []Point) frame {
	south, north, west, east := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	grow := func(p Point) {
		south, north = min(south, p.Latitude), max(north, p.Latitude)
		west, east = min(west, p.Longitude), max(east, p.Longitude)
	}
	for _, s := range shapes {
		for _, line := range s.Lines {
			for _, p := range line {
				grow(p)
			}
		}
	}
	for _, p := range points {
		grow(p)
	}
	if south > north {
		south, north, west, east = -1, 1, -1, 1
	}
	if d := smallest - (north - south); d > 0 {
		south, north = south-d/2, north+d/2
	}
	if d := smallest - (east - west); d > 0 {
		west, east = west-d/2, east+d/2
	}
	f := frame{west: west, north: north, shrink: max(0.1, math.Cos((south+north)/2*math.Pi/180))}
	f.scale = (Width - 2*margin) / ((east - west) * f.shrink)
	if tall := (north - south) * f.scale; tall > Width*tallest {
		f.scale *= Width * tallest / tall
	}
	f.height = math.Ceil((north-south)*f.scale + 2*margin)
	return f
}

func (f frame) at(p Point) (x, y float64) {
	return margin + (p.Longitude-f.west)*f.shrink*f.scale, margin + (f.north-p.Latitude)*f.scale
}

func round(x float64) string { return strconv.FormatFloat(math.Round(x), 'f', -1, 64) }
