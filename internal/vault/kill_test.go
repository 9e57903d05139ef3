package vault_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/vault"
	"amana/internal/view"
)

// The program is killed at random moments of a write load, as by a power cut or
// an impatient hand. What it said was saved is there, what belongs together is
// there together or not at all, and the vault opens as if nothing had been.
func TestKill_losesNothingThatWasAcknowledged(t *testing.T) {
	lives, rounds := 4, 55
	if testing.Short() {
		lives, rounds = 1, 20
	}
	for life := range lives {
		t.Run(fmt.Sprintf("life %d", life), func(t *testing.T) {
			t.Parallel() // most of it is waiting for the disk
			seed := rand.Uint64()
			k := &killing{house: newHouse(t), chance: rand.New(rand.NewPCG(seed, 0)), rounds: rounds}
			k.v.LockAll()
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			})
			for round := 1; round <= rounds && !t.Failed(); round++ {
				k.round(t, round)
			}
			t.Logf("%d kills, %d while it opened; %d saves acknowledged, of them %d erasures; %d times something was mended",
				rounds, k.early, len(k.cases)+len(k.notes)+k.rules, len(k.erased), k.mended)
		})
	}
}

type killing struct {
	*house
	chance *rand.Rand
	rounds int

	cases  map[amana.RecordID]bool // acknowledged, by their case
	notes  map[string]amana.RecordID
	erased map[amana.RecordID]bool
	doomed map[amana.RecordID]bool // an order was given, nobody knows whether it was taken
	rules  int
	early  int
	mended int
}

func (k *killing) round(t *testing.T, round int) {
	t.Helper()
	if k.cases == nil {
		k.cases, k.notes = map[amana.RecordID]bool{}, map[string]amana.RecordID{}
		k.erased, k.doomed = map[amana.RecordID]bool{}, map[amana.RecordID]bool{}
	}
	lines := k.live(t, job{
		Name: "write", Dir: k.dir, House: k.plan, Seed: k.chance.Uint64(), Erasing: round%3 == 0,
	})
	fresh := map[amana.RecordID]bool{}
	var notes []string
	for _, line := range lines {
		verb, rest, _ := strings.Cut(line, " ")
		id, word, _ := strings.Cut(rest, " ")
		switch verb {
		case "case":
			k.cases[recordID(t, id)], fresh[recordID(t, id)] = true, true
		case "note":
			k.notes[word] = recordID(t, id)
			notes = append(notes, word)
		case "rule":
			k.rules++
		case "erasing":
			k.doomed[recordID(t, id)] = true
		case "erased":
			k.erased[recordID(t, id)] = true
		case "opening", "ready":
		default:
			t.Fatalf("round %d: the program says %q", round, line)
		}
	}
	k.check(t, round, fresh, notes)
}

func recordID(t testing.TB, text string) amana.RecordID {
	t.Helper()
	id, err := amana.ParseID[amana.Record](text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// live starts the program, kills it, and returns what it said in whole lines.
func (k *killing) live(t *testing.T, j job) (lines []string) {
	t.Helper()
	cmd := command(t, j)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wait := "ready"
	if k.chance.IntN(5) == 0 {
		wait = "opening"
		k.early++
	}
	after := 5*time.Millisecond + time.Duration(k.chance.Int64N(int64(55*time.Millisecond)))
	if j.Erasing { // which writes files anew, and takes its time
		after += time.Duration(k.chance.Int64N(int64(250 * time.Millisecond)))
	}
	if wait == "opening" {
		after = time.Duration(k.chance.Int64N(int64(12 * time.Millisecond)))
	}
	r := bufio.NewReader(out)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			break // a line cut short was said to nobody
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
		if lines[len(lines)-1] == wait {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the program ended by itself: %v, %q", err, lines)
	}
	return lines
}

func (k *killing) check(t *testing.T, round int, fresh map[amana.RecordID]bool, notes []string) {
	t.Helper()
	k.reopen(t)
	defer k.v.LockAll()
	members := map[string]*vault.Session{}
	for _, who := range []string{"w0", "w1"} {
		members[who] = k.enter(t, who)
	}
	if notes := members["w0"].Journal().Notes(); len(notes) > 0 {
		k.mended++
	}
	if err := members["w0"].Refuses(); err != nil {
		t.Fatalf("round %d: nothing can be saved any more: %v", round, err)
	}
	last := round == k.rounds
	if last {
		fresh, notes = k.cases, nil
		for word := range k.notes {
			notes = append(notes, word)
		}
	}
	files := k.files(t, round, members, last)
	for id := range fresh {
		f, there := files[id]
		if k.erased[id] == there && (!k.doomed[id] || k.erased[id]) {
			t.Errorf("round %d: case %s: there is %v, erased is %v", round, id, there, k.erased[id])
		}
		if there && f.Case.Tampered+f.Case.Unread > 0 {
			t.Errorf("round %d: case %s does not verify", round, id)
		}
	}
	for _, word := range notes {
		f, there := files[k.notes[word]]
		if there && !slices.Contains(notesOf(f), word) || !there && !k.doomed[k.notes[word]] {
			t.Errorf("round %d: note %s of case %s is lost", round, word, k.notes[word])
		}
	}
	if round%18 == 0 || last {
		k.mustVerify(t, members["w0"])
		k.mustVerify(t, members["w1"])
		for _, s := range members {
			sameWhenRebuilt(t, s)
		}
	} else if found := problems(vault.VerifyFiles(k.dir)); len(found) > 0 {
		t.Errorf("round %d: the files: %q", round, found)
	}
}

// files opens the newest cases, or all, and checks that each is whole: three
// records were begun in one save.
func (k *killing) files(t *testing.T, round int, members map[string]*vault.Session, all bool) map[amana.RecordID]vault.CaseFile {
	t.Helper()
	files := map[amana.RecordID]vault.CaseFile{}
	for who, s := range members {
		limit := 120
		if all {
			limit = 1 << 20
		}
		rows, err := s.Cases(amana.Private{}, view.Filter{Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			f, err := s.Peek(row.ID)
			if err != nil {
				t.Fatalf("round %d: case %s in the list of %s: %v", round, row.ID, who, err)
			}
			if len(f.Records) != 2 {
				t.Errorf("round %d: case %s has %d of 2 other records", round, row.ID, len(f.Records))
			}
			files[row.ID] = f
		}
	}
	return files
}

// sameWhenRebuilt throws a member's view away: what the journal gives must be
// what lists and search had.
func sameWhenRebuilt(t testing.TB, s *vault.Session) {
	t.Helper()
	before, found := rows(t, s), search(t, s, "orchard")
	if err := s.Rebuild(context.Background()); err != nil {
		t.Fatal(err)
	}
	built(t, s)
	after := rows(t, s)
	if !slices.Equal(before, after) {
		t.Errorf("the view had %d rows, the journal gives %d, and they differ", len(before), len(after))
	}
	if again := search(t, s, "orchard"); len(again) != len(found) {
		t.Errorf("search finds %d, it found %d before the view was built anew", len(again), len(found))
	}
}

func rows(t testing.TB, s *vault.Session) (list []string) {
	t.Helper()
	for _, r := range allCases(t, s) {
		list = append(list, fmt.Sprint(r.ID, r.Code, r.Name.Reveal(), r.Status, r.Risk, string(r.Age), string(r.Sex), r.Author, r.Opened, r.Updated, r.Team))
	}
	slices.Sort(list)
	return list
}

// writeUntilKilled is what the program does: it says each save once it was told
// that it is saved.
func writeUntilKilled(j job) error {
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(os.Stdout, format+"\n", args...)
	}
	say("opening")
	v, err := vault.Open(j.Dir, time.Now)
	if err != nil {
		return err
	}
	members := map[string]*vault.Session{}
	for _, who := range []string{"w0", "w1", "admin"} {
		if members[who], err = v.EnterBy(context.Background(), j.House.Ways[who]); err != nil {
			return err
		}
	}
	say("ready")
	failed := make(chan error)
	go func() { failed <- writeRules(members["admin"], say) }()
	for i, team := range j.House.Teams {
		s := members[fmt.Sprintf("w%d", i)]
		for g := range 3 {
			word := fmt.Sprintf("w%dx%dx%x", i, g, j.Seed)
			go func() { failed <- writeCases(s, team, word, say) }()
		}
		if j.Erasing {
			go func() { failed <- eraseCases(s, team, say) }()
		}
	}
	return <-failed
}

func writeCases(s *vault.Session, team amana.TeamID, word string, say func(string, ...any)) error {
	for n := 0; ; n++ {
		c, err := openCase(s, team, "Fatoumata Exemple", "She asks for shelter near the orchard.")
		if err != nil {
			return err
		}
		say("case %s", c.Case)
		for m := range 7 {
			note := fmt.Sprintf("%sn%dm%d", word, n, m)
			if err := addNote(s, c.Case, note); err != nil {
				return err
			}
			say("note %s %s", c.Case, note)
		}
	}
}

func writeRules(s *vault.Session, say func(string, ...any)) error {
	for n := 0; ; n++ {
		if err := s.SetRule(context.Background(), "idle_minutes", fmt.Sprint(n%50)); err != nil {
			return err
		}
		say("rule")
	}
}

func eraseCases(s *vault.Session, team amana.TeamID, say func(string, ...any)) error {
	for {
		c, err := openCase(s, team, "Awa Exemple", "river")
		if err != nil {
			return err
		}
		say("case %s", c.Case)
		if err := s.Save(context.Background(), vault.Change{Record: c.Case, Facts: []event.Fact{event.Opened{}}}); err != nil {
			return err
		}
		say("erasing %s", c.Case)
		if err := s.EraseCase(context.Background(), "asked", c.Case); err != nil {
			return err
		}
		say("erased %s", c.Case)
	}
}
