package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"amana"
	"amana/internal/seal"
)

// sums are the checksums of one segment, by blocks of its covered bytes, so that
// damage can be found without any key. They tell nothing but the file's length.
// They protect against accidents; against forgery stand chain and signatures.
//
// The file: length of the segment (8 bytes), digest of its last, unfinished
// block (8), then one digest (8) for each whole block. It is written after the
// save is durable and not synced itself: after a power cut it may be behind.
type sums struct {
	file   *os.File
	length int64
	tail   []byte // the unfinished block
}

const (
	sumBlock  = 4096
	sumSize   = 8
	sumHeader = 16
)

func sumsPath(segment string) string { return strings.TrimSuffix(segment, ".log") + ".sum" }

func createSums(segment string) (*sums, error) {
	f, err := os.OpenFile(sumsPath(segment), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, storage("new checksums", err)
	}
	return &sums{file: f}, nil
}

// openSums opens the checksums for going on; [sums.resume] must follow.
func openSums(segment string, writable bool) (*sums, error) {
	flag := os.O_RDWR | os.O_CREATE
	if !writable {
		return &sums{}, nil
	}
	f, err := os.OpenFile(sumsPath(segment), flag, 0o600)
	if err != nil {
		return nil, storage("open checksums", err)
	}
	return &sums{file: f}, nil
}

// resume takes up from a segment of known good bytes, mending checksums that a
// power cut left behind.
func (s *sums) resume(segment *os.File, size int64) error {
	if s.file == nil {
		return nil
	}
	var head [sumHeader]byte
	n, err := s.file.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return storage("read checksums", err)
	}
	from := int64(0)
	if n == sumHeader && int64(binary.BigEndian.Uint64(head[:])) == size {
		from = size - size%sumBlock
	}
	s.length = from
	rest := make([]byte, size-from)
	if _, err := segment.ReadAt(rest, from); err != nil && !errors.Is(err, io.EOF) {
		return storage("read segment", err)
	}
	s.add(rest)
	return nil
}

// add takes what was appended to the segment. A failure to write is not an error
// of the save, which is durable: the next opening mends it.
func (s *sums) add(b []byte) {
	if s.file == nil {
		return
	}
	var whole []byte
	first := s.length / sumBlock
	s.length += int64(len(b))
	s.tail = append(s.tail, b...)
	for at := first; len(s.tail) >= sumBlock; at++ {
		d := blockSum(s.tail[:sumBlock], at)
		whole = append(whole, d[:]...)
		s.tail = s.tail[sumBlock:]
	}
	s.tail = append([]byte(nil), s.tail...)
	if len(whole) > 0 {
		_, _ = s.file.WriteAt(whole, sumHeader+first*sumSize)
	}
	d := blockSum(s.tail, s.length/sumBlock)
	head := binary.BigEndian.AppendUint64(nil, uint64(s.length))
	_, _ = s.file.WriteAt(append(head, d[:]...), 0)
}

// forget empties the checksums, durably, before their segment is written anew: at
// the same length, those of before would pass for those of now.
func (s *sums) forget() error {
	s.length, s.tail = 0, nil
	if s.file == nil {
		return nil
	}
	err := s.file.Truncate(0)
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		return storage("checksums", err)
	}
	return nil
}

func (s *sums) close() {
	if s.file != nil {
		s.file.Close()
	}
}

func blockSum(block []byte, at int64) [sumSize]byte {
	h := seal.Digest("amana/1/block", binary.BigEndian.AppendUint64(nil, uint64(at)), block)
	return [sumSize]byte(h[:sumSize])
}

// CheckSums compares one segment with its checksums, without any key. It returns
// ErrTampered with the place of the first difference in words.
func CheckSums(segment string) error {
	f, err := os.Open(segment)
	if err != nil {
		return storage("open segment", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return storage("open segment", err)
	}
	list, err := os.ReadFile(sumsPath(segment))
	if err != nil {
		return fmt.Errorf("journal: its checksums are missing: %w", amana.ErrTampered)
	}
	if len(list) < sumHeader {
		return fmt.Errorf("journal: its checksums are cut short: %w", amana.ErrTampered)
	}
	length := int64(binary.BigEndian.Uint64(list))
	switch blocks := length / sumBlock; {
	case info.Size() < length:
		return fmt.Errorf("journal: ends %d bytes too early: %w", length-info.Size(), amana.ErrTampered)
	case info.Size() > length:
		return fmt.Errorf("journal: has %d bytes that its checksums do not know: %w", info.Size()-length, amana.ErrTampered)
	case length < 0 || int64(len(list)) != sumHeader+blocks*sumSize:
		return fmt.Errorf("journal: its checksums are cut short: %w", amana.ErrTampered)
	}
	return compareSums(f, length, list)
}

func compareSums(f io.Reader, length int64, list []byte) error {
	block := make([]byte, sumBlock)
	for at := int64(0); at*sumBlock <= length; at++ {
		n := min(sumBlock, length-at*sumBlock)
		if _, err := io.ReadFull(f, block[:n]); err != nil {
			return storage("read segment", err)
		}
		want := list[8:sumHeader]
		if n == sumBlock {
			want = list[sumHeader+at*sumSize:][:sumSize]
		}
		if got := blockSum(block[:n], at); string(got[:]) != string(want) {
			return fmt.Errorf("journal: bytes %d to %d are not what was written: %w", at*sumBlock, at*sumBlock+n-1, amana.ErrTampered)
		}
	}
	return nil
}
