package link

import (
	"context"
	"errors"
	"fmt"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
	"amana/internal/seal"
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

// ErrNoHub: this device has no hub.
var ErrNoHub = fmt.Errorf("link: this device has no hub: %w", amana.ErrNotFound)

// Link is one device's way to its hub.
type Link struct {
	*syncer.Syncer
	client  *syncer.Client
	session *vault.Session
	by      *vault.Session // an administrator who is unlocked here; the session's own else
	told    *seal.Hash     // what the hub was last told of devices
	note    func(change func(*notes)) error
}

// Open opens the way to the hub that is kept. Kinds: ErrNoHub, ErrLocked, ErrStorage.
func Open(s *vault.Session) (*Link, error) {
	to, err := addressOf(s)
	if err != nil {
		return nil, err
	}
	return openTo(s, to)
}

func addressOf(s *vault.Session) (to wire.Address, err error) {
	raw, err := s.HubAddress()
	if err != nil {
		return to, err
	}
	if len(raw) == 0 {
		return to, ErrNoHub
	}
	return to, wire.Decode(raw, &to)
}

func openTo(s *vault.Session, to wire.Address) (*Link, error) {
	l, err := newLine(s, to)
	if err != nil {
		return nil, err
	}
	return l.link()
}

// line is what can stay between two exchanges of a session: the connections, and what
// need not be asked for again.
type line struct {
	session *vault.Session
	to      wire.Address
	client  *syncer.Client
	memory  syncer.Memory
	told    seal.Hash
}

func newLine(s *vault.Session, to wire.Address) (*line, error) {
	own, err := s.Certificate()
	if err != nil {
		return nil, err
	}
	return &line{session: s, to: to, client: syncer.NewClient(to, own)}, nil
}

// link is the line with what the vault keeps of the hub now.
func (l *line) link() (*Link, error) {
	s := l.session
	state, err := stateOf(s, l.to)
	if err != nil {
		return nil, err
	}
	return &Link{session: s, by: s, told: &l.told, note: noting(s), client: l.client, Syncer: &syncer.Syncer{
		Device: synced{s}, Witness: s, Hub: l.client, State: state, Memory: &l.memory,
		Keep: func(st *syncer.State) error { return s.KeepHubState(st.Encode()) },
	}}, nil
}

func stateOf(s *vault.Session, to wire.Address) (*syncer.State, error) {
	raw, err := s.HubState()
	if err != nil {
		return nil, err
	}
	return syncer.ReadState(raw, to)
}

// Close ends its connections.
func (l *Link) Close() { l.client.Close() }

// Exchange exchanges once, and does what follows from what came. What was done before
// it broke off stays done, and is in the report.
func (l *Link) Exchange(ctx context.Context) (syncer.Report, error) {
	if err := l.tellDevices(ctx); err != nil {
		return syncer.Report{}, err
	}
	r, err := l.Sync(ctx)
	if r.Pulled > 0 && !errors.Is(err, amana.ErrLocked) {
		err = errors.Join(err, l.session.Settle(ctx))
	}
	return r, err
}

// ErrUsed: the invitation was used by another organisation, or this device was not let
// in yet by the one that used it.
var ErrUsed = fmt.Errorf("link: the invitation was used: %w", amana.ErrRefused)

// Join begins at a hub with an invitation, or takes up its address where the organisation
// began there before: with another device, or before the hub moved. Then the invitation
// is not used up. It is for administrators. Kinds: ErrInvalid for a word
// that is no invitation; ErrUsed; [syncer.ErrAway]; ErrTampered for another hub at that
// address; ErrRefused.
func Join(ctx context.Context, s *vault.Session, invitation string) error {
	i, err := wire.ParseInvitation(invitation)
	if err != nil {
		return err
	}
	c, err := s.Charter()
	if err != nil {
		return err
	}
	if me, _ := c.Member(s.Member()); !me.Has(amana.RoleAdministrator) {
		return fmt.Errorf("link: member %s is no administrator: %w", s.Member(), amana.ErrRefused)
	}
	l, err := openTo(s, i.Address)
	if err != nil {
		return err
	}
	defer l.Close()
	err = l.client.Enrol(ctx, i.Token, s.Organisation(), s.Device())
	switch {
	case err == nil:
		l.State.Steward = true
		l.State.Told[s.Device()] = false
	case errors.Is(err, amana.ErrRefused), errors.Is(err, amana.ErrConflict): // by this organisation, if the hub knows the device
		if _, asked := l.client.Log(ctx, 0, false); asked != nil {
			return ErrUsed
		}
	default:
		return err
	}
	if err := s.KeepHubAddress(wire.Encode(i.Address)); err != nil {
		return err
	}
	return l.Keep(l.State)
}
