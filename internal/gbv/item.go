package gbv

import (
	"slices"
	"strings"

	"amana/internal/event"
)

// FieldPerpetrators is the list of those who are alleged to have done it.
const FieldPerpetrators = "alleged_perpetrator"

// Perpetrators returns the items of the list, each with its fields by name, in
// the order of their ids. An item of which nothing is said is none.
func Perpetrators(incident map[string]event.Value) []map[string]event.Value {
	items := map[string]map[string]event.Value{}
	for name, v := range incident {
		rest, in := strings.CutPrefix(name, FieldPerpetrators+"/")
		item, field, named := strings.Cut(rest, "/")
		if !in || !named || v.IsZero() {
			continue
		}
		if items[item] == nil {
			items[item] = map[string]event.Value{}
		}
		items[item][field] = v
	}
	ids := make([]string, 0, len(items))
	for id := range items {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	list := make([]map[string]event.Value, len(ids))
	for i, id := range ids {
		list[i] = items[id]
	}
	return list
}

// Numbers of perpetrators.
const (
	OnePerpetrator    = "equal_to_1"
	TwoPerpetrators   = "equal_to_2"
	ThreePerpetrators = "equal_to_3"
	MorePerpetrators  = "more_than_3"
)

// FieldNumberFromIR is the number that an import brought where it described fewer.
const FieldNumberFromIR = "number_of_individual_perpetrators_from_ir"

// NumberOfPerpetrators counts those described, or takes the number that an import
// brought where it is greater. "" is unknown: nobody described is not nobody.
func NumberOfPerpetrators(incident map[string]event.Value) string {
	n := int64(len(Perpetrators(incident)))
	from := incident[FieldNumberFromIR]
	if brought, ok := from.Int(); ok {
		n = max(n, brought)
	} else if id, ok := Canonical("number_of_perpetrators", from.Reveal()); ok {
		n = max(n, int64(slices.Index([]string{"", OnePerpetrator, TwoPerpetrators, ThreePerpetrators, MorePerpetrators}, id)))
	}
	switch {
	case n <= 0:
		return ""
	case n > 3:
		return MorePerpetrators
	}
	return []string{OnePerpetrator, TwoPerpetrators, ThreePerpetrators}[n-1]
}
