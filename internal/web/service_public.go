package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/i18n"
	"amana/internal/translate"
)

// The page for everyone is one file that needs nothing else: no login, no cookie, no
// store, no network. It is made once, from what the public may be told, and lies
// ready without a key.

// publicPolicy lets the page's own style and its one line of script run, and nothing
// else; a test holds the digests to what stands in the page.
const publicPolicy = "default-src 'none'; style-src 'sha256-" + publicStyle + "'; script-src 'sha256-" + publicScript + "'; media-src data:; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

const (
	publicStyle  = "3BLvCUxEj0GYi/hwIjg6f97HGuo3SK9UaDO0tkUvzmQ="
	publicScript = "Aj+guX72Iq3HixDL9XPw1IwmIyybYQismq8zj3E5Kjw="
)

// servePublic answers whoever asks, and neither looks for a session nor begins one.
func (s *Server) servePublic(w http.ResponseWriter, r *http.Request) {
	body, err := s.office.PublicPage()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Security-Policy", publicPolicy)
	_ = send(w, r, http.StatusOK, body) // an error is the browser's going away
}

// publicHead is what stands above the parts, in no language.
type publicHead struct {
	Parts  []publicPart
	Others []publicOther
}

// publicPart is the page in one language.
type publicPart struct {
	Lang, Dir, Name string
	Exit            string
	Unread          bool              // nobody signed this translation
	Sounds          map[string]string // by the key of the text, where its sound is put
	sounds          map[string][]byte // likewise, what is put there
	speaks          i18n.Language
	On              string // the day it was made
	Truths          []string
	Kinds           []publicKind
}

// publicOther is a language that the page is not written in yet, and the one that
// serves its speakers best.
type publicOther struct{ Name, Lang, In string }

// publicKind are the services of one kind.
type publicKind struct {
	ID, Name string
	Services []publicService
}

// publicService is what one service is told by.
type publicService struct {
	Name, Organization string
	Phones             []publicPhone
	Where, How         []string
	Hours              []string
	Good               []string // what speaks for it
	About              string
}

type publicPhone struct{ Shown, Digits string }

// Truths are what the page may say to everybody, where somebody here vouches that it
// is so.
func truths() []string { return []string{"free", "secret", "hours", "later", "police", "papers"} }

var (
	publicHeadPage = page[publicHead]{"public-head"}
	publicPartPage = page[publicPart]{"public-part"}
	publicFootPage = page[publicHead]{"public-foot"}
)

// publicPage makes the page from what the public may be told.
func (s *Server) publicPage(v *visit, p directory.Projection, vouched []string) ([]byte, error) {
	if p.Audience() != directory.ForPublic {
		return nil, fmt.Errorf("web: public page: %w", amana.ErrRefused)
	}
	head := publicHead{Others: v.otherLanguages(s)}
	spoken := v.typed().All("sound")
	var said []string
	for _, id := range truths() {
		if slices.Contains(vouched, id) {
			said = append(said, id)
		}
	}
	part := func(lang i18n.Language) publicPart {
		sh := v.shower(nil)
		sh.lang = lang
		return publicPart{
			Lang: lang.Tag(), Dir: lang.Dir(), Name: lang.Name(), Exit: lang.T("public.exit"), On: lang.Date(s.now()), Truths: said,
			Kinds: sh.publicKinds(p), speaks: lang,
		}
	}
	for _, tag := range s.publicLanguages(v) {
		head.Parts = append(head.Parts, part(s.catalogue.Language(tag)))
	}
	all := v.desk.Words(s.catalogue)
	for _, one := range all {
		if lang, there := s.catalogue.Local(one.Pack.Tag, packsOf(all)...); there {
			brought := part(lang)
			brought.Unread = one.Pack.Review == nil
			if slices.Contains(spoken, one.Pack.Tag) {
				brought.hears(one)
			}
			head.Parts = append(head.Parts, brought)
		}
	}
	var b bytes.Buffer
	if err := publicHeadPage.into(s, &b, head.Parts[0].speaks, head); err != nil {
		return nil, err
	}
	for _, part := range head.Parts {
		var one bytes.Buffer
		if err := publicPartPage.into(s, &one, part.speaks, part); err != nil {
			return nil, err
		}
		b.Write(part.withSounds(one.Bytes()))
	}
	err := publicFootPage.into(s, &b, head.Parts[0].speaks, head)
	return b.Bytes(), err
}

// into writes a part of a page in a language.
func (p page[T]) into(s *Server, b *bytes.Buffer, lang i18n.Language, data T) error {
	t, err := s.templates.in(lang)
	if err != nil {
		return err
	}
	if err := t.ExecuteTemplate(b, p.name, data); err != nil {
		return fmt.Errorf("web: page %s: %w", p.name, err)
	}
	return nil
}

// publicLanguages are the languages of the page, those of the organisation first.
func (s *Server) publicLanguages(v *visit) []string {
	var tags []string
	for _, tag := range append(languagesOf(v.desk.Organisation()), s.catalogue.Tags()...) {
		if slices.Contains(s.catalogue.Tags(), tag) && !slices.Contains(tags, tag) && !strings.HasPrefix(tag, "xx-") {
			tags = append(tags, tag)
		}
	}
	return tags
}

// selfNames are the languages of the region as their speakers write them.
var selfNames = []struct{ code, name string }{
	{"bam", "Bamanankan"},
	{"ffm", "Fulfulde"},
	{"fuc", "Pulaar"},
	{"hau", "Hausa"},
	{"mey", "حسانية"},
	{"ses", "Soŋay"},
	{"snk", "Sooninkanxanne"},
	{"taq", "Tamasheq"},
	{"ttq", "Tawallammat"},
}

func (v *visit) otherLanguages(s *Server) (others []publicOther) {
	brought := v.desk.Words(s.catalogue)
	for _, one := range selfNames {
		tag, _ := s.catalogue.Canonical(one.code)
		if slices.ContainsFunc(brought, func(w casework.Words) bool { return w.Pack.Tag == tag }) {
			continue
		}
		lang := s.catalogue.Match(one.code)
		others = append(others, publicOther{one.name, lang.Tag(), lang.Name()})
	}
	return others
}

// soundAt stands in a part of the page where the sound of a text is put once the part
// is made.
const soundAt = "sound/"

// hears gives a part the sounds of a language.
func (p *publicPart) hears(one casework.Words) {
	p.sounds, p.Sounds = one.Sounds, map[string]string{}
	for key := range one.Sounds {
		p.Sounds[key] = soundAt + key
	}
}

// withSounds puts the sounds of a part into it as data: the page is carried as one file,
// and asks nobody for anything. No text of the page can look like a place for one: its
// quotes are escaped.
func (p *publicPart) withSounds(part []byte) []byte {
	for key, raw := range p.sounds {
		if kind, err := translate.SoundType(raw); err == nil {
			data := "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(raw)
			part = bytes.ReplaceAll(part, []byte(`src="`+soundAt+key+`"`), []byte(`src="`+data+`"`))
		}
	}
	return part
}

// publicKinds puts services under the first kind of help that they are told to be.
func (s shower) publicKinds(p directory.Projection) []publicKind {
	byKind := map[string][]publicService{}
	for _, one := range p.Services {
		told, kind := one.Told(), "other_service"
		if kinds := told.List("service_types"); len(kinds) > 0 {
			kind = kinds[0]
		}
		byKind[kind] = append(byKind[kind], s.publicService(told))
	}
	var kinds []publicKind
	for _, id := range directory.Types() {
		if list := byKind[id]; len(list) > 0 {
			slices.SortFunc(list, func(a, b publicService) int { return strings.Compare(a.Name, b.Name) })
			kinds = append(kinds, publicKind{id, s.service(id), list})
		}
	}
	return kinds
}

func (s shower) publicService(told directory.Service) publicService {
	p := told.Plain()
	one := publicService{
		Name: told.Name(), Hours: s.plainWords("hours", p["hours"]), How: append(p["application_process"], p["after_hours"]...),
		About: strings.Join(p["description"], "\n"),
	}
	if org := told.Organization(); org != one.Name {
		one.Organization = org
	}
	for _, number := range p["phones"] {
		one.Phones = append(one.Phones, publicPhone{number, digitsOf(number)})
	}
	for _, name := range []string{"place", "address", "city", "directions"} {
		one.Where = append(one.Where, p[name]...)
	}
	if len(one.Where) == 0 {
		one.Where = p["areas"]
	}
	for _, flag := range []string{"women_on_staff", "child_competent", "male_competent", "disability_access", "transport_support"} {
		if told.Text(flag) == directory.Yes {
			one.Good = append(one.Good, s.lang.T("services.good."+flag))
		}
	}
	if languages := s.plainWords("languages", p["languages"]); len(languages) > 0 {
		one.Good = append(one.Good, strings.Join(languages, s.lang.T("frame.comma")))
	}
	one.Good = append(one.Good, p["fees_description"]...)
	return one
}

// digitsOf is a number as a telephone takes it.
func digitsOf(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, western(number))
}

// publicView is the page from which the page for everyone is published.
type publicView struct {
	Frame
	Form      form
	Published bool
	Told      int
	Left      []string
	Truths    []tick
	Spoken    []tick // languages that have sounds
}

var publicPage = page[publicView]{"service_public"}

func (s *Server) showPublic(w http.ResponseWriter, v *visit) error {
	if !v.desk.ServiceRights().Publish {
		return amana.ErrRefused
	}
	p, err := v.desk.ExportServices(v.Context(), directory.ForPublic)
	if err != nil {
		return err
	}
	f, sh := v.form(), v.shower(nil)
	view := publicView{Frame: s.frame(v, "services", f), Form: f, Told: len(p.Services), Left: sh.left(p.Left)}
	switch _, err := s.office.PublicPage(); {
	case err == nil:
		view.Published = true
	case !errors.Is(err, amana.ErrNotFound):
		return err
	}
	for _, id := range truths() {
		view.Truths = append(view.Truths, newTick(f, "truth", id, v.lang.T("services.truth."+id)))
	}
	for _, one := range v.desk.Words(s.catalogue) {
		if len(one.Sounds) > 0 {
			view.Spoken = append(view.Spoken, newTick(f, "sound", one.Pack.Tag, one.Pack.Name))
		}
	}
	return publicPage.render(s, w, v, http.StatusOK, view)
}

// publish makes the page anew and puts it where everybody finds it.
func (s *Server) publish(w http.ResponseWriter, v *visit) error {
	p, err := v.desk.ExportServices(v.Context(), directory.ForPublic)
	if err != nil {
		return err
	}
	body, err := s.publicPage(v, p, v.typed().All("truth"))
	if err != nil {
		return err
	}
	if err := v.desk.Publish(body); err != nil {
		return v.refuse(w, "/services/public", v.typed(), err)
	}
	return v.done(w, "/services/public", "services.published", "n", len(p.Services))
}

func (s *Server) unpublish(w http.ResponseWriter, v *visit) error {
	if err := v.desk.Publish(nil); err != nil {
		return v.refuse(w, "/services/public", v.typed(), err)
	}
	return v.done(w, "/services/public", "services.unpublished")
}

// sendPublic sends the page as a file to carry, under a name that says nothing.
func (s *Server) sendPublic(w http.ResponseWriter, _ *visit) error {
	body, err := s.office.PublicPage()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="espace.html"`)
	_, _ = w.Write(body) // an error is the browser's going away
	return nil
}
