package demo

import (
	"context"
	"strconv"
	"time"

	"amana"
	"amana/internal/directory"
	"amana/internal/event"
	"amana/internal/vault"
)

// place is a town of the invented district, a degree of which is about 110 km.
type place struct {
	town     string
	lat, lon float64
}

var (
	tirawell = place{"Tirawell", 15.204, -3.312}
	marsafi  = place{"Marsafi", 15.291, -3.248}
	kelmo    = place{"Kelmo", 15.118, -3.401}
	oudane   = place{"Oudanké", 15.402, -3.510}
)

// invented is a service of the invented directory.
type invented struct {
	name, run string
	kinds     []string
	at        place
	door      string // the address
	phone     string
	hours     []string // rows as directory's forms have them
	says      string
	looked    int    // days ago that somebody looked
	class     string // who may know of it
	yes, no   []string
	languages []string
	stock     map[string]string
	more      map[string]string
}

const (
	week    = "MO,TU,WE,TH,FR 08:00-16:00"
	sixDays = "MO,TU,WE,TH,FR,SA 07:30-14:30"
	always  = "MO,TU,WE,TH,FR,SA,SU 00:00-24:00"
	medical = "health_medical_service"
	support = "psychosocial_service"
)

// Services returns the directory of the invented district: about twenty places,
// fresh and stale, open and shut, two of them not for everybody to know.
func Services(now time.Time) []directory.Service {
	list := make([]directory.Service, 0, len(district))
	for i, one := range district {
		list = append(list, one.service(i, now))
	}
	return list
}

// service writes it as it is kept. Its ids are from its place in the list, so that
// the directory of one demo is known again by another.
func (in invented) service(i int, now time.Time) directory.Service {
	made := 0
	id := func() string {
		made++
		return directory.UUID([16]byte{0xde, byte(i), byte(made)})
	}
	p := directory.Plain{
		"name": {in.name}, "organization": {in.run}, "service_types": in.kinds, "description": {in.says}, "phones": {in.phone},
		"city": {in.at.town}, "region": {"District des Trois-Lanternes"}, "areas": {in.at.town}, "address": {in.door}, "languages": in.languages, "hours": in.hours,
		// Not on one spot: each a few streets from the next.
		"latitude":  {strconv.FormatFloat(in.at.lat+float64(i%5)*0.004, 'f', 4, 64)},
		"longitude": {strconv.FormatFloat(in.at.lon-float64(i%7)*0.003, 'f', 4, 64)},
	}
	for _, name := range in.yes {
		p[name] = []string{directory.Yes}
	}
	for _, name := range in.no {
		p[name] = []string{directory.No}
	}
	for name, answer := range in.stock {
		p[name], p[name+"_on"] = []string{answer}, []string{day(now, in.looked)}
	}
	for name, words := range in.more {
		p[name] = []string{words}
	}
	values, wrong := directory.Service{Values: directory.Values{}}.With(p, id)
	if len(wrong) > 0 { // written down below
		panic("demo: internal error: service " + strconv.Itoa(i))
	}
	values["id"], values["status"] = event.Text(directory.UUID([16]byte{0xde, byte(i)})), event.Text(string(directory.Active))
	if in.more["retired_on"] != "" {
		values["status"] = event.Text(string(directory.Defunct))
	}
	if in.looked >= 0 {
		values["assured_date"] = event.Text(day(now, in.looked))
	}
	if in.class != "" {
		values[directory.ClassField("service")] = event.Text(in.class)
	}
	return directory.Service{Values: values}
}

func day(now time.Time, ago int) string { return now.AddDate(0, 0, -ago).Format(time.DateOnly) }

// fillDirectory writes the directory down, as the administrator, on the last day.
func (b *builder) fillDirectory(ctx context.Context) error {
	b.stage.set(b.writer.now)
	if err := viewed(ctx, b.admin); err != nil {
		return err
	}
	var saves [][]vault.Change
	for _, s := range Services(b.writer.now) {
		if !s.Values["assured_date"].IsZero() {
			s.Values["verified_by"] = event.Text(b.members[clinician].ID.String())
		}
		var facts []event.Fact
		for _, path := range s.Values.Paths() {
			facts = append(facts, event.Set{Field: path, Value: s.Values[path]})
		}
		saves = append(saves, []vault.Change{{
			Record: b.admin.NewRecord(amana.KindService), Begin: &vault.Begin{Kind: amana.KindService, Teams: []amana.TeamID{{}}}, Facts: facts,
		}})
	}
	return b.admin.SaveMany(ctx, saves...)
}
