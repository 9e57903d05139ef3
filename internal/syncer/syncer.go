// Package syncer takes what a device has to a hub, and brings what it lacks: sealed as
// it is. It opens none of it. It follows the hub's log leaf by leaf and computes the
// root of its tree, so that a hub which leaves out, changes, moves or takes back
// anything that this device saw is found at once; see [Lie].
package syncer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
)

// Device is what is synced: a vault that somebody unlocked.
type Device interface {
	Organisation() amana.OrgID
	Have() map[amana.DeviceID]uint64
	HandOver(ctx context.Context, have map[amana.DeviceID]uint64, fn func(journal.Batch) error) error
	// Import takes batches in, and says how many items of them it took and how many it
	// refused or could not take yet.
	Import(ctx context.Context, next func() (journal.Batch, bool, error)) (taken, left int, err error)
	// Erased lists the items whose content was destroyed by order, by device.
	Erased(ctx context.Context) (map[amana.DeviceID][]uint64, error)
}

// Witness is what devices tell each other of a hub, in entries of their own.
type Witness interface {
	// Carry says in an entry which checkpoint was verified last, if it has been a while.
	Carry(ctx context.Context, checkpoint []byte) error
	// Carried returns what other devices said they saw.
	Carried() (map[amana.DeviceID][]byte, error)
}

// State is what a device keeps of a hub between times.
type State struct {
	_          struct{} `cbor:",toarray"`
	Hub        wire.Address
	Log        wire.Frontier
	Checkpoint []byte                    // the last one that was verified
	Heads      map[amana.DeviceID]uint64 // how far the hub has each chain
	Erased     map[amana.DeviceID]uint64 // how many erased items of each chain the hub was told of
	Lies       []Lie
	Steward    bool                    // this device admits and revokes others at the hub
	Told       map[amana.DeviceID]bool // the devices that the hub was told of, and whether of their end
}

// Lie is what proves that a hub did not keep its word.
type Lie struct {
	_      struct{} `cbor:",toarray"`
	What   string   // one of the words below
	Before []byte   // the checkpoint that was verified before
	After  []byte   // the one that contradicts it, where there is one
	Size   uint64
}

// What a hub may do; add, never rename.
const (
	LieFork     = "fork"     // two logs that are not the beginning of one another
	LieRollback = "rollback" // a log that is shorter than it was
	LieDropped  = "dropped"  // what it said it took is not in its log
	LieWithheld = "withheld" // what is in its log it does not give
)

// Report says what one sync did.
type Report struct {
	Pulled  int // items taken in
	Left    int // items that came and could not be taken
	Pushed  int // items handed over
	Erased  int // items that the hub was told to erase
	Waiting int // items that the hub has and this device has not yet
	// Expected is how many items the hub had, when this exchange began to bring them,
	// that this device had not.
	Expected int
}

// ErrHubLies: the hub showed something that contradicts what it showed before. What
// proves it is in the state.
var ErrHubLies = fmt.Errorf("syncer: the hub contradicts itself: %w", amana.ErrTampered)

// Hub is how a hub is reached.
type Hub interface {
	// Log returns what is new from a leaf on; nil where there is nothing.
	Log(ctx context.Context, from uint64, wait bool) (*wire.Log, error)
	Batch(ctx context.Context, device amana.DeviceID, from uint64) (journal.Batch, error)
	// Push hands a batch over. Whoever says how many leaves of the log they know is told
	// what came after; where the hub says only the size, there are no leaves in the answer.
	Push(ctx context.Context, b journal.Batch, known uint64) (wire.Pushed, error)
	Erase(ctx context.Context, device amana.DeviceID, seqs []uint64) error
	// Proof returns a proof that the log of old leaves is the beginning of the present
	// one, and the present checkpoint.
	Proof(ctx context.Context, old uint64) (tlog.TreeProof, []byte, error)
}

// Newsagent is a hub that brings small things with the news of them.
type Newsagent interface {
	// News waits as Log does; a hub may answer with its log alone.
	News(ctx context.Context, from uint64) (*wire.News, *wire.Log, error)
}

// Syncer syncs one device with one hub.
type Syncer struct {
	Device  Device
	Witness Witness // may be nil
	Hub     Hub
	State   *State
	// Keep keeps the state durably. It is called after what the state says is done.
	Keep func(*State) error
	// Memory is what need not be asked for again while the program runs; it may be nil.
	Memory *Memory
	// Progress is told how far an exchange is, after each batch; it may be nil.
	Progress func(Report)
}

// Sync brings what is new, then hands over what the hub lacks, then has it erase what
// was ordered erased. What was done before it broke off stays done. ErrNoRoom where the
// hub did not take what it lacks, and all else was done.
func (s *Syncer) Sync(ctx context.Context) (r Report, err error) {
	if s.State.Heads == nil {
		s.State.Heads = map[amana.DeviceID]uint64{}
	}
	if s.State.Erased == nil {
		s.State.Erased = map[amana.DeviceID]uint64{}
	}
	if s.Memory == nil {
		s.Memory = &Memory{}
	}
	defer s.Memory.bring(nil)
	if !s.Memory.isFresh(s.State.Log.Size) {
		if err := s.follow(ctx, false); err != nil {
			return r, err
		}
	}
	if err := s.pull(ctx, &r); err != nil {
		return r, err
	}
	if err := s.compare(ctx); err != nil {
		return r, err
	}
	full := s.push(ctx, &r)
	if full != nil && !errors.Is(full, ErrNoRoom) {
		return r, full
	}
	return r, errors.Join(full, s.erase(ctx, &r)) // which makes room
}

// Wait returns when the hub has something new, or after a while. A Sync that follows at
// once need not ask again, and for small things not even fetch them.
func (s *Syncer) Wait(ctx context.Context) error {
	agent, ok := s.Hub.(Newsagent)
	if s.Memory == nil || !ok {
		return s.follow(ctx, true)
	}
	n, l, err := agent.News(ctx, s.State.Log.Size)
	switch {
	case err == nil && n != nil:
		if l, ok = n.Log.Log(s.State.Log, wire.Origin(s.Device.Organisation()), s.State.Hub.Note, journal.SignedHead{}); ok {
			s.Memory.bring(n)
			err = s.took(ctx, l)
		} else {
			err = s.follow(ctx, false) // whose answer can be held against the hub
		}
	case err == nil && l != nil:
		err = s.took(ctx, l)
	case errors.Is(err, amana.ErrConflict):
		return s.rolledBack()
	}
	if err == nil {
		s.Memory.heard(s.State.Log.Size)
	}
	return err
}

// follow goes on with the hub's log, and verifies every checkpoint.
func (s *Syncer) follow(ctx context.Context, wait bool) error {
	for {
		l, err := s.Hub.Log(ctx, s.State.Log.Size, wait)
		if errors.Is(err, amana.ErrConflict) {
			return s.rolledBack()
		}
		if err != nil || l == nil {
			return err
		}
		wait = false
		if err := s.take(l); err != nil {
			return err
		}
		if len(l.Leaves) < wire.MostLeaves {
			return nil
		}
	}
}

// took takes a piece of the log, and what follows of it.
func (s *Syncer) took(ctx context.Context, l *wire.Log) error {
	if err := s.take(l); err != nil || len(l.Leaves) < wire.MostLeaves {
		return err
	}
	return s.follow(ctx, false)
}

func (s *Syncer) rolledBack() error {
	return s.lie(Lie{What: LieRollback, Before: s.State.Checkpoint, Size: s.State.Log.Size})
}

// take verifies a piece of the log, and only then goes on from it.
func (s *Syncer) take(l *wire.Log) error {
	c, err := wire.ReadCheckpoint(l.Checkpoint, s.State.Hub.Note, wire.Origin(s.Device.Organisation()))
	if err != nil {
		return err
	}
	next := s.State.Log
	next.Roots = append(next.Roots[:0:0], next.Roots...)
	for _, leaf := range l.Leaves {
		next.Add(wire.Leaf(leaf))
	}
	switch {
	case c.Size < s.State.Log.Size:
		return s.lie(Lie{What: LieRollback, Before: s.State.Checkpoint, After: l.Checkpoint, Size: c.Size})
	case c.Size != next.Size || len(l.Leaves) == 0:
		return fmt.Errorf("syncer: the log's answer does not fit its checkpoint: %w", amana.ErrTampered)
	case c.Root != next.Root():
		return s.lie(Lie{What: LieFork, Before: s.State.Checkpoint, After: l.Checkpoint, Size: c.Size})
	}
	heads := maps.Clone(s.State.Heads)
	for _, leaf := range l.Leaves {
		heads[leaf.Device] = max(heads[leaf.Device], leaf.Seq)
	}
	if len(heads) > mostDevices && len(heads) > len(s.State.Heads) {
		return fmt.Errorf("syncer: the log names more than %d devices: %w", mostDevices, amana.ErrInvalid)
	}
	s.State.Heads = heads
	s.State.Log, s.State.Checkpoint = next, l.Checkpoint
	return s.Keep(s.State)
}

// mostDevices is how many devices of an organisation are followed: a hub can name as many
// as it likes, and what is kept of it is written anew after each answer.
const mostDevices = 1 << 13

// lie keeps the proof of a lie, once.
func (s *Syncer) lie(l Lie) error {
	for _, known := range s.State.Lies {
		if known.What == l.What && known.Size == l.Size {
			return ErrHubLies
		}
	}
	if len(s.State.Lies) < 64 {
		s.State.Lies = append(s.State.Lies, l)
		if err := s.Keep(s.State); err != nil {
			return err
		}
	}
	return ErrHubLies
}

// pull takes in what the hub's log has and this device lacks, chain by chain, those
// with the least to bring first: small things are not held up by large ones.
func (s *Syncer) pull(ctx context.Context, r *Report) error {
	have := s.Device.Have()
	queue := s.missing(have)
	for _, m := range queue {
		r.Expected += int(m.upTo - m.from + 1)
	}
	s.tell(*r)
	var b journal.Batch
	came := 0
	next := func() (journal.Batch, bool, error) {
		for len(queue) > 0 {
			m := &queue[0]
			if m.from > m.upTo {
				queue = queue[1:]
				continue
			}
			var err error
			b, err = s.batch(ctx, m.device, m.from)
			if errors.Is(err, amana.ErrNotFound) {
				return b, false, s.lie(Lie{What: LieWithheld, Before: s.State.Checkpoint, Size: m.from})
			}
			if err != nil {
				return b, false, err
			}
			if b.Head.Device != m.device || b.First != m.from {
				return b, false, fmt.Errorf("syncer: not what was asked for: %w", amana.ErrTampered)
			}
			m.from = b.Last() + 1
			came += len(b.Items)
			s.tell(Report{Pulled: came, Expected: r.Expected})
			return b, true, nil
		}
		return b, false, nil
	}
	taken, left, err := s.Device.Import(ctx, next)
	r.Pulled, r.Left = taken, left
	if err != nil {
		return err
	}
	for _, m := range s.missing(s.Device.Have()) {
		r.Waiting += int(m.upTo - m.from + 1)
	}
	return nil
}

// batch returns one that came with news, or asks for it.
func (s *Syncer) batch(ctx context.Context, device amana.DeviceID, from uint64) (journal.Batch, error) {
	if b, ok := s.Memory.brought(device, from); ok {
		return b, nil
	}
	return s.Hub.Batch(ctx, device, from)
}

func (s *Syncer) tell(r Report) {
	if s.Progress != nil {
		s.Progress(r)
	}
}

type missing struct {
	device     amana.DeviceID
	from, upTo uint64
}

func (s *Syncer) missing(have map[amana.DeviceID]uint64) (list []missing) {
	for d, upTo := range s.State.Heads {
		if have[d] < upTo {
			list = append(list, missing{d, have[d] + 1, upTo})
		}
	}
	sortMissing(list)
	return list
}

// push hands over what the hub lacks, of this device and of others that met it another
// way. A chain that the hub does not take is left for later; the others go on.
func (s *Syncer) push(ctx context.Context, r *Report) error {
	skip := map[amana.DeviceID]bool{}
	sent := map[amana.DeviceID]uint64{}
	size := smallFirst
	err := handOver(ctx, s.Device, maps.Clone(s.State.Heads), &size, func(b journal.Batch) error {
		if skip[b.Head.Device] {
			return nil
		}
		p, err := s.Hub.Push(ctx, b, s.State.Log.Size)
		if errors.Is(err, amana.ErrNotFound) || errors.Is(err, amana.ErrConflict) {
			skip[b.Head.Device] = true // not admitted yet, or the hub lacks what comes before
			return nil
		}
		if err != nil {
			return err
		}
		size = larger(size)
		sent[b.Head.Device] = b.Last()
		r.Pushed += len(b.Items)
		s.tell(*r)
		return s.pushed(b, p)
	})
	if len(sent) == 0 {
		return err
	}
	return errors.Join(err, s.confirm(ctx, sent))
}

// smallFirst is about how many bytes the first batch of an exchange has. Each that comes
// through lets the next be twice as large: on a line that breaks every few seconds
// something comes through each time, and on a good one nothing is lost.
const smallFirst = 8 << 10

// larger is the next size: no batch is as large as what it ends at, however many come
// through in one exchange.
func larger(size int) int { return min(2*size, 1<<30) }

// inPieces is a device that hands over in batches of about so many bytes.
type inPieces interface {
	HandOverIn(ctx context.Context, have map[amana.DeviceID]uint64, most func() int, fn func(journal.Batch) error) error
}

func handOver(ctx context.Context, d Device, have map[amana.DeviceID]uint64, size *int, fn func(journal.Batch) error) error {
	if p, ok := d.(inPieces); ok {
		return p.HandOverIn(ctx, have, func() int { return *size }, fn)
	}
	return d.HandOver(ctx, have, fn)
}

// pushed takes in what the hub said of its log when it took a batch. Where that does not
// fit, confirm asks for the log, whose answer can be held against the hub.
func (s *Syncer) pushed(b journal.Batch, p wire.Pushed) error {
	l, fits := p.Log(s.State.Log, wire.Origin(s.Device.Organisation()), s.State.Hub.Note, b.Head)
	if !fits {
		return nil
	}
	return s.take(l)
}

// confirm looks whether what the hub said it took is in its log.
func (s *Syncer) confirm(ctx context.Context, sent map[amana.DeviceID]uint64) error {
	shown := true
	for d, seq := range sent {
		shown = shown && s.State.Heads[d] >= seq
	}
	if shown {
		return nil
	}
	if err := s.follow(ctx, false); err != nil {
		return err
	}
	for d, seq := range sent {
		if s.State.Heads[d] < seq {
			return s.lie(Lie{What: LieDropped, Before: s.State.Checkpoint, Size: seq})
		}
	}
	return nil
}

// inOrder lists devices always in one order: what a device asks of a hub says nothing of
// how its memory lies, and histories can be played again.
func inOrder[T any](m map[amana.DeviceID]T) []amana.DeviceID {
	return slices.SortedFunc(maps.Keys(m), func(a, b amana.DeviceID) int { return bytes.Compare(a[:], b[:]) })
}

// erase tells the hub what was ordered erased since the last time.
func (s *Syncer) erase(ctx context.Context, r *Report) error {
	erased, err := s.Device.Erased(ctx)
	if err != nil {
		return err
	}
	for _, d := range inOrder(erased) {
		seqs := erased[d]
		at := make([]uint64, 0, len(seqs))
		for _, seq := range seqs {
			if seq <= s.State.Heads[d] {
				at = append(at, seq)
			}
		}
		if uint64(len(at)) == s.State.Erased[d] {
			continue
		}
		for from := 0; from < len(at); from += wire.MostErased {
			if err := s.Hub.Erase(ctx, d, at[from:min(from+wire.MostErased, len(at))]); err != nil {
				return err
			}
		}
		r.Erased += len(at)
		s.State.Erased[d] = uint64(len(at))
		if err := s.Keep(s.State); err != nil {
			return err
		}
	}
	return nil
}
