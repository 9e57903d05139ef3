package demo

import (
	"encoding/hex"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/referral"
	"amana/internal/window"
)

// Incident is what a case has on record of what happened, as the standard's form
// asks it. Nothing of it is told: it is options and dates.
type Incident struct {
	Values       casework.Values
	Perpetrators []casework.Values
}

// Referral is her way to one service.
type Referral struct {
	When    time.Time
	Service string
	To      string
	Urgency referral.Urgency
	Steps   []referral.Step // By is left to who writes them down
}

// areas are invented, and what the clinic counts by.
var areas = []casework.Area{{Name: "Kelmo", Region: "Plaine"}, {Name: "Marsafi", Region: "Plaine"}, {Name: "Santal", Region: "Collines"}}

// providers are the invented places that the clinic sends people to, by service.
var providers = map[string][]string{
	"health_medical_service":   {"Dispensaire du Puits-Clair", "Poste de santé de Kelmo"},
	"psychosocial_service":     {"Espace Lampadère", "Cercle des Tisserandes"},
	"legal_assistance_service": {"Bureau de conseil Santal"},
	"livelihoods_service":      {"Atelier des Trois-Cours"},
	"child_protection_service": {"Point enfance de Marsafi"},
}

// happen adds when it happened, what is on record of it, and the referrals.
// Documentation keeps accounts apart, and has none of this.
func (w *Writer) happen(t *telling, s *Story) {
	if s.Team == Documentation {
		return
	}
	before := t.happened()
	if before > 0 {
		day := s.Opened.AddDate(0, 0, -before)
		part := t.weighted([]string{"morning", "afternoon", "evening_night", "unknown"}, 22, 18, 48, 12)
		s.Case["assault_date"] = event.Text(day.Format(iso))
		s.Case["assault_timeofday"] = event.Text(part)
		w.treat(t, s, before)
		if t.chance(88) {
			s.Incident = t.incident(s, day, part)
		}
	}
	w.refer(t, s, before)
}

// happened is how many days before the first visit it was, or 0 where nobody
// knows.
func (t *telling) happened() int {
	switch n := t.IntN(100); {
	case n < 26:
		return t.between(1, 2)
	case n < 38:
		return t.between(3, 5)
	case n < 58:
		return t.between(6, 14)
	case n < 74:
		return t.between(15, 30)
	case n < 92:
		return t.between(31, 300)
	default:
		return 0
	}
}

// treat notes what became of the treatments for which there was time. Of the last
// days' cases some still wait.
func (w *Writer) treat(t *telling, s *Story, days int) {
	outcomes := []string{"given", "referred", "declined", "not_needed", "unavailable"}
	for _, id := range []string{window.PEP, window.EmergencyContraception, window.STI, window.HepatitisB} {
		late := id == window.PEP && days > 2 || id == window.EmergencyContraception && (days > 4 || !t.female)
		if id == window.PEP && days > 2 && days%4 != 0 { // of every fourth nobody said why
			why := []string{"did_not_know", "feared", "no_transport", "did_not_know", "no_money", "no_stock", "came_late"}
			s.Case["window/"+id+"/missed"] = event.Text(why[days%len(why)])
		}
		if late || w.now.Sub(s.Opened) < 3*24*time.Hour && t.chance(60) {
			continue
		}
		s.Case["window/"+id+"/outcome"] = event.Text(t.weighted(outcomes, 52, 20, 12, 13, 3))
	}
}

// incident is one of any type; the rarer the type here, the rarer in what clinics
// report.
func (t *telling) incident(s *Story, day time.Time, part string) *Incident {
	kind := t.weighted([]string{
		"rape", "sexual_assault", "physical_assault", "forced_marriage",
		"denial_of_resources_opportunities_or_services", "psychological_emotional_abuse",
	}, 38, 17, 19, 7, 9, 10)
	v := casework.Values{
		"date_of_first_report":              event.Text(s.Opened.Format(iso)),
		"incident_date":                     event.Text(day.Format(iso)),
		"incident_timeofday":                event.Text(part),
		"gbv_sexual_violence_type":          event.Text(kind),
		"consent_reporting":                 event.Bool(granted(s.Consents, amana.PurposeStatistics)),
		"harmful_traditional_practice":      event.Text("no"),
		"goods_money_exchanged":             event.Bool(t.chance(6)),
		"gbv_previous_incidents":            event.Bool(t.chance(24)),
		"abduction_status_time_of_incident": event.Text(t.weighted([]string{"none", "forced_conscription", "other_abduction_kidnapping"}, 88, 2, 10)),
		"gbv_reported_elsewhere":            event.Text(t.weighted([]string{"no", "gbvims-org", "non-gbvims-org"}, 84, 7, 9)),
		"displacement_incident":             event.Text(t.weighted([]string{"not_displaced", "pre_displacement", "during_flight", "during_refuge", "post_displacement"}, 20, 22, 26, 26, 6)),
		"incident_location_type":            event.Text(t.weighted([]string{"forest", "road", "clients_home", "perpetrators_home", "market", "streamside", "farm", "latrine", "other"}, 12, 24, 20, 8, 7, 9, 8, 5, 7)),
	}
	for from, to := range map[string]string{
		"sex": "sex", "age": "age", "estimated": "estimated", "maritial_status": "maritial_status",
		"gbv_displacement_status": "displacement_status", "gbv_disability_type": "disability_type",
		"unaccompanied_separated_status": "unaccompanied_separated_status", "service_referred_from": "service_referred_from",
	} {
		if value, there := s.Case[from]; there {
			v[to] = value
		}
	}
	v["incident_location"] = event.Text(areas[s.Opened.YearDay()%len(areas)].Name)
	in := &Incident{Values: v}
	for i := range 1 + t.IntN(4)/2 + t.IntN(5)/4 {
		in.Perpetrators = append(in.Perpetrators, t.perpetrator(i == 0))
	}
	return in
}

func (t *telling) perpetrator(primary bool) casework.Values {
	role := "secondary"
	if primary {
		role = "primary"
	}
	return casework.Values{
		"primary_perpetrator":      event.Text(role),
		"perpetrator_sex":          event.Text("male"),
		"age_group":                event.Text(t.weighted([]string{"12_17", "18_25", "26_40", "41_60", "61+", "unknown"}, 3, 24, 30, 12, 2, 29)),
		"perpetrator_relationship": event.Text(t.weighted([]string{"intimate_partner_former_partner", "family_other_than_spouse_or_caregiver", "family_friend_neighbor", "other_resident_community_member", "no_relation", "unknown"}, 28, 8, 10, 12, 26, 16)),
		"perpetrator_occupation":   event.Text(t.weighted([]string{"other", "unemployed", "unknown"}, 40, 10, 50)),
	}
}

func granted(consents []casework.Consent, p amana.Purpose) bool {
	for _, c := range consents {
		if c.Purpose == p && c.Recipient.IsEmpty() {
			return c.Decision == amana.Granted
		}
	}
	return false
}

// refer sends some to a service outside, with her consent for that one.
func (w *Writer) refer(t *telling, s *Story, days int) {
	if !t.chance(46) {
		return
	}
	service := t.weighted([]string{
		"health_medical_service", "psychosocial_service", "legal_assistance_service", "livelihoods_service", "child_protection_service",
	}, 40, 30, 14, 12, 4)
	r := Referral{When: s.Opened, Service: service, To: one(t, providers[service]), Urgency: referral.Normal}
	if days > 0 && days <= 4 && service == "health_medical_service" {
		r.Urgency = referral.Urgent
	}
	course := []referral.State{
		referral.Draft, referral.Consented, referral.Sent, referral.Accepted, referral.FirstContact,
		referral.ServiceReceived, referral.FeedbackToSurvivor, referral.Closed,
	}
	reached := t.between(1, len(course))
	if w.now.Sub(s.Opened) > 60*24*time.Hour && t.chance(70) {
		reached = len(course)
	}
	at := s.Opened
	for i, state := range course[:reached] {
		if i > 2 {
			at = at.Add(time.Duration(t.between(20, 90)) * time.Hour)
		}
		if at.After(w.now) || s.Closing != nil && at.After(s.Closing.When) {
			break
		}
		r.Steps = append(r.Steps, referral.Step{State: state, At: at.Add(time.Duration(i) * time.Second)})
	}
	if len(r.Steps) > 1 && !s.agreesTo(r.To) {
		r.Steps = r.Steps[:1] // it was thought of, and she said no
	}
	s.Referrals = append(s.Referrals, r)
}

// agreesTo adds her yes to a referral to one service, where she did not say yes to any,
// and reports false where she said no to all.
func (s *Story) agreesTo(service string) bool {
	yes := casework.Consent{Purpose: amana.PurposeReferral, Recipient: amana.Conceal(service), Decision: amana.Granted}
	for _, c := range s.Consents {
		if c.Purpose == amana.PurposeReferral && c.Decision == amana.Refused {
			return false
		}
		yes.GivenBy, yes.How, yes.Language = c.GivenBy, c.How, c.Language
	}
	if !granted(s.Consents, amana.PurposeReferral) {
		s.Consents = append(s.Consents, yes)
	}
	return true
}

// firstDay is how many of a referral's steps are taken on the day itself.
const firstDay = 3

// facts of the first steps of a referral, and those of the later ones with the
// time of the last, if there are any.
func (r Referral) facts(code string, by amana.MemberID, id func() [16]byte) (first, later []event.Fact, when time.Time) {
	values := casework.Values{
		"survivor_code_no": event.Text(code), "service": event.Text(r.Service), "provider_name": event.Text(r.To),
		"urgency": event.Text(string(r.Urgency)), "channel": event.Text(string(referral.Phone)),
	}
	n := min(firstDay, len(r.Steps))
	r.take(values, values, r.Steps[:n], by, id)
	first = sets("", values)
	if n == len(r.Steps) {
		return first, nil, when
	}
	added := casework.Values{}
	r.take(values, added, r.Steps[n:], by, id)
	if added["next_due"].IsZero() {
		later = append(later, event.Removed{Field: "next_due"})
	}
	return first, append(later, sets("", added)...), r.Steps[len(r.Steps)-1].At
}

// take adds steps to all values and to those that are new, with the state that
// they lead to and the day on which somebody has to ask.
func (r Referral) take(all, added casework.Values, steps []referral.Step, by amana.MemberID, id func() [16]byte) {
	for _, s := range steps {
		unique := id()
		s.Item, s.By = hex.EncodeToString(unique[:5]), by
		for name, v := range s.Values() {
			all[name], added[name] = v, v
		}
	}
	c := referral.CourseOf(all)
	added["status"] = event.Text(string(c.State))
	if due := referral.Defaults().Due(c, r.Urgency); !due.IsZero() {
		added["next_due"] = event.Text(due.Format(iso))
	}
}

func (in *Incident) facts(code string, id func() [16]byte) []event.Fact {
	in.Values["survivor_code"] = event.Text(code)
	facts := sets("", in.Values)
	for _, p := range in.Perpetrators {
		facts = append(facts, sets(item("alleged_perpetrator", id()), p)...)
	}
	return facts
}
