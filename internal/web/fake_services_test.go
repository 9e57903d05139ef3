package web_test

import (
	"bytes"
	"context"
	"io"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/event"
)

// fakeServices answers for the directory on a desk.
type fakeServices struct {
	services *[]directory.Service // the sample, unless set
	rights   *casework.ServiceRights
	written  directory.Plain
	classed  map[string]directory.Class
	tapped   []string
	keeps    error // of every verb that changes something, where set
	imported int
	office   *fakeOffice
}

const safePlace = "Impasse du Tamaris 17"

// sampleServices are a clinic that can help in time, one that nobody looked at for
// long, and a safe house.
func sampleServices() []directory.Service {
	text := func(s directory.Service, pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			s.Values[pairs[i]] = event.Text(pairs[i+1])
		}
	}
	days := func(n int) string { return noon.AddDate(0, 0, -n).Format(time.DateOnly) }
	at := func(s directory.Service, lat, lon float64) {
		s.Values["service_at_locations/l/location/latitude"], s.Values["service_at_locations/l/location/longitude"] = event.Decimal(lat), event.Decimal(lon)
	}
	clinic := directory.Service{ID: recordID(41), Values: directory.Values{"service_types": event.List("health_medical_service", "psychosocial_service")}}
	text(clinic, "id", "s41", "name", sampleProvider, "status", "active", "organization/name", "Association inventée", "organization/id", "o1", "assured_date", days(3),
		"verified_by", memberID(2).String(), "stock_pep", "yes", "stock_pep_on", days(2), "stock_ec", "no", "stock_ec_on", days(2), "cmr", "yes",
		"phones/p/number", "70 00 00 41", "languages/l/code", "taq", "women_on_staff", "yes", "child_competent", "unknown", "description", "Soins de jour et de nuit.\nSonner.",
		"service_at_locations/l/location/name", "La porte bleue", "service_at_locations/l/location/addresses/a/city", "Kelmo", "service_at_locations/l/location/addresses/a/address_1", "Rue du Puits",
		"schedules/h/freq", "WEEKLY", "schedules/h/byday", "MO,TU,WE,TH,FR", "schedules/h/opens_at", "08:00", "schedules/h/closes_at", "16:00",
		"contacts/c/name", "Mme Awa Inventée", "focal_role", "La sage-femme de garde", directory.ClassField("service"), "public", "mhpss_tier", "3", "unheard_of", "kept")
	clinic.Values["referral_method"] = event.List("phone", "in_person")
	at(clinic, 14.51, -4.20)
	old := directory.Service{ID: recordID(42), Values: directory.Values{"service_types": event.List("legal_assistance_service")}}
	text(old, "id", "s42", "name", "Bureau Santal", "assured_date", days(91), "service_areas/a/name", "Kelmo", directory.ClassField("service"), "public", "alert", "Déménage bientôt")
	stale := directory.Service{ID: recordID(43), Values: directory.Values{"service_types": event.List("psychosocial_service")}}
	text(stale, "id", "s43", "name", "Cercle des Tisserandes", "assured_date", days(31), "service_areas/a/name", "Kelmo", directory.ClassField("service"), "public", "capacity", "limited")
	house := directory.Service{ID: recordID(44), Values: directory.Values{"service_types": event.List(directory.SafeHouse)}}
	text(house, "id", "s44", "name", "Maison du Repos", "assured_date", days(1), "service_at_locations/l/location/addresses/a/address_1", safePlace,
		"service_at_locations/l/location/addresses/a/city", "Kelmo", "phones/p/number", "70 00 00 44", directory.ClassField("service"), "public")
	at(house, 14.777, -4.333)
	shut := directory.Service{ID: recordID(45), Values: directory.Values{"service_types": event.List("food_service")}}
	text(shut, "id", "s45", "name", "Cuisine fermée", "assured_date", days(1), "status", "temporarily closed")
	return []directory.Service{clinic, old, stale, house, shut}
}

func (f *fakeServices) all() []directory.Service {
	if f.services != nil {
		return *f.services
	}
	return sampleServices()
}

func (f *fakeServices) Services(context.Context) (*directory.Directory, error) {
	return directory.New(f.all()), nil
}

func (f *fakeServices) ServiceByID(_ context.Context, id amana.RecordID) (directory.Service, error) {
	s, there := directory.New(f.all()).ByID(id)
	if !there {
		return s, amana.ErrNotFound
	}
	return s, nil
}

func (f *fakeServices) ServiceHistory(context.Context, amana.RecordID) ([]casework.ServiceMoment, error) {
	return []casework.ServiceMoment{
		{When: noon, By: memberID(2), Groups: []string{"stock", "internal"}},
		{When: noon.Add(-time.Hour), By: memberID(1), Groups: []string{"internal"}},
		{When: noon.Add(-2 * time.Hour), By: memberID(1), Groups: []string{"class", "phones"}},
	}, nil
}

func (f *fakeServices) ServiceRights() casework.ServiceRights {
	if f.rights != nil {
		return *f.rights
	}
	return casework.ServiceRights{Keep: true, Publish: true}
}

func (f *fakeServices) Speeds() directory.Speeds { return directory.DefaultSpeeds() }

func (f *fakeServices) WriteService(_ context.Context, id amana.RecordID, p directory.Plain) (amana.RecordID, error) {
	f.written = p
	have := directory.Service{Values: directory.Values{}}
	if !id.IsZero() {
		have, _ = f.ServiceByID(context.Background(), id)
	}
	if _, bad := have.With(p, func() string { return "new" }); len(bad) > 0 {
		return id, casework.FieldErrors(bad)
	}
	if len(p["name"]) == 0 || p["name"][0] == "" {
		return id, casework.FieldErrors{"name": directory.FaultName}
	}
	return recordID(41), f.keeps
}

func (f *fakeServices) ClassifyService(_ context.Context, _ amana.RecordID, c map[string]directory.Class) error {
	f.classed = c
	return f.keeps
}

func (f *fakeServices) VerifyService(_ context.Context, id amana.RecordID) error {
	f.tapped = append(f.tapped, "verify "+id.String())
	return f.keeps
}

func (f *fakeServices) SetStock(_ context.Context, id amana.RecordID, stock, answer string) error {
	f.tapped = append(f.tapped, stock+" "+answer+" "+id.String())
	return f.keeps
}

func (f *fakeServices) RetireService(_ context.Context, id amana.RecordID, st directory.Status) error {
	f.tapped = append(f.tapped, string(st)+" "+id.String())
	return f.keeps
}

func (f *fakeServices) PlanServices(_ context.Context, r io.Reader) (casework.ServiceImport, error) {
	reading := directory.Read(r)
	return casework.ServiceImport{Reading: reading, Steps: directory.New(f.all()).Plan(reading)}, f.keeps
}

func (f *fakeServices) ImportServices(_ context.Context, in casework.ServiceImport) (int, error) {
	f.imported = len(in.Reading.Services)
	return f.imported, f.keeps
}

func (f *fakeServices) ExportServices(_ context.Context, a directory.Audience) (directory.Projection, error) {
	return directory.For(f.all(), a, noon), f.keeps
}

func (f *fakeServices) Publish(page []byte) error {
	f.office.public = bytes.Clone(page)
	return f.keeps
}

func (o *fakeOffice) PublicPage() ([]byte, error) {
	if len(o.public) == 0 {
		return nil, amana.ErrNotFound
	}
	return o.public, nil
}
