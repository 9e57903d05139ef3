package link

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"amana"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// Pace says how often a device turns to its hub. Each time is drawn anew between the two
// bounds: the hub shall not learn from the moment at which something comes when it was
// written, and several entries go as one batch.
type Pace struct {
	Least, Most        time.Duration // between exchanges, where nothing new is announced
	Metered            time.Duration // the same where the connection costs, at least; at most twice that
	AfterFail, Longest time.Duration // after the first failure; it doubles up to the longest
}

// UsualPace is what serve takes.
var UsualPace = Pace{
	Least: 30 * time.Second, Most: 2 * time.Minute, Metered: 15 * time.Minute,
	AfterFail: 5 * time.Second, Longest: 5 * time.Minute,
}

// Keeper keeps one vault in step with its hub, whoever is unlocked there: one exchange
// at a time.
type Keeper struct {
	Pace Pace
	Now  func() time.Time
	Log  *slog.Logger
	life context.Context //nolint:containedctx // exchanges go on after a request, until the program ends
	wake chan struct{}
	turn sync.Mutex // held by who exchanges

	noting sync.Mutex // held by who changes what is noted of exchanges

	mail mail      // guarded by turn
	told seal.Hash // what the hub was told of devices; guarded by turn

	mu       sync.Mutex // guards what follows
	sessions []*vault.Session
	posts    map[*vault.Session]Post
	running  bool
	busy     bool
	now      Progress
	lies     int
	last     time.Time // when an exchange came to its end; zero before the first, or without a hub
	files    carrying
	line     *line    // to the hub, while it works; see link
	arrival  *arrival // of a new device's answer
	leaving  leaving
	wg       sync.WaitGroup
}

// NewKeeper returns a keeper that works until life ends.
func NewKeeper(life context.Context, now func() time.Time, log *slog.Logger) *Keeper {
	return &Keeper{Pace: UsualPace, Now: now, Log: log, life: life, wake: make(chan struct{}, 1)}
}

// Follow begins for a session that was unlocked, with its member's correspondence, which
// may be nil. Where there is no hub, it does nothing until there is one and Nudge is
// called.
func (k *Keeper) Follow(s *vault.Session, p Post) {
	k.Posts(s, p)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !slices.Contains(k.sessions, s) { // another browser of the same member
		k.sessions = append(k.sessions, s)
	}
	if st, err := StatusOf(s); err == nil {
		k.lies = len(st.Lies)
		if k.last = st.Last; st.Hub == "" {
			k.last = time.Time{}
		}
	}
	if !k.running {
		k.running = true
		k.wg.Go(k.run)
	}
}

// Posts says whose correspondence is carried when this session exchanges.
func (k *Keeper) Posts(s *vault.Session, p Post) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.posts == nil {
		k.posts = map[*vault.Session]Post{}
	}
	if p != nil {
		k.posts[s] = p
	}
}

// Nudge has the next exchange begin now.
func (k *Keeper) Nudge() {
	select {
	case k.wake <- struct{}{}:
	default: // it was told already
	}
}

// Wait waits until nothing runs any more, once life has ended.
func (k *Keeper) Wait() { k.wg.Wait() }

// Lies is how often the hub was found out, as far as is known without a look at the disk.
func (k *Keeper) Lies() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lies
}

// Last is when an exchange came to its end, as far as is known without a look at the disk:
// zero before the first, and where there is no hub.
func (k *Keeper) Last() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}

// Status says how things stand for a session.
func (k *Keeper) Status(s *vault.Session) (Status, error) {
	st, err := StatusOf(s)
	k.mu.Lock()
	defer k.mu.Unlock()
	st.Busy, st.Now = k.busy, k.now
	return st, err
}

// SetMetered notes whether the connection of this device costs.
func (k *Keeper) SetMetered(s *vault.Session, on bool) error {
	return k.note(s, func(n *notes) { n.Metered = on })
}

// note changes what is noted of a session's exchanges. It waits for no exchange: a hub may
// be silent for minutes.
func (k *Keeper) note(s *vault.Session, change func(*notes)) error {
	k.noting.Lock()
	defer k.noting.Unlock()
	n, err := notesOf(s)
	if err != nil {
		return err
	}
	change(&n)
	return n.keep(s)
}

// session returns one that is unlocked, and forgets those that are not.
func (k *Keeper) session() *vault.Session {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sessions = slices.DeleteFunc(k.sessions, func(s *vault.Session) bool {
		_, err := s.Charter()
		if err != nil {
			delete(k.posts, s)
		}
		return err != nil
	})
	if len(k.sessions) == 0 || k.life.Err() != nil {
		k.running = false
		k.dropLine()
		return nil
	}
	if k.line != nil && k.line.session != k.sessions[0] {
		k.dropLine()
	}
	return k.sessions[0]
}

func (k *Keeper) run() {
	pause := k.Pace.AfterFail
	for {
		s := k.session()
		if s == nil {
			return
		}
		err := k.Exchange(k.life, s)
		if err != nil {
			k.hangUp()
		}
		switch {
		case errors.Is(err, ErrNoHub):
			k.sleep(k.Pace.Most)
		case err == nil, errors.Is(err, syncer.ErrNoRoom):
			pause = k.Pace.AfterFail
			k.carry(s)
			k.rest(s)
		case errors.Is(err, syncer.ErrHubLies), errors.Is(err, amana.ErrRefused) && !neverWas(s):
			k.Log.LogAttrs(k.life, slog.LevelWarn, "the hub cannot be used; the page of exchanges says why")
			k.sleep(k.Pace.Longest)
		default:
			k.sleep(between(pause/2, pause))
			pause = min(2*pause, k.Pace.Longest)
		}
	}
}

// neverWas reports whether no exchange came to its end yet: a new device waits until the
// one that begins at the hub has let it in, which may be in a moment.
func neverWas(s *vault.Session) bool {
	n, err := notesOf(s)
	return err == nil && n.Last == 0
}

// Exchange exchanges once for a session, and notes what came of it.
func (k *Keeper) Exchange(ctx context.Context, s *vault.Session) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	l, done, err := k.link(s)
	if err != nil {
		return err
	}
	defer done()
	ctx, stop := unlocked(ctx, s)
	defer stop()
	k.begin()
	l.Progress, l.told = k.progress, &k.told
	l.by, l.note = k.administrator(s), func(change func(*notes)) error { return k.note(s, change) }
	r, err := k.exchange(ctx, l)
	if reached := err == nil || errors.Is(err, syncer.ErrNoRoom); reached || r.Pulled > 0 {
		err = errors.Join(err, k.after(ctx, l, s, r.Pulled > 0, reached))
	}
	k.end(l)
	if k.mail.moving { // the other side has room again in a moment, or more of it
		k.mail.moving = false
		time.AfterFunc(k.Pace.AfterFail, k.Nudge)
	}
	if errors.Is(err, amana.ErrLocked) || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, k.note(s, func(n *notes) {
		n.Tried, n.Failed, n.Left = k.Now().UnixMilli(), failureOf(err), r.Left
		n.endedBy(err)
		if err == nil {
			n.Last = n.Tried
			k.mu.Lock()
			k.last = timeOf(n.Last)
			k.mu.Unlock()
		}
	}))
}

// exchange leaves what new devices wait for, and then exchanges.
func (k *Keeper) exchange(ctx context.Context, l *Link) (syncer.Report, error) {
	if err := k.leaveAnswers(ctx, l); err != nil {
		return syncer.Report{}, err
	}
	return l.Exchange(ctx)
}

// after does what follows from what came, and carries mail, for everybody who is
// unlocked here.
func (k *Keeper) after(ctx context.Context, l *Link, by *vault.Session, came, reached bool) error {
	k.mu.Lock()
	sessions, posts := slices.Clone(k.sessions), maps.Clone(k.posts)
	k.mu.Unlock()
	if !slices.Contains(sessions, by) {
		sessions = append(sessions, by)
	}
	for _, s := range sessions {
		if came && s != by {
			_ = s.Settle(ctx) // of a session that is locked meanwhile, the next unlocking does it
		}
		if !reached {
			continue
		}
		if err := k.carryMail(ctx, l, s, posts[s]); err != nil && (s == by || !errors.Is(err, amana.ErrLocked)) {
			return err
		}
	}
	return nil
}

func (k *Keeper) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy, k.now = true, Progress{}
}

func (k *Keeper) progress(r syncer.Report) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = Progress{Taken: r.Pulled, Handed: r.Pushed, Expected: r.Expected}
}

func (k *Keeper) end(l *Link) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy, k.lies = false, len(l.State.Lies)
}

// rest waits until the hub has something new, or it is time again.
func (k *Keeper) rest(s *vault.Session) {
	n, err := notesOf(s)
	if err != nil {
		return
	}
	if n.Metered {
		k.hangUp()
		k.sleep(between(k.Pace.Metered, 2*k.Pace.Metered))
		return
	}
	ctx, stop := context.WithTimeout(k.life, between(k.Pace.Least, k.Pace.Most))
	defer stop()
	go func() { // asked to begin now
		select {
		case <-k.wake:
			stop()
		case <-ctx.Done():
		}
	}()
	k.listen(ctx, s)
}

// watching is how often somebody who waits for the hub looks whether the member locked.
const watching = time.Second

// unlocked ends a wait for the hub when its member locks.
func unlocked(ctx context.Context, s *vault.Session) (context.Context, func()) {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		t := time.NewTicker(watching)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if _, err := s.Charter(); err != nil {
					stop()
				}
			}
		}
	}()
	return ctx, stop
}

// listen returns when the hub has something new or ctx ends. Members who lock meanwhile
// are not held up: nothing of theirs is held.
func (k *Keeper) listen(ctx context.Context, s *vault.Session) {
	l, done, err := k.link(s)
	if err != nil {
		return
	}
	defer done()
	ctx, stop := unlocked(ctx, s)
	defer stop()
	for size, again := l.State.Log.Size, true; again && ctx.Err() == nil && l.State.Log.Size == size; again = more(ctx) {
		if err := l.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return // it is time, or somebody asked for it
			}
			k.sleep(min(k.Pace.AfterFail, k.Pace.Least)) // the exchange that follows says what it is
			return
		}
	}
}

// more reports whether there is time to wait again, and for an answer to that.
func more(ctx context.Context) bool {
	until, ends := ctx.Deadline()
	return !ends || time.Until(until) > 2*syncer.AnswerTime
}

func (k *Keeper) sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-k.wake:
	case <-k.life.Done():
	}
}

// between draws a time between two.
func between(least, most time.Duration) time.Duration {
	if most <= least {
		return least
	}
	r := seal.Random16()
	var n uint64
	for _, b := range r[:7] {
		n = n<<8 | uint64(b)
	}
	return least + time.Duration(n%uint64(most-least))
}
