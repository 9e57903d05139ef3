package demo

import (
	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
)

// event begins an incident that is held to have happened once, again and again, or
// around it.
func (c *claimant) event(name, title, scope, from string, more ...any) {
	v := val(append([]any{"event_title", title, "event_scope", scope, "event_country", "ML"}, more...)...)
	if from != "" {
		v["event_from"] = event.Text(from)
	}
	c.begin(name, amana.KindIncident, v)
}

func (c *claimant) person(incident string, pairs ...any) string {
	return c.add(incident, record.Persons, val(pairs...))
}

func (c *claimant) act(incident, kind, victim string, more ...any) string {
	return c.add(incident, record.Acts, val(append([]any{"type", kind, "victim", victim}, more...)...))
}

// The codes of acts in use: MT4 of the HURIDOCS micro-thesauri.
const (
	anySexual = "020111000000"
	rape      = "020111010000"
	attempt   = "020111020000"
)

func (c *claimant) assaults() {
	c.event("the girl", "A girl with an infection that follows assault", "event", "2025")
	girl := c.person("the girl", "role", []string{"survivor"}, "unit", "person", "sex", "female", "age", 14)
	c.act("the girl", anySexual, girl)
	c.says("C2", "the girl", val("what", "She came with a severe infection that follows sexual assault.",
		"public", "A doctor treated a child for a severe infection that follows sexual assault.", "source", "the doctor",
		"basis", "observed_sign", "connection", "040200", "material", "body_injuries", "reliability", "020000", "credibility", "high",
		"person", girl, "count", 1, "count_of", "survivors"), "", "not_said")
	c.says("C3", "the girl", val("what", "She was assaulted by soldiers of the foreign force.",
		"public", "Her family says that soldiers of a foreign force did it; they asked not to be named.", "source", "the family",
		"basis", "told", "connection", "020101", "material", "oral_testimony", "anonymous", true, "reliability", "030000",
		"person", girl, "count", 1, "count_of", "survivors"), "successor", "assumed")

	c.event("who resisted", "Armed men entered a woman's home", "event", "2025")
	she := c.person("who resisted", "role", []string{"survivor", "source"}, "unit", "person", "sex", "female")
	c.act("who resisted", attempt, she, "gbv", "sexual_assault")
	c.says("C5", "who resisted", val("what", "She resisted after armed men entered her home.",
		"public", "A woman says that she resisted when armed men entered her home.", "source", "herself", "person", she,
		"basis", "lived", "connection", "010100", "category", "primary_victim", "material", "oral_testimony", "said", "told",
		"count", 1, "count_of", "survivors"), "", "described")

	c.event("who could not speak", "A woman who could not speak of it", "event", "2025")
	mute := c.person("who could not speak", "role", []string{"survivor"}, "unit", "person", "sex", "female")
	c.says("C6", "who could not speak", val("what", "She could not speak of it. Marks on her neck were seen.", "source", "the reporter",
		"account", c.ids["could not speak"], "person", mute, "basis", "observed_sign", "connection", "030100", "said", "nothing",
		"material", "direct_observation", "count", 1, "count_of", "survivors"))

	c.event("who declines", "A woman who declines to say what was done to her", "event", "2025")
	quiet := c.person("who declines", "role", []string{"survivor", "source"}, "unit", "person", "sex", "female")
	c.says("C7", "who declines", val("what", "She declines to say what was done to her.", "source", "herself",
		"account", c.ids["declines"], "person", quiet, "basis", "lived", "connection", "010100", "category", "primary_victim",
		"said", "declined", "count", 1, "count_of", "survivors"), "", "described")

	c.event("the daughter", "A daughter who was taken into a house", "event", "2025")
	mother := c.person("the daughter", "role", []string{"witness", "source", "relative"}, "unit", "person", "sex", "female", "state", "alive")
	daughter := c.person("the daughter", "role", []string{"missing"}, "unit", "person", "sex", "female", "age", 18, "state", "missing")
	c.add("the daughter", record.PersonLinks, val("of", mother, "relation", "mother_of", "to", daughter))
	c.act("the daughter", "x-abduction", daughter)
	c.says("C8", "the daughter", val("what", "She saw armed men take her daughter into a house. She fled. There is no news of her since.",
		"public", "A mother saw armed men take her daughter into a house, and fled. There has been no news of the daughter since.",
		"source", "the mother", "person", mother, "basis", "saw", "connection", "010200", "category", "primary_witness",
		"material", "oral_testimony", "count", 1, "count_of", "people"), "", "described")
}

func (c *claimant) patterns() {
	c.event("by the foreign force", "Sexual violence by the foreign state force", "pattern", "2025")
	women := c.person("by the foreign force", "role", []string{"survivor", "witness"}, "unit", "group", "sex", "female")
	c.act("by the foreign force", anySexual, women)
	c.says("C1", "by the foreign force", val("what", "Several women survived or witnessed sexual violence by the foreign state force.",
		"public", "Several women at the border say that they survived or saw sexual violence by a foreign state force, which they describe by its men’s appearance.",
		"source", "refugees at the border", "basis", "lived", "connection", "010100", "category", "primary_victim", "material", "oral_testimony",
		"count_word", "several", "count_of", "survivors", "count_from", "2025"), "successor", "named", "", "described")
	c.act("by the foreign force", "x-killing", "")
	c.says("C11", "by the foreign force", val("what", "Killings and beheadings by the foreign force.",
		"public", "Refugees also speak of killings by that force.", "source", "refugees", "basis", "told", "connection", "010200",
		"material", "oral_testimony", "count_word", "not_counted", "count_of", "killed"), "successor", "named")

	c.event("four further", "Four further cases, one of them an attempt", "pattern", "2025")
	four := c.person("four further", "role", []string{"survivor"}, "unit", "group", "number", 4, "sex", "female")
	c.act("four further", anySexual, four)
	c.act("four further", attempt, four)
	c.says("C4", "four further", val("what", "Four further cases, one of them an attempt.",
		"public", "A news agency heard of four further cases from the women, one of them an attempt.", "source", "the women",
		"basis", "lived", "connection", "010100", "category", "primary_victim", "material", "oral_testimony", "count", 4, "count_of", "cases"),
		"", "described")

	c.event("the clinic", "Patients of a women's clinic", "pattern", "2025-06", "event_to", "2025-12", "event_region", "Mopti", "event_district", "Mopti")
	patients := c.person("the clinic", "role", []string{"survivor"}, "unit", "group", "number", 28, "sex", "female")
	c.act("the clinic", anySexual, patients)
	c.says("C9", "the clinic", val("what", "Treated 28 women over six months who say that a non-state armed group assaulted them.",
		"public", "The head of a women’s clinic says that it treated 28 women in six months who say that a non-state armed group assaulted them.",
		"source", "the head of the clinic", "behind", "28 patients", "basis", "told", "connection", "040200", "material", "oral_testimony",
		"count", 28, "count_of", "patients", "count_from", "2025-06-14", "count_to", "2025-12-14"), "group", "named")

	c.event("all sides", "Rape and other sexual violence by all sides", "pattern", "2025")
	all := c.person("all sides", "role", []string{"survivor"}, "unit", "group", "sex", "all")
	c.act("all sides", rape, all)
	c.act("all sides", anySexual, all)
	c.says("C10", "all sides", val("what", "Rape and other sexual violence by all sides, against women, men and children. Few cases are reported.",
		"public", "Aid workers say that all sides rape and use other sexual violence, against women, men and children, and that few cases are reported.",
		"source", "United Nations and aid workers", "basis", "told", "connection", "030000", "count_word", "not_counted", "count_of", "survivors"),
		"", "named")
}

func (c *claimant) attacks() {
	c.event("the village", "Men killed and women raped in a village", "event", "2024-03")
	men := c.person("the village", "role", []string{"killed"}, "unit", "group", "number", 7, "sex", "male", "state", "dead")
	women := c.person("the village", "role", []string{"survivor"}, "unit", "group", "sex", "female")
	mother := c.person("the village", "role", []string{"survivor"}, "unit", "person", "sex", "female", "age", 70)
	witness := c.person("the village", "role", []string{"witness", "source"}, "unit", "person")
	c.add("the village", record.PersonLinks, val("of", mother, "relation", "mother_of", "to", witness))
	killing := c.act("the village", "x-killing", men, "method", "x-burning")
	ofAll := c.act("the village", rape, women)
	ofMother := c.act("the village", rape, mother)
	refugee := func(what, public, acts string, more ...any) casework.Values {
		return val(append([]any{
			"what", what, "public", public, "source", "a refugee", "person", witness, "acts", acts, "basis", "saw", "connection", "010200",
			"category", "primary_witness", "material", "oral_testimony",
		}, more...)...)
	}
	c.says("C12", "the village", refugee("Fighters of the predecessor force burned seven men alive.",
		"A refugee saw fighters of the force that was there before kill seven men.", killing, "count", 7, "count_of", "killed"), "predecessor", "named")
	c.says("C12", "the village", refugee("They raped all the women, among them her mother.",
		"She says that they raped all the women, an old woman of her family among them.", ofAll+" "+ofMother,
		"count_word", "not_counted", "count_of", "survivors"), "predecessor", "named")

	c.event("the attack", "An attack of several days", "event", "2022-03", "event_region", "Mopti", "event_district", "Djenné", "event_place", "Moura",
		"event_phase", "raid")
	them := c.person("the attack", "role", []string{"survivor"}, "unit", "group", "number", 58, "number_least", true, "sex", "female")
	c.act("the attack", rape, them)
	c.act("the attack", anySexual, them)
	c.says("C13", "the attack", val("what", "At least 58 women and girls were raped or assaulted.",
		"public", "A United Nations report of 2023 says that at least 58 women and girls were raped or assaulted in an attack in 2022.",
		"source", "the report", "cited", c.ids["report"], "basis", "record", "connection", "030000", "material", "document",
		"count", 58, "count_least", true, "count_of", "survivors"), "army", "named", "", "described")
}

// around is what changes how the rest is to be read.
func (c *claimant) around() {
	c.event("around", "What is known of the camp, and why so little", "context", "")
	context := func(row string, pairs ...any) {
		c.says(row, "around", val(append([]any{"stance", "context"}, pairs...)...))
	}
	context("C17", "what", "The host government made the mission of the United Nations leave after a report. Since then data can hardly be gathered.",
		"public", "The host government made the United Nations mission leave in 2023, after a report. Since then data can hardly be gathered.",
		"source", "public record, aid workers", "basis", "record", "on", "2023")
	context("C18", "what", "The camp is full: over 150,000 people.", "public", "The camp holds over 150,000 people, and is full.",
		"source", "aid workers", "basis", "told", "count", 150_000, "count_least", true, "count_of", "people")
	context("C18", "what", "3,000 more crossed in a month and settle far from it.", "public", "3,000 more people crossed in a month, and settle far from it.",
		"source", "aid workers", "basis", "told", "count", 3_000, "count_of", "people_a_month")
	c.says("C19", "around", val("what", "A free clinic opened near the new arrivals in recent weeks and saw three survivors.",
		"public", "A free clinic that opened near the new arrivals in recent weeks saw three survivors.", "source", "a medical aid organisation",
		"basis", "record", "connection", "040400", "count", 3, "count_of", "survivors"))
	context("C20", "what", "The need is far larger than the numbers. Trauma is seen in those who come.",
		"public", "The leader of a medical team says that the need is far larger than the numbers.", "source", "a medical team leader",
		"basis", "observed_sign", "connection", "040200", "count_word", "unknown", "count_of", "survivors")
}
