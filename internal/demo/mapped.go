package demo

import (
	"context"
	_ "embed" // the boundaries
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/record"
)

// boundaries are those of the invented district, by the areas that the clinic counts
// by: straight lines that no map has.
//
//go:embed boundaries.geojson
var boundaries []byte

// located is an invented incident with its place. What the public summary says has no
// coordinates, and gets none here.
type located struct {
	title, what, source string
	at                  place
	north, east         float64 // degrees from the town
	kind, phase         string  // of place, of what went on
	ago                 int     // days
}

var incidents = []located{
	{"Une maison fouillée (inventé)", "Des hommes sont entrés dans une maison et l’ont fouillée.", "une voisine (inventée)", kelmo, 0.021, -0.034, "home", "house_search", 96},
	{"Un barrage sur la route (inventé)", "Un barrage a arrêté les voyageurs tout un matin.", "un chauffeur (inventé)", marsafi, 0.038, 0.027, "road", "checkpoint", 71},
	{"Des menaces au point d’eau (inventé)", "Des femmes ont été menacées au point d’eau et sont reparties.", "une responsable du puits (inventée)", tirawell, -0.026, 0.041, "water_firewood", "other", 54},
	{"Un marché dispersé (inventé)", "Le marché a été dispersé ; personne n’y est revenu ce jour-là.", "une marchande (inventée)", kelmo, -0.047, 0.031, "market", "raid", 33},
	{"Une route fermée (inventé)", "La route a été fermée, et des familles ont attendu à l’entrée du bourg.", "un enseignant (inventé)", oudane, 0.019, 0.052, "road", "route", 17},
}

// Incidents writes a few invented incidents with their places down at a desk of the
// accountability compartment, and adopts the boundaries of the invented district at that
// of an administrator, so that maps have something to show. One witness tells of each;
// nobody is counted, named or said to have done it. Kinds: those of the verbs of package
// casework.
func Incidents(ctx context.Context, desk, administrator *casework.Desk, now time.Time) error {
	c := &claimant{verbs: verbsOf(ctx, desk, administrator), told: Told{}, ids: map[string]amana.RecordID{}}
	for _, in := range incidents {
		day := now.AddDate(0, 0, -in.ago).Format(iso)
		c.begin(in.title, amana.KindIncident, val("event_title", in.title, "event_scope", "event", "event_from", day,
			"event_district", in.at.town, "event_region", "District des Trois-Lanternes", "event_place_type", in.kind, "event_phase", in.phase,
			"event_latitude", in.at.lat+in.north, "event_longitude", in.at.lon+in.east))
		c.add(in.title, record.Claims, val("what", in.what, "source", in.source, "stance", "supports", "category", "primary_witness",
			"basis", "saw", "connection", "010200", "material", "oral_testimony", "said", "told", "on", day))
	}
	if c.failed != nil {
		return c.failed
	}
	return administrator.SetBoundaries(ctx, boundaries)
}
