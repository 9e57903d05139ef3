package record

import (
	"maps"
	"slices"

	"amana"
)

// withForms adds what the forms of the project ask: see schema_forms.go, which is
// generated from them. A field that is described here too is as the form has it.
func withForms(own map[amana.Kind][]Field) map[amana.Kind][]Field {
	for kind, asked := range formFields {
		list := own[kind]
		for _, f := range asked {
			at := slices.IndexFunc(list, func(o Field) bool { return o.Name == f.Name })
			if at < 0 {
				list = append(list, f)
				continue
			}
			list[at] = f
		}
		own[kind] = list
	}
	for _, kind := range []amana.Kind{amana.KindCase, amana.KindIdentity, amana.KindIncident, amana.KindFeedback} {
		own[kind] = append(own[kind], Field{Name: "form/version", Type: Line, Section: "system"}) // with which a form was asked
	}
	return own
}

func withFormOptions(own map[string][]string) map[string][]string {
	maps.Copy(own, formOptions)
	return own
}
