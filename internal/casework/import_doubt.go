package casework

import (
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/record"
	"amana/internal/view"
)

// likeness of a row to something that is here.
type similar struct {
	answer   Same
	caseID   amana.RecordID
	incident broughtIncident
}

// Reasons why a row may be here already; they are message keys.
const (
	reasonIncident = "import.alike.incident" // day, type, sex, age and place are the same
	reasonCode     = "import.alike.code"     // the same code of a survivor, from elsewhere
	reasonName     = "import.alike.name"     // the name, or one that sounds like it
	reasonPhone    = "import.alike.phone"
)

// doubt asks whether a row may be here already, and what was decided. Where nothing
// is alike it is different. linked is set where the source itself says whose it is.
func (in *intaking) doubt(row *exchange.Row, linked bool) (similar, error) {
	var s similar
	reasons := map[string]bool{}
	for _, key := range in.likeness(row.Values) {
		if at, there := in.alike[key]; there {
			one := in.brought[at]
			s.caseID, s.incident = one.caseID, one
			reasons[reasonIncident] = true
		}
	}
	if !linked {
		if err := in.samePerson(row, &s, reasons); err != nil {
			return s, err
		}
	}
	if len(reasons) == 0 {
		return similar{answer: Different}, nil
	}
	decided := in.answers[row.Line]
	if decided == "" {
		decided = in.plan.Rest
	}
	switch {
	case decided == SameIncident && s.incident.id.IsZero():
		decided = SamePerson
	case decided == "":
		decided = Later
	}
	s.answer = decided
	if len(in.report.Doubts) < mostShown {
		in.report.Doubts = append(in.report.Doubts, in.told(row, s, reasons))
	}
	return s, nil
}

// samePerson looks for somebody with the same code, phone or name.
func (in *intaking) samePerson(row *exchange.Row, s *similar, reasons map[string]bool) error {
	note := func(id amana.RecordID, reason string) {
		if s.caseID.IsZero() {
			s.caseID = id
		}
		if s.caseID == id {
			reasons[reason] = true
		}
	}
	if row.Code != "" {
		if at, there := in.codes[in.hash("survivor", row.Code)]; there {
			note(in.brought[at].caseID, reasonCode)
		} else if code, ok := record.CheckCode(row.Code); ok { // it may be one of ours
			if err := in.search(code, reasonCode, note); err != nil {
				return err
			}
		}
	}
	if phone := row.Identity["contact_phone"].Reveal(); phone != "" {
		if err := in.search(phone, reasonPhone, note); err != nil {
			return err
		}
	}
	name := strings.Join(strings.Fields(row.Identity["name"].Reveal()), " ")
	if name == "" {
		return nil
	}
	if at, there := in.names[in.hash("name", strings.ToLower(name))]; there && in.files[at].line > 0 {
		note(in.files[at].id, reasonName)
	}
	return in.search(name, reasonName, note)
}

// mostAlike is how many cases a search for one row looks at.
const mostAlike = 3

// search notes the cases that were here before this import and that some words find.
func (in *intaking) search(words, reason string, note func(amana.RecordID, string)) error {
	found, err := in.desk.session.Cases(amana.Conceal(words), view.Filter{Sort: view.ByUpdated, Limit: mostAlike})
	if err != nil {
		return err
	}
	for _, c := range found {
		if at, ours := in.byCase[in.hash("id", string(c.ID[:]))]; ours && in.files[at].line > 0 {
			continue // begun by this import
		}
		note(c.ID, reason)
	}
	return nil
}

// compared are the fields that help somebody to tell two incidents apart.
var compared = []string{
	"incident_date", "date_of_first_report", "gbv_sexual_violence_type", "sex", "age", "date_of_birth",
	"incident_location_type", "incident_camp_town",
}

// told is what a page says of a row that may be here already.
func (in *intaking) told(row *exchange.Row, s similar, reasons map[string]bool) Doubt {
	d := Doubt{
		Line: row.Line, Sheet: row.Sheet, Code: amana.Conceal(row.Code), Name: amana.Conceal(row.Identity["name"].Reveal()),
		Values: Values{}, Case: s.caseID, Incident: reasons[reasonIncident],
	}
	for _, name := range compared {
		if v := row.Values[name]; !v.IsZero() {
			d.Values[name] = v
		}
	}
	for _, r := range []string{reasonIncident, reasonCode, reasonPhone, reasonName} {
		if reasons[r] {
			d.Reasons = append(d.Reasons, r)
		}
	}
	if at, there := in.byCase[in.hash("id", string(s.caseID[:]))]; there {
		d.OtherRow = int(in.files[at].line)
	}
	if s.incident.line > 0 {
		d.OtherRow = int(s.incident.line)
	}
	if d.OtherRow > 0 {
		d.Case = amana.RecordID{}
		return d
	}
	if f, err := in.desk.session.Peek(s.caseID); err == nil {
		d.CaseCode = f.Case.Value("survivor_code_no").Reveal()
	}
	return d
}

// named notes the name of somebody whose case this file began.
func (in *intaking) named(row *exchange.Row, c *broughtCase) {
	name := strings.Join(strings.Fields(row.Identity["name"].Reveal()), " ")
	if name != "" {
		in.names[in.hash("name", strings.ToLower(name))] = in.caseAt(c.id)
	}
}

func recordLine(s string) string {
	v, fault := record.Parse(record.Field{Type: record.Line}, s)
	if fault == "" && v.Equal(event.Value{}) {
		return string(record.FaultRequired)
	}
	return string(fault)
}
