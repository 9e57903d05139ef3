package syncer

import (
	"io"
	"net/http"
	"strconv"

	"amana"
	"amana/internal/seal"
)

// Met says for one side what came of a meeting, or how far it is. Of what was handed over
// when it broke off, only the other side knows how much it kept.
type Met struct {
	Other                   seal.VerifyKey // whom it met
	Broken                  bool           // it did not come to its end; what came is kept
	Taken, Left, Handed     int            // entries
	Lacked, Due             int            // how many were to come, and to be handed over
	Bytes                   int64          // that crossed, both ways
	FilesTaken, FilesHanded int            // of evidence, whole
	FilesBad                int            // that came as something else, or found no room, on either side
	FilesLater              int            // that are larger than goes now
	FilesLooked, FilesAll   int            // how many were looked at, of those that the visitor knows
	File                    FileAt         // the one on its way
}

// FileAt is how much of a file has crossed, in bytes.
type FileAt struct{ At, Size int64 }

// lacking counts the entries that one has and another has not.
func lacking(has, lacks map[amana.DeviceID]uint64) (n int) {
	for d, upTo := range has {
		if at := lacks[d]; upTo > at {
			n += int(min(upTo-at, 1<<32)) // what another says may be anything
		}
	}
	return n
}

// headerLargest says in the answer to [pathHave] how many bytes the largest file has that
// who listens gives and takes now. Without it: any.
const headerLargest = "Amana-Largest"

func largestIn(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get(headerLargest), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Visiting is a visit to a device that listens. The same one can be taken up again after
// the line broke: it counts on.
type Visiting struct {
	// Largest is how many bytes the largest file has that goes now; zero: any. A visit makes
	// it less where the other wants less.
	Largest int64
	// Tell is told how far it is; it may be nil.
	Tell func(Met)

	met, before Met // before: when the files were begun
}

// Met is how far it is.
func (v *Visiting) Met() Met { return v.met }

func (v *Visiting) note(do func(*Met)) {
	do(&v.met)
	if v.Tell != nil {
		v.Tell(v.met)
	}
}

// begins notes what there is to do, by what both have.
func (v *Visiting) begins(ours, theirs map[amana.DeviceID]uint64, h http.Header) {
	if theirs := largestIn(h); theirs > 0 && (v.Largest == 0 || theirs < v.Largest) {
		v.Largest = theirs
	}
	v.note(func(m *Met) { m.begin(ours, theirs) })
	v.before = v.met
}

// begin notes what there is to do, by what both have; of a visit that broke off it counts on.
func (m *Met) begin(ours, theirs map[amana.DeviceID]uint64) {
	due := lacking(ours, theirs)
	m.Handed = max(0, m.Due-due) // what arrived all the same
	m.Due, m.Lacked = m.Handed+due, m.Taken+lacking(theirs, ours)
}

// counted counts what is read, as bytes that crossed.
func (v *Visiting) counted(r io.Reader) io.Reader { return crossing{r: r, v: v} }

// counting counts what is written, as bytes that crossed.
func (v *Visiting) counting(w io.Writer) io.Writer { return crossing{w: w, v: v} }

type crossing struct {
	r io.Reader
	w io.Writer
	v *Visiting
}

// Read implements [io.Reader].
func (c crossing) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.v.note(func(m *Met) { m.Bytes += int64(n) })
	return n, err
}

// Write implements [io.Writer].
func (c crossing) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.v.note(func(m *Met) { m.Bytes += int64(n) })
	return n, err
}

// Carried notes how far the files of this visit are.
func (v *Visiting) Carried(r FileReport) {
	v.note(func(m *Met) {
		m.Bytes = v.before.Bytes + r.Bytes
		m.FilesTaken, m.FilesHanded = v.before.FilesTaken+r.Fetched, v.before.FilesHanded+r.Sent
		m.FilesBad, m.FilesLater = r.Bad, r.Left
		if r.NoRoom {
			m.FilesBad++
		}
		m.FilesLooked, m.FilesAll, m.File = r.Looked, r.All, r.File
	})
}
