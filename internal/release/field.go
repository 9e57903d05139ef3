package release

import (
	"slices"

	"amana"
	"amana/internal/event"
)

// Class says what a field could give away. A class other than Coded, Internal and Known is
// also an item that she is asked about. Add, never rename: answers are recorded by
// them.
type Class string

// The classes.
const (
	Coded    Class = "coded"    // a choice, a count, a code that says nothing by itself
	Identity Class = "identity" // a name, whatever others know her by
	Contact  Class = "contact"  // how she is reached
	Account  Class = "account"  // what was told, in words
	Place    Class = "place"
	Date     Class = "date"
	Age      Class = "age"
	Health   Class = "health"
	Evidence Class = "evidence" // a file, an object
	Internal Class = "internal" // of the work: notes, who did what
	// Known never leaves either, and no text that tells it does.
	Known Class = "known"
)

// Items returns what she is asked about one by one.
func Items() []Class {
	return []Class{Account, Place, Date, Age, Health, Evidence, Identity, Contact}
}

// IsItem reports whether she is asked about it.
func (c Class) IsItem() bool { return slices.Contains(Items(), c) }

// Field is one value that somebody would let leave.
type Field struct {
	Name  string // as the record has it
	Class Class
	Value event.Value
	// Coarse is the value widened, where only the record knows it: the district of a
	// village. Months and age bands are worked out here.
	Coarse event.Value
	// Free is set for words that somebody wrote in a field that is Coded all the same:
	// words that were written to be published.
	Free bool
}

// Basis says on what the release of a record can rest.
type Basis string

// The bases.
const (
	ByConsent Basis = ""       // the answers of the person it is about, and nothing else
	IsPublic  Basis = "public" // published by others: an article, a report
	IsOurs    Basis = "ours"   // about no person: an actor, a service
)

// Record is one record that somebody would let leave.
type Record struct {
	ID       amana.RecordID
	Kind     amana.Kind
	Subject  amana.RecordID // the case, or the account, of the person it is about; zero for none
	Basis    Basis
	Consents Consents // of that person
	// Others are the answers of others whom it is about too: each of them must agree
	// to what leaves.
	Others []Consents
	Fields []Field
	// KnownOnly is set for a record that is not asked for, and of which something that is
	// asked for may tell: nothing of it leaves, and no text that holds a name or a place
	// of it.
	KnownOnly bool
}
