package vault

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// Chain goes on with a device's own chain as a changed program could, by items that
// mean nothing, each with a body of some bytes, in batches of these numbers of items.
// The head signs each batch.
func (s *Session) Chain(body int, numbers ...int) []journal.Batch {
	o := s.open
	head := o.log.Head(o.device)
	var list []journal.Batch
	for _, n := range numbers {
		b := journal.Batch{First: head.Seq + 1}
		for range n {
			junk := seal.Random16()
			it := journal.Item{Device: o.device, Seq: head.Seq + 1, Epoch: 1, Last: true, Entry: append(junk[:], make([]byte, 64)...), Body: make([]byte, body)}
			head = journal.Head{Seq: it.Seq, Hash: it.Next(o.org, head.Hash)}
			b.Items = append(b.Items, it)
		}
		b.Head = journal.SignHead(o.key, o.org, o.device, head)
		list = append(list, b)
	}
	return list
}

// ForeignHead is a batch that says it is of another device, signed by nobody.
func (s *Session) ForeignHead(of amana.DeviceID, seq uint64, body int) journal.Batch {
	b := s.Chain(body, 1)[0]
	b.Head.Device, b.Head.Seq, b.First = of, seq, seq
	b.Items[0].Device, b.Items[0].Seq = of, seq
	return b
}

// SizeOfQuarantine is how many bytes it keeps.
func (s *Session) SizeOfQuarantine() (n int) {
	var list []refusedItem
	if err := openSealedFile(s.vault.dir, s.open.key, quarantineFile, &list); err != nil {
		return -1
	}
	for _, r := range list {
		n += len(r.Wire)
	}
	return n
}

// MostRefused is how many refusals fill the quarantine.
const MostRefused = 2 * mostRefused

// BundleWithJunk writes a bundle whose first batch is none.
func (s *Session) BundleWithJunk(w io.Writer, have map[amana.DeviceID]uint64) error {
	c, err := s.Charter()
	if err != nil {
		return err
	}
	keys, err := boxKeys(c, []amana.MemberID{s.Member()}, false)
	if err != nil {
		return err
	}
	stream := seal.NewStreamKey()
	box, err := keys[0].Seal(bundleContext, stream.Export())
	if err != nil {
		return err
	}
	raw := mustEncode([][]byte{box})
	if _, err := w.Write(append(binary.AppendUvarint([]byte(bundleMagic), uint64(len(raw))), raw...)); err != nil {
		return err
	}
	sealed := stream.Seal(w)
	out := bufio.NewWriter(sealed)
	_ = writePart(out, mustEncode(bundleStart{Org: s.open.org, From: s.open.device}))
	_ = writePart(out, []byte("no batch"))
	if err := s.HandOver(context.Background(), have, func(b journal.Batch) error { return writePart(out, b.Append(nil)) }); err != nil {
		return err
	}
	return errors.Join(out.Flush(), sealed.Close())
}
