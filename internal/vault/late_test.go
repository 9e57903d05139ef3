package vault_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
)

// Lists that are left behind while somebody writes to one case again and again are
// right when somebody looks, and after a restart before anybody did.
func TestLists_areWholeThoughTheyWereLeftBehind(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	s := c.asWorker(t, 0)
	id := amana.RecordID(seal.Random16())
	save := func(s *vault.Session, ch vault.Change) {
		t.Helper()
		c.now = c.now.Add(time.Minute)
		if err := s.Save(ctx, ch); err != nil {
			t.Fatal(err)
		}
	}
	save(s, vault.Change{Record: id, Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{c.teams[0]}}, Facts: []event.Fact{
		text("survivor_code_no", "1000-0000-C"), text("status", "open"),
	}})
	write := func(s *vault.Session, word string) {
		t.Helper()
		save(s, vault.Change{Record: id, Facts: []event.Fact{text("note/"+word+"/text", word)}})
		o, err := s.PeekHead(id) // notes the item, and leaves the lists
		if err != nil || o.Value("note/"+word+"/text").Reveal() != word {
			t.Fatalf("what was just written is not there: %v", err)
		}
	}
	finds := func(s *vault.Session, words ...string) {
		t.Helper()
		for _, word := range words {
			if n, err := s.Count(amana.Conceal(word), view.Filter{}, 10); err != nil || n != 1 {
				t.Errorf("%q is found %d times, %v", word, n, err)
			}
		}
	}
	write(s, "canaryone")
	write(s, "canarytwo")
	finds(s, "canaryone", "canarytwo")
	write(s, "canarythree")
	for n := 0; s.Late() == 0; n++ { // nobody saved for a moment, and they were made
		if n == 1000 {
			t.Fatal("no list is left behind: the test tests nothing")
		}
		write(s, fmt.Sprintf("more%d", n))
	}
	if err := c.v.LockAll(); err != nil {
		t.Fatal(err)
	}
	s = c.asWorker(t, 0)
	finds(s, "canaryone", "canarytwo", "canarythree")
	if n := s.Late(); n != 0 {
		t.Errorf("%d lists are still behind", n)
	}
}
