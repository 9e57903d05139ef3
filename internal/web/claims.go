package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/claim"
	"amana/internal/i18n"
)

// claimRoutes are the routes of the accountability compartment.
func (s *Server) claimRoutes() map[string]handler {
	return map[string]handler{
		"GET /claims":                                s.showIncidents,
		"GET /claims/of/{kind}":                      s.showClaimKind,
		"GET /claims/view/{view}":                    s.showClaimView,
		"POST /claims/alike":                         s.relateIncidents,
		"GET /claims/map":                            s.showClaimMap,
		"POST /claims/map":                           s.takeBoundaries,
		"GET /claims/import":                         s.showClaimImport,
		"POST /claims/import":                        s.takeClaimImport,
		"GET /claims/new/{kind}":                     s.showNewClaim,
		"POST /claims/new/{kind}":                    s.beginClaim,
		"GET /claims/r/{record}":                     s.showClaim,
		"GET /claims/r/{record}/edit":                s.showClaimEdit,
		"POST /claims/r/{record}/edit":               s.changeClaim,
		"GET /claims/r/{record}/list/{list}":         s.showClaimItem,
		"POST /claims/r/{record}/list/{list}":        s.addClaimItem,
		"GET /claims/r/{record}/list/{list}/{item}":  s.showClaimItem,
		"POST /claims/r/{record}/list/{list}/{item}": s.changeClaimItem,
		"POST /claims/r/{record}/strike/{item}":      s.strikeAttribution,
		"GET /claims/r/{record}/command":             s.showCommand,
		"GET /claims/r/{record}/consent":             s.showAccountConsent,
		"POST /claims/r/{record}/consent":            s.answerAccount,
		"GET /claims/r/{record}/left":                s.showLeftOfAccount,
		"GET /claims/r/{record}/erase":               s.showClaimErase,
		"POST /claims/r/{record}/erase":              s.eraseClaim,
		"GET /cases/{case}/items":                    s.showCaseItems,
		"POST /cases/{case}/items":                   s.answerCaseItems,
		"GET /cases/{case}/left":                     s.showLeftOfCase,
		"GET /releases":                              s.showLedger,
		"GET /releases/new":                          s.showNewClaimRelease,
		"POST /releases/new":                         s.askRelease,
		"GET /releases/check":                        s.showReleaseCheck,
		"POST /releases/check":                       s.carryOutRelease,
		"GET /releases/r/{release}":                  s.showLedgerEntry,
		"POST /releases/r/{release}/answer":          s.answerProposal,
		"POST /releases/r/{release}/back":            s.takeBackProposal,
		"POST /releases/r/{release}/told":            s.noteTold,
		"POST /releases/r/{release}/check":           s.takeUpProposal,
		"GET /releases/file/{name}":                  s.releaseFile,
	}
}

// claimList is a page of sections of rows: most pages of the compartment are one.
type claimList struct {
	Frame
	Title, Lede string
	Back        string // address, or ""
	Tabs        []claimTab
	Actions     []claimTab
	Sections    []claimSection
	Upload      *claimUpload
	Map         *claimMap
	Relate      *relateForm
	Form        form
	Closed      bool // the member is in no team of the compartment
}

// claimUpload asks for a file.
type claimUpload struct{ Action, Label, Hint, Accept string }

type claimTab struct {
	Path, Text string
	On         bool
}

type claimSection struct {
	ID, Title, Lede string
	Rows            []claimRow
	None            string
}

type claimRow struct {
	Path  string // "" where it leads nowhere
	Title string
	Tags  []tag
	Lines []string
}

var claimsPage = page[claimList]{"claims"}

// claimShower writes claims in the reader's language.
type claimShower struct {
	shower
	w claim.World
}

func (v *visit) claimShower(w claim.World) claimShower {
	return claimShower{v.shower(nil), w}
}

func (s *Server) claimList(v *visit, here, title string) claimList {
	list := claimList{Frame: s.frame(v, "claims"), Title: v.lang.T(title), Lede: v.lang.T(title + ".lede")}
	for _, t := range [][2]string{
		{"/claims", "claims.incidents"},
		{"/claims/view/timeline", "claims.timeline"},
		{"/claims/map", "claims.map"},
		{"/claims/view/numbers", "claims.numbers"},
		{"/claims/view/sources", "claims.sources"},
		{"/claims/view/conflict", "claims.conflict"},
		{"/claims/of/actor", "claims.actors"},
		{"/claims/view/before", "claims.before"},
		{"/claims/view/answers", "claims.answers"},
		{"/claims/view/silent", "claims.silent"},
		{"/claims/view/exposed", "claims.exposed"},
		{"/claims/view/alike", "claims.alike"},
		{"/claims/of/publication", "claims.publications"},
		{"/claims/of/account", "claims.accounts"},
		{"/releases", "releases.title"},
	} {
		list.Tabs = append(list.Tabs, claimTab{t[0], v.lang.T(t[1]), t[0] == here})
	}
	_, err := v.desk.ClaimsTeam()
	list.Closed = err != nil
	return list
}

func claimPath(id amana.RecordID) string { return "/claims/r/" + id.String() }

// incidentTitle names an incident, also one that nobody gave a name.
func (s claimShower) incidentTitle(in claim.Incident) string {
	return cmp.Or(in.Title.Reveal(), s.lang.T("claims.untitled"))
}

// when says when an incident was, as exactly as is known.
func (s claimShower) when(in claim.Incident) string {
	switch {
	case in.From == "":
		return s.lang.T("claims.undated")
	case in.To != "" && in.To != in.From:
		return s.lang.T("brief.from_to", "from", s.lang.ISODate(in.From), "to", s.lang.ISODate(in.To))
	}
	return s.lang.ISODate(in.From)
}

func (s claimShower) where(in claim.Incident) string {
	var parts []string
	for _, p := range []string{in.Place.Village.Reveal(), in.Place.District, in.Place.Region, in.Place.Country} {
		if p != "" && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, s.lang.T("cases.comma"))
}

func (s claimShower) acts(in claim.Incident) string {
	var names []string
	for _, a := range in.Acts {
		if name := s.option("mt4", a.Type); a.Type != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, s.lang.T("cases.comma"))
}

func (s claimShower) incidentRow(in claim.Incident) claimRow {
	row := claimRow{Path: claimPath(in.ID), Title: s.incidentTitle(in), Lines: []string{joinDots(s.when(in), s.where(in)), s.acts(in)}}
	c := claim.Corroborate(in)
	row.Tags = append(row.Tags, tag{"open", s.lang.T("claims.n_sources", "n", len(c.Supports))})
	if c.OneWay {
		row.Tags = append(row.Tags, tag{"none", s.lang.T("claims.one_way")})
	}
	if len(c.Denies)+len(c.Doubts) > 0 {
		row.Tags = append(row.Tags, tag{"medium", s.lang.T("claims.disputed")})
	}
	status := tag{"none", s.option("verification_status", in.Status())}
	if in.Status() == claim.Verified {
		status.Kind = "yes"
	}
	row.Tags = append(row.Tags, status)
	if len(in.WrittenOver()) > 0 {
		row.Tags = append(row.Tags, tag{"clash", s.lang.T("claims.written_over")})
	}
	return row
}

func joinDots(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " · ")
}

func (s *Server) showIncidents(w http.ResponseWriter, v *visit) error {
	world, err := v.desk.Claims(v.Context())
	if err != nil {
		return err
	}
	sh := v.claimShower(world)
	list := s.claimList(v, "/claims", "claims.incidents")
	if !list.Closed {
		list.Actions = []claimTab{{Path: "/claims/new/incident", Text: v.lang.T("claims.new.incident")}, {Path: "/claims/import", Text: v.lang.T("claims.import")}}
	}
	for _, scope := range []string{"event", "pattern", "context"} {
		sec := claimSection{ID: scope, Title: v.lang.T("claims.scope." + scope), None: v.lang.T("claims.none")}
		for _, in := range slices.Backward(world.Chronology()) {
			if in.Scope == scope || scope == "event" && in.Scope == "" {
				sec.Rows = append(sec.Rows, sh.incidentRow(in))
			}
		}
		list.Sections = append(list.Sections, sec)
	}
	return claimsPage.render(s, w, v, http.StatusOK, list)
}

// claimKindOf is the kind that an address names.
func (v *visit) claimKindOf() (amana.Kind, error) {
	kind := amana.Kind(v.PathValue("kind"))
	if !slices.Contains(casework.ClaimKinds(), kind) {
		return "", amana.ErrNotFound
	}
	return kind, nil
}

func (s *Server) showClaimKind(w http.ResponseWriter, v *visit) error {
	kind, err := v.claimKindOf()
	if err != nil {
		return err
	}
	world, err := v.desk.Claims(v.Context())
	if err != nil {
		return err
	}
	sh := v.claimShower(world)
	list := s.claimList(v, "/claims/of/"+string(kind), "claims."+string(kind)+"s")
	if !list.Closed {
		list.Actions = []claimTab{{Path: "/claims/new/" + string(kind), Text: v.lang.T("claims.new." + string(kind))}}
	}
	sec := claimSection{ID: string(kind), None: v.lang.T("claims.none")}
	switch kind { //nolint:exhaustive // those of ClaimKinds
	case amana.KindActor:
		for _, a := range world.Actors {
			row := claimRow{Path: claimPath(a.ID), Title: a.Name, Lines: []string{joinDots(sh.option("actor_kind", a.Kind), a.Country)}}
			for _, r := range a.Supports() {
				row.Lines = append(row.Lines, sh.relation(r))
			}
			sec.Rows = append(sec.Rows, row)
		}
	case amana.KindPublication:
		for _, p := range world.Publications {
			sec.Rows = append(sec.Rows, claimRow{Path: claimPath(p.ID), Title: p.Title, Lines: []string{joinDots(p.By, sh.day(p.On))}})
		}
	case amana.KindAccount:
		for _, a := range world.Accounts {
			sec.Rows = append(sec.Rows, claimRow{Path: claimPath(a.ID), Title: a.Code, Lines: []string{joinDots(sh.option("source_said", a.Said), sh.day(a.On))}})
		}
	}
	slices.SortFunc(sec.Rows, func(a, b claimRow) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), strings.Compare(a.Path, b.Path))
	})
	list.Sections = []claimSection{sec}
	return claimsPage.render(s, w, v, http.StatusOK, list)
}

func (s shower) day(iso string) string {
	if iso == "" {
		return ""
	}
	return s.lang.ISODate(iso)
}

func (s claimShower) actorName(id amana.RecordID, day string) string {
	return cmp.Or(s.w.NameOn(id, day), s.lang.T("claims.nobody"))
}

// relation says what an actor is to another, since when, and by how many sources.
func (s claimShower) relation(r claim.Supported) string {
	text := s.lang.T("brief.relation", "relation", s.option("actor_relation", r.Kind), "actor", s.actorName(r.Actor, ""))
	if r.From != "" {
		text += s.lang.T("cases.comma") + s.lang.T("brief.since", "date", s.lang.ISODate(r.From))
	}
	if r.Opinion {
		text = joinDots(text, s.lang.T("brief.opinion"))
	}
	return joinDots(text, s.lang.T("claims.n_sources", "n", r.Sources))
}

// reader is the language as a brief needs it.
func briefReader(lang i18n.Language) (t func(string, ...any) string, date func(string) string) {
	return lang.T, lang.ISODate
}
