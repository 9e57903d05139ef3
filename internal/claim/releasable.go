package claim

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/record"
	"amana/internal/release"
)

// classes say what the fields of each kind could give away. A field that is not
// here is of the work, and never leaves.
var classes = map[amana.Kind]map[release.Class]string{
	amana.KindIncident: {
		release.Coded: `event_scope event_date_type event_district event_region event_country event_place_type event_phase event_violation
			person/role person/unit person/number person/number_least person/sex person/state link/of link/relation link/to
			act/type act/victim act/method act/gbv
			claim/stance claim/acts claim/account claim/publication claim/cited claim/source claim/person claim/basis claim/connection
			claim/category claim/material claim/reliability claim/credibility claim/anonymous claim/said claim/count claim/count_least
			claim/count_of claim/count_word
			attribution/claim attribution/act attribution/actor attribution/how attribution/involvement attribution/confidence
			crsv/assessment crsv/indicators verification/step verification/status`,
		release.Identity: `person/code person/name`,
		release.Age:      `person/age`,
		release.Place:    `event_place event_place_code event_latitude event_longitude`,
		release.Date:     `event_from event_to act/from act/to claim/on claim/count_from claim/count_to crsv/on verification/on`,
		release.Account: `event_title event_summary event_public person/note claim/what claim/quote claim/public claim/behind
			attribution/named_as attribution/described attribution/struck crsv/basis verification/basis`,
	},
	amana.KindAccount: {
		release.Coded: `source_code source_said source_connection source_category source_material source_language source_protected
			source_district source_sex`,
		release.Identity: `source_name`,
		release.Age:      `source_age`,
		release.Place:    `source_place`,
		release.Date:     `source_taken_on`,
		release.Account:  `source_words`,
		release.Health:   `source_observed`,
	},
	amana.KindPublication: {
		release.Coded: `publication_title publication_by publication_kind publication_on publication_address publication_language
			cites/publication`,
		release.Account: `publication_summary`,
	},
	amana.KindActor: {
		release.Coded: `name_official actor_kind actor_type actor_country active_from active_to note_neutral
			name/text name/language name/from name/to name/publication
			relation/kind relation/actor relation/from relation/to relation/publication relation/source relation/opinion relation/confidence
			response/incident response/asked_by response/asked_on response/answer response/on response/publication
			position/rank position/control position/from position/to position/publication
			presence/district presence/from presence/to presence/publication order/on order/publication
			notice/to notice/on notice/how notice/incident notice/publication measure/kind measure/on measure/publication
			external/scheme external/ref`,
		release.Identity: `position/person`,
		release.Place:    `presence/place presence/latitude presence/longitude`,
		release.Account:  `relation/note response/what position/note order/what notice/what measure/what`,
	},
}

var classOf = index(classes)

func index(classes map[amana.Kind]map[release.Class]string) map[amana.Kind]map[string]release.Class {
	out := map[amana.Kind]map[string]release.Class{}
	for kind, byClass := range classes {
		out[kind] = map[string]release.Class{}
		for class, names := range byClass {
			for name := range strings.FieldsSeq(names) {
				out[kind][name] = class
			}
		}
	}
	return out
}

// ClassOf returns what a field could give away. Name is that of the schema:
// "claim/quote".
func ClassOf(kind amana.Kind, name string) release.Class {
	if c, ok := classOf[kind][name]; ok {
		return c
	}
	return release.Internal
}

// schemaName is the name of a field without its item.
func schemaName(name string) string {
	list, rest, in := strings.Cut(name, "/")
	_, field, whole := strings.Cut(rest, "/")
	if !in || !whole {
		return name
	}
	return list + "/" + field
}

// Releasable returns a record for the gate, as parts that rest on different answers:
// what is known from publications, and what single people told here. Accounts gives
// the answers of an account; one that is not known gives none, and nothing of it
// leaves.
func Releasable(s *Sheet, accounts func(amana.RecordID) release.Consents) []release.Record {
	switch s.Kind { //nolint:exhaustive // nothing of the others leaves by this way
	case amana.KindIncident:
		return incidentParts(s, accounts)
	case amana.KindAccount:
		return []release.Record{part(s, release.ByConsent, s.ID, accounts(s.ID), s.names(nil))}
	case amana.KindPublication:
		return []release.Record{part(s, release.IsPublic, amana.RecordID{}, release.Consents{}, s.names(nil))}
	case amana.KindActor:
		return []release.Record{part(s, release.IsOurs, amana.RecordID{}, release.Consents{}, s.names(nil))}
	}
	return nil
}

func (s *Sheet) names(take func(name string) bool) []string {
	var names []string
	for name := range s.values {
		if take == nil || take(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// incidentParts divides an incident. What an account tells leaves by the answers of
// whoever gave it. All that belongs to no single claim (place, day, people, acts) is
// known from everybody who spoke: where anybody was heard here, each of them must
// agree.
func incidentParts(s *Sheet, accounts func(amana.RecordID) release.Consents) []release.Record {
	owner := map[string]amana.RecordID{} // of a claim, by its item
	var heard []amana.RecordID
	for _, id := range s.Items(record.Claims) {
		if a := s.item(record.Claims, id).record("account"); !a.IsZero() {
			owner[id] = a
			if !slices.Contains(heard, a) {
				heard = append(heard, a)
			}
		}
	}
	whose := func(name string) (amana.RecordID, bool) {
		list, rest, _ := strings.Cut(name, "/")
		id, _, _ := strings.Cut(rest, "/")
		switch list {
		case record.Claims:
			return owner[id], true
		case record.Attributions:
			return owner[s.item(record.Attributions, id).text("claim")], true
		}
		return amana.RecordID{}, false
	}
	base := part(s, release.IsPublic, amana.RecordID{}, release.Consents{}, s.names(func(n string) bool { _, claim := whose(n); return !claim }))
	for i, a := range heard {
		if i == 0 {
			base.Basis, base.Subject, base.Consents = release.ByConsent, a, accounts(a)
			continue
		}
		base.Others = append(base.Others, accounts(a))
	}
	parts := []release.Record{base}
	if public := s.names(func(n string) bool { a, claim := whose(n); return claim && a.IsZero() }); len(public) > 0 {
		parts = append(parts, part(s, release.IsPublic, amana.RecordID{}, release.Consents{}, public))
	}
	for _, a := range heard {
		names := s.names(func(n string) bool { of, claim := whose(n); return claim && of == a })
		parts = append(parts, part(s, release.ByConsent, a, accounts(a), names))
	}
	return parts
}

func part(s *Sheet, basis release.Basis, subject amana.RecordID, c release.Consents, names []string) release.Record {
	r := release.Record{ID: s.ID, Kind: s.Kind, Subject: subject, Basis: basis, Consents: c}
	for _, name := range names {
		f := release.Field{Name: name, Class: ClassOf(s.Kind, schemaName(name)), Value: s.values[name]}
		switch schemaName(name) {
		case "event_place":
			f.Coarse = s.values["event_district"]
		case "source_place":
			f.Coarse = s.values["source_district"]
		case "presence/place":
			f.Coarse = s.values[strings.TrimSuffix(name, "place")+"district"]
		case "event_public", "claim/public":
			f.Class, f.Free = release.Coded, true
		}
		r.Fields = append(r.Fields, f)
	}
	return r
}
