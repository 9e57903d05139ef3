package claim

import (
	"slices"
	"strings"

	"amana"
	"amana/internal/record"
)

// Actor is a party, a unit, a body of a state: what it is called when, and what it
// is to others, each by a source and with dates.
type Actor struct {
	ID        amana.RecordID
	Name      string
	Kind      string
	Type      string // HURIDOCS
	Country   string
	From, To  string
	Note      string
	Names     []Name
	Relations []Relation
	Responses []Response
	Positions []Position
	Presences []Presence
	Orders    []Order
	Notices   []Notice
	Measures  []Measure
}

// Name is a name, as long as it was in use.
type Name struct{ Item, Text, Language, From, To string }

// Relation is what an actor is to another, by one source. Two sources that say the
// same are two.
type Relation struct {
	Item, Kind string
	Actor      amana.RecordID
	From, To   string
	In         amana.RecordID
	Source     string
	Opinion    bool // somebody's opinion, not a record
	Confidence string
	Note       amana.Private
}

// Response is what the actor said to what it is accused of, or that it said nothing.
type Response struct {
	Item     string
	Incident amana.RecordID
	AskedBy  string
	AskedOn  string
	Answer   string
	On       string
	What     amana.Private
	In       amana.RecordID
}

// Position says who held a command.
type Position struct {
	Item     string
	Person   amana.Private
	Rank     string
	Control  string
	From, To string
	In       amana.RecordID
}

// Presence says where the unit was.
type Presence struct {
	Item, Place, District, From, To string
	In                              amana.RecordID
}

// Order is an order that was given.
type Order struct {
	Item string
	What amana.Private
	On   string
	In   amana.RecordID
}

// Notice is that somebody who commands was told.
type Notice struct {
	Item     string
	What     amana.Private
	To, On   string
	How      string
	Incident amana.RecordID
	In       amana.RecordID
}

// Measure is what was done about it.
type Measure struct {
	Item, Kind string
	What       amana.Private
	On         string
	In         amana.RecordID
}

// ActorOf reads an actor.
func ActorOf(s Sheet) Actor {
	a := Actor{
		ID: s.ID, Name: s.text("name_official"), Kind: s.text("actor_kind"), Type: s.text("actor_type"), Country: s.text("actor_country"),
		From: s.text("active_from"), To: s.text("active_to"), Note: s.text("note_neutral"),
	}
	for _, id := range s.Items(record.ActorNames) {
		i := s.item(record.ActorNames, id)
		a.Names = append(a.Names, Name{id, i.text("text"), i.text("language"), i.text("from"), i.text("to")})
	}
	for _, id := range s.Items(record.ActorRelations) {
		i := s.item(record.ActorRelations, id)
		a.Relations = append(a.Relations, Relation{
			Item: id, Kind: i.text("kind"), Actor: i.record("actor"), From: i.text("from"), To: i.text("to"), In: i.record("publication"),
			Source: i.text("source"), Opinion: i.yes("opinion"), Confidence: i.text("confidence"), Note: i.words("note"),
		})
	}
	for _, id := range s.Items(record.ActorResponses) {
		i := s.item(record.ActorResponses, id)
		a.Responses = append(a.Responses, Response{
			id, i.record("incident"), i.text("asked_by"), i.text("asked_on"), i.text("answer"), i.text("on"), i.words("what"), i.record("publication"),
		})
	}
	a.readCommand(&s)
	return a
}

func (a *Actor) readCommand(s *Sheet) {
	for _, id := range s.Items(record.ActorPositions) {
		i := s.item(record.ActorPositions, id)
		a.Positions = append(a.Positions, Position{
			id, i.words("person"), i.text("rank"), i.text("control"), i.text("from"), i.text("to"), i.record("publication"),
		})
	}
	for _, id := range s.Items(record.ActorPresences) {
		i := s.item(record.ActorPresences, id)
		a.Presences = append(a.Presences, Presence{id, i.text("place"), i.text("district"), i.text("from"), i.text("to"), i.record("publication")})
	}
	for _, id := range s.Items(record.ActorOrders) {
		i := s.item(record.ActorOrders, id)
		a.Orders = append(a.Orders, Order{id, i.words("what"), i.text("on"), i.record("publication")})
	}
	for _, id := range s.Items(record.ActorNotices) {
		i := s.item(record.ActorNotices, id)
		a.Notices = append(a.Notices, Notice{
			id, i.words("what"), i.text("to"), i.text("on"), i.text("how"), i.record("incident"), i.record("publication"),
		})
	}
	for _, id := range s.Items(record.ActorMeasures) {
		i := s.item(record.ActorMeasures, id)
		a.Measures = append(a.Measures, Measure{id, i.text("kind"), i.words("what"), i.text("on"), i.record("publication")})
	}
}

// NameOn returns what the actor was called on a day, as exact as the day is known:
// the name in use on all of it that began last, else the official one.
func (a *Actor) NameOn(date string) string {
	best := Name{Text: a.Name}
	for _, n := range a.Names {
		if n.Text != "" && date != "" && !before(date, n.From) && (n.To == "" || !before(n.To, date)) && n.From >= best.From {
			best = n
		}
	}
	return best.Text
}

// before reports whether a date, as exact as it is known, lies wholly before
// another. "2025" is not before "2025-06".
func before(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	return a < b && !strings.HasPrefix(b, a)
}

// Supported groups relations that several sources state: by kind and actor, with how
// many sources. One source is said to be one.
type Supported struct {
	Kind     string
	Actor    amana.RecordID
	From, To string // the narrowest that any source gives, "" where none does
	Sources  int
	Opinion  bool // every source gives an opinion
	By       []Relation
}

// Supports groups the relations of the actor.
func (a *Actor) Supports() []Supported {
	var all []Supported
	for _, r := range a.Relations {
		i := slices.IndexFunc(all, func(s Supported) bool { return s.Kind == r.Kind && s.Actor == r.Actor })
		if i < 0 {
			i = len(all)
			all = append(all, Supported{Kind: r.Kind, Actor: r.Actor, Opinion: true})
		}
		s := &all[i]
		s.From, s.To = max(s.From, r.From), earlier(s.To, r.To)
		s.Opinion = s.Opinion && r.Opinion
		s.By = append(s.By, r)
	}
	for i := range all {
		seen := map[SourceKey]bool{}
		for _, r := range all[i].By {
			seen[SourceKey{In: r.In, Code: r.Source}] = true
		}
		all[i].Sources = len(seen)
	}
	return all
}

func earlier(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}
