// Package casework holds the verbs of the work: found an organisation, unlock,
// open a case, record consent, follow up, close, erase; one verb, one save. A
// [Desk] is one unlocked member's place of work; what it shows is only what that
// member's keys opened.
//
// It knows no pages and no HTTP.
package casework

import (
	"slices"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/record"
)

// Values are the values of fields by name.
type Values map[string]event.Value

// FieldErrors are the fields whose values were refused, each with a message key
// such as "invalid.date.future". It is an error of kind ErrInvalid.
type FieldErrors map[string]string

// Error implements error. It names fields, never values.
func (e FieldErrors) Error() string { return "fields not valid" }

// Unwrap makes errors.Is(err, amana.ErrInvalid) true.
func (FieldErrors) Unwrap() error { return amana.ErrInvalid }

// Me is the member whose desk it is.
type Me struct {
	ID    amana.MemberID
	Name  string
	Roles []amana.Role
	Teams []Team // those the member is in
}

// Has reports whether the member has a role.
func (m Me) Has(r amana.Role) bool {
	return slices.Contains(m.Roles, r)
}

// Organisation is what a page says of it.
type Organisation struct {
	ID        amana.OrgID
	Name      string
	Languages []string
	Demo      bool
	Rules     map[string]string
}

// Team is a team as pages show it.
type Team struct {
	ID          amana.TeamID
	Name        string
	Compartment amana.Compartment
	Identities  bool
	Members     []amana.MemberID
	KeysPending []amana.MemberID // joined, but nobody who holds the keys has been here since
}

// Member is a member as pages show one.
type Member struct {
	ID     amana.MemberID
	Name   string
	Roles  []amana.Role
	Teams  []amana.TeamID
	Joined time.Time
	Left   time.Time // zero while a member
	Here   bool      // can unlock this device
}

// Progress of a view that is being built. Done == Total when it is current.
type Progress struct {
	Done, Total int
	Searchable  bool
}

// State is what every page shows of the vault.
type State struct {
	Progress    Progress
	ClockBehind time.Duration // the device's clock is this far behind the last entry
	Quarantined int           // entries that were refused on the way in
	HubLies     int           // how often the hub was found not to keep its word
	HubLast     time.Time     // when an exchange with it came to its end; zero before the first, and without a hub
	Arriving    *Arriving     // while the history of this computer is on its way, else nil
}

// NewOrganisation is what the first-run pages ask.
type NewOrganisation struct {
	Name          string
	Languages     []string
	Administrator string
	Passphrase    []byte
	Teams         []NewTeam
	Custodians    []string // names of the holders of shares
	Threshold     int
	Cost          CostChoice
}

// CostChoice is how much memory a passphrase takes to try.
type CostChoice string

// The choices of cost.
const (
	CostDefault CostChoice = "default" // 256 MiB
	CostSmall   CostChoice = "small"   // 64 MiB, for small machines
)

// NewTeam is a team to be formed. Its first member is whoever forms it, if Join.
type NewTeam struct {
	Name        string
	Compartment amana.Compartment
	Identities  bool
	Join        bool
}

// Share is one custodian's part of the recovery key, to print and hand over. It
// is shown once and kept nowhere.
type Share struct {
	Custodian string
	Number    int
	Of        int
	Needed    int
	Words     []string    // to write down
	Text      string      // the same, as the QR code says it
	QR        [][]bool    // rows of dark modules, without quiet zone
	Checked   amana.OrgID // the organisation it belongs to
}

// NewMember is a member to be added.
type NewMember struct {
	Name  string
	Roles []amana.Role
	Teams []amana.TeamID
}

// Intake is a new case. Team is whose case it is. What its forms hold is laid over
// the single values.
type Intake struct {
	Team     amana.TeamID
	Identity Values
	Case     Values
	Consents []Consent
	Forms    []form.Filling
	// Reporting is the version of the notice on mandatory reporting that was read
	// before she told anything, or "".
	Reporting string
}

// Consent is her answer for one purpose, as it stands or as it is to be
// recorded.
type Consent struct {
	Purpose    amana.Purpose
	Recipient  amana.Private
	Decision   amana.Decision
	Until      string
	GivenBy    string
	How        string
	Language   string
	Conditions amana.Private
	// BestInterests says why this is best for a child, where somebody decides in a
	// caregiver's place. It is kept on the case.
	BestInterests amana.Private
	// Reporting is the version of the text on mandatory reporting that was read.
	Reporting string
	// Set when read:
	When     time.Time
	By       amana.MemberID
	Conflict bool // two devices recorded different answers: the narrower holds
	Expired  bool
}

// Sorting of a list of cases.
type Sorting string

// The sortings.
const (
	ByUpdated  Sorting = "updated"
	ByOpened   Sorting = "opened"
	ByFollowUp Sorting = "follow_up"
	ByRisk     Sorting = "risk"
	ByCode     Sorting = "code"
	ByOwner    Sorting = "owner"
	ByTeam     Sorting = "team"
	ByDue      Sorting = "due" // whatever is due first
)

// Query asks for cases. Zero fields do not narrow.
type Query struct {
	Search amana.Private // any words: of a name, a code, a note
	Status string
	Risk   string
	Team   amana.TeamID
	Due    bool // something due today or overdue
	Mine   bool // opened by me
	Owner  amana.MemberID
	// Flagged, Waiting and Child find cases with a flag, with an approval that was
	// asked for, and of people under 18.
	Flagged, Waiting, Child bool
	// Urgent finds open cases in which the hours of a treatment may be running, or
	// of which nobody knows.
	Urgent bool
	Sort   Sorting
	Down   bool // the order turned round
	Page   int  // from 0
}

// PageSize is how many cases a page of a list has.
const PageSize = 50

// CaseRow is a case in a list. Name is empty where the member's teams do not
// hold the identity.
type CaseRow struct {
	ID       amana.RecordID
	Code     string
	Name     amana.Private
	HasName  bool // the member may see identities of this case
	Team     string
	Status   string
	Risk     string
	Age      event.Value
	Sex      event.Value
	Opened   time.Time
	Told     string // ISO date on which the person first came
	Updated  time.Time
	FollowUp string // ISO date of the next follow-up, or ""
	Due      string // ISO date of whatever is due first, or ""
	Overdue  bool
	Owner    amana.MemberID // whose case it is; zero where nobody was named
	Flags    int
	Waiting  int // approvals that were asked for and not decided
	Child    bool
	Assault  record.Assault
	// NoContact says that she is not to be reached; it is known on the day's page.
	NoContact bool
	Windows   []string // ids of windows of treatment that have an outcome
	Conflict  bool
}

// CaseList is a page of a list of cases.
type CaseList struct {
	Rows  []CaseRow
	Page  int
	Total int  // of all pages
	More  bool // Total is a lower bound
	// Building is set while the view is being built: the list is not whole yet.
	Building bool
}

// Today is the day's page.
type Today struct {
	Overdue   []CaseRow
	Due       []CaseRow
	HighRisk  []CaseRow
	Recent    []CaseRow
	Open      int
	Conflicts int
}

// Cell is a field as it stands.
type Cell struct {
	Field record.Field
	Name  string // whole name, with the item for a field of a list
	Value event.Value
	When  time.Time
	By    amana.MemberID
	// Rivals are values written at the same time by someone else, on a field that
	// matters, and not yet decided between.
	Rivals []Rival
	// Changes counts how often it was changed; its history is shown on demand.
	Changes int
}

// Rival is a value that lost, or may yet win.
type Rival struct {
	Value event.Value
	When  time.Time
	By    amana.MemberID
}

// Item is one note or follow-up.
type Item struct {
	ID    string
	When  time.Time
	By    amana.MemberID
	Cells []Cell
}

// Part is one record of a case file, with the version it was read at.
type Part struct {
	ID      amana.RecordID
	Kind    amana.Kind
	Version uint64 // to be handed back with a change
	Cells   []Cell
	// Lists are the items of its repeats by the list's name, the newest first.
	Lists map[string][]Item
}

// CaseFile is all that this member may read of one case.
type CaseFile struct {
	ID        amana.RecordID
	Code      string
	Team      Team
	Status    string
	Opened    time.Time
	Case      Part
	Identity  *Part     // nil where the member's teams do not hold it
	Consents  []Consent // one per purpose at least, in order; NotAsked where nothing is recorded
	ConsentID amana.RecordID
	Items     []record.ConsentState // answers for single items of what is held of her
	Told      []Told                // what was explained before such answers
	Notes     []Item
	FollowUps []Item
	Care      CareFile // referrals, days to see her again, whether she may be reached
	Clock     *Clock   // what is still open for the person
	Incidents []Incident
	Timeline  []Moment
	Readers   []Reading
	Names     map[amana.MemberID]string
	Work      Work
	MayWrite  bool
	MayErase  bool
	// Unread counts entries of the file from a newer amana or that failed to
	// verify; the page says so.
	Unread   int
	Tampered int
}

// Moment is one line of the timeline.
type Moment struct {
	When    time.Time
	By      amana.MemberID
	What    string   // message key: "timeline.opened", "timeline.changed", "timeline.consent", …
	Fields  []string // names of the fields changed
	Consent *Consent
	// ClockSaid is what the device's clock showed, where it was behind.
	ClockSaid time.Time
}

// Reading says who opened the case, and when.
type Reading struct {
	When time.Time
	By   amana.MemberID
}

// Change is a change to one record of a case: what the form held, and the
// version it was made from.
type Change struct {
	Record  amana.RecordID
	Version uint64
	Values  Values
	// Remove names fields to be emptied.
	Remove []string
}

// PastValue is one value a field had.
type PastValue struct {
	Value event.Value
	When  time.Time
	By    amana.MemberID
	Lost  bool // written at the same time as another, and not kept
}

// Tombstone is what is left of an erased record.
type Tombstone struct {
	Record amana.RecordID
	When   time.Time
	By     amana.MemberID
	Reason string
}

// Reasons for erasing, each a message key "erase.reason.<reason>".
func Reasons() []string { return []string{"asked", "mistake", "retention", "safety"} }
