package scrub

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// mpegAudio copies the frames of an MPEG sound (ISO/IEC 11172-3, 13818-3) and no
// byte between them: no tags of any kind, before, after or among them. A frame counts
// where it stands right after another, or another follows, or the end. The one in which encoders leave their
// name and their index holds no sound, and is left out.
func mpegAudio(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) error {
	src := bufio.NewReaderSize(until{ctx, io.NewSectionReader(r, 0, size)}, 64<<10)
	sent, sound := 0, uint32(0)
	after := false // right after a frame
	for {
		head, err := src.Peek(4)
		if len(head) < 4 {
			return ended(sent, err)
		}
		n, kind := mpegFrame(head)
		if n == 0 || sent > 0 && kind != sound || !after && !followed(src, n, kind) {
			after = false
			if err := leaveOut(src); err != nil {
				return err
			}
			continue
		}
		frame, _ := src.Peek(n)
		if len(frame) < n {
			return ended(sent, nil)
		}
		if sent > 0 || !index(frame) {
			if _, err := w.Write(frame); err != nil {
				return err
			}
			sound, sent, after = kind, sent+1, true
		}
		_, _ = src.Discard(n)
	}
}

// followed reports whether a whole frame is there, and after it another, or the end,
// or the tag that stands at the end.
func followed(src *bufio.Reader, n int, kind uint32) bool {
	b, _ := src.Peek(n + 4)
	if len(b) < n+4 {
		return len(b) >= n
	}
	if string(b[n:n+3]) == "TAG" || string(b[n:n+4]) == "APET" {
		return true
	}
	next, same := mpegFrame(b[n:])
	return next > 0 && same == kind
}

func ended(sent int, err error) error {
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case sent == 0:
		return cannot("no sound that can be read")
	}
	return nil
}

// leaveOut passes over a tag that says its length, or one byte.
func leaveOut(src *bufio.Reader) error {
	const head = 10
	skip := 1
	if b, _ := src.Peek(head); len(b) == head && string(b[:3]) == "ID3" && (b[6]|b[7]|b[8]|b[9])&0x80 == 0 {
		skip = head + int(b[6])<<21 + int(b[7])<<14 + int(b[8])<<7 + int(b[9])
	}
	if _, err := src.Discard(skip); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// index reports whether a frame is the one of Xing, LAME or VBRI.
func index(frame []byte) bool {
	b := frame[:min(len(frame), 64)]
	return bytes.Contains(b, []byte("Xing")) || bytes.Contains(b, []byte("Info")) || bytes.Contains(b, []byte("VBRI"))
}

// Bit rates in thousands, by version (1, or 2 and 2.5) and layer (I, II, III).
var mpegRates = [2][3][15]int{
	{
		{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
		{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	},
	{
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	},
}

// mpegFrame returns how long the frame is that begins with these four bytes, 0 for
// none, and what all frames of one sound have in common.
func mpegFrame(b []byte) (size int, kind uint32) {
	h := binary.BigEndian.Uint32(b)
	version, layer := h>>19&3, 4-h>>17&3 // 0 is 2.5, 2 is 2, 3 is 1
	rate, sampling, padding := h>>12&15, h>>10&3, int(h>>9&1)
	if h>>21 != 0x7ff || version == 1 || h>>17&3 == 0 || rate == 0 || rate == 15 || sampling == 3 {
		return 0, 0
	}
	old := 1
	if version == 3 {
		old = 0
	}
	hertz := [3]int{44100, 48000, 32000}[sampling]
	switch version {
	case 2:
		hertz /= 2
	case 0:
		hertz /= 4
	}
	bits := mpegRates[old][layer-1][rate] * 1000
	switch {
	case layer == 1:
		size = (12*bits/hertz + padding) * 4
	case layer == 3 && old == 1:
		size = 72*bits/hertz + padding
	default:
		size = 144*bits/hertz + padding
	}
	return size, h & 0xfffe0c00
}

// flac copies a FLAC sound: of its metadata what players need (RFC 9639, sections
// 8.2 and 8.5), and the frames. What taggers put after the end is cut off.
func flac(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) error {
	const streamInfo, seekTable, last = 0, 3, 0x80
	at := int64(4)
	out := []byte("fLaC")
	lastKept := 0
	for h := make([]byte, 4); ; {
		if at+4 > size || len(out) > 1<<24 {
			return cannot("a sound whose beginning is cut short")
		}
		if _, err := r.ReadAt(h, at); err != nil {
			return err
		}
		n := int64(h[1])<<16 | int64(h[2])<<8 | int64(h[3])
		if at += 4; n > size-at {
			return cannot("a sound whose beginning is cut short")
		}
		if kind := h[0] &^ last; kind == streamInfo || kind == seekTable {
			body := make([]byte, n)
			if _, err := r.ReadAt(body, at); err != nil {
				return err
			}
			lastKept = len(out)
			out = append(append(out, kind, h[1], h[2], h[3]), body...)
		}
		if at += n; h[0]&last != 0 {
			break
		}
	}
	if lastKept == 0 {
		return cannot("a sound that does not say its form")
	}
	out[lastKept] |= last
	if _, err := w.Write(out); err != nil {
		return err
	}
	end, err := beforeTags(r, at, size)
	if err != nil {
		return err
	}
	return send(ctx, w, io.NewSectionReader(r, at, end-at))
}

// beforeTags finds where the tags begin that stand at the end of a file: ID3v1 and
// APE, one before the other.
func beforeTags(r io.ReaderAt, from, size int64) (int64, error) {
	const id3v1, ape, head = 128, 32, 32
	for range 8 {
		b := make([]byte, min(id3v1, size-from))
		if _, err := r.ReadAt(b, size-int64(len(b))); err != nil && len(b) > 0 {
			return size, err
		}
		switch foot := b[max(0, len(b)-ape):]; {
		case len(b) == id3v1 && string(b[:3]) == "TAG":
			size -= id3v1
		case len(foot) == ape && string(foot[:8]) == "APETAGEX":
			n := int64(binary.LittleEndian.Uint32(foot[12:]))
			if foot[23]&0x80 != 0 {
				n += head
			}
			size = max(from, size-n)
		default:
			return size, nil
		}
	}
	return size, nil
}

// amrFrames are the bytes of a frame by its type (RFC 4867, section 5.3).
var amrFrames = map[string][16]int{
	"#!AMR\n":    {13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1},
	"#!AMR-WB\n": {18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1},
}

// amr copies the frames of a voice recording. It has no metadata, and nothing says where
// it ends: where something follows that is no frame, nobody can tell how much sound it is.
func amr(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) error {
	src := bufio.NewReader(until{ctx, io.NewSectionReader(r, 0, size)})
	for magic, frames := range amrFrames {
		if b, _ := src.Peek(len(magic)); !strings.HasPrefix(string(b), magic) {
			continue
		}
		if _, err := io.CopyN(w, src, int64(len(magic))); err != nil {
			return err
		}
		for sent := 0; ; sent++ {
			b, err := src.Peek(1)
			if len(b) == 0 {
				return ended(sent, err)
			}
			n := frames[b[0]>>3&15]
			if frame, _ := src.Peek(n); n == 0 || b[0]&0x83 != 0 || len(frame) < n {
				return cannot("a voice recording that is damaged, of which a part would be missing")
			}
			if _, err := io.CopyN(w, src, int64(n)); err != nil {
				return err
			}
		}
	}
	return cannot("no voice recording that can be read")
}
