package evidence

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // read only
	"image/jpeg"
	"image/png"
	"io"

	"amana"
)

// A working copy of a picture is made from its points and from nothing else: what
// came with them (where and when and by what it was taken, earlier versions, small
// pictures of what was cut off, whatever follows the end) is not in it.

// Limits on what is read as a picture: a small file may say that it is a huge one.
const (
	LargestPicture = 64 << 20 // bytes
	mostPoints     = 50 << 20 // width times height; of one that takes eight bytes a point, 400 MB
	jpegQuality    = 92
)

// Region is a part of a picture, in thousandths of its width and height.
type Region struct {
	Left, Top, Width, Height int
}

// Valid reports whether it lies in a picture.
func (r Region) Valid() bool {
	const all = 1000
	return r.Left >= 0 && r.Top >= 0 && r.Width > 0 && r.Height > 0 && r.Left+r.Width <= all && r.Top+r.Height <= all
}

// CanCopy reports whether a working copy of this kind of file can be made here.
func (m Media) CanCopy() bool {
	switch m.Type {
	case "image/jpeg", "image/png", "image/gif":
		return true
	}
	return false
}

// Copy makes a working copy of a picture, upright, without anything but its points,
// and with the regions covered. Kind: ErrInvalid for what is no picture that can be
// read, is too large, or regions outside of it.
func Copy(r io.ReaderAt, size int64, regions []Region) ([]byte, error) {
	if size > LargestPicture {
		return nil, fmt.Errorf("evidence: a picture of %d bytes: %w", size, amana.ErrInvalid)
	}
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && size > 0 {
		return nil, err
	}
	c, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || c.Width <= 0 || c.Height <= 0 || int64(c.Width)*int64(c.Height) > mostPoints {
		return nil, fmt.Errorf("evidence: no picture that can be read, or one too large: %w", amana.ErrInvalid)
	}
	read, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("evidence: no picture that can be read: %w", amana.ErrInvalid)
	}
	picture := upright(read, orientation(raw))
	for _, g := range regions {
		if !g.Valid() {
			return nil, fmt.Errorf("evidence: a region outside of the picture: %w", amana.ErrInvalid)
		}
		draw.Draw(picture, g.in(picture.Bounds()), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	var out bytes.Buffer
	if kind == "jpeg" {
		err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: jpegQuality})
	} else {
		err = png.Encode(&out, picture)
	}
	return out.Bytes(), err
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

// orientation reads how a JPEG is to be turned; 1 where it does not say.
func orientation(raw []byte) int {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff; {
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

func exifOrientation(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
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
