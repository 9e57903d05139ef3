package web

import (
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"amana/internal/i18n"
)

// Config is what a server is made of. Every field but Demo is needed.
type Config struct {
	Office    Office
	Catalogue *i18n.Catalogue
	Demo      *Demo // nil where the work is real
	Now       func() time.Time
	Logger    *slog.Logger
	// Hosts are the values of the Host header that are answered, with port.
	Hosts []string
	// Token returns a fresh secret of 256 bits in letters and digits; Hash a
	// digest that cannot be turned back. Both come from package seal.
	Token func() string
	Hash  func(secret string) string
}

// Server answers the requests of the browsers on this device.
type Server struct {
	office    Office
	catalogue *i18n.Catalogue
	demo      *Demo
	now       func() time.Time
	log       *slog.Logger
	hosts     map[string]bool
	sessions  *sessions
	assets    assets
	templates map[string]*template.Template // by language
}

// New prepares a server: templates are parsed for every language and static
// files are compressed, once. An error is a fault in the program itself.
func New(c Config) (*Server, error) {
	files, err := loadAssets()
	if err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	s := &Server{
		office: c.Office, catalogue: c.Catalogue, demo: c.Demo, now: c.Now, log: c.Logger,
		hosts: map[string]bool{}, sessions: newSessions(c.Token, c.Hash), assets: files,
	}
	for _, h := range c.Hosts {
		s.hosts[h] = true
	}
	if s.templates, err = parseTemplates(s.catalogue, files); err != nil {
		return nil, fmt.Errorf("web: templates: %w", err)
	}
	return s, nil
}

// Handler answers every request. Read it first: every route is here.
//
// A route is for anyone, or for a member: someone who has unlocked. What a
// member may do is casework's to say, by their roles and keys.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	anyone := func(pattern string, h handler) { mux.Handle(pattern, s.anyone(h)) }
	member := func(pattern string, h handler) { mux.Handle(pattern, s.member(h)) }

	// The frame.
	mux.Handle("GET /static/", s.assets)
	anyone("GET /{$}", s.home)
	anyone("POST /language", s.chooseLanguage)
	anyone("GET /unlock", s.showUnlock)
	anyone("POST /unlock", s.unlock)
	anyone("POST /lock", s.lock)
	anyone("POST /leave", s.leave)
	anyone("GET /calendar", s.showCalendar)
	anyone("GET /progress", s.showProgress) // not for members: watching is no sign of life
	member("POST /stay", s.stay)
	anyone("GET /sorry/{status}", s.showFault)
	anyone("/", s.notFound)

	// Outermost last. The host is checked before anything else is read: a page
	// on the web may resolve its own name to 127.0.0.1 and call us as its own.
	var h http.Handler = mux
	h = onlyForms(h)
	h = sameOrigin(h)
	h = s.survive(h)
	h = plainRequests(h)
	h = secureHeaders(h)
	return s.onlyOurHosts(h)
}

// HTTP returns a server with limits on size and time, ready to serve on a
// listener. Nothing of a request reaches its log.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      5 * time.Minute, // unlocking on a slow machine; a backup extends it
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
}

// Close locks every desk.
func (s *Server) Close() { s.sessions.closeAll() }
