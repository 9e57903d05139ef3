package link_test

import (
	"testing"

	"amana"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
)

// A device whose key somebody took at the hub before stays out, and keeps the one that
// lets others in from nothing.
func TestLink_aKeyThatWasTakenHoldsUpNobody(t *testing.T) {
	h, i := newHouse(t), startHub(t)
	ctx := t.Context()
	if err := link.Join(ctx, h.admin, i.String()); err != nil {
		t.Fatal(err)
	}
	taken := h.pair(t)
	c, err := h.admin.Charter()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := c.Device(taken.Device())
	own, err := h.admin.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	client := syncer.NewClient(i.Address, own)
	defer client.Close()
	if err := client.Admit(ctx, amana.DeviceID(seal.Random16()), d.VerifyKey, false); err != nil {
		t.Fatal(err)
	}
	h.open(t, h.admin)
	l, err := link.Open(h.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Exchange(ctx); err != nil {
		t.Errorf("the first device does not exchange any more: %v", err)
	}
}
