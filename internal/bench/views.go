package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"amana/internal/casework"
)

// pageCache is what the store under a view keeps of it in memory, in megabytes: a
// small view does not fill it, and a large one does not exceed it.
const pageCache = 24

// views fills the vault and builds its view: first with a quarter of the cases,
// to see what memory does, then with all, beside the plain load.
func (r *run) views(ctx context.Context) error {
	quarter, err := r.fill(ctx, 0, r.cases/4)
	if err != nil {
		return err
	}
	few := r.entries
	small, err := r.peak(func() error { return r.rebuild(ctx) })
	if err != nil {
		return err
	}
	if r.cases, err = r.fill(ctx, quarter, r.cases); err != nil {
		return err
	}
	large, err := r.builds(ctx)
	if err != nil {
		return err
	}
	r.add(figure(fmt.Sprintf("memory while a view of %d entries is built", r.entries), large, "MB").
		beside(fmt.Sprintf("MB, of %d entries", few), small).moreAtMost(pageCache + 8))
	if r.disk, err = sizeOf(filepath.Join(r.vaultDir(), "journal")); err != nil {
		return err
	}
	return r.listCases(ctx)
}

func (r *run) rebuild(ctx context.Context) error {
	if err := r.desk.Session().Rebuild(ctx); err != nil {
		return err
	}
	return r.viewed(ctx)
}

// builds measures the building of a view in turns with the plain load, and
// returns the most memory that it took.
func (r *run) builds(ctx context.Context) (memory float64, err error) {
	var ours, plain []float64
	start := r.clock()
	for i := range r.repeats {
		if i > 0 && r.clock().Sub(start) > r.step {
			break
		}
		r.say("building views")
		var took float64
		most, err := r.peak(func() (err error) {
			took, err = r.clock.seconds(func() error { return r.rebuild(ctx) })
			return err
		})
		if err != nil {
			return 0, err
		}
		rate, err := r.plainly(ctx)
		if err != nil {
			return 0, err
		}
		memory = max(memory, most)
		ours, plain = append(ours, float64(r.entries)/took), append(plain, rate)
	}
	r.add(figure(fmt.Sprintf("view build of %d entries, search included", r.entries), median(ours), "entries/s").
		beside("plain load of the same rows and index", median(plain)).ratioAtLeast(0.5).atLeast(4000))
	return memory, nil
}

// plainly loads what the view holds into a plain file and returns the rate.
func (r *run) plainly(ctx context.Context) (rate float64, err error) {
	p, err := newPlainLoad(r.dir)
	if err != nil {
		return 0, err
	}
	defer p.close()
	const chunk = 500
	entries, seconds := 0, 0.0
	for from := 0; from < r.cases; from += chunk {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("bench: %w", err)
		}
		p.prepare(r.writer, from, min(from+chunk, r.cases))
		took, err := r.clock.seconds(func() error {
			n, err := p.load()
			entries += n
			return err
		})
		if err != nil {
			return 0, err
		}
		seconds += took
	}
	return float64(entries) / seconds, nil
}

// peak runs fn and returns the most memory that the process held meanwhile.
func (r *run) peak(fn func() error) (most float64, err error) {
	debug.FreeOSMemory()
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, resident())
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	err = fn()
	close(done)
	watch.Wait()
	return most, err
}

// listCases notes every case, for what follows.
func (r *run) listCases(ctx context.Context) error {
	for page := 0; len(r.ids) < min(r.cases, 20_000); page++ {
		list, err := r.desk.Cases(ctx, casework.Query{Sort: casework.ByOpened, Page: page})
		if err != nil {
			return err
		}
		if len(list.Rows) == 0 {
			return fmt.Errorf("bench: %d cases listed, %d written", len(r.ids), r.cases)
		}
		for _, row := range list.Rows {
			r.ids = append(r.ids, row.ID)
		}
	}
	return nil
}
