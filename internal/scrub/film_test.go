package scrub_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"amana"
	"amana/internal/scrub"
)

func boxOf(name string, content ...string) string {
	body := strings.Join(content, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + name + body
}

func words(n ...uint32) string {
	var b []byte
	for _, w := range n {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return string(b)
}

// aTrack is a track of two chunks of one sample each.
func aTrack(handler, entry string, size uint32, at ...uint32) string {
	return boxOf("trak",
		boxOf("tkhd", words(0, 0x43414e41, 0x52592d54, 1, 0, 0)), // "CANARY-T"
		boxOf("meta", "CANARY-TRACK"),
		boxOf("mdia",
			boxOf("mdhd", words(0, 0x43414e41, 0x52592d54, 1000, 0, 0)),
			boxOf("hdlr", words(0, 0), handler, words(0, 0, 0), "CANARY-HANDLER\x00"),
			boxOf("minf",
				boxOf("dinf", boxOf("dref", words(0, 1), boxOf("url ", words(1)))),
				boxOf("stbl",
					boxOf("stsd", words(0, 1), entry),
					boxOf("stts", words(0, 1, 2, 10)),
					boxOf("stsc", words(0, 1, 1, 1, 1)),
					boxOf("stsz", words(0, size, 2)),
					boxOf("stco", words(0, uint32(len(at))), words(at...)),
				))))
}

// picturesEntry describes how pictures are coded, with the name of who made them.
var picturesEntry = boxOf("avc1", strings.Repeat("\x00", 42), "CANARY-COMPRESSOR..............."[:32], "\x00\x18\xff\xff", boxOf("avcC", "codec"), boxOf("udta", "CANARY-ENTRY"))

const filmData = "pic1CANARY-SENSORpic2snd1snd2CANARY-GAP."

// aFilm is an MP4 with a track of pictures, one of sound, and one of what a sensor
// wrote, places wherever cameras write them, and something after its end.
func aFilm() []byte {
	ftyp, wide := boxOf("ftyp", "isom\x00\x00\x00\x00isom"), boxOf("wide")
	mdat := boxOf("mdat", filmData)
	at := func(s string) uint32 { return uint32(len(ftyp) + len(wide) + 8 + strings.Index(filmData, s)) }
	moov := boxOf("moov",
		boxOf("mvhd", words(0, 0x43414e41, 0x52592d54, 1000, 0, 0)),
		aTrack("vide", picturesEntry, 4, at("pic1"), at("pic2")),
		aTrack("soun", boxOf("mp4a", strings.Repeat("\x00", 28), boxOf("esds", "codec")), 4, at("snd1"), at("snd2")),
		aTrack("meta", boxOf("mebx"), 13, at("CANARY-SENSOR"), at("CANARY-SENSOR")),
		boxOf("udta", boxOf("\xa9xyz", "CANARY+15.58-003.20/"), boxOf("meta", "CANARY-META"), "\x00\x00\x00\x00"),
	)
	return []byte(ftyp + wide + mdat + moov + boxOf("uuid", "CANARY-XMP") + "CANARY")
}

func TestFilm_keepsPicturesAndSoundWhereTheyWere(t *testing.T) {
	raw := aFilm()
	out := mustWrite(t, raw, scrub.Plan{})
	if bytes.Contains(out, []byte("CANARY")) || bytes.Contains(out, []byte("CANA")) || bytes.Contains(out, []byte("RY-T")) {
		t.Errorf("something came with it: %q", out)
	}
	if i := bytes.Index(out, []byte("mdhd")); string(out[i+24:i+26]) != "\x55\xc4" {
		t.Errorf("the language is %x", out[i+24:i+26])
	}
	for _, kept := range []string{"pic1", "pic2", "snd1", "snd2", "avcC", "codec", "stco", "vide", "soun", "esds"} {
		if i := bytes.Index(raw, []byte(kept)); i != bytes.Index(out, []byte(kept)) {
			t.Errorf("%s is at %d, was at %d", kept, bytes.Index(out, []byte(kept)), i)
		}
	}
	if len(out) != len(raw)-len("CANARY") {
		t.Errorf("%d bytes of %d", len(out), len(raw))
	}
	if again := mustWrite(t, out, scrub.Plan{}); !bytes.Equal(again, out) {
		t.Error("a copy of the copy is another")
	}
}

// What describes the coding of a sound has boxes in it, in each of the three forms in
// which it is written, and so has that of pictures: what tells more than how to play goes.
func TestFilm_blanksWhatStandsInSampleEntries(t *testing.T) {
	head := func(version uint16) string {
		return "\x00\x00\x00\x00\x00\x00\x00\x01" + string(binary.BigEndian.AppendUint16(nil, version)) + "\x00\x00CANA" + strings.Repeat("\x00", 12)
	}
	tell := boxOf("udta", "CANARY-UDTA") + boxOf("meta", "CANARY-META") + boxOf("SDLN", "CANARY-WORDS") + boxOf("colr", "profCANARY-WHO")
	play := boxOf("esds", "codec") + boxOf("colr", "nclx123")
	wave := boxOf("wave", boxOf("frma", "mp4a"), boxOf("esds", "in wave"), boxOf("udta", "CANARY-WAVE"), boxOf("\x00\x00\x00\x00"))
	for name, entry := range map[string]string{
		"as the standard has it": boxOf("mp4a", head(0), tell, play),
		"QuickTime, longer":      boxOf("mp4a", head(1), strings.Repeat("\x00", 16), wave, tell, play),
		"QuickTime, longest":     boxOf("lpcm", head(2), strings.Repeat("\x00", 36), tell, play, "\x00\x00\x00\x00"),
	} {
		ftyp := boxOf("ftyp", "isom")
		at := uint32(len(ftyp)) + 8
		raw := []byte(ftyp + boxOf("mdat", "snd1snd2") + boxOf("moov", boxOf("mvhd", words(0, 0, 0, 1000, 0, 0)), aTrack("soun", entry, 4, at, at+4)))
		out := mustWrite(t, raw, scrub.Plan{})
		if bytes.Contains(out, []byte("CANA")) {
			t.Errorf("%s: something came with it: %q", name, out)
		}
		for _, kept := range []string{"snd1", "codec", "nclx123", "in wave"} {
			if bytes.Contains(raw, []byte(kept)) && !bytes.Contains(out, []byte(kept)) {
				t.Errorf("%s: %q is gone", name, kept)
			}
		}
	}
	pictures := boxOf("avc1", strings.Repeat("\x00", 12), "CANA", strings.Repeat("\x00", 26), strings.Repeat("n", 32), "\x00\x18\xff\xff", boxOf("avcC", "codec"), tell)
	ftyp := boxOf("ftyp", "isom")
	at := uint32(len(ftyp)) + 8
	film := func(entry string) []byte {
		return []byte(ftyp + boxOf("mdat", "pic1pic2") + boxOf("moov", boxOf("mvhd", words(0, 0, 0, 1000, 0, 0)), aTrack("vide", entry, 4, at, at+4)))
	}
	if out := mustWrite(t, film(pictures), scrub.Plan{}); bytes.Contains(out, []byte("CANA")) || !bytes.Contains(out, []byte("codec")) {
		t.Errorf("%q", out)
	}
	for _, entry := range []string{boxOf("avc1", "CANARY"), boxOf("avc1", strings.Repeat("\x00", 78), "\x00\x00\x00\x07udta")} {
		if _, err := write(film(entry), scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

func TestFilm_refusesWhatItCannotReadWhole(t *testing.T) {
	good := string(aFilm())
	for name, raw := range map[string]string{
		"in fragments":         strings.TrimSuffix(good, "CANARY") + boxOf("moof", "x"),
		"a picture in its box": boxOf("ftyp", "heic\x00\x00\x00\x00") + boxOf("meta", "x") + boxOf("mdat", "x"),
		"without data":         boxOf("ftyp", "isom") + boxOf("moov", aTrack("vide", picturesEntry, 4, 10, 20)),
		"tables that lead out": strings.Replace(good, words(0, 4, 2), words(0, 1<<30, 2), 1),
		"tables cut short":     strings.Replace(good, boxOf("stsc", words(0, 1, 1, 1, 1)), boxOf("stsc", words(0, 9, 1, 1, 1)), 1),
		"a part elsewhere":     strings.Replace(good, boxOf("url ", words(1)), boxOf("url ", words(0)), 1),
		"without heads":        strings.Replace(good, "moov", "moo_", 1),
	} {
		if _, err := write([]byte(raw), scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var deep string
	for range 20_000 {
		deep = boxOf("free") + deep
	}
	if _, err := write([]byte(boxOf("ftyp", "isom")+deep+good), scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("too many boxes: %v", err)
	}
}

// Tables that would fill the memory are refused, and tracks that point to the same data
// keep it once, and nothing beside it.
func TestFilm_tables(t *testing.T) {
	const many = 4<<20 + 1
	ftyp, mdat := boxOf("ftyp", "isom"), boxOf("mdat", filmData)
	head := uint32(len(ftyp)) + 8
	at := func(s string) uint32 { return head + uint32(strings.Index(filmData, s)) }
	film := func(tracks ...string) []byte {
		return []byte(ftyp + mdat + boxOf("moov", append([]string{boxOf("mvhd", words(0, 0, 0, 1000, 0, 0))}, tracks...)...))
	}
	if _, err := write(film(aTrack("vide", picturesEntry, 4, make([]uint32, many)...)), scrub.Plan{}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("a table without end: %v", err)
	}
	out := mustWrite(t, film(
		aTrack("vide", picturesEntry, 4, at("pic2"), at("pic1")), aTrack("vide", picturesEntry, 2, at("pic1")+1, at("pic2")+3),
	), scrub.Plan{})
	if want := "pic1" + strings.Repeat("\x00", 13) + "pic2s" + strings.Repeat("\x00", len(filmData)-22); !bytes.Contains(out, []byte(want)) {
		t.Errorf("%q", out[:len(ftyp)+len(mdat)])
	}
}
