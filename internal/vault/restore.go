package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// Restored says what came out of a backup.
type Restored struct {
	Made        time.Time
	Items       int
	Quarantined int
}

// RestoreWithPassphrase makes a vault in an empty folder from a backup, opened by
// the passphrase of a member who could unlock the device it was made on.
func RestoreWithPassphrase(ctx context.Context, dir string, r io.Reader, passphrase []byte, now func() time.Time) (Restored, error) {
	b, err := openBackup(r)
	if err != nil {
		return Restored{}, err
	}
	k, err := seal.Stretch(passphrase, b.vault.Salt, b.vault.Cost)
	if err != nil {
		return Restored{}, err
	}
	sl, err := b.vault.openSlot(k)
	if err != nil {
		return Restored{}, err
	}
	id, err := seal.ImportIdentity(sl.Identity)
	if err != nil {
		return Restored{}, err
	}
	return b.restore(ctx, dir, sl.Member, id, now)
}

// RestoreWithShares does the same with k shares of the recovery key.
func RestoreWithShares(ctx context.Context, dir string, r io.Reader, shares []seal.Share, now func() time.Time) (Restored, error) {
	b, err := openBackup(r)
	if err != nil {
		return Restored{}, err
	}
	id, err := seal.Combine(shares)
	if err != nil {
		return Restored{}, err
	}
	return b.restore(ctx, dir, amana.MemberID{}, id, now)
}

func (b *backupReader) restore(ctx context.Context, dir string, member amana.MemberID, id seal.Identity, now func() time.Time) (Restored, error) {
	if err := b.unlock(id); err != nil {
		return Restored{}, err
	}
	if err := emptyFolder(dir); err != nil {
		return Restored{}, err
	}
	done, err := b.fill(ctx, dir, member, id, now)
	if err != nil {
		for _, name := range vaultFiles {
			os.RemoveAll(filepath.Join(dir, name))
		}
	}
	return done, err
}

// fill writes the vault's files, then takes in every item as from a stranger:
// what does not verify goes to the quarantine. The device is a new one: its chain
// must not go on where the lost one's may have been longer.
func (b *backupReader) fill(ctx context.Context, dir string, member amana.MemberID, id seal.Identity, now func() time.Time) (Restored, error) {
	done := Restored{Made: time.UnixMilli(b.start.When).UTC()}
	key, err := seal.ImportDeviceKey(b.start.DeviceKey)
	if err != nil {
		return done, err
	}
	log, err := journal.Create(filepath.Join(dir, journalDir), key, b.start.Org)
	if err != nil {
		return done, err
	}
	v := &Vault{dir: dir, now: now, guard: newGuard(now), header: b.vault}
	o := v.newOpened(b.start.Org, amana.DeviceID(seal.Random16()), key, log)
	v.open = o
	defer func() { _ = v.LockAll() }() // everything is durable before
	in := &restoring{v: v, open: o, ring: keyring.New(b.start.Org, member, id), broken: map[amana.DeviceID]error{}, next: map[amana.DeviceID]uint64{}}
	for {
		it, err := b.item()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return done, err
		}
		if err := in.take(ctx, it); err != nil {
			return done, err
		}
	}
	if err := in.finish(); err != nil {
		return done, err
	}
	done.Items, done.Quarantined = in.taken, len(in.aside)
	if uint64(done.Items+done.Quarantined) != b.start.Items {
		return done, fmt.Errorf("vault: backup: %d items of %d: %w", done.Items, b.start.Items, amana.ErrTampered)
	}
	if err := b.takeBlobs(ctx, o); err != nil {
		return done, err
	}
	return done, b.writeFiles(v, o)
}

// restoring takes in the items of a backup: what is checked here is that each chain
// goes on without a gap. What does not is kept aside, with all that follows it in its
// chain. Who wrote what, and whether they were allowed it, every reader judges.
type restoring struct {
	v      *Vault
	open   *opened
	ring   *keyring.Ring
	batch  []journal.Item
	broken map[amana.DeviceID]error
	next   map[amana.DeviceID]uint64
	taken  int
	aside  []refusedItem
}

func (in *restoring) take(ctx context.Context, it journal.Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := in.broken[it.Device]
	if err == nil && it.Seq != in.next[it.Device]+1 {
		err = fmt.Errorf("vault: item %d of device %s: item %d is missing: %w", it.Seq, it.Device, in.next[it.Device]+1, amana.ErrTampered)
	}
	if err == nil {
		err = it.Check()
	}
	if err != nil {
		in.broken[it.Device] = err
		in.aside = append(in.aside, refusedItem{Device: it.Device, Seq: it.Seq, Reason: err.Error(), Wire: it.AppendWire(nil)})
		return nil //nolint:nilerr // it is kept aside, with the reason
	}
	if e, err := in.open.openEntry(in.ring, it); err == nil {
		in.open.clock.Heard(e.Time)
	}
	in.next[it.Device]++
	in.taken++
	it.Last = true
	if in.batch = append(in.batch, it); len(in.batch) >= batchItems {
		return in.flush()
	}
	return nil
}

func (in *restoring) flush() error {
	if len(in.batch) == 0 {
		return nil
	}
	_, err := in.open.log.Append(in.batch, in.open.clock.Now())
	in.batch = in.batch[:0]
	return err
}

func (in *restoring) finish() error {
	if err := in.flush(); err != nil || len(in.aside) == 0 {
		return err
	}
	return sealedFile(in.v.dir, in.open.key, quarantineFile, in.aside)
}

func (b *backupReader) writeFiles(v *Vault, o *opened) error {
	if err := writeFile(filepath.Join(v.dir, recoveryFile), b.start.Recovery); err != nil {
		return err
	}
	if err := sealedFile(v.dir, o.key, deviceFile, o.device); err != nil {
		return err
	}
	if err := sealedFile(v.dir, o.key, erasedFile, b.start.Erased); err != nil {
		return err
	}
	if err := sealedFile(v.dir, o.key, slotsFile, b.start.Slots); err != nil {
		return err
	}
	return b.vault.write(v.dir)
}

// announce puts a device that was restored into the charter, when somebody
// unlocks it who may.
func (s *Session) announce(ctx context.Context) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	if _, known := c.Device(s.open.device); known {
		return nil
	}
	m, ok := c.Member(s.ring.Member())
	if !ok || !m.Has(amana.RoleAdministrator) {
		return nil
	}
	return s.amend(ctx, seal.Identity{}, amendment{facts: []event.Fact{
		event.DeviceAdded{Device: s.open.device, Name: deviceName(s.open.device), Verify: s.open.key.VerifyKey(s.open.device)},
	}})
}
