package vault

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/evidence"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// Vault is the folder of one device. It is locked until a member unlocks it.
type Vault struct {
	dir   string
	now   func() time.Time
	guard *guard

	mu     sync.Mutex // guards what follows: who is unlocked changes under it
	header header
	open   *opened // nil while nobody is unlocked
}

// opened is what any member's passphrase gives.
type opened struct {
	org    amana.OrgID
	device amana.DeviceID
	key    seal.DeviceKey
	log    *journal.Log
	clock  *journal.Clock
	places map[amana.MemberID]*place
	saves  *committer
	blobs  evidence.Store

	mu      sync.RWMutex // guards what follows
	charter []journal.Pos
	looked  lookedUpTo

	taking   sync.Mutex // held while a batch from elsewhere is taken in
	exchange sync.Mutex // guards handed
	handed   handed

	// changing is held while the charter is changed, and for reading from the
	// moment when a save was found allowed until it is in its place: what was
	// allowed when it was looked at is still allowed when it is written.
	changing sync.RWMutex

	loose *loose // what this device works with until its history has come, or nil
}

// place is one unlocked member's ring and view, shared by that member's sessions.
type place struct {
	*Session
	users int
}

// Open opens the folder, still locked. ErrNotFound, if there is no vault in it.
func Open(dir string, now func() time.Time) (*Vault, error) {
	h, err := readHeader(dir)
	if err != nil {
		return nil, err
	}
	removeSpools(dir)
	return &Vault{dir: dir, now: now, header: h, guard: newGuard(now)}, nil
}

// Exists reports whether there is a vault in the folder.
func Exists(dir string) bool {
	_, err := readHeader(dir)
	return !errors.Is(err, amana.ErrNotFound)
}

// Cost returns what one guess of a passphrase costs here.
func (v *Vault) Cost() seal.Cost { return v.header.Cost }

// Unlock opens the vault for whoever has this passphrase. It takes as long as the
// vault's cost says. Kinds: ErrPassphrase; ErrWait (as [*WaitError]) after
// several wrong ones; ErrTampered; ErrConflict where another program has it.
func (v *Vault) Unlock(ctx context.Context, passphrase []byte) (*Session, error) {
	var s slot
	var k seal.SlotKey
	err := v.guard.try(func() (err error) {
		s, k, err = v.stretched(passphrase)
		return err
	})
	if err != nil {
		return nil, err
	}
	id, err := seal.ImportIdentity(s.Identity)
	if err != nil {
		return nil, err
	}
	s, guest := v.guest(s, id)
	session, err := v.enter(ctx, s, id)
	if err == nil && guest { // from now on the slot is this device's own
		err = session.changeSlot(s.Member, sealSlot(k, s))
	}
	return session, err
}

// slotBy returns the slot that a passphrase opens.
func (v *Vault) slotBy(passphrase []byte) (slot, error) {
	s, _, err := v.stretched(passphrase)
	return s, err
}

func (v *Vault) stretched(passphrase []byte) (slot, seal.SlotKey, error) {
	v.mu.Lock()
	h := v.header
	v.mu.Unlock()
	k, err := seal.Stretch(passphrase, h.Salt, h.Cost)
	if err != nil {
		return slot{}, k, err
	}
	debug.FreeOSMemory() // the stretching took hundreds of megabytes
	s, err := h.openSlot(k)
	return s, k, err
}

func (v *Vault) enter(ctx context.Context, s slot, id seal.Identity) (*Session, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.open == nil {
		o, err := v.openJournal(s)
		if err != nil {
			return nil, err
		}
		v.open = o
	}
	if p := v.open.places[s.Member]; p != nil {
		p.users++
		return p.Session, nil
	}
	session, err := v.newSession(ctx, v.open, keyring.New(s.Org, s.Member, id))
	if err != nil {
		_ = v.closeIfUnused() // the first error is the one to tell
		return nil, err
	}
	v.open.places[s.Member] = &place{Session: session, users: 1}
	return session, nil
}

func (v *Vault) openJournal(s slot) (*opened, error) {
	key, err := seal.ImportDeviceKey(s.DeviceKey)
	if err != nil {
		return nil, err
	}
	log, err := journal.Open(filepath.Join(v.dir, journalDir), key, s.Org)
	if err != nil {
		return nil, err
	}
	var device amana.DeviceID
	err = openSealedFile(v.dir, key, deviceFile, &device)
	if err == nil && device.IsZero() {
		err = fmt.Errorf("vault: file %s is missing: %w", deviceFile, amana.ErrTampered)
	}
	if err != nil {
		log.Close()
		return nil, err
	}
	o := v.newOpened(s.Org, device, key, log)
	if err := o.loadStart(v.dir); err != nil {
		o.saves.stop()
		log.Close()
		return nil, err
	}
	return o, nil
}

func (v *Vault) newOpened(org amana.OrgID, device amana.DeviceID, key seal.DeviceKey, log *journal.Log) *opened {
	o := &opened{
		org: org, device: device, key: key, log: log, clock: journal.NewClock(v.now),
		places: map[amana.MemberID]*place{}, blobs: openBlobs(v.dir, key),
	}
	o.clock.Saw(log.Mark())
	o.saves = newCommitter(o)
	return o
}

// closeIfUnused closes the journal when the last member has locked. Callers hold
// mu.
func (v *Vault) closeIfUnused() error {
	o := v.open
	if o == nil || len(o.places) > 0 {
		return nil
	}
	v.open = nil
	o.saves.stop()
	return o.log.Close()
}

// Lock ends a session. When the member's last one ends, the keys are dropped and
// the view is closed; when the last member's ends, so is the journal.
func (s *Session) Lock() error {
	v := s.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	member := s.ring.Member()
	p := s.open.places[member]
	if p == nil || p.Session != s {
		return nil // locked already
	}
	if p.users--; p.users > 0 {
		return nil
	}
	delete(s.open.places, member)
	err := s.leave()
	debug.FreeOSMemory()
	return errors.Join(err, v.closeIfUnused())
}

// LockAll locks every member's sessions, as when the program ends.
func (v *Vault) LockAll() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.open == nil {
		return nil
	}
	var errs []error
	for m, p := range v.open.places {
		delete(v.open.places, m)
		errs = append(errs, p.leave())
	}
	return errors.Join(append(errs, v.closeIfUnused())...)
}

// Session is one unlocked member. Its methods may be called from several
// goroutines.
type Session struct {
	vault *Vault
	open  *opened
	ring  *keyring.Ring

	use sync.RWMutex // held for reading while keys or the view are used; see hold

	// charter is what this member has read of it: a value that is never changed,
	// so that nobody waits for a lock to read it. It is nil once locked.
	charter atomic.Pointer[charter.Charter]

	mu    sync.Mutex // guards rules: one goroutine reads new charter entries
	rules *charterReader

	index atomic.Pointer[indexer] // changes when views are built anew
	shown shown
	files knownFiles
	names names
}

func (s *Session) locked() error {
	return fmt.Errorf("vault: session of member %s: %w", s.ring.Member(), amana.ErrLocked)
}

// hold keeps keys and view as they are until done is called: they are neither
// dropped nor changed for others in between. It must not be nested, nor be held
// while Vault.mu is taken.
func (s *Session) hold() (done func(), err error) {
	s.use.RLock()
	if s.charter.Load() == nil {
		s.use.RUnlock()
		return nil, s.locked()
	}
	return s.use.RUnlock, nil
}

// Member returns whose session it is.
func (s *Session) Member() amana.MemberID { return s.ring.Member() }

// Organisation returns whose vault it is.
func (s *Session) Organisation() amana.OrgID { return s.open.org }

// Device returns the device's ID.
func (s *Session) Device() amana.DeviceID { return s.open.device }

// Behind is how far the device's clock is behind the newest entry.
func (s *Session) Behind() time.Duration { return s.open.clock.Behind() }

// Refuses returns why nothing can be saved here, or nil.
func (s *Session) Refuses() error { return s.open.log.Refuses() }
