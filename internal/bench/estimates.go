package bench

import (
	"context"
	"strings"
	"time"

	"amana/mse"
)

// kosovo is the killings in Kosovo in 1999 on four lists, and unitedKingdom those who may
// be held in slavery there on five (Chan, Silverman and Vincent), of the five-list tables
// the one that takes longest: public data, described in mse/testdata.
const (
	kosovo = `EXH,ABA,OSCE,HRW,count
1,0,0,0,1131
0,1,0,0,845
0,0,1,0,936
0,0,0,1,306
1,1,0,0,177
1,0,1,0,228
1,0,0,1,106
0,1,1,0,217
0,1,0,1,31
0,0,1,1,123
1,1,1,0,181
1,1,0,1,18
1,0,1,1,42
0,1,1,1,32
1,1,1,1,27
`
	unitedKingdom = `LA,NG,PFNCA,GO,GP,count
1,0,0,0,0,54
0,1,0,0,0,463
0,0,1,0,0,995
0,0,0,1,0,695
0,0,0,0,1,316
1,1,0,0,0,15
1,0,1,0,0,19
1,0,0,1,0,3
0,1,1,0,0,62
0,1,0,1,0,19
0,1,0,0,1,1
0,0,1,1,0,76
0,0,1,0,1,11
0,0,0,1,1,8
1,1,1,0,0,1
1,1,0,1,0,1
0,1,1,1,0,4
1,1,1,1,0,1
`
)

// estimates measures how many effective draws of the number of people the latent-class
// model makes in a second, beside the published sampler's sweeps alone in the same
// run, on the same cores; and how long an average over the graphs of five lists takes.
func (r *run) estimates(ctx context.Context) error {
	table, err := mse.Read(strings.NewReader(kosovo))
	if err != nil {
		return err
	}
	five, err := mse.Read(strings.NewReader(unitedKingdom))
	if err != nil {
		return err
	}
	rate := func(o mse.LCMCROptions) (float64, error) {
		o.Seed, o.Rounds = 1, 1
		start := r.clock()
		e, err := mse.LCMCR(ctx, table, o)
		if err != nil {
			return 0, err
		}
		return *e.ESS / r.clock().Sub(start).Seconds(), nil
	}
	plain, err := rate(mse.LCMCROptions{Plain: true, Draws: 5 * r.asks, Thin: 25})
	if err != nil {
		return err
	}
	moved, err := rate(mse.LCMCROptions{Draws: 2 * r.asks})
	if err != nil {
		return err
	}
	start := r.clock()
	if _, err := mse.DGA(ctx, five, mse.DGAOptions{}); err != nil {
		return err
	}
	took := r.clock().Sub(start)
	r.add(
		figure("effective draws of a number of people a second, four lists", moved, "/s").beside("the published sampler's sweeps", plain).ratioAtLeast(5),
		figure("average over the graphs of five lists", float64(took)/float64(time.Millisecond), "ms").under(1000),
	)
	return nil
}
