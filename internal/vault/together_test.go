package vault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/vault"
	"amana/internal/view"
)

// Members work on one device at once. Run with -race.

// posted is what members' cases are called among the tests: whoever knows an ID
// tries to read it.
type posted struct {
	mu  sync.Mutex
	ids map[string][]amana.RecordID // by whose they are
}

func (p *posted) add(who string, n newCase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids[who] = append(p.ids[who], n.all()...)
}

func (p *posted) of(who string) []amana.RecordID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.ids[who])
}

func TestTogether_membersNeverSeeEachOthersRecords(t *testing.T) {
	h := newHouse(t)
	known := &posted{ids: map[string][]amana.RecordID{}}
	words := map[string]string{"w0": "orchardword", "w1": "riverword"}
	rounds := 25
	if testing.Short() {
		rounds = 6
	}
	var wg sync.WaitGroup
	for i, who := range []string{"w0", "w1"} {
		other := []string{"w1", "w0"}[i]
		s := h.enter(t, who)
		for range 2 {
			wg.Go(func() {
				for n := range rounds {
					c, err := openCase(s, h.Teams[i], "Fatoumata "+words[who], words[who])
					if err != nil {
						t.Errorf("%s: %v", who, err)
						return
					}
					known.add(who, c)
					if err := addNote(s, c.Case, fmt.Sprint(words[who], n)); err != nil {
						t.Errorf("%s: note: %v", who, err)
					}
					if f, err := s.Read(context.Background(), c.Case); err != nil || len(f.Records) != 2 || len(notesOf(f)) != 1 {
						t.Errorf("%s reads their own: %d records, %v", who, len(f.Records), err)
					}
				}
			})
		}
		wg.Go(func() { pryInto(t, s, known, who, other, words[other], h.Teams[i], 6*rounds) })
		wg.Go(func() {
			for range rounds / 3 {
				if err := s.Rebuild(context.Background()); err != nil {
					t.Errorf("%s: rebuild: %v", who, err)
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	wg.Go(func() { // somebody comes and goes all the time
		for range 3 * rounds {
			s, err := h.v.EnterBy(context.Background(), h.Ways["admin"])
			if err != nil {
				t.Errorf("admin: %v", err)
				return
			}
			for _, who := range []string{"w0", "w1"} {
				for _, id := range known.of(who) {
					if _, err := s.Peek(id); !errors.Is(err, amana.ErrNotFound) {
						t.Errorf("admin reads a record of %s: %v", who, err)
					}
				}
			}
			if err := s.Lock(); err != nil {
				t.Errorf("admin locks: %v", err)
			}
		}
	})
	wg.Wait()
	for i, who := range []string{"w0", "w1"} {
		s := h.enter(t, who)
		if got := len(allCases(t, s)); got != 2*rounds {
			t.Errorf("%s has %d cases, want %d", who, got, 2*rounds)
		}
		if got := len(search(t, s, words[who])); got != min(50, 2*rounds) {
			t.Errorf("%s finds %d", who, got)
		}
		if got := len(search(t, s, words["w"+fmt.Sprint(1-i)])); got != 0 {
			t.Errorf("%s finds %d of the other's", who, got)
		}
		h.mustVerify(t, s)
		sameWhenRebuilt(t, s)
	}
}

// pryInto tries everything with what is another member's.
func pryInto(t *testing.T, s *vault.Session, known *posted, who, other, word string, team amana.TeamID, rounds int) {
	ctx := context.Background()
	for range rounds {
		found, err := s.Cases(amana.Conceal(word), view.Filter{Limit: 10})
		if err != nil || len(found) > 0 {
			t.Errorf("%s finds %d cases by the other's word: %v", who, len(found), err)
		}
		rows, err := s.Cases(amana.Private{}, view.Filter{Limit: 20})
		if err != nil {
			t.Errorf("%s: list: %v", who, err)
		}
		theirs := known.of(other)
		for _, row := range rows {
			if slices.Contains(theirs, row.ID) || row.Team != team {
				t.Errorf("a case of %s is in the list of %s", other, who)
			}
		}
		for _, id := range theirs[max(0, len(theirs)-3):] {
			if _, err := s.Read(ctx, id); !errors.Is(err, amana.ErrNotFound) {
				t.Errorf("%s reads a record of %s: %v", who, other, err)
			}
			if err := addNote(s, id, "pried"); !errors.Is(err, amana.ErrNotFound) {
				t.Errorf("%s writes to a record of %s: %v", who, other, err)
			}
			if err := s.EraseCase(ctx, "asked", id); !errors.Is(err, amana.ErrNotFound) {
				t.Errorf("%s erases a record of %s: %v", who, other, err)
			}
		}
	}
}

// A member is removed while they save: what was acknowledged is there, what came
// too late is not, and nothing of it looks forged afterwards.
func TestTogether_aMemberIsRemovedWhileTheySave(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for range rounds {
		h := newHouse(t)
		ctx := context.Background()
		admin, w0 := h.enter(t, "admin"), h.enter(t, "w0")
		if err := admin.JoinTeam(ctx, h.Teams[0], h.Who["w1"]); err != nil {
			t.Fatal(err)
		}
		if _, err := w0.HandOn(ctx); err != nil {
			t.Fatal(err)
		}
		c := mustOpenCase(t, w0, h.Teams[0], "Fatoumata Exemple", "orchard")
		w1 := h.enter(t, "w1")
		var mu sync.Mutex
		var saved []string
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for n := 0; ; n++ {
					word := fmt.Sprintf("g%dn%d", g, n)
					err := addNote(w1, c.Case, word)
					if n%3 == 0 && err == nil {
						_, err = w1.Read(ctx, c.Case)
						if errors.Is(err, amana.ErrNotFound) {
							err = nil // it was locked between two looks
						}
						if err == nil {
							err = addNote(w1, c.Case, word)
						}
					}
					if err != nil {
						if !errors.Is(err, amana.ErrLocked) && !errors.Is(err, amana.ErrRefused) {
							t.Errorf("who is removed is told: %v", err)
						}
						return
					}
					mu.Lock()
					saved = append(saved, word)
					mu.Unlock()
				}
			})
		}
		wg.Go(func() {
			for n := range 20 {
				if err := addNote(w0, c.Case, fmt.Sprint("stays", n)); err != nil {
					t.Errorf("who stays: %v", err)
				}
			}
		})
		time.Sleep(30 * time.Millisecond)
		if err := admin.RemoveMember(ctx, h.Who["w1"]); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		f, err := w0.Read(ctx, c.Case)
		if err != nil || f.Case.Tampered+f.Case.Unread > 0 {
			t.Errorf("after the removal: %v, %d tampered, %d unread", err, f.Case.Tampered, f.Case.Unread)
		}
		notes := notesOf(f)
		for _, word := range saved {
			if !slices.Contains(notes, word) {
				t.Errorf("%s was acknowledged and is not there", word)
			}
		}
		h.mustVerify(t, w0)
		h.mustVerify(t, admin)
		h.reopen(t)
		h.mustVerify(t, h.enter(t, "w0"))
	}
}

// Two administrators change the organisation at once, while a caseworker saves:
// each change holds or is refused, and the vault opens for everybody afterwards.
func TestTogether_administratorsAtOnce(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	admin := h.enter(t, "admin")
	all := []amana.Role{amana.RoleAdministrator, amana.RoleCaseworker, amana.RoleSupervisor}
	if err := admin.ChangeMember(ctx, h.Who["w0"], "w0", all); err != nil {
		t.Fatal(err)
	}
	w0, w1 := h.enter(t, "w0"), h.enter(t, "w1")
	c := mustOpenCase(t, w1, h.Teams[1], "Issa Exemple", "well")
	acts := []func(s *vault.Session) error{
		func(s *vault.Session) error { return s.SetRule(ctx, "idle_minutes", "5") },
		func(s *vault.Session) error { return s.JoinTeam(ctx, h.Teams[0], h.Who["w1"]) },
		func(s *vault.Session) error { return s.LeaveTeam(ctx, h.Teams[0], h.Who["w1"]) },
		func(s *vault.Session) error {
			_, err := s.FormTeam(ctx, event.TeamFormed{Name: "Third", Compartment: amana.Care}, h.Who["w0"])
			return err
		},
		func(s *vault.Session) error { return s.JoinTeam(ctx, h.Teams[1], h.Who["w0"]) },
		func(s *vault.Session) error { _, err := s.HandOn(ctx); return err },
		func(s *vault.Session) error {
			return s.ChangeMember(ctx, h.Who["w1"], "w1", []amana.Role{amana.RoleCaseworker})
		},
		func(s *vault.Session) error { return s.LeaveTeam(ctx, h.Teams[1], h.Who["w0"]) },
	}
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := addNote(w1, c.Case, "note"); err != nil {
				t.Errorf("a caseworker meanwhile: %v", err)
				return
			}
		}
	})
	var admins sync.WaitGroup
	for _, s := range []*vault.Session{admin, w0} {
		admins.Go(func() {
			for round := range 3 {
				for i, act := range acts {
					err := act(s)
					if err != nil && !errors.Is(err, amana.ErrInvalid) && !errors.Is(err, amana.ErrRefused) && !errors.Is(err, amana.ErrConflict) {
						t.Errorf("round %d, act %d: %v", round, i, err)
					}
				}
			}
		})
	}
	admins.Wait()
	var last sync.WaitGroup
	removed := make([]error, 2)
	for i, s := range []*vault.Session{admin, w0} {
		last.Go(func() { removed[i] = s.RemoveMember(ctx, h.Who["w1"]) })
	}
	close(done)
	wg.Wait()
	last.Wait()
	if (removed[0] == nil) == (removed[1] == nil) {
		t.Errorf("two remove the same member: %v and %v", removed[0], removed[1])
	}
	h.mustVerify(t, admin)
	h.reopen(t)
	for _, who := range []string{"admin", "w0"} {
		h.mustVerify(t, h.enter(t, who))
	}
}

// A session that was locked says so, whatever it is asked, also when the whole
// vault is closed under it.
func TestTogether_aLockedSessionSaysSo(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	s, other := h.enter(t, "w0"), h.enter(t, "w1")
	c := mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
	asks := map[string]func() error{
		"Read":     func() error { _, err := s.Read(ctx, c.Case); return err },
		"Peek":     func() error { _, err := s.Peek(c.Case); return err },
		"Cases":    func() error { _, err := s.Cases(amana.Private{}, view.Filter{Limit: 1}); return err },
		"search":   func() error { _, err := s.Cases(amana.Conceal("orchard"), view.Filter{Limit: 1}); return err },
		"Count":    func() error { _, err := s.Count(amana.Private{}, view.Filter{}, 10); return err },
		"Save":     func() error { return addNote(s, c.Case, "river") },
		"new case": func() error { _, err := openCase(s, h.Teams[0], "Awa Exemple", "river"); return err },
		"SaveMany": func() error { return s.SaveMany(ctx, []vault.Change{{Record: c.Case}}) },
		"Erase":    func() error { return s.EraseCase(ctx, "asked", c.Case) },
		"SetRule":  func() error { return s.SetRule(ctx, "idle_minutes", "5") },
		"Charter":  func() error { _, err := s.Charter(); return err },
		"Erased":   func() error { _, err := s.Erased(); return err },
		"Backup":   func() error { return s.Backup(ctx, io.Discard) },
		"Verify":   func() error { _, err := s.Verify(ctx); return err },
		"Rebuild":  func() error { return s.Rebuild(ctx) },
		"Settle":   func() error { return s.Settle(ctx) },
		"AddMember": func() error {
			_, err := s.AddMember(ctx, vault.NewMember{Name: "New", Roles: []amana.Role{amana.RoleCaseworker}, Passphrase: []byte("some words or others")})
			return err
		},
		"RemoveMember": func() error { return s.RemoveMember(ctx, h.Who["w1"]) },
	}
	if err := s.Lock(); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"another member works on", "all are locked"} {
		for name, ask := range asks {
			if err := ask(); !errors.Is(err, amana.ErrLocked) {
				t.Errorf("%s, %s: %v", name, when, err)
			}
		}
		if s.Progress(); s.Refuses() == nil && when == "all are locked" {
			t.Error("a closed journal takes saves")
		}
		if err := other.Lock(); err != nil {
			t.Fatal(err)
		}
	}
}
