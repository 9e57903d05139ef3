package dictionary_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"amana"
	"amana/internal/event"
	"amana/internal/journal/dictionary"
	"amana/internal/record"
)

const limit = 1 << 20

func TestCompress_comesBack(t *testing.T) {
	random := make([]byte, 3000)
	for i := range random {
		random[i] = byte(i * i >> 3)
	}
	cases := append(bodies(t, untrainedSeed, 20),
		[]byte{0}, []byte("a"), random, bytes.Repeat([]byte("abc"), 100_000), bytes.Repeat([]byte{0}, limit))
	for i, body := range cases {
		frame := dictionary.Compress(nil, body)
		got, err := dictionary.Decompress(nil, frame, limit)
		if err != nil || !bytes.Equal(got, body) {
			t.Fatalf("body %d of %d bytes came back as %d bytes, err %v", i, len(body), len(got), err)
		}
	}
}

func TestCompress_appends(t *testing.T) {
	frame := dictionary.Compress([]byte("before"), []byte("body"))
	if !bytes.HasPrefix(frame, []byte("before")) {
		t.Error("Compress lost what stood before")
	}
	got, err := dictionary.Decompress([]byte("before "), frame[len("before"):], limit)
	if err != nil || string(got) != "before body" {
		t.Errorf("Decompress = %q, %v", got, err)
	}
}

func TestCompress_isSafeForConcurrentUse(t *testing.T) {
	all := bodies(t, untrainedSeed, 10)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for _, body := range all {
				got, err := dictionary.Decompress(nil, dictionary.Compress(nil, body), limit)
				if err != nil || !bytes.Equal(got, body) {
					t.Errorf("%d bytes came back as %d, err %v", len(body), len(got), err)
				}
			}
		})
	}
	wait.Wait()
}

// Any zstd reader that is given the dictionary reads the frames.
func TestCompress_writesStandardFrames(t *testing.T) {
	dict, err := os.ReadFile("amana-1.zdict")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := zstd.NewReader(nil, zstd.WithDecoderDicts(dict))
	if err != nil {
		t.Fatal(err)
	}
	body := []byte("written by one, read by another")
	got, err := stranger.DecodeAll(dictionary.Compress(nil, body), nil)
	if err != nil || !bytes.Equal(got, body) {
		t.Errorf("a stranger read %q, err %v", got, err)
	}
}

func TestDecompress_refuses(t *testing.T) {
	good := dictionary.Compress(nil, []byte(strings.Repeat("a line of words. ", 40)))
	larger := bytes.Clone(good)
	binary.LittleEndian.PutUint16(larger[6:], 60_000) // says more than it holds
	smaller := bytes.Clone(good)
	binary.LittleEndian.PutUint16(smaller[6:], 0) // 256 bytes: less than it holds
	encode := func(body []byte, options ...zstd.EOption) []byte {
		w, err := zstd.NewWriter(nil, options...)
		if err != nil {
			t.Fatal(err)
		}
		return w.EncodeAll(body, nil)
	}
	tests := []struct {
		name  string
		frame []byte
		limit int
	}{
		{"nothing", nil, limit},
		{"no frame", []byte("a line of words"), limit},
		{"a cut frame", good[:len(good)-1], limit},
		{"a frame with a byte too many", append(bytes.Clone(good), 0), limit},
		{"two frames", append(bytes.Clone(good), good...), limit},
		{"a skippable frame", append([]byte{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0}, good...), limit},
		{"a size that is too large", larger, limit},
		{"a size that is too small", smaller, limit},
		{"one byte more than allowed", good, len("a line of words. ")*40 - 1},
		{"a limit below nothing", good, -1},
		{"a bomb", dictionary.Compress(nil, make([]byte, dictionary.Largest+1)), 1 << 40},
		{"another dictionary", encode(bytes.Repeat([]byte("x"), 500)), limit},
		{"a frame with a checksum", encode(bytes.Repeat([]byte("x"), 500), zstd.WithEncoderCRC(true)), limit},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := dictionary.Decompress(nil, test.frame, test.limit)
			if !errors.Is(err, amana.ErrInvalid) || len(got) != 0 {
				t.Errorf("%d bytes, err = %v, want none and ErrInvalid", len(got), err)
			}
		})
	}
}

// A small frame that unfolds to a lot costs no more than the limit.
func TestDecompress_isBoundedInMemory(t *testing.T) {
	bomb := dictionary.Compress(nil, make([]byte, 15<<20))
	dictionary.Decompress(nil, dictionary.Compress(nil, []byte("warm")), limit)
	result := testing.Benchmark(func(b *testing.B) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := dictionary.Decompress(nil, bomb, limit); err == nil {
				b.Fatal("a bomb was opened")
			}
		}
	})
	if used := result.AllocedBytesPerOp(); used > limit {
		t.Errorf("a refused bomb of %d bytes took %d bytes of memory, limit %d", len(bomb), used, limit)
	}
}

// The dictionary is part of the format: another one has another number.
func TestDictionary_isFrozen(t *testing.T) {
	dict, err := os.ReadFile("amana-1.zdict")
	if err != nil {
		t.Fatal(err)
	}
	const want = "e0f97dc3b59ce9531ae51de7eda5256c824c023d05399f55f33311b903ae9590"
	if sum := sha256.Sum256(dict); hex.EncodeToString(sum[:]) != want {
		t.Errorf("amana-1.zdict has SHA-256 %x, want %s", sum, want)
	}
	if magic, id := binary.LittleEndian.Uint32(dict), binary.LittleEndian.Uint32(dict[4:]); magic != 0xec30a437 || id != dictionary.ID {
		t.Errorf("magic %x, number %d; want a zstd dictionary with number %d", magic, id, dictionary.ID)
	}
}

// A frame that was written once is read for ever.
func TestDecompress_readsWhatWasWritten(t *testing.T) {
	raw, err := os.ReadFile("testdata/frame-1.zst")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/frame-1.body")
	if err != nil {
		t.Fatal(err)
	}
	got, err := dictionary.Decompress(nil, raw, limit)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("frame-1 came back as %d bytes, err %v; want %d", len(got), err, len(want))
	}
}

// What it saves on invented entries that it was not trained on, and on words that
// no generator wrote: the second is the figure to believe.
func TestCompress_saves(t *testing.T) {
	for _, test := range []struct {
		name   string
		bodies [][]byte
		most   float64
	}{
		{"invented entries of another seed", bodies(t, untrainedSeed, 100), 0.36},
		{"notes that nobody generated", prose(t), 0.64},
	} {
		var raw, small int
		for _, body := range test.bodies {
			raw += len(body)
			small += len(dictionary.Compress(nil, body))
		}
		ratio := float64(small) / float64(raw)
		t.Logf("%s: %d bytes an entry become %d, %.2f", test.name, raw/len(test.bodies), small/len(test.bodies), ratio)
		if ratio > test.most {
			t.Errorf("%s: ratio %.3f, want at most %.2f", test.name, ratio, test.most)
		}
	}
}

// What it saves beside zstd without the dictionary, at the level that its command takes by
// itself and at the one that takes longest. Long bodies, which intakes are, take the more
// careful of two ways.
func TestCompress_besideZstd(t *testing.T) {
	invented := bodies(t, untrainedSeed, 100)
	long := slices.DeleteFunc(slices.Clone(invented), func(b []byte) bool { return len(b) < 1000 })
	usual, most := plain(t, zstd.SpeedDefault), plain(t, zstd.SpeedBestCompression)
	for _, test := range []struct {
		name   string
		bodies [][]byte
		ratio  float64 // of what the longest effort without the dictionary gives
	}{
		{"invented entries of another seed", invented, 0.52},
		{"the long ones of these", long, 0.55},
		{"notes that nobody generated", prose(t), 0.84},
	} {
		if len(test.bodies) < 15 {
			t.Fatalf("%s: %d", test.name, len(test.bodies))
		}
		var raw, own, a, b int
		for _, body := range test.bodies {
			raw += len(body)
			own += len(dictionary.Compress(nil, body))
			a += usual(body)
			b += most(body)
		}
		n := len(test.bodies)
		t.Logf("%s: %d of %d bytes; zstd %d, zstd with most effort %d, this %d", test.name, n, raw/n, a/n, b/n, own/n)
		if got := float64(own) / float64(b); got > test.ratio {
			t.Errorf("%s: %.3f of zstd with most effort, want at most %.2f", test.name, got, test.ratio)
		}
	}
}

func plain(t *testing.T, level zstd.EncoderLevel) func([]byte) int {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
	if err != nil {
		t.Fatal(err)
	}
	return func(body []byte) int { return len(w.EncodeAll(body, nil)) }
}

// A body that is padded beyond the least length is never longer than the quick way makes
// it, and one that is not is what the quick way makes it.
func TestCompress_takesTheShorter(t *testing.T) {
	dict, err := os.ReadFile("amana-1.zdict")
	if err != nil {
		t.Fatal(err)
	}
	quick, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderDict(dict),
		zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true), zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		t.Fatal(err)
	}
	saved := 0
	for i, body := range bodies(t, untrainedSeed, 60) {
		was, is := quick.EncodeAll(body, nil), dictionary.Compress(nil, body)
		if len(was) < 256 && !bytes.Equal(was, is) || len(is) > len(was) {
			t.Errorf("body %d: %d bytes, quickly %d", i, len(is), len(was))
		}
		saved += len(was) - len(is)
	}
	if saved == 0 {
		t.Error("nothing is shorter: the test shows nothing")
	}
}

// prose returns the bodies of notes written by hand.
func prose(t *testing.T) [][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/prose.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	c := &chance{}
	for note := range strings.SplitSeq(string(text), "\n---\n") {
		value := event.Text(strings.TrimSpace(note))
		raw, err := event.Encode(event.Body{Facts: []event.Fact{
			event.Set{Field: record.Notes + "/" + c.item() + "/text", Value: value},
		}})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, raw)
	}
	return out
}

func FuzzDecompress(f *testing.F) {
	f.Add(dictionary.Compress(nil, []byte("words")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, frame []byte) {
		got, err := dictionary.Decompress(nil, frame, limit)
		switch {
		case err == nil && len(got) > limit:
			t.Errorf("%d bytes, limit %d", len(got), limit)
		case err != nil && !errors.Is(err, amana.ErrInvalid):
			t.Errorf("err = %v, want ErrInvalid", err)
		}
	})
}

func BenchmarkCompress(b *testing.B) {
	all := prose(&testing.T{})
	n := 0
	var frame []byte
	for i := 0; b.Loop(); i++ {
		frame = dictionary.Compress(frame[:0], all[i%len(all)])
		n += len(frame)
	}
}

func BenchmarkDecompress(b *testing.B) {
	frame := dictionary.Compress(nil, prose(&testing.T{})[1])
	var body []byte
	for b.Loop() {
		var err error
		if body, err = dictionary.Decompress(body[:0], frame, limit); err != nil {
			b.Fatal(err)
		}
	}
}
