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
		hosts: map[string]bool{}, sessions: newSessions(c.Token, c.Hash, c.Now), assets: files, templates: newTemplates(files),
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
	mux.Handle("GET /static/", s.assets)
	route(mux, s.anyone, map[string]handler{
		"GET /{$}":            s.home,
		"POST /language":      s.chooseLanguage,
		"GET /unlock":         s.showUnlock,
		"POST /unlock":        s.unlock,
		"POST /lock":          s.lock,
		"POST /leave":         s.leave,
		"GET /calendar":       s.showCalendar,
		"GET /sorry/{status}": s.showFault,
		"GET /styleguide":     s.showStyleguide,
		"/":                   s.notFound,
	})
	route(mux, s.anyone, s.setupRoutes())
	route(mux, s.anyone, s.watchRoutes())
	route(mux, s.unfounded, s.joinRoutes())
	route(mux, s.member, map[string]handler{
		"POST /stay": s.stay,
		// Members and teams.
		"GET /members":                  s.showMembers,
		"GET /members/new":              s.showNewMember,
		"POST /members":                 s.addMember,
		"POST /members/filter":          s.filterMembers,
		"GET /members/slip":             s.showSlip,
		"POST /members/slip":            s.slipDone,
		"GET /members/{member}":         s.showMember,
		"POST /members/{member}/roles":  s.changeRoles,
		"POST /members/{member}/join":   s.joinTeam,
		"POST /members/{member}/leave":  s.leaveTeam,
		"GET /members/{member}/remove":  s.showRemoveMember,
		"POST /members/{member}/remove": s.removeMember,
		"GET /teams":                    s.showTeams,
		"GET /teams/new":                s.showNewTeam,
		"POST /teams":                   s.formTeam,
		// Settings.
		"GET /about":                        s.showAbout,
		"GET /settings":                     s.showSettings,
		"POST /settings/idle":               s.changeIdle,
		"POST /settings/languages":          s.changeLanguages,
		"POST /settings/approvals":          s.changeApprovals,
		"POST /settings/release":            s.changeReleaseRules,
		"GET /settings/backup":              s.showBackup,
		"GET /settings/backup/file":         s.backup,
		"GET /settings/erased":              s.showErased,
		"GET /settings/passphrase":          s.showPassphrase,
		"POST /settings/passphrase":         s.changePassphrase,
		"POST /settings/passphrase/another": s.suggestAnother("/settings/passphrase"),
	})
	for _, routes := range []map[string]handler{
		s.caseRoutes(), s.referralRoutes(), s.formRoutes(), s.importRoutes(), s.clockRoutes(), s.claimRoutes(),
		s.evidenceRoutes(), s.stampRoutes(), s.careRoutes(), s.workRoutes(), s.serviceRoutes(), s.figuresRoutes(), s.releaseRoutes(), s.settleRoutes(),
		s.estimateRoutes(), s.packageRoutes(),
	} {
		route(mux, s.member, routes)
	}
	mux.HandleFunc("GET /help", s.servePublic) // for everyone: no session is looked for
	route(mux, s.member, s.postRoutes())
	route(mux, s.member, s.feedbackRoutes())
	route(mux, s.member, s.wordRoutes())
	route(mux, s.member, s.syncRoutes())
	route(mux, s.member, s.meetRoutes())
	return s.guarded(mux)
}

// watchRoutes are the pages that look again by themselves. They are not for members:
// watching is no sign of life, so that the desk locks as it would.
func (s *Server) watchRoutes() map[string]handler {
	return map[string]handler{
		"GET /progress":          s.showProgress,
		"GET /import/progress":   s.showImporting,
		"GET /estimate/progress": s.showEstimating,
		"GET /sync/progress":     s.showSyncing,
		"GET /bundles/progress":  s.showTaking,
		"GET /meet/progress":     s.showMeeting,
	}
}

// route serves each pattern to those whom it is for.
func route(mux *http.ServeMux, whom func(handler) http.Handler, routes map[string]handler) {
	for pattern, h := range routes {
		mux.Handle(pattern, whom(h))
	}
}

// caseRoutes are the routes of the day, of the list, and of one case.
func (s *Server) caseRoutes() map[string]handler {
	return map[string]handler{
		"GET /today":                                    s.showToday,
		"GET /cases":                                    s.showCases,
		"POST /cases/search":                            s.searchCases,
		"POST /cases/names":                             s.showNames,
		"GET /cases/new":                                s.showNewCase,
		"POST /cases":                                   s.openCase,
		"GET /cases/{case}":                             s.showCase,
		"POST /cases/new/ask":                           s.askIntake,
		"GET /cases/{case}/form/{form}":                 s.showForm,
		"POST /cases/{case}/form/{form}":                s.saveForm,
		"GET /cases/{case}/form/{form}/{record}":        s.showForm,
		"POST /cases/{case}/form/{form}/{record}":       s.saveForm,
		"POST /cases/{case}/form/{form}/ask":            s.askAgain,
		"POST /cases/{case}/form/{form}/{record}/ask":   s.askAgain,
		"POST /cases/{case}/follow-up/ask":              s.askFollowUp,
		"POST /cases/{case}/close/ask":                  s.askClose,
		"GET /forms/{form}":                             s.showPaper,
		"POST /cases/{case}/settle":                     s.settle,
		"GET /cases/{case}/consent/{consent}":           s.showConsent,
		"POST /cases/{case}/consent/{consent}":          s.changeConsent,
		"POST /cases/{case}/notes":                      s.addNote,
		"GET /cases/{case}/follow-up":                   s.showFollowUp,
		"POST /cases/{case}/follow-up":                  s.addFollowUp,
		"GET /cases/{case}/history/{record}/{field...}": s.showHistory,
		"GET /cases/{case}/close":                       s.showClose,
		"POST /cases/{case}/close":                      s.closeCase,
		"POST /cases/{case}/reopen":                     s.reopenCase,
		"GET /cases/{case}/erase":                       s.showErase,
		"POST /cases/{case}/erase":                      s.eraseCase,
	}
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
