package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/demo"
)

// Options say how to measure.
type Options struct {
	// Quick measures on fewer records, in well under a minute on two cores.
	Quick bool
	// Dir is where a folder is made to work in, on the disk to be measured; where it
	// is empty, the system's place for such things.
	Dir string
	Now func() time.Time
	// Progress, if not nil, is told what is being done.
	Progress func(doing string)
	// Pages returns what answers browsers at an office, and the host that it answers
	// to. The pages' figures are left out where it is nil.
	Pages func(*casework.Office) (h http.Handler, host string, err error)
	// Hub starts a hub in a process of its own, on SQLite in a folder, with a key that is
	// kept in a file. What a waiting device takes of its memory is left out where it is
	// nil.
	Hub func(ctx context.Context, dir, keyFile string) (HubProcess, error)
	// Postgres is the address of a PostgreSQL database on which a hub is measured too, in
	// a schema that goes when it ends; empty for none.
	Postgres string
}

// scale is how much is measured on. The times bound a run on a machine that is
// busy with other things.
type scale struct {
	cases     int
	incidents int           // that are brought in
	rounds    int           // of alternation
	slice     time.Duration // of one turn
	repeats   int           // of building the view, and of unlocking
	asks      int           // of searches, openings and list pages
	leaves    int           // of the largest log of a hub
	synced    int           // entries that a new device takes
	devices   int           // that wait at a hub
	step      time.Duration // that writing cases, building views or each kind of ask may take, about
}

var (
	quick = scale{cases: 2_000, incidents: 1_000, rounds: 5, slice: 150 * time.Millisecond, repeats: 3, asks: 300, leaves: 4_000, synced: 10_000, devices: 512, step: 3 * time.Second}
	whole = scale{cases: 100_000, incidents: 50_000, rounds: 12, slice: time.Second, repeats: 3, asks: 1_000, leaves: 100_000, synced: 100_000, devices: 2_000, step: 10 * time.Minute}
)

// Run measures. It fails only where measuring does: goals that are not reached
// stand in the report. What was measured until it failed is in the report too.
func Run(ctx context.Context, o Options) (Report, error) {
	s := whole
	if o.Quick {
		s = quick
	}
	return measure(ctx, o, s)
}

// run is one run of the bench.
type run struct {
	Options
	scale
	clock   clock
	dir     string
	writer  *demo.Writer
	office  *casework.Office
	desk    *casework.Desk   // nil while locked
	entries int              // of cases, as they were filled in
	disk    int64            // bytes that the journal took then
	ids     []amana.RecordID // of some of the cases
	figures []Figure
}

func measure(ctx context.Context, o Options, s scale) (_ Report, err error) {
	dir, err := os.MkdirTemp(o.Dir, "amana-bench-")
	if err != nil {
		return Report{}, storage("new folder", err)
	}
	r := &run{Options: o, scale: s, clock: clock(o.Now), dir: dir, writer: demo.New(1, o.Now())}
	defer func() { err = errors.Join(err, r.end()) }()
	for _, step := range []struct {
		doing string
		do    func(context.Context) error
	}{
		{"founding an organisation", r.found},
		{"building views", r.views},
		{"saving", r.saves},
		{"searching and opening", r.reads},
		{"asking the directory", r.directory},
		{"sealing entries", r.sizes},
		{"bringing incidents in", r.importing},
		{"estimating", r.estimates},
		{"counting", r.counting},
		{"unlocking", r.unlocking},
		{"serving pages", r.serving},
		{"handing over to a hub", r.hubs},
		{"bringing a new device up to date", r.firstSync},
		{"waiting for news", r.idle},
	} {
		r.say(step.doing)
		if err := step.do(ctx); err != nil {
			return Report{Machine: describe(), Figures: r.figures}, err
		}
	}
	return Report{Machine: describe(), Figures: r.figures}, nil
}

func (r *run) say(doing string) {
	if r.Progress != nil {
		r.Progress(doing)
	}
}

func (r *run) add(f ...Figure) { r.figures = append(r.figures, f...) }

// end leaves nothing behind.
func (r *run) end() error {
	var err error
	if r.office != nil {
		err = r.office.LockAll()
	}
	return errors.Join(err, os.RemoveAll(r.dir))
}

func (r *run) vaultDir() string { return filepath.Join(r.dir, "vault") }

// words is a passphrase: the vault holds invented cases and goes in a minute.
const words = "lusab-babad-gutih-tugad-mudof-sakat"

// found makes an organisation of one member and one team.
func (r *run) found(ctx context.Context) (err error) {
	r.office, err = casework.NewOffice(casework.Options{Dir: r.vaultDir(), Now: r.Now, Demo: true})
	if err != nil {
		return err
	}
	_, err = r.office.Found(ctx, casework.NewOrganisation{
		Name: demo.Name, Languages: demo.Languages(), Administrator: "Bench", Passphrase: []byte(words),
		Teams:      []casework.NewTeam{{Name: "Bench", Compartment: amana.Care, Identities: true, Join: true}},
		Custodians: demo.Custodians(), Threshold: 3,
	})
	if err != nil {
		return err
	}
	return r.unlock(ctx)
}

func (r *run) unlock(ctx context.Context) (err error) {
	if r.desk, err = r.office.Unlock(ctx, []byte(words)); err != nil {
		return err
	}
	return r.viewed(ctx)
}

func (r *run) lock() {
	r.desk.Lock()
	r.desk = nil
}

// viewed waits until the view is built.
func (r *run) viewed(ctx context.Context) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if p := r.desk.Session().Progress(); p.Searchable || p.Failed != nil {
			return p.Failed
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("bench: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// fill writes stories up to a number, or fewer if that takes too long, and
// returns how many there are.
func (r *run) fill(ctx context.Context, from, to int) (int, error) {
	start := r.clock()
	for from < to && (r.entries == 0 || r.clock().Sub(start) < r.step) {
		r.say(fmt.Sprintf("writing cases, %d of %d", from, r.cases))
		next := min(to, from+atOnce)
		n, err := demo.Fill(ctx, r.desk.Session(), r.desk.Me().Teams[0].ID, r.writer, from, next)
		if err != nil {
			return from, err
		}
		r.entries += n
		from = next
	}
	return from, nil
}

// atOnce is how many cases are written between two looks at the clock.
const atOnce = 500
