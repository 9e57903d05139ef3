package web

import (
	"context"
	"io"
	"time"

	"amana"
	"amana/internal/casework"
)

// Office is the vault folder of this device as the pages need it, locked or
// with any number of desks unlocked.
type Office interface {
	Passphrases
	Beginning
	Joining
	Unlock(ctx context.Context, passphrase []byte) (Desk, error)
	// PublicPage is the page for everyone, if one was published. It needs no key.
	PublicPage() ([]byte, error)
}

// Beginning founds an organisation where there is none.
type Beginning interface {
	Founded() bool
	Found(ctx context.Context, o casework.NewOrganisation) ([]casework.Share, error)
}

// Joining makes a computer without an organisation one of an organisation that is there.
type Joining interface {
	AskedToJoin() bool
	AskToJoin() (casework.DeviceRequest, error)
	JoinWith(ctx context.Context, answer io.Reader, passphrase []byte) error
	ForgetRequest() error
	Fetching
}

// Fetching brings the answer from the server.
type Fetching interface {
	FetchAnswer(word string) error
	AnswerArrival() casework.AnswerArrival
	JoinFetched(ctx context.Context, passphrase []byte) error
}

// Passphrases helps to choose one.
type Passphrases interface {
	// Strength estimates how many bits a guesser has to try; it is an estimate.
	Strength(passphrase string) float64
	SuggestPassphrase() string
}

// Desk is one unlocked member's place of work. Its methods are safe to be
// called from several requests at once; after Lock they return
// [amana.ErrLocked].
type Desk interface {
	Present
	Casework
	Administration
	Working
	Lock()
}

// Casework is the work with cases.
type Casework interface {
	Cases
	CaseReader
	CaseWriter
	CaseEnder
	Care
}

// Administration is the work for the organisation and its vault.
type Administration interface {
	Membership
	Teaming
	Stewarding
	FormKeeper
	Tabled
}

// Stewarding is what is done with the whole of what lies here.
type Stewarding interface {
	Kept
	Figuring
	Exchanger
	Wording
	Accounting
}

// Kept is what lies here, and how it comes to other computers.
type Kept interface {
	Keeping
	Moving
}

// Accounting is the work on who did what, on what shows it, and on how many there are.
type Accounting interface {
	Estimating
	Claiming
	Proving
}

// Present says who is at the desk and where.
type Present interface {
	Me() casework.Me
	Organisation() casework.Organisation
	State() casework.State
	Teams() []casework.Team
	Members() []casework.Member
}

// Cases lists cases and opens new ones.
type Cases interface {
	Today(ctx context.Context) (casework.Today, error)
	Cases(ctx context.Context, q casework.Query) (casework.CaseList, error)
	OpenCase(ctx context.Context, in casework.Intake) (amana.RecordID, error)
}

// CaseReader reads one case. Reading is itself recorded.
type CaseReader interface {
	ReadCase(ctx context.Context, id amana.RecordID) (casework.CaseFile, error)
	History(ctx context.Context, caseID, recordID amana.RecordID, field string) ([]casework.PastValue, error)
}

// CaseWriter changes one case.
type CaseWriter interface {
	FormFiller
	ChangeRecord(ctx context.Context, caseID amana.RecordID, c casework.Change) error
	SetConsent(ctx context.Context, caseID amana.RecordID, consents []casework.Consent) error
	AddNote(ctx context.Context, caseID amana.RecordID, text amana.Private) error
	AddFollowUp(ctx context.Context, caseID amana.RecordID, v casework.Values) error
}

// CaseEnder closes, reopens and erases.
type CaseEnder interface {
	CloseCase(ctx context.Context, caseID amana.RecordID, v casework.Values) error
	ReopenCase(ctx context.Context, caseID amana.RecordID) error
	EraseCase(ctx context.Context, caseID amana.RecordID, reason, code, contested string) error
	Tombstones(ctx context.Context) ([]casework.Tombstone, error)
}

// Membership says who belongs to the organisation.
type Membership interface {
	AddMember(ctx context.Context, m casework.NewMember) (amana.MemberID, string, error)
	ChangeRoles(ctx context.Context, member amana.MemberID, roles []amana.Role) error
	RemoveMember(ctx context.Context, member amana.MemberID) error
}

// Teaming says who works with whom.
type Teaming interface {
	FormTeam(ctx context.Context, t casework.NewTeam) (amana.TeamID, error)
	JoinTeam(ctx context.Context, team amana.TeamID, member amana.MemberID) error
	LeaveTeam(ctx context.Context, team amana.TeamID, member amana.MemberID) error
}

// Keeping is what a member does for the vault itself.
type Keeping interface {
	ChangePassphrase(ctx context.Context, old, new []byte) error
	SetRule(ctx context.Context, rule, value string) error
	Backup(ctx context.Context, w io.Writer) error
	LastBackup() (time.Time, error)
}

// Demo says that everything here is invented, and how to get in.
type Demo struct {
	Members []DemoMember
}

// DemoMember is an invented member, with the passphrase that no real member
// would ever have shown.
type DemoMember struct {
	Name       string
	Roles      []amana.Role
	Teams      []string
	Passphrase string
}
