package casework_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/event"
)

const clinicFile = `[{"id":"s1","name":"Poste de santé inventé","status":"active","assured_date":"2026-01-02","phones":[{"id":"p1","number":"70000001"}],
 "unknown_key":{"kept":true}},{"id":"s2","name":"Centre inventé"},{"id":"","name":"Sans numéro"}]`

func all(string) bool { return true }

func TestServices_fromFileToShelf(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := t.Context()
	in, err := d.PlanServices(ctx, strings.NewReader(clinicFile))
	if err != nil || len(in.Steps) != 2 || len(in.Reading.Problems) != 1 {
		t.Fatalf("%+v, %v", in, err)
	}
	if index, err := d.Services(ctx); err != nil || len(index.All()) != 0 {
		t.Fatalf("a dry run wrote: %v", err)
	}
	if n, err := d.ImportServices(ctx, in); err != nil || n != 2 {
		t.Fatalf("imported %d, %v", n, err)
	}
	if n, err := d.ImportServices(ctx, in); err != nil || n != 0 {
		t.Fatalf("the same file again changed %d, %v", n, err)
	}
	index, err := d.Services(ctx)
	if err != nil || len(index.All()) != 2 {
		t.Fatalf("%v", err)
	}
	id := index.List(directory.Filter{Words: "poste"}, o.now)[0].ID
	if err := errors.Join(d.VerifyService(ctx, id), d.SetStock(ctx, id, "stock_pep", directory.Yes), d.RetireService(ctx, id, directory.Paused)); err != nil {
		t.Fatal(err)
	}
	s, err := d.ServiceByID(ctx, id)
	if err != nil || s.Freshness(o.now).Days != 0 || s.Text("stock_pep") != directory.Yes || s.Text("stock_pep_on") == "" || s.Status() != directory.Paused {
		t.Fatalf("%+v, %v", s, err)
	}
	if s.Text("verified_by") != d.Me().ID.String() {
		t.Error("nobody knows who verified it")
	}
	again, err := d.PlanServices(ctx, strings.NewReader(clinicFile))
	if err != nil || again.Steps[0].Set["assured_date"].IsZero() == false {
		t.Errorf("an older file takes back what was verified: %v", again.Steps[0].Set)
	}
	p, err := d.ExportServices(ctx, directory.ForOurselves)
	var out bytes.Buffer
	if err := errors.Join(err, directory.WriteJSON(&out, p)); err != nil || !strings.Contains(out.String(), `"kept": true`) {
		t.Errorf("what nobody understands is lost: %v", err)
	}
}

func TestSaveService_changesOnlyWhatTheFormAsks(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	ctx := t.Context()
	_, err := d.SaveService(ctx, amana.RecordID{}, directory.Values{"description": event.Text("x")}, all)
	var fields casework.FieldErrors
	if !errors.As(err, &fields) || fields["name"] == "" {
		t.Fatalf("without a name: %v", err)
	}
	id, err := d.SaveService(ctx, amana.RecordID{}, directory.Values{
		"name": event.Text("Clinique"), "alert": event.Text("fermé"), "foreign~json": event.Text("[1]"),
	}, all)
	if err != nil {
		t.Fatal(err)
	}
	asked := func(path string) bool { return path == "name" || path == "alert" }
	if _, err := d.SaveService(ctx, id, directory.Values{"name": event.Text("Clinique du Fleuve")}, asked); err != nil {
		t.Fatal(err)
	}
	s, err := d.ServiceByID(ctx, id)
	if err != nil || s.Name() != provider || s.Text("alert") != "" || s.Text("foreign~json") != "[1]" || s.Key() == "" || s.Status() != directory.Active {
		t.Errorf("%+v, %v", s.Values, err)
	}
	if err := d.SetStock(ctx, id, "stock_gold", directory.Yes); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("stock of anything: %v", err)
	}
	if _, err := d.ServiceByID(ctx, amana.RecordID{1}); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("a service that is not there: %v", err)
	}
}

func TestPublish(t *testing.T) {
	o := newOffice(t)
	d := o.unlock(t, adminWords)
	if _, err := o.PublicPage(); !errors.Is(err, amana.ErrNotFound) {
		t.Fatalf("before: %v", err)
	}
	if err := d.Publish([]byte("<html>")); err != nil {
		t.Fatal(err)
	}
	d.Lock()
	if page, err := o.PublicPage(); err != nil || string(page) != "<html>" {
		t.Errorf("locked: %q, %v", page, err)
	}
	if err := d.Publish([]byte("from a locked desk")); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a locked desk publishes: %v", err)
	}
	if err := o.unlock(t, adminWords).Publish(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := o.PublicPage(); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("taken away: %v", err)
	}
}

func TestSpeeds(t *testing.T) {
	d := newOffice(t).unlock(t, adminWords)
	if d.Speeds() != directory.DefaultSpeeds() {
		t.Error("not the usual ones")
	}
	want := directory.Speeds{Foot: 3, Road: 40, Detour: 1.5}
	if err := d.SetSpeeds(t.Context(), want); err != nil || d.Speeds() != want {
		t.Errorf("%v, %v", d.Speeds(), err)
	}
	if err := d.SetSpeeds(t.Context(), directory.Speeds{}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("no speed at all: %v", err)
	}
}
