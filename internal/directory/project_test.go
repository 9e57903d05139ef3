package directory_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana"
	"amana/internal/directory"
	"amana/internal/event"
)

// canaries are all that says where a safe house is and how to reach it.
var canaries = map[string]string{
	here + "/location/addresses/a/address_1":   "Rue Canari 4471, porte 9",
	here + "/location/addresses/a/address_2":   "behind the canary well",
	here + "/location/addresses/a/city":        "Canaryville",
	here + "/location/name":                    "The canary house",
	here + "/location/description":             "Blue canary gate",
	here + "/location/transportation":          "Bus to canary corner",
	here + "/location/external_identifier":     "canary.canary.canary",
	here + "/location/phones/p/number":         "+223 70 99 88 77",
	here + "/location/accessibility/a/details": "canary ramp",
	here + "/phones/p/number":                  "+223 70 99 88 66",
	here + "/description":                      "canary floor",
	here + "/contacts/c/name":                  "Canary Person",
	here + "/schedules/s/notes":                "ring the canary bell",
	here + "/unknown~json":                     `{"secret":"canary unknown"}`,
	"phones/p/number":                          "+223 70 99 88 55",
	"service_areas/a/name":                     "Canary quarter",
	"service_areas/a/extent":                   "POINT(canary)",
	"email":                                    "canary@example.org",
	"url":                                      "https://canary.example.org",
	"after_hours":                              "ask the canary guard",
	"application_process":                      "knock at the canary door",
	"description":                              "A house at the canary tree",
	"alert":                                    "moved to canary street",
	"organization/locations~json":              `[{"id":"x","latitude":1,"note":"canary org"}]`,
	"attributes~json":                          `[{"id":"x","value":"canary attribute"}]`,
	"donor":                                    "Canary fund",
	"wait_time":                                "canary days",
}

var marks = []string{"anary", "4471", "70 99 88", "70998877", "16.7654", "3.0123"}

func safeHouse() directory.Service {
	s := made(1, "name", "House of rest", "service_types", directory.SafeHouse, "organization/name", "An invented association")
	for path, words := range canaries {
		set(s, path, words)
	}
	return placed(s, 16.76541, -3.01234)
}

// written is all that leaves of a projection, in every form.
func written(t interface{ Fatal(...any) }, p directory.Projection) string {
	var all strings.Builder
	if err := directory.WriteJSON(&all, p); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := directory.WritePackage(&b, p, noon); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// Whatever classes anybody sets, on the safe house or on services that share its
// place, no public or partner export has its place.
func TestFor_safeHousePlaceNeverLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		house := safeHouse()
		neighbour := made(2, "name", "Clinic", "description", "Next to Rue Canari 4471 porte 9", "alert", "At 16.7654, -3.0123",
			"alternate_name", "the CANARY house", here+"/location/transportation", "bus to Canary-Corner", directory.ClassField("service"), "public")
		neighbour = placed(neighbour, 16.76543, -3.01231)
		set(neighbour, here+"/location/addresses/a/address_1", "Canary lane")
		for _, s := range []directory.Service{house, neighbour} {
			for _, g := range directory.Groups() {
				if rapid.Bool().Draw(t, "set") {
					set(s, directory.ClassField(g.ID), string(rapid.SampledFrom(directory.Classes()).Draw(t, g.ID)))
				}
			}
		}
		set(house, directory.ClassField("service"), string(rapid.SampledFrom(directory.Classes()).Draw(t, "service")))
		if rapid.Bool().Draw(t, "other types too") {
			house.Values["service_types"] = event.List("health_medical_service", directory.SafeHouse)
		}
		if rapid.Bool().Draw(t, "disguised") {
			set(house, "appears_as", "A shop")
		}
		for _, a := range []directory.Audience{directory.ForPublic, directory.ForPartners} {
			p := directory.For([]directory.Service{neighbour, house}, a, noon)
			out := written(t, p)
			for _, mark := range marks {
				if i := strings.Index(out, mark); i >= 0 {
					t.Fatalf("to %s: %q", a, out[max(0, i-60):min(len(out), i+60)])
				}
			}
		}
	})
}

// What nobody was told to say stays: every path of every group, by its class.
func TestFor_obeysClasses(t *testing.T) {
	s := made(1, directory.ClassField("service"), "public")
	for path, words := range canaries {
		set(s, path, words)
	}
	s = placed(s, 16.76541, -3.01234)
	for _, g := range directory.Groups() {
		for _, class := range directory.Classes() {
			set(s, directory.ClassField(g.ID), string(class))
		}
	}
	public := written(t, directory.For([]directory.Service{s}, directory.ForPublic, noon))
	for _, secret := range []string{"canary unknown", "canary org", "canary attribute", "POINT(", "Canary fund"} {
		if strings.Contains(public, secret) {
			t.Errorf("what nobody understands was published: %s", secret)
		}
	}
	for _, told := range []string{"Rue Canari 4471", "16.76541", "Canary Person", "canary@"} {
		if !strings.Contains(public, told) {
			t.Errorf("what somebody published is missing: %s", told)
		}
	}
	for _, g := range directory.Groups() {
		set(s, directory.ClassField(g.ID), string(directory.Restricted))
	}
	for _, a := range []directory.Audience{directory.ForPublic, directory.ForPartners} {
		for _, secret := range []string{"anary", "Canari", "16.76", "Invented clinic"} {
			if strings.Contains(written(t, directory.For([]directory.Service{s}, a, noon)), secret) {
				t.Errorf("restricted, and told to %s: %s", a, secret)
			}
		}
	}
}

func TestFor_safeByDefault(t *testing.T) {
	clinic := made(1, "stock_pep", "yes", "cmr", "yes", "contacts/c/name", "Somebody")
	if p := directory.For([]directory.Service{clinic, safeHouse()}, directory.ForPublic, noon); len(p.Services) != 0 || p.Left[directory.LeftClass] != 2 {
		t.Errorf("public before anybody said so: %d, left %v", len(p.Services), p.Left)
	}
	partners := directory.For([]directory.Service{clinic, safeHouse()}, directory.ForPartners, noon)
	out := written(t, partners)
	if len(partners.Services) != 1 || !strings.Contains(out, "stock_pep") || strings.Contains(out, "Somebody") || partners.Withheld["contacts"] != 1 {
		t.Errorf("partners: %d, withheld %v", len(partners.Services), partners.Withheld)
	}
	set(clinic, directory.ClassField("service"), "public")
	public := written(t, directory.For([]directory.Service{clinic}, directory.ForPublic, noon))
	if !strings.Contains(public, "Invented clinic") || strings.Contains(public, "stock_pep") || strings.Contains(public, "cmr") || strings.Contains(public, "verified_by") {
		t.Error("public by default is not what it should be:", public)
	}
}

// Some clinics must appear as ordinary health services.
func TestFor_appearsAs(t *testing.T) {
	s := made(1, "name", "Centre for survivors", "alternate_name", "Survivors’ clinic", "organization/name", "Survivors’ league",
		"description", "For survivors", "child_competent", "yes", "appears_as", "Health post 3", directory.ClassField("service"), "public", "phones/p/number", "70 00 00 01")
	out := written(t, directory.For([]directory.Service{s}, directory.ForPublic, noon))
	if strings.Contains(out, "urvivors") || strings.Contains(out, "child_competent") || strings.Contains(out, "appears_as") {
		t.Errorf("gives itself away: %s", out)
	}
	if !strings.Contains(out, "Health post 3") || !strings.Contains(out, "70 00 00 01") || !strings.Contains(out, "health_medical_service") {
		t.Errorf("cannot be found: %s", out)
	}
	if out := written(t, directory.For([]directory.Service{s}, directory.ForPartners, noon)); !strings.Contains(out, "Centre for survivors") || strings.Contains(out, "Health post 3") {
		t.Errorf("partners are told the wrong name: %s", out)
	}
}

// What our own organisation writes and reads again is equal.
func TestRoundTrip_ourselves(t *testing.T) {
	house := directory.Service{ID: amana.RecordID{9}, Values: directory.Values{}}
	for path, value := range safeHouse().Values {
		house.Values[strings.Replace(path, here, "service_at_locations/house", 1)] = value
	}
	for _, a := range directory.Additions() {
		words := "2026-11-01"
		switch {
		case len(a.Options) > 0:
			words = a.Options[0]
		case a.Name == "closures":
			words = "FR 12:30-14:30"
		}
		if a.Name != "service_types" {
			set(house, a.Name, words)
		}
	}
	house.Values["closures"] = event.List("FR 12:30-14:30", "2026-12-25")
	house.Values["service_types"] = event.List("health_medical_service", directory.SafeHouse)
	set(house, directory.ClassField("service"), "partners")
	set(house, directory.ClassField("phones"), "restricted")
	all := append(many(40), house)
	for i := range all {
		set(all[i], "id", fmt.Sprintf("s%d", i))
	}
	for name, write := range map[string]func(io.Writer, directory.Projection) error{
		"json": directory.WriteJSON,
		"csv":  func(w io.Writer, p directory.Projection) error { return directory.WritePackage(w, p, noon) },
	} {
		t.Run(name, func(t *testing.T) {
			var b, again bytes.Buffer
			if err := write(&b, directory.For(all, directory.ForOurselves, noon)); err != nil {
				t.Fatal(err)
			}
			r := directory.Read(bytes.NewReader(b.Bytes()))
			if len(r.Problems) > 0 || len(r.Services) != len(all) {
				t.Fatalf("%d services, problems %+v", len(r.Services), r.Problems)
			}
			back := make([]directory.Service, len(all))
			for i, in := range r.Services {
				back[i] = directory.Service{ID: amana.RecordID{byte(i)}, Values: in.Values}
				if !in.Values.Equal(all[i].Values) {
					t.Fatalf("service %d: %s", i, difference(all[i].Values, in.Values))
				}
			}
			if err := write(&again, directory.For(back, directory.ForOurselves, noon)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b.Bytes(), again.Bytes()) {
				t.Error("what is written again is not the same")
			}
			if steps := directory.New(all).Plan(r); count(steps, directory.Keeps) != len(all) {
				t.Errorf("read again where it stands, %d of %d stay as they are", count(steps, directory.Keeps), len(all))
			}
		})
	}
}

func difference(a, b directory.Values) string {
	var out []string
	for path := range a {
		if !a[path].Equal(b[path]) {
			out = append(out, fmt.Sprintf("%s: %q became %q", path, a[path].RevealList(), b[path].RevealList()))
		}
	}
	for path := range b {
		if _, is := a[path]; !is {
			out = append(out, fmt.Sprintf("%s came in: %q", path, b[path].RevealList()))
		}
	}
	return strings.Join(out, "\n")
}

func count(steps []directory.Step, a directory.Action) (n int) {
	for _, s := range steps {
		if s.Action == a {
			n++
		}
	}
	return n
}
