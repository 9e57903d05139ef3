package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"amana"
	"amana/internal/casework"
)

// reads measures what somebody waits for who looks for a case.
func (r *run) reads(ctx context.Context) error {
	chance := rand.New(rand.NewPCG(1, 2)) // the same words each time
	searches, err := r.clock.each(ctx, r.asks, r.step, func(int) error {
		_, err := r.desk.Cases(ctx, casework.Query{Search: r.word(chance)})
		return err
	})
	if err != nil {
		return err
	}
	openings, err := r.clock.each(ctx, r.asks, r.step, func(int) error {
		_, err := r.desk.ReadCase(ctx, r.ids[chance.IntN(len(r.ids))])
		return err
	})
	if err != nil {
		return err
	}
	sortings := []casework.Sorting{casework.ByUpdated, casework.ByOpened, casework.ByFollowUp, casework.ByRisk, casework.ByCode}
	lists, err := r.clock.each(ctx, r.asks, r.step, func(i int) error {
		q := casework.Query{Sort: sortings[i%len(sortings)], Page: chance.IntN(10)}
		if i%3 == 0 {
			q.Status = "open"
		}
		_, err := r.desk.Cases(ctx, q)
		return err
	})
	if err != nil {
		return err
	}
	among := fmt.Sprintf("among %d cases", r.cases)
	r.add(
		figure("search of any word "+among+", 99 of 100", percentile(searches, 99), "ms").under(30),
		figure("open a case "+among+", 95 of 100", percentile(openings, 95), "ms").under(10),
		figure("list page "+among+", 95 of 100", percentile(lists, 95), "ms").under(50),
	)
	return nil
}

// word is a word that stands in some case: a rare one, a name, or one that stands
// in most.
func (r *run) word(chance *rand.Rand) amana.Private {
	for {
		texts := r.writer.Texts(chance.IntN(r.cases))
		found := strings.Fields(texts[chance.IntN(len(texts))])
		word := strings.Trim(found[chance.IntN(len(found))], ".,;:!?\"«»()")
		if utf8.RuneCountInString(word) > 2 {
			return amana.Conceal(word)
		}
	}
}
