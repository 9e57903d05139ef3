package web

import (
	"net/http"
	"slices"
	"strings"

	"amana"
	"amana/internal/claim"
	"amana/internal/record"
)

// claimViews are the questions that somebody asks of all incidents at once.
var claimViews = map[string]func(claimShower) []claimSection{
	"timeline": claimShower.timeline,
	"numbers":  claimShower.numbers,
	"sources":  claimShower.sources,
	"before":   claimShower.before,
	"answers":  claimShower.answers,
	"silent":   claimShower.silent,
	"exposed":  claimShower.exposed,
	"alike":    claimShower.alike,
	"conflict": claimShower.conflict,
}

func (s *Server) showClaimView(w http.ResponseWriter, v *visit) error {
	name := v.PathValue("view")
	view, known := claimViews[name]
	if !known {
		return amana.ErrNotFound
	}
	world, err := v.desk.Claims(v.Context())
	if err != nil {
		return err
	}
	sh := v.claimShower(world)
	list := s.claimList(v, "/claims/view/"+name, "claims."+name)
	list.Sections = view(sh)
	if len(list.Sections) == 0 {
		list.Sections = []claimSection{{None: v.lang.T("claims.none")}}
	}
	if name == "alike" {
		list.Form = v.form()
		list.Relate = sh.relateForm()
		list.Frame = s.frame(v, "claims", list.Form)
	}
	return claimsPage.render(s, w, v, http.StatusOK, list)
}

// timeline puts incidents under their years; what nobody dated comes last.
func (s claimShower) timeline() (sections []claimSection) {
	for _, in := range s.w.Chronology() {
		if in.Scope == "context" {
			continue
		}
		year := s.lang.T("claims.undated")
		if len(in.From) >= 4 {
			year = in.From[:4]
		}
		if n := len(sections); n == 0 || sections[n-1].Title != year {
			sections = append(sections, claimSection{ID: "y" + year[:min(4, len(year))], Title: year})
		}
		last := &sections[len(sections)-1]
		last.Rows = append(last.Rows, s.incidentRow(in))
	}
	return sections
}

func (s claimShower) count(c claim.Count) string {
	of := s.option("count_of", c.Of)
	if c.Of == "" {
		of = ""
	}
	n, ok := c.Number.Int()
	text := ""
	switch {
	case ok && c.AtLeast:
		text = s.lang.T("brief.count.least", "number", n, "of", of)
	case ok:
		text = s.lang.T("brief.count", "number", n, "of", of)
	case c.Word != "":
		text = s.lang.T("brief.count.word", "word", s.option("count_word", c.Word), "of", of)
	}
	if c.From != "" && c.To != "" {
		text = joinDots(text, s.lang.T("brief.from_to", "from", s.lang.ISODate(c.From), "to", s.lang.ISODate(c.To)))
	}
	return text
}

// numbers are those that claims give, by actor: never added.
func (s claimShower) numbers() (sections []claimSection) {
	for _, f := range s.w.Figures() {
		sec := claimSection{Title: s.lang.T("brief.nobody")}
		if a, known := s.w.Actors[f.Actor]; known {
			sec.Title = a.NameOn(f.All[0].Incident.From)
		} else if f.Described {
			sec.Title = s.lang.T("brief.described")
		}
		if f.Least > 0 {
			sec.Lede = s.lang.T("brief.least", "number", f.Least, "of", s.option("count_of", f.Of))
		}
		for _, one := range f.All {
			sec.Rows = append(sec.Rows, claimRow{
				Path: claimPath(one.Incident.ID), Title: s.count(one.Count),
				Lines: []string{s.incidentTitle(one.Incident), joinDots(one.Claim.Source, s.optionOrNone("claim_basis", one.Claim.Basis))},
			})
		}
		sections = append(sections, sec)
	}
	return sections
}

// tallyLists are the lists of choices that have the words of a line.
var tallyLists = map[string]string{"status": "verification_status", "link": "crsv_assessment", "form": "mt4", "party": "actor_kind"}

// conflict is what reports on conflict ask of each year: incidents, never people, and
// those that were verified apart from the others.
func (s claimShower) conflict() (sections []claimSection) {
	for _, y := range s.w.Tally() {
		title := y.Year
		if title == "" {
			title = s.lang.T("claims.undated")
		}
		for i, g := range y.Groups {
			sec := claimSection{ID: "y" + y.Year + g.ID, Title: joinDots(title, s.lang.T("claims.tally."+g.ID))}
			if i == 0 {
				sec.Lede = s.lang.T("claims.tally.incidents", "n", y.Incidents)
				if y.Late > 0 {
					sec.Lede += " " + s.lang.T("claims.tally.late", "n", y.Late)
				}
			}
			for _, l := range g.Lines {
				row := claimRow{Title: s.lang.T("claims.tally.line", "what", s.tallyWord(g.ID, l.ID), "n", l.Incidents)}
				if g.ID != "status" {
					row.Lines = []string{s.lang.T("claims.tally.stand", "verified", l.Verified, "pending", l.Pending, "others", l.Unverified)}
				}
				sec.Rows = append(sec.Rows, row)
			}
			sections = append(sections, sec)
		}
	}
	return sections
}

func (s claimShower) tallyWord(group, id string) string {
	if id == claim.NotKnown {
		return s.lang.T("figures.row.unknown")
	}
	if list := tallyLists[group]; list != "" {
		return s.option(list, id)
	}
	return s.lang.T("figures.row." + id)
}

func (s claimShower) optionOrNone(list, id string) string {
	if id == "" {
		return ""
	}
	return s.option(list, id)
}

// sources are the events that rest on more than one source, then the others.
func (s claimShower) sources() []claimSection {
	several := claimSection{ID: "several", Title: s.lang.T("claims.sources.several"), None: s.lang.T("claims.none")}
	single := claimSection{ID: "single", Title: s.lang.T("claims.sources.single"), None: s.lang.T("claims.none")}
	for _, in := range s.w.Chronology() {
		c := claim.Corroborate(in)
		row := s.incidentRow(in)
		for _, v := range c.Supports {
			row.Lines = append(row.Lines, s.voice(v))
		}
		switch {
		case in.Scope == "context":
		case c.Corroborated():
			several.Rows = append(several.Rows, row)
		default:
			single.Rows = append(single.Rows, row)
		}
	}
	return []claimSection{several, single}
}

// voice says whose word it is and how they know.
func (s claimShower) voice(v claim.Voice) string {
	who := v.Key.Code
	if a, known := s.w.Accounts[v.Key.Account]; known {
		who = a.Code
	}
	if p, known := s.w.Publications[v.Key.In]; known {
		who = joinDots(who, p.Title)
	}
	var bases []string
	for _, b := range v.Bases {
		bases = append(bases, s.option("claim_basis", b))
	}
	return joinDots(who, strings.Join(bases, s.lang.T("cases.comma")))
}

// before lists what is attributed for acts before each succession, under the names of
// then.
func (s claimShower) before() (sections []claimSection) {
	var actors []claim.Actor
	for _, a := range s.w.Actors {
		actors = append(actors, a)
	}
	slices.SortFunc(actors, func(a, b claim.Actor) int { return strings.Compare(a.Name, b.Name) })
	for _, a := range actors {
		for _, r := range a.Supports() {
			if r.Kind != "succeeded_by" && r.Kind != "renamed_to" || r.From == "" {
				continue
			}
			sec := claimSection{
				ID: a.ID.String(), Title: joinDots(a.Name, s.relation(r)), None: s.lang.T("claims.none"),
			}
			for _, m := range s.w.Before(r.From) {
				name := m.Name
				if name == "" {
					name = s.lang.T("brief.attributed.nobody", "how", s.optionOrNone("attribution_how", m.Attribution.How))
				}
				sec.Rows = append(sec.Rows, claimRow{
					Path: claimPath(m.Incident.ID), Title: joinDots(s.when(m.Incident), name), Lines: []string{m.Claim.What.Reveal()},
				})
			}
			sections = append(sections, sec)
		}
	}
	return sections
}

func (s claimShower) answers() []claimSection {
	sec := claimSection{None: s.lang.T("brief.responses.none")}
	for _, r := range s.w.Responses() {
		line := s.option("response_answer", r.Response.Answer)
		if r.Response.AskedBy != "" {
			line = s.lang.T("brief.asked", "by", r.Response.AskedBy, "date", s.day(r.Response.AskedOn), "answer", line)
		}
		sec.Rows = append(sec.Rows, claimRow{Path: claimPath(r.Actor.ID), Title: r.Actor.Name, Lines: []string{line, r.Response.What.Reveal()}})
	}
	return []claimSection{sec}
}

func (s claimShower) silent() []claimSection {
	sec := claimSection{None: s.lang.T("claims.none")}
	for _, one := range s.w.Silences() {
		path := claimPath(one.Incident.ID)
		row := claimRow{Path: path, Title: s.incidentTitle(one.Incident), Lines: []string{
			s.option("source_said", one.Claim.Said), one.Claim.What.Reveal(),
		}}
		if !one.Account.ID.IsZero() {
			row.Lines = append(row.Lines, joinDots(one.Account.Code, s.optionOrNone("source_said", one.Account.Said)))
			if one.Account.Care != "" {
				row.Lines = append(row.Lines, s.lang.T("claims.help", "help", s.option("source_care", one.Account.Care)))
			}
		}
		sec.Rows = append(sec.Rows, row)
	}
	return []claimSection{sec}
}

func (s claimShower) exposed() []claimSection {
	sec := claimSection{None: s.lang.T("claims.none")}
	for _, e := range s.w.Exposures() {
		var by []string
		for _, what := range e.By {
			by = append(by, s.lang.T("claims.exposed."+what))
		}
		sec.Rows = append(sec.Rows, claimRow{
			Path: claimPath(e.Incident.ID), Title: s.incidentTitle(e.Incident), Lines: []string{e.Claim.What.Reveal(), strings.Join(by, s.lang.T("cases.comma"))},
		})
	}
	return []claimSection{sec}
}

func (s claimShower) alike() []claimSection {
	sec := claimSection{None: s.lang.T("claims.alike.none")}
	for _, one := range s.w.Suggest() {
		var why []string
		for _, r := range one.Reasons {
			why = append(why, s.lang.T("claims.alike."+r))
		}
		sec.Rows = append(sec.Rows, claimRow{
			Path: claimPath(one.A.ID), Title: s.incidentTitle(one.A) + " — " + s.incidentTitle(one.B),
			Lines: []string{strings.Join(why, s.lang.T("cases.comma"))},
		})
	}
	return []claimSection{sec, s.alikePersons()}
}

// alikePersons are people in two incidents who may be one.
func (s claimShower) alikePersons() claimSection {
	sec := claimSection{Title: s.lang.T("claims.alike.persons"), Lede: s.lang.T("claims.alike.persons.lede"), None: s.lang.T("claims.alike.none")}
	said := func(p claim.PersonRef) string {
		for _, in := range s.w.Incidents {
			if in.ID != p.Incident {
				continue
			}
			for _, t := range s.itemTargets(in.Sheet(), record.Persons) {
				if t.Value == p.Item {
					return joinDots(s.incidentTitle(in), t.Text)
				}
			}
		}
		return ""
	}
	for _, one := range s.w.SuggestPersons() {
		var why []string
		for _, r := range one.Reasons {
			why = append(why, s.lang.T("claims.alike."+r))
		}
		sec.Rows = append(sec.Rows, claimRow{
			Path: claimPath(one.A.Incident), Title: said(one.A) + " — " + said(one.B), Lines: []string{strings.Join(why, s.lang.T("cases.comma"))},
		})
	}
	return sec
}

// relateForm asks what two incidents are to each other.
type relateForm struct{ Incidents, As []dropChoice }

func (s claimShower) relateForm() *relateForm {
	f := &relateForm{}
	for _, in := range s.w.Chronology() {
		f.Incidents = append(f.Incidents, dropChoice{Value: in.ID.String(), Text: joinDots(s.when(in), s.incidentTitle(in))})
	}
	for _, as := range []string{"same_event", "related", "different"} {
		f.As = append(f.As, dropChoice{Value: as, Text: s.option("related_as", as)})
	}
	return f
}

func (s *Server) relateIncidents(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	a, errA := amana.ParseID[amana.Record](f.Get("first"))
	b, errB := amana.ParseID[amana.Record](f.Get("second"))
	switch {
	case errA != nil:
		f.wrong("first", "invalid.required")
	case errB != nil || a == b:
		f.wrong("second", "claims.alike.two")
	}
	f.need("reason", "invalid.required")
	if f.Failed() {
		return v.again(w, "/claims/view/alike", f)
	}
	if err := v.desk.RelateIncidents(v.Context(), a, b, f.Get("relation"), amana.Conceal(f.Get("reason"))); err != nil {
		return v.refuse(w, "/claims/view/alike", f, err)
	}
	return v.done(w, "/claims/view/alike", "claims.alike.decided")
}
