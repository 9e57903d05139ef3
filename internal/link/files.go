package link

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"amana"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// MeteredLargest is the size in bytes of the largest file that goes by itself where the
// connection costs. Others wait until somebody asks for them.
const MeteredLargest = 1 << 20

// carried is a vault as the syncer wants it for files.
type carried struct {
	s     *vault.Session
	mu    sync.Mutex               // guards known
	known map[seal.Hash]vault.File // as they were listed last
}

// Carried returns a vault's files as a [syncer.Carrier] and a [syncer.Host] want them.
func Carried(s *vault.Session) syncer.FileDevice { return &carried{s: s} }

// Files implements [syncer.FileDevice].
func (c *carried) Files(ctx context.Context) ([]syncer.File, error) {
	list, err := c.s.Files(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]syncer.File, 0, len(list))
	known := make(map[seal.Hash]vault.File, len(list))
	for _, f := range list {
		known[f.Name] = f
		out = append(out, syncer.File{Name: f.Name, Size: f.Size, Here: f.Here, Got: f.Got})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = known
	return out, nil
}

func (c *carried) of(f syncer.File) (vault.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.known[f.Name]
	if !ok {
		return v, fmt.Errorf("link: a file that was not listed: %w", amana.ErrNotFound)
	}
	v.Got = f.Got
	return v, nil
}

// Read implements [syncer.FileDevice].
func (c *carried) Read(_ context.Context, f syncer.File) (io.ReaderAt, func() error, error) {
	v, err := c.of(f)
	if err != nil {
		return nil, nil, err
	}
	t, err := c.s.ReadFile(v)
	if err != nil {
		return nil, nil, err
	}
	return t, t.Close, nil
}

// Take implements [syncer.FileDevice].
func (c *carried) Take(ctx context.Context, f syncer.File, r io.Reader) (bool, error) {
	v, err := c.of(f)
	if err != nil {
		return false, err
	}
	return c.s.TakeFile(ctx, v, r)
}

// Erased implements [syncer.FileDevice].
func (c *carried) Erased() ([]seal.Hash, error) { return c.s.ErasedFiles() }

// Carry carries files to and from the hub until nothing more can be done now: those of
// up to a size, or any where largest is zero. What was done before it broke off stays
// done. Kinds: those of [syncer.Carrier.Carry].
func (l *Link) Carry(ctx context.Context, now func() time.Time, largest int64) (syncer.FileReport, error) {
	return l.carry(ctx, &syncer.Carrier{Now: now, Largest: largest})
}

func (l *Link) carry(ctx context.Context, c *syncer.Carrier) (syncer.FileReport, error) {
	raw, err := l.session.FilesState()
	if err != nil {
		return syncer.FileReport{}, err
	}
	c.State, err = syncer.ReadFileState(raw, l.State.Hub)
	if err != nil {
		return syncer.FileReport{}, err
	}
	c.Device, c.Store = Carried(l.session), l.client
	c.Keep = func(st *syncer.FileState) error { return l.session.KeepFilesState(st.Encode()) }
	return c.Carry(ctx)
}

// FilesStatus says how a device stands with files of evidence.
type FilesStatus struct {
	Here, Lacking           int // files
	HereBytes, LackingBytes int64
	Waiting                 int   // here, and not at the hub as far as is known
	WaitingBytes            int64 // of these
	Busy                    bool  // files are on their way now
	Now                     syncer.FileReport
	Last                    syncer.FileReport // of the last time that came to its end
	Failed                  Failure           // why the last time did not
	NoFiles                 bool              // the hub takes none
}

// carrying is what a keeper knows of files. Its fields are guarded by Keeper.mu.
type carrying struct {
	busy    bool
	all     bool // somebody asked for the large ones too
	now     syncer.FileReport
	last    syncer.FileReport
	failed  Failure
	noFiles bool
}

// FilesStatus says how things stand with files for a session. Kinds: ErrLocked,
// ErrStorage.
func (k *Keeper) FilesStatus(ctx context.Context, s *vault.Session) (st FilesStatus, err error) {
	list, err := s.Files(ctx)
	if err != nil {
		return st, err
	}
	to, err := addressOf(s)
	if err != nil && !errors.Is(err, ErrNoHub) {
		return st, err
	}
	raw, err := s.FilesState()
	if err != nil {
		return st, err
	}
	state, err := syncer.ReadFileState(raw, to)
	if err != nil {
		return st, err
	}
	for _, f := range list {
		_, sent := state.Sent[f.Name]
		switch {
		case !f.Here:
			st.Lacking++
			st.LackingBytes += f.Size - f.Got
		case !sent:
			st.Waiting++
			st.WaitingBytes += f.Size
			fallthrough
		default:
			st.Here++
			st.HereBytes += f.Size
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	st.Busy, st.Now, st.Last, st.Failed, st.NoFiles = k.files.busy, k.files.now, k.files.last, k.files.failed, k.files.noFiles
	return st, nil
}

// CarryAll has every file go the next time, the large ones too, and that time be now.
func (k *Keeper) CarryAll() {
	k.mu.Lock()
	k.files.all = true
	k.mu.Unlock()
	k.Nudge()
}

// carry begins to carry files beside the exchanges, unless that is under way.
func (k *Keeper) carry(s *vault.Session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.files.busy || k.life.Err() != nil {
		return
	}
	k.files.busy, k.files.now = true, syncer.FileReport{}
	all := k.files.all
	k.files.all = false
	sessions := append([]*vault.Session{s}, slices.DeleteFunc(slices.Clone(k.sessions), func(o *vault.Session) bool { return o == s })...)
	k.wg.Go(func() {
		var r syncer.FileReport
		var err error
		for _, one := range sessions { // each for the records that its member can read
			done, bad := k.carryFiles(one, all)
			r.Add(done)
			if !errors.Is(bad, amana.ErrLocked) {
				err = cmp.Or(err, bad)
			}
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.files.busy, k.files.failed, k.files.noFiles = false, "", errors.Is(err, syncer.ErrNoFiles)
		switch {
		case err == nil:
			k.files.last = r
		case !k.files.noFiles:
			k.files.failed = failureOf(err)
			k.files.all = all // it was asked for, and is not done
		}
	})
}

func (k *Keeper) carryFiles(s *vault.Session, all bool) (r syncer.FileReport, err error) {
	n, err := notesOf(s)
	if err != nil {
		return r, err
	}
	l, err := Open(s)
	if err != nil {
		return r, err
	}
	defer l.Close()
	ctx, stop := unlocked(k.life, s)
	defer stop()
	c := &syncer.Carrier{Now: k.Now, Yield: k.yield, Progress: func(r syncer.FileReport) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.files.now = r
	}}
	if n.Metered && !all {
		c.Largest = MeteredLargest
	}
	r, err = l.carry(ctx, c)
	if r.Bad > 0 {
		k.Log.LogAttrs(ctx, slog.LevelWarn, "a file of evidence came that is not the one that was taken in", slog.Int("files", r.Bad))
	}
	return r, err
}

// yield returns once no exchange runs: entries go before files.
func (k *Keeper) yield(ctx context.Context) error {
	for {
		k.mu.Lock()
		busy := k.busy
		k.mu.Unlock()
		if !busy {
			return ctx.Err()
		}
		t := time.NewTimer(50 * time.Millisecond)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
}
