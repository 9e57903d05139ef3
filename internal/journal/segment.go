package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"

	"amana"
	"amana/internal/seal"
)

// A segment is one file of the log: 16 random bytes that choose its cover, then,
// covered, a header and items up to the end. See format §4.
type segment struct {
	number uint32
	path   string
	file   *os.File
	cover  seal.Cover
	size   int64 // bytes that hold a header and whole items
	sums   *sums
	// full segments take no more items: the next save begins a new one.
	full bool
}

const (
	segmentMagic = "amana journal 1\n"
	coverStart   = 16       // where the covered part begins
	segmentLimit = 16 << 20 // a save that ends beyond this is the segment's last
	crcSize      = 4
)

// Head is the end of one device's chain.
type Head struct {
	_    struct{} `cbor:",toarray"`
	Seq  uint64
	Hash seal.Hash
}

// deviceHead is a device with its head, as headers list them.
type deviceHead struct {
	_      struct{} `cbor:",toarray"`
	Device amana.DeviceID
	Head   Head
}

// header is what a segment begins with: whose it is, and where every chain
// stood, so that each segment can be checked from its own beginning.
type header struct {
	_      struct{} `cbor:",toarray"`
	Org    amana.OrgID
	Number uint32
	Heads  []deviceHead // in the order of first appearance in the log
}

func segmentPath(dir string, number uint32) string {
	return filepath.Join(dir, fmt.Sprintf("%06d.log", number))
}

// createSegment writes a new file with its header, durably.
func createSegment(dir string, key seal.DeviceKey, h header) (*segment, error) {
	s := &segment{number: h.Number, path: segmentPath(dir, h.Number)}
	id := seal.Random16()
	s.cover = key.Cover(id)
	raw, err := encoding.Marshal(h)
	if err != nil {
		panic("journal: internal error: " + err.Error())
	}
	content := append([]byte(segmentMagic), binary.AppendUvarint(nil, uint64(len(raw)))...)
	content = append(content, raw...)
	content = binary.LittleEndian.AppendUint32(content, crc32.ChecksumIEEE(content))
	s.cover.XOR(content, 0)
	first := append(id[:], content...)
	// It gets its name when it is whole: a crash leaves none without a beginning.
	next := s.path + ".new"
	if s.file, err = writeAnew(next, first); err != nil {
		return nil, err
	}
	if s.sums, err = createSums(s.path); err == nil {
		if err = os.Rename(next, s.path); err != nil {
			err = storage("new segment", err)
		}
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		s.close()
		os.Remove(next)
		os.Remove(s.path)
		os.Remove(sumsPath(s.path))
		return nil, err
	}
	s.size = int64(len(first))
	s.sums.add(first)
	return s, nil
}

// openSegment opens a file and reads its header.
func openSegment(dir string, key seal.DeviceKey, number uint32, writable bool) (*segment, header, error) {
	s := &segment{number: number, path: segmentPath(dir, number)}
	flag := os.O_RDWR
	if !writable {
		flag = os.O_RDONLY
	}
	var err error
	if s.file, err = os.OpenFile(s.path, flag, 0); err != nil {
		return nil, header{}, storage("open segment", err)
	}
	h, err := s.readHeader(key)
	if err == nil {
		s.sums, err = openSums(s.path, writable)
	}
	if err == nil && h.Number != number {
		err = fmt.Errorf("journal: file %d is in the place of file %d: %w", h.Number, number, amana.ErrTampered)
	}
	if err != nil {
		s.close()
		return nil, header{}, err
	}
	return s, h, nil
}

func (s *segment) readHeader(key seal.DeviceKey) (header, error) {
	damaged := func(what string) (header, error) {
		return header{}, fmt.Errorf("journal: file %d: %s: %w", s.number, what, amana.ErrTampered)
	}
	first := make([]byte, 1<<16)
	n, err := s.file.ReadAt(first, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return header{}, storage("read segment", err)
	}
	if n < coverStart+len(segmentMagic)+1+crcSize {
		return damaged("too short for its beginning")
	}
	s.cover = key.Cover([16]byte(first[:coverStart]))
	b := first[coverStart:n]
	s.cover.XOR(b, 0)
	if string(b[:len(segmentMagic)]) != segmentMagic {
		return damaged("its beginning does not open with this key")
	}
	r := reader{b: b, at: len(segmentMagic)}
	raw := r.part(1 << 20)
	end := r.at
	sum := r.take(crcSize)
	if r.fail != nil || binary.LittleEndian.Uint32(sum) != crc32.ChecksumIEEE(b[:end]) {
		return damaged("its beginning is damaged")
	}
	var h header
	if err := decoding.Unmarshal(raw, &h); err != nil {
		return damaged("its beginning does not read")
	}
	s.size = int64(coverStart + r.at)
	return h, nil
}

// write appends bytes (covered already) and makes them durable. After an error
// nothing of them counts: the file is cut back and takes no more.
func (s *segment) write(b []byte) error {
	_, err := s.file.WriteAt(b, s.size)
	if err == nil {
		err = syncData(s.file)
	}
	if err != nil {
		s.full = true
		if cut := s.file.Truncate(s.size); cut != nil {
			err = errors.Join(err, cut)
		}
		return storage("save", err)
	}
	s.size += int64(len(b))
	s.full = s.size >= segmentLimit
	s.sums.add(b)
	return nil
}

// appendItem appends the item as it lies on disk, uncovered.
func appendItem(b []byte, it Item, ref int) []byte {
	start := len(b)
	b = binary.AppendUvarint(b, uint64(ref))
	if ref == 0 {
		b = append(b, it.Device[:]...)
	}
	b = binary.AppendUvarint(b, it.Seq)
	flags := it.Flags &^ more
	if !it.Last {
		flags |= more
	}
	b = it.appendContent(b, flags)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}

// readItem reads one item from uncovered bytes, and how many it took.
func readItem(b []byte, devices *[]amana.DeviceID) (Item, int, error) {
	r := reader{b: b}
	var it Item
	ref := r.uvarint()
	switch {
	case r.fail != nil:
	case ref == 0:
		if id := r.take(len(it.Device)); id != nil {
			it.Device = amana.DeviceID(id)
		}
	case ref > uint64(len(*devices)):
		r.fail = fmt.Errorf("journal: device number %d: %w", ref, amana.ErrTampered)
	default:
		it.Device = (*devices)[ref-1]
	}
	it.Seq = r.uvarint()
	r.content(&it)
	end := r.at
	sum := r.take(crcSize)
	switch {
	case r.fail != nil:
		return Item{}, 0, r.fail
	case binary.LittleEndian.Uint32(sum) != crc32.ChecksumIEEE(b[:end]):
		return Item{}, 0, fmt.Errorf("journal: an item fails its checksum: %w", amana.ErrTampered)
	}
	it.Last = it.Flags&more == 0
	it.Flags &^= more
	if err := trimErased(&it); err != nil {
		return Item{}, 0, err
	}
	if err := it.Check(); err != nil {
		return Item{}, 0, err
	}
	if ref == 0 && !slices.Contains(*devices, it.Device) {
		*devices = append(*devices, it.Device)
	}
	return it, r.at, nil
}

// trimErased takes off the zeros that keep an erased item as long as it was.
func trimErased(it *Item) error {
	if it.Flags&Erased == 0 {
		return nil
	}
	for _, part := range []*[]byte{&it.Wraps, &it.Body} {
		hash := min(len(seal.Hash{}), len(*part))
		for _, b := range (*part)[hash:] {
			if b != 0 {
				return fmt.Errorf("journal: item %d: erased, with content: %w", it.Seq, amana.ErrTampered)
			}
		}
		*part = (*part)[:hash]
	}
	return nil
}

// load reads and uncovers the segment from a position to its end.
func (s *segment) load(from, to int64) ([]byte, error) {
	b := make([]byte, to-from)
	if err := s.loadInto(b, from); err != nil {
		return nil, err
	}
	return b, nil
}

func (s *segment) loadInto(b []byte, from int64) error {
	if _, err := s.file.ReadAt(b, from); err != nil {
		return storage("read", err)
	}
	s.cover.XOR(b, from-coverStart)
	return nil
}

func (s *segment) close() {
	if s.file != nil {
		s.file.Close()
	}
	if s.sums != nil {
		s.sums.close()
	}
}

// storage turns an error of the disk into the kind a caller can act on. The
// system's own words carry a path of the vault at most, never content.
func storage(doing string, err error) error {
	return fmt.Errorf("journal: %s: %w: %w", doing, amana.ErrStorage, err)
}

// syncDir makes a new or renamed file durable.
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
