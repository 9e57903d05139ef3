package bench

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"amana"
	"amana/internal/demo"
	"amana/internal/directory"
	"amana/internal/event"
)

// mostServices is the directory of a country.
const mostServices = 10_000

// directory measures what somebody waits for who asks what can help a person now,
// beside the least that any search does: to look at each service once, with nothing
// but its distance and its kind, and to sort.
func (r *run) directory(ctx context.Context) error {
	now := r.Now()
	services := country(now)
	index, floor := directory.New(services), bareOf(services)
	chance := rand.New(rand.NewPCG(1, 2)) // the same places each time
	somewhere := func() *directory.Point {
		return &directory.Point{Latitude: 12 + 8*chance.Float64(), Longitude: -8 + 12*chance.Float64()}
	}
	ours, err := r.clock.each(ctx, r.asks, r.step, func(i int) error {
		found := index.Now(directory.Query{
			Needs: []string{"pep", "emergency_contraception", "mental_health"}, Left: map[string]time.Duration{"pep": 3 * time.Hour},
			Age: 15 + i%20, Sex: "female", Language: "taq", At: somewhere(), Now: now.Add(time.Duration(i) * time.Hour),
		})
		if len(found.Matches) == 0 {
			return fmt.Errorf("bench: nothing among %d services: %w", len(services), amana.ErrNotFound)
		}
		return nil
	})
	if err != nil {
		return err
	}
	scans, err := r.clock.each(ctx, r.asks, r.step, func(int) error { scan(floor, *somewhere()); return nil })
	if err != nil {
		return err
	}
	r.add(figure(fmt.Sprintf("what can help her now among %d services, 95 of 100", len(services)), percentile(ours, 95), "ms").
		beside("look at each once: kind and distance, sorted", percentile(scans, 95)).under(50))
	return nil
}

// country is the invented district over and over, each time somewhere else.
func country(now time.Time) []directory.Service {
	chance := rand.New(rand.NewPCG(3, 4))
	district := demo.Services(now)
	all := make([]directory.Service, 0, mostServices)
	for i := range mostServices {
		s := directory.Service{ID: amana.RecordID{byte(i), byte(i >> 8), 1}, Values: maps.Clone(district[i%len(district)].Values)}
		for _, site := range s.Items("service_at_locations") {
			s.Values[site+"/location/latitude"], s.Values[site+"/location/longitude"] = event.Decimal(12+8*chance.Float64()), event.Decimal(-8+12*chance.Float64())
		}
		all = append(all, s)
	}
	return all
}

// bare is of a service what the least search needs.
type bare struct {
	at    directory.Point
	kinds []string
	score float64
}

func bareOf(services []directory.Service) []bare {
	list := make([]bare, 0, len(services))
	for _, s := range services {
		one := bare{kinds: s.List("service_types")}
		for _, site := range s.Items("service_at_locations") {
			one.at.Latitude, _ = s.Values[site+"/location/latitude"].Decimal()
			one.at.Longitude, _ = s.Values[site+"/location/longitude"].Decimal()
		}
		list = append(list, one)
	}
	return list
}

func scan(list []bare, at directory.Point) []bare {
	found := make([]bare, 0, len(list))
	for _, one := range list {
		if slices.Contains(one.kinds, "health_medical_service") || slices.Contains(one.kinds, "psychosocial_service") {
			one.score = at.Distance(one.at)
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b bare) int { return cmp.Compare(a.score, b.score) })
	return found[:min(20, len(found))]
}
