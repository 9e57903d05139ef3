package hub_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"amana"
	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

var midday = time.Unix(1_770_000_000, 0)

// giver gives orders as one administrator at one device.
type giver struct {
	*chain
	member seal.Identity
	number uint64
}

// give signs an order and has the store obey it.
func (g *giver) give(t testing.TB, s *hub.Store, o wire.Order, now time.Time) error {
	t.Helper()
	return s.Obey(t.Context(), g.org, g.sign(o), now)
}

func (g *giver) sign(o wire.Order) wire.Order {
	if o.Number == 0 {
		g.number++
		o.Number = g.number
	}
	key := g.member.VerifyKey()
	o.By, o.Key = g.device.ID, key[:]
	message := o.Message(g.org)
	member, device := g.member.Sign(wire.OrderLabel, message), g.key.Sign(g.device.ID, wire.OrderLabel, message)
	o.Member, o.Signed = member[:], device[:]
	return o
}

// firstAdministrators is the order by which a steward says who gives orders.
func firstAdministrators(c *chain, members ...seal.Identity) wire.Order {
	o := wire.Order{Number: 1, Kind: wire.OrderAdministrators, By: c.device.ID}
	for _, m := range members {
		o.Administrators = append(o.Administrators, wire.AdministratorOf(c.org, m.VerifyKey()))
	}
	signed := c.key.Sign(c.device.ID, wire.OrderLabel, o.Message(c.org))
	o.Signed = signed[:]
	return o
}

func admitted(t testing.TB, s *hub.Store, c *chain, n int) (list []*chain) {
	t.Helper()
	for range n {
		d := newChain(c.org)
		if err := s.Admit(t.Context(), c.device, d.device); err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

// Any administrator has any device ended from any device, at once and without the one
// that began; nobody else has, and nothing counts twice.
func storeOrders(t *testing.T, s *hub.Store) {
	ctx := t.Context()
	c, stranger := newOrg(t, s), newOrg(t, s)
	d := admitted(t, s, c, 3)
	a, b, thief := seal.NewIdentity(), seal.NewIdentity(), seal.NewIdentity()
	end := func(id amana.DeviceID) wire.Order { return wire.Order{Kind: wire.OrderEnd, Device: id} }

	one := &giver{chain: d[0], member: a}
	wantKind(t, "before anybody was named", one.give(t, s, end(d[2].device.ID), midday), amana.ErrRefused)
	wantKind(t, "named at a device that did not begin", s.Obey(ctx, c.org, firstAdministrators(d[0], a), midday), amana.ErrRefused)
	if err := s.Obey(ctx, c.org, firstAdministrators(c, a, b), midday); err != nil {
		t.Fatal(err)
	}
	again := firstAdministrators(c, thief)
	again.Number = 2
	sig := c.key.Sign(c.device.ID, wire.OrderLabel, again.Message(c.org))
	again.Signed = sig[:]
	wantKind(t, "named a second time by who began", s.Obey(ctx, c.org, again, midday), amana.ErrRefused)
	wantKind(t, "revoked by who began", s.Revoke(ctx, c.device, d[2].device.ID), amana.ErrRefused)
	wantKind(t, "admitted by who began", s.Admit(ctx, c.device, newChain(c.org).device), amana.ErrRefused)

	one.number = 1
	bad := one.sign(end(d[2].device.ID))
	bad.Device = d[1].device.ID
	wantKind(t, "changed on the way", s.Obey(ctx, c.org, bad, midday), amana.ErrTampered)
	other := &giver{chain: d[0], member: thief, number: 1}
	wantKind(t, "by no administrator", other.give(t, s, end(d[2].device.ID), midday), amana.ErrRefused)
	half := one.sign(wire.Order{Number: 2, Kind: wire.OrderEnd, Device: d[2].device.ID})
	half.Signed = half.Member
	wantKind(t, "with an administrator's key and no device's", s.Obey(ctx, c.org, half, midday), amana.ErrTampered)
	wantKind(t, "of another organisation", s.Obey(ctx, stranger.org, one.sign(wire.Order{Number: 1, Kind: wire.OrderEnd, Device: d[2].device.ID}), midday), amana.ErrRefused)
	wantKind(t, "of the device itself", one.give(t, s, wire.Order{Number: 2, Kind: wire.OrderEnd, Device: d[0].device.ID}, midday), amana.ErrInvalid)

	// The one that began is the one that was lost.
	one.number = 1
	lost := one.sign(end(c.device.ID))
	if err := s.Obey(ctx, c.org, lost, midday); err != nil {
		t.Fatal(err)
	}
	if got, err := s.DeviceBy(ctx, c.device.Verify); err != nil || !got.Revoked {
		t.Fatalf("%+v, %v", got, err)
	}
	wantKind(t, "replayed", s.Obey(ctx, c.org, lost, midday), amana.ErrConflict)
	at := &giver{chain: c, member: a, number: 2}
	wantKind(t, "given at the lost device", at.give(t, s, end(d[1].device.ID), midday), amana.ErrRefused)

	// Somebody is no administrator any more.
	two := &giver{chain: d[1], member: b, number: 2}
	if err := two.give(t, s, wire.Order{Kind: wire.OrderAdministrators, Administrators: []wire.AdministratorID{wire.AdministratorOf(c.org, b.VerifyKey())}}, midday); err != nil {
		t.Fatal(err)
	}
	one.number = 3
	wantKind(t, "by a former administrator", one.give(t, s, end(d[2].device.ID), midday), amana.ErrRefused)

	// Let in again, and by an order that is replayed not ended again.
	if err := two.give(t, s, wire.Order{Kind: wire.OrderAdmit, Device: c.device.ID, Verify: c.device.Verify[:]}, midday); err != nil {
		t.Fatal(err)
	}
	if got, err := s.DeviceBy(ctx, c.device.Verify); err != nil || got.Revoked {
		t.Fatalf("let in again: %+v, %v", got, err)
	}
	if _, err := s.Push(ctx, c.org, c.next(1)); err != nil {
		t.Errorf("hands over again: %v", err)
	}
	wantKind(t, "replayed later", s.Obey(ctx, c.org, lost, midday), amana.ErrConflict)
	st, err := s.Standing(ctx, d[1].device)
	if err != nil || st.Number != 4 || len(st.Administrators) != 1 || len(st.Devices) != 4 || st.Steward {
		t.Errorf("%+v, %v", st, err)
	}

	// Nobody is left whom the hub knows: its operator has a device begin anew.
	if err := s.MakeSteward(ctx, d[2].device.ID); err != nil {
		t.Fatal(err)
	}
	fresh := firstAdministrators(d[2], a)
	fresh.Number = 5
	sig = d[2].key.Sign(d[2].device.ID, wire.OrderLabel, fresh.Message(c.org))
	fresh.Signed = sig[:]
	if err := s.Obey(ctx, c.org, fresh, midday); err != nil {
		t.Error(err)
	}
}

// Who has taken an administrator's unlocked device ends a few devices, and no more before
// somebody can end that one.
func storeOrdersBounded(t *testing.T, s *hub.Store) {
	c := newOrg(t, s)
	d := admitted(t, s, c, 8)
	a, b := seal.NewIdentity(), seal.NewIdentity()
	if err := s.Obey(t.Context(), c.org, firstAdministrators(c, a, b), midday); err != nil {
		t.Fatal(err)
	}
	taken := &giver{chain: d[0], member: a, number: 1}
	ended := 0
	for _, one := range d[1:] {
		if taken.give(t, s, wire.Order{Kind: wire.OrderEnd, Device: one.device.ID}, midday) != nil {
			break
		}
		ended++
	}
	if ended != 4 {
		t.Errorf("%d devices ended at once, want 4", ended)
	}
	taken.number--
	honest := &giver{chain: d[7], member: b, number: taken.number}
	if err := honest.give(t, s, wire.Order{Kind: wire.OrderEnd, Device: d[0].device.ID}, midday); err != nil {
		t.Errorf("the device that was taken: %v", err)
	}
	taken.chain, taken.number = c, honest.number // at another device, an hour later
	if err := taken.give(t, s, wire.Order{Kind: wire.OrderEnd, Device: d[5].device.ID}, midday.Add(time.Hour)); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// A device that is ended is cut off in the middle of what it does: what it waits for is
// answered with the order that ended it, what it fetches breaks off, and what it hands
// over is not taken.
func TestOrders_cutOffAtOnce(t *testing.T) {
	r := &running{store: open(t, t.TempDir()), key: seal.NewHubKey()}
	// Nothing but the order ends a wait.
	r.server = hub.New(hub.Config{Store: r.store, Key: r.key, Now: time.Now, Logger: slog.New(slog.DiscardHandler), Hold: time.Hour})
	t.Cleanup(r.server.Close)
	r.listen(t)
	c := newOrg(t, r.store)
	d := admitted(t, r.store, c, 1)[0]
	a := seal.NewIdentity()
	if err := r.store.Obey(t.Context(), c.org, firstAdministrators(c, a), midday); err != nil {
		t.Fatal(err)
	}
	lost := r.as(t, d)
	if status, _ := ask(t, lost, "GET", "https://"+r.addr+wire.PathLog+"?from=0", nil); status != http.StatusNoContent {
		t.Fatal(status)
	}
	type answer struct {
		status int
		raw    []byte
	}
	waits := make(chan answer, 1)
	go func() {
		status, raw := ask(t, lost, "GET", "https://"+r.addr+wire.PathLog+"?from=0&wait=1", nil)
		waits <- answer{status, raw}
	}()
	for r.server.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	half, stop := r.half(t, d)
	defer stop()
	g := &giver{chain: c, member: a, number: 1}
	o := g.sign(wire.Order{Kind: wire.OrderEnd, Device: d.device.ID})
	if status, _ := ask(t, r.as(t, c), "POST", "https://"+r.addr+wire.PathOrders, bytes.NewReader(wire.Encode(o))); status != http.StatusNoContent {
		t.Fatal(status)
	}
	got := <-waits
	var said wire.Order
	if got.status != http.StatusForbidden || wire.Decode(got.raw, &said) != nil || said.Device != d.device.ID || said.By != c.device.ID {
		t.Errorf("who waited hears %d %x", got.status, got.raw)
	}
	if status, err := half(); err == nil && status < 400 {
		t.Errorf("what was half handed over was taken: %d", status)
	}
	if status, _ := ask(t, lost, "GET", "https://"+r.addr+wire.PathLog+"?from=0", nil); status != http.StatusForbidden {
		t.Errorf("the next request: %d", status)
	}
}

// half begins to hand a batch over, and returns how to learn what became of it.
func (r *running) half(t *testing.T, c *chain) (answer func() (int, error), stop func()) {
	t.Helper()
	own, err := c.key.Certificate(c.device.ID)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tls.Dial("tcp", r.addr, seal.ClientConfig(own, r.key.VerifyKey()))
	if err != nil {
		t.Fatal(err)
	}
	raw := c.next(3).Append(nil)
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: hub\r\nContent-Length: %d\r\n\r\n%s", wire.PathBatch, len(raw), raw[:len(raw)/2])
	for r.server.Active() < 1 {
		time.Sleep(time.Millisecond)
	}
	return func() (int, error) {
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return 0, err
		}
		resp.Body.Close()
		return resp.StatusCode, nil
	}, func() { conn.Close() }
}
