package vault

import (
	"strings"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
)

// ledgerFields is the list in which the steps of a release are kept. Who releases
// may write these, and what was released, and nothing else: see format §8.6.
const ledgerFields = "ledger/"

// onlyLedger reports whether facts do nothing but keep the ledger of what left.
func onlyLedger(facts []event.Fact) bool {
	for _, f := range facts {
		switch f := f.(type) {
		case event.Opened, event.Released, event.Custody: // a statement of custody: that it left, signed by who let it
		case event.Begun:
			if f.Kind != amana.KindRelease {
				return false
			}
		case event.Set:
			if !strings.HasPrefix(f.Field, ledgerFields) {
				return false
			}
		default:
			return false
		}
	}
	return len(facts) > 0
}

// onlyFigures reports whether facts do nothing but what who counts may do to a record
// that is about nobody: begin it, outside of any case, and set its fields.
func onlyFigures(facts []event.Fact) bool {
	for _, f := range facts {
		switch f := f.(type) {
		case event.Opened, event.Set:
		case event.Begun:
			if !f.Kind.AboutNobody() || !f.Case.IsZero() {
				return false
			}
		default:
			return false
		}
	}
	return len(facts) > 0
}

// allowance is the question of the charter that a save of these facts is asked, to a
// record of a kind. Whoever reads asks again: see [Session.verify].
func allowance(c *charter.Charter, opening bool, kind amana.Kind, begin *Begin, facts []event.Fact) func(amana.MemberID, []amana.TeamID, uint64) error {
	switch {
	case opening:
		return c.MayRead
	case (begin == nil || kind == amana.KindRelease) && onlyLedger(facts):
		return c.MayRelease
	case kind.AboutNobody() && (begin == nil || begin.Case.IsZero()) && onlyFigures(facts):
		return c.MayCount
	}
	return c.MayWrite
}

// standing says by which right an entry counts.
type standing uint8

const (
	full   standing = iota
	narrow          // only in a record that is about nobody
)

// allowed says by which right an author may have written facts into a record of these
// teams at a time. Kind: ErrRefused.
func allowed(c *charter.Charter, author amana.MemberID, teams []amana.TeamID, time uint64, facts []event.Fact) (standing, error) {
	switch {
	case onlyOpened(event.Body{Facts: facts}):
		return full, c.MayRead(author, teams, time)
	case onlyLedger(facts) && c.MayRelease(author, teams, time) == nil:
		return full, nil
	}
	err := c.MayWrite(author, teams, time)
	if err != nil && onlyFigures(facts) && c.MayCount(author, teams, time) == nil {
		return narrow, nil
	}
	return full, err
}
