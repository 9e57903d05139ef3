package casework

import (
	"context"
	"errors"
	"slices"
	"strings"

	"amana"
	"amana/internal/capture"
	"amana/internal/claim"
	"amana/mse"
)

// The sizes of an estimate from claims.
const (
	mostClaimLists = 6
	linkDraws      = 20
)

// EstimateAsk says what is estimated from claims, and how.
type EstimateAsk struct {
	Seed uint64
	// Persons counts the people to whom something was done; otherwise events are.
	Persons bool
	// Chance is how likely a pair that nobody decided is one; if 0, what the two have in
	// common says it.
	Chance float64
}

// EstimateClaims estimates how many events there are of which no source tells, or how
// many people, from the incidents of the accountability compartment that this member
// can read: a list is what one publisher tells by itself, or what was told here. Two
// incidents are one event, and two people one person, where a person decided so. Kinds:
// EstimateError, ErrRefused, ErrInvalid.
func (d *Desk) EstimateClaims(ctx context.Context, ask EstimateAsk) error {
	if err := d.mayEstimate(); err != nil {
		return err
	}
	if !(ask.Chance >= 0 && ask.Chance <= 1) {
		return &EstimateError{Key: "estimate.chance.wrong"}
	}
	w, err := d.Claims(ctx)
	if err != nil {
		return err
	}
	e := Estimation{Source: EstimateClaims, Seed: ask.Seed}
	all := eventLinkage(&w)
	if ask.Persons {
		e.Source = EstimatePersons
		var groups int
		if all, groups = personLinkage(&w); groups > 0 {
			e.doubt("links.groups", groups)
		}
	}
	l, left := all.Most(mostClaimLists)
	for i := range l.Unsure {
		if ask.Chance > 0 {
			l.Unsure[i].Chance = ask.Chance
		}
	}
	if n := l.Contradicted(); n > 0 {
		e.doubt("links.contradicted", n)
	}
	t, err := l.Table(false)
	if err != nil {
		return captureFault(err)
	}
	e.LeftOut = left
	if len(l.Unsure) == 0 {
		return d.beginEstimate(ctx, e, t, nil)
	}
	return d.beginEstimate(ctx, e, t, func(ctx context.Context, e *Estimation, progress func(float64)) (err error) {
		e.Links, err = linkSpread(ctx, &l, ask, progress)
		return err
	})
}

// doubt adds what makes the lists doubtful before any model looks at them.
func (e *Estimation) doubt(key string, n int) {
	e.Doubts = append(e.Doubts, mse.Warning{Key: key, Text: key, Numbers: []float64{float64(n)}})
}

// eventLinkage reads the incidents as events on lists. A source that only repeats
// another is on the other's list; one that denies, doubts or tells nothing is on none.
func eventLinkage(w *claim.World) capture.Linkage {
	var l capture.Linkage
	place := map[amana.RecordID]int{}
	for _, in := range w.Chronology() {
		if in.Scope != "event" {
			continue
		}
		place[in.ID] = len(l.Entries)
		l.Entries = append(l.Entries, listsOf(w, &l, in.Claims))
	}
	for _, in := range w.Incidents {
		for _, r := range in.Related {
			a, here := place[in.ID]
			b, there := place[r.Incident]
			switch {
			case !here || !there || a == b:
			case r.As == "same_event":
				l.Same = append(l.Same, capture.Pair{A: a, B: b})
			case r.As != "":
				l.Apart = append(l.Apart, capture.Pair{A: a, B: b})
			}
		}
	}
	for _, s := range w.Suggest() {
		l.Unsure = append(l.Unsure, capture.Link{Pair: capture.Pair{A: place[s.A.ID], B: place[s.B.ID]}, Chance: s.Strength()})
	}
	return l
}

// personLinkage reads the people to whom something was done as entries on lists: a claim
// puts those on its list whom it is about. Two people of one incident are two. Groups,
// whose people cannot be told apart, are left out and counted.
func personLinkage(w *claim.World) (l capture.Linkage, groups int) {
	place := map[claim.PersonRef]int{}
	for _, in := range w.Chronology() {
		if in.Scope != "event" {
			continue
		}
		groups += in.Groups()
		first := len(l.Entries)
		for _, p := range in.Harmed() {
			about := slices.DeleteFunc(slices.Clone(in.Claims), func(c claim.Claim) bool { return !in.Documents(c, p.Item) })
			at := len(l.Entries)
			place[claim.PersonRef{Incident: in.ID, Item: p.Item}] = at
			l.Entries = append(l.Entries, listsOf(w, &l, about))
			for other := first; other < at; other++ {
				l.Apart = append(l.Apart, capture.Pair{A: other, B: at})
			}
		}
	}
	for _, in := range w.Incidents {
		for _, s := range in.SamePersons() {
			a, here := place[claim.PersonRef{Incident: in.ID, Item: s.Person}]
			b, there := place[s.With]
			switch {
			case !here || !there || a == b:
			case s.Same:
				l.Same = append(l.Same, capture.Pair{A: a, B: b})
			default:
				l.Apart = append(l.Apart, capture.Pair{A: a, B: b})
			}
		}
	}
	for _, s := range w.SuggestPersons() {
		l.Unsure = append(l.Unsure, capture.Link{Pair: capture.Pair{A: place[s.A], B: place[s.B]}, Chance: s.Strength()})
	}
	return l, groups
}

// listsOf returns the lists on which claims put something, and takes in new ones.
func listsOf(w *claim.World, l *capture.Linkage, claims []claim.Claim) (p mse.Pattern) {
	for _, c := range claims {
		name, is := listOf(w, c)
		at := slices.Index(l.Lists, name)
		if is && at < 0 && len(l.Lists) < mse.MostLists {
			at = len(l.Lists)
			l.Lists = append(l.Lists, name)
		}
		if is && at >= 0 {
			p |= 1 << at
		}
	}
	return p
}

// listOf names the list on which a claim puts something: "" for what was told here, or
// who published it.
func listOf(w *claim.World, c claim.Claim) (string, bool) {
	key := claim.SourceOf(c)
	switch {
	case c.Stance != "supports" || c.Silent() || key == claim.SourceKey{}:
		return "", false
	case !key.Account.IsZero():
		return "", true
	}
	p, known := w.Publications[key.In]
	name := strings.Join(strings.Fields(strings.ToLower(p.By)), " ")
	if name == "" {
		name = key.In.String()
	}
	return name, known
}

// linkSpread estimates with the links that nobody decided drawn anew, all together.
func linkSpread(ctx context.Context, l *capture.Linkage, ask EstimateAsk, progress func(float64)) (*LinkSpread, error) {
	s := &LinkSpread{Model: "dga", Unsure: len(l.Unsure), Chance: ask.Chance, Least: 1}
	for _, u := range l.Unsure {
		s.Least, s.Most = min(s.Least, u.Chance), max(s.Most, u.Chance)
	}
	one := func(t mse.Table, err error) (mse.Estimate, int, error) {
		if err != nil {
			return mse.Estimate{}, 0, err
		}
		if t, _, err = mse.Prepare(t); err != nil {
			return mse.Estimate{}, 0, err
		}
		e, err := mse.DGA(ctx, t, mse.DGAOptions{})
		return e, t.Observed(), err
	}
	none, _, err := one(l.Table(false))
	s.None = lineOf(s.Model, none, err)
	all, _, err := one(l.Table(true))
	s.All = lineOf(s.Model, all, err)
	var estimates []mse.Estimate
	var observed []int
	for i := range uint64(linkDraws) {
		progress(float64(i) / linkDraws)
		e, n, err := one(l.Draw(ask.Seed, i))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			s.Failed++
			continue
		}
		estimates, observed = append(estimates, e), append(observed, n)
	}
	s.Draws = len(estimates)
	drawn, err := mse.Combine(estimates, observed)
	if err != nil && !errors.Is(err, mse.ErrOptions) {
		return nil, err
	}
	s.Drawn = lineOf(s.Model, drawn, err)
	return s, nil
}
