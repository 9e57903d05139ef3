package directory

import (
	"math"
	"time"
)

// Point is a place by its coordinates, in degrees.
type Point struct{ Latitude, Longitude float64 }

func (p Point) isOnEarth() bool {
	return math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180 && (p.Latitude != 0 || p.Longitude != 0)
}

// earth is its mean radius in kilometres.
const earth = 6371.0

// Distance returns how far apart two points are over the ground, in kilometres.
func (p Point) Distance(q Point) float64 {
	const degree = math.Pi / 180
	a := sinSquared((q.Latitude-p.Latitude)*degree/2) +
		math.Cos(p.Latitude*degree)*math.Cos(q.Latitude*degree)*sinSquared((q.Longitude-p.Longitude)*degree/2)
	return 2 * earth * math.Asin(math.Sqrt(min(a, 1)))
}

func sinSquared(x float64) float64 { s := math.Sin(x); return s * s }

// Speeds are how fast one gets about, in kilometres an hour over the ground, and
// how much longer the way is than the straight line. An organisation edits them.
type Speeds struct {
	Foot   float64 `json:"foot"`
	Road   float64 `json:"road"`
	Detour float64 `json:"detour"`
}

// DefaultSpeeds are on the safe side: a tired walker, a bad road.
func DefaultSpeeds() Speeds { return Speeds{Foot: 4, Road: 25, Detour: 1.3} }

// Valid reports whether one can go by them.
func (s Speeds) Valid() bool {
	in := func(x, low, high float64) bool { return x >= low && x <= high }
	return in(s.Foot, 1, 10) && in(s.Road, 1, 150) && in(s.Detour, 1, 5)
}

// Time returns how long a straight line takes on foot or by road.
func (s Speeds) Time(kilometres float64, byRoad bool) time.Duration {
	speed := s.Foot
	if byRoad {
		speed = s.Road
	}
	return time.Duration(kilometres * s.Detour / speed * float64(time.Hour)).Round(time.Minute)
}
