package syncer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// Files of evidence follow the entries: the small ones first, each from where it broke
// off. They hold up no entry: see [Carrier.Yield].

// File is one file that may travel.
type File struct {
	Name seal.Hash
	Size int64 // bytes that cross
	Here bool  // it is whole on this device
	Got  int64 // how much of it is here, where it is not
}

// FileDevice is what a device does with files.
type FileDevice interface {
	// Files lists those that may travel, in the order in which they are to go.
	Files(ctx context.Context) ([]File, error)
	// Read opens one that is here.
	Read(ctx context.Context, f File) (io.ReaderAt, func() error, error)
	// Take takes what follows of one after what is here of it, verifies it, and says
	// whether it is whole now. ErrTampered where it is another.
	Take(ctx context.Context, f File, r io.Reader) (whole bool, err error)
	// Erased lists the names of those that nobody shall have any more.
	Erased() ([]seal.Hash, error)
}

// FileFinder is a device that has files beside those that it lists, which only those get who
// know the name.
type FileFinder interface {
	Find(name seal.Hash) (f File, known bool, err error)
}

// FileStore is where files are left and found: a hub, or a device on the same network.
type FileStore interface {
	// Standing says how much of a file it has. ErrNotFound where that is nothing.
	Standing(ctx context.Context, name seal.Hash) (got, size int64, err error)
	// Begin makes room for a file. Kinds: ErrNoRoom, ErrForgotten, ErrNoFiles.
	Begin(ctx context.Context, name seal.Hash, size int64) error
	// Send sends n bytes of it, from a place on.
	Send(ctx context.Context, name seal.Hash, at, n int64, r io.Reader) error
	// Fetch gives what follows of it from a place on. ErrNotFound where it is not whole.
	Fetch(ctx context.Context, name seal.Hash, from, size int64) (io.ReadCloser, error)
	// Forget has it destroy files for good.
	Forget(ctx context.Context, names []seal.Hash) error
}

var (
	// ErrNoRoom: the hub has no room for more of this organisation, or for anything.
	ErrNoRoom = errors.New("syncer: the hub has no room for more")
	// ErrForgotten: the hub was told that this file was erased, and does not take it.
	ErrForgotten = errors.New("syncer: the hub was told that this file is erased")
	// ErrNoFiles: the hub takes no files.
	ErrNoFiles = errors.New("syncer: the hub takes no files")
)

// FileState is what a device keeps of the files at a hub between times. Times are
// seconds since 1970.
type FileState struct {
	Hub       wire.Address        `cbor:"1,keyasint"`
	Sent      map[seal.Hash]int64 `cbor:"2,keyasint"` // whole at the hub, when that was seen last
	Absent    map[seal.Hash]int64 `cbor:"3,keyasint"` // not (whole) at the hub, when it was asked last
	Bad       map[seal.Hash]int64 `cbor:"4,keyasint"` // another file came, when
	Forgotten map[seal.Hash]bool  `cbor:"5,keyasint"` // the hub was told
}

// Encode writes the state, to be kept by whoever keeps it.
func (s *FileState) Encode() []byte { return wire.Encode(s) }

// ReadFileState reads what Encode wrote; where there is nothing yet, or it is of another
// hub, the state is that of who never met it. Kinds: ErrInvalid.
func ReadFileState(raw []byte, hub wire.Address) (*FileState, error) {
	s := &FileState{}
	if len(raw) > 0 {
		if err := wire.DecodeState(raw, s); err != nil {
			return nil, err
		}
	}
	if s.Hub != hub {
		*s = FileState{Hub: hub}
	}
	for _, m := range []*map[seal.Hash]int64{&s.Sent, &s.Absent, &s.Bad} {
		if *m == nil {
			*m = map[seal.Hash]int64{}
		}
	}
	if s.Forgotten == nil {
		s.Forgotten = map[seal.Hash]bool{}
	}
	return s, nil
}

// FileReport says what was done with files.
type FileReport struct {
	Sent, Fetched int    // files that are whole where they were not
	Bytes         int64  // that crossed, both ways
	Left          int    // that are larger than is wanted now
	Waiting       int    // that the hub has not whole yet, and this device has not
	Bad           int    // that came as something else, now or within a day
	Forgotten     int    // names that the hub was told to destroy
	Refused       int    // that the hub takes no more: it was told that they are erased
	NoRoom        bool   // the hub has no room
	Looked, All   int    // files that were looked at, of how many
	File          FileAt // the one on its way
}

// Add adds up.
func (r *FileReport) Add(o FileReport) {
	r.Sent += o.Sent
	r.Fetched += o.Fetched
	r.Bytes += o.Bytes
	r.Left += o.Left
	r.Waiting += o.Waiting
	r.Bad += o.Bad
	r.Forgotten += o.Forgotten
	r.Refused += o.Refused
	r.Looked, r.All = r.Looked+o.Looked, r.All+o.All
	r.File = o.File
	r.NoRoom = r.NoRoom || o.NoRoom
}

// How long what was found out is held to be so.
const (
	sentHolds   = 7 * 24 * time.Hour // a hub may lose a file: it is looked after once a week
	absentHolds = 10 * time.Minute
	badHolds    = 24 * time.Hour
)

// Carrier carries files between a device and a store.
type Carrier struct {
	Device FileDevice
	Store  FileStore
	State  *FileState
	Keep   func(*FileState) error
	Now    func() time.Time
	// Largest is the size of the largest file that goes now, in bytes; zero: any.
	Largest int64
	// Peer: the store is a device of the organisation. It is ordered nothing: erasures
	// reach it as entries.
	Peer bool
	// Yield is called before each piece, and returns when it may go: so small and urgent
	// things go first. It may be nil.
	Yield func(ctx context.Context) error
	// Progress is told how far it is; it may be nil.
	Progress func(FileReport)

	report FileReport
}

// Carry does what can be done now: it has the store forget what was erased, then sends
// and fetches file after file. What was done before it broke off stays done, to the byte.
// Kinds: ErrAway; ErrNoFiles; ErrStorage where this device cannot keep what comes;
// ErrLocked; ErrRefused. A file that is not what it should be is no error but counted.
func (c *Carrier) Carry(ctx context.Context) (FileReport, error) {
	c.report = FileReport{}
	if !c.Peer {
		if err := c.forget(ctx); err != nil {
			return c.report, err
		}
	}
	list, err := c.Device.Files(ctx)
	if err != nil {
		return c.report, err
	}
	c.report.All = len(list)
	for i, f := range list {
		if err := ctx.Err(); err != nil {
			return c.report, err
		}
		c.report.Looked, c.report.File = i, FileAt{}
		if err := c.one(ctx, f); err != nil {
			return c.report, errors.Join(err, c.Keep(c.State))
		}
	}
	c.report.Looked, c.report.File = len(list), FileAt{}
	return c.report, c.Keep(c.State)
}

// since reports whether something that was noted holds still.
func (c *Carrier) since(notes map[seal.Hash]int64, name seal.Hash, holds time.Duration) bool {
	at, noted := notes[name]
	age := c.Now().Sub(time.Unix(at, 0))
	return noted && age >= 0 && age < holds // a clock that was set back: look again
}

func (c *Carrier) note(notes map[seal.Hash]int64, name seal.Hash) { notes[name] = c.Now().Unix() }

func (c *Carrier) one(ctx context.Context, f File) error {
	switch {
	case f.Here && c.since(c.State.Sent, f.Name, sentHolds):
		return nil
	case !f.Here && c.since(c.State.Bad, f.Name, badHolds):
		c.report.Bad++
		return nil
	case c.Largest > 0 && f.Size > c.Largest:
		c.report.Left++
		return nil
	case f.Here && c.report.NoRoom:
		return nil
	case f.Here:
		return c.send(ctx, f)
	case c.since(c.State.Absent, f.Name, absentHolds):
		c.report.Waiting++
		return nil
	}
	return c.fetch(ctx, f)
}

// forget tells the store what was ordered erased since the last time.
func (c *Carrier) forget(ctx context.Context) error {
	all, err := c.Device.Erased()
	if err != nil {
		return err
	}
	var names []seal.Hash
	for _, name := range all {
		if !c.State.Forgotten[name] {
			names = append(names, name)
		}
	}
	for len(names) > 0 {
		n := min(len(names), wire.MostForgotten)
		if err := c.Store.Forget(ctx, names[:n]); err != nil {
			return err
		}
		for _, name := range names[:n] {
			c.State.Forgotten[name] = true
			delete(c.State.Sent, name)
			delete(c.State.Absent, name)
			delete(c.State.Bad, name)
		}
		c.report.Forgotten += n
		names = names[n:]
		if err := c.Keep(c.State); err != nil {
			return err
		}
	}
	return nil
}

// send leaves one file, from where the store has it. A line that breaks is taken up
// again for as long as it brings anything.
func (c *Carrier) send(ctx context.Context, f File) error {
	r, done, err := c.Device.Read(ctx, f)
	if errors.Is(err, amana.ErrNotFound) || errors.Is(err, amana.ErrTampered) {
		return nil // it went meanwhile, or is damaged: verifying says so
	}
	if err != nil {
		return err
	}
	defer done() //nolint:errcheck // it was only read
	before, dropped := int64(-1), false
	for {
		got, size, err := c.Store.Standing(ctx, f.Name)
		if errors.Is(err, amana.ErrNotFound) {
			got, size = 0, f.Size
			err = c.Store.Begin(ctx, f.Name, f.Size)
		}
		if err == nil && size != f.Size && !dropped && c.drop(ctx, f.Name) { // something else lies there
			dropped = true
			continue
		}
		if err != nil || size != f.Size {
			return c.cannotSend(f, errors.Join(err, ifTrue(err == nil, ErrForgotten)))
		}
		if got == size {
			break
		}
		if got <= before {
			return ErrAway
		}
		before = got
		c.report.File = FileAt{got, size}
		part := io.NewSectionReader(r, got, size-got)
		err = c.Store.Send(ctx, f.Name, got, size-got, &paced{ctx: ctx, c: c, r: part})
		if err != nil && !errors.Is(err, ErrAway) && !errors.Is(err, amana.ErrConflict) {
			return c.cannotSend(f, err)
		}
	}
	c.note(c.State.Sent, f.Name)
	if before >= 0 { // it was not there already
		c.report.Sent++
	}
	return c.step()
}

func ifTrue(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

func (c *Carrier) cannotSend(f File, err error) error {
	switch {
	case errors.Is(err, ErrNoRoom):
		c.report.NoRoom = true
		return nil
	case errors.Is(err, ErrForgotten), errors.Is(err, amana.ErrConflict), errors.Is(err, amana.ErrInvalid):
		c.note(c.State.Sent, f.Name) // it is asked again in a week
		c.report.Refused++
		return nil
	}
	return err
}

// fetch brings one file, from where it broke off.
func (c *Carrier) fetch(ctx context.Context, f File) error {
	for {
		before := f.Got
		whole, err := c.fetchOn(ctx, &f)
		switch {
		case errors.Is(err, amana.ErrTampered):
			c.drop(ctx, f.Name)
			c.note(c.State.Bad, f.Name)
			c.report.Bad++
			return c.step()
		case errors.Is(err, amana.ErrNotFound):
			c.note(c.State.Absent, f.Name)
			c.report.Waiting++
			return nil
		case errors.Is(err, amana.ErrConflict):
			return nil // it is arriving by another way
		case err == nil && whole:
			delete(c.State.Absent, f.Name)
			c.note(c.State.Sent, f.Name) // where it came from, it is
			c.report.Fetched++
			return c.step()
		case err != nil && !errors.Is(err, ErrAway):
			return err
		case f.Got <= before:
			return ErrAway
		}
	}
}

// drop has a hub drop what lies under a file's name and is another: any device that the hub
// lets in can leave something there, and while it lies there the true one has no place. It
// reports whether there is place now.
func (c *Carrier) drop(ctx context.Context, name seal.Hash) bool {
	hub, can := c.Store.(interface {
		Drop(ctx context.Context, name seal.Hash) error
	})
	return can && !c.Peer && hub.Drop(ctx, name) == nil
}

// fetchOn brings what follows of a file, until the line breaks.
func (c *Carrier) fetchOn(ctx context.Context, f *File) (whole bool, err error) {
	if f.Got >= f.Size { // it was all there when it stopped
		return c.Device.Take(ctx, *f, eof{})
	}
	body, err := c.Store.Fetch(ctx, f.Name, f.Got, f.Size)
	if err != nil {
		return false, err
	}
	defer body.Close()
	c.report.File = FileAt{f.Got, f.Size}
	in := &paced{ctx: ctx, c: c, r: body}
	whole, err = c.Device.Take(ctx, *f, in)
	f.Got += in.n
	if err == nil && !whole && in.n == 0 {
		err = fmt.Errorf("syncer: less came of a file than there is: %w", amana.ErrTampered)
	}
	return whole, err
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// step keeps what was done.
func (c *Carrier) step() error {
	if c.Progress != nil {
		c.Progress(c.report)
	}
	return c.Keep(c.State)
}

// paced lets others go first, and counts.
type paced struct {
	ctx context.Context //nolint:containedctx // it lives as long as one file
	c   *Carrier
	r   io.Reader
	n   int64
}

// pace is how many bytes go between two looks whether somebody waits.
const pace = 16 << 10

func (p *paced) Read(b []byte) (int, error) {
	if p.c.Yield != nil {
		if err := p.c.Yield(p.ctx); err != nil {
			return 0, err
		}
	}
	n, err := p.r.Read(b[:min(len(b), pace)])
	p.n += int64(n)
	p.c.report.Bytes += int64(n)
	p.c.report.File.At += int64(n)
	if p.c.Progress != nil && n > 0 {
		p.c.Progress(p.c.report)
	}
	return n, err
}
