package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/claim"
	"amana/internal/record"
)

// claimView is the page of one record.
type claimView struct {
	Frame
	Form     form
	Path     string
	Kind     string
	Title    string
	Tags     []tag
	Warnings []string
	Facts    []cellView
	Lists    []claimListView
	Voices   []claimSection // who supports, doubts, denies
	Drawing  *relationDrawing
	Command  bool // an actor has a page of what a court would ask
	Consent  bool // an account has answers
	Erase    bool
	Held     []heldLine
	MayWrite bool
	Timeline []momentView
	Readers  []readingView
}

// heldLine is one answer of whoever gave an account.
type heldLine struct{ Text, Until string }

type claimListView struct {
	List, Title, Hint string
	Add               string // address, or ""
	Items             []claimItemView
}

type claimItemView struct {
	ID    string // of the element on the page
	Title string
	Cells []cellView
	Edit  string
	Strike,
	Struck string // where to strike it; why it was struck
	By string
}

var claimPage = page[claimView]{"claim"}

// claimRecord is the record that an address names.
func (v *visit) claimRecord() (amana.RecordID, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("record"))
	if err != nil {
		return id, amana.ErrNotFound
	}
	return id, nil
}

func (v *visit) claimFile() (casework.ClaimFile, claimShower, error) {
	id, err := v.claimRecord()
	if err != nil {
		return casework.ClaimFile{}, claimShower{}, err
	}
	file, err := v.desk.ReadClaim(v.Context(), id)
	if err != nil {
		return file, claimShower{}, err
	}
	world, err := v.desk.Claims(v.Context())
	sh := v.claimShower(world)
	sh.names = file.Names
	return file, sh, err
}

func (s *Server) showClaim(w http.ResponseWriter, v *visit) error {
	file, sh, err := v.claimFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	sheet := &file.Sheet
	f := v.form()
	view := claimView{
		Frame: s.frame(v, "claims", f), Form: f, Path: claimPath(sheet.ID), Kind: string(sheet.Kind), MayWrite: file.MayWrite,
		Title: sh.titleOf(sheet), Facts: sh.facts(sheet), Timeline: sh.timelineOf(file), Command: sheet.Kind == amana.KindActor,
		Consent: sheet.Kind == amana.KindAccount, Erase: file.MayErase,
	}
	if file.Unread+file.Tampered > 0 {
		view.Warnings = append(view.Warnings, v.lang.T("claims.unread", "n", file.Unread+file.Tampered))
	}
	for _, r := range file.Readers {
		view.Readers = append(view.Readers, readingView{When: r.When, By: sh.name(r.By)})
	}
	slices.Reverse(view.Readers)
	switch sheet.Kind { //nolint:exhaustive // those of ClaimKinds
	case amana.KindIncident:
		in := claim.IncidentOf(*sheet)
		view.Tags = sh.incidentRow(in).Tags
		view.Voices = sh.voices(in)
		if len(in.WrittenOver()) > 0 {
			view.Warnings = append(view.Warnings, v.lang.T("claims.written_over.more"))
		}
	case amana.KindActor:
		view.Drawing = sh.draw(claim.ActorOf(*sheet))
	case amana.KindAccount:
		view.Held = sh.answersHeld(file.Consents, file.Items, file.Told)
	}
	for _, list := range casework.ClaimLists(sheet.Kind) {
		view.Lists = append(view.Lists, sh.list(file, list))
	}
	return claimPage.render(s, w, v, http.StatusOK, view)
}

func (s claimShower) titleOf(sheet *claim.Sheet) string {
	for _, name := range []string{"event_title", "name_official", "publication_title", "source_code"} {
		if text := sheet.Value(name).Reveal(); text != "" {
			return text
		}
	}
	return s.lang.T("claims.untitled")
}

// facts are the fields of the record itself.
func (s claimShower) facts(sheet *claim.Sheet) (cells []cellView) {
	for _, f := range casework.ClaimFields(sheet.Kind, "") {
		if v := sheet.Value(f.Name); !v.IsZero() {
			text, soft := s.value(f, v)
			cells = append(cells, cellView{Label: s.lang.T("field." + f.Name), Text: text, Soft: soft, Long: f.Type == record.Words})
		}
	}
	return cells
}

// list shows the items of a list, each with its fields.
func (s claimShower) list(file casework.ClaimFile, list string) claimListView {
	sheet := &file.Sheet
	path := claimPath(sheet.ID) + "/list/" + list
	view := claimListView{List: list, Title: s.lang.T("claims.list." + list)}
	if file.MayWrite {
		view.Add = path
	}
	for _, id := range sheet.Items(list) {
		item := claimItemView{ID: list + "-" + id}
		for _, f := range casework.ClaimFields(sheet.Kind, list) {
			v := sheet.Value(list + "/" + id + "/" + f.Name)
			if v.IsZero() {
				continue
			}
			text, soft := s.value(f, v)
			if pointsTo(list+"/"+f.Name) != "" {
				text = s.pointed(sheet, list+"/"+f.Name, v.Reveal())
			}
			if list == record.Attributions && f.Name == "struck" {
				item.Struck = text
				continue
			}
			item.Cells = append(item.Cells, cellView{Label: s.lang.T("field." + list + "/" + f.Name), Text: text, Soft: soft, Long: f.Type == record.Words})
		}
		if file.MayWrite && casework.ClaimItemChangeable(list) {
			item.Edit = path + "/" + id
		}
		if file.MayWrite && list == record.Attributions && item.Struck == "" {
			item.Strike = claimPath(sheet.ID) + "/strike/" + id
		}
		view.Items = append(view.Items, item)
	}
	return view
}

// voices say on whose word an incident stands.
func (s claimShower) voices(in claim.Incident) (sections []claimSection) {
	c := claim.Corroborate(in)
	for _, side := range []struct {
		key    string
		voices []claim.Voice
	}{{"supports", c.Supports}, {"doubts", c.Doubts}, {"denies", c.Denies}} {
		sec := claimSection{Title: s.lang.T("claims.voices." + side.key), None: s.lang.T("claims.none")}
		for _, v := range side.voices {
			row := claimRow{Title: s.voice(v)}
			for _, one := range v.Claims {
				row.Lines = append(row.Lines, one.What.Reveal())
			}
			sec.Rows = append(sec.Rows, row)
		}
		sections = append(sections, sec)
	}
	if c.OneWay {
		sections[0].Lede = s.lang.T("claims.one_way.more")
	}
	return sections
}

func (s claimShower) timelineOf(file casework.ClaimFile) (all []momentView) {
	for _, m := range slices.Backward(file.Timeline) {
		text := s.lang.T("claims.did.changed")
		if strings.HasPrefix(m.What, "timeline.began") {
			text = s.lang.T("claims.did.began")
		} else if m.Consent != nil || m.What == "timeline.released" {
			text = s.lang.T(m.What)
		}
		all = append(all, momentView{When: m.When, By: s.name(m.By), Text: text})
	}
	return all
}

// answersHeld are answers in words, each with its items, and with what was explained
// before it.
func (s shower) answersHeld(consents []casework.Consent, items []record.ConsentState, told []casework.Told) (lines []heldLine) {
	for _, c := range consents {
		if c.Decision == amana.NotAsked {
			continue
		}
		text := joinDots(s.orNewer("purpose."+string(c.Purpose), "answer.newer"), s.whom(c.Recipient), s.orNewer("option.decision."+string(c.Decision), "answer.newer"))
		lines = append(lines, heldLine{text, s.day(c.Until)})
		for _, i := range items {
			if i.Purpose == c.Purpose && i.Recipient.Equal(c.Recipient) {
				lines = append(lines, heldLine{Text: joinDots("— "+s.orNewer("release.item."+i.Item, "answer.newer"), s.orNewer("option.decision."+string(i.Decision), "answer.newer"))})
			}
		}
		for _, e := range slices.Backward(told) {
			if e.Purpose == c.Purpose && e.Recipient.Equal(c.Recipient) {
				lines = append(lines, heldLine{Text: s.toldLine(e)})
				break // the last time
			}
		}
	}
	return lines
}

// toldLine says what was explained: by whom, in which language, from which text.
func (s shower) toldLine(e casework.Told) string {
	by := e.By.Reveal()
	if by == "" {
		by = s.name(e.Writer)
	}
	parts := []string{s.lang.T("claims.consent.explained", "version", e.Text, "name", by)}
	if e.Language != "" {
		parts = append(parts, s.option("language", e.Language))
	}
	if yes, _ := e.Interpreter.Bool(); yes {
		parts = append(parts, s.lang.T("claims.consent.interpreter"))
	}
	if e.Understood != "" {
		parts = append(parts, s.option("explained_understood", e.Understood))
	}
	return "— " + joinDots(parts...)
}

// relationDrawing is what an actor is to others, over the years.
type relationDrawing struct {
	Width, Height float64
	Years         []drawnText
	Bars          []drawnBar
}

type drawnText struct {
	X, Y float64
	Text string
}

type drawnBar struct {
	X, Y, W, H float64
	Kind       string // names, relations
	Label      drawnText
}

const (
	drawnWidth  = 1000.0
	drawnHeight = 26.0
	drawnRow    = 84.0
	drawnTop    = 40.0
)

// draw lays out the names of an actor and its relations as bars over years.
func (s claimShower) draw(a claim.Actor) *relationDrawing {
	type span struct{ from, to, text, kind string }
	var spans []span
	for _, n := range a.Names {
		spans = append(spans, span{n.From, n.To, n.Text, "name"})
	}
	for _, r := range a.Supports() {
		spans = append(spans, span{r.From, r.To, s.lang.T("brief.relation", "relation", s.option("actor_relation", r.Kind), "actor", s.actorName(r.Actor, r.From)), "relation"})
	}
	spans = slices.DeleteFunc(spans, func(x span) bool { return yearOf(x.from) == 0 })
	if len(spans) == 0 {
		return nil
	}
	first, last := yearOf(spans[0].from), yearOf(spans[0].from)
	for _, x := range spans {
		first = min(first, yearOf(x.from))
		last = max(last, yearOf(x.from)+1, yearOf(x.to)+1)
	}
	d := &relationDrawing{Width: drawnWidth, Height: drawnTop + drawnRow*float64(len(spans))}
	beginning := 0.0 // of a line of words
	if s.lang.Dir() == "rtl" {
		beginning = drawnWidth
	}
	at := func(year float64) float64 { return (year - first) / max(1, last-first) * (drawnWidth - 20) }
	for y := first; y <= last; y += max(1, float64(int((last-first)/8))) {
		d.Years = append(d.Years, drawnText{min(drawnWidth-40, max(40, at(float64(int(y))))), 22, strconv.Itoa(int(y))})
	}
	for i, x := range spans {
		end := last
		if x.to != "" {
			end = yearOf(x.to)
		}
		y := drawnTop + drawnRow*float64(i)
		d.Bars = append(d.Bars, drawnBar{
			X: at(yearOf(x.from)), Y: y + 44, W: max(8, at(end)-at(yearOf(x.from))), H: drawnHeight, Kind: x.kind,
			Label: drawnText{beginning, y + 22, joinDots(x.text, s.span(x.from, x.to))},
		})
	}
	return d
}

func (s claimShower) span(from, to string) string {
	if to == "" {
		return s.lang.T("brief.since", "date", s.lang.ISODate(from))
	}
	return s.lang.T("brief.from_to", "from", s.lang.ISODate(from), "to", s.lang.ISODate(to))
}

// yearOf is a date as a fraction of years, or 0.
func yearOf(iso string) float64 {
	if !record.IsDate(iso) {
		return 0
	}
	n := func(s string) (v float64) {
		for i := range len(s) {
			v = v*10 + float64(s[i]-'0')
		}
		return v
	}
	year := n(iso[:4])
	if len(iso) >= len("2006-01") {
		year += (n(iso[5:7]) - 1) / 12
	}
	return year
}

// showCommand is what a court would ask about those who command an actor, element by
// element, with what there is.
func (s *Server) showCommand(w http.ResponseWriter, v *visit) error {
	file, sh, err := v.claimFile()
	if err != nil {
		return err
	}
	if file.Sheet.Kind != amana.KindActor {
		return amana.ErrNotFound
	}
	list := s.claimList(v, "", "claims.command")
	list.Title = joinDots(v.lang.T("claims.command"), sh.titleOf(&file.Sheet))
	list.Back, list.Tabs = claimPath(file.Sheet.ID), nil
	for _, e := range sh.w.Command(file.Sheet.ID) {
		sec := claimSection{ID: e.ID, Title: v.lang.T("claims.element." + e.ID), Lede: v.lang.T("claims.element." + e.ID + ".lede"), None: v.lang.T("claims.gap")}
		for _, l := range e.Lines {
			row := claimRow{Title: v.lang.T("claims.line." + l.Kind), Lines: []string{
				l.Words.Reveal(), joinDots(sh.optionOrNone(l.List, l.Choice), sh.day(l.From), sh.day(l.To)),
			}}
			if p, known := sh.w.Publications[l.In]; known {
				row.Lines = append(row.Lines, v.lang.T("brief.in", "in", p.Title))
			} else if l.Incident.IsZero() {
				row.Lines = append(row.Lines, v.lang.T("claims.no_source"))
			}
			if !l.Incident.IsZero() {
				row.Path = claimPath(l.Incident)
				row.Lines = append(row.Lines, sh.incidentNamed(l.Incident))
			}
			sec.Rows = append(sec.Rows, row)
		}
		list.Sections = append(list.Sections, sec)
	}
	return claimsPage.render(s, w, v, http.StatusOK, list)
}

// incidentNamed is the title of an incident by its id.
func (s claimShower) incidentNamed(id amana.RecordID) string {
	for _, in := range s.w.Incidents {
		if in.ID == id {
			return s.incidentTitle(in)
		}
	}
	return ""
}
