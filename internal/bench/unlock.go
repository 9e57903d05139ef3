package bench

import (
	"context"
	"fmt"

	"amana/internal/seal"
)

// unlocking measures from the passphrase to the day's page, beside Argon2id alone.
func (r *run) unlocking(ctx context.Context) error {
	var ours, alone []float64
	salt := seal.Random16()
	start := r.clock()
	for range r.repeats {
		if len(ours) > 0 && r.clock().Sub(start) > r.step {
			break
		}
		r.lock()
		took, err := r.clock.seconds(func() error { return r.firstPage(ctx) })
		if err != nil {
			return err
		}
		ours = append(ours, took)
		took, err = r.clock.seconds(func() error {
			_, err := seal.Stretch([]byte(words), salt, seal.SmallestCost)
			return err
		})
		if err != nil {
			return err
		}
		alone = append(alone, took)
	}
	r.add(figure(fmt.Sprintf("unlock and first page, %d cases", r.cases), median(ours), "s").
		beside("Argon2id alone", median(alone)).moreAtMost(0.5))
	return nil
}

func (r *run) firstPage(ctx context.Context) (err error) {
	if r.desk, err = r.office.Unlock(ctx, []byte(words)); err != nil {
		return err
	}
	_, err = r.desk.Today(ctx)
	return err
}
