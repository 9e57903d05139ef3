package casework

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/timestamp"
	"amana/internal/vault"
)

// Stamping is how timestamps stand.
type Stamping struct {
	Stamped int       // batches with a token
	Waiting int       // batches that no authority has answered yet
	Loose   int       // statements of custody that the member can read and no batch holds
	Last    time.Time // what the newest token says, or zero
	Batches []StampedBatch
}

// StampedBatch is one batch. What it holds was written at some time before Made, by
// the clock of a device; that it existed is confirmed for At and not for before.
type StampedBatch struct {
	ID        amana.RecordID
	Size      int       // statements, and ends of chains
	Made      time.Time // by the clock of the device
	At        time.Time // by the clock of the authority, or zero
	Authority string    // as its certificate has it
	Trusted   bool      // it leads to one of the certificates that were set
	Broken    bool      // the token does not verify
}

// batchRows returns every batch, the oldest first.
func (d *Desk) batchRows() (list []dossier.Batch, err error) {
	var ids []amana.RecordID
	err = d.session.Listed(amana.KindTimestamp, func(l vault.Listed) error {
		ids = append(ids, l.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Backward(ids) {
		o, err := d.session.ReadRecord(context.Background(), id)
		if err != nil {
			return nil, err
		}
		if s, ok := o.Stamped(); ok {
			list = append(list, dossier.Batch{ID: id, Leaves: s.Leaves, Token: s.Token})
		}
	}
	return list, nil
}

// batches are those that a dossier may prove something by: stamped ones first.
func (d *Desk) batches() ([]dossier.Batch, error) {
	list, err := d.batchRows()
	slices.SortStableFunc(list, func(a, b dossier.Batch) int { return len(b.Token) - len(a.Token) })
	return list, err
}

// looseStatements are the ids of all statements that the member can read and that no
// batch holds, in order of their bytes: their order tells nothing.
func (d *Desk) looseStatements(have []dossier.Batch) ([]seal.Hash, error) {
	held := map[seal.Hash]bool{}
	for _, b := range have {
		for _, h := range b.Leaves {
			held[h] = true
		}
	}
	var loose []seal.Hash
	seen := map[amana.RecordID]bool{} // cases
	err := d.session.Listed(amana.KindEvidence, func(l vault.Listed) error {
		if seen[l.Case] {
			return nil
		}
		seen[l.Case] = true
		f, err := d.session.Peek(l.Case)
		if err != nil {
			return err
		}
		for i := range f.Records {
			for _, s := range signedOf(&f.Records[i]) {
				if id := s.ID(); !held[id] {
					held[id] = true
					loose = append(loose, id)
				}
			}
		}
		return nil
	})
	slices.SortFunc(loose, func(a, b seal.Hash) int { return bytes.Compare(a[:], b[:]) })
	return loose, err
}

// Stamping says how timestamps stand, the newest batch first. Each token is verified
// anew, without a network. It asks nobody.
func (d *Desk) Stamping(context.Context) (Stamping, error) {
	var s Stamping
	list, err := d.batchRows()
	if err != nil {
		return s, err
	}
	trust := d.Authority().Trust
	for _, b := range slices.Backward(list) {
		row := StampedBatch{ID: b.ID, Size: len(b.Leaves)}
		if o, err := d.session.ReadRecord(context.Background(), b.ID); err == nil {
			row.Made = record.When(o.Opened)
		}
		if len(b.Token) == 0 {
			s.Waiting++
			s.Batches = append(s.Batches, row)
			continue
		}
		s.Stamped++
		row.read(b, trust)
		if row.At.After(s.Last) {
			s.Last = row.At
		}
		s.Batches = append(s.Batches, row)
	}
	loose, err := d.looseStatements(list)
	s.Loose = len(loose)
	return s, err
}

// read verifies the token of a batch. One that does not lead to the certificates is
// said not to be trusted, and not to be broken.
func (r *StampedBatch) read(b dossier.Batch, trust []byte) {
	root, err := rootOf(b.Leaves)
	if err != nil {
		r.Broken = true
		return
	}
	t, err := timestamp.Check(b.Token, root, trust)
	if err != nil {
		t, err = timestamp.Check(b.Token, root, nil)
	}
	r.At, r.Authority, r.Trusted, r.Broken = t.Time, t.Authority, t.Trusted, err != nil
}

func rootOf(leaves []seal.Hash) (seal.Hash, error) {
	tree, err := timestamp.NewTree(leaves)
	if err != nil {
		return seal.Hash{}, err
	}
	return tree.Root()
}

// Asker hands a question to an authority and returns its answer. It has a network.
type Asker func(ctx context.Context, question []byte) ([]byte, error)

// Stamp makes a batch of what no batch holds (the statements of custody that the
// member can read, and where the chain of each device ends), and then has every batch
// that waits answered. Without a network the batches wait, and nothing else does.
// trusted are certificates in PEM that an answer must lead to, or none. It returns how
// many were answered, and the first failure to be told. Kinds: ErrRefused, ErrTampered
// where an answer does not verify, ErrStorage, and those of ask.
func (d *Desk) Stamp(ctx context.Context, ask Asker, trusted []byte) (answered int, err error) {
	list, err := d.batchRows()
	if err != nil {
		return 0, err
	}
	loose, err := d.looseStatements(list)
	if err != nil {
		return 0, err
	}
	if len(loose) > 0 {
		b := dossier.Batch{ID: d.session.NewRecord(amana.KindTimestamp), Leaves: append(d.session.Heads(), loose...)}
		err := d.session.Save(ctx, vault.Change{
			Record: b.ID, Begin: &vault.Begin{Kind: amana.KindTimestamp, Teams: []amana.TeamID{{}}},
			Facts: []event.Fact{event.Stamped{Leaves: b.Leaves}},
		})
		if err != nil {
			return 0, err
		}
		list = append(list, b)
	}
	if ask == nil {
		return 0, nil
	}
	for _, b := range list {
		if len(b.Token) > 0 {
			continue
		}
		if err := d.stampOne(ctx, ask, trusted, b); err != nil {
			return answered, err
		}
		answered++
	}
	return answered, nil
}

func (d *Desk) stampOne(ctx context.Context, ask Asker, trusted []byte, b dossier.Batch) error {
	root, err := rootOf(b.Leaves)
	if err != nil {
		return err
	}
	q, err := timestamp.Ask(root)
	if err != nil {
		return err
	}
	token, err := ask(ctx, q.DER)
	if err != nil {
		return fmt.Errorf("casework: batch %s: %w", b.ID, err)
	}
	if _, err := timestamp.Answered(q, token, trusted); err != nil {
		return fmt.Errorf("casework: batch %s: %w", b.ID, err)
	}
	return d.session.Save(ctx, vault.Change{Record: b.ID, Facts: []event.Fact{event.Stamped{Token: token}}})
}
