package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"amana"
	"amana/internal/seal"
)

// memory keeps what never changes in the database and is asked for with every request.
// It forgets everything when there is too much of it.
type memory[K comparable, V any] struct {
	mu sync.Mutex // guards m
	m  map[K]V
}

const mostKnown = 1 << 17

func (m *memory[K, V]) get(k K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.m[k]
	return v, ok
}

func (m *memory[K, V]) put(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.m == nil || len(m.m) >= mostKnown {
		m.m = map[K]V{}
	}
	m.m[k] = v
}

func (m *memory[K, V]) forget(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.m, k)
}

// whose says which organisation has the device with a key, where it was here before.
// Whether the device may still speak it does not say.
func (s *Store) whose(key seal.VerifyKey) (place, bool) { return s.places.get(key) }

// keyOf returns the key by which a device signs. It never changes, so it is asked for
// once; that the device may still speak is looked at each time. ErrNotFound.
func (s *Store) keyOf(ctx context.Context, org amana.OrgID, device amana.DeviceID) (key seal.VerifyKey, err error) {
	at := place{org, device}
	if key, known := s.keys.get(at); known {
		return key, nil
	}
	var raw []byte
	err = s.db.QueryRowContext(ctx, "SELECT verify FROM device WHERE org=$1 AND device=$2", org[:], device[:]).Scan(&raw)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return key, fmt.Errorf("hub: device %s was not admitted: %w", device, amana.ErrNotFound)
	case err != nil:
		return key, kindOf("device", err)
	case len(raw) != len(key):
		return key, fmt.Errorf("hub: the key of device %s: %w", device, amana.ErrTampered)
	}
	key = seal.VerifyKey(raw)
	s.keys.put(at, key)
	return key, nil
}
