package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/seal"
)

// The folders and files of a vault, beside the header.
const (
	journalDir     = "journal"
	viewsDir       = "views"
	slotsFile      = "slots"      // whose slot is whose
	deviceFile     = "device"     // the device's ID
	recoveryFile   = "recovery"   // the device's key, boxed to the recovery key
	erasedFile     = "erased"     // orders that were carried out
	quarantineFile = "quarantine" // what was refused on the way in
)

// vaultFiles are all that may lie in a vault's folder.
var vaultFiles = []string{
	headerName, slotsFile, deviceFile, recoveryFile, erasedFile, charterFile, quarantineFile, headsFile, guestsFile, syncFile, hubFile, notesFile, hadFile, backedFile,
	filesFile, starterFile, endedFile, leftFile, journalDir, viewsDir, blobsDir,
}

var encoding = func() cbor.EncMode {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic("vault: internal error: " + err.Error())
	}
	return m
}()

func mustEncode(v any) []byte {
	raw, err := encoding.Marshal(v)
	if err != nil {
		panic("vault: internal error: " + err.Error())
	}
	return raw
}

func noise(n int) []byte {
	var b []byte
	for len(b) < n {
		r := seal.Random16()
		b = append(b, r[:]...)
	}
	return b[:n]
}

// storage turns an error of the disk into the kind a caller can act on.
func storage(doing string, err error) error {
	return fmt.Errorf("vault: %s: %w: %w", doing, amana.ErrStorage, err)
}

// writeFile puts a whole file in place, durably: the old one stays until the new
// one is safe.
func writeFile(path string, content []byte) error {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return storage("write file", err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		os.Remove(next)
		return storage("write file", err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return storage("sync folder", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return storage("sync folder", err)
	}
	return nil
}

// sealedFile keeps a small value in a file of its own, under the device's key.
func sealedFile(dir string, key seal.DeviceKey, name string, v any) error {
	return writeFile(filepath.Join(dir, name), key.SealFile(name, mustEncode(v)))
}

func openSealedFile(dir string, key seal.DeviceKey, name string, v any) error {
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return storage("read "+name, err)
	}
	plain, err := key.OpenFile(name, raw)
	if err != nil {
		return fmt.Errorf("vault: file %s: %w", name, err)
	}
	if err := cbor.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("vault: file %s: %w", name, amana.ErrTampered)
	}
	return nil
}

// decodeFirst reads the first value and returns what follows it.
func decodeFirst(raw []byte, v any) ([]byte, error) { return cbor.UnmarshalFirst(raw, v) }

// recoveryContext says what the box in the file "recovery" is for.
var recoveryContext = []byte("device key")

// writeKeys notes the device's ID, and its key for the custodians.
func (v *Vault) writeKeys(o *opened, recovery seal.BoxKey) error {
	box, err := recovery.Seal(recoveryContext, append(o.org[:], o.key.Export()...))
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(v.dir, recoveryFile), box); err != nil {
		return err
	}
	return sealedFile(v.dir, o.key, deviceFile, o.device)
}

// memberSlot is one member's slot, as the device remembers whose is whose.
type memberSlot struct {
	_      struct{} `cbor:",toarray"`
	Member amana.MemberID
	Slot   []byte
}

// putSlot gives a member a slot, in place of any that was there; an empty slot
// takes it away. The list names old and new until the header has only the new: a
// crash in between leaves no slot that the list does not know, which could be taken
// for noise, or outlive its passphrase.
func (v *Vault) putSlot(o *opened, m amana.MemberID, sealed []byte) error {
	var list []memberSlot
	if err := openSealedFile(v.dir, o.key, slotsFile, &list); err != nil {
		return err
	}
	var old, real [][]byte
	for _, s := range list {
		if real = append(real, s.Slot); s.Member == m {
			old = append(old, s.Slot)
		}
	}
	next := slices.DeleteFunc(slices.Clone(list), func(s memberSlot) bool { return s.Member == m })
	if len(sealed) > 0 {
		fresh := memberSlot{Member: m, Slot: sealed}
		next = append(next, fresh)
		if err := sealedFile(v.dir, o.key, slotsFile, append(list, fresh)); err != nil {
			return err
		}
	}
	h := v.header.put(old, sealed, real)
	if err := h.write(v.dir); err != nil {
		return err
	}
	v.header = h
	if len(old) == 0 {
		return nil
	}
	return sealedFile(v.dir, o.key, slotsFile, next)
}

// slotsOf returns a member's slots, the newest last.
func (v *Vault) slotsOf(o *opened, m amana.MemberID) (slots [][]byte, err error) {
	var list []memberSlot
	err = openSealedFile(v.dir, o.key, slotsFile, &list)
	for _, s := range list {
		if s.Member == m {
			slots = append(slots, s.Slot)
		}
	}
	return slots, err
}

// Here returns the members who can unlock this device.
func (s *Session) Here() (map[amana.MemberID]bool, error) {
	var list []memberSlot
	if err := openSealedFile(s.vault.dir, s.open.key, slotsFile, &list); err != nil {
		return nil, err
	}
	here := make(map[amana.MemberID]bool, len(list))
	for _, m := range list {
		here[m.Member] = true
	}
	return here, nil
}

func readFile(dir, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, storage("read "+name, err)
	}
	return b, nil
}
