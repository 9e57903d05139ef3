package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"amana"
	"amana/internal/charter"
	"amana/internal/journal"
	"amana/internal/keyring"
)

// intake takes in items that come from outside: each entry's signature is checked
// against the charter as it stood, and each chain must go on without a gap. What
// fails is kept in the quarantine with the reason, and so is what follows it in
// the same chain; nothing is skipped in silence.
type intake struct {
	v       *Vault
	open    *opened
	ring    *keyring.Ring
	charter *charter.Charter
	rules   *charterReader
	holds   bool // the recovery key

	waiting []journal.Item
	batch   []journal.Item
	broken  map[amana.DeviceID]error
	next    map[amana.DeviceID]uint64
	taken   int
	refused int
	aside   []refusedItem
}

func newIntake(v *Vault, o *opened, ring *keyring.Ring, recovery bool) *intake {
	in := &intake{
		v: v, open: o, ring: ring, charter: charter.NewFor(o.org), holds: recovery,
		broken: map[amana.DeviceID]error{}, next: map[amana.DeviceID]uint64{},
	}
	in.rules = newCharterReader(o, ring)
	in.rules.recovery = recovery
	return in
}

const intakeBatch = 512

// take takes the next item. A member who joined late finds the keys to all that
// came before in an entry that came after: until that one comes, items wait.
func (in *intake) take(ctx context.Context, it journal.Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !in.ring.Holds(keyring.Organisation, it.Epoch) {
		in.ring.TryBoxes(it)
	}
	in.waiting = append(in.waiting, it)
	for len(in.waiting) > 0 && in.ring.Holds(keyring.Organisation, in.waiting[0].Epoch) {
		if err := in.takeFirst(); err != nil {
			return err
		}
	}
	return nil
}

// finish takes what waits for keys that did not come, and writes the rest; and what
// was refused, once, since all that follows it in its chain is refused too.
func (in *intake) finish() error {
	for len(in.waiting) > 0 {
		if err := in.takeFirst(); err != nil {
			return err
		}
	}
	if err := in.flush(); err != nil || len(in.aside) == 0 {
		return err
	}
	return sealedFile(in.v.dir, in.open.key, quarantineFile, in.aside)
}

func (in *intake) takeFirst() error {
	it := in.waiting[0]
	if in.waiting = in.waiting[1:]; len(in.waiting) == 0 {
		in.waiting = nil
	}
	if in.next[it.Device] == 0 {
		in.next[it.Device] = in.open.log.Head(it.Device).Seq + 1
	}
	err := in.broken[it.Device]
	if err == nil && it.Seq != in.next[it.Device] {
		err = fmt.Errorf("vault: item %d of device %s: item %d is missing: %w", it.Seq, it.Device, in.next[it.Device], amana.ErrTampered)
	}
	if err == nil {
		err = in.check(it)
	}
	if err != nil {
		in.broken[it.Device] = err
		in.refused++
		in.quarantine(it, err)
		return nil
	}
	in.next[it.Device]++
	in.taken++
	it.Last = true
	in.batch = append(in.batch, it)
	if len(in.batch) >= intakeBatch {
		return in.flush()
	}
	return nil
}

// check verifies one entry. An entry that this member's keys do not open cannot
// be checked here; the chain still holds it in place.
func (in *intake) check(it journal.Item) error {
	if err := it.Check(); err != nil {
		return err
	}
	e, err := in.open.openEntry(in.ring, it)
	if errors.Is(err, keyring.ErrNoKey) {
		return nil
	}
	if err != nil {
		return err
	}
	in.open.clock.Saw(e.Time)
	if e.Record == charterRecord(in.open.org) {
		return in.rules.take(in.charter, it)
	}
	_, err = verifyAuthor(in.charter, in.open.org, e, it)
	return err
}

func (in *intake) flush() error {
	if len(in.batch) == 0 {
		return nil
	}
	_, err := in.open.log.Append(in.batch, in.open.clock.Now())
	in.batch = in.batch[:0]
	return err
}

// refusedItem is what the quarantine keeps of one item.
type refusedItem struct {
	_      struct{} `cbor:",toarray"`
	Device amana.DeviceID
	Seq    uint64
	Reason string
	Wire   []byte
}

// quarantine keeps an item aside; [intake.finish] writes it down.
func (in *intake) quarantine(it journal.Item, reason error) {
	in.aside = append(in.aside, refusedItem{Device: it.Device, Seq: it.Seq, Reason: reason.Error(), Wire: it.AppendWire(nil)})
}

// Quarantined returns how many items were refused on the way in, and why the
// first was.
func (s *Session) Quarantined() (n int, reason string, err error) {
	var list []refusedItem
	if err := openSealedFile(s.vault.dir, s.open.key, quarantineFile, &list); err != nil || len(list) == 0 {
		return 0, "", err
	}
	return len(list), list[0].Reason, nil
}

func readFile(dir, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, storage("read "+name, err)
	}
	return b, nil
}
