package directory_test

import (
	"bytes"
	"testing"
	"time"

	"amana"
	"amana/internal/directory"
	"amana/internal/event"
)

// noon is a Wednesday.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// made returns a service from pairs of paths and words.
func made(n byte, pairs ...string) directory.Service {
	s := directory.Service{ID: amana.RecordID{n, 1}, Values: directory.Values{
		"id": event.Text("s" + string('0'+rune(n%10))), "name": event.Text("Invented clinic"), "status": event.Text("active"),
		"assured_date": event.Text("2026-11-20"), "service_types": event.List("health_medical_service"),
	}}
	for i := 0; i+1 < len(pairs); i += 2 {
		set(s, pairs[i], pairs[i+1])
	}
	return s
}

func set(s directory.Service, path, words string) {
	if a, ok := directory.AdditionOf(path); ok && (a.Type == directory.Choices || a.Type == directory.Lines) {
		s.Values[path] = event.List(words)
		return
	}
	s.Values[path] = event.Text(words)
}

const here = "service_at_locations/l1"

func placed(s directory.Service, latitude, longitude float64) directory.Service {
	s.Values[here+"/location/latitude"] = event.Decimal(latitude)
	s.Values[here+"/location/longitude"] = event.Decimal(longitude)
	return s
}

// open gives a service opening hours: days, from, to.
func open(s directory.Service, item, days, from, to string) directory.Service {
	for key, words := range map[string]string{"freq": "WEEKLY", "byday": days, "opens_at": from, "closes_at": to} {
		set(s, "schedules/"+item+"/"+key, words)
	}
	return s
}

func read(t *testing.T, text string) *directory.Reading {
	t.Helper()
	return directory.Read(bytes.NewReader([]byte(text)))
}
