package huridocs

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/record"
)

// place is an entity and the name of a field in it.
type place struct{ entity, number string }

// entities are the lists of an incident and of a party as the formats call them. What
// they do not have is ours.
var entities = map[amana.Kind]map[string]string{
	amana.KindIncident: {
		"": "event", record.Persons: "person", record.Acts: "act", record.Attributions: "involvement", record.Claims: "information",
		record.PersonLinks: "biographic-details", record.RelatedEvents: "chain-of-events", record.Assessments: "x-amana-crsv",
		record.Verifications: "x-amana-verification", record.SamePersons: "x-amana-same-person",
	},
	amana.KindActor: {
		"": "group", record.ActorNames: "x-amana-name", record.ActorRelations: "x-amana-relation", record.ActorResponses: "x-amana-response",
		record.ActorPositions: "x-amana-position", record.ActorPresences: "x-amana-presence", record.ActorOrders: "x-amana-order",
		record.ActorNotices: "x-amana-notice", record.ActorMeasures: "x-amana-measure", record.ActorExternals: "x-amana-external",
	},
	amana.KindAccount:     {"": "x-amana-account"},
	amana.KindPublication: {"": "x-amana-publication", record.Citations: "x-amana-cites"},
}

// numbers are those of the formats, by our names.
var numbers = map[string]string{
	"event_title": "0102", "event_district": "0111", "event_place": "0112", "event_from": "0113", "event_to": "0114", "event_summary": "0115",
	"event_violation": "0151", "event_monitoring": "0172",
	"act/victim": "2102", "act/type": "2109", "act/from": "2111", "act/to": "2121", "act/method": "2114",
	"attribution/actor": "2402", "attribution/act": "2404", "attribution/involvement": "2409",
	"claim/source": "2502", "claim/person": "2504", "claim/connection": "2509", "claim/on": "2511", "claim/material": "2512",
	"claim/reliability": "2553",
	"person/unit":       "0902", "person/number": "0931",
}

const ours = "x-amana-"

// placeOf returns where a field of a record stands.
func placeOf(kind amana.Kind, name string) (place, bool) {
	list, field, in := strings.Cut(name, "/")
	if !in {
		list, field = "", name
	}
	entity, known := entities[kind][list]
	if !known {
		return place{}, false
	}
	if n := numbers[name]; n != "" {
		return place{entity, n}, true
	}
	return place{entity, ours + field}, true
}

// fieldOf is the way back.
func fieldOf(kind amana.Kind, p place) (list, field string, ok bool) {
	for l, entity := range entities[kind] {
		if entity != p.entity {
			continue
		}
		if name, is := strings.CutPrefix(p.number, ours); is {
			return l, name, true
		}
		for name, n := range numbers {
			of, field, in := strings.Cut(name, "/")
			if !in {
				of, field = "", name
			}
			if n == p.number && of == l {
				return l, field, true
			}
		}
	}
	return "", "", false
}

// Kinds are those that are written and read.
func Kinds() []amana.Kind {
	return []amana.Kind{amana.KindPublication, amana.KindActor, amana.KindAccount, amana.KindIncident}
}

func isKind(k amana.Kind) bool { return slices.Contains(Kinds(), k) }
