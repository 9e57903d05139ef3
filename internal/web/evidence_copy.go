package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
)

func (s *Server) copyEvidence(w http.ResponseWriter, v *visit) error {
	caseID, id, at, err := v.evidenceIDs()
	if err != nil {
		return err
	}
	f := v.typed()
	var plan casework.CopyPlan
	var ok [3]bool
	plan.Cover, ok[0] = parseRegions(f.Get("regions"))
	plan.Leave, ok[1] = parsePages(f.Get("leave"))
	plan.Mute, ok[2] = parseSpans(f.Get("mute"))
	for i, name := range []string{"regions", "leave", "mute"} {
		if !ok[i] {
			f.wrong(name, "evidence.copy."+name+".wrong")
		}
	}
	if slices.Contains(ok[:], false) {
		return v.again(w, at, f)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	made, err := v.desk.CopyEvidence(v.Context(), caseID, id, amana.Conceal(f.Get("title")), plan)
	var bad casework.FieldErrors
	if errors.As(err, &bad) && bad["plan"] != "" {
		f.wrong("", bad["plan"])
		return v.again(w, at, f)
	}
	if err != nil {
		return v.refuse(w, at, f, err)
	}
	return v.done(w, at[:strings.LastIndex(at, "/")+1]+made.String(), "evidence.copy.done")
}

// What is left out at once.
const (
	mostRegions = 1000
	mostLeft    = 2000
)

// parseRegions reads four numbers on each line, in hundredths; before them the page
// where there are five.
func parseRegions(text string) ([]casework.Region, bool) {
	var list []casework.Region
	for line := range strings.Lines(western(text)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		page := 0
		if len(words) == 5 {
			n, err := strconv.Atoi(words[0])
			if err != nil || n < 1 {
				return nil, false
			}
			page, words = n, words[1:]
		}
		r, ok := region(words)
		if r.Page = page; !ok || len(list) == mostRegions {
			return nil, false
		}
		list = append(list, r)
	}
	return list, true
}

func region(words []string) (r casework.Region, ok bool) {
	to := []*int{&r.Left, &r.Top, &r.Width, &r.Height}
	if len(words) != len(to) {
		return r, false
	}
	for i, word := range words {
		hundredths, err := strconv.ParseFloat(strings.ReplaceAll(word, ",", "."), 64)
		if err != nil || !(hundredths >= 0 && hundredths <= 100) {
			return r, false
		}
		*to[i] = int(hundredths*10 + .5)
	}
	return r, r.Valid()
}

// parsePages reads numbers of pages and ranges of them: "2 4-6".
func parsePages(text string) (list []int, ok bool) {
	between := func(r rune) bool { return strings.ContainsRune(" ,;،؛\n\r\t", r) }
	for word := range strings.FieldsFuncSeq(strings.ReplaceAll(western(text), "–", "-"), between) {
		first, last, ranged := strings.Cut(word, "-")
		from, err := strconv.Atoi(first)
		to := from
		if ranged && err == nil {
			to, err = strconv.Atoi(last)
		}
		if err != nil || from < 1 || to < from || to > 1_000_000 || len(list)+to-from >= mostLeft {
			return nil, false
		}
		for n := from; n <= to; n++ {
			list = append(list, n)
		}
	}
	return list, true
}

// parseSpans reads two times on each line, from the beginning of the sound: seconds,
// minutes and seconds, or hours too: "75 1:20.5".
func parseSpans(text string) (list []casework.Span, ok bool) {
	for line := range strings.Lines(western(text)) {
		words := strings.Fields(strings.ReplaceAll(line, "–", " "))
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 || len(list) == mostRegions {
			return nil, false
		}
		from, err := parseClock(words[0])
		to, bad := parseClock(words[1])
		if err != nil || bad != nil || to <= from {
			return nil, false
		}
		list = append(list, casework.Span{From: from, To: to})
	}
	return list, true
}

var errNoTime = errors.New("no time")

func parseClock(text string) (d time.Duration, err error) {
	parts := strings.Split(strings.ReplaceAll(text, ",", "."), ":")
	if len(parts) > 3 {
		return 0, errNoTime
	}
	for i, part := range parts {
		d *= 60
		if i < len(parts)-1 {
			n, err := strconv.Atoi(part)
			if err != nil || n < 0 || n > 10_000 {
				return 0, errNoTime
			}
			d += time.Duration(n) * time.Second
			continue
		}
		seconds, err := strconv.ParseFloat(part, 64)
		if err != nil || !(seconds >= 0 && seconds < 1e6) {
			return 0, errNoTime
		}
		d += time.Duration(seconds * float64(time.Second))
	}
	return d, nil
}
