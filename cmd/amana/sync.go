package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"amana"
	"amana/internal/casework"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// synced is a vault as the syncer wants it.
type synced struct{ *vault.Session }

// Import implements [syncer.Device].
func (s synced) Import(ctx context.Context, next func() (journal.Batch, bool, error)) (taken, left int, err error) {
	done, err := s.Session.Import(ctx, next)
	return done.Taken, done.Waiting + done.Refused, err
}

// Erased implements [syncer.Device].
func (s synced) Erased(ctx context.Context) (map[amana.DeviceID][]uint64, error) {
	return s.ErasedItems(ctx)
}

var errNoHub = hintedError{fmt.Errorf("this device has no hub: %w", amana.ErrNotFound), "amana sync join takes the invitation of one"}

// hubLink is one device's way to its hub.
type hubLink struct {
	*syncer.Syncer
	client  *syncer.Client
	session *vault.Session
}

// linkTo opens the way to the hub that is kept, or to another one.
func linkTo(s *vault.Session, to *wire.Address) (*hubLink, error) {
	if to == nil {
		raw, err := s.HubAddress()
		if err != nil {
			return nil, err
		}
		if len(raw) == 0 {
			return nil, errNoHub
		}
		to = &wire.Address{}
		if err := wire.Decode(raw, to); err != nil {
			return nil, err
		}
	}
	raw, err := s.HubState()
	if err != nil {
		return nil, err
	}
	state, err := syncer.ReadState(raw, *to)
	if err != nil {
		return nil, err
	}
	own, err := s.Certificate()
	if err != nil {
		return nil, err
	}
	client := syncer.NewClient(*to, own)
	return &hubLink{session: s, client: client, Syncer: &syncer.Syncer{
		Device: synced{s}, Witness: s, Hub: client, State: state,
		Keep: func(st *syncer.State) error { return s.KeepHubState(st.Encode()) },
	}}, nil
}

// sync syncs once, and does what follows from what came.
func (l *hubLink) sync(ctx context.Context) (syncer.Report, error) {
	if err := l.tellDevices(ctx); err != nil {
		return syncer.Report{}, err
	}
	r, err := l.Sync(ctx)
	if r.Pulled > 0 && !errors.Is(err, amana.ErrLocked) {
		err = errors.Join(err, l.session.Settle(ctx))
	}
	return r, err
}

// tellDevices has the hub let in and out whom the charter does.
func (l *hubLink) tellDevices(ctx context.Context) error {
	if !l.State.Steward {
		return nil
	}
	c, err := l.session.Charter()
	if err != nil {
		return err
	}
	for _, d := range c.Devices() {
		ended, told := l.State.Told[d.ID]
		if told && ended == (d.Revoked != 0) {
			continue
		}
		if !told {
			err = l.client.Admit(ctx, d.ID, d.VerifyKey, false)
		}
		if err == nil && d.Revoked != 0 {
			err = l.client.Revoke(ctx, d.ID)
		}
		if err != nil {
			return err
		}
		l.State.Told[d.ID] = d.Revoked != 0
		if err := l.Keep(l.State); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) syncCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "sync",
		Short:       "Exchange entries with a hub",
		Args:        known,
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE:        func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.syncJoinCommand(), p.syncNowCommand())
	return c
}

func (p *program) syncJoinCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "join",
		Short: "Begin at a hub, with its invitation",
		Long: `Begin at a hub, with an invitation that its operator gave. This device then lets the
organisation's other devices in and out there. Devices that are added later know
the hub by themselves; one that was there before is told by amana sync join too,
with the same invitation, which lets nobody else begin.

Standard input: the passphrase of an administrator; the invitation.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				word, err := p.console.answer(c.Context(), "Invitation")
				if err != nil {
					return err
				}
				i, err := wire.ParseInvitation(word)
				if err != nil {
					return err
				}
				return p.joinHub(c.Context(), d.Session(), i)
			})
		},
	}
	dirFlag(c, &dir)
	return c
}

func (p *program) joinHub(ctx context.Context, s *vault.Session, i wire.Invitation) error {
	l, err := linkTo(s, &i.Address)
	if err != nil {
		return err
	}
	defer l.client.Close()
	err = l.client.Enrol(ctx, i.Token, s.Organisation(), s.Device())
	switch {
	case err == nil:
		l.State.Steward = true
		l.State.Told[s.Device()] = false
	case errors.Is(err, amana.ErrRefused): // the invitation was used: by this organisation, if the hub knows the device
		if _, asked := l.client.Log(ctx, 0, false); asked != nil {
			return hintedError{err, "the invitation was used, or this device was not let in yet by the one that used it"}
		}
	default:
		return err
	}
	if err := s.KeepHubAddress(wire.Encode(i.Address)); err != nil {
		return err
	}
	return l.Keep(l.State)
}

// syncAnswer is what one sync did, as a script sees it.
type syncAnswer struct {
	Taken   int      `json:"taken"`
	Handed  int      `json:"handed_over"`
	Erased  int      `json:"erased"`
	Waiting int      `json:"waiting"`
	Left    int      `json:"left"`
	Lies    []string `json:"lies"`
}

func (p *program) syncNowCommand() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "now",
		Short: "Exchange entries with the hub once",
		Long: `Bring what other devices wrote, and hand over what the hub lacks. What the hub shows
is held against all that it showed before, to this device and to others; where it
contradicts itself, that is said, and what proves it is kept.

Standard input: the passphrase of any member.`,
		Args:        exactly(),
		Annotations: canExit(exitTampered, exitRefused, exitLocked, exitStorage, exitInterrupted),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.atDesk(c.Context(), dir, func(d *casework.Desk) error {
				l, err := linkTo(d.Session(), nil)
				if err != nil {
					return err
				}
				defer l.client.Close()
				r, err := l.sync(c.Context())
				answer := syncAnswer{r.Pulled, r.Pushed, r.Erased, r.Waiting, r.Left, []string{}}
				for _, lie := range l.State.Lies {
					answer.Lies = append(answer.Lies, lie.What)
				}
				if err != nil {
					return err
				}
				if asJSON {
					return p.console.printJSON(answer)
				}
				p.console.printf("%d entries taken, %d handed over, %d waiting\n", r.Pulled, r.Pushed, r.Waiting)
				return nil
			})
		},
	}
	dirFlag(c, &dir)
	jsonFlag(c, &asJSON)
	return c
}

// background keeps a device in step with its hub for as long as somebody is unlocked:
// one exchange at a time, whoever is. A hub that is away is tried again later.
type background struct {
	log *slog.Logger
	mu  sync.Mutex // held by who syncs
	wg  sync.WaitGroup

	at   map[*vault.Session]bool // guarded by atMu: who has it running
	atMu sync.Mutex
}

// follow begins for a desk that was unlocked, where there is a hub.
func (b *background) follow(ctx context.Context, s *vault.Session) {
	b.atMu.Lock()
	defer b.atMu.Unlock()
	if b.at[s] { // another browser of the same member
		return
	}
	l, err := linkTo(s, nil)
	if err != nil {
		return
	}
	if b.at == nil {
		b.at = map[*vault.Session]bool{}
	}
	b.at[s] = true
	b.wg.Go(func() {
		defer l.client.Close()
		b.run(ctx, l)
		b.atMu.Lock()
		defer b.atMu.Unlock()
		delete(b.at, s)
	})
}

func (b *background) run(ctx context.Context, l *hubLink) {
	pause := syncPause
	for ctx.Err() == nil {
		err := b.once(ctx, l)
		switch {
		case errors.Is(err, amana.ErrLocked), ctx.Err() != nil:
			return
		case err == nil:
			pause = syncPause
			err = l.Wait(ctx)
		case errors.Is(err, syncer.ErrHubLies), errors.Is(err, amana.ErrRefused):
			b.log.LogAttrs(ctx, slog.LevelWarn, "the hub cannot be used; amana sync now says why")
			pause = longestSync
		}
		if err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longestSync)
	}
}

func (b *background) once(ctx context.Context, l *hubLink) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := l.session.Charter(); err != nil {
		return err // locked
	}
	raw, err := l.session.HubState() // another member's session may have synced since
	if err != nil {
		return err
	}
	if l.State, err = syncer.ReadState(raw, l.State.Hub); err != nil {
		return err
	}
	_, err = l.sync(ctx)
	return err
}
