package link

import (
	"context"
	"errors"
	"fmt"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// Met says what came of a meeting.
type Met = syncer.Met

// FileAt is how much of a file has crossed.
type FileAt = syncer.FileAt

// Meeting is a device that listens for another.
type Meeting struct {
	// Word is what the other has to be told: where, and by which key it is known.
	Word string
	host *syncer.Host
}

const meetBegins = "amana-meet:"

// The ways in which no meeting can be with whom a word names.
var (
	// ErrSelf: it is the word of this device.
	ErrSelf = fmt.Errorf("link: this is the word of this device itself: %w", amana.ErrInvalid)
	// ErrEnded: it is that of a device that was revoked.
	ErrEnded = fmt.Errorf("link: the device of this word was revoked: %w", amana.ErrRefused)
	// ErrStranger: it is that of no device that is known here.
	ErrStranger = fmt.Errorf("link: no device of this organisation has this key: %w", amana.ErrRefused)
)

// Listen lets other devices of the organisation come to this one, at host:port, until the
// meeting is closed. Each is known by the key that the charter has; any other is refused.
// Files larger than so many bytes wait; zero: none do. done is told what came of each
// visit. Kinds: ErrInvalid for an address that cannot be listened on.
func Listen(s *vault.Session, addr string, largest int64, done func(Met)) (*Meeting, error) {
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
		Device: synced{s}, Files: withAnswers{Carried(s), s}, Largest: max(largest, 0), Knows: func(key seal.VerifyKey) bool { return inUse(s, key) },
		Took: func(ctx context.Context) {
			_ = s.Settle(ctx) // where the member locked meanwhile, the next unlocking does it
		},
		Done: done,
	}
	if largest < 0 {
		h.Files = nil
	}
	if err := h.Listen(addr, own); err != nil {
		return nil, err
	}
	return &Meeting{Word: wordOf(meetBegins, h.Addr(), me.VerifyKey), host: h}, nil
}

// Here says how far those are who visit now.
func (m *Meeting) Here() []Met { return m.host.Here() }

// Close ends a meeting.
func (m *Meeting) Close() error { return m.host.Close() }

// inUse reports whether a key is that of another device that may still sign.
func inUse(s *vault.Session, key seal.VerifyKey) bool {
	_, err := deviceOf(s, key)
	return err == nil
}

// deviceOf returns the name of the device whose key it is. Kinds: ErrSelf, ErrEnded,
// ErrStranger, ErrLocked.
func deviceOf(s *vault.Session, key seal.VerifyKey) (name string, err error) {
	c, err := s.Charter()
	if err != nil {
		return "", err
	}
	for _, d := range c.Devices() {
		switch {
		case d.VerifyKey != key:
		case d.ID == s.Device():
			return d.Name, ErrSelf
		case d.Revoked != 0:
			return d.Name, ErrEnded
		default:
			return d.Name, nil
		}
	}
	return "", ErrStranger
}

// NameOf returns the name of the device whose key it is, or nothing.
func NameOf(s *vault.Session, key seal.VerifyKey) string {
	name, _ := deviceOf(s, key) // of one that was revoked meanwhile, too
	return name
}

// Whom returns whom a word names, without going there. Kinds: ErrInvalid for what is no
// word; ErrSelf; ErrEnded; ErrStranger; ErrLocked.
func Whom(s *vault.Session, word string) (seal.VerifyKey, error) {
	to, err := ofWord(word)
	if err != nil {
		return to.Key, err
	}
	_, err = deviceOf(s, to.Key)
	return to.Key, err
}

// ofWord reads the word of a meeting.
func ofWord(word string) (to wire.Address, err error) {
	to, ok := readWord(meetBegins, word)
	if !ok {
		return to, fmt.Errorf("link: this is not the word of a meeting: %w", amana.ErrInvalid)
	}
	return to, nil
}

// Visit goes to a device that listens, by its word, and exchanges both ways: entries, then
// the files of evidence that the members on both sides can read, the small ones first, and
// none larger than the visiting says; less than zero: none at all. A line that breaks is
// taken up again for as long as it brings anything. What breaks off for good, or is not done
// within [syncer.LongestVisit], goes on at the next visit. Kinds: those of [Whom]; ErrRefused
// where this device is not known there; ErrTampered where another answers; ErrStorage;
// [syncer.ErrAway].
func Visit(ctx context.Context, s *vault.Session, word string, v *syncer.Visiting) error {
	to, err := ofWord(word)
	if err != nil {
		return err
	}
	if _, err := deviceOf(s, to.Key); err != nil {
		return err
	}
	own, err := s.Certificate()
	if err != nil {
		return err
	}
	client := syncer.NewClient(to, own)
	defer client.Close()
	ctx, over := context.WithTimeout(ctx, syncer.LongestVisit)
	defer over()
	ctx, stop := unlocked(ctx, s)
	defer stop()
	for range mostBreaks {
		before := v.Met().Bytes
		err = visitOnce(ctx, s, client, v)
		if !errors.Is(err, syncer.ErrAway) || v.Met().Bytes == before || !pause(ctx, afterBreak) {
			break
		}
	}
	if v.Met().Bytes > 0 {
		leave(ctx, client, err == nil)
	}
	if _, locked := s.Charter(); err != nil && locked != nil {
		return locked
	}
	return err
}

// How often a line that breaks is taken up again, and after how long.
const (
	mostBreaks = 100
	afterBreak = 300 * time.Millisecond
)

// pause waits, and reports whether ctx did not end meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func visitOnce(ctx context.Context, s *vault.Session, client *syncer.Client, v *syncer.Visiting) error {
	taken := v.Met().Taken
	err := client.Visit(ctx, synced{s}, v)
	if v.Met().Taken > taken {
		_ = s.Settle(context.WithoutCancel(ctx)) // where the member locked meanwhile, the next unlocking does it
	}
	if err == nil && v.Largest >= 0 {
		err = carryTo(ctx, s, client, v)
	}
	return err
}

// leave says that a visit is over, also one that was broken off here.
func leave(ctx context.Context, client *syncer.Client, whole bool) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), longestLeave)
	defer stop()
	client.Leave(ctx, whole)
}

// longestLeave is how long somebody who leaves waits to be heard.
const longestLeave = 3 * time.Second

// carryTo carries files to and from a device that listens. Nothing is noted for later: it
// is asked anew at each visit.
func carryTo(ctx context.Context, s *vault.Session, client *syncer.Client, v *syncer.Visiting) error {
	state, err := syncer.ReadFileState(nil, wire.Address{})
	if err != nil {
		return err
	}
	c := &syncer.Carrier{
		Device: Carried(s), Store: client, State: state, Peer: true, Largest: v.Largest, Progress: v.Carried,
		Keep: func(*syncer.FileState) error { return nil },
		Now:  func() time.Time { return time.Unix(0, 0) }, // what was found out holds for this visit
	}
	r, err := c.Carry(ctx)
	v.Carried(r)
	if errors.Is(err, syncer.ErrNoFiles) { // an older version, or one that wants none
		return nil
	}
	return err
}
