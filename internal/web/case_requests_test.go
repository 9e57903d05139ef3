package web_test

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

var theCase = "/cases/" + recordID(1).String()

// atWork is a browser at the desk of the administrator, who may do everything.
func atWork(t *testing.T) (*browser, *fakeDesk) {
	t.Helper()
	o := sampleOffice()
	return newBrowser(t, newServer(t, o), "en").unlock("admin words"), o.desks["admin words"]
}

// words are what a page says, without its tags.
func words(page string) string {
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))
}

// untouched are the values of a form on a page as a browser sends them if nobody
// touches it.
func untouched(page, action string) url.Values {
	fields := url.Values{}
	_, form, _ := strings.Cut(page, `action="`+action+`"`)
	form, _, _ = strings.Cut(form, "</form>")
	text := regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>`)
	for _, m := range text.FindAllStringSubmatch(form, -1) {
		fields.Add(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n"))
	}
	list := regexp.MustCompile(`(?s)<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>`)
	chosen := regexp.MustCompile(`value="([^"]*)" selected`)
	for _, m := range list.FindAllStringSubmatch(form, -1) {
		value := ""
		if c := chosen.FindStringSubmatch(m[2]); c != nil {
			value = c[1]
		}
		fields.Add(m[1], value)
	}
	for _, m := range regexp.MustCompile(`<input[^>]*>`).FindAllString(form, -1) {
		e := elements(m)[0]
		if t := e.attrs["type"]; (t == "checkbox" || t == "radio") && !strings.Contains(m, " checked") {
			continue
		}
		fields.Add(e.attrs["name"], html.UnescapeString(e.attrs["value"]))
	}
	return fields
}

func TestOpenCase_needsNothingButTheTeam(t *testing.T) {
	b, desk := atWork(t)
	fields := untouched(b.get("/cases/new"), "/cases")
	fields.Set("team", teamID(2).String())
	fields.Set("created_on", "")
	if to := b.post("/cases", fields); to != theCase {
		t.Fatalf("sent to %s, want %s", to, theCase)
	}
	in := desk.intake
	identity, onCase := typedInto(in)
	if in.Team != teamID(2) || len(identity) != 0 || len(onCase) != 0 || len(in.Consents) != 0 {
		t.Errorf("an untouched form gives team %s, identity %v, case %v, %d consents", in.Team, names(identity), names(onCase), len(in.Consents))
	}
	if !strings.Contains(b.get(theCase), "The case is saved") {
		t.Error("nothing says that it was saved")
	}
}

// typedInto is what was said in the forms of an intake, by the kind of record.
func typedInto(in casework.Intake) (identity, onCase casework.Values) {
	identity, onCase = casework.Values{}, casework.Values{}
	for _, fl := range in.Forms {
		into := map[amana.Kind]casework.Values{amana.KindIdentity: identity, amana.KindCase: onCase}[fl.Form.Kind]
		for path, v := range fl.Answers {
			if !v.IsZero() {
				into[path] = v
			}
		}
	}
	return identity, onCase
}

func TestOpenCase_readsWhatWasTyped(t *testing.T) {
	b, desk := atWork(t)
	b.post("/cases", url.Values{
		"team": {teamID(1).String()}, "name": {" Zeïnabou  "}, "contact_phone": {"٧٦ 00 00 17"}, "contact_how": {"visit", "phone_call"},
		"contact_notes_answer": {"not_asked"}, "place_of_stay_answer": {"declined"}, "sex": {"does_not_know"}, "age": {"٢٣"}, "estimated": {"false"},
		"created_on": {"9/3/2026"}, "assessment_main_concerns": {"Un abri.\r\nSa tante."},
		"consent_care": {"granted"}, "consent_statistics": {"refused"}, "consent_referral": {"granted"}, "consent_referral_recipient": {"Clinique du Fleuve"},
		"consent_matching": {"not_asked"}, "consent_publication": {"withdrawn"}, "consent_given_by": {"self"}, "consent_how": {"spoken"}, "consent_until": {"2027-01-31"},
	})
	in := desk.intake
	identity, onCase := typedInto(in)
	for name, want := range map[string]event.Value{
		"name": event.Text("Zeïnabou"), "contact_phone": event.Text("76000017"), "contact_how": event.List("phone_call", "visit"),
		"contact_notes": event.Say(event.NotAsked), "place_of_stay": event.Say(event.Declined),
	} {
		if !identity[name].Equal(want) {
			t.Errorf("identity: %s was not read as typed", name)
		}
	}
	for name, want := range map[string]event.Value{
		"sex": event.Say(event.DoesNotKnow), "age": event.Int(23), "estimated": event.Bool(false), "created_on": event.Text("2026-03-09"),
		"assessment_main_concerns": event.Text("Un abri.\nSa tante."),
	} {
		if !onCase[name].Equal(want) {
			t.Errorf("case: %s was not read as typed", name)
		}
	}
	if len(identity) != 5 || len(onCase) != 5 {
		t.Errorf("fields that nobody typed: %v %v", names(identity), names(onCase))
	}
	var got []string
	for _, c := range in.Consents {
		got = append(got, string(c.Purpose)+" "+string(c.Decision)+" "+c.Recipient.Reveal()+" "+c.How+" "+c.Until)
	}
	want := []string{"care granted  spoken 2027-01-31", "referral granted Clinique du Fleuve spoken 2027-01-31", "statistics refused  spoken 2027-01-31"}
	if !slices.Equal(got, want) {
		t.Errorf("consents %q, want %q", got, want)
	}
}

func TestOpenCase_refused(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields url.Values
		refuse error
		says   []string
	}{
		{"without a team", url.Values{"age": {"23"}}, nil, []string{"Choose whose case it is"}},
		{"a number in words", url.Values{"team": {teamID(1).String()}, "age": {"twenty"}}, nil, []string{"a whole number"}},
		{"a value and an answer", url.Values{"team": {teamID(1).String()}, "name": {"Zeïna"}, "name_answer": {"declined"}}, nil, []string{"Keep one of the two"}},
		{"by casework", url.Values{"team": {teamID(1).String()}, "name": {"Zeïna"}, "created_on": {"2031-01-01"}, "consent_care": {"granted"}, "consent_until": {"soon"}}, casework.FieldErrors{"created_on": "invalid.date.future", "name": "invalid.identity.team", "consent.care": "invalid.date"}, []string{"lies in the future", "works without names", "as exact as it is known"}},
		{"by the disk", url.Values{"team": {teamID(1).String()}, "name": {"Zeïna"}}, amana.ErrStorage, []string{"The disk did not take it"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, desk := atWork(t)
			desk.refuse = test.refuse
			to := b.post("/cases", test.fields)
			page := b.get(to)
			for _, says := range test.says {
				if !strings.Contains(words(page), says) {
					t.Errorf("the page does not say %q", says)
				}
			}
			back := untouched(page, "/cases")
			for name, values := range test.fields {
				if !slices.Equal(back[name], values) {
					t.Errorf("%s: what was typed is gone: %q", name, back[name])
				}
			}
			for _, link := range regexp.MustCompile(`href="#([a-z_]+)"`).FindAllStringSubmatch(page, -1) {
				if !strings.Contains(page, `id="`+link[1]+`"`) {
					t.Errorf("the summary leads to #%s, which is not there", link[1])
				}
			}
		})
	}
}

func TestDates_areWrittenDayFirst(t *testing.T) {
	b, desk := atWork(t)
	for typed, want := range map[string]string{
		"9/3/2026": "2026-03-09", "09.03.2026": "2026-03-09", "9 3 2026": "2026-03-09", "3/2026": "2026-03", "2026": "2026", "2026-03-09": "2026-03-09",
		"٩/٣/٢٠٢٦": "2026-03-09", "soon": "", "31/31/2026": "",
	} {
		desk.values = nil
		b.post(theCase+"/follow-up", url.Values{"followup_date": {typed}, "action_taken_details": {"x"}})
		if got := desk.values["followup_date"].Reveal(); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
	if got := untouched(b.get(theCase+"/form/consent_for_services"), theCase+"/form/consent_for_services").Get("created_on"); got != "3/9/2026" {
		t.Errorf("3 September 2026 is shown as %q", got)
	}
}

func TestSearchCases_staysInTheSession(t *testing.T) {
	b, desk := atWork(t)
	to := b.post("/cases/search", url.Values{
		"search": {"zeina gao"}, "status": {"open"}, "risk": {"high"}, "team": {teamID(2).String()}, "due": {"yes"}, "mine": {"yes"}, "sort": {"risk"},
	})
	if to != "/cases" {
		t.Fatalf("sent to %s: what was searched for is in an address", to)
	}
	page := b.get("/cases?page=3")
	want := casework.Query{Status: "open", Risk: "high", Team: teamID(2), Due: true, Mine: true, Sort: casework.ByRisk, Page: 2}
	got := desk.asked
	if got.Search.Reveal() != "zeina gao" {
		t.Error("another word was searched for")
	}
	if got.Search = (amana.Private{}); got != want {
		t.Errorf("query %+v, want %+v", got, want)
	}
	if again := untouched(page, "/cases/search"); again.Get("search") != "zeina gao" || again.Get("risk") != "high" || again.Get("sort") != "risk" {
		t.Errorf("the form does not show what was searched for: %v", again)
	}
	for _, e := range elements(page) {
		if strings.Contains(e.attrs["href"], "zeina") {
			t.Errorf("an address holds what was searched for: %s", e.attrs["href"])
		}
	}
	b.post("/cases/search", url.Values{"all": {"yes"}})
	b.get("/cases")
	if desk.asked != (casework.Query{}) {
		t.Errorf("still narrowed: %+v", desk.asked)
	}
	b.post("/cases/search", url.Values{"search": {"zeina"}})
	b.post("/lock", nil)
	b.unlock("admin words").get("/cases")
	if !desk.asked.Search.IsEmpty() {
		t.Error("the search is still known after the desk was locked")
	}
}

// A form that nobody touched changes nothing, whatever a colleague wrote since;
// one that somebody touched changes what she touched.
func TestForm_changesWhatWasTouched(t *testing.T) {
	for _, id := range []string{"gbv_survivor_information", "survivor_assessment_form", "consent_for_services", "identity", "safety_plan", "action_plan_form", "gbv_case_closure_form"} {
		b, desk := atWork(t)
		path := theCase + "/form/" + id
		if to := b.post(path, untouched(b.get(path), path)); to != theCase+"#"+id {
			t.Fatalf("%s: sent to %s", id, to)
		}
		if got := touched(desk.filled, sampleFile()); len(got) != 0 {
			t.Errorf("%s: an untouched form changes %v", id, got)
		}
	}
	b, desk := atWork(t)
	path := theCase + "/form/gbv_survivor_information"
	fields := untouched(b.get(path), path)
	fields.Set("age", "24")
	fields.Set("gbv_displacement_status", "")
	b.post(path, fields)
	want := []string{"age", "gbv_displacement_status"}
	if c := desk.filled; c.Record != recordID(1) || c.Version != 42 || !slices.Equal(touched(c, sampleFile()), want) || !c.Filling.Answers["gbv_displacement_status"].IsZero() {
		t.Errorf("record %s at %d: changes %v", c.Record, c.Version, touched(c, sampleFile()))
	}
	// What was refused comes back as it was typed, from the version first shown.
	fields.Set("age", "many")
	page := b.get(b.post(path, fields))
	if !strings.Contains(words(page), "a whole number") {
		t.Error("nothing says what was wrong")
	}
	fields = untouched(page, path)
	if fields.Get("age") != "many" || fields.Get("version") != "42" {
		t.Errorf("came back with age %q, version %q", fields.Get("age"), fields.Get("version"))
	}
	fields.Set("age", "25")
	b.post(path, fields)
	if !slices.Equal(touched(desk.filled, sampleFile()), want) {
		t.Errorf("after a refusal: changes %v", touched(desk.filled, sampleFile()))
	}
}

// touched are the fields in which a filling differs from what is recorded.
func touched(c casework.FormChange, file casework.CaseFile) []string {
	recorded := map[string]event.Value{}
	for _, part := range []*casework.Part{&file.Case, file.Identity} {
		for _, cell := range part.Cells {
			if part.Kind == c.Filling.Form.Kind {
				recorded[cell.Name] = cell.Value
			}
		}
	}
	var names []string
	for _, path := range c.Filling.Paths() {
		if !c.Filling.Answers[path].Equal(recorded[path]) {
			names = append(names, path)
		}
	}
	return names
}

// Who she is may be said later than the first day.
func TestForm_ofAnIdentityNotYetBegun(t *testing.T) {
	b, desk := atWork(t)
	file := sampleFile()
	file.Identity = &casework.Part{Kind: amana.KindIdentity}
	desk.file = &file
	if page := b.get(theCase); !strings.Contains(page, theCase+"/form/identity") || strings.Contains(words(page), "does not hold the name") {
		t.Error("the page of the case has no place for a name")
	}
	path := theCase + "/form/identity"
	fields := untouched(b.get(path), path)
	fields.Set("name", "Zeïnabou")
	b.post(path, fields)
	if c := desk.filled; !c.Record.IsZero() || c.Filling.Answers["name"].Reveal() != "Zeïnabou" {
		t.Errorf("record %s, name not read", c.Record)
	}
}

// Without a script a button shows what follows; nothing is saved, and what was typed
// stays. A script gets the questions alone.
func TestForm_asksWhatFollows(t *testing.T) {
	b, desk := atWork(t)
	path := theCase + "/form/gbv_survivor_information"
	off := func(page string) bool {
		return strings.Contains(page, `data-q="survivor_lives_alone" hidden`) || strings.Contains(page, `data-q="group-child_block" hidden`)
	}
	if !off(b.get(path)) {
		t.Fatal("a child's questions are asked of someone of 23")
	}
	fields := untouched(b.get(path), path)
	fields.Set("age", "12")
	fields.Set("occupation", "School")
	page := b.get(b.post(path+"/ask", fields))
	if off(page) || untouched(page, path).Get("occupation") != "School" {
		t.Error("plain: a child's questions are not asked, or what was typed is gone")
	}
	fields.Set("live", "yes")
	w := b.do("POST", path+"/ask", fields)
	if w.Code != 200 || off(w.Body.String()) || strings.Contains(w.Body.String(), "<form") {
		t.Errorf("live: status %d, or not the questions alone", w.Code)
	}
	if len(desk.wrote) != 0 {
		t.Errorf("something was done: %v", desk.wrote)
	}
}

// Items of a repeat come and go by a button, and keep their ids.
func TestForm_repeats(t *testing.T) {
	b, desk := atWork(t)
	path := theCase + "/form/action_plan_form"
	fields := untouched(b.get(path), path)
	fields.Set("add", "action_plan_section")
	ask := func(fields url.Values) url.Values {
		to, _, _ := strings.Cut(b.post(path+"/ask", fields), "#")
		return untouched(b.get(to), path)
	}
	fields = ask(fields)
	first := fields["action_plan_section"]
	if len(first) != 1 {
		t.Fatalf("%d items after adding one", len(first))
	}
	at := "action_plan_section/" + first[0]
	fields.Set(at+"/action_plan_description", "Go with her to the clinic")
	fields.Set("add", "action_plan_section")
	fields = ask(fields)
	if len(fields["action_plan_section"]) != 2 || fields["action_plan_section"][0] != first[0] {
		t.Fatalf("items %v, want two, %s first", fields["action_plan_section"], first[0])
	}
	fields.Set("remove", "action_plan_section/"+fields["action_plan_section"][1])
	fields = ask(fields)
	b.post(path, fields)
	if got := desk.filled.Filling; got.Answers[at+"/action_plan_description"].Reveal() != "Go with her to the clinic" || len(got.Removed) != 1 {
		t.Errorf("the item was not read, or the other one not taken away: %v %v", got.Paths(), got.Removed)
	}
}

// All that is wrong with a new case is said in one round.
func TestOpenCase_saysAllAtOnce(t *testing.T) {
	b, _ := atWork(t)
	page := words(b.get(b.post("/cases", url.Values{
		"age": {"twenty"}, "name": {"Zeïna"}, "name_answer": {"declined"}, "created_on": {"2031-01-01"}, "consent_care": {"granted"}, "consent_until": {"soon"},
	})))
	for _, says := range []string{"Choose whose case it is", "a whole number", "Keep one of the two", "lies in the future", "as exact as it is known"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
}

func TestSettle_keepsTheValueThatWasSeen(t *testing.T) {
	b, desk := atWork(t)
	page := b.get(theCase)
	var forms []url.Values
	for rest := page; ; {
		_, after, found := strings.Cut(rest, `action="`+theCase+`/settle"`)
		if !found {
			break
		}
		forms, rest = append(forms, untouched(rest, theCase+"/settle")), after
	}
	if len(forms) != 2 {
		t.Fatalf("%d values to choose from, want 2", len(forms))
	}
	for i, want := range []string{"high", "medium"} {
		if to := b.post(theCase+"/settle", forms[i]); to != theCase {
			t.Fatalf("sent to %s", to)
		}
		if got := desk.change; got.Record != recordID(1) || got.Version != 42 || got.Values["risk_level"].Reveal() != want {
			t.Errorf("form %d keeps %q", i, got.Values["risk_level"].Reveal())
		}
	}
	desk.change = casework.Change{}
	forms[1].Set("stamp", "0")
	if to := b.post(theCase+"/settle", forms[1]); to != "/sorry/409" || desk.change.Values != nil {
		t.Errorf("another value than was seen is kept (to %s)", to)
	}
}

func TestConsent_isChangedOneByOne(t *testing.T) {
	for _, test := range []struct{ name, at, decision, recipient, want string }{
		{"withdrawn", "care", "withdrawn", "", "care withdrawn "},
		{"asked at last", "matching", "refused", "", "matching refused "},
		{"for a recipient", "referral-3", "withdrawn", "Clinique du Fleuve", "referral withdrawn Clinique du Fleuve"},
		{"for another", "referral-new", "granted", "Maison des femmes", "referral granted Maison des femmes"},
		{"without an answer", "matching", "not_asked", "", ""},
		{"with one that there is not", "matching", "perhaps", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, desk := atWork(t)
			path := theCase + "/consent/" + test.at
			purpose, _, _ := strings.Cut(test.at, "-")
			fields := untouched(b.get(path), path)
			fields.Set("consent_"+purpose, test.decision)
			if test.recipient != "" && fields.Get("consent_"+purpose+"_recipient") == "" {
				fields.Set("consent_"+purpose+"_recipient", test.recipient)
			}
			b.post(path, fields)
			got := ""
			for _, c := range desk.consents {
				got += string(c.Purpose) + " " + string(c.Decision) + " " + c.Recipient.Reveal()
			}
			if got != test.want {
				t.Errorf("recorded %q, want %q", got, test.want)
			}
		})
	}
}

func TestCase_verbs(t *testing.T) {
	for _, test := range []struct {
		name, path string
		fields     url.Values
		to, wrote  string
	}{
		{"a note", "/notes", url.Values{"note": {" Calme.\r\nÀ revoir. "}}, "#notes", "note " + recordID(1).String() + ": Calme.\nÀ revoir."},
		{"an empty note", "/notes", url.Values{"note": {" "}}, "?again=1", ""},
		{"a follow-up", "/follow-up", url.Values{"followup_date": {"2026-11-01"}, "action_taken_details": {"Visite"}}, "#follow-ups", "follow up " + recordID(1).String()},
		{"a follow-up that says nothing", "/follow-up", url.Values{"followup_date": {"2026-11-01"}}, "/follow-up?again=1", ""},
		{"a follow-up without a day", "/follow-up", url.Values{"action_taken_details": {"Visite"}}, "/follow-up?again=1", ""},
		{"closing", "/close", url.Values{"closure_reason": {"closure_needs_met"}, "date_closure": {"2026-11-02"}}, "", "close " + recordID(1).String()},
		{"closing without a reason", "/close", url.Values{"date_closure": {"2026-11-02"}}, "/close?again=1", ""},
		{"opening again", "/reopen", nil, "", "reopen " + recordID(1).String()},
		{"erasing without a reason", "/erase", url.Values{"code": {sampleCode}}, "/erase?again=1", ""},
		{"erasing without the code", "/erase", url.Values{"reason": {"asked"}}, "/erase?again=1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, desk := atWork(t)
			if to := b.post(theCase+test.path, test.fields); to != theCase+test.to {
				t.Errorf("sent to %s, want %s", to, theCase+test.to)
			}
			if got := strings.Join(desk.wrote, "; "); got != test.wrote {
				t.Errorf("did %q, want %q", got, test.wrote)
			}
		})
	}
	b, desk := atWork(t)
	if to := b.post(theCase+"/erase", url.Values{"reason": {"asked"}, "code": {sampleCode}}); to != "/cases" {
		t.Errorf("erasing: sent to %s", to)
	}
	if got, want := desk.wrote, []string{"erase " + recordID(1).String() + " asked " + sampleCode}; !slices.Equal(got, want) {
		t.Errorf("erasing did %q", got)
	}
}

func TestCase_refusedByCasework(t *testing.T) {
	b, desk := atWork(t)
	desk.refuse = casework.FieldErrors{"code": "invalid.code.other"}
	page := b.get(b.post(theCase+"/erase", url.Values{"reason": {"asked"}, "code": {"K7QM-3XRA-TX"}}))
	if !strings.Contains(words(page), "This is not the code of this case") || untouched(page, theCase+"/erase").Get("reason") != "asked" {
		t.Error("a wrong code is not said to be one, or what was chosen is gone")
	}
	desk.refuse = casework.FieldErrors{"text": "invalid.too_long"}
	page = b.get(b.post(theCase+"/notes", url.Values{"note": {"mot"}}))
	if !strings.Contains(words(page), "This is too long") || untouched(page, theCase+"/notes").Get("note") != "mot" {
		t.Error("a note that was refused is gone, or nothing says why")
	}
	if strings.Contains(page, "There are 2 things") {
		t.Error("one thing is told twice")
	}
}

func TestCase_thatIsNotThere(t *testing.T) {
	b, desk := atWork(t)
	other := "/cases/" + recordID(2).String()
	for _, path := range []string{
		other, other + "/form/identity", other + "/erase", "/cases/zeina", theCase + "/form/system", theCase + "/form/client_feedback",
		theCase + "/consent/spying", theCase + "/consent/care-new", theCase + "/history/" + recordID(1).String() + "/nothing",
		theCase + "/history/" + recordID(9).String() + "/risk_level", theCase + "/history/x/y",
	} {
		if w := b.do("GET", path, nil); w.Code != 404 {
			t.Errorf("GET %s: status %d, want 404", path, w.Code)
		}
	}
	desk.gone = &casework.ErasedError{Tombstone: casework.Tombstone{Record: recordID(1), When: noon, By: memberID(1), Reason: "safety"}}
	for _, path := range []string{"", "/form/safety_plan", "/follow-up", "/close", "/erase"} {
		w := b.do("GET", theCase+path, nil)
		if text := words(w.Body.String()); w.Code != 410 || !strings.Contains(text, "This case was erased") || !strings.Contains(text, "Aïssata Diallo") {
			t.Errorf("GET %s: status %d; it does not say that it was erased, by whom", path, w.Code)
		}
	}
}

// Who may not write is offered nothing to write.
func TestCase_forReadersOnly(t *testing.T) {
	b, desk := atWork(t)
	file := sampleFile()
	file.MayWrite, file.MayErase = false, false
	desk.file = &file
	page := b.get(theCase)
	for _, e := range elements(page) {
		for _, forbidden := range []string{"/form/", "/notes", "/follow-up", "/settle", "/close", "/reopen", "/erase", "/consent/"} {
			if at := e.attrs["href"] + e.attrs["action"]; strings.HasPrefix(at, theCase) && strings.Contains(at, forbidden) {
				t.Errorf("offers %s", at)
			}
		}
	}
	for _, path := range []string{"/form/safety_plan", "/follow-up", "/close", "/erase", "/consent/care"} {
		if w := b.do("GET", theCase+path, nil); w.Code != 404 {
			t.Errorf("GET %s: status %d, want 404", path, w.Code)
		}
	}
}
