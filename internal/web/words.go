package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/translate"
	"amana/internal/xlsform"
)

// wordRoutes are the routes of the languages that an organisation brings.
func (s *Server) wordRoutes() map[string]handler {
	return map[string]handler{
		"GET /settings/words":                  s.showWords,
		"POST /settings/words":                 s.takeWords,
		"POST /settings/words/begin":           s.beginWords,
		"POST /settings/words/sound":           s.takeSound,
		"GET /settings/word/{tag}":             s.showLanguage,
		"GET /settings/word/{tag}/workbook":    s.sendWords,
		"GET /settings/word/{tag}/sound/{key}": s.playSound,
		"POST /settings/word/{tag}/sign":       s.signWords,
		"POST /settings/word/{tag}/drop":       s.dropWords,
		"POST /settings/word/{tag}/silence":    s.dropSound,
	}
}

// local is a language that the organisation brought.
func (s *Server) local(v *visit, tag string) (i18n.Language, casework.Words, bool) {
	all := v.desk.Words(s.catalogue)
	i := slices.IndexFunc(all, func(w casework.Words) bool { return w.Pack.Tag == tag })
	if i < 0 {
		return i18n.Language{}, casework.Words{}, false
	}
	lang, there := s.catalogue.Local(tag, packsOf(all)...)
	return lang, all[i], there
}

func packsOf(all []casework.Words) []i18n.Pack {
	var packs []i18n.Pack
	for _, w := range all {
		packs = append(packs, w.Pack)
	}
	return packs
}

// languageRow is one language of the list.
type languageRow struct {
	Tag, Name      string
	Have, Of       int
	Sounds         int
	Brought        bool
	Reader, ReadOn string // who signed it, and when
}

type wordsView struct {
	Frame
	Form     form
	Rows     []languageRow
	Most     int // MiB of a workbook
	Problems []problemLine
}

var wordsPage = page[wordsView]{"word_list"}

// wordFaults is where the report on a workbook that was refused waits for its page.
const wordFaults = "words.faults"

func (s *Server) showWords(w http.ResponseWriter, v *visit) error {
	f := v.form()
	view := wordsView{Frame: s.frame(v, "settings", f), Form: f, Rows: s.languageRows(v), Most: xlsform.LargestWorkbook >> 20}
	for _, p := range shelved[[]xlsform.Problem](v.session, wordFaults) {
		view.Problems = append(view.Problems, problemLine{v.where(p), v.lang.T(p.Key, p.Args...)})
	}
	v.session.put(wordFaults, nil)
	return wordsPage.render(s, w, v, http.StatusOK, view)
}

// languageRows are those that were brought, then those of the region.
func (s *Server) languageRows(v *visit) []languageRow {
	var rows []languageRow
	for _, one := range v.desk.Words(s.catalogue) {
		rows = append(rows, s.languageRow(one))
	}
	for _, one := range selfNames {
		tag, err := s.catalogue.Canonical(one.code)
		if err == nil && !slices.ContainsFunc(rows, func(r languageRow) bool { return r.Tag == tag }) {
			rows = append(rows, languageRow{Tag: tag, Name: one.name})
		}
	}
	return rows
}

func (s *Server) languageRow(one casework.Words) languageRow {
	r := languageRow{
		Tag: one.Pack.Tag, Name: one.Pack.Name, Have: len(one.Pack.Messages), Of: len(translate.Keys(s.catalogue)), Sounds: len(one.Sounds), Brought: true,
	}
	if one.Pack.Review != nil {
		r.Reader, r.ReadOn = one.Pack.Review.Name, one.Pack.Review.On
	}
	return r
}

// takeWords takes in a workbook that came back from translators. With any fault in it,
// what was there stays.
func (s *Server) takeWords(w http.ResponseWriter, v *visit) error {
	if !v.me().Has(amana.RoleAdministrator) {
		return amana.ErrRefused
	}
	raw, err := v.file("workbook")
	f := newForm()
	if err != nil {
		key := "forms.upload.needed"
		if errors.Is(err, errTooLarge) {
			key = "forms.upload.large"
		}
		f.wrong("workbook", key)
		return v.again(w, "/settings/words", f)
	}
	pack, problems := translate.Read(raw, s.catalogue)
	if len(problems) > 0 {
		v.session.put(wordFaults, problems)
		return v.see(w, "/settings/words")
	}
	if err := v.desk.AdoptWords(v.Context(), s.catalogue, pack); err != nil {
		return v.refuse(w, "/settings/words", f, err)
	}
	return v.done(w, wordPath(pack.Tag), "words.taken", "n", len(pack.Messages))
}

// wordPath is the address of a language: addresses of ours are in small letters.
func wordPath(tag string) string { return "/settings/word/" + strings.ToLower(tag) }

// Address is the address of the page of a language.
func (r languageRow) Address() string { return wordPath(r.Tag) }

// beginWords goes to the page of a language by its tag.
func (s *Server) beginWords(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	tag, err := s.catalogue.Canonical(f.Get("tag"))
	if err != nil {
		f.wrong("tag", "words.fault.tag")
		return v.again(w, "/settings/words", f)
	}
	return v.see(w, wordPath(tag))
}

// asked is the language that an address names: brought, or to begin.
func (s *Server) asked(v *visit) (languageRow, casework.Words, error) {
	tag, err := s.catalogue.Canonical(v.PathValue("tag"))
	if err != nil || strings.ToLower(tag) != v.PathValue("tag") {
		return languageRow{}, casework.Words{}, amana.ErrNotFound
	}
	if _, one, there := s.local(v, tag); there {
		return s.languageRow(one), one, nil
	}
	row := languageRow{Tag: tag, Name: tag}
	for _, one := range selfNames {
		if same, _ := s.catalogue.Canonical(one.code); same == tag {
			row.Name = one.name
		}
	}
	return row, casework.Words{Pack: i18n.Pack{Tag: tag, Name: row.Name, Dir: i18n.Direction(tag)}}, nil
}

// saidRow is one text, as it is said in a language.
type saidRow struct {
	Key, Original, Said string
	Own                 bool // in the words of the language itself
	Sound               bool
}

type languageView struct {
	Frame
	Form        form
	Row         languageRow
	SaidDir     string
	Version     string
	Chain       []string
	Texts       []saidRow
	LargestKiB  int
	NotReviewed bool
}

var languagePage = page[languageView]{"word_one"}

func (s *Server) showLanguage(w http.ResponseWriter, v *visit) error {
	row, one, err := s.asked(v)
	if err != nil {
		return err
	}
	f := v.form()
	view := languageView{
		Frame: s.frame(v, "settings", f), Form: f, Row: row, SaidDir: one.Pack.Dir, Version: one.Document.Version,
		LargestKiB: translate.LargestSound >> 10, NotReviewed: row.Brought && row.Reader == "",
	}
	if lang, _, there := s.local(v, row.Tag); there {
		view.Chain = lang.Chain()
		for _, key := range translate.Keys(s.catalogue) {
			view.Texts = append(view.Texts, saidRow{key, v.lang.T(key), lang.T(key), lang.Own(key), len(one.Sounds[key]) > 0})
		}
	}
	return languagePage.render(s, w, v, http.StatusOK, view)
}

// sendWords sends the workbook for the translators, under a name that says nothing.
func (s *Server) sendWords(w http.ResponseWriter, v *visit) error {
	_, one, err := s.asked(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := translate.Write(&b, s.catalogue, one.Pack); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="`+workbookName+`"`)
	_, _ = w.Write(b.Bytes()) // an error is the browser's going away
	return nil
}

func (s *Server) signWords(w http.ResponseWriter, v *visit) error {
	row, _, err := s.asked(v)
	if err != nil {
		return err
	}
	f := v.typed()
	f.need("signed_by", "words.sign.name.needed")
	f.need("sure", "words.sign.sure.needed")
	if f.Failed() {
		return v.again(w, wordPath(row.Tag), f)
	}
	if err := v.desk.SignWords(v.Context(), s.catalogue, row.Tag, f.Get("version"), f.Get("signed_by")); err != nil {
		return v.refuse(w, wordPath(row.Tag), f, err)
	}
	return v.done(w, wordPath(row.Tag), "words.signed")
}

func (s *Server) dropWords(w http.ResponseWriter, v *visit) error {
	row, _, err := s.asked(v)
	if err != nil {
		return err
	}
	f := v.typed()
	if f.need("sure_drop", "words.drop.sure.needed"); f.Failed() {
		return v.again(w, wordPath(row.Tag), f)
	}
	if err := v.desk.DropWords(v.Context(), row.Tag); err != nil {
		return v.refuse(w, wordPath(row.Tag), f, err)
	}
	return v.done(w, "/settings/words", "words.dropped")
}

// takeSound gives a text its sound.
func (s *Server) takeSound(w http.ResponseWriter, v *visit) error {
	if !v.me().Has(amana.RoleAdministrator) {
		return amana.ErrRefused
	}
	f, part, err := v.fieldsAndFile("sound")
	tag, known := s.catalogue.Canonical(f.Get("tag"))
	if known != nil {
		return amana.ErrNotFound
	}
	var raw []byte
	if err == nil {
		if raw, err = io.ReadAll(io.LimitReader(part, translate.LargestSound+1)); err != nil {
			err = tooLargeOr(err)
		}
	}
	switch _, unheard := translate.SoundType(raw); {
	case errors.Is(err, errTooLarge), len(raw) > translate.LargestSound:
		f.wrong("sound", "words.sound.large")
	case err != nil, len(raw) == 0:
		f.wrong("sound", "words.sound.needed")
	case unheard != nil:
		f.wrong("sound", "words.sound.kind")
	}
	if f.Failed() {
		return v.again(w, wordPath(tag), f)
	}
	if err := v.desk.AdoptSound(v.Context(), tag, f.Get("key"), raw); err != nil {
		return v.refuse(w, wordPath(tag), f, err)
	}
	return v.done(w, wordPath(tag), "words.sound.taken")
}

func (s *Server) dropSound(w http.ResponseWriter, v *visit) error {
	row, _, err := s.asked(v)
	if err != nil {
		return err
	}
	f := v.typed()
	if err := v.desk.AdoptSound(v.Context(), row.Tag, f.Get("key"), nil); err != nil {
		return v.refuse(w, wordPath(row.Tag), f, err)
	}
	return v.done(w, wordPath(row.Tag), "words.sound.gone")
}

// playSound sends a sound to the player of a page.
func (s *Server) playSound(w http.ResponseWriter, v *visit) error {
	_, one, err := s.asked(v)
	if err != nil {
		return err
	}
	raw := one.Sounds[v.PathValue("key")]
	kind, err := translate.SoundType(raw)
	if err != nil {
		return amana.ErrNotFound
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(raw) // an error is the browser's going away
	return nil
}
