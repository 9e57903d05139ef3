package scrub_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/scrub"
)

func riff(chunks ...string) []byte {
	body := "WAVE"
	for i := 0; i < len(chunks); i += 2 {
		body += chunks[i] + string(binary.LittleEndian.AppendUint32(nil, uint32(len(chunks[i+1])))) + chunks[i+1] + strings.Repeat("\x00", len(chunks[i+1])%2)
	}
	return []byte("RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body)
}

// waveFormat is the chunk "fmt " of a sound with one channel and ten moments a second.
func waveFormat(tag, bits uint16) string {
	var b []byte
	for _, n := range []uint16{tag, 1, 10, 0, 10 * bits / 8, 0, bits / 8, bits} {
		b = binary.LittleEndian.AppendUint16(b, n)
	}
	return string(b)
}

func TestWave_keepsTheSoundAndMutes(t *testing.T) {
	loud := strings.Repeat("\x11\x22", 50) // five seconds
	raw := append(riff("bext", "CANARY-PLACE", "fmt ", waveFormat(1, 16), "LIST", "INFOIARTCANARY", "data", loud, "id3 ", "CANARY-TAG"), "CANARY-AFTER"...)
	out := mustWrite(t, raw, scrub.Plan{Mute: []scrub.Span{{time.Second, 1500 * time.Millisecond}, {4900 * time.Millisecond, time.Hour}}})
	want := strings.Repeat("\x11\x22", 10) + strings.Repeat("\x00\x00", 6) + strings.Repeat("\x11\x22", 33) + "\x00\x00"
	if !bytes.Equal(out, riff("fmt ", waveFormat(1, 16), "data", want)) {
		t.Errorf("%q", out)
	}
	eight := mustWrite(t, riff("fmt ", waveFormat(1, 8), "data", strings.Repeat("\x11", 20)), scrub.Plan{Mute: []scrub.Span{{0, time.Second}}})
	if !bytes.HasSuffix(eight, []byte(strings.Repeat("\x80", 11)+strings.Repeat("\x11", 9))) {
		t.Errorf("silence of eight bits: %q", eight)
	}
	for name, bad := range map[string]struct {
		raw  []byte
		mute []scrub.Span
	}{
		"after the end":     {raw, []scrub.Span{{6 * time.Second, 7 * time.Second}}},
		"backwards":         {raw, []scrub.Span{{2, 1}}},
		"a form that packs": {riff("fmt ", waveFormat(2, 16), "data", loud), []scrub.Span{{0, time.Second}}},
		"no sound":          {riff("fmt ", waveFormat(1, 16)), nil},
		"no form":           {riff("data", loud), nil},
	} {
		if _, err := write(bad.raw, scrub.Plan{Mute: bad.mute}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A recorder that lost its power did not say how long the sound is.
	torn := riff("fmt ", waveFormat(1, 16), "data", loud)
	binary.LittleEndian.PutUint32(torn[len(torn)-len(loud)-4:], 0xffffffff)
	if out := mustWrite(t, torn, scrub.Plan{}); !bytes.HasSuffix(out, []byte(loud)) {
		t.Error("of what was torn off the rest is lost")
	}
}

// mpeg is a frame of layer III, 32 kbit/s at 44.1 kHz: 104 bytes.
func mpeg(content string) string {
	return "\xff\xfb\x10\xc0" + content + strings.Repeat("\x55", 100-len(content))
}

func TestMPEG_keepsFramesOnly(t *testing.T) {
	tag := "ID3\x04\x00\x00\x00\x00\x00\x20" + "CANARY-TAG" + mpeg("CANARY")[:22] // a frame within a tag
	frames := mpeg("one") + mpeg("two")
	raw := tag + mpeg("................................Xing LAME3.100 CANARY") + frames + "CANARY-BETWEEN" + mpeg("three") +
		"APETAGEX CANARY" + "TAG" + strings.Repeat("CANARY", 21)[:125]
	if out := mustWrite(t, []byte(raw), scrub.Plan{}); string(out) != frames+mpeg("three") {
		t.Errorf("%q", out)
	}
	for name, bad := range map[string]string{"only a tag": tag, "nothing that sounds": "\xff\xfb" + strings.Repeat("x", 500)} {
		if _, err := write([]byte(bad), scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFLAC_keepsWhatPlayersNeed(t *testing.T) {
	block := func(kind byte, body string) string { return string([]byte{kind, 0, 0, byte(len(body))}) + body }
	info := strings.Repeat("i", 34)
	raw := "fLaC" + block(0, info) + block(4, "CANARY-COMMENT") + block(6, "CANARY-PICTURE") + block(3, strings.Repeat("s", 18)) + block(0x81, "CANARY") +
		"\xff\xf8 frames" + "TAG" + strings.Repeat("CANARY", 21)[:125]
	if out := mustWrite(t, []byte(raw), scrub.Plan{}); string(out) != "fLaC"+block(0, info)+block(0x83, strings.Repeat("s", 18))+"\xff\xf8 frames" {
		t.Errorf("%q", out)
	}
	for _, bad := range []string{"fLaC", "fLaC" + block(4, "x"), "fLaC\x00\xff\xff\xff", "fLaC" + block(0x84, "x")} {
		if _, err := write([]byte(bad), scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestOgg_emptiesTheComments(t *testing.T) {
	first, comments, setup := "OpusHead\x01\x01", "OpusTags"+strings.Repeat("CANARY", 20_000), "setup"
	opus := scrub.OggOf(7, []string{first}, []string{comments}, []string{"a sound"}, []string{"another"})
	out := mustWrite(t, append(opus, "CANARY-AFTER"...), scrub.Plan{})
	want := scrub.OggOf(7, []string{first}, []string{"OpusTags\x00\x00\x00\x00\x00\x00\x00\x00"}, []string{"a sound"}, []string{"another"})
	if !bytes.Equal(out, want) {
		t.Errorf("%q, want %q", out, want)
	}
	vorbis := scrub.OggOf(9, []string{"\x01vorbis.."}, []string{"\x03vorbisCANARY", setup}, []string{"a sound"})
	if out := mustWrite(t, vorbis, scrub.Plan{}); bytes.Contains(out, []byte("CANARY")) || !bytes.Contains(out, []byte(setup)) || !bytes.Contains(out, []byte("a sound")) {
		t.Errorf("%q", out)
	}
	at := func(sound string) int { return bytes.Index(opus, []byte(sound)) }
	for name, bad := range map[string][]byte{
		"of several streams":      append(bytes.Clone(opus), scrub.OggOf(8, []string{first})...),
		"of another kind":         scrub.OggOf(7, []string{"\x80theora"}),
		"cut short":               opus[:60],
		"of a header without end": scrub.OggOf(7, []string{first}),
		"with a damaged page":     bytes.Replace(opus, []byte("a sound"), []byte("a sOund"), 1),
		"with no page between":    bytes.Replace(opus, []byte("a sound"), []byte("a soundOggs"), 1),
		"with a page cut short":   opus[:len(opus)-3],
		"with a page missing":     append(bytes.Clone(opus[:at("a sound")-28]), opus[at("another")-28:]...),
	} {
		if _, err := write(bad, scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMR_keepsFramesOnly(t *testing.T) {
	frames := "\x04" + strings.Repeat("a", 12) + "\x3c" + strings.Repeat("b", 31)
	if out := mustWrite(t, []byte("#!AMR\n"+frames), scrub.Plan{}); string(out) != "#!AMR\n"+frames {
		t.Errorf("%q", out)
	}
	for name, bad := range map[string]string{
		"nothing":               "",
		"no frame between some": frames + "\xffCANARY" + frames,
		"a frame cut short":     frames + frames[:7],
	} {
		if _, err := write([]byte("#!AMR\n"+bad), scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzSoundAndFilm(f *testing.F) {
	f.Add(riff("fmt ", waveFormat(1, 16), "data", "12345678"))
	f.Add([]byte(mpeg("one") + mpeg("two")))
	f.Add(scrub.OggOf(7, []string{"OpusHead"}, []string{"OpusTags"}, []string{"a sound"}))
	f.Add([]byte("#!AMR\n\x04" + strings.Repeat("a", 12)))
	f.Add(aFilm())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if scrub.IsDocument(raw) {
			return // PDFium's, and slow
		}
		out, err := write(raw, scrub.Plan{})
		if err == nil && len(out) > 3*len(raw)+1<<20 {
			t.Errorf("%d bytes of %d", len(out), len(raw))
		}
	})
}
