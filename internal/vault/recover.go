package vault

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// Recover gives a member new keys and a new passphrase with k shares of the
// recovery key, when every way in was lost. name chooses the member; the keys of
// the member's teams come with it. The charter says for good that it was done.
func Recover(ctx context.Context, dir string, shares []seal.Share, name string, passphrase []byte, now func() time.Time) (amana.MemberID, error) {
	v, err := Open(dir, now)
	if err != nil {
		return amana.MemberID{}, err
	}
	root, err := seal.Combine(shares)
	if err != nil {
		return amana.MemberID{}, err
	}
	s, err := v.enterByRecovery(ctx, root)
	if err != nil {
		return amana.MemberID{}, err
	}
	defer func() { _ = v.LockAll() }() // everything is durable before
	c, err := s.Charter()
	if err != nil {
		return amana.MemberID{}, err
	}
	m, err := memberNamed(c, name)
	if err != nil {
		return amana.MemberID{}, err
	}
	return m, s.rekey(ctx, root, c, m, passphrase)
}

func memberNamed(c *charter.Charter, name string) (found amana.MemberID, err error) {
	for _, m := range c.Members() {
		if m.Name == name && m.Left == 0 {
			if !found.IsZero() {
				return found, fmt.Errorf("vault: two members have this name: %w", amana.ErrConflict)
			}
			found = m.ID
		}
	}
	if found.IsZero() {
		return found, fmt.Errorf("vault: no member has this name: %w", amana.ErrNotFound)
	}
	return found, nil
}

// enterByRecovery opens the journal with the recovery key. The session has no
// view: it can only amend the charter.
func (v *Vault) enterByRecovery(_ context.Context, root seal.Identity) (*Session, error) {
	box, err := readFile(v.dir, recoveryFile)
	if err != nil {
		return nil, err
	}
	plain, err := root.Open(recoveryContext, box)
	if err != nil || len(plain) != 16+seal.KeySize {
		return nil, fmt.Errorf("vault: these shares are of another organisation: %w", amana.ErrInvalid)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	o, err := v.openJournal(slot{Org: amana.OrgID(plain[:16]), DeviceKey: plain[16:]})
	if err != nil {
		return nil, err
	}
	v.open = o
	ring := keyring.New(o.org, amana.MemberID{}, root)
	s := &Session{vault: v, open: o, ring: ring}
	s.charter.Store(charter.NewFor(o.org))
	s.rules = newCharterReader(o, ring)
	s.rules.recovery = true
	if err := o.findCharter(v.dir, ring); err != nil {
		return nil, err
	}
	return s, s.freshen()
}

func (s *Session) rekey(ctx context.Context, root seal.Identity, c *charter.Charter, m amana.MemberID, passphrase []byte) error {
	id := seal.NewIdentity()
	sealed, err := s.slotFor(m, id, passphrase)
	if err != nil {
		return err
	}
	list := []amendment{{facts: []event.Fact{
		event.MemberRekeyed{Member: m, Verify: id.VerifyKey(), Box: id.BoxKey()},
	}}}
	if _, known := c.Device(s.open.device); !known {
		list[0].facts = append(list[0].facts, event.DeviceAdded{Device: s.open.device, Name: deviceName(s.open.device), Verify: s.open.key.VerifyKey(s.open.device)})
	}
	for _, team := range append([]amana.TeamID{keyring.Organisation}, c.TeamsOf(m)...) {
		epoch := c.Epoch(team)
		boxes, err := s.ring.Grant(team, epoch, []seal.BoxKey{id.BoxKey()})
		if err != nil {
			return err
		}
		list = append(list, amendment{
			facts:   []event.Fact{event.KeysGranted{Team: team, Epoch: epoch, To: []amana.MemberID{m}}},
			boxes:   boxes,
			orgKeys: team == keyring.Organisation,
		})
	}
	if err := s.amend(ctx, root, list...); err != nil {
		return err
	}
	return s.changeSlot(m, sealed)
}

// CheckSums compares every file of the journal with its checksums, without a key.
// It returns one error for each file that differs.
func CheckSums(dir string) (files int, problems []error) {
	segments, err := filepath.Glob(filepath.Join(dir, journalDir, "*.log"))
	if err != nil || len(segments) == 0 {
		return 0, []error{fmt.Errorf("vault: the journal's files are missing: %w", amana.ErrTampered)}
	}
	for _, path := range segments {
		if err := journal.CheckSums(path); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", filepath.Base(path), err))
		}
	}
	return len(segments), problems
}
