package exchange

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/record"
)

// form is how a target is read.
type form uint8

const (
	asLine    form = iota
	asWords        // several lines
	asNumber       // a whole number
	asDate         // as exact as known
	asYesNo        // in any form
	asChoice       // one of a list
	asChoices      // one or several of a list
	asPhone        // digits
	asCount        // of perpetrators: a number, or "more than 3"
	asSexes        // of perpetrators: M, F, M and F
	asAge          // an age group, or adult and minor
	asKept         // kept as it is written
	asID           // the source's own id of the row
	asCode         // the source's code of the survivor
	asCase         // the source's own id of the case
	asOther        // as a form takes it
	asConsent      // yes or no to sharing non-identifying data
)

// Target is a field that a column can be brought into.
type Target struct {
	Name     string // the field, with the list's name before it for an item's
	Kind     amana.Kind
	Choices  string // the list its values come from, or ""
	as       form
	written  record.FieldType // of asOther
	fr       string           // what the Incident Recorder's French pages call it
	names    []string         // what else headers call it; the first is what is written
	position int              // in the Incident Recorder, from 1; 0 is none
}

// IsDate and IsChoice tell a page what more to ask of a column.
func (t Target) IsDate() bool { return t.as == asDate }

// IsChoice reports whether the values come from a list that is the same everywhere.
func (t Target) IsChoice() bool { return len(choices[t.Choices]) > 0 }

// FirstItem is the id of the one item that a row of a table can make in a list.
const FirstItem = "0000000001"

// item is the place of a field in the one item that a row can have in a list.
func item(list, field string) string { return list + "/" + FirstItem + "/" + field }

const (
	perpetrator = "alleged_perpetrator"
	countField  = "number_of_individual_perpetrators_from_ir"
	moreField   = "number_of_perpetrators"
	moreThan3   = "more_than_3"
)

// The places under which a record keeps what came with it and is no field of it. They
// stand as items of a list, so that they are taken along wherever the record goes and
// are in the way nowhere.
const (
	Imported = "import"
	kept     = Imported + "/kept/" // by the name it had: a column or key that is no field
	raw      = Imported + "/raw/"  // by the field it was for: what could not be read
	Source   = Imported + "/source/"
)

// keptAs returns the place of something that is no field.
func keptAs(under, name string) string {
	name = strings.NewReplacer("%", "%25", "/", "%2F").Replace(strings.TrimSpace(name))
	if len(name) > longestName {
		name = name[:longestName-17] + "~" + sum(name)
	}
	return under + name
}

const longestName = 120

// column makes the target of a column of the Incident Recorder.
func column(position int, name, list string, as form, names ...string) Target {
	return Target{Name: name, Kind: amana.KindIncident, Choices: list, as: as, names: names[:1:1], fr: names[1], position: position}.also(names[2:]...)
}

func (t Target) also(names ...string) Target { t.names = append(t.names, names...); return t }

// recorder is the Incident Recorder's sheet: 42 columns in this order.
var recorder = []Target{
	column(1, "incidentid_ir", "", asID, "INCIDENT ID", "ID de l'incident", "incident number", "id incident"),
	column(2, "survivor_code", "", asCode, "SURVIVOR CODE", "Code du survivant", "code de la survivante", "code survivant"),
	column(3, kept+"caseworker_code", "", asKept, "CASE WORKER CODE", "Code du travailleur social", "case manager code", "code du gestionnaire de cas", "caseworker code"),
	column(4, "date_of_first_report", "", asDate, "DATE OF INTERVIEW", "Date de l'interview", "date of report", "date de l'entretien", "report date"),
	column(5, "incident_date", "", asDate, "DATE OF INCIDENT", "Date de l'incident", "incident date"),
	column(6, "date_of_birth", "", asDate, "DATE OF BIRTH", "Date de naissance", "birth date", "dob"),
	column(7, "sex", "sex", asChoice, "SEX", "Sexe", "gender", "sex of survivor", "genre"),
	column(8, "ethnicity", "ethnicity", asChoice, "ETHNICITY", "Ethnie", "clan", "groupe ethnique"),
	column(9, "country_of_origin", "country", asChoice, "COUNTRY OF ORIGIN", "Pays d'origine"),
	column(10, "maritial_status", "maritial_status", asChoice, "CIVIL / MARITAL STATUS", "Situation civile / matrimoniale", "marital status", "situation civil matrimoniale", "statut matrimonial", "civil status"),
	column(11, "displacement_status", "displacement_status", asChoice, "DISPLACEMENT STATUS AT TIME OF REPORT", "Statut de déplacement au moment de la déclaration", "displacement status"),
	column(12, "disability_type", "disability_type", asChoice, "PERSON WITH DISABILITY?", "Personne vivant avec un handicap ?", "disability", "handicap", "disability type"),
	column(13, "unaccompanied_separated_status", "unaccompanied_separated_status", asChoice, "UNACCOMPANIED MINOR, SEPARATED CHILD OR OTHER VULNERABLE CHILD?", "Enfant non accompagné ou séparé ?", "unaccompanied minor or separated child", "unaccompanied or separated"),
	column(14, "displacement_incident", "displacement_incident", asChoice, "STAGE OF DISPLACEMENT AT TIME OF INCIDENT", "Étape du déplacement au moment de l'incident", "stage of displacement"),
	column(15, "incident_timeofday", "incident_timeofday", asChoice, "INCIDENT TIME OF DAY", "Moment de l'incident", "time of day", "time of incident"),
	column(16, "incident_location_type", "incident_location_type", asChoice, "INCIDENT LOCATION", "Lieu de l'incident", "location", "type of place", "place of incident"),
	column(17, kept+"county", "", asKept, "INCIDENT COUNTY", "Pays où a eu lieu l'incident", "county", "area", "région de l'incident", "incident area"),
	column(18, kept+"district", "", asKept, "INCIDENT DISTRICT", "District où a eu lieu l'incident", "district", "sub area", "incident sub area"),
	column(19, "incident_camp_town", "camp_town", asChoice, "INCIDENT CAMP / TOWN", "Camp / ville où a eu lieu l'incident", "camp town", "incident camp", "incident town", "camp où a eu lieu l'incident", "ville où a eu lieu l'incident", "town", "camp"),
	column(20, "gbv_sexual_violence_type", "gbv_sexual_violence_type", asChoice, "GBV TYPE", "Type de violence basée sur le genre", "type of gbv", "type of incident violence", "type de vbg", "type de violence base sur le genre"),
	column(21, "harmful_traditional_practice", "harmful_traditional_practice", asChoice, "HARMFUL TRADITIONAL PRACTICE", "Pratique traditionnelle néfaste", "pratique traditionnel nefaste", "htp"),
	column(22, "goods_money_exchanged", "", asYesNo, "MONEY, GOODS, BENEFITS AND / OR SERVICES EXCHANGED?", "Argent, biens, bénéfices ou services échangés ?", "goods money exchanged", "argent biens benefice ou services echanges"),
	column(23, "abduction_status_time_of_incident", "abduction_status_time_of_incident", asChoice, "TYPE OF ABDUCTION", "Type d'enlèvement", "abduction", "abduction at time of incident"),
	column(24, "gbv_reported_elsewhere", "gbv_reported_elsewhere", asChoice, "PREVIOUSLY REPORTED THIS INCIDENT?", "A précédemment rapporté cet incident ?", "reported elsewhere", "previously reported"),
	column(25, "gbv_previous_incidents", "", asYesNo, "PREVIOUS GBV INCIDENTS?", "Précédents incidents de violences basées sur le genre ?", "previous gbv incident", "precedent incident de violences basees sur le genre"),
	column(26, countField, "", asCount, "No. ALLEGED PRIMARY PERPETRATOR(S)", "Nombre de présumé(s) auteurs primaires", "number of alleged perpetrators", "number of perpetrators", "alleged primary perpetrator s", "nombre d'auteurs"),
	column(27, item(perpetrator, "perpetrator_sex"), "perpetrator_sex", asSexes, "ALLEGED PERPETRATOR SEX", "Sexe du présumé auteur", "perpetrator sex"),
	column(28, item(perpetrator, "former_perpetrator"), "", asYesNo, "PREVIOUS INCIDENT WITH THIS PERPETRATOR?", "Précédent incident avec cet auteur", "former perpetrator", "previous incident with perpetrator"),
	column(29, item(perpetrator, "age_group"), "age_group", asAge, "ALLEGED PERPETRATOR AGE GROUP", "Tranche d'âge du présumé auteur", "alleged perpetrator age type", "tranche d'age des presumes auteurs", "perpetrator age group"),
	column(30, item(perpetrator, "perpetrator_relationship"), "perpetrator_relationship", asChoice, "ALLEGED PERPETRATOR - SURVIVOR RELATIONSHIP", "Relation entre la survivante et le présumé auteur", "perpetrator relationship", "relationship"),
	column(31, item(perpetrator, "perpetrator_occupation"), "perpetrator_occupation", asChoice, "ALLEGED PERPETRATOR OCCUPATION", "Profession du présumé auteur", "perpetrator occupation"),
	column(32, "service_referred_from", "service_referred_from", asChoices, "REFERRED TO YOU FROM?", "Référée par", "referred from", "refere par"),
	column(33, "service_safehouse_referral", "service_referred", asChoice, "SAFE HOUSE / SHELTER", "Hébergement sûr / abri", "safe house referral", "hebergement sur abris"),
	column(34, item("health_medical_referral_subform_section", "service_medical_referral"), "service_referred", asChoice, "HEALTH / MEDICAL SERVICES", "Soins médicaux", "medical referral", "health medical"),
	column(35, item("psychosocial_counseling_services_subform_section", "service_psycho_referral"), "service_referred", asChoice, "PSYCHOSOCIAL SERVICES", "Appui psychosocial", "psychosocial referral", "psychosocial counseling services"),
	column(36, item("legal_assistance_services_subform_section", "pursue_legal_action"), "pursue_legal_action", asChoice, "WANTS LEGAL ACTION?", "Souhaite une action légale ?", "besoin d'une action legale", "pursue legal action"),
	column(37, item("legal_assistance_services_subform_section", "service_legal_referral"), "service_referred", asChoice, "LEGAL ASSISTANCE SERVICES", "Service d'assistance légale", "legal referral"),
	column(38, item("police_or_other_type_of_security_services_subform_section", "service_police_referral"), "service_referred", asChoice, "POLICE / OTHER SECURITY ACTOR", "Police / autre acteur de la sécurité", "police referral", "police autres acteur de la securite"),
	column(39, item("livelihoods_services_subform_section", "service_livelihoods_referral"), "service_referred", asChoice, "LIVELIHOODS PROGRAM", "Programme d'appui aux moyens de subsistance", "livelihoods referral", "programme d'appui aux moyens de subsistances"),
	column(40, item("child_protection_services_subform_section", "service_protection_referral"), "service_referred", asChoice, "CHILD PROTECTION / EDUCATION SERVICES", "Services de protection de l'enfance et d'éducation", "child protection services", "services protection de l'enfance et d'education", "protection services"),
	column(41, "consent_reporting", "", asConsent, "CONSENT GIVEN?", "Consentement obtenu", "consent", "consent given to share non identifiable data", "consentement"),
	column(42, kept+"agency_code", "", asKept, "REPORTING AGENCY CODE", "Code de la structure rapportant le cas", "agency code"),
}

// others are fields that tables bring besides.
var others = []Target{
	{Name: "age", Kind: amana.KindIncident, as: asNumber, names: []string{"AGE", "âge", "age of survivor", "age in years"}},
	{Name: "estimated", Kind: amana.KindIncident, as: asYesNo, names: []string{"age estimated", "âge estimé"}},
	{Name: "nationality", Kind: amana.KindIncident, Choices: "nationality", as: asChoice, names: []string{"nationality", "nationalité"}},
	{Name: "religion", Kind: amana.KindIncident, Choices: "religion", as: asChoice, names: []string{"religion"}},
	{Name: "incident_description", Kind: amana.KindIncident, as: asWords, names: []string{"description", "account of the incident", "récit", "description de l'incident"}},
	{Name: "incident_code", Kind: amana.KindIncident, as: asLine, names: []string{"incident code", "code de l'incident"}},
	{Name: "status", Kind: amana.KindIncident, Choices: "status", as: asChoice, names: []string{"status", "statut"}},
	{Name: "incident_case_id", Kind: amana.KindIncident, as: asCase, names: []string{"case id", "id du dossier", "case number"}},
	{Name: "name", Kind: amana.KindIdentity, as: asLine, names: []string{"name", "nom", "full name", "nom complet", "survivor name", "nom et prénom"}},
	{Name: "other_names", Kind: amana.KindIdentity, as: asLine, names: []string{"other names", "nickname", "surnom", "autres noms"}},
	{Name: "contact_phone", Kind: amana.KindIdentity, as: asPhone, names: []string{"phone", "telephone", "téléphone", "phone number", "numéro de téléphone", "contact"}},
	{Name: "place_of_stay", Kind: amana.KindIdentity, as: asLine, names: []string{"address", "adresse", "place of stay", "lieu de séjour"}},
}

// caseID is the id of a case in a table of cases.
var caseID = Target{Name: "case_id", Kind: amana.KindCase, as: asID, names: []string{"case id", "id", "id du dossier", "case number", "numéro de dossier"}}

// caseCode is the survivor's code in a table of cases.
var caseCode = Target{Name: "survivor_code_no", Kind: amana.KindCase, as: asCode, names: []string{"survivor code", "code de la survivante", "code du survivant"}}

// Targets returns the fields that the columns of a table can be brought into, where
// each row is an incident or a case.
func Targets(kind amana.Kind) []Target {
	var list []Target
	if kind == amana.KindIncident {
		list = append(append(list, recorder...), others...)
		return append(list, fieldsOf(kind, list)...)
	}
	list = append(list, caseID, caseCode)
	for _, t := range others {
		if t.Kind == amana.KindIdentity {
			list = append(list, t)
		}
	}
	return append(list, fieldsOf(kind, list)...)
}

// fieldsOf returns the other fields that a record of this kind has, but for those in
// lists, of which a row of a table has none.
func fieldsOf(kind amana.Kind, besides []Target) []Target {
	known := map[string]bool{}
	for _, t := range besides {
		known[t.Name] = true
	}
	var list []Target
	for _, f := range record.Fields(kind) {
		if known[f.Name] || strings.Contains(f.Name, "/") {
			continue
		}
		list = append(list, targetOf(kind, f))
	}
	return list
}

// targetOf makes a target of a field of a record.
func targetOf(kind amana.Kind, f record.Field) Target {
	t := Target{Name: f.Name, Kind: kind, names: []string{f.Name}}
	switch f.Type {
	case record.Line:
		t.as = asLine
	case record.Words:
		t.as = asWords
	case record.Number:
		t.as = asNumber
	case record.Date:
		t.as = asDate
	case record.YesNo:
		t.as = asYesNo
	case record.Choice:
		t.as, t.Choices = asChoice, listOf(f)
	case record.Choices:
		t.as, t.Choices = asChoices, listOf(f)
	case record.Phone:
		t.as = asPhone
	case record.Decimal, record.Time, record.Moment:
		t.as, t.written = asOther, f.Type
	default:
		t.as = asKept
	}
	return t
}

// listOf returns the list that a field's choices come from, by the name that it has
// here where the words for its choices are known.
func listOf(f record.Field) string {
	for _, name := range []string{f.Options, f.Name, strings.TrimPrefix(f.Name, "gbv_")} {
		if len(choices[name]) > 0 {
			return name
		}
	}
	if slices.Equal(record.Options(f.Options), Choices("service_referred")) {
		return "service_referred"
	}
	return f.Options
}

// RecorderTargets returns the columns of the Incident Recorder, in order.
func RecorderTargets() []Target { return slices.Clone(recorder) }

// IsYesNo reports whether the field takes a yes or a no.
func (t Target) IsYesNo() bool { return t.as == asYesNo || t.as == asConsent }

// Title is what the Incident Recorder calls the column, in French or English; a field
// that it does not have is called as tables do.
func (t Target) Title(language string) string {
	if language == "fr" && t.fr != "" {
		return t.fr
	}
	return t.names[0]
}
