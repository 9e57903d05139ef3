package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
)

// Options say what to build.
type Options struct {
	Cases int
	Seed  uint64
	Now   func() time.Time
	// Progress, if not nil, is told how many cases are begun.
	Progress func(cases int)
}

// Built is a member of a vault that was built.
type Built struct {
	ID         amana.MemberID
	Name       string
	Roles      []amana.Role
	Teams      []string
	Passphrase string
}

// Build founds the invented organisation in a folder, with the smallest allowed
// cost of a passphrase, and lives through its year: every case is opened,
// followed and closed by the member and at the time that its story says. It
// returns the members with their passphrases; nobody is unlocked when it returns.
func Build(ctx context.Context, dir string, o Options) ([]Built, error) {
	b := &builder{writer: New(o.Seed, o.Now()), stage: newStage(o.Now()), progress: o.Progress}
	err := b.found(ctx, dir)
	if err == nil {
		err = b.admit(ctx)
	}
	if err == nil {
		err = b.live(ctx, o.Cases)
	}
	if err == nil {
		err = b.fillDirectory(ctx)
	}
	if err == nil {
		err = b.fillLists(ctx, o.Cases)
	}
	if b.vault != nil {
		err = errors.Join(err, b.vault.LockAll())
	}
	if err == nil {
		err = b.document(ctx, dir, o.Now(), o.Cases)
	}
	if err != nil {
		return nil, err
	}
	return b.members, nil
}

// document writes down what a public summary says and a few invented incidents, and
// releases figures: see [Claims], [Incidents] and [Shown].
func (b *builder) document(ctx context.Context, dir string, now time.Time, cases int) (err error) {
	b.stage.set(now.Add(-time.Hour))
	office, err := casework.NewOffice(casework.Options{Dir: dir, Now: b.stage.now, Demo: true})
	if err != nil {
		return fmt.Errorf("demo: claims: %w", err)
	}
	defer func() { err = errors.Join(err, office.LockAll()) }()
	var desks []*casework.Desk
	for _, member := range []int{documenter, administrator, supervisor, analyst} {
		if cases >= manyCases && member == supervisor {
			break // every case would be read
		}
		desk, err := office.Unlock(ctx, []byte(b.members[member].Passphrase))
		if err == nil {
			err = viewed(ctx, desk.Session())
		}
		if err != nil {
			return fmt.Errorf("demo: claims: %w", err)
		}
		desks = append(desks, desk)
	}
	if _, err = Claims(ctx, desks[0], desks[1]); err == nil {
		err = Incidents(ctx, desks[0], desks[1], now)
	}
	if err == nil {
		_, err = Evidence(ctx, desks[0])
	}
	if err == nil && len(desks) > 2 {
		err = Shown(ctx, desks[2], desks[3], now)
	}
	return err
}

// stage is the clock of the year that is lived through.
type stage struct{ at atomic.Int64 }

func newStage(now time.Time) *stage {
	s := &stage{}
	s.set(now.AddDate(-1, 0, -14)) // before the first case
	return s
}

func (s *stage) set(t time.Time) { s.at.Store(t.UnixMilli()) }
func (s *stage) now() time.Time  { return time.UnixMilli(s.at.Load()) }

type builder struct {
	writer   *Writer
	stage    *stage
	progress func(cases int)
	vault    *vault.Vault
	admin    *vault.Session
	members  []Built
	teams    []amana.TeamID
	sessions []*vault.Session // of members who write; nil for others
}

// found founds the organisation.
func (b *builder) found(ctx context.Context, dir string) (err error) {
	for i, m := range Members() {
		built := Built{Name: m.Name, Roles: m.Roles, Passphrase: passphrase(i)}
		for _, team := range m.Teams {
			built.Teams = append(built.Teams, Teams()[team].Name)
		}
		b.members = append(b.members, built)
	}
	admin := &b.members[Administrator]
	b.vault, b.admin, _, err = vault.Found(ctx, dir, vault.New{
		Name: Name, Languages: Languages(), Administrator: admin.Name, Roles: admin.Roles,
		Passphrase: []byte(admin.Passphrase), Custodians: Custodians(), Threshold: 3, Cost: seal.SmallestCost,
		Rules: map[string]string{"demo": "yes"}, Now: b.stage.now,
	})
	if err == nil {
		admin.ID = b.admin.Member()
	}
	return err
}

// passphrase is a member's: nothing in a demo is secret, and it must be easy to
// copy from a screen.
func passphrase(member int) string {
	lights := []string{"ambre", "braise", "comete", "dune", "etoile", "feu", "givre"}
	return fmt.Sprintf("lanterne %s demo %d", lights[member], member+1)
}

// admit adds the members and forms the teams, and unlocks who will write.
func (b *builder) admit(ctx context.Context) error {
	for i := range b.members {
		m := &b.members[i]
		if i == Administrator {
			continue
		}
		id, err := b.admin.AddMember(ctx, vault.NewMember{Name: m.Name, Roles: m.Roles, Passphrase: []byte(m.Passphrase)})
		if err != nil {
			return err
		}
		m.ID = id
	}
	for i, t := range Teams() {
		var in []amana.MemberID
		for place, m := range Members() {
			if slices.Contains(m.Teams, i) {
				in = append(in, b.members[place].ID)
			}
		}
		formed := event.TeamFormed{Name: t.Name, Compartment: t.Compartment, Identities: t.Identities}
		id, err := b.admin.FormTeam(ctx, formed, in...)
		if err != nil {
			return err
		}
		b.teams = append(b.teams, id)
	}
	counted, err := json.Marshal(areas)
	if err != nil {
		return fmt.Errorf("demo: areas: %w", err)
	}
	if err := b.admin.Adopt(ctx, "figures/areas", "demo", counted); err != nil {
		return err
	}
	b.sessions = make([]*vault.Session, len(b.members))
	return nil
}

// session is that of a member, unlocked when first needed.
func (b *builder) session(ctx context.Context, member int) (*vault.Session, error) {
	if s := b.sessions[member]; s != nil {
		return s, nil
	}
	s, err := b.vault.Unlock(ctx, []byte(b.members[member].Passphrase))
	if err != nil {
		return nil, err
	}
	b.sessions[member] = s
	if err := viewed(ctx, s); err != nil {
		return nil, err
	}
	return s, s.Bulk()
}

// manyCases is from how many on lists are filled only when somebody unlocks.
const manyCases = 1000

// fillLists makes the lists of who wrote ready for the first look. While the year
// is lived through they are left as they are: it takes half the time.
func (b *builder) fillLists(ctx context.Context, cases int) error {
	if cases >= manyCases {
		return nil
	}
	for _, s := range b.sessions {
		if s == nil {
			continue
		}
		if err := s.Rebuild(ctx); err != nil {
			return err
		}
		if err := viewed(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// viewed waits until the member's view is built.
func viewed(ctx context.Context, s *vault.Session) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		p := s.Progress()
		if p.Searchable || p.Failed != nil {
			return p.Failed
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("demo: build: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// live tells the stories and does their deeds day by day. What a member does on
// one day is one save, at the hour of the first thing done that day: each day
// has one wait for the disk and each view one update.
func (b *builder) live(ctx context.Context, cases int) error {
	order := make([]int, cases)
	begin := make([]time.Time, cases)
	for i := range order {
		order[i], begin[i] = i, b.writer.begin(i).moment
	}
	slices.SortStableFunc(order, func(i, j int) int { return begin[i].Compare(begin[j]) })
	var pending deedHeap
	for told := 0; told < cases || len(pending) > 0; {
		if len(pending) == 0 {
			pending.push(b.tell(order[told])...)
			told++
		}
		tomorrow := midnightAfter(pending[0].when)
		for ; told < cases && begin[order[told]].Before(tomorrow); told++ {
			pending.push(b.tell(order[told])...)
			tomorrow = midnightAfter(pending[0].when)
		}
		var today []deed
		for len(pending) > 0 && pending[0].when.Before(tomorrow) {
			today = append(today, pending.pop())
		}
		if err := b.do(ctx, today); err != nil {
			return err
		}
		if b.progress != nil {
			b.progress(told)
		}
	}
	return nil
}

func (b *builder) tell(story int) []deed {
	ids := make([]amana.MemberID, len(b.members))
	for i, m := range b.members {
		ids[i] = m.ID
	}
	return deeds(b.writer.Story(story), b.teams, ids, seal.Random16)
}

func midnightAfter(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
}

// do does the deeds of one day. What is done to a case that was opened the same
// day waits until it is saved.
func (b *builder) do(ctx context.Context, today []deed) error {
	begun := map[amana.RecordID]bool{}
	from := 0
	for i, d := range today {
		for _, ch := range d.changes {
			switch {
			case ch.Begin != nil:
				begun[ch.Record] = true
			case begun[ch.Record]:
				if err := b.together(ctx, today[from:i]); err != nil {
					return err
				}
				from = i
				clear(begun)
			}
		}
	}
	return b.together(ctx, today[from:])
}

// together does deeds that do not stand on each other: one save for each member.
func (b *builder) together(ctx context.Context, today []deed) error {
	b.stage.set(today[0].when)
	byMember := map[int][]vault.Change{}
	met := map[int]bool{}
	for _, d := range today {
		s, err := b.session(ctx, d.by)
		if err != nil {
			return err
		}
		if d.visitor && !met[d.by] { // their view must know the case
			if _, err := s.Peek(d.changes[0].Record); err != nil {
				return err
			}
			met[d.by] = true
		}
		byMember[d.by] = append(byMember[d.by], d.changes...)
	}
	var wait sync.WaitGroup
	errs := make([]error, len(b.members))
	for member, changes := range byMember {
		wait.Go(func() { errs[member] = b.sessions[member].Save(ctx, changes...) })
	}
	wait.Wait()
	return errors.Join(errs...)
}
