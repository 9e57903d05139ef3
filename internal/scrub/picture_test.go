package scrub_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"amana"
	"amana/internal/scrub"
)

// photo is a JPEG with an Exif part that says where it was taken and how to turn
// it, a comment, and more after its end. Its upper left quarter is white.
func photo(t testing.TB, orientation byte) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 80, 40))
	for y := range 40 {
		for x := range 80 {
			m.Set(x, y, color.Gray{Y: 80})
			if x < 40 && y < 20 {
				m.Set(x, y, color.White)
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00")
	tiff = append(tiff, orientation, 0, 0, 0, 0, 0, 0)
	exif := append([]byte("Exif\x00\x00"), append(tiff, "CANARY-GPS 15.58 -3.2"...)...)
	part := func(marker byte, body []byte) []byte {
		head := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
		return append(head, body...)
	}
	raw := b.Bytes()
	out := append([]byte{0xff, 0xd8}, part(0xe1, exif)...)
	out = append(out, part(0xfe, []byte("CANARY-COMMENT"))...)
	out = append(out, raw[2:]...)
	return append(out, "CANARY-AFTER <script>alert(1)</script>"...)
}

// write makes a working copy.
func write(raw []byte, p scrub.Plan) ([]byte, error) {
	var b bytes.Buffer
	err := scrub.Copy(context.Background(), &b, bytes.NewReader(raw), int64(len(raw)), p)
	return b.Bytes(), err
}

func mustWrite(t testing.TB, raw []byte, p scrub.Plan) []byte {
	t.Helper()
	out, err := write(raw, p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func copyOf(t testing.TB, raw []byte, regions ...scrub.Region) (image.Image, []byte) {
	t.Helper()
	out := mustWrite(t, raw, scrub.Plan{Cover: regions})
	m, _, err := image.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return m, out
}

func TestCopy_hasThePointsAndNothingElse(t *testing.T) {
	raw := photo(t, 1)
	m, out := copyOf(t, raw)
	if !bytes.Contains(raw, []byte("CANARY")) || bytes.Contains(out, []byte("CANARY")) || bytes.Contains(out, []byte("Exif")) {
		t.Error("something came with it")
	}
	if m.Bounds().Dx() != 80 || !light(m, 10, 10) || light(m, 60, 30) {
		t.Error("it is another picture")
	}
	turned, _ := copyOf(t, photo(t, 6)) // to be turned to the right: what was left is up
	if b := turned.Bounds(); b.Dx() != 40 || b.Dy() != 80 || !light(turned, 30, 10) || light(turned, 5, 10) {
		t.Errorf("not upright: %v", b)
	}
}

// Any number of bytes 0xff may stand before a marker; a PNG says how to turn it in a
// chunk of its own.
func TestCopy_isUprightHoweverTheFileSaysIt(t *testing.T) {
	filled := bytes.Replace(photo(t, 6), []byte("\xff\xe1"), []byte("\xff\xff\xff\xff\xe1"), 1)
	var b bytes.Buffer
	m, _ := copyOf(t, photo(t, 1))
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	const beforeData = 33
	tiff := []byte("II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00CANARY-GPS")
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(tiff))), append([]byte("eXIf"), tiff...)...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	withExif := append(append(bytes.Clone(b.Bytes()[:beforeData]), chunk...), b.Bytes()[beforeData:]...)
	for name, raw := range map[string][]byte{"a JPEG with bytes before a marker": filled, "a PNG": withExif} {
		turned, out := copyOf(t, raw)
		if b := turned.Bounds(); b.Dx() != 40 || b.Dy() != 80 || !light(turned, 30, 10) || light(turned, 5, 10) || bytes.Contains(out, []byte("CANARY")) {
			t.Errorf("%s: %v", name, b)
		}
	}
}

func light(m image.Image, x, y int) bool {
	r, _, _, _ := m.At(x, y).RGBA()
	return r > 0xc000
}

func TestCopy_coversRegions(t *testing.T) {
	m, _ := copyOf(t, photo(t, 1), scrub.Region{Left: 0, Top: 0, Width: 500, Height: 500})
	for _, p := range []image.Point{{0, 0}, {20, 10}, {39, 19}} {
		if r, _, _, _ := m.At(p.X, p.Y).RGBA(); r > 0x3000 {
			t.Errorf("%v is not covered", p)
		}
	}
	for _, bad := range []scrub.Region{{0, -1, 0, 10, 10}, {0, 0, 0, 0, 10}, {0, 900, 0, 200, 10}, {0, 1 << 60, 0, 1 << 62, 5}, {1, 0, 0, 10, 10}} {
		raw := photo(t, 1)
		if _, err := write(raw, scrub.Plan{Cover: []scrub.Region{bad}}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestCopy_refusesWhatWouldExhaust(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	bomb := b.Bytes()
	binary.BigEndian.PutUint32(bomb[16:], 1<<20) // says that it is a million points wide and high
	binary.BigEndian.PutUint32(bomb[20:], 1<<20)
	for name, raw := range map[string][]byte{
		"a bomb": bomb, "nothing": {}, "words": []byte("no picture"), "cut short": photo(t, 1)[:200],
		"a drawing with a script": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
	} {
		if _, err := write(raw, scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzCopy(f *testing.F) {
	f.Add(photo(f, 3))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			return
		}
		if c, _, err := image.DecodeConfig(bytes.NewReader(raw)); err == nil && c.Width*c.Height > 1<<20 {
			return // slow, and not wrong
		}
		_, _ = write(raw, scrub.Plan{Cover: []scrub.Region{{0, 0, 0, 10, 10}}})
	})
}
