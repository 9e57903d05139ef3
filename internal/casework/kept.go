package casework

import (
	"encoding/json"
	"fmt"

	"amana"
)

// Lists whose filters are remembered.
const (
	ListCases     = "cases"
	ListTasks     = "tasks"
	ListReferrals = "referrals"
	ListMembers   = "members"
	ListServices  = "services"
)

// longestKept bounds what is remembered of one list.
const longestKept = 4096

// Keep remembers how this member looks at a list, until another time: in the
// member's own view, which is encrypted and thrown away with everything in it
// where it has to be built anew. Words that were searched for are not to be in it.
func (d *Desk) Keep(list string, how any) error {
	raw, err := json.Marshal(how)
	if err != nil || len(raw) > longestKept {
		return fmt.Errorf("casework: what is kept of a list: %w", amana.ErrInvalid)
	}
	return d.session.Keep(list, raw)
}

// Kept puts what was remembered of a list into how, or leaves it as it is.
func (d *Desk) Kept(list string, how any) {
	if raw, err := d.session.Kept(list); err == nil && len(raw) > 0 {
		_ = json.Unmarshal(raw, how) // of another version: as if nothing were kept
	}
}
