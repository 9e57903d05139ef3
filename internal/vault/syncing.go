package vault

import (
	"context"
	"fmt"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
)

// syncFile keeps what this device knows of its hub.
const syncFile = "hub"

// Certificate is what this device shows to a hub.
func (s *Session) Certificate() (seal.Certificate, error) {
	return s.open.key.Certificate(s.open.device)
}

// HubState returns what was kept of the hub, or nothing.
func (s *Session) HubState() (raw []byte, err error) {
	err = openSealedFile(s.vault.dir, s.open.key, syncFile, &raw)
	return raw, err
}

// KeepHubState keeps what is known of the hub, durably.
func (s *Session) KeepHubState(raw []byte) error {
	return sealedFile(s.vault.dir, s.open.key, syncFile, raw)
}

// witnessEvery is how often a device says in an entry of its own what it saw of the
// hub's log: an entry costs some hundred bytes.
const witnessEvery = 24 * time.Hour

// Carry says in an entry, if it has been a while, which checkpoint of the hub's log
// this device verified last.
func (s *Session) Carry(ctx context.Context, note []byte) error {
	c, err := s.Charter()
	if err != nil || s.open.starting() {
		return err
	}
	last, there := c.Witnessed()[s.open.device]
	if there && s.vault.now().Sub(journal.When(last.Time)) < witnessEvery {
		return nil
	}
	return s.amend(ctx, seal.Identity{}, amendment{facts: []event.Fact{event.Witnessed{Checkpoint: note}}})
}

// Carried returns the checkpoints that other devices said they saw.
func (s *Session) Carried() (map[amana.DeviceID][]byte, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	notes := map[amana.DeviceID][]byte{}
	for d, w := range c.Witnessed() {
		if d != s.open.device {
			notes[d] = w.Note
		}
	}
	return notes, nil
}

// hubFile keeps where the hub is, so that a new device finds it.
const hubFile = "hubat"

// HubAddress returns where the hub is, as it was kept, or nothing.
func (s *Session) HubAddress() (raw []byte, err error) {
	err = openSealedFile(s.vault.dir, s.open.key, hubFile, &raw)
	return raw, err
}

// KeepHubAddress keeps where the hub is. Devices that are paired from now on know it.
func (s *Session) KeepHubAddress(raw []byte) error {
	return sealedFile(s.vault.dir, s.open.key, hubFile, raw)
}

// notesFile keeps what this device noted of its exchanges: when one was done, and how it
// wants them.
const notesFile = "exchange"

// SyncNotes returns what was noted of exchanges on this device, or nothing.
func (s *Session) SyncNotes() (raw []byte, err error) {
	err = openSealedFile(s.vault.dir, s.open.key, notesFile, &raw)
	return raw, err
}

// KeepSyncNotes keeps notes of exchanges, durably.
func (s *Session) KeepSyncNotes(raw []byte) error {
	return sealedFile(s.vault.dir, s.open.key, notesFile, raw)
}

// LastWords returns when each device wrote the last of its entries that are here and can
// be opened, by that device's own clock.
func (s *Session) LastWords() (map[amana.DeviceID]time.Time, error) {
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	words := map[amana.DeviceID]time.Time{}
	for d, h := range s.open.log.Heads() {
		if h.Seq == 0 {
			continue
		}
		it, err := s.open.itemAt(d, h.Seq)
		if err != nil {
			return nil, err
		}
		if e, err := s.open.openEntry(s.ring, it); err == nil {
			words[d] = journal.When(e.Time)
		}
	}
	return words, nil
}

// ErasedItems lists the items whose content was destroyed by order, by their chains.
func (s *Session) ErasedItems(ctx context.Context) (map[amana.DeviceID][]uint64, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	erased := map[amana.DeviceID][]uint64{}
	if len(c.Erased()) == 0 {
		return erased, nil
	}
	err = s.open.log.Each(0, func(_ journal.Pos, it journal.Item) error {
		if it.Flags&journal.Erased != 0 {
			erased[it.Device] = append(erased[it.Device], it.Seq)
		}
		return ctx.Err()
	})
	return erased, err
}

// SignOrder signs what an administrator has a hub do: by the member's key, and by this
// device's. label is the kind of message. Kinds: ErrLocked; ErrRefused for whoever is no
// administrator.
func (s *Session) SignOrder(label string, message []byte) (member, device seal.Signature, err error) {
	done, err := s.hold()
	if err != nil {
		return member, device, err
	}
	defer done()
	c, err := s.Charter()
	if err != nil {
		return member, device, err
	}
	if me, _ := c.Member(s.ring.Member()); !me.Has(amana.RoleAdministrator) || me.Left != 0 {
		return member, device, fmt.Errorf("vault: member %s is no administrator: %w", s.ring.Member(), amana.ErrRefused)
	}
	return s.ring.Sign(label, message), s.SignAtDevice(label, message), nil
}

// SignAtDevice signs by this device's key alone.
func (s *Session) SignAtDevice(label string, message []byte) seal.Signature {
	return s.open.key.Sign(s.open.device, label, message)
}
