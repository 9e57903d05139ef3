package dossier

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"amana"
)

// A dossier's archive has one form: files are stored as they are, with no times, no
// comments and nothing between them. So whoever reads it can make all of it but the
// content again, and compare.

// entry is one file of the archive.
type entry struct {
	name string
	size uint64
	crc  uint32
}

const (
	localMagic    = 0x04034b50
	centralMagic  = 0x02014b50
	endMagic      = 0x06054b50
	end64Magic    = 0x06064b50
	locator64     = 0x07064b50
	zipDate       = 0x0021 // 1 January 1980, the earliest there is
	zipUTF8       = 0x0800
	plainVersion  = 20
	largeVersion  = 45
	large         = math.MaxUint32
	endSize       = 22
	end64Size     = 56
	locator64Size = 20
	mostFiles     = 100_000
	longestName   = 200
)

func isLarge(n uint64) bool { return n >= large }

func short(n uint64) uint32 {
	if isLarge(n) {
		return large
	}
	return uint32(n)
}

// local is what stands before a file's content.
func (e entry) local() []byte {
	var extra []byte
	version := uint16(plainVersion)
	if isLarge(e.size) {
		version = largeVersion
		extra = binary.LittleEndian.AppendUint16(extra, 1)
		extra = binary.LittleEndian.AppendUint16(extra, 16)
		extra = binary.LittleEndian.AppendUint64(extra, e.size)
		extra = binary.LittleEndian.AppendUint64(extra, e.size)
	}
	b := binary.LittleEndian.AppendUint32(nil, localMagic)
	b = e.common(b, version)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(extra)))
	b = append(b, e.name...)
	return append(b, extra...)
}

// common is what local and central headers share.
func (e entry) common(b []byte, version uint16) []byte {
	for _, n := range []uint16{version, zipUTF8, 0, 0, zipDate} {
		b = binary.LittleEndian.AppendUint16(b, n)
	}
	for _, n := range []uint32{e.crc, short(e.size), short(e.size)} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return binary.LittleEndian.AppendUint16(b, uint16(len(e.name)))
}

// central is the file's line in the directory at the end.
func (e entry) central(offset uint64) []byte {
	var wide []byte
	if isLarge(e.size) {
		wide = binary.LittleEndian.AppendUint64(wide, e.size)
		wide = binary.LittleEndian.AppendUint64(wide, e.size)
	}
	if isLarge(offset) {
		wide = binary.LittleEndian.AppendUint64(wide, offset)
	}
	version, extra := uint16(plainVersion), []byte(nil)
	if len(wide) > 0 {
		version = largeVersion
		extra = binary.LittleEndian.AppendUint16(extra, 1)
		extra = binary.LittleEndian.AppendUint16(extra, uint16(len(wide)))
		extra = append(extra, wide...)
	}
	b := binary.LittleEndian.AppendUint32(nil, centralMagic)
	b = binary.LittleEndian.AppendUint16(b, version) // made by
	b = e.common(b, version)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(extra)))
	b = append(b, make([]byte, 2+2+2+4)...) // comment, disk, attributes
	b = binary.LittleEndian.AppendUint32(b, short(offset))
	b = append(b, e.name...)
	return append(b, extra...)
}

// directory is all that follows the content.
func directory(list []entry) []byte {
	var b []byte
	offset := uint64(0)
	for _, e := range list {
		b = append(b, e.central(offset)...)
		offset += uint64(len(e.local())) + e.size
	}
	start, size, n := offset, uint64(len(b)), uint64(len(list))
	if isLarge(start) || n >= math.MaxUint16 {
		b = binary.LittleEndian.AppendUint32(b, end64Magic)
		b = binary.LittleEndian.AppendUint64(b, end64Size-12)
		b = binary.LittleEndian.AppendUint16(b, largeVersion)
		b = binary.LittleEndian.AppendUint16(b, largeVersion)
		b = append(b, make([]byte, 8)...) // disks
		for _, v := range []uint64{n, n, size, start} {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
		b = binary.LittleEndian.AppendUint32(b, locator64)
		b = append(b, make([]byte, 4)...)
		b = binary.LittleEndian.AppendUint64(b, start+size)
		b = binary.LittleEndian.AppendUint32(b, 1)
	}
	b = binary.LittleEndian.AppendUint32(b, endMagic)
	b = append(b, make([]byte, 4)...)
	count := uint16(min(n, math.MaxUint16))
	b = binary.LittleEndian.AppendUint16(b, count)
	b = binary.LittleEndian.AppendUint16(b, count)
	b = binary.LittleEndian.AppendUint32(b, short(size))
	b = binary.LittleEndian.AppendUint32(b, short(start))
	return append(b, 0, 0)
}

// placed is a file and where its content begins.
type placed struct {
	entry
	at int64
}

func malformed(what string) error {
	return fmt.Errorf("dossier: %s: %w", what, amana.ErrTampered)
}

// readArchive finds the files of an archive that has the one form, and no others.
// What the headers before the contents say is compared as the contents are read.
func readArchive(r io.ReaderAt, size int64) ([]placed, error) {
	start, err := directoryStart(r, size)
	if err != nil {
		return nil, err
	}
	if start < 0 || start > size || size-start > mostFiles*(longestName+100) {
		return nil, malformed("its directory is not where it says")
	}
	raw := make([]byte, size-start)
	if _, err := r.ReadAt(raw, start); err != nil {
		return nil, malformed("its end cannot be read")
	}
	list, err := parseDirectory(raw)
	if err != nil {
		return nil, err
	}
	var entries []entry
	at := uint64(0)
	for i := range list {
		list[i].at = int64(at) + int64(len(list[i].local()))
		if list[i].size > uint64(start) {
			return nil, malformed("a file is longer than the whole")
		}
		at += uint64(len(list[i].local())) + list[i].size
		entries = append(entries, list[i].entry)
	}
	if at != uint64(start) || string(directory(entries)) != string(raw) {
		return nil, malformed("its directory is not in the one form that a dossier has")
	}
	return list, nil
}

// directoryStart reads the end of the archive.
func directoryStart(r io.ReaderAt, size int64) (int64, error) {
	end := make([]byte, endSize)
	if size < endSize {
		return 0, malformed("the file is too short to be one")
	}
	if _, err := r.ReadAt(end, size-endSize); err != nil {
		return 0, malformed("its end cannot be read")
	}
	if binary.LittleEndian.Uint32(end) != endMagic {
		return 0, malformed("it does not end as an archive ends")
	}
	start := int64(binary.LittleEndian.Uint32(end[16:]))
	many := binary.LittleEndian.Uint16(end[10:]) == math.MaxUint16
	if start != large && !many {
		return start, nil
	}
	wide := make([]byte, end64Size)
	if size < endSize+locator64Size+end64Size {
		return 0, malformed("it does not end as an archive ends")
	}
	if _, err := r.ReadAt(wide, size-endSize-locator64Size-end64Size); err != nil {
		return 0, malformed("its end cannot be read")
	}
	return int64(binary.LittleEndian.Uint64(wide[48:])), nil
}

// parseDirectory reads names, lengths and sums; all else is compared afterwards.
func parseDirectory(raw []byte) ([]placed, error) {
	const fixed = 46
	var list []placed
	for len(raw) >= fixed && binary.LittleEndian.Uint32(raw) == centralMagic {
		name, extra := int(binary.LittleEndian.Uint16(raw[28:])), int(binary.LittleEndian.Uint16(raw[30:]))
		if name > longestName || len(raw) < fixed+name+extra || len(list) == mostFiles {
			return nil, malformed("a line of its directory is cut short")
		}
		e := entry{
			name: string(raw[fixed : fixed+name]), crc: binary.LittleEndian.Uint32(raw[16:]),
			size: uint64(binary.LittleEndian.Uint32(raw[24:])),
		}
		if e.size == large {
			if extra < 12 {
				return nil, malformed("a length in its directory is missing")
			}
			e.size = binary.LittleEndian.Uint64(raw[fixed+name+4:])
			if e.size < large || e.size > math.MaxInt64/2 {
				return nil, malformed("a length in its directory makes no sense")
			}
		}
		list = append(list, placed{entry: e})
		raw = raw[fixed+name+extra:]
	}
	return list, nil
}
