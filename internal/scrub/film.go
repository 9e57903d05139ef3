package scrub

import (
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"slices"
)

// A film (ISO/IEC 14496-12, and QuickTime before it) is boxes in boxes. The copy has
// them where they were, so that no offset changes; of each box that is not needed to
// play pictures and sound, the content becomes zeros and the name "free". So does every
// byte of the data that no kept picture or sound points to: places, subtitles and
// what sensors wrote stand in tracks of their own.

// box is one box.
type box struct {
	name       string
	at         int64 // where it begins
	head, size int64 // of its head, and of the whole
}

func (b box) body() int64 { return b.at + b.head }
func (b box) end() int64  { return b.at + b.size }

// keptBoxes are those that are needed, by what they stand in.
var keptBoxes = map[string][]string{
	"":     {"ftyp", "moov", "mdat"},
	"moov": {"mvhd", "trak"},
	"trak": {"tkhd", "edts", "mdia"},
	"edts": {"elst"},
	"mdia": {"mdhd", "hdlr", "minf"},
	"minf": {"vmhd", "smhd", "hdlr", "dinf", "stbl"},
	"dinf": {"dref"},
	"stbl": {"stsd", "stts", "ctts", "cslg", "stss", "stsc", "stsz", "stz2", "stco", "co64", "sdtp"},
}

// Bounds on what is read of a film.
const (
	mostBoxes    = 10_000
	largestTable = 64 << 20
	mostTracks   = 64
	mostParts    = 4 << 20 // of all tracks: a picture for each, of 30 a second, for days
)

// scrubbing is one film on its way.
type scrubbing struct {
	r       io.ReaderAt
	size    int64
	patches []patch
	boxes   int
	data    []box  // boxes mdat
	kept    []part // of the file, that pictures and sounds point to
	tracks  int
	handles string // what the track at hand has: vide or soun
}

// part is some bytes of a file.
type part struct{ at, end int64 }

// film copies a film or a sound in the same form.
func film(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) error {
	s := &scrubbing{r: r, size: size}
	end, err := s.walk("", 0, size)
	if err != nil {
		return err
	}
	if s.tracks == 0 || len(s.data) == 0 {
		return cannot("no film that can be read")
	}
	s.blank()
	return send(ctx, w, io.NewSectionReader(overlay(r, s.patches), 0, end))
}

// next reads the head of a box.
func (s *scrubbing) next(at, end int64) (box, error) {
	if s.boxes++; s.boxes > mostBoxes {
		return box{}, cannot("a film of too many boxes")
	}
	h := make([]byte, min(16, end-at))
	if len(h) < 8 {
		return box{}, cannot("a film that is cut short")
	}
	if _, err := s.r.ReadAt(h, at); err != nil {
		return box{}, err
	}
	b := box{string(h[4:8]), at, 8, int64(binary.BigEndian.Uint32(h))}
	switch {
	case b.size == 1 && len(h) == 16:
		b.head, b.size = 16, int64(binary.BigEndian.Uint64(h[8:]))
	case b.size == 0:
		b.size = end - at
	}
	if b.size < b.head || b.size > end-at {
		return box{}, cannot("a film whose boxes do not fit")
	}
	return b, nil
}

// walk goes through the boxes of a part of the file, and returns where they end.
func (s *scrubbing) walk(in string, at, end int64) (int64, error) {
	for at < end {
		if in != "" && end-at < 8 { // QuickTime ends some with four zeros
			s.zero(at, end)
			break
		}
		if in == "" && at > 0 && end-at < 8 {
			return at, nil // whatever follows the end
		}
		b, err := s.next(at, end)
		if err != nil && in == "" && s.tracks > 0 && len(s.data) > 0 {
			return at, nil // whatever follows the end
		}
		if err != nil {
			return at, err
		}
		if err := s.box(in, b); err != nil {
			return at, err
		}
		at = b.end()
	}
	return at, nil
}

func (s *scrubbing) zero(at, end int64) { s.patches = append(s.patches, patch{at: at, size: end - at}) }

func (s *scrubbing) free(b box) {
	s.patches = append(s.patches, patch{at: b.at + 4, size: 4, with: []byte("free")})
	s.zero(b.body(), b.end())
}

func (s *scrubbing) box(in string, b box) error {
	switch {
	case b.name == "moof" || b.name == "mvex":
		return cannot("a film in fragments")
	case !slices.Contains(keptBoxes[in], b.name):
		s.free(b)
		return nil
	}
	switch b.name {
	case "mdat":
		s.data = append(s.data, b)
		return nil
	case "trak":
		return s.track(b)
	case "mvhd", "tkhd", "mdhd":
		return s.times(b)
	case "hdlr":
		const maker = 12 // who made it, and the name
		if b.size-b.head > maker {
			s.zero(b.body()+maker, b.end())
		}
		return nil
	case "dref":
		return s.references(b)
	case "stsd":
		return s.descriptions(b)
	}
	if _, holds := keptBoxes[b.name]; holds {
		_, err := s.walk(b.name, b.body(), b.end())
		return err
	}
	return nil
}

// times blanks when something was made and changed.
func (s *scrubbing) times(b box) error {
	version := make([]byte, 1)
	if _, err := s.r.ReadAt(version, b.body()); err != nil || b.size-b.head < 20 {
		return cannot("a film whose heads do not read")
	}
	n := int64(8)
	if version[0] == 1 {
		n = 16
	}
	s.zero(b.body()+4, b.body()+4+n)
	// The language of a telephone is not that of what is heard.
	if language := b.body() + 4 + n + 4 + n/2; b.name == "mdhd" && language+2 <= b.end() {
		s.patches = append(s.patches, patch{at: language, size: 2, with: undetermined})
	}
	return nil
}

// undetermined is the language "und", as ISO/IEC 14496-12 packs it.
var undetermined = []byte{0x55, 0xc4}

// references refuses films of which a part lies in another file: what stands there is
// the path to it.
func (s *scrubbing) references(b box) error {
	raw, err := s.table(b)
	if err != nil || len(raw) < 8 {
		return cannot("a film whose heads do not read")
	}
	for raw = raw[8:]; len(raw) >= 12; {
		n := binary.BigEndian.Uint32(raw)
		if n != 12 || raw[11]&1 == 0 {
			return cannot("a film of which a part lies in another file")
		}
		raw = raw[n:]
	}
	return nil
}

func (s *scrubbing) table(b box) ([]byte, error) {
	if b.size-b.head > largestTable {
		return nil, cannot("a film whose tables are too large")
	}
	raw := make([]byte, b.size-b.head)
	_, err := s.r.ReadAt(raw, b.body())
	return raw, err
}

// track keeps a track of pictures or sound, and no other.
func (s *scrubbing) track(b box) error {
	handler, err := s.handler(b)
	if err != nil {
		return err
	}
	if handler != "vide" && handler != "soun" {
		s.free(b)
		return nil
	}
	s.handles = handler
	if s.tracks++; s.tracks > mostTracks {
		return cannot("a film of too many tracks")
	}
	if _, err := s.walk("trak", b.body(), b.end()); err != nil {
		return err
	}
	stbl, found, err := s.find(b, "mdia", "minf", "stbl")
	if err != nil || !found {
		return cannot("a film whose tracks do not read")
	}
	if err := s.samples(stbl); err != nil || len(s.kept) <= mostParts {
		return err
	}
	return cannot("a film of too many parts")
}

// find goes down through boxes.
func (s *scrubbing) find(b box, names ...string) (box, bool, error) {
	for _, name := range names {
		found := false
		for at := b.body(); b.end()-at >= 8 && !found; {
			c, err := s.next(at, b.end())
			if err != nil {
				return b, false, err
			}
			if at = c.end(); c.name == name {
				b, found = c, true
			}
		}
		if !found {
			return b, false, nil
		}
	}
	return b, true, nil
}

func (s *scrubbing) handler(track box) (string, error) {
	b, found, err := s.find(track, "mdia", "hdlr")
	if err != nil || !found || b.size-b.head < 12 {
		return "", err
	}
	h := make([]byte, 4)
	_, err = s.r.ReadAt(h, b.body()+8)
	return string(h), err
}

// samples notes where the pictures or sounds of a track lie.
func (s *scrubbing) samples(stbl box) error {
	tables := map[string][]byte{}
	for _, name := range []string{"stsc", "stsz", "stco", "co64"} {
		b, found, err := s.find(stbl, name)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if tables[name], err = s.table(b); err != nil {
			return err
		}
	}
	chunks, err := chunkOffsets(tables)
	if err != nil {
		return err
	}
	sizes, err := sampleSizes(tables["stsz"])
	if err != nil {
		return err
	}
	if s.handles == "soun" && sizes.same == 1 {
		return cannot("a film whose sound has the old form of QuickTime")
	}
	runs := tables["stsc"]
	if len(runs) < 8 || len(runs)-8 < 12*int(binary.BigEndian.Uint32(runs[4:])) {
		return cannot("a film whose tables do not read")
	}
	count := int(binary.BigEndian.Uint32(runs[4:]))
	run, each, sample := 0, 0, 0
	for i, at := range chunks {
		for run < count && int(binary.BigEndian.Uint32(runs[8+12*run:])) <= i+1 {
			each = int(binary.BigEndian.Uint32(runs[8+12*run+4:]))
			run++
		}
		n := sizes.of(sample, each)
		sample += each
		if n < 0 || at < 0 || at > s.size || n > s.size-at {
			return cannot("a film whose tables lead out of it")
		}
		s.kept = append(s.kept, part{at, at + n})
	}
	return nil
}

func chunkOffsets(tables map[string][]byte) (list []int64, err error) {
	raw, width := tables["stco"], 4
	if raw == nil {
		raw, width = tables["co64"], 8
	}
	if len(raw) < 8 || (len(raw)-8)/width < int(binary.BigEndian.Uint32(raw[4:])) {
		return nil, cannot("a film whose tables do not read")
	}
	if binary.BigEndian.Uint32(raw[4:]) > mostParts {
		return nil, cannot("a film of too many parts")
	}
	for i := range int(binary.BigEndian.Uint32(raw[4:])) {
		if at := raw[8+width*i:]; width == 4 {
			list = append(list, int64(binary.BigEndian.Uint32(at)))
		} else {
			list = append(list, int64(binary.BigEndian.Uint64(at)))
		}
	}
	return list, nil
}

// sampleTable says how long each sample is: all the same, or one by one.
type sampleTable struct {
	same  int64
	count int
	each  []byte
}

func sampleSizes(raw []byte) (t sampleTable, err error) {
	if len(raw) < 12 {
		return t, cannot("a film whose tables do not read")
	}
	t = sampleTable{int64(binary.BigEndian.Uint32(raw[4:])), int(binary.BigEndian.Uint32(raw[8:])), raw[12:]}
	if t.same == 0 && len(t.each)/4 < t.count {
		return t, cannot("a film whose tables do not read")
	}
	return t, nil
}

// of is how many bytes some samples have; of those that are not there, none.
func (t sampleTable) of(first, n int) (size int64) {
	first = min(first, t.count)
	n = min(n, t.count-first)
	if t.same > 0 {
		return t.same * int64(n)
	}
	for i := first; i < first+n; i++ {
		size += int64(binary.BigEndian.Uint32(t.each[4*i:]))
	}
	return size
}

// blank makes zeros of all data that nothing kept points to.
func (s *scrubbing) blank() {
	slices.SortFunc(s.kept, func(a, b part) int { return cmp.Compare(a.at, b.at) })
	whole := s.kept[:0] // what touches or lies in another is one part
	for _, k := range s.kept {
		if n := len(whole); n > 0 && k.at <= whole[n-1].end {
			whole[n-1].end = max(whole[n-1].end, k.end)
		} else {
			whole = append(whole, k)
		}
	}
	for _, d := range s.data {
		at := d.body()
		first, _ := slices.BinarySearchFunc(whole, at, func(k part, at int64) int { return cmp.Compare(k.end, at+1) })
		for _, k := range whole[first:] {
			if k.at >= d.end() {
				break
			}
			if k.at > at {
				s.zero(at, k.at)
			}
			at = max(at, k.end)
		}
		if at < d.end() {
			s.zero(at, d.end())
		}
	}
}
