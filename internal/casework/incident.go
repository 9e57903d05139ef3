package casework

import (
	"context"
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/gbv"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// Incident is one incident of a case, with what the rules of the standard say of
// it. Nothing of that is recorded: it is worked out whenever it is read.
type Incident struct {
	Part   Part // as forms have it
	ID     amana.RecordID
	Begun  time.Time
	By     amana.MemberID
	Code   string
	Values Values // every field, those of lists as "list/item/field"

	Type     string       // "" where the answers do not give one
	Decision gbv.Decision // why
	Contexts []string     // that hold
	Open     []string     // contexts of which it cannot be told
	Elapsed  string       // from the incident to its report, or "" unknown
	Number   string       // of perpetrators, or "" unknown
	Age      gbv.Age      // at the incident
}

// incidentsOf returns the incidents of a case, the last one first; those without
// a day stand first, since somebody should ask.
func (d *Desk) incidentsOf(f vault.CaseFile) []Incident {
	survivor := valuesOf(f.Case)
	var list []Incident
	for _, o := range f.Records {
		if o.Kind == amana.KindIncident {
			list = append(list, d.incidentOf(o, survivor))
		}
	}
	slices.SortStableFunc(list, func(a, b Incident) int {
		da, db := a.Values["incident_date"].Reveal(), b.Values["incident_date"].Reveal()
		switch {
		case da == db:
			return b.Begun.Compare(a.Begun)
		case da == "" || db != "" && da > db:
			return -1
		}
		return 1
	})
	return list
}

func (d *Desk) incidentOf(o vault.Opened, survivor Values) Incident {
	v := valuesOf(o)
	in := Incident{
		Part: d.part(o), ID: o.ID, Begun: record.When(o.Opened), Code: v["incident_code"].Reveal(), Values: v,
		Type: gbv.Type(v), Decision: gbv.TypeOf(v), Number: gbv.NumberOfPerpetrators(v), Age: gbv.AgeAt(v, survivor),
		Elapsed: gbv.Elapsed(v["date_of_first_report"].Reveal(), v["incident_date"].Reveal()),
	}
	in.Contexts, in.Open = gbv.Contexts(v, survivor)
	if changes := o.Changes(); len(changes) > 0 {
		in.By = changes[0].By
	}
	return in
}

func valuesOf(o vault.Opened) Values {
	v := make(Values, len(o.Cells()))
	for _, c := range o.Cells() {
		v[c.Name] = c.Value
	}
	return v
}

// BeginIncident begins an incident of a case, for the teams of the case, with a
// code of its own and what the case knows already: nobody is asked twice. Kinds:
// ErrNotFound, ErrRefused, ErrStorage.
func (d *Desk) BeginIncident(ctx context.Context, caseID amana.RecordID) (amana.RecordID, error) {
	f, err := d.session.Peek(caseID)
	if err != nil {
		return amana.RecordID{}, err
	}
	if err := d.notMoved(caseID); err != nil {
		return amana.RecordID{}, err
	}
	id := d.session.NewRecord(amana.KindIncident)
	return id, d.session.Save(ctx, vault.Change{
		Record: id,
		Begin:  &vault.Begin{Kind: amana.KindIncident, Case: caseID, Teams: f.Case.Teams},
		Facts:  sets(d.firstOfIncident(f)),
	})
}

// stale is how old an age may be to be taken over.
const stale = 365 * 24 * time.Hour

// firstOfIncident is what a new incident of a case begins with.
func (d *Desk) firstOfIncident(f vault.CaseFile) Values {
	now := d.office.now()
	begun := Values(gbv.CopyToIncident(valuesOf(f.Case)))
	if age, there := f.Case.Field("age"); there && now.Sub(record.When(age.Time)) > stale {
		delete(begun, "age")
		delete(begun, "estimated")
	}
	begun["incident_code"] = event.Text(record.NewCode(seal.Random16()))
	begun["status"] = event.Text(statusOpen)
	begun["date_of_first_report"] = event.Text(d.today())
	earlier := slices.ContainsFunc(f.Records, func(o vault.Opened) bool { return o.Kind == amana.KindIncident })
	if !earlier { // it is what she came for
		c := record.CaseOf(&f.Case.Record)
		begun["date_of_first_report"] = event.Text(c.Opened)
		for field, text := range map[string]string{
			"incident_date": c.Assault.Date, "incident_time": c.Assault.Time, "incident_timeofday": c.Assault.Part,
			"service_referred_from": f.Case.Value("service_referred_from").Reveal(),
		} {
			if text != "" {
				begun[field] = event.Text(text)
			}
		}
	}
	if may, said := mayCount(f); said {
		begun["consent_reporting"] = event.Bool(may)
	}
	return begun
}

// mayCount is her answer to being counted without being known, and whether she
// was asked.
func mayCount(f vault.CaseFile) (may, said bool) {
	for i := range f.Records {
		if f.Records[i].Kind != amana.KindConsent {
			continue
		}
		c := f.Records[i].Consent(amana.PurposeStatistics, amana.Private{})
		switch c.Decision {
		case amana.Granted:
			return true, true
		case amana.Refused, amana.Withdrawn:
			return false, true
		case amana.NotAsked:
		}
	}
	return false, false
}
