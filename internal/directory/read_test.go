package directory_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"amana"
	"amana/internal/directory"
	"amana/internal/event"
)

// foreign is a directory as others write it, with what nobody here understands.
const foreign = `{"contents":[{
 "id":"0191a7c2-0000-8000-8000-000000000001","name":"Health post of an invented town","status":"active","minimum_age":12,"fees":"",
 "assured_date":"2026-11-01","last_modified":"2026-11-01T10:30:45.123Z",
 "organization":{"id":"0191a7c2-0000-8000-8000-000000000002","name":"Invented health district","year_incorporated":1999,"locations":[{"id":"x","latitude":16.5}]},
 "phones":[{"id":"p2","number":"70 00 00 02","extension":12,"languages":[{"id":"l1","code":"fra"}]},{"id":"p1","number":"70 00 00 01"}],
 "service_at_locations":[{"id":"sal1","description":null,"location":{"id":"loc1","location_type":"physical","latitude":16.27,"longitude":-0.04,
   "addresses":[{"id":"a1","address_1":"By the market","city":"Gao","country":"ML","address_type":"physical"}],"what3words":"one.two.three"}}],
 "schedules":[{"id":"h1","freq":"WEEKLY","byday":"MO,TU","opens_at":"08:00","closes_at":"16:00","timezone":0}],
 "attributes":[{"id":"at1","link_type":"audience","taxonomy_term":{"id":"t1","code":"x","name":"X","taxonomy":"other","taxonomy_detail":{"id":"d1","name":"Other"}}}],
 "program":{"id":"pr1","name":"A programme"},"metadata":[{"id":"m1","resource_type":"location","field_name":"name"}],"new_in_hsds_9":{"nested":[1,2.50,true]}
}]}`

func TestRead_foreignFileComesBackAsItWas(t *testing.T) {
	r := read(t, foreign)
	if len(r.Problems) > 0 || len(r.Services) != 1 {
		t.Fatalf("%d services, %+v", len(r.Services), r.Problems)
	}
	s := directory.Service{ID: amana.RecordID{1}, Values: r.Services[0].Values}
	if s.Name() != "Health post of an invented town" || s.Organization() != "Invented health district" || s.Text("phones/p1/number") != "70 00 00 01" {
		t.Error("what HSDS says is not understood")
	}
	var out strings.Builder
	if err := directory.WriteJSON(&out, directory.For([]directory.Service{s}, directory.ForOurselves, noon)); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{`"what3words": "one.two.three"`, `2.50`, `"fees": ""`, `"description": null`, `"taxonomy_detail"`, `"year_incorporated": 1999`} {
		if !strings.Contains(out.String(), kept) {
			t.Errorf("lost: %s", kept)
		}
	}
	if steps := directory.New([]directory.Service{s}).Plan(directory.Read(strings.NewReader(out.String()))); steps[0].Action != directory.Keeps {
		t.Errorf("a second import changes %v", steps[0].Set)
	}
	if public := written(t, directory.For([]directory.Service{s}, directory.ForPartners, noon)); strings.Contains(public, "what3words") || strings.Contains(public, "16.27") == false {
		t.Error("partners are told what nobody understands, or not the coordinates")
	}
}

func TestRead_faults(t *testing.T) {
	zipped := func(files map[string]string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, content := range files {
			w, err := z.Create(name)
			if err == nil {
				_, err = io.WriteString(w, content)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, test := range []struct {
		name, file string
		want       directory.Problem
		services   int
	}{
		{"cut short", `{"contents":[{"id":"1"`, directory.Problem{Key: directory.FaultJSON, Fatal: true}, 0},
		{"something else", `{"hello":1}`, directory.Problem{Key: directory.FaultShape, Fatal: true}, 0},
		{"deep", strings.Repeat("[", 100_000), directory.Problem{Key: directory.FaultJSON, Fatal: true}, 0},
		{"a service without an id", `[{"name":"A"},{"id":"1","name":"B"}]`, directory.Problem{Row: 1, Column: "id", Key: directory.FaultID}, 1},
		{"one twice", `[{"id":"1","name":"A"},{"id":"1","name":"B"}]`, directory.Problem{Row: 2, Column: "id", Key: directory.FaultTwice}, 1},
		{"no name", `[{"id":"1"}]`, directory.Problem{Row: 1, Column: "name", Key: directory.FaultName}, 0},
		{"no object", `[7]`, directory.Problem{Row: 1, Key: directory.FaultShape}, 0},
		{"a status of its own", `[{"id":"1","name":"A","status":"paused"}]`, directory.Problem{Row: 1, Column: "status", Key: directory.FaultStatus}, 0},
		{"nowhere on earth", `[{"id":"1","name":"A","service_at_locations":[{"id":"s","location":{"id":"l","latitude":100,"longitude":101}}]}]`, directory.Problem{Row: 1, Column: "latitude", Key: directory.FaultPoint}, 0},
		{"one too large", `[{"id":"1","name":"A","x":"` + strings.Repeat("x", 300_000) + `"}]`, directory.Problem{Row: 1, Key: directory.FaultOneLarge}, 0},
		{"no archive", "PK\x03\x04 and then nothing", directory.Problem{Key: directory.FaultZip, Fatal: true}, 0},
		{"an archive of something else", zipped(map[string]string{"a.csv": "x\n1\n"}), directory.Problem{Key: directory.FaultTables, Fatal: true}, 0},
		{"a table cut short", zipped(map[string]string{"services.csv": "id,name\n1,\"A\n"}), directory.Problem{File: "services.csv", Row: 2, Key: directory.FaultTable, Fatal: true}, 0},
		{"a cell too many", zipped(map[string]string{"services.csv": "id,name\n1,A,B\n"}), directory.Problem{File: "services.csv", Row: 2, Key: directory.FaultTable, Fatal: true}, 0},
		{"a column twice", zipped(map[string]string{"services.csv": "id,id\n1,A\n"}), directory.Problem{File: "services.csv", Row: 1, Key: directory.FaultColumn, Fatal: true}, 0},
		{"a phone of nothing", zipped(map[string]string{"services.csv": "id,name\n1,A\n", "phones.csv": "id,service_id,number\np,2,70\n"}), directory.Problem{File: "phones.csv", Row: 2, Key: directory.FaultLost}, 1},
		{"one table, no name", "id,name\n1,\n", directory.Problem{Row: 2, Column: "name", Key: directory.FaultName}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := read(t, test.file)
			if len(r.Problems) == 0 || r.Problems[0] != test.want || len(r.Services) != test.services {
				t.Errorf("%d services, %+v; want %+v", len(r.Services), r.Problems, test.want)
			}
			if r.Failed() != test.want.Fatal {
				t.Errorf("failed %v", r.Failed())
			}
		})
	}
}

// A bomb is refused by its size unpacked, in the memory of what is allowed.
func TestRead_bomb(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks 128 MB")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("services.csv")
	if err != nil {
		t.Fatal(err)
	}
	zeros := strings.Repeat("\n", 1<<20)
	for range 140 {
		if _, err := io.WriteString(w, zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r := directory.Read(&b)
	if len(r.Problems) != 1 || r.Problems[0].Key != directory.FaultLarge || !r.Problems[0].Fatal {
		t.Errorf("%+v", r.Problems)
	}
}

// A location that everybody shares, with much on it, does not grow without end.
func TestRead_sharedWithoutEnd(t *testing.T) {
	var services, sites, phones strings.Builder
	services.WriteString(`{"service":[`)
	sites.WriteString(`"service_at_location":[`)
	phones.WriteString(`"phone":[`)
	for i := range 4000 {
		if i > 0 {
			services.WriteByte(',')
			sites.WriteByte(',')
			phones.WriteByte(',')
		}
		n := strings.Repeat("9", 1+i%7) + string(rune('a'+i%26)) + strings.Repeat("z", i/26)
		services.WriteString(`{"id":"` + n + `","name":"A"}`)
		sites.WriteString(`{"id":"` + n + `","service_id":"` + n + `","location_id":"l"}`)
		phones.WriteString(`{"id":"` + n + `","location_id":"l"}`)
	}
	r := read(t, services.String()+"],"+sites.String()+"],"+phones.String()+`],"location":[{"id":"l"}]}`)
	if len(r.Services) > 0 || r.Problems[0].Key != directory.FaultOneLarge || r.More == 0 {
		t.Errorf("%d services, %d problems", len(r.Services), len(r.Problems))
	}
}

func TestPlan_neverTakesAway(t *testing.T) {
	house := safeHouse()
	set(house, "id", "1")
	set(house, directory.ClassField("service"), "restricted")
	set(house, "stock_pep", "yes")
	set(house, "stock_pep_on", "2026-11-20")
	own := directory.New([]directory.Service{house})
	file := directory.Service{Values: directory.Values{
		"id": event.Text("1"), "name": event.Text("House of peace"), "service_types": event.List("health_medical_service"),
		directory.ClassField("service"): event.Text("public"), "assured_date": event.Text("2026-01-01"),
		"stock_pep": event.Text("no"), "stock_pep_on": event.Text("2026-10-01"), "stock_ec": event.Text("yes"), "stock_ec_on": event.Text("2026-11-24"),
	}}
	steps := own.Plan(&directory.Reading{Services: []directory.Incoming{{Values: file.Values}}})
	if len(steps) != 1 || steps[0].Action != directory.Changes || steps[0].Service != house.ID {
		t.Fatalf("%+v", steps)
	}
	want := directory.Values{
		"name": event.Text("House of peace"), "service_types": event.List("health_medical_service", directory.SafeHouse),
		"stock_ec": event.Text("yes"), "stock_ec_on": event.Text("2026-11-24"),
	}
	if !steps[0].Set.Equal(want) {
		t.Error(difference(want, steps[0].Set))
	}
}

// Whatever is read does not end the program, and what was understood of it is
// understood again when it is written.
func FuzzRead(f *testing.F) {
	f.Add([]byte(foreign))
	f.Add([]byte("id,name\n1,A\n"))
	f.Add([]byte(`{"service":[{"id":"1","name":"A","organization_id":"o"}],"organization":[{"id":"o","name":"O"}]}`))
	f.Add([]byte(`[{"id":"1","name":"A","attributes":[{"value":"yes","taxonomy_term":{"taxonomy":"amana","code":"cmr"}}]}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := directory.Read(bytes.NewReader(b))
		all := make([]directory.Service, 0, len(r.Services))
		for i, in := range r.Services {
			all = append(all, directory.Service{ID: amana.RecordID{byte(i), byte(i >> 8), 1}, Values: in.Values})
		}
		d := directory.New(all)
		d.Now(directory.Query{Age: 9, Now: noon, Old: true, At: &directory.Point{Latitude: 1, Longitude: 1}})
		var out bytes.Buffer
		if err := directory.WriteJSON(&out, directory.For(all, directory.ForOurselves, noon)); err != nil {
			t.Fatal(err)
		}
		again := directory.Read(&out)
		if len(again.Services) != len(all) {
			t.Fatalf("%d services became %d: %+v", len(all), len(again.Services), again.Problems)
		}
		if n := count(d.Plan(again), directory.Keeps); n != len(all) {
			t.Fatalf("%d of %d stay as they are", n, len(all))
		}
	})
}
