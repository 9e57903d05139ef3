package vault

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// A backup is one file: a first part that can be read without a key (what a
// passphrase needs, and boxes of the stream's key), then the sealed stream:
// the vault's small files, every item as it travels, and an end. It opens with
// the passphrase of any member who can unlock the device, or with k shares of
// the recovery key. See format §7.
const backupMagic = "amana backup 1\n"

// backupWithBlobs begins a backup that also carries files of evidence, after the
// items: of each its name and length, and then its sealed bytes.
const backupWithBlobs = "amana backup 2\n"

// backupHead is the part before the stream.
type backupHead struct {
	Vault []byte   `cbor:"1,keyasint"` // the vault's header
	Boxes [][]byte `cbor:"2,keyasint"` // the stream's key, for each member and for recovery, shuffled
}

// backupStart begins the stream.
type backupStart struct {
	Org       amana.OrgID      `cbor:"1,keyasint"`
	Slots     []memberSlot     `cbor:"2,keyasint"`
	Recovery  []byte           `cbor:"3,keyasint"`
	DeviceKey []byte           `cbor:"4,keyasint"`
	Erased    []amana.RecordID `cbor:"5,keyasint"`
	Items     uint64           `cbor:"6,keyasint"`
	When      int64            `cbor:"7,keyasint"` // milliseconds since 1970
	Blobs     uint64           `cbor:"8,keyasint,omitempty"`
}

var backupContext = []byte("backup")

// Backup writes the whole vault, sealed, to w. It holds everything that is in the
// journal now, and every file of evidence; what was erased before is not in it.
func (s *Session) Backup(ctx context.Context, w io.Writer) error {
	if err := s.Arriving(); err != nil {
		return err
	}
	key := seal.NewStreamKey()
	head, start, err := s.backupHeads(key)
	if err != nil {
		return err
	}
	blobs, err := s.open.keptBlobs()
	if err != nil {
		return err
	}
	magic := backupMagic
	if start.Blobs = uint64(len(blobs)); len(blobs) > 0 {
		magic = backupWithBlobs
	}
	raw := mustEncode(head)
	first := append([]byte(magic), binary.AppendUvarint(nil, uint64(len(raw)))...)
	if _, err := w.Write(append(first, raw...)); err != nil {
		return storage("backup", err)
	}
	sealed := key.Seal(w)
	out := bufio.NewWriterSize(sealed, 1<<16)
	_ = writePart(out, mustEncode(start)) // kept by the writer until it is flushed
	var n uint64
	err = s.open.log.Each(0, func(_ journal.Pos, it journal.Item) error {
		if n == start.Items {
			return nil // written since; the next backup has it
		}
		n++
		return s.backupItem(ctx, out, it)
	})
	for _, b := range blobs {
		if err == nil {
			err = s.open.backupBlob(ctx, out, b)
		}
	}
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = sealed.Close()
	}
	if err != nil {
		return storage("backup", err)
	}
	_ = sealedFile(s.vault.dir, s.open.key, backedFile, s.vault.now().UnixMilli()) // the backup is whole all the same
	return nil
}

// backedFile keeps when the last backup was made on this device.
const backedFile = "backed"

// LastBackup returns when a backup was last made here; zero where none was. Whether it
// was kept nobody knows.
func (s *Session) LastBackup() (time.Time, error) {
	var ms int64
	if err := openSealedFile(s.vault.dir, s.open.key, backedFile, &ms); err != nil || ms == 0 {
		return time.Time{}, err
	}
	return time.UnixMilli(ms).UTC(), nil
}

func (s *Session) backupItem(ctx context.Context, out *bufio.Writer, it journal.Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b := append([]byte(nil), it.Device[:]...)
	b = binary.AppendUvarint(b, it.Seq)
	return writePart(out, it.AppendWire(b))
}

func writePart(out *bufio.Writer, b []byte) error {
	if _, err := out.Write(binary.AppendUvarint(nil, uint64(len(b)))); err != nil {
		return err
	}
	_, err := out.Write(b)
	return err
}

func (s *Session) backupHeads(key seal.StreamKey) (backupHead, backupStart, error) {
	c, err := s.Charter()
	if err != nil {
		return backupHead{}, backupStart{}, err
	}
	start := backupStart{Org: s.open.org, DeviceKey: s.open.key.Export(), When: s.vault.now().UnixMilli()}
	dir := s.vault.dir
	if err := openSealedFile(dir, s.open.key, slotsFile, &start.Slots); err != nil {
		return backupHead{}, start, err
	}
	if err := openSealedFile(dir, s.open.key, erasedFile, &start.Erased); err != nil {
		return backupHead{}, start, err
	}
	if start.Recovery, err = readFile(dir, recoveryFile); err != nil {
		return backupHead{}, start, err
	}
	start.Items = uint64(s.open.items())
	s.vault.mu.Lock()
	head := backupHead{Vault: s.vault.header.encode()}
	s.vault.mu.Unlock()
	to := make([]amana.MemberID, 0, len(start.Slots))
	for _, slot := range start.Slots {
		if m, ok := c.Member(slot.Member); ok && m.Left == 0 && !slices.Contains(to, slot.Member) {
			to = append(to, slot.Member)
		}
	}
	keys, err := boxKeys(c, to, true)
	if err != nil {
		return head, start, err
	}
	for len(keys)%slotGroup != 0 { // nobody's, so that boxes do not count members
		keys = append(keys, seal.NewIdentity().BoxKey())
	}
	for _, k := range keys {
		box, err := k.Seal(backupContext, key.Export())
		if err != nil {
			return head, start, err
		}
		head.Boxes = append(head.Boxes, box)
	}
	shuffle(head.Boxes)
	return head, start, nil
}

func shuffle(list [][]byte) {
	for i := len(list) - 1; i > 0; i-- {
		r := noise(4)
		j := (int(r[0])<<16 | int(r[1])<<8 | int(r[2])) % (i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// backupReader takes a backup apart.
type backupReader struct {
	head  backupHead
	vault header
	rest  *bufio.Reader
	start backupStart
	items uint64 // that were read, where blobs follow them
}

const largestPart = 32 << 20

func openBackup(r io.Reader) (*backupReader, error) {
	b := &backupReader{rest: bufio.NewReaderSize(r, 1<<16)}
	magic := make([]byte, len(backupMagic))
	_, err := io.ReadFull(b.rest, magic)
	if err != nil || !bytes.Equal(magic, []byte(backupMagic)) && !bytes.Equal(magic, []byte(backupWithBlobs)) {
		return nil, fmt.Errorf("vault: this file is not a backup: %w", amana.ErrInvalid)
	}
	raw, err := readPart(b.rest)
	if err != nil {
		return nil, err
	}
	if err := cbor.Unmarshal(raw, &b.head); err != nil {
		return nil, fmt.Errorf("vault: backup: its beginning: %w", amana.ErrTampered)
	}
	b.vault, err = parseHeader(b.head.Vault)
	return b, err
}

// unlock opens the stream for whoever holds one of the boxes.
func (b *backupReader) unlock(id seal.Identity) error {
	for _, box := range b.head.Boxes {
		raw, err := id.Open(backupContext, box)
		if err != nil {
			continue
		}
		key, err := seal.ImportStreamKey(raw)
		if err != nil {
			return err
		}
		b.rest = bufio.NewReaderSize(key.Open(b.rest), 1<<16)
		raw, err = readPart(b.rest)
		if err != nil {
			return err
		}
		if err := cbor.Unmarshal(raw, &b.start); err != nil {
			return fmt.Errorf("vault: backup: %w", amana.ErrTampered)
		}
		return nil
	}
	return fmt.Errorf("vault: backup: %w", amana.ErrPassphrase)
}

// item returns the next item; io.EOF after the last.
func (b *backupReader) item() (journal.Item, error) {
	if b.start.Blobs > 0 {
		if b.items == b.start.Items {
			return journal.Item{}, io.EOF
		}
		b.items++
	}
	raw, err := readPart(b.rest)
	if err != nil {
		return journal.Item{}, err
	}
	if len(raw) < 17 {
		return journal.Item{}, fmt.Errorf("vault: backup: an item too short: %w", amana.ErrTampered)
	}
	seq, n := binary.Uvarint(raw[16:])
	if n <= 0 {
		return journal.Item{}, fmt.Errorf("vault: backup: an item: %w", amana.ErrTampered)
	}
	it, _, err := journal.ReadWire(raw[16+n:], amana.DeviceID(raw[:16]), seq)
	return it, err
}

func readPart(r *bufio.Reader) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err == io.EOF { //nolint:errorlint // bare, by io.ByteReader
		return nil, io.EOF
	}
	if err != nil || n > largestPart {
		return nil, fmt.Errorf("vault: backup: %w", errOr(err, amana.ErrTampered))
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("vault: backup: cut short: %w", amana.ErrTampered)
	}
	return b, nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
