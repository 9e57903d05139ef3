package charter_test

import (
	"errors"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
)

func TestPost_whoMayOpenOne(t *testing.T) {
	c := working(t)
	team := c.Teams()[0].ID
	post := func(n byte) event.PostOpened {
		return event.PostOpened{Post: [16]byte{n}, Team: team, Verify: seal.VerifyKey{200, n}, Box: seal.BoxKey{n}}
	}
	if err := c.try(mariam, post(1)); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("a caseworker: %v", err)
	}
	before := c.Clone()
	for _, n := range []byte{1, 2} {
		if err := c.try(admin, post(n)); err != nil {
			t.Fatal(err)
		}
	}
	if all := c.Posts(); len(all) != 2 || all[1].ID != ([16]byte{2}) || all[1].By != admin || len(before.Posts()) != 0 {
		t.Errorf("%d post boxes, %d before", len(all), len(before.Posts()))
	}
	for name, bad := range map[string]func(*event.PostOpened){
		"no name":              func(p *event.PostOpened) { p.Post = [16]byte{} },
		"one that is there":    func(p *event.PostOpened) { p.Post = [16]byte{1} },
		"no team":              func(p *event.PostOpened) { p.Team = amana.TeamID{9} },
		"no key":               func(p *event.PostOpened) { p.Box = seal.BoxKey{} },
		"a key that is in use": func(p *event.PostOpened) { p.Verify = seal.VerifyKey{200, 1} },
	} {
		p := post(3)
		bad(&p)
		if err := c.try(admin, p); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
