package vault

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/seal"
)

// A new device asks, an administrator answers, a member unlocks. The request holds
// nothing but public keys; both sides show the words that stand for it, and somebody
// compares them. The answer is sealed to the request, and that it comes from the
// organisation is shown by a slot in it that opens with the member's passphrase, which
// nobody else can make. See format §13.3.

// PairRequest is what a new device says of itself.
type PairRequest struct {
	Device amana.DeviceID
	Verify seal.VerifyKey // by which it will sign
	Box    seal.BoxKey    // to which the answer is sealed
	Words  []string       // that both sides show
}

const (
	requestMagic = "amana device 1\n"
	answerMagic  = "amana answer 1\n"
	startMagic   = "amana answer 2\n" // with a start in the place of batches
	pairingFile  = "pairing"          // what a new device keeps until it has its answer
)

var answerContext = []byte("device answer")

type requestWire struct {
	_      struct{} `cbor:",toarray"`
	Device amana.DeviceID
	Verify seal.VerifyKey
	Box    seal.BoxKey
}

// pairing is kept, readable, in an otherwise empty folder until the answer comes.
// Nothing is sealed under its keys before.
type pairing struct {
	_        struct{} `cbor:",toarray"`
	Device   amana.DeviceID
	Key      []byte
	Identity []byte
}

// answerStart begins the stream of an answer; batches follow.
type answerStart struct {
	Org    amana.OrgID      `cbor:"1,keyasint"`
	Salt   [16]byte         `cbor:"2,keyasint"`
	Cost   seal.Cost        `cbor:"3,keyasint"`
	Slots  []memberSlot     `cbor:"4,keyasint"`
	Erased []amana.RecordID `cbor:"5,keyasint"`
	Device amana.DeviceID   `cbor:"6,keyasint"` // whose answer it is
	Hub    []byte           `cbor:"7,keyasint,omitempty"`
}

// RequestPairing makes the request of a new device whose vault is to be in dir, or
// gives out again the one that was made there.
func RequestPairing(dir string) ([]byte, error) {
	p, err := readPairing(dir)
	if errors.Is(err, amana.ErrNotFound) {
		p, err = newPairing(dir)
	}
	if err != nil {
		return nil, err
	}
	key, id, err := p.keys()
	if err != nil {
		return nil, err
	}
	raw := mustEncode(requestWire{Device: p.Device, Verify: key.VerifyKey(p.Device), Box: id.BoxKey()})
	return append([]byte(requestMagic), raw...), nil
}

func newPairing(dir string) (pairing, error) {
	if err := emptyFolder(dir); err != nil {
		return pairing{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return pairing{}, storage("new folder", err)
	}
	p := pairing{Device: amana.DeviceID(seal.Random16()), Key: seal.NewDeviceKey().Export(), Identity: seal.NewIdentity().Export()}
	return p, writeFile(filepath.Join(dir, pairingFile), mustEncode(p))
}

func readPairing(dir string) (p pairing, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, pairingFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return p, fmt.Errorf("vault: no request was made in this folder: %w", amana.ErrNotFound)
	case err != nil:
		return p, storage("read "+pairingFile, err)
	}
	if err := cbor.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("vault: file %s: %w", pairingFile, amana.ErrTampered)
	}
	return p, nil
}

func (p pairing) keys() (key seal.DeviceKey, id seal.Identity, err error) {
	if key, err = seal.ImportDeviceKey(p.Key); err != nil {
		return key, id, err
	}
	id, err = seal.ImportIdentity(p.Identity)
	return key, id, err
}

// Requested reports whether a request was made in a folder, and waits for its answer.
func Requested(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, pairingFile))
	return err == nil
}

// DropRequest takes a request back: its keys are gone, no answer to it opens, and what came
// of one goes too.
func DropRequest(dir string) error {
	path := filepath.Join(dir, pairingFile)
	_ = writeFile(path, make([]byte, 2048)) // its keys must not lie about; what matters is that it goes
	if err := os.Remove(path); err != nil {
		return storage("remove "+pairingFile, err)
	}
	return dropFetched(dir)
}

// ParseRequest reads the request of a new device. Its words are to be compared with
// those that the device shows.
func ParseRequest(raw []byte) (PairRequest, error) {
	bad := fmt.Errorf("vault: this is not the request of a device: %w", amana.ErrInvalid)
	content, ok := bytes.CutPrefix(raw, []byte(requestMagic))
	var w requestWire
	if !ok || len(content) > 4096 || cbor.Unmarshal(content, &w) != nil || !bytes.Equal(mustEncode(w), content) || w.Device.IsZero() {
		return PairRequest{}, bad
	}
	h := seal.Digest("amana/1/pairing", content)
	return PairRequest{Device: w.Device, Verify: w.Verify, Box: w.Box, Words: seal.EncodeWords(h[:12])}, nil
}

// AddDevice announces a new device in the charter; one that is announced with the same
// keys stays as it is. Kinds: ErrRefused for whoever is no administrator, ErrInvalid for
// a device that is known with other keys, or was revoked.
func (s *Session) AddDevice(ctx context.Context, r PairRequest, name string) error {
	return s.addDevice(ctx, r, name, nil)
}

// addDevice is AddDevice for members who are given a way in.
func (s *Session) addDevice(ctx context.Context, r PairRequest, name string, members []amana.MemberID) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	if me, _ := c.Member(s.ring.Member()); !me.Has(amana.RoleAdministrator) {
		return fmt.Errorf("vault: member %s is no administrator: %w", s.ring.Member(), amana.ErrRefused)
	}
	if name == "" {
		name = deviceName(r.Device)
	}
	var facts []event.Fact
	d, known := c.Device(r.Device)
	switch {
	case !known:
		facts = append(facts, event.DeviceAdded{Device: r.Device, Name: name, Verify: r.Verify})
	case d.VerifyKey != r.Verify || d.Revoked != 0:
		return fmt.Errorf("vault: device %s: known with other keys: %w", r.Device, amana.ErrInvalid)
	}
	said := c.WaysInto(r.Device)
	if slices.ContainsFunc(members, func(m amana.MemberID) bool { return !slices.Contains(said, m) }) {
		facts = append(facts, event.WaysGiven{Device: r.Device, Members: members})
	}
	if len(facts) == 0 {
		return nil
	}
	return s.amend(ctx, seal.Identity{}, amendment{facts: facts})
}

// Pair announces a new device in the charter and writes the answer to its request:
// the ways in of these members, who must be able to unlock this device, and all that
// is here. Kinds: those of AddDevice, and ErrNotFound for a member who cannot unlock
// this device.
func (s *Session) Pair(ctx context.Context, r PairRequest, name string, members []amana.MemberID, w io.Writer) error {
	start, err := s.answerTo(r, members)
	if err != nil {
		return err
	}
	if err := s.addDevice(ctx, r, name, members); err != nil {
		return err
	}
	if err := s.writeAnswer(ctx, r, start, w); err != nil {
		return err
	}
	return s.noteHad(r.Device, s.Have())
}

// answerTo gathers what begins the answer to a request.
func (s *Session) answerTo(r PairRequest, members []amana.MemberID) (answerStart, error) {
	start := answerStart{Org: s.open.org, Device: r.Device}
	s.vault.mu.Lock()
	start.Salt, start.Cost = s.vault.header.Salt, s.vault.header.Cost
	s.vault.mu.Unlock()
	for _, m := range members {
		slots, err := s.vault.slotsOf(s.open, m)
		if err != nil {
			return start, err
		}
		if len(slots) == 0 {
			return start, fmt.Errorf("vault: member %s cannot unlock this device: %w", m, amana.ErrNotFound)
		}
		start.Slots = append(start.Slots, memberSlot{Member: m, Slot: slots[len(slots)-1]})
	}
	err := openSealedFile(s.vault.dir, s.open.key, erasedFile, &start.Erased)
	if err == nil {
		start.Hub, err = s.HubAddress()
	}
	return start, err
}

func (s *Session) writeAnswer(ctx context.Context, r PairRequest, start answerStart, w io.Writer) error {
	return writeAnswerOf(r, start, w, func(fn func(journal.Batch) error) error { return s.HandOver(ctx, nil, fn) })
}

// writeAnswerOf writes the answer to a request, with the batches that all gives out.
func writeAnswerOf(r PairRequest, start answerStart, w io.Writer, all func(func(journal.Batch) error) error) error {
	return writeAnswerParts(answerMagic, r, start, w, func(out *bufio.Writer) error {
		return all(func(b journal.Batch) error { return writePart(out, b.Append(nil)) })
	})
}

// writeAnswerStart writes the answer to a request, with a start.
func writeAnswerStart(r PairRequest, start answerStart, file []byte, w io.Writer) error {
	return writeAnswerParts(startMagic, r, start, w, func(out *bufio.Writer) error { return writePart(out, file) })
}

func writeAnswerParts(magic string, r PairRequest, start answerStart, w io.Writer, parts func(*bufio.Writer) error) error {
	key := seal.NewStreamKey()
	box, err := r.Box.Seal(answerContext, key.Export())
	if err != nil {
		return err
	}
	first := binary.AppendUvarint([]byte(magic), uint64(len(box)))
	if _, err := w.Write(append(first, box...)); err != nil {
		return storage("answer", err)
	}
	sealed := key.Seal(w)
	out := bufio.NewWriterSize(sealed, 1<<16)
	_ = writePart(out, mustEncode(start)) // kept by the writer until it is flushed
	err = parts(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = sealed.Close()
	}
	if err != nil {
		return storage("answer", err)
	}
	return nil
}

// Join makes the vault of a new device from the answer to its request, and leaves it
// unlocked for the member whose passphrase it is. On an error the folder is as it was.
// Kinds: ErrPassphrase; ErrTampered; ErrInvalid for an answer to another request.
func Join(ctx context.Context, dir string, answer io.Reader, passphrase []byte, now func() time.Time) (*Vault, *Session, error) {
	p, err := readPairing(dir)
	if err != nil {
		return nil, nil, err
	}
	j, err := openAnswer(p, answer)
	if err != nil {
		return nil, nil, err
	}
	v, s, err := j.join(ctx, dir, passphrase, now)
	if err != nil {
		for _, name := range vaultFiles {
			os.RemoveAll(filepath.Join(dir, name))
		}
		return nil, nil, err
	}
	if err := DropRequest(dir); err != nil {
		return nil, nil, errors.Join(err, v.LockAll())
	}
	return v, s, nil
}

// joining is an answer while it is read.
type joining struct {
	p     pairing
	key   seal.DeviceKey
	start answerStart
	rest  *bufio.Reader
	small bool // it brings a start
}

func openAnswer(p pairing, r io.Reader) (*joining, error) {
	j := &joining{p: p, rest: bufio.NewReaderSize(r, 1<<16)}
	magic := make([]byte, len(answerMagic))
	_, err := io.ReadFull(j.rest, magic)
	if j.small = string(magic) == startMagic; err != nil || string(magic) != answerMagic && !j.small {
		return nil, fmt.Errorf("vault: this file is not the answer to a request: %w", amana.ErrInvalid)
	}
	box, err := readPart(j.rest)
	if err != nil {
		return nil, err
	}
	var id seal.Identity
	if j.key, id, err = p.keys(); err != nil {
		return nil, err
	}
	raw, err := id.Open(answerContext, box)
	if err != nil {
		return nil, fmt.Errorf("vault: this answer is for another device: %w", amana.ErrInvalid)
	}
	key, err := seal.ImportStreamKey(raw)
	if err != nil {
		return nil, err
	}
	j.rest = bufio.NewReaderSize(key.Open(j.rest), 1<<16)
	if raw, err = readPart(j.rest); err != nil {
		return nil, err
	}
	if err := cbor.Unmarshal(raw, &j.start); err != nil || j.start.Device != p.Device {
		return nil, fmt.Errorf("vault: answer: %w", amana.ErrTampered)
	}
	return j, j.start.Cost.Check()
}

func (j *joining) join(ctx context.Context, dir string, passphrase []byte, now func() time.Time) (*Vault, *Session, error) {
	h := header{Format: headerFormat, Salt: j.start.Salt, Cost: j.start.Cost}
	for _, s := range j.start.Slots {
		h.Slots = append(h.Slots, s.Slot)
	}
	k, err := seal.Stretch(passphrase, h.Salt, h.Cost)
	if err != nil {
		return nil, nil, err
	}
	sl, err := h.openSlot(k)
	if err != nil {
		return nil, nil, err
	}
	if sl.Org != j.start.Org {
		return nil, nil, fmt.Errorf("vault: answer: %w", amana.ErrTampered)
	}
	if err := j.fill(ctx, dir, now); err != nil {
		return nil, nil, err
	}
	v := &Vault{dir: dir, now: now, guard: newGuard(now), header: header{Format: headerFormat, Salt: h.Salt, Cost: h.Cost}}
	sl.DeviceKey = j.p.Key
	if err := j.files(v, k, sl); err != nil {
		return nil, nil, err
	}
	id, err := seal.ImportIdentity(sl.Identity)
	if err != nil {
		return nil, nil, err
	}
	s, err := v.enter(ctx, sl, id)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.Charter()
	if err == nil {
		if d, known := c.Device(j.p.Device); !known || d.VerifyKey != j.key.VerifyKey(j.p.Device) {
			err = fmt.Errorf("vault: answer: the charter does not name this device: %w", amana.ErrTampered)
		}
	}
	if err == nil {
		err = s.verifyHeads(c)
	}
	if err == nil && j.small {
		err = s.open.loose.file.verify(c, s.open.loose.body)
	}
	if err == nil {
		err = s.letIn(c, j.start.Slots, sl.Member)
	}
	if err == nil && len(j.start.Hub) > 0 {
		err = s.KeepHubAddress(j.start.Hub)
	}
	if err != nil {
		return nil, nil, errors.Join(err, v.LockAll())
	}
	return v, s, nil
}

// fill writes the journal: every chain to the head that its device signed.
func (j *joining) fill(ctx context.Context, dir string, now func() time.Time) error {
	log, err := journal.Create(filepath.Join(dir, journalDir), j.key, j.start.Org)
	if err != nil {
		return err
	}
	if j.small {
		return errors.Join(j.keepStart(dir), log.Close())
	}
	v := &Vault{dir: dir, now: now}
	o := v.newOpened(j.start.Org, j.p.Device, j.key, log)
	err = func() error {
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			raw, err := readPart(j.rest)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := o.appendWhole(dir, raw); err != nil {
				return err
			}
		}
	}()
	o.saves.stop()
	return errors.Join(err, log.Close())
}

// keepStart keeps what the answer brings in the place of batches, once it is all here.
func (j *joining) keepStart(dir string) error {
	raw, err := readPart(j.rest)
	if err != nil {
		return err
	}
	if _, err := j.rest.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("vault: answer: more than a start: %w", errors.Join(err, amana.ErrTampered))
	}
	var file starter
	if err := cbor.Unmarshal(raw, &file); err != nil || len(file.Signed) == 0 {
		return fmt.Errorf("vault: answer: start: %w", amana.ErrTampered)
	}
	if _, err := file.open(j.start.Org, j.p.Device); err != nil {
		return err
	}
	return sealedFile(dir, j.key, starterFile, file)
}

// appendWhole takes in a batch that must go on where its chain ends.
func (o *opened) appendWhole(dir string, raw []byte) error {
	b, err := journal.ReadBatch(raw)
	if err != nil {
		return err
	}
	head := o.log.Head(b.Head.Device)
	hash := head.Hash
	for i := range b.Items {
		b.Items[i].Last = true
		hash = b.Items[i].Next(o.org, hash)
	}
	if b.First != head.Seq+1 || hash != b.Head.Hash {
		return fmt.Errorf("vault: chain of device %s: %w", b.Head.Device, amana.ErrTampered)
	}
	if _, err := o.log.Append(b.Items, o.clock.Now()); err != nil {
		return err
	}
	return o.noteHead(dir, b.Head)
}

// verifyHeads looks whether every chain of an answer ends at a head that its own device
// signed: whoever answers can hold back what is new, but make up, change or cut off
// nothing in between. What they held back comes from others, who have what was signed.
func (s *Session) verifyHeads(c *charter.Charter) error {
	o := s.open
	o.exchange.Lock()
	defer o.exchange.Unlock()
	if err := o.loadHeads(s.vault.dir); err != nil {
		return err
	}
	for id, end := range o.log.Heads() {
		bad := fmt.Errorf("vault: answer: chain of device %s: not as its device signed it: %w", id, amana.ErrTampered)
		d, known := c.Device(id)
		heads := o.handed.heads[id]
		if !known || len(heads) == 0 || heads[len(heads)-1].Head() != end {
			return bad
		}
		for _, h := range heads {
			if h.Verify(d.VerifyKey, o.org) != nil {
				return bad
			}
		}
	}
	return nil
}

func (j *joining) files(v *Vault, k seal.SlotKey, sl slot) error {
	if err := sealedFile(v.dir, j.key, deviceFile, j.p.Device); err != nil {
		return err
	}
	if err := sealedFile(v.dir, j.key, erasedFile, j.start.Erased); err != nil {
		return err
	}
	o := &opened{key: j.key}
	return v.putSlot(o, sl.Member, sealSlot(k, sl))
}

// letIn makes ways in for the other members of an answer, who come with the slots of
// the device they come from: what those hold of it opens nothing here, so this
// device's key is boxed for each, and their slot is made anew when they first unlock.
func (s *Session) letIn(c *charter.Charter, slots []memberSlot, me amana.MemberID) error {
	v := s.vault
	box, err := c.RecoveryKey().Seal(recoveryContext, append(s.open.org[:], s.open.key.Export()...))
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(v.dir, recoveryFile), box); err != nil {
		return err
	}
	var others []memberSlot
	var to []amana.MemberID
	for _, one := range slots {
		if m, ok := c.Member(one.Member); ok && m.Left == 0 && one.Member != me && !slices.Contains(to, one.Member) {
			others, to = append(others, one), append(to, one.Member)
		}
	}
	if len(to) == 0 {
		return nil
	}
	keys, err := boxKeys(c, to, false)
	if err != nil {
		return err
	}
	var boxes [][]byte
	for _, k := range keys {
		box, err := k.Seal(guestContext, s.open.key.Export())
		if err != nil {
			return err
		}
		boxes = append(boxes, box)
	}
	if err := writeFile(filepath.Join(v.dir, guestsFile), mustEncode(boxes)); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, one := range others {
		if err := v.putSlot(s.open, one.Member, one.Slot); err != nil {
			return err
		}
	}
	return nil
}

// guestsFile holds this device's key, boxed for members whose slot came from another
// device and who did not unlock this one yet.
const guestsFile = "guests"

var guestContext = []byte("guest key")

// guest finds this device's key for a member whose slot came from another device.
func (v *Vault) guest(s slot, id seal.Identity) (slot, bool) {
	raw, err := os.ReadFile(filepath.Join(v.dir, guestsFile))
	if err != nil {
		return s, false
	}
	var boxes [][]byte
	if err := cbor.Unmarshal(raw, &boxes); err != nil {
		return s, false
	}
	for _, box := range boxes {
		key, err := id.Open(guestContext, box)
		if err != nil {
			continue
		}
		if !bytes.Equal(key, s.DeviceKey) {
			s.DeviceKey = key
			return s, true
		}
	}
	return s, false
}
