package exchange

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"amana/internal/gbv"
)

// option is one choice of a list: its id, what the Incident Recorder and its kin
// show for it in English and French, and what else it was called.
type option struct {
	id, en, fr string
	also       []string
}

// opt reads "id|English|French|also|also".
func opt(lines ...string) []option {
	list := make([]option, 0, len(lines))
	for _, l := range lines {
		p := strings.Split(l, "|")
		list = append(list, option{p[0], p[1], p[2], p[3:]})
	}
	return list
}

// choices of the lists that are the same everywhere. Lists that each place makes for
// itself (ethnicity, places, occupations) take any text.
var choices = map[string][]option{
	"sex":             opt("female|F|F|female|féminin|femme|fille|woman|girl|أنثى", "male|M|M|male|masculin|homme|garçon|man|boy|ذكر"),
	"maritial_status": opt("single|Single|Célibataire", "married_cohabitating|Married / Cohabitating|Marié(e) / en couple|married|marié|mariée|cohabiting|married_cohabitating_with_spouse|union libre", "divorced_separated|Divorced / Separated|Divorcé(e) / séparé(e)|divorced|separated|divorcé|divorcée|séparé", "widowed|Widowed|Veuf / veuve|widow|widower|veuve|veuf"),
	"displacement_status": opt("resident|Resident|Résident(e)", "idp|IDP|PDI|internally displaced person|internally displaced|déplacé interne|personne déplacée interne", "refugee|Refugee|Réfugié(e)|réfugié",
		"stateless_person|Stateless Person|Apatride|stateless", "returnee|Returnee|Retourné(e)|retourné|rapatrié", "foreign_national|Foreign National|Ressortissant(e) étranger(ère)|étranger", "asylum_seeker|Asylum Seeker|Demandeur(se) d'asile|demandeur d'asile"),
	"disability_type": opt("no|No|Non|false|none|aucun", "mental_disability|Mental Disability|Handicap mental|mental", "physical_disability|Physical Disability|Handicap physique|physical|physique", "both|Both|Les deux|mental and physical disability|both mental and physical disability"),
	"unaccompanied_separated_status": opt("no|No|Non|false|none|aucun", "unaccompanied_minor|Unaccompanied Minor|Mineur(e) non accompagné(e)|unaccompanied|non accompagné|enfant non accompagné", "separated_child|Separated Child|Enfant séparé(e)|separated|séparé",
		"other_vulnerable_child|Other Vulnerable Child|Autre enfant vulnérable|ovc"),
	"displacement_incident": opt("not_displaced|Not Displaced / Home Community|Non déplacé(e) / communauté d'origine|not_displaced_home_community|not displaced", "pre_displacement|Pre-displacement|Avant le déplacement", "during_flight|During Flight|Pendant la fuite",
		"during_refuge|During Refuge|Pendant le refuge", "during_return_transit|During Return / Transit|Pendant le retour / transit", "post_displacement|Post-displacement|Après le déplacement"),
	"incident_timeofday": opt("morning|Morning (sunrise to noon)|Matin (lever du soleil à midi)|morning_sunrise_to_noon", "afternoon|Afternoon (noon to sunset)|Après-midi (midi au coucher du soleil)|afternoon_noon_to_sunset",
		"evening_night|Evening / Night (sunset to sunrise)|Soir / nuit (coucher au lever du soleil)|evening_night_sunset_to_sunrise|evening|night|soir|nuit|soirée", "unknown|Unknown|Inconnu|unknown_not_applicable|unknown / not applicable"),
	"incident_location_type": opt("forest|Bush / Forest|Brousse / forêt|bush_forest|bush|forest|brousse|forêt", "garden|Garden / Cultivated Field|Jardin / champ cultivé|garden_cultivated_field|garden|field|jardin|champ", "school|School|École", "road|Road|Route|rue", "clients_home|Client's Home|Domicile de la cliente|client_s_home|survivor's home|domicile de la survivante",
		"perpetrators_home|Perpetrator's Home|Domicile de l'auteur|perpetrator_s_home", "other|Other|Autre", "market|Market|Marché", "streamside|Streamside|Bord de rivière|stream", "beach|Beach|Plage", "farm|Farm|Ferme", "latrine|Latrine|Latrines", "perpetrators_friends_home|Perpetrator's Friend's Home|Domicile d'un ami de l'auteur|perpetrator_s_friend_s_home",
		"entertainment_centre|Entertainment Centre|Lieu de divertissement|entertainment center", "unfinished_house|Unfinished House|Maison inachevée", "guest_house_hotel|Guest House / Hotel|Auberge / hôtel|hotel|guest house"),
	"gbv_sexual_violence_type": opt("rape|Rape|Viol", "sexual_assault|Sexual Assault|Agression sexuelle", "physical_assault|Physical Assault|Agression physique", "forced_marriage|Forced Marriage|Mariage forcé",
		"denial_of_resources_opportunities_or_services|Denial of Resources, Opportunities or Services|Déni de ressources, d'opportunités ou de services|denial of resources", "psychological_emotional_abuse|Psychological / Emotional Abuse|Violence psychologique / émotionnelle|psychological abuse|emotional abuse|violences psychologiques", "non-gbv|Non-GBV|Non VBG|non_gbv"),
	"abduction_status_time_of_incident": opt("none|None|Aucun|no|non", "forced_conscription|Forced Conscription|Enrôlement forcé", "trafficked|Trafficked|Traite|trafficking", "other_abduction_kidnapping|Other Abduction / Kidnapping|Autre enlèvement / rapt|abduction|kidnapping|enlèvement"),
	"gbv_reported_elsewhere":            opt("no|No|Non|false", "gbvims-org|Yes, to a GBVIMS organisation|Oui, à une organisation GBVIMS|gbvims_org|yes gbvims org agency|yes gbvims org|oui organisation gbvims", "non-gbvims-org|Yes, to a non-GBVIMS organisation|Oui, à une organisation non GBVIMS|non_gbvims_org|yes non gbvims org agency|yes non gbvims org|oui organisation non gbvims"),
	"perpetrator_sex":                   opt("female|F|F|female|féminin|femme", "male|M|M|male|masculin|homme", "unknown|Unknown|Inconnu"),
	"age_group":                         opt("0_11|Age 0-11|0 à 11 ans|0-11", "12_17|Age 12-17|12 à 17 ans|12-17", "18_25|Age 18-25|18 à 25 ans|18-25", "26_40|Age 26-40|26 à 40 ans|26-40", "41_60|Age 41-60|41 à 60 ans|41-60", "61+|61 & Older|61 ans et plus|61|61_older|age 61+|61 et plus|61 and older", "unknown|Unknown|Inconnu"),
	"perpetrator_relationship": opt("intimate_partner_former_partner|Intimate Partner / Former Partner|Partenaire intime / ancien partenaire|intimate partner|partenaire intime", "primary_caregiver|Primary Caregiver|Principal responsable de l'enfant|caregiver", "family_other_than_spouse_or_caregiver|Family other than Spouse or Caregiver|Famille autre que conjoint ou responsable|family other",
		"supervisor_employer|Supervisor / Employer|Supérieur / employeur|employer|employeur", "schoolmate|Schoolmate|Camarade d'école", "teacher_school_official|Teacher / School Official|Enseignant / personnel scolaire|teacher|enseignant", "service_provider|Service Provider|Prestataire de services",
		"cotenant_housemate|Cotenant / Housemate|Colocataire|housemate", "family_friend_neighbor|Family Friend / Neighbor|Ami de la famille / voisin|family friend / neighbour|neighbor|neighbour|voisin", "other_refugee_idp_returnee|Other Refugee / IDP / Returnee|Autre réfugié / déplacé / retourné", "other_resident_community_member|Other Resident Community Member|Autre membre de la communauté résidente",
		"other|Other|Autre", "no_relation|No Relation|Aucun lien|none|aucune relation", "unknown|Unknown|Inconnu"),
	"service_referred_from": opt("health_medical_service|Health / Medical Services|Services de santé / médicaux|health|medical|santé", "psychosocial_service|Psychosocial / Counseling Services|Services psychosociaux / conseil|psychosocial_counseling_services|psychosocial services|psychosocial", "police_other_service|Police / Other Security Actor|Police / autre acteur de sécurité|police_or_other_type_of_security_services|police",
		"legal_assistance_service|Legal Assistance Services|Services d'assistance juridique|legal_assistance_services|legal|juridique", "livelihoods_service|Livelihoods Program|Programme de moyens de subsistance|livelihoods", "self_referral|Self Referral / First Point of Contact|Venue d'elle-même / premier point de contact|self referral|auto-référence|self",
		"teacher_school_official|Teacher / School Official|Enseignant / personnel scolaire|teacher|enseignant", "community_or_camp_leader|Community or Camp Leader|Leader communautaire ou de camp|community leader", "safehouse_service|Safe House / Shelter|Maison d'accueil / refuge|safe house|shelter", "other_humanitarian_or_development_actor|Other Humanitarian or Development Actor|Autre acteur humanitaire ou de développement",
		"other_government_service|Other Government Service|Autre service public", "other|Other|Autre"),
	"service_referred": opt("referred|Referred|Orientée|référé|référée|orienté|yes|oui|true", "service_provided_by_your_agency|Service provided by your agency|Service fourni par votre organisation|provided", "services_already_received_from_another_agency|Services already received from another agency|Services déjà reçus d'une autre organisation", "service_not_applicable|Service not applicable|Service non applicable|not applicable|n/a",
		"referral_declined_by_survivor|Referral declined by survivor|Orientation refusée par la survivante|declined|refusé", "service_unavailable|Service unavailable|Service non disponible|unavailable"),
	"pursue_legal_action": opt("true|Yes|Oui|y|o|1|vrai|نعم", "false|No|Non|n|0|faux|لا", "undecided|Undecided at time of report|Indécise au moment du rapport|undecided|indécis|indécise"),
	"primary_perpetrator": opt("primary|Primary|Principal", "secondary|Secondary|Secondaire"),
	"age_type":            opt("adult|Adult|Adulte", "minor|Minor|Mineur", "unknown|Unknown|Inconnu"),
	"status":              opt("open|Open|Ouvert", "closed|Closed|Fermé|clos", "transferred|Transferred|Transféré", "duplicate|Duplicate|Doublon"),
}

// spoken maps what is said of a list, folded, to the id.
var spoken = speak(choices)

func speak(lists map[string][]option) map[string]map[string]string {
	all := make(map[string]map[string]string, len(lists))
	for name, list := range lists {
		said := map[string]string{}
		add := func(text, id string) {
			if key := fold(text); said[key] == "" {
				said[key] = id
			}
		}
		for _, o := range list {
			add(o.id, o.id)
		}
		for _, o := range list {
			add(o.en, o.id)
			add(o.fr, o.id)
			add(beforeBracket(o.en), o.id)
			add(beforeBracket(o.fr), o.id)
			for _, a := range o.also {
				add(a, o.id)
			}
		}
		all[name] = said
	}
	return all
}

// choose returns the id that a text stands for in a list.
func choose(list, text string) (id string, ok bool) {
	said := spoken[list]
	if id, ok = said[fold(text)]; !ok {
		id, ok = said[fold(beforeBracket(text))]
	}
	if !ok { // what else older releases called it
		id, ok = gbv.Canonical(list, text)
	}
	return id, ok
}

// shown returns what is shown for an id of a list, or the id where it has no words.
func shown(list, id, language string) string {
	for _, o := range choices[list] {
		if o.id == id {
			if language == "fr" {
				return o.fr
			}
			return o.en
		}
	}
	return id
}

// Choices returns the ids of a list, for a page on which somebody says which is meant.
func Choices(list string) []string {
	ids := make([]string, 0, len(choices[list]))
	for _, o := range choices[list] {
		ids = append(ids, o.id)
	}
	return ids
}

func beforeBracket(s string) string {
	if i := strings.IndexAny(s, "(["); i > 0 {
		return s[:i]
	}
	return s
}

// fold makes spellings meet: small letters without accents, everything that is no
// letter and no digit a single space. A plus counts: "61+" is not "61".
func fold(s string) string {
	if len(s) > mostFolded {
		s = s[:mostFolded]
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	put := func(r rune) {
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '+':
			put(unicode.ToLower(r))
		default:
			space = true
		}
	}
	return b.String()
}

// mostFolded bounds what is compared: no option and no header is longer.
const mostFolded = 400
