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
		case event.Opened, event.Released:
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

// allowance is the question of the charter that a save of these facts is asked.
func allowance(c *charter.Charter, opening bool, begun amana.Kind, facts []event.Fact) func(amana.MemberID, []amana.TeamID, uint64) error {
	switch {
	case opening:
		return c.MayRead
	case (begun == "" || begun == amana.KindRelease) && onlyLedger(facts):
		return c.MayRelease
	}
	return c.MayWrite
}
