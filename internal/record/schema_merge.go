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
	return own
}

func withFormOptions(own map[string][]string) map[string][]string {
	maps.Copy(own, formOptions)
	return own
}
