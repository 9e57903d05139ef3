package scrub

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
)

// oggPage is one page of an Ogg file (RFC 3533, section 6).
type oggPage struct {
	flags    byte
	granule  uint64
	serial   uint32
	number   uint32 // as it was read
	segments []byte
	body     []byte
}

const (
	oggContinued = 1
	oggFirst     = 2
	oggLast      = 4
	oggHead      = 27
	oggFull      = 255
)

var (
	errNoPage  = errors.New("no page")
	errDamaged = errors.New("a page that is not as it was written")
)

func readOgg(r io.Reader) (p oggPage, err error) {
	h := make([]byte, oggHead)
	if _, err := io.ReadFull(r, h); err != nil {
		return p, err
	}
	if string(h[:5]) != "OggS\x00" {
		return p, errNoPage
	}
	p.flags, p.granule, p.serial = h[5], binary.LittleEndian.Uint64(h[6:]), binary.LittleEndian.Uint32(h[14:])
	p.segments = make([]byte, h[26])
	if _, err := io.ReadFull(r, p.segments); err != nil {
		return p, err
	}
	n := 0
	for _, s := range p.segments {
		n += int(s)
	}
	p.body = make([]byte, n)
	if _, err = io.ReadFull(r, p.body); err != nil {
		return p, err
	}
	p.number = binary.LittleEndian.Uint32(h[18:])
	if sum := binary.LittleEndian.Uint32(h[22:]); binary.LittleEndian.Uint32(p.encode(p.number)[22:]) != sum {
		return p, errDamaged
	}
	return p, nil
}

// encode writes a page under a number of ours.
func (p oggPage) encode(number uint32) []byte {
	b := append([]byte("OggS\x00"), p.flags)
	b = binary.LittleEndian.AppendUint64(b, p.granule)
	b = binary.LittleEndian.AppendUint32(b, p.serial)
	b = binary.LittleEndian.AppendUint32(b, number)
	b = append(b, 0, 0, 0, 0, byte(len(p.segments)))
	b = append(append(b, p.segments...), p.body...)
	binary.LittleEndian.PutUint32(b[22:], oggSum(b))
	return b
}

// oggSum is the page's checksum: CRC-32 with 0x04c11db7, not reflected.
func oggSum(b []byte) uint32 {
	c := uint32(0)
	for _, x := range b {
		c = c<<8 ^ oggTable[byte(c>>24)^x]
	}
	return c
}

var oggTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			c = c<<1 ^ 0x04c11db7*(c>>31)
		}
		t[i] = c
	}
	return t
}()

// pagesOf lays packets out in pages.
func pagesOf(serial uint32, packets ...[]byte) (list []oggPage) {
	p := oggPage{serial: serial}
	for _, packet := range packets {
		for whole := false; !whole; {
			if len(p.segments) == oggFull {
				list = append(list, p)
				p = oggPage{serial: serial, flags: oggContinued}
			}
			n := min(len(packet), oggFull)
			p.segments, p.body = append(p.segments, byte(n)), append(p.body, packet[:n]...)
			packet, whole = packet[n:], n < oggFull
		}
	}
	return append(list, p)
}

// largestHeader is the most that the packets before the sound may have: covers of
// albums stand there.
const largestHeader = 32 << 20

// ogg copies a sound in Ogg, Vorbis or Opus, without what its comments say. Files of
// several streams are not read.
func ogg(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) error {
	src := bufio.NewReader(until{ctx, io.NewSectionReader(r, 0, size)})
	first, err := readOgg(src)
	if err != nil || first.flags&oggFirst == 0 {
		return cannot("a sound whose beginning does not read")
	}
	packets, comments := 0, []byte(nil)
	switch kind := string(first.body); {
	case strings.HasPrefix(kind, "\x01vorbis"):
		packets, comments = 2, []byte("\x03vorbis\x00\x00\x00\x00\x00\x00\x00\x00\x01") // Vorbis I, section 5.2.1
	case strings.HasPrefix(kind, "OpusHead"):
		packets, comments = 1, []byte("OpusTags\x00\x00\x00\x00\x00\x00\x00\x00") // RFC 7845, section 5.2
	default:
		return cannot("an Ogg file of another kind")
	}
	headers, before, err := oggHeaders(src, first, packets)
	if err != nil {
		return err
	}
	headers[0] = comments
	number := uint32(0)
	for _, p := range slices.Insert(pagesOf(first.serial, headers...), 0, first) {
		if _, err := w.Write(p.encode(number)); err != nil {
			return err
		}
		number++
	}
	return oggSound(src, w, before, number)
}

// oggSound copies the pages of the sound. A page that is damaged or missing is said, not
// left out: what was said there would be gone from the copy, and nobody would know.
func oggSound(src *bufio.Reader, w io.Writer, before oggPage, number uint32) error {
	for {
		p, err := readOgg(src)
		switch {
		case err == nil && (p.serial != before.serial || p.flags&oggFirst != 0):
			return cannot("an Ogg file of several streams")
		case before.flags&oggLast != 0 || errors.Is(err, io.EOF):
			return nil // the end, and whatever follows it
		case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errNoPage), errors.Is(err, errDamaged):
			return cannot("a sound that is damaged, of which a part would be missing")
		case err != nil:
			return err
		case p.number != before.number+1:
			return cannot("a sound of which a part is missing")
		}
		if _, err := w.Write(p.encode(number)); err != nil {
			return err
		}
		number++
		before = p
	}
}

// oggHeaders reads packets that end with a page, and returns that page too.
func oggHeaders(src io.Reader, before oggPage, packets int) ([][]byte, oggPage, error) {
	list := [][]byte{nil}
	for size := 0; ; {
		p, err := readOgg(src)
		if err != nil || p.serial != before.serial || p.number != before.number+1 {
			return nil, p, cannot("a sound whose beginning does not read")
		}
		before = p
		if size += len(p.body); size > largestHeader {
			return nil, p, cannot("a sound with too much before it")
		}
		body := p.body
		for i, s := range p.segments {
			at := len(list) - 1
			list[at] = append(list[at], body[:s]...)
			body = body[s:]
			if s == oggFull {
				continue
			}
			if len(list) == packets {
				if i != len(p.segments)-1 {
					return nil, p, cannot("a sound that begins within its header")
				}
				return list, p, nil
			}
			list = append(list, nil)
		}
	}
}
