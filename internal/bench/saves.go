package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"amana"
	"amana/internal/casework"
)

const writers = 16

// notes writes notes, one case after the other, so that no case grows long.
type notes struct {
	r    *run
	next atomic.Int64
	text []amana.Private
}

func (r *run) newNotes() *notes {
	n := &notes{r: r}
	for i := range 200 {
		texts := r.writer.Texts(i)
		n.text = append(n.text, amana.Conceal(texts[len(texts)-1]))
	}
	return n
}

// one adds a note, and returns when it is durable and in the view.
func (n *notes) one(ctx context.Context) (int, error) {
	i := int(n.next.Add(1))
	return 1, n.r.desk.AddNote(ctx, n.r.ids[i%len(n.r.ids)], n.text[i%len(n.text)])
}

// many has several writers add a few notes each, at once.
func (n *notes) many(ctx context.Context) (int, error) {
	const each = 4
	var wait sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		wait.Go(func() {
			for range each {
				if _, err := n.one(ctx); err != nil {
					errs[w] = err
					return
				}
			}
		})
	}
	wait.Wait()
	return writers * each, errors.Join(errs...)
}

// saves measures durable saves beside raw appends of the same size.
func (r *run) saves(ctx context.Context) (err error) {
	n := r.newNotes()
	raw, err := newRawFile(r.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, raw.close()) }()
	size, err := r.growth(ctx, n)
	if err != nil {
		return err
	}
	raw.sized(size)
	rates, err := r.clock.alternate(ctx, r.rounds, r.slice,
		load{n.one, r.settle}, load{raw.appendOnce, nil}, load{n.many, r.settle})
	if err != nil {
		return err
	}
	r.add(figure("durable saves, one writer", rates[0], "saves/s").
		beside(fmt.Sprintf("appends of %d bytes, each with fsync", size), rates[1]).ratioAtLeast(0.4),
		figure(fmt.Sprintf("durable saves, %d writers", writers), rates[2], "saves/s").
			beside("one writer", rates[0]).ratioAtLeast(3))
	return nil
}

// growth is how many bytes the journal grows by a save.
func (r *run) growth(ctx context.Context, n *notes) (int, error) {
	journal := filepath.Join(r.vaultDir(), "journal")
	before, err := sizeOf(journal)
	if err != nil {
		return 0, err
	}
	const saves = 100
	for range saves {
		if _, err := n.one(ctx); err != nil {
			return 0, err
		}
	}
	after, err := sizeOf(journal)
	return int(after-before) / saves, err
}

// settle looks at the list, which waits until the view has what was saved: its
// work must not fall on whoever is measured next.
func (r *run) settle(ctx context.Context) error {
	_, err := r.desk.Cases(ctx, casework.Query{})
	return err
}
