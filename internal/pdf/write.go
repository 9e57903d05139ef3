package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-text/typesetting/font"
)

// file collects the objects of a PDF (ISO 32000-1, section 7.5).
type file struct {
	bytes.Buffer
	at []int
}

func (f *file) object(body string) int {
	f.at = append(f.at, f.Len())
	fmt.Fprintf(f, "%d 0 obj\n%s\nendobj\n", len(f.at), body)
	return len(f.at)
}

// stream adds compressed content.
func (f *file) stream(dict string, content []byte) int {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(content) // into memory: it cannot fail
	_ = w.Close()
	return f.object(fmt.Sprintf("<<%s /Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream", dict, z.Len(), z.String()))
}

// Bytes writes the document. It holds nothing of when or where it was made: the same
// content gives the same bytes.
func (d *Document) Bytes() []byte { return d.bytes((*face).part) }

// bytes is Bytes with what is taken of each font.
func (d *Document) bytes(part func(*face) []byte) []byte {
	d.footers()
	f := &file{}
	f.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var resources strings.Builder
	for _, set := range []faces{d.regular, d.bold} {
		for _, one := range set {
			if len(one.used) > 0 {
				fmt.Fprintf(&resources, "/%s %d 0 R ", one.name, f.font(one, part(one)))
			}
		}
	}
	tree := len(f.at) + 2*len(d.pages) + 1
	var kids strings.Builder
	for _, p := range d.pages {
		content := f.stream("", []byte(p.String()))
		page := f.object(fmt.Sprintf("<</Type /Page /Parent %d 0 R /MediaBox [0 0 %.0f %.0f] /Contents %d 0 R /Resources <</Font <<%s>>>>>>",
			tree, pageWidth, pageHeight, content, resources.String()))
		fmt.Fprintf(&kids, "%d 0 R ", page)
	}
	f.object(fmt.Sprintf("<</Type /Pages /Count %d /Kids [%s]>>", len(d.pages), kids.String()))
	info := f.object(fmt.Sprintf("<</Title <%s>>>", utf16Hex(d.title)))
	view := ""
	if d.rightToLeft {
		view = " /ViewerPreferences <</Direction /R2L /DisplayDocTitle true>>"
	}
	root := f.object(fmt.Sprintf("<</Type /Catalog /Pages %d 0 R /Lang (%s)%s>>", tree, safeTag(d.lang), view))
	start := f.Len()
	fmt.Fprintf(f, "xref\n0 %d\n0000000000 65535 f \n", len(f.at)+1)
	for _, at := range f.at {
		fmt.Fprintf(f, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(f, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(f.at)+1, root, info, start)
	return f.Bytes()
}

// footers puts the footer and the number on every page, once their number is known.
func (d *Document) footers() {
	s := Style{Size: footerSize}
	width := pageWidth - 2*margin
	for i, p := range d.pages {
		if runes, lines := d.lines(d.footer, s, width*.8, d.direction()); len(lines) > 0 {
			d.line(p, runes, lines[0], s, margin, width, footerAt, false)
		}
		if runes, lines := d.lines(fmt.Sprintf("%d/%d", i+1, len(d.pages)), s, width, 0); len(lines) > 0 {
			d.line(p, runes, lines[0], s, margin, width, footerAt, true)
		}
	}
}

func safeTag(tag string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, tag)
}

// font writes a font: its glyphs by number, how wide they are, and what they say.
func (f *file) font(one *face, part []byte) int {
	program := f.stream(fmt.Sprintf(" /Length1 %d", len(part)), part)
	ext, _ := one.FontHExtents()
	scale := 1000 / float64(one.Upem())
	descriptor := f.object(fmt.Sprintf("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-500 -500 2000 1500] /ItalicAngle 0 /Ascent %.0f /Descent %.0f /CapHeight 714 /StemV 80 /FontFile2 %d 0 R>>",
		psName(one), float64(ext.Ascender)*scale, float64(ext.Descender)*scale, program))
	var widths strings.Builder
	for _, g := range slices.Sorted(maps.Keys(one.used)) {
		fmt.Fprintf(&widths, "%d [%.0f] ", g, float64(one.HorizontalAdvance(g))*scale)
	}
	cid := f.object(fmt.Sprintf("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /W [%s]>>",
		psName(one), descriptor, widths.String()))
	unicode := f.stream("", toUnicode(one.used))
	return f.object(fmt.Sprintf("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>",
		psName(one), cid, unicode))
}

// psName marks the font as a part, as section 9.6.4 has it.
func psName(one *face) string { return one.tag() + "Noto" + one.name }

// toUnicode says what each glyph means (section 9.10.3), for readers that do not know
// ActualText.
func toUnicode(used map[font.GID]string) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n")
	for part := range slices.Chunk(slices.Sorted(maps.Keys(used)), 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, g := range part {
			fmt.Fprintf(&b, "<%04X> <%s>\n", g, utf16Hex(used[g])[4:])
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap CMapName currentdict /CMap defineresource pop end end\n")
	return b.Bytes()
}
