package web

import (
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	forms "amana/internal/form"
	"amana/internal/record"
)

// momentView is one line of the timeline.
type momentView struct {
	When    time.Time
	By      string
	Text    string
	Details []string  // the fields changed, or the answers
	Said    time.Time // what the clock showed, where it was behind
}

// timeline says what was done, the newest first. Answers given in one
// conversation stand in one line.
func (s shower) timeline(moments []casework.Moment) []momentView {
	all := make([]momentView, 0, len(moments))
	var before casework.Moment
	for _, m := range newest(moments, func(m casework.Moment) time.Time { return m.When }) {
		if isAnswer(m) && isAnswer(before) && before.When.Equal(m.When) && before.By == m.By {
			line := &all[len(all)-1]
			line.Details = append(line.Details, s.details(m)...)
			continue
		}
		all = append(all, momentView{When: m.When, By: s.name(m.By), Text: s.orNewer(said(m), "timeline.not_known"), Said: m.ClockSaid, Details: s.details(m)})
		before = m
	}
	return all
}

func isAnswer(m casework.Moment) bool {
	return m.Consent != nil || m.What == "timeline.began.consent"
}

// details are the fields that were changed, or the answer that was given. Where
// a line says all there is to say, there are none.
func (s shower) details(m casework.Moment) []string {
	switch {
	case m.Consent != nil:
		return []string{s.lang.T("timeline.answer", "purpose", s.orNewer("purpose."+string(m.Consent.Purpose), "answer.newer"),
			"decision", s.orNewer("option.decision."+string(m.Consent.Decision), "answer.newer"))}
	case said(m) != "timeline.changed" || len(m.Fields) == 0:
		return nil
	}
	return []string{s.fieldNames(m.Fields)}
}

// orNewer is a message by its key, or another where a newer program made the key up.
func (s shower) orNewer(key, newer string) string {
	if !s.lang.Has(key) {
		key = newer
	}
	return s.lang.T(key)
}

// said is what was done, in the words of the work where the fields tell: a note
// was added, the case was closed.
func said(m casework.Moment) string {
	only := func(list string) bool {
		return len(m.Fields) > 0 && !slices.ContainsFunc(m.Fields, func(f string) bool { return !strings.HasPrefix(f, list+"/") })
	}
	switch {
	case m.What != "timeline.changed":
		return m.What
	case only(record.Notes):
		return "timeline.note"
	case slices.ContainsFunc(m.Fields, func(f string) bool { return strings.HasPrefix(f, record.ReferralSteps+"/") }):
		return "timeline.referral"
	case only(record.FollowUps):
		return "timeline.follow_up"
	case slices.Contains(m.Fields, "status") && slices.Contains(m.Fields, "closure_reason"):
		return "timeline.closed"
	case slices.Equal(m.Fields, []string{"status"}):
		return "timeline.reopened"
	}
	return m.What
}

// fieldNames lists what was changed by its labels, each once, in the order in
// which they are asked. The versions of forms are no news to anybody.
func (s shower) fieldNames(names []string) string {
	at := s.askedAt()
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.HasPrefix(n, forms.VersionPrefix) })
	slices.SortStableFunc(names, func(a, b string) int { return at(a) - at(b) })
	var labels []string
	for _, name := range names {
		label := s.fieldName(amana.KindCase, name)
		if label == name {
			label = s.fieldName(amana.KindIdentity, name)
		}
		if label == name {
			label = s.lang.T("cases.section." + unknownSection)
		}
		if !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return strings.Join(labels, s.lang.T("cases.comma"))
}

// askedAt tells the place of a field in the order of asking; what no form asks comes
// last.
func (s shower) askedAt() func(name string) int {
	at := map[string]int{}
	for _, f := range s.forms.Forms() {
		for _, field := range f.Fields() {
			if _, there := at[field.Name]; !there {
				at[field.Name] = len(at)
			}
		}
	}
	return func(name string) int {
		if i, known := at[ofList(name)]; known {
			return i
		}
		return len(at)
	}
}

// ofList is the name of a field as the schema has it: without the item.
func ofList(name string) string {
	list, rest, found := strings.Cut(name, "/")
	if !found {
		return name
	}
	_, field, found := strings.Cut(rest, "/")
	if !found {
		return list
	}
	return list + "/" + field
}

// heldView is her answer for one purpose, as it stands.
type heldView struct {
	Label, Hint string
	Recipient   string
	Decision    tag
	Conflict    bool
	Expired     bool
	Facts       []string // by whom, how, in which language, until when
	Conditions  string
	When        time.Time
	By          string
	Change      string // address
	Another     string // address, for one more recipient
}

// held shows a consent.
func (s shower) held(change string, c casework.Consent) heldView {
	purpose := string(c.Purpose)
	h := heldView{
		Label: s.orNewer("purpose."+purpose, "answer.newer"), Recipient: c.Recipient.Reveal(), Decision: s.decision(c), Conflict: c.Conflict, Expired: c.Expired,
		Conditions: c.Conditions.Reveal(), When: c.When, Change: change,
	}
	if hint := "purpose." + purpose + ".hint"; s.lang.Has(hint) {
		h.Hint = s.lang.T(hint)
	}
	if !c.When.IsZero() {
		h.By = s.name(c.By)
	}
	if named(c.Purpose) && c.Decision != amana.NotAsked && change != "" {
		h.Another = change[:strings.LastIndex(change, "/")+1] + purpose + "-new"
	}
	for _, fact := range [][2]string{{"given_by", c.GivenBy}, {"how", c.How}, {"language", c.Language}} {
		if fact[1] != "" {
			h.Facts = append(h.Facts, s.option(fact[0], fact[1]))
		}
	}
	if c.Until != "" {
		h.Facts = append(h.Facts, s.lang.T("consent.until.date", "date", s.lang.ISODate(c.Until)))
	}
	return h
}

// decision is the answer with its shape: what is over is no longer a yes.
func (s shower) decision(c casework.Consent) tag {
	text := s.option("decision", string(c.Decision))
	switch {
	case c.Decision == amana.Granted && c.Expired:
		return tag{"none", s.lang.T("consent.expired")}
	case c.Decision == amana.Granted:
		return tag{"yes", text}
	case c.Decision == amana.Refused, c.Decision == amana.Withdrawn:
		return tag{"no", text}
	case c.Decision != amana.NotAsked && c.Decision != "":
		return tag{"none", s.lang.T("answer.newer")}
	}
	return tag{"none", s.option("decision", string(amana.NotAsked))}
}
