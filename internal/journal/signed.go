package journal

import (
	"encoding/binary"
	"fmt"

	"amana"
	"amana/internal/seal"
)

// SignedHead is the end of a device's chain as the device signed it when it handed
// its entries over: it vouches for every item of the chain up to there, in that
// order. See format §3.11.
type SignedHead struct {
	_         struct{} `cbor:",toarray"`
	Device    amana.DeviceID
	Seq       uint64
	Hash      seal.Hash
	Signature seal.Signature
}

// HeadLabel separates a head's signature from others by the same key.
const HeadLabel = "amana/1/head signature"

// HeadMessage is what a device signs of the end of its chain.
func HeadMessage(org amana.OrgID, device amana.DeviceID, h Head) []byte {
	m := make([]byte, 0, 16+16+8+32)
	m = append(m, org[:]...)
	m = append(m, device[:]...)
	m = binary.BigEndian.AppendUint64(m, h.Seq)
	return append(m, h.Hash[:]...)
}

// SignHead signs the end of a chain by the key of its device.
func SignHead(k seal.DeviceKey, org amana.OrgID, device amana.DeviceID, h Head) SignedHead {
	return SignedHead{
		Device: device, Seq: h.Seq, Hash: h.Hash,
		Signature: k.Sign(device, HeadLabel, HeadMessage(org, device, h)),
	}
}

// Head returns where the chain ends by it.
func (s SignedHead) Head() Head { return Head{Seq: s.Seq, Hash: s.Hash} }

// Verify reports whether the key is that of who signed: ErrTampered if not.
func (s SignedHead) Verify(k seal.VerifyKey, org amana.OrgID) error {
	if err := k.Verify(HeadLabel, HeadMessage(org, s.Device, s.Head()), s.Signature); err != nil {
		return fmt.Errorf("journal: signed head %d of device %s: %w", s.Seq, s.Device, err)
	}
	return nil
}
