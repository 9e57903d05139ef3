package casework_test

import (
	"errors"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/event"
)

// A caseworker keeps what is known of a service; to let others know more is for those
// who release. A safe house's place is for nobody to give.
func TestServiceRights(t *testing.T) {
	o := newOffice(t)
	admin := o.unlock(t, adminWords)
	ctx := t.Context()
	_, words, err := admin.AddMember(ctx, casework.NewMember{Name: "Awa Sangaré", Roles: []amana.Role{amana.RoleCaseworker}})
	if err != nil {
		t.Fatal(err)
	}
	_, analyst, err := admin.AddMember(ctx, casework.NewMember{Name: "Nour Kellatra", Roles: []amana.Role{amana.RoleAnalyst}})
	if err != nil {
		t.Fatal(err)
	}
	awa, nour := o.unlock(t, words), o.unlock(t, analyst)
	id, err := awa.WriteService(ctx, amana.RecordID{}, directory.Plain{"name": {"Clinique inventée"}, "stock_pep": {"yes"}, "phones": {"70"}, "service_types": {"health_medical_service"}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := awa.ServiceByID(ctx, id)
	if err != nil || s.Class() != directory.Restricted || s.Text("stock_pep_on") == "" {
		t.Fatalf("%v, class %s, stock seen %q", err, s.Class(), s.Text("stock_pep_on"))
	}
	if out, err := admin.ExportServices(ctx, directory.ForPartners); err != nil || len(out.Services) != 0 {
		t.Errorf("%d services written by hand went to partners before anybody said so: %v", len(out.Services), err)
	}
	if err := awa.ClassifyService(ctx, id, map[string]directory.Class{"service": directory.Partners}); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a caseworker lets partners be told: %v", err)
	}
	if err := admin.ClassifyService(ctx, id, map[string]directory.Class{"service": directory.Partners}); err != nil {
		t.Fatal(err)
	}
	if out, err := admin.ExportServices(ctx, directory.ForPartners); err != nil || len(out.Services) != 1 {
		t.Errorf("%d services for partners, once somebody said so: %v", len(out.Services), err)
	}
	if _, err := awa.WriteService(ctx, id, directory.Plain{"stock_pep": {"no"}}); err != nil {
		t.Error(err)
	}
	if s, err := awa.ServiceByID(ctx, id); err != nil || s.Class() != directory.Partners {
		t.Errorf("a later change took the class away: %s, %v", s.Class(), err)
	}
	if err := errors.Join(awa.VerifyService(ctx, id), awa.ClassifyService(ctx, id, map[string]directory.Class{"service": directory.Restricted, "phones": directory.Restricted})); err != nil {
		t.Errorf("a caseworker may keep and hold back: %v", err)
	}
	refused := map[string]error{
		"publish a service": awa.ClassifyService(ctx, id, map[string]directory.Class{"service": directory.Public}),
		"take a hold back":  awa.ClassifyService(ctx, id, map[string]directory.Class{"phones": directory.Public}),
		"publish the page":  awa.Publish([]byte("x")),
		"an analyst writes": nour.VerifyService(ctx, id),
	}
	_, refused["export"] = awa.ExportServices(ctx, directory.ForOurselves)
	_, refused["import"] = awa.PlanServices(ctx, nil)
	for what, err := range refused {
		if !errors.Is(err, amana.ErrRefused) {
			t.Errorf("%s: %v, want refused", what, err)
		}
	}
	if err := admin.ClassifyService(ctx, id, map[string]directory.Class{"service": directory.Public, "phones": directory.Public}); err != nil {
		t.Error(err)
	}
	if s, _ := admin.ServiceByID(ctx, id); s.Class() != directory.Public || !s.Values[directory.ClassField("phones")].IsZero() {
		t.Errorf("class %s; the usual class of phones is written down", s.Class())
	}
	history, err := admin.ServiceHistory(ctx, id)
	if err != nil || len(history) < 3 || history[len(history)-1].By != awa.Me().ID {
		t.Errorf("history %+v, %v", history, err)
	}
	if _, err := admin.ServiceHistory(ctx, amana.RecordID{7}); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("the history of nothing: %v", err)
	}
}

func TestClassify_safeHouse(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := t.Context()
	id, err := d.WriteService(ctx, amana.RecordID{}, directory.Plain{"name": {"Maison inventée"}, "service_types": {directory.SafeHouse}, "address": {"Rue secrète 1"}})
	if err != nil {
		t.Fatal(err)
	}
	var fields casework.FieldErrors
	if err := d.ClassifyService(ctx, id, map[string]directory.Class{"address": directory.Public}); !errors.As(err, &fields) || fields[directory.ClassField("address")] == "" {
		t.Errorf("the place of a safe house was given a class: %v", err)
	}
	// Whoever may not release cannot make it an ordinary service either.
	_, words, err := d.AddMember(ctx, casework.NewMember{Name: "Awa Sangaré", Roles: []amana.Role{amana.RoleCaseworker}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.unlock(t, words).WriteService(ctx, id, directory.Plain{"service_types": {"food_service"}}); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a safe house is none any more: %v", err)
	}
}

// A referral names a service of the directory only under its own name: her consent is
// for what she was told.
func TestProposeReferral_ofTheDirectory(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := t.Context()
	service, err := d.SaveService(ctx, amana.RecordID{}, directory.Values{"name": event.Text("Clinique inventée")}, all)
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.OpenCase(ctx, casework.Intake{Team: d.Me().Teams[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]amana.RecordID{"Clinique inventée": service, "Une autre": {}} {
		id, err := d.ProposeReferral(ctx, c, casework.NewReferral{Service: "health_medical_service", Name: amana.Conceal(name), Provider: service})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := d.ReadReferral(ctx, c, id); err != nil || r.Provider != want {
			t.Errorf("%s: %s, %v, want %s", name, r.Provider, err, want)
		}
	}
	if _, err := d.ProposeReferral(ctx, c, casework.NewReferral{Service: "health_medical_service", Name: amana.Conceal("x"), Provider: amana.RecordID{9}}); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("a service that is not there: %v", err)
	}
}
