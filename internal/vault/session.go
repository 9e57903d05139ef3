package vault

import (
	"context"
	"errors"

	"amana/internal/charter"
	"amana/internal/keyring"
	"amana/internal/view"
)

// newSession opens the member's view, reads the charter, and carries out what
// was left to do; what the view lacks is built in the background. Callers hold
// Vault.mu.
func (v *Vault) newSession(ctx context.Context, o *opened, ring *keyring.Ring) (*Session, error) {
	s, err := v.trySession(ctx, o, ring)
	if errors.Is(err, view.ErrDamaged) {
		v.removeViewsOf(o, ring.Member())
		s, err = v.trySession(ctx, o, ring)
	}
	return s, err
}

func (v *Vault) trySession(ctx context.Context, o *opened, ring *keyring.Ring) (*Session, error) {
	s := &Session{vault: v, open: o, ring: ring}
	s.charter.Store(charter.NewFor(o.org))
	s.rules = newCharterReader(o, ring)
	x := &indexer{s: s, shut: shut{}}
	if err := x.openView(); err != nil {
		return nil, err
	}
	err := s.readCharter(x)
	if err == nil {
		err = v.finishErasures(ctx, s, x)
	}
	if err == nil {
		err = s.takeUpStart()
	}
	if err == nil {
		err = x.start(ctx)
	}
	if err != nil {
		x.view.Close()
		return nil, err
	}
	s.index.Store(x)
	return s, nil
}

// readCharter takes up the keys that the view keeps, and then the charter.
func (s *Session) readCharter(x *indexer) error {
	kept, err := x.view.Meta(metaRing)
	if err != nil {
		return err
	}
	if err := s.ring.Restore(kept); err != nil {
		return err
	}
	if len(s.open.charter) == 0 {
		if err := s.open.findCharter(s.vault.dir, s.ring); err != nil {
			return err
		}
	}
	if len(kept) == 0 {
		known := charterPlaces{At: s.open.charter, Upto: s.open.log.End()}
		if err := s.open.gatherKeys(s.ring, known); err != nil {
			return err
		}
	}
	return s.freshen()
}

// leave drops what the session holds. Callers hold Vault.mu.
func (s *Session) leave() error {
	s.index.Load().stop() // whoever waits for the view waits no longer
	s.use.Lock()
	defer s.use.Unlock()
	err := s.index.Load().close()
	s.drop()
	return errors.Join(err, s.open.noteCharter(s.vault.dir))
}

// drop forgets the keys. Callers hold use.
func (s *Session) drop() {
	s.charter.Store(nil)
	s.ring.Drop()
	s.files.forget()
	s.names.forget()
}

// Charter returns the charter as it stands. It is shared: who wants to try a
// change clones it.
func (s *Session) Charter() (*charter.Charter, error) {
	if err := s.freshen(); err != nil {
		return nil, err
	}
	return s.read()
}

// read returns the charter as it was read last.
func (s *Session) read() (*charter.Charter, error) {
	c := s.charter.Load()
	if c == nil {
		return nil, s.locked()
	}
	return c, nil
}

// Settle does what unlocking brings with it: a restored device enters the charter,
// members who joined a team of this member's get its keys, and teams whose
// members changed get the next key.
func (s *Session) Settle(ctx context.Context) error {
	if s.open.starting() { // it belongs to who has the history
		return nil
	}
	if err := s.announce(ctx); err != nil {
		return err
	}
	if _, err := s.turnPending(ctx); err != nil {
		return err
	}
	_, err := s.HandOn(ctx)
	return err
}
