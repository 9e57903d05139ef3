package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// An order is written and signed as docs/format.md 15.6 has it, for good; with any byte
// changed, or for another organisation, it is nobody's.
func TestOrder(t *testing.T) {
	member, err := seal.ImportIdentity(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	device, err := seal.ImportDeviceKey(bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	org, by := amana.OrgID(bytes.Repeat([]byte{3}, 16)), amana.DeviceID(bytes.Repeat([]byte{4}, 16))
	key := member.VerifyKey()
	o := wire.Order{Number: 7, Kind: wire.OrderEnd, Device: amana.DeviceID(bytes.Repeat([]byte{5}, 16)), By: by, Key: key[:]}
	m, d := member.Sign(wire.OrderLabel, o.Message(org)), device.Sign(by, wire.OrderLabel, o.Message(org))
	o.Member, o.Signed = m[:], d[:]
	raw := wire.Encode(o)
	const want = "8907025005050505050505050505050505050505f6f650040404040404040404040404040404045820f1bc4327023cff83932fed99a6ece3c0f919ba9d9b5fb7ca53175ed8f6b24c555840629dc0ae64eb8accaf8d025ae42f64a79bd21d4a1e59625e17194c13217b19b36fd60b2b23676f8ff55e34ad4f6ce543fc3023b40ad9fce80a00c630861559055840e57281f58cead35d46a743110fb6afb436f87851117917ef350f7f23d501c1875b2c7012b22e62b3390d941c59e5908ad15dd2a27e1c1e2f14362683ba7af001"
	if got := hex.EncodeToString(raw); got != want {
		t.Errorf("an order is written as\n%s, want\n%s", got, want)
	}
	who, err := o.Check(org, device.VerifyKey(by))
	if err != nil || who != wire.AdministratorOf(org, key) {
		t.Errorf("%x, %v", who, err)
	}
	if _, err := o.Check(amana.OrgID{9}, device.VerifyKey(by)); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("for another organisation: %v", err)
	}
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		var c wire.Order
		if wire.Decode(changed, &c) != nil {
			continue
		}
		if _, err := c.Check(org, device.VerifyKey(by)); err == nil && !bytes.Equal(wire.Encode(c), raw) {
			t.Errorf("byte %d may be changed", i)
		}
	}
}

func FuzzOrder(f *testing.F) {
	f.Add(wire.Encode(wire.Order{Number: 1, Kind: wire.OrderAdministrators, Administrators: make([]wire.AdministratorID, 3)}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var o wire.Order
		if wire.Decode(raw, &o) != nil {
			return
		}
		if _, err := o.Check(amana.OrgID{1}, seal.VerifyKey{}); err == nil {
			t.Error("an order that nobody signed")
		}
	})
}
