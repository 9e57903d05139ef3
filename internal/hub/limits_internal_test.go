package hub

import (
	"testing"
	"testing/synctest"
	"time"

	"amana"
)

// Queues says how many requests are in the place of those whose organisation is not known
// yet, and in that of strangers.
func (s *Server) Queues() (unseen, strange int) {
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	if q := s.limits.orgs[amana.OrgID{}]; q != nil {
		unseen = q.open
	}
	if q := s.limits.orgs[strangers]; q != nil {
		strange = q.open
	}
	return unseen, strange
}

// FetchOf is what a fetch of an organisation pays for its answer before it has it.
func (s *Server) FetchOf(org amana.OrgID) float64 { return s.limits.fetchOf(org) }

// Fill takes all the room that an organisation has for bytes on their way.
func (s *Server) Fill(org amana.OrgID) (empty func(), err error) {
	t := &turn{l: s.limits, org: org, left: true}
	if err := t.count(); err != nil {
		return nil, err
	}
	give, err := t.reserve(mostBytes, 1<<62)
	return func() { give(); t.end() }, err
}

// A flood of one organisation is a trickle after its first moment, each request as far
// from the one before as the rate says, and who has asked for little never waits for it.
func TestLimits_aFloodIsATrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(atOnce, usualRate, time.Now)
		loud, quiet := amana.OrgID{1}, amana.OrgID{2}
		began := time.Now()
		const n = 500
		answered := make(chan time.Duration, n)
		for range n {
			go func() {
				turn, err := l.enter(t.Context(), loud, 1)
				if err != nil {
					t.Error(err)
				}
				answered <- time.Since(began)
				turn.end()
			}()
		}
		for range 20 { // while it lasts
			time.Sleep(50 * time.Millisecond)
			asked := time.Now()
			turn, err := l.enter(t.Context(), quiet, 1)
			if waited := time.Since(asked); err != nil || waited > 0 {
				t.Errorf("who asks for little waits for %v, %v", waited, err)
			}
			turn.end()
		}
		synctest.Wait()
		const each = time.Second / usualRate
		for i := range n {
			after := <-answered
			want := max(0, time.Duration(i+1-int(l.holds()))*each)
			if (after - want).Abs() > time.Microsecond {
				t.Fatalf("request %d of a flood is answered after %v, want %v", i, after, want)
			}
		}
	})
}

// What is brought and what is answered counts as much as the requests that it is worth.
func TestLimits_bytesCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(atOnce, usualRate, time.Now)
		enter := func(org byte) (*turn, time.Duration) {
			asked := time.Now()
			turn, err := l.enter(t.Context(), amana.OrgID{org}, 1)
			if err != nil {
				t.Fatal(err)
			}
			return turn, time.Since(asked)
		}
		tests := []struct {
			name string
			move func(*turn) (func(), error)
		}{
			{"brought", func(turn *turn) (func(), error) { return turn.bring(1000 * bringsOne) }},
			{"answered", func(turn *turn) (func(), error) { return turn.answer(1000 * takesOne) }},
		}
		for i, test := range tests {
			turn, _ := enter(byte(i))
			give, err := test.move(turn)
			if err != nil {
				t.Fatal(err)
			}
			give()
			turn.end()
			next, waited := enter(byte(i))
			next.end()
			if want := time.Duration(1002-l.holds()) * time.Second / usualRate; (waited - want).Abs() > time.Microsecond {
				t.Errorf("after what was %s, the next request waits for %v, want %v", test.name, waited, want)
			}
		}
	})
}

// What a fetch will be answered is waited for before it is worked on, as much as fetches
// had lately; what it had less it gets back, also where it had nothing.
func TestLimits_aFetchPaysBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(atOnce, usualRate, time.Now)
		org := amana.OrgID{1}
		left := func() float64 {
			if _, err := l.take(org, 0); err != nil {
				t.Fatal(err)
			}
			return l.buckets[org].left
		}
		fetch := func(size int64) (waited time.Duration) {
			asked := time.Now()
			turn, err := l.enterTo(t.Context(), org, 1, true)
			if err != nil {
				t.Fatal(err)
			}
			waited = time.Since(asked)
			if size > 0 {
				give, err := turn.answer(size)
				if err != nil {
					t.Fatal(err)
				}
				give()
			}
			turn.end()
			return waited
		}
		const large = 10
		for range 40 { // it is learned what they have
			time.Sleep(time.Second)
			before := left()
			if waited := fetch(large * takesOne); waited > 0 {
				t.Fatalf("who fetches once in a while waits for %v", waited)
			}
			if took := before - left(); took < large+0.999 || took > large+1.001 {
				t.Fatalf("a fetch of %d took %v", large, took)
			}
		}
		time.Sleep(time.Second)
		before := left()
		fetch(0)
		if took := before - left(); took < 0.999 || took > 1.001 {
			t.Errorf("one that was answered nothing took %v, want 1", took)
		}
		if _, err := l.take(org, left()-1); err != nil { // there is room for a request, and not for what it is answered
			t.Fatal(err)
		}
		want := time.Second * large / usualRate
		if waited := fetch(large * takesOne); (waited - want).Abs() > want/20 {
			t.Errorf("a fetch waits for %v before it is worked on, want %v", waited, want)
		}
	})
}

// Of one organisation no more than two requests are worked on at a time, however many
// wait; another's is next at once.
func TestLimits_anOrganisationWaitsForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(atOnce, usualRate, time.Now)
		loud, quiet := amana.OrgID{1}, amana.OrgID{2}
		turns := make(chan *turn, 64)
		for range cap(turns) {
			go func() {
				turn, err := l.enter(t.Context(), loud, 1)
				if err != nil {
					t.Error(err)
				}
				turns <- turn
			}()
		}
		for left := cap(turns); left > 0; left -= atOnce {
			synctest.Wait()
			if n := len(turns); n != atOnce {
				t.Fatalf("%d are worked on at a time, want %d", n, atOnce)
			}
			turn, err := l.enter(t.Context(), quiet, 1)
			if err != nil || !turn.held {
				t.Fatalf("another organisation's request has no turn: %v", err)
			}
			turn.end()
			for range atOnce {
				(<-turns).end()
			}
		}
	})
}
