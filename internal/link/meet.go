package link

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// Met says what came of a meeting.
type Met = syncer.Met

// Meeting is a device that listens for another.
type Meeting struct {
	// Word is what the other has to be told: where, and by which key it is known.
	Word string
	host *syncer.Host
}

const meetBegins = "amana-meet:"

func meetWord(addr string, key seal.VerifyKey) string {
	return meetBegins + addr + "/" + base64.RawURLEncoding.EncodeToString(key[:])
}

// Listen lets other devices of the organisation come to this one, at host:port, until the
// meeting is closed. Each is known by the key that the charter has; any other is refused.
// done is told what came of each visit. Kinds: ErrInvalid for an address that cannot be
// listened on.
func Listen(s *vault.Session, addr string, done func(Met)) (*Meeting, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	me, known := c.Device(s.Device())
	if !known {
		return nil, fmt.Errorf("link: this device is not in the charter: %w", amana.ErrRefused)
	}
	own, err := s.Certificate()
	if err != nil {
		return nil, err
	}
	h := &syncer.Host{
		Device: synced{s}, Files: Carried(s), Knows: func(key seal.VerifyKey) bool { return inUse(s, key) },
		Took: func(ctx context.Context) {
			_ = s.Settle(ctx) // where the member locked meanwhile, the next unlocking does it
		},
		Done: done,
	}
	if err := h.Listen(addr, own); err != nil {
		return nil, err
	}
	return &Meeting{Word: meetWord(h.Addr(), me.VerifyKey), host: h}, nil
}

// Close ends a meeting.
func (m *Meeting) Close() error { return m.host.Close() }

// inUse reports whether a key is that of another device that may still sign.
func inUse(s *vault.Session, key seal.VerifyKey) bool {
	c, err := s.Charter()
	if err != nil {
		return false
	}
	for _, d := range c.Devices() {
		if d.VerifyKey == key && d.Revoked == 0 && d.ID != s.Device() {
			return true
		}
	}
	return false
}

// Visit goes to a device that listens, by its word, and exchanges both ways: entries, then
// the files of evidence that the members on both sides can read, the small ones first.
// What breaks off, or is not done within [syncer.LongestVisit], goes on at the next visit. Kinds:
// ErrInvalid for what is no word; ErrRefused for a key that is of no device of the
// organisation, or where this one is not known there; ErrTampered where another answers;
// [syncer.ErrAway].
func Visit(ctx context.Context, s *vault.Session, word string) (m Met, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(word), meetBegins)
	host, text, found := strings.Cut(rest, "/")
	raw, bad := base64.RawURLEncoding.DecodeString(text)
	if !ok || !found || bad != nil || len(raw) != seal.VerifyKeySize || !strings.Contains(host, ":") {
		return m, fmt.Errorf("link: this is not the word of a meeting: %w", amana.ErrInvalid)
	}
	key := seal.VerifyKey(raw)
	if !inUse(s, key) {
		return m, fmt.Errorf("link: no device of this organisation has this key: %w", amana.ErrRefused)
	}
	own, err := s.Certificate()
	if err != nil {
		return m, err
	}
	client := syncer.NewClient(wire.Address{Host: host, Key: key}, own)
	defer client.Close()
	ctx, over := context.WithTimeout(ctx, syncer.LongestVisit)
	defer over()
	ctx, stop := unlocked(ctx, s)
	defer stop()
	if m, err = client.Visit(ctx, synced{s}); m.Taken > 0 {
		_ = s.Settle(ctx) // where the member locked meanwhile, the next unlocking does it
	}
	if err != nil {
		return m, err
	}
	defer client.Leave(ctx)
	r, err := carryTo(ctx, s, client)
	m.FilesTaken, m.FilesHanded, m.FilesBad = r.Fetched, r.Sent, r.Bad
	if r.NoRoom {
		m.FilesBad++
	}
	return m, err
}

// carryTo carries files to and from a device that listens. Nothing is noted for later: it
// is asked anew at each visit. What a metered connection holds back goes: there is no
// provider between two devices.
func carryTo(ctx context.Context, s *vault.Session, client *syncer.Client) (syncer.FileReport, error) {
	state, err := syncer.ReadFileState(nil, wire.Address{})
	if err != nil {
		return syncer.FileReport{}, err
	}
	c := &syncer.Carrier{
		Device: Carried(s), Store: client, State: state, Peer: true,
		Keep: func(*syncer.FileState) error { return nil },
		Now:  func() time.Time { return time.Unix(0, 0) }, // what was found out holds for this visit
	}
	r, err := c.Carry(ctx)
	if errors.Is(err, syncer.ErrNoFiles) { // an older version
		return r, nil
	}
	return r, err
}
