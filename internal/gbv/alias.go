package gbv

import (
	"strings"
	"unicode"
)

// ids are the choices of the lists that the rules look at, with what older
// releases of the standard's forms called them. Words of the Incident Recorder
// that only differ in spaces, capitals and signs need no entry: see [fold].
// Package exchange has the words that are shown.
var ids = map[string]map[string][]string{
	FieldType: {
		Rape: nil, SexualAssault: nil, PhysicalAssault: nil, ForcedMarriage: nil,
		DenialOfResources: {"denial_of_resources"}, PsychologicalAbuse: {"psychological_abuse", "emotional_abuse"},
		NotGBV: {"not_gbv"},
	},
	"perpetrator_relationship": {
		partner: {"intimate_partner"}, "primary_caregiver": nil,
		"family_other_than_spouse_or_caregiver": nil, "supervisor_employer": nil, "schoolmate": nil,
		"teacher_school_official": nil, "service_provider": nil, "cotenant_housemate": nil,
		"family_friend_neighbor": {"family_friend_neighbour"}, "other_refugee_idp_returnee": nil,
		"other_resident_community_member": nil, "other": nil, "no_relation": nil, "unknown": nil,
	},
	"age_group": {
		"0_11": nil, "12_17": nil, "18_25": nil, "26_40": nil, "41_60": nil,
		"61+": {"61_older", "61_and_older"}, "unknown": nil, // "61" is met by fold
	},
	"displacement_incident": {
		"not_displaced": {"not_displaced_home_community"}, "pre_displacement": nil, "during_flight": nil,
		"during_refuge": nil, "during_return_transit": nil, "post_displacement": nil,
	},
	"incident_timeofday": {
		"morning": {"morning_sunrise_to_noon"}, "afternoon": {"afternoon_noon_to_sunset"},
		"evening_night": {"evening_night_sunset_to_sunrise"}, "unknown": {"unknown_not_applicable"},
	},
	"incident_location_type": {
		"forest": {"bush_forest"}, "garden": {"garden_cultivated_field"}, "school": nil, "road": nil,
		"clients_home": {"client_s_home"}, "perpetrators_home": {"perpetrator_s_home"}, "other": nil, "market": nil,
		"streamside": nil, "beach": nil, "farm": nil, "latrine": nil,
		"perpetrators_friends_home": {"perpetrator_s_friend_s_home"}, "entertainment_centre": {"entertainment_center"},
		"unfinished_house": nil, "guest_house_hotel": nil,
	},
	"abduction_status_time_of_incident": {
		"none": nil, "forced_conscription": nil, "trafficked": nil, "other_abduction_kidnapping": nil,
	},
	"gbv_reported_elsewhere": {
		"no": {"false"}, "gbvims-org": {"gbvims_org"}, "non-gbvims-org": {"non_gbvims_org"},
	},
	"number_of_perpetrators": {
		OnePerpetrator: {"1"}, TwoPerpetrators: {"2"}, ThreePerpetrators: {"3"}, MorePerpetrators: {"more_than_three"},
	},
}

var canonical = index()

func index() map[string]map[string]string {
	all := make(map[string]map[string]string, len(ids))
	for list, options := range ids {
		all[list] = map[string]string{}
		for id, others := range options {
			for _, name := range append([]string{id}, others...) {
				all[list][fold(name)] = id
			}
		}
	}
	return all
}

// Canonical returns the id that a stored value of a list stands for: the id
// itself, what an older release called it, or its words. What stands after a
// bracket does not count. ok is false where it is none of them.
func Canonical(list, text string) (id string, ok bool) {
	if id, ok = canonical[list][fold(text)]; ok {
		return id, true
	}
	before, _, bracket := strings.Cut(text, "(")
	if !bracket {
		return "", false
	}
	id, ok = canonical[list][fold(before)]
	return id, ok
}

// fold leaves small letters and digits.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
