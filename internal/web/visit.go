package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
)

// visit is one request: by whom, in which session and language.
type visit struct {
	*http.Request
	session *session // never nil; not kept, where a stranger only reads
	desk    Desk     // nil unless unlocked
	lang    i18n.Language
}

// handler answers one request, or returns why not; then [Server.fail] does.
type handler func(w http.ResponseWriter, v *visit) error

// anyone serves h to whoever asks, unlocked or not.
func (s *Server) anyone(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.visit(w, r)
		if err == nil {
			err = h(w, v)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// member serves h to members, and counts as a sign of life. Others are sent to
// unlock.
func (s *Server) member(h handler) http.Handler {
	return s.anyone(func(w http.ResponseWriter, v *visit) error {
		if v.desk == nil {
			if v.Method == http.MethodPost && v.URL.Path != "/stay" {
				v.session.say(notice{Kind: "warning", Text: v.lang.T("unlock.lost")})
			}
			return amana.ErrLocked
		}
		v.session.stillHere(s.now())
		if v.handed() {
			return v.see(w, ownFeedback)
		}
		return h(w, v)
	})
}

// visit finds the session of a request. A POST without one begins one, so that
// what was typed can wait for the page that follows.
func (s *Server) visit(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := &visit{Request: r}
	v.session = s.sessions.of(r)
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			return nil, errTooLarge
		}
		if v.session == nil {
			v.session = s.sessions.begin(w, r, nil)
		}
	}
	if v.session == nil {
		v.session = &session{}
	}
	var chosen string
	v.desk, chosen = v.session.state()
	if v.desk == nil {
		v.session.stillHere(s.now()) // of a desk, only members' own pages are a sign of life
	}
	v.lang = s.catalogue.Language(chosen)
	if chosen == "" {
		v.lang = s.catalogue.Match(accepted(r)...)
	}
	return v, nil
}

// me is the member at the desk.
func (v *visit) me() casework.Me { return v.desk.Me() }

// see sends the browser to another page of ours.
func (v *visit) see(w http.ResponseWriter, path string) error {
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// done says on the next page what was done, and goes there.
func (v *visit) done(w http.ResponseWriter, path, key string, args ...any) error {
	v.session.say(notice{Kind: "saved", Text: v.lang.T(key, args...)})
	return v.see(w, path)
}

// again goes back to the page of a form, which shows what was typed and what
// was wrong with it. The page gets it from [visit.form].
func (v *visit) again(w http.ResponseWriter, path string, f form) error {
	return v.againAt(w, path, f, "")
}

// againAt is [visit.again] for one place of the page.
func (v *visit) againAt(w http.ResponseWriter, path string, f form, at string) error {
	n := v.session.keep(path, f)
	path += "?" + url.Values{"again": {strconv.Itoa(n)}}.Encode()
	if at != "" {
		path += "#" + at
	}
	return v.see(w, path)
}

// refuse is [visit.again] for an error of casework: what concerns single fields
// stands at them, what the person can act on stands on top. Any other error is
// returned.
func (v *visit) refuse(w http.ResponseWriter, path string, f form, err error) error {
	var fields casework.FieldErrors
	var asked formFaultsError
	no, isRefusal := errors.AsType[*casework.Refusal](err)
	isFields, isAsked := errors.As(err, &fields), errors.As(err, &asked)
	switch {
	case isFields || isAsked:
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			f.wrong(name, fields[name])
		}
		f.Errors = append(f.Errors, asked.faults...)
	case isRefusal:
		f.wrong("", no.Key)
	case errors.Is(err, casework.ErrArriving):
		f.wrong("", "arriving.waits.this")
	case errors.Is(err, amana.ErrStorage):
		f.wrong("", "error.storage")
	case errors.Is(err, amana.ErrConflict):
		f.wrong("", "error.conflict")
	case errors.Is(err, amana.ErrInvalid):
		f.wrong("", "error.invalid")
	default:
		return err
	}
	return v.again(w, path, f)
}

// form is what was typed into the form of this page, if it was refused;
// otherwise it is empty.
func (v *visit) form() form {
	n, err := strconv.Atoi(v.URL.Query().Get("again"))
	if err != nil {
		return newForm()
	}
	return v.session.kept(v.URL.Path, n)
}
