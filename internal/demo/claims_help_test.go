package demo_test

import (
	"path/filepath"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
)

// accountabilityDesk is the desk of somebody who documents and releases.
func accountabilityDesk(t *testing.T) *casework.Desk {
	t.Helper()
	o, err := casework.NewOffice(casework.Options{Dir: filepath.Join(t.TempDir(), "vault"), Demo: true, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	const words = "lusab-babad-gutih-tugad-mudof-sakat"
	_, err = o.Found(t.Context(), casework.NewOrganisation{
		Name: "House", Languages: []string{"en"}, Administrator: "One", Passphrase: []byte(words), Custodians: []string{"A", "B", "C"}, Threshold: 2,
		Teams: []casework.NewTeam{{Name: "Documentation", Compartment: amana.Accountability, Join: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.LockAll() })
	d, err := o.Unlock(t.Context(), []byte(words))
	if err != nil {
		t.Fatal(err)
	}
	for !d.State().Progress.Searchable {
		time.Sleep(time.Millisecond)
	}
	err = d.ChangeRoles(t.Context(), d.Me().ID, []amana.Role{amana.RoleAdministrator, amana.RoleDocumenter, amana.RoleReleaseOfficer})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
