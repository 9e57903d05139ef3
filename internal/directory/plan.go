package directory

import (
	"slices"

	"amana"
	"amana/internal/event"
)

// Action is what an import does with a service.
type Action string

// The actions.
const (
	Adds    Action = "new"
	Changes Action = "changed"
	Keeps   Action = "same"
)

// Step is what an import does with one service.
type Step struct {
	Action  Action
	Service amana.RecordID // zero for a new one
	Name    string
	Set     Values   // to be written
	Fields  []string // their groups, for the report
}

// Plan says what an import would do. Nothing is ever taken away: a file that was
// made for somebody else lacks what they were not told. What was verified or seen
// in stock more recently here stands, classes stand, and a safe house stays one.
func (d *Directory) Plan(r *Reading) []Step {
	steps := make([]Step, 0, len(r.Services))
	for _, in := range r.Services {
		step := Step{Action: Adds, Name: in.Values["name"].Reveal(), Set: in.Values}
		if i, known := d.byKey[in.Values["id"].Reveal()]; known {
			have := d.services[i]
			step.Service, step.Action = have.ID, Changes
			if step.Set = news(have, in.Values); len(step.Set) == 0 {
				step.Action = Keeps
			}
			for path := range step.Set {
				if g := groupOf(path); !slices.Contains(step.Fields, g) {
					step.Fields = append(step.Fields, g)
				}
			}
			slices.Sort(step.Fields)
		}
		steps = append(steps, step)
	}
	return steps
}

// dated are the fields that go by the day beside them.
var dated = map[string]string{
	"assured_date": "assured_date", "verified_by": "assured_date",
	"stock_pep": "stock_pep_on", "stock_pep_on": "stock_pep_on", "stock_ec": "stock_ec_on", "stock_ec_on": "stock_ec_on",
	"stock_hepb": "stock_hepb_on", "stock_hepb_on": "stock_hepb_on", "stock_tt": "stock_tt_on", "stock_tt_on": "stock_tt_on",
}

func news(have Service, in Values) Values {
	set := Values{}
	for path, value := range in {
		if have.Values[path].Equal(value) || keeps(have, in, path) {
			continue
		}
		set[path] = value
	}
	if types, changed := set["service_types"]; changed && have.IsSafeHouse() && !slices.Contains(types.RevealList(), SafeHouse) {
		set["service_types"] = event.List(append(types.RevealList(), SafeHouse)...)
		if set["service_types"].Equal(have.Values["service_types"]) {
			delete(set, "service_types")
		}
	}
	return set
}

// keeps reports whether what stands here stays, whatever a file says.
func keeps(have Service, in Values, path string) bool {
	if len(path) > len(classPrefix) && path[:len(classPrefix)] == classPrefix {
		return true
	}
	day, is := dated[path]
	return is && have.Text(day) >= in[day].Reveal() && have.Text(day) != ""
}
