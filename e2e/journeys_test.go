package e2e

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	noun "amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/web"
)

// The journeys of care, from the first word to the end, in a language of each
// direction. They run on an organisation of their own whose clock the test holds: an
// hour 70 that comes and goes, an answer that never comes.

// clinic is an invented organisation with pages, and its clock.
type clinic struct {
	URL string

	mu  sync.Mutex
	now time.Time
}

const clinicWords = "lusab-babad-gutih-tugad-mudof-sakat"

// deskOffice hands out desks as pages know them.
type deskOffice struct{ *casework.Office }

func (o deskOffice) Unlock(ctx context.Context, passphrase []byte) (web.Desk, error) {
	d, err := o.Office.Unlock(ctx, passphrase)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (c *clinic) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clinic) later(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

func openClinic(t *testing.T) *clinic {
	t.Helper()
	c := &clinic{now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	office, err := casework.NewOffice(casework.Options{Dir: filepath.Join(t.TempDir(), "v"), Demo: true, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	_, err = office.Found(context.Background(), casework.NewOrganisation{
		Name: "Clinique inventée", Languages: []string{"fr", "ar"}, Administrator: "Mariam Inventée", Passphrase: []byte(clinicWords),
		Teams:      []casework.NewTeam{{Name: "Accueil", Compartment: noun.Care, Identities: true, Join: true}},
		Custodians: []string{"A", "B", "C"}, Threshold: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := office.Unlock(context.Background(), []byte(clinicWords))
	if err != nil {
		t.Fatal(err)
	}
	notice := casework.ReportingNotice{Country: "ML", Words: map[string]string{"fr": "Avis inventé : rien ne sort d’ici sans vous.", "ar": "تنبيه مخترع: لا يخرج شيء من هنا من دونك."}}
	if err := d.Adopt(context.Background(), casework.ReportingTable, "notice-1", notice.Encode()); err != nil {
		t.Fatal(err)
	}
	catalogue, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewUnstartedServer(nil)
	s, err := web.New(web.Config{
		Office: deskOffice{office}, Catalogue: catalogue, Now: c.Now, Logger: slog.New(slog.DiscardHandler),
		Hosts: []string{site.Listener.Addr().String()}, Token: rand.Text,
		Hash: func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) },
	})
	if err != nil {
		t.Fatal(err)
	}
	site.Config.Handler = s.Handler()
	site.Start()
	c.URL = site.URL
	t.Cleanup(func() { site.Close(); s.Close(); office.LockAll() })
	return c
}

// journey is one person's way through the pages.
type journey struct {
	*tab
	clinic   *clinic
	name     string
	language string
	file     string // the path of her case
}

// later lets time pass, longer than a desk stays open.
func (j *journey) later(d time.Duration) {
	j.Helper()
	j.clinic.later(d)
	j.unlock(member{Passphrase: clinicWords})
	j.speak(j.language)
}

func TestJourneys(t *testing.T) {
	t.Parallel()
	need(t, axeSource() != "", "axe-core, its axe.min.js named by AMANA_AXE")
	b := startBrowser(t)
	for name, walk := range map[string]func(*journey){
		"a first visit at hour 70":               (*journey).atHour70,
		"she refuses all documentation":          (*journey).refusesAll,
		"a child whose caregiver is the suspect": (*journey).caregiverIsSuspect,
		"a referral by paper, never answered":    (*journey).neverAnswered,
	} {
		for _, language := range []string{"fr", "ar"} {
			t.Run(name+" "+language, func(t *testing.T) {
				c := openClinic(t)
				j := &journey{tab: b.newTab(t, c.URL), clinic: c, name: name + " " + language, language: language}
				j.unlock(member{Passphrase: clinicWords})
				j.speak(language)
				walk(j)
				j.wantNoFaults()
			})
		}
	}
}

// fit wants the page as it stands fit for everyone, and keeps a picture of it where
// AMANA_JOURNEYS names a folder.
func (j *journey) fit(step string) {
	j.Helper()
	eval[bool](j.tab, "scrollTo(0, 0), true") // the bar on top may stand over what a link led to
	j.wantFitForEveryone()
	dir := os.Getenv("AMANA_JOURNEYS")
	if dir == "" {
		return
	}
	for _, look := range []struct {
		width  int64
		scheme string
	}{{320, "light"}, {1280, "dark"}} {
		j.look(look.width, look.scheme)
		picture := ask(j.tab, "take a picture", chromedp.FullScreenshot(90))
		file := fmt.Sprintf("%s %s %d.png", j.name, step, look.width)
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(file, " ", "_")), picture, 0o600); err != nil {
			j.Fatal(err)
		}
	}
	j.look(1280, "light")
}

// arrive begins a case: she is looked for first, the notice is read first.
func (j *journey) arrive(fill func(h hand)) {
	j.Helper()
	h := byMouse{j.tab}
	j.open("/today")
	h.press(`a[href="/cases/find"]`)
	j.fit("1 known")
	h.write("#name", "Zeïnab Exemple")
	h.send("#name")
	j.wantAt("/cases/find")
	h.press("button[name=go][value=new]")
	j.wantAt("/cases/new")
	h.tick("told", "\""+eval[string](j.tab, `document.querySelector("input[name=told]").value`)+"\"")
	h.tick("consent_care", "granted")
	fill(h)
	j.fit("2 intake")
	h.press("main form button.main")
	j.file = cutAt(j.path(), "?#")
	if !strings.HasPrefix(j.file, "/cases/") || strings.HasPrefix(j.file, "/cases/new") {
		j.Fatalf("the case was not opened: at %s:\n%s", j.path(), j.text())
	}
}

func (j *journey) atHour70() {
	j.arrive(func(h hand) {
		h.write("#assault_date", "1/3/2026") // 70 hours before
		h.write("#assault_time", "12:00")
	})
	if !j.has("#windows") {
		j.Fatal("the case does not say what can still help")
	}
	j.fit("3 case")
	j.open("/today")
	if !eval[bool](j.tab, `document.querySelector("#urgent") !== null && document.body.innerText.includes("2")`) || !j.has(`main a[href^="`+j.file+`"]`) {
		j.Fatalf("two hours are left, and today does not begin with her:\n%s", j.text())
	}
	before := eval[string](j.tab, `document.querySelector("#urgent").parentElement.innerText`)
	j.fit("4 today")
	j.later(3 * time.Hour)
	j.open("/today")
	if after := eval[string](j.tab, `document.querySelector("main").innerText`); strings.Contains(after, before) {
		j.Error("an hour after the window closed the page says what it said before")
	}
	j.open(j.file)
	if !j.has("#windows") {
		j.Error("after 72 hours nothing else is offered")
	}
}

// refusesAll is requirement 2: all documentation refused, and all the help there is.
func (j *journey) refusesAll() {
	j.arrive(func(h hand) {
		for _, purpose := range []string{"statistics", "matching", "accountability", "publication", "contact", "referral"} {
			h.tick("consent_"+purpose, "refused")
		}
		h.write("#name", " ")
	})
	h := byMouse{j.tab}
	j.open(j.file + "/form/clinical_visit")
	h.press("button[name=add]")
	item := eval[string](j.tab, `document.querySelector("input[name=clinical_visit]").value`)
	h.write(`[name="clinical_visit/`+item+`/visit_date"]`, "4/3/2026")
	h.write(`[name="clinical_visit/`+item+`/care_note"]`, "soin donné vkro")
	j.fit("3 clinical")
	h.press("main form button.main")
	j.wantOn("the clinical record", "vkro")
	j.refer("Hôpital inventé")
	h.press(`form[action$="/send"] button[value=phone]`)
	j.wantOn("what to say on the phone", "")
	j.open(j.referral())
	h.press(`form[action$="/step"] button[value=accepted]`)
	h.press(`form[action$="/step"] button[value=service_received]`)
	if !j.has(".timeline") {
		j.Error("the referral has no course")
	}
	j.open(j.file)
	j.fit("5 case")
}

// refer proposes a referral, asks her, and has her yes.
func (j *journey) refer(provider string) {
	j.Helper()
	h := byMouse{j.tab}
	j.open(j.file + "/referrals/new")
	j.pick("#service", "health_medical_service")
	j.pick("#urgency", "urgent")
	h.write("#provider_name", provider)
	h.press("main form[action$='/referrals'] button.main")
	if !strings.HasSuffix(cutAt(j.path(), "?#"), "/ask") {
		j.Fatalf("it is not asked whether she agrees: at %s", j.path())
	}
	h.tick("decision", "granted")
	j.fit("4 asked")
	h.press("main form button.main")
	if !j.has("#send") {
		j.Fatalf("she agreed, and it cannot be sent: at %s:\n%s", j.path(), j.text())
	}
	j.fit("4 referral")
}

func (j *journey) referral() string {
	j.Helper()
	at := strings.TrimSuffix(strings.TrimSuffix(cutAt(j.path(), "?#"), "/phone"), "/slip")
	if !strings.Contains(at, "/referrals/") {
		j.Fatalf("not at a referral: %s", j.path())
	}
	return at
}

func (j *journey) caregiverIsSuspect() {
	h := byMouse{j.tab}
	minor := func(role, by, why string) {
		if !eval[bool](j.tab, `document.querySelector("#minor").open`) {
			j.do("open the part for a child", chromedp.Click(chromedp.CSS("#minor summary"), chromedp.NodeVisible))
		}
		j.pick("#caregiver_role", role)
		j.pick("#consent_given_by", by)
		if why != "" {
			h.write("#best_interests", why)
		}
	}
	j.open("/cases/new")
	h.write("#age", "11")
	h.tick("consent_statistics", "granted")
	minor("may_be_involved", "guardian_with_assent", "")
	h.press("main form button.main")
	j.wantAt("/cases/new")
	if !j.has("#minor[open]") || !j.has(".failed #consent_given_by") {
		j.Fatalf("the word of the caregiver who is the suspect is not refused where it stands:\n%s", j.text())
	}
	j.fit("1 refused")
	minor("may_be_involved", "trusted_adult_with_assent", "Sa tante décide avec elle.")
	h.press("main form button.main")
	j.file = cutAt(j.path(), "?#")
	if !j.has(".note.danger") {
		j.Errorf("the case does not warn that the caregiver is not told:\n%s", j.text())
	}
	j.fit("2 case")
	j.open(j.file + "/consent/matching")
	if j.has("option[value^=guardian]") {
		j.Error("the page of a consent offers the caregiver's word")
	}
	j.fit("3 consent")
	j.open(j.file + "/form/survivor_assessment_form")
	if !j.has("#guard") || !j.has("#notice") {
		j.Error("nothing stands before an account of a child")
	}
	j.fit("4 account")
}

func (j *journey) neverAnswered() {
	j.arrive(func(hand) {})
	h := byMouse{j.tab}
	j.refer("Maison du droit inventée")
	j.do("by paper", chromedp.Click(chromedp.CSS(`details:has([name=channel][value=paper]) summary`), chromedp.NodeVisible))
	h.write("#service_location", "La porte bleue")
	h.press(`form:has([name=channel][value=paper]) button`)
	if words := j.text(); strings.Contains(words, "Zeïnab") || strings.Contains(words, "Maison du droit") {
		j.Errorf("the slip gives away who, or where to:\n%s", words)
	}
	j.fit("5 slip")
	one := j.referral()
	j.open("/today")
	if j.has("#referrals") {
		j.Error("a referral of this hour is overdue")
	}
	j.later(25 * time.Hour)
	j.open("/today")
	if !j.has(`main a[href="` + one + `"]`) {
		j.Fatalf("nobody answered for a day, and today does not say so:\n%s", j.text())
	}
	j.fit("6 today")
	j.open(one)
	j.fit("7 referral")
}

// pick chooses one of a list that opens.
func (j *journey) pick(selector, value string) {
	j.Helper()
	j.do("pick "+value, chromedp.SetValue(chromedp.CSS(selector), value, chromedp.NodeVisible))
}
