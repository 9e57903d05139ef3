package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// New is what it takes to found an organisation in a folder.
type New struct {
	Name          string
	Languages     []string
	Administrator string
	Roles         []amana.Role // of the first member, with RoleAdministrator
	Passphrase    []byte
	Custodians    []string
	Threshold     int
	Cost          seal.Cost
	Rules         map[string]string
	Now           func() time.Time
}

// Found makes the folder of a new organisation and returns it unlocked, with the
// shares of its recovery key, which are kept nowhere. The folder must be empty or
// not exist; on an error nothing is left in it.
func Found(ctx context.Context, dir string, n New) (*Vault, *Session, []seal.Share, error) {
	if err := emptyFolder(dir); err != nil {
		return nil, nil, nil, err
	}
	recovery, shares, err := seal.NewRecovery(n.Threshold, len(n.Custodians))
	if err != nil {
		return nil, nil, nil, err
	}
	v, s, err := found(ctx, dir, n, recovery)
	if err != nil {
		for _, name := range vaultFiles {
			os.RemoveAll(filepath.Join(dir, name))
		}
		return nil, nil, nil, err
	}
	return v, s, shares, nil
}

func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return storage("new folder", err)
	}
	have, err := os.ReadDir(dir)
	if err != nil {
		return storage("read folder", err)
	}
	if len(have) > 0 {
		return fmt.Errorf("vault: the folder is not empty: %w", amana.ErrConflict)
	}
	return nil
}

func found(ctx context.Context, dir string, n New, recovery seal.Identity) (*Vault, *Session, error) {
	id := seal.NewIdentity()
	sl := slot{
		Org: charter.OrgIDOf(recovery.VerifyKey()), Member: amana.MemberID(seal.Random16()), Identity: id.Export(),
	}
	device := amana.DeviceID(seal.Random16())
	key := seal.NewDeviceKey()
	sl.DeviceKey = key.Export()
	v := &Vault{dir: dir, now: n.Now, guard: newGuard(n.Now)}
	v.header = header{Format: headerFormat, Salt: seal.Random16(), Cost: n.Cost}
	k, err := seal.Stretch(n.Passphrase, v.header.Salt, n.Cost)
	if err != nil {
		return nil, nil, err
	}
	log, err := journal.Create(filepath.Join(dir, journalDir), key, sl.Org)
	if err != nil {
		return nil, nil, err
	}
	o := v.newOpened(sl.Org, device, key, log)
	v.open = o
	s, err := v.firstSession(ctx, n, sl, id, recovery)
	if err == nil {
		err = v.writeKeys(o, recovery.BoxKey())
	}
	if err == nil {
		err = v.putSlot(o, sl.Member, sealSlot(k, sl))
	}
	if err != nil {
		return nil, nil, errors.Join(err, v.LockAll())
	}
	return v, s, nil
}

// firstSession writes the charter's first entry, signed by the root key, and
// opens the first member's session on it.
func (v *Vault) firstSession(ctx context.Context, n New, sl slot, id, recovery seal.Identity) (*Session, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	o := v.open
	ring := keyring.New(sl.Org, sl.Member, id)
	s := &Session{vault: v, open: o, ring: ring}
	s.charter.Store(charter.NewFor(o.org))
	s.rules = newCharterReader(o, ring)
	k, boxes, err := keyring.OpenEpoch(sl.Org, keyring.Organisation, 1, []seal.BoxKey{id.BoxKey(), recovery.BoxKey()})
	if err != nil {
		return nil, err
	}
	ring.Add(keyring.Organisation, 1, k)
	facts := []event.Fact{
		event.Founded{
			Name: n.Name, Languages: n.Languages, Root: recovery.VerifyKey(), Recovery: recovery.BoxKey(),
			Threshold: n.Threshold, Shares: len(n.Custodians),
		},
		event.MemberAdded{
			Member: sl.Member, Name: n.Administrator, Roles: n.Roles, Verify: id.VerifyKey(), Box: id.BoxKey(),
		},
		event.DeviceAdded{Device: o.device, Name: deviceName(o.device), Verify: o.key.VerifyKey(o.device)},
		event.CustodiansNamed{Names: n.Custodians},
		event.EpochOpened{Team: keyring.Organisation, Epoch: 1, Commitment: k.Commitment(), To: []amana.MemberID{sl.Member}},
	}
	for rule, value := range n.Rules {
		facts = append(facts, event.RuleSet{Rule: rule, Value: value})
	}
	if err := s.amend(ctx, recovery, amendment{facts: facts, boxes: boxes, orgKeys: true}); err != nil {
		return nil, err
	}
	x, err := openIndex(ctx, s)
	if err != nil {
		return nil, err
	}
	s.index.Store(x)
	o.places[sl.Member] = &place{Session: s, users: 1}
	return s, nil
}

// deviceName is how a device is called until somebody names it: the beginning of
// its ID. A host's name would tell more than it should.
func deviceName(d amana.DeviceID) string { return d.String()[:6] }
