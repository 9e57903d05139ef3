package directory

import "slices"

// need is what she may need, in the words of the windows or of the service types.
type need struct {
	id    string
	types []string // any of them offers it
	stock string   // what must be in stock, or ""
	skill string   // what the place must be able to do, or ""
	timed bool     // within hours
}

const health = "health_medical_service"

// The windows have the ids of the table that the organisation goes by; what it
// adds itself is health care.
var needs = []need{
	{id: "safety", types: []string{SafeHouse}},
	{id: "pep", types: []string{health}, stock: "stock_pep", skill: "cmr", timed: true},
	{id: "emergency_contraception", types: []string{health}, stock: "stock_ec", skill: "cmr", timed: true},
	{id: "sti", types: []string{health}, skill: "cmr"},
	{id: "hepatitis_b", types: []string{health}, stock: "stock_hepb"},
	{id: "tetanus", types: []string{health}, stock: "stock_tt"},
	{id: "pregnancy", types: []string{health}},
	{id: "mental_health", types: []string{"psychosocial_service"}},
	{id: "forensic", types: []string{health}, skill: "forensic", timed: true},
	{id: "medico_legal", types: []string{health}, skill: "medico_legal"},
}

// Needs returns what can be asked for: the windows first, then the types of
// service.
func Needs() []string {
	var ids []string
	for _, n := range needs {
		ids = append(ids, n.id)
	}
	return append(ids, Types()...)
}

// Timed reports whether a need is one of hours.
func Timed(id string) bool { return needOf(id).timed }

func needOf(id string) need {
	for _, n := range needs {
		if n.id == id {
			return n
		}
	}
	if slices.Contains(Types(), id) {
		return need{id: id, types: []string{id}}
	}
	return need{id: id, types: []string{health}}
}
