package web_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/web"
)

const ourHost = "127.0.0.1:7333"

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// fakeOffice is an office with one desk per passphrase.
type fakeOffice struct {
	founded bool
	desks   map[string]*fakeDesk
	err     error // of Unlock and Found, where set
	asked   casework.NewOrganisation
	public  []byte // the page for everyone, where one is published
	fakeJoining
	fakeFetching
}

func (o *fakeOffice) Founded() bool { return o.founded }

func (o *fakeOffice) Found(_ context.Context, n casework.NewOrganisation) ([]casework.Share, error) {
	n.Passphrase = append([]byte(nil), n.Passphrase...) // the caller wipes its own
	o.asked = n
	if o.err != nil {
		return nil, o.err
	}
	var shares []casework.Share
	for i, c := range n.Custodians {
		shares = append(shares, casework.Share{
			Custodian: c, Number: i + 1, Of: len(n.Custodians), Needed: n.Threshold,
			Words: strings.Fields("river lamp nine copper field open maize letter bird calm seven thread moon basin table reed"),
			QR:    sampleQR(),
		})
	}
	o.founded = true
	return shares, nil
}

func (o *fakeOffice) Unlock(_ context.Context, passphrase []byte) (web.Desk, error) {
	if o.err != nil {
		return nil, o.err
	}
	d, found := o.desks[string(passphrase)]
	if !found {
		return nil, amana.ErrPassphrase
	}
	d.lock(false)
	return d, nil
}

func (o *fakeOffice) Strength(p string) float64 { return float64(5 * len(p)) }
func (o *fakeOffice) SuggestPassphrase() string { return "copper lamp river nine maize field calm" }

func sampleQR() [][]bool {
	rows := make([][]bool, 29)
	for y := range rows {
		rows[y] = make([]bool, 29)
		for x := range rows[y] {
			rows[y][x] = (x*7+y*13+x*y)%3 == 0
		}
	}
	return rows
}

// fakeDesk is a desk with the sample organisation on it. It notes what it was
// asked to do.
type fakeDesk struct {
	me       casework.Me
	org      casework.Organisation
	state    casework.State
	err      error // of every verb, where set
	backedUp time.Time
	// panics is what Tombstones panics with, where set.
	panics string
	fakeCases
	fakeClock
	fakeReferrals
	fakeImport
	fakeCare
	fakeWork
	fakeServices
	fakePost
	fakeParcels
	fakeFeedback
	fakeFigures
	fakeEstimate
	fakeClaims
	fakeEvidence
	fakeWords
	fakeMoving

	mu     sync.Mutex
	locked bool
	did    []string
}

func (d *fakeDesk) lock(locked bool) { d.mu.Lock(); d.locked = locked; d.mu.Unlock() }
func (d *fakeDesk) isLocked() bool   { d.mu.Lock(); defer d.mu.Unlock(); return d.locked }
func (d *fakeDesk) Lock()            { d.lock(true) }

// do notes a verb and answers with the error that is set.
func (d *fakeDesk) do(words ...string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did = append(d.did, strings.Join(words, " "))
	return d.err
}

func (d *fakeDesk) Me() casework.Me                     { return d.me }
func (d *fakeDesk) Organisation() casework.Organisation { return d.org }
func (d *fakeDesk) State() casework.State               { return d.state }
func (d *fakeDesk) Teams() []casework.Team              { return sampleTeams() }
func (d *fakeDesk) Members() []casework.Member          { return sampleMembers() }

func (d *fakeDesk) AddMember(_ context.Context, m casework.NewMember) (amana.MemberID, string, error) {
	return memberID(9), "seven calm reed table moon basin thread", d.do("add member", m.Name)
}

func (d *fakeDesk) ChangeRoles(_ context.Context, id amana.MemberID, _ []amana.Role) error {
	return d.do("change roles", id.String())
}

func (d *fakeDesk) RemoveMember(_ context.Context, id amana.MemberID) error {
	return d.do("remove member", id.String())
}

func (d *fakeDesk) FormTeam(_ context.Context, t casework.NewTeam) (amana.TeamID, error) {
	return teamID(9), d.do("form team", t.Name)
}

func (d *fakeDesk) JoinTeam(_ context.Context, t amana.TeamID, m amana.MemberID) error {
	return d.do("join", t.String(), m.String())
}

func (d *fakeDesk) LeaveTeam(_ context.Context, t amana.TeamID, m amana.MemberID) error {
	return d.do("leave", t.String(), m.String())
}

func (d *fakeDesk) ChangePassphrase(context.Context, []byte, []byte) error {
	return d.do("change passphrase")
}

func (d *fakeDesk) SetRule(_ context.Context, rule, value string) error {
	return d.do("rule", rule, value)
}

func (d *fakeDesk) Backup(_ context.Context, w io.Writer) error {
	_, _ = io.WriteString(w, "sealed bytes")
	return d.do("backup")
}

func (d *fakeDesk) LastBackup() (time.Time, error) { return d.backedUp, nil }

func (d *fakeDesk) Tombstones(context.Context) ([]casework.Tombstone, error) {
	if d.panics != "" {
		panic(d.panics)
	}
	return []casework.Tombstone{{Record: recordID(7), When: noon.AddDate(0, -1, 0), By: memberID(1), Reason: "asked"}}, d.err
}

func memberID(n byte) amana.MemberID { return amana.MemberID{0: n, 15: n} }
func teamID(n byte) amana.TeamID     { return amana.TeamID{0: n, 15: n} }
func recordID(n byte) amana.RecordID { return amana.RecordID{0: n, 15: n} }

func sampleTeams() []casework.Team {
	return []casework.Team{
		{ID: teamID(1), Name: "Accompagnement", Compartment: amana.Care, Identities: true, Members: []amana.MemberID{memberID(1), memberID(2)}, KeysPending: []amana.MemberID{memberID(3)}},
		{ID: teamID(2), Name: "Clinique", Compartment: amana.Care, Identities: true, Members: []amana.MemberID{memberID(1)}},
		{ID: teamID(3), Name: "Chiffres", Compartment: amana.Statistics, Members: []amana.MemberID{memberID(1), memberID(3)}},
	}
}

func sampleMembers() []casework.Member {
	return []casework.Member{
		{ID: memberID(1), Name: "Aïssata Diallo", Roles: []amana.Role{amana.RoleAdministrator, amana.RoleSupervisor}, Teams: []amana.TeamID{teamID(1), teamID(2), teamID(3)}, Joined: noon.AddDate(-1, 0, 0), Here: true},
		{ID: memberID(2), Name: "مريم منت أحمد", Roles: []amana.Role{amana.RoleCaseworker}, Teams: []amana.TeamID{teamID(1)}, Joined: noon.AddDate(0, -3, 0), Here: true},
		{ID: memberID(3), Name: "Boubacar Traoré", Roles: []amana.Role{amana.RoleAnalyst}, Teams: []amana.TeamID{teamID(1), teamID(3)}, Joined: noon.AddDate(0, -2, 0)},
		{ID: memberID(4), Name: "Awa Coulibaly", Roles: []amana.Role{amana.RoleDocumenter}, Joined: noon.AddDate(-1, 0, 0), Left: noon.AddDate(0, -1, 0)},
	}
}

func administrator() *fakeDesk {
	m := sampleMembers()[0]
	return &fakeDesk{
		me:  casework.Me{ID: m.ID, Name: m.Name, Roles: m.Roles, Teams: sampleTeams()},
		org: casework.Organisation{Name: "Clinique du Puits", Languages: []string{"fr", "ar"}, Rules: map[string]string{"idle_minutes": "10"}},
	}
}

func caseworker() *fakeDesk {
	m := sampleMembers()[1]
	return &fakeDesk{
		me:  casework.Me{ID: m.ID, Name: m.Name, Roles: m.Roles, Teams: sampleTeams()[:1]},
		org: casework.Organisation{Name: "Clinique du Puits", Languages: []string{"fr", "ar"}, Rules: map[string]string{"idle_minutes": "10"}},
	}
}

func sampleOffice() *fakeOffice {
	o := &fakeOffice{founded: true, desks: map[string]*fakeDesk{"admin words": administrator(), "case words": caseworker()}}
	for _, d := range o.desks {
		d.office = o
	}
	o.desks["case words"].rights = &casework.ServiceRights{Keep: true}
	return o
}

func sampleDemo() *web.Demo {
	return &web.Demo{Members: []web.DemoMember{
		{Name: "Aïssata Diallo", Roles: []amana.Role{amana.RoleAdministrator}, Teams: []string{"Clinique"}, Passphrase: "admin words"},
		{Name: "مريم منت أحمد", Roles: []amana.Role{amana.RoleCaseworker}, Teams: []string{"Accompagnement"}, Passphrase: "case words"},
	}}
}

// catalogue is read once: it never changes.
var catalogue = sync.OnceValues(i18n.New)

// newServer serves an office, with what the caller wants otherwise.
func newServer(t testing.TB, o web.Office, change ...func(*web.Config)) *web.Server {
	t.Helper()
	c, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	config := web.Config{
		Office: o, Catalogue: c, Now: func() time.Time { return noon },
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Hosts: []string{ourHost},
		Token: rand.Text,
		Hash:  func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) },
	}
	for _, f := range change {
		f(&config)
	}
	s, err := web.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func asDemo(c *web.Config) { c.Demo = sampleDemo() }

// browser keeps cookies, as a browser does, and asks in one language.
type browser struct {
	testing.TB
	handler  http.Handler
	language string
	cookies  map[string]string
}

func newBrowser(t testing.TB, s *web.Server, language string) *browser {
	t.Helper()
	return &browser{TB: t, handler: s.Handler(), language: language, cookies: map[string]string{}}
}

func (b *browser) do(method, target string, fields url.Values) *httptest.ResponseRecorder {
	b.Helper()
	var body io.Reader
	if fields != nil {
		body = strings.NewReader(fields.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	r.Host = ourHost
	r.Header.Set("Accept-Language", b.language)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if fields != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

// get returns a page that must be there.
func (b *browser) get(target string) string {
	b.Helper()
	w := b.do("GET", target, nil)
	if w.Code != http.StatusOK {
		b.Fatalf("GET %s: status %d, want 200 (to %q)", target, w.Code, w.Header().Get("Location"))
	}
	return w.Body.String()
}

// post sends a form, which must be answered by 303, and returns where to.
func (b *browser) post(target string, fields url.Values) string {
	b.Helper()
	if fields == nil {
		fields = url.Values{}
	}
	w := b.do("POST", target, fields)
	if w.Code != http.StatusSeeOther {
		b.Fatalf("POST %s: status %d, want 303", target, w.Code)
	}
	return w.Header().Get("Location")
}

func (b *browser) unlock(passphrase string) *browser {
	b.Helper()
	if to := b.post("/unlock", url.Values{"passphrase": {passphrase}}); to != "/" {
		b.Fatalf("unlock: sent to %s", to)
	}
	return b
}
