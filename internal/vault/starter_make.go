package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/keyring"
	"amana/internal/seal"
	"amana/internal/view"
)

// startBytes is about how many bytes a start has: at 9.6 kbit/s a minute holds 72,000, and
// fetching it takes 4,500 to connect; the rest is a reserve. What is in it beside the cases
// grows with the organisation, by some 1,300 bytes a member: each one's key is a kilobyte, in
// a body that stands or falls with its author's signature. So that a large organisation has
// cases in it too, leastCases of the reserve may go; what is larger yet has fewer cases, and
// in the end none.
const (
	startBytes = 57_000 - answerBytes
	startMost  = 67_000 - answerBytes
	leastCases = 20_000
	// answerBytes is what the answer has around it: a box, and one member's way in.
	answerBytes = 1_650
	// fillTo is the multiple to which a start is filled up: one that is full has always
	// one length, and of another nobody sees how many cases there are.
	fillTo = 8 << 10
)

// Started says what is in a start that was written.
type Started struct {
	Cases int // whole cases
	Later int // open cases that come with the history
	// Without are members whose cases are not in it: nobody was unlocked who can read the
	// cases of all of their teams.
	Without []amana.MemberID
}

// StartFor says for which of these members, who can unlock this device, a start would
// hold cases now.
func (s *Session) StartFor(members []amana.MemberID) (with []amana.MemberID, err error) {
	by, err := s.makers(members)
	for _, m := range members {
		if _, can := by[m]; can {
			with = append(with, m)
		}
	}
	return with, err
}

// makers finds for each member a session that is unlocked here and can read the cases of
// all of the member's teams. Somebody in a team of their own may know of a consent what
// nobody else does: a case is shown with everything, or not.
func (s *Session) makers(members []amana.MemberID) (map[amana.MemberID]*Session, error) {
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	by := map[amana.MemberID]*Session{}
	for _, m := range members {
		for _, p := range s.open.places {
			if len(c.TeamsOf(m)) > 0 && within(c.TeamsOf(m), p.covers(c)) && p.Progress().Searchable {
				by[m] = p.Session
			}
		}
	}
	return by, nil
}

func within(part, all []amana.TeamID) bool {
	return !slices.ContainsFunc(part, func(t amana.TeamID) bool { return !slices.Contains(all, t) })
}

// covers lists the teams whose cases the member can read, as they are now.
func (s *Session) covers(c *charter.Charter) []amana.TeamID {
	return slices.DeleteFunc(slices.Clone(c.TeamsOf(s.ring.Member())), func(t amana.TeamID) bool {
		return !s.ring.Holds(t, c.Epoch(t))
	})
}

// PairStart is [Session.Pair] with an answer that crosses the slowest line in a minute:
// the charter, and of the cases what is urgent. All the rest comes by a hub, a bundle or
// a meeting. Kinds: those of Pair.
func (s *Session) PairStart(ctx context.Context, r PairRequest, name string, members []amana.MemberID, w io.Writer) (done Started, err error) {
	start, err := s.answerTo(r, members)
	if err != nil {
		return done, err
	}
	if err := s.addDevice(ctx, r, name, members); err != nil {
		return done, err
	}
	file, done, err := s.makeStart(ctx, r.Device, members)
	if err != nil {
		return done, err
	}
	return done, writeAnswerStart(r, start, mustEncode(file), w)
}

// makeStart makes a start for a device and its members.
func (s *Session) makeStart(ctx context.Context, to amana.DeviceID, members []amana.MemberID) (file starter, done Started, err error) {
	b := starterBody{Org: s.open.org, From: s.open.device, To: to, When: s.vault.now().UnixMilli()}
	if b.Heads, err = s.headsNow(ctx); err != nil {
		return file, done, err
	}
	if b.Charter, err = s.partsOfCharter(b.Heads, members); err != nil {
		return file, done, err
	}
	maker, without, err := s.maker(members)
	if err != nil {
		return file, done, err
	}
	done.Without = without
	var p *packing
	if maker != nil {
		if p, err = maker.packCases(ctx, b.Heads, roomFor(len(mustEncode(b))+2*len(seal.Signature{}))); err != nil {
			return file, done, err
		}
		done.Cases, done.Later = p.cases, p.later
	}
	file, err = s.signStart(b, p)
	return file, done, err
}

// roomFor is how many bytes of cases a start has room for beside all else.
func roomFor(beside int) int {
	return max(startBytes-beside, min(leastCases, startMost-beside), 0)
}

// maker chooses the session whose member reads the cases out: of those that can, the one
// for most members.
func (s *Session) maker(members []amana.MemberID) (maker *Session, without []amana.MemberID, err error) {
	by, err := s.makers(members)
	if err != nil {
		return nil, nil, err
	}
	most := 0
	for _, m := range members {
		n := 0
		for _, other := range members {
			if by[m] != nil && by[other] == by[m] {
				n++
			}
		}
		if n > most {
			maker, most = by[m], n
		}
	}
	for _, m := range members {
		if by[m] == nil || by[m] != maker {
			without = append(without, m)
		}
	}
	return maker, without, nil
}

// signStart seals the cases, if there are any, and signs the whole for this device.
func (s *Session) signStart(b starterBody, p *packing) (file starter, err error) {
	if p != nil {
		b.Covers, b.Later = p.covers, p.later
		if file.Sections, err = p.seal(&b); err != nil {
			return file, err
		}
	}
	for _, sec := range file.Sections {
		b.Sections = append(b.Sections, sec.digest())
	}
	file.Signed = mustEncode(b)
	for _, full := range []int{startBytes, startMost} {
		if n := len(mustEncode(file)) + 4; n < full {
			file.Fill = make([]byte, min((n+fillTo-1)/fillTo*fillTo, full)-n)
			break
		}
	}
	file.Signature = s.open.key.Sign(s.open.device, starterLabel, file.Signed)
	return file, nil
}

// headsNow returns the newest signed head of every chain that can be handed on.
func (s *Session) headsNow(ctx context.Context) ([]journal.SignedHead, error) {
	newest := map[amana.DeviceID]journal.SignedHead{}
	h, err := s.beginHandOver(nil)
	if err != nil {
		return nil, err
	}
	for d, list := range h.heads {
		if n := len(list); n > 0 {
			newest[d] = list[n-1]
		}
	}
	for d, end := range s.open.log.Heads() {
		if h.signs[d] && end.Seq > 0 {
			newest[d] = journal.SignHead(s.open.key, s.open.org, d, end)
		}
	}
	list := make([]journal.SignedHead, 0, len(newest))
	for _, h := range newest {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b journal.SignedHead) int { return bytes.Compare(a.Device[:], b.Device[:]) })
	return list, ctx.Err()
}

// reachesTo finds the chain among heads, and whether they reach an item.
func reachesTo(heads []journal.SignedHead, it journal.Item) (chain uint, reaches bool) {
	i := slices.IndexFunc(heads, func(h journal.SignedHead) bool { return h.Device == it.Device })
	return uint(max(i, 0)), i >= 0 && it.Seq <= heads[i].Seq
}

// partsOfCharter takes the charter's items, with the boxes of these members alone.
func (s *Session) partsOfCharter(heads []journal.SignedHead, members []amana.MemberID) (parts []loosePart, err error) {
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	s.open.mu.RLock()
	places := slices.Clone(s.open.charter)
	s.open.mu.RUnlock()
	facts := s.factsOfCharter()
	slices.Sort(places)
	for _, at := range slices.Compact(places) {
		it, e, err := s.entryAt(at)
		if err != nil {
			return nil, err
		}
		chain, reaches := reachesTo(heads, it)
		if !reaches || onlyWitnesses(facts[at]) {
			continue // it comes when its chain can be handed on; what devices saw of a hub each day is left to the history
		}
		p := loosePart{
			Chain: chain, Seq: it.Seq, Flags: it.Flags, Epoch: it.Epoch, Nonce: it.Nonce[:], Entry: it.Entry, Body: it.Body,
			Wraps: it.WrapsHash(), Size: uint(len(it.Wraps)),
		}
		n := min(len(e.Teams)*seal.WrapSize, len(it.Wraps))
		if n > 0 {
			p.At, p.Parts = append(p.At, 0), append(p.Parts, it.Wraps[:n])
		}
		for _, box := range keyring.BoxesOf(facts[at], it.Wraps[n:], members) {
			p.At, p.Parts = append(p.At, uint(n+box.From)), append(p.Parts, it.Wraps[n+box.From:n+box.To])
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// onlyWitnesses reports whether an entry of the charter says nothing but what a device saw
// of a hub's log.
func onlyWitnesses(facts []event.Fact) bool {
	return len(facts) > 0 && !slices.ContainsFunc(facts, func(f event.Fact) bool {
		_, is := f.(event.Witnessed)
		return !is
	})
}

// factsOfCharter returns what was read of each of the charter's items.
func (s *Session) factsOfCharter() map[journal.Pos][]event.Fact {
	s.mu.Lock()
	defer s.mu.Unlock()
	facts := map[journal.Pos][]event.Fact{}
	for _, e := range s.rules.entries {
		facts[e.at] = e.facts
	}
	return facts
}

// packing is the cases of a start while they are chosen.
type packing struct {
	s      *Session
	c      *charter.Charter
	heads  []journal.SignedHead
	covers []amana.TeamID
	epoch  uint64
	cases  int
	later  int
	teams  map[amana.TeamID]*packedSection
	room   int // bytes
}

// packedSection is a section while it grows.
type packedSection struct {
	key   journal.TeamEpoch
	fixed []byte
	index sectionIndex
	facts []byte
	// of the item before
	seq    uint64
	millis int64
}

// urgent lists the open cases in the order in which they are needed: those of assaults
// whose windows may be open, what is due today or waits for somebody, and then the others,
// by the newest word in them.
func (s *Session) urgent(now time.Time) (list []view.Case, err error) {
	today, recent := now.Format(time.DateOnly), now.AddDate(0, 0, -8).Format(time.DateOnly)
	seen := map[int64]bool{}
	for _, f := range []view.Filter{
		{Since: recent}, {Due: today, Sort: view.ByDue}, {Waiting: true}, {Flagged: true}, {},
	} {
		f.Status, f.Limit = "open", mostUrgent
		rows, err := s.cases(amana.Private{}, f)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if !seen[row.RID] {
				seen[row.RID] = true
				list = append(list, row)
			}
		}
	}
	return list, nil
}

// mostUrgent is how many cases are looked at of each kind: far more than a start has room
// for.
const mostUrgent = 200

// packCases takes whole cases, the most urgent first, until there is no more room; and
// then the services that help, while there is.
func (s *Session) packCases(ctx context.Context, heads []journal.SignedHead, room int) (*packing, error) {
	list, err := s.urgent(s.vault.now())
	if err != nil {
		return nil, err
	}
	open, err := s.count(amana.Private{}, view.Filter{Status: "open"}, 1<<20)
	if err != nil {
		return nil, err
	}
	services, err := s.newestServices()
	if err != nil {
		return nil, err
	}
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	c, err := s.read()
	if err != nil {
		return nil, err
	}
	p := &packing{room: room, s: s, c: c, heads: heads, covers: s.covers(c), epoch: s.sealingEpoch(c), teams: map[amana.TeamID]*packedSection{}}
	misses := 0
	for _, row := range list {
		switch took, err := p.take(row.RID); {
		case err != nil:
			return nil, err
		case took:
			p.cases++
		default:
			misses++
		}
		if misses > 8 || ctx.Err() != nil { // it is full, but for small ones
			break
		}
	}
	p.later = max(open-p.cases, 0)
	if misses == 0 {
		err = p.takeServices(services)
	}
	return p, errors.Join(err, ctx.Err())
}

// takeServices adds services that help until there is no more room.
func (p *packing) takeServices(ids []amana.RecordID) error {
	for _, id := range ids {
		r, there, err := p.s.index.Load().view.Find(id)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if took, err := p.take(r.OfCase); err != nil || !took {
			return err
		}
	}
	return nil
}

// newestServices lists the services that help, the newest first.
func (s *Session) newestServices() (ids []amana.RecordID, err error) {
	err = s.Listed(amana.KindService, func(l Listed) error {
		ids = append(ids, l.ID)
		return nil
	})
	return ids, err
}

// take adds a case, or a record that stands alone, with all of its records, if there is
// room; and if every entry of it opens, verifies and can be made again.
func (p *packing) take(rid int64) (bool, error) {
	f, err := p.s.index.Load().view.File(rid)
	if err != nil {
		return false, err
	}
	before := map[amana.TeamID]packedSection{}
	for t, sec := range p.teams {
		before[t] = *sec
	}
	whole := true
	var id amana.RecordID
	for _, fr := range f.Records {
		if fr.RID == f.RID {
			id = fr.ID
		}
	}
	for _, fr := range f.Records {
		if whole = whole && p.takeRecord(id, fr); !whole {
			break
		}
	}
	if whole && p.size() <= p.room {
		return true, nil
	}
	for t := range p.teams {
		if old, was := before[t]; was {
			*p.teams[t] = old
		} else {
			delete(p.teams, t)
		}
	}
	return false, nil
}

// size is how many bytes the sections take, with a little for what is around each.
func (p *packing) size() int {
	if n := p.sizeBy(dictionary.Compress); n <= p.room {
		return n
	}
	return p.sizeBy(dictionary.CompressLong) // slow, and a tenth smaller
}

func (p *packing) sizeBy(compress func(dst, body []byte) []byte) (n int) {
	for _, sec := range p.teams {
		plain := len(sec.fixed) + len(compress(nil, mustEncode(sec.index))) + len(compress(nil, sec.facts))
		n += plain + 128
	}
	return n
}
