package casework

import (
	"amana"
	"amana/internal/event"
	"amana/internal/vault"
)

// counting are the changes by which her answer to being counted reaches the incidents
// that are on record: a no, or a yes that is taken back, all of them at once; a yes
// only those of which nothing was said, since a single no is narrower.
func counting(f *vault.CaseFile, list []Consent) []vault.Change {
	var changes []vault.Change
	for _, c := range list {
		if c.Purpose != amana.PurposeStatistics || !c.Recipient.IsEmpty() || c.Decision == amana.NotAsked || c.Decision == "" {
			continue
		}
		yes := c.Decision == amana.Granted
		for i := range f.Records {
			o := &f.Records[i]
			if o.Kind != amana.KindIncident {
				continue
			}
			said := o.Value("consent_reporting")
			if v := event.Bool(yes); !said.Equal(v) && (!yes || said.IsZero()) {
				changes = append(changes, vault.Change{Record: o.ID, Facts: []event.Fact{event.Set{Field: "consent_reporting", Value: v}}})
			}
		}
	}
	return changes
}
