package amana

// Kind says what a record is. Kinds are frozen in the format: add, never rename.
type Kind string

// The kinds of record. A kind from a newer amana is kept and passed on unread.
const (
	KindCharter     Kind = "charter"
	KindIdentity    Kind = "identity"
	KindCase        Kind = "case"
	KindIncident    Kind = "incident"
	KindAccount     Kind = "account"
	KindConsent     Kind = "consent"
	KindEvidence    Kind = "evidence"
	KindReferral    Kind = "referral"
	KindService     Kind = "service"
	KindActor       Kind = "actor"
	KindPublication Kind = "publication"
	// KindRelease is an entry of the ledger: something that left, or was to.
	KindRelease Kind = "release"
	// KindTimestamp is a batch of hashes and what an authority said of its time. It
	// is the whole organisation's, and says nothing of anybody.
	KindTimestamp Kind = "timestamp"
	// KindFeedback is what a client said of the service. It belongs to no case.
	KindFeedback Kind = "feedback"
	// KindExchange is one bringing in, or one taking out, of records: who, when, how
	// many. It belongs to no case.
	KindExchange Kind = "exchange"
	// KindPost is the private half of a post box, for the team that holds it.
	KindPost Kind = "post"
	// KindLetter is a letter that came from a partner.
	KindLetter Kind = "letter"
	// KindFigures is figures that were put forward to be shown, or were shown. Nobody
	// is in them; every member sees what left.
	KindFigures Kind = "figures"
	// KindEstimate is what estimates said of one table, with all that it takes to run
	// them again. Nobody is in it.
	KindEstimate Kind = "estimate"
)

// Open reports whether records of a kind may be for the whole organisation: they
// speak of services and of parties, not of the people who are helped.
func (k Kind) Open() bool {
	return k == KindService || k == KindActor || k == KindPublication || k == KindTimestamp || k == KindFigures
}

// AboutNobody reports whether records of a kind hold figures, or say what came and
// went: no person is in them, so whoever counts may write them without being let near
// a case. See charter.MayCount.
func (k Kind) AboutNobody() bool {
	return k == KindFigures || k == KindEstimate || k == KindExchange
}

// Ledger reports whether records of a kind say what left, of whoever it was: they are kept
// whatever is erased, so that nothing that left is ever forgotten.
func (k Kind) Ledger() bool {
	return k == KindRelease || k == KindFigures || k == KindExchange
}

// Purpose is what a survivor may agree to, one by one. See DESIGN section 8.
type Purpose string

// The purposes of consent. The default of each is no.
const (
	PurposeCare           Purpose = "care"
	PurposeReferral       Purpose = "referral"
	PurposeStatistics     Purpose = "statistics"
	PurposeMatching       Purpose = "matching"
	PurposeAccountability Purpose = "accountability"
	PurposePublication    Purpose = "publication"
	PurposeContact        Purpose = "contact"
)

// Purposes returns every purpose in the order in which they are asked.
func Purposes() []Purpose {
	return []Purpose{
		PurposeCare, PurposeContact, PurposeReferral, PurposeStatistics,
		PurposeMatching, PurposeAccountability, PurposePublication,
	}
}

// Decision is her answer for one purpose.
type Decision string

// The decisions, from the narrowest to the widest. Where two devices took
// different ones, the narrower holds.
const (
	Withdrawn Decision = "withdrawn"
	Refused   Decision = "refused"
	NotAsked  Decision = "not_asked"
	Granted   Decision = "granted"
)

// Role is what a member does. Roles say what a member may write; which records
// a member can read is a matter of keys, not of roles.
type Role string

// The roles.
const (
	RoleCaseworker     Role = "caseworker"
	RoleClinician      Role = "clinician"
	RoleDocumenter     Role = "documenter"
	RoleSupervisor     Role = "supervisor"
	RoleAnalyst        Role = "analyst"
	RoleReleaseOfficer Role = "release_officer"
	RoleAdministrator  Role = "administrator"
)

// Roles returns every role.
func Roles() []Role {
	return []Role{
		RoleCaseworker, RoleClinician, RoleDocumenter, RoleSupervisor,
		RoleAnalyst, RoleReleaseOfficer, RoleAdministrator,
	}
}

// Compartment is one of the three rooms that never mix by default: a team works
// in one, and its keys and consents are that room's own.
type Compartment string

// The compartments.
const (
	Care           Compartment = "care"
	Statistics     Compartment = "statistics"
	Accountability Compartment = "accountability"
)
