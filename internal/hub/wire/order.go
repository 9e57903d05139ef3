package wire

import (
	"fmt"

	"amana"
	"amana/internal/seal"
)

// What an administrator has the hub do with devices: docs/format.md 15.6. An order
// counts by two signatures, the administrator's and that of the device at which it was
// given: who has only one of these keys, off a lost device say, orders nothing. Any
// device of the organisation may hand it over.

// OrderKind says what an order is about.
type OrderKind uint64

// The kinds of orders. Add, never change.
const (
	OrderAdmit          OrderKind = 1 // a device is let in, also one that was ended here
	OrderEnd            OrderKind = 2 // a device is not let in any more, at once
	OrderAdministrators OrderKind = 3 // these give orders from now on, and nobody else
)

// MostAdministrators bounds how many may give orders.
const MostAdministrators = 256

// AdministratorID stands for an administrator's signing key, and tells nothing of it
// until an order comes.
type AdministratorID seal.Hash

// AdministratorOf returns what stands for a key in an organisation.
func AdministratorOf(org amana.OrgID, key seal.VerifyKey) AdministratorID {
	return AdministratorID(seal.Digest("amana/1/hub administrator", org[:], key[:]))
}

// Order is one. The number of the first is 1, and each is one more than that of the
// order that was obeyed before it: so none counts twice, or late.
type Order struct {
	_              struct{} `cbor:",toarray"`
	Number         uint64
	Kind           OrderKind
	Device         amana.DeviceID    // that is admitted or ended
	Verify         []byte            // key of one that is admitted; 32 bytes
	Administrators []AdministratorID // of that kind
	By             amana.DeviceID    // at which it was given
	Key            []byte            // the administrator's; none where a steward names the first administrators
	Member         []byte            // signature by that key; 64 bytes
	Signed         []byte            // signature by the device's key; 64 bytes
}

// OrderLabel is the kind of message that is signed.
const OrderLabel = "amana/1/hub order"

var errOrder = fmt.Errorf("wire: this is no order: %w", amana.ErrInvalid)

// Message is what is signed: the order without its signatures, and whose it is.
func (o Order) Message(org amana.OrgID) []byte {
	o.Member, o.Signed = nil, nil
	return append(org[:], Encode(o)...)
}

// Check verifies an order of an organisation by the key of the device at which it was
// given. It reports whose it is; nobody's where a steward gives it. Whether that is an
// administrator, the caller knows. Kinds: ErrInvalid, ErrTampered.
func (o Order) Check(org amana.OrgID, device seal.VerifyKey) (by AdministratorID, err error) {
	if err := o.fits(); err != nil {
		return by, err
	}
	message := o.Message(org)
	if err := device.Verify(OrderLabel, message, seal.Signature(o.Signed)); err != nil {
		return by, err
	}
	if len(o.Key) == 0 {
		return by, nil
	}
	key := seal.VerifyKey(o.Key)
	return AdministratorOf(org, key), key.Verify(OrderLabel, message, seal.Signature(o.Member))
}

// fits looks at the form of an order.
func (o Order) fits() error {
	signed := len(seal.Signature{})
	byMember := len(o.Key) == seal.VerifyKeySize && len(o.Member) == signed
	bySteward := len(o.Key) == 0 && len(o.Member) == 0 && o.Kind == OrderAdministrators
	if len(o.Signed) != signed || !byMember && !bySteward || o.Number == 0 || o.By.IsZero() {
		return errOrder
	}
	n := len(o.Administrators)
	switch o.Kind {
	case OrderAdmit:
		if o.Device.IsZero() || len(o.Verify) != seal.VerifyKeySize || n > 0 {
			return errOrder
		}
	case OrderEnd:
		if o.Device.IsZero() || len(o.Verify) > 0 || n > 0 || o.Device == o.By {
			return errOrder
		}
	case OrderAdministrators:
		if !o.Device.IsZero() || len(o.Verify) > 0 || n == 0 || n > MostAdministrators {
			return errOrder
		}
	default:
		return errOrder
	}
	return nil
}

// Standing is how an organisation's devices stand at the hub, for who gives orders.
type Standing struct {
	_              struct{}          `cbor:",toarray"`
	Number         uint64            // of the last order that was obeyed
	Administrators []AdministratorID // in ascending order
	Steward        bool              // whoever asks may name the first administrators
	Devices        []DeviceStanding
}

// DeviceStanding is how one device stands.
type DeviceStanding struct {
	_      struct{} `cbor:",toarray"`
	Device amana.DeviceID
	Ended  bool
}
