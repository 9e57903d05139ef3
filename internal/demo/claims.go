package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/event"
	"amana/internal/record"
)

// What one public news summary of December 2025 on the Sahel says, taken apart into
// claims, in words of our own and with no more detail than a record needs. It is the
// only part of the demo that is not invented. What help was offered to whoever told
// nothing is the demo's own.

// Told is where a row of the summary went: rows are named C1 to C20.
type Told map[string][]Place

// Place is a record, and in it perhaps an item of a list.
type Place struct {
	Record     amana.RecordID
	List, Item string
}

// claimant writes the summary down, by the verbs of whoever documents.
type claimant struct {
	verbs
	told   Told
	ids    map[string]amana.RecordID
	failed error
}

// verbs are what somebody does at a desk.
type verbs struct {
	beginClaim   func(amana.Kind, casework.Values) (amana.RecordID, error)
	addItem      func(record amana.RecordID, list string, v casework.Values) (string, error)
	takeServices func(file string) ([]directory.Service, error)
}

func verbsOf(ctx context.Context, d, keeper *casework.Desk) verbs {
	return verbs{
		beginClaim: func(kind amana.Kind, v casework.Values) (amana.RecordID, error) { return d.BeginClaim(ctx, kind, v) },
		addItem: func(id amana.RecordID, list string, v casework.Values) (string, error) {
			return d.AddClaimItem(ctx, id, list, v)
		},
		takeServices: func(file string) ([]directory.Service, error) {
			plan, err := keeper.PlanServices(ctx, strings.NewReader(file))
			if err == nil {
				_, err = keeper.ImportServices(ctx, plan)
			}
			if err != nil {
				return nil, err
			}
			all, err := keeper.Services(ctx)
			if err != nil {
				return nil, err
			}
			return all.All(), nil
		},
	}
}

// Claims writes the summary down at a desk of the accountability compartment, its
// service at that of whoever keeps the directory, and says where each row went. Kinds: those of the verbs of package casework.
func Claims(ctx context.Context, desk, keeper *casework.Desk) (Told, error) {
	c := &claimant{verbs: verbsOf(ctx, desk, keeper), told: Told{}, ids: map[string]amana.RecordID{}}
	for _, tell := range []func(){c.publications, c.actors, c.silent, c.assaults, c.patterns, c.attacks, c.around, c.service} {
		tell()
	}
	return c.told, c.failed
}

// val makes values of "field", value, in turn. A string is a text or a choice; a
// slice, choices.
func val(pairs ...any) casework.Values {
	v := casework.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		switch x := pairs[i+1].(type) {
		case string:
			v[name] = event.Text(x)
		case int:
			v[name] = event.Int(int64(x))
		case bool:
			v[name] = event.Bool(x)
		case float64:
			v[name] = event.Decimal(x)
		case []string:
			v[name] = event.List(x...)
		case amana.RecordID:
			v[name] = event.Text(x.String())
		}
	}
	return v
}

// begin begins a record under a name of this file.
func (c *claimant) begin(name string, kind amana.Kind, v casework.Values, rows ...string) {
	if c.failed != nil {
		return
	}
	id, err := c.beginClaim(kind, v)
	c.fail(name, err)
	c.ids[name] = id
	for _, row := range rows {
		c.told[row] = append(c.told[row], Place{Record: id})
	}
}

// add adds an item to a list of a record, for the rows that it holds.
func (c *claimant) add(name, list string, v casework.Values, rows ...string) string {
	if c.failed != nil {
		return ""
	}
	item, err := c.addItem(c.ids[name], list, v)
	c.fail(name+" "+list, err)
	for _, row := range rows {
		c.told[row] = append(c.told[row], Place{c.ids[name], list, item})
	}
	return item
}

func (c *claimant) fail(name string, err error) {
	if err == nil {
		return
	}
	if fields, ok := errors.AsType[casework.FieldErrors](err); ok {
		c.failed = fmt.Errorf("demo: %s: %v: %w", name, map[string]string(fields), err)
		return
	}
	c.failed = fmt.Errorf("demo: %s: %w", name, err)
}

// says adds a claim that stands in the summary, and who is said to have done it: by
// the name of an actor of this file, or "" for nobody, and how.
func (c *claimant) says(row, incident string, v casework.Values, by ...string) {
	v["publication"] = event.Text(c.ids["summary"].String())
	if v["stance"].IsZero() {
		v["stance"] = event.Text("supports")
	}
	if v["category"].IsZero() {
		v["category"] = event.Text("secondary")
	}
	item := c.add(incident, record.Claims, v, row)
	for i := 0; i+1 < len(by); i += 2 {
		a := val("claim", item, "how", by[i+1], "involvement", "010100")
		if by[i] != "" {
			a["actor"] = event.Text(c.ids[by[i]].String())
		}
		c.add(incident, record.Attributions, a)
	}
}

func (c *claimant) publications() {
	c.begin("report", amana.KindPublication, val("publication_title", "Report on the attack of March 2022 in Moura",
		"publication_by", "A human rights office of the United Nations", "publication_kind", "united_nations", "publication_on", "2023"))
	c.begin("summary", amana.KindPublication, val("publication_title", "Summary on the Sahel", "publication_by", "A news agency",
		"publication_kind", "news", "publication_on", "2025-12-14", "publication_language", "eng"))
	c.add("summary", record.Citations, val("publication", c.ids["report"]))
	c.begin("public", amana.KindPublication, val("publication_title", "Statements on the public record", "publication_by", "Several",
		"publication_kind", "official"))
}

func (c *claimant) actors() {
	for _, a := range []struct {
		name     string
		v        casework.Values
		from, to string
	}{
		{"ministry", val("name_official", "Ministry of Defence of the Russian Federation", "actor_kind", "state_body", "actor_country", "RU"), "", ""},
		{"state", val("name_official", "Russian Federation", "actor_kind", "state_body", "actor_country", "RU"), "", ""},
		{"successor", val("name_official", "Africa Corps", "actor_kind", "foreign_state_force", "actor_type", "010103", "active_from", "2025"), "2025", ""},
		{"predecessor", val("name_official", "Wagner Group", "actor_kind", "foreign_private_or_state_linked_contractor", "actor_type", "020300",
			"active_from", "2021-12", "active_to", "2025-06"), "2021-12", "2025-06"},
		{"army", val("name_official", "Malian Armed Forces", "actor_kind", "state_armed_force", "actor_type", "010103", "actor_country", "ML"), "", ""},
		{"host", val("name_official", "Government of Mali", "actor_kind", "state_body", "actor_country", "ML"), "", ""},
		{"mission", val("name_official", "United Nations mission in Mali", "actor_kind", "un_force", "active_from", "2013", "active_to", "2023-12"), "", ""},
		{"group", val("name_official", "A non-state armed group, named by the patients", "actor_kind", "armed_group", "actor_type", "020200"), "", ""},
	} {
		c.begin(a.name, amana.KindActor, a.v)
		if a.from != "" {
			name := val("from", a.from, "publication", c.ids["public"])
			name["text"] = a.v["name_official"]
			if a.to != "" {
				name["to"] = event.Text(a.to)
			}
			c.add(a.name, record.ActorNames, name)
		}
	}
	relation := func(row, of, kind, to, from, in, source string, opinion bool) {
		v := val("kind", kind, "actor", c.ids[to], "publication", c.ids[in], "source", source, "confidence", "high")
		if from != "" {
			v["from"] = event.Text(from)
		}
		if opinion {
			v["opinion"], v["confidence"] = event.Bool(true), event.Text("medium")
		}
		c.add(of, record.ActorRelations, v, row)
	}
	relation("C14", "predecessor", "succeeded_by", "successor", "2025-06", "public", "public record", false)
	relation("C14", "predecessor", "succeeded_by", "successor", "2025-06", "summary", "the news agency", false)
	relation("C14", "successor", "keeps_methods_of", "predecessor", "2025", "summary", "refugees", false)
	relation("C15", "successor", "answers_to", "ministry", "2025", "public", "public record", false)
	relation("C15", "state", "responsible_for", "successor", "2025", "summary", "legal experts", true)
	c.add("ministry", record.ActorResponses, val("answer", "no_answer", "asked_by", "The news agency", "asked_on", "2025-12",
		"publication", c.ids["summary"]), "C16")
}

// silent are two people of whom it is on record that they told nothing. Nothing is
// added to that but what was seen, and that help was named to them.
func (c *claimant) silent() {
	c.begin("could not speak", amana.KindAccount, val("source_code", "S-06", "source_said", "nothing", "source_material", "direct_observation",
		"source_observed", "Marks on her neck.", "source_care", "informed", "source_protected", true, "source_sex", "female"), "C6")
	c.begin("declines", amana.KindAccount, val("source_code", "S-07", "source_said", "declined", "source_category", "primary_victim",
		"source_care", "informed", "source_protected", true, "source_sex", "female"), "C7")
}

// service is the free clinic of the summary, taken in as directories are.
func (c *claimant) service() {
	if c.failed != nil {
		return
	}
	const opened = "Opened in recent weeks near the border. For everyone who has arrived there. It saw three survivors by December 2025."
	const file = `[{"id":"demo-free-clinic","name":"Free clinic near the new arrivals","status":"active",
		"description":"` + opened + `",
		"eligibility_description":"Everyone near the border.","fees_description":"Free.","assured_date":"2025-12-14",
		"schedules":[{"id":"demo-free-clinic-open","valid_from":"2025-12-01","description":"Since December 2025."}]}]`
	all, err := c.takeServices(file)
	c.fail("service", err)
	for _, s := range all {
		if s.Text("description") == opened {
			c.told["C19"] = append(c.told["C19"], Place{Record: s.ID})
		}
	}
}
