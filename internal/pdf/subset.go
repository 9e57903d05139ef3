package pdf

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// A document holds of each font the outlines of what it draws. Glyphs keep their numbers:
// those that are not drawn are empty. What is for shaping stays behind, since that is done.
// See the OpenType specification, 1.9, chapters glyf, loca and head.

// tables are what a reader of PDF needs of a font (ISO 32000-1, section 9.9), by tag.
var tables = []string{"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"}

// part returns the font with the outlines of the glyphs that were drawn, or the whole
// where it is not as the fonts here are.
func (one *face) part() []byte {
	ld, err := opentype.NewLoader(bytes.NewReader(one.raw))
	if err != nil {
		return one.raw
	}
	of := map[string][]byte{}
	for _, tag := range tables {
		if raw, err := ld.RawTable(opentype.MustNewTag(tag)); err == nil && len(raw) > 0 {
			of[tag] = raw
		}
	}
	o := outlines{glyf: of["glyf"], loca: of["loca"]}
	head := bytes.Clone(of["head"])
	if len(head) < 54 || len(o.loca) == 0 {
		return one.raw
	}
	o.long = head[51] != 0
	keep, ok := o.closure(slices.Collect(maps.Keys(one.used)))
	if !ok {
		return one.raw
	}
	of["glyf"], of["loca"] = o.only(keep)
	head[50], head[51] = 0, 1 // offsets of four bytes
	of["head"] = head
	var list []opentype.Table
	for _, tag := range tables {
		if raw, there := of[tag]; there {
			raw = append(slices.Clip(raw), make([]byte, -len(raw)&3)...)
			list = append(list, opentype.Table{Tag: opentype.MustNewTag(tag), Content: raw})
		}
	}
	return opentype.WriteTTF(list)
}

// outlines are those of a font, and where each begins.
type outlines struct {
	glyf, loca []byte
	long       bool
}

// count is how many glyphs there are.
func (o outlines) count() int {
	if o.long {
		return len(o.loca)/4 - 1
	}
	return len(o.loca)/2 - 1
}

// of returns the outline of a glyph, which may be empty.
func (o outlines) of(g font.GID) ([]byte, bool) {
	if int(g) >= o.count() {
		return nil, false
	}
	at := func(i int) int {
		if o.long {
			return int(binary.BigEndian.Uint32(o.loca[4*i:]))
		}
		return 2 * int(binary.BigEndian.Uint16(o.loca[2*i:]))
	}
	from, to := at(int(g)), at(int(g)+1)
	if from > to || to > len(o.glyf) {
		return nil, false
	}
	return o.glyf[from:to], true
}

// closure adds the glyphs of which others are put together, and the one for what is
// missing.
func (o outlines) closure(used []font.GID) (map[font.GID]bool, bool) {
	keep := map[font.GID]bool{}
	for todo := append([]font.GID{0}, used...); len(todo) > 0; {
		g := todo[0]
		todo = todo[1:]
		if keep[g] {
			continue
		}
		outline, ok := o.of(g)
		if !ok {
			return nil, false
		}
		keep[g] = true
		parts, ok := components(outline)
		if !ok {
			return nil, false
		}
		todo = append(todo, parts...)
	}
	return keep, true
}

// components returns the glyphs of which an outline is put together, if it is.
func components(outline []byte) (list []font.GID, ok bool) {
	const (
		words, scale, more, scales, matrix = 0x1, 0x8, 0x20, 0x40, 0x80 // flags
		head                               = 10
	)
	if len(outline) < head || outline[0]&0x80 == 0 { // of contours, not of glyphs
		return nil, true
	}
	for b := outline[head:]; ; {
		if len(b) < 4 {
			return nil, false
		}
		flags := binary.BigEndian.Uint16(b)
		list = append(list, font.GID(binary.BigEndian.Uint16(b[2:])))
		size := 4 + 2
		for flag, takes := range map[uint16]int{words: 2, scale: 2, scales: 4, matrix: 8} {
			if flags&flag != 0 {
				size += takes
			}
		}
		if flags&more == 0 {
			return list, true
		}
		if len(b) < size {
			return nil, false
		}
		b = b[size:]
	}
}

// only returns the outlines of some glyphs, each where its number says, and where they
// begin, in four bytes each.
func (o outlines) only(keep map[font.GID]bool) (glyf, loca []byte) {
	for g := range o.count() {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if keep[font.GID(g)] {
			outline, _ := o.of(font.GID(g))
			glyf = append(glyf, outline...)
			glyf = append(glyf, make([]byte, -len(outline)&3)...)
		}
	}
	return glyf, binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
}

// tag is what stands before the name of a font of which a document holds a part: another
// for another part (ISO 32000-1, section 9.6.4).
func (one *face) tag() string {
	h := fnv.New64a()
	for _, g := range slices.Sorted(maps.Keys(one.used)) {
		_, _ = h.Write(binary.BigEndian.AppendUint32(nil, uint32(g))) // it cannot fail
	}
	n, tag := h.Sum64(), make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + byte(n%26)
		n /= 26
	}
	return string(tag) + "+"
}
