package web

import (
	"errors"
	"net/http"

	"amana"
	"amana/internal/casework"
)

// weakest is the strength, in bits, under which a chosen passphrase is sent
// back at once; casework has the last word.
const weakest = 50

const shelfSuggestion = "suggestion"

// newPassphrase is the part of a page where somebody gets a passphrase: the one
// suggested, or one of their own. See the template of the same name.
type newPassphrase struct {
	Form      form
	Suggested string
	Action    string // where "another suggestion" is asked for
}

// offerPassphrase suggests a passphrase, the same until it is used or another
// one is asked for.
func (s *Server) offerPassphrase(v *visit, f form, action string) newPassphrase {
	suggested := shelved[string](v.session, shelfSuggestion)
	if suggested == "" {
		suggested = s.office.SuggestPassphrase()
		v.session.put(shelfSuggestion, suggested)
	}
	if f.Get("which") == "" {
		f.Values.Set("which", "suggested")
	}
	return newPassphrase{Form: f, Suggested: suggested, Action: action}
}

// chosenPassphrase is what a person chose, or nil and what was wrong with it in
// the form.
func (s *Server) chosenPassphrase(v *visit, f *form) []byte {
	if f.Get("which") != "own" {
		if suggested := shelved[string](v.session, shelfSuggestion); suggested != "" {
			return []byte(suggested)
		}
		f.wrong("which", "passphrase.gone") // the desk was locked since: there is another one now
		return nil
	}
	own := f.Values.Get("passphrase_new")
	switch {
	case own == "":
		f.wrong("passphrase_new", "passphrase.needed")
	case s.office.Strength(own) < weakest:
		f.wrong("passphrase_new", "invalid.passphrase.weak")
	case own != f.Values.Get("passphrase_again"):
		f.wrong("passphrase_again", "passphrase.differs")
	default:
		return []byte(own)
	}
	return nil
}

// suggestAnother makes place for another suggestion, and keeps what else was
// typed.
func (s *Server) suggestAnother(to string) handler {
	return func(w http.ResponseWriter, v *visit) error {
		v.session.put(shelfSuggestion, nil)
		return v.again(w, to, v.typed())
	}
}

type passphraseView struct {
	Frame
	Form form
	New  newPassphrase
}

var passphrasePage = page[passphraseView]{"passphrase"}

func (s *Server) showPassphrase(w http.ResponseWriter, v *visit) error {
	f := v.form()
	return passphrasePage.render(s, w, v, http.StatusOK, passphraseView{
		s.frame(v, "settings", f), f, s.offerPassphrase(v, f, "/settings/passphrase/another"),
	})
}

func (s *Server) changePassphrase(w http.ResponseWriter, v *visit) error {
	f := v.typed()
	chosen := s.chosenPassphrase(v, &f)
	defer clear(chosen)
	old := []byte(v.PostFormValue("passphrase"))
	defer clear(old)
	if f.Failed() {
		return v.again(w, "/settings/passphrase", f)
	}
	if err := v.desk.ChangePassphrase(v.Context(), old, chosen); err != nil {
		switch {
		case errors.Is(err, amana.ErrPassphrase):
			f.wrong("passphrase", "passphrase.old.wrong")
			return v.again(w, "/settings/passphrase", f)
		case errors.Is(err, amana.ErrWait):
			f.Errors = append(f.Errors, waiting("passphrase", err))
			return v.again(w, "/settings/passphrase", f)
		}
		return v.refuse(w, "/settings/passphrase", f, renamed(err, "passphrase", "passphrase_new"))
	}
	v.session.put(shelfSuggestion, nil)
	return v.done(w, "/settings", "passphrase.changed")
}

// renamed gives a field of casework the name it has on the page.
func renamed(err error, from, to string) error {
	var fields casework.FieldErrors
	if !errors.As(err, &fields) || fields[from] == "" {
		return err
	}
	out := casework.FieldErrors{}
	for name, key := range fields {
		if name == from {
			name = to
		}
		out[name] = key
	}
	return out
}
