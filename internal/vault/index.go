package vault

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/view"
)

// indexer keeps one member's view current.
type indexer struct {
	s    *Session
	view *view.View
	stop context.CancelFunc
	cut  func() bool    // whether it was stopped
	idle sync.WaitGroup // the building, if any

	noted <-chan struct{}    // closed once every item is noted; see find
	past  context.CancelFunc // says so

	mu   sync.Mutex // guards what follows; one goroutine at a time follows the journal
	next journal.Pos
	seen seen
	wake chan struct{} // something was saved

	shut shut // keys that were missing for what did not open
	late late // cases whose lists are behind

	known known
	bulk  bool // lists and search are left for later, see [Session.Bulk]

	starting []int // the sections of a start that the member's keys open

	total, done atomic.Int64 // of the building, in journal positions and cases
	searchable  atomic.Bool
	failed      atomic.Pointer[error]
	unreadable  atomic.Int64 // entries that could not be opened though they should
}

// Progress of a view that is being built. Done equals Total when it is current.
type Progress struct {
	Done, Total int64
	Searchable  bool
	Failed      error
}

// Progress returns how far the view is.
func (s *Session) Progress() Progress {
	x := s.index.Load()
	p := Progress{Done: x.done.Load(), Total: x.total.Load(), Searchable: x.searchable.Load()}
	if err := x.failed.Load(); err != nil {
		p.Failed = *err
	}
	return p
}

// The names under which the view keeps things.
const (
	metaNext = "next" // position up to which the journal is indexed
	metaRing = "ring" // the member's team keys
	metaDone = "done" // the last case put into lists while building, or whole
	metaSeen = "seen" // how far this member has seen every chain
	metaShut = "shut" // keys that were missing for what did not open
	metaLate = "late" // cases whose lists are behind their items

	metaStart = "start" // it was filled from a start
)

var whole = []byte("whole")

// openIndex opens the member's view, or makes one, and starts it.
func openIndex(ctx context.Context, s *Session) (*indexer, error) {
	x := &indexer{s: s, shut: shut{}}
	if err := x.openView(); err != nil {
		return nil, err
	}
	if err := x.start(ctx); err != nil {
		x.view.Close()
		return nil, err
	}
	return x, nil
}

// start goes on where the view is: it takes in what is new or, where the view is
// not whole, builds it in the background.
func (x *indexer) start(ctx context.Context) error {
	if err := x.remember(); err != nil {
		return err
	}
	if err := x.takeUp(); err != nil {
		return err
	}
	if err := x.leaveStart(); err != nil {
		return err
	}
	behind, err := x.view.Meta(metaLate)
	if err != nil {
		return err
	}
	x.late = decodeLate(behind)
	next, err := x.view.Meta(metaNext)
	if err != nil {
		return err
	}
	if len(next) == 8 {
		x.next = journal.Pos(binary.BigEndian.Uint64(next))
	}
	done, err := x.view.Meta(metaDone)
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	noted, past := context.WithCancel(run)
	x.stop, x.wake, x.noted, x.past = stop, make(chan struct{}, 1), noted.Done(), past
	x.cut = func() bool { return run.Err() != nil }
	if x.s.open.starting() {
		if err := x.startLoose(run); err != nil {
			stop()
			return err
		}
		return nil
	}
	if string(done) == string(whole) {
		x.searchable.Store(true)
		x.past()
		if err := x.follow(); err != nil {
			stop()
			return err
		}
		x.idle.Go(func() { x.keepUp(run) })
		return nil
	}
	x.total.Store(1)
	x.idle.Go(func() {
		defer x.past()
		if err := x.build(run); err == nil {
			x.keepUp(run)
		} else if run.Err() == nil {
			x.failed.Store(&err)
		}
	})
	return nil
}

// keepUp takes what is saved into the view once it is quiet: a save need not wait
// for lists, and many saves are taken in together. Whoever looks at a list or
// opens a record takes in what is missing first.
func (x *indexer) keepUp(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.wake:
		}
		if !x.awaitQuiet(ctx) {
			return
		}
		if err := x.follow(); err != nil && ctx.Err() == nil {
			x.failed.Store(&err)
		}
	}
}

// Nobody looks: the view may be behind until nothing was saved for a moment, and
// no longer than a few seconds while saves keep coming.
const (
	quiet     = 250 * time.Millisecond
	longestGo = 4 * time.Second
)

// awaitQuiet waits for a moment without saves. It reports false when told to stop.
func (x *indexer) awaitQuiet(ctx context.Context) bool {
	longest := time.NewTimer(longestGo)
	defer longest.Stop()
	for {
		pause := time.NewTimer(quiet)
		select {
		case <-ctx.Done():
			pause.Stop()
			return false
		case <-longest.C:
			pause.Stop()
			return true
		case <-pause.C:
			return true
		case <-x.wake:
			pause.Stop()
		}
	}
}

// Bulk leaves lists and search as they are from now on, while much is written:
// records can be gone on with, and the next unlocking fills lists and search.
func (s *Session) Bulk() error {
	x := s.index.Load()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.bulk = true
	return x.view.SetMeta(metaDone, nil)
}

// Rebuild throws the member's view away and builds it anew, in the background.
func (s *Session) Rebuild(ctx context.Context) error {
	return s.rebuild(ctx, s.index.Load())
}

// mended reports whether err says that the view is damaged and it is now being
// built anew, so that whoever met the error can try again. Nothing may be held.
func (s *Session) mended(ctx context.Context, x *indexer, err error) bool {
	return errors.Is(err, view.ErrDamaged) && s.rebuild(context.WithoutCancel(ctx), x) == nil
}

// rebuild builds the view anew unless somebody did since x was the one in use.
func (s *Session) rebuild(ctx context.Context, x *indexer) error {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	s.use.Lock()
	defer s.use.Unlock()
	switch {
	case s.charter.Load() == nil:
		return s.locked()
	case s.index.Load() != x:
		return nil
	}
	if err := x.close(); err != nil && !errors.Is(err, view.ErrDamaged) {
		return err
	}
	s.vault.removeViewsOf(s.open, s.ring.Member())
	fresh, err := openIndex(ctx, s)
	if err != nil {
		return err
	}
	s.index.Store(fresh)
	return nil
}

// openView opens the newest view of the member that opens, and removes others.
func (x *indexer) openView() error {
	dir := filepath.Join(x.s.vault.dir, viewsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return storage("views", err)
	}
	name := x.s.open.viewName(x.s.ring.Member())
	old, err := filepath.Glob(filepath.Join(dir, name+"-*.db"))
	if err != nil {
		return storage("views", err)
	}
	for _, path := range old {
		salt, err := hex.DecodeString(strings.TrimSuffix(filepath.Base(path), ".db")[len(name)+1:])
		if err == nil && len(salt) == 16 && x.view == nil {
			x.view, err = view.Open(path, x.s.ring.ViewKey([16]byte(salt)))
			if err == nil {
				continue
			}
			if !errors.Is(err, view.ErrDamaged) {
				return err
			}
		}
		removeView(path)
	}
	if x.view != nil {
		return nil
	}
	salt := seal.Random16()
	path := filepath.Join(dir, name+"-"+hex.EncodeToString(salt[:])+".db")
	x.view, err = view.Open(path, x.s.ring.ViewKey(salt))
	return err
}

func removeView(path string) {
	for _, end := range []string{"", "-wal", "-journal", "-shm"} {
		os.Remove(path + end)
	}
}

// viewName is the name of a member's views: it tells nothing without the key.
func (o *opened) viewName(m amana.MemberID) string {
	n := o.key.Name("view", m)
	return hex.EncodeToString(n[:8])
}

func (x *indexer) close() error {
	if x == nil {
		return nil
	}
	x.stop()
	x.idle.Wait()
	return x.view.Close()
}

// find returns what the view knows of a record that the member can read. While the
// view is built it waits until every item of the journal is noted: before that, a
// record could be shown without its last entries, a consent without its end.
func (x *indexer) find(id amana.RecordID) (view.Record, error) {
	if <-x.noted; x.cut() {
		return view.Record{}, x.s.locked()
	}
	if r, ok := x.known.get(id); ok {
		return r, nil
	}
	r, ok, err := x.view.Find(id)
	if err == nil && !ok { // it may have been written a moment ago
		if err = x.catchUpItems(); err == nil {
			r, ok, err = x.view.Find(id)
		}
	}
	switch {
	case err != nil:
		return r, err
	case !ok || r.Kind == "" || r.KeyPos == 0:
		return r, fmt.Errorf("vault: record %s: %w", id, amana.ErrNotFound)
	}
	x.known.put(r)
	return r, nil
}

// known are records that were looked up a moment ago, so that saves to them do
// not wait while the view is written.
type known struct {
	mu       sync.Mutex // guards what follows
	m        map[amana.RecordID]view.Record
	openings map[int64]bool // items of this member that only record an opening
}

const mostKnown = 4096

func (k *known) get(id amana.RecordID) (view.Record, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.m[id]
	return r, ok
}

func (k *known) put(r view.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.m == nil || len(k.m) >= mostKnown {
		k.m = map[amana.RecordID]view.Record{}
	}
	k.m[r.ID] = r
}

// opened is told of entries that only record an opening by this member: lists are
// not changed by them.
func (x *indexer) opened(at []journal.Pos) {
	x.known.mu.Lock()
	defer x.known.mu.Unlock()
	if x.known.openings == nil || len(x.known.openings) >= mostKnown {
		x.known.openings = map[int64]bool{}
	}
	for _, p := range at {
		x.known.openings[int64(p)] = true
	}
}

func (k *known) opening(pos int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.openings[pos]
}

// forget is told of a record whose key or origin changed.
func (k *known) forget(id amana.RecordID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.m, id)
}

// saved is told what this member just wrote. While the view is still being built
// it is taken in at once, since nobody else would for a while.
//
// The save is durable whatever happens here: what the view does not take now, it
// takes when somebody looks, or is built anew with.
func (x *indexer) saved(at []journal.Pos) {
	if x.searchable.Load() {
		x.nudge()
		return
	}
	lot := make([]foundItem, 0, len(at))
	for _, p := range at {
		it, err := x.s.open.log.Read(p)
		if err != nil {
			return
		}
		lot = append(lot, foundItem{p, it})
	}
	found := x.s.lookAll(lot)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.put(found, 0, itemsAndLists) //nolint:errcheck // see above
}

// nudge tells the view that there is something new in the journal.
func (x *indexer) nudge() {
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// follow takes in what others wrote since, in lots, so that memory does not grow
// with how much that is.
func (x *indexer) follow() error { return x.followBy(followAtOnce, itemsAndLists) }

// followBy is follow in lots of a size: the larger, the less it costs, and the longer
// whoever looks a record up waits.
func (x *indexer) followBy(atOnce int, what extent) error {
	if !x.searchable.Load() { // the building gets there
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.next >= x.s.open.log.End() && (what == itemsOnly || len(x.late) == 0) {
		return nil
	}
	if err := x.s.freshen(); err != nil {
		return err
	}
	if x.shut.opens(x.s.ring) { // lists lack what these keys open
		x.shut = shut{}
		go func() { _ = x.s.rebuild(context.Background(), x) }() // if it cannot be now, the next unlocking does it
	}
	end := x.s.open.log.End()
	var lot []foundItem
	err := x.s.open.log.Each(x.next, func(p journal.Pos, it journal.Item) error {
		if x.s.open.hides(it) {
			return nil
		}
		if len(lot) == atOnce {
			if err := x.put(x.s.lookAll(lot), p, what); err != nil {
				return err
			}
			lot = lot[:0]
		}
		lot = append(lot, foundItem{p, it})
		return nil
	})
	if err != nil {
		return err
	}
	return x.put(x.s.lookAll(lot), max(end, x.next), what)
}

// followAtOnce bounds how long the view is held: whoever looks a record up waits
// for that.
const followAtOnce = 64

// put writes items into the view in one transaction and renews the cases that
// they changed, or notes them. next, if not 0, is how far the journal is indexed then.
func (x *indexer) put(found []indexed, next journal.Pos, what extent) error {
	var behind late
	err := x.view.Update(func(tx *view.Tx) error {
		dirty, err := x.index(tx, found)
		if err != nil {
			return err
		}
		maps.Copy(dirty, x.late)
		switch {
		case x.bulk:
		case what == itemsOnly && len(dirty) <= mostLate:
			behind = dirty
		default:
			err = x.renew(tx, dirty)
		}
		if err == nil && len(behind) != len(x.late) { // it only grows, or is emptied
			err = tx.SetMeta(metaLate, behind.encode())
		}
		if err != nil {
			return err
		}
		return x.advance(tx, next)
	})
	if err != nil {
		return err
	}
	x.late = behind
	if next != 0 {
		x.next = next
	}
	return nil
}

// renew puts cases into lists as they stand now. They are folded on all cores.
func (x *indexer) renew(tx *view.Tx, dirty map[int64]bool) error {
	rids := slices.Sorted(maps.Keys(dirty))
	files := make([]view.File, len(rids))
	for i, rid := range rids {
		var err error
		if files[i], err = tx.File(rid); err != nil {
			return err
		}
	}
	list := make([]listing, len(files))
	x.s.rooms(len(files), func(m *room, i int) { list[i] = x.s.list(files[i], m) })
	for i := range list {
		if err := list[i].put(tx); err != nil {
			return err
		}
	}
	return nil
}

func (x *indexer) advance(tx *view.Tx, next journal.Pos) error {
	if next == 0 {
		return nil
	}
	if err := tx.SetMeta(metaRing, x.s.ring.Keep()); err != nil {
		return err
	}
	if err := tx.SetMeta(metaShut, x.shut.encode()); err != nil {
		return err
	}
	x.seen.advance(x.s.open.log.Heads())
	if err := tx.SetMeta(metaSeen, mustEncode(x.seen)); err != nil {
		return err
	}
	return tx.SetMeta(metaNext, binary.BigEndian.AppendUint64(nil, uint64(next)))
}

// index notes items and returns the cases whose lists they change. An opening
// changes none.
func (x *indexer) index(tx *view.Tx, found []indexed) (map[int64]bool, error) {
	var list []indexed
	items := make([]view.Item, 0, len(found))
	for _, f := range found {
		x.shut.add(f.shut, x.s.ring)
		if f.unreadable {
			x.unreadable.Add(1)
			continue
		}
		if f.BringsKey || f.Foreign {
			x.known.forget(f.Record)
		}
		list, items = append(list, f), append(items, f.Item)
	}
	noted, err := tx.Index(items...)
	if err != nil {
		return nil, err
	}
	dirty := map[int64]bool{}
	for i, f := range list {
		if !f.onlyOpened && noted[i].OfCase != 0 && !x.known.opening(f.Pos) {
			dirty[noted[i].OfCase] = true
		}
	}
	return dirty, nil
}
