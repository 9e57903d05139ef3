package scrub

import (
	"encoding/binary"
	"slices"
)

// What describes how the samples of a track are coded (ISO/IEC 14496-12, section 8.5.2;
// QuickTime File Format, "Sample Description Atoms") has boxes of its own in it, and
// cameras and telephones write there too. Of these, those are kept that say how to play;
// all others become free.

// playBoxes are the boxes in a sample entry that are needed to play it.
var playBoxes = []string{
	"avcC", "hvcC", "lhvC", "vpcC", "av1C", "esds", "d263", "jp2h", "glbl", "dvcC", "dvvC", "colr", "pasp", "clap", "fiel", "gama",
	"mdcv", "clli", "SmDm", "CoLL", "btrt",
	"dac3", "dec3", "dac4", "dOps", "dfLa", "ddts", "damr", "alac", "chan", "srat", "pcmC", "wave",
}

// waveBoxes are those in QuickTime's box "wave": the one that ends it has no name.
var waveBoxes = []string{"frma", "esds", "alac", "mp4a", "enda", "chan", "samr", "damr", "\x00\x00\x00\x00"}

const (
	entryHead  = 16 // of a sample entry, before what is particular to pictures or sound
	videoEntry = 86
	soundEntry = 36
)

// descriptions blanks who made the program that coded a track, and boxes that say more
// than how to play.
func (s *scrubbing) descriptions(b box) error {
	const first = 8
	if b.size-b.head < first {
		return cannot("a film whose heads do not read")
	}
	for at := b.body() + first; at < b.end(); {
		if b.end()-at < 8 {
			s.zero(at, b.end())
			break
		}
		e, err := s.next(at, b.end())
		if err != nil {
			return err
		}
		at = e.end()
		boxes, err := s.entry(b, e)
		if err != nil {
			return err
		}
		if err := s.play(boxes, e.end(), playBoxes); err != nil {
			return err
		}
	}
	return nil
}

// entry blanks the names in the fields of a sample entry, and returns where its boxes
// begin.
func (s *scrubbing) entry(b, e box) (boxes int64, err error) {
	const revision, compressor, nameSize = 18, 50, 32 // the revision, and after it the vendor
	h := make([]byte, 4+soundEntry)
	least := int64(soundEntry)
	if s.handles == "vide" {
		least = videoEntry
	}
	if e.head != 8 || e.size < least {
		return 0, cannot("a film whose heads do not read")
	}
	if _, err := s.r.ReadAt(h[:4], b.body()); err != nil {
		return 0, err
	}
	if _, err := s.r.ReadAt(h[4:], e.at); err != nil {
		return 0, err
	}
	s.zero(e.at+revision, e.at+revision+6)
	if s.handles == "vide" {
		s.zero(e.at+compressor, e.at+compressor+nameSize)
		return e.at + videoEntry, nil
	}
	// QuickTime made the entry longer twice; where the table itself is of a later
	// version, it is as the standard has it.
	if h[0] == 0 {
		switch binary.BigEndian.Uint16(h[4+entryHead:]) {
		case 1:
			least = soundEntry + 16
		case 2:
			least = soundEntry + 36
		}
	}
	if e.size < least {
		return 0, cannot("a film whose heads do not read")
	}
	return e.at + least, nil
}

// play goes through the boxes of a sample entry.
func (s *scrubbing) play(at, end int64, kept []string) error {
	for end-at >= 8 {
		c, err := s.next(at, end)
		if err != nil {
			return err
		}
		at = c.end()
		switch {
		case !slices.Contains(kept, c.name):
			s.free(c)
		case c.name == "wave":
			err = s.play(c.body(), c.end(), waveBoxes)
		case c.name == "colr":
			err = s.colours(c)
		}
		if err != nil {
			return err
		}
	}
	s.zero(at, end)
	return nil
}

// colours keeps colours that are numbers; a profile has words in it: who made it, and
// when.
func (s *scrubbing) colours(c box) error {
	kind := make([]byte, 4)
	if c.size-c.head < 4 {
		s.free(c)
		return nil
	}
	if _, err := s.r.ReadAt(kind, c.body()); err != nil {
		return err
	}
	if k := string(kind); k != "nclx" && k != "nclc" {
		s.free(c)
	}
	return nil
}
