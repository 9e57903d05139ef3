package demo

import (
	"amana"
	"amana/internal/casework"
)

// Name is the invented organisation's.
const Name = "Clinique des Trois-Lanternes"

// Languages are those the organisation works in.
func Languages() []string { return []string{"fr", "en"} }

// Member is an invented member. Teams are places in [Teams].
type Member struct {
	Name  string
	Roles []amana.Role
	Teams []int
}

// The teams by their place in [Teams].
const (
	MainSite = iota
	SecondSite
	Documentation
)

// Teams returns the three teams. The third keeps accounts for what may come of
// them, apart from care; it holds nobody's identity.
func Teams() []casework.NewTeam {
	return []casework.NewTeam{
		MainSite:      {Name: "Accueil et suivi, Tirawell", Compartment: amana.Care, Identities: true},
		SecondSite:    {Name: "Annexe psychosociale, Marsafi", Compartment: amana.Care, Identities: true},
		Documentation: {Name: "Documentation", Compartment: amana.Accountability},
	}
}

// The members by their place in [Members].
const (
	caseworkerMain = iota
	caseworkerSecond
	clinician
	documenter
	supervisor
	analyst
	administrator
)

// Administrator is the place in [Members] of the one who founds the organisation.
const Administrator = administrator

// Members returns the seven members. The administrator is in no team: who keeps
// the keys of the house need not read what is in it.
func Members() []Member {
	return []Member{
		caseworkerMain:   {"Mariam Tolsane", []amana.Role{amana.RoleCaseworker}, []int{MainSite}},
		caseworkerSecond: {"Joseph Quilléba", []amana.Role{amana.RoleCaseworker}, []int{SecondSite}},
		clinician:        {"Hélène Assoumbré", []amana.Role{amana.RoleClinician}, []int{MainSite, SecondSite}},
		documenter:       {"Idrissa Valgoumé", []amana.Role{amana.RoleDocumenter}, []int{Documentation}},
		supervisor:       {"Ruth Mendivel", []amana.Role{amana.RoleSupervisor, amana.RoleCaseworker}, []int{MainSite, SecondSite}},
		analyst:          {"Nour Kellatra", []amana.Role{amana.RoleAnalyst, amana.RoleReleaseOfficer}, []int{Documentation}},
		administrator:    {"Paul Dournavé", []amana.Role{amana.RoleAdministrator}, nil},
	}
}

// Custodians returns who was given the shares of the recovery key.
func Custodians() []string {
	return []string{"Ruth Mendivel", "Hélène Assoumbré", "Esther Bravollet", "Oumar Sangadi", "Clémence Goudelba"}
}
