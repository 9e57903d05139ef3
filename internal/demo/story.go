package demo

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"time"

	"amana/internal/casework"
	"amana/internal/record"
)

// Story is one invented case as it was written down over time. Everything in it is
// in the order in which it happened, and nothing is later than the writer's now.
type Story struct {
	Team      int // place in [Teams]
	Author    int // place in [Members] of who opened it
	Code      string
	Language  string // its texts are in: "eng" or "fra"
	Opened    time.Time
	Identity  casework.Values // empty where the team holds no identities
	Case      casework.Values
	Consents  []casework.Consent
	Answers   []Answers  // consents that changed later
	Notes     []Note     // in order
	FollowUps []FollowUp // in order
	Closing   *Closing   // nil while open
	Incident  *Incident  // nil where nothing is on record
	Referrals []Referral
	Owner     int      // place in [Members] of whose case it is
	Errands   []Errand // what is to be done around it
	Replies   []Reply  // to them
}

// Reply changes an errand later.
type Reply struct {
	To int // place in Errands
	Errand
}

// Answers are decisions that she changed later.
type Answers struct {
	When     time.Time
	By       int
	Consents []casework.Consent
}

// Note is one note of a case; its values carry the names that the fields of an
// item have, without the list.
type Note struct {
	When   time.Time
	By     int
	Values casework.Values
}

// FollowUp is one follow-up of a case; its values are named as a note's are.
type FollowUp struct {
	When   time.Time
	By     int
	Values casework.Values
}

// Closing is the end of a case.
type Closing struct {
	When   time.Time
	By     int
	Values casework.Values
}

// Writer invents stories. It holds no story: any one is told again from the seed
// and its number, so a hundred thousand of them take no memory. Safe for
// concurrent use.
type Writer struct {
	seed      uint64
	now       time.Time
	languages []language // as often as they are written
	names     names
}

// New returns the writer of one seed. Stories lie in the year before now.
func New(seed uint64, now time.Time) *Writer {
	fra, eng := french(), english()
	return &Writer{
		seed: seed, now: now, names: parseNames(nameWords),
		languages: []language{fra, fra, fra, eng, eng},
	}
}

// Story tells the story with number i.
func (w *Writer) Story(i int) Story {
	story, _ := w.tell(i)
	return story
}

// Texts returns the words of story i, its name first where it has one: for who
// measures a search and needs words that are there.
func (w *Writer) Texts(i int) []string {
	_, texts := w.tell(i)
	return texts
}

func (w *Writer) tell(i int) (Story, []string) {
	t := w.begin(i)
	s := Story{Team: t.team, Author: t.author, Language: t.code, Opened: t.moment}
	s.Code = record.NewCode([16]byte(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, t.Uint64()), t.Uint64())))
	who := t.person()
	t.female, t.minor = who.female, who.minor
	if Teams()[s.Team].Identities {
		s.Identity = t.identity(who)
	}
	s.Case = t.caseValues(s.Opened, who)
	s.Consents = t.consents(s.Team)
	w.course(t, &s)
	w.happen(t, &s)
	w.errands(t, &s)
	return s, t.texts
}

// begin draws the language of story i, who writes it, and when it begins.
func (w *Writer) begin(i int) *telling {
	chance := rand.New(rand.NewPCG(w.seed, uint64(i)*0x9e3779b97f4a7c15+1)) // predictable on purpose
	t := &telling{Rand: chance, names: w.names, said: map[string][]string{}, before: map[string][]string{}}
	t.language = one(t, w.languages)
	t.team, t.author = t.desk()
	t.moment = w.opened(t)
	return t
}

// desk says whose case it is and who opens it.
func (t *telling) desk() (team, author int) {
	switch n := t.IntN(100); {
	case n < 65:
		return MainSite, caseworkerMain
	case n < 91:
		return SecondSite, caseworkerSecond
	default:
		return Documentation, documenter
	}
}

// opened is a working hour of a working day in the year before now: more of the
// last months.
func (w *Writer) opened(t *telling) time.Time {
	days := t.IntN(365)
	if t.chance(25) {
		days = t.IntN(120)
	}
	return w.hours(t, w.now.AddDate(0, 0, -days))
}

// workdays are those on which a member sees people and writes: the more members share a day,
// the fewer saves a year has.
var workdays = map[int][]time.Weekday{
	caseworkerMain:   {time.Monday, time.Wednesday, time.Friday},
	caseworkerSecond: {time.Monday, time.Friday},
	documenter:       {time.Wednesday},
}

// hours moves a time back to a working hour of the author's last day on which
// they see people, never past now.
func (w *Writer) hours(t *telling, day time.Time) time.Time {
	y, m, d := day.Date()
	at := time.Date(y, m, d, t.between(8, 17), t.IntN(60), t.IntN(60), 0, day.Location())
	for at.After(w.now) || !slices.Contains(workdays[t.author], at.Weekday()) {
		at = at.AddDate(0, 0, -1)
	}
	return at
}
