package claim

import (
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Incident is what is held to have happened, once (an event), again and again (a
// pattern), or around it (context), with who says so.
type Incident struct {
	ID       amana.RecordID
	Title    amana.Private
	Scope    string
	From, To string // ISO dates, as exact as known
	Place    PlaceOf
	Summary  amana.Private
	Public   amana.Private // words written to be published

	Persons      []Person
	Links        []Link
	Acts         []Act
	Claims       []Claim
	Attributions []Attribution
	Assessments  []Assessment   // of the link with a conflict, the newest last
	Decisions    []Verification // in the order in which they were taken
	Related      []Related

	sheet Sheet
}

// PlaceOf says where.
type PlaceOf struct {
	Village                   amana.Private
	District, Region, Country string
	Latitude, Longitude       float64
	Mapped                    bool
}

// Person is somebody, or some people, to whom something was done or who saw it.
type Person struct {
	Item    string
	Code    string
	Name    amana.Private
	Roles   []string
	Group   bool
	Number  event.Value // of a group
	AtLeast bool
	Sex     event.Value
	Age     event.Value
	State   event.Value // alive, dead, missing, unknown
}

// Has reports whether the person is, among others, a survivor, a witness, missing.
func (p Person) Has(role string) bool { return slices.Contains(p.Roles, role) }

// Missing reports whether nobody knows where the person is.
func (p Person) Missing() bool { return p.State.Reveal() == "missing" || p.Has("missing") }

// Link says what two people are to each other.
type Link struct{ Item, Of, Relation, To string }

// Act is one kind of thing that was done to one person or group.
type Act struct {
	Item, Type, Victim string
	From, To           string
	Method, GBV        string
}

// Claim is that somebody says so, doubts it, or denies it.
type Claim struct {
	Item     string
	Incident amana.RecordID
	What     amana.Private // in our words
	Quote    amana.Private // in theirs
	Public   amana.Private // in words that may be published
	Stance   string
	Acts     []string // items; none is all of them
	Account  amana.RecordID
	In       amana.RecordID // the publication
	Cited    amana.RecordID // the publication that it cites
	Source   string         // by a code
	Behind   amana.Private
	Person   string // item: the source is this person
	Basis    string // how they know
	Category string
	Said     string

	Connection, Material, Reliability, Credibility string
	Anonymous                                      bool
	On                                             string
	Count                                          Count
}

// Count is a number of people or cases that a claim is about. It is never added to
// another.
type Count struct {
	Number   event.Value
	AtLeast  bool
	Of       string
	Word     string // several, not counted, unknown: where there is no number
	From, To string // its window
}

// IsZero reports whether nothing is said of how many.
func (c Count) IsZero() bool { return c.Number.IsZero() && c.Word == "" }

// Attribution says who did an act, by the word of one claim. Others may say
// otherwise: each stands.
type Attribution struct {
	Item, Claim, Act string
	Actor            amana.RecordID // zero where nobody is named
	How              string         // insignia, named, described, assumed, not said
	NamedAs          amana.Private  // the name that was used
	Described        amana.Private
	Involvement      string
	Confidence       string
	Struck           amana.Private // why it was struck, where it was a slip
	Stamp
}

// Assessment says whether an incident has to do with a conflict, by somebody, on a
// day, for reasons. It is no part of the type of violence.
type Assessment struct {
	Item, Assessment string
	Indicators       []string
	Basis            amana.Private
	On               string
	Stamp
}

// Related is what a person decided of two incidents.
type Related struct {
	Item     string
	Incident amana.RecordID
	As       string
	Reason   amana.Private
	Stamp
}

// IncidentOf reads an incident. It is lenient: what is not understood is left out.
func IncidentOf(s Sheet) Incident {
	in := Incident{
		ID: s.ID, Title: amana.Conceal(s.text("event_title")), Scope: s.text("event_scope"), From: s.text("event_from"),
		To: s.text("event_to"), Summary: amana.Conceal(s.text("event_summary")), Public: amana.Conceal(s.text("event_public")),
		Place: PlaceOf{
			Village: amana.Conceal(s.text("event_place")), District: s.text("event_district"), Region: s.text("event_region"),
			Country: s.text("event_country"),
		},
		sheet: s,
	}
	lat, a := s.Value("event_latitude").Decimal()
	lon, b := s.Value("event_longitude").Decimal()
	if a && b && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 {
		in.Place.Latitude, in.Place.Longitude, in.Place.Mapped = lat, lon, true
	}
	in.readPeople(&s)
	for _, id := range s.Items(record.Claims) {
		in.Claims = append(in.Claims, claimOf(s.ID, id, s.item(record.Claims, id)))
	}
	for _, id := range s.Items(record.Attributions) {
		i := s.item(record.Attributions, id)
		in.Attributions = append(in.Attributions, Attribution{
			Item: id, Claim: i.text("claim"), Act: i.text("act"), Actor: i.record("actor"), How: i.text("how"),
			NamedAs: i.words("named_as"), Described: i.words("described"), Involvement: i.text("involvement"),
			Confidence: i.text("confidence"), Struck: i.words("struck"), Stamp: i.stamp("how"),
		})
	}
	in.readJudged(&s)
	return in
}

func (in *Incident) readPeople(s *Sheet) {
	for _, id := range s.Items(record.Persons) {
		i := s.item(record.Persons, id)
		in.Persons = append(in.Persons, Person{
			Item: id, Code: i.text("code"), Name: i.words("name"), Roles: i.list("role"), Group: i.text("unit") == "group",
			Number: i.value("number"), AtLeast: i.yes("number_least"), Sex: i.value("sex"), Age: i.value("age"), State: i.value("state"),
		})
	}
	for _, id := range s.Items(record.PersonLinks) {
		i := s.item(record.PersonLinks, id)
		in.Links = append(in.Links, Link{id, i.text("of"), i.text("relation"), i.text("to")})
	}
	for _, id := range s.Items(record.Acts) {
		i := s.item(record.Acts, id)
		in.Acts = append(in.Acts, Act{id, i.text("type"), i.text("victim"), i.text("from"), i.text("to"), i.text("method"), i.text("gbv")})
	}
}

func (in *Incident) readJudged(s *Sheet) {
	for _, id := range s.Items(record.Assessments) {
		i := s.item(record.Assessments, id)
		in.Assessments = append(in.Assessments, Assessment{
			id, i.text("assessment"), i.list("indicators"), i.words("basis"), i.text("on"), i.stamp("assessment"),
		})
	}
	for _, id := range s.Items(record.Verifications) {
		i := s.item(record.Verifications, id)
		in.Decisions = append(in.Decisions, Verification{
			id, i.text("step"), i.text("status"), i.words("basis"), i.text("on"), i.stamp("status"),
		})
	}
	for _, id := range s.Items(record.RelatedEvents) {
		i := s.item(record.RelatedEvents, id)
		in.Related = append(in.Related, Related{id, i.record("incident"), i.text("relation"), i.words("reason"), i.stamp("relation")})
	}
}

func claimOf(incident amana.RecordID, id string, i item) Claim {
	return Claim{
		Item: id, Incident: incident, What: i.words("what"), Quote: i.words("quote"), Public: i.words("public"), Stance: i.text("stance"),
		Acts: i.items("acts"), Account: i.record("account"), In: i.record("publication"), Cited: i.record("cited"),
		Source: i.text("source"), Behind: i.words("behind"), Person: i.text("person"), Basis: i.text("basis"),
		Category: i.text("category"), Said: i.text("said"), Connection: i.text("connection"), Material: i.text("material"),
		Reliability: i.text("reliability"), Credibility: i.text("credibility"), Anonymous: i.yes("anonymous"), On: i.text("on"),
		Count: Count{i.value("count"), i.yes("count_least"), i.text("count_of"), i.text("count_word"), i.text("count_from"), i.text("count_to")},
	}
}

// Standing returns the attributions that were not struck. Those that contradict each
// other are all there.
func (in *Incident) Standing() []Attribution {
	return slices.DeleteFunc(slices.Clone(in.Attributions), func(a Attribution) bool { return !a.Struck.IsEmpty() })
}

// WrittenOver returns the fields that somebody wrote over where nobody may.
func (in *Incident) WrittenOver() []string { return in.sheet.WrittenOver() }

// Sheet returns the fields as they stand.
func (in *Incident) Sheet() *Sheet { return &in.sheet }

// attemptedRape is the one act of MT4 that did not come to pass.
const attemptedRape = "020111020000"

// Attempted reports whether the act is an attempt, which is an act of its own.
func (a Act) Attempted() bool { return a.Type == attemptedRape }

// Assessed returns the assessment that holds: the newest, and whether there is one.
func (in *Incident) Assessed() (Assessment, bool) {
	if len(in.Assessments) == 0 {
		return Assessment{}, false
	}
	return in.Assessments[len(in.Assessments)-1], true
}
