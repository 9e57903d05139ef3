package scrub

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // read only
	"image/jpeg"
	"image/png"
	"io"

	_ "golang.org/x/image/webp" // read only
)

// A working copy of a picture is made from its points and from nothing else: what
// came with them (where and when and by what it was taken, earlier versions, small
// pictures of what was cut off, whatever follows the end) is not in it.

// Limits on what is read as a picture: a small file may say that it is a huge one.
const (
	largestPicture = 64 << 20 // bytes
	mostPoints     = 50 << 20 // width times height; of one that takes eight bytes a point, 400 MB
	jpegQuality    = 92
)

// picture copies a picture, upright, and with the regions covered. Of one that moves
// it takes the first. A JPEG stays one; all else becomes a PNG.
func picture(w io.Writer, r io.ReaderAt, size int64, regions []Region) error {
	if size > largestPicture {
		return cannot("a picture of too many bytes")
	}
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && size > 0 {
		return err
	}
	c, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || c.Width <= 0 || c.Height <= 0 || int64(c.Width)*int64(c.Height) > mostPoints {
		return cannot("no picture that can be read, or one too large")
	}
	read, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return cannot("no picture that can be read")
	}
	points := upright(read, orientation(raw, kind))
	for _, g := range regions {
		draw.Draw(points, g.in(points.Bounds()), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	if kind == "jpeg" {
		return jpeg.Encode(w, points, &jpeg.Options{Quality: jpegQuality})
	}
	return png.Encode(w, points)
}

// in returns the points that a region covers; those that it touches are among them.
func (r Region) in(b image.Rectangle) image.Rectangle {
	const all = 1000
	return image.Rect(
		r.Left*b.Dx()/all, r.Top*b.Dy()/all,
		((r.Left+r.Width)*b.Dx()+all-1)/all, ((r.Top+r.Height)*b.Dy()+all-1)/all,
	).Intersect(b)
}

// upright turns a picture as its orientation says (Exif 2.3, tag 0x0112).
func upright(m image.Image, o int) draw.Image {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	if o >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if o == 1 {
		draw.Draw(out, out.Bounds(), m, b.Min, draw.Src)
		return out
	}
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch o {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			out.Set(x, y, m.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return out
}

// orientation reads how a picture is to be turned; 1 where it does not say. What
// shows pictures turns them by it, so a region that somebody saw is where they saw it.
func orientation(raw []byte, kind string) int {
	switch kind {
	case "jpeg":
		return jpegOrientation(raw)
	case "png":
		return pngOrientation(raw)
	case "webp":
		for _, c := range chunksOf(raw) {
			if c.name == "EXIF" {
				return exifOrientation(bytes.TrimPrefix(raw[c.at:c.at+c.size], []byte("Exif\x00\x00")))
			}
		}
	}
	return 1
}

// jpegOrientation reads the segments up to the first scan. Any number of bytes 0xff
// may stand before a marker (ITU-T T.81, B.1.1.2).
func jpegOrientation(raw []byte) int {
	for at := 2; at+1 < len(raw) && raw[at] == 0xff; {
		for at+1 < len(raw) && raw[at+1] == 0xff {
			at++
		}
		if at+4 > len(raw) {
			break
		}
		size := int(binary.BigEndian.Uint16(raw[at+2:]))
		if raw[at+1] == 0xda || size < 2 || at+2+size > len(raw) {
			break
		}
		if body := raw[at+4 : at+2+size]; raw[at+1] == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return exifOrientation(body[6:])
		}
		at += 2 + size
	}
	return 1
}

// pngOrientation reads the chunk eXIf (PNG, third edition, section 11.3.3.7).
func pngOrientation(raw []byte) int {
	const signature, around = 8, 12
	for at := signature; at+around <= len(raw); {
		size := int(binary.BigEndian.Uint32(raw[at:]))
		if size > len(raw)-at-around {
			break
		}
		if string(raw[at+4:at+8]) == "eXIf" {
			return exifOrientation(raw[at+8 : at+8+size])
		}
		at += around + size
	}
	return 1
}

func exifOrientation(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at > len(tiff)-2 {
		return 1
	}
	n := int(order.Uint16(tiff[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > len(tiff) {
			break
		}
		if order.Uint16(tiff[e:]) == 0x0112 {
			if o := int(order.Uint16(tiff[e+8:])); o >= 1 && o <= 8 {
				return o
			}
		}
	}
	return 1
}
