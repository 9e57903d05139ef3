package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/hub/wire"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// devicesAtHub is what is kept of how devices stand at the hub.
type devicesAtHub struct {
	Ended []amana.DeviceID `cbor:"1,keyasint,omitempty"` // not let in there
	NoSay bool             `cbor:"2,keyasint,omitempty"` // it knows no administrator who was unlocked here
}

// DevicesAtHub is how an organisation's devices stand at its hub, as far as is known here.
type DevicesAtHub struct {
	Known bool
	Ended []amana.DeviceID // it does not let these in
	NoSay bool             // it knows no administrator who was unlocked here: its operator has to help
}

// EndedHere is the order by which the hub lets this device in no more.
type EndedHere struct {
	By amana.MemberID // zero where it is nobody's whom the charter names as administrator
	At amana.DeviceID
}

// tellDevices has the hub let in and out whom the charter does, by orders of an
// administrator who is unlocked here; at a hub of the version before as its steward. What
// the hub does not take holds nothing else up.
func (l *Link) tellDevices(ctx context.Context) error {
	c, err := l.by.Charter()
	if err != nil {
		return err
	}
	me, _ := c.Member(l.by.Member())
	administers := me.Has(amana.RoleAdministrator) && me.Left == 0
	want := digestOf(c, l.by.Member())
	if !administers && !l.State.Steward || *l.told == want {
		return nil
	}
	o := orders{l: l, c: c, administers: administers}
	done, err := o.give(ctx)
	switch {
	case errors.Is(err, amana.ErrNotFound):
		if err = l.tellOlder(ctx, c); err == nil && l.State.Steward {
			*l.told = want
		}
		return err
	case errors.Is(err, amana.ErrInvalid), errors.Is(err, amana.ErrConflict), syncer.IsLater(err):
		return o.keep() // the next exchange tries again
	case err != nil:
		return err
	}
	if done {
		*l.told = want
	}
	return o.keep()
}

// digestOf stands for all that a hub is told of devices, and who tells it.
func digestOf(c *charter.Charter, by amana.MemberID) seal.Hash {
	parts := [][]byte{by[:]}
	for _, d := range c.Devices() {
		parts = append(parts, d.ID[:], d.VerifyKey[:], []byte{map[bool]byte{true: 1}[d.Revoked != 0]})
	}
	for _, a := range administratorsOf(c) {
		parts = append(parts, a[:])
	}
	return seal.Digest("amana/1/devices told", parts...)
}

// administratorsOf are those who give orders by the charter.
func administratorsOf(c *charter.Charter) (list []wire.AdministratorID) {
	for _, m := range c.Members() {
		if m.Left == 0 && m.Has(amana.RoleAdministrator) {
			list = append(list, wire.AdministratorOf(c.Org(), m.VerifyKey))
		}
	}
	slices.SortFunc(list, func(a, b wire.AdministratorID) int { return bytes.Compare(a[:], b[:]) })
	return list[:min(len(list), wire.MostAdministrators)]
}

// orders is the giving of orders in one exchange.
type orders struct {
	l           *Link
	c           *charter.Charter
	administers bool
	at          wire.Standing
	noSay       bool
}

// give asks how things stand, and gives the orders that it takes: who was lost goes
// first. It reports whether nothing is left to be told.
func (o *orders) give(ctx context.Context) (done bool, err error) {
	if o.at, err = o.l.client.Devices(ctx); err != nil {
		return false, err
	}
	want := administratorsOf(o.c)
	if len(o.at.Administrators) == 0 {
		if !o.at.Steward {
			o.noSay = o.administers
			return true, nil
		}
		if err := o.order(ctx, wire.Order{Kind: wire.OrderAdministrators, Administrators: want}); err != nil {
			return false, err
		}
		o.at.Administrators = want
	}
	if !o.administers {
		return true, nil
	}
	me, _ := o.c.Member(o.l.by.Member())
	if !slices.Contains(o.at.Administrators, wire.AdministratorOf(o.c.Org(), me.VerifyKey)) {
		o.noSay = true
		return true, nil
	}
	for _, one := range o.missing() {
		if err := o.order(ctx, one); errors.Is(err, amana.ErrConflict) && one.Kind == wire.OrderAdmit {
			o.at.Number-- // its key is another's at this hub: that one device stays out, and holds up no other
		} else if err != nil {
			return false, err
		}
	}
	if slices.Equal(want, o.at.Administrators) {
		return true, nil
	}
	return true, o.order(ctx, wire.Order{Kind: wire.OrderAdministrators, Administrators: want})
}

// missing are the orders that devices need: ended before admitted. A device that was
// ended at the hub and is in use by the charter as it is here is not let in again by
// itself: its end may not have come here yet.
func (o *orders) missing() (list []wire.Order) {
	var admit []wire.Order
	for _, d := range o.c.Devices() {
		i := slices.IndexFunc(o.at.Devices, func(s wire.DeviceStanding) bool { return s.Device == d.ID })
		switch {
		case d.Revoked != 0 && i >= 0 && !o.at.Devices[i].Ended && d.ID != o.l.by.Device():
			list = append(list, wire.Order{Kind: wire.OrderEnd, Device: d.ID})
		case d.Revoked == 0 && i < 0:
			admit = append(admit, wire.Order{Kind: wire.OrderAdmit, Device: d.ID, Verify: d.VerifyKey[:]})
		}
	}
	return append(list, admit...)
}

// order signs an order, as an administrator's or, for the first administrators, as the
// steward's, and hands it over.
func (o *orders) order(ctx context.Context, one wire.Order) error {
	one.Number, one.By = o.at.Number+1, o.l.by.Device()
	org := o.c.Org()
	if len(o.at.Administrators) > 0 {
		me, _ := o.c.Member(o.l.by.Member())
		one.Key = me.VerifyKey[:]
		member, device, err := o.l.by.SignOrder(wire.OrderLabel, one.Message(org))
		if err != nil {
			return err
		}
		one.Member, one.Signed = member[:], device[:]
	} else {
		device := o.l.by.SignAtDevice(wire.OrderLabel, one.Message(org))
		one.Signed = device[:]
	}
	if err := o.l.client.Order(ctx, one); err != nil {
		return err
	}
	o.at.Number++
	i := slices.IndexFunc(o.at.Devices, func(s wire.DeviceStanding) bool { return s.Device == one.Device })
	if i >= 0 {
		o.at.Devices[i].Ended = one.Kind == wire.OrderEnd
	}
	return nil
}

// keep notes how devices stand at the hub.
func (o *orders) keep() error {
	at := &devicesAtHub{NoSay: o.noSay}
	for _, d := range o.at.Devices {
		if d.Ended {
			at.Ended = append(at.Ended, d.Device)
		}
	}
	return o.l.note(func(n *notes) { n.Devices = at })
}

// tellOlder is tellDevices at a hub of the version before, which obeys its steward.
func (l *Link) tellOlder(ctx context.Context, c *charter.Charter) error {
	if !l.State.Steward {
		return nil
	}
	for _, d := range c.Devices() {
		ended, told := l.State.Told[d.ID]
		if told && ended == (d.Revoked != 0) {
			continue
		}
		var err error
		if !told {
			err = l.client.Admit(ctx, d.ID, d.VerifyKey, false)
		}
		if errors.Is(err, amana.ErrConflict) {
			continue // its key is another's at this hub: that one device stays out, and holds up no other
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

// Tell has the hub let in and out whom the charter does, now, and does nothing else. It
// is for administrators. At a hub of the version before, the first device tells it. Kinds:
// ErrNoHub; [syncer.ErrAway]; ErrRefused where the hub does not know this administrator.
func Tell(ctx context.Context, s *vault.Session) error {
	l, err := Open(s)
	if err != nil {
		return err
	}
	defer l.Close()
	return l.tellNow(ctx)
}

// Tell is [Tell] beside the exchanges of a keeper.
func (k *Keeper) Tell(ctx context.Context, s *vault.Session) error {
	l, err := Open(s)
	if err != nil {
		return err
	}
	defer l.Close()
	l.note = func(change func(*notes)) error { return k.note(s, change) }
	return l.tellNow(ctx)
}

func (l *Link) tellNow(ctx context.Context) error {
	s := l.session
	if err := l.tellDevices(ctx); err != nil {
		return err
	}
	c, err := s.Charter()
	if err != nil {
		return err
	}
	n, err := notesOf(s)
	switch {
	case err != nil:
		return err
	case n.Devices != nil && n.Devices.NoSay:
		return errNoSay
	case *l.told != digestOf(c, s.Member()):
		return fmt.Errorf("link: not all of it was told: %w", syncer.ErrAway)
	}
	return nil
}

// errNoSay: the hub knows this administrator's key as nobody's who gives orders.
var errNoSay = fmt.Errorf("link: the hub does not know this administrator: %w", amana.ErrRefused)

// Return has the hub let a device in again that was ended there and is in use by the
// charter. Kinds: ErrNotFound for no such device; ErrRefused for one that was revoked,
// or where the hub does not know this administrator; as Tell.
func Return(ctx context.Context, s *vault.Session, id amana.DeviceID) error {
	l, err := Open(s)
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := s.Charter()
	if err != nil {
		return err
	}
	d, known := c.Device(id)
	if !known {
		return fmt.Errorf("link: device %s: %w", id, amana.ErrNotFound)
	}
	if d.Revoked != 0 {
		return fmt.Errorf("link: device %s was revoked: %w", id, amana.ErrRefused)
	}
	o := orders{l: l, c: c, administers: true}
	if _, err := o.give(ctx); err != nil {
		return err
	}
	if o.noSay {
		return errors.Join(o.keep(), errNoSay)
	}
	if err := o.order(ctx, wire.Order{Kind: wire.OrderAdmit, Device: id, Verify: d.VerifyKey[:]}); err != nil {
		return err
	}
	return o.keep()
}

// administrator is a session of an administrator who is unlocked here, or s.
func (k *Keeper) administrator(s *vault.Session) *vault.Session {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, one := range append([]*vault.Session{s}, k.sessions...) {
		c, err := one.Charter()
		if err != nil {
			continue
		}
		if me, _ := c.Member(one.Member()); me.Has(amana.RoleAdministrator) {
			return one
		}
	}
	return s
}

// endedBy notes the order by which the hub let this device in no more, or that it does.
func (n *notes) endedBy(err error) {
	var ended *syncer.EndedError
	switch {
	case errors.As(err, &ended):
		n.Ended = wire.Encode(ended.Order)
	case err == nil:
		n.Ended = nil
	}
}

// endedHere reads the order by which this device was ended at the hub, once both its
// signatures were verified by what the charter says.
func endedHere(s *vault.Session, raw []byte) *EndedHere {
	var o wire.Order
	c, err := s.Charter()
	if err != nil || len(raw) == 0 || wire.Decode(raw, &o) != nil || o.Kind != wire.OrderEnd || o.Device != s.Device() {
		return nil
	}
	e := &EndedHere{}
	d, known := c.Device(o.By)
	if !known {
		return e
	}
	if by, err := o.Check(c.Org(), d.VerifyKey); err == nil {
		e.At = o.By
		for _, m := range c.Members() {
			if slices.ContainsFunc(c.KeysOf(m.ID), func(k seal.VerifyKey) bool { return wire.AdministratorOf(c.Org(), k) == by }) {
				e.By = m.ID
			}
		}
	}
	return e
}
