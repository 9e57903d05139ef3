package scrub

import (
	"context"
	"encoding/binary"
	"io"
	"time"
)

// riffChunk is a chunk of a RIFF file: its name, and where its content lies.
type riffChunk struct {
	name     string
	at, size int
}

// chunksOf lists the chunks of a RIFF file that is in memory, as far as they read.
func chunksOf(raw []byte) (list []riffChunk) {
	const first, head = 12, 8
	for at := first; at+head <= len(raw); {
		size := int(binary.LittleEndian.Uint32(raw[at+4:]))
		if size > len(raw)-at-head {
			break
		}
		list = append(list, riffChunk{string(raw[at : at+4]), at + head, size})
		at += head + size + size%2
	}
	return list
}

// waveForm is what the chunk "fmt " says, as far as silence needs it.
type waveForm struct {
	raw       []byte
	tag       uint16
	rate      uint32
	block     uint16 // bytes of one moment in all channels
	bitsEach  uint16
	data      int64 // where the sound lies
	dataSize  int64
	dataFound bool
}

// The forms whose moments can be told apart (RFC 2361, appendix A).
const (
	wavePCM        = 1
	waveFloat      = 3
	waveExtensible = 0xfffe
	longestFormat  = 4096
	mostChunks     = 1000
)

// readWave finds the two chunks that are the sound. Its length is what the chunk
// says, or what is there, where that is less: recorders that lost power leave such.
func readWave(r io.ReaderAt, size int64) (f waveForm, err error) {
	const first, head = 12, 8
	h := make([]byte, head)
	at := int64(first)
	for range mostChunks {
		if at+head > size {
			break
		}
		if _, err := r.ReadAt(h, at); err != nil {
			return f, err
		}
		name, n := string(h[:4]), int64(binary.LittleEndian.Uint32(h[4:]))
		at += head
		n = min(n, size-at)
		switch {
		case name == "fmt " && f.raw == nil && n >= 16 && n <= longestFormat:
			f.raw = make([]byte, n)
			if _, err := r.ReadAt(f.raw, at); err != nil {
				return f, err
			}
		case name == "data" && !f.dataFound:
			f.data, f.dataSize, f.dataFound = at, n, true
		}
		at += n + n%2
	}
	if f.raw == nil || !f.dataFound {
		return f, cannot("a sound without its form or its data")
	}
	f.tag, f.rate = binary.LittleEndian.Uint16(f.raw), binary.LittleEndian.Uint32(f.raw[4:])
	f.block, f.bitsEach = binary.LittleEndian.Uint16(f.raw[12:]), binary.LittleEndian.Uint16(f.raw[14:])
	return f, nil
}

// bytes returns the bytes that a span covers, whole moments that it touches. ErrInvalid where it lies
// outside, or moments cannot be told apart.
func (f waveForm) bytes(s Span) (from, to int64, err error) {
	plain := f.tag == wavePCM || f.tag == waveFloat || f.tag == waveExtensible
	if !plain || f.block == 0 || f.rate == 0 {
		return 0, 0, cannot("a sound of this form cannot be muted")
	}
	block, rate := int64(f.block), int64(f.rate)
	length := time.Duration(f.dataSize / block * int64(time.Second) / rate)
	if s.From >= length {
		return 0, 0, cannot("a span after the end of the sound")
	}
	s.To = min(s.To, length+time.Second)
	moment := func(d time.Duration) int64 {
		return int64(d/time.Second)*rate + int64(d%time.Second)*rate/int64(time.Second)
	}
	from = moment(s.From) * block
	to = min((moment(s.To)+1)*block, f.dataSize)
	return from, to, nil
}

// wave copies a RIFF sound: its form and its sound, and no other chunk.
func wave(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, mute []Span) error {
	f, err := readWave(r, size)
	if err != nil {
		return err
	}
	var quiet []patch
	for _, s := range mute {
		from, to, err := f.bytes(s)
		if err != nil {
			return err
		}
		silence := byte(0)
		if f.bitsEach == 8 && f.tag != waveFloat {
			silence = 0x80 // eight bits have no sign
		}
		quiet = append(quiet, patch{at: f.data + from, size: to - from, fill: silence})
	}
	even := func(n int64) int64 { return n + n%2 }
	whole := 4 + 8 + even(int64(len(f.raw))) + 8 + even(f.dataSize)
	if whole > 1<<32-1 {
		return cannot("a sound too long for its form")
	}
	out := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(whole))...)
	out = append(out, "WAVEfmt "...)
	out = append(binary.LittleEndian.AppendUint32(out, uint32(len(f.raw))), f.raw...)
	out = append(out, make([]byte, len(f.raw)%2)...)
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(f.dataSize))
	if _, err := w.Write(out); err != nil {
		return err
	}
	over := overlay(r, quiet)
	if err := send(ctx, w, io.NewSectionReader(over, f.data, f.dataSize)); err != nil {
		return err
	}
	_, err = w.Write(make([]byte, f.dataSize%2))
	return err
}
