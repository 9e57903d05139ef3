package vault

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/charter"
	"amana/internal/journal"
	"amana/internal/seal"
)

// A bundle is batches in one file, for a stick or any messenger: the bytes that go to
// a hub, sealed to everybody in the organisation. See format §13.2.
const bundleMagic = "amana bundle 1\n"

var bundleContext = []byte("bundle")

// bundleStart begins the stream of a bundle.
type bundleStart struct {
	Org  amana.OrgID    `cbor:"1,keyasint"`
	From amana.DeviceID `cbor:"2,keyasint"`
	When int64          `cbor:"3,keyasint"` // milliseconds since 1970
}

// Bundle says what is in a bundle that was written.
type Bundle struct {
	Items int
	Files int
	Made  time.Time
}

// WriteBundle writes everything that is here, or where have is not nil what somebody
// lacks who has the chains so far, and after it these files of evidence (see
// [Session.FilesHere]). Any member of the organisation can take it in on
// any of its devices; nobody else can read it. Kinds: ErrStorage, ErrLocked.
func (s *Session) WriteBundle(ctx context.Context, have map[amana.DeviceID]uint64, w io.Writer, files ...File) (done Bundle, err error) {
	c, err := s.Charter()
	if err != nil {
		return done, err
	}
	stream := seal.NewStreamKey()
	boxes, err := bundleBoxes(c, stream)
	if err != nil {
		return done, err
	}
	raw := mustEncode(boxes)
	magic := bundleMagic
	if len(files) > 0 {
		magic = bundleMagic2
	}
	if _, err := w.Write(append(binary.AppendUvarint([]byte(magic), uint64(len(raw))), raw...)); err != nil {
		return done, storage("bundle", err)
	}
	done.Made = s.vault.now()
	sealed := stream.Seal(w)
	out := bufio.NewWriterSize(sealed, 1<<16)
	_ = writePart(out, mustEncode(bundleStart{Org: s.open.org, From: s.open.device, When: done.Made.UnixMilli()}))
	err = s.HandOver(ctx, have, func(b journal.Batch) error {
		done.Items += len(b.Items)
		return writePart(out, b.Append(nil))
	})
	if err == nil && len(files) > 0 {
		done.Files = len(files)
		err = s.writeFiles(ctx, files, out)
	}
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = sealed.Close()
	}
	if err != nil {
		return done, storage("bundle", err)
	}
	return done, nil
}

// bundleBoxes seals a bundle's key to every member, and to nobody until they are a
// multiple of sixteen, in random order.
func bundleBoxes(c *charter.Charter, stream seal.StreamKey) ([][]byte, error) {
	var to []amana.MemberID
	for _, m := range c.Members() {
		if m.Left == 0 {
			to = append(to, m.ID)
		}
	}
	keys, err := boxKeys(c, to, false)
	if err != nil {
		return nil, err
	}
	for len(keys)%slotGroup != 0 { // nobody's, so that boxes do not count members
		keys = append(keys, seal.NewIdentity().BoxKey())
	}
	boxes := make([][]byte, 0, len(keys))
	for _, k := range keys {
		box, err := k.Seal(bundleContext, stream.Export())
		if err != nil {
			return nil, err
		}
		boxes = append(boxes, box)
	}
	shuffle(boxes)
	return boxes, nil
}

// ReadBundle takes a bundle in. What verified of one that is cut short stays, and a
// batch that cannot be read holds up none of the others; the error says that something
// is missing. Kinds: ErrInvalid for a file that is no bundle; ErrBundleOthers for one of
// another organisation, or from before the member was one; ErrNewer for one that a newer
// version made, or that holds what one wrote; ErrTampered, ErrStorage, ErrLocked.
func (s *Session) ReadBundle(ctx context.Context, r io.Reader) (done Imported, made time.Time, err error) {
	in, start, withFiles, err := s.openBundle(r)
	if err != nil {
		return done, made, err
	}
	made = time.UnixMilli(start.When).UTC()
	had := map[amana.DeviceID]uint64{}
	var unread error // the first batch that is none
	done, err = s.Import(ctx, func() (b journal.Batch, more bool, err error) {
		for {
			raw, err := readPart(in)
			if errors.Is(err, io.EOF) || withFiles && err == nil && len(raw) == 0 {
				return b, false, nil
			}
			if err != nil {
				return b, false, err
			}
			if b, err = journal.ReadBatch(raw); err == nil {
				had[b.Head.Device] = max(had[b.Head.Device], b.Last())
				return b, true, nil
			}
			unread = cmp.Or(unread, err)
		}
	})
	if err == nil {
		err = s.noteHad(start.From, had)
	}
	if err == nil && withFiles {
		err = s.takeFiles(ctx, in, &done)
	}
	return done, made, errors.Join(err, unread)
}

func (s *Session) openBundle(r io.Reader) (in *bufio.Reader, start bundleStart, withFiles bool, err error) {
	in = bufio.NewReaderSize(r, 1<<16)
	magic := make([]byte, len(bundleMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != bundleMagic && string(magic) != bundleMagic2 {
		return nil, start, false, notBundle(magic)
	}
	withFiles = string(magic) == bundleMagic2
	raw, err := readPart(in)
	if err != nil {
		return nil, start, false, err
	}
	var boxes [][]byte
	if err := cbor.Unmarshal(raw, &boxes); err != nil || len(boxes) > mostSlots {
		return nil, start, false, fmt.Errorf("vault: bundle: its beginning: %w", amana.ErrTampered)
	}
	key, err := s.unboxBundle(boxes)
	if err != nil {
		return nil, start, false, err
	}
	in = bufio.NewReaderSize(key.Open(in), 1<<16)
	if raw, err = readPart(in); err != nil {
		return nil, start, false, err
	}
	if err := cbor.Unmarshal(raw, &start); err != nil {
		return nil, start, false, fmt.Errorf("vault: bundle: %w", amana.ErrTampered)
	}
	if start.Org != s.open.org {
		return nil, start, false, fmt.Errorf("vault: it is of another organisation: %w", ErrBundleOthers)
	}
	return in, start, withFiles, nil
}

// ErrBundleOthers: a bundle is sealed for others. It is of kind ErrInvalid.
var ErrBundleOthers = fmt.Errorf("vault: this bundle is not for a member who is unlocked here: %w", amana.ErrInvalid)

// notBundle says what a file is that does not begin as the bundles that are known.
func notBundle(magic []byte) error {
	before, after, _ := bytes.Cut([]byte(bundleMagic), []byte("1"))
	if bytes.HasPrefix(magic, before) && bytes.HasSuffix(magic, after) {
		return fmt.Errorf("vault: a bundle of another version: %w", amana.ErrNewer)
	}
	return fmt.Errorf("vault: this file is not a bundle: %w", amana.ErrInvalid)
}

func (s *Session) unboxBundle(boxes [][]byte) (key seal.StreamKey, err error) {
	release, err := s.hold()
	if err != nil {
		return key, err
	}
	defer release()
	for _, box := range boxes {
		if raw, err := s.ring.Unbox(bundleContext, box); err == nil {
			return seal.ImportStreamKey(raw)
		}
	}
	return key, ErrBundleOthers
}
