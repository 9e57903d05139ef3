package disclose

import (
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/stats"
)

// Of some releases nobody can tell whether they left, or left as they stand: somebody's
// changed program began one again, and each of its beginnings says something else. Both
// may have left, or neither. So a new release is worked out for every case that matters:
//
//   - first as if all of them had left: whoever has them can take them from what is new;
//   - then, where one shows what is too small to show, as if it and whatever shows the
//     same had not: then that is still a secret, and has to be kept as any other.
//
// What is shown is what may be shown in all of them. It is safe in each: to show less
// than was proved safe gives nothing away, and neither does knowing less than was
// thought of. Where a doubtful release left that shows what is too small, that is lost,
// and no more than that.

// earlier are the releases that have to do with a request.
type earlier struct{ sure, doubtful []Release }

func (e earlier) all() []Release { return slices.Concat(e.sure, e.doubtful) }

// earlierOf keeps those that have to do with a request, and of those that say the same
// but for their names one.
func earlierOf(q Request, ledger []Release) (e earlier) {
	all := slices.Concat(ledger, q.Doubtful)
	for _, i := range relatedAt(q, all) {
		switch {
		case i < len(ledger):
			e.sure = append(e.sure, all[i])
		case !slices.ContainsFunc(e.doubtful, all[i].tellsTheSame):
			e.doubtful = append(e.doubtful, all[i])
		}
	}
	return e
}

// tellsTheSame reports whether two releases say the same figures.
func (r *Release) tellsTheSame(o Release) bool {
	same := func(a, b Released) bool {
		return a.ID == b.ID && slices.Equal(a.Rows, b.Rows) && slices.Equal(a.Cells, b.Cells)
	}
	areas := func(a, b AreaSet) bool { return a.ID == b.ID && a.key() == b.key() }
	return r.Basis == o.Basis && r.Contributors == o.Contributors && slices.Equal(r.Periods, o.Periods) &&
		slices.EqualFunc(r.Areas, o.Areas, areas) && slices.EqualFunc(r.Tables, o.Tables, same)
}

// mostDoubts is in how many cases beside the first a request is worked out.
const mostDoubts = 16

// doubt works the request out once more for every case in which something is secret
// that it is not in the first.
func (b *build) doubt(p *Plan, c stats.Counts, areas []string) {
	cases := b.doubts()
	if len(cases) > mostDoubts {
		p.Refusals = append(p.Refusals, Refusal{Reason: TooDoubtful, Release: b.ledger[b.sure].ID})
		return
	}
	for _, without := range cases {
		e := earlier{sure: b.ledger[:b.sure]}
		for k := b.sure; k < len(b.ledger); k++ {
			if !slices.Contains(without, k) {
				e.doubtful = append(e.doubtful, b.ledger[k])
			}
		}
		o, err := newBuild(c, areas, b.q, e)
		if err != nil { // with more of them it could be laid out
			p.Refusals = append(p.Refusals, Refusal{Reason: Overlap})
			return
		}
		var also Plan
		o.work(&also)
		for _, r := range also.Refusals {
			if !slices.Contains(p.Refusals, r) {
				p.Refusals = append(p.Refusals, r)
			}
		}
		b.others = append(b.others, o)
	}
}

// doubts are the sets of doubtful releases that alone show something that is too small,
// each once: by their places in the ledger.
func (b *build) doubts() (list []set) {
	for _, p := range []*part{b.main, b.rape} {
		if p == nil {
			continue
		}
		for i := -1; i < len(p.layouts); i++ {
			f := p.g.frameOf(i)
			for at, only := range p.only[p.slot(i)] {
				secret := f.extra[at] || p.g.policy.small(f.val[at], true)
				if secret && !slices.ContainsFunc(list, func(s set) bool { return slices.Equal(s, only) }) {
					list = append(list, only)
				}
			}
		}
	}
	slices.SortFunc(list, func(x, y set) int { return slices.Compare(x, y) })
	return list
}

// UpTo returns a release as far as it can tell anything on a day, an ISO date: of the
// time after that nobody had counted anything. So whoever makes one up says nothing of
// what is still to come. Kind: ErrInvalid.
func (r *Release) UpTo(day string) (Release, error) {
	on, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return Release{}, fmt.Errorf("disclose: no day: %w", amana.ErrInvalid)
	}
	last, err := stats.SpanOf(on.Format("2006-01"), on.Format("2006-01"))
	if err != nil {
		return Release{}, err
	}
	spans, err := r.spans()
	if err != nil {
		return Release{}, err
	}
	var keep []int
	out := *r
	out.Periods, out.Tables = nil, nil
	for i, s := range spans {
		if s.First > last.Last {
			continue
		}
		keep = append(keep, i)
		out.Periods = append(out.Periods, stats.Span{First: s.First, Last: min(s.Last, last.Last)}.String())
	}
	for _, t := range r.Tables {
		cells := make([]int, 0, len(t.Cells))
		for i := range len(t.Rows) * len(r.Areas) {
			for _, k := range keep {
				cells = append(cells, t.Cells[i*len(r.Periods)+k])
			}
		}
		t.Cells = cells
		out.Tables = append(out.Tables, t)
	}
	return out, nil
}
