package web

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"amana"
	"amana/internal/brief"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/huridocs"
	"amana/internal/release"
)

// What one release needs from request to request, on the shelf of the session.
const (
	askKey  = "release.ask"
	fileKey = "release.file"
)

// releaseFiles are the files that were made of one release. They are kept nowhere but
// on the shelf, until the next one or until the desk is locked.
type releaseFiles struct {
	id      amana.RecordID
	cleared release.Cleared
	files   map[string][]byte
}

// releaseFormats say what can be made, and for which purposes.
var releaseFormats = map[string][]amana.Purpose{
	brief.Format:    {amana.PurposePublication},
	huridocs.Format: {amana.PurposeAccountability},
}

func (s *Server) showLedger(w http.ResponseWriter, v *visit) error {
	rows, err := v.desk.Ledger(v.Context())
	if err != nil {
		return err
	}
	list := s.claimList(v, "/releases", "releases.title")
	list.Lede = v.lang.T("releases.title.lede")
	if mayReleaseAny(v.me().Roles) {
		list.Actions = []claimTab{{Path: "/releases/new", Text: v.lang.T("releases.new")}}
	}
	recalls, err := v.desk.Recalls(v.Context())
	if err != nil {
		return err
	}
	twice, err := v.disputes(false)
	if err != nil {
		return err
	}
	sh := v.shower(v.memberNames())
	sec := claimSection{None: v.lang.T("releases.none")}
	for _, r := range rows {
		sec.Rows = append(sec.Rows, sh.ledgerRow(r))
	}
	if len(recalls) > 0 {
		list.Sections = []claimSection{sh.recalls(recalls)}
		sec.Title = v.lang.T("releases.all")
	}
	if len(twice) > 0 {
		list.Sections = append(list.Sections, claimSection{ID: "twice", Title: v.lang.T("settle.list"), Lede: v.lang.T("settle.list.hint"), Rows: twice})
		sec.Title = v.lang.T("releases.all")
	}
	list.Sections = append(list.Sections, sec)
	rules := v.desk.ReleaseRules()
	list.Lede = joinLines(list.Lede, v.lang.T("releases.rules", "bulk", rules.Bulk, "days", int(rules.Window/day), "n", rules.Approvals, "hours", int(rules.Delay/time.Hour)))
	return claimsPage.render(s, w, v, http.StatusOK, list)
}

const day = 24 * time.Hour

func joinLines(parts ...string) string { return strings.Join(parts, " ") }

// recalls are the recipients who are still to be told of a withdrawal, each with a
// way to the draft of what to say.
func (s shower) recalls(list []casework.Recall) claimSection {
	sec := claimSection{ID: "recalls", Title: s.lang.T("releases.recalls"), Lede: s.lang.T("releases.recalls.lede")}
	for _, r := range list {
		row := s.ledgerRow(r.Row)
		row.Tags = nil
		for _, why := range r.Reasons {
			row.Tags = append(row.Tags, tag{"high", s.lang.T(why)})
		}
		row.Lines = []string{joinDots(s.lang.DateTime(r.Since), s.lang.T("releases.people", "n", r.People))}
		sec.Rows = append(sec.Rows, row)
	}
	return sec
}

func mayReleaseAny(roles []amana.Role) bool {
	return release.MayRelease(amana.PurposePublication, roles) || release.MayRelease(amana.PurposeAccountability, roles)
}

func (s shower) ledgerRow(r casework.LedgerRow) claimRow {
	scope := r.Proposal.Scope
	row := claimRow{
		Path: "/releases/r/" + r.ID.String(), Title: joinDots(s.lang.T("purpose."+string(scope.Purpose)), s.whom(scope.Recipient)),
		Tags: []tag{{map[string]string{"left": "yes", "proposed": "medium"}[r.State], s.lang.T("releases.state." + r.State)}},
	}
	if row.Tags[0].Kind == "" {
		row.Tags[0].Kind = "none"
	}
	when, by := r.Proposal.When, r.Proposal.By
	if !r.Left.IsZero() {
		when, by = r.Left, r.By
	}
	row.Lines = []string{
		joinDots(s.lang.DateTime(when), s.name(by), s.lang.T("releases.format."+scope.Format), s.lang.T("releases.records", "n", len(scope.Records))),
		r.Proposal.Reason.Reveal(),
	}
	return row
}

// releaseNewView asks what is to leave, for what and to whom.
type releaseNewView struct {
	Frame
	Form    form
	Formats []dropChoice
	Records []tick
}

var releaseNewPage = page[releaseNewView]{"release_new"}

func (s *Server) showNewClaimRelease(w http.ResponseWriter, v *visit) error {
	if !mayReleaseAny(v.me().Roles) {
		return amana.ErrRefused
	}
	world, err := v.desk.Claims(v.Context())
	if err != nil {
		return err
	}
	sh := v.claimShower(world)
	f := v.form()
	view := releaseNewView{Frame: s.frame(v, "claims", f), Form: f}
	for _, format := range []string{brief.Format, huridocs.Format} {
		view.Formats = append(view.Formats, dropChoice{format, v.lang.T("releases.format." + format), f.Get("format") == format})
	}
	for _, in := range world.Chronology() {
		t := newTick(f, "records", in.ID.String(), joinDots(sh.when(in), sh.incidentTitle(in)))
		t.On = t.On || !f.Failed()
		view.Records = append(view.Records, t)
	}
	return releaseNewPage.render(s, w, v, http.StatusOK, view)
}

// askRelease puts what is asked for on the shelf, with the parties and publications
// that it names, and shows what would leave.
func (s *Server) askRelease(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	format := f.Get("format")
	purposes := releaseFormats[format]
	if len(purposes) == 0 {
		f.wrong("format", "invalid.required")
	} else if purposes[0] == amana.PurposeAccountability {
		f.need("recipient", "release.refused.no_recipient")
	}
	ask := casework.ReleaseAsk{Format: format, Recipient: amana.Conceal(f.Get("recipient"))}
	for _, text := range f.All("records") {
		if id, err := amana.ParseID[amana.Record](text); err == nil {
			ask.Records = append(ask.Records, id)
		}
	}
	if len(ask.Records) == 0 {
		f.wrong("records", "invalid.required")
	}
	if f.Failed() {
		return v.again(w, "/releases/new", f)
	}
	ask.Purpose = purposes[0]
	if ask.Purpose == amana.PurposePublication {
		ask.Recipient = amana.Private{}
	}
	if err := v.addNamed(&ask); err != nil {
		return err
	}
	v.session.put(askKey, ask)
	return v.see(w, "/releases/check")
}

// addNamed adds the parties, publications and accounts that the incidents name.
func (v *visit) addNamed(ask *casework.ReleaseAsk) error {
	world, err := v.desk.Claims(v.Context())
	if err != nil {
		return err
	}
	add := func(id amana.RecordID, known bool) {
		if known && !slices.Contains(ask.Records, id) {
			ask.Records = append(ask.Records, id)
		}
	}
	for _, in := range world.Chronology() {
		if !slices.Contains(ask.Records, in.ID) {
			continue
		}
		for _, c := range in.Claims {
			for _, id := range []amana.RecordID{c.In, c.Cited} {
				_, known := world.Publications[id]
				add(id, known)
			}
			_, known := world.Accounts[c.Account]
			add(c.Account, known && ask.Purpose == amana.PurposeAccountability)
		}
	}
	var actors []amana.RecordID // all: who came after whom, and who answered, is of the whole
	for id := range world.Actors {
		actors = append(actors, id)
	}
	slices.SortFunc(actors, func(a, b amana.RecordID) int { return strings.Compare(a.String(), b.String()) })
	for _, id := range actors {
		add(id, true)
	}
	return nil
}

// releaseCheckView is what would leave, and why not the rest.
type releaseCheckView struct {
	Frame
	Form       form
	Title      string
	Refused    string
	Needs      string
	Rules      release.Rules
	Hours      int
	Sections   []claimSection
	Conditions []tick
	MayPropose bool
	Proposal   bool
}

var releaseCheckPage = page[releaseCheckView]{"release_check"}

func (s *Server) showReleaseCheck(w http.ResponseWriter, v *visit) error {
	ask := shelved[casework.ReleaseAsk](v.session, askKey)
	if ask.Format == "" {
		return v.see(w, "/releases/new")
	}
	preview, err := v.desk.PreviewRelease(v.Context(), ask)
	if err != nil {
		return err
	}
	world, err := v.desk.Claims(v.Context())
	if err != nil {
		return err
	}
	sh, f := v.claimShower(world), v.form()
	rules := v.desk.ReleaseRules()
	view := releaseCheckView{
		Form: f, Frame: s.frame(v, "claims", f), Rules: rules, Hours: int(rules.Delay / time.Hour), Proposal: !ask.Proposal.IsZero(),
		Title: joinDots(v.lang.T("releases.format."+ask.Format), v.lang.T("purpose."+string(ask.Purpose)), sh.whom(ask.Recipient)),
	}
	if preview.Refused != "" {
		view.Refused = v.lang.T(preview.Refused)
	}
	if preview.Needs != "" {
		view.Needs, view.MayPropose = v.lang.T(preview.Needs), ask.Proposal.IsZero()
	}
	view.Sections = sh.decided(preview.Records)
	for _, d := range preview.Records {
		words := d.Consent.Conditions.Reveal()
		known := slices.ContainsFunc(view.Conditions, func(t tick) bool { return t.Value == words })
		if words != "" && !known {
			view.Conditions = append(view.Conditions, newTick(f, "met", words, words))
		}
	}
	return releaseCheckPage.render(s, w, v, http.StatusOK, view)
}

// decided groups what was decided: what leaves, what leaves widened, what stays, each
// by field and reason, with how often.
func (s claimShower) decided(records []release.Decided) []claimSection {
	order := []release.Verdict{release.Whole, release.Widened, release.Withheld}
	sections := make([]claimSection, len(order))
	for i, v := range order {
		sections[i] = claimSection{ID: string(v), Title: s.lang.T("release.verdict." + string(v)), None: s.lang.T("claims.none")}
	}
	counts := map[string]int{}
	var keys []string
	for _, d := range records {
		for _, l := range d.Lines {
			key := string(l.Verdict) + "|" + l.Reason + "|" + schemaField(l.Name)
			if counts[key] == 0 {
				keys = append(keys, key)
			}
			counts[key]++
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		verdict, rest, _ := strings.Cut(key, "|")
		reason, name, _ := strings.Cut(rest, "|")
		i := slices.Index(order, release.Verdict(verdict))
		rows := &sections[i].Rows
		why := s.lang.T(reason)
		label := s.lang.T("release.times", "field", s.fieldOfList(name), "n", counts[key])
		if n := len(*rows); n > 0 && (*rows)[n-1].Title == why {
			(*rows)[n-1].Lines[0] += s.lang.T("cases.comma") + label
			continue
		}
		*rows = append(*rows, claimRow{Title: why, Lines: []string{label}})
	}
	return sections
}

// fieldOfList names a field with the list in which it stands.
func (s claimShower) fieldOfList(name string) string {
	label := s.lang.T("field." + name)
	if list, _, in := strings.Cut(name, "/"); in {
		return s.lang.T("claims.list."+list) + " – " + label
	}
	return label
}

func schemaField(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) == 3 {
		return parts[0] + "/" + parts[2]
	}
	return name
}

// carryOutRelease lets leave what may, or asks others first.
func (s *Server) carryOutRelease(w http.ResponseWriter, v *visit) error {
	ask := shelved[casework.ReleaseAsk](v.session, askKey)
	f := v.typed()
	if ask.Format == "" {
		return v.see(w, "/releases/new")
	}
	if f.Has("do", "propose") {
		id, err := v.desk.ProposeRelease(v.Context(), ask, amana.Conceal(f.Get("reason")))
		if err != nil {
			return v.refuse(w, "/releases/check", f, namedBy("", err))
		}
		return v.done(w, "/releases/r/"+id.String(), "releases.proposed")
	}
	for _, words := range f.All("met") {
		ask.Met = append(ask.Met, amana.Conceal(words))
	}
	cleared, err := v.desk.Clear(v.Context(), ask)
	if no, ok := errors.AsType[*release.RefusedError](err); ok {
		f.wrong("", no.Why)
		return v.again(w, "/releases/check", f)
	}
	if err != nil {
		return v.refuse(w, "/releases/check", f, namedBy("", err))
	}
	files, err := s.filesOf(v, cleared)
	if err != nil {
		return err
	}
	v.session.put(fileKey, releaseFiles{cleared.ID(), cleared, files})
	v.session.put(askKey, nil)
	return v.done(w, "/releases/r/"+cleared.ID().String(), "releases.left")
}

// filesOf makes the files of a release, by name.
func (s *Server) filesOf(v *visit, c release.Cleared) (map[string][]byte, error) {
	switch c.Format() {
	case brief.Format:
		b, err := s.briefOf(v, c)
		if err != nil {
			return nil, err
		}
		page, err := b.HTML()
		if err != nil {
			return nil, err
		}
		printed, err := b.PDF()
		return map[string][]byte{"espace.html": page, "espace.md": b.Markdown(), "espace.pdf": printed}, err
	case huridocs.Format:
		var out bytes.Buffer
		err := huridocs.Write(&out, c)
		return map[string][]byte{"espace.json": out.Bytes()}, err
	}
	return nil, amana.ErrInvalid
}

// briefOf makes a brief. What it says is on record before anybody has it, so that the
// next one knows what can be put beside it.
func (s *Server) briefOf(v *visit, c release.Cleared) (brief.Brief, error) {
	before, err := v.desk.SaidBefore(v.Context(), c.ID())
	if err != nil {
		return brief.Brief{}, err
	}
	t, date := briefReader(v.lang)
	b, err := brief.Compose(c, before, s.publicHelp(v), brief.Reader{T: t, Date: date, Lang: v.lang.Tag(), Dir: v.lang.Dir()})
	if err != nil {
		return brief.Brief{}, err
	}
	return b, v.desk.NoteSaid(v.Context(), c, b.Said)
}

// publicHelp says what help there is, as everybody may know it.
func (s *Server) publicHelp(v *visit) (lines []string) {
	d, err := v.desk.Services(v.Context())
	if err != nil {
		return nil
	}
	for _, p := range directory.For(d.All(), directory.ForPublic, s.now()).Services {
		told := p.Told()
		lines = append(lines, joinDots(told.Text("name"), told.Text("description")))
	}
	slices.Sort(lines)
	return lines
}

func (s *Server) releaseFile(w http.ResponseWriter, v *visit) error {
	files := shelved[releaseFiles](v.session, fileKey)
	name := v.PathValue("name")
	raw, there := files.files[name]
	if !there {
		return amana.ErrNotFound
	}
	kind := map[string]string{"espace.html": "text/html", "espace.md": "text/markdown", "espace.json": "application/json"}[name] + "; charset=utf-8"
	if name == "espace.pdf" {
		kind = "application/pdf"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(raw) // an error is the browser's going away
	return nil
}
