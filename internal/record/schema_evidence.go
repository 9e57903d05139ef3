package record

import "amana"

// The fields of evidence. What was done with an item, and its file, are facts of
// their own: see docs/format.md section 11.
var evidenceFields = []Field{
	{Name: "title", Type: Line, Section: "evidence", Matters: true},
	{Name: "description", Type: Words, Section: "evidence", Sensitive: true},
	{Name: "collected_on", Type: Date, Section: "evidence", Sensitive: true, Past: true},
	{Name: "collected_at", Type: Line, Section: "evidence", Sensitive: true},
	{Name: "source", Type: Line, Section: "evidence", Sensitive: true},
	{Name: "evidence_language", Type: Line, Section: "evidence"},
	{Name: "incident", Type: Line, Section: "evidence"}, // the record of the incident it is about
	{Name: "packaging", Type: Line, Section: "evidence"},
	{Name: "seal_number", Type: Line, Section: "evidence"},
	{Name: "kept_at", Type: Line, Section: "evidence", Sensitive: true},
	// Of the file, as it came.
	{Name: "file_name", Type: Line, Section: "file", Sensitive: true},
	{Name: "media_type", Type: Line, Section: "file"},
	{Name: "content_credentials", Type: YesNo, Section: "file"},
	// Of a working copy.
	{Name: "derived_from", Type: Line, Section: "copy"},
	{Name: "derived_how", Type: Line, Section: "copy"},
	{Name: "derived_regions", Type: Words, Section: "copy"},
}

// withEvidence adds the fields of evidence.
func withEvidence(asked map[amana.Kind][]Field) map[amana.Kind][]Field {
	asked[amana.KindEvidence] = append(asked[amana.KindEvidence], evidenceFields...)
	return asked
}
