package vault

import (
	"fmt"
	"maps"
	"time"

	"amana"
	"amana/internal/journal"
)

// hadFile keeps what other devices are known to have: what they handed over themselves,
// and what they were given when they were taken in.
const hadFile = "had"

// noteHad keeps that a device has chains so far.
func (s *Session) noteHad(d amana.DeviceID, chains map[amana.DeviceID]uint64) error {
	if d == s.open.device {
		return nil
	}
	s.open.exchange.Lock()
	defer s.open.exchange.Unlock()
	all, err := s.had()
	if err != nil {
		return err
	}
	known := all[d]
	if known == nil {
		known = map[amana.DeviceID]uint64{}
	}
	before := maps.Clone(known)
	for chain, upTo := range chains {
		known[chain] = max(known[chain], upTo)
	}
	if maps.Equal(before, known) {
		return nil
	}
	all[d] = known
	return sealedFile(s.vault.dir, s.open.key, hadFile, all)
}

func (s *Session) had() (map[amana.DeviceID]map[amana.DeviceID]uint64, error) {
	all := map[amana.DeviceID]map[amana.DeviceID]uint64{}
	return all, openSealedFile(s.vault.dir, s.open.key, hadFile, &all)
}

// HadBy says how far another device has each chain, as far as this one knows: so that
// only the rest need be handed over. It may have more. Kind: ErrNotFound for a device
// that nobody announced.
func (s *Session) HadBy(d amana.DeviceID) (map[amana.DeviceID]uint64, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	if _, known := c.Device(d); !known {
		return nil, fmt.Errorf("vault: device %s: %w", d, amana.ErrNotFound)
	}
	s.open.exchange.Lock()
	defer s.open.exchange.Unlock()
	all, err := s.had()
	if err != nil {
		return nil, err
	}
	have := map[amana.DeviceID]uint64{}
	maps.Copy(have, all[d])
	have[d] = max(have[d], s.open.log.Head(d).Seq) // what it wrote
	return have, nil
}

// WroteOn says which members wrote on a device, as far as its entries are here and can
// be opened, and when last.
func (s *Session) WroteOn(d amana.DeviceID) (map[amana.MemberID]time.Time, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	byName := map[journal.Author]amana.MemberID{}
	for _, m := range c.Members() {
		byName[journal.AuthorOf(m.ID)] = m.ID
	}
	last := map[amana.MemberID]time.Time{}
	for seq := uint64(1); seq <= s.open.log.Head(d).Seq; seq++ {
		it, err := s.open.itemAt(d, seq)
		if err != nil {
			return nil, err
		}
		e, err := s.open.openEntry(s.ring, it)
		if m, known := byName[e.Author]; err == nil && known {
			last[m] = journal.When(e.Time)
		}
	}
	return last, nil
}
