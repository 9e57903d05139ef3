package casework

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"amana"
	"amana/internal/vault"
)

// LargestBundle bounds what somebody brings in one file, in bytes.
const LargestBundle = 8 << 30

// BundleState is how far the taking in of a bundle is, or what came of it.
type BundleState struct {
	Busy        bool
	Done, Total int64 // bytes
	Made        time.Time
	Came        vault.Imported
	Wrong       BundleFault // why it was not taken in to its end
}

// BundleFault says why a bundle was not taken in, or not to its end.
type BundleFault string

// What may be wrong with a bundle.
const (
	BundleNone    BundleFault = "none"    // the file is no bundle
	BundleOthers  BundleFault = "others"  // it is of another organisation, or of before who is unlocked was a member
	BundleNewer   BundleFault = "newer"   // a newer version made it, or wrote something in it
	BundleChanged BundleFault = "changed" // it was changed or cut short on its way
	BundleDisk    BundleFault = "disk"    // this computer cannot keep what comes
	BundleLocked  BundleFault = "locked"
	BundleStopped BundleFault = "stopped" // somebody stopped it
	BundleOther   BundleFault = "other"
)

func bundleFault(ctx context.Context, err error) BundleFault {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, amana.ErrLocked):
		return BundleLocked
	case ctx.Err() != nil:
		return BundleStopped
	case errors.Is(err, amana.ErrStorage):
		return BundleDisk
	case errors.Is(err, vault.ErrBundleOthers):
		return BundleOthers
	case errors.Is(err, amana.ErrNewer):
		return BundleNewer
	case errors.Is(err, amana.ErrTampered), errors.Is(err, io.ErrUnexpectedEOF):
		return BundleChanged
	case errors.Is(err, amana.ErrInvalid):
		return BundleNone
	}
	return BundleOther
}

// bundling is a bundle that is taken in, one at a time.
type bundling struct {
	mu    sync.Mutex // guards what follows
	state *BundleState
	stop  context.CancelFunc
	busy  sync.WaitGroup
}

// WriteBundleFor writes what one other computer lacks, as far as is known here, into a
// sealed file; or everything, for a zero device. With them go files of evidence of at
// most so many bytes together: those of which most fit, the smallest first. It returns
// the number of entries. Kinds: ErrNotFound for a device that is none of ours.
func (d *Desk) WriteBundleFor(ctx context.Context, to amana.DeviceID, files int64, w io.Writer) (int, error) {
	with, err := d.fitting(ctx, files)
	if err != nil {
		return 0, err
	}
	made, err := d.WriteBundleTo(ctx, to, w, with...)
	return made.Items, err
}

// WriteBundleTo is WriteBundleFor with these files of evidence.
func (d *Desk) WriteBundleTo(ctx context.Context, to amana.DeviceID, w io.Writer, files ...vault.File) (made vault.Bundle, err error) {
	var have map[amana.DeviceID]uint64
	if !to.IsZero() {
		if have, err = d.session.HadBy(to); err != nil {
			return made, err
		}
	}
	return d.session.WriteBundle(ctx, have, w, files...)
}

// fitting are the files of evidence that go into so many bytes.
func (d *Desk) fitting(ctx context.Context, most int64) ([]vault.File, error) {
	if most <= 0 {
		return nil, nil
	}
	all, err := d.BundleFiles(ctx) // the smallest first
	n := 0
	for ; n < len(all) && all[n].Size <= most; n++ {
		most -= all[n].Size
	}
	return all[:n], err
}

// WriteBundleWhole writes everything that is here, with every file of evidence that the
// member can read and that is here.
func (d *Desk) WriteBundleWhole(ctx context.Context, w io.Writer) error {
	files, err := d.BundleFiles(ctx)
	if err == nil {
		_, err = d.session.WriteBundle(ctx, nil, w, files...)
	}
	return err
}

// BundleSize says how many files of evidence a whole bundle carries, and by how many
// bytes it is larger for them.
func (d *Desk) BundleSize(ctx context.Context) (n int, bytes int64, err error) {
	files, err := d.BundleFiles(ctx)
	for _, f := range files {
		bytes += f.Size
	}
	return len(files), bytes, err
}

// BundleAbout says how many entries a bundle for one other computer has, or for a zero
// device one of everything, and about how many bytes they take. Kinds: ErrNotFound for a
// device that is none of ours.
func (d *Desk) BundleAbout(to amana.DeviceID) (n int, bytes int64, err error) {
	var theirs map[amana.DeviceID]uint64
	if !to.IsZero() {
		if theirs, err = d.session.HadBy(to); err != nil {
			return 0, 0, err
		}
	}
	all := 0
	for device, upTo := range d.session.Have() {
		all += int(upTo)
		n += int(upTo - min(upTo, theirs[device]))
	}
	if all == 0 {
		return 0, 0, nil
	}
	return n, d.session.JournalSize() * int64(n) / int64(all), nil
}

// BringBundle keeps a bundle that somebody brings, and begins to take it in. Kinds:
// ErrConflict while one is taken in; ErrInvalid for one that is too large; ErrStorage.
func (d *Desk) BringBundle(ctx context.Context, r io.Reader) error {
	b := &d.bundles
	if st, there := d.BundleState(); there && st.Busy {
		return fmt.Errorf("casework: a bundle is being taken in: %w", amana.ErrConflict)
	}
	sp, err := d.session.Spool()
	if err != nil {
		return err
	}
	n, err := io.Copy(sp, io.LimitReader(r, LargestBundle+1))
	if err == nil && n > LargestBundle {
		err = fmt.Errorf("casework: bundle: too large: %w", amana.ErrInvalid)
	}
	if err == nil {
		err = sp.Done()
	}
	if err != nil {
		return errors.Join(err, sp.Close())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != nil && b.state.Busy {
		return errors.Join(fmt.Errorf("casework: a bundle is being taken in: %w", amana.ErrConflict), sp.Close())
	}
	ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.state = &BundleState{Busy: true, Total: sp.Size()}
	b.busy.Go(func() { d.takeBundle(ctx, sp) })
	return nil
}

func (d *Desk) takeBundle(ctx context.Context, sp *vault.Spool) {
	b := &d.bundles
	in := &counted{r: io.NewSectionReader(sp, 0, sp.Size()), tell: func(n int64) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.state.Done = n
	}}
	done, made, err := d.ReadBundle(ctx, in)
	if closed := sp.Close(); err == nil {
		err = closed
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	*b.state = BundleState{Done: b.state.Total, Total: b.state.Total, Made: made, Came: done, Wrong: bundleFault(ctx, err)}
	b.stop()
}

// BundleState returns how the last bundle stands, if there was one since unlocking.
func (d *Desk) BundleState() (BundleState, bool) {
	b := &d.bundles
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == nil {
		return BundleState{}, false
	}
	return *b.state, true
}

// DropBundle stops the taking in, if it runs, and forgets what came of it. What was taken
// in stays.
func (d *Desk) DropBundle() {
	b := &d.bundles
	b.mu.Lock()
	if b.stop != nil {
		b.stop()
	}
	b.mu.Unlock()
	b.busy.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = nil
}

// counted counts what is read.
type counted struct {
	r    io.Reader
	n    int64
	tell func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.tell(c.n)
	return n, err //nolint:wrapcheck // it is a reader like the one below it
}
