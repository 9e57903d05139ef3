package translate

import (
	"bytes"
	"errors"
)

// LargestSound bounds the sound of one text, in bytes: a minute and a half of speech as
// Opus or MP3, some eight seconds as WAV.
const LargestSound = 256 << 10

// AllSounds bounds the sounds of an organisation together: every member reads all of
// them on unlocking.
const AllSounds = 4 << 20

// SoundType returns the type of a sound by how it begins: Opus in Ogg, MP3 or WAV. What
// is none of these, or too large, is an error.
func SoundType(raw []byte) (string, error) {
	switch {
	case len(raw) > LargestSound:
		return "", errors.New("translate: a sound that is too large")
	case bytes.HasPrefix(raw, []byte("OggS")) && bytes.Contains(raw[:min(len(raw), 64)], []byte("OpusHead")):
		return "audio/ogg", nil
	case isMP3(raw):
		return "audio/mpeg", nil
	case len(raw) > 44 && bytes.HasPrefix(raw, []byte("RIFF")) && bytes.HasPrefix(raw[8:], []byte("WAVEfmt ")):
		return "audio/wav", nil
	}
	return "", errors.New("translate: neither Opus, MP3 nor WAV")
}

// isMP3 reports whether a file begins with the tag of an MP3 or with the header of a
// frame of layer III (ISO/IEC 11172-3, 2.4.1.3).
func isMP3(raw []byte) bool {
	if len(raw) < 10 {
		return false
	}
	if bytes.HasPrefix(raw, []byte("ID3")) {
		return raw[3] < 5 && raw[4] != 0xff
	}
	return raw[0] == 0xff && raw[1]&0xe6 == 0xe2 && raw[1]&0x18 != 0x08 && raw[2]&0xf0 != 0xf0 && raw[2]&0xf0 != 0 && raw[2]&0x0c != 0x0c
}
