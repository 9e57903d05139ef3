package link

import (
	"slices"

	"amana/internal/vault"
)

// link returns the way to the hub for a session. While a keeper works it is the same one
// each time: to connect anew takes more bytes than most exchanges. done is called after.
func (k *Keeper) link(s *vault.Session) (l *Link, done func(), err error) {
	to, err := addressOf(s)
	if err != nil {
		return nil, nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.running || !slices.Contains(k.sessions, s) {
		if l, err = openTo(s, to); err != nil {
			return nil, nil, err
		}
		return l, l.Close, nil
	}
	if k.line == nil || k.line.session != s || k.line.to != to {
		k.dropLine()
		if k.line, err = newLine(s, to); err != nil {
			return nil, nil, err
		}
	}
	if l, err = k.line.link(); err != nil {
		return nil, nil, err
	}
	return l, func() {}, nil
}

// hangUp ends the connections: they hold a key of the device, which nothing may outlive
// for long that a member unlocked.
func (k *Keeper) hangUp() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dropLine()
}

// dropLine is hangUp for who holds mu.
func (k *Keeper) dropLine() {
	if k.line != nil {
		k.line.client.Close()
		k.line = nil
	}
}
