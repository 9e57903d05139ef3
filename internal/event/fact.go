// Package event holds the facts that a journal can record, and their frozen
// encoding: docs/format.md section 5. A body is a list of facts about one record.
//
// Codes are frozen: add, never renumber, never reuse. A fact from a newer amana
// decodes as [Unknown] and is passed on unchanged.
//
// It cannot say whether a fact is allowed or makes sense: packages charter and
// record do.
package event

import (
	"amana"
	"amana/internal/seal"
)

// Fact is one thing that an entry says of its record.
type Fact interface{ code() uint64 }

// Facts about any record.
type (
	// Begun is the first fact of a record. Case is the case it belongs to, or
	// zero for a case itself and for what stands alone.
	Begun struct {
		_    struct{} `cbor:",toarray"`
		Kind amana.Kind
		Case amana.RecordID
	}
	// Set gives a field its value. A field of an item in a list is named
	// "list/item/field", where item is a random id.
	Set struct {
		_     struct{} `cbor:",toarray"`
		Field string
		Value Value
	}
	// Removed takes a field away, or with "list/item" all fields of an item.
	Removed struct {
		_     struct{} `cbor:",toarray"`
		Field string
	}
	// Consented is her answer for one purpose. Recipient narrows it to one
	// recipient; empty is the purpose as a whole.
	Consented struct {
		Purpose    amana.Purpose
		Recipient  amana.Private
		Decision   amana.Decision
		Until      string // ISO date, or "" for no end
		GivenBy    string // self, guardian, guardian_with_assent, …
		How        string // spoken, thumbprint, signed
		Language   string // in which it was explained
		Conditions amana.Private
	}
	// Opened says that the author opened the record to read it.
	Opened struct{}
	// ConsentedItem is her answer for one item of what is held of her, under a
	// purpose and a recipient as [Consented] has them: her name, her words, the place.
	ConsentedItem struct {
		Purpose   amana.Purpose
		Recipient amana.Private
		Item      string
		Decision  amana.Decision
	}
	// Released says what left of this record, to whom and by which of her answers. It
	// was written before anything left.
	Released struct {
		Release   amana.RecordID // the record of the release
		Purpose   amana.Purpose
		Recipient amana.Private
		Format    string
		Items     []string // that left as they are, because she agreed to each
		Whole     []string // names of fields that left as they are
		Widened   []string // that left widened: a district for a village
		Consent   uint64   // the time of the answer, or 0 where the release rests on none
	}
)

// Facts of evidence: see docs/format.md section 11.
type (
	// Taken says that a file was taken in as the blob of this record. The first one
	// of a record holds.
	Taken struct {
		Key  seal.BlobKey
		Runs []uint64 // chunks at which a later run of writing began
		Size uint64
		Sum  seal.Hash // SHA-256 of the file
		CRC  uint32
		Salt [32]byte // opens the commitment that stands in statements of custody
	}
	// Custody is a signed statement of what was done with the item. It can be added
	// to, and never taken back. Words are those that the statement commits to.
	Custody struct {
		Statement []byte
		Signature seal.Signature
		Words     []CustodyWord
	}
	// Stamped is a batch of hashes, and what an authority said of when its root
	// existed: an RFC 3161 token, or none yet. Only records of kind
	// [amana.KindTimestamp] have it.
	Stamped struct {
		_      struct{} `cbor:",toarray"`
		Leaves []seal.Hash
		Token  []byte
	}
)

// CustodyWord is a text that a statement of custody commits to by
// digest(label, salt, name, text), so that it can be withheld from who may have the
// statement.
type CustodyWord struct {
	Name string
	Salt [32]byte
	Text amana.Private
}

// Facts about the organisation: its charter.
type (
	// Founded is the first fact of an organisation.
	Founded struct {
		_         struct{} `cbor:",toarray"`
		Name      string
		Languages []string
		Root      seal.VerifyKey // vouches for the first administrator and for recovery
		Recovery  seal.BoxKey
		Threshold int // custodians needed, of
		Shares    int
	}
	// MemberAdded brings a member and the public keys.
	MemberAdded struct {
		_      struct{} `cbor:",toarray"`
		Member amana.MemberID
		Name   string
		Roles  []amana.Role
		Verify seal.VerifyKey
		Box    seal.BoxKey
	}
	// MemberChanged changes name and roles.
	MemberChanged struct {
		_      struct{} `cbor:",toarray"`
		Member amana.MemberID
		Name   string
		Roles  []amana.Role
	}
	// MemberRekeyed gives a member new keys, after custodians recovered.
	MemberRekeyed struct {
		_      struct{} `cbor:",toarray"`
		Member amana.MemberID
		Verify seal.VerifyKey
		Box    seal.BoxKey
	}
	// MemberLeft ends a membership.
	MemberLeft struct {
		_      struct{} `cbor:",toarray"`
		Member amana.MemberID
	}
	// TeamFormed brings a team.
	TeamFormed struct {
		_           struct{} `cbor:",toarray"`
		Team        amana.TeamID
		Name        string
		Compartment amana.Compartment
		Identities  bool // the team also holds the identity of the people in its cases
	}
	// TeamJoined adds a member to a team.
	TeamJoined struct {
		_      struct{} `cbor:",toarray"`
		Team   amana.TeamID
		Member amana.MemberID
	}
	// TeamLeft takes a member off a team.
	TeamLeft struct {
		_      struct{} `cbor:",toarray"`
		Team   amana.TeamID
		Member amana.MemberID
	}
	// DeviceAdded brings a device.
	DeviceAdded struct {
		_      struct{} `cbor:",toarray"`
		Device amana.DeviceID
		Name   string
		Verify seal.VerifyKey
	}
	// DeviceRevoked ends a device.
	DeviceRevoked struct {
		_      struct{} `cbor:",toarray"`
		Device amana.DeviceID
	}
	// CustodiansNamed says who was given the shares, so that they can be found.
	CustodiansNamed struct {
		_     struct{} `cbor:",toarray"`
		Names []string
	}
	// RuleSet changes a rule of the organisation.
	RuleSet struct {
		_     struct{} `cbor:",toarray"`
		Rule  string
		Value string
	}
	// EpochOpened announces the next key of a team, or with the zero team of the
	// whole organisation. The entry that carries it brings one box for each
	// member in To, in that order, and last one for the recovery key.
	EpochOpened struct {
		_          struct{} `cbor:",toarray"`
		Team       amana.TeamID
		Epoch      uint64
		Commitment seal.Hash
		To         []amana.MemberID
	}
	// KeysGranted hands all keys of a team, up to an epoch, to members who
	// joined. The entry brings one box for each member in To.
	KeysGranted struct {
		_     struct{} `cbor:",toarray"`
		Team  amana.TeamID
		Epoch uint64
		To    []amana.MemberID
	}
	// Erased orders every device and hub to destroy a record. It says who and
	// when by its entry, and why by a word of a fixed list, so that nothing of
	// the content stays.
	Erased struct {
		_      struct{} `cbor:",toarray"`
		Record amana.RecordID
		Reason string // asked, mistake, retention, safety
	}
)

// Witnessed says which checkpoint of the organisation's log at a hub a device verified
// last, so that a hub which shows two histories is found by devices that meet.
type Witnessed struct {
	_          struct{} `cbor:",toarray"`
	Checkpoint []byte   // the signed note
}

// WaysGiven says who can unlock a device from now on, beside those who could: what is
// read on it when it is lost hangs on their passphrases.
type WaysGiven struct {
	_       struct{} `cbor:",toarray"`
	Device  amana.DeviceID
	Members []amana.MemberID
}

// Adopted makes a document the organisation's own: a form, a table that was
// edited and signed off. The newest of a name holds; no content takes it back.
type Adopted struct {
	_       struct{} `cbor:",toarray"`
	Name    string   // "form/…", "table/…": lower-case words, with slashes
	Version string
	Content []byte
}

// PostOpened announces a post box of the organisation: letters to it are sealed to
// Box, letters from it are signed under Verify. A team holds its private half, in a
// record of kind post. The newest is the one that is told to partners.
type PostOpened struct {
	_      struct{} `cbor:",toarray"`
	Post   [16]byte
	Team   amana.TeamID
	Verify seal.VerifyKey
	Box    seal.BoxKey
}

// Unknown is a fact from a newer amana, kept as it came.
type Unknown struct {
	Code uint64
	Raw  []byte
}

func (Begun) code() uint64           { return 1 }
func (Set) code() uint64             { return 2 }
func (Removed) code() uint64         { return 3 }
func (Consented) code() uint64       { return 4 }
func (Opened) code() uint64          { return 5 }
func (ConsentedItem) code() uint64   { return 6 }
func (Released) code() uint64        { return 7 }
func (Taken) code() uint64           { return 8 }
func (Custody) code() uint64         { return 9 }
func (Stamped) code() uint64         { return 10 }
func (Founded) code() uint64         { return 32 }
func (MemberAdded) code() uint64     { return 33 }
func (MemberChanged) code() uint64   { return 34 }
func (MemberRekeyed) code() uint64   { return 35 }
func (MemberLeft) code() uint64      { return 36 }
func (TeamFormed) code() uint64      { return 37 }
func (TeamJoined) code() uint64      { return 38 }
func (TeamLeft) code() uint64        { return 39 }
func (DeviceAdded) code() uint64     { return 40 }
func (DeviceRevoked) code() uint64   { return 41 }
func (CustodiansNamed) code() uint64 { return 42 }
func (RuleSet) code() uint64         { return 43 }
func (EpochOpened) code() uint64     { return 44 }
func (KeysGranted) code() uint64     { return 45 }
func (Erased) code() uint64          { return 46 }
func (Adopted) code() uint64         { return 47 }
func (PostOpened) code() uint64      { return 48 }
func (Witnessed) code() uint64       { return 56 }
func (WaysGiven) code() uint64       { return 57 }
func (u Unknown) code() uint64       { return u.Code }
