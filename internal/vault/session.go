package vault

import (
	"context"
	"errors"

	"amana/internal/charter"
	"amana/internal/keyring"
)

// newSession reads the charter and opens the member's view; what the view lacks
// is built in the background. Callers hold Vault.mu.
func (v *Vault) newSession(ctx context.Context, o *opened, ring *keyring.Ring) (*Session, error) {
	s := &Session{vault: v, open: o, ring: ring, charter: charter.New()}
	s.rules = newCharterReader(o, ring)
	if len(o.charter) == 0 {
		if err := o.findCharter(v.dir, ring); err != nil {
			return nil, err
		}
	}
	if err := s.freshen(); err != nil {
		return nil, err
	}
	if err := v.finishErasures(s); err != nil {
		return nil, err
	}
	index, err := openIndex(ctx, s)
	if err != nil {
		return nil, err
	}
	s.index.Store(index)
	return s, nil
}

// leave drops what the session holds. Callers hold Vault.mu.
func (s *Session) leave() error {
	s.use.Lock()
	defer s.use.Unlock()
	err := s.index.Load().close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.charter = nil
	s.ring.Drop()
	return errors.Join(err, s.open.noteCharter(s.vault.dir))
}

// Charter returns the charter as it stands, to be read only.
func (s *Session) Charter() (*charter.Charter, error) {
	if err := s.freshen(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.charter == nil {
		return nil, s.locked()
	}
	return s.charter.Clone(), nil
}

// reading calls fn with the charter as it stands; it must not keep it.
func (s *Session) reading(fn func(*charter.Charter) error) error {
	if err := s.freshen(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.charter == nil {
		return s.locked()
	}
	return fn(s.charter)
}
