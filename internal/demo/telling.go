package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
)

// telling is one story being told: chance, language, who it is about, and what
// was said already, so that the same sister, street and trade come back.
type telling struct {
	*rand.Rand
	language
	names  names
	team   int // place in [Teams]
	author int // place in [Members]
	female bool
	minor  bool
	high   bool
	moment time.Time           // of the text being written
	said   map[string][]string // by slot, in this story
	before map[string][]string // by slot, in this sentence
	texts  []string            // every text so far
}

// recurring says how many different fillings of a slot one story has.
var recurring = map[string]int{
	"relative": 2, "relative_of": 1, "place": 3, "camp": 1, "landmark": 2, "school": 1, "stay": 2, "job": 1,
	"trade": 1, "calm": 2, "group": 1, "lawyer": 1, "spoken": 1, "code_word": 1, "cover": 1, "shelter": 1,
	"at_shelter": 1, "service_place": 3, "at_service": 3, "health_place": 1, "at_health": 1, "family_matter": 1, "legal_matter": 2, "training": 1,
	"ailment": 2, "transport": 2, "class": 1,
}

// one returns one of a list.
func one[T any](t *telling, list []T) T { return list[t.IntN(len(list))] }

// chance is true in so many of a hundred stories.
func (t *telling) chance(percent int) bool { return t.IntN(100) < percent }

// between returns a number from a to b.
func (t *telling) between(a, b int) int { return a + t.IntN(b-a+1) }

// weighted returns one of the options, each as often as its weight says.
func (t *telling) weighted(options []string, weights ...int) string {
	total := 0
	for _, w := range weights {
		total += w
	}
	n := t.IntN(total)
	for i, w := range weights {
		if n < w {
			return options[i]
		}
		n -= w
	}
	panic("demo: internal error: more weights than options")
}

// text writes from a to b different sentences of a section. One that stands
// alone is said first or not at all.
func (t *telling) text(section string, a, b int) string {
	phrases := t.phrases(section)
	var out []string
	for _, i := range t.Perm(len(phrases))[:min(t.between(a, b), len(phrases))] {
		alone := phrases[i][0].alone
		if alone && out != nil {
			continue
		}
		t.before = map[string][]string{}
		var s strings.Builder
		t.say(&s, phrases[i])
		out = append(out, s.String())
		if alone {
			break
		}
	}
	whole := t.sentences(strings.Join(out, " "))
	t.texts = append(t.texts, whole)
	return whole
}

// phrases returns what a section can say of this person: its own phrases, and
// those of the sections that are named after it for such as her.
func (t *telling) phrases(section string) []phrase {
	out := slices.Clone(t.grammar[section])
	add := func(suffix string, fits bool) {
		if fits {
			out = append(out, t.grammar[section+suffix]...)
		}
	}
	add(".minor", t.minor)
	add(".adult", !t.minor)
	add(".woman", t.female && !t.minor)
	add(".man", !t.female && !t.minor)
	add(".high", t.high)
	add(".calm", !t.high)
	return out
}

// private writes a text as [telling.text] does, for a place that keeps it from print.
func (t *telling) private(section string, a, b int) amana.Private {
	return amana.Conceal(t.text(section, a, b))
}

func (t *telling) words(section string, a, b int) event.Value {
	return event.Text(t.text(section, a, b))
}

func (t *telling) say(s *strings.Builder, p phrase) {
	for _, part := range p {
		switch {
		case part.slot != "":
			s.WriteString(t.fill(part))
		case part.choices != nil:
			t.say(s, one(t, part.choices))
		case part.sexed && !t.female:
			s.WriteString(part.male)
		default:
			s.WriteString(part.words)
		}
	}
}

// fill returns what stands in a slot: what recurs in the story, or something
// that this sentence has not said yet.
func (t *telling) fill(p part) string {
	limit, comesBack := recurring[p.slot]
	if said := t.said[p.slot]; comesBack && len(said) == limit {
		return one(t, said)
	}
	filling := t.filling(p)
	for range 6 {
		if !slices.Contains(t.before[p.slot], filling) || p.slot == "number" {
			break
		}
		filling = t.filling(p)
	}
	t.before[p.slot] = append(t.before[p.slot], filling)
	if comesBack {
		t.said[p.slot] = append(t.said[p.slot], filling)
	}
	return filling
}

func (t *telling) filling(p part) string {
	switch p.slot {
	case "number":
		return strconv.Itoa(t.between(p.from, p.to))
	case "month": // of the last half year
		return t.monthOf(t.moment.AddDate(0, -t.between(1, 6), 0))
	case "later": // in the next half year
		return t.monthOf(t.moment.AddDate(0, t.between(1, 5), 0))
	case "weekday":
		return t.weekdays[1+t.IntN(6)]
	case "date":
		return t.sayDate(t.moment.AddDate(0, 0, t.between(1, 40)))
	case "earlier":
		return t.sayDate(t.moment.AddDate(0, 0, -t.between(1, 30)))
	case "hour":
		return fmt.Sprintf(t.hour, t.between(8, 18), 15*t.IntN(4))
	}
	if list, named := t.names[p.slot]; named {
		return one(t, list)
	}
	phrases := t.phrases(p.slot)
	if len(phrases) == 0 {
		panic("demo: internal error: no words for " + p.slot)
	}
	var s strings.Builder
	t.say(&s, one(t, phrases))
	return s.String()
}
