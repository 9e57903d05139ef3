package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"amana"
)

// Batch is a run of one device's items, without a gap, up to a head that the device
// signed. It is what is handed over, whichever way: see format §13.1.
type Batch struct {
	Head  SignedHead
	First uint64 // the number of its first item; its last is the head's
	Items []Item
}

// Last is the number of its last item.
func (b Batch) Last() uint64 { return b.First + uint64(len(b.Items)) - 1 }

// Sizes that no honest batch exceeds.
const (
	MostItems    = 8192
	LargestBatch = 48 << 20
)

// batchHead is the part of a batch before its items.
type batchHead struct {
	_    struct{} `cbor:",toarray"`
	Head SignedHead
	N    uint64
}

// Append appends the batch as it travels: its head, then each item.
func (b Batch) Append(to []byte) []byte {
	to = append(to, BatchHead(b.Head, uint64(len(b.Items)))...)
	for _, it := range b.Items {
		to = it.AppendWire(to)
	}
	return to
}

// BatchHead is the part of a batch before its n items, for whoever has those as they
// travel.
func BatchHead(h SignedHead, n uint64) []byte {
	raw, err := encoding.Marshal(batchHead{Head: h, N: n})
	if err != nil {
		panic("journal: internal error: " + err.Error())
	}
	return append(binary.AppendUvarint(nil, uint64(len(raw))), raw...)
}

// ReadBatchHead reads the signed head at the beginning of a batch.
func ReadBatchHead(raw []byte) (SignedHead, error) {
	h, _, err := readBatchHead(raw)
	return h.Head, err
}

func readBatchHead(raw []byte) (h batchHead, rest []byte, err error) {
	bad := fmt.Errorf("journal: batch: %w", amana.ErrTampered)
	n, size := binary.Uvarint(raw)
	if size <= 0 || n > uint64(len(raw)-size) || n > 1024 {
		return h, nil, bad
	}
	content := raw[size : size+int(n)]
	if err := decoding.Unmarshal(content, &h); err != nil {
		return h, nil, bad
	}
	if again, err := encoding.Marshal(h); err != nil || !bytes.Equal(again, content) {
		return h, nil, bad
	}
	return h, raw[size+int(n):], nil
}

// ReadBatch reads one batch, all of raw. Kinds: ErrTampered, ErrInvalid, ErrNewer.
func ReadBatch(raw []byte) (Batch, error) {
	h, rest, err := readBatchHead(raw)
	if err != nil {
		return Batch{}, err
	}
	bad := fmt.Errorf("journal: batch: %w", amana.ErrTampered)
	if h.N == 0 || h.N > MostItems || h.N > h.Head.Seq {
		return Batch{}, bad
	}
	b := Batch{Head: h.Head, First: h.Head.Seq - h.N + 1, Items: make([]Item, 0, min(h.N, uint64(len(rest)/64+1)))}
	for i := range h.N {
		it, took, err := ReadWire(rest, h.Head.Device, b.First+i)
		if err != nil {
			return Batch{}, err
		}
		b.Items = append(b.Items, it)
		rest = rest[took:]
	}
	if len(rest) > 0 {
		return Batch{}, bad
	}
	return b, nil
}
