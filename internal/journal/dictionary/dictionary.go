package dictionary

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"

	"amana"
)

// ID is the number of the dictionary that Compress uses; it stands in every frame
// that it writes.
const ID = 1

// Largest is the most that [Decompress] ever returns, in bytes.
const Largest = 16 << 20

//go:embed amana-1.zdict
var amana1 []byte

// One encoder and one decoder serve the whole program: each keeps as many
// workers as there are cores, and hands one to each caller.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		return must(zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstd.SpeedFastest), // more effort saves nothing on short bodies; see Compress
			zstd.WithEncoderDict(amana1),
			zstd.WithEncoderCRC(false),   // the seal around it says more
			zstd.WithSingleSegment(true), // the frame says its size, which Decompress relies on
			zstd.WithWindowSize(256<<10), // bodies are small: a worker takes 1.3 MB and not 5
			zstd.WithLowerEncoderMem(true)))
	})
	// careful takes twice as long, as long as two signatures. It has one worker: its tables
	// take 8 MB.
	careful = sync.OnceValue(func() *zstd.Encoder {
		return must(zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
			zstd.WithEncoderDict(amana1),
			zstd.WithEncoderCRC(false),
			zstd.WithSingleSegment(true),
			zstd.WithWindowSize(64<<10),
			zstd.WithEncoderConcurrency(1),
			zstd.WithLowerEncoderMem(true)))
	})
	// thorough is for what is long and crosses a slow line once. It takes megabytes and is
	// made for each use.
	thorough = func() *zstd.Encoder {
		return must(zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstd.SpeedBestCompression),
			zstd.WithEncoderDict(amana1),
			zstd.WithEncoderCRC(false),
			zstd.WithSingleSegment(true),
			zstd.WithEncoderConcurrency(1)))
	}
	decoder = sync.OnceValue(func() *zstd.Decoder {
		return must(zstd.NewReader(nil,
			zstd.WithDecoderDicts(amana1),
			zstd.WithDecoderConcurrency(0),
			zstd.WithDecoderMaxMemory(Largest),
			zstd.WithDecodeAllCapLimit(true),
			zstd.WithDecoderLowmem(true)))
	})
)

// least is the length that every padded body has at least: format section 2.4. A frame
// that is shorter gains nothing by being shorter still.
const least = 256

// Compress appends a body to dst as one zstd frame. A body is never empty.
func Compress(dst, body []byte) []byte {
	quick := encoder().EncodeAll(body, dst)
	if len(quick)-len(dst) < least {
		return quick
	}
	frame := careful().EncodeAll(body, nil)
	if len(frame) < len(quick)-len(dst) {
		quick = append(quick[:len(dst)], frame...)
	}
	return quick
}

// CompressQuick is how bodies were compressed before [Compress] took more time for long ones:
// for making what was written then again.
func CompressQuick(dst, body []byte) []byte { return encoder().EncodeAll(body, dst) }

// CompressLong is Compress for many bodies at once: slower, and a tenth smaller. Decompress
// reads it.
func CompressLong(dst, bodies []byte) []byte {
	e := thorough()
	defer e.Close()
	return e.EncodeAll(bodies, dst)
}

// Decompress appends to dst what one frame holds. It returns ErrInvalid, and
// takes no more memory than limit, where the frame is damaged, holds more than
// limit or [Largest] bytes, does not say how much, or needs a dictionary that
// this amana does not have.
func Decompress(dst, frame []byte, limit int) ([]byte, error) {
	var h zstd.Header
	if err := h.Decode(frame); err != nil {
		return dst, invalid("not a frame")
	}
	switch {
	case h.Skippable || !h.HasFCS || h.HasCheckSum:
		return dst, invalid("another shape of frame")
	case h.DictionaryID != ID:
		return dst, fmt.Errorf("dictionary: number %d is not here: %w", h.DictionaryID, amana.ErrInvalid)
	case h.FrameContentSize > uint64(min(max(limit, 0), Largest)):
		return dst, invalid("more than is allowed")
	}
	before, size := len(dst), int(h.FrameContentSize)
	// The decoder writes within the capacity that it is given and nowhere else.
	out, err := decoder().DecodeAll(frame, slices.Grow(dst, size)[:before:before+size])
	if err != nil || len(out)-before != size {
		return dst, invalid("damaged")
	}
	return out, nil
}

func invalid(what string) error {
	return fmt.Errorf("dictionary: %s: %w", what, amana.ErrInvalid)
}

func must[T any](t T, err error) T {
	if err != nil {
		panic("dictionary: internal error: " + err.Error())
	}
	return t
}
