package claim

import (
	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

// Account is what somebody told here, or did not: a person who says nothing has a
// whole record all the same, with what was seen and what help was offered.
type Account struct {
	ID       amana.RecordID
	Code     string
	Said     string // told, declined, nothing
	Words    amana.Private
	Observed amana.Private // signs that were seen
	Care     string        // what help was offered, and what became of it
	On       string
	Category string
	Name     amana.Private
	Age, Sex event.Value
}

// AccountOf reads an account.
func AccountOf(s Sheet) Account {
	return Account{
		ID: s.ID, Code: s.text("source_code"), Said: s.text("source_said"), Words: amana.Conceal(s.text("source_words")),
		Observed: amana.Conceal(s.text("source_observed")), Care: s.text("source_care"), On: s.text("source_taken_on"),
		Category: s.text("source_category"), Name: amana.Conceal(s.text("source_name")), Age: s.Value("source_age"), Sex: s.Value("source_sex"),
	}
}

// Silent reports whether the person told nothing, by their own choice or because
// they could not.
func (a Account) Silent() bool { return a.Said == "declined" || a.Said == "nothing" }

// Publication is something that was published.
type Publication struct {
	ID        amana.RecordID
	Title, By string
	Kind, On  string
	Address   string
	Cites     []amana.RecordID
}

// PublicationOf reads a publication.
func PublicationOf(s Sheet) Publication {
	p := Publication{
		ID: s.ID, Title: s.text("publication_title"), By: s.text("publication_by"), Kind: s.text("publication_kind"),
		On: s.text("publication_on"), Address: s.text("publication_address"),
	}
	for _, id := range s.Items(record.Citations) {
		i := s.item(record.Citations, id)
		p.Cites = append(p.Cites, i.record("publication"))
	}
	return p
}

// SourceKey tells sources apart: an account is one; in a publication, or in what it
// cites, each source by its code.
type SourceKey struct {
	Account, In amana.RecordID
	Code        string
}

// SourceOf returns whose word a claim is.
func SourceOf(c Claim) SourceKey {
	switch {
	case !c.Account.IsZero():
		return SourceKey{Account: c.Account}
	case !c.Cited.IsZero():
		return SourceKey{In: c.Cited, Code: c.Source}
	}
	return SourceKey{In: c.In, Code: c.Source}
}

// Primary reports whether it is the word of somebody who lived or saw it, heard here
// and not through others: a source in a publication is second-hand to whoever reads.
func (c Claim) Primary() bool {
	switch c.Category {
	case "primary_victim", "primary_witness", "primary_alleged_perpetrator":
		return !c.Account.IsZero() && !c.Silent()
	}
	return false
}

// Silent reports whether the source told nothing.
func (c Claim) Silent() bool { return c.Said == "declined" || c.Said == "nothing" }
