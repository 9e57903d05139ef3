package vault

import (
	"bytes"
	"fmt"
	"slices"

	"amana"
	"amana/internal/journal"
)

// What is refused on the way in is kept, with the reason; and where a device showed
// two histories, what proves it: two heads by its own signature. See format §6.3.

// refusedItem is what the quarantine keeps of one item.
type refusedItem struct {
	_      struct{} `cbor:",toarray"`
	Device amana.DeviceID
	Seq    uint64
	Reason string
	Wire   []byte
}

// mostRefused and mostRefusedBytes bound what the quarantine keeps: the first of all is
// what tells. The file is written anew each time, so that it must stay small.
const (
	mostRefused      = 256
	mostRefusedBytes = 2 << 20
	mostProofs       = 16 // of one device: that it shows two histories, it shows once
)

// quarantine keeps what was refused of a batch, with the heads that prove it.
func (s *Session) quarantine(ours journal.SignedHead, b journal.Batch, reason error) error {
	var list []refusedItem
	if err := openSealedFile(s.vault.dir, s.open.key, quarantineFile, &list); err != nil {
		return err
	}
	one := refusedItem{Device: b.Head.Device, Seq: b.Head.Seq, Reason: reason.Error()}
	one.Wire = b.Append(mustEncode(ours))
	size, proofs := len(one.Wire), 0
	for _, r := range list {
		size += len(r.Wire)
		if r.Device == one.Device && r.Seq == one.Seq && r.Reason == one.Reason {
			return nil // it came again
		}
		if _, is := r.proves(); is && r.Device == one.Device {
			proofs++
		}
	}
	if len(list) >= mostRefused || len(one.Wire) > 1<<20 || size > mostRefusedBytes {
		one.Wire = journal.Batch{Head: b.Head}.Append(mustEncode(ours))
	}
	switch _, is := one.proves(); {
	case is && proofs >= mostProofs:
		return nil
	case len(list) < 2*mostRefused:
		list = append(list, one)
	case is: // what proves something takes the place of what does not
		at := slices.IndexFunc(list, func(r refusedItem) bool { _, also := r.proves(); return !also })
		if at < 0 {
			return nil
		}
		list[at] = one
	default:
		return nil
	}
	return sealedFile(s.vault.dir, s.open.key, quarantineFile, list)
}

// proves returns the two heads by which a device showed two histories, if it did.
func (r refusedItem) proves() (TwoHistories, bool) {
	var ours journal.SignedHead
	rest, err := decodeFirst(r.Wire, &ours)
	if err != nil || ours.Seq == 0 {
		return TwoHistories{}, false
	}
	theirs, err := journal.ReadBatchHead(rest)
	return TwoHistories{Device: r.Device, Ours: ours, Theirs: theirs}, err == nil
}

// Quarantined returns how many times something was refused on the way in, and why
// the first was.
func (s *Session) Quarantined() (n int, reason string, err error) {
	var list []refusedItem
	if err := openSealedFile(s.vault.dir, s.open.key, quarantineFile, &list); err != nil || len(list) == 0 {
		return 0, "", err
	}
	return len(list), list[0].Reason, nil
}

// TwoHistories is a device that signed two chains which cannot both be its own.
type TwoHistories struct {
	Device amana.DeviceID
	Ours   journal.SignedHead // what it signed of the chain that is kept here
	Theirs journal.SignedHead // what it signed of another
}

// TwoHistories returns the devices that showed two histories, with the proof.
func (s *Session) TwoHistories() (found []TwoHistories, err error) {
	var list []refusedItem
	if err := openSealedFile(s.vault.dir, s.open.key, quarantineFile, &list); err != nil {
		return nil, err
	}
	for _, r := range list {
		if proof, is := r.proves(); is {
			found = append(found, proof)
		}
	}
	return found, nil
}

// contradicts keeps a batch of a known device that does not go on where its chain
// ends here, though the device signed both.
func (s *Session) contradicts(b journal.Batch) error {
	o := s.open
	o.exchange.Lock()
	err := o.loadHeads(s.vault.dir)
	var ours journal.SignedHead
	if heads := o.handed.heads[b.Head.Device]; len(heads) > 0 {
		ours = heads[len(heads)-1]
	}
	o.exchange.Unlock()
	if err != nil {
		return err
	}
	return s.quarantine(ours, b, fmt.Errorf("vault: device %s signed another history than the one that is here: %w", b.Head.Device, amana.ErrTampered))
}

// compare looks whether a batch that is known already is the one that is here.
func (s *Session) compare(b journal.Batch, done *Imported) error {
	last := b.Items[len(b.Items)-1]
	here, err := s.open.itemAt(last.Device, last.Seq)
	if err != nil {
		return err
	}
	if sameItem(here, last) {
		return nil
	}
	done.Known, done.Refused = 0, len(b.Items)
	return s.contradicts(b)
}

// sameItem reports whether two items are one in the chain: erased or not.
func sameItem(a, b journal.Item) bool {
	return a.Epoch == b.Epoch && a.Nonce == b.Nonce && bytes.Equal(a.Entry, b.Entry) &&
		a.WrapsHash() == b.WrapsHash() && a.BodyHash() == b.BodyHash()
}

// takeOwn takes items of this device's own chain. Where others have more of it than
// is here, the vault was put back from an old copy: it goes on after them. Where they
// differ, two copies of this vault were worked on: nothing more is written here.
func (s *Session) takeOwn(b journal.Batch) (done Imported, err error) {
	if err := b.Head.Verify(s.open.key.VerifyKey(s.open.device), s.open.org); err != nil {
		done.Refused = len(b.Items)
		return done, s.quarantine(journal.SignedHead{}, b, err)
	}
	head := s.open.log.Head(s.open.device)
	if b.First > head.Seq+1 {
		return done, errWaits
	}
	if b.Last() <= head.Seq {
		done.Known = len(b.Items)
		if err := s.compare(b, &done); err != nil || done.Refused == 0 {
			return done, err
		}
		s.open.log.Refuse(errForked)
		return done, nil
	}
	fresh := b.Items[head.Seq+1-b.First:]
	hash := head.Hash
	for _, it := range fresh {
		hash = it.Next(s.open.org, hash)
	}
	if hash != b.Head.Hash {
		done.Refused = len(fresh)
		s.open.log.Refuse(errForked)
		return done, s.quarantine(journal.SignHead(s.open.key, s.open.org, s.open.device, head), b, errForked)
	}
	done.Known = len(b.Items) - len(fresh)
	return done, s.append(b, fresh, &done)
}

// errForked: two copies of this vault were worked on.
var errForked = fmt.Errorf("vault: this device went on from an old copy of itself; others have another end of its chain: %w", amana.ErrTampered)
