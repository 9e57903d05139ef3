package web

import (
	"fmt"
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
	templates *templates
}

// New prepares a server: static files are compressed, once, and templates are
// parsed. An error is a fault in the program itself.
func New(c Config) (*Server, error) {
	files, err := loadAssets()
	if err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	s := &Server{
		office: c.Office, catalogue: c.Catalogue, demo: c.Demo, now: c.Now, log: c.Logger,
		hosts: map[string]bool{}, sessions: newSessions(c.Token, c.Hash), assets: files, templates: newTemplates(files),
	}
	for _, h := range c.Hosts {
		s.hosts[h] = true
	}
	if _, err := s.templates.in(c.Catalogue.Language(i18n.Source)); err != nil {
		return nil, err
	}
	return s, nil
}

// Handler answers every request. Read it first: every route is here, or in
// [Server.caseRoutes] below it and [Server.setupRoutes].
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
	anyone("GET /styleguide", s.showStyleguide)
	anyone("/", s.notFound)

	// Before there is an organisation, and its sheets.
	s.setupRoutes(anyone)

	// Members and teams.
	member("GET /members", s.showMembers)
	member("GET /members/new", s.showNewMember)
	member("POST /members", s.addMember)
	member("GET /members/slip", s.showSlip)
	member("POST /members/slip", s.slipDone)
	member("GET /members/{member}", s.showMember)
	member("POST /members/{member}/roles", s.changeRoles)
	member("POST /members/{member}/join", s.joinTeam)
	member("POST /members/{member}/leave", s.leaveTeam)
	member("GET /members/{member}/remove", s.showRemoveMember)
	member("POST /members/{member}/remove", s.removeMember)
	member("GET /teams", s.showTeams)
	member("GET /teams/new", s.showNewTeam)
	member("POST /teams", s.formTeam)

	s.caseRoutes(member)

	// Settings.
	member("GET /about", s.showAbout)
	member("GET /settings", s.showSettings)
	member("POST /settings/idle", s.changeIdle)
	member("POST /settings/languages", s.changeLanguages)
	member("GET /settings/backup", s.showBackup)
	member("GET /settings/backup/file", s.backup)
	member("GET /settings/erased", s.showErased)
	member("GET /settings/passphrase", s.showPassphrase)
	member("POST /settings/passphrase", s.changePassphrase)
	member("POST /settings/passphrase/another", s.suggestAnother("/settings/passphrase"))

	return s.guarded(mux)
}

// caseRoutes are the routes of the day, of the list, and of one case.
func (s *Server) caseRoutes(member func(pattern string, h handler)) {
	member("GET /today", s.showToday)
	member("GET /cases", s.showCases)
	member("POST /cases/search", s.searchCases)
	member("POST /cases/names", s.showNames)
	member("GET /cases/new", s.showNewCase)
	member("POST /cases", s.openCase)
	member("GET /cases/{case}", s.showCase)
	member("GET /cases/{case}/edit/{section}", s.showEdit)
	member("POST /cases/{case}/edit/{section}", s.edit)
	member("POST /cases/{case}/settle", s.settle)
	member("GET /cases/{case}/consent/{consent}", s.showConsent)
	member("POST /cases/{case}/consent/{consent}", s.changeConsent)
	member("POST /cases/{case}/notes", s.addNote)
	member("GET /cases/{case}/follow-up", s.showFollowUp)
	member("POST /cases/{case}/follow-up", s.addFollowUp)
	member("GET /cases/{case}/history/{record}/{field...}", s.showHistory)
	member("GET /cases/{case}/close", s.showClose)
	member("POST /cases/{case}/close", s.closeCase)
	member("POST /cases/{case}/reopen", s.reopenCase)
	member("GET /cases/{case}/erase", s.showErase)
	member("POST /cases/{case}/erase", s.eraseCase)
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
