package casework

import (
	"fmt"
	"time"

	"amana"
	"amana/internal/letter"
	"amana/internal/record"
	"amana/internal/vault"
)

// What a hub brings is kept without anybody's doing, for good and on every device, and
// is said to have come. So there is an end to what comes within a day: of one partner,
// and of all together whose card nobody compared. What is more stays at the hub.
const (
	mostOfPartner  = 200
	mostOfUnknown  = 50
	withinFlooding = 24 * time.Hour
)

// flood counts letters that a hub brought within a day.
type flood struct {
	by      string // hub, or nothing is counted
	card    string
	since   time.Time
	known   map[string]bool // cards that were compared
	same    int             // of the card at hand
	unknown int
}

func (d *Desk) floodOf(from letter.Card, way string) *flood {
	f := &flood{by: way, card: card64(from), since: d.office.now().Add(-withinFlooding), known: map[string]bool{}}
	for _, doc := range d.charter().AdoptedUnder(partnerDocuments) {
		if card, err := letter.ReadCard(doc.Content); err == nil {
			f.known[card64(card)] = true
		}
	}
	return f
}

func (f *flood) count(l vault.Listed) {
	card := l.Values[letterCard].Reveal()
	if l.Values[letterWay].Reveal() != wayHub || record.When(l.Opened).Before(f.since) {
		return
	}
	if card == f.card {
		f.same++
	}
	if !f.known[card] {
		f.unknown++
	}
}

// check is ErrRefused where there is no room for one more by a hub.
func (f *flood) check() error {
	if f.by == wayHub && (f.same >= mostOfPartner || !f.known[f.card] && f.unknown >= mostOfUnknown) {
		return fmt.Errorf("casework: too many letters within a day: %w", amana.ErrRefused)
	}
	return nil
}
