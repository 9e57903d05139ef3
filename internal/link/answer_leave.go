package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// AnswerLies is how long an answer lies at a hub that nobody fetched.
const AnswerLies = 7 * 24 * time.Hour

// mostLeft bounds how many files lie at a hub for new devices at a time.
const mostLeft = 64

// Left is where an answer is that was left at the hub. Frozen: they are keys of messages.
type Left string

// Where it is.
const (
	LeftWaits  Left = "waits"  // it is still here, or on its way to the hub
	LeftLies   Left = "lies"   // it lies at the hub
	LeftTaken  Left = "taken"  // the new device has joined with it
	LeftOld    Left = "old"    // nobody fetched it, and it was dropped
	LeftRoom   Left = "room"   // the hub has no room for it
	LeftNoHold Left = "nohold" // the hub takes no files
)

// leftAnswer is a file that was left at the hub for one device, or is to be.
type leftAnswer struct {
	_      struct{} `cbor:",toarray"`
	Name   seal.Hash
	Device amana.DeviceID
	Made   int64 // milliseconds since 1970
	State  Left
	Size   int64
	Raw    []byte // nil once it does not lie there any more
}

func leftOf(s *vault.Session) (list []leftAnswer, err error) {
	raw, err := s.LeftAnswers()
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	return list, wire.DecodeState(raw, &list)
}

func keepLeft(s *vault.Session, list []leftAnswer) error { return s.KeepLeftAnswers(wire.Encode(list)) }

// LeftFor says where what was left for one device is.
type LeftFor struct {
	State     Left
	Got, Size int64 // bytes
}

// LeftFor says where the answer for a device is. Kind: ErrNotFound where none was left.
func (k *Keeper) LeftFor(s *vault.Session, device amana.DeviceID) (LeftFor, error) {
	list, err := leftOf(s)
	if err != nil {
		return LeftFor{}, err
	}
	for _, one := range list {
		if one.Device != device {
			continue
		}
		left := LeftFor{State: one.State, Size: one.Size}
		k.mu.Lock()
		defer k.mu.Unlock()
		switch {
		case one.State == LeftLies:
			left.Got = one.Size
		case k.leaving.name == one.Name:
			left.Got = k.leaving.got
		}
		return left, nil
	}
	return LeftFor{}, fmt.Errorf("link: no answer was left for device %s: %w", device, amana.ErrNotFound)
}

// LeaveAnswer has an answer left at the hub, in the place of what was left for this device
// before. It goes with the next exchange, before everything else. Kinds: ErrConflict where
// there are too many; ErrLocked, ErrStorage.
func (k *Keeper) LeaveAnswer(s *vault.Session, device amana.DeviceID, name seal.Hash, raw []byte) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	list, err := leftOf(s)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(one leftAnswer) bool {
		return one.Name == name || one.Raw == nil && (one.Device == device || len(list) >= mostLeft/2)
	})
	if len(list) >= mostLeft {
		return fmt.Errorf("link: %d answers wait for their devices: %w", len(list), amana.ErrConflict)
	}
	one := leftAnswer{Name: name, Device: device, Made: k.Now().UnixMilli(), State: LeftWaits, Size: int64(len(raw)), Raw: raw}
	return keepLeft(s, append([]leftAnswer{one}, list...))
}

// leaving is the answer that is on its way to the hub. Guarded by Keeper.mu.
type leaving struct {
	name seal.Hash
	got  int64 // bytes that went, of all
}

// leaveAnswers leaves at the hub what waits for new devices, and drops what lies there no longer
// for anybody.
func (k *Keeper) leaveAnswers(ctx context.Context, l *Link) error {
	list, err := leftOf(l.session)
	if err != nil || !slices.ContainsFunc(list, func(one leftAnswer) bool { return one.Raw != nil }) {
		return err
	}
	for i := range list {
		one := &list[i]
		if one.Raw == nil {
			continue
		}
		before := one.State
		err = k.leaveOne(ctx, l, one)
		if one.State != before {
			if bad := keepLeft(l.session, list); bad != nil {
				return errors.Join(err, bad)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) leaveOne(ctx context.Context, l *Link, one *leftAnswer) error {
	age := k.Now().Sub(time.UnixMilli(one.Made))
	switch joined := l.session.Have()[one.Device] > 0; {
	case joined, age > AnswerLies, age < -AnswerLies: // or a clock that was set back
		if err := l.client.Drop(ctx, one.Name); err != nil && !errors.Is(err, amana.ErrNotFound) {
			return err
		}
		if one.State, one.Raw = LeftOld, nil; joined {
			one.State = LeftTaken
		}
		return nil
	case one.State == LeftLies:
		_, _, err := l.client.Standing(ctx, one.Name)
		if errors.Is(err, amana.ErrNotFound) {
			one.State, one.Raw, err = LeftTaken, nil, nil
		}
		return err
	}
	return k.sendAnswer(ctx, l, one)
}

// sendAnswer sends what the hub lacks of one.
func (k *Keeper) sendAnswer(ctx context.Context, l *Link, one *leftAnswer) error {
	state, err := syncer.ReadFileState(nil, wire.Address{})
	if err != nil {
		return err
	}
	file := syncer.File{Name: one.Name, Size: one.Size, Here: true}
	c := &syncer.Carrier{
		Store: l.client, State: state, Now: k.Now,
		Device: single{File: file, raw: one.Raw, went: func(got int64) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.leaving = leaving{one.Name, got}
		}},
		Keep: func(*syncer.FileState) error { return nil },
	}
	r, err := c.Carry(ctx)
	switch _, sent := state.Sent[one.Name]; {
	case errors.Is(err, syncer.ErrNoFiles):
		one.State = LeftNoHold
		return nil
	case err != nil:
		return err
	case r.NoRoom || r.Refused > 0:
		one.State = LeftRoom
	case sent:
		one.State = LeftLies
	}
	return nil
}

// single is one file as the syncer wants it.
type single struct {
	syncer.File
	raw  []byte
	went func(got int64) // told how far it was read
}

// ReadAt implements [io.ReaderAt].
func (s single) ReadAt(p []byte, at int64) (int, error) {
	n, err := bytes.NewReader(s.raw).ReadAt(p, at)
	s.went(at + int64(n))
	return n, err
}

// Files implements [syncer.FileDevice].
func (s single) Files(context.Context) ([]syncer.File, error) { return []syncer.File{s.File}, nil }

// Read implements [syncer.FileDevice].
func (s single) Read(context.Context, syncer.File) (io.ReaderAt, func() error, error) {
	return s, func() error { return nil }, nil
}

// Take implements [syncer.FileDevice]: nothing comes.
func (s single) Take(context.Context, syncer.File, io.Reader) (bool, error) {
	return false, amana.ErrConflict
}

// Erased implements [syncer.FileDevice].
func (s single) Erased() ([]seal.Hash, error) { return nil, nil }

// withAnswers are a device's files, and what it left for new devices: one that is near
// comes for it here.
type withAnswers struct {
	syncer.FileDevice
	s *vault.Session
}

// Find implements [syncer.FileFinder].
func (w withAnswers) Find(name seal.Hash) (f syncer.File, known bool, err error) {
	left, err := leftOf(w.s)
	for _, one := range left {
		if one.Name == name && one.Raw != nil {
			return syncer.File{Name: name, Size: one.Size, Here: true}, true, nil
		}
	}
	return f, false, err
}

// Read implements [syncer.FileDevice].
func (w withAnswers) Read(ctx context.Context, f syncer.File) (io.ReaderAt, func() error, error) {
	left, err := leftOf(w.s)
	if err != nil {
		return nil, nil, err
	}
	for _, one := range left {
		if one.Name == f.Name && one.Raw != nil {
			return bytes.NewReader(one.Raw), func() error { return nil }, nil
		}
	}
	return w.FileDevice.Read(ctx, f)
}
