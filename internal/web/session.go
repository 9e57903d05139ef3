package web

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A session without a desk holds no more than a language and a refused form.
// The oldest goes when there are too many.
const mostLockedSessions = 64

// mostForms is how many refused forms a session keeps.
const mostForms = 8

const (
	defaultIdle = 10 * time.Minute
	// lockedLife is how long a session without a desk is kept: long enough for
	// the first run, which holds a passphrase meanwhile.
	lockedLife = time.Hour
)

// sessions knows the browsers that have a cookie of ours. They live in memory
// only, by the hash of the cookie's secret: whoever reads this map can't make a
// cookie.
type sessions struct {
	token func() string
	hash  func(string) string
	now   func() time.Time
	// cookie is the cookie's name. It differs from run to run, because browsers
	// do not tell the ports of one host apart.
	cookie string

	mu    sync.Mutex // guards byKey and the order of use
	byKey map[string]*session
	order []string // keys of sessions without a desk, oldest first
}

func newSessions(token func() string, hash func(string) string, now func() time.Time) *sessions {
	h := fnv.New32a()
	fmt.Fprint(h, token())
	return &sessions{token: token, hash: hash, now: now, cookie: fmt.Sprintf("s%08x", h.Sum32()), byKey: map[string]*session{}}
}

// session is one browser. With a desk it is unlocked, for one member.
type session struct {
	key string

	mu       sync.Mutex // guards all below
	desk     Desk
	language string // as chosen by hand, or ""
	idle     *time.Timer
	idleFor  time.Duration
	sign     time.Time // of the last sign of life, by the device's clock
	forms    []keptForm
	count    int
	notice   *notice
	shelf    map[string]any
}

type keptForm struct {
	number int
	path   string
	form   form
}

// of returns the session of a request, or nil. A timer stands still while the
// computer sleeps: whoever opens its lid hours later finds the desk locked.
func (ss *sessions) of(r *http.Request) *session {
	c, err := r.Cookie(ss.cookie)
	if err != nil || len(c.Value) > 256 {
		return nil
	}
	key := ss.hash(c.Value)
	ss.mu.Lock()
	s := ss.byKey[key]
	ss.mu.Unlock()
	if s != nil && s.overslept(ss.now()) {
		ss.end(s)
		return nil
	}
	return s
}

// begin makes a session with a fresh secret, so that nobody can prepare one for
// somebody else, and gives it to the browser. With a desk it is unlocked.
func (ss *sessions) begin(w http.ResponseWriter, r *http.Request, desk Desk) *session {
	secret := ss.token()
	s := &session{key: ss.hash(secret), desk: desk}
	ss.mu.Lock()
	ss.byKey[s.key] = s
	if desk == nil {
		ss.order = append(ss.order, s.key)
		for len(ss.order) > mostLockedSessions {
			delete(ss.byKey, ss.order[0])
			ss.order = ss.order[1:]
		}
	}
	ss.mu.Unlock()
	s.lockAfter(idleRule(desk), ss.now(), func() { ss.end(s) })
	http.SetCookie(w, &http.Cookie{
		Name: ss.cookie, Value: secret, Path: "/", HttpOnly: true,
		Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
	return s
}

// end locks the desk of a session and forgets all of it.
func (ss *sessions) end(s *session) {
	ss.mu.Lock()
	delete(ss.byKey, s.key)
	ss.mu.Unlock()
	s.mu.Lock()
	desk := s.desk
	if s.idle != nil {
		s.idle.Stop()
	}
	for _, thing := range s.shelf {
		if secret, ok := thing.(interface{ wipe() }); ok {
			secret.wipe()
		}
	}
	s.desk, s.forms, s.notice, s.shelf = nil, nil, nil, nil
	s.mu.Unlock()
	if desk != nil {
		desk.Lock()
	}
}

// drop takes the cookie back from the browser.
func (ss *sessions) drop(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: ss.cookie, Path: "/", MaxAge: -1, HttpOnly: true,
		Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}

func (ss *sessions) closeAll() {
	ss.mu.Lock()
	all := make([]*session, 0, len(ss.byKey))
	for _, s := range ss.byKey {
		all = append(all, s)
	}
	ss.mu.Unlock()
	for _, s := range all {
		ss.end(s)
	}
}

// idleRule is how long a session may be left alone.
func idleRule(d Desk) time.Duration {
	if d == nil {
		return lockedLife
	}
	n, err := strconv.Atoi(d.Organisation().Rules["idle_minutes"])
	if err != nil || n < 1 || n > 24*60 {
		return defaultIdle
	}
	return time.Duration(n) * time.Minute
}

func (s *session) lockAfter(d time.Duration, now time.Time, lock func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idleFor, s.sign = d, now.Round(0)
	s.idle = time.AfterFunc(d, lock)
}

// stillHere starts the idle time anew, by the rule as it is now.
func (s *session) stillHere(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.idle != nil && s.idle.Stop() {
		s.idleFor, s.sign = idleRule(s.desk), now.Round(0)
		s.idle.Reset(s.idleFor)
	}
}

// overslept reports whether the idle time is over by the device's clock.
func (s *session) overslept(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.desk != nil && now.Round(0).Sub(s.sign) > s.idleFor
}

func (s *session) state() (Desk, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.desk, s.language
}

func (s *session) speak(language string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.language = language
}

// idleSeconds is what a page tells of the idle time of its desk.
func (s *session) idleSeconds() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(s.idleFor / time.Second)
}

// say keeps a notice for the next page.
func (s *session) say(n notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notice = &n
}

func (s *session) heard() *notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.notice
	s.notice = nil
	return n
}

// keep holds a refused form for the page at path, and returns its number.
func (s *session) keep(path string, f form) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	s.forms = append(s.forms, keptForm{s.count, path, f.withoutSecrets()})
	if len(s.forms) > mostForms {
		s.forms = s.forms[1:]
	}
	return s.count
}

func (s *session) kept(path string, number int) form {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.forms {
		if k.number == number && k.path == path {
			return k.form
		}
	}
	return newForm()
}

// put keeps a thing of one screen for its later requests; nil takes it away.
func (s *session) put(name string, thing any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if thing == nil {
		delete(s.shelf, name)
		return
	}
	if s.shelf == nil {
		s.shelf = map[string]any{}
	}
	s.shelf[name] = thing
}

// shelved returns what was put under a name, or the zero value.
func shelved[T any](s *session, name string) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	thing, _ := s.shelf[name].(T)
	return thing
}
